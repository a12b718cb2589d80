# SPDX-License-Identifier: MIT
# The camera's disks, and pictures in files.
import image
import os

check("mounted", sorted(os.listdir("/"))[0:1], ["flash"])
check("first boot made main.py", "main.py" in os.listdir("/flash"))
img = image.Image(40, 30, image.RGB565)
img.draw_rectangle((5, 5, 20, 15), color=(255, 0, 0), fill=True)
for name in ("t.bmp", "t.ppm"):
    img.save("/flash/" + name)
    back = image.Image("/flash/" + name)
    check(name, (back.width(), back.height(), back.get_pixel((10, 10)), back.get_pixel((0, 0))), (40, 30, (255, 0, 0), (0, 0, 0)))
gray = img.copy().to_grayscale()
gray.save("/flash/t.pgm")
check("t.pgm", image.Image("/flash/t.pgm").get_pixel((10, 10)), gray.get_pixel((10, 10)))
img.save("/flash/t.jpg", quality=90)
back = image.Image("/flash/t.jpg")
check("t.jpg", (back.format(), back.width(), back.height()), (image.JPEG, 40, 30))
raises("name without a format", ValueError, "must end in", lambda: img.save("/flash/t.xyz"))
raises("no such file", OSError, "ENOENT", lambda: image.Image("/flash/none.bmp"))
with open("/flash/bad.jpg", "wb") as f:
    f.write(bytes(back)[:100])
raises("truncated file", (OSError, ValueError), "", lambda: image.Image("/flash/bad.jpg").to_rgb565(copy=True))
with open("/flash/junk.bmp", "wb") as f:
    f.write(b"not a picture at all")
raises("not a picture", (OSError, ValueError), "", lambda: image.Image("/flash/junk.bmp"))

# A full disk keeps what was there and leaves nothing half-written.
size = os.stat("/flash/t.bmp")[6]
big = image.Image(320, 240, image.RGB565)
big.draw_string((50, 50), "noise", scale=6)
raises("disk full", OSError, "", lambda: big.save("/flash/t.bmp"))
check("the old file is whole", (os.stat("/flash/t.bmp")[6], image.Image("/flash/t.bmp").get_pixel((10, 10))), (size, (255, 0, 0)))
check("nothing half-written", [n for n in os.listdir("/flash") if "~" in n], [])
for name in ("t.bmp", "t.ppm", "t.pgm", "t.jpg", "bad.jpg", "junk.bmp"):
    os.remove("/flash/" + name)
check("rom", "rom" in os.listdir("/"))
