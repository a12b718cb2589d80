/* SPDX-License-Identifier: MIT */
/* Lines: votes by angle and distance. A row of the accumulator is as long as the region is wide in that direction. */
#include "vision/hough.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vision/hough_edge.h"

enum { ANGLES = 180, STEEPEST = 1443 };   /* the greatest gradient's length */

/* Least room for maxima beside all cells; the share of what is left that edge pixels may take, and the share that is left to maxima, as one part
   of so many, when there are too many cells */
enum { ROOM = 512, EDGES_OF = 2, MAXIMA_OF = 4 };

struct peak { uint16_t votes; uint8_t theta; int32_t rho; };

/* An edge pixel in its row; or, with degrees ROW, which row begins */
struct line_edge { int16_t x; uint8_t degrees, weight; };
enum { ROW = 255 };

struct angle {
    uint32_t normal;                /* cosine, sine << 16, times 2^14 */
    uint16_t *cells;                /* of distance 0, which need not be within the row; NULL when it is the turn of other angles */
};

struct line_votes {
    struct angle angles[ANGLES + 2 * HOUGH_FLAT_SPREAD];   /* from -HOUGH_FLAT_SPREAD on; beyond 0..179 the same again */
    int low[ANGLES], high[ANGLES];  /* distances of a row */
    size_t all;                     /* cells of all rows */
    int longest;                    /* and of the longest */
    int from, to;                   /* angles whose turn it is */
    uint32_t unit;                  /* of gradients, so that a row of pixels cannot add up to more than a cell holds */
    const struct hough_line_options *options;
    int theta_reach, rho_reach;
    struct rect roi;
    struct arena *arena;
    struct gradients gradients;
    struct line_edge *edges;        /* NULL: they are found anew each time */
    int edge_count, row;
    uint16_t *cells;
    size_t capacity;                /* bytes of them */
    struct peak *tiles;
    int tiles_low, tile_count;      /* the first one's distance */
    struct peak *peaks;             /* at the arena's end */
    int found;
};

static int distance(int theta, int x, int y)
{
    return (x * line_cosine(theta) + y * line_sine(theta) + LINE_SINE_ONE / 2) >> 14;
}

/* A margin as a reach: at least the neighbouring cells, at most those that are met once. */
static int reach_of(int margin, int most)
{
    return margin < 2 ? 2 : margin > most ? most : margin;
}

static struct line_votes *votes_open(struct rect roi, const struct hough_line_options *o, struct arena *arena)
{
    struct line_votes *v = arena_alloc(arena, sizeof *v);
    int right = roi.x + roi.w - 1, bottom = roi.y + roi.h - 1, low = 0, high = 0;
    bool none = o->theta_margin < 1 || o->rho_margin < 1;

    if (!v) {
        return NULL;
    }
    *v = (struct line_votes){.unit = 16, .options = o, .roi = roi, .arena = arena, .row = -1, .theta_reach = none ? 2 : reach_of(o->theta_margin, ANGLES / 2),
                             .rho_reach = none ? 2 : reach_of(o->rho_margin, 2 * IMAGE_MAX_SIDE)};
    for (int t = 0; t < ANGLES; t++) {
        v->low[t] = t <= 90 ? distance(t, roi.x, roi.y) : distance(t, right, roi.y);
        v->high[t] = t <= 90 ? distance(t, right, bottom) : distance(t, roi.x, bottom);
        low = v->low[t] < low ? v->low[t] : low;
        high = v->high[t] > high ? v->high[t] : high;
        int row = v->high[t] - v->low[t] + 1;
        v->all += (size_t)row;
        v->longest = row > v->longest ? row : v->longest;
        v->angles[t + HOUGH_FLAT_SPREAD].normal = ((uint32_t)line_cosine(t) & 0xFFFF) | (uint32_t)line_sine(t) << 16;
    }
    while ((STEEPEST / v->unit + 1) * (uint32_t)(roi.w + roi.h) > UINT16_MAX) {
        v->unit *= 2;
    }
    v->tiles_low = low;
    v->tile_count = (high - low) / v->rho_reach + 1;
    v->tiles = arena_alloc(arena, (size_t)(v->tile_count + 2) * sizeof *v->tiles);  /* and an empty one at either end */
    return v->tiles ? v : NULL;
}

/* As many angles as there are cells for have their turn, from `from` on. */
static void begin_turn(struct line_votes *v, int from)
{
    uint16_t *row = v->cells, *end = row + v->capacity / sizeof *row;
    int t = from;

    for (int i = v->from; i < v->to; i++) {
        v->angles[i + HOUGH_FLAT_SPREAD].cells = NULL;
    }
    for (int next; t < ANGLES && (next = v->high[t] - v->low[t] + 1) <= end - row; t++) {
        v->angles[t + HOUGH_FLAT_SPREAD].cells = row - v->low[t];
        row += next;
    }
    v->from = from;
    v->to = t;
    memset(v->cells, 0, (size_t)(row - v->cells) * sizeof *row);
    memcpy(v->angles, v->angles + ANGLES, HOUGH_FLAT_SPREAD * sizeof *v->angles);
    memcpy(v->angles + ANGLES + HOUGH_FLAT_SPREAD, v->angles + HOUGH_FLAT_SPREAD, HOUGH_FLAT_SPREAD * sizeof *v->angles);
}

/* ---- Voting ---- */

static uint32_t weight_of(const struct line_votes *v, uint32_t power)
{
    return ((uint32_t)sqrtf((float)power) + v->unit / 2) / v->unit;
}

static bool is_flat(int degrees)
{
    return degrees == 0 || degrees == 90;
}

static inline void vote_for(const struct angle *angle, uint32_t xy, uint32_t weight)
{
    uint16_t *cell = angle->cells + (gradient_dot(xy, angle->normal, LINE_SINE_ONE / 2) >> 14);

    *cell = (uint16_t)(*cell + weight);
}

/* Apart, so that it takes no registers from the others. */
static __attribute__((noinline)) int vote_flat(const struct angle *angle, uint32_t xy, uint32_t weight)
{
    for (const struct angle *end = angle + 2 * HOUGH_FLAT_SPREAD; angle <= end; angle++) {
        vote_for(angle, xy, weight);
    }
    return 0;
}

static int vote(void *context, int x, int y, uint32_t along, uint32_t power)
{
    const struct line_votes *v = context;
    uint32_t weight = weight_of(v, power), xy = (uint32_t)x | (uint32_t)y << 16;
    int degrees = gradient_degrees(along);
    const struct angle *angle = &v->angles[degrees];

    if (is_flat(degrees)) {
        return vote_flat(angle, xy, weight);
    }
    angle += HOUGH_FLAT_SPREAD - HOUGH_SPREAD;
#pragma GCC unroll 11
    for (int i = 0; i <= 2 * HOUGH_SPREAD; i++) {
        vote_for(angle + i, xy, weight);
    }
    return 0;
}

/* For those angles whose turn it is */
static void vote_in_turn(const struct line_votes *v, int x, int y, int degrees, uint32_t weight)
{
    uint32_t xy = (uint32_t)x | (uint32_t)y << 16;
    int spread = is_flat(degrees) ? HOUGH_FLAT_SPREAD : HOUGH_SPREAD;
    const struct angle *angle = &v->angles[degrees + HOUGH_FLAT_SPREAD];

    if ((degrees + spread - v->from + ANGLES) % ANGLES >= v->to - v->from + 2 * spread) {
        return;                     /* none of them */
    }
    for (int i = -spread; i <= spread; i++) {
        if (angle[i].cells) {
            vote_for(angle + i, xy, weight);
        }
    }
}

static int vote_again(void *context, int x, int y, uint32_t along, uint32_t power)
{
    const struct line_votes *v = context;

    vote_in_turn(v, x, y, gradient_degrees(along), weight_of(v, power));
    return 0;
}

static int keep_edge(void *context, int x, int y, uint32_t along, uint32_t power)
{
    struct line_votes *v = context;
    const struct line_edge two[2] = {{(int16_t)y, ROW, 0}, {(int16_t)x, (uint8_t)gradient_degrees(along), (uint8_t)weight_of(v, power)}};

    for (int i = y == v->row; i < 2; i++) {
        if (v->edge_count % 2 == 0 && !arena_alloc(v->arena, 2 * sizeof *two)) {
            return VISION_E_MEMORY;
        }
        v->edges[v->edge_count++] = two[i];
    }
    v->row = y;
    return 0;
}

static void vote_all(struct line_votes *v)
{
    const struct hough_line_options *o = v->options;

    if (!v->edges) {
        hough_edges(&v->gradients, o->x_stride, o->y_stride, true, v->to - v->from == ANGLES ? vote : vote_again, v);
        return;
    }
    for (const struct line_edge *e = v->edges, *end = e + v->edge_count; e < end; e++) {
        if (e->degrees == ROW) {
            v->row = e->x;
        } else {
            vote_in_turn(v, e->x, v->row, e->degrees, e->weight);
        }
    }
}

/* Keeps the edge pixels, if they leave enough to the cells. From where the arena is used up to `mark` there are the gradients. */
static void keep_edges(struct line_votes *v, size_t mark)
{
    struct arena *arena = v->arena;
    size_t begin = arena->used, size = arena->size;

    arena->size = begin + arena_available(arena) / EDGES_OF;
    v->edges = arena_alloc(arena, 0);
    if (v->edges && !hough_edges(&v->gradients, v->options->x_stride, v->options->y_stride, true, keep_edge, v)) {
        arena->size = size;
        arena->used = mark;
        const struct line_edge *from = v->edges;
        v->edges = arena_alloc(arena, (size_t)v->edge_count * sizeof *from);
        memmove(v->edges, from, (size_t)v->edge_count * sizeof *from);
        return;
    }
    arena->size = size;
    arena->used = begin;
    v->edges = NULL;
}

/* All cells, or as many as the memory holds: at least a row. */
static int cells_open(struct line_votes *v, const struct image *img)
{
    size_t mark = v->arena->used, all = v->all * sizeof *v->cells, longest = (size_t)v->longest * sizeof *v->cells;

    if (gradients_open(&v->gradients, img, v->roi, false, v->arena)) {
        return VISION_E_MEMORY;
    }
    v->capacity = all;
    if (all + ROOM > arena_available(v->arena)) {
        keep_edges(v, mark);
        size_t left = arena_available(v->arena);
        v->capacity = left - left / MAXIMA_OF > longest ? left - left / MAXIMA_OF : longest;
    }
    v->cells = arena_alloc(v->arena, v->capacity);
    v->peaks = v->cells ? arena_alloc(v->arena, 0) : NULL;
    return v->peaks ? 0 : VISION_E_MEMORY;
}

/* ---- Maxima ---- */

/* The first of the cells from p to last with more than `most` votes; past last if there is none */
static inline const uint16_t *first_above(const uint16_t *p, const uint16_t *last, uint32_t most)
{
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
    uint32_t both = most | most << 16, eight[4];

    for (; p + 7 <= last; p += 8) {
        memcpy(eight, p, sizeof eight);
        if (__uqsub16(eight[0], both) | __uqsub16(eight[1], both) | __uqsub16(eight[2], both) | __uqsub16(eight[3], both)) {
            break;
        }
    }
#endif
    while (p <= last && *p <= most) {
        p++;
    }
    return p;
}

/* Does a row have more than `most` votes in a cell whose distance differs from rho by less than the reach? Not if it is another one's turn. */
static bool row_exceeds(const struct line_votes *v, int theta, int rho, uint32_t most)
{
    const uint16_t *zero = v->angles[theta + HOUGH_FLAT_SPREAD].cells;
    int reach = v->rho_reach, low = rho - reach + 1 > v->low[theta] ? rho - reach + 1 : v->low[theta], high = rho + reach - 1 < v->high[theta] ? rho + reach - 1 : v->high[theta];

    return zero && first_above(zero + low, zero + high, most) <= zero + high;
}

/* Of the angles whose turn it is: has the cell the most votes of all within reach? Of equal ones the first counts. Looks from near to far. */
static bool is_maximum(const struct line_votes *v, int theta, int rho, uint32_t votes)
{
    const uint16_t *zero = v->angles[theta + HOUGH_FLAT_SPREAD].cells;

    if (row_exceeds(v, theta, rho, votes)) {
        return false;
    }
    for (int i = 1; i < v->theta_reach; i++) {
        int up = theta - i, down = theta + i;   /* beyond 0..179 the normal is turned round; there, too, the lower theta is the first */
        if (up >= 0 ? row_exceeds(v, up, rho, votes - 1) : row_exceeds(v, up + ANGLES, -rho, votes)) {
            return false;
        }
        if (down < ANGLES ? row_exceeds(v, down, rho, votes) : row_exceeds(v, down - ANGLES, -rho, votes - 1)) {
            return false;
        }
    }
    for (int i = 1; zero && i < v->rho_reach; i++) {
        if (rho - i >= v->low[theta] && zero[rho - i] == votes) {
            return false;
        }
    }
    return true;
}

/* Of some neighbouring angles, the strongest cell of each tile of so many distances, from `low` on; 0 votes if none has `least`. The first counts. */
static void strongest(const struct line_votes *v, int theta, int theta_end, int low, int reach, uint32_t least, struct peak *tiles)
{
    for (; theta < theta_end; theta++) {
        const uint16_t *zero = v->angles[theta + HOUGH_FLAT_SPREAD].cells, *last = zero + v->high[theta];
        const uint16_t *p = zero + v->low[theta];
        while ((p = first_above(p, last, least - 1)) <= last) {
            int i = (int)(p - zero - low) / reach, next = low + (i + 1) * reach;
            struct peak *tile = &tiles[i];
            const uint16_t *end = next <= v->high[theta] ? zero + next - 1 : last;
            uint32_t most = tile->votes ? tile->votes : least - 1;
            for (; (p = first_above(p, end, most)) <= end; p++) {
                *tile = (struct peak){*p, (uint8_t)theta, (int)(p - zero)};
                most = *p;
            }
        }
    }
}

/* Is something stronger within reach among what was found before, or in one of the tiles beside it? Spares a closer look. */
static bool is_beaten(const struct line_votes *v, const struct peak *tile)
{
    for (const struct peak *p = v->peaks, *end = p + v->found; p < end; p++) {
        if (p->votes > tile->votes && abs(p->theta - tile->theta) < v->theta_reach && abs(p->rho - tile->rho) < v->rho_reach) {
            return true;
        }
    }
    return (tile[-1].votes > tile->votes && tile->rho - tile[-1].rho < v->rho_reach) || (tile[1].votes > tile->votes && tile[1].rho - tile->rho < v->rho_reach);
}

/* What was found before stays if it is a maximum also of the angles whose turn it is. */
static void weed(struct line_votes *v)
{
    int kept = 0;

    for (int i = 0; i < v->found; i++) {
        const struct peak p = v->peaks[i];
        if (is_maximum(v, p.theta, p.rho, p.votes)) {
            v->peaks[kept++] = p;
        }
    }
    v->arena->used -= (size_t)(v->found - kept) * sizeof *v->peaks;
    v->found = kept;
}

/* The maxima of the angles whose turn it is. Cells of a tile are all within reach of each other, so that one of them at most is a maximum. */
static int find_maxima(struct line_votes *v, uint32_t least)
{
    size_t bytes = (size_t)(v->tile_count + 2) * sizeof *v->tiles;
    struct peak *tiles = v->tiles + 1;  /* tiles[-1] is the first of the empty ones */

    for (int t = v->from; t < v->to; t += v->theta_reach) {
        memset(v->tiles, 0, bytes);
        strongest(v, t, t + v->theta_reach < v->to ? t + v->theta_reach : v->to, v->tiles_low, v->rho_reach, least, tiles);
        for (const struct peak *tile = tiles; tile < tiles + v->tile_count; tile++) {
            if (!tile->votes || is_beaten(v, tile) || !is_maximum(v, tile->theta, tile->rho, tile->votes)) {
                continue;
            }
            if (!arena_alloc(v->arena, sizeof *tile)) {
                return VISION_E_MEMORY;
            }
            v->peaks[v->found++] = *tile;
        }
    }
    return 0;
}

/* Angles that do not fit beside each other take turns: a maximum of its turn is one of all when it has been held against every other turn, those
   after it and then those before it. */
static int take_turns(struct line_votes *v)
{
    uint32_t least = v->options->threshold <= 0 ? 1 : ((uint32_t)v->options->threshold + v->unit - 1) / v->unit;
    int last = 0, err = 0;

    for (int t = 0; t < ANGLES && !err && least <= UINT16_MAX; t = v->to) {
        begin_turn(v, t);
        vote_all(v);
        weed(v);
        err = find_maxima(v, least);
        last = v->from;
    }
    for (int t = 0; t < last && !err && v->found; t = v->to) {
        begin_turn(v, t);
        vote_all(v);
        weed(v);
    }
    return err;
}

static bool stronger(const struct peak *a, const struct peak *b)
{
    return a->votes != b->votes ? a->votes > b->votes : a->theta != b->theta ? a->theta < b->theta : a->rho < b->rho;
}

/* Shell's sort, the strongest first */
static void sort_peaks(struct peak *peaks, int n)
{
    int gap = 1;

    while (gap < n / 3) {
        gap = 3 * gap + 1;
    }
    for (; gap > 0; gap /= 3) {
        for (int i = gap; i < n; i++) {
            struct peak p = peaks[i];
            int j = i;
            for (; j >= gap && stronger(&p, &peaks[j - gap]); j -= gap) {
                peaks[j] = peaks[j - gap];
            }
            peaks[j] = p;
        }
    }
}

/* The lines to the arena's end. Returns their number or an error. */
static int collect(struct line_votes *v, struct line **out)
{
    int n = v->found, count = 0;

    if (!n) {
        return 0;
    }
    v->arena->used = (size_t)((uint8_t *)v->cells - v->arena->base);    /* they are not needed any more */
    struct peak *peaks = arena_alloc(v->arena, (size_t)n * sizeof *peaks);
    memmove(peaks, v->peaks, (size_t)n * sizeof *peaks);
    sort_peaks(peaks, n);
    *out = arena_alloc(v->arena, (size_t)n * sizeof **out);
    if (!*out) {
        return VISION_E_MEMORY;
    }
    for (int i = 0; i < n; i++) {
        struct line *line = *out + count;
        line->magnitude = (int)(peaks[i].votes * v->unit);
        count += line_across(line, peaks[i].theta, peaks[i].rho, v->roi);
    }
    return count;
}

int hough_find_lines(const struct image *img, const struct hough_line_options *options, struct arena *arena, struct line **out)
{
    size_t mark = arena->used;
    struct line_votes *votes = NULL;
    struct rect roi;
    int err = pixformat_is_compressed(img->format) ? VISION_E_FORMAT : image_clip(img, options->roi, &roi);

    if (!err && (options->x_stride < 1 || options->y_stride < 1)) {
        err = VISION_E_ARGUMENT;
    }
    if (!err) {
        votes = votes_open(roi, options, arena);
        err = votes ? cells_open(votes, img) : VISION_E_MEMORY;
    }
    err = err ? err : take_turns(votes);
    err = err ? err : collect(votes, out);
    arena->used = mark;
    if (err > 0) {
        const struct line *found = *out;
        *out = arena_alloc(arena, (size_t)err * sizeof **out);
        memmove(*out, found, (size_t)err * sizeof **out);
    }
    return err;
}
