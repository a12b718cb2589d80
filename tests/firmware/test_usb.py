# SPDX-License-Identifier: MIT
# The camera as a USB device, as a host sees it: descriptors, the serial port as a REPL, the drive, cables that are pulled.
# Usage: test_usb.py [--all] [NAME ...]; --all: 1000 plug cycles.
import json
import socket
import struct
import sys
import threading
import time

from emulated import Emulated, equal, run, true
from fat12 import Fat12
from usbip import Drive, Gone, ScsiError, Serial, Stall, Usbip

PROMPT = b">>> "
ALL = "--all" in sys.argv
camera = Emulated("usb")
usb = None


def attach(**options):
    """The serial port of a camera that has just been plugged in, at its prompt."""
    global usb
    if usb:
        usb.close()
    camera.wait("usb-device", lambda d: "37C5:1204" in d and "configured" in d)
    camera.wait("usb-imported", False)
    usb = Usbip(camera.path("usbip"))
    return prompt(Serial(usb, **options))


def prompt(port):
    """Stops whatever runs; the next thing the port says is the answer to the next thing it is told."""
    prompt.count = getattr(prompt, "count", 0) + 1
    port.write(b"\r\x03\x02\rprint('at', 'prompt', %d)\r" % prompt.count)
    port.read_until(b"at prompt %d\r\n>>> " % prompt.count, 60)
    return port


def ask(port, line, timeout=60):
    """What the REPL says to a line."""
    port.write(line.encode() + b"\r")
    answer = port.read_until(PROMPT, timeout).decode()
    return answer[answer.index("\n") + 1:-len(PROMPT)].replace("\r", "")


def run_raw(port, script, timeout=60):
    """Raw REPL: (output, error)."""
    port.write(b"\x01")
    port.read_until(b"raw REPL; CTRL-B to exit\r\n>")
    port.write(script.encode() + b"\x04")
    port.read_until(b"OK", timeout)
    output = port.read_until(b"\x04", timeout)[:-1].decode()
    error = port.read_until(b"\x04", timeout)[:-1].decode()
    port.write(b"\x02")
    port.read_until(PROMPT)
    return output.replace("\r", ""), error


# ---- What it says it is ----

def descriptors():
    attach()
    device = usb.control(0x80, 6, 0x0100, 0, length=18)
    equal(device, bytes.fromhex("12010002ef020140c537041200050102") + b"\x03\x01")
    configuration = usb.control(0x80, 6, 0x0200, 0, length=255)
    equal(struct.unpack("<HBBBBB", configuration[2:9]), (len(configuration), 3, 1, 0, 0x80, 250))
    interfaces, at = [], 0
    while at < len(configuration):
        if configuration[at + 1] == 4:
            interfaces.append(tuple(configuration[at + 4:at + 8]))
        at += configuration[at]
    equal(interfaces, [(1, 2, 2, 0), (2, 10, 0, 0), (2, 8, 6, 80)])
    text = [usb.control(0x80, 6, 0x0300 | i, 0x0409, length=255)[2:].decode("utf-16-le") for i in (1, 2, 3)]
    equal(text[:2], ["OpenMV", "OpenMV Camera"])
    uid = struct.unpack("<3I", bytes.fromhex(ask(attach(), "import machine;print(machine.unique_id().hex())").strip()))
    equal(text[2], "%08X%08X%08X" % uid[::-1])


def refuses_nonsense():
    attach()
    for request in ((0x80, 6, 0x0309, 0), (0x80, 6, 0x2200, 0), (0xC0, 1, 0, 0), (0x21, 0x77, 0, 0), (0x00, 5, 99, 0), (0x80, 5, 99, 0)):
        try:
            usb.control(*request, length=64 if request[0] & 0x80 else 0)
            raise AssertionError("request %r is taken" % (request,))
        except Stall:
            pass
    equal(len(usb.control(0x80, 6, 0x0100, 0, length=18)), 18)


# ---- The REPL ----

def repl():
    equal(ask(attach(), "6*7"), "42\n")


def stops_a_busy_loop():
    port = attach()
    port.write(b"exec('print(20 + 3, 4)\\nwhile True: pass')\r")
    port.read_until(b"\n23 4\r\n")
    port.write(b"\x03")
    true(b"KeyboardInterrupt" in port.read_until(PROMPT), "no KeyboardInterrupt")


def long_paste():
    port = attach()
    lines = ["x = %d  # %s" % (i, "a comment as long as a line of a program usually is" * (i % 2)) for i in range(600)]
    text = "\r".join(lines).encode()
    port.write(b"\x05")
    port.read_until(b"=== ")
    sender = threading.Thread(target=lambda: port.write(text, timeout=60))
    sender.start()
    echo = port.read_until(lines[-1].encode(), 60).replace(b"\r\n=== ", b"\r")
    sender.join()
    equal(len(echo), len(text))
    port.write(b"\x04")
    port.read_until(PROMPT)
    equal(ask(port, "x"), "599\n")


def input_waits_for_a_busy_script():
    """More than all buffers hold, sent while nobody reads it: the host waits, and nothing is lost."""
    port = attach()
    port.write(b"import sys,time;time.sleep(2);t=sys.stdin.readline();len(t)\r")
    text = b"0123456789" * 700 + b"\n"
    sender = threading.Thread(target=lambda: port.write(text, timeout=60))
    sender.start()
    answer = port.read_until(PROMPT, 60)
    sender.join()
    true(b"7001" in answer, "got %r" % answer[-100:])


def raw_repl():
    port = attach()
    script = "\n".join("v%d = %d" % (i % 50, i) for i in range(1500)) + "\nprint(v49)\n"
    equal(run_raw(port, script), ("1499\n", ""))
    output, error = run_raw(port, "raise ValueError('wrong')")
    true("ValueError: wrong" in error, error)


def raw_paste():
    port = attach()
    port.write(b"\x01")
    port.read_until(b"\r\n>")
    port.write(b"\x05A\x01")
    port.read_until(b"R\x01")
    window = 0
    data = b""
    while len(data) < 2:
        data += port.read(1)
    step = struct.unpack("<H", data[:2])[0]
    window, data = step, data[2:]
    script = ("a = []\n" + "a.append(1)  # and some text to make it longer\n" * 500 + "print(len(a))\n").encode()
    end = time.monotonic() + 120
    while script:
        data += port.read(0.5 if window == 0 else 0)
        while data[:1] == b"\x01":
            window, data = window + step, data[1:]
        true(not data, "the camera ended the paste: %r" % data)
        port.write(script[:window])
        window, script = window - len(script[:window]), script[window:]
        true(time.monotonic() < end, "no window for %d bytes: %r" % (len(script), data))
    port.write(b"\x04")
    answer = port.read_until(b"\x04>", 60)
    true(b"500\r\n" in answer, "got %r" % answer)
    port.write(b"\x02")


def complete_output():
    port = attach()
    port.write(b"for i in range(4000): print('line', i, 'of four thousand')\r\r")
    want = b"".join(b"line %d of four thousand\r\n" % i for i in range(4000))
    got = port.read_until(b"3999 of four thousand\r\n", 60)
    equal(got[got.index(b"line 0"):], want)
    port.read_until(PROMPT)


def frames():
    return json.loads(camera.get("usb-counters"))["frames"]


def a_host_that_never_reads():
    port = attach()
    port.write(b"import time\rt=time.ticks_ms()\rfor i in range(20000): print('line', i)\r\rt=time.ticks_diff(time.ticks_ms(), t)\r")
    if port.pending:
        usb.unlink(port.pending)
        port.pending = None
    camera.sleep(6000)
    got = port.read_until(b"line 19999\r\n")  # its end is never dropped
    true(b"line 10000\r" not in got, "nothing was dropped: the script waited for the host")
    for _ in range(2):  # before and after the last line
        port.read_until(PROMPT)
    true(int(ask(port, "t")) < 5000, "it took %s ms" % ask(port, "t"))


def a_slow_host_of_a_fast_camera():
    """A camera whose time doesn't wait for this machine's: a packet every 100 ms, and nothing is lost."""
    fast = Emulated("usb-fast", ["--fast"])
    fast.wait("usb-device", lambda d: "37C5:1204" in d and "configured" in d)
    host = Usbip(fast.path("usbip"))
    port = prompt(Serial(host))
    port.write(b"for i in range(300): print('line', i, 'of 300')\r\r")
    got, end = b"", time.monotonic() + 120
    while b"line 299 of 300\r\n" not in got and time.monotonic() < end:
        got += host.transfer(Serial.IN, length=64)
        time.sleep(0.1)
    host.close()
    fast.stop()
    equal([i for i in range(300) if b"\nline %d of 300\r\n" % i not in got], [])


def ctrl_c_without_reading():
    port = attach()
    port.write(b"while True: print('flood')\r\r")
    camera.sleep(3000)
    port.write(b"\x03")
    port.read_until(b"KeyboardInterrupt")
    prompt(port)


def a_closed_port_costs_nothing():
    port = attach()
    port.write(b"import time\rt=time.ticks_ms()\rfor i in range(2000): print('x' * 50)\r\rt=time.ticks_diff(time.ticks_ms(), t)\r")
    port.modem(False)
    camera.sleep(3000)
    port.modem(True)
    prompt(port)
    true(int(ask(port, "t")) < 3000, "it took %s ms" % ask(port, "t"))


def soft_reset():
    port = attach()
    resets = json.loads(camera.get("usb-counters"))["resets"]
    port.write(b"\x04")
    true(b"soft reboot" in port.read_until(b"MicroPython v"), "no banner")
    port.read_until(PROMPT)
    equal(json.loads(camera.get("usb-counters"))["resets"], resets)
    equal(ask(port, "1"), "1\n")


# ---- Cables ----

COUNTER = "import machine\nn = 0\ndef count(_):\n global n\n n += 1\nt = machine.Timer(-1, period=10, callback=count)\n"


def unplugged_in_the_middle():
    port = attach()
    run_raw(port, COUNTER)
    before = int(ask(port, "n"))
    port.write(b"while True: print('flood')\r\r")
    port.read(1)
    camera.set("usb-cable", "none")
    camera.wait("usb-device", "")
    try:
        port.read(5)
        while True:
            port.write(b"x")
    except Gone:
        pass
    camera.sleep(500)
    camera.set("usb-cable", "host")
    camera.wait("usb-device", lambda d: "configured" in d)
    port = attach()
    true(int(ask(port, "n")) > before, "the script did not go on")
    ask(port, "t.deinit()")


def charger_only():
    camera.set("usb-cable", "power")
    camera.wait("usb-device", "")
    camera.sleep(300)
    camera.set("usb-cable", "host")
    camera.wait("usb-device", lambda d: "configured" in d)
    equal(ask(attach(), "2+2"), "4\n")


def suspended():
    port = attach()
    run_raw(port, COUNTER)
    before = int(ask(port, "n"))
    camera.set("usb-suspend", True)
    camera.sleep(2000)
    camera.set("usb-suspend", False)
    camera.wait("usb-suspend", False)
    true(int(ask(port, "n")) > before + 10, "the script stood still")
    ask(port, "t.deinit()")


def plug_cycles():
    global usb
    if usb:
        usb.close()
        usb = None
    cycles = 1000 if ALL else 40
    for cycle in range(cycles):
        camera.set("usb-cable", "none")
        camera.wait("usb-device", "")
        camera.set("usb-cable", "host")
        if cycle % 3 == 0:
            time.sleep(0.003 * (cycle % 20))  # pulled in the middle of the enumeration
        else:
            camera.wait("usb-device", lambda d: "configured" in d)
    camera.wait("usb-device", lambda d: "configured" in d)
    equal(ask(attach(), "3+3"), "6\n")


def flash_is_busy():
    """The bank that is being erased has BSY set for a second; a word takes 0.1 ms."""
    for _ in range(5):
        said = camera.qmp("human-monitor-command", **{"command-line": "xp /1xw 0x52002010"}) + camera.qmp(
            "human-monitor-command", **{"command-line": "xp /1xw 0x52002110"})
        if not any(int(line.split()[-1], 16) & 1 for line in said.splitlines() if ":" in line):
            return False
        time.sleep(0.002)
    return True


def plugged_in_while_it_erases():
    """Nothing of the firmware runs for a second. The host finds it all the same, and doesn't give it up."""
    port = attach()
    port.write(b"\x01")
    port.read_until(b"raw REPL; CTRL-B to exit\r\n>")
    port.write(b"import os,machine\nf=machine.Flash()\nn=0\nwhile True:\n f.writeblocks(160+n%40,os.urandom(512))\n n+=1\n\x04")
    port.read_until(b"OK")
    slowest = 0
    for after_ms in (range(0, 1000, 25) if ALL else (100, 400, 700)):
        camera.set("usb-cable", "none")
        end = time.monotonic() + 120
        while flash_is_busy():
            true(time.monotonic() < end, "it erases for ever")
        while not flash_is_busy():
            true(time.monotonic() < end, "it doesn't erase")
            time.sleep(0.02)
        start = camera.get("time")
        while camera.get("time") < start + after_ms * 1000:
            time.sleep(0.005)
        start = last = camera.get("time")
        late = 0  # the longest that this program had no time to look
        camera.set("usb-cable", "host")
        while "configured" not in camera.get("usb-device"):
            true(time.monotonic() < end, "the host doesn't find it")
            time.sleep(0.02)
            now = camera.get("time")
            late, last = max(late, now - last), now
        slowest = max(slowest, camera.get("time") - start - late)
    true(slowest < 4000000, "the host found it %.1f s after the plug" % (slowest / 1e6))
    prompt(attach())


def hard_reset():
    port = attach()
    port.write(b"import machine;machine.reset()\r")
    end = time.monotonic() + 60
    try:
        while time.monotonic() < end:
            port.read(1)
            time.sleep(0.01)
        raise AssertionError("the camera stays")
    except Gone:
        pass
    camera.wait("usb-device", lambda d: "37C5:1204" in d and "configured" in d)
    equal(ask(attach(), "4+4"), "8\n")


# ---- The drive ----

def drive():
    """The drive of a camera whose serial port stays usable beside it."""
    port = attach()
    d = Drive(usb)
    end = time.monotonic() + 60
    while True:
        try:
            d.ready()
            return port, d
        except ScsiError as e:
            true(time.monotonic() < end, "the drive is not ready: %s" % e)


def sense_of(function, *arguments):
    try:
        function(*arguments)
    except ScsiError as e:
        return "%x/%02x/%02x" % e.sense
    return "ok"


def drive_reads():
    port, d = drive()
    equal(d.capacity(), (208, 512))
    equal(d.write_protected(), False)
    answer = d.command(bytes([0x12, 0, 0, 0, 36, 0]), 36)
    equal((answer[0], answer[1] & 0x80, answer[8:16]), (0, 0x80, b"OpenMV  "))
    equal(Fat12(d.read).content("README.txt"), ask(port, "print(open('/flash/README.txt').read(),end='')").encode())


def drive_writes():
    port, d = drive()
    text = b"".join(b"value%d = %d\n" % (i, i) for i in range(100))
    Fat12(d.read, d.write).put("HOST.PY", text)
    equal(ask(port, "import host;host.value99"), "99\n")
    equal(ask(port, "len(open('/flash/host.py').read())"), "%d\n" % len(text))
    Fat12(d.read, d.write).put("HOST2.TXT", b"second")
    equal(ask(port, "open('/flash/HOST2.TXT').read()"), "'second'\n")
    equal(Fat12(d.read).content("HOST.PY"), text)


def the_host_hears_of_changes():
    port, d = drive()
    d.read(0)
    ask(port, "f=open('/flash/cam.txt','w');f.write('camera');f.close()")
    equal(sense_of(d.write, 207, bytes(512)), "6/28/00")
    equal(sense_of(d.ready), "ok")
    equal(Fat12(d.read).content("CAM.TXT"), b"camera")
    ask(port, "f=open('/flash/cam.txt','w');f.write('again');f.close()")
    end = time.monotonic() + 120
    while sense_of(d.ready) == "ok" and time.monotonic() < end:
        time.sleep(0.1)
    true(time.monotonic() < end, "no unit attention")
    equal(Fat12(d.read).content("CAM.TXT"), b"again")


def protected_while_a_file_is_open():
    port, d = drive()
    ask(port, "f=open('/flash/log.txt','w')")
    equal(d.write_protected(), True)
    equal(sense_of(d.write, 207, bytes(512)), "7/27/00")
    ask(port, "f.write('x'*3000);f.flush()")
    equal(sense_of(d.write, 207, bytes(512)), "7/27/00")
    d.read(0)
    ask(port, "f.close()")
    equal(sense_of(d.write, 207, bytes(512)), "6/28/00")
    equal(sense_of(d.write, 207, d.read(207)), "ok")
    # A file that is only read doesn't keep the host out; one that a soft reset closes doesn't either.
    camera.sleep(1200)
    ask(port, "f=open('/flash/log.txt')")
    equal(sense_of(d.write, 207, d.read(207)), "ok")
    true("Error" in ask(port, "f.read()"), "a file of an old disk is still read")
    ask(port, "f=open('/flash/lost.txt','w')")
    equal(d.write_protected(), True)
    port.write(b"\x04")
    port.read_until(PROMPT)
    equal(d.write_protected(), False)


def the_camera_waits_for_the_host():
    port, d = drive()
    block = d.read(207)

    def try_to_write(done, said, times):
        def keep_writing():
            while not done.is_set():
                said.append(sense_of(d.write, 207, block))
                times.append(time.monotonic())
                time.sleep(0.05)

        writer = threading.Thread(target=keep_writing)
        writer.start()
        try:
            while "ok" not in said:
                time.sleep(0.02)
            return ask(port, "open('/flash/cam.txt','w')")
        finally:
            done.set()
            writer.join()

    for _ in range(10):  # a host that is quiet for a second is waited for no longer: once more when this one had no time to write
        said, times = [], []
        answer = try_to_write(threading.Event(), said, times)
        if "OSError" in answer or max(b - a for a, b in zip(times, times[1:])) < 0.8:
            break
    true("OSError" in answer, "the camera writes beside the host: %r, who heard %r" % (answer, said))
    equal(ask(port, "f=open('/flash/cam.txt','w');f.write('1');f.close()", 60), "1\n")


def a_reset_while_the_host_writes():
    """The disk that can't be mounted for a while is waited for, never formatted."""
    port, d = drive()
    block = d.read(207)
    sense_of(d.write, 207, block)
    port.write(b"\x04")
    end = frames() + 5000
    while frames() < end:
        sense_of(d.write, 207, block)
    port.read_until(PROMPT, 60)
    true("cam.txt" in ask(prompt(port), "import os;os.listdir('/flash')"), "the files are gone")


def many_volumes():
    """The host's rules know a few file systems on the disk; those that nobody uses any more make room."""
    port = attach()
    run_raw(port, "import vfs,machine\nfor i in range(20): vfs.VfsFat(machine.Flash())\n")
    equal(ask(port, "vfs.VfsFat(machine.Flash()).stat('main.py')[0]"), "32768\n")


def ejects():
    port, d = drive()
    d.eject()
    equal(sense_of(d.ready), "2/3a/00")
    equal(sense_of(d.read, 0), "2/3a/00")
    equal(sense_of(d.write, 207, bytes(512)), "2/3a/00")
    equal(ask(port, "f=open('/flash/ej.txt','w');f.write('1');f.close()"), "1\n")
    d.eject(load=True)
    equal(sense_of(d.ready), "ok")
    equal(Fat12(d.read).content("EJ.TXT"), b"1")
    d.eject()
    camera.set("usb-cable", "none")
    camera.wait("usb-device", "")
    camera.set("usb-cable", "host")
    port, d = drive()
    equal(sense_of(d.ready), "ok")


def drive_refuses():
    port, d = drive()
    equal(sense_of(d.read, 208), "5/21/00")
    equal(sense_of(d.read, 207, 2), "5/21/00")
    equal(sense_of(d.read, 0xFFFFFFFF), "5/21/00")
    equal(sense_of(d.write, 208, bytes(512)), "5/21/00")
    equal(sense_of(d.command, bytes([0xC0]) + bytes(9)), "5/20/00")
    equal(sense_of(d.command, struct.pack(">BBIBHB", 0x28, 0, 0, 0, 1, 0), 100), "5/24/00")
    equal(sense_of(d.command, bytes([0x35]) + bytes(9)), "ok")
    # A command that is none: both endpoints stall until the reset recovery (bulk only transport 5.3.4).
    usb.transfer(Drive.OUT, b"nonsense")
    try:
        usb.transfer(Drive.IN, length=13)
        raise AssertionError("nonsense is answered")
    except Stall:
        pass
    usb.control(0x21, 0xFF, 0, 2)
    d.clear_halt(Drive.IN)
    d.clear_halt(Drive.OUT)
    equal(sense_of(d.ready), "ok")


def unplugged_while_writing():
    port, d = drive()
    for round in range(3):
        volume = Fat12(d.read, d.write)
        cut = threading.Timer(0.02 * round + 0.01, lambda: camera.set("usb-cable", "none"))
        cut.start()
        try:
            for i in range(100):
                volume.put("CUT%d.TXT" % i, b"%d" % i * 700)
        except (Gone, ScsiError):
            pass
        cut.join()
        camera.wait("usb-device", "")
        camera.set("usb-cable", "host")
        port, d = drive()
        true("main.py" in ask(port, "import os;os.listdir('/flash')"), "the disk is gone")
        equal(ask(port, "f=open('/flash/alive.txt','w');f.write('1');f.close()"), "1\n")


def power_cut_while_writing():
    """Each block is the old one or the new one, and everything the drive has confirmed is there."""
    global usb
    port, d = drive()
    confirmed = {}
    for round in range(3):
        cut = threading.Timer(0.3 + 0.2 * round, lambda: camera.set("power", False))
        cut.start()
        going = {}
        try:
            for i in range(2000):
                block, data = 150 + i % 40, struct.pack("<II", round, i) * 64
                going = {block: data}
                d.write(block, data)
                confirmed[block] = data
        except (Gone, OSError, ScsiError):
            pass
        cut.join()
        usb.close()
        usb = None
        time.sleep(0.2)
        camera.set("power", True)
        port, d = drive()
        for block, data in confirmed.items():
            got = d.read(block)
            true(got == data or got == going.get(block), "block %d has neither its old nor its new content" % block)
            confirmed[block] = got
    true("main.py" in ask(port, "import os;os.listdir('/flash')"), "the file system is gone")


def pins_of_an_idle_console():
    """Nobody types on the console's UART: a script may have it, and the REPL goes on by USB; a soft reset gives it back."""
    camera.qmp("system_reset")
    port = attach()
    equal(ask(port, "from machine import UART;u=UART(3,9600);u.write(b'x')"), "1\n")
    equal(ask(port, "5+5"), "10\n")
    port.write(b"\x04")
    port.read_until(PROMPT)
    console = socket.socket(socket.AF_UNIX)
    console.settimeout(120)
    console.connect(camera.path("console"))
    console.sendall(b"\r6+6\r")
    said = b""
    while b"12\r\n" not in said:
        said += console.recv(1000)
    console.close()
    port.read_until(b"12\r\n" + PROMPT)  # two wires, one REPL
    answer = ask(port, "from machine import UART;UART(3)")
    true("the console is in use there" in answer, answer)


def serial_and_drive_together():
    port, d = drive()
    port.write(b"for i in range(3000): print('line', i)\r\r")
    image = [d.read(i, 8) for i in range(0, 208, 8)]
    got = port.read_until(b"line 2999\r\n", 60)
    equal(got.count(b"\r\nline "), 3000)
    equal([d.read(i, 8) for i in range(0, 208, 8)], image)


TESTS = [descriptors, refuses_nonsense, repl, stops_a_busy_loop, long_paste, input_waits_for_a_busy_script, raw_repl, raw_paste,
         complete_output, a_host_that_never_reads, a_slow_host_of_a_fast_camera, ctrl_c_without_reading, a_closed_port_costs_nothing,
         soft_reset,
         unplugged_in_the_middle, charger_only, suspended, plug_cycles, plugged_in_while_it_erases, hard_reset,
         drive_reads, drive_writes, the_host_hears_of_changes, protected_while_a_file_is_open, the_camera_waits_for_the_host, a_reset_while_the_host_writes, many_volumes, ejects,
         drive_refuses, unplugged_while_writing, power_cut_while_writing, pins_of_an_idle_console, serial_and_drive_together]

if __name__ == "__main__":
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    chosen = [(f.__name__.replace("_", " "), f) for f in TESTS if not names or f.__name__ in names]
    good = run(chosen, "tests/firmware/run.sh usb")
    camera.stop()
    sys.exit(0 if good else 1)
