# SPDX-License-Identifier: MIT
# Edges two ways: Canny's thin ones, and whatever stands out of its neighbourhood.
import csi
import image
import time

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)

for name, kind, threshold in (("Canny", image.EDGE_CANNY, (60, 120)), ("simple", image.EDGE_SIMPLE, (60, 255))):
    img = cam.snapshot(time=300)
    img.find_edges(kind, threshold=threshold)
    print(name)
    img.flush()
    time.sleep_ms(500)
