# SPDX-License-Identifier: MIT
# The names of the image module: methods, keywords, constants, functions, fields of results. What is unavailable must say so, and nothing else.
import gif
import image
import mjpeg
from ulab import numpy

NAMES = dir(image)
METHODS = dir(image.Image)
img = image.Image(32, 24, image.RGB565)
gray = image.Image(32, 24, image.GRAYSCALE).draw_rectangle((8, 8, 8, 8), color=200, fill=True)
UNAVAILABLE = "This function is unavailable on your OpenMV Cam."


def missing(kind, wanted, there):
    check(kind, [n for n in wanted.split() if n not in there], [])


missing("basic methods", "width height format size bytearray to_ndarray get_pixel set_pixel to_bitmap to_grayscale to_rgb565 to_rainbow to_ironbow to_depth "
        "to_evt_dark to_evt_light to_jpeg compress to_png copy crop scale save flush clear", METHODS)
missing("drawing methods", "draw_line draw_rectangle draw_circle draw_ellipse draw_string draw_cross draw_arrow draw_detection draw_edges draw_keypoints "
        "draw_image assign replace set blend draw_event_histogram flood_fill mask_rectangle mask_circle mask_ellipse", METHODS)
missing("arithmetic and filters", "awb ccm gamma gamma_corr binary invert negate and nand or nor xor xnor b_and b_nand b_or b_nor b_xor b_xnor add sub rsub min "
        "max difference erode dilate open close top_hat black_hat histeq mean median mode midpoint morph gaussian blur gaussian_blur laplacian bilateral linpolar "
        "logpolar lens_corr rotation_corr", METHODS)
missing("statistics and finders", "get_similarity get_histogram histogram get_hist get_statistics statistics get_stats get_regression find_displacement "
        "find_template selective_search stereo_disparity find_blobs find_lines find_line_segments find_circles find_rects find_qrcodes find_apriltags "
        "find_datamatrices find_barcodes find_features find_eye find_lbp find_keypoints find_edges find_hog", METHODS)
missing("functions and types", "Image ImageIO HaarCascade load_descriptor save_descriptor match_descriptor get_solidity get_convexity get_major_axis_line "
        "get_minor_axis_line get_enclosing_circle get_enclosed_ellipse", NAMES)
spaces = "binary grayscale rgb lab yuv".split()
missing("colour functions", " ".join("%s_to_%s" % (a, b) for a in spaces for b in spaces if a != b), NAMES)
missing("ImageIO", "type is_closed count offset version buffer_size size write read seek sync close FILE_STREAM MEMORY_STREAM", dir(image.ImageIO))
missing("Gif", "width height format size loop add_frame close", dir(gif.Gif))
missing("numpy", "array asarray zeros ones full empty eye arange linspace frombuffer concatenate sum mean var std min max argmin argmax all any median sort argsort "
        "cumsum diff roll flip reshape transpose dot maximum minimum arctan2 where clip around exp log sqrt sin cos tan asin acos atan floor ceil tanh isinf "
        "isfinite linalg pi e inf nan bool uint8 int8 uint16 int16 float ndarray", dir(numpy))
missing("ndarray", "shape strides ndim size itemsize dtype T copy flatten reshape transpose tobytes tolist astype sort", dir(numpy.zeros(1)))
missing("Mjpeg", "is_closed width height count size add_frame write sync close", dir(mjpeg.Mjpeg))

CONSTANTS = {
    "BINARY": 0x08010000, "GRAYSCALE": 0x08020001, "RGB565": 0x0C030002, "BAYER": 0x05040001, "YUV422": 0x14050002, "JPEG": 0x06060000, "PNG": 0x06070000,
    "AREA": 1, "BILINEAR": 2, "BICUBIC": 4, "HMIRROR": 0x10, "VFLIP": 0x20, "TRANSPOSE": 0x40, "CENTER": 0x80, "EXTRACT_RGB_CHANNEL_FIRST": 0x100,
    "APPLY_COLOR_PALETTE_FIRST": 0x200, "SCALE_ASPECT_KEEP": 0x400, "SCALE_ASPECT_EXPAND": 0x800, "SCALE_ASPECT_IGNORE": 0x1000,
    "BLACK_BACKGROUND": 0x80000000, "ROTATE_90": 0x60, "ROTATE_180": 0x30, "ROTATE_270": 0x50,
    "JPEG_SUBSAMPLING_AUTO": 0, "JPEG_SUBSAMPLING_444": 0x11, "JPEG_SUBSAMPLING_422": 0x21, "JPEG_SUBSAMPLING_420": 0x22,
    "TAG16H5": 1, "TAG25H9": 2, "TAG36H10": 4, "TAG36H11": 8, "TAGCIRCLE21H7": 16, "TAGCIRCLE49H12": 32, "TAGCUSTOM48H12": 64, "TAGSTANDARD41H12": 128,
    "TAGSTANDARD52H13": 256,
}
for i, name in enumerate("EAN2 EAN5 EAN8 UPCE ISBN10 UPCA EAN13 ISBN13 I25 DATABAR DATABAR_EXP CODABAR CODE39 PDF417 CODE93 CODE128".split()):
    CONSTANTS[name] = i
for name, value in CONSTANTS.items():
    if getattr(image, name, None) != value:
        check(name, getattr(image, name, None), value)
check("%d constants" % len(CONSTANTS), True)
missing("other constants", "PALETTE_RAINBOW PALETTE_IRONBOW PALETTE_DEPTH PALETTE_EVT_DARK PALETTE_EVT_LIGHT SEARCH_EX SEARCH_DS EDGE_CANNY EDGE_SIMPLE "
        "CORNER_FAST CORNER_AGAST", NAMES)

# Every keyword, with its default: the call is the same as without. One line a method: name, positional arguments, keywords.
identity = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
copying = {"x_scale": 1.0, "y_scale": 1.0, "roi": (0, 0, 32, 24), "rgb_channel": -1, "alpha": 255, "color_palette": None, "alpha_palette": None, "hint": 0,
           "transform": None, "copy": True, "copy_to_fb": False, "quality": 90, "subsampling": image.JPEG_SUBSAMPLING_AUTO}
onto = {"x": 0, "y": 0, "x_scale": 1.0, "y_scale": 1.0, "roi": (0, 0, 32, 24), "rgb_channel": -1, "alpha": 255, "color_palette": None, "alpha_palette": None,
        "hint": 0, "transform": None, "mask": None}
window = {"threshold": False, "offset": 0, "invert": False, "mask": None}
stats = {"thresholds": None, "invert": False, "roi": (0, 0, 32, 24), "bins": -1, "l_bins": -1, "a_bins": -1, "b_bins": -1, "difference": None}


def plus(a, **b):
    c = dict(a)
    c.update(b)
    return c


CALLS = [(n, (), copying) for n in "to_bitmap to_grayscale to_rgb565 to_rainbow to_ironbow to_depth to_evt_dark to_evt_light to_jpeg compress to_png copy crop scale".split()]
CALLS += [(n, (img,), onto) for n in "draw_image assign replace set blend and nand or nor xor xnor b_and b_nand b_or b_nor b_xor b_xnor add sub rsub min max difference".split()]
CALLS += [(n, (1,), {"threshold": 0, "mask": None}) for n in "erode dilate open close top_hat black_hat".split()]
CALLS += [(n, (), stats) for n in "get_histogram histogram get_hist get_statistics statistics get_stats".split()]
CALLS += [(n, (1,), plus(window, unsharp=False, mul=1.0, add=0.0)) for n in "gaussian blur gaussian_blur".split()]
CALLS += [(n, (), {"gamma": 1.0, "contrast": 1.0, "brightness": 0.0}) for n in "gamma gamma_corr".split()]
CALLS += [(n, (), {"x": 16, "y": 12, "reverse": False}) for n in "linpolar logpolar".split()]
CALLS += [
    ("get_pixel", ((1, 1),), {"rgbtuple": None}),
    ("set_pixel", ((1, 1),), {"color": -1}),
    ("clear", (), {"mask": None}),
    ("draw_line", ((1, 1, 5, 5),), {"color": -1, "thickness": 1}),
    ("draw_rectangle", ((1, 1, 5, 5),), {"color": -1, "thickness": 1, "fill": False}),
    ("draw_circle", ((5, 5, 3),), {"color": -1, "thickness": 1, "fill": False}),
    ("draw_ellipse", ((5, 5, 3, 2, 30),), {"color": -1, "thickness": 1, "fill": False}),
    ("draw_string", ((1, 1), "A"), {"color": -1, "scale": 1.0, "x_spacing": 0, "y_spacing": 0, "mono_space": True, "char_rotation": 0, "char_hmirror": False,
                                  "char_vflip": False, "string_rotation": 0, "string_hmirror": False, "string_vflip": False}),
    ("draw_cross", ((5, 5),), {"color": -1, "size": 5, "thickness": 1}),
    ("draw_arrow", ((1, 1, 9, 9),), {"color": -1, "size": 10, "thickness": 1}),
    ("draw_detection", ((1, 1, 9, 9, 0.5, 0), 255), {"color2": 255, "size": 5, "thickness": 1, "fill": False, "label": None, "label_offset": None}),
    ("draw_edges", (((1, 1), (5, 1), (5, 5), (1, 5)),), {"color": -1, "size": 0, "thickness": 1, "fill": False}),
    ("draw_keypoints", ([(5, 5, 30)],), {"color": -1, "size": 10, "thickness": 1, "fill": False}),
    ("flood_fill", ((1, 1),), {"seed_threshold": 0.05, "floating_threshold": 0.05, "color": -1, "invert": False, "clear_background": False, "mask": None}),
    ("mask_rectangle", ((1, 1, 9, 9),), {}),
    ("mask_circle", ((9, 9, 5),), {}),
    ("mask_ellipse", ((9, 9, 5, 3, 0),), {}),
    ("awb", (), {"max": False}),
    ("ccm", ([1, 0, 0, 0, 1, 0, 0, 0, 1],), {}),
    ("binary", ([(10, 20)],), {"invert": False, "zero": False, "mask": None, "to_bitmap": False, "copy": False}),
    ("invert", (), {}),
    ("negate", (), {}),
    ("histeq", (), {"adaptive": False, "clip_limit": -1, "mask": None}),
    ("mean", (1,), window),
    ("median", (1,), plus(window, percentile=0.5)),
    ("mode", (1,), window),
    ("midpoint", (1,), plus(window, bias=0.5)),
    ("morph", (1, [0, 0, 0, 0, 1, 0, 0, 0, 0]), plus(window, mul=1.0, add=0.0)),
    ("laplacian", (1,), plus(window, sharpen=False, mul=1.0, add=0.0)),
    ("bilateral", (1,), plus(window, color_sigma=0.1, space_sigma=1.0)),
    ("lens_corr", (), {"strength": 1.8, "zoom": 1.0, "x_corr": 0.0, "y_corr": 0.0}),
    ("rotation_corr", (), {"x_rotation": 0, "y_rotation": 0, "z_rotation": 0, "x_translation": 0, "y_translation": 0, "zoom": 1.0, "fov": 60, "corners": None}),
    ("find_blobs", ([(10, 20)],), {"invert": False, "roi": (0, 0, 32, 24), "x_stride": 2, "y_stride": 1, "area_threshold": 10, "pixels_threshold": 10, "merge": False,
                                 "margin": 0, "threshold_cb": None, "merge_cb": None, "x_hist_bins_max": 0, "y_hist_bins_max": 0}),
]
# What looks for something: where it is unavailable, it is so with every keyword.
region = (0, 0, 32, 24)
strides = {"roi": region, "x_stride": 2, "y_stride": 1}
CALLS += [
    ("get_similarity", (img,), plus({k: v for k, v in onto.items() if k != "mask"}, dssim=False)),
    ("get_regression", ([(10, 20)],), plus(strides, invert=False, area_threshold=10, pixels_threshold=10, target_size=None)),
    ("find_displacement", (gray,), {"roi": region, "template_roi": region, "logpolar": False, "fix_rotation_scale": False}),
    ("find_template", (gray.copy(roi=(6, 6, 8, 8)), 0.7), {"roi": region, "step": 2, "search": image.SEARCH_EX}),
    ("selective_search", (), {"threshold": 500, "size": 20, "a1": 1.0, "a2": 1.0, "a3": 1.0}),
    ("stereo_disparity", (), {"reversed": False, "max_disparity": 64, "threshold": 64}),
    ("find_lines", (), plus(strides, threshold=1000, theta_margin=25, rho_margin=25)),
    ("find_line_segments", (), {"roi": region, "merge_distance": 0, "max_theta_diff": 15, "threshold": 50}),
    ("find_circles", (), plus(strides, threshold=2000, x_margin=10, y_margin=10, r_margin=10, r_min=2, r_max=None, r_step=2)),
    ("find_rects", (), {"roi": region, "threshold": 1000}),
    ("find_qrcodes", (), {"roi": region}),
    ("find_apriltags", (), {"roi": region, "families": image.TAG36H11, "cx": 16, "cy": 12}),
    ("find_datamatrices", (), {"roi": region, "effort": 200}),
    ("find_barcodes", (), {"roi": region}),
    ("find_edges", (image.EDGE_CANNY,), {"roi": region, "threshold": (100, 200)}),
    ("find_hog", (), {"roi": region, "size": 8}),
    ("to_ndarray", ("B",), {"buffer": None}),
]
GRAY_ONLY = "find_displacement find_template find_edges find_hog stereo_disparity selective_search".split()
TOOK = {"morph": "mul", "gaussian": "mul", "blur": "mul", "gaussian_blur": "mul", "laplacian": "mul"}  # their mul is 1 over the kernel's sum without it


def call(name, arguments, keywords, source):
    target = source.copy()
    try:
        result = getattr(target, name)(*arguments, **keywords)
    except NotImplementedError as e:
        return "unavailable" if str(e) == UNAVAILABLE else str(e)
    except Exception as e:
        return "%s: %s" % (type(e).__name__, e)
    if isinstance(result, image.Image):
        return result.format(), bytes(result)
    return str(result)


wrong = 0
for name, arguments, keywords in CALLS:
    source = gray if name in GRAY_ONLY else img
    without = {k: v for k, v in keywords.items() if k == "copy" and v}
    want = call(name, arguments, without, source)
    for k, v in keywords.items():
        if k == TOOK.get(name):
            without[k] = v
            got = call(name, arguments, without, source)
            if isinstance(got, str):
                check("%s(%s=%r)" % (name, k, v), got, "an image")
                wrong += 1
            del without[k]
            continue
        some = dict(without)
        some[k] = v
        got = call(name, arguments, some, source)
        if got != want:
            check("%s(%s=%r)" % (name, k, v), got if isinstance(got, str) else "another image", want if isinstance(want, str) else "the image without it")
            wrong += 1
    if isinstance(want, str) and ":" in want and "Error" in want:
        check(name, want, "no error")
        wrong += 1
check("%d methods take their keywords" % len(CALLS), wrong, 0)

# Positional where the interface says so: the same without names.
check("positional arguments", [call("draw_line", ((1, 1, 9, 9), 255, 2), {}, gray) == call("draw_line", ((1, 1, 9, 9),), {"color": 255, "thickness": 2}, gray),
      call("draw_image", (gray, 3, 4), {}, gray) == call("draw_image", (gray,), {"x": 3, "y": 4}, gray),
      call("draw_detection", ((1, 1, 9, 9, 0.5, 0), 255, 100, 3, 2, True), {}, gray) == call("draw_detection", ((1, 1, 9, 9, 0.5, 0),), {"color1": 255,
      "color2": 100, "size": 3, "thickness": 2, "fill": True}, gray)], [True] * 3)

# Required ones may be named, too; coordinates may come one by one, as before version 5.
NAMED = [("find_blobs", {"thresholds": [(10, 255)]}), ("binary", {"thresholds": [(10, 255)]}), ("get_regression", {"thresholds": [(10, 255)]}), ("mean", {"ksize": 1}),
         ("morph", {"ksize": 1, "kernel": [1] * 9}), ("erode", {"ksize": 1}), ("find_template", {"template": gray.copy(roi=(6, 6, 8, 8)), "threshold": 0.7}),
         ("find_displacement", {"template": gray}), ("find_edges", {"type": image.EDGE_CANNY}), ("difference", {"image": gray}), ("get_similarity", {"image": gray}),
         ("ccm", {"matrix": [1, 0, 0, 0, 1, 0, 0, 0, 1]}), ("draw_string", {"xy": (1, 1), "text": "A"}), ("get_pixel", {"xy": (9, 9)}), ("to_ndarray", {"dtype": "B"})]
for name, named in NAMED:
    source = img if name == "ccm" else gray
    want = call(name, tuple(named.values()) if len(named) == 1 else (), {} if len(named) == 1 else named, source)
    got = call(name, (), named, source)
    if got != want or isinstance(got, str) and "Error" in got:
        check("%s by names" % name, got, want)
OLD = [("draw_line", (1, 2, 20, 15), (100, 2)), ("draw_rectangle", (1, 2, 20, 15), (100,)), ("draw_circle", (9, 8, 5), (100, 1, True)), ("draw_ellipse", (9, 8, 5, 3, 20), (100,)),
       ("draw_cross", (9, 8), (100, 3)), ("draw_arrow", (1, 2, 20, 15), (100,)), ("draw_string", (3, 4), ("A", 100, 2)), ("flood_fill", (9, 9), (0.1, 0.1, 77)),
       ("mask_rectangle", (1, 2, 20, 15), ()), ("mask_circle", (9, 8, 5), ()), ("mask_ellipse", (9, 8, 5, 3, 20), ()), ("get_pixel", (9, 9), ()), ("set_pixel", (9, 8), (100,))]
check("coordinates one by one", [n for n, numbers, rest in OLD if call(n, numbers + rest, {}, gray) != call(n, (numbers,) + rest, {}, gray) or "Error" in str(call(n, (numbers,) + rest, {}, gray))], [])
raises("too few of them", ValueError, "4 numbers expected", lambda: gray.draw_rectangle(1, 2, 3))

# Fields of results, in their order.
FIELDS = [
    ("Blob", gray.find_blobs([(100, 255)])[0], "x y w h cx cy pixels rotation code count perimeter roundness x_hist_bins y_hist_bins corners min_corners cxf cyf "
     "elongation area density compactness rect"),
    ("Statistics", img.get_statistics(), " ".join(p + f for p in ("", "l_", "a_", "b_") for f in "mean median mode stdev min max lq uq".split())),
    ("Percentile", img.get_histogram().get_percentile(0.5), "value l_value a_value b_value"),
    ("Threshold", img.get_histogram().get_threshold(), "value l_value a_value b_value"),
]
for name, result, fields in FIELDS:
    fields = fields.split()
    if name == "Blob":  # computed fields need not be items
        check(name, [f for f in fields if not hasattr(result, f)], [])
        fields = fields[:17]
    check(name + " in order", [f for i, f in enumerate(fields) if getattr(result, f, None) != result[i]], [])
hist = img.get_histogram()
missing("histogram", "bins l_bins a_bins b_bins get_percentile get_threshold get_statistics get_stats statistics", dir(hist))
check("histogram by index", [hist[i] == b for i, b in enumerate((hist.l_bins(), hist.a_bins(), hist.b_bins()))], [True] * 3)

# Whatever is not there says so.
for name in METHODS + [n for n in NAMES if n not in ("Image", "ImageIO")]:
    f = getattr(img, name, None) or getattr(image, name, None)
    if callable(f) and name[0] != "_":
        try:
            f()
        except NotImplementedError as e:
            if str(e) != UNAVAILABLE:
                check(name, str(e), UNAVAILABLE)
            print("unavailable:", name)
        except Exception:
            pass
check("what is unavailable says so", True)
check("len and iteration", (len(gray), sum(gray), [p for p in image.Image(2, 1, image.RGB565).set_pixel((1, 0), (255, 0, 0))]), (768, 64 * 200, [(0, 0, 0), (255, 0, 0)]))
