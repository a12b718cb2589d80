# SPDX-License-Identifier: MIT
# image.ImageIO: streams of images in files and in memory.
import gc
import image
import micropython
import os
import time
import umalloc

persistent = umalloc.stats()[2]  # the frame buffer may be one more
PATH = "/flash/t.img"


def picture(n, size=(40, 30), pixformat=image.GRAYSCALE):
    return image.Image(size[0], size[1], pixformat).draw_rectangle((0, 0, n + 1, 5), color=255, fill=True)


# A file: pictures of any format and size come back in any order.
pictures = [picture(0), picture(1, (17, 9), image.RGB565), picture(2, (33, 3), image.BINARY), picture(3).to_jpeg(copy=True), picture(4)]
stream = image.ImageIO(PATH, "w")
check("a new file", (stream.type(), stream.is_closed(), stream.count(), stream.offset(), stream.version(), stream.buffer_size()),
      (image.ImageIO.FILE_STREAM, False, 0, 0, 1, None))
for p in pictures:
    check("write gives the stream", stream.write(p) is stream)
check("written", (stream.count(), stream.offset(), stream.size()), (5, 5, 32 + sum(32 + p.size() for p in pictures)))
raises("a writer doesn't read", ValueError, "for writing", lambda: stream.read())
raises("nor seek", ValueError, "for writing", lambda: stream.seek(0))
stream.sync()
size = stream.size()
check("sync brings it to the disk", os.stat(PATH)[6], size)
stream.close()
check("closed", stream.is_closed())
for name in ("count", "offset", "version", "buffer_size", "size", "read", "sync"):
    raises("closed: " + name, ValueError, "closed", getattr(stream, name))
raises("closed: write", ValueError, "closed", lambda: stream.write(pictures[0]))
raises("closed: seek", ValueError, "closed", lambda: stream.seek(0))
check("closing twice", stream.close() is stream)

stream = image.ImageIO(PATH, "R")
check("count", (stream.count(), stream.offset(), stream.size()), (5, 0, size))
for i, p in enumerate(pictures):
    back = stream.read(False, pause=False)
    check("picture %d" % i, (back.width(), back.height(), back.format(), bytes(back)), (p.width(), p.height(), p.format(), bytes(p)))
check("at the end", stream.offset(), 5)
check("no loop", stream.read(copy_to_fb=False, loop=False), None)
check("loop", bytes(stream.read(copy_to_fb=False, pause=False)), bytes(pictures[0]))
for i in (3, 1, 4, 0, 2):
    check("seek %d" % i, bytes(stream.seek(i).read(False, pause=False)), bytes(pictures[i]))
raises("seek too far", ValueError, "5 images", lambda: stream.seek(6))
raises("seek before", ValueError, "5 images", lambda: stream.seek(-1))
raises("a reader doesn't write", ValueError, "for reading", lambda: stream.write(pictures[0]))
fb = stream.seek(4).read(pause=False)
check("into the frame buffer", bytes(fb), bytes(pictures[4]))
raises("no image", TypeError, "image", lambda: image.ImageIO((4, 4, image.GRAYSCALE), 1).write(5))
stream.close()

# Paces: what took 300 ms to record takes that to play.
stream = image.ImageIO(PATH, "w")
for i in range(4):
    stream.write(picture(i))
    time.sleep_ms(100)
stream.close()
stream = image.ImageIO(PATH, "r")
start = time.ticks_ms()
for i in range(4):
    stream.read(False)
took = time.ticks_diff(time.ticks_ms(), start)
check("pause=True: %d ms" % took, 295 <= took <= 420)
start = time.ticks_ms()
for i in range(4):
    stream.read(False, pause=False)
took = time.ticks_diff(time.ticks_ms(), start)
check("pause=False: %d ms" % took, took < 100)
stream.close()

# A file that ends early: the pictures that are whole.
with open(PATH, "rb") as f:
    whole = f.read()
for cut, count in ((len(whole) - 1, 3), (32 + 32 + 1200, 1), (32 + 32 + 1199, 0), (32, 0)):
    with open(PATH, "wb") as f:
        f.write(whole[:cut])
    stream = image.ImageIO(PATH, "r")
    check("cut at %d" % cut, stream.count(), count)
    if count:
        check("the last whole one", bytes(stream.seek(count - 1).read(False)), bytes(picture(count - 1)))
    else:
        raises("an empty stream", ValueError, "no images", stream.read)
        check("an empty stream without loop", stream.read(loop=False), None)
    stream.close()
with open(PATH, "wb") as f:
    f.write(whole[: 32 + 1232 + 40] + b"\xff" + whole[32 + 1232 + 41 :])
check("a wrong pixel is a pixel", image.ImageIO(PATH, "r").count(), 4)
with open(PATH, "wb") as f:
    f.write(whole[: 32 + 1232 + 4] + b"\xff" + whole[32 + 1232 + 5 :])
stream = image.ImageIO(PATH, "r")
stream.read(False)
raises("a damaged record", OSError, "damaged", lambda: stream.read(False, pause=False))
raises("nor seeking beyond it", OSError, "damaged", lambda: stream.seek(3))
check("before it all is well", bytes(stream.seek(0).read(False)), bytes(picture(0)))
stream.close()
with open(PATH, "wb") as f:
    f.write(b"no stream at all, but longer than a head is")
raises("another file", ValueError, "no stream of images", lambda: image.ImageIO(PATH, "r"))
with open(PATH, "wb") as f:
    f.write(b"abc")
raises("a short file", ValueError, "no stream of images", lambda: image.ImageIO(PATH, "r"))
raises("no such file", OSError, "ENOENT", lambda: image.ImageIO("/flash/none.img", "r"))
raises("no such mode", ValueError, "mode", lambda: image.ImageIO(PATH, "x"))
raises("no mode", TypeError, "", lambda: image.ImageIO(PATH, 3))

# The disk fills up: an error, what was there stays readable, and there is room again.
big = picture(7, (160, 120), image.RGB565)
stream = image.ImageIO(PATH, "w")


def fill():
    for i in range(100):
        stream.write(big)


raises("disk full", OSError, "disk is full", fill)
count = stream.count()
check("some were written", count > 0)
raises("still full", OSError, "disk is full", lambda: stream.write(big))
check("the count stands", stream.count(), count)
stream.close()
stream = image.ImageIO(PATH, "r")
check("and in the file", (stream.count(), bytes(stream.seek(count - 1).read(False)) == bytes(big)), (count, True))
stream.close()
os.remove(PATH)

# A ring in memory.
ring = image.ImageIO((40, 30, image.GRAYSCALE), 3)
check("a ring", (ring.type(), ring.count(), ring.offset(), ring.version(), ring.buffer_size()), (image.ImageIO.MEMORY_STREAM, 0, 0, None, 1200))
raises("an empty ring", ValueError, "no images", ring.read)
for i in range(5):
    ring.write(picture(i))
check("the ring is full", (ring.count(), ring.offset()), (3, 2))
check("from the oldest on", [ring.read(False, pause=False)[39] or bytes(ring.seek(i).read(False)) == bytes(picture((3, 4, 2)[i])) for i in range(3)],
      [True] * 3)
check("its end", (ring.read(False, loop=False), ring.offset()), (None, 3))
check("loop", bytes(ring.read(False, pause=False)), bytes(picture(3)))
raises("too large", ValueError, "room for 1200", lambda: ring.write(picture(0, (41, 30))))
ring.write(picture(2, (5, 5)).to_jpeg(copy=True))
check("another format fits", ring.seek(1).read(False, pause=False).format(), image.JPEG)
raises("seek in the ring", ValueError, "3 images", lambda: ring.seek(4))
ring.close()
raises("a closed ring", ValueError, "closed", ring.read)
raises("no size", ValueError, "", lambda: image.ImageIO((0, 30, image.GRAYSCALE), 3))
raises("no format", ValueError, "format", lambda: image.ImageIO((40, 30, 7), 3))
raises("no slots", ValueError, "at least one", lambda: image.ImageIO((40, 30, image.GRAYSCALE), 0))
raises("too many", MemoryError, "bytes", lambda: image.ImageIO((640, 480, image.RGB565), 1000))
raises("more than there are bytes", MemoryError, "bytes", lambda: image.ImageIO((32767, 32767, image.RGB565), 1000000))

# Memory comes back, closed or not; memory that runs out is an error and leaks nothing.
stream = ring = fb = back = pictures = p = big = None
for i in range(20):
    image.ImageIO((320, 240, image.RGB565), 2).write(picture(0))
check("dropped rings make room", True)
gc.collect()
hold = []
try:
    while True:
        hold.append(image.Image(32, 32, image.GRAYSCALE))
except MemoryError:
    pass
raises("no memory for a ring", MemoryError, "bytes", lambda: image.ImageIO((64, 64, image.GRAYSCALE), 1))
with open(PATH, "wb") as f:
    f.write(whole)
stream = image.ImageIO(PATH, "r")
raises("no memory for a picture", MemoryError, "bytes", lambda: stream.read(False))
check("the stream stands where it was", stream.offset(), 0)
hold = None
gc.collect()
check("with memory again", bytes(stream.read(False)), bytes(picture(0)))


def locked(f):
    """What f raises when the heap gives nothing."""
    micropython.heap_lock()
    try:
        f()
        result = "no error"
    except MemoryError:
        result = "MemoryError"
    finally:
        micropython.heap_unlock()
    return result


again = lambda: image.ImageIO(PATH, "r")
read = lambda: stream.read(False, pause=False)
check("no heap: opening, reading", (locked(again), locked(read)), ("MemoryError", "MemoryError"))
check("and then all is well", (again().count(), bytes(read())), (4, bytes(picture(1))))
stream.close()
stream = None
gc.collect()
os.remove(PATH)
gc.collect()
gc.collect()
left = umalloc.stats()[2] - persistent
check("nothing piles up in the pools: %d blocks, of which one is the frame buffer" % left, left <= 3)  # a stale word of the stack may look like a pointer
