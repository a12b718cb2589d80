# SPDX-License-Identifier: MIT
# Edges, lines and shapes, through their Python arguments; what they compute is proven in tests/unit/test_vision_edge.c and its neighbours.
from binascii import crc32
import csi
import gc
import image

W, H = 96, 72


def scene(pixformat=image.GRAYSCALE, light=200):
    return image.Image(W, H, pixformat).draw_rectangle((20, 16, 50, 40), color=(light, light, light), fill=True)


def white(img):
    return sum(1 for i in range(W * H) if img[i] not in (0, (0, 0, 0)))


# Edges
img = scene()
check("find_edges returns the image", img.find_edges(image.EDGE_CANNY) is img)
check("Canny draws one pixel", [img[36 * W + x] for x in range(17, 23)].count(255), 1)
check("all the way around", 170 <= white(img) <= 182)
check("nothing but black and white", set(img.bytearray()), {0, 255})
check("weak edges alone are none", white(scene(light=60).find_edges(image.EDGE_CANNY, threshold=(50, 1000))), 0)
check("limits in any order", white(scene().find_edges(image.EDGE_CANNY, threshold=(200, 100))), white(img))
check("simple", white(scene().find_edges(image.EDGE_SIMPLE, threshold=(100, 255))), 2 * 50 + 2 * 38)
check("colour", white(scene(image.RGB565).find_edges(image.EDGE_CANNY)), white(img))
check("bitmap", white(image.Image(W, H, image.BINARY).draw_rectangle((20, 16, 50, 40), color=1, fill=True).find_edges(image.EDGE_CANNY)) > 150)
part = scene().find_edges(image.EDGE_CANNY, roi=(0, 0, 40, H))
check("outside the roi nothing changes", (part[30 * W + 60], part[30 * W + 30]), (scene()[30 * W + 60], 0))
raises("another type", ValueError, "EDGE_CANNY", lambda: scene().find_edges(7))
raises("three limits", ValueError, "2", lambda: scene().find_edges(image.EDGE_CANNY, threshold=(1, 2, 3)))
raises("a roi outside", ValueError, "", lambda: scene().find_edges(image.EDGE_CANNY, roi=(W, 0, 3, 3)))
raises("Bayer", ValueError, "convert", lambda: image.Image(W, H, image.BAYER).find_edges(image.EDGE_CANNY))
raises("no type", TypeError, "", lambda: scene().find_edges())

# Lines
lines = scene().find_lines(threshold=2000)
check("the four sides", sorted((l.theta, l.rho) for l in lines), [(0, 19), (0, 69), (90, 15), (90, 55)])
line = [l for l in lines if (l.theta, l.rho) == (90, 15)][0]
check("a line goes from side to side", line[:5], (0, 15, W - 1, 15, W - 1))
check("the strongest first", [l.magnitude for l in lines], sorted((l.magnitude for l in lines), reverse=True))
check("fields", line[5:], (line.magnitude, line.theta, line.rho))
check("a wide margin leaves one of a pair", len(scene().find_lines(threshold=2000, rho_margin=60)), 2)
check("a threshold too high", scene().find_lines(threshold=1000000), [])
check("lines in a roi count from the image's origin", [(l.theta, l.rho) for l in scene().find_lines(threshold=1000, roi=(10, 20, 30, 30))], [(0, 19)])
check("lines of colours", sorted((l.theta, l.rho) for l in scene(image.RGB565).find_lines(threshold=2000)), [(0, 19), (0, 69), (90, 15), (90, 55)])
slope = image.Image(W, H, image.GRAYSCALE).draw_line((5, 5, 65, 65), color=255, thickness=3).find_lines(threshold=1500)
check("a slope", slope[0].theta, 135)
raises("a stride of 0", ValueError, "", lambda: scene().find_lines(x_stride=0))
raises("positional arguments", TypeError, "", lambda: scene().find_lines(1, 2))

# Circles
def disc(pixformat=image.GRAYSCALE):
    return image.Image(W, H, pixformat).draw_circle((40, 36, 20), color=(255, 255, 255), fill=True)


circles = disc().find_circles()
check("one circle", len(circles), 1)
check("where it was drawn", [abs(a - b) <= 1 for a, b in zip(circles[0], (40, 36, 20))], [True] * 3)
check("a circle's fields", circles[0][:], (circles[0].x, circles[0].y, circles[0].r, circles[0].magnitude))
check("a circle of colours", [abs(a - b) <= 1 for a, b in zip(disc(image.RGB565).find_circles()[0], (40, 36, 20))], [True] * 3)
check("r_max below it", [c for c in disc().find_circles(r_max=10) if c.r > 12], [])
check("magnitudes reach the threshold", disc().find_circles(threshold=10000000), [])
check("a centre outside the roi", disc().find_circles(roi=(0, 0, 30, H), r_min=10), [])
raises("r_min of 0", ValueError, "", lambda: disc().find_circles(r_min=0))
raises("a step of 0", ValueError, "", lambda: disc().find_circles(r_step=0))

# A photograph: the camera's scene is one
cam = csi.CSI()
cam.reset()
cam.pixformat(csi.GRAYSCALE)
cam.framesize(csi.QVGA)
photograph = cam.snapshot()
check("a photograph has few circles", len(photograph.find_circles(threshold=3500)) < 5)
photograph.draw_circle((200, 120, 33), color=255, fill=True).draw_circle((200, 120, 31), color=0, fill=True)
check("the one drawn into it is the strongest", [abs(a - b) <= 2 for a, b in zip(photograph.find_circles(threshold=3500)[0], (200, 120, 32))], [True] * 3)

# Rectangles
rects = scene().find_rects()
check("one rectangle", len(rects), 1)
check("where it was drawn", rects[0][:4], (20, 16, 50, 40))
check("its corners", rects[0].corners, ((20, 16), (69, 16), (69, 55), (20, 55)))
check("its magnitude, and that it can be drawn", scene().draw_rectangle(rects[0]).width() == W and rects[0].magnitude > 1000)
check("a rectangle of colours", scene(image.RGB565).find_rects()[0][:4], (20, 16, 50, 40))
dark = image.Image(W, H, image.GRAYSCALE).draw_rectangle((0, 0, W, H), color=(180, 180, 180), fill=True)
dark.draw_edges(((20, 12), (72, 20), (66, 60), (14, 52)), color=(40, 40, 40), thickness=3)
found = dark.find_rects()[0].corners
check("a slanted dark frame", [abs(a - b) <= 3 for p, q in zip(found, ((20, 12), (72, 20), (66, 60), (14, 52))) for a, b in zip(p, q)], [True] * 8)
check("a high threshold", scene().find_rects(threshold=10000000), [])
check("a roi without it", scene().find_rects(roi=(0, 0, 15, 15)), [])
raises("a roi outside the image", ValueError, "", lambda: scene().find_rects(roi=(W, H, 5, 5)))

# Line segments
segments = scene().find_line_segments()
check("the four sides as segments", sorted(min(l.theta, 180 - l.theta) > 45 for l in segments if l.length > 30), [False, False, True, True])
check("segments of colours", len([l for l in scene(image.RGB565).find_line_segments() if l.length > 30]), 4)
check("segments in a roi", [l.theta for l in scene().find_line_segments(roi=(10, 22, 30, 28)) if l.length > 20], [0])
gap = image.Image(W, H, image.GRAYSCALE).draw_rectangle((5, 20, 35, 30), color=(255, 255, 255), fill=True).draw_rectangle((45, 20, 35, 30), color=(255, 255, 255), fill=True)
check("merged over a gap", max(l.length for l in gap.find_line_segments(merge_distance=14)) > 60)
check("not merged", max(l.length for l in gap.find_line_segments()) < 40)
check("a threshold that nothing reaches", scene().find_line_segments(threshold=1400), [])
raises("no positional arguments", TypeError, "", lambda: scene().find_line_segments(1))

# With too little memory left: what is needed and what there is, and the image is as before
def fill_pools():
    gc.collect()
    blocks = []
    for side in (256, 128, 64, 32):
        try:
            while True:
                blocks.append(image.Image(side, side, image.GRAYSCALE))
        except MemoryError:
            pass
    return blocks


def without_memory(blob):
    for name, call in (
        ("find_lines", photograph.find_lines), ("find_circles", photograph.find_circles), ("find_rects", photograph.find_rects),
        ("find_line_segments", photograph.find_line_segments), ("find_blobs", lambda: photograph.find_blobs([(0, 128)])),
        ("find_edges", lambda: photograph.find_edges(image.EDGE_CANNY)), ("selective_search", photograph.selective_search),
        ("find_displacement", lambda: photograph.find_displacement(photograph, roi=(0, 0, 128, 128), template_roi=(0, 0, 128, 128))),
    ):
        try:
            call()
            print("FAIL %s without memory: no exception [rerun: %s]" % (name, RERUN))
        except MemoryError as e:
            numbers = [int(w.strip(":,")) for w in str(e).split() if w.strip(":,").isdigit()]
            check("%s without memory names both sizes" % name, len(numbers) == 2 and numbers[0] > numbers[1])
        check("%s without memory leaves the image as it is" % name, crc32(photograph.bytearray()), before)


before = crc32(photograph.bytearray())
blocks = fill_pools()               # but for the memory next to the core, which is for scratch only: a finder's callback has but what it leaves
check("a callback without memory", len(photograph.find_blobs([(0, 255)], threshold_cb=without_memory)) <= 1)
blocks = None
check("with memory it goes on", len(photograph.find_lines()) > 0)
