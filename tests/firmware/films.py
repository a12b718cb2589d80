# SPDX-License-Identifier: MIT
# gif.Gif and mjpeg.Mjpeg: films on the camera's disk. What is in them is read here by the formats' own rules; tests/unit decodes more.
import csi
import gc
import gif
import image
import mjpeg
import os
import struct
import time

PATH = "/flash/t.gif"


def picture(n, size=(40, 30), pixformat=image.RGB565):
    return image.Image(size[0], size[1], pixformat).draw_rectangle((n, 0, 5, 5), color=(255, 0, 0), fill=True)


def content(path=None):
    with open(path or PATH, "rb") as f:
        return f.read()


# GIF
def frames(data):
    """Offsets of the pictures of a GIF, and whether it ends as one."""
    at, found = 13 + (768 if data[10] & 0x80 else 0), []
    while data[at] != 0x3B:
        if data[at] == 0x21:
            at += 2
        else:
            found.append((at, struct.unpack("<H", data[at - 4 : at - 2])[0]))
            at += 10 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0) + 1
        while data[at]:
            at += data[at] + 1
        at += 1
    return found, at == len(data) - 1


raises("no frame yet", ValueError, "no frame", lambda: gif.Gif(PATH))
g = gif.Gif(PATH, width=40, height=30, color=True)
check("a GIF", (g.width(), g.height(), g.format(), g.loop(), g.size()), (40, 30, image.RGB565, True, 13 + 19))
for n in range(5):
    check("add_frame gives the GIF", g.add_frame(picture(n), delay=n) is g)
raises("another size", ValueError, "40 x 30", lambda: g.add_frame(picture(0, (41, 30))))
raises("delay", ValueError, "range", lambda: g.add_frame(picture(0), delay=65536))
raises("compressed", ValueError, "convert", lambda: g.add_frame(picture(0).to_jpeg(copy=True)))
raises("no image", TypeError, "image", lambda: g.add_frame(5))
size = g.size()
g.close()
raises("closed", ValueError, "closed", lambda: g.add_frame(picture(0)))
check("closing twice", g.close() is g)
data = content()
check("a colour GIF", (data[:6], struct.unpack("<HH", data[6:10]), len(data), data[13:32]),
      (b"GIF89a", (40, 30), size + 1, b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"))
found, whole = frames(data)
check("its pictures and delays", ([f[1] for f in found], whole), ([0, 1, 2, 3, 4], True))
colors = [data[found[0][0] + 10 + 3 * i : found[0][0] + 13 + 3 * i] for i in range(2)]
check("exact colours", sorted(colors), [b"\x00\x00\x00", b"\xff\x00\x00"])
g = gif.Gif(PATH, width=33, height=7, color=False, loop=False)
for pixformat in (image.BINARY, image.GRAYSCALE, image.RGB565):
    g.add_frame(picture(3, (33, 7), pixformat))
check("gray", (g.format(), g.loop()), (image.GRAYSCALE, False))
g.close()
found, whole = frames(content())
check("a gray GIF", ([f[1] for f in found], whole), ([10, 10, 10], True))
raises("no size", ValueError, "size", lambda: gif.Gif(PATH, width=0, height=5, color=True))
raises("no folder", OSError, "ENOENT", lambda: gif.Gif("/flash/none/t.gif", width=4, height=4, color=True))

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QQVGA)
shot = cam.snapshot()
g = gif.Gif(PATH)
check("the frame's size and colour", (g.width(), g.height(), g.format()), (160, 120, image.RGB565))


def fill(film):
    for i in range(200):
        film.add_frame(shot)


raises("disk full", OSError, "disk is full", lambda: fill(g))
count = g.size()
raises("still full", OSError, "disk is full", lambda: g.add_frame(shot))
check("its size stands", g.size(), count)
g.close()
data = content()[: count + 1]
found, whole = frames(data)
check("a whole GIF all the same: %d pictures" % len(found), len(found) > 0 and whole)
os.remove(PATH)
data = None


# MJPEG
def parse(data, size=None):
    """(frames in the head, frames in the file, entries of the index, microseconds per frame, first picture)"""
    size = size or len(data)
    u = lambda at: struct.unpack("<I", data[at : at + 4])[0]
    check("RIFF", (data[:4], data[8:16], u(4) + 8 <= size), (b"RIFF", b"AVI LIST", True))
    at, found, entries = 212, [], 0
    while at < u(4) + 8:
        name, length = data[at : at + 4], u(at + 4)
        if name == b"LIST":
            at += 12
            continue
        if name == b"00dc":
            found.append((at - 220, length))
            check("a JPEG", data[at + 8 : at + 10] == b"\xff\xd8" and data[at + 6 + length : at + 8 + length] == b"\xff\xd9")
        elif name == b"idx1":
            entries = length // 16
            check("the index", [(u(at + 16 + 16 * i), u(at + 20 + 16 * i)) for i in range(entries)], found)
        else:
            check("chunk %s" % name, False)
        at += 8 + length + (length & 1)
    first = data[220 + found[0][0] + 8 : 220 + found[0][0] + 8 + found[0][1]] if found else b""
    return u(48), len(found), entries, u(32), first


PATH = "/flash/t.avi"
m = mjpeg.Mjpeg(PATH, 40, 30)
check("an MJPEG", (m.is_closed(), m.width(), m.height(), m.count(), m.size()), (False, 40, 30, 0, 224))
times = []
for n in range(4):
    m.add_frame(picture(n), quality=50)
    times.append(time.ticks_us())
    time.sleep_ms(50)
m.sync()
mean = time.ticks_diff(times[3], times[0]) // 3
data = content()
check("synced", len(data), m.size())
got = parse(data)
check("a film without index", got[:3], (4, 4, 0))
check("its rate: %d us, measured %d" % (got[3], mean), abs(got[3] - mean) < 2000)
first = image.Image(40, 30, image.JPEG, buffer=got[4]).to_rgb565(copy=True)
check("its first picture", first.get_pixel((2, 2))[0] > 200 and first.get_pixel((20, 20))[0] < 40)
m.write(picture(0, pixformat=image.GRAYSCALE))
m.add_frame(picture(0).to_jpeg(copy=True))
check("added behind it", m.count(), 6)
check("what a power cut leaves", parse(content())[:3], (4, 4, 0))
m.close()
check("closed", m.is_closed())
check("the whole film", parse(content())[:3], (6, 6, 6))
raises("closed: add_frame", ValueError, "closed", lambda: m.add_frame(picture(0)))
raises("closed: sync", ValueError, "closed", m.sync)
check("closing twice", m.close() is m)


def one(img, size=(40, 30), **options):
    m = mjpeg.Mjpeg(PATH, *size)
    try:
        m.add_frame(img, **options)
    finally:
        m.close()
    return image.Image(40, 30, image.JPEG, buffer=parse(content())[4]).to_rgb565(copy=True)


def near(color, want):
    return all(abs(a - b) < 24 for a, b in zip(color, want))


red = image.Image(20, 10, image.RGB565).draw_rectangle((0, 0, 20, 10), color=(255, 0, 0), fill=True)
back = one(red)
check("another size fits in, the rest is black", [near(back.get_pixel(p), c) for p, c in (((2, 15), (255, 0, 0)), ((37, 15), (255, 0, 0)), ((20, 1), (0, 0, 0)),
      ((20, 28), (0, 0, 0)))], [True] * 4)
check("or is stretched", near(one(red, hint=image.SCALE_ASPECT_IGNORE).get_pixel((20, 1)), (255, 0, 0)))
check("as a JPEG", near(one(red.to_jpeg(copy=True)).get_pixel((20, 15)), (255, 0, 0)))
check("as a PNG, of the film's size too", [near(one(p.to_png(copy=True)).get_pixel((20, 15)), (255, 0, 0)) for p in (red, image.Image(40, 30, image.RGB565).draw_image(red, x_scale=2, y_scale=3))], [True] * 2)
check("a region", near(one(picture(0), roi=(0, 0, 5, 5)).get_pixel((20, 15)), (255, 0, 0)))
check("a channel", near(one(picture(0), rgb_channel=0).get_pixel((2, 2)), (255, 255, 255)))
check("a palette", near(one(picture(0, pixformat=image.GRAYSCALE), color_palette=image.PALETTE_RAINBOW).get_pixel((30, 20)), image.Image(1, 1, image.GRAYSCALE).to_rainbow(copy=True).get_pixel((0, 0))))
raises("quality", ValueError, "range", lambda: one(red, quality=0))
raises("no size", ValueError, "size", lambda: mjpeg.Mjpeg(PATH, 0, 5))
m = mjpeg.Mjpeg(PATH)
check("of the frame's size", (m.width(), m.height()), (160, 120))
m.close()
raises("no room for the picture", MemoryError, "scratch", lambda: one(red, size=(3000, 3000)))

m = mjpeg.Mjpeg(PATH, 8, 8)
shot = picture(0, (8, 8))
raises("disk full", OSError, "disk is full", lambda: fill(m))
count = m.count()
check("some fitted: %d" % count, count > 0)
m.sync()
data = None
gc.collect()
check("a film all the same", parse(content())[:2], (count, count))
raises("no room for the index", OSError, "disk is full", m.close)
check("closed with an error", m.is_closed())
data = content()
check("it can be shown without", parse(data)[:3], (count, count, 0))
os.remove(PATH)
