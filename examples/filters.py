# SPDX-License-Identifier: MIT
# Neighbourhood filters: less noise, sharper edges, and an adaptive threshold that follows the light.
import csi
import time

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)

FILTERS = (
    ("median, 3 x 3: no speckles", lambda img: img.median(1)),
    ("bilateral: smooth, edges kept", lambda img: img.bilateral(2, color_sigma=0.1, space_sigma=1)),
    ("laplacian: sharpened", lambda img: img.laplacian(1, sharpen=True)),
    ("adaptive threshold, opened", lambda img: img.mean(7, threshold=True, offset=5).open(1)),
)

for name, apply in FILTERS:
    img = cam.snapshot()
    apply(img)
    print(name)
    img.draw_string((4, 4), name)
    img.flush()
    time.sleep_ms(500)
