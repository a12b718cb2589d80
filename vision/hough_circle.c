/* SPDX-License-Identifier: MIT */
/* Circles: for one radius after the other, votes for centres; then the circle through the pixels that voted. */
#include <math.h>
#include <string.h>

#if defined(__ARM_FEATURE_SIMD32)
#include <arm_acle.h>
#endif

#include "vision/hough_edge.h"

/* Edge pixels in reading order, 3 bytes each: x within its span, 0..255; then, in two bytes, the lower first, the length of the gradient in
   sixteenths (7 bits) and the code of its direction. */
enum { EDGE = 3, SPAN = 256, WEIGHT_BITS = 7 };

/* Directions regardless of sign: the tangent in the octant in 128ths, whether x and y differ in sign, and which of them is the greater. */
enum { TANGENTS = 128, OPPOSITE = 128, STEEP = 256, CODES = 512 };

struct direction { int16_t across, down; }; /* times 2^14 */

struct candidate { float x, y, r; uint32_t votes; };

/* Of the 30 points around a candidate. Of a circle that shows by three fifths 18 lie on an edge, some of them beside what is marked. Only radii whose
   eighths, times 2^14, are below 2^31. */
enum { LOOK_HITS = 9, LOOK_MOST = 16383, LOOK_STEP = 12, LOOKS = 180 / LOOK_STEP };

struct look { int across, down; uint8_t bit; };     /* from the centre, in eighths; which of the bearings */

/* Room that is left to candidates when there is not enough for all cells at once */
enum { ROOM = 64 };

struct circle_search {
    const struct hough_circle_options *options;
    struct rect roi;
    struct arena *arena;
    struct direction *directions;   /* by code */
    uint8_t *marks;                 /* by code: what is set in bearings */
    uint8_t *edges;
    int edge_count;
    int *before;                    /* edges before each span of each row of the region, and all of them */
    int spans, spans_done;          /* of a row; counted */
    uint16_t *cells;                /* of 2 x 2 pixels, some rows of them; a border of one cell */
    int band;                       /* how many rows, without the border */
    uint8_t *bearings;              /* of the edges in a cell and a pixel beside it: bit i for directions of about i / 8 of 180 degrees */
    int columns, rows, pitch;
    struct look looks[LOOKS];       /* half of the points, of the present radius */
    struct candidate *candidates;
    int found;
};

/* ---- Edge pixels ---- */

static uint32_t code_of(uint32_t gradient)
{
    int x = gradient_x(gradient), y = gradient_y(gradient), dx = x < 0 ? -x : x, dy = y < 0 ? -y : y;
    int low = dx < dy ? dx : dy, high = dx < dy ? dy : dx, tangent = (TANGENTS * low + high / 2) / high;

    return (uint32_t)((tangent < TANGENTS ? tangent : TANGENTS - 1) | ((x ^ y) < 0 ? OPPOSITE : 0) | (dx < dy ? STEEP : 0));
}

static void fill_directions(struct circle_search *s)
{
    for (int i = 0; i < CODES; i++) {
        float tangent = (float)(i % TANGENTS) / TANGENTS, cosine = 16384 / sqrtf(1 + tangent * tangent);
        int high = (int)(cosine + 0.5f), low = (int)(cosine * tangent + 0.5f), across = i & STEEP ? low : high, down = i & STEEP ? high : low;
        down = i & OPPOSITE ? -down : down;
        int degrees = gradient_degrees((uint32_t)(across >> 4) | (uint32_t)(down / 16) << 16);
        s->directions[i] = (struct direction){(int16_t)across, (int16_t)down};
        s->marks[i] = (uint8_t)(1 << ((degrees + 3) * 8 / 180 % 8) | 1 << ((degrees + 19) * 8 / 180 % 8));   /* those 8 degrees to both sides */
    }
}

static int keep_edge(void *context, int x, int y, uint32_t along, uint32_t power)
{
    struct circle_search *s = context;
    uint32_t code = code_of(along), what = code << WEIGHT_BITS | ((uint32_t)sqrtf((float)power) + 8) >> 4;

    x -= s->roi.x;
    y -= s->roi.y;
    while (s->spans_done <= y * s->spans + x / SPAN) {
        s->before[s->spans_done++] = s->edge_count;
    }
    /* the arena's alignment is 8: by eights they follow each other */
    if (s->edge_count % 8 == 0 && !arena_alloc(s->arena, 8 * EDGE)) {
        return VISION_E_MEMORY;
    }
    uint8_t *e = s->edges + EDGE * (size_t)s->edge_count++;
    e[0] = (uint8_t)x;
    e[1] = (uint8_t)what;
    e[2] = (uint8_t)(what >> 8);
    return 0;
}

static inline uint32_t what_of(const uint8_t *e)
{
    return e[1] | (uint32_t)e[2] << 8;
}

static void mark_bearing(struct circle_search *s, int x, int y, uint8_t bits)
{
    if ((unsigned)x < (unsigned)s->columns && (unsigned)y < (unsigned)s->rows) {
        s->bearings[y * s->columns + x] |= bits;
    }
}

static void fill_bearings(struct circle_search *s)
{
    for (int i = 0; i < s->roi.h * s->spans; i++) {
        int fx0 = i % s->spans * (SPAN * 16384) + 8192, fy = i / s->spans * 16384 + 8192;
        for (int j = s->before[i]; j < s->before[i + 1]; j++) {
            const uint8_t *e = s->edges + EDGE * (size_t)j;
            uint32_t code = what_of(e) >> WEIGHT_BITS;
            int fx = fx0 + e[0] * 16384, dx = s->directions[code].across, dy = s->directions[code].down;
            mark_bearing(s, (fx + dx) >> 15, (fy + dy) >> 15, s->marks[code]);      /* a pixel to both sides: radii are tried in steps */
            mark_bearing(s, (fx - dx) >> 15, (fy - dy) >> 15, s->marks[code]);
        }
    }
}

/* ---- Votes ---- */

/* The sum, at most 65535 */
#if defined(__ARM_FEATURE_SIMD32)
static inline uint16_t sum16(uint16_t a, uint32_t b)
{
    return (uint16_t)__uqadd16(a, b);
}
#else
static inline uint16_t sum16(uint16_t a, uint32_t b)
{
    return (uint16_t)(a + b < UINT16_MAX ? a + b : UINT16_MAX);
}
#endif

/* The cells of a radius from row `top` on, and one above and below. Not inlined: it needs all registers. */
static __attribute__((noinline)) void vote_radius(const struct circle_search *s, int r, int top)
{
    const struct direction *directions = s->directions;
    uint16_t *cells = s->cells + 1;
    unsigned columns = (unsigned)s->columns, band = (unsigned)s->band + 2;
    int first = 2 * top - 3 - r, last = 2 * (top + s->band) + 3 + r, pitch = s->pitch, lift = (top - 1) * 32768 - 8192;

    first = first < 0 ? 0 : first;
    last = last > s->roi.h ? s->roi.h : last;
    memset(s->cells, 0, (size_t)pitch * band * sizeof *s->cells);
    for (int i = first * s->spans; i < last * s->spans; i++) {
        int fx0 = i % s->spans * (SPAN * 16384) + 8192, fy = i / s->spans * 16384 - lift;
        for (const uint8_t *e = s->edges + EDGE * (size_t)s->before[i], *end = s->edges + EDGE * (size_t)s->before[i + 1]; e < end; e += EDGE) {
            uint32_t what = what_of(e), weight = what & ((1u << WEIGHT_BITS) - 1);
            const struct direction *d = &directions[what >> WEIGHT_BITS];
            int fx = fx0 + e[0] * 16384, dx = r * d->across, dy = r * d->down, x = (fx + dx) >> 15, y = (fy + dy) >> 15;
            if ((unsigned)x < columns && (unsigned)y < band) {
                uint16_t *cell = cells + (y * pitch + x);
                *cell = sum16(*cell, weight);
            }
            x = (fx - dx) >> 15;
            y = (fy - dy) >> 15;
            if ((unsigned)x < columns && (unsigned)y < band) {
                uint16_t *cell = cells + (y * pitch + x);
                *cell = sum16(*cell, weight);
            }
        }
    }
}

/* ---- From votes to a circle ---- */

/* The ring about a circle: its edge pixels, and those of them whose gradients point to the centre or away from it. */
struct ring {
    int top, bottom, left;          /* of the region */
    unsigned width;
    float x, y, low, high, limit;   /* squares of radii; how far from the centre the gradient's line may pass */
};

static struct ring ring_about(const struct circle_search *s, const struct candidate *c, float tolerance, float limit)
{
    float outer = c->r + tolerance, inner = c->r > tolerance ? c->r - tolerance : 0, x = c->x - (float)s->roi.x, y = c->y - (float)s->roi.y;
    int top = (int)floorf(y - outer), bottom = (int)floorf(y + outer) + 1;

    top = top < 0 ? 0 : top > s->roi.h ? s->roi.h : top;
    bottom = bottom > s->roi.h ? s->roi.h : bottom < top ? top : bottom;
    return (struct ring){.top = top, .bottom = bottom, .left = (int)floorf(x - outer), .width = (unsigned)(2 * outer) + 2,
                         .x = x, .y = y, .low = inner * inner, .high = outer * outer, .limit = limit * 16384};
}

/* An edge pixel of a ring, from its centre. Does it point along? */
typedef void (*ring_edge)(void *context, float x, float y, bool along, uint32_t weight);

static inline __attribute__((always_inline)) void each_edge(const struct circle_search *s, const struct ring *ring, ring_edge meet, void *context)
{
    int first = ring->left < 0 ? 0 : ring->left / SPAN, right = ring->left + (int)ring->width, last = right < 0 ? -1 : right / SPAN < s->spans ? right / SPAN : s->spans - 1;

    for (int row = ring->top; row < ring->bottom; row++) {
        float y = (float)row - ring->y;
        for (int span = first; span <= last; span++) {
            const int *before = s->before + row * s->spans + span;
            int shift = span * SPAN - ring->left;
            for (const uint8_t *e = s->edges + EDGE * (size_t)before[0], *end = s->edges + EDGE * (size_t)before[1]; e < end; e += EDGE) {
                int in = e[0] + shift;
                if (in < 0) {
                    continue;
                }
                if ((unsigned)in > ring->width) {       /* and so are those behind it */
                    break;
                }
                float x = (float)(in + ring->left) - ring->x, square = x * x + y * y;
                if (square > ring->high || square < ring->low) {
                    continue;
                }
                uint32_t what = what_of(e);
                const struct direction *d = &s->directions[what >> WEIGHT_BITS];
                meet(context, x, y, fabsf((float)d->across * y - (float)d->down * x) < ring->limit, what & ((1u << WEIGHT_BITS) - 1));
            }
        }
    }
}

/* Which of 16 equal parts of the circle; 2 i and 2 i + 1 are beside each other */
static int part_of(float x, float y)
{
    float dx = fabsf(x), dy = fabsf(y), low = dx < dy ? dx : dy, high = dx < dy ? dy : dx;

    return (x < 0 ? 8 : 0) + (y < 0 ? 4 : 0) + (dx < dy ? 2 : 0) + (low > 0.41421356f * high ? 1 : 0);
}

struct parts {
    uint16_t all[16], along[16];    /* edge pixels */
    float low, high;                /* squares of the radii between which they vote */
    uint32_t votes;
};

static void count_part(void *context, float x, float y, bool along, uint32_t weight)
{
    struct parts *parts = context;
    int part = part_of(x, y);
    float square = x * x + y * y;

    parts->all[part]++;
    parts->along[part] = (uint16_t)(parts->along[part] + along);
    parts->votes += along && square >= parts->low && square <= parts->high ? weight : 0;
}

/* Does enough of the circle show, and is what shows there mostly the circle? Fills in its votes. */
static bool convinces(const struct circle_search *s, struct candidate *c)
{
    const struct ring ring = ring_about(s, c, 1.5f, 0.75f + c->r * 0.1f);
    struct parts parts = {.low = (c->r - 1) * (c->r - 1), .high = (c->r + 1) * (c->r + 1)};     /* a circle between two others gets few votes */
    int all = 0, along = 0, shown = 0, step = c->r < 10 ? 2 : 1;    /* too short for 16 */

    each_edge(s, &ring, count_part, &parts);
    for (int i = 0; i < 16; i += step) {
        int here = parts.all[i] + (step == 2 ? parts.all[i + 1] : 0), points = parts.along[i] + (step == 2 ? parts.along[i + 1] : 0);
        all += here;
        along += points;
        shown += 2 * points > here ? step : 0;
    }
    c->votes = parts.votes;
    return c->r < 5 ? 10 * shown * along >= 7 * 16 * all : 3 * shown * along >= 16 * all;
}

struct sums { float n, x, y, z, xx, xy, yy, xz, yz; };

static void add_to_sums(void *context, float x, float y, bool along, uint32_t weight)
{
    struct sums *s = context;
    float z = x * x + y * y;

    (void)weight;
    if (!along) {
        return;
    }
    s->n += 1;
    s->x += x;
    s->y += y;
    s->z += z;
    s->xx += x * x;
    s->xy += x * y;
    s->yy += y * y;
    s->xz += x * z;
    s->yz += y * z;
}

/* The circle through the pixels that support it: x^2 + y^2 = a x + b y + c in the least squares. */
static bool fit(const struct circle_search *s, struct candidate *c, float tolerance)
{
    const struct ring ring = ring_about(s, c, tolerance, 2 + c->r * 0.1f);
    struct sums m = {0};

    each_edge(s, &ring, add_to_sums, &m);
    if (m.n < 3 || m.n * (float)(s->options->x_stride * s->options->y_stride) < HOUGH_ARC * c->r + 3) {
        return false;
    }
    float uxx = m.xx - m.x * m.x / m.n, uxy = m.xy - m.x * m.y / m.n, uyy = m.yy - m.y * m.y / m.n, uxz = m.xz - m.x * m.z / m.n, uyz = m.yz - m.y * m.z / m.n;
    float det = uxx * uyy - uxy * uxy;
    if (!(det > 1e-3f * (uxx + uyy) * (uxx + uyy))) {   /* nearly on a line */
        return false;
    }
    float a = (uxz * uyy - uyz * uxy) / det, b = (uyz * uxx - uxz * uxy) / det, k = (m.z - a * m.x - b * m.y) / m.n;
    float moved = (a * a + b * b) / 4, square = k + moved;
    if (!(square > 0) || moved > 9 + c->r) {
        return false;
    }
    c->x += a / 2;
    c->y += b / 2;
    c->r = sqrtf(square);
    return true;
}

static bool is_near(const struct hough_circle_options *o, const struct candidate *a, const struct candidate *b)
{
    return fabsf(a->x - b->x) < (float)o->x_margin && fabsf(a->y - b->y) < (float)o->y_margin && fabsf(a->r - b->r) < (float)o->r_margin;
}

/* Keeps the strongest of those that are near each other. */
static int insert(struct circle_search *s, const struct candidate *c)
{
    int kept = 0;

    for (int i = 0; i < s->found; i++) {
        if (is_near(s->options, c, &s->candidates[i]) && s->candidates[i].votes >= c->votes) {
            return 0;
        }
    }
    for (int i = 0; i < s->found; i++) {
        if (!is_near(s->options, c, &s->candidates[i])) {
            s->candidates[kept++] = s->candidates[i];
        }
    }
    if (kept == s->found) {
        if (!arena_alloc(s->arena, sizeof *c)) {
            return VISION_E_MEMORY;
        }
        s->found++;
    } else {
        s->arena->used -= (size_t)(s->found - kept - 1) * sizeof *c;
        s->found = kept + 1;
    }
    s->candidates[kept] = *c;
    return 0;
}

static void fill_looks(struct circle_search *s, int r)
{
    for (int i = 0; i < LOOKS; i++) {
        int t = i * LOOK_STEP;
        s->looks[i] = (struct look){(8 * r * line_cosine(t)) >> 14, (8 * r * line_sine(t)) >> 14, (uint8_t)((t + 11) * 8 / 180 % 8)};
    }
}

/* A look at points around the circle, 12 degrees apart: have enough an edge of the right direction, and few one of another? */
static bool looks_round(const struct circle_search *s, const struct candidate *c)
{
    int hits = 0, edges = 0, x0 = (int)((c->x - (float)s->roi.x) * 8) + 4, y0 = (int)((c->y - (float)s->roi.y) * 8) + 4;

    for (const struct look *l = s->looks, *end = l + LOOKS; l < end; l++) {
        int dx = l->across, dy = l->down;
        for (int side = 0; side < 2; side++, dx = -dx, dy = -dy) {
            int x = (x0 + dx) >> 4, y = (y0 + dy) >> 4;
            if ((unsigned)x < (unsigned)s->columns && (unsigned)y < (unsigned)s->rows) {
                int bits = s->bearings[y * s->columns + x];
                hits += bits >> l->bit & 1;
                edges += bits != 0;
            }
        }
        if (hits + 2 * (end - 1 - l) < LOOK_HITS) {     /* too few are left */
            return false;
        }
    }
    return 5 * hits >= 3 * edges;
}

/* May one of four cells have that many? Exact below 32768. */
static inline bool may_reach(const uint16_t *cell, uint32_t least)
{
    const uint32_t tops = 0x80008000u, both = (least < 0x8000 ? least : 0x8000) * 0x00010001u;
    uint32_t a, b;

    memcpy(&a, cell, sizeof a);
    memcpy(&b, cell + 2, sizeof b);
    return ((a | ((a | tops) - both) | b | ((b | tops) - both)) & tops) != 0;
}

/* Has no cell about it more votes? Of equal ones it is the first. */
static inline bool is_peak(const uint16_t *cell, int pitch)
{
    const uint16_t *above = cell - pitch, *below = cell + pitch;
    uint32_t votes = *cell;

    return cell[-1] < votes && cell[1] <= votes && above[0] < votes && below[0] <= votes && above[-1] < votes && above[1] < votes && below[-1] <= votes &&
           below[1] <= votes;
}

static __attribute__((noinline)) int try_cell(struct circle_search *s, const uint16_t *cell, int x, int y, int r, uint32_t least, uint32_t threshold)
{
    const uint16_t *above = cell - s->pitch, *below = cell + s->pitch;
    uint32_t left = (uint32_t)above[-1] + cell[-1] + below[-1], right_of = (uint32_t)above[1] + cell[1] + below[1];
    uint32_t top = (uint32_t)above[-1] + above[0] + above[1], under = (uint32_t)below[-1] + below[0] + below[1];
    uint32_t sum = left + above[0] + *cell + below[0] + right_of, across = sum - left + right_of, down = sum - top + under;
    if (sum < least) {
        return 0;
    }
    struct candidate c = {.r = (float)r};
    c.x = (float)s->roi.x + 2 * ((float)x + (float)across / (float)sum - 1) + 0.5f;
    c.y = (float)s->roi.y + 2 * ((float)y + (float)down / (float)sum - 1) + 0.5f;
    float wide = (float)(s->options->r_step > 2 ? s->options->r_step : 2) + 1, right = (float)(s->roi.x + s->roi.w), bottom = (float)(s->roi.y + s->roi.h);
    if ((r > 4 && r <= LOOK_MOST && !looks_round(s, &c)) || !fit(s, &c, wide) || !fit(s, &c, 1.5f) || !convinces(s, &c) || c.votes < threshold || c.x < (float)s->roi.x - 0.5f || c.y < (float)s->roi.y - 0.5f ||
        c.x >= right - 0.5f || c.y >= bottom - 0.5f) {
        return 0;
    }
    return c.r >= (float)s->options->r_min - 1 ? insert(s, &c) : 0;
}

static int search_radius(struct circle_search *s, int r)
{
    uint32_t threshold = s->options->threshold <= 0 ? 1 : ((uint32_t)s->options->threshold + 15) / 16, least = threshold, arc = (uint32_t)(11 * r / (s->options->x_stride * s->options->y_stride));

    least = least > arc ? least : arc;      /* three quarters of what HOUGH_ARC asks for: some votes go astray */
    uint32_t sixth = (least + 5) / 6;

    if (r <= LOOK_MOST) {
        fill_looks(s, r);
    }
    for (int y = 0; y < s->rows; y++) {
        if (y % s->band == 0) {
            vote_radius(s, r, y);
        }
        const uint16_t *cells = s->cells + (y % s->band + 1) * s->pitch + 1;
        for (int x = 0; x < s->columns;) {
            while (x + 4 <= s->columns && !may_reach(cells + x, sixth)) {
                x += 4;
            }
            for (int end = x + 4 < s->columns ? x + 4 : s->columns; x < end; x++) {
                int err = cells[x] >= sixth && is_peak(cells + x, s->pitch) ? try_cell(s, cells + x, x, y, r, least, threshold) : 0;
                if (err) {
                    return err;
                }
            }
        }
    }
    return 0;
}

/* ---- The search ---- */

static int check(const struct image *img, struct circle_search *s)
{
    const struct hough_circle_options *o = s->options;
    int err = pixformat_is_compressed(img->format) ? VISION_E_FORMAT : image_clip(img, o->roi, &s->roi);

    if (!err && (o->x_stride < 1 || o->y_stride < 1 || o->r_min < 1 || o->r_step < 1 || o->r_max < 0)) {
        return VISION_E_ARGUMENT;
    }
    return err;
}

/* The edge pixels, at the arena's end. */
static int find_edges(const struct image *img, struct circle_search *s)
{
    size_t mark = s->arena->used, all = (size_t)s->roi.h * (size_t)s->spans;
    struct gradients g;

    if (gradients_open(&g, img, s->roi, false, s->arena) || !(s->edges = arena_alloc(s->arena, 0))) {
        return VISION_E_MEMORY;
    }
    int err = hough_edges(&g, s->options->x_stride, s->options->y_stride, false, keep_edge, s);
    while ((size_t)s->spans_done <= all) {
        s->before[s->spans_done++] = s->edge_count;
    }
    if (!err) {
        size_t bytes = (size_t)s->edge_count * EDGE;
        s->arena->used = mark;      /* the rows are not needed any more */
        const uint8_t *from = s->edges;
        s->edges = arena_alloc(s->arena, bytes);
        memmove(s->edges, from, bytes);
    }
    return err;
}

/* As many rows of cells at a time as there is room for. */
static int open_cells(struct circle_search *s)
{
    size_t row = (size_t)s->pitch * sizeof *s->cells, rows = (size_t)s->rows + 2, room = ROOM * sizeof *s->candidates, left = arena_available(s->arena) & ~(size_t)7;
    size_t least = (room + 3 * row + 7) & ~(size_t)7;   /* a row of them and those around it */

    if (rows * row > left) {
        rows = left >= least ? (left - room) / row : 0;
    }
    s->band = (int)rows - 2;
    s->cells = arena_alloc(s->arena, rows ? rows * row : least);
    s->candidates = s->cells ? arena_alloc(s->arena, 0) : NULL;
    return s->candidates ? 0 : VISION_E_MEMORY;
}

static int prepare(const struct image *img, struct circle_search *s)
{
    s->columns = (s->roi.w + 1) / 2;
    s->rows = (s->roi.h + 1) / 2;
    s->pitch = s->columns + 2;
    s->spans = (s->roi.w + SPAN - 1) / SPAN;
    size_t cells = (size_t)s->columns * (size_t)s->rows;
    s->before = arena_alloc(s->arena, ((size_t)s->roi.h * (size_t)s->spans + 1) * sizeof *s->before);
    s->directions = arena_alloc(s->arena, CODES * sizeof *s->directions);
    s->marks = arena_alloc(s->arena, CODES);
    if (!s->before || !s->directions || !s->marks) {
        return VISION_E_MEMORY;
    }
    fill_directions(s);
    int err = find_edges(img, s);
    s->bearings = err ? NULL : arena_alloc(s->arena, cells);
    if (!s->bearings) {
        return VISION_E_MEMORY;
    }
    memset(s->bearings, 0, cells);
    fill_bearings(s);
    return open_cells(s);
}

/* The strongest first */
static void store(const struct circle_search *s, struct circle *out)
{
    for (int i = 0; i < s->found; i++) {
        const struct candidate *c = &s->candidates[i];
        struct circle circle = {(int)floorf(c->x + 0.5f), (int)floorf(c->y + 0.5f), (int)(c->r + 0.5f), (int)c->votes * 16};
        int j = i;
        for (; j > 0 && out[j - 1].magnitude < circle.magnitude; j--) {
            out[j] = out[j - 1];
        }
        out[j] = circle;
    }
}

/* Steps beyond that do the same. */
static int cut(int step)
{
    return step < IMAGE_MAX_SIDE ? step : IMAGE_MAX_SIDE;
}

int hough_find_circles(const struct image *img, const struct hough_circle_options *options, struct arena *arena, struct circle **out)
{
    size_t mark = arena->used;
    struct hough_circle_options o = *options;
    struct circle_search s = {.options = &o, .arena = arena};
    int err = check(img, &s);

    o.x_stride = cut(o.x_stride);
    o.y_stride = cut(o.y_stride);
    o.r_step = cut(o.r_step);

    err = err ? err : prepare(img, &s);
    if (!err) {
        int shorter = s.roi.w < s.roi.h ? s.roi.w : s.roi.h, most = options->r_max ? options->r_max : shorter / 2;
        most = most < s.roi.w + s.roi.h ? most : s.roi.w + s.roi.h;     /* beyond that no centre is within the region */
        for (int r = options->r_min; r <= most && !err; r += o.r_step) {
            err = search_radius(&s, r);
        }
    }
    if (!err) {
        *out = arena_alloc(arena, (size_t)s.found * sizeof **out);
        err = *out ? 0 : VISION_E_MEMORY;
    }
    if (!err) {
        store(&s, *out);
    }
    arena->used = mark;
    if (!err && s.found) {
        const struct circle *from = *out;
        *out = arena_alloc(arena, (size_t)s.found * sizeof **out);
        memmove(*out, from, (size_t)s.found * sizeof **out);
    }
    return err ? err : s.found;
}
