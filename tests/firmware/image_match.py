# SPDX-License-Identifier: MIT
# Lines through pixels, flood fill, and comparing pictures, through their Python arguments; the results are proven in tests/unit.
import image

W, H = 64, 48


def blank(format=image.GRAYSCALE, w=W, h=H):
    return image.Image(w, h, format)


# get_regression
line = blank().draw_line((5, 0, 58, 47), 255).get_regression([(200, 255)])
check("a line's fields", len(line), 8)
check("a line's fields have names", (line.x1, line.y1, line.x2, line.y2, line.length, line.magnitude, line.theta, line.rho), tuple(line))
check("where it is", max(abs(a - b) for a, b in zip(line[:4], (5, 0, 58, 47))) <= 1)
check("theta and rho", (line.theta in (131, 132), line.rho), (True, -3))
check("much longer than wide", line.magnitude > 30)
check("nothing to see", blank().get_regression([(200, 255)]), None)
check("inverted", blank().get_regression([(200, 255)], invert=True).magnitude, 0)
check("too few pixels", blank().draw_line((5, 0, 58, 47), 255).get_regression([(200, 255)], pixels_threshold=1000), None)
check("in a region, coarsely", blank().draw_line((40, 0, 40, 47), 255).get_regression([(200, 255)], roi=(30, 0, 20, 48), x_stride=1, target_size=(20, 16))[:4], (40, 0, 40, 47))
noisy = blank().draw_line((0, 10, 63, 10), 255).draw_rectangle((0, 44, 4, 4), 255, fill=True)
check("robust", noisy.get_regression([(200, 255)], robust=True)[:4], (0, 10, 63, 10))
check("not robust", noisy.get_regression([(200, 255)])[:4] != (0, 10, 63, 10))
check("colour", blank(image.RGB565).draw_line((0, 20, 63, 20), (255, 0, 0)).get_regression([(20, 100, 20, 127, 0, 127)]).rho, 20)
raises("no stride", ValueError, "", lambda: blank().get_regression([(200, 255)], x_stride=0))
raises("no size", ValueError, "target_size", lambda: blank().get_regression([(200, 255)], target_size=(0, 5)))
raises("an empty region", ValueError, "", lambda: blank().get_regression([(200, 255)], roi=(100, 100, 5, 5)))
raises("Bayer", ValueError, "convert", lambda: blank(image.BAYER).get_regression([(200, 255)]))

# flood_fill
def boxes(format=image.GRAYSCALE):
    return blank(format).draw_rectangle((10, 10, 20, 20)).draw_rectangle((40, 10, 10, 10), fill=True)


def white(img):
    return sum(1 for v in img.bytearray() if v == 255)


check("flood_fill returns the image", (lambda i: i.flood_fill((0, 0)) is i)(blank()))
check("inside the box", white(boxes().flood_fill((15, 15))), 400 + 100)
check("all but the inside", white(boxes().flood_fill((15, 15), invert=True)), W * H - 18 * 18)
check("the rest black", white(boxes().flood_fill((15, 15), clear_background=True)), 18 * 18)
check("another colour", boxes().flood_fill((45, 15), color=77).get_pixel((41, 19)), 77)
check("everything is like it", white(boxes().flood_fill((0, 0), 1.0, 1.0)), W * H)
ramp = image.Image(W, H, image.GRAYSCALE, buffer=bytearray(2 * x for y in range(H) for x in range(W)))
check("as far as the seed allows", white(ramp.copy().flood_fill((0, 0), seed_threshold=0.1, floating_threshold=0.01)), 14 * H)
check("no step is small enough", white(ramp.copy().flood_fill((0, 0), seed_threshold=1, floating_threshold=0)), H)
check("within a mask", white(blank().flood_fill((0, 0), mask=blank(image.BINARY).draw_rectangle((0, 0, 5, 5), fill=True))), 25)
check("colour", boxes(image.RGB565).flood_fill((15, 15), color=(255, 0, 0)).get_pixel((20, 20)), (255, 0, 0))
check("bitmap", boxes(image.BINARY).flood_fill((15, 15)).get_pixel((20, 20)), 1)
check("outside nothing happens", white(blank().flood_fill((-1, 70))), 0)
raises("nan", ValueError, "", lambda: blank().flood_fill((0, 0), seed_threshold=float("nan")))
raises("below nothing", ValueError, "", lambda: blank().flood_fill((0, 0), floating_threshold=-0.5))
raises("a mask too small", ValueError, "", lambda: blank().flood_fill((0, 0), mask=blank(image.BINARY, 8, 8)))
check("a point of three, as a Blob is longer than what draws needs", sum(p > 0 for p in blank().flood_fill((0, 0, 7))) > 0)
raises("a point of one", ValueError, "2 numbers", lambda: blank().flood_fill((0,)))

# get_similarity
a = ramp.copy()
same = a.get_similarity(a.copy())
check("a Similarity's fields", (same.mean, same.stdev, same.min, same.max), tuple(same))
check("the same picture", [round(v, 4) for v in same], [1, 0, 1, 1])
check("its negative", a.get_similarity(a.copy().negate()).min < 0.5)
check("dissimilarity of the same", [round(v, 4) for v in a.get_similarity(a.copy(), dssim=True)], [0, 0, 0, 0])
check("a part at its place", round(a.get_similarity(a.copy(roi=(16, 8, 16, 16)), 16, 8).mean, 4), 1)
check("a part elsewhere", a.get_similarity(a.copy(roi=(16, 8, 16, 16)), 0, 8).mean < 0.9)
check("scaled", round(a.get_similarity(a.copy(x_scale=0.5, hint=image.AREA), x_scale=2, hint=image.BILINEAR).mean, 1), 1)
check("mirrored twice", round(a.get_similarity(a.copy(hint=image.HMIRROR), hint=image.HMIRROR).mean, 4), 1)
check("colour", round(a.to_rgb565(copy=True).get_similarity(a.to_rgb565(copy=True)).mean, 4), 1)
raises("beside it", ValueError, "", lambda: a.get_similarity(a.copy(), W, 0))
raises("nan", ValueError, "", lambda: a.get_similarity(a.copy(), x_scale=float("nan")))
raises("a colour is no picture", TypeError, "", lambda: a.get_similarity(5))

# find_template
scene = image.Image(W, H, image.GRAYSCALE, buffer=bytearray((x * x // 7 + 3 * y * y // 5 + x * y // 9) & 127 for y in range(H) for x in range(W))).copy()
piece = scene.copy(roi=(22, 14, 12, 9))
check("where the template came from", scene.find_template(piece, 0.9), (22, 14, 12, 9))
check("brighter and with less contrast", scene.copy().gamma(contrast=0.5, brightness=0.3).find_template(piece, 0.9), (22, 14, 12, 9))
check("within a region, step by step", scene.find_template(piece, 0.9, roi=(21, 13, 30, 30), step=1, search=image.SEARCH_EX), (22, 14, 12, 9))
check("not in this region", scene.find_template(piece, 0.99, roi=(0, 0, 30, 20)), None)
check("not among every fifth", scene.find_template(piece, 0.999, step=5), None)
dot = blank().draw_circle((40, 30, 12), 200, fill=True).gaussian(2)
check("diamond", dot.find_template(dot.copy(roi=(26, 16, 28, 28)), 0.9, search=image.SEARCH_DS), (26, 16, 28, 28))
check("a flat template", scene.find_template(blank(w=5, h=5), 0.5), None)
raises("larger than the image", ValueError, "", lambda: piece.find_template(scene, 0.5))
raises("colour", ValueError, "grayscale", lambda: scene.find_template(blank(image.RGB565, 5, 5), 0.5))
raises("a threshold that is no number", ValueError, "", lambda: scene.find_template(piece, float("nan")))
raises("no step", ValueError, "", lambda: scene.find_template(piece, 0.5, step=0))
raises("no such search", ValueError, "SEARCH_EX", lambda: scene.find_template(piece, 0.5, search=7))
raises("an empty region", ValueError, "", lambda: scene.find_template(piece, 0.5, roi=(70, 0, 5, 5)))

# find_displacement
noise = image.Image(64, 64, image.GRAYSCALE, buffer=bytearray((i * 7919 + i * i * 31 + (i >> 6) * 977) >> 3 & 255 for i in range(4096))).copy().gaussian(1)
d = noise.find_displacement(noise.copy())
check("a Displacement's fields", (d.x_translation, d.y_translation, d.rotation, d.scale, d.response), tuple(d))
check("not moved", [round(v, 2) for v in d], [0, 0, 0, 1, 1])
d = noise.find_displacement(noise.copy(), roi=(10, 10, 32, 32), template_roi=(13, 8, 32, 32))
check("moved", (round(d.x_translation), round(d.y_translation), d.rotation, d.scale), (3, -2, 0, 1))
d = noise.find_displacement(noise.copy(), logpolar=True)
check("neither turned nor grown", [round(v, 2) for v in d[:4]], [0, 0, 0, 1])
d = noise.find_displacement(noise.copy(), fix_rotation_scale=True)
check("nor with everything", [round(v, 2) for v in d[:4]], [0, 0, 0, 1])
d = noise.copy(hint=image.ROTATE_180).find_displacement(noise.copy(), logpolar=True)
check("half a turn", round(abs(d.rotation), 1), 3.1)
check("nothing to see", blank().find_displacement(blank()).response, 0)
check("colour with gray", noise.to_rgb565(copy=True).find_displacement(noise.copy()).response > 0.3)
raises("another size", ValueError, "size", lambda: noise.find_displacement(blank()))
raises("an empty region", ValueError, "", lambda: noise.find_displacement(noise, roi=(64, 0, 5, 5)))
raises("no image", TypeError, "", lambda: noise.find_displacement(5))

# selective_search
rects = boxes().selective_search(threshold=100, size=20)
check("regions, then what they make together", len(rects) % 2, 1)
check("the ground, the inside of one, the other", [r in rects for r in ((0, 0, W, H), (11, 11, 18, 18), (40, 10, 10, 10))], [True] * 3)
check("at last everything", rects[-1], (0, 0, W, H))
check("a large size leaves one", boxes().selective_search(size=10000), [(0, 0, W, H)])
check("weights", len(boxes(image.RGB565).selective_search(a1=0.5, a2=2, a3=0)) % 2, 1)
check("nothing but ground", blank().selective_search(), [(0, 0, W, H)])
raises("a size below 0", ValueError, "", lambda: blank().selective_search(size=-1))
raises("a weight that is no number", ValueError, "", lambda: blank().selective_search(a1=float("nan")))
raises("Bayer again", ValueError, "convert", lambda: blank(image.BAYER).selective_search())
