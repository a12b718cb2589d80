# SPDX-License-Identifier: MIT
# A client of the host protocol, written from its description alone, so that the camera is tested against something that shares no
# line with protocol/*.c. It behaves as clients in the field do: resynchronises with a small payload, expects each packet's sequence
# number, acknowledges fragments, sends a request three times, and resynchronises when that fails.
import os
import select
import struct
import termios
import time

ACK, NAK, RTX, ACK_REQ, FRAGMENT, EVENT = 1, 2, 4, 8, 16, 32
SYNC, GET_CAPS, SET_CAPS, STATS, VERSION, RESET, BOOT, INFO, SYS_EVENT, MEMORY = 0, 1, 2, 3, 4, 0x10, 0x11, 0x12, 0x13, 0x14
LIST, POLL, LOCK, UNLOCK, SHAPE, SIZE, READ, WRITE, IOCTL, CHANNEL_EVENT = range(0x20, 0x2A)
STATUS = ("ok", "failed", "invalid", "timeout", "busy", "checksum", "sequence", "overflow", "fragment", "unknown")
BUSY, RESENDABLE = 4, (5, 6)  # statuses


TABLES = {}


def crc(data, bits, polynomial):
    if bits not in TABLES:
        top, mask = 1 << bits - 1, (1 << bits) - 1
        table = []
        for byte in range(256):
            value = byte << bits - 8
            for _ in range(8):
                value = (value << 1 ^ polynomial if value & top else value << 1) & mask
            table.append(value)
        TABLES[bits] = table
    table, mask, value = TABLES[bits], (1 << bits) - 1, (1 << bits) - 1
    for byte in data:
        value = (value << 8 & mask) ^ table[value >> bits - 8 ^ byte]
    return value


def crc16(data):
    return crc(data, 16, 0xF94F)


def crc32(data):
    return crc(data, 32, 0xFA567D89)


class Refused(Exception):
    def __init__(self, status):
        Exception.__init__(self, STATUS[status] if status < len(STATUS) else "status %d" % status)
        self.status = status


class Failed(Exception):
    """No answer that makes sense, three times."""


class Tty:
    """A serial port by its path, at a baud rate, raw."""

    def __init__(self, path, baud=921600):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        mode = termios.tcgetattr(self.fd)
        speed = getattr(termios, "B%d" % baud)
        mode[0] = mode[1] = mode[3] = 0
        mode[2] = termios.CS8 | termios.CREAD | termios.CLOCAL
        mode[4] = mode[5] = speed
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 0, 0
        termios.tcsetattr(self.fd, termios.TCSANOW, mode)

    def read(self, timeout=0.0):
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        return os.read(self.fd, 65536)

    def write(self, data):
        while data:
            select.select([], [self.fd], [], 10)
            data = data[os.write(self.fd, data):]

    def close(self):
        os.close(self.fd)


class Client:
    """count: what the sequence numbers of requests count, 'packets' of both sides or 'requests' alone (the answers' then count what
    the camera sent); cameras take both. clock: seconds, in which timeout is."""

    def __init__(self, port, crc=True, seq=True, ack=True, events=True, max_payload=4096, timeout=1.0, retries=3, count="packets", small=52,
                 clock=time.monotonic):
        self.clock, self.port, self.timeout, self.retries, self.count, self.small = clock, port, timeout, retries, count, small
        self.wanted = (1 if crc else 0) | (2 if seq else 0) | (4 if ack else 0) | (8 if events else 0)
        self.wanted_payload = max_payload
        self.buffer = b""
        self.events = []
        self.resyncs = self.timeouts = 0
        self.connected = False

    # -- packets --

    def send(self, opcode, channel=0, payload=b"", flags=0, sequence=None):
        header = struct.pack("<HBBBBH", 0xD5AA, self.sequence if sequence is None else sequence, channel, flags, opcode, len(payload))
        packet = header + struct.pack("<H", crc16(header)) + payload
        self.port.write(packet + (struct.pack("<I", crc32(payload)) if payload else b""))

    def receive(self, deadline):
        """The next good packet: sequence, channel, flags, opcode, payload; None when time is over."""
        late = False
        while True:
            at = self.buffer.find(b"\xAA\xD5")
            self.buffer = self.buffer[at:] if at >= 0 else self.buffer[-1:] if self.buffer[-1:] == b"\xAA" else b""
            if len(self.buffer) >= 10:
                _, sequence, channel, flags, opcode, length, check = struct.unpack("<HBBBBHH", self.buffer[:10])
                total = 10 + (length + 4 if length else 0)
                if check != crc16(self.buffer[:8]) or length > 8192:
                    self.buffer = self.buffer[2:]
                    continue
                if len(self.buffer) >= total:
                    payload, trailer = self.buffer[10:10 + length], self.buffer[10 + length:total]
                    self.buffer = self.buffer[total:]
                    if length and struct.unpack("<I", trailer)[0] != crc32(payload):
                        continue
                    return sequence, channel, flags, opcode, payload
            left = deadline - self.clock()
            if left <= 0 and not late:
                late = True  # what has come, has come in time: it may be this program that is late
                self.buffer += self.port.read(0)
                continue
            if left <= 0:
                # A header whose rest never came must not hide what follows it.
                self.buffer = self.buffer[2:] if self.buffer[:2] == b"\xAA\xD5" else b""
                return None
            self.buffer += self.port.read(min(left, 0.1))

    def request(self, opcode, channel=0, payload=b""):
        """The answer's data. Raises Refused, or Failed when there is none."""
        for attempt in range(self.retries):
            self.send(opcode, channel, payload, RTX if attempt else 0)
            try:
                return self.answer(opcode, channel)
            except Refused as e:
                if e.status not in RESENDABLE:
                    raise
            except TimeoutError:
                pass
        raise Failed("opcode %#x, channel %d" % (opcode, channel))

    def answer(self, opcode, channel):
        data, first, expected = b"", self.sequence, self.sequence if self.count == "packets" else self.expected
        deadline = self.clock() + self.timeout
        while True:
            packet = self.receive(deadline)
            if packet is None:
                self.timeouts += 1
                raise TimeoutError()
            sequence, where, flags, what, payload = packet
            if flags & EVENT:
                self.events.append((where, struct.unpack("<H", payload[:2])[0] if len(payload) >= 2 else None))
                continue
            if flags & ACK_REQ:
                self.send(what, where, flags=ACK, sequence=sequence)
            if what != opcode or where != channel:
                continue
            if flags & NAK and sequence == first:
                status = struct.unpack("<H", payload[:2])[0]
                if status not in RESENDABLE:
                    self.sequence, self.expected = (first + 1) & 255, (expected + 1) & 255
                raise Refused(status)
            if self.using & 2 and sequence != (first if flags & ACK else expected):
                continue  # one that came before, sent again
            expected = (expected + 1) & 255
            deadline = self.clock() + self.timeout
            if not flags & ACK:
                data += payload
            if not flags & FRAGMENT:
                self.sequence = expected if self.count == "packets" else (first + 1) & 255
                self.expected = expected
                return data

    # -- sessions --

    def resync(self):
        self.resyncs += 1
        self.using, self.payload = 15, self.small
        for _ in range(3):
            self.buffer = b""
            while self.port.read(0):
                pass
            self.sequence = self.expected = 0
            try:
                self.send(SYNC)
                self.answer(SYNC, 0)
                self.sequence = self.expected = 0
                bits, most = struct.unpack("<IH", self.request(GET_CAPS)[:6])
                self.payload = min(most, self.wanted_payload)
                self.request(SET_CAPS, 0, struct.pack("<IH10x", self.wanted & bits, self.payload))
                self.using = self.wanted & bits
                return
            except (TimeoutError, Failed, Refused):
                continue
        raise Failed("no synchronisation")

    def call(self, opcode, channel=0, payload=b""):
        """A request that survives one resynchronisation."""
        try:
            return self.request(opcode, channel, payload)
        except Failed:
            self.resync()
            return self.request(opcode, channel, payload)

    def connect(self):
        self.resync()
        self.connected = True
        self.channels = {}
        entries = self.call(LIST)
        for i in range(0, len(entries), 16):
            number, flags, name = struct.unpack("<BB14s", entries[i:i + 16])
            self.channels[name.rstrip(b"\0").decode()] = number, flags
        self.version = struct.unpack("<3B3B3B7x", self.call(VERSION))
        self.info = struct.unpack("<19I", self.call(INFO))
        return self

    # -- what people do --

    def number(self, name):
        return self.channels[name][0]

    def ioctl(self, name, request, *words):
        self.call(IOCTL, self.number(name), struct.pack("<I%dI" % len(words), request, *words))

    def size(self, name):
        return struct.unpack("<I", self.call(SIZE, self.number(name)))[0]

    def read(self, name, length, offset=0):
        return self.call(READ, self.number(name), struct.pack("<II", offset, length))

    def write(self, name, data, offset=0):
        step = self.payload - 8
        for at in range(0, len(data), step):
            self.call(WRITE, self.number(name), struct.pack("<II", offset + at, min(step, len(data) - at)) + data[at:at + step])

    def poll(self):
        mask = struct.unpack("<I", self.call(POLL))[0]
        return {name: bool(mask >> number & 1) for name, (number, _) in self.channels.items()}

    def exec(self, script):
        self.ioctl("stdin", 3)
        self.write("stdin", script.encode())
        self.ioctl("stdin", 2)

    def stop(self):
        self.ioctl("stdin", 1)

    def read_stdout(self):
        size = self.size("stdout")
        return self.read("stdout", size).decode(errors="replace") if size else ""

    def streaming(self, enable, raw=False, resolution=None):
        self.ioctl("stream", 1, int(raw))
        if raw and resolution:
            self.ioctl("stream", 2, *resolution)
        self.ioctl("stream", 0, int(enable))

    def read_frame(self):
        """None, or width, height, format, data; the header is read as 20 bytes, the pixels from where it says."""
        try:
            self.call(LOCK, self.number("stream"))
        except Refused as e:
            if e.status == BUSY:
                return None
            raise
        try:
            size = self.size("stream")
            if size <= 20:
                return None
            frame = self.read("stream", size)
            width, height, pixel_format, _, offset = struct.unpack("<5I", frame[:20])
            return width, height, pixel_format, frame[offset:]
        finally:
            self.call(UNLOCK, self.number("stream"))
