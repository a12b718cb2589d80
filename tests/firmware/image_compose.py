# SPDX-License-Identifier: MIT
# Drawing images, combining and scaling them, through their Python arguments; pixels are proven in tests/unit/test_vision_compose.c.
import image

W, H = 24, 16
ramp = bytearray((x * 9 + y * 5) & 255 for y in range(H) for x in range(W))


def gray():
    return image.Image(W, H, image.GRAYSCALE, buffer=bytearray(ramp)).copy()


def blank(format=image.GRAYSCALE, w=W, h=H):
    return image.Image(w, h, format)


# Scaling
half = gray().copy(x_scale=0.5)
check("one scale is both", (half.width(), half.height()), (W // 2, H // 2))
check("nearest takes the middle", half[0], ramp[W + 1])
check("area averages", gray().copy(x_scale=0.5, hint=image.AREA)[0], (ramp[0] + ramp[1] + ramp[W] + ramp[W + 1]) // 4)
check("scale is crop", gray().scale(x_scale=0.5, y_scale=1.0).size(), W // 2 * H)
check("crop in place with a region and a scale", gray().crop(roi=(4, 4, 8, 8), x_scale=0.5).size(), 16)
check("twice as large", gray().copy(x_scale=2, hint=image.BILINEAR).size(), 4 * W * H)
check("mirror", gray().copy(hint=image.HMIRROR)[0], ramp[W - 1])
check("a negative scale mirrors", gray().copy(x_scale=-1, y_scale=1)[0], ramp[W - 1])
check("flip", gray().copy(hint=image.VFLIP)[0], ramp[(H - 1) * W])
turned = gray().copy(hint=image.ROTATE_90)
check("turned by 90 degrees", (turned.width(), turned.height(), turned[0], turned[H - 1]), (H, W, ramp[(H - 1) * W], ramp[0]))
check("four turns", gray().copy(hint=image.ROTATE_90).copy(hint=image.ROTATE_90).copy(hint=image.ROTATE_180).bytearray() == ramp)
check("to_rgb565 scaled", gray().to_rgb565(x_scale=0.5, copy=True).size(), W * H // 2)
check("Bayer scaled on the way", image.Image(W, H, image.BAYER).to_grayscale(x_scale=0.5, copy=True).size(), W * H // 4)
jpeg = gray().to_jpeg(quality=95, copy=True)
check("JPEG scaled", jpeg.copy(x_scale=0.5).format(), image.RGB565)
check("JPEG through a palette", jpeg.to_rainbow(copy=True).size(), 2 * W * H)

# Drawing
check("draw_image returns the image", (lambda i: i.draw_image(gray()) is i)(blank()))
check("draw_image", blank().draw_image(gray()).bytearray() == ramp)
check("at a place, cut off", [blank().draw_image(gray(), 20, 10)[i] for i in (10 * W + 19, 10 * W + 20, 15 * W + 23)], [0, ramp[0], ramp[5 * W + 3]])
check("above and left", blank().draw_image(gray(), -3, -2)[0], ramp[2 * W + 3])
check("region", blank().draw_image(gray(), 0, 0, roi=(5, 5, 2, 2))[0], ramp[5 * W + 5])
check("alpha", blank().draw_image(gray(), alpha=128)[50], ramp[50] * 129 >> 8)
check("mask", [blank().draw_image(gray(), mask=blank(image.BINARY).set_pixel((2, 0), 1))[i] for i in (1, 2)], [0, ramp[2]])
check("gray into colour", blank(image.RGB565).draw_image(gray()).get_pixel((10, 0)), gray().to_rgb565(copy=True).get_pixel((10, 0)))
check("colour into gray", blank().draw_image(blank(image.RGB565).set_pixel((3, 3), (255, 0, 0)))[3 * W + 3], image.rgb_to_grayscale((255, 0, 0)))
check("palette", blank(image.RGB565).draw_image(gray(), color_palette=image.PALETTE_IRONBOW).get_pixel((1, 1)), gray().to_ironbow(copy=True).get_pixel((1, 1)))
check("centre", blank().draw_image(image.Image(2, 2, image.GRAYSCALE).negate(), hint=image.CENTER)[7 * W + 11], 255)
check("as large as fits", blank().draw_image(image.Image(3, 3, image.GRAYSCALE).negate(), hint=image.SCALE_ASPECT_KEEP).get_statistics().mean, 170)
check("stretched", min(blank().draw_image(image.Image(3, 3, image.GRAYSCALE).negate(), hint=image.SCALE_ASPECT_IGNORE).bytearray()), 255)
check("a JPEG", blank().draw_image(jpeg).get_statistics().max > 200)
check("a colour", min(blank().draw_image(77).bytearray()), 77)
check("replace, assign, set, blend", [getattr(blank(), n)(9)[0] for n in ("replace", "assign", "set", "blend")], [9] * 4)
check("onto itself", gray().draw_image(gray(), 1, 0)[5], ramp[4])
same = gray()
check("the very same image", same.draw_image(same, 1, 0)[5], ramp[4])

# Arithmetic and logic
a, b = gray(), gray().negate()
check("difference", gray().difference(b)[50], abs(2 * ramp[50] - 255))
check("difference with itself", max(gray().difference(gray()).bytearray()), 0)
check("add is cut", max(gray().add(255).bytearray()) == min(gray().add(255).bytearray()) == 255)
check("sub and rsub", (gray().sub(10)[50], gray().rsub(10)[50]), (max(0, ramp[50] - 10), max(0, 10 - ramp[50])))
check("min and max", (gray().min(b)[50], gray().max(b)[50]), (min(ramp[50], 255 - ramp[50]), max(ramp[50], 255 - ramp[50])))
check("logic", [getattr(gray(), n)(0x0F)[50] for n in ("b_and", "b_or", "b_xor", "b_nand", "b_nor", "b_xnor")],
      [f & 255 for f in (ramp[50] & 15, ramp[50] | 15, ramp[50] ^ 15, ~(ramp[50] & 15), ~(ramp[50] | 15), ~(ramp[50] ^ 15))])
check("the old names too", getattr(gray(), "and")(0x0F)[50] == gray().b_and(0x0F)[50] and gray().xor(b)[50] == 255)
check("a colour by its parts", blank(image.RGB565).add((255, 0, 0)).get_pixel((0, 0)), (255, 0, 0))
check("bitmaps", blank(image.BINARY).b_or(gray().to_bitmap(copy=True)).get_pixel((23, 5)), 1 if ramp[5 * W + 23] > 127 else 0)

raises("a scale of 0", ValueError, "", lambda: gray().copy(x_scale=0))
raises("nan", ValueError, "", lambda: gray().draw_image(gray(), x_scale=float("nan")))
raises("much too large", MemoryError, "", lambda: gray().copy(x_scale=100))
raises("not in place", ValueError, "in place", lambda: gray().scale(x_scale=2))
raises("alpha beyond 255", ValueError, "", lambda: gray().draw_image(gray(), alpha=256))
raises("a palette of another size", ValueError, "256", lambda: gray().draw_image(gray(), color_palette=blank(image.RGB565)))
raises("an empty region", ValueError, "", lambda: gray().draw_image(gray(), roi=(100, 100, 5, 5)))
raises("no such file", OSError, "", lambda: gray().add("/flash/nothing.bmp"))
raises("not an image", TypeError, "", lambda: gray().add(None))

# Geometry
check("no rotation", gray().rotation_corr().bytearray() == ramp)
check("half a turn", gray().rotation_corr(z_rotation=180)[0], ramp[-1])
check("corners", gray().rotation_corr(corners=((23, 0), (0, 0), (0, 15), (23, 15)))[0], ramp[23])
check("lens_corr keeps the middle", gray().lens_corr(1.8)[8 * W + 12], ramp[8 * W + 12])
check("lens_corr pulls the corners in", gray().lens_corr(strength=3.0, zoom=0.5)[0] != ramp[0])
check("linpolar begins in the middle", gray().linpolar()[0], ramp[8 * W + 12])
check("logpolar and back", abs(gray().logpolar().logpolar(reverse=True)[8 * W + 14] - ramp[8 * W + 14]) < 30)
raises("a zoom of 0", ValueError, "", lambda: gray().rotation_corr(zoom=0))
raises("three corners", ValueError, "", lambda: gray().rotation_corr(corners=((0, 0), (1, 0), (1, 1))))
raises("corners on a line", ValueError, "", lambda: gray().rotation_corr(corners=((0, 0), (5, 0), (9, 0), (12, 0))))
raises("no lens", ValueError, "", lambda: gray().lens_corr(0.0))
