# SPDX-License-Identifier: MIT
# Line segments in what the camera sees, drawn over it; those that continue each other are united.
import csi

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)

img = cam.snapshot(time=300)
segments = [s for s in img.find_line_segments(merge_distance=3, max_theta_diff=10, threshold=60) if s.length >= 20]
for segment in segments:
    img.draw_line(segment, color=255)
print(len(segments), "segments of 20 pixels and more")
img.flush()
