# SPDX-License-Identifier: MIT
# Straighten what the camera sees from aslant: lens distortion, a turn about three axes, or four corners that become the whole picture.

import csi
import image
import time

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)
cam.snapshot(time=300)  # let exposure and white balance settle

CORNERS = [(60, 30), (280, 50), (300, 220), (30, 200)]  # of the sheet, clockwise from the upper left

for name, correct in (
    ("as it comes", lambda img: img),
    ("lens corrected", lambda img: img.lens_corr(1.8)),
    ("turned", lambda img: img.rotation_corr(x_rotation=20, z_rotation=10, zoom=0.9)),
    ("the sheet", lambda img: img.rotation_corr(corners=CORNERS)),
    ("mirrored", lambda img: img.replace(img, hint=image.HMIRROR)),
    ("half the size", lambda img: img.scale(x_scale=0.5, hint=image.AREA)),
):
    start = time.ticks_us()
    img = correct(cam.snapshot())
    print("%-15s %d x %d" % (name, img.width(), img.height()), time.ticks_diff(time.ticks_us(), start) // 1000, "ms")
    img.draw_string((4, 4), name)
    img.flush()
    time.sleep_ms(300)
