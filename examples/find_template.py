# SPDX-License-Identifier: MIT
# Finds a piece of the first picture again in the ones that follow.
import csi
import image

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)

template = cam.snapshot().copy(roi=(144, 104, 32, 32))

for search, name in ((image.SEARCH_EX, "everywhere"), (image.SEARCH_DS, "diamond search")):
    img = cam.snapshot()
    # 1 is the same but for brightness and contrast; below 0.7 anything may look alike
    found = img.find_template(template, 0.7, step=4, search=search)
    print(name, found)
    if found:
        img.draw_rectangle(found)
    img.flush()
