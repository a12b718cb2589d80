/* SPDX-License-Identifier: MIT */
/* Drawing, combining and scaling images against their definitions, pixel by pixel. */
#include <math.h>

#include "vision_test.h"

#include "vision/compose.h"
#include "vision/row.h"

static int channels_of(enum pixel_format format)
{
    return format == PIXFORMAT_RGB565 ? 3 : 1;
}

static int top_of(enum pixel_format format, int c)
{
    return format != PIXFORMAT_RGB565 ? 255 : c == 1 ? 63 : 31;
}

/* A channel of a pixel in the units of `format`'s channels: binary counts as 0 and 255. */
static int part(enum pixel_format format, uint32_t v, int c)
{
    if (format == PIXFORMAT_RGB565) {
        return (int)(c == 0 ? v >> 11 : c == 1 ? v >> 5 & 63 : v & 31);
    }
    return (int)(format == PIXFORMAT_BINARY ? v * 255 : v);
}

/* The source as a plain array of doubles: `channels` per pixel, as the sampler's type sees them. */
struct plane { int w, h, channels; double *v; };

static double *at(const struct plane *p, int x, int y, int c)
{
    x = x < 0 ? 0 : x >= p->w ? p->w - 1 : x;
    y = y < 0 ? 0 : y >= p->h ? p->h - 1 : y;
    return &p->v[(y * p->w + x) * p->channels + c];
}

static struct plane load(const struct image *src, struct rect roi, bool color, const struct compose_options *o)
{
    struct plane p = {roi.w, roi.h, color ? 3 : 1, malloc(sizeof(double) * (size_t)(roi.w * roi.h) * 3)};
    uint16_t *rgb = malloc((size_t)roi.w * 2);
    uint8_t *gray = malloc((size_t)roi.w), *planes[3] = {malloc((size_t)roi.w), malloc((size_t)roi.w), malloc((size_t)roi.w)};

    for (int y = 0; y < roi.h; y++) {
        row_load_rgb565(src, roi.x, roi.y + y, roi.w, rgb);
        row_load_gray(src, roi.x, roi.y + y, roi.w, gray);
        row_load_rgb(src, roi.x, roi.y + y, roi.w, planes[0], planes[1], planes[2]);
        for (int x = 0; x < roi.w; x++) {
            uint8_t g = o->rgb_channel < 0 ? gray[x] : planes[o->rgb_channel][x];
            uint32_t v = o->palette ? o->palette[g] : rgb[x];
            for (int c = 0; c < p.channels; c++) {
                *at(&p, x, y, c) = color ? part(PIXFORMAT_RGB565, v, c) : g;
            }
        }
    }
    free(rgb);
    free(gray);
    for (int c = 0; c < 3; c++) {
        free(planes[c]);
    }
    return p;
}

static double cubic(double t)
{
    t = fabs(t);
    return t < 1 ? 1.5 * t * t * t - 2.5 * t * t + 1 : t < 2 ? -0.5 * t * t * t + 2.5 * t * t - 4 * t + 2 : 0;
}

/* Sample x, y of w x h by the method, and by how much integers may differ. */
static double sample(const struct plane *p, unsigned hint, int w, int h, int x, int y, int c, int top, double *slack)
{
    double sx = (x + 0.5) * p->w / w - 0.5, sy = (y + 0.5) * p->h / h - 0.5, sum = 0, weights = 0;

    *slack = 0;
    if (w == p->w && h == p->h) {
        return *at(p, x, y, c);
    }
    if (hint & COMPOSE_BICUBIC) {
        sx = fmin(fmax(sx, 0), p->w - 1);
        sy = fmin(fmax(sy, 0), p->h - 1);
        for (int j = -1; j <= 2; j++) {
            for (int i = -1; i <= 2; i++) {
                sum += *at(p, (int)sx + i, (int)sy + j, c) * cubic(sx - (int)sx - i) * cubic(sy - (int)sy - j);
            }
        }
        *slack = 0.5 + 0.045 * top;
        return fmin(fmax(sum, 0), top);
    }
    if (hint & COMPOSE_BILINEAR) {
        sx = fmin(fmax(sx, 0), p->w - 1);
        sy = fmin(fmax(sy, 0), p->h - 1);
        double fx = sx - floor(sx), fy = sy - floor(sy);
        *slack = 2 + 0.065 * top;       /* two roundings down, and weights in steps of 1/32 */
        return (*at(p, (int)sx, (int)sy, c) * (1 - fx) + *at(p, (int)sx + 1, (int)sy, c) * fx) * (1 - fy) +
               (*at(p, (int)sx, (int)sy + 1, c) * (1 - fx) + *at(p, (int)sx + 1, (int)sy + 1, c) * fx) * fy;
    }
    if ((hint & COMPOSE_AREA) && (p->w > w || p->h > h)) {
        double x0 = (double)x * p->w / w, x1 = (double)(x + 1) * p->w / w, y0 = (double)y * p->h / h, y1 = (double)(y + 1) * p->h / h;
        for (int j = (int)y0; j < y1 && j < p->h; j++) {
            for (int i = (int)x0; i < x1 && i < p->w; i++) {
                double weight = (fmin(x1, i + 1) - fmax(x0, i)) * (fmin(y1, j + 1) - fmax(y0, j));
                sum += weight * *at(p, i, j, c);
                weights += weight;
            }
        }
        *slack = 1 + 0.012 * top;
        return sum / weights;
    }
    return *at(p, (2 * x + 1) * p->w / (2 * w), (2 * y + 1) * p->h / (2 * h), c);
}

static int operate(enum compose_operation operation, int d, int s, int top)
{
    switch (operation) {
    case COMPOSE_AND:
        return d & s;
    case COMPOSE_NAND:
        return ~(d & s) & top;
    case COMPOSE_OR:
        return d | s;
    case COMPOSE_NOR:
        return ~(d | s) & top;
    case COMPOSE_XOR:
        return d ^ s;
    case COMPOSE_XNOR:
        return ~(d ^ s) & top;
    case COMPOSE_ADD:
        return d + s > top ? top : d + s;
    case COMPOSE_SUB:
        return d > s ? d - s : 0;
    case COMPOSE_RSUB:
        return s > d ? s - d : 0;
    case COMPOSE_MIN:
        return d < s ? d : s;
    case COMPOSE_MAX:
        return d > s ? d : s;
    case COMPOSE_DIFFERENCE:
        return abs(d - s);
    default:
        return s;
    }
}

static uint16_t palette[256];
static uint8_t alphas[256];

static struct compose_options random_options(const struct image *mask, struct rect *roi, const struct image *src)
{
    static const float scales[] = {1, 1, 1, 0.5f, 2, 0.3f, 1.7f, -1, -0.5f, 3};
    static const unsigned methods[] = {0, COMPOSE_AREA, COMPOSE_BILINEAR, COMPOSE_BICUBIC};
    struct compose_options o = COMPOSE_DEFAULTS;

    o.x = between(-20, 30);
    o.y = between(-20, 30);
    o.x_scale = scales[rnd(10)];
    o.y_scale = rnd(2) ? o.x_scale : scales[rnd(10)];
    *roi = random_roi(src);
    o.roi = rnd(2) ? roi : NULL;
    o.rgb_channel = rnd(3) ? -1 : between(0, 2);
    o.alpha = rnd(3) ? 255 : between(0, 255);
    o.palette = rnd(4) ? NULL : palette;
    o.alpha_palette = rnd(5) ? NULL : alphas;
    o.hint = methods[rnd(4)] | (rnd(3) ? 0 : (rnd(8) << 4)) | (rnd(6) ? 0 : COMPOSE_CENTER) | (o.palette && rnd(2) ? COMPOSE_PALETTE_FIRST : 0) |
             (rnd(8) ? 0 : 0x400u << rnd(3));
    o.mask = rnd(3) ? NULL : mask;
    return o;
}

/* Where the definition allows only one result, it must be that; where rounding before a step leaves several, one of them. */
static void check_channel(const struct image *before, const struct image *after, int x, int y, int c, double sampled, double slack, int alpha_low,
                          int alpha_high, enum compose_operation operation)
{
    enum pixel_format f = before->format;
    int top = top_of(f, c), d = part(f, pixel(before, x, y), c), got = part(f, pixel(after, x, y), c);
    int low = (int)ceil(fmax(0, sampled - slack)), high = (int)floor(fmin(top, sampled + slack));
    double least = 1e9, most = -1e9;

    for (int s = low; s <= high; s++) {
        int v = operate(operation, d, s, top);
        for (int a = alpha_low; a <= alpha_high; a++) {
            double steps = f == PIXFORMAT_RGB565 ? 32 : 256, weight = f == PIXFORMAT_RGB565 ? (a + 4) >> 3 : a + (a >> 7);
            double mixed = floor((v * weight + d * (steps - weight)) / steps);
            least = fmin(least, mixed);
            most = fmax(most, mixed);
        }
    }
    if (f == PIXFORMAT_BINARY) {
        check(got == (least > 127 ? 255 : 0) || got == (most > 127 ? 255 : 0), "op %d at %d, %d: %d, expected %g..%g", operation, x, y, got, least, most);
    } else {
        check(got >= least && got <= most, "op %d format %x channel %d at %d, %d: %d, expected %g..%g (sample %g)", operation, f, c, x, y, got, least, most, sampled);
    }
}

static int luma(const double *v)
{
    int r = (int)v[0], g = (int)v[1], b = (int)v[2];

    return (38 * (r << 3 | r >> 2) + 75 * (g << 2 | g >> 4) + 15 * (b << 3 | b >> 2)) >> 7;
}

/* One pixel of the target from sample u, v of the source. */
static void check_pixel(const struct image *before, const struct image *after, int x, int y, const struct plane *p, const struct compose_options *o, int w,
                        int h, int u, int v, enum compose_operation operation)
{
    double value[3] = {0}, slack = 0, gray, gray_slack;
    bool colors = before->format == PIXFORMAT_RGB565;

    if (((o->hint & COMPOSE_HMIRROR) != 0) != (o->x_scale < 0)) {
        u = w - 1 - u;
    }
    if (((o->hint & COMPOSE_VFLIP) != 0) != (o->y_scale < 0)) {
        v = h - 1 - v;
    }
    for (int c = 0; c < p->channels; c++) {
        value[c] = sample(p, o->hint, w, h, u, v, c, p->channels == 3 ? top_of(PIXFORMAT_RGB565, c) : 255, &slack);
    }
    gray = p->channels == 3 ? luma(value) : value[0];
    gray_slack = slack == 0 ? 0 : p->channels == 3 ? 40 : slack;
    int low = (int)fmax(0, ceil(gray - gray_slack)), high = (int)fmin(255, floor(gray + gray_slack)), alpha_low = o->alpha, alpha_high = o->alpha;
    if (o->alpha_palette) {
        alpha_low = 255;
        alpha_high = 0;
        for (int g = low; g <= high; g++) {
            int a = alphas[g] * o->alpha / 255;
            alpha_low = a < alpha_low ? a : alpha_low;
            alpha_high = a > alpha_high ? a : alpha_high;
        }
    }
    for (int c = 0; c < channels_of(before->format); c++) {
        double s = value[c], s_slack = slack;
        if (p->channels == 1 && o->palette) {           /* looked up behind the sampling */
            double least = 1e9, most = -1e9;
            for (int g = low; g <= high; g++) {
                double parts[3] = {part(PIXFORMAT_RGB565, palette[g], 0), part(PIXFORMAT_RGB565, palette[g], 1), part(PIXFORMAT_RGB565, palette[g], 2)};
                double at_g = colors ? parts[c] : luma(parts);
                least = fmin(least, at_g);
                most = fmax(most, at_g);
            }
            s = (least + most) / 2;
            s_slack = (most - least) / 2;
        } else if (p->channels == 1 && colors) {        /* gray to RGB565 truncates */
            int shift = c == 1 ? 2 : 3;
            s = ((low >> shift) + (high >> shift)) / 2.0;
            s_slack = ((high >> shift) - (low >> shift)) / 2.0;
        } else if (p->channels == 3 && !colors) {
            s = gray;
            s_slack = gray_slack;
        }
        check_channel(before, after, x, y, c, s, s_slack, alpha_low, alpha_high, operation);
    }
}

static void sizes(const struct image *src, const struct compose_options *o, int limit_w, int limit_h, struct rect *roi, int *w, int *h)
{
    bool transpose = o->hint & COMPOSE_TRANSPOSE;
    float xs = fabsf(o->x_scale), ys = fabsf(o->y_scale);

    assert_int_equal(image_clip(src, o->roi, roi), 0);
    if (o->hint & 0x1C00) {
        xs = (float)(transpose ? limit_h : limit_w) / (float)roi->w;
        ys = (float)(transpose ? limit_w : limit_h) / (float)roi->h;
        if (!(o->hint & COMPOSE_ASPECT_IGNORE)) {
            xs = ys = o->hint & COMPOSE_ASPECT_KEEP ? fminf(xs, ys) : fmaxf(xs, ys);
        }
    }
    *w = (int)fmaxf(1, floorf((float)roi->w * xs + 1e-4f));
    *h = (int)fmaxf(1, floorf((float)roi->h * ys + 1e-4f));
}

static bool uses_color(const struct image *src, enum pixel_format to, const struct compose_options *o)
{
    return (o->palette && (o->hint & COMPOSE_PALETTE_FIRST)) || (o->rgb_channel < 0 && pixformat_has_color(src->format) && to == PIXFORMAT_RGB565 && !o->palette);
}

static void images_compose(void)
{
    bool alike = rnd(4) == 0;       /* whole rows onto whole rows */
    struct image src = image_random(between(1, 40), between(1, 40), formats[rnd(alike ? MUTABLE_FORMATS : ALL_FORMATS)], 0);
    struct image dst = image_random(alike ? src.width : between(1, 40), between(1, 40), alike ? src.format : formats[rnd(MUTABLE_FORMATS)], 0);
    struct image before = image_duplicate(&dst);
    struct image mask = image_random(dst.width + between(0, 2), dst.height + between(0, 2), formats[rnd(MUTABLE_FORMATS)], 0);
    struct rect roi;
    struct compose_options o = random_options(&mask, &roi, &src);
    if (alike) {
        o.roi = NULL;
        o.x_scale = o.y_scale = 1;
        o.x = rnd(4) ? 0 : o.x;
        o.hint &= COMPOSE_VFLIP;
        o.rgb_channel = -1;
        o.palette = rnd(4) ? NULL : o.palette;
        o.mask = rnd(4) ? NULL : o.mask;
        o.alpha_palette = rnd(4) ? NULL : o.alpha_palette;
        o.alpha = rnd(2) ? 255 : o.alpha;
    }
    enum compose_operation operation = rnd(2) ? COMPOSE_REPLACE : (enum compose_operation)rnd(COMPOSE_COUNT);
    struct arena arena = arena_new(200000);
    int w, h;

    for (int i = 0; i < 256; i++) {
        palette[i] = (uint16_t)rnd(65536);
        alphas[i] = (uint8_t)(rnd(3) ? rnd(256) : 255);
    }
    sizes(&src, &o, dst.width, dst.height, &roi, &w, &h);
    struct plane p = load(&src, roi, uses_color(&src, dst.format, &o), &o);
    if (getenv("VISION_SEED")) {
        print_message("src %dx%d %x dst %dx%d %x at %d,%d scale %g %g hint %x alpha %d palette %d/%d channel %d roi %d\n", src.width, src.height, src.format, dst.width,
                      dst.height, dst.format, o.x, o.y, (double)o.x_scale, (double)o.y_scale, o.hint, o.alpha, o.palette != NULL, o.alpha_palette != NULL,
                      o.rgb_channel, o.roi != NULL);
    }
    check_equal(compose_image(&dst, &src, operation, &o, &arena), 0, " ");
    check_equal(arena.used, 0, " ");
    bool transpose = o.hint & COMPOSE_TRANSPOSE;
    int ow = transpose ? h : w, oh = transpose ? w : h;
    int left = o.x + (o.hint & COMPOSE_CENTER ? (dst.width - ow) / 2 : 0), top = o.y + (o.hint & COMPOSE_CENTER ? (dst.height - oh) / 2 : 0);
    for (int y = 0; y < dst.height; y++) {
        for (int x = 0; x < dst.width; x++) {
            int u = x - left, v = y - top;
            if (u < 0 || v < 0 || u >= ow || v >= oh || o.alpha == 0 || (o.mask && gray_of(&mask, x, y) <= 127)) {
                check_equal(pixel(&dst, x, y), pixel(&before, x, y), "outside at %d, %d", x, y);
            } else {
                check_pixel(&before, &dst, x, y, &p, &o, w, h, transpose ? v : u, transpose ? u : v, operation);
            }
        }
    }
    free(p.v);
    free(arena.base);
    free(mask.data);
    free(before.data);
    free(dst.data);
    free(src.data);
}

/* Scaled copies, into memory of their own or the source's. */
static void images_scale(void)
{
    struct image src = image_random(between(1, 30), between(1, 30), formats[rnd(ALL_FORMATS)], 120 * 120 * 2), whole = image_duplicate(&src);
    struct rect roi;
    struct compose_options o = random_options(NULL, &roi, &src);
    struct image dst = {.format = formats[rnd(MUTABLE_FORMATS)]};
    struct arena arena = arena_new(200000);
    int w, h, limit_w = between(1, 100), limit_h = between(1, 100);

    o.mask = NULL;
    for (int i = 0; i < 256; i++) {
        palette[i] = (uint16_t)rnd(65536);
        alphas[i] = (uint8_t)rnd(256);
    }
    sizes(&src, &o, limit_w, limit_h, &roi, &w, &h);
    bool transpose = o.hint & COMPOSE_TRANSPOSE, in_place = rnd(2);
    assert_int_equal(compose_size(&src, &o, limit_w, limit_h, &dst.width, &dst.height), 0);
    check_equal(dst.width, transpose ? h : w, " ");
    check_equal(dst.height, transpose ? w : h, " ");
    size_t bytes = pixformat_image_bytes(dst.format, dst.width, dst.height);
    if (bytes > 120 * 120 * 2) {
        goto out;
    }
    dst.data = in_place ? src.data : malloc(bytes);
    if (getenv("VISION_SEED")) {
        print_message("src %dx%d %x dst %dx%d %x scale %g %g hint %x palette %d channel %d roi %d,%d %dx%d\n", src.width, src.height, src.format, dst.width,
                      dst.height, dst.format, (double)o.x_scale, (double)o.y_scale, o.hint, o.palette != NULL, o.rgb_channel, roi.x, roi.y, roi.w, roi.h);
    }
    check_equal(compose_scaled(&dst, &src, &o, &arena), 0, " ");
    check_equal(arena.used, 0, " ");
    struct plane p = load(&whole, roi, uses_color(&whole, dst.format, &o), &o);
    struct image blank = image_new(dst.width, dst.height, dst.format, 0);
    for (int y = 0; y < dst.height; y++) {
        for (int x = 0; x < dst.width; x++) {
            check_pixel(&blank, &dst, x, y, &p, &o, w, h, transpose ? y : x, transpose ? x : y, COMPOSE_REPLACE);
        }
    }
    free(blank.data);
    free(p.v);
    if (!in_place) {
        free(dst.data);
    }
out:
    free(arena.base);
    free(whole.data);
    free(src.data);
}

static void colors_compose(void)
{
    struct image dst = image_random(between(1, 40), between(1, 20), formats[rnd(MUTABLE_FORMATS)], 0), before = image_duplicate(&dst);
    struct image mask = image_random(dst.width, dst.height, formats[rnd(MUTABLE_FORMATS)], 0);
    enum compose_operation operation = (enum compose_operation)rnd(COMPOSE_COUNT);
    uint32_t color = dst.format == PIXFORMAT_BINARY ? rnd(2) : rnd(dst.format == PIXFORMAT_RGB565 ? 65536 : 256);
    bool masked = rnd(2);
    struct arena arena = arena_new(8 * 40 + 64);

    check_equal(compose_color(&dst, color, operation, masked ? &mask : NULL, &arena), 0, " ");
    for (int i = 0; i < dst.width * dst.height; i++) {
        int x = i % dst.width, y = i / dst.width;
        for (int c = 0; c < channels_of(dst.format); c++) {
            int d = part(dst.format, pixel(&before, x, y), c), s = part(dst.format, color, c);
            int expected = masked && gray_of(&mask, x, y) <= 127 ? d : operate(operation, d, s, top_of(dst.format, c));
            check_equal(part(dst.format, pixel(&dst, x, y), c), expected, "op %d at %d, %d", operation, x, y);
        }
    }
    free(arena.base);
    free(mask.data);
    free(before.data);
    free(dst.data);
}

/* An image drawn into itself is what a copy of it would give. */
static void onto_itself(void)
{
    struct image dst = image_random(between(1, 30), between(1, 30), formats[rnd(MUTABLE_FORMATS)], 0), copy = image_duplicate(&dst), other = image_duplicate(&dst);
    struct rect roi;
    struct compose_options o = random_options(NULL, &roi, &dst);
    struct arena arena = arena_new(200000);

    check_equal(compose_image(&dst, &dst, COMPOSE_REPLACE, &o, &arena), 0, " ");
    check_equal(compose_image(&other, &copy, COMPOSE_REPLACE, &o, &arena), 0, " ");
    check_equal(memcmp(dst.data, other.data, image_bytes(&dst)), 0, "differs");
    free(arena.base);
    free(other.data);
    free(copy.data);
    free(dst.data);
}

/* A matrix that moves, turns and tilts a little, or one of whole numbers, or any that can be. */
static void random_matrix(float m[9], int w, int h)
{
    bool whole = rnd(3) == 0;

    for (int i = 0; i < 9; i++) {
        float unit = i % 4 == 0 ? 1 : 0, small = (float)between(-1000, 1000) / 1000;
        m[i] = whole ? (float)between(-1, 1) : i < 6 ? unit + small / 2 : unit + small / 100;
    }
    m[2] = (float)between(-w, w);
    m[5] = (float)between(-h, h);
    if (whole) {
        m[6] = m[7] = 0;
    }
    for (int i = 0, sign = rnd(2) ? 1 : -1; i < 9; i++) {
        m[i] *= (float)sign;
    }
}

/* Where the transform says that pixel x, y comes from. 1: there; 0: from outside; -1: too near to a pixel's edge to tell. */
static int fetched(const float m[9], int x, int y, int w, int h, int *sx, int *sy)
{
    double middle = m[6] * (w - 1) / 2.0 + m[7] * (h - 1) / 2.0 + m[8], d = m[6] * (double)x + m[7] * (double)y + m[8];
    double u = (m[0] * (double)x + m[1] * (double)y + m[2]) / d + 0.5, v = (m[3] * (double)x + m[4] * (double)y + m[5]) / d + 0.5;

    d = middle < 0 ? -d : d;
    if (fabs(d) < 1e-4 || fabs(middle) < 1e-4) {
        return -1;
    }
    if (d < 0 || u < -1 || v < -1 || u > w + 1 || v > h + 1) {
        return 0;
    }
    bool exact = u == floor(u + 0.5) - 0.5 && v == floor(v + 0.5) - 0.5;
    if (!exact && (fabs(u - floor(u + 0.5)) < 1e-3 || fabs(v - floor(v + 0.5)) < 1e-3)) {
        return -1;
    }
    *sx = (int)floor(u);
    *sy = (int)floor(v);
    return *sx >= 0 && *sy >= 0 && *sx < w && *sy < h;
}

/* Each pixel is that of the picture without the transform, at the place it comes from; what comes from nowhere is left as it is, or black. */
static void images_transform(void)
{
    struct image src = image_random(between(1, 30), between(1, 30), formats[rnd(ALL_FORMATS)], 0);
    struct image dst = image_random(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 0), before = image_duplicate(&dst);
    struct image mask = image_random(dst.width, dst.height, formats[rnd(MUTABLE_FORMATS)], 0);
    struct rect roi;
    struct compose_options o = random_options(&mask, &roi, &src);
    struct arena arena = arena_new(400000);
    float m[9];
    int sx, sy;

    for (int i = 0; i < 256; i++) {
        palette[i] = (uint16_t)rnd(65536);
    }
    o.alpha = 255;
    o.alpha_palette = NULL;
    struct image flat = {.format = dst.format};
    assert_int_equal(compose_size(&src, &o, dst.width, dst.height, &flat.width, &flat.height), 0);
    if (flat.width <= 79 && flat.height <= 79) {        /* larger ones are followed along a grid; the warps' own tests say how well */
        flat = image_new(flat.width, flat.height, dst.format, 0);
        struct image turned = image_new(flat.width, flat.height, dst.format, 0);
        random_matrix(m, flat.width, flat.height);
        assert_int_equal(compose_scaled(&flat, &src, &o, &arena), 0);
        o.transform = m;
        check_equal(compose_scaled(&turned, &src, &o, &arena), 0, " ");
        check_equal(compose_image(&dst, &src, COMPOSE_REPLACE, &o, &arena), 0, " ");
        check_equal(arena.used, 0, " ");
        int left = o.x + (o.hint & COMPOSE_CENTER ? (dst.width - flat.width) / 2 : 0), top = o.y + (o.hint & COMPOSE_CENTER ? (dst.height - flat.height) / 2 : 0);
        for (int y = 0; y < flat.height; y++) {
            for (int x = 0; x < flat.width; x++) {
                int there = fetched(m, x, y, flat.width, flat.height, &sx, &sy);
                check(there < 0 || pixel(&turned, x, y) == (there ? pixel(&flat, sx, sy) : 0), "copy at %d, %d from %d, %d (%d)", x, y, sx, sy, there);
            }
        }
        for (int y = 0; y < dst.height; y++) {
            for (int x = 0; x < dst.width; x++) {
                int u = x - left, v = y - top, there = u < 0 || v < 0 || u >= flat.width || v >= flat.height ? 0 : fetched(m, u, v, flat.width, flat.height, &sx, &sy);
                there = o.mask && gray_of(&mask, x, y) <= 127 ? 0 : there;
                uint32_t want = there > 0 ? pixel(&flat, sx, sy) : pixel(&before, x, y);
                check(there < 0 || pixel(&dst, x, y) == want, "drawn at %d, %d from %d, %d (%d)", x, y, sx, sy, there);
            }
        }
        free(turned.data);
        free(flat.data);
    }
    free(arena.base);
    free(mask.data);
    free(before.data);
    free(dst.data);
    free(src.data);
}

/* The identity changes nothing, whatever else is asked for. */
static void identity_transform(void)
{
    static const float m[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    struct image src = image_random(between(1, 40), between(1, 40), formats[rnd(ALL_FORMATS)], 0);
    struct image dst = image_random(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 0), plain = image_duplicate(&dst);
    struct image mask = image_random(dst.width, dst.height, formats[rnd(MUTABLE_FORMATS)], 0);
    struct rect roi;
    struct compose_options o = random_options(&mask, &roi, &src);
    enum compose_operation operation = (enum compose_operation)rnd(COMPOSE_COUNT);
    struct arena arena = arena_new(1 << 20);

    check_equal(compose_image(&plain, &src, operation, &o, &arena), 0, " ");
    o.transform = m;
    check_equal(compose_image(&dst, &src, operation, &o, &arena), 0, " ");
    check(memcmp(dst.data, plain.data, image_bytes(&dst)) == 0, "operation %d onto %x", operation, dst.format);
    free(arena.base);
    free(mask.data);
    free(plain.data);
    free(dst.data);
    free(src.data);
}

static void memory_runs_out(void)
{
    struct image src = image_random(between(1, 20), between(1, 12), formats[rnd(ALL_FORMATS)], 0);
    struct image dst = image_random(between(1, 20), between(1, 12), formats[rnd(MUTABLE_FORMATS)], 0), before = image_duplicate(&dst);
    struct rect roi;
    struct compose_options o = random_options(NULL, &roi, &src);
    float m[9];
    bool done = false;

    random_matrix(m, 20, 12);
    o.transform = rnd(2) ? m : NULL;
    for (size_t size = 0; !done; size += size < 64 ? 8 : 40) {
        struct arena arena = arena_new(size);
        int err = compose_image(&dst, &src, COMPOSE_MAX, &o, &arena);
        done = err == 0;
        check(done || err == VISION_E_MEMORY, "%d with %zu bytes", err, size);
        check_equal(arena.used, 0, " ");
        check(done || memcmp(dst.data, before.data, image_bytes(&dst)) == 0, "wrote with %zu bytes", size);
        free(arena.base);
    }
    free(before.data);
    free(dst.data);
    free(src.data);
}

static void bad_arguments(void **state)
{
    (void)state;
    struct image img = image_new(8, 8, PIXFORMAT_RGB565, 0), bayer = image_new(8, 8, PIXFORMAT_BAYER_BGGR, 0), small = image_new(7, 8, PIXFORMAT_BINARY, 0);
    struct image jpeg = {8, 8, PIXFORMAT_JPEG, 16, small.data}, src = image_new(8, 8, PIXFORMAT_GRAYSCALE, 0);
    struct arena arena = arena_new(12000);
    struct compose_options o = COMPOSE_DEFAULTS;
    const float scales[] = {0, NAN, INFINITY, 1e9f};
    int w, h;

    assert_int_equal(compose_image(&bayer, &src, COMPOSE_ADD, &o, &arena), VISION_E_FORMAT);
    assert_int_equal(compose_image(&img, &jpeg, COMPOSE_ADD, &o, &arena), VISION_E_FORMAT);
    for (int i = 0; i < 4; i++) {
        o.x_scale = scales[i];
        assert_int_equal(compose_image(&img, &src, COMPOSE_ADD, &o, &arena), VISION_E_ARGUMENT);
        assert_int_equal(compose_size(&src, &o, 1, 1, &w, &h), VISION_E_ARGUMENT);
    }
    o = COMPOSE_DEFAULTS;
    o.alpha = 256;
    assert_int_equal(compose_image(&img, &src, COMPOSE_ADD, &o, &arena), VISION_E_ARGUMENT);
    o = COMPOSE_DEFAULTS;
    o.rgb_channel = 3;
    assert_int_equal(compose_image(&img, &src, COMPOSE_ADD, &o, &arena), VISION_E_ARGUMENT);
    o = COMPOSE_DEFAULTS;
    o.roi = &(struct rect){9, 9, 2, 2};
    assert_int_equal(compose_image(&img, &src, COMPOSE_ADD, &o, &arena), VISION_E_ROI);
    o = COMPOSE_DEFAULTS;
    o.mask = &small;
    assert_int_equal(compose_image(&img, &src, COMPOSE_ADD, &o, &arena), VISION_E_SIZE);
    assert_int_equal(compose_color(&img, 0, COMPOSE_ADD, &small, &arena), VISION_E_SIZE);
    o = COMPOSE_DEFAULTS;
    o.transform = (const float[9]){1, 0, 0, 0, 1, NAN, 0, 0, 1};
    assert_int_equal(compose_image(&img, &src, COMPOSE_ADD, &o, &arena), VISION_E_ARGUMENT);
    assert_int_equal(compose_image(&img, &jpeg, COMPOSE_ADD, &o, &arena), VISION_E_FORMAT);
    assert_int_equal(compose_scaled(&img, &src, &o, &arena), VISION_E_ARGUMENT);
    o.transform = NULL;
    o.roi = &(struct rect){9, 9, 2, 2};
    assert_int_equal(compose_scaled(&small, &src, &o, &arena), VISION_E_ROI);
    assert_int_equal(compose_scaled(&bayer, &src, &o, &arena), VISION_E_FORMAT);
    free(arena.base);
    free(src.data);
    free(small.data);
    free(bayer.data);
    free(img.data);
}

static void composing(void **state)
{
    (void)state;
    for_seeds(images_compose, 6000);
    for_seeds(colors_compose, 500);
    for_seeds(onto_itself, 500);
}

static void transforming(void **state)
{
    (void)state;
    for_seeds(images_transform, 1500);
    for_seeds(identity_transform, 1500);
}

static void scaling(void **state)
{
    (void)state;
    for_seeds(images_scale, 3000);
}

/* By area, much wider and less high: every sample is a small part of a pixel. */
static void stretching(void **state)
{
    (void)state;
    const struct compose_options o = {.x_scale = 1, .y_scale = 1, .rgb_channel = -1, .alpha = 255, .hint = COMPOSE_AREA};

    for (int i = 0; i < 2; i++) {
        struct image src = image_new(1, 4, i ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE, 0), dst = image_new(700, 3, src.format, 0);
        struct arena arena = arena_new(20000);
        memset(src.data, 0xC3, image_bytes(&src));
        assert_int_equal(compose_scaled(&dst, &src, &o, &arena), 0);
        for (int x = 0; x < 700; x++) {
            check_equal(pixel(&dst, x, 1), pixel(&src, 0, 1), "sample %d", x);
        }
        free(src.data);
        free(dst.data);
        free(arena.base);
    }
}

static void memory(void **state)
{
    (void)state;
    for_seeds(memory_runs_out, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(composing), cmocka_unit_test(transforming), cmocka_unit_test(scaling), cmocka_unit_test(stretching), cmocka_unit_test(memory), cmocka_unit_test(bad_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
