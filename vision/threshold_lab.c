/* SPDX-License-Identifier: MIT */
/* Which of the 65536 RGB565 codes lie within Lab thresholds, without converting them all.
 *
 * With red and blue fixed, L and b rise and a falls as green rises (their derivatives keep their sign over the whole sRGB cube; the unit
 * test checks every code). So each of the six limits admits the greens on one side of a boundary, and a threshold is one range of greens for
 * each of the 1024 pairs of red and blue. L, a and b rise with red; L and a rise with blue, b falls. So each boundary moves one way only from red
 * to red, and from blue to blue: taken in the right order it only moves up, and is found by walking on from where it was last. */
#include "vision/threshold_lab.h"

#include "vision/color.h"
#include "vision/lab.h"

/* ranges[red][blue]: greens from .low to .high - 1 */
struct range { uint8_t low, high; };

/* One limit: which colours have at least `value`. a falls with green, so -a is compared. */
struct limit {
    int channel;                /* 0 L, 1 -a, 2 b */
    int value;                  /* the least integer that is in */
    bool keep_above;            /* the greens from the boundary on stay; or those below it */
};

__attribute__((noinline, cold)) static bool exactly(const struct limit *limit, int code)
{
    struct lab lab = color_rgb565_to_lab((uint32_t)code);

    return (limit->channel == 0 ? lab.l : limit->channel == 1 ? -lab.a : lab.b) >= limit->value;
}

#define INLINED __attribute__((always_inline)) static inline

/* What is compared with the limit: L by Y itself, the others by `scale` times the difference of two f. Within `unsure` of the limit the
   colour is converted exactly. */
struct measure {
    const struct lab_sums *plus, *minus;
    int32_t scale;              /* 0: L */
    int32_t level, unsure;
};

/* Is the colour with this green at the limit or above? plus, minus: the sums without green. */
INLINED bool reaches(const struct limit *limit, const struct measure *m, uint32_t plus, uint32_t minus, int green, int code)
{
    int32_t d = (int32_t)(plus + m->plus->g[green]);

    if (m->scale) {
        d = m->scale * (lab_f((uint32_t)d) - lab_f(minus + m->minus->g[green]));
    }
    d -= m->level;
    if ((uint32_t)(d + m->unsure) < (uint32_t)(2 * m->unsure)) {
        return exactly(limit, code | green << 5);
    }
    return d > 0;
}

/* Narrows every range to the greens on one side of the boundary. Reds and blues are taken in the order in which the boundary rises (`up` or
   down), so that it is never looked for below where it was. Inlined, so that all of `m` but the level is known. */
INLINED void apply_limit(struct range ranges[32][32], const struct limit *limit, const struct measure *m, bool red_up, bool blue_up)
{
    uint8_t least[32] = {0};    /* per red, a lower bound of the boundary from the blues before */
    int first = red_up ? 0 : 31, last = 31 - first, first_at = 0;

    for (int k = 0; k < 32; k++) {
        int blue = blue_up ? k : 31 - k;
        uint32_t plus_blue = m->plus->b[blue], minus_blue = m->minus->b[blue];
        uint32_t plus = m->plus->r[first] + plus_blue, minus = m->minus->r[first] + minus_blue;
        while (first_at < 64 && !reaches(limit, m, plus, minus, first_at, first << 11 | blue)) {
            first_at++;
        }
        int at = first_at;
        plus = m->plus->r[last] + plus_blue;
        minus = m->minus->r[last] + minus_blue;
        bool level = at == 64 || reaches(limit, m, plus, minus, at, last << 11 | blue);
        for (int i = 0; i < 32; i++) {
            int red = red_up ? i : 31 - i;
            struct range *range = &ranges[red][blue];
            int low = range->low, high = range->high;
            if (low >= high) {
                continue;
            }
            at = at > least[red] ? at : least[red];
            int start = at > low ? at : low, green = start < high ? start : high;
            if (!level) {
                plus = m->plus->r[red] + plus_blue;
                minus = m->minus->r[red] + minus_blue;
                while (green < high && !reaches(limit, m, plus, minus, green, red << 11 | blue)) {
                    green++;
                }
                at = green > start ? green : at;
                least[red] = (uint8_t)at;
            }
            if (limit->keep_above) {
                range->low = (uint8_t)green;
            } else {
                range->high = (uint8_t)green;
            }
        }
    }
}

/* Y, 2^30 = 1.0, at which L is value - 1/2: f^3, or on the line near 0, of f = (L + 16) / 116. */
static int32_t y_of_limit(int value)
{
    int64_t twice_f = 2 * (value < 101 ? value : 101) + 31;    /* times 116; no colour reaches 101 */

    if (value <= 8) {
        return (int32_t)(((int64_t)(2 * value - 1) * 27 << 29) / 24389);
    }
    return (int32_t)((twice_f * twice_f * twice_f << 30) / (232 * 232 * 232));
}

static void limit_channel(struct range ranges[32][32], const struct lab_tables *sums, int channel, int value, bool keep_above)
{
    const struct limit limit = {channel, value, keep_above};
    /* the limit lies one half below its value */
    int32_t level = value * (1 << 22) - (1 << 21);

    if (channel == 0) {
        const struct measure m = {&sums->y, &sums->y, 0, y_of_limit(value), 8};
        apply_limit(ranges, &limit, &m, false, false);
    } else if (channel == 1) {
        const struct measure m = {&sums->y, &sums->x, 500, level, LAB_UNSURE(500)};
        apply_limit(ranges, &limit, &m, true, true);
    } else {
        const struct measure m = {&sums->y, &sums->z, 200, level, LAB_UNSURE(200)};
        apply_limit(ranges, &limit, &m, false, true);
    }
}

/* The limits that exclude anything of what sRGB holds: L 0..100, a -86..98, b -108..94. */
static void find_ranges(struct range ranges[32][32], const struct lab_tables *sums, const struct threshold *t)
{
    if (t->l_min > 0) {
        limit_channel(ranges, sums, 0, t->l_min, true);
    }
    if (t->l_max < 100) {
        limit_channel(ranges, sums, 0, t->l_max + 1, false);
    }
    if (t->a_max < 99) {
        limit_channel(ranges, sums, 1, -t->a_max, true);
    }
    if (t->a_min > -87) {
        limit_channel(ranges, sums, 1, 1 - t->a_min, false);
    }
    if (t->b_min > -109) {
        limit_channel(ranges, sums, 2, t->b_min, true);
    }
    if (t->b_max < 95) {
        limit_channel(ranges, sums, 2, t->b_max + 1, false);
    }
}

int threshold_lab_table(uint32_t *table, const struct threshold *list, size_t count, struct arena *arena)
{
    size_t mark = arena->used;
    struct lab_tables *sums = arena_alloc(arena, sizeof *sums);
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
