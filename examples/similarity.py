# SPDX-License-Identifier: MIT
# Tells whether something has changed: each picture is compared with one taken before (structural similarity of patches of 8 x 8 pixels).
import csi

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)

background = cam.snapshot().copy()  # a copy stays when the frame buffer goes on

for i in range(10):
    img = cam.snapshot()
    if i % 3 == 2:
        img.draw_circle((160, 120, 30), 255, fill=True)  # somebody walks in
    s = img.get_similarity(background)
    print("mean %.3f, worst patch %.3f: %s" % (s.mean, s.min, "changed" if s.min < 0.4 else "as before"))
