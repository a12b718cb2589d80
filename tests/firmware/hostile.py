# SPDX-License-Identifier: MIT
# Scripts that pull the rug away: callbacks and numbers that change or free the images they are about, memory that goes while it is used,
# disks that are full, files that end early. An exception or the right result, and the camera goes on.
import gc
import os

import csi
import gif
import image
import mjpeg
import umalloc


def spots():
    img = image.Image(60, 40, image.GRAYSCALE)
    for x in (5, 20, 35, 50):
        img.draw_rectangle((x, 10, 6, 6), 255, 1, True)
    return img


# ---- What a callback may do ----

persistent = umalloc.stats()[2]
img = spots()
grown = []


def crop(*blobs):
    img.crop(roi=(0, 0, 5, 5))
    return True


def collect(*blobs):
    umalloc.collect()
    grown.append(image.Image(30, 30, image.GRAYSCALE).invert())
    return True


def own(*blobs):
    return len(img.find_blobs([(128, 255)])) == 4


def broken(*blobs):
    raise KeyError("mine")


def to_frame(*blobs):
    img.copy(copy_to_fb=True, x_scale=2, y_scale=2)
    return True


check("a callback may collect the pools", [b.x for b in img.find_blobs([(128, 255)], threshold_cb=collect, merge_cb=collect, merge=True, margin=1)], [5, 20, 35, 50])
check("and what it made then is whole", [set(g.bytearray()) for g in grown], [{255}] * len(grown))
check("it may look for blobs itself", len(img.find_blobs([(128, 255), (1, 255)], threshold_cb=own)), 4)
raises("what it raises arrives", KeyError, "mine", lambda: img.find_blobs([(128, 255)], threshold_cb=broken))
check("it may change its image", len(img.find_blobs([(128, 255), (0, 10)], threshold_cb=crop)), 5)
check("which is small then", (img.width(), img.height()), (5, 5))
grown = None
img = image.Image(60, 40, image.GRAYSCALE, copy_to_fb=True).draw_image(spots())
check("it may put the frame elsewhere", len(img.find_blobs([(128, 255)], threshold_cb=to_frame)), 4)


# ---- Numbers that change what they are for ----

class Three:
    def __int__(self):
        global img
        image.Image(200, 150, image.RGB565, copy_to_fb=True).invert()
        return 3


img = image.Image(20, 20, image.GRAYSCALE, copy_to_fb=True)
image.Image(100, 100, image.GRAYSCALE)
raises("a number that takes the frame away", RuntimeError, "frame buffer that is gone", lambda: img.draw_line((0, 0, 9, 9), 255, Three()))
img = image.Image(8, 8, image.RGB565)
raises("coordinates are numbers, not what may become some", TypeError, "number is expected, not Three", lambda: img.draw_line((0, Three(), 9, 9)))
raises("an index is one, too", TypeError, "integer", lambda: img[1.5])
check("numbers beyond all images", img.draw_line((1 << 70, 1, -(1 << 70), 1)) is img)
check("a small one that came from such", img.get_pixel(((1 << 40) >> 38, 2)), (0, 0, 0))
raises("negate has no options", TypeError, "", lambda: img.negate(5))


# ---- Memory that is too little ----

img = image.Image(1, 30, image.GRAYSCALE)
guard = [image.Image(1, 30, image.GRAYSCALE).invert() for i in range(4)]
raises("rows of bits longer than those of bytes", ValueError, "in place", lambda: img.binary([(0, 255)], to_bitmap=True))
check("are made elsewhere", bytes(img.binary([(0, 255)], to_bitmap=True, copy=True)), b"\x01\0\0\0" * 30)
check("and nothing beside is written to", [set(g.bytearray()) for g in guard], [{255}] * 4)
guard = None


# ---- Memory that goes ----

def view():
    return image.Image(40, 30, image.GRAYSCALE).clear().bytearray()


def insert(data):
    data[0:0] = b"1" * 64


data = view()
gc.collect()
gc.collect()
others = [image.Image(40, 30, image.GRAYSCALE).invert() for i in range(8)]
check("a bytearray holds its image", any(data), False)
raises("but doesn't grow", MemoryError, "", lambda: data.append(1))
raises("nor by a sequence", MemoryError, "", lambda: data.extend(b"1" * 64))
raises("nor by a slice", MemoryError, "", lambda: insert(data))
check("and is as it was", (len(data), any(data)), (1200, False))
data = others = None
data = bytearray(100)
img = image.Image(10, 10, image.GRAYSCALE, buffer=data)
data.extend(bytes(5000))
raises("a buffer that has been resized", RuntimeError, "resized", lambda: img.invert())
data = bytes(range(64))
image.Image(8, 8, image.GRAYSCALE, buffer=data).invert()
check("an image of bytes is a copy", data == bytes(range(64)))
raises("an empty buffer", ValueError, "empty", lambda: image.Image(8, 8, image.JPEG, buffer=b""))
img = image.Image(8, 8, image.RGB565, copy_to_fb=True)
for i in range(64):
    img[i] = ((i * 4) & 255, 0, 0)
want = [p[0] for p in img.copy()]
img = img.copy(copy_to_fb=True, x_scale=20, y_scale=20)
check("a frame that grows while it is copied", [img.get_pixel((i % 8 * 20 + 10, i // 8 * 20 + 10))[0] for i in range(64)], want)
want = bytes(img.bytearray()[:2000])
img = image.Image(170, 160, image.RGB565, buffer=img, copy_to_fb=True) if img.size() >= 170 * 320 else image.Image(160, 160, image.RGB565, buffer=img, copy_to_fb=True)
check("a frame made of the frame", bytes(img.bytearray()[:2000]) == want)
palette = image.Image(16, 16, image.RGB565)
for i in range(256):
    palette[i] = (255 - i, 0, 0)
want = bytes(palette.copy().to_rgb565(color_palette=palette))
check("a palette for itself", bytes(palette.to_rgb565(color_palette=palette)) == want)

# The file's picture is held by nothing but the call, and the collector runs for want of memory.
pattern = image.Image(100, 80, image.GRAYSCALE)
for i in range(8000):
    pattern[i] = i * 7 & 255
pattern.save("/flash/pattern.png")
want = bytes(pattern)
canvas = image.Image(100, 80, image.GRAYSCALE)
fill = []
try:
    while True:
        fill.append(image.Image(100, 100, image.GRAYSCALE))
except MemoryError:
    pass
for i in range(7):
    fill.pop()
gc.collect()
gc.collect()
check("an operand from a file, with little memory", bytes(canvas.draw_image("/flash/pattern.png")) == want)
check("and to compare with", canvas.get_similarity("/flash/pattern.png").mean, 1.0)
fill = None
os.remove("/flash/pattern.png")
gc.collect()
gc.collect()

# ---- Files ----

img = spots()
os.mkdir("/flash/d.bmp")
raises("a folder in the way", OSError, "", lambda: img.save("/flash/d.bmp"))
check("leaves nothing beside it", "d.bmp~" in os.listdir("/flash"), False)
os.rmdir("/flash/d.bmp")
noise = image.Image(120, 100, image.RGB565)
state = 1
data = noise.bytearray()
for i in range(len(data)):
    state = state * 1103515245 + 12345 & 0x7FFFFFFF
    data[i] = state >> 12 & 255
data = None
before = sorted(os.listdir("/flash"))
filler = open("/flash/fill", "wb")
try:
    while True:
        filler.write(bytes(512))
except OSError:
    pass
filler.close()
for name in ("bmp", "ppm", "png", "jpg"):
    raises("a full disk: " + name, OSError, "full", lambda: noise.save("/flash/full." + name, quality=100))
check("leaves no part of a file", sorted(n for n in os.listdir("/flash") if n != "fill"), before)


def film(make, add):
    f = make()
    try:
        for i in range(50):
            add(f)
    finally:
        f.close()


raises("a full disk: gif", OSError, "full", lambda: film(lambda: gif.Gif("/flash/full.gif", width=120, height=100, color=True), lambda f: f.add_frame(noise)))
raises("a full disk: mjpeg", OSError, "full", lambda: film(lambda: mjpeg.Mjpeg("/flash/full.mjpeg", 120, 100), lambda f: f.add_frame(noise)))
raises("a full disk: ImageIO", OSError, "full", lambda: film(lambda: image.ImageIO("/flash/full.bin", "w"), lambda f: f.write(noise)))
for name in ("gif", "mjpeg", "bin"):
    if "full." + name in os.listdir("/flash"):
        os.remove("/flash/full." + name)
os.remove("/flash/fill")
for name in ("bmp", "ppm", "png", "jpg"):
    noise.save("/flash/whole." + name)
    with open("/flash/whole." + name, "rb") as f:
        data = f.read()
    for size in (0, 1, 3, 20, 60, len(data) // 2, len(data) - 1):
        with open("/flash/part." + name, "wb") as f:
            f.write(data[:size])
        try:
            part = image.Image("/flash/part." + name)
            part.to_grayscale(copy=True)
            if name != "jpg" or size < len(data) - 1:   # the last byte of a JPEG is the second half of its end
                print("FAIL %s of %d bytes of %d was read [rerun: %s]" % (name, size, len(data), RERUN))
        except (OSError, ValueError) as e:
            if not str(e):
                print("FAIL %s of %d bytes: an exception without a text [rerun: %s]" % (name, size, RERUN))
    os.remove("/flash/part." + name)
    os.remove("/flash/whole." + name)
check("files that end early", True)
data = part = img = noise = canvas = pattern = palette = None
gc.collect()
gc.collect()
left = umalloc.stats()[2] - persistent
check("nothing piles up in the pools: %d blocks, of which one is the frame buffer" % left, left <= 3)  # a stale word of the stack may look like a pointer
c = csi.CSI()
c.reset()
c.pixformat(csi.RGB565)
c.framesize(csi.QQVGA)
frame = c.snapshot()
raises("a callback that takes the frame away", RuntimeError, "gone", lambda: (frame.find_blobs([(0, 100, -128, 127, -128, 127)], threshold_cb=lambda b: c.pixformat(csi.GRAYSCALE) is None), frame.invert()))
frame = c.snapshot()
check("and the camera works", (frame.width(), frame.height(), frame.format()), (160, 120, image.GRAYSCALE))
