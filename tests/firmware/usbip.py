# SPDX-License-Identifier: MIT
# A USB host in a few lines, for the tests: USB/IP 1.1.1 (Linux: Documentation/usb/usbip_protocol.rst) on a Unix socket, with
# transfers that run beside each other; on top of it the camera's serial port and its drive (USB mass storage, bulk only).
import errno
import queue
import socket
import struct
import threading
import time


class Gone(Exception):
    """The device has left the bus."""


class Stall(Exception):
    """The endpoint, or the request, is refused."""


class Usbip:
    def __init__(self, path, bus_id="1-1", timeout=60):
        """Imports the device; waits for it while it is not there."""
        end = time.monotonic() + timeout
        while True:
            try:
                self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self.socket.settimeout(timeout)
                self.socket.connect(path)
                self.socket.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, bus_id.encode()))
                version, code, status = struct.unpack(">HHI", self._exactly(8))
                if status == 0:
                    break
                problem = Gone("the import is refused with status %d" % status)
            except (OSError, Gone) as e:
                problem = e
            self.socket.close()
            if time.monotonic() > end:
                raise Gone("no device within %d s: %s" % (timeout, problem))
            time.sleep(0.05)
        device = self._exactly(312)
        self.bus, self.address, self.speed = struct.unpack(">III", device[288:300])
        self.vid, self.pid, self.bcd = struct.unpack(">HHH", device[300:306])
        self.socket.settimeout(None)
        self.lock = threading.Lock()
        self.waiting = {}
        self.sequence = 0
        self.gone = False
        threading.Thread(target=self._receive, daemon=True).start()

    def _exactly(self, n):
        data = b""
        while len(data) < n:
            piece = self.socket.recv(n - len(data))
            if not piece:
                raise Gone("the connection is closed")
            data += piece
        return data

    # The other end may be closed before the receiver has noticed.
    def _send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            raise Gone("the connection is closed")

    def _receive(self):
        try:
            while True:
                header = self._exactly(48)
                command, sequence = struct.unpack(">II", header[:8])
                status, actual = struct.unpack(">iI", header[20:28])
                with self.lock:
                    entry = self.waiting.pop(sequence, None)
                if command == 3:  # RET_SUBMIT
                    data = self._exactly(actual) if entry and entry[0] and actual else b""
                    if entry:
                        entry[1].put((status, data if entry[0] else actual))
        except (OSError, Gone):
            pass
        with self.lock:
            self.gone = True
            for _, answer in self.waiting.values():
                answer.put((-errno.ESHUTDOWN, b""))
            self.waiting = {}

    def submit(self, endpoint, data=b"", length=0, setup=b"\0" * 8):
        """Queues a transfer. IN (0x80) takes `length`; the result comes from the queue that is returned, as (status, data)."""
        answer = queue.Queue()
        into = bool(endpoint & 0x80)
        with self.lock:
            if self.gone:
                raise Gone("the device has left")
            self.sequence += 1
            number = self.sequence
            self.waiting[number] = (into, answer)
            header = struct.pack(">IIIIIiIiii8s", 1, number, self.bus << 16 | self.address, into, endpoint & 0x7F, 0,
                                 length if into else len(data), 0, 0, 0, setup)
            self._send(header + (b"" if into else data))
        answer.number = number
        return answer

    def unlink(self, answer):
        with self.lock:
            if self.gone:
                return
            self.sequence += 1
            self.waiting[self.sequence] = (False, queue.Queue())
            self._send(struct.pack(">IIIII28x", 2, self.sequence, self.bus << 16 | self.address, 0, 0)[:20] +
                       struct.pack(">I24x", answer.number))

    @staticmethod
    def result(answer, timeout):
        status, data = answer.get(timeout=timeout)
        if status == -errno.EPIPE:
            raise Stall()
        if status == -errno.ESHUTDOWN:
            raise Gone("the device has left")
        if status:
            raise OSError(-status, "transfer failed")
        return data

    def transfer(self, endpoint, data=b"", length=0, timeout=60):
        return self.result(self.submit(endpoint, data, length), timeout)

    def control(self, request_type, request, value=0, index=0, data=b"", length=0, timeout=60):
        into = request_type & 0x80
        setup = struct.pack("<BBHHH", request_type, request, value, index, length if into else len(data))
        return self.result(self.submit(0x80 if into else 0, data, length, setup), timeout)

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


class Serial:
    """The serial port. Reads ahead only when told to: a host that doesn't read is one call less."""

    OUT, IN = 0x02, 0x82

    def __init__(self, usb, baud=115200, dtr=True, read=True):
        self.usb = usb
        self.received = b""
        self.pending = None
        self.reading = read
        self.line_coding(baud)
        self.modem(dtr)

    def line_coding(self, baud):
        self.usb.control(0x21, 0x20, data=struct.pack("<IBBB", baud, 0, 0, 8))

    def modem(self, dtr):
        self.usb.control(0x21, 0x22, 3 if dtr else 0)

    def write(self, data, timeout=60):
        for i in range(0, len(data), 4096):
            self.usb.transfer(self.OUT, data[i:i + 4096], timeout=timeout)

    def read(self, timeout=0.0):
        """What has come, waiting for at least one byte for so long."""
        end = time.monotonic() + timeout
        while True:
            if self.pending is None:
                self.pending = self.usb.submit(self.IN, length=16384)
            try:
                data = self.usb.result(self.pending, max(0.001, min(end - time.monotonic(), 0.2)))
                self.pending = None
                self.received += data
            except queue.Empty:
                pass
            if self.received or time.monotonic() >= end:
                data, self.received = self.received, b""
                return data

    def read_until(self, text, timeout=60):
        data = b""
        end = time.monotonic() + timeout
        while text not in data:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("expected %r within %g s, got %r" % (text, timeout, data[-200:]))
            data += self.read(min(left, 0.5))
        at = data.index(text) + len(text)
        self.received = data[at:] + self.received
        return data[:at]


class ScsiError(Exception):
    def __init__(self, sense):
        Exception.__init__(self, "sense %x/%02x/%02x" % sense)
        self.sense = sense


class Drive:
    """Mass storage, bulk only transport 1.0, with the sense data of a failed command in the exception."""

    OUT, IN = 0x03, 0x83

    def __init__(self, usb):
        self.usb = usb
        self.tag = 0

    def clear_halt(self, endpoint):
        self.usb.control(0x02, 1, 0, endpoint)

    def command(self, cdb, length=0, data=None, timeout=60):
        self.tag += 1
        into = data is None
        size = length if into else len(data)
        self.usb.transfer(self.OUT, struct.pack("<IIIBBB16s", 0x43425355, self.tag, size, 0x80 if into else 0, 0, len(cdb), cdb), timeout=timeout)
        answer = b""
        if size:
            try:
                if into:
                    answer = self.usb.transfer(self.IN, length=size, timeout=timeout)
                else:
                    self.usb.transfer(self.OUT, data, timeout=timeout)
            except Stall:
                self.clear_halt(self.IN if into else self.OUT)
        try:
            csw = self.usb.transfer(self.IN, length=13, timeout=timeout)
        except Stall:
            self.clear_halt(self.IN)
            csw = self.usb.transfer(self.IN, length=13, timeout=timeout)
        signature, tag, residue, status = struct.unpack("<IIIB", csw)
        if signature != 0x53425355 or tag != self.tag:
            raise OSError("a status that belongs to nothing: %r" % csw)
        if status:
            sense = self.sense() if cdb[0] != 3 else (0, 0, 0)
            raise ScsiError(sense)
        return answer

    def sense(self):
        answer = self.command(bytes([3, 0, 0, 0, 18, 0]), 18)
        return answer[2] & 15, answer[12], answer[13]

    def ready(self):
        self.command(bytes(6))

    def capacity(self):
        last, size = struct.unpack(">II", self.command(bytes([0x25]) + bytes(9), 8))
        return last + 1, size

    def write_protected(self):
        return bool(self.command(bytes([0x1A, 0, 0x3F, 0, 4, 0]), 4)[2] & 0x80)

    def read(self, block, count=1):
        return self.command(struct.pack(">BBIBHB", 0x28, 0, block, 0, count, 0), 512 * count)

    def write(self, block, data):
        self.command(struct.pack(">BBIBHB", 0x2A, 0, block, 0, len(data) // 512, 0), data=data)

    def eject(self, load=False):
        self.command(bytes([0x1B, 0, 0, 0, 3 if load else 2, 0]))
