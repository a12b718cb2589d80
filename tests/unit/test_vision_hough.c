/* SPDX-License-Identifier: MIT */
/* Hough's transform. Lines: against votes counted one by one, and on pictures of known lines. Circles: on pictures of known ones. */
#include <math.h>

#include "vision_test.h"

#include "vision/draw.h"
#include "vision/hough.h"

#define PI 3.14159265358979

/* ---- Definitions ---- */

static int gray_at(const struct image *img, struct rect r, int x, int y)
{
    x = x < 0 ? 0 : x >= r.w ? r.w - 1 : x;
    y = y < 0 ? 0 : y >= r.h ? r.h - 1 : y;
    return gray_of(img, r.x + x, r.y + y);
}

/* Sobel's gradient of a pixel of the region; 0 outside. */
static void slope(const struct image *img, struct rect r, int x, int y, int *gx, int *gy)
{
    *gx = *gy = 0;
    for (int i = -1; i <= 1 && x >= 0 && y >= 0 && x < r.w && y < r.h; i++) {
        int weight = i ? 1 : 2;
        *gx += weight * (gray_at(img, r, x + 1, y + i) - gray_at(img, r, x - 1, y + i));
        *gy += weight * (gray_at(img, r, x + i, y + 1) - gray_at(img, r, x + i, y - 1));
    }
}

static int power_at(const struct image *img, struct rect r, int x, int y)
{
    int gx, gy;

    slope(img, r, x, y, &gx, &gy);
    return gx * gx + gy * gy;
}

/* Degrees of the sum of nine gradients; -1: no edge */
static int edge_direction(const struct image *img, struct rect r, int x, int y)
{
    int gx, gy, sx = 0, sy = 0, power = power_at(img, r, x, y);

    slope(img, r, x, y, &gx, &gy);
    int dx = abs(gx) >= abs(gy), dy = !dx;
    if (power < HOUGH_EDGE * HOUGH_EDGE || power <= power_at(img, r, x - dx, y - dy) || power < power_at(img, r, x + dx, y + dy)) {
        return -1;
    }
    for (int i = 0; i < 9; i++) {
        slope(img, r, x + i % 3 - 1, y + i / 3 - 1, &gx, &gy);
        sx += gx;
        sy += gy;
    }
    int low = abs(sx) < abs(sy) ? abs(sx) : abs(sy), high = abs(sx) + abs(sy) - low;
    if (!high) {
        return -1;
    }
    int d = (int)lround(atan(floor(256.0 * low / high) / 256) * 180 / PI);
    d = abs(sy) > abs(sx) ? 90 - d : d;
    d = (sx < 0) != (sy < 0) ? 180 - d : d;
    return d % 180;
}

enum { FAR = 300 };
static int votes[180][2 * FAR + 1];

static int at(int theta, int rho)
{
    return theta < 0 ? votes[theta + 180][FAR - rho] : theta >= 180 ? votes[theta - 180][FAR - rho] : votes[theta][FAR + rho];
}

static void count_votes(const struct image *img, struct rect r, const struct hough_line_options *o)
{
    memset(votes, 0, sizeof votes);
    for (int y = 0; y < r.h; y += o->y_stride) {
        for (int x = __builtin_popcount((unsigned)y) % o->x_stride; x < r.w; x += o->x_stride) {
            int d = edge_direction(img, r, x, y);
            int spread = d % 90 ? HOUGH_SPREAD : HOUGH_FLAT_SPREAD;
            for (int t = d - spread; d >= 0 && t <= d + spread; t++) {
                int theta = (t + 180) % 180;
                double c = round(cos(theta * PI / 180) * 16384), s = round(sin(theta * PI / 180) * 16384);
                int rho = (int)floor(((r.x + x) * c + (r.y + y) * s + 8192) / 16384);
                votes[theta][FAR + rho] += ((int)sqrt(power_at(img, r, x, y)) + 8) / 16;
            }
        }
    }
}

static bool is_line(int theta, int rho, int theta_margin, int rho_margin)
{
    for (int i = -theta_margin + 1; i < theta_margin; i++) {
        for (int j = -rho_margin + 1; j < rho_margin; j++) {
            int t = theta + i, p = rho + j;
            if ((!i && !j) || p < -FAR || p > FAR) {
                continue;
            }
            int real = (t + 180) % 180, other = at(t, p), mine = votes[theta][FAR + rho];
            bool first = real < theta || (real == theta && j < 0);
            if (other > mine || (other == mine && first)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- Properties ---- */

static struct image picture(int w, int h)
{
    struct image img = image_random(w, h, formats[rnd(ALL_FORMATS)], 0);

    if (rnd(3)) {
        enum pixel_format format = formats[rnd(MUTABLE_FORMATS)];
        free(img.data);
        img = image_new(w, h, format, 0);
        for (int i = between(1, 4); i > 0; i--) {
            draw_line(&img, between(0, w), between(0, h), between(0, w), between(0, h), rnd(65536), between(1, 5));
        }
    }
    return img;
}

static void lines_match(void)
{
    int w = between(1, 40), h = between(1, 40);
    struct image img = picture(w, h);
    struct rect roi = random_roi(&img), r = {0, 0, w, h};
    struct hough_line_options o = {.roi = rnd(2) ? &roi : NULL, .x_stride = between(1, 3), .y_stride = between(1, 3), .threshold = between(-10, 1500),
                                   .theta_margin = between(-1, 30), .rho_margin = between(-1, 30)};
    struct arena arena = arena_new(60000);
    struct line *lines;
    bool none = o.theta_margin < 1 || o.rho_margin < 1;
    int theta_margin = none || o.theta_margin < 2 ? 2 : o.theta_margin, rho_margin = none || o.rho_margin < 2 ? 2 : o.rho_margin, expected = 0;

    if (o.roi) {
        r = rect_intersect(roi, r);
    }
    if (pixformat_is_mutable(img.format)) {
        count_votes(&img, r, &o);
        int n = hough_find_lines(&img, &o, &arena, &lines);
        check(n >= 0, "error %d", n);
        check(arena.used <= (size_t)n * sizeof *lines + 8, "%zu bytes stay", arena.used);
        for (int t = 0; t < 180; t++) {
            for (int rho = -FAR; rho <= FAR; rho++) {
                int magnitude = votes[t][FAR + rho] * 16;
                struct line line = {0};
                if (magnitude <= 0 || magnitude < o.threshold || !is_line(t, rho, theta_margin, rho_margin) || !line_across(&line, t, rho, r)) {
                    continue;
                }
                int found = 0;
                for (int i = 0; i < n; i++) {
                    found += lines[i].theta == t && lines[i].rho == rho && lines[i].magnitude == magnitude && lines[i].x1 == line.x1 &&
                             lines[i].y1 == line.y1 && lines[i].x2 == line.x2 && lines[i].y2 == line.y2 && lines[i].length == line.length;
                }
                check_equal(found, 1, "theta %d rho %d magnitude %d", t, rho, magnitude);
                expected++;
            }
        }
        check_equal(n, expected, " ");
        for (int i = 1; i < n; i++) {
            check(lines[i - 1].magnitude >= lines[i].magnitude, "line %d is stronger than the one before", i);
        }
    } else {
        check(hough_find_lines(&img, &o, &arena, &lines) >= 0, " ");
    }
    free(arena.base);
    free(img.data);
}

/* Little memory gives the same lines as much. */
static void lines_memory(void)
{
    int w = between(1, 40), h = between(1, 40);
    struct image img = picture(w, h);
    struct hough_line_options o = {.x_stride = between(1, 2), .y_stride = 1, .threshold = between(-10, 1500), .theta_margin = between(-1, 95), .rho_margin = between(-1, 30)};
    struct arena plenty = arena_new(60000);
    struct line *lines, *expected;
    int all = hough_find_lines(&img, &o, &plenty, &expected), n = VISION_E_MEMORY;
    size_t tiles = 8 * (size_t)(2 * w + h) / (size_t)(o.rho_margin < 2 || o.theta_margin < 1 ? 2 : o.rho_margin) + 24;
    size_t rows = 19 * (size_t)w + 160 + tiles + sizeof(void *) * 190 + 3100, most = rows + 230 * (size_t)(w + h) + 512;

    check(all >= 0 && plenty.peak <= most + 48 * (size_t)all, "%d, %zu bytes", all, plenty.peak);
    for (size_t size = 0; size < most; size += n < 0 || rnd(4) == 0 ? 8 : 1000) {
        struct arena arena = arena_new(size);
        n = hough_find_lines(&img, &o, &arena, &lines);
        check(n == VISION_E_MEMORY || (n == all && (!n || !memcmp(lines, expected, (size_t)n * sizeof *lines))), "with %zu bytes %d instead of %d", size, n, all);
        check(n >= 0 || arena.used == 0, "%zu bytes stay", arena.used);
        check(n >= 0 || all > 20 || size < rows + 4 * (size_t)(w + h) + 32 * 30, "%dx%d wants more than %zu", w, h, size);
        free(arena.base);
    }
    free(plenty.base);
    free(img.data);
}

/* A step from dark to bright across the image is found at its angle and distance. */
static void known_lines(void)
{
    int w = between(120, 200), h = between(100, 160), theta = between(0, 179), cx = between(w / 3, w * 2 / 3), cy = between(h / 3, h * 2 / 3);
    double c = cos(theta * PI / 180), s = sin(theta * PI / 180), rho = cx * c + cy * s;
    struct image img = image_new(w, h, PIXFORMAT_GRAYSCALE, 0);
    struct arena arena = arena_new(200000);
    struct line *lines;

    for (int i = 0; i < w * h; i++) {
        double in = (i % w) * c + (i / w) * s - rho + 0.5;
        img.data[i] = (uint8_t)(60 + 120 * (in < 0 ? 0 : in > 1 ? 1 : in));
    }
    check(hough_find_lines(&img, &HOUGH_LINE_DEFAULTS, &arena, &lines) >= 1, "theta %d", theta);
    int off = abs(lines[0].theta - theta), flip = off > 90;
    off = flip ? 180 - off : off;
    check(off <= 1, "theta %d, expected %d", lines[0].theta, theta);
    /* where both pass through the middle of the picture */
    double mine = cx * cos(lines[0].theta * PI / 180) + cy * sin(lines[0].theta * PI / 180);
    check(fabs(lines[0].rho - mine) < 2, "rho %d, expected %f", lines[0].rho, mine);
    free(arena.base);
    free(img.data);
}

/* A disc or a ring, drawn hard or softly, alone in the picture, is found. */
static void known_circles(void)
{
    int w = between(80, 130), h = between(80, 130), r = between(6, 35), kind = (int)rnd(3), low = between(0, 100), high = low + between(80, 150);
    int cx = between(r + 2, w - r - 3), cy = between(r + 2, h - r - 3);
    struct image img = image_new(w, h, PIXFORMAT_GRAYSCALE, 0);
    struct arena arena = arena_new(200000);
    struct hough_circle_options o = HOUGH_CIRCLE_DEFAULTS;
    struct circle *circles;

    o.x_stride = between(1, 2);
    o.r_min = between(2, 5);
    for (int i = 0; i < w * h; i++) {
        double in = r + 0.5 - hypot(i % w - cx, i / w - cy);
        img.data[i] = (uint8_t)(low + (high - low) * (kind || in < 0 ? 0 : in > 1 ? 1 : in));
    }
    if (kind) {
        draw_circle(&img, cx, cy, r, (uint32_t)high, kind == 1 ? 1 : between(1, 3), kind == 1);
    }
    int n = hough_find_circles(&img, &o, &arena, &circles);
    check(n >= 1, "%d, r %d kind %d", n, r, kind);
    check(abs(circles[0].x - cx) <= 1 && abs(circles[0].y - cy) <= 1 && abs(circles[0].r - r) <= 2, "(%d, %d) r %d, expected (%d, %d) r %d, kind %d",
          circles[0].x, circles[0].y, circles[0].r, cx, cy, r, kind);
    check_equal(abs(circles[0].r - r) <= 1 || kind == 2, 1, "r %d, expected %d", circles[0].r, r);
    for (int i = 0; i < n; i++) {
        check(circles[i].magnitude >= o.threshold && (!i || circles[i].magnitude <= circles[i - 1].magnitude), "magnitude %d", circles[i].magnitude);
        for (int j = 0; j < i; j++) {
            check(abs(circles[i].x - circles[j].x) >= 9 || abs(circles[i].y - circles[j].y) >= 9 || abs(circles[i].r - circles[j].r) >= 9, "two are near");
        }
    }
    free(arena.base);
    free(img.data);
}

/* Part of a disc behind the edge of something as bright as it, or as the ground: the disc is found, and nothing else. */
static void hidden_circles(void)
{
    int r = between(10, 60), w = 2 * r + between(10, 60), h = 2 * r + between(10, 40), low = between(0, 100), high = low + between(90, 150);
    int cx = between(r + 3, w - r - 4), cy = between(r + 3, h - r - 4), before = rnd(2) ? low : high;
    double a = rnd(360) * PI / 180, seen = between(r < 20 ? 62 : 60, 100) / 100.0;
    struct image img = image_new(w, h, PIXFORMAT_GRAYSCALE, 0);
    struct arena arena = arena_new(400000);
    struct hough_circle_options o = HOUGH_CIRCLE_DEFAULTS;
    struct circle *circles;

    o.threshold = 1500;             /* less than the default: of a disc of radius 10 only a part is seen */
    for (int i = 0; i < w * h; i++) {
        int x = i % w - cx, y = i / w - cy;
        double in = r + 0.5 - hypot(x, y);
        bool hidden = x * cos(a) + y * sin(a) > r * cos((1 - seen) * PI);
        img.data[i] = (uint8_t)(hidden ? before : low + (high - low) * (in < 0 ? 0 : in > 1 ? 1 : in));
    }
    int n = hough_find_circles(&img, &o, &arena, &circles);
    check_equal(n, 1, "r %d, %.2f of it seen", r, seen);
    check(abs(circles[0].x - cx) <= 1 && abs(circles[0].y - cy) <= 1 && abs(circles[0].r - r) <= 1, "(%d, %d) r %d, expected (%d, %d) r %d",
          circles[0].x, circles[0].y, circles[0].r, cx, cy, r);
    free(arena.base);
    free(img.data);
}

/* The mean of each pixel and its eight neighbours, beyond the sides those of the other side; then black and white are spread to 0 and 255. */
static void soften(uint8_t *pixels, int w, int h)
{
    uint8_t *from = malloc((size_t)(w * h));
    int least = 255, most = 0;

    memcpy(from, pixels, (size_t)(w * h));
    for (int i = 0; i < w * h; i++) {
        int sum = 0;
        for (int j = 0; j < 9; j++) {
            sum += from[(i / w + j / 3 + h - 1) % h * w + (i % w + j % 3 + w - 1) % w];
        }
        pixels[i] = (uint8_t)(sum / 9);
        least = pixels[i] < least ? pixels[i] : least;
        most = pixels[i] > most ? pixels[i] : most;
    }
    for (int i = 0; i < w * h && most > least; i++) {
        pixels[i] = (uint8_t)((pixels[i] - least) * 255 / (most - least));
    }
    free(from);
}

/* Grain, fine or coarse, heaps of lines or boxes, checkerboards: full of edges, but without circles. */
static void no_circles(void)
{
    enum { W = 160, H = 120 };
    struct image img = image_new(W, H, PIXFORMAT_GRAYSCALE, 0);
    struct arena arena = arena_new(1000000);
    struct hough_circle_options o = HOUGH_CIRCLE_DEFAULTS;
    struct circle *circles;
    int kind = (int)rnd(7), side = between(4, 14), count = kind == 4 ? 60 : kind == 5 ? 40 : 0;

    for (int i = 0; i < W * H; i++) {
        img.data[i] = (uint8_t)(kind < 4 ? rnd(256) : kind == 6 && ((i % W / side + i / W / side) & 1) ? 220 : 30);
    }
    for (int i = 0; i < kind && kind < 4; i++) {
        soften(img.data, W, H);
    }
    for (int i = 0; i < count; i++) {
        if (kind == 4) {
            draw_line(&img, between(0, W), between(0, H), between(0, W), between(0, H), rnd(256), between(1, 3));
        } else {
            draw_rectangle(&img, (struct rect){between(0, W), between(0, H), between(3, 32), between(3, 32)}, rnd(256), 1, true);
        }
    }
    o.threshold = 3500;
    int n = hough_find_circles(&img, &o, &arena, &circles);
    check(n >= 0 && n <= 2, "%d circles in kind %d, the first (%d, %d) r %d", n, kind, circles[0].x, circles[0].y, circles[0].r);
    free(arena.base);
    free(img.data);
}

/* Whatever the picture and the memory: results keep what was asked for; little memory gives the same ones as much. */
static void any_circles(void)
{
    int w = between(1, 40), h = between(1, 40);
    struct image img = picture(w, h);
    struct rect roi = random_roi(&img), r = rect_intersect(roi, (struct rect){0, 0, w, h});
    struct hough_circle_options o = {.roi = &roi, .x_stride = between(1, 3), .y_stride = between(1, 3), .threshold = between(-5, 3000), .x_margin = between(-1, 12),
                                     .y_margin = between(-1, 12), .r_margin = between(-1, 12), .r_min = between(1, 9), .r_max = between(0, 60), .r_step = between(1, 4)};
    size_t voters = (size_t)((w + o.x_stride - 1) / o.x_stride) * (size_t)((h + o.y_stride - 1) / o.y_stride), rows = 19 * (size_t)w + 200, cells = (size_t)(w + 1) * (size_t)(h + 1) / 4 + 3 * (size_t)w + 1060;
    size_t bound = 3 * voters / 2 + 4 * (size_t)h + 2765 + (rows > cells ? rows : cells);
    struct arena plenty = arena_new(200000);
    struct circle *circles, *expected;
    int n = VISION_E_MEMORY, all = hough_find_circles(&img, &o, &plenty, &expected);

    check(all >= 0 && plenty.peak <= bound + (size_t)(w + 6) * (size_t)(h + 6) / 2 + 16 * 500, "%d, %zu bytes", all, plenty.peak);
    for (size_t size = 0; n < 0; size += size < 500 || rnd(2) ? 8 : 200) {
        struct arena arena = arena_new(size);
        n = hough_find_circles(&img, &o, &arena, &circles);
        check(n >= 0 || (n == VISION_E_MEMORY && arena.used == 0 && (size < bound || all > 20)), "with %zu bytes of %zu: %d", size, bound, n);
        check(n < 0 || (n == all && !memcmp(circles, expected, (size_t)n * sizeof *circles)), "with %zu bytes %d instead of %d", size, n, all);
        for (int i = 0; i < n; i++) {
            check(circles[i].magnitude >= o.threshold && circles[i].r >= o.r_min - 1 && circles[i].x >= r.x && circles[i].x < r.x + r.w &&
                  circles[i].y >= r.y && circles[i].y < r.y + r.h, "(%d, %d) r %d", circles[i].x, circles[i].y, circles[i].r);
        }
        free(arena.base);
    }
    free(plenty.base);
    free(img.data);
}

/* Every amount of memory gives the circle or is too little; also the one that is just enough for a row of cells at a time. */
static void circle_memory(void **state)
{
    (void)state;
    struct hough_circle_options o = HOUGH_CIRCLE_DEFAULTS;
    struct circle *circles;

    o.r_min = 8;
    for (int w = 57; w <= 64; w++) {
        struct image img = image_new(w, 60, PIXFORMAT_GRAYSCALE, 0);
        int found = 0;
        draw_circle(&img, 30, 30, 16, 200, 1, true);
        for (size_t size = 4700; found < 64; size++) {
            struct arena arena = arena_new(size);
            memset(arena.base, 0, size);
            int n = hough_find_circles(&img, &o, &arena, &circles);
            if (n != 1 && (n != VISION_E_MEMORY || found || size > 12000)) {
                fail_msg("%d circles of %d x 60 with %zu bytes", n, w, size);
            }
            found += n == 1;
            free(arena.base);
        }
        free(img.data);
    }
}

/* Radii of which eighths of a pixel, times 2^14, are beyond 32 bits */
static void long_radii(void **state)
{
    (void)state;
    struct image img = image_new(IMAGE_MAX_SIDE, 1, PIXFORMAT_GRAYSCALE, 0);
    struct hough_circle_options o = {.x_stride = 1, .y_stride = IMAGE_MAX_SIDE, .r_min = 17000, .r_max = 17000, .r_step = 1};
    struct arena arena = arena_new(1 << 20);
    struct circle *circles;

    memset(img.data + 100, 255, IMAGE_MAX_SIDE - 100);
    assert_int_equal(hough_find_circles(&img, &o, &arena, &circles), 0);
    free(arena.base);
    free(img.data);
}

static void bad_arguments(void **state)
{
    (void)state;
    struct image img = image_new(8, 8, PIXFORMAT_GRAYSCALE, 0), jpeg = {.width = 8, .height = 8, .format = PIXFORMAT_JPEG, .size = 1, .data = img.data};
    struct arena arena = arena_new(20000);
    struct hough_line_options o = HOUGH_LINE_DEFAULTS;
    struct rect outside = {0, 9, 4, 4};
    struct line *lines;

    struct hough_circle_options c = HOUGH_CIRCLE_DEFAULTS;
    struct circle *circles;
    assert_int_equal(hough_find_circles(&jpeg, &c, &arena, &circles), VISION_E_FORMAT);
    c.r_min = 0;
    assert_int_equal(hough_find_circles(&img, &c, &arena, &circles), VISION_E_ARGUMENT);
    assert_int_equal(hough_find_lines(&jpeg, &o, &arena, &lines), VISION_E_FORMAT);
    o.x_stride = 0;
    assert_int_equal(hough_find_lines(&img, &o, &arena, &lines), VISION_E_ARGUMENT);
    o = (struct hough_line_options){.roi = &outside, .x_stride = 1, .y_stride = 1};
    assert_int_equal(hough_find_lines(&img, &o, &arena, &lines), VISION_E_ROI);
    free(arena.base);
    free(img.data);
}

static void all_lines(void **state)
{
    (void)state;
    for_seeds(lines_match, 200);
    for_seeds(lines_memory, 30);
    for_seeds(known_lines, 100);
}

static void all_circles(void **state)
{
    (void)state;
    for_seeds(known_circles, 100);
    for_seeds(hidden_circles, 100);
    for_seeds(no_circles, 40);
    for_seeds(any_circles, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_lines), cmocka_unit_test(all_circles), cmocka_unit_test(circle_memory), cmocka_unit_test(long_radii),
                                       cmocka_unit_test(bad_arguments)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
