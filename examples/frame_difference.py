# SPDX-License-Identifier: MIT
# Has something moved? Each frame less a background, which follows slowly; a picture is kept when there is a lot of difference.

import csi
import os
import time

BLEND = 32  # of 256: how fast the background follows
TRIGGER = 12  # the brightest hundredth of the difference, above its median
PATH = "/flash/moved.jpg"

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)
cam.snapshot(time=300)  # let the exposure settle
cam.auto_gain(False)
cam.auto_exposure(False)

background = cam.snapshot().copy()  # memory of its own: the frame's is used again
kept = None
for i in range(20):
    img = cam.snapshot()
    if i == 10:
        img.draw_circle((160, 120, 30), color=255, fill=True)  # something that moves: leave this out with a real scene
    seen = img.copy()
    img.difference(background)
    hist = img.get_histogram()
    change = hist.get_percentile(0.99).value - hist.get_percentile(0.5).value
    if change > TRIGGER and kept is None:
        kept = i
        seen.save(PATH, quality=80)
    background.blend(seen, alpha=BLEND)
    img.draw_string((4, 4), "change %d" % change, color=255)
    time.sleep_ms(50)

if kept is None:
    print("nothing moved")
else:
    print("moved in frame %d: %s, %d bytes" % (kept, PATH, os.stat(PATH)[6]))
    os.remove(PATH)  # leave this line out to keep it
