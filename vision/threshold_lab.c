/* SPDX-License-Identifier: MIT */
/* Which of the 65536 RGB565 codes lie within Lab thresholds, without converting them all.
 *
 * With red and blue fixed, L and b rise and a falls as green rises (their derivatives keep their sign over the whole sRGB cube; the unit
 * test checks every code). So each of the six limits admits the greens on one side of a boundary, and a threshold is one range of greens for
 * each of the 1024 pairs of red and blue. A boundary moves little from one red to the next: it is found by walking from the last one. */
#include "vision/threshold_lab.h"

#include "vision/color.h"
#include "vision/lab.h"

struct sums { struct lab_sums x, y, z; };

/* The boundary under search, for one pair of red and blue. */
struct walk {
    const struct sums *sums;
    int red, blue;
    int limit;              /* the least integer that is in */
    int32_t level;          /* limit - 1/2, at 2^22 */
};

static struct lab exact(const struct walk *w, int green)
{
    return color_rgb565_to_lab((uint32_t)(w->red << 11 | green << 5 | w->blue));
}

static uint32_t sum(const struct lab_sums *s, const struct walk *w, int green)
{
    return s->r[w->red] + s->g[green] + s->b[w->blue];
}

/* Each: is the colour with this green at the limit or above? For a, which falls, -a is compared. */
static bool l_reaches(const struct walk *w, int green)
{
    int32_t d = 116 * lab_f(sum(&w->sums->y, w, green)) - (16 << 22) - w->level;

    if (d > -LAB_UNSURE(116) && d < LAB_UNSURE(116)) {
        return exact(w, green).l >= w->limit;
    }
    return d > 0;
}

static bool minus_a_reaches(const struct walk *w, int green)
{
    int32_t d = 500 * (lab_f(sum(&w->sums->y, w, green)) - lab_f(sum(&w->sums->x, w, green))) - w->level;

    if (d > -LAB_UNSURE(500) && d < LAB_UNSURE(500)) {
        return -exact(w, green).a >= w->limit;
    }
    return d > 0;
}

static bool b_reaches(const struct walk *w, int green)
{
    int32_t d = 200 * (lab_f(sum(&w->sums->y, w, green)) - lab_f(sum(&w->sums->z, w, green))) - w->level;

    if (d > -LAB_UNSURE(200) && d < LAB_UNSURE(200)) {
        return exact(w, green).b >= w->limit;
    }
    return d > 0;
}

/* ranges[red][blue]: greens from .low to .high - 1 */
struct range { uint8_t low, high; };

/* Narrows every range to the greens from the boundary on (keep_above) or below it. */
static void apply_limit(struct range ranges[32][32], const struct sums *sums, int limit, bool keep_above,
                        bool (*reaches)(const struct walk *, int))
{
    struct walk w = {.sums = sums, .limit = limit, .level = limit * (1 << 22) - (1 << 21)};

    for (w.blue = 0; w.blue < 32; w.blue++) {
        int at = 32;
        for (w.red = 0; w.red < 32; w.red++) {
            struct range *range = &ranges[w.red][w.blue];
            if (at > 0 && reaches(&w, at - 1)) {
                do {
                    at--;
                } while (at > 0 && reaches(&w, at - 1));
            } else {
                while (at < 64 && !reaches(&w, at)) {
                    at++;
                }
            }
            if (keep_above && at > range->low) {
                range->low = (uint8_t)at;
            }
            if (!keep_above && at < range->high) {
                range->high = (uint8_t)at;
            }
        }
    }
}

/* The limits that exclude anything of what sRGB holds: L 0..100, a -86..98, b -108..94. */
static void find_ranges(struct range ranges[32][32], const struct sums *sums, const struct threshold *t)
{
    if (t->l_min > 0) {
        apply_limit(ranges, sums, t->l_min, true, l_reaches);
    }
    if (t->l_max < 100) {
        apply_limit(ranges, sums, t->l_max + 1, false, l_reaches);
    }
    if (t->a_max < 99) {
        apply_limit(ranges, sums, -t->a_max, true, minus_a_reaches);
    }
    if (t->a_min > -87) {
        apply_limit(ranges, sums, 1 - t->a_min, false, minus_a_reaches);
    }
    if (t->b_min > -109) {
        apply_limit(ranges, sums, t->b_min, true, b_reaches);
    }
    if (t->b_max < 95) {
        apply_limit(ranges, sums, t->b_max + 1, false, b_reaches);
    }
}

int threshold_lab_table(uint32_t *table, const struct threshold *list, size_t count, struct arena *arena)
{
    size_t mark = arena->used;
    struct sums *sums = arena_alloc(arena, sizeof *sums);
    struct range (*ranges)[32] = arena_alloc(arena, sizeof(struct range[32][32]));

    if (!sums || !ranges) {
        arena->used = mark;
        return VISION_E_MEMORY;
    }
    lab_fill_sums(&sums->x, 0);
    lab_fill_sums(&sums->y, 1);
    lab_fill_sums(&sums->z, 2);
    for (size_t i = 0; i < count; i++) {
        for (int rb = 0; rb < 1024; rb++) {
            ranges[rb >> 5][rb & 31] = (struct range){0, 64};
        }
        find_ranges(ranges, sums, &list[i]);
        for (int r = 0; r < 32; r++) {
            /* per blue, a bit toggles where its range of greens begins and ends */
            uint32_t toggle[65] = {0};
            for (int b = 0; b < 32; b++) {
                struct range range = ranges[r][b];
                if (range.low < range.high) {
                    toggle[range.low] ^= 1u << b;
                    toggle[range.high] ^= 1u << b;
                }
            }
            uint32_t in = 0;
            for (int g = 0; g < 64; g++) {
                in ^= toggle[g];
                table[r * 64 + g] |= in;
            }
        }
    }
    arena->used = mark;
    return VISION_OK;
}
