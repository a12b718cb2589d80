/* SPDX-License-Identifier: MIT */
/* Quadrilaterals by the borders of what is bright. */
#include "vision/quad.h"

#include <math.h>
#include <string.h>

#include "vision/kernel_window.h"
#include "vision/row.h"

enum { TILE = 8, CONTRAST = 20, LIKE = 8 };

/* A corner of pixels: of the four around it, (x, y) is the lower right */
struct vertex { int16_t x, y; };

struct vector { float x, y; };

struct quad_search {
    const struct image *img;
    const struct quad_options *options;
    struct arena *arena;
    struct rect roi;
    int words;                      /* of a row of the bitmaps, which have a dark pixel more on each side */
    uint32_t *bright, *seen;        /* seen: the border on the left of the pixel has been followed */
    struct vertex *border;
    int most;                       /* vertices of a border; a longer one is no quadrilateral */
    struct quad *quads;
    int found;
};

/* ---- Bright and dark ---- */

/* Least and greatest pixel of each tile of a row of tiles; `rows` hold a row of the region each. */
static void range_of_tiles(const struct quad_search *s, int ty, uint8_t *const rows[3], uint8_t *low, uint8_t *high)
{
    uint8_t *row = rows[0], *least = rows[1], *most = rows[2];
    int w = s->roi.w, end = ty * TILE + TILE < s->roi.h ? ty * TILE + TILE : s->roi.h;

    row_load_gray(s->img, s->roi.x, s->roi.y + ty * TILE, w, least);
    memcpy(most, least, (size_t)w);
    for (int y = ty * TILE + 1; y < end; y++) {
        row_load_gray(s->img, s->roi.x, s->roi.y + y, w, row);
        kernel_min8(least, least, row, w);
        kernel_max8(most, most, row, w);
    }
    for (int x = 0; x < w; x += TILE, low++, high++) {
        int stop = x + TILE < w ? x + TILE : w;
        *low = least[x];
        *high = most[x];
        for (int i = x + 1; i < stop; i++) {
            *low = least[i] < *low ? least[i] : *low;
            *high = most[i] > *high ? most[i] : *high;
        }
    }
}

/* What is bright in a tile is above this: 255 where there is no contrast. */
static int level(const uint8_t *low, const uint8_t *high, int columns, int rows, int tx, int ty)
{
    int least = 255, most = 0;

    for (int y = ty > 0 ? ty - 1 : 0; y <= ty + 1 && y < rows; y++) {
        for (int x = tx > 0 ? tx - 1 : 0; x <= tx + 1 && x < columns; x++) {
            least = low[y * columns + x] < least ? low[y * columns + x] : least;
            most = high[y * columns + x] > most ? high[y * columns + x] : most;
        }
    }
    return most - least < CONTRAST ? 255 : (least + most) / 2;
}

static int fill_bright(struct quad_search *s)
{
    int columns = (s->roi.w + TILE - 1) / TILE, rows = (s->roi.h + TILE - 1) / TILE;
    size_t mark = s->arena->used, tiles = (size_t)columns * (size_t)rows;
    uint8_t *low = arena_alloc(s->arena, tiles), *high = arena_alloc(s->arena, tiles), *levels = arena_alloc(s->arena, (size_t)columns), *buffers[3];

    for (int i = 0; i < 3; i++) {
        buffers[i] = arena_alloc(s->arena, (size_t)s->roi.w);
    }
    if (!low || !high || !levels || !buffers[0] || !buffers[1] || !buffers[2]) {
        return VISION_E_MEMORY;
    }
    for (int ty = 0; ty < rows; ty++) {
        range_of_tiles(s, ty, buffers, low + ty * columns, high + ty * columns);
    }
    for (int y = 0; y < s->roi.h; y++) {
        uint32_t *bits = s->bright + (y + 1) * s->words;
        const uint8_t *row = buffers[0];
        for (int t = 0; t < columns && y % TILE == 0; t++) {
            levels[t] = (uint8_t)level(low, high, columns, rows, t, y / TILE);
        }
        row_load_gray(s->img, s->roi.x, s->roi.y + y, s->roi.w, buffers[0]);
        for (int t = 0; t < columns; t++) {
            uint32_t than = levels[t], eight = 0, at = (uint32_t)(t * TILE + 1);
            const uint8_t *tile = row + t * TILE;
            int stop = s->roi.w - t * TILE;
            if (than == 255) {
                continue;
            }
            if (stop >= TILE) {
#pragma GCC unroll 8
                for (int x = TILE - 1; x >= 0; x--) {
                    eight = eight << 1 | (than - tile[x]) >> 31;
                }
            } else {
                for (int x = stop - 1; x >= 0; x--) {
                    eight = eight << 1 | (than - tile[x]) >> 31;
                }
            }
            bits[at >> 5] |= eight << (at & 31);
            if ((at & 31) > 32 - TILE) {
                bits[(at >> 5) + 1] |= eight >> (32 - (at & 31));
            }
        }
    }
    s->arena->used = mark;
    return 0;
}

/* ---- Following a border ---- */

static inline bool is_set(const uint32_t *bits, int at)
{
    return bits[at >> 5] >> (at & 31) & 1;
}

/* From the left side of pixel (x, y) upwards, the bright on the right hand, until it closes. Returns the number of vertices, of which the first
   `most` are kept. */
static int follow(const struct quad_search *s, int x, int y)
{
    /* north, east, south, west: the step; and, in bits from the vertex, the step, the pixels ahead on the right and on the left */
    const int row = 32 * s->words;
    const struct { int x, y, step, right, left; } ways[4] = {
        {0, -1, -row, -row, -row - 1}, {1, 0, 1, 0, -row}, {0, 1, row, -1, 0}, {-1, 0, -1, -row - 1, -1},
    };
    const uint32_t *bright = s->bright;
    uint32_t *seen = s->seen;
    const int start = (y + 2) * row + x + 1;
    int vx = x, vy = y + 1, at = start, way = 0, n = 0;

    do {
        if (way == 0) {
            seen[(at - row) >> 5] |= 1u << (at & 31);       /* of pixel (vx, vy - 1) */
        }
        if (n < s->most) {
            s->border[n] = (struct vertex){(int16_t)vx, (int16_t)vy};
        }
        n++;
        vx += ways[way].x;
        vy += ways[way].y;
        at += ways[way].step;
        if (!is_set(bright, at + ways[way].right)) {
            way = (way + 1) & 3;
        } else if (is_set(bright, at + ways[way].left)) {
            way = (way + 3) & 3;
        }
    } while (at != start || way != 0);
    return n;
}

/* ---- Four sides ---- */

static int farthest_from(const struct vertex *border, int n, float x, float y)
{
    int best = 0;
    float most = -1;

    for (int i = 0; i < n; i++) {
        float dx = (float)border[i].x - x, dy = (float)border[i].y - y, d = dx * dx + dy * dy;
        if (d > most) {
            most = d;
            best = i;
        }
    }
    return best;
}

/* Of the vertices from `from` to `to`, around the end if need be, the farthest from the line through them; *away: how far. */
static int farthest_between(const struct vertex *border, int n, int from, int to, float *away)
{
    int dx = border[to].x - border[from].x, dy = border[to].y - border[from].y, best = from, most = -1;

    for (int i = from; i != to; i = i + 1 < n ? i + 1 : 0) {
        int off = (border[i].x - border[from].x) * dy - (border[i].y - border[from].y) * dx;
        off = off < 0 ? -off : off;
        if (off > most) {
            most = off;
            best = i;
        }
    }
    *away = (float)most / sqrtf((float)(dx * dx + dy * dy) + 1e-3f);
    return best;
}

/* Vertices where the border turns most, in order: two far from each other, and on each way between them the farthest from their line, `away` from it. */
static bool choose_corners(const struct vertex *b, int n, int k[4], float away[2])
{
    float sx = 0, sy = 0;

    for (int i = 0; i < n; i++) {
        sx += (float)b[i].x;
        sy += (float)b[i].y;
    }
    k[0] = farthest_from(b, n, sx / (float)n, sy / (float)n);
    k[2] = farthest_from(b, n, (float)b[k[0]].x, (float)b[k[0]].y);
    if (k[0] == k[2]) {
        return false;
    }
    k[1] = farthest_between(b, n, k[0], k[2], &away[0]);
    k[3] = farthest_between(b, n, k[2], k[0], &away[1]);
    return true;
}

/* A side may be as long as the diagonals. Then the two far from each other are neighbours, one way between them is nearly straight, and the other
   has both remaining corners: that is tried. false: neither way is. */
static bool choose_neighbours(const struct vertex *b, int n, int k[4], const float away[2])
{
    float dx = (float)(b[k[2]].x - b[k[0]].x), dy = (float)(b[k[2]].y - b[k[0]].y), straight = 2 + sqrtf(dx * dx + dy * dy) / 16, before, after;
    bool right = away[0] < away[1];
    int from = right ? k[2] : k[0], middle = right ? k[3] : k[1], to = right ? k[0] : k[2];

    if (away[!right] >= straight || away[right] < QUAD_SIDE / 2) {
        return false;
    }
    int first = farthest_between(b, n, from, middle, &before), second = farthest_between(b, n, middle, to, &after);
    k[0] = from;
    k[1] = before > after ? first : middle;
    k[2] = before > after ? middle : second;
    k[3] = to;
    return true;
}

/* A line through (at) along (along), fitted to a side without its outer tenths. false: too short, or not straight. */
static bool fit_side(const struct vertex *border, int n, int from, int to, struct vector *at, struct vector *along)
{
    int count = (to - from + n) % n, cut = count / 10 + 1, first = from + cut, used = count - 2 * cut + 1;
    float sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;

    if (count < QUAD_SIDE || used < 4) {
        return false;
    }
    float x0 = (float)border[from].x, y0 = (float)border[from].y, m = (float)used;
    for (int i = 0; i < used; i++) {
        const struct vertex *v = &border[(first + i) % n];
        float x = (float)v->x - x0, y = (float)v->y - y0;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
        syy += y * y;
    }
    float xx = sxx / m - sx * sx / (m * m), xy = sxy / m - sx * sy / (m * m), yy = syy / m - sy * sy / (m * m);
    float mean = (xx + yy) / 2, root = sqrtf((xx - yy) * (xx - yy) / 4 + xy * xy), turn = 0.5f * atan2f(2 * xy, xx - yy);
    *at = (struct vector){x0 + sx / m, y0 + sy / m};
    *along = (struct vector){cosf(turn), sinf(turn)};
    return mean - root < 0.6f + 0.0004f * m;     /* the square of the mean distance: 0.17 of an ideal slope's steps */
}

static bool meet(const struct vector *at, const struct vector *along, int i, int j, struct vector *out)
{
    float det = along[i].x * along[j].y - along[i].y * along[j].x;

    if (fabsf(det) < 0.15f) {       /* nearly the same direction */
        return false;
    }
    float t = ((at[j].x - at[i].x) * along[j].y - (at[j].y - at[i].y) * along[j].x) / det;
    *out = (struct vector){at[i].x + t * along[i].x, at[i].y + t * along[i].y};
    return true;
}

/* Do the sides bulge as a dot's do? How much further out their middle thirds lie than the outer ones, added up: of a dot a nineteenth of the outline.
   (The steps of a straight side are as large as the bulge of a small dot: its fit alone doesn't tell.) */
static bool is_round(const struct vertex *b, int n, const int k[4], const struct vector *at, const struct vector *along, const struct vector *corners)
{
    float bulge = 0, length = 0;

    for (int i = 0; i < 4; i++) {
        int j = (i + 1) & 3, other = (i + 2) & 3, count = (k[j] - k[i] + n) % n, cut = count / 10 + 1, used = count - 2 * cut + 1, third = used / 3;
        float nx = -along[i].y, ny = along[i].x, middle = 0, outer = 0;
        float out = (at[i].x - at[other].x) * nx + (at[i].y - at[other].y) * ny < 0 ? -1.0f : 1.0f;
        for (int v = 0; v < used; v++) {
            const struct vertex *p = &b[(k[i] + cut + v) % n];
            float off = ((float)p->x - at[i].x) * nx + ((float)p->y - at[i].y) * ny;
            *(v >= third && v < used - third ? &middle : &outer) += off;
        }
        bulge += out * (middle / (float)(used - 2 * third) - outer / (float)(2 * third));
        length += sqrtf((corners[j].x - corners[i].x) * (corners[j].x - corners[i].x) + (corners[j].y - corners[i].y) * (corners[j].y - corners[i].y));
    }
    return bulge > length / 50;
}

/* Where the sides between the vertices k meet. false: they are not straight, or the border doesn't come near the corners,
   or it is round. */
static bool fit_corners(const struct vertex *b, int n, const int k[4], struct vector corners[4])
{
    struct vector at[4], along[4];

    for (int i = 0; i < 4; i++) {
        if (!fit_side(b, n, k[i], k[(i + 1) & 3], &at[i], &along[i])) {
            return false;
        }
    }
    for (int i = 0; i < 4; i++) {
        if (!meet(at, along, (i + 3) & 3, i, &corners[i])) {
            return false;
        }
        float dx = corners[i].x - (float)b[k[i]].x, dy = corners[i].y - (float)b[k[i]].y;
        if (dx * dx + dy * dy > 36 + (float)n / 16) {
            return false;
        }
    }
    return !is_round(b, n, k, at, along, corners);
}

/* The corners of a border of n vertices, clockwise. false: no quadrilateral. */
static bool find_corners(const struct quad_search *s, int n, struct vector corners[4])
{
    const struct vertex *b = s->border;
    int k[4];
    float away[2];

    return choose_corners(b, n, k, away) && (fit_corners(b, n, k, corners) || (choose_neighbours(b, n, k, away) && fit_corners(b, n, k, corners)));
}

/* ---- From corners to a result ---- */

/* Sobel's gradient at a pixel of the region, which continues beyond its edge. */
static float gradient_at(const struct quad_search *s, int x, int y)
{
    uint8_t g[3][3];

    for (int j = 0; j < 3; j++) {
        int v = y + j - 1 < 0 ? 0 : y + j - 1 >= s->roi.h ? s->roi.h - 1 : y + j - 1;
        for (int i = 0; i < 3; i++) {
            int u = x + i - 1 < 0 ? 0 : x + i - 1 >= s->roi.w ? s->roi.w - 1 : x + i - 1;
            row_load_gray(s->img, s->roi.x + u, s->roi.y + v, 1, &g[j][i]);
        }
    }
    int gx = g[0][2] + 2 * g[1][2] + g[2][2] - g[0][0] - 2 * g[1][0] - g[2][0], gy = g[2][0] + 2 * g[2][1] + g[2][2] - g[0][0] - 2 * g[0][1] - g[0][2];
    return sqrtf((float)(gx * gx + gy * gy));
}

/* Sum along the sides; 0: a side is short or faint, or the corners do not turn right all around. */
static float strength(const struct quad_search *s, const struct vector corners[4])
{
    float total = 0;

    for (int i = 0; i < 4; i++) {
        struct vector p = corners[i], q = corners[(i + 1) & 3], r = corners[(i + 2) & 3];
        float dx = q.x - p.x, dy = q.y - p.y, length = sqrtf(dx * dx + dy * dy), sum = 0;
        if (!(length >= QUAD_SIDE) || !(dx * (r.y - q.y) - dy * (r.x - q.x) > 0)) {
            return 0;
        }
        int steps = (int)length;
        for (int k = 0; k < steps; k++) {
            float t = ((float)k + 0.5f) / (float)steps;
            sum += gradient_at(s, (int)floorf(p.x + t * dx), (int)floorf(p.y + t * dy));
        }
        if (sum < QUAD_EDGE * (float)steps) {
            return 0;
        }
        total += sum;
    }
    return total;
}

static bool is_like(const struct quad *a, const struct quad *b)
{
    for (int i = 0; i < 4; i++) {
        int dx = a->corners[i].x - b->corners[i].x, dy = a->corners[i].y - b->corners[i].y;
        if (dx > LIKE || dx < -LIKE || dy > LIKE || dy < -LIKE) {
            return false;
        }
    }
    return true;
}

static struct quad make_quad(const struct quad_search *s, const struct vector corners[4], float magnitude)
{
    struct quad quad = {.magnitude = (int)magnitude};
    struct vector middle = {0, 0};
    int first = 0, x0 = INT16_MAX, y0 = INT16_MAX, x1 = INT16_MIN, y1 = INT16_MIN;
    struct point p[4];

    for (int i = 0; i < 4; i++) {
        middle.x += corners[i].x / 4;
        middle.y += corners[i].y / 4;
    }
    for (int i = 0; i < 4; i++) {   /* from between the pixels to the outermost pixels of the inside */
        p[i].x = s->roi.x + (int)floorf(corners[i].x + (corners[i].x < middle.x ? 0.5f : -0.5f));
        p[i].y = s->roi.y + (int)floorf(corners[i].y + (corners[i].y < middle.y ? 0.5f : -0.5f));
        first = p[i].x + p[i].y < p[first].x + p[first].y ? i : first;
        x0 = p[i].x < x0 ? p[i].x : x0;
        y0 = p[i].y < y0 ? p[i].y : y0;
        x1 = p[i].x > x1 ? p[i].x : x1;
        y1 = p[i].y > y1 ? p[i].y : y1;
    }
    for (int i = 0; i < 4; i++) {
        quad.corners[i] = p[(first + i) & 3];
    }
    quad.rect = (struct rect){x0, y0, x1 - x0 + 1, y1 - y0 + 1};
    return quad;
}

/* The border's first n vertices into the results, if they are a quadrilateral. */
static int report(struct quad_search *s, int n)
{
    struct vector corners[4];

    if (n < 4 * QUAD_SIDE || n > s->most || !find_corners(s, n, corners)) {
        return 0;
    }
    /* a hole's border goes the other way round */
    float turn = (corners[1].x - corners[0].x) * (corners[2].y - corners[1].y) - (corners[1].y - corners[0].y) * (corners[2].x - corners[1].x);
    if (turn < 0) {
        struct vector swap = corners[1];
        corners[1] = corners[3];
        corners[3] = swap;
    }
    float magnitude = strength(s, corners);
    if (magnitude <= 0 || magnitude < (float)s->options->threshold) {
        return 0;
    }
    struct quad quad = make_quad(s, corners, magnitude);
    for (int i = 0; i < s->found; i++) {
        if (is_like(&quad, &s->quads[i])) {
            s->quads[i] = quad.magnitude > s->quads[i].magnitude ? quad : s->quads[i];
            return 0;
        }
    }
    struct quad *slot = arena_alloc(s->arena, (sizeof quad + 7) & ~(size_t)7);
    if (!slot) {
        return VISION_E_MEMORY;
    }
    s->quads[s->found++] = quad;
    return 0;
}

static int search(struct quad_search *s)
{
    for (int y = 0; y < s->roi.h; y++) {
        const uint32_t *bits = s->bright + (y + 1) * s->words, *seen = s->seen + (y + 1) * s->words;
        for (int i = 0; i < s->words; i++) {
            uint32_t starts = bits[i] & ~(bits[i] << 1 | (i ? bits[i - 1] >> 31 : 0));
            while ((starts &= ~seen[i]) != 0) {
                int err = report(s, follow(s, i * 32 + __builtin_ctz(starts) - 1, y));
                if (err) {
                    return err;
                }
            }
        }
    }
    return 0;
}

static void sort(struct quad *quads, int n)
{
    for (int i = 1; i < n; i++) {
        struct quad q = quads[i];
        int j = i;
        for (; j > 0 && quads[j - 1].magnitude < q.magnitude; j--) {
            quads[j] = quads[j - 1];
        }
        quads[j] = q;
    }
}

int quad_find(const struct image *img, const struct quad_options *options, struct arena *arena, struct quad **out)
{
    size_t mark = arena->used;
    struct quad_search s = {.img = img, .options = options, .arena = arena};
    int err = pixformat_is_compressed(img->format) ? VISION_E_FORMAT : image_clip(img, options->roi, &s.roi);

    if (err) {
        return err;
    }
    s.words = row_words(s.roi.w + 2);
    s.most = 4 * (s.roi.w + s.roi.h);
    size_t bytes = (size_t)s.words * 4 * ((size_t)s.roi.h + 2);
    s.bright = arena_alloc(arena, bytes);
    s.seen = arena_alloc(arena, bytes);
    s.border = arena_alloc(arena, (size_t)s.most * sizeof *s.border);
    err = VISION_E_MEMORY;
    if (s.bright && s.seen && s.border) {
        memset(s.bright, 0, bytes);
        memset(s.seen, 0, bytes);
        err = fill_bright(&s);
    }
    s.quads = err ? NULL : arena_alloc(arena, 0);
    err = err ? err : s.quads ? search(&s) : VISION_E_MEMORY;
    arena->used = mark;
    if (err || !s.found) {
        return err;
    }
    sort(s.quads, s.found);
    *out = arena_alloc(arena, (size_t)s.found * sizeof **out);
    memmove(*out, s.quads, (size_t)s.found * sizeof **out);
    return s.found;
}
