# SPDX-License-Identifier: MIT
# Circles in what the camera sees, drawn over it. Narrow limits of the radius make it fast.
import csi

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)

img = cam.snapshot(time=300)
circles = img.find_circles(threshold=3500, r_min=8, r_max=40, x_margin=15, y_margin=15, r_margin=15)
for circle in circles:
    img.draw_circle(circle, color=255, thickness=2)
    print("centre (%d, %d) radius %d magnitude %d" % circle[:4])
img.flush()
