# SPDX-License-Identifier: MIT
# Learn the colour of what is in the middle of the picture, then follow it: thresholds from a histogram's percentiles.

import csi
import time

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)
cam.snapshot(time=300)  # let exposure and white balance settle
cam.auto_gain(False)  # then keep them: colours must stay what they were learned as
cam.auto_exposure(False)
cam.auto_whitebal(False)

SPOT = (cam.width() // 2 - 12, cam.height() // 2 - 12, 24, 24)

# What nine tenths of the spot's pixels are like, averaged over ten frames.
threshold = [0] * 6
for i in range(10):
    img = cam.snapshot()
    hist = img.get_histogram(roi=SPOT)
    low, high = hist.get_percentile(0.05), hist.get_percentile(0.95)
    found = (low.l_value, high.l_value, low.a_value, high.a_value, low.b_value, high.b_value)
    threshold = [old + new for old, new in zip(threshold, found)]
    img.draw_rectangle(SPOT, color=(0, 255, 0))
threshold = [sum // 10 for sum in threshold]
print("threshold", threshold)

clock = time.clock()
start = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), start) < 1000:
    clock.tick()
    img = cam.snapshot()
    blobs = img.find_blobs([threshold], pixels_threshold=100, area_threshold=100, merge=True, margin=5)
    for blob in blobs:
        img.draw_rectangle(blob.rect)
        img.draw_cross((blob.cx, blob.cy))
    img.draw_string((4, 4), "%.1f frames/s" % clock.fps())
print(len(blobs), "blobs, the largest has", max(blob.pixels for blob in blobs) if blobs else 0, "pixels")
