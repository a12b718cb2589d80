# SPDX-License-Identifier: MIT
# Follows a line: the straight one through all bright pixels, and how far it is from the middle of the picture.
import csi

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)

THRESHOLD = (180, 255)  # what belongs to the line

for i in range(20):
    img = cam.snapshot()
    line = img.get_regression([THRESHOLD], robust=True)  # robust: speckles and shadows beside it don't matter
    if line and line.magnitude > 1:
        img.draw_line(line, color=127, thickness=3)  # a Line begins with x1, y1, x2, y2
        # theta is the angle of the line's normal: 0 for a line straight ahead
        turn = line.theta - 180 if line.theta > 90 else line.theta
        print("turn", turn, "degrees; the line crosses the picture from", line[:2], "to", line[2:4])
    img.flush()
