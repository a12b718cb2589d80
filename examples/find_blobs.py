# SPDX-License-Identifier: MIT
# Find red and yellow things in what the camera sees, and draw a box around each.
#
# A threshold is (L min, L max, A min, A max, B min, B max) in the CIE Lab colour space:
# L is lightness, A goes from green to red, B from blue to yellow.

import csi
import time

THRESHOLDS = [
    (20, 80, 40, 127, 0, 80),  # code 1: red petals
    (55, 100, -15, 35, 45, 127),  # code 2: yellow
]

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)
cam.snapshot(time=300)  # let exposure and white balance settle

clock = time.clock()
for frame in range(8):
    clock.tick()
    img = cam.snapshot()
    blobs = img.find_blobs(THRESHOLDS, pixels_threshold=60, area_threshold=60, x_stride=1, y_stride=1)
    for blob in blobs:
        img.draw_rectangle(blob.rect, color=(255, 255, 255))
        img.draw_cross((blob.cx, blob.cy), color=(0, 255, 255))
        print("frame", frame, "blob", blob.rect, "centroid %.2f %.2f" % (blob.cxf, blob.cyf), "pixels", blob.pixels, "code", blob.code)
    img.flush()
    print("frame", frame, ":", len(blobs), "blobs")
