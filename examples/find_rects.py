# SPDX-License-Identifier: MIT
# Rectangles, also those seen from the side: a sheet of paper, a sign, a screen. Drawn over what the camera sees.
import csi

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)

img = cam.snapshot(time=300)
rects = img.find_rects(threshold=5000)
for rect in rects:
    img.draw_edges(rect.corners, color=255, thickness=2)
    print("corners", rect.corners, "magnitude", rect.magnitude)
print(len(rects), "rectangles")
img.flush()
