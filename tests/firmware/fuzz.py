# SPDX-License-Identifier: MIT
# Every method of Image with arguments that make sense and arguments that make none. Each call returns or raises an Exception, and afterwards
# all images, the heap and the pools are sound. FUZZ = first episode, how many (run.sh); an episode's calls follow from its number.
import gc
import time

import image
import umalloc

MOST_MS = 20000
state = 0


def rnd(n):
    global state
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    return (state >> 12) % n


def pick(items):
    return items[rnd(len(items))]


INTS = (0, 1, 2, 3, 4, 7, 10, 16, 25, 31, 100, 127, 128, 255, 256, 1000, 32767, 32768, 65535, 65536, 0x3FFFFFFF, 0x40000000, 0x7FFFFFFF)
BAD_INTS = (-1, -2, -10, -100, -32768, -0x40000000, -0x80000000, 0x80000000, 0xFFFFFFFF, 1 << 40, -(1 << 70))
FLOATS = (0.0, 0.5, 1.0, 1.5, -1.0, 2.0, 3.7, 90.0, 1e-6, 1e-38, 1e6, 1e38, -0.25)
BAD_FLOATS = (float("nan"), float("inf"), -float("inf"))
FORMATS = (image.BINARY, image.GRAYSCALE, image.RGB565)
OTHER_FORMATS = (image.BAYER, image.YUV422)


class Evil:
    """Becomes a number by changing the image it is meant for."""

    def __init__(self, images):
        self.images = images

    def meddle(self):
        try:
            meddle(self.images)
        except Exception:
            pass

    def __int__(self):
        self.meddle()
        return 3

    def __float__(self):
        self.meddle()
        return 1.5

    def __bool__(self):
        self.meddle()
        return True


def meddle(images):
    img = pick(images)
    what = rnd(6)
    if what == 0:
        img.to_jpeg()
    elif what == 1:
        img.crop(roi=(1, 1, 3, 3))
    elif what == 2:
        img.copy(copy_to_fb=True, x_scale=3)
    elif what == 3:
        img.to_grayscale()
    elif what == 4:
        umalloc.collect()
    else:
        gc.collect()


def integer(images):
    k = rnd(20)
    return pick(BAD_INTS) if k == 0 else pick(FLOATS) if k == 1 else pick(INTS) if k < 10 else rnd(50) - 5


def number(images):
    k = rnd(20)
    return pick(BAD_FLOATS) if k == 0 else integer(images) if k < 5 else pick(FLOATS)


def several(n):
    return lambda images: tuple(integer(images) for i in range(n))


def rect(images):
    return (rnd(30) - 4, rnd(30) - 4, rnd(40), rnd(40)) if rnd(4) else several(4)(images)


def flag(images):
    return rnd(2) == 0


def color(images):
    return several(3)(images) if rnd(2) else integer(images)


def an_image(images):
    return pick(images)


def mask(images):
    return None if rnd(2) else pick(images)


def operand(images):
    return pick(images) if rnd(4) else color(images) if rnd(4) else "/flash/fuzz.bmp"


def thresholds(images):
    return [tuple(rnd(300) - 130 for i in range(1 + rnd(6))) for j in range(rnd(4))]


def palette(images):
    return pick((image.PALETTE_RAINBOW, image.PALETTE_IRONBOW, 7, -1)) if rnd(3) else pick(images)


def hint(images):
    return rnd(0x2000) if rnd(3) else pick((image.BILINEAR, image.AREA, image.BICUBIC)) | rnd(16) * 16


def matrix(images):
    return tuple(pick((0, 0, 0, 1, 1, -1, 0.001, 10, 0.5)) for i in range(9)) if rnd(4) else tuple(number(images) for i in range(pick((3, 9, 12))))


def corners(images):
    return tuple((rnd(60) - 10, rnd(60) - 10) for i in range(4)) if rnd(4) else tuple(several(2)(images) for i in range(4))


def kernel(images):
    return [rnd(9) - 4 for i in range(pick((1, 9, 25)))]


def path(images):
    return "/flash/fuzz." + pick(("bmp", "pgm", "ppm", "png", "jpg", "txt"))


def text(images):
    return pick(("", "A", "hello\nworld", "\xff\n\r\t", "x" * 100))


def callback(images):
    def call(*blobs):
        k = rnd(8)
        if k == 0:
            raise ValueError("no")
        if k < 3:
            try:
                meddle(images)
            except Exception:
                pass
        return k != 3
    return call


def keypoints(images):
    return [several(3)(images) for i in range(rnd(4))]


def events(images):
    return bytearray(12 * rnd(3))


COMPOSE = {"x_scale": number, "y_scale": number, "roi": rect, "rgb_channel": integer, "alpha": integer, "color_palette": palette, "alpha_palette": mask,
           "hint": hint, "transform": matrix}
DRAWN = dict(COMPOSE, mask=mask)
MADE = dict(COMPOSE, copy=flag, copy_to_fb=flag, quality=integer, subsampling=integer)
FILTER = {"threshold": flag, "offset": integer, "invert": flag, "mask": mask}
MORPH = {"threshold": integer, "mask": mask}
COUNT = {"thresholds": thresholds, "invert": flag, "roi": rect, "bins": integer, "l_bins": integer, "a_bins": integer, "b_bins": integer, "difference": mask}
dtype = lambda images: pick(("B", "b", "f", "H"))
small = lambda images: rnd(5) if rnd(8) else integer(images)
FILTER2 = dict(FILTER, mul=number, add=number, unsharp=flag)
# positional arguments, and how many of them are required; keyword arguments
SIGNATURES = {
    "get_pixel": ((several(2),), 1, {"rgbtuple": flag}), "set_pixel": ((several(2), color), 1, {}), "clear": ((), 0, {"mask": mask}), "save": ((path,), 1, {"roi": rect, "quality": integer}),
    "draw_line": ((several(4), color, integer), 1, {}), "draw_rectangle": ((rect, color, integer, flag), 1, {}), "draw_circle": ((several(3), color, integer, flag), 1, {}),
    "draw_ellipse": ((several(5), color, integer, flag), 1, {}), "draw_cross": ((several(2), color, integer, integer), 1, {}), "draw_arrow": ((several(4), color, integer, integer), 1, {}),
    "draw_string": ((several(2), text, color, number, integer, integer, flag, integer, flag, flag, integer, flag, flag), 2, {}),
    "draw_edges": ((corners, color, integer, integer, flag), 1, {}), "draw_detection": ((several(6), color, color, integer, integer, flag, text, several(2)), 1, {}),
    "draw_keypoints": ((keypoints, color, integer, integer, flag), 1, {}), "draw_event_histogram": ((events,), 1, {"clear": flag, "brightness": integer, "contrast": integer}),
    "mask_rectangle": ((rect,), 0, {}), "mask_circle": ((several(3),), 0, {}), "mask_ellipse": ((several(5),), 0, {}),
    "flood_fill": ((several(2), number, number, color, flag, flag, mask), 1, {}),
    "binary": ((thresholds,), 1, {"invert": flag, "zero": flag, "mask": mask, "to_bitmap": flag, "copy": flag}),
    "awb": ((), 0, {"max": flag}), "ccm": ((matrix,), 1, {}), "gamma": ((), 0, {"gamma": number, "contrast": number, "brightness": number}),
    "histeq": ((), 0, {"adaptive": flag, "clip_limit": number, "mask": mask}),
    "mean": ((small,), 1, FILTER), "mode": ((small,), 1, FILTER), "median": ((small,), 1, dict(FILTER, percentile=number)), "midpoint": ((small,), 1, dict(FILTER, bias=number)),
    "morph": ((small, kernel), 2, dict(FILTER, mul=number, add=number)), "gaussian": ((small,), 1, FILTER2), "laplacian": ((small,), 1, dict(FILTER, mul=number, add=number, sharpen=flag)),
    "bilateral": ((small,), 1, dict(FILTER, color_sigma=number, space_sigma=number)),
    "lens_corr": ((number,), 0, {"zoom": number, "x_corr": number, "y_corr": number}), "linpolar": ((), 0, {"x": number, "y": number, "reverse": flag}),
    "logpolar": ((), 0, {"x": number, "y": number, "reverse": flag}),
    "rotation_corr": ((), 0, {"x_rotation": number, "y_rotation": number, "z_rotation": number, "x_translation": number, "y_translation": number, "zoom": number, "fov": number, "corners": corners}),
    "get_similarity": ((operand, integer, integer), 1, dict(COMPOSE, dssim=flag)), "get_histogram": ((), 0, COUNT), "get_statistics": ((), 0, COUNT),
    "get_regression": ((thresholds,), 1, {"invert": flag, "roi": rect, "x_stride": integer, "y_stride": integer, "area_threshold": integer, "pixels_threshold": integer, "target_size": several(2), "robust": flag}),
    "find_displacement": ((an_image,), 1, {"roi": rect, "template_roi": rect, "logpolar": flag, "fix_rotation_scale": flag}),
    "find_template": ((an_image, number), 2, {"roi": rect, "step": integer, "search": lambda images: rnd(3)}),
    "selective_search": ((), 0, {"threshold": integer, "size": integer, "a1": number, "a2": number, "a3": number}),
    "find_blobs": ((thresholds,), 1, {"invert": flag, "roi": rect, "x_stride": integer, "y_stride": integer, "area_threshold": integer, "pixels_threshold": integer, "merge": flag,
                                      "margin": integer, "threshold_cb": callback, "merge_cb": callback, "x_hist_bins_max": integer, "y_hist_bins_max": integer}),
    "find_lines": ((), 0, {"roi": rect, "x_stride": integer, "y_stride": integer, "threshold": integer, "theta_margin": integer, "rho_margin": integer}),
    "find_line_segments": ((), 0, {"roi": rect, "merge_distance": integer, "max_theta_diff": integer, "threshold": integer}),
    "find_circles": ((), 0, {"roi": rect, "x_stride": integer, "y_stride": integer, "threshold": integer, "x_margin": integer, "y_margin": integer, "r_margin": integer,
                             "r_min": integer, "r_max": integer, "r_step": integer}),
    "to_ndarray": ((dtype,), 1, {"buffer": lambda images: bytearray(2000)}),
    "find_rects": ((), 0, {"roi": rect, "threshold": integer}), "find_edges": ((lambda images: rnd(3),), 1, {"roi": rect, "threshold": several(2)}),
}
for name in ("erode", "dilate", "open", "close", "top_hat", "black_hat"):
    SIGNATURES[name] = ((small,), 1, MORPH)
for name in ("draw_image", "b_and", "b_nand", "b_or", "b_nor", "b_xor", "b_xnor", "add", "sub", "rsub", "min", "max", "difference"):
    SIGNATURES[name] = ((operand, integer, integer), 1, DRAWN)
for name in ("copy", "crop", "to_bitmap", "to_grayscale", "to_rgb565", "to_rainbow", "to_ironbow", "to_depth", "to_evt_dark", "to_evt_light", "to_jpeg", "to_png"):
    SIGNATURES[name] = ((), 0, MADE)
for name, of in (("compress", "to_jpeg"), ("scale", "crop"), ("blur", "gaussian"), ("gaussian_blur", "gaussian"), ("invert", "negate"), ("gamma_corr", "gamma"), ("and", "b_and"),
                 ("assign", "draw_image"), ("set", "draw_image"), ("or", "b_or"), ("xor", "b_xor"), ("histogram", "get_histogram"), ("statistics", "get_statistics")):
    SIGNATURES[name] = SIGNATURES.get(of, ((), 0, {}))
ANY = (integer, number, color, rect, flag, an_image, mask, operand, thresholds, matrix, corners, text, path, callback, lambda images: None, lambda images: Evil(images), lambda images: b"12", lambda images: {})


def value(kind, images):
    return pick(ANY)(images) if rnd(12) == 0 else kind(images)


def new_image():
    w, h = 1 + rnd(24), 1 + rnd(20)
    img = image.Image(w, h, pick(FORMATS) if rnd(12) else pick(OTHER_FORMATS), copy_to_fb=rnd(6) == 0)
    data = img.bytearray()
    if rnd(4):
        for i in range(len(data)):
            data[i] = rnd(256) if i & 7 else 0
    del data
    if rnd(12) == 0:
        img = img.to_jpeg(copy=True) if rnd(2) else img.to_png(copy=True)
    return img


def sound(img):
    try:
        w, h, f, size = img.width(), img.height(), img.format(), img.size()
    except RuntimeError:
        return True                 # it lay in a frame buffer that is gone
    rows = {image.BINARY: (w + 31) // 32 * 4, image.GRAYSCALE: w, image.RGB565: 2 * w}
    return 0 < w < 32768 and 0 < h < 32768 and (f not in rows or size == rows[f] * h) and len(img.bytearray()) == size


def arguments(name, images):
    positional, required, keywords = SIGNATURES.get(name, ((), 0, {}))
    if rnd(15) == 0:
        return tuple(pick(ANY)(images) for i in range(rnd(6))), {}
    args = tuple(value(kind, images) for kind in positional[: required + rnd(len(positional) - required + 1)])
    return args, {key: value(keywords[key], images) for key in keywords if rnd(len(keywords)) < 2}


def there(name):
    """Not one of those that say that this firmware has not got them."""
    try:
        getattr(image.Image(1, 1, image.GRAYSCALE), name)()
    except NotImplementedError:
        return False
    except Exception:
        pass
    return True


METHODS = [name for name in dir(image.Image) if name[0] != "_" and there(name)]
done = 0


def episode(number):
    global state, done
    state = number * 7919 + 1
    images = [new_image() for i in range(6)]
    guard = image.Image(37, 11, image.GRAYSCALE).clear()
    kept = [bytes([number & 255, i]) * 9 for i in range(40)]
    for n in range(60):
        name = pick(METHODS)
        img = pick(images)
        args, keywords = arguments(name, images)
        start = time.ticks_ms()
        got = None
        if trace:
            print("#", n, name, img, args, keywords)
        try:
            got = getattr(img, name)(*args, **keywords)
            done += 1
        except Exception as e:
            if not str(e) and not isinstance(e, (KeyError, MemoryError, StopIteration)):
                return "call %d: %s: %s without a text" % (n, name, type(e).__name__)
        ms = time.ticks_diff(time.ticks_ms(), start)
        if ms > MOST_MS:
            return "call %d: %s took %d ms" % (n, name, ms)
        if isinstance(got, image.Image) and not any(got is i for i in images):
            images[rnd(len(images))] = got
        got = args = keywords = None
        if not all(sound(i) for i in images):
            return "call %d: %s: an image's head is damaged" % (n, name)
        if any(guard.bytearray()):
            return "call %d: %s: another image has been written to" % (n, name)
        if rnd(8) == 0:
            images[rnd(len(images))] = new_image()
    gc.collect()
    if any(kept[i] != bytes([number & 255, i]) * 9 for i in range(40)):
        return "the heap has been written to"
    return None


image.Image(5, 4, image.RGB565).save("/flash/fuzz.bmp")
gc.collect()
gc.collect()
persistent = umalloc.stats()[2]
first, count = FUZZ or (1, 12)
trace = count == 1
for number_of in range(first, first + count):
    if count > 20:
        print("# episode", number_of)
    wrong = episode(number_of)
    if wrong:
        print("FAIL episode %d: %s [rerun: FUZZ='%d, 1' tests/firmware/run.sh fuzz]" % (number_of, wrong, number_of))
        break
else:
    print("PASS %d calls of Image's methods with any arguments, of which %d did something" % (60 * count, done))
gc.collect()
gc.collect()
left = umalloc.stats()[2] - persistent
check("nothing piles up in the pools: %d blocks, of which one is the frame buffer" % left, left <= 3)  # a stale word of the stack may look like a pointer
img = image.Image(64, 48, image.GRAYSCALE).draw_circle((30, 20, 10), 255, 1, True)
check("and the camera works", [(b.cx, b.cy) for b in img.find_blobs([(128, 255)])], [(30, 20)])
