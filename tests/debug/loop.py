# Runs for ever: takes a picture, looks for blobs two functions deep, counts.
import csi

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)


def look(img):
    return img.find_blobs([(45, 95, 8, 60, 15, 70)], pixels_threshold=300)


def turn(n):
    blobs = look(cam.snapshot())
    print("turn", n, len(blobs))


n = 0
while True:
    turn(n)
    n += 1
