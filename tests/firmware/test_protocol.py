# SPDX-License-Identifier: MIT
# The host protocol of the real firmware over its USB serial port, spoken by a client that shares no code with it, over the
# pseudo-terminal of `omv emu`; then over a wire that loses, repeats, damages and reorders packets.
# Usage: test_protocol.py [--all] [NAME ...]; --all: a fault at every packet, not at a few.
import os
import struct
import sys
import time

from emulated import Emulated, equal, run, true
from protocol_client import ACK, BOOT, EVENT, GET_CAPS, INFO, LOCK, MEMORY, NAK, READ, RESET, SET_CAPS, STATS, SYNC, Client, Failed, Refused, Tty
from usbip import Gone, Serial, Usbip

ALL = "--all" in sys.argv
camera = Emulated("protocol")
FRAMES = """import csi
c = csi.CSI(); c.reset(); c.pixformat(csi.RGB565); c.framesize(csi.QVGA)
while True: c.snapshot()
"""


def configured():
    camera.wait("usb-device", lambda d: "37C5:1204" in d and "configured" in d)
    camera.wait("usb-imported", False)


def open_tty(baud=921600):
    configured()
    end = time.monotonic() + 120
    while not os.path.exists(camera.path("tty")) and time.monotonic() < end:
        time.sleep(0.05)
    return Tty(camera.path("tty"), baud)


class Session:
    """A client on the pseudo-terminal, closed in any case."""

    def __init__(self, **options):
        self.options = options

    def __enter__(self):
        self.port = open_tty()
        self.client = Client(self.port, timeout=30, **self.options)
        return self.client.connect()

    def __exit__(self, *_):
        self.port.close()


def output_of(client, script, until="end\r\n", timeout=120):
    client.exec(script + "\nprint('end')\n")
    text, end = "", time.monotonic() + timeout
    while until not in text:
        true(time.monotonic() < end, "no end of the output: %r" % text[-200:])
        text += client.read_stdout()
    return text[:text.index(until)]


def ended(client, timeout=120):
    end = time.monotonic() + timeout
    while client.poll()["stdin"]:
        true(time.monotonic() < end, "the script goes on")


def what_the_camera_is():
    with Session() as c:
        equal(c.channels["usb"], (0, 0x40))
        equal(c.channels["stdin"], (1, 0x06))
        equal(c.channels["stdout"], (2, 0x01))
        equal(c.channels["stream"], (3, 0x19))
        equal(c.version[:3] + c.version[6:], (1, 0, 2, 5, 0, 0))
        equal((hex(c.info[0] & 0xFF0FFFF0), hex(c.info[4])), ("0x410fc270", "0x37c51204"))
        equal(c.info[10] & (1 << 4 | 1 << 6 | 1 << 18), 1 << 4 | 1 << 6 | 1 << 18)
        equal(c.payload, 498)
        count = c.call(MEMORY)
        equal(len(count), 4 + 24 * count[0])
        equal(len(c.call(STATS)), 32)


def scripts():
    for count in ("packets", "requests"):
        for options in ({}, {"ack": False}, {"seq": False}, {"crc": False}, {"events": False}, {"max_payload": 64}):
            with Session(count=count, **options) as c:
                text = output_of(c, "for i in range(50): print('line', i)")
                equal((count, options, text), (count, options, "".join("line %d\r\n" % i for i in range(50))))
                equal((count, options, c.resyncs), (count, options, 1))


def a_long_script():
    with Session() as c:
        lines = ["x%d = %d" % (i % 100, i) for i in range(3000)]
        equal(output_of(c, "\n".join(lines) + "\nprint(x99)"), "2999\r\n")


def output_after_a_silence():
    """Nothing to read for seconds, then more than the camera keeps: a host that is a second late loses nothing."""
    with Session() as c:
        for _ in range(10):  # once more when this host had no time and was later
            start = camera.get("time")
            c.exec("import time\ntime.sleep_ms(2500)\nfor i in range(300): print('line', i, 'x' * 40)\nprint('end')\n")
            while camera.get("time") < start + 3500000:
                time.sleep(0.02)
            text, end, longest = "", time.monotonic() + 120, 0
            last = start + 3500000
            while "end\r\n" not in text:
                true(time.monotonic() < end, "no end of the output: %r" % text[-200:])
                text += c.read_stdout()
                now = camera.get("time")
                longest, last = max(longest, now - last), now
            ended(c)
            if text.count("\r\nline ") == 299 or longest < 400000:
                break
        equal(text.count("\r\nline "), 299)


def stops_scripts():
    with Session() as c:
        for script in ("while True: pass", "while True: print('flood')",
                       "while True:\n try:\n  while True: pass\n except BaseException: pass"):
            c.exec(script)
            c.stop()
            ended(c)
        equal(output_of(c, "print('alive')"), "alive\r\n")


def events():
    with Session() as c:
        c.events = []
        c.exec("print(1)")          # not read, so that the camera has something to tell
        end = time.monotonic() + 120
        while (2, 0xFFFF) not in c.events and time.monotonic() < end:
            c.poll()
        ended(c)
        true((1, 1) in c.events and (1, 0) in c.events and (0, 2) in c.events, "got %r" % c.events)
        true((2, 0xFFFF) in c.events, "no notification of output: %r" % c.events)


def frames():
    with Session() as c:
        c.exec(FRAMES)
        c.streaming(True)
        seen, end = [], time.monotonic() + 120
        while len(seen) < 5:
            true(time.monotonic() < end, "only %d frames" % len(seen))
            frame = c.read_frame()
            if frame:
                seen.append(frame)
        for width, height, kind, data in seen:
            equal((width, height, kind), (320, 240, 0x06060000))
            equal((data[:2], data[-2:]), (b"\xFF\xD8", b"\xFF\xD9"))
        c.streaming(True, raw=True, resolution=(160, 120))
        end = time.monotonic() + 120
        while not frame or frame[2] != 0x0C030002:
            true(time.monotonic() < end, "no raw frame")
            frame = c.read_frame()
        width, height, kind, data = frame
        true(width <= 160 and height <= 120 and len(data) == 2 * width * height, "%d x %d, %d bytes" % (width, height, len(data)))
        c.streaming(False)
        c.stop()
        ended(c)


def refusals():
    with Session() as c:
        for opcode, channel, payload, status in ((SET_CAPS, 0, struct.pack("<IH10x", 15, 49), 2), (SET_CAPS, 0, struct.pack("<IH10x", 15, 9999), 2),
                                                 (SET_CAPS, 0, b"", 2), (GET_CAPS, 3, b"", 2), (0x7F, 0, b"", 9), (LOCK, 1, b"", 2),
                                                 (READ, 9, struct.pack("<II", 0, 1), 2)):
            try:
                c.request(opcode, channel, payload)
                raise AssertionError("opcode %#x is taken" % opcode)
            except Refused as e:
                equal((hex(opcode), e.status), (hex(opcode), status))
        equal(len(c.request(GET_CAPS)), 16)


def other_rates_are_a_repl():
    port = open_tty(115200)
    try:
        port.write(b"\r\x03\x02\rprint('re' + 'pl')\r")
        got, end = b"", time.monotonic() + 120
        while b"repl\r\n" not in got and time.monotonic() < end:
            got += port.read(0.5)
        true(b"repl\r\n" in got, "got %r" % got)
    finally:
        port.close()


def a_port_that_is_closed_ends_the_session():
    with Session() as c:
        c.exec("while True: print('on and on')")
    other_rates_are_a_repl()  # and what was printed meanwhile has gone
    with Session() as c:
        equal(output_of(c, "print('again')"), "again\r\n")


def garbage():
    port = open_tty()
    try:
        port.write(bytes(range(256)) * 8 + b"\xAA\xD5" * 50 + b"\xAA\xD5\0\0\0\x26\xFF\xFF\0\0")
        client = Client(port, timeout=30)
        client.connect()
        equal(output_of(client, "print('well')"), "well\r\n")
    finally:
        port.close()


def leaves_by(opcode, expected):
    configured()
    usb = Usbip(camera.path("usbip"))
    serial = Serial(usb, 921600)
    client = Client(serial, timeout=30).connect()
    client.send(opcode)
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            serial.read(0.2)
            serial.modem(True)
        raise AssertionError("the camera stays")
    except (Gone, OSError):
        pass
    camera.wait("usb-device", expected)


def sys_reset():
    leaves_by(RESET, lambda d: "37C5:1204" in d and "configured" in d)


def sys_boot():
    leaves_by(BOOT, lambda d: "37C5:9204" in d and "configured" in d)
    camera.sleep(2500)  # longer than a bootloader that nobody asked for
    true("37C5:9204" in camera.get("usb-device"), "it does not stay in the bootloader")
    camera.qmp("system_reset")
    configured()


# ---- A bad wire ----

class Faulty:
    """A port in which the n-th packet of one direction meets a fault: lost, twice, damaged, cut, or after the next one."""

    def __init__(self, port, fault, n, outgoing):
        self.port, self.fault, self.n, self.outgoing = port, fault, n, outgoing
        self.count, self.kept, self.held = 0, b"", b""

    def pass_on(self, packet):
        self.count += 1
        held, self.held = self.held, b""
        if self.count != self.n:
            return packet + held
        if self.fault == "lost":
            return held
        if self.fault == "twice":
            return packet + packet + held
        if self.fault == "damaged":
            at = len(packet) * 2 // 3
            return packet[:at] + bytes([packet[at] ^ 0x10]) + packet[at + 1:] + held
        if self.fault == "cut":
            return packet[:len(packet) // 2] + held
        self.held = packet  # reordered
        return held

    def split(self, data):
        self.kept += data
        out = b""
        while len(self.kept) >= 10:
            length = struct.unpack("<H", self.kept[6:8])[0]
            total = 10 + (length + 4 if length else 0)
            if len(self.kept) < total:
                break
            packet, self.kept = self.kept[:total], self.kept[total:]
            out += self.pass_on(packet)
        return out

    def write(self, data):
        self.port.write(self.split(data) if self.outgoing else data)

    def read(self, timeout=0.0):
        data = self.port.read(timeout)
        return data if self.outgoing else self.split(data)


WAITS_S = 0.45, 2, 8  # for an answer, of the camera's time: on a busy machine it may take longer than that of one that is idle
MOST_WAITS = 4  # in vain, for one call
SESSION_SCRIPT = "for i in range(12): print('line', i)"
EXPECTED = "".join("line %d\r\n" % i for i in range(12))


def session(port, wait, waits):
    """One whole session. How often each call waited in vain for an answer is added to waits, whether it gave one or an error."""
    client = Client(port, timeout=wait, clock=lambda: camera.get("time") / 1e6)

    def counted(function, *arguments):
        before = client.timeouts
        try:
            return function(*arguments)
        finally:
            waits.append(client.timeouts - before)

    counted(client.connect)
    counted(client.exec, SESSION_SCRIPT)
    text, end = "", time.monotonic() + 120
    while "line 11\r\n" not in text:
        if time.monotonic() > end:
            raise AssertionError("got %r" % text)
        text += counted(client.read_stdout)
    counted(client.call, INFO)
    return text


def with_fault(port, fault, n, outgoing):
    """A session with that fault: whether it recovered, the most waits of a call. What this machine's own delays spoil goes well with more patience."""
    for wait in WAITS_S:
        waits, recovered = [], True
        try:
            session(Faulty(port, fault, n, outgoing), wait, waits)
        except (Failed, Refused):
            recovered = False
        except AssertionError as e:
            raise AssertionError("%s, packet %d %s: %s" % (fault, n, "to the camera" if outgoing else "from it", e))
        if recovered and max(waits) <= MOST_WAITS:
            break
    return recovered, max(waits)


def faults():
    """Each call recovers, or ends with an error, within so many waits, and never hangs. Output may be lost with the packet that carried it."""
    port = open_tty()
    try:
        counting = Faulty(port, "none", 0, True)
        session(counting, WAITS_S[-1], [])
        packets = counting.count
        numbers = range(1, packets + 1) if ALL else sorted({1, 2, 3, 5, 8, 13, packets // 2, packets})
        outcomes = [with_fault(port, fault, n, outgoing)
                    for fault in ("lost", "twice", "damaged", "cut", "reordered") for outgoing in (True, False) for n in numbers]
        failed, most = sum(not recovered for recovered, _ in outcomes), max(waits for _, waits in outcomes)
        print("# %d sessions with one fault each: %d recovered, %d ended with an error; the longest call waited %d times" %
              (len(outcomes), len(outcomes) - failed, failed, most))
        true(most <= MOST_WAITS, "a call waited %d times for an answer" % most)
        true(failed <= len(outcomes) // 20, "%d of %d sessions ended with an error" % (failed, len(outcomes)))
        equal(session(port, WAITS_S[-1], []), EXPECTED)
    finally:
        port.close()


TESTS = [what_the_camera_is, scripts, a_long_script, output_after_a_silence, stops_scripts, events, frames, refusals, other_rates_are_a_repl,
         a_port_that_is_closed_ends_the_session, garbage, faults, sys_reset, sys_boot]

if __name__ == "__main__":
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    good = run([(f.__name__.replace("_", " "), f) for f in TESTS if not names or f.__name__ in names], "tests/firmware/run.sh protocol")
    camera.stop()
    sys.exit(0 if good else 1)
