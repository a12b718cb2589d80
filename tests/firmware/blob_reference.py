# SPDX-License-Identifier: MIT
# The blobs that the camera finds in a photograph, against numpy and scipy: the camera's own frame is fetched from its memory, thresholded in
# CIE Lab computed here in floating point, and labelled by scipy.ndimage. Usage: blob_reference.py OMV NAME QMP_SOCKET FOLDER

import json
import re
import socket
import subprocess
import sys

import numpy as np
from scipy import ndimage

OMV, NAME, QMP, FOLDER = sys.argv[1:5]
THRESHOLDS = [(45, 95, 8, 60, 15, 70), (5, 45, -45, -14, -25, 6), (0, 100, 20, 127, -128, 127)]
PIXELS = 60

SCRIPT = """
import csi, uctypes, time
cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)
img = cam.snapshot(frames=5)
cam.sleep(True)
print("ADDRESS", uctypes.addressof(img.bytearray()))
for code, threshold in enumerate(%r):
    for b in img.find_blobs([threshold], x_stride=1, y_stride=1, pixels_threshold=%d, area_threshold=1):
        print("BLOB", code, b.x, b.y, b.w, b.h, b.cxf, b.cyf, b.pixels)
        time.sleep_ms(5)
print("END")
""" % (THRESHOLDS, PIXELS)


class Qmp:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self("qmp_capabilities")

    def __call__(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "return" in answer or "error" in answer:
                return answer


def lab(rgb):
    """CIE Lab (D65) of an array of sRGB values 0..255, rounded to integers."""
    c = rgb / 255.0
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]).T
    xyz /= np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1).round().astype(int)


def main():
    path = FOLDER + "/reference_script.py"
    with open(path, "w") as f:
        f.write(SCRIPT)
    # The script is left running at its end: the frame stays where it is until the next one starts.
    run = subprocess.run([OMV, "run", "--name", NAME, path], capture_output=True, text=True, timeout=600)
    address = re.search(r"ADDRESS (\d+)", run.stdout)
    if not address or "END" not in run.stdout:
        print("FAIL blobs against scipy: the script on the camera failed: %r %r [rerun: tests/firmware/run.sh]" % (run.stdout[-300:], run.stderr[-300:]))
        return
    dump = FOLDER + "/frame.rgb565"
    answer = Qmp(QMP)("pmemsave", val=int(address[1]), size=320 * 240 * 2, filename=dump)
    if "error" in answer:
        print("FAIL blobs against scipy: pmemsave: %s [rerun: tests/firmware/run.sh]" % answer["error"]["desc"])
        return
    raw = np.fromfile(dump, dtype="<u2").reshape(240, 320).astype(int)
    r, g, b = raw >> 11, raw >> 5 & 63, raw & 31
    pixels = lab(np.stack([r << 3 | r >> 2, g << 2 | g >> 4, b << 3 | b >> 2], axis=-1).astype(float))

    found = {code: [] for code in range(len(THRESHOLDS))}
    for m in re.finditer(r"BLOB (\d+) (\d+) (\d+) (\d+) (\d+) (\S+) (\S+) (\d+)", run.stdout):
        found[int(m[1])].append((int(m[2]), int(m[3]), int(m[4]), int(m[5]), float(m[6]), float(m[7]), int(m[8])))
    for code, (l0, l1, a0, a1, b0, b1) in enumerate(THRESHOLDS):
        low, high = np.array([l0, a0, b0]), np.array([l1, a1, b1])
        labels, _ = ndimage.label(((pixels >= low) & (pixels <= high)).all(axis=-1))
        wanted = []
        for i, box in enumerate(ndimage.find_objects(labels), 1):
            ys, xs = np.nonzero(labels == i) if box else ([], [])
            if len(xs) >= PIXELS:
                wanted.append((xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1, xs.mean(), ys.mean(), len(xs)))
        key = lambda blob: (blob[1], blob[0], blob[6])
        wanted.sort(key=key)
        found[code].sort(key=key)
        good = len(wanted) == len(found[code]) > 0 and all(
            w[:4] == tuple(f[:4]) and abs(w[4] - f[4]) <= 1 and abs(w[5] - f[5]) <= 1 and abs(w[6] - f[6]) <= 0.01 * w[6]
            for w, f in zip(wanted, found[code])
        )
        if good:
            worst = max(max(abs(w[4] - f[4]), abs(w[5] - f[5])) for w, f in zip(wanted, found[code]))
            print("PASS blobs against scipy, threshold %d: %d blobs, centroids within %.3f px" % (code + 1, len(wanted), worst))
        else:
            print("FAIL blobs against scipy, threshold %d: expected %s, got %s [rerun: tests/firmware/run.sh]" % (code + 1, wanted[:6], found[code][:6]))


main()
