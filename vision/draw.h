/* SPDX-License-Identifier: MIT */
/* Drawing on binary, grayscale and RGB565 images. Everything is clipped; any int is a safe coordinate. Colours are native values
   (color_to_native). No scratch. Returns 0, VISION_E_FORMAT for immutable formats, VISION_E_ARGUMENT for senseless sizes. */
#ifndef VISION_DRAW_H
#define VISION_DRAW_H

#include "vision/image.h"

int draw_pixel(struct image *img, int x, int y, uint32_t color);

/* thickness < 1 draws nothing; a thick line has round ends. */
int draw_line(struct image *img, int x0, int y0, int x1, int y1, uint32_t color, int thickness);

/* The outline lies within thickness/2 on both sides of the edge. fill: the area, outline included. w or h <= 0 draws nothing. */
int draw_rectangle(struct image *img, struct rect r, uint32_t color, int thickness, bool fill);
int draw_circle(struct image *img, int cx, int cy, int radius, uint32_t color, int thickness, bool fill);

/* rotation in degrees, clockwise on the screen. */
int draw_ellipse(struct image *img, int cx, int cy, int rx, int ry, int rotation, uint32_t color, int thickness, bool fill);

/* Two lines from -size to +size around (x, y). */
int draw_cross(struct image *img, int x, int y, uint32_t color, int size, int thickness);

/* A line with a head of `size` pixels at (x1, y1). */
int draw_arrow(struct image *img, int x0, int y0, int x1, int y1, uint32_t color, int size, int thickness);

/* The closed polygon of the four corners; size > 0 adds a circle of that radius on each corner (filled if `fill`). */
int draw_edges(struct image *img, const struct point corners[4], uint32_t color, int size, int thickness, bool fill);

struct draw_keypoint { int x, y, rotation; };   /* rotation in degrees */
/* For each: a circle of radius size / 4 (at least 1) and a line of length `size` in the direction of the rotation. */
int draw_keypoints(struct image *img, const struct draw_keypoint *points, size_t count, uint32_t color, int size, int thickness, bool fill);

struct draw_string_options {
    float scale;                    /* > 0, <= 10000; 1 = glyphs of DRAW_FONT_WIDTH x DRAW_FONT_HEIGHT */
    int x_spacing, y_spacing;       /* added between characters / lines, may be negative */
    bool mono_space;                /* false: each glyph as wide as its ink + 1 */
    int char_rotation;              /* degrees, rounded to the next multiple of 90: each glyph turns in its cell, which at 90 and 270 lies on its side */
    bool char_hmirror, char_vflip;
    int string_rotation;            /* degrees, rounded likewise: the whole text turns about its top left corner, then is moved so that */
    bool string_hmirror, string_vflip; /* its bounding box's top left corner is (x, y) again; mirrors act within that box */
};
#define DRAW_STRING_DEFAULTS ((struct draw_string_options){.scale = 1.0f, .mono_space = true})
enum { DRAW_FONT_WIDTH = 8, DRAW_FONT_HEIGHT = 10 };

/* ASCII 32..126; '\n' begins a line, '\r' is ignored, others show as a box. (x, y) = top left corner. */
int draw_string(struct image *img, int x, int y, const char *text, size_t length, uint32_t color,
                const struct draw_string_options *options);

/* Set everything outside the shape to 0. */
int draw_mask_rectangle(struct image *img, struct rect r);
int draw_mask_circle(struct image *img, int cx, int cy, int radius);
int draw_mask_ellipse(struct image *img, int cx, int cy, int rx, int ry, int rotation);

#endif
