/* SPDX-License-Identifier: MIT */
/* Drawing: shapes against their definition, clipping, and any integer as a coordinate. */
#include <math.h>

#include "vision_test.h"

#include "vision/draw.h"

/* One random shape; the same arguments whatever the image. */
struct shape { int kind, v[12], thickness; bool fill; };
enum { KINDS = 10 };

static int draw(struct image *img, const struct shape *s, uint32_t color)
{
    const int *v = s->v;
    const struct point corners[4] = {{v[0], v[1]}, {v[2], v[3]}, {v[4], v[5]}, {v[6], v[7]}};
    const struct draw_keypoint key = {v[0], v[1], v[2]};

    switch (s->kind) {
    case 0:
        return draw_line(img, v[0], v[1], v[2], v[3], color, s->thickness);
    case 1:
        return draw_rectangle(img, (struct rect){v[0], v[1], v[2], v[3]}, color, s->thickness, s->fill);
    case 2:
        return draw_circle(img, v[0], v[1], v[2], color, s->thickness, s->fill);
    case 3:
        return draw_ellipse(img, v[0], v[1], v[2], v[3], v[4], color, s->thickness, s->fill);
    case 4:
        return draw_cross(img, v[0], v[1], color, v[2], s->thickness);
    case 5:
        return draw_arrow(img, v[0], v[1], v[2], v[3], color, v[4], s->thickness);
    case 6:
        return draw_edges(img, corners, color, v[8], s->thickness, s->fill);
    case 7:
        return draw_keypoints(img, &key, 1, color, v[3], s->thickness, s->fill);
    case 8: {
        struct draw_string_options o = DRAW_STRING_DEFAULTS;
        o.scale = 0.5f + (float)(v[2] & 7) * 0.5f;
        o.x_spacing = s->v[9];
        o.y_spacing = s->v[10];
        o.mono_space = v[3] & 1;
        o.char_rotation = (v[4] & 3) * 90;
        o.string_rotation = (v[5] & 3) * 90;
        o.char_hmirror = v[6] & 1;
        o.string_vflip = v[7] & 1;
        return draw_string(img, v[0], v[1], "Ay{~\n\x80!", 7, color, &o);
    }
    default:
        return draw_pixel(img, v[0], v[1], color);
    }
}

static struct shape random_shape(int low, int high)
{
    struct shape s = {.kind = between(0, KINDS - 1), .thickness = between(-1, 6), .fill = rnd(2)};

    for (int i = 0; i < 12; i++) {
        s.v[i] = between(low, high);
    }
    return s;
}

/* A shape drawn in a large image, then cut, is the shape drawn in the small one: clipping never moves a pixel. In all formats alike. */
static void clipping_cuts(void)
{
    int w = between(1, 40), h = between(1, 40), off = 60;
    struct shape s = random_shape(-30, 60), moved = s;
    struct image large = image_new(200, 200, PIXFORMAT_GRAYSCALE, 0);

    /* positions move with the origin, sizes don't */
    static const uint8_t places[KINDS][12] = {{1, 1, 1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1}, {1, 1},
                                              {1, 1},       {1, 1}};
    for (int i = 0; i < 12; i++) {
        moved.v[i] += places[s.kind][i] ? off : 0;
    }
    check_equal(draw(&large, &moved, 255), 0, " ");
    for (int f = 0; f < MUTABLE_FORMATS; f++) {
        struct image small = image_new(w, h, formats[f], 0);
        uint32_t color = formats[f] == PIXFORMAT_BINARY ? 1 : formats[f] == PIXFORMAT_GRAYSCALE ? 77 : 0xABCD;
        check_equal(draw(&small, &s, color), 0, " ");
        for (int i = 0; i < w * h; i++) {
            int x = i % w, y = i / w;
            check_equal(pixel(&small, x, y), pixel(&large, x + off, y + off) ? color : 0,
                        "kind %d format %x at %d %d; %d %d %d %d %d, thickness %d, fill %d", s.kind, formats[f], x, y, s.v[0], s.v[1], s.v[2],
                        s.v[3], s.v[4], s.thickness, s.fill);
        }
        if (formats[f] == PIXFORMAT_BINARY && (w & 31)) {
            check_equal(((uint32_t *)(void *)small.data)[w >> 5] >> (w & 31), 0, "padding");
        }
        free(small.data);
    }
    free(large.data);
}

static void any_integer_is_safe(void)
{
    static const int edge[] = {INT32_MIN, INT32_MIN + 1, -100000, -1, 0, 1, 7, 100000, INT32_MAX - 1, INT32_MAX};
    struct image img = image_new(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 0);
    struct shape s = random_shape(-50, 50);

    for (int i = 0; i < 12; i++) {
        if (rnd(2)) {
            s.v[i] = edge[rnd(sizeof edge / sizeof *edge)];
        }
    }
    if (rnd(3) == 0) {
        s.thickness = edge[rnd(sizeof edge / sizeof *edge)];
    }
    check_equal(draw(&img, &s, 0xFFFF), 0, "kind %d", s.kind);
    if (s.kind == 1) {
        draw_mask_rectangle(&img, (struct rect){s.v[0], s.v[1], s.v[2], s.v[3]});
        draw_mask_circle(&img, s.v[0], s.v[1], s.v[2]);
        draw_mask_ellipse(&img, s.v[0], s.v[1], s.v[2], s.v[3], s.v[4]);
    }
    free(img.data);
}

static void filled_shapes_match(void)
{
    struct image img = image_new(50, 50, PIXFORMAT_GRAYSCALE, 0), masked = image_new(50, 50, PIXFORMAT_GRAYSCALE, 0);
    int cx = between(-10, 60), cy = between(-10, 60), r = between(0, 40), t = between(1, 5), kind = between(0, 4);

    memset(masked.data, 9, 2500);
    switch (kind) {
    case 0:
        draw_circle(&img, cx, cy, r, 1, 1, true);
        draw_mask_circle(&masked, cx, cy, r);
        break;
    case 1:
        draw_circle(&img, cx, cy, r, 1, t, false);
        break;
    case 2:
        draw_rectangle(&img, (struct rect){cx, cy, r, t}, 1, 1, true);
        draw_mask_rectangle(&masked, (struct rect){cx, cy, r, t});
        break;
    case 3:
        draw_ellipse(&img, cx, cy, r, r, between(0, 359), 1, 1, true);
        break;
    default:
        draw_rectangle(&img, (struct rect){cx, cy, r, r}, 1, t, false);
    }
    for (int i = 0; i < 2500; i++) {
        int x = i % 50, y = i / 50, d = (x - cx) * (x - cx) + (y - cy) * (y - cy);
        bool want = kind == 0 ? d <= r * r + r : kind == 2 ? x >= cx && x < cx + r && y >= cy && y < cy + t : pixel(&img, x, y);
        if (kind == 1) {
            int o = r + t / 2, n = r - (t - 1) / 2 - 1;
            want = d <= o * o + o && !(n >= 0 && d <= n * n + n);
        } else if (kind == 3) {
            /* the ellipse of equal axes is the circle, but for pixels on the very border */
            want = d <= r * r + r - 1 ? true : d > r * r + r + 1 ? false : want;
        } else if (kind == 4) {
            int o = t / 2, n = (t - 1) / 2;
            bool outer = x >= cx - o && y >= cy - o && x < cx + r + o && y < cy + r + o;
            want = r > 0 && outer && !(x > cx + n && y > cy + n && x < cx + r - 1 - n && y < cy + r - 1 - n);
        }
        check_equal(pixel(&img, x, y), want, "kind %d at %d %d, centre %d %d, %d, %d", kind, x, y, cx, cy, r, t);
        check(kind != 0 && kind != 2 ? true : (pixel(&masked, x, y) == 9) == want, "mask, kind %d at %d %d", kind, x, y);
    }
    free(img.data);
    free(masked.data);
}

static void lines_match(void)
{
    struct image img = image_new(60, 60, PIXFORMAT_GRAYSCALE, 0);
    int x0 = between(0, 59), y0 = between(0, 59), x1 = between(0, 59), y1 = between(0, 59), t = rnd(2) ? 1 : between(2, 8);
    double dx = x1 - x0, dy = y1 - y0, length2 = dx * dx + dy * dy;
    int count = 0;

    draw_line(&img, x0, y0, x1, y1, 1, t);
    for (int i = 0; i < 3600; i++) {
        int x = i % 60, y = i / 60;
        double shift = t & 1 ? 0 : 0.5, px = x + shift - x0, py = y + shift - y0;
        double along = length2 > 0 ? (px * dx + py * dy) / length2 : 0;
        along = along < 0 ? 0 : along > 1 ? 1 : along;
        double far = hypot(px - along * dx, py - along * dy);
        count += (int)pixel(&img, x, y);
        if (t == 1) {
            /* within half a pixel along the minor axis, and no wider */
            check(!pixel(&img, x, y) || far <= 0.5 + 1e-9, "%d %d is %f off", x, y, far);
        } else if (fabs(far - t / 2.0) > 1e-3) {
            check_equal(pixel(&img, x, y), far < t / 2.0, "%d %d is %f off the line %d %d %d %d of %d", x, y, far, x0, y0, x1, y1, t);
        }
    }
    if (t == 1) {
        int steps = abs(x1 - x0) > abs(y1 - y0) ? abs(x1 - x0) : abs(y1 - y0);
        check_equal(count, steps + 1, "pixels of a line");
        check(pixel(&img, x0, y0) && pixel(&img, x1, y1), "end points");
    }
    free(img.data);
}

static void text_has_its_size(void **state)
{
    (void)state;
    struct image img = image_new(100, 40, PIXFORMAT_BINARY, 0), turned = image_new(40, 100, PIXFORMAT_BINARY, 0);
    struct draw_string_options o = DRAW_STRING_DEFAULTS;

    o.scale = 1.5f;
    assert_int_equal(draw_string(&img, 0, 0, "Hg\nx", 4, 1, &o), 0);
    o.string_rotation = 90;
    assert_int_equal(draw_string(&turned, 0, 0, "Hg\nx", 4, 1, &o), 0);
    int ink = 0;
    for (int y = 0; y < 30; y++) {
        for (int x = 0; x < 24; x++) {
            ink += (int)pixel(&img, x, y);
            check_equal(pixel(&img, x, y), pixel(&turned, 29 - y, x), "at %d %d", x, y);
        }
    }
    assert_true(ink > 60);
    for (int i = 0; i < 4000; i++) {
        check(!pixel(&img, i % 100, i / 100) || (i % 100 < 24 && i / 100 < 30), "ink at %d %d", i % 100, i / 100);
    }
    o.scale = NAN;
    assert_int_equal(draw_string(&img, 0, 0, "x", 1, 1, &o), VISION_E_ARGUMENT);
    o.scale = 0;
    assert_int_equal(draw_string(&img, 0, 0, "x", 1, 1, &o), VISION_E_ARGUMENT);
    o.scale = 10000;
    assert_int_equal(draw_string(&img, -5000, -5000, "\x7F", 1, 1, &o), 0);
    img.format = PIXFORMAT_BAYER_BGGR;
    assert_int_equal(draw_string(&img, 0, 0, "x", 1, 1, NULL), VISION_E_FORMAT);
    assert_int_equal(draw_line(&img, 0, 0, 1, 1, 1, 1), VISION_E_FORMAT);
    free(img.data);
    free(turned.data);
}

#define PROPERTY(name, seeds)                                                                                                              \
    static void test_##name(void **state)                                                                                                  \
    {                                                                                                                                      \
        (void)state;                                                                                                                       \
        for_seeds(name, seeds);                                                                                                            \
    }
PROPERTY(clipping_cuts, 1500)
PROPERTY(any_integer_is_safe, 2000)
PROPERTY(filled_shapes_match, 500)
PROPERTY(lines_match, 500)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clipping_cuts), cmocka_unit_test(test_any_integer_is_safe), cmocka_unit_test(test_filled_shapes_match),
        cmocka_unit_test(test_lines_match),   cmocka_unit_test(text_has_its_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
