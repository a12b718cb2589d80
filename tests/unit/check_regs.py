# SPDX-License-Identifier: MIT
# The headers that regc makes against the SVD file that it makes, and sources against both: a register is typed once.
# Usage: check_regs.py firmware|emulator CHIP.svd CHIP.regs   prints assertions in C for CHIP_regs.h or CHIP_defs.h
#        check_regs.py sources CHIP.svd CHIP.regs FILE ...    prints where a file types an address, an offset or a field again

import re
import sys
import xml.etree.ElementTree as tree

mode, svd, regs = sys.argv[1:4]
peripherals = tree.parse(svd).getroot().findall("peripherals/peripheral")
by_name = {p.findtext("name"): p for p in peripherals}
# From the description: which block a peripheral has, and which block that one is like; the first of them gives the names in C.
words = [line.split("|")[0].split() for line in open(regs)]
block_of = {w[1]: w[2] for w in words if w and w[0] == "peripheral"}
like = {w[1]: a[5:] for w in words if w and w[0] == "block" for a in w[3:] if a.startswith("like:")}


def integer(element, tag, default=None):
    text = element.findtext(tag)
    return default if text is None else int(text, 0)


def described(peripheral):
    return by_name[peripheral.get("derivedFrom")] if peripheral.get("derivedFrom") else peripheral


def root(block):
    while block in like:
        block = like[block]
    return block


# Each register of a peripheral: where its cluster begins, ("CLUSTER", index, distance) or None, its number, name, offset and fields.
def registers(peripheral):
    for child in peripheral.findall("registers/*"):
        inside = child.tag == "cluster"
        for i in range(integer(child, "dim", 1)):
            if not inside:
                yield child, None, i, integer(child, "addressOffset") + i * integer(child, "dimIncrement", 0)
                continue
            step = integer(child, "dimIncrement")
            for register in child.findall("register"):
                yield register, (child.findtext("name").replace("[%s]", ""), i, step), 0, integer(child, "addressOffset") + i * step + integer(register, "addressOffset")


asserted = set()


def claim(condition):
    if condition not in asserted:
        asserted.add(condition)
        print('_Static_assert(%s, "");' % condition)


def claim_peripheral(name, peripheral):
    block, names = block_of[name], root(block_of[name])
    size = integer(described(peripheral).find("addressBlock"), "size")
    claim("%s_BASE == 0x%X" % (name, integer(peripheral, "baseAddress")))
    claim("sizeof *%s == 0x%X" % (name, size) if mode == "firmware" else "%s_BYTES == 0x%X" % (block, size))
    for register, cluster, index, offset in registers(described(peripheral)):
        plain = register.findtext("name").replace("[%s]", "")
        if mode == "firmware":
            place = "%s[%d].%s" % (cluster[0], cluster[1], plain) if cluster else plain
            place += "[%d]" % index if register.find("dim") is not None else ""
            if block == names or not re.search(r"\[[1-9]", place):  # a model may have less of an array
                claim("__builtin_offsetof(__typeof__(*%s), %s) == 0x%X" % (name, place, offset))
        else:
            step = "%d * %s_%s_STRIDE" % (cluster[1], names, cluster[0]) if cluster else "%d" % (4 * index)
            claim("%s_%s + %s == 0x%X" % (names, plain, step, offset))
        for field in register.findall("fields/field"):
            low, width = integer(field, "bitOffset"), integer(field, "bitWidth")
            mask = "%s_%s_%s" % (names, plain, field.findtext("name"))
            if plain not in repeated.get(block, ()):
                claim("%s == 0x%X && %s_Pos == %d" % (mask, ((1 << width) - 1) << low, mask, low))
    for interrupt in peripheral.findall("interrupt"):
        claim("%s_IRQ%s == %d" % (interrupt.findtext("name"), "n" if mode == "firmware" else "", integer(interrupt, "value")))


# Registers that have their fields from another one ("as:"): those have no masks of their own.
repeated = {}
here = None
for w in words:
    here = w[1] if w and w[0] == "block" else here
    if w and w[0] == "reg" and any(a.startswith("as:") for a in w[3:]):
        repeated.setdefault(here, set()).add(w[2])

if mode in ("firmware", "emulator"):
    for name, peripheral in by_name.items():
        claim_peripheral(name, peripheral)
    sys.exit()

ranges, names, short = [], set(), set()
for name, peripheral in by_name.items():
    base, block = integer(peripheral, "baseAddress"), root(block_of[name])
    ranges.append((base, base + integer(described(peripheral).find("addressBlock"), "size"), name))
    names.add(name + "_BASE")
    for register, cluster, index, offset in registers(described(peripheral)):
        plain = register.findtext("name").replace("[%s]", "")
        names |= {"%s_%s" % (block, plain)} | {"%s_%s_%s" % (block, plain, f.findtext("name")) for f in register.findall("fields/field")}
        short |= {plain} | {"%s_%s" % (plain, f.findtext("name")) for f in register.findall("fields/field")}

# NAME = 0x10, NAME = 1u << 3, #define NAME 0x10, #define NAME BIT(3): a name of the description with a number behind it.
typed = re.compile(r"(?:^\s*#\s*define\s+(\w+)\s+|(?<![\w.>])([A-Z]\w*)\s*=\s*)\(?\s*(?:0[xX][0-9A-Fa-f]+|[0-9]+[uUlL]*\s*<<|BIT\()", re.M)
literal = re.compile(r"\b0[xX]([0-9A-Fa-f]{8})[uUlL]*\b")
for path in sys.argv[4:]:
    text = re.sub(r'/\*.*?\*/|"(\\.|[^"\\\n])*"', lambda c: re.sub(r"[^\n]", " ", c.group(0)), open(path).read(), flags=re.S)
    for match in literal.finditer(text):
        for first, end, name in ranges:
            if first <= int(match.group(1), 16) < end:
                print("%s:%d: %s is in %s" % (path, text.count("\n", 0, match.start()) + 1, match.group(0), name))
    for match in typed.finditer(text):
        name = match.group(1) or match.group(2)
        if name in names or name in short:
            print("%s:%d: %s is in the description of the registers" % (path, text.count("\n", 0, match.start(match.lastindex)) + 1, name))
