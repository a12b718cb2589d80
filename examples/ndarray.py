# SPDX-License-Identifier: MIT
# Pictures as arrays of numbers: a background averaged over several frames, what differs from it, and its contrast stretched, with NumPy's functions.
import csi
import image
from ulab import numpy as np

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QQVGA)  # 160 x 120: as floats 75 KiB

FRAMES = 4
pixels = bytearray(160 * 120)  # every frame's numbers go here: nothing to collect
background = np.zeros((120, 160))
for i in range(FRAMES):
    background += cam.snapshot().to_ndarray("B", buffer=pixels)
background /= FRAMES
print("mean %.1f, standard deviation %.1f" % (np.mean(background), np.std(background)))

img = cam.snapshot()
img.draw_circle((100, 50, 14), 255, fill=True)  # somebody walks in
moved = abs(img.to_ndarray("f") - background) > 60
rows, columns = np.any(moved, axis=1), np.any(moved, axis=0)
if np.any(rows):
    top, left = np.argmax(rows), np.argmax(columns)
    bottom, right = len(rows) - np.argmax(rows[::-1]), len(columns) - np.argmax(columns[::-1])
    print("%d pixels have changed, all in %r" % (np.sum(moved), (left, top, right - left, bottom - top)))

darkest, brightest = np.min(background), np.max(background)
background -= darkest
background *= 255 / max(brightest - darkest, 1)
image.Image(background, copy_to_fb=True).flush()  # the preview shows it
