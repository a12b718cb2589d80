# SPDX-License-Identifier: MIT
# The cable is pulled, or the power cut, at random instants while the camera is busy: what a host was doing ends soon, the camera
# comes back, and its files are whole. Whatever it does: streaming frames, writing files, being written as a drive, being flashed.
# Usage: test_faults.py [--all] [--seed N] [NAME ...]; --all: ten times as many, and flashing by dfu-util, which takes minutes.
import os
import random
import select
import subprocess
import sys
import tempfile
import threading
import time

from emulated import TOP, Emulated, equal, run, true
from fat12 import Fat12
from protocol_client import Client, Failed, Refused, Tty
from usbip import Drive, Gone, ScsiError, Serial, Usbip

ALL = "--all" in sys.argv
SEED = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else random.randrange(10000)
ENDS_S = 120  # a host's part ends after a fault; mostly at once, but this machine may be busy
APPLICATION, LOADER = "37C5:1204", "37C5:9204"
OMV = TOP + "/build/host/omv"
FIRMWARE = TOP + "/build/OPENMV4/bin/firmware.bin"
FRAMES = """import csi
c = csi.CSI(); c.reset(); c.pixformat(csi.RGB565); c.framesize(csi.QVGA)
while True: c.snapshot()
"""
WRITES = """import random
while True:
    for i in range(6):
        with open('/flash/t%d' % i, 'w') as f: f.write('%04d' % random.randrange(10000) * random.randrange(1, 900))
"""
KEPT = """with open('/flash/kept', 'wb') as f: f.write(bytes(i * 7 & 255 for i in range(3000)))
"""
CHECK = """import os
for n in os.listdir('/flash'):
    if n[0] == 't':
        t = open('/flash/' + n).read()
        assert t == t[:4] * (len(t) // 4), n
assert open('/flash/kept', 'rb').read() == bytes(i * 7 & 255 for i in range(3000)), 'kept'
assert len(open('/flash/README.txt').read()) > 50, 'README'
print('whole')
"""
private = tempfile.TemporaryDirectory()  # dfu-util takes any camera that it sees: it sees this one only
os.environ["XDG_RUNTIME_DIR"] = private.name
os.environ["OMV_TOP"] = TOP
camera = Emulated("faults")
slowest = 0.0


class Terminal(Tty):
    """One that says when it is hung up."""

    def read(self, timeout=0.0):
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        data = os.read(self.fd, 65536)
        if not data:
            raise Gone("hung up")
        return data


def there(what, timeout=120):
    camera.wait("usb-device", lambda d: what in d and "configured" in d, timeout)
    camera.wait("usb-imported", False, timeout)


def terminal(baud):
    there(APPLICATION)
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            return Terminal(camera.path("tty"), baud)
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("no serial port")


def script(text):
    """Runs it by the raw REPL over USB; what it printed."""
    there(APPLICATION)
    usb = Usbip(camera.path("usbip"))
    try:
        port = Serial(usb)
        port.write(b"\r\x03\x03\x02\r\x01")
        port.read_until(b"raw REPL; CTRL-B to exit\r\n>", 120)
        port.write(text.encode() + b"\x04")
        port.read_until(b"OK", 120)
        output, error = port.read_until(b"\x04", 120)[:-1].decode(), port.read_until(b"\x04", 120)[:-1].decode()
        port.write(b"\x02")
        equal(error, "")
        return output.strip()
    finally:
        usb.close()


def ready(drive):
    """Waits until the disk is there for the host: it hears of what changed, and of a medium that isn't ready yet."""
    end = time.monotonic() + 120
    while True:
        try:
            return drive.ready()
        except ScsiError:
            true(time.monotonic() < end, "the disk is not ready")
            time.sleep(0.1)


def files_are_whole():
    equal(script(CHECK), "whole")
    usb = Usbip(camera.path("usbip"))
    try:
        drive = Drive(usb)
        ready(drive)
        volume, owner = Fat12(drive.read), {}
        for at in volume.files():
            for cluster in volume.chain(at):
                true(cluster not in owner and cluster < volume.clusters + 2, "the FAT: cluster %d" % cluster)
                owner[cluster] = at
    finally:
        usb.close()


# ---- What a host does until it fails; each sets `busy` when it is at it ----

def streaming(busy):
    port = terminal(921600)
    try:
        client = Client(port, timeout=5).connect()
        client.exec(FRAMES)
        client.streaming(True)
        while True:
            if client.read_frame():
                busy.set()
    finally:
        port.close()


def writing_files(busy):
    usb = Usbip(camera.path("usbip"))
    port = Serial(usb)
    port.write(b"\r\x03\x03\x01")
    port.read_until(b"raw REPL; CTRL-B to exit\r\n>", 120)
    port.write(WRITES.encode() + b"\x04")
    port.read_until(b"OK", 120)
    busy.set()
    port.read_until(b"\x04", 120)


def writing_the_drive(busy):
    drive = Drive(Usbip(camera.path("usbip")))
    ready(drive)
    volume = Fat12(drive.read, drive.write)
    volume.reclaim()
    busy.set()
    for i in range(1000):
        volume.put("HOST%d.BIN" % (i % 4), bytes([i & 255]) * 2000)


def flashing(busy):
    subprocess.run([OMV, "bootloader", "--name", camera.name, "--timeout", "120"], check=True, stdout=subprocess.DEVNULL)
    busy.set()
    result = subprocess.run([OMV, "exec", "--", "dfu-util", "-d", "," + LOADER, "-a", "2", "-D", FIRMWARE],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if result.returncode:
        raise Gone("dfu-util")


# ---- Faults, and what follows ----

def unplug():
    camera.set("usb-cable", "none")


def cut():
    camera.set("power", False)


def fault(activity, how, delay):
    global slowest
    busy, outcome = threading.Event(), []

    def host():
        try:
            activity(busy)
            outcome.append(None)
        except (OSError, Gone, ScsiError, Failed, Refused) as e:
            outcome.append(e)
        except Exception as e:  # noqa: BLE001
            outcome.append(AssertionError("%s: %s" % (type(e).__name__, e)))

    there(APPLICATION)
    thread = threading.Thread(target=host, daemon=True)
    thread.start()
    true(busy.wait(120), "the host has not begun: %s" % outcome)
    time.sleep(delay)
    how()
    start = time.monotonic()
    thread.join(ENDS_S)
    slowest = max(slowest, time.monotonic() - start)
    ended = not thread.is_alive()
    time.sleep(0.1)
    camera.set("usb-cable", "host")
    camera.set("power", True)
    true(ended, "the host's part has not ended after %d s" % ENDS_S)
    if isinstance(outcome[0], AssertionError):
        raise outcome[0]
    if activity is flashing:
        flash_again()
    files_are_whole()


def flash_again():
    """The old firmware, the new, or the bootloader that stays: the same command succeeds, and the camera starts."""
    camera.wait("usb-device", lambda d: "37C5" in d)
    subprocess.run([OMV, "bootloader", "--name", camera.name, "--timeout", "120"], check=True, stdout=subprocess.DEVNULL)
    result = subprocess.run([OMV, "exec", "--", "dfu-util", "-w", "-d", "," + LOADER, "-a", "2", "--reset", "-D", FIRMWARE],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    true(result.returncode in (0, 251), "dfu-util ended with status %d: %s" % (result.returncode, result.stdout[-200:]))


def tests():
    chance = random.Random(SEED)
    plan = [(streaming, 2.0), (writing_files, 2.0), (writing_the_drive, 0.5)] + ([(flashing, 15.0)] if ALL else [])
    for n in range(10 if ALL else 1):
        for activity, longest in plan:
            for how in (unplug, cut):
                delay = chance.uniform(0, longest)
                name = "%s while %s, after %.2f s" % ("cable pulled" if how == unplug else "power cut", activity.__name__.replace("_", " "), delay)
                yield name, lambda activity=activity, how=how, delay=delay: fault(activity, how, delay)


if __name__ == "__main__":
    names = [a for i, a in enumerate(sys.argv[1:], 1) if not a.startswith("-") and sys.argv[i - 1] != "--seed"]
    script(KEPT)
    good = run([(name, test) for name, test in tests() if not names or any(n in name for n in names)],
               "tests/firmware/test_faults.py %s--seed %d" % ("--all " if ALL else "", SEED))
    print("# seed %d; the slowest end of a host's part: %.1f s" % (SEED, slowest))
    camera.stop()
    sys.exit(0 if good else 1)
