# SPDX-License-Identifier: MIT
# The rules of the CMSIS-SVD schema 1.3 (Open-CMSIS, "System View Description") that a file like ours can break: order and number of
# elements, types of values, names, and what the text of the standard adds: nothing overlaps, everything derived from exists.
# Usage: check_svd.py FILE.svd. Prints what is wrong, nothing when all is well.

import re
import sys
import xml.etree.ElementTree as tree

# Children in the order of the schema; "!" must be there, "*" may be there several times.
DEVICE = "vendor vendorID name! series version! description! licenseText cpu headerSystemFilename headerDefinitionsPrefix addressUnitBits! width! size access protection resetValue resetMask peripherals! vendorExtensions".split()
CPU = "name! revision! endian! mpuPresent fpuPresent fpuDP dspPresent icachePresent dcachePresent itcmPresent dtcmPresent vtorPresent nvicPrioBits! vendorSystickConfig! deviceNumInterrupts sauNumRegions sauRegionsConfig".split()
PERIPHERAL = "dim dimIncrement dimIndex dimName dimArrayIndex name! version description alternatePeripheral groupName prependToName appendToName headerStructName disableCondition baseAddress! size access protection resetValue resetMask addressBlock* interrupt* registers".split()
BLOCK = "offset! size! usage! protection".split()
INTERRUPT = "name! description value!".split()
REGISTER = "dim dimIncrement dimIndex dimName dimArrayIndex name! displayName description alternateGroup alternateRegister addressOffset! size access protection resetValue resetMask dataType modifiedWriteValues writeConstraint readAction fields".split()
CLUSTER = "dim dimIncrement dimIndex dimName dimArrayIndex name! description! alternateCluster headerStructName addressOffset! size access protection resetValue resetMask register* cluster*".split()
FIELD = "dim dimIncrement dimIndex dimName dimArrayIndex name! description bitOffset bitWidth lsb msb bitRange access modifiedWriteValues writeConstraint readAction enumeratedValues*".split()
ACCESS = {"read-only", "write-only", "read-write", "writeOnce", "read-writeOnce"}
BOOLEAN = {"true", "false", "1", "0"}
WRITES = {"oneToClear", "oneToSet", "oneToToggle", "zeroToClear", "zeroToSet", "zeroToToggle", "clear", "set", "modify"}
CHOICES = {
    "access": ACCESS, "modifiedWriteValues": WRITES, "readAction": {"clear", "set", "modify", "modifyExternal"},
    "usage": {"registers", "buffer", "reserved"}, "endian": {"little", "big", "selectable", "other"},
    "mpuPresent": BOOLEAN, "fpuPresent": BOOLEAN, "vendorSystickConfig": BOOLEAN,
}
NUMBER = re.compile(r"[+]?(0x|0X|#)?[0-9a-fA-F]+[kmgtKMGT]?$")
NAME = re.compile(r"[_A-Za-z][_A-Za-z0-9]*(%s|\[%s\])?$")


complaints = []


def complain(where, text):
    complaints.append("%s: %s" % (where, text))


def ordered(where, element, rules):
    names = [r.rstrip("!*") for r in rules]
    at = 0
    count = {}
    for child in element:
        if child.tag not in names:
            complain(where, "<%s> is not known there" % child.tag)
            continue
        if names.index(child.tag) < at:
            complain(where, "<%s> is out of order" % child.tag)
        at = names.index(child.tag)
        count[child.tag] = count.get(child.tag, 0) + 1
    for rule, name in zip(rules, names):
        if rule.endswith("!") and not count.get(name):
            complain(where, "<%s> is missing" % name)
        if not rule.endswith("*") and count.get(name, 0) > 1:
            complain(where, "<%s> is there %d times" % (name, count[name]))
    # Texts are of Latin-1 characters, and there is something in them.
    text = element.findtext("description")
    if text is not None and (not text.strip() or max(text) > "\xff"):
        complain(where, "description '%s'" % text)
    for tag, values in CHOICES.items():
        if element.findtext(tag) not in values | {None}:
            complain(where, "%s %s" % (tag, element.findtext(tag)))


def number(where, element, tag, default=None):
    text = element.findtext(tag)
    if text is None:
        return default
    if not NUMBER.match(text):
        complain(where, "<%s>%s is not a number" % (tag, text))
        return 0
    return int(text, 0)


def name_of(where, element, seen, array=False):
    name = element.findtext("name", "")
    if not NAME.match(name) or ("%s" in name) != array:
        complain(where, "name '%s'" % name)
    if name in seen:
        complain(where, "%s is there twice" % name)
    seen.add(name)
    return name


def check_field(where, field, seen, used):
    ordered(where, field, FIELD)
    where += "." + name_of(where, field, seen)
    low, width = number(where, field, "bitOffset"), number(where, field, "bitWidth")
    if low is None or width is None or not 1 <= width <= 32 - low:
        complain(where, "bits")
        return 0
    mask = ((1 << width) - 1) << low
    if used & mask:
        complain(where, "overlaps another field")
    return mask


# Offsets of the elements of a register or cluster: "dim" and "dimIncrement" come together.
def elements(where, element):
    dim, step = number(where, element, "dim"), number(where, element, "dimIncrement")
    if (dim is None) != (step is None) or dim == 0 or step == 0:
        complain(where, "dim without dimIncrement")
    offset = number(where, element, "addressOffset", 0)
    return [offset + i * (step or 0) for i in range(dim or 1)]


def check_cluster(where, cluster, seen, places, size):
    ordered(where, cluster, CLUSTER)
    where += "." + name_of(where, cluster, seen, cluster.find("dim") is not None)
    if not cluster.findall("register"):
        complain(where, "has no registers")
    names = set()
    for register in cluster.findall("register"):
        check_register(where, register, names, places, size, elements(where, cluster))
        names.add(register.findtext("name"))
    step = number(where, cluster, "dimIncrement", size)
    for register in cluster.findall("register"):
        if number(where, register, "addressOffset", 0) + 4 > step:
            complain(where, "%s lies in the next element" % register.findtext("name"))


def check_register(where, register, seen, places, size, origins=(0,)):
    ordered(where, register, REGISTER)
    where += "." + name_of(where, register, seen, register.find("dim") is not None)
    for at in [origin + offset for origin in origins for offset in elements(where, register)]:
        if at % 4 or at + 4 > size or at in places:
            complain(where, "at offset 0x%X of 0x%X" % (at, size))
        places.add(at)
    for tag in ("resetValue", "resetMask"):
        if not 0 <= number(where, register, tag, 0) <= 0xFFFFFFFF:
            complain(where, tag)
    used, names = 0, set()
    for field in register.findall("fields/field"):
        used |= check_field(where, field, names, used)
    if register.find("fields") is not None and not names:
        complain(where, "<fields> is empty")


def check_peripheral(peripheral, done, ranges):
    where = peripheral.findtext("name", "?")
    ordered(where, peripheral, PERIPHERAL)
    like = peripheral.get("derivedFrom")
    if like is not None and like not in done:
        complain(where, "derived from %s, which is not there before it" % like)
    name_of(where, peripheral, done)
    base = number(where, peripheral, "baseAddress", 0)
    if base % 4 or base > 0xFFFFFFFF:
        complain(where, "baseAddress")
    block = peripheral.find("addressBlock")
    if like is None and (block is None or not len(peripheral.findall("registers/*"))):
        complain(where, "neither derived nor described")
        return
    if block is not None:
        ordered(where, block, BLOCK)
        sizes[where] = number(where, block, "size", 0)
    size = sizes[where] = sizes.get(where, sizes.get(like, 0))
    for other, (first, last) in ranges.items():
        if base < last and first < base + size:
            complain(where, "overlaps " + other)
    ranges[where] = (base, base + size)
    for interrupt in peripheral.findall("interrupt"):
        ordered(where, interrupt, INTERRUPT)
        vector, name = number(where, interrupt, "value", -1), interrupt.findtext("name", "")
        if not 0 <= vector <= 239 or not re.match(r"[_A-Za-z][_A-Za-z0-9]*$", name):
            complain(where, "interrupt " + name)
        if vectors.setdefault(vector, name) != name or list(vectors.values()).count(name) > 1:
            complain(where, "interrupt %s has the number %d, which is %s" % (name, vector, vectors[vector]))
    seen, places = set(), set()
    for child in peripheral.findall("registers/*"):
        if child.tag not in ("register", "cluster"):
            complain(where, "<%s> is not known there" % child.tag)
        (check_cluster if child.tag == "cluster" else check_register)(where, child, seen, places, size)


sizes, vectors = {}, {}
device = tree.parse(sys.argv[1]).getroot()
if device.tag != "device" or device.get("schemaVersion") != "1.3":
    complain("device", "root or schemaVersion")
ordered("device", device, DEVICE)
ordered("cpu", device.find("cpu"), CPU)
if not re.match(r"r[0-9]p[0-9]$", device.findtext("cpu/revision", "")) or device.findtext("cpu/name") not in ("CM0", "CM0+", "CM4", "CM7", "CM33", "CM55"):
    complain("cpu", "name or revision")
done, ranges = set(), {}
for peripheral in device.findall("peripherals/peripheral"):
    check_peripheral(peripheral, done, ranges)
print("\n".join(complaints[:5]))
