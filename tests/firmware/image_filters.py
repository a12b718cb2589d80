# SPDX-License-Identifier: MIT
# Neighbourhood filters and morphology, through their Python arguments; what they compute is proven in tests/unit/test_vision_filter.c.
import image

W, H = 24, 16


def gray(values):
    return image.Image(W, H, image.GRAYSCALE, buffer=bytearray(values)).copy()


ramp = [(x * 9 + y * 5) & 255 for y in range(H) for x in range(W)]
dot = [255 if i == 8 * W + 12 else 0 for i in range(W * H)]


def window(values, x, y, k=1):
    return sorted(values[min(max(y + j, 0), H - 1) * W + min(max(x + i, 0), W - 1)] for j in range(-k, k + 1) for i in range(-k, k + 1))


img = gray(ramp)
check("mean returns the image", img.mean(1) is img)
check("mean", [img[y * W + x] for x, y in ((0, 0), (5, 7), (23, 15))], [sum(window(ramp, x, y)) // 9 for x, y in ((0, 0), (5, 7), (23, 15))])
check("median", gray(ramp).median(2)[7 * W + 23], window(ramp, 23, 7, 2)[12])
check("percentile 0 is the minimum", gray(ramp).median(1, percentile=0)[50], window(ramp, 50 % W, 50 // W)[0])
check("midpoint with a bias", gray(ramp).midpoint(1, bias=1)[50], window(ramp, 50 % W, 50 // W)[8])
check("mode", gray(dot).mode(1)[8 * W + 12], 0)
check("gaussian spreads", [gray(dot).gaussian(1)[8 * W + 12 + i] for i in (-1, 0, 1, 2)], [255 * 2 // 16, 255 * 4 // 16, 255 * 2 // 16, 0])
check("blur and gaussian_blur are gaussian", gray(ramp).blur(2).bytearray() == gray(ramp).gaussian_blur(2).bytearray() == gray(ramp).gaussian(2).bytearray())
check("unsharp keeps a flat image", set(gray([77] * (W * H)).gaussian(1, unsharp=True).bytearray()), {77})
wide = [(1, 12, 66, 220, 495, 792, 924)[i] for i in (0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0)]
check("gaussian of 13 x 13", [gray(dot).gaussian(6)[8 * W + 12 + i] for i in range(-6, 7)], [255 * 924 * v >> 24 for v in wide])
check("gaussian of 25 x 25 keeps a flat image", set(gray([77] * (W * H)).gaussian(12).bytearray()), {77})
for name in ("gaussian", "laplacian"):
    raises(name + " of a larger ksize", ValueError, "ksize must be 0 to 12", lambda: getattr(gray(dot), name)(13))
check("laplacian of a flat image", set(gray([77] * (W * H)).laplacian(1).bytearray()), {0})
check("sharpen keeps a flat image", set(gray([77] * (W * H)).laplacian(1, sharpen=True).bytearray()), {77})
check("morph divides by the sum", gray(ramp).morph(1, [1] * 9)[50], sum(window(ramp, 50 % W, 50 // W)) // 9)
check("morph with mul and add", gray(dot).morph(1, (0, 0, 0, 0, 1, 0, 0, 0, 0), mul=0.5, add=10)[8 * W + 12], 137)
check("bilateral keeps an edge", [gray([0 if x < 12 else 200 for y in range(H) for x in range(W)]).bilateral(2)[i] for i in (11, 12)], [0, 200])
check("adaptive threshold", sum(gray(dot).mean(1, threshold=True, offset=5).bytearray()) // 255, 1)
check("adaptive threshold inverted", sum(gray(dot).mean(1, threshold=True, offset=5, invert=True).bytearray()) // 255, W * H - 1)
mask = image.Image(W, H, image.BINARY).set_pixel((12, 8), 1)
check("mask", [gray(dot).mean(1, mask=mask)[8 * W + 12 + i] for i in (-1, 0)], [0, 28])
rgb = image.Image(W, H, image.RGB565).set_pixel((5, 5), (255, 0, 0))
check("colour", rgb.copy().mean(1).get_pixel((5, 5)), (24, 0, 0))
check("bitmap", image.Image(W, H, image.BINARY).draw_rectangle((2, 2, 9, 9), color=1, fill=True).median(1).get_pixel((2, 2)), 0)

check("dilate", sum(gray(dot).dilate(1).bytearray()) // 255, 9)
check("erode", sum(gray(dot).dilate(2).erode(1).bytearray()) // 255, 9)
check("erode with a threshold", sum(gray(dot).dilate(1).erode(1, threshold=5).bytearray()) // 255, 5)
check("open removes a dot", sum(gray(dot).open(1).bytearray()), 0)
check("close keeps it", sum(gray(dot).close(1).bytearray()) // 255, 1)
check("top hat is what open removes", sum(gray(dot).top_hat(1).bytearray()) // 255, 1)
check("black hat", sum(gray(dot).black_hat(1).bytearray()), 0)

raises("ksize below 0", ValueError, "", lambda: gray(dot).mean(-1))
raises("ksize too large", ValueError, "", lambda: gray(dot).erode(1000))
raises("a kernel of another size", ValueError, "", lambda: gray(dot).morph(1, [1] * 8))
raises("percentile beyond 1", ValueError, "", lambda: gray(dot).median(1, percentile=1.5))
raises("nan", ValueError, "", lambda: gray(dot).bilateral(1, color_sigma=float("nan")))
raises("infinite", ValueError, "", lambda: gray(dot).gaussian(1, mul=float("inf")))
raises("a smaller mask", ValueError, "", lambda: gray(dot).mean(1, mask=image.Image(3, 3, image.BINARY)))
raises("Bayer", ValueError, "convert", lambda: image.Image(W, H, image.BAYER).mean(1))
raises("no ksize", TypeError, "", lambda: gray(dot).mean())

# Adjustments
check("negate and invert", (gray(ramp).negate()[50], gray(ramp).invert()[50]), (255 - ramp[50], 255 - ramp[50]))
check("negate twice", gray(ramp).negate().negate().bytearray() == bytearray(ramp))
check("negate of a colour", image.Image(2, 2, image.RGB565).negate().get_pixel((1, 1)), (255, 255, 255))
check("gamma 1 changes nothing", gray(ramp).gamma().bytearray() == bytearray(ramp))
check("gamma below 1 darkens", gray([128] * (W * H)).gamma(gamma=0.5)[0], 64)
check("contrast and brightness", gray([100] * (W * H)).gamma_corr(contrast=2.0, brightness=0.1)[0], 226)
blue = image.Image(4, 4, image.RGB565)
for i in range(16):
    blue[i] = (60, 60, 120)
check("awb makes gray of a tint", blue.copy().awb().get_pixel((1, 1)), (123, 121, 123))
check("awb by maxima", blue.copy().awb(max=True).get_pixel((1, 1)), (123, 121, 123))
check("ccm swaps red and blue", blue.copy().ccm([[0, 0, 1], [0, 1, 0], [1, 0, 0]]).get_pixel((1, 1)), (123, 60, 57))
check("ccm flat, with offsets", blue.copy().ccm((0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 128)).get_pixel((1, 1)), (255, 0, 132))
check("histeq uses the whole range", max(gray(i // 8 for i in range(W * H)).histeq().bytearray()), 255)
check("adaptive histeq", max(gray(i // 8 for i in range(W * H)).histeq(adaptive=True, clip_limit=3).bytearray()) > 100)
raises("a matrix of eight", ValueError, "3 x 3", lambda: blue.copy().ccm([1] * 8))
raises("a gamma of 0", ValueError, "", lambda: gray(ramp).gamma(gamma=0))
raises("too small for tiles", ValueError, "", lambda: blue.copy().histeq(adaptive=True))
