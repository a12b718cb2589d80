# SPDX-License-Identifier: MIT
# Record an animated GIF: one picture each 200 ms, in colour, shown over and over.

import csi
import gif
import os
import time

PATH = "/flash/animation.gif"

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QQQVGA)
cam.snapshot(time=300)  # let exposure and white balance settle

g = gif.Gif(PATH, loop=True)
for i in range(8):
    img = cam.snapshot()
    img.draw_rectangle((i * 8, 50, 8, 8), color=(255, 0, 0), fill=True)
    g.add_frame(img, delay=20)  # hundredths of a second
    time.sleep_ms(200)
g.close()  # the file ends here: without it some programs refuse the GIF
print("%s: %d x %d, %d bytes" % (PATH, g.width(), g.height(), os.stat(PATH)[6]))
os.remove(PATH)  # leave this line out to keep it
