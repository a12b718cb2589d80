/* SPDX-License-Identifier: MIT */
/* Phase correlation: both pictures are transformed at once, as the real and the imaginary part of one; of the spectrum, which is then that of a real
   picture, only half is transformed back. */
#include "vision/displacement.h"

#include <math.h>
#include <string.h>

#include "vision/fft.h"
#include "vision/row.h"

#define PI 3.14159265f

struct work {
    const struct image *a, *b;
    struct rect roi_a, roi_b;
    int w, h;                       /* of the regions */
    int nx, ny;                     /* padded */
    struct fft fft;
    float *z;                       /* ny rows of nx complex numbers */
    float *fade_x, *fade_y;
    bool polar;                     /* z holds polar maps */
    uint8_t *row_a, *row_b;
    uint8_t *gray;                  /* a whole region */
    uint8_t *power[2];              /* logarithms of the power spectra, nx x ny, the mean in the middle */
};

static float *row(const struct work *k, int y)
{
    return k->z + 2 * (size_t)y * (size_t)k->nx;
}

/* A polar map with logarithmic radius. */
struct polar_map { float mx, my, x_unit, y_unit, r0, r1, turn; };

static int padded(int side)
{
    int n = 1;

    while (n < side) {
        n *= 2;
    }
    return n;
}

/* ---- The two pictures ---- */

static void fade(float *v, int n, int of)
{
    for (int i = 0; i < n; i++) {
        v[i] = i < of ? 0.5f - 0.5f * cosf(2 * PI * ((float)i + 0.5f) / (float)of) : 0;
    }
}

/* Takes the means off the first w x h complex numbers, fades them out, pads with zeros, and transforms. */
static void transform(struct work *k, int w, int h)
{
    float mean_a = 0, mean_b = 0;

    for (int y = 0; y < h; y++) {
        float a = 0, b = 0;
        for (const float *p = row(k, y), *end = p + 2 * w; p < end; p += 2) {
            a += p[0];
            b += p[1];
        }
        mean_a += a / (float)w;
        mean_b += b / (float)w;
    }
    mean_a /= (float)h;
    mean_b /= (float)h;
    for (int y = 0; y < k->ny; y++) {
        float *p = row(k, y), f = k->fade_y[y];
        if (y >= h) {
            memset(p, 0, 2 * (size_t)k->nx * sizeof *p);
            continue;
        }
        for (int x = 0; x < w; x++) {
            float g = f * k->fade_x[x];
            p[2 * x] = (p[2 * x] - mean_a) * g;
            p[2 * x + 1] = (p[2 * x + 1] - mean_b) * g;
        }
        memset(p + 2 * w, 0, 2 * (size_t)(k->nx - w) * sizeof *p);
        fft_row(&k->fft, p, k->nx);
    }
    fft_columns(&k->fft, k->z, k->ny, (size_t)k->nx, k->nx);
}

/* Pixel (x, y) of w x h, between pixels; beyond the edge the edge. */
static float between(const uint8_t *pixels, int w, int h, float x, float y)
{
    x = x < 0 ? 0 : x > (float)(w - 1) ? (float)(w - 1) : x;
    y = y < 0 ? 0 : y > (float)(h - 1) ? (float)(h - 1) : y;
    int i = (int)x, j = (int)y, right = i + 1 < w, below = j + 1 < h ? w : 0;
    float fx = x - (float)i, fy = y - (float)j;
    const uint8_t *p = pixels + (size_t)j * (size_t)w + (size_t)i;
    float top = (float)p[0] + fx * (float)(p[right] - p[0]), bottom = (float)p[below] + fx * (float)(p[below + right] - p[below]);

    return top + fy * (bottom - top);
}

static void load_gray(struct work *k, const struct image *img, const struct rect *roi)
{
    for (int y = 0; y < k->h; y++) {
        row_load_gray(img, roi->x, roi->y + y, k->w, k->gray + (size_t)y * (size_t)k->w);
    }
}

/* The pictures themselves; the second turned and scaled about its middle first, unless the scale is 0. */
static void load_plain(struct work *k, float rotation, float scale)
{
    float c = scale > 0 ? cosf(rotation) / scale : 1, s = scale > 0 ? sinf(rotation) / scale : 0, mx = (float)(k->w - 1) / 2, my = (float)(k->h - 1) / 2;

    k->polar = false;
    fade(k->fade_x, k->nx, k->w);
    fade(k->fade_y, k->ny, k->h);
    for (int y = 0; y < k->h; y++) {
        float *p = row(k, y), dy = (float)y - my;
        row_load_gray(k->a, k->roi_a.x, k->roi_a.y + y, k->w, k->row_a);
        if (scale > 0) {
            for (int x = 0; x < k->w; x++) {
                float dx = (float)x - mx;
                p[2 * x] = (float)k->row_a[x];
                p[2 * x + 1] = between(k->gray, k->w, k->h, mx + c * dx + s * dy, my - s * dx + c * dy);
            }
            continue;
        }
        row_load_gray(k->b, k->roi_b.x, k->roi_b.y + y, k->w, k->row_b);
        for (int x = 0; x < k->w; x++) {
            p[2 * x] = (float)k->row_a[x];
            p[2 * x + 1] = (float)k->row_b[x];
        }
    }
    transform(k, k->w, k->h);
}

/* Fills the real (0) or imaginary (1) part with a polar map of w x h pixels about (mx, my): radii from r0 to r1 of the columns, in units of
   x_unit and y_unit pixels, angles of the rows up to `turn`. */
static void map_polar(struct work *k, int part, const uint8_t *pixels, int w, int h, struct polar_map m)
{
    float *radii = k->fade_x, grow = logf(m.r1 / m.r0) / (float)k->nx;

    for (int x = 0; x < k->nx; x++) {
        radii[x] = m.r0 * expf(grow * (float)x);
    }
    for (int y = 0; y < k->ny; y++) {
        float *p = row(k, y) + part, angle = m.turn * (float)y / (float)k->ny, c = m.x_unit * cosf(angle), s = m.y_unit * sinf(angle);
        for (int x = 0; x < k->nx; x++) {
            p[2 * x] = between(pixels, w, h, m.mx + radii[x] * c, m.my + radii[x] * s);
        }
    }
}

/* Radii fade out, angles go round. */
static void transform_polar(struct work *k)
{
    k->polar = true;
    fade(k->fade_x, k->nx, k->nx);
    for (int y = 0; y < k->ny; y++) {
        k->fade_y[y] = 1;
    }
    transform(k, k->nx, k->ny);
}

/* ---- Their phase correlation ---- */

struct complex { float r, i; };

/* Of two pictures as real and imaginary part: 2 A(k) and 2 B(k) from Z(k) and Z(-k). */
static inline void part(const float *z, const float *mirror, struct complex *a, struct complex *b)
{
    *a = (struct complex){z[0] + mirror[0], z[1] - mirror[1]};
    *b = (struct complex){z[1] + mirror[1], mirror[0] - z[0]};
}

/* A conj(B) / |A conj(B)|, 0 where there is nothing. */
static inline struct complex cross(const float *z, const float *mirror)
{
    struct complex a, b;

    part(z, mirror, &a, &b);
    struct complex c = {a.r * b.r + a.i * b.i, a.i * b.r - a.r * b.i};
    float square = c.r * c.r + c.i * c.i;
    if (!(square > 1e-12f)) {
        return (struct complex){0, 0};
    }
    float f = 1 / sqrtf(square);
    return (struct complex){c.r * f, c.i * f};
}

/* Columns whose mirrors hold the same: 0, 1, and of the places 2^m .. 2^(m + 1) - 1 the first half. *x: the first of the next run of them; its length. */
static int next_columns(const struct work *k, int *x)
{
    *x = *x < 0 ? 0 : *x == 0 ? 1 : padded(*x + 1);
    return *x >= k->nx ? 0 : *x < 2 ? 1 : *x / 2;
}

static void correlate_spectra(struct work *k)
{
    int n;

    for (int y = 0; y < k->ny; y++) {
        int my = fft_mirror(y);
        float *p = row(k, y), *q = row(k, my);
        for (int x = -1; (n = next_columns(k, &x)) != 0;) {
            for (int i = x; i < x + n; i++) {
                int mx = fft_mirror(i);
                if (i < 2 && y > my) {
                    continue;       /* their mirrors are in the same column: both have been written */
                }
                struct complex c = cross(p + 2 * i, q + 2 * mx);
                p[2 * i] = c.r;
                p[2 * i + 1] = c.i;
                if (i < 2 && y < my) {
                    q[2 * i] = c.r;
                    q[2 * i + 1] = -c.i;
                }
            }
        }
    }
    k->z[0] = k->z[1] = 0;          /* the means say nothing */
    if (k->polar) {                 /* nor does the upper half of the frequencies along the radius, but for how the pixels lie */
        for (int y = 0; y < k->ny; y++) {
            for (float *p = row(k, y), *end = p + 2 * k->nx; p + 8 <= end; p += 8) {
                memset(p + 2, 0, 4 * sizeof *p); /* bit-reversed 1 and 2 of each 4 */
            }
        }
    }
}

/* Two rows, u and v, whose transforms back are real, become one: u + i v. */
static void join_rows(struct work *k, float *u, const float *v)
{
    int n;

    for (int x = -1; (n = next_columns(k, &x)) != 0;) {
        for (int i = x; i < x + n; i++) {
            int m = fft_mirror(i);
            float ur = u[2 * i], ui = u[2 * i + 1], vr = v ? v[2 * i] : 0, vi = v ? v[2 * i + 1] : 0;
            u[2 * i] = ur - vi;
            u[2 * i + 1] = ui + vr;
            if (m != i) {
                u[2 * m] = ur + vi;
                u[2 * m + 1] = vr - ui;
            }
        }
    }
}

static float value(const struct work *k, int x, int y)
{
    x &= k->nx - 1;
    y &= k->ny - 1;
    return row(k, y & ~1)[2 * x + (y & 1)];
}

/* Where the parabola through three values is highest, -1/2 .. 1/2. */
static float vertex(float before, float at, float after)
{
    float bend = before - 2 * at + after;

    return bend < 0 ? fmaxf(-0.5f, fminf(0.5f, (before - after) / (2 * bend))) : 0;
}

static float place(int i, int n)
{
    return (float)(i > n / 2 ? i - n : i);
}

/* From the spectra to the peak: x, y and response of *out. */
static void find_peak(struct work *k, struct displacement *out)
{
    float best = 0;
    int n, at = 0;

    correlate_spectra(k);
    for (int x = -1; (n = next_columns(k, &x)) != 0;) {
        fft_columns_back(&k->fft, k->z + 2 * x, k->ny, (size_t)k->nx, n);
    }
    for (int y = 0; y < k->ny; y += 2) {
        float *p = row(k, y);
        join_rows(k, p, k->ny > 1 ? row(k, y + 1) : NULL);
        fft_row_back(&k->fft, p, k->nx);
        for (int i = 0; i < 2 * k->nx; i++) {
            if (p[i] > best) {
                best = p[i];
                at = y * k->nx * 2 + i;
            }
        }
    }
    int x = at / 2 % k->nx, y = at / (2 * k->nx) + (k->ny > 1 ? at & 1 : 0);
    out->x = place(x, k->nx) + vertex(value(k, x - 1, y), best, value(k, x + 1, y));
    out->y = place(y, k->ny) + (k->ny > 1 ? vertex(value(k, x, y - 1), best, value(k, x, y + 1)) : 0);
    out->response = fminf(1, best / ((float)k->nx * (float)k->ny) * (k->polar && k->nx >= 4 ? 2 : 1));
}

/* ---- Rotation and scale ---- */

/* From the peak of polar maps to rotation and scale; power spectra shrink where pictures grow. */
static void from_polar(const struct work *k, const struct polar_map *m, float direction, struct displacement *out)
{
    out->scale = expf(direction * out->x * logf(m->r1 / m->r0) / (float)k->nx);
    out->rotation = out->y * m->turn / (float)k->ny;
    out->x = out->y = 0;
}

static void find_polar(struct work *k, struct displacement *out)
{
    float side = (float)(k->w < k->h ? k->w : k->h);
    const struct polar_map m = {(float)(k->w - 1) / 2, (float)(k->h - 1) / 2, 1, 1, fmaxf(1, side / 20), fmaxf(2, side / 2), 2 * PI};

    load_gray(k, k->a, &k->roi_a);
    map_polar(k, 0, k->gray, k->w, k->h, m);
    load_gray(k, k->b, &k->roi_b);
    map_polar(k, 1, k->gray, k->w, k->h, m);
    transform_polar(k);
    find_peak(k, out);
    from_polar(k, &m, 1, out);
}

/* The number after i, when the bits below n are counted from the other end. */
static int next_reversed(int i, int n)
{
    int bit = n / 2;

    for (; i & bit; bit /= 2) {
        i ^= bit;
    }
    return i | bit;
}

static uint8_t log_power(struct complex v)
{
    float l = 7 * logf(1 + v.r * v.r + v.i * v.i);

    return (uint8_t)(l > 255 ? 255 : l);
}

static void keep_powers(struct work *k)
{
    for (int y = 0, v = 0; y < k->ny; y++, v = next_reversed(v, k->ny)) {
        size_t at = (size_t)((v + k->ny / 2) % k->ny) * (size_t)k->nx;
        for (int x = 0, u = 0; x < k->nx; x++, u = next_reversed(u, k->nx)) {
            struct complex a, b;
            part(row(k, y) + 2 * x, row(k, fft_mirror(y)) + 2 * fft_mirror(x), &a, &b);
            size_t i = at + (size_t)((u + k->nx / 2) % k->nx);
            k->power[0][i] = log_power(a);
            k->power[1][i] = log_power(b);
        }
    }
}

static void find_fixed(struct work *k, struct displacement *out)
{
    float side = (float)(k->nx < k->ny ? k->nx : k->ny);
    const struct polar_map m = {(float)(k->nx / 2), (float)(k->ny / 2), (float)k->nx, (float)k->ny, fminf(2 / side, 0.25f), 0.5f, PI};
    struct displacement turned, half;

    load_plain(k, 0, 0);
    keep_powers(k);
    map_polar(k, 0, k->power[0], k->nx, k->ny, m);
    map_polar(k, 1, k->power[1], k->nx, k->ny, m);
    transform_polar(k);
    find_peak(k, &turned);
    from_polar(k, &m, -1, &turned);
    half = turned;
    half.rotation += half.rotation > 0 ? -PI : PI;
    load_gray(k, k->b, &k->roi_b);
    load_plain(k, turned.rotation, turned.scale);
    find_peak(k, &turned);
    load_plain(k, half.rotation, half.scale);
    find_peak(k, &half);
    *out = half.response > turned.response ? half : turned;
}

static int open_work(struct work *k, const struct displacement_options *o, struct arena *arena)
{
    size_t n = (size_t)k->nx * (size_t)k->ny;
    int most = k->nx > k->ny ? k->nx : k->ny;
    bool whole = o->logpolar || o->fix_rotation_scale, powers = o->fix_rotation_scale && !o->logpolar;

    k->z = arena_alloc(arena, n * 2 * sizeof *k->z);
    k->fade_x = arena_alloc(arena, (size_t)k->nx * sizeof *k->fade_x);
    k->fade_y = arena_alloc(arena, (size_t)k->ny * sizeof *k->fade_y);
    k->row_a = arena_alloc(arena, (size_t)k->w);
    k->row_b = arena_alloc(arena, (size_t)k->w);
    k->gray = arena_alloc(arena, whole ? (size_t)k->w * (size_t)k->h : 0);
    k->power[0] = arena_alloc(arena, powers ? n : 0);
    k->power[1] = arena_alloc(arena, powers ? n : 0);
    float *factors = arena_alloc(arena, FFT_FACTOR_FLOATS((size_t)most) * sizeof *factors);
    if (!k->z || !k->fade_x || !k->fade_y || !k->row_a || !k->row_b || !k->gray || !k->power[0] || !k->power[1] || !factors) {
        return VISION_E_MEMORY;
    }
    fft_open(&k->fft, most, factors);
    return 0;
}

int displacement_find(const struct image *img, const struct image *pattern, const struct displacement_options *options, struct arena *arena,
                      struct displacement *out)
{
    struct work k = {.a = img, .b = pattern};
    size_t mark = arena->used;

    if (pixformat_is_compressed(img->format) || pixformat_is_compressed(pattern->format)) {
        return VISION_E_FORMAT;
    }
    int err = image_clip(img, options->roi, &k.roi_a);
    err = err ? err : image_clip(pattern, options->pattern_roi, &k.roi_b);
    if (err) {
        return err;
    }
    k.w = k.roi_a.w;
    k.h = k.roi_a.h;
    k.nx = padded(k.w);
    k.ny = padded(k.h);
    if (k.roi_b.w != k.w || k.roi_b.h != k.h || k.nx > DISPLACEMENT_MOST / k.ny) {
        return VISION_E_SIZE;
    }
    err = open_work(&k, options, arena);
    *out = (struct displacement){.scale = 1};
    if (!err && options->logpolar) {
        find_polar(&k, out);
    } else if (!err && options->fix_rotation_scale) {
        find_fixed(&k, out);
    } else if (!err) {
        load_plain(&k, 0, 0);
        find_peak(&k, out);
    }
    arena->used = mark;
    return err;
}
