/* SPDX-License-Identifier: MIT */
/* Lines: votes by angle and distance. A row of the accumulator is as long as the region is wide in that direction. */
#include "vision/hough.h"

#include <math.h>
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
    const struct angle *angle = &v->angles[gradient_degrees(along)], *end = angle + 2 * HOUGH_SPREAD;

    for (; angle <= end; angle++) {
        uint16_t *cell = angle->cells + (gradient_dot(xy, angle->normal, LINE_SINE_ONE / 2) >> 14);
        *cell = (uint16_t)(*cell + weight);
    }
    return 0;
}

/* ---- Maxima ---- */

/* Does a row have more than `most` votes in a cell whose distance differs from rho by less than the reach? */
static bool row_exceeds(const struct line_votes *v, int theta, int rho, int reach, uint32_t most)
{
    const uint16_t *zero = v->angles[theta + HOUGH_SPREAD].cells;
    int low = rho - reach + 1 > v->low[theta] ? rho - reach + 1 : v->low[theta], high = rho + reach - 1 < v->high[theta] ? rho + reach - 1 : v->high[theta];

    for (const uint16_t *p = zero + low; p <= zero + high; p++) {
        if (*p > most) {
            return true;
        }
    }
    return false;
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

/* Cells that are all within reach of each other, so that one of them at most is a maximum. */
struct tile { int theta, theta_end, rho, rho_end; };

static struct peak strongest(const struct line_votes *v, struct tile tile)
{
    struct peak best = {0, 0, 0};

    for (int t = tile.theta; t < tile.theta_end; t++) {
        const uint16_t *zero = v->angles[t + HOUGH_SPREAD].cells;
        int low = tile.rho > v->low[t] ? tile.rho : v->low[t], high = tile.rho_end - 1 < v->high[t] ? tile.rho_end - 1 : v->high[t];
        for (const uint16_t *p = zero + low; p <= zero + high; p++) {
            if (*p > best.votes) {
                best = (struct peak){*p, (uint8_t)t, (int)(p - zero)};
            }
        }
    }
    return best;
}

/* The maxima, one after the other in the arena. Returns how many, or MEMORY. */
static int find_maxima(const struct line_votes *v, const struct hough_line_options *o, struct arena *arena, struct peak **out)
{
    uint32_t least = o->threshold <= 0 ? 1 : ((uint32_t)o->threshold + v->unit - 1) / v->unit;
    int theta_reach = reach_of(o->theta_margin, ANGLES / 2), rho_reach = reach_of(o->rho_margin, 2 * IMAGE_MAX_SIDE), n = 0;

    if (o->theta_margin < 1 || o->rho_margin < 1) {
        theta_reach = rho_reach = 2;
    }
    *out = NULL;
    for (int t = 0; t < ANGLES; t += theta_reach) {
        struct tile tile = {t, t + theta_reach < ANGLES ? t + theta_reach : ANGLES, 0, 0};
        int low = v->low[t], high = v->high[t];
        for (int i = t + 1; i < tile.theta_end; i++) {
            low = v->low[i] < low ? v->low[i] : low;
            high = v->high[i] > high ? v->high[i] : high;
        }
        for (tile.rho = low; tile.rho <= high; tile.rho = tile.rho_end) {
            tile.rho_end = tile.rho + rho_reach;
            struct peak best = strongest(v, tile);
            if (best.votes < least || !is_maximum(v, best.theta, best.rho, best.votes, theta_reach, rho_reach)) {
                continue;
            }
            struct peak *peak = arena_alloc(arena, sizeof *peak);
            if (!peak) {
                return VISION_E_MEMORY;
            }
            *peak = best;
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
