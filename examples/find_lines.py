# SPDX-License-Identifier: MIT
# Straight lines in what the camera sees, drawn over it. theta is the direction of a line's normal in degrees, rho the distance from the top left corner.
import csi

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)

img = cam.snapshot(time=300)
lines = img.find_lines(threshold=4000, theta_margin=25, rho_margin=25)
for line in lines:
    img.draw_line(line, color=255, thickness=2)
    print("theta %d rho %d magnitude %d" % (line.theta, line.rho, line.magnitude))
img.flush()
