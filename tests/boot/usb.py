# SPDX-License-Identifier: MIT
# The host's side of tests/boot/usb.sh: control transfers to the bootloader over USB/IP. Prints PASS and FAIL lines.
import json
import os
import queue
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "firmware"))
from usbip import Gone, Stall, Usbip  # noqa: E402

DETACH, DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT = range(7)
IDLE, DNLOAD_SYNC, DNBUSY, DNLOAD_IDLE, MANIFEST_SYNC, MANIFEST, _, UPLOAD_IDLE, ERROR = range(2, 11)
OK, ERR_WRITE, ERR_UNKNOWN, ERR_STALLEDPKT = 0, 3, 14, 15
FILESYSTEM, FIRMWARE, ROMFS = 1, 2, 3
TRIES = 10  # of what must be done while the camera erases: this machine may have had no time for it


def check(name, expected, got):
    if expected == got:
        print("PASS usb: " + name)
    else:
        print("FAIL usb: %s: expected %r, got %r [rerun: tests/boot/usb.sh]" % (name, expected, got))


class Monitor:
    def __init__(self, path):
        s = socket.socket(socket.AF_UNIX)
        s.connect(path)
        self.file = s.makefile("rw")
        self.file.readline()
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        self.file.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "return" in answer or "error" in answer:
                return answer.get("return")

    def get(self, what):
        return self.command("qom-get", path="/machine", property=what)

    def set(self, what, value):
        return self.command("qom-set", path="/machine", property=what, value=value)


class Dfu:
    def __init__(self, path, timeout=120):
        self.usb = Usbip(path, timeout=timeout)

    def out(self, request, value=0, data=b""):
        self.usb.control(0x21, request, value, 0, data, timeout=120)

    def into(self, request, value=0, length=0):
        return self.usb.control(0xA1, request, value, 0, length=length, timeout=120)

    def alternate(self, number):
        self.usb.control(0x01, 11, number, 0)

    def status(self):
        """bStatus, bwPollTimeout, bState"""
        data = self.into(GETSTATUS, length=6)
        return data[0], data[1] | data[2] << 8 | data[3] << 16, data[4]

    def finish(self):
        """Asks, and waits as it is told, until the work is done."""
        while True:
            status, poll, state = self.status()
            if state not in (DNLOAD_SYNC, DNBUSY, MANIFEST_SYNC, MANIFEST):
                return status, state
            time.sleep(poll / 1000)


def erase(dfu, monitor, path):
    """In the middle of an erase: the state is told, and what changes something waits for the end of it."""
    block = bytes(i * 7 & 255 for i in range(4096))
    dfu.alternate(ROMFS)
    for _ in range(TRIES):
        dfu.out(DNLOAD, 0, block)
        first = dfu.status()
        began = last = monitor.get("time")
        answers, late = set(), False
        while True:
            time.sleep(0.02)
            status, poll, state = dfu.status()
            late, last = late or monitor.get("time") - last > 300000, monitor.get("time")
            if state != DNBUSY:
                break
            answers.add((status, poll, state))
        took = (last - began) / 1e6
        dfu.out(DNLOAD, 1)
        end = dfu.finish()
        if not late:
            break
    check("a block that erases: busy, ask in 100 ms", (OK, 100, DNBUSY), first)
    check("while it is erased: the same answer", {(OK, 100, DNBUSY)}, answers)
    check("then: idle", (OK, DNLOAD_IDLE), (status, state))
    check("the erase took a second or so (%.2f s)" % took, True, 0.5 < took < 4)
    check("the end", (OK, IDLE), end)

    for _ in range(TRIES):
        start = monitor.get("time")
        dfu.out(DNLOAD, 0, block)
        dfu.status()
        time.sleep(0.2)
        meanwhile = dfu.into(GETSTATE, length=1), dfu.usb.control(0x81, 10, 0, 0, length=1), dfu.usb.control(0x80, 6, 0x0100, 0, length=18)
        began = monitor.get("time")
        dfu.out(ABORT)
        waited = (monitor.get("time") - began) / 1e6
        if (began - start) / 1e6 < took - 0.3:
            break
    check("the state, meanwhile", bytes([DNBUSY]), meanwhile[0])
    check("the alternate setting, meanwhile", bytes([ROMFS]), meanwhile[1])
    check("a descriptor, meanwhile", 18, len(meanwhile[2]))
    check("ABORT waits for the end of the erase (%.2f s)" % waited, True, waited > 0.2)
    check("and then aborts", (OK, 0, IDLE), dfu.status())
    check("the block is written all the same", block, dfu.into(UPLOAD, 0, 4096))

    dfu.out(ABORT)
    dfu.alternate(FILESYSTEM)
    dfu.out(DNLOAD, 0, bytes(4096))
    dfu.status()
    time.sleep(0.2)
    dfu.alternate(ROMFS)
    check("SET_INTERFACE, too, waits: what was written went where it should", block, dfu.into(UPLOAD, 0, 4096))
    dfu.out(ABORT)
    dfu.alternate(FILESYSTEM)
    check("and nowhere else", bytes(4096), dfu.into(UPLOAD, 0, 4096))


def requests(dfu, monitor, path):
    """Requests that no tool sends."""
    usb = dfu.usb
    check("64 bytes are what the device takes at once", 64, usb.control(0x80, 6, 0x0100, 0, length=18)[7])
    windows = usb.control(0x80, 6, 0x03EE, 0, length=255)
    check("Windows' string", b"\x12\x03M\0S\0F\0T\0" + b"1\0" + b"0\0" + b"0\0" + b"\x20\0", windows)
    check("compatible id", b"WINUSB", usb.control(0xC0, 0x20, 0, 4, length=255)[18:24])
    properties = usb.control(0xC1, 0x20, 0, 5, length=255)
    check("properties", (142, "DeviceInterfaceGUID"), (len(properties), properties[20:58].decode("utf-16-le")))

    def stalls(name, call):
        try:
            check(name, "stall", call())
        except Stall:
            check(name, "stall", "stall")

    stalls("another vendor request", lambda: usb.control(0xC0, 0x21, 0, 4, length=255))
    stalls("no such string", lambda: usb.control(0x80, 6, 0x03AA, 0, length=255))
    stalls("a BOS descriptor", lambda: usb.control(0x80, 6, 0x0F00, 0, length=5))
    stalls("alternate 4", lambda: dfu.alternate(4))
    stalls("alternate 255", lambda: dfu.alternate(255))
    stalls("interface 1", lambda: usb.control(0xA1, GETSTATUS, 0, 1, length=6))
    check("none of these is an error of DFU", (OK, 0, IDLE), dfu.status())
    stalls("5000 bytes", lambda: dfu.out(DNLOAD, 0, bytes(5000)))
    check("is one", (ERR_STALLEDPKT, 0, ERROR), dfu.status())
    stalls("UPLOAD in an error", lambda: dfu.into(UPLOAD, 0, 4096))
    dfu.out(CLRSTATUS)
    check("until it is cleared", (OK, 0, IDLE), dfu.status())
    for length in (1, 63, 64, 65, 128, 4095, 4096):
        dfu.out(ABORT)
        check("UPLOAD of %d bytes" % length, length, len(dfu.into(UPLOAD, 0, length)))
    dfu.out(ABORT)

    for name, request in (("UPLOAD", UPLOAD), ("GETSTATUS", GETSTATUS), ("GETSTATE", GETSTATE)):
        dfu.out(ABORT)
        check("%s of 0 bytes" % name, b"", usb.control(0xA1, request, 0, 0, length=0, timeout=10))

    # The SETUP packet announces more than comes. Without a short packet the device can't know: the host gives up, and its next SETUP ends it.
    setup = struct.pack("<BBHHH", 0x21, DNLOAD, 0, 0, 4096)
    dfu.alternate(ROMFS)
    before = dfu.into(UPLOAD, 0, 4096)
    dfu.out(ABORT)
    for length in (0, 64, 100, 4032):
        answer = usb.submit(0, bytes(length), 0, setup)
        try:
            usb.result(answer, 2)
        except queue.Empty:
            usb.unlink(answer)
        except (Stall, OSError):
            pass
        status, _, state = dfu.status()
        check("a data stage of %d bytes instead of 4096 isn't taken for a block" % length, False, state in (DNBUSY, DNLOAD_IDLE))
        dfu.out(ABORT if state != ERROR else CLRSTATUS)
    check("and changes nothing", before, dfu.into(UPLOAD, 0, 4096))

    # A bus reset ends DFU: the application is whole, so it starts.
    dfu.out(ABORT)
    usb.close()
    monitor.set("usb-cable", "none")
    monitor.set("usb-cable", "host")
    end = time.monotonic() + 120
    while " 37C5:9204" in " " + monitor.get("usb-device") or not monitor.get("usb-device"):
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    check("unplugged and plugged in again: the application", "37C5:1204", monitor.get("usb-device")[:9])


def replug(dfu, monitor, path):
    """The cable is pulled in an erase and plugged in again before it is over: the next host begins anew."""
    with open("build/OPENMV4/bin/firmware.bin", "rb") as f:
        head = f.read(4096)
    dfu.alternate(FIRMWARE)
    dfu.out(DNLOAD, 0, head)
    dfu.status()
    time.sleep(0.1)
    monitor.set("usb-cable", "none")
    dfu.usb.close()
    monitor.set("usb-cable", "host")
    dfu = Dfu(path)
    dfu.alternate(ROMFS)
    if dfu.status()[2] == ERROR:  # the firmware is torn, and it says so
        dfu.out(CLRSTATUS)
    block = bytes(i * 11 & 255 for i in range(4096))
    dfu.out(DNLOAD, 0, block)
    check("pulled and plugged in again in an erase: the next host's block", (OK, DNLOAD_IDLE), dfu.finish())
    dfu.out(ABORT)
    check("pulled and plugged in again in an erase: the block is where it chose", True, block == dfu.into(UPLOAD, 0, 4096))


def watchdog(dfu, monitor, path):
    """The watchdog runs, with half a second; an erase takes one."""
    resets = monitor.get("usb-counters")
    dfu.alternate(ROMFS)
    for block in range(2):
        dfu.out(DNLOAD, block, bytes([block + 1]) * 4096)
        check("a running watchdog: block %d" % block, (OK, DNLOAD_IDLE), dfu.finish())
    dfu.out(DNLOAD, 2)
    check("a running watchdog: the end", (OK, IDLE), dfu.finish())
    began = monitor.get("time")
    while monitor.get("time") - began < 3000000:
        time.sleep(0.05)
    check("a running watchdog: three seconds later the camera is still there", b"\2" * 4096, dfu.into(UPLOAD, 1, 4096))
    after = json.loads(monitor.get("usb-counters"))["resets"]
    check("a running watchdog: no reset", json.loads(resets)["resets"], after)


if __name__ == "__main__":
    try:
        {"erase": erase, "requests": requests, "replug": replug, "watchdog": watchdog}[sys.argv[3]](Dfu(sys.argv[1]), Monitor(sys.argv[2]), sys.argv[1])
    except (Gone, Stall, OSError, queue.Empty) as problem:
        print("FAIL usb: %s: %s: %s [rerun: tests/boot/usb.sh]" % (sys.argv[3], type(problem).__name__, problem))
