# SPDX-License-Identifier: MIT
# Rectangles that may hold objects: regions of little contrast, and what becomes of them when the ones most alike are put together.
import csi

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QQVGA)

img = cam.snapshot()
small = img.copy().gaussian(1)  # less noise, fewer regions
rects = small.selective_search(threshold=500, size=60)
print(len(rects), "rectangles")
for r in rects:
    if 400 < r[2] * r[3] < 8000:
        img.draw_rectangle(r)
img.flush()
