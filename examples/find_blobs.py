# SPDX-License-Identifier: MIT
# Find coloured things in what the camera sees, and draw a box around each.
#
# A threshold is (L min, L max, A min, A max, B min, B max) in the CIE Lab colour space:
# L is lightness, A goes from green to red, B from blue to yellow.

import csi
import time

THRESHOLDS = [
    (45, 95, 8, 60, 15, 70),  # code 1: orange, as petals are
    (5, 45, -45, -14, -25, 6),  # code 2: dark green and teal, as leaves are
]
BOX = {1: (255, 255, 255), 2: (0, 255, 255)}

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)
img = cam.snapshot(time=300)  # let exposure and white balance settle

frames = 0
start = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), start) < 2500:
    blobs = img.find_blobs(THRESHOLDS, pixels_threshold=300, area_threshold=300)
    for blob in blobs:
        img.draw_rectangle(blob.rect, color=BOX[blob.code], thickness=2)
        img.draw_cross((blob.cx, blob.cy), color=BOX[blob.code])
    frames += 1
    if frames == 1:
        for blob in blobs:
            print("blob", blob.rect, "centroid %.2f %.2f" % (blob.cxf, blob.cyf), "pixels", blob.pixels, "code", blob.code)
    img = cam.snapshot()  # the host is shown the frame before, with its boxes

print(frames, "frames,", len(blobs), "blobs in the last one")
