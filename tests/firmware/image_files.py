# SPDX-License-Identifier: MIT
# PNG and JPEG through their Python arguments; the files themselves are proven in tests/unit/test_png_*.c and test_jpeg_*.c.
import binascii
import image
import os

W, H = 40, 24


def gray():
    img = image.Image(W, H, image.GRAYSCALE)
    for i in range(W * H):
        img[i] = (i % W * 5 + i // W * 9) & 255
    return img


def color():
    img = image.Image(W, H, image.RGB565)
    img.draw_rectangle((0, 0, 20, 24), color=(255, 0, 0), fill=True)
    return img.draw_circle((28, 12, 8), color=(0, 255, 0), fill=True).draw_line((0, 0, 39, 23), color=(0, 0, 255))


def bits():
    return gray().to_bitmap()


# to_png, and back
for name, make, to in (("gray", gray, "to_grayscale"), ("colour", color, "to_rgb565"), ("binary", bits, "to_bitmap")):
    png = make().to_png(copy=True)
    check(name + " PNG", (png.format(), png.width(), png.height(), bytes(png)[1:4]), (image.PNG, W, H, b"PNG"))
    check(name + " is the same again", getattr(png, to)(copy=True).bytearray() == make().bytearray())
check("size and len", (lambda p: p.size() == len(p) and p[0] == 0x89)(gray().to_png(copy=True)))
img = gray()
check("in place", (img.to_png() is img, img.format()), (True, image.PNG))
check("once more", img.to_png().format(), image.PNG)
check("and back in place", img.to_grayscale().bytearray() == gray().bytearray())
check("of a region", gray().to_png(roi=(3, 2, 10, 8), copy=True).to_grayscale(copy=True)[0], gray()[2 * W + 3])
check("scaled", (lambda p: (p.width(), p.height()))(gray().to_png(x_scale=0.5, copy=True)), (W // 2, H // 2))
check("a channel", color().to_png(rgb_channel=0, copy=True).to_rgb565(copy=True).get_pixel((2, 10)), (255, 255, 255))
check("through a palette", gray().to_png(color_palette=image.PALETTE_RAINBOW, copy=True).to_rgb565(copy=True).bytearray() == gray().to_rainbow(copy=True).bytearray())
check("colour as gray", color().to_png(copy=True).to_grayscale(copy=True).get_pixel((2, 10)), image.rgb_to_grayscale((255, 0, 0)))
check("a region of a PNG", gray().to_png(copy=True).to_grayscale(roi=(5, 5, 2, 2), copy=True)[0], gray()[5 * W + 5])
check("a PNG scaled", gray().to_png(copy=True).to_grayscale(x_scale=2, copy=True).size(), W * H * 4)
check("copy of a PNG", bytes(gray().to_png(copy=True).copy()) == bytes(gray().to_png(copy=True)))
check("PNG to JPEG", (lambda j: (j.format(), j.width(), abs(j.to_grayscale(copy=True)[500] - gray()[500]) < 6))(gray().to_png(copy=True).to_jpeg(quality=95, copy=True)), (image.JPEG, W, True))
check("JPEG to PNG", (lambda p: (p.format(), p.width()))(color().to_jpeg(copy=True).to_png(copy=True)), (image.PNG, W))
check("drawn", image.Image(W, H, image.GRAYSCALE).draw_image(gray().to_png(copy=True)).bytearray() == gray().bytearray())
check("drawn in colour", image.Image(W, H, image.RGB565).draw_image(color().to_png(copy=True)).bytearray() == color().bytearray())
check("to the frame buffer", gray().to_png(copy=True).to_grayscale(copy_to_fb=True).bytearray() == gray().bytearray())

# What only pixels have
png = gray().to_png(copy=True)
raises("no pixels to get", ValueError, "format", lambda: png.get_pixel((0, 0)))
raises("none to set", ValueError, "", lambda: png.set_pixel((0, 0), 1))
raises("not to be drawn on", ValueError, "convert it first", lambda: png.draw_line((0, 0, 5, 5)))
raises("a region of it is none", ValueError, "", lambda: png.copy(roi=(0, 0, 5, 5)))

# Files
color().save("/flash/t.png")
back = image.Image("/flash/t.png")
check("saved and loaded", (back.format(), back.width(), back.height(), back.to_rgb565(copy=True).bytearray() == color().bytearray()), (image.PNG, W, H, True))
check("a file drawn", image.Image(W, H, image.RGB565).draw_image("/flash/t.png").bytearray() == color().bytearray())
back.save("/flash/u.PNG")
check("kept as it is", bytes(image.Image("/flash/u.PNG")) == bytes(back))
gray().save("/flash/t.png", roi=(1, 1, 5, 4))
check("a region saved", (lambda i: (i.width(), i.height(), i.to_grayscale(copy=True)[0]))(image.Image("/flash/t.png")), (5, 4, gray()[W + 1]))
for name in ("t.png", "u.PNG"):
    os.remove("/flash/" + name)

# A file of another program: four colours by a palette of two bits, with tRNS.
other = bytearray(binascii.unhexlify(
    "89504e470d0a1a0a0000000d494844520000000400000002020300000002c695f00000000c504c5445ff000000ff000000fffffffffb00"
    "60f60000000474524e5300408000f88a73110000000c49444154789c639066780200013901004564919b0000000049454e44ae426082"))
check("a palette", [image.Image(4, 2, image.PNG, buffer=other).to_rgb565(copy=True)[i] for i in (0, 1, 2, 3, 4)],
      [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (255, 255, 255)])
other[45] ^= 1
raises("a wrong CRC", OSError, "damaged", lambda: image.Image(4, 2, image.PNG, buffer=other).to_rgb565(copy=True))
whole = bytearray(color().to_png(copy=True))
raises("truncated", OSError, "damaged", lambda: image.Image(W, H, image.PNG, buffer=whole[:-20]).to_rgb565(copy=True))
raises("not a PNG", OSError, "damaged", lambda: image.Image(W, H, image.PNG, buffer=bytearray(100)).to_rgb565(copy=True))

# JPEG: decoded smaller where that is all that is wanted
big = image.Image(64, 48, image.GRAYSCALE)
for i in range(64 * 48):
    big[i] = (i % 64 * 2 + i // 64) & 255
jpeg = big.to_jpeg(quality=95, copy=True)
for scale in (0.5, 0.25, 0.125, 0.3):
    small = jpeg.to_grayscale(x_scale=scale, copy=True)
    check("JPEG at %s" % scale, (small.width(), small.height()), (int(64 * scale), int(48 * scale)))
    x, y = small.width() // 2, small.height() // 2
    check("its middle at %s" % scale, abs(small.get_pixel((x, y)) - (2 * (x + 0.5) / scale + (y + 0.5) / scale - 1.5)) < 8)
check("mirrored on the way", jpeg.to_grayscale(x_scale=-0.5, copy=True)[0] > jpeg.to_grayscale(x_scale=0.5, copy=True)[0])
check("a region as well", jpeg.to_grayscale(x_scale=0.5, roi=(1, 1, 21, 11), copy=True).size(), 10 * 5)
check("drawn small", image.Image(70, 50, image.GRAYSCALE).draw_image(jpeg, 3, 2, x_scale=0.25).get_pixel((3 + 16, 2)), 0)
check("drawn small, inside", image.Image(70, 50, image.GRAYSCALE).draw_image(jpeg, 3, 2, x_scale=0.25).get_pixel((3 + 15, 2)) > 100)
check("turned", (lambda i: (i.width(), i.height()))(jpeg.to_grayscale(x_scale=0.25, hint=image.ROTATE_90, copy=True)), (12, 16))
progressive = bytearray(jpeg)
at = bytes(progressive).find(b"\xff\xc0")
progressive[at + 1] = 0xC2
raises("progressive", ValueError, "baseline", lambda: image.Image(64, 48, image.JPEG, buffer=progressive).to_grayscale(copy=True))
