# SPDX-License-Identifier: MIT
# Take a picture and save it on the camera's own disk, as JPEG.

import csi
import image
import os

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)
img = cam.snapshot(time=300)  # let exposure and white balance settle
img.draw_string((8, 8), "%d x %d" % (img.width(), img.height()), color=(255, 255, 255), scale=2)
img.flush()
img.save("/flash/snapshot.jpg", quality=80)
print("saved /flash/snapshot.jpg,", os.stat("/flash/snapshot.jpg")[6], "bytes")

back = image.Image("/flash/snapshot.jpg")
print("read back:", back.width(), "x", back.height())
