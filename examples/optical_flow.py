# SPDX-License-Identifier: MIT
# Optical flow: how far the picture has moved since the one before, to parts of a pixel.
import csi

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)

ROI = (128, 88, 64, 64)  # sides that are powers of two need the least memory and time
before = cam.snapshot().copy()

for i in range(10):
    img = cam.snapshot()
    d = img.find_displacement(before, roi=ROI, template_roi=ROI)
    if d.response > 0.1:  # below it is probably noise
        print("moved by %.1f, %.1f" % (d.x_translation, d.y_translation))
    before = img.copy()
