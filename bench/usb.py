# SPDX-License-Identifier: MIT
# The emulated camera's USB: what a 1.6 MB download by dfu-util costs beside the least possible, and what a streamed frame costs.
# Usage: usb.py FOLDER: writes FOLDER/usb.txt (operation|what|count|least possible): what doesn't depend on how fast this machine is.
# The rest is printed: dfu-util asks for the status until an erase is over, and a client for a frame until there is one.
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "firmware"))
import emulated  # noqa: E402
import protocol_client  # noqa: E402

OUT = sys.argv[1]
private = tempfile.TemporaryDirectory()  # dfu-util takes any camera that it sees: it sees this one only
os.environ["XDG_RUNTIME_DIR"] = private.name
SIZE, BLOCK, PACKET = 1600000, 4096, 64  # the image; wTransferSize; bMaxPacketSize0
FRAMES = 60
HEADER = 32  # of a frame: what no protocol could leave out
SCRIPT = """
import csi
camera = csi.CSI()
camera.reset()
camera.pixformat(csi.RGB565)
camera.framesize(csi.QVGA)
while True:
    camera.snapshot()
"""


def counters(camera):
    return json.loads(camera.get("usb-counters"))


def since(camera, before):
    return {name: value - before[name] for name, value in counters(camera).items()}


def large_image():
    """The firmware, filled up with bytes that aren't 0xFF, with a header of its own."""
    image = bytearray(open(emulated.TOP + "/build/OPENMV4/bin/firmware.bin", "rb").read())
    at = next(i for i in range(0, BLOCK, 256) if image[i:i + 4] == b"OMVI")
    image[at + 48:at + 64] = bytes(16)  # length, CRC, reserved, CRC of the header: mkimage's
    image += bytes((i * 31 + 7) & 0xFF for i in range(SIZE - len(image)))
    path = OUT + "/large.bin"
    open(path, "wb").write(image)
    subprocess.run([emulated.TOP + "/build/host/mkimage", path], check=True)
    return path


def least():
    """Control requests and transactions that DFU 1.1 can't do without: each block, and the empty one at the end, with one GETSTATUS."""
    requests = transactions = 0
    for offset in list(range(0, SIZE, BLOCK)) + [SIZE]:
        requests += 2
        transactions += 2 + (min(BLOCK, SIZE - offset) + PACKET - 1) // PACKET + 3  # SETUP, data, status; SETUP, data, status
    return requests, transactions


def run(camera, *command):
    start, clock = time.monotonic(), camera.get("time")
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode not in (0, 251):  # 251: dfu-util, of a device that left at its reset
        sys.exit("%s ended with status %d:\n%s" % (" ".join(command), result.returncode, result.stdout))
    return time.monotonic() - start, (camera.get("time") - clock) / 1e6


def download(rows):
    camera = emulated.Emulated("bench-usb")
    omv = emulated.TOP + "/omv"
    image = large_image()
    subprocess.run([omv, "bootloader", "--name", camera.name, "--timeout", "60"], check=True, stdout=subprocess.DEVNULL)
    before = counters(camera)
    wall, virtual = run(camera, omv, "exec", "--", "dfu-util", "-w", "-d", ",37C5:9204", "-a", "2", "-D", image)
    n = since(camera, before)
    requests, transactions = least()
    done = n["transactions"] - n["naks"]
    rows.append(("dfu_1600000", "transactions without NAK", done, transactions))
    moved = n["bytes_in"] + n["bytes_out"] + 8 * n["requests"]
    print("DFU of %d bytes by dfu-util: %.1f s here, %.1f s emulated; %d control requests, the least is %d; %d NAKs" %
          (SIZE, wall, virtual, n["requests"], requests, n["naks"]))
    print("  the image is %.2f %% of the %d bytes in SETUP and data packets" % (100 * SIZE / moved, moved))
    wall, virtual = run(camera, omv, "flash", "--name", camera.name, image)
    print("omv flash of the same, read back too: %.1f s here, %.1f s emulated" % (wall, virtual))
    camera.stop()


def stream(rows):
    camera = emulated.Emulated("bench-stream")
    client = protocol_client.Client(protocol_client.Tty(camera.path("tty")), events=False, timeout=10).connect()
    client.exec(SCRIPT)
    client.streaming(True)

    def frame():
        while True:
            got = client.read_frame()
            if got:
                return got

    for _ in range(10):
        frame()
    before, start, clock = counters(camera), time.monotonic(), camera.get("time")
    sizes = [len(frame()[3]) for _ in range(FRAMES)]
    n, wall, virtual = since(camera, before), time.monotonic() - start, (camera.get("time") - clock) / 1e6
    print("QVGA JPEG stream, %d frames: %.1f a second here, %.1f a second emulated, %.2f million instructions or idle slots each" %
          (FRAMES, FRAMES / wall, FRAMES / virtual, virtual / FRAMES / 2e-9 / 1e6))
    print("  a JPEG of %d bytes on average; %.0f bytes on USB for each, %d NAKs" %
          (sum(sizes) / FRAMES, (n["bytes_in"] + n["bytes_out"]) / FRAMES, n["naks"] / FRAMES))
    # One frame by itself: it waits for us, and nothing else is on the wire.
    time.sleep(1)
    before = counters(camera)
    got = client.read_frame()
    n = since(camera, before)
    rows.append(("frame_qvga_jpeg", "bytes beside the JPEG", n["bytes_in"] + n["bytes_out"] - len(got[3]), HEADER))
    client.stop()
    client.port.close()
    camera.stop()


rows = []
download(rows)
stream(rows)
with open(OUT + "/usb.txt", "w") as f:
    for row in rows:
        f.write("%s|%s|%d|%d\n" % row)
