# SPDX-License-Identifier: MIT
# Keep the last pictures in memory, record some to the camera's disk, and play both back as fast as they were taken.

import csi
import image
import os

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QQVGA)
cam.snapshot(time=300)  # let exposure and white balance settle

# A ring in memory: always the last 10 pictures, without a byte written to the disk.
ring = image.ImageIO((cam.width(), cam.height(), csi.GRAYSCALE), 10)
for i in range(25):
    img = cam.snapshot()
    img.draw_string((4, 4), str(i))
    ring.write(img)
print("in memory:", ring.count(), "pictures of", ring.buffer_size(), "bytes")

# To a file, as JPEG: the last 10 of 25, the oldest first.
stream = image.ImageIO("/flash/record.img", "w")
for i in range(ring.count()):
    stream.write(ring.read(copy_to_fb=False, pause=False).to_jpeg(copy=True, quality=70))
stream.close()
ring.close()
print("on the disk:", os.stat("/flash/record.img")[6], "bytes")

stream = image.ImageIO("/flash/record.img", "r")
while True:
    img = stream.read(copy_to_fb=True, loop=False, pause=True)  # pause=True: as recorded; loop=True starts over
    if img is None:
        break
    img.to_grayscale(copy=True)
print("played", stream.count(), "pictures")
stream.close()
os.remove("/flash/record.img")
