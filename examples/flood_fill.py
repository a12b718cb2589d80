# SPDX-License-Identifier: MIT
# Flood fill: everything like the pixel in the middle, as far as it hangs together, is painted.
import csi

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)

for i in range(10):
    img = cam.snapshot()
    x, y = img.width() // 2, img.height() // 2
    # seed_threshold: how far any pixel may be from the first one; floating_threshold: from its neighbour
    img.flood_fill((x, y), seed_threshold=0.2, floating_threshold=0.05, color=(255, 0, 0))
    img.draw_cross((x, y))
    img.flush()
print("painted around", (x, y))
