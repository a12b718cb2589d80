# SPDX-License-Identifier: MIT
# Record a film (motion JPEG, in an AVI file that any player opens). It is shown as fast as it was taken.

import csi
import mjpeg
import os
import time

PATH = "/flash/film.avi"  # a longer one belongs on a memory card

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QQVGA)
cam.snapshot(time=300)  # let exposure and white balance settle

clock = time.clock()
film = mjpeg.Mjpeg(PATH)
for i in range(10):
    clock.tick()
    img = cam.snapshot()
    img.draw_string((4, 4), "picture %d" % i)
    film.add_frame(img, quality=50)
    if i % 5 == 4:
        film.sync()  # what is recorded so far can be played, even if the power goes now
film.close()
print("%s: %d pictures, %d bytes, %.1f per second" % (PATH, film.count(), os.stat(PATH)[6], clock.fps()))
os.remove(PATH)  # leave this line out to keep it
