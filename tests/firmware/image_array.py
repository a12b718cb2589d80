# SPDX-License-Identifier: MIT
# Images as arrays of numbers and back; and that the firmware has the arrays of modules/ndarray (proven in tests/ndarray).
import image
from ulab import numpy as np

W, H = 70, 9
gray = image.Image(W, H, image.GRAYSCALE, buffer=bytearray((7 * i) & 255 for i in range(W * H))).copy()
rgb = gray.to_rgb565(copy=True).draw_line((0, 0, W - 1, H - 1), (200, 40, 90)).set_pixel((3, 2), (255, 0, 0))

# to_ndarray
a = gray.to_ndarray("B")
check("gray", (a.shape, a.dtype == np.uint8, a.tobytes() == bytes(gray)), ((H, W), True, True))
check("by the constants too", gray.to_ndarray(np.uint8).tobytes() == bytes(gray))
b = gray.to_ndarray("b")
check("around zero", (b.dtype == np.int8, [int(v) for v in b[4]], b.shape), (True, [v - 128 for v in a[4]], (H, W)))
f = gray.to_ndarray("f")
check("floats", (f.dtype == np.float, bool(np.all(f == a))), (True, True))
c = rgb.to_ndarray("B")
check("colour", (c.shape, all(tuple(c[y, x]) == rgb.get_pixel((x, y)) for y in range(H) for x in range(W))), ((H, W, 3), True))
check("colour around zero", bool(np.all(rgb.to_ndarray("b").astype(np.int16) + 128 == c)))
check("colour in floats", bool(np.all(rgb.to_ndarray("f") == c)))
room = bytearray(W * H + 5)
d = gray.to_ndarray("B", buffer=room)
check("in a buffer", (bytes(room[: W * H]) == bytes(gray), bytes(room[W * H :])), (True, bytes(5)))
room[1] = 99
check("which it shares", int(d[0, 1]), 99)
check("in another array", gray.to_ndarray("f", buffer=np.zeros((H, W)))[8, 69], float(gray.get_pixel((69, 8))))
raises("a buffer too small", ValueError, "too small", lambda: gray.to_ndarray("f", buffer=bytearray(4 * W * H - 1)))
raises("bytes can't be written", TypeError, "", lambda: gray.to_ndarray("B", buffer=bytes(W * H)))
raises("no such type", ValueError, "dtype", lambda: gray.to_ndarray("x"))
raises("a type for other things", ValueError, "to_ndarray", lambda: gray.to_ndarray("h"))
raises("no type", TypeError, "", lambda: gray.to_ndarray())
raises("a bitmap", ValueError, "convert", lambda: gray.to_bitmap(copy=True).to_ndarray("B"))
raises("Bayer", ValueError, "convert", lambda: image.Image(8, 8, image.BAYER).to_ndarray("B"))
raises("a file", ValueError, "convert", lambda: gray.to_jpeg(copy=True).to_ndarray("B"))
raises("more than there is", MemoryError, "", lambda: image.Image(640, 320, image.GRAYSCALE).to_ndarray("f"))

# Image(ndarray)
same = image.Image(f)
check("back to gray", (same.format(), same.width(), same.height(), bytes(same) == bytes(gray)), (image.GRAYSCALE, W, H, True))
same = image.Image(rgb.to_ndarray("f"))
check("back to colour", (same.format(), bytes(same) == bytes(rgb)), (image.RGB565, True))
check("of bytes", bytes(image.Image(a)) == bytes(gray))
check("rounded, saturated", bytes(image.Image(np.array([[-1, 0.4, 0.5, 254.6, 256, 1e9, np.inf, -np.inf, np.nan]]))), bytes([0, 0, 1, 255, 255, 255, 255, 0, 0]))
check("of a view", bytes(image.Image(f[::-1, ::-2])) == bytes(gray.to_ndarray("B")[::-1, ::-2].copy()))
check("of a transposed one", (lambda i: (i.width(), i.height(), i.get_pixel((2, 30))))(image.Image(f.T)), (H, W, gray.get_pixel((30, 2))))
room = bytearray(W * H)
i = image.Image(f, buffer=room)
room[0] = 77
check("in memory that is there", (i.get_pixel((0, 0)), bytes(room[1:]) == bytes(gray)[1:]), (77, True))
check("in the frame buffer", bytes(image.Image(f, copy_to_fb=True)) == bytes(gray))
frame = image.Image(W, H, image.GRAYSCALE, copy_to_fb=True).draw_image(gray)
mirrored = np.frombuffer(frame, dtype=np.uint8).reshape((H, W))[::-1]
check("from the frame buffer to it", bytes(image.Image(mirrored, copy_to_fb=True)) == bytes(gray.to_ndarray("B")[::-1].copy()))
image.Image(2 * W, 2 * H, image.RGB565, copy_to_fb=True)
raises("a frame that is gone", RuntimeError, "gone", lambda: mirrored + 1)
raises("memory too small", ValueError, "too small", lambda: image.Image(f, buffer=bytearray(5)))
raises("memory that can't be written", TypeError, "", lambda: image.Image(f, buffer=bytes(W * H)))
raises("a line", ValueError, "shape", lambda: image.Image(np.zeros(5)))
raises("four channels", ValueError, "shape", lambda: image.Image(np.zeros((5, 5, 4))))
raises("nothing", ValueError, "", lambda: image.Image(np.zeros((0, 5))))
raises("too wide", ValueError, "", lambda: image.Image(np.zeros((1, 40000), dtype=np.uint8)))
raises("a list", TypeError, "ndarray", lambda: image.Image([1, 2]))

# The arrays themselves.
check("brighter", bytes(image.Image(np.clip(f * 1.5 + 10, 0, 255))) == bytes(int(min(255, v * 1.5 + 10) + 0.5) for v in bytes(gray)))
check("the mean is the image's", abs(np.mean(a) - gray.get_statistics().mean) <= 1)
check("a row's position", np.argmax(np.sum(f, axis=1)), (lambda s: s.index(max(s)))([sum(bytes(gray)[W * y : W * y + W]) for y in range(H)]))
a[a > 100] = 0
check("with a mask", max(a.tobytes()) <= 100)
check("as a buffer", bytes(memoryview(np.array([1, 2, 3], dtype=np.int16))), b"\x01\x00\x02\x00\x03\x00")
raises("too large", ValueError, "large", lambda: np.zeros((65536, 65536)))
raises("larger than the heap", MemoryError, "", lambda: np.zeros((1000, 1000)))
raises("not the same shape", ValueError, "(2, 3), (4)", lambda: np.zeros((2, 3)) + np.zeros(4))
