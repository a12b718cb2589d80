/* SPDX-License-Identifier: MIT */
/* draw_string: the pixels of the picture that a glyph covers are traced back into its cell. */
#include <math.h>

#include "vision/draw.h"
#include "vision/draw_span.h"
#include "vision/font.h"

/* A box of w x h after mirrors and a rotation by quarter turns, clockwise. */
struct turned { int64_t w, h; bool hmirror, vflip; int quarters; };

static struct turned make_turned(int64_t w, int64_t h, bool hmirror, bool vflip, int degrees)
{
    int quarters = ((degrees % 360 + 360) % 360 + 89) / 90 % 4;

    return (struct turned){w, h, hmirror, vflip, quarters};
}

static int64_t turned_width(const struct turned *t)
{
    return t->quarters & 1 ? t->h : t->w;
}

static int64_t turned_height(const struct turned *t)
{
    return t->quarters & 1 ? t->w : t->h;
}

/* From a pixel of the turned box to the pixel of the box that it shows. */
static void turn_back(const struct turned *t, int64_t u, int64_t v, int64_t *x, int64_t *y)
{
    int64_t a = u, b = v;

    switch (t->quarters) {
    case 1:
        a = v;
        b = t->h - 1 - u;
        break;
    case 2:
        a = t->w - 1 - u;
        b = t->h - 1 - v;
        break;
    case 3:
        a = t->w - 1 - v;
        b = u;
        break;
    }
    *x = t->hmirror ? t->w - 1 - a : a;
    *y = t->vflip ? t->h - 1 - b : b;
}

/* And forth. */
static void turn(const struct turned *t, int64_t x, int64_t y, int64_t *u, int64_t *v)
{
    int64_t a = t->hmirror ? t->w - 1 - x : x, b = t->vflip ? t->h - 1 - y : y;

    *u = t->quarters == 0 ? a : t->quarters == 1 ? t->h - 1 - b : t->quarters == 2 ? t->w - 1 - a : b;
    *v = t->quarters == 0 ? b : t->quarters == 1 ? a : t->quarters == 2 ? t->h - 1 - b : t->w - 1 - a;
}

/* One string being drawn. */
struct text {
    struct image *img;
    const struct draw_string_options *options;
    uint32_t color;
    int64_t x, y;               /* top left corner of the turned string */
    struct turned box;          /* the string */
    struct turned cell;         /* a glyph; its width is that of the widest */
};

static int64_t scaled(const struct text *t, int size)
{
    float s = floorf((float)size * t->options->scale);

    return s < 1.0f ? 1 : (int64_t)s;
}

/* Columns of the glyph cell that the character shows. */
static void columns(const struct text *t, uint8_t character, int *first, int *count)
{
    *first = 0;
    *count = DRAW_FONT_WIDTH;
    if (!t->options->mono_space && !(t->cell.quarters & 1)) {
        font_extent(character, first, count);
        (*count)++;
    }
}

static int64_t advance(const struct text *t, uint8_t character)
{
    int first, count;

    columns(t, character, &first, &count);
    return t->cell.quarters & 1 ? turned_width(&t->cell) : scaled(t, count);
}

/* The pixel of the glyph's upright cell that pixel (x, y) of the image shows; a cell has at most 100000 pixels a side. */
static void trace(const struct text *t, const struct turned *cell, int64_t left, int64_t top, int64_t x, int64_t y, int *gx, int *gy)
{
    int64_t sx, sy, cx, cy;

    turn_back(&t->box, x - t->x, y - t->y, &sx, &sy);
    turn_back(cell, sx - left, sy - top, &cx, &cy);
    *gx = (int)cx;
    *gy = (int)cy;
}

/* The glyph whose cell's top left corner is (left, top) in the string. */
static void draw_glyph(const struct text *t, uint8_t character, int64_t left, int64_t top)
{
    int first, count;
    columns(t, character, &first, &count);
    struct turned cell = t->cell;
    cell.w = scaled(t, count);

    int64_t u0, v0, u1, v1;
    turn(&t->box, left, top, &u0, &v0);
    turn(&t->box, left + turned_width(&cell) - 1, top + turned_height(&cell) - 1, &u1, &v1);
    int64_t x0 = t->x + (u0 < u1 ? u0 : u1), x1 = t->x + (u0 < u1 ? u1 : u0);
    int64_t y0 = t->y + (v0 < v1 ? v0 : v1), y1 = t->y + (v0 < v1 ? v1 : v0);
    x0 = x0 < 0 ? 0 : x0;
    y0 = y0 < 0 ? 0 : y0;
    x1 = x1 < t->img->width ? x1 : t->img->width - 1;
    y1 = y1 < t->img->height ? y1 : t->img->height - 1;
    for (int64_t y = y0; y <= y1 && x0 <= x1; y++) {
        int gx, gy, next_x, next_y;
        trace(t, &cell, left, top, x0, y, &gx, &gy);
        trace(t, &cell, left, top, x0 + 1, y, &next_x, &next_y);
        int step_x = next_x - gx, step_y = next_y - gy, width = (int)cell.w, height = (int)cell.h;
        for (int x = (int)x0; x <= x1; x++, gx += step_x, gy += step_y) {
            if (font_ink(character, first + gx * count / width, gy * DRAW_FONT_HEIGHT / height)) {
                draw_span(t->img, x, x, y, t->color);
            }
        }
    }
}

/* Walks over the string: draws it, or only measures it into the box. */
static void walk(struct text *t, const char *text, size_t length, bool draw)
{
    int64_t x = 0, y = 0, right = 0, line = turned_height(&t->cell);

    for (size_t i = 0; i < length; i++) {
        uint8_t c = (uint8_t)text[i];
        if (c == '\n') {
            x = 0;
            y += line + t->options->y_spacing;
        } else if (c != '\r') {
            if (draw) {
                draw_glyph(t, c, x, y);
            }
            x += advance(t, c);
            right = x > right ? x : right;
            x += t->options->x_spacing;
        }
    }
    if (!draw) {
        t->box.w = right > 0 ? right : 1;
        t->box.h = y + line > 0 ? y + line : 1;
    }
}

int draw_string(struct image *img, int x, int y, const char *text, size_t length, uint32_t color,
                const struct draw_string_options *options)
{
    static const struct draw_string_options defaults = {.scale = 1.0f, .mono_space = true};
    const struct draw_string_options *o = options ? options : &defaults;
    struct text t = {.img = img, .options = o, .color = color, .x = x, .y = y};

    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (!(o->scale > 0.0f && o->scale <= 10000.0f)) {
        return VISION_E_ARGUMENT;
    }
    t.cell = make_turned(scaled(&t, DRAW_FONT_WIDTH), scaled(&t, DRAW_FONT_HEIGHT), o->char_hmirror, o->char_vflip, o->char_rotation);
    t.box = make_turned(1, 1, o->string_hmirror, o->string_vflip, o->string_rotation);
    walk(&t, text, length, false);
    walk(&t, text, length, true);
    return VISION_OK;
}
