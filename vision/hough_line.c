/* SPDX-License-Identifier: MIT */
/* Lines: votes by angle and distance. A row of the accumulator is as long as the region is wide in that direction. */
#include "vision/hough.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vision/hough_edge.h"

enum { ANGLES = 180, STEEPEST = 1443 };   /* the greatest gradient's length */

struct peak { uint16_t votes; uint8_t theta; int32_t rho; };

struct angle {
    uint32_t normal;                /* cosine, sine << 16, times 2^14 */
    uint16_t *cells;                /* of distance 0, which need not be within the row */
};

struct line_votes {
    struct angle angles[ANGLES + 2 * HOUGH_SPREAD];    /* from -HOUGH_SPREAD on; beyond 0..179 the same again */
    int low[ANGLES], high[ANGLES];  /* distances of a row */
    uint32_t unit;                  /* of gradients, so that a row of pixels cannot add up to more than a cell holds */
};

static int distance(int theta, int x, int y)
{
    return (x * line_cosine(theta) + y * line_sine(theta) + LINE_SINE_ONE / 2) >> 14;
}

static int votes_open(struct line_votes **out, struct rect roi, struct arena *arena)
{
    struct line_votes *v = arena_alloc(arena, sizeof *v);
    int right = roi.x + roi.w - 1, bottom = roi.y + roi.h - 1;

    if (!v) {
        return VISION_E_MEMORY;
    }
    size_t count = 0;
    for (int t = 0; t < ANGLES; t++) {
        v->low[t] = t <= 90 ? distance(t, roi.x, roi.y) : distance(t, right, roi.y);
        v->high[t] = t <= 90 ? distance(t, right, bottom) : distance(t, roi.x, bottom);
        count += (size_t)(v->high[t] - v->low[t] + 1);
    }
    uint16_t *row = arena_alloc(arena, count * sizeof *row);
    if (!row) {
        return VISION_E_MEMORY;
    }
    memset(row, 0, count * sizeof *row);
    for (int t = 0; t < ANGLES; t++) {
        v->angles[t + HOUGH_SPREAD] = (struct angle){((uint32_t)line_cosine(t) & 0xFFFF) | (uint32_t)line_sine(t) << 16, row - v->low[t]};
        row += v->high[t] - v->low[t] + 1;
    }
    memcpy(v->angles, v->angles + ANGLES, HOUGH_SPREAD * sizeof *v->angles);
    memcpy(v->angles + ANGLES + HOUGH_SPREAD, v->angles + HOUGH_SPREAD, HOUGH_SPREAD * sizeof *v->angles);
    v->unit = 16;
    while ((STEEPEST / v->unit + 1) * (uint32_t)(roi.w + roi.h) > UINT16_MAX) {
        v->unit *= 2;
    }
    *out = v;
    return 0;
}

/* ---- Voting ---- */

static int vote(void *context, int x, int y, uint32_t along, uint32_t power)
{
    const struct line_votes *v = context;
    uint32_t weight = ((uint32_t)sqrtf((float)power) + v->unit / 2) / v->unit, xy = (uint32_t)x | (uint32_t)y << 16;
    const struct angle *angle = &v->angles[gradient_degrees(along)];

#pragma GCC unroll 11
    for (int i = 0; i <= 2 * HOUGH_SPREAD; i++) {
        uint16_t *cell = angle[i].cells + (gradient_dot(xy, angle[i].normal, LINE_SINE_ONE / 2) >> 14);
        *cell = (uint16_t)(*cell + weight);
    }
    return 0;
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

/* Does a row have more than `most` votes in a cell whose distance differs from rho by less than the reach? */
static bool row_exceeds(const struct line_votes *v, int theta, int rho, int reach, uint32_t most)
{
    const uint16_t *zero = v->angles[theta + HOUGH_SPREAD].cells;
    int low = rho - reach + 1 > v->low[theta] ? rho - reach + 1 : v->low[theta], high = rho + reach - 1 < v->high[theta] ? rho + reach - 1 : v->high[theta];

    return first_above(zero + low, zero + high, most) <= zero + high;
}

/* Has the cell the most votes of all within reach? Of equal ones the first counts. Looks from near to far. */
static bool is_maximum(const struct line_votes *v, int theta, int rho, uint32_t votes, int theta_reach, int rho_reach)
{
    if (row_exceeds(v, theta, rho, rho_reach, votes)) {
        return false;
    }
    for (int i = 1; i < theta_reach; i++) {
        int up = theta - i, down = theta + i;   /* beyond 0..179 the normal is turned round; there, too, the lower theta is the first */
        if (up >= 0 ? row_exceeds(v, up, rho, rho_reach, votes - 1) : row_exceeds(v, up + ANGLES, -rho, rho_reach, votes)) {
            return false;
        }
        if (down < ANGLES ? row_exceeds(v, down, rho, rho_reach, votes) : row_exceeds(v, down - ANGLES, -rho, rho_reach, votes - 1)) {
            return false;
        }
    }
    for (int i = 1; i < rho_reach; i++) {
        if (rho - i >= v->low[theta] && v->angles[theta + HOUGH_SPREAD].cells[rho - i] == votes) {
            return false;
        }
    }
    return true;
}

/* A margin as a reach: at least the neighbouring cells, at most those that are met once. */
static int reach_of(int margin, int most)
{
    return margin < 2 ? 2 : margin > most ? most : margin;
}

/* Of some neighbouring angles, the strongest cell of each tile of so many distances, from `low` on; 0 votes if none has `least`. The first counts. */
static void strongest(const struct line_votes *v, int theta, int theta_end, int low, int reach, uint32_t least, struct peak *tiles)
{
    for (; theta < theta_end; theta++) {
        const uint16_t *zero = v->angles[theta + HOUGH_SPREAD].cells, *last = zero + v->high[theta];
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

/* Is a maximum within reach that was found before, or one of the tiles beside it? Spares a closer look. */
static bool is_beaten(const struct peak *tile, const struct peak *found, int n, int theta_reach, int rho_reach)
{
    for (int i = 0; i < n; i++) {
        if (abs(found[i].theta - tile->theta) < theta_reach && abs(found[i].rho - tile->rho) < rho_reach) {
            return true;
        }
    }
    return (tile[-1].votes > tile->votes && tile->rho - tile[-1].rho < rho_reach) || (tile[1].votes > tile->votes && tile[1].rho - tile->rho < rho_reach);
}

/* The maxima, one after the other in the arena. Returns how many, or MEMORY. Cells of a tile are all within reach of each other, so that one of
   them at most is a maximum. */
static int find_maxima(const struct line_votes *v, const struct hough_line_options *o, struct arena *arena, struct peak **out)
{
    uint32_t least = o->threshold <= 0 ? 1 : ((uint32_t)o->threshold + v->unit - 1) / v->unit;
    int theta_reach = reach_of(o->theta_margin, ANGLES / 2), rho_reach = reach_of(o->rho_margin, 2 * IMAGE_MAX_SIDE), n = 0, low = 0, high = 0;

    if (o->theta_margin < 1 || o->rho_margin < 1) {
        theta_reach = rho_reach = 2;
    }
    for (int t = 0; t < ANGLES; t++) {
        low = v->low[t] < low ? v->low[t] : low;
        high = v->high[t] > high ? v->high[t] : high;
    }
    size_t count = (size_t)((high - low) / rho_reach + 1), bytes = (count + 2) * sizeof(struct peak);   /* and an empty one at either end */
    struct peak *tiles = arena_alloc(arena, bytes);
    *out = NULL;
    if (!tiles) {
        return VISION_E_MEMORY;
    }
    tiles++;                        /* tiles[-1] is the first of the empty ones */
    for (int t = 0; t < ANGLES && least <= UINT16_MAX; t += theta_reach) {
        memset(tiles - 1, 0, bytes);
        strongest(v, t, t + theta_reach < ANGLES ? t + theta_reach : ANGLES, low, rho_reach, least, tiles);
        for (const struct peak *tile = tiles; tile < tiles + count; tile++) {
            if (!tile->votes || is_beaten(tile, *out, n, theta_reach, rho_reach) || !is_maximum(v, tile->theta, tile->rho, tile->votes, theta_reach, rho_reach)) {
                continue;
            }
            struct peak *peak = arena_alloc(arena, sizeof *peak);
            if (!peak) {
                return VISION_E_MEMORY;
            }
            *peak = *tile;
            *out = n++ ? *out : peak;
        }
    }
    return n;
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
static int collect(const struct line_votes *v, struct rect roi, const struct hough_line_options *o, struct arena *arena, struct line **out)
{
    struct peak *peaks;
    int n = find_maxima(v, o, arena, &peaks), count = 0;

    if (n <= 0) {
        return n;
    }
    sort_peaks(peaks, n);
    *out = arena_alloc(arena, (size_t)n * sizeof **out);
    if (!*out) {
        return VISION_E_MEMORY;
    }
    for (int i = 0; i < n; i++) {
        struct line *line = *out + count;
        line->magnitude = (int)(peaks[i].votes * v->unit);
        count += line_across(line, peaks[i].theta, peaks[i].rho, roi);
    }
    return count;
}

int hough_find_lines(const struct image *img, const struct hough_line_options *options, struct arena *arena, struct line **out)
{
    size_t mark = arena->used;
    struct line_votes *votes;
    struct gradients g;
    struct rect roi;
    int err = pixformat_is_compressed(img->format) ? VISION_E_FORMAT : image_clip(img, options->roi, &roi);

    if (!err && (options->x_stride < 1 || options->y_stride < 1)) {
        err = VISION_E_ARGUMENT;
    }
    err = err ? err : votes_open(&votes, roi, arena);
    size_t kept = arena->used;
    err = err ? err : gradients_open(&g, img, roi, false, arena);
    if (!err) {
        hough_edges(&g, options->x_stride, options->y_stride, vote, votes);
        arena->used = kept;
        err = collect(votes, roi, options, arena, out);
    }
    arena->used = mark;
    if (err > 0) {
        const struct line *found = *out;
        *out = arena_alloc(arena, (size_t)err * sizeof **out);
        memmove(*out, found, (size_t)err * sizeof **out);
    }
    return err;
}
