/* SPDX-License-Identifier: MIT */
/* A transformation says where a pixel comes from. Smooth ones are asked for every 8th or 16th pixel of as many rows, with straight lines between:
   what a lens or a projection of use shows moves by a fraction of a pixel against asking for each. Small images are asked pixel by pixel. */
#include "vision/warp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vision/kernel_sample.h"
#include "vision/row.h"

#define PI 3.14159265358979f

/* `wide` is a constant in each use: a loop for bytes and one for RGB565, not one that asks. */
#define INLINE static inline __attribute__((always_inline))

enum { OUTSIDE = INT32_MIN };

/* Between four points of the grid: every pixel is asked for; or the way is straight, and leads out of the source perhaps, or not. */
enum { WAY_ASKED, WAY_CHECKED, WAY_INSIDE };

/* Source of the pixel x, y: in 1/2^16, half a pixel added, so that the whole part is the nearest; OUTSIDE when it is nowhere near. */
struct position { int32_t x, y; };
typedef struct position (*warp_position)(const void *context, float x, float y);

struct warper {
    struct image *img;
    struct image src;               /* the image as it was; binary as gray */
    uint8_t *row;                   /* binary: one of the result */
    struct kernel_walk *walks;      /* from point to point of a row */
    warp_position at;
    const void *context;
    int bits;                       /* the grid's step, as a power of two; 0: each pixel is asked for */
    int points;                     /* of a row of the grid */
    struct position *grid[2];       /* the rows of it above and below */
    uint8_t *way;                   /* how the pixels between four points are found */
};

static inline struct position position(float x, float y)
{
    const float limit = IMAGE_MAX_SIDE;     /* half a pixel more, in 1/2^16, is below 2^31 */

    if (!(fabsf(x) < limit && fabsf(y) < limit)) {
        return (struct position){OUTSIDE, OUTSIDE};
    }
    return (struct position){(int32_t)((x + 0.5f) * 65536), (int32_t)((y + 0.5f) * 65536)};
}

static inline bool within(const struct image *src, struct position p)
{
    return (uint32_t)(p.x >> 16) < (uint32_t)src->width && (uint32_t)(p.y >> 16) < (uint32_t)src->height;
}

INLINE void put(const uint8_t *pixels, uint32_t from, uint8_t *row, int x, bool wide)
{
    if (wide) {
        ((uint16_t *)(void *)row)[x] = ((const uint16_t *)(const void *)pixels)[from];
    } else {
        row[x] = pixels[from];
    }
}

INLINE void put_black(uint8_t *row, int x, bool wide)
{
    if (wide) {
        ((uint16_t *)(void *)row)[x] = 0;
    } else {
        row[x] = 0;
    }
}

INLINE void put_checked(const struct image *src, struct position p, uint8_t *row, int x, bool wide)
{
    if (within(src, p)) {
        put(src->data, (uint32_t)(p.y >> 16) * (uint32_t)src->width + (uint32_t)(p.x >> 16), row, x, wide);
    } else {
        put_black(row, x, wide);
    }
}

INLINE void asked_row(const struct warper *w, int y, int x, int n, uint8_t *row, bool wide)
{
    for (int i = x; i < x + n; i++) {
        put_checked(&w->src, w->at(w->context, (float)i, (float)y), row, i, wide);
    }
}

/* Down from a to b, in steps of 1 << bits; any positions, what becomes of OUTSIDE isn't used. */
static inline struct position below(struct position a, struct position b, int bits, uint32_t step)
{
    int32_t dx = (int32_t)((uint32_t)b.x - (uint32_t)a.x), dy = (int32_t)((uint32_t)b.y - (uint32_t)a.y);

    return (struct position){(int32_t)((uint32_t)a.x + (uint32_t)(dx >> bits) * step), (int32_t)((uint32_t)a.y + (uint32_t)(dy >> bits) * step)};
}

/* From point to point of row y, in 1/256 from the pixel that the first one comes from. */
static void lay_walks(struct warper *w, int y)
{
    const struct position *above = w->grid[0], *under = w->grid[1];
    const int bits = w->bits, fine = bits + 8, half = 1 << (fine - 1), points = w->points, width = w->src.width;
    const uint32_t step = (uint32_t)y & ((1u << bits) - 1);
    struct kernel_walk *walk = w->walks;
    struct position p = below(above[0], under[0], bits, step);

    for (int i = 1; i < points; i++, walk++) {
        struct position q = below(above[i], under[i], bits, step);
        uint32_t right = (uint32_t)q.x - (uint32_t)p.x + (uint32_t)half, down = (uint32_t)q.y - (uint32_t)p.y + (uint32_t)half;
        walk->from = (p.y >> 16) * width + (p.x >> 16);
        walk->at = ((uint32_t)p.y >> 8 & 255) << 16 | ((uint32_t)p.x >> 8 & 255);
        walk->step = (uint32_t)((int32_t)down >> fine) << 16 | ((uint32_t)((int32_t)right >> fine) & 0xFFFF);
        p = q;
    }
}

/* The same way for one walk that may lead out of the source */
INLINE void checked_walk(const struct warper *w, struct position p, const struct kernel_walk *walk, uint8_t *row, int x, int n, bool wide)
{
    int at_x = (int)(walk->at & 0xFFFF), at_y = (int)(walk->at >> 16), right = (int16_t)walk->step, down = (int16_t)(walk->step >> 16);
    int left = p.x >> 16, top = p.y >> 16;

    for (int i = x; i < x + n; i++, at_x += right, at_y += down) {
        uint32_t u = (uint32_t)(left + (at_x >> 8)), v = (uint32_t)(top + (at_y >> 8));
        if (u < (uint32_t)w->src.width && v < (uint32_t)w->src.height) {
            put(w->src.data, v * (uint32_t)w->src.width + u, row, i, wide);
        } else {
            put_black(row, i, wide);
        }
    }
}

INLINE void warp_row(struct warper *w, int y, uint8_t *row, bool wide)
{
    const int width = w->img->width, bits = w->bits, most = 1 << bits;
    const uint8_t *data = w->src.data;

    if (!bits) {
        asked_row(w, y, 0, width, row, wide);
        return;
    }
    lay_walks(w, y);
    for (int i = 0, x = 0, end, n; x < width; i = end, x += n) {
        for (end = i + 1; end < w->points - 1 && w->way[end] == w->way[i]; end++) {
        }
        n = end << bits < width ? (end - i) << bits : width - x;
        if (w->way[i] == WAY_ASKED) {
            asked_row(w, y, x, n, row, wide);
        } else if (w->way[i] == WAY_CHECKED) {
            for (int j = i, at = x; j < end; j++, at += most) {
                struct position p = below(w->grid[0][j], w->grid[1][j], bits, (uint32_t)(y & (most - 1)));
                checked_walk(w, p, &w->walks[j], row, at, x + n - at < most ? x + n - at : most, wide);
            }
        } else if (wide) {
            kernel_walk16((const uint16_t *)(const void *)data, width, w->walks + i, bits, n, (uint16_t *)(void *)row + x);
        } else {
            kernel_walk8(data, width, w->walks + i, bits, n, row + x);
        }
    }
}

/* Are two points near enough for the way between them to be straight: at most three pixels for one? */
static inline bool straight(struct position a, struct position b, int bits)
{
    int32_t most = 3 << (15 + bits);

    return a.x != OUTSIDE && b.x != OUTSIDE && abs(a.x / 2 - b.x / 2) < most && abs(a.y / 2 - b.y / 2) < most;
}

/* Away from the edge by more than what is rounded between: 1/8 pixel */
static inline bool deep_inside(const struct image *src, struct position p)
{
    uint32_t margin = 1 << 13;

    return (uint32_t)p.x - margin < ((uint32_t)src->width << 16) - 2 * margin && (uint32_t)p.y - margin < ((uint32_t)src->height << 16) - 2 * margin;
}

/* The grid's row at y into the lower line; what was there moves up. */
static void next_grid_row(struct warper *w, int y)
{
    struct position *above = w->grid[1], *under = w->grid[0];

    w->grid[0] = above;
    w->grid[1] = under;
    for (int i = 0; i < w->points; i++) {
        under[i] = w->at(w->context, (float)(i << w->bits), (float)y);
    }
    for (int i = 0; i < w->points - 1 && y > 0; i++) {
        bool way = straight(above[i], above[i + 1], w->bits) && straight(under[i], under[i + 1], w->bits) && straight(above[i], under[i], w->bits) &&
                   straight(above[i + 1], under[i + 1], w->bits);
        bool inside = deep_inside(&w->src, above[i]) && deep_inside(&w->src, above[i + 1]) && deep_inside(&w->src, under[i]) && deep_inside(&w->src, under[i + 1]);
        w->way[i] = !way ? WAY_ASKED : inside ? WAY_INSIDE : WAY_CHECKED;
    }
}

/* The source's copy, and whatever else a warp needs of the arena. */
static int open_warp(struct warper *w, struct arena *arena)
{
    struct image *img = w->img;

    w->src = *img;
    w->src.format = img->format == PIXFORMAT_BINARY ? PIXFORMAT_GRAYSCALE : img->format;
    w->src.data = arena_alloc(arena, pixformat_image_bytes(w->src.format, img->width, img->height));
    w->row = arena_alloc(arena, (size_t)img->width);
    if (!w->src.data || !w->row) {
        return VISION_E_MEMORY;
    }
    for (int y = 0; y < img->height && img->format == PIXFORMAT_BINARY; y++) {
        row_load_gray(img, 0, y, img->width, image_row(&w->src, y));
    }
    if (img->format != PIXFORMAT_BINARY) {
        kernel_copy(w->src.data, img->data, image_bytes(img));
    }
    return 0;
}

static int warp(struct image *img, warp_position at, const void *context, bool smooth, struct arena *arena)
{
    struct warper w = {.img = img, .at = at, .context = context};
    size_t mark = arena->used;
    int err = open_warp(&w, arena), side = img->width < img->height ? img->width : img->height;

    w.bits = !smooth || side < 80 ? 0 : side < 200 ? 3 : 4;
    w.points = w.bits ? ((img->width - 1) >> w.bits) + 2 : 0;
    w.way = arena_alloc(arena, (size_t)w.points);
    w.walks = arena_alloc(arena, sizeof *w.walks * (size_t)w.points);
    err = err || (w.way && w.walks) ? err : VISION_E_MEMORY;
    for (int i = 0; i < 2 && !err; i++) {
        w.grid[i] = arena_alloc(arena, sizeof **w.grid * (size_t)w.points);
        err = w.grid[i] ? 0 : VISION_E_MEMORY;
    }
    if (!err && w.bits) {
        next_grid_row(&w, 0);
    }
    for (int y = 0; y < img->height && !err; y++) {
        if (w.bits && y % (1 << w.bits) == 0) {
            next_grid_row(&w, y + (1 << w.bits));
        }
        if (img->format == PIXFORMAT_RGB565) {
            warp_row(&w, y, image_row(img, y), true);
            continue;
        }
        warp_row(&w, y, img->format == PIXFORMAT_BINARY ? w.row : image_row(img, y), false);
        if (img->format == PIXFORMAT_BINARY) {
            row_store_gray(img, 0, y, img->width, w.row);
        }
    }
    arena->used = mark;
    return err;
}

/* ---- Lens ---- */

enum { LENS_STEPS = 256 };

struct lens {
    float x, y;                     /* centre */
    float scale, most;              /* squared distance to entries of the table, and the largest one in it */
    float factor[LENS_STEPS + 1];   /* zoom atan(r) / r, by squared distance */
};

static struct position lens_position(const void *context, float x, float y)
{
    const struct lens *l = context;
    float dx = x - l->x, dy = y - l->y, squared = fminf(dx * dx + dy * dy, l->most), at = squared * l->scale;
    int i = (int)at;
    float factor = l->factor[i] + (l->factor[i + 1] - l->factor[i]) * (at - (float)i);

    return position(l->x + dx * factor, l->y + dy * factor);
}

int warp_lens(struct image *img, float strength, float zoom, float x_corr, float y_corr, struct arena *arena)
{
    size_t mark = arena->used;
    float w = (float)img->width, h = (float)img->height, diagonal = sqrtf(w * w + h * h);

    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (!(strength > 0 && strength < 1000) || !(zoom > 0 && zoom <= 10) || !(fabsf(x_corr) <= 1) || !(fabsf(y_corr) <= 1)) {
        return VISION_E_ARGUMENT;
    }
    struct lens *l = arena_alloc(arena, sizeof *l);
    if (!l) {
        return VISION_E_MEMORY;
    }
    /* the middle of the pixels' middles: a mirrored picture gives the mirrored result */
    l->x = (w - 1) / 2 + x_corr * w;
    l->y = (h - 1) / 2 + y_corr * h;
    float far_x = fmaxf(fabsf(l->x), fabsf(w - l->x)) + 16, far_y = fmaxf(fabsf(l->y), fabsf(h - l->y)) + 16; /* the grid goes beyond the edge */
    l->most = far_x * far_x + far_y * far_y;
    l->scale = (float)(LENS_STEPS - 1) / l->most;
    for (int i = 0; i <= LENS_STEPS; i++) {
        float r = strength * sqrtf((float)i / l->scale) / diagonal;
        l->factor[i] = r > 0 ? zoom * atanf(r) / r : zoom;      /* 0 also of a strength near nothing */
    }
    int err = warp(img, lens_position, l, true, arena);
    arena->used = mark;
    return err;
}

/* ---- Projections ---- */

static struct position project(const void *context, float x, float y)
{
    const float *m = context;
    float d = m[6] * x + m[7] * y + m[8];

    if (!(d > 1e-6f)) {
        return (struct position){OUTSIDE, OUTSIDE};
    }
    return position((m[0] * x + m[1] * y + m[2]) / d, (m[3] * x + m[4] * y + m[5]) / d);
}

static void multiply(const float a[9], const float b[9], float out[9])
{
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            out[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
        }
    }
}

static bool invert(const float m[9], float out[9])
{
    const int next[3] = {1, 2, 0}, last[3] = {2, 0, 1};
    float largest = 0;

    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            out[3 * j + i] = m[3 * next[i] + next[j]] * m[3 * last[i] + last[j]] - m[3 * next[i] + last[j]] * m[3 * last[i] + next[j]];
            largest = fmaxf(largest, fabsf(m[3 * i + j]));
        }
    }
    float determinant = m[0] * out[0] + m[1] * out[3] + m[2] * out[6];
    if (!(fabsf(determinant) > 1e-9f * largest * largest * largest)) {
        return false;
    }
    for (int i = 0; i < 9; i++) {
        out[i] /= determinant;
    }
    return true;
}

/* The square 0, 0 .. 1, 1 to four corners (Heckbert 1989, section 2.2.3). */
static bool from_square(const struct point *c, float m[9])
{
    float x[4], y[4];

    for (int i = 0; i < 4; i++) {
        x[i] = (float)c[i].x;
        y[i] = (float)c[i].y;
    }
    float sx = x[0] - x[1] + x[2] - x[3], sy = y[0] - y[1] + y[2] - y[3], dx1 = x[1] - x[2], dx2 = x[3] - x[2], dy1 = y[1] - y[2], dy2 = y[3] - y[2];
    float d = dx1 * dy2 - dx2 * dy1, g, h;

    if (!(fabsf(d) > 0)) {
        return false;
    }
    g = (sx * dy2 - sy * dx2) / d;
    h = (dx1 * sy - dy1 * sx) / d;
    const float out[9] = {x[1] - x[0] + g * x[1], x[3] - x[0] + h * x[3], x[0], y[1] - y[0] + g * y[1], y[3] - y[0] + h * y[3], y[0], g, h, 1};
    memcpy(m, out, sizeof out);
    return true;
}

/* The plane's points (x, y, 0) as the turned, moved plane shows them: its first two columns and where its middle goes. */
static void turn(const struct rotation *r, float w, float h, float m[9])
{
    float ax = r->x * PI / 180, ay = r->y * PI / 180, az = r->z * PI / 180;
    float cx = cosf(ax), sx = sinf(ax), cy = cosf(ay), sy = sinf(ay), cz = cosf(az), sz = sinf(az);
    float distance = fmaxf(w, h) / 2 / tanf(r->fov * PI / 360);
    const float to_middle[9] = {1, 0, -(w - 1) / 2, 0, 1, -(h - 1) / 2, 0, 0, 1};
    const float turned[9] = {r->zoom * cz * cy,
                             r->zoom * (cz * sy * sx - sz * cx),
                             r->x_translation,
                             r->zoom * sz * cy,
                             r->zoom * (sz * sy * sx + cz * cx),
                             r->y_translation,
                             -sy / distance,
                             cy * sx / distance,
                             1};
    const float from_middle[9] = {1, 0, (w - 1) / 2, 0, 1, (h - 1) / 2, 0, 0, 1};
    float part[9];

    multiply(turned, to_middle, part);
    multiply(from_middle, part, m);
}

int warp_rotation(struct image *img, const struct rotation *r, struct arena *arena)
{
    float w = (float)img->width, h = (float)img->height, forward[9], back[9], square[9], whole[9];

    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (!isfinite(r->x) || !isfinite(r->y) || !isfinite(r->z) || !isfinite(r->x_translation) || !isfinite(r->y_translation) || !(r->zoom > 0) ||
        isinf(r->zoom) || !(r->fov >= 1 && r->fov <= 179)) {
        return VISION_E_ARGUMENT;
    }
    turn(r, w, h, forward);
    if (!invert(forward, back)) {
        return VISION_E_ARGUMENT;
    }
    if (r->corners) {
        const float unit[9] = {1 / fmaxf(w - 1, 1), 0, 0, 0, 1 / fmaxf(h - 1, 1), 0, 0, 0, 1};
        if (!from_square(r->corners, square)) {
            return VISION_E_ARGUMENT;
        }
        multiply(square, unit, whole);
        multiply(whole, back, forward);
        memcpy(back, forward, sizeof back);
    }
    return warp(img, project, back, true, arena);
}

int warp_projection(struct image *img, const float matrix[9], struct arena *arena)
{
    float m[9], x = (float)(img->width - 1) / 2, y = (float)(img->height - 1) / 2;
    float sign = matrix[6] * x + matrix[7] * y + matrix[8] < 0 ? -1 : 1;

    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    for (int i = 0; i < 9; i++) {
        m[i] = matrix[i] * sign;
        if (!isfinite(m[i])) {
            return VISION_E_ARGUMENT;
        }
    }
    return warp(img, project, m, true, arena);
}

/* ---- Polar ---- */

struct polar_map {
    const struct polar *p;
    float reach;                    /* distance of the farthest corner */
    float per_pixel, per_log, per_turn; /* back: columns by distance, by its logarithm; rows by angle */
    int32_t *distance;              /* by column, in 1/2^14 */
};

static struct position from_polar(const void *context, float x, float y)
{
    const struct polar_map *m = context;
    float dx = x - m->p->x, dy = y - m->p->y, d = sqrtf(dx * dx + dy * dy), angle = atan2f(dy, dx);
    float row = (angle < 0 ? angle + 2 * PI : angle) * m->per_turn, rows = 2 * PI * m->per_turn;

    return position(m->p->logarithmic ? logf(d + 1) * m->per_log - 0.5f : d * m->per_pixel - 0.5f, row + 0.5f >= rows ? 0 : row);
}

/* A distance along a direction in 1/2^30: in 1/2^12 */
static inline int32_t along(int32_t distance, int32_t direction)
{
    return (int32_t)(((int64_t)distance * direction) >> 32);
}

/* One ray: distances grow, so that once it has left the image, the rest is black; unless its middle lies outside. */
INLINE void ray(const struct warper *w, const struct polar_map *m, float cosine, float sine, uint8_t *row, bool wide)
{
    const struct image *src = &w->src;
    int32_t c = (int32_t)(cosine * 1073741824.0f), s = (int32_t)(sine * 1073741824.0f), x0 = (int32_t)((m->p->x + 0.5f) * 4096), y0 = (int32_t)((m->p->y + 0.5f) * 4096);
    int x = 0, n = src->width;
    uint32_t width = (uint32_t)src->width, height = (uint32_t)src->height;
    const uint8_t *pixels = src->data;
    const int32_t *distance = m->distance;

    if ((uint32_t)(x0 >> 12) < width && (uint32_t)(y0 >> 12) < height) {
        while (n && ((uint32_t)((x0 + along(distance[n - 1], c)) >> 12) >= width || (uint32_t)((y0 + along(distance[n - 1], s)) >> 12) >= height)) {
            put_black(row, --n, wide);
        }
#pragma GCC unroll 4
        for (; x < n; x++) {
            int32_t d = distance[x];
            put(pixels, (uint32_t)((y0 + along(d, s)) >> 12) * width + (uint32_t)((x0 + along(d, c)) >> 12), row, x, wide);
        }
        return;
    }
    for (; x < n; x++) {
        float d = (float)distance[x] / 16384;
        put_checked(src, position(m->p->x + d * cosine, m->p->y + d * sine), row, x, wide);
    }
}

static int to_polar(struct image *img, const struct polar_map *m, struct arena *arena)
{
    struct warper w = {.img = img};
    int err = open_warp(&w, arena);

    for (int y = 0; y < img->height && !err; y++) {
        float angle = (float)y / (float)img->height * 2 * PI, c = cosf(angle), s = sinf(angle);
        if (img->format == PIXFORMAT_RGB565) {
            ray(&w, m, c, s, image_row(img, y), true);
        } else if (img->format == PIXFORMAT_GRAYSCALE) {
            ray(&w, m, c, s, image_row(img, y), false);
        } else {
            ray(&w, m, c, s, w.row, false);
            row_store_gray(img, 0, y, img->width, w.row);
        }
    }
    return err;
}

int warp_polar(struct image *img, const struct polar *p, struct arena *arena)
{
    size_t mark = arena->used;
    int w = img->width, h = img->height;

    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (!(fabsf(p->x) <= WARP_POLAR_MOST) || !(fabsf(p->y) <= WARP_POLAR_MOST) || w > WARP_POLAR_MOST || h > WARP_POLAR_MOST) {
        return VISION_E_ARGUMENT;
    }
    float far_x = fmaxf(fabsf(p->x), fabsf((float)w - p->x)), far_y = fmaxf(fabsf(p->y), fabsf((float)h - p->y));
    struct polar_map m = {.p = p, .reach = fmaxf(sqrtf(far_x * far_x + far_y * far_y), 1), .distance = arena_alloc(arena, sizeof(int32_t) * (size_t)w)};
    m.per_pixel = (float)w / m.reach;
    m.per_log = (float)w / logf(m.reach + 1);
    m.per_turn = (float)h / (2 * PI);
    int err = m.distance ? 0 : VISION_E_MEMORY;
    for (int i = 0; i < w && !err; i++) {
        m.distance[i] = (int32_t)(16384 * (p->logarithmic ? expf((float)i / m.per_log) - 1 : (float)i / m.per_pixel));
    }
    err = err ? err : p->reverse ? warp(img, from_polar, &m, false, arena) : to_polar(img, &m, arena);
    arena->used = mark;
    return err;
}
