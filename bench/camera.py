# SPDX-License-Identifier: MIT
# Runs on the emulated camera: executed instructions of one call of each operation, interpreter and result objects included.
# The pictures lie in flash behind the firmware, where bench/run.sh has put them: PICTURES = {name: address}, 320 x 240.
# One instruction is NS_PER_INSTRUCTION of virtual time, so the cycle counter counts instructions, times 480 MHz.

import gc
import image
import machine
import time
import uctypes
import umalloc

from ulab import numpy as np

W, H = 320, 240


def in_flash(name, pixformat):
    size = W * H * (2 if pixformat == image.RGB565 else 1)
    return image.Image(W, H, pixformat, buffer=uctypes.bytearray_at(PICTURES[name], size))


def load(name, pixformat):
    return in_flash(name, pixformat).copy()


def measure(op, picture, make, run, pixels=W * H):
    best, scratch = 0, 0
    for i in range(2):
        img = make()
        gc.collect()
        t = time.ticks_ms()
        while time.ticks_ms() == t:  # begin right after a tick: every run meets the same interrupts
            pass
        start = time.ticks_cpu()
        result = run(img)
        ticks = time.ticks_diff(time.ticks_cpu(), start)
        best = ticks if i == 0 else min(best, ticks)
        n = len(result) if isinstance(result, list) else 0
        img = result = None
    results.append((op, picture, best * 1000000000 // (machine.freq() * NS_PER_INSTRUCTION), pixels, n))


results = []
RGB, GRAY = image.RGB565, image.GRAYSCALE
ONE = [(30, 100, 15, 127, 15, 127)]
THREE = ONE + [(30, 100, -64, -8, -32, 32), (0, 30, 0, 64, -128, 0)]
GRAY_ONE, GRAY_THREE = [(200, 255)], [(0, 60), (100, 150), (200, 255)]
BLOBS = {"pixels_threshold": 200, "area_threshold": 200}


def draw(img):
    img.draw_line((0, 0, W - 1, H - 1)).draw_line((0, H - 1, W - 1, 0), thickness=3)
    img.draw_rectangle((20, 20, 280, 200)).draw_rectangle((40, 40, 60, 60), fill=True)
    img.draw_circle((160, 120, 80)).draw_circle((230, 120, 30), fill=True)
    img.draw_cross((160, 120), size=20)
    img.draw_string((10, 10), "The quick brown fox", scale=2)


empty = measure("call", "empty", lambda: 0, lambda img: None, 1)
for name in ("moto_q", "coffee_q"):
    rgb = lambda: load(name + ".rgb565", RGB)
    gray = lambda: load(name + ".gray", GRAY)
    measure("find_blobs_1thr", name + "/rgb565", rgb, lambda img: img.find_blobs(ONE, **BLOBS))
    measure("find_blobs_1thr", name + "/gray", gray, lambda img: img.find_blobs(GRAY_ONE, **BLOBS))
    measure("find_blobs_3thr", name + "/rgb565", rgb, lambda img: img.find_blobs(THREE, **BLOBS))
    measure("find_blobs_3thr", name + "/gray", gray, lambda img: img.find_blobs(GRAY_THREE, **BLOBS))
    measure("jpeg_enc_q90", name + "/rgb565", rgb, lambda img: img.to_jpeg(quality=90))
    measure("jpeg_enc_q90", name + "/gray", gray, lambda img: img.to_jpeg(quality=90))
    for quality in (90, 50):
        jpeg = lambda: rgb().to_jpeg(quality=quality, copy=True)
        if name == "moto_q" or quality == 90:
            measure("jpeg_dec_rgb565", "%s%d.jpg" % (name.replace("_q", "_q"), quality), jpeg, lambda img: img.to_rgb565(copy=True))
    if name != "moto_q":
        continue
    for quality in (90, 50):
        jpeg = lambda: rgb().to_jpeg(quality=quality, copy=True)
        measure("jpeg_dec_gray", "moto_q%d.jpg" % quality, jpeg, lambda img: img.to_grayscale(copy=True))
    measure("jpeg_enc_q50", "moto_q/rgb565", rgb, lambda img: img.to_jpeg(quality=50))
    measure("jpeg_enc_q50", "moto_q/gray", gray, lambda img: img.to_jpeg(quality=50))
    measure("find_blobs_3thr_merge", "moto_q/rgb565", rgb, lambda img: img.find_blobs(THREE, merge=True, **BLOBS))
    measure("find_blobs_3thr_merge", "moto_q/gray", gray, lambda img: img.find_blobs(GRAY_THREE, merge=True, **BLOBS))
    measure("binary", "moto_q/rgb565", rgb, lambda img: img.binary(ONE))
    measure("binary", "moto_q/gray", gray, lambda img: img.binary(GRAY_ONE))
    measure("get_histogram", "moto_q/rgb565", rgb, lambda img: img.get_histogram())
    measure("get_histogram", "moto_q/gray", gray, lambda img: img.get_histogram())
    measure("get_statistics", "moto_q/rgb565", rgb, lambda img: img.get_statistics())
    measure("get_statistics", "moto_q/gray", gray, lambda img: img.get_statistics())
    measure("to_grayscale", "moto_q/rgb565", rgb, lambda img: img.to_grayscale())
    measure("to_rgb565", "moto_q/gray", gray, lambda img: img.to_rgb565(copy=True))
    measure("copy", "moto_q/rgb565", rgb, lambda img: img.copy())
    measure("find_edges_canny", "moto_q/gray", gray, lambda img: img.find_edges(image.EDGE_CANNY, threshold=(50, 80)))
    measure("find_edges_simple", "moto_q/gray", gray, lambda img: img.find_edges(image.EDGE_SIMPLE, threshold=(100, 255)))
    measure("find_lines", "moto_q/gray", gray, lambda img: img.find_lines(threshold=1000))
    measure("find_circles_r10_30", "moto_q/gray", gray, lambda img: img.find_circles(threshold=3500, r_min=10, r_max=30))
    measure("find_rects", "moto_q/gray", gray, lambda img: img.find_rects(threshold=10000))
    measure("find_line_segments", "moto_q/gray", gray, lambda img: img.find_line_segments())
    measure("get_regression", "moto_q/gray", gray, lambda img: img.get_regression(GRAY_ONE))
    measure("get_similarity", "moto_q/rgb565", lambda: (rgb(), in_flash(name + ".rgb565", RGB)), lambda pair: pair[0].get_similarity(pair[1]))
    cut = lambda: (lambda img: (img, img.copy(roi=(201, 101, 32, 32))))(gray())
    measure("find_template_EX_step2", "moto_q/gray", cut, lambda pair: pair[0].find_template(pair[1], 0.7, step=2, search=image.SEARCH_EX))
    measure("find_template_DS_step2", "moto_q/gray", cut, lambda pair: pair[0].find_template(pair[1], 0.7, step=2, search=image.SEARCH_DS))
    for w, h in ((64, 64), (128, 128), (160, 120)):
        move = lambda img: img.find_displacement(img, roi=(100, 60, w, h), template_roi=(103, 58, w, h))
        measure("find_displacement_%dx%d" % (w, h), "moto_q/gray", lambda: in_flash(name + ".gray", GRAY), move, w * h)
    measure("selective_search_half", "moto_q/gray", lambda: gray().scale(x_scale=0.5), lambda img: img.selective_search(), W * H // 4)
    measure("flood_fill", "moto_q/gray", gray, lambda img: img.flood_fill((4, 4), seed_threshold=0.3))
    measure("draw_primitives", "moto_q/rgb565", rgb, draw)
    measure("draw_primitives", "moto_q/gray", gray, draw)
# a PNG, its scratch and its picture in colour don't fit in this camera's memory side by side
grain = lambda: in_flash("moto_q.gray", GRAY)
flash = lambda: in_flash("moto_q.rgb565", RGB)
measure("png_enc", "moto_q.ppm", flash, lambda img: img.to_png(copy=True))
measure("png_enc", "moto_q.pgm", grain, lambda img: img.to_png(copy=True))
measure("png_dec_rgb565", "moto_q.ppm", lambda: flash().to_png(copy=True), lambda img: img.to_rgb565(copy=True))
measure("png_dec_gray", "moto_q.pgm", lambda: grain().to_png(copy=True), lambda img: img.to_grayscale(copy=True))

# 10000 numbers, and their products with those of a second array; of dot, instructions per multiplication
N = 10000
numbers = {"float": lambda: (np.linspace(0, 1, N), np.ones(N)), "uint8": lambda: (np.full(N, 7, dtype=np.uint8), np.full(N, 200, dtype=np.uint8))}
for name, make in numbers.items():
    measure("array_add", name, make, lambda pair: pair[0] + pair[1], N)
    measure("array_multiply", name, make, lambda pair: pair[0] * pair[1], N)
    measure("array_sum", name, make, lambda pair: np.sum(pair[0]), N)
measure("array_dot_64x64", "float", lambda: np.ones((64, 64)), lambda a: np.dot(a, a), 64 * 64 * 64)
measure("to_ndarray", "moto_q/gray", grain, lambda img: img.to_ndarray("B"))
measure("Image_of_ndarray", "moto_q/gray", lambda: grain().to_ndarray("B"), lambda a: image.Image(a))

print("BENCH BEGIN")
for row in results:
    print("%s|%s|%d|%d|%d" % row)
print("BENCH END")
