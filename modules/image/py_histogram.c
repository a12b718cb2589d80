/* SPDX-License-Identifier: MIT */
/* Image.get_histogram, get_statistics, and the histogram object. */
#include <string.h>

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "vision/histogram.h"

typedef struct {
    mp_obj_base_t base;
    struct histogram hist;          /* the counters lie on the heap */
} py_histogram_t;

static const mp_obj_type_t py_histogram_type;

/* ---- Counting ---- */

static void compute(size_t n_args, const mp_obj_t *args, mp_map_t *kw, struct histogram *out)
{
    enum { ARG_thresholds, ARG_invert, ARG_roi, ARG_bins, ARG_l_bins, ARG_a_bins, ARG_b_bins, ARG_difference };
    static const mp_arg_t allowed[] = {
        KW_OBJ(thresholds), KW_BOOL(invert, false), KW_OBJ(roi), KW_INT(bins, -1), KW_INT(l_bins, -1), KW_INT(a_bins, -1), KW_INT(b_bins, -1),
        KW_OBJ(difference),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct threshold thresholds[THRESHOLDS_MAX];
    struct rect roi;

    PARSE(allowed, v);
    const struct image *image = &py_image_get_mutable(args[0])->image;
    struct histogram_options options = {
        .roi = arg_roi(v[ARG_roi].u_obj, &roi),
        .thresholds = thresholds,
        .count = v[ARG_thresholds].u_obj == mp_const_none ? 0 : arg_thresholds(v[ARG_thresholds].u_obj, thresholds),
        .invert = v[ARG_invert].u_bool,
        .difference = arg_mask(v[ARG_difference].u_obj),
    };
    for (int i = 0; i < 3; i++) {
        mp_int_t bins = v[ARG_l_bins + i].u_int < 0 ? v[ARG_bins].u_int : v[ARG_l_bins + i].u_int;
        options.bins[i] = bins < 0 ? 0 : (int)bins;
    }
    vision_check(histogram_shape(out, image->format, options.bins));
    for (int i = 0; i < out->channels; i++) {   /* before the scratch is taken: this may raise */
        out->channel[i].count = m_new(uint32_t, (size_t)out->channel[i].bins);
    }
    struct histogram counted;
    struct arena arena = scratch_open();
    int error = histogram_compute(&counted, image, &options, &arena);
    if (!error) {
        out->total = counted.total;
        for (int i = 0; i < out->channels; i++) {
            memcpy(out->channel[i].count, counted.channel[i].count, sizeof(uint32_t) * (size_t)out->channel[i].bins);
        }
    }
    scratch_finish(&arena, error);
}

/* ---- What is read from it ---- */

static mp_obj_t statistics(const struct histogram *hist)
{
    static const qstr fields[] = {
        MP_QSTR_mean, MP_QSTR_median, MP_QSTR_mode, MP_QSTR_stdev, MP_QSTR_min, MP_QSTR_max, MP_QSTR_lq, MP_QSTR_uq,
        MP_QSTR_l_mean, MP_QSTR_l_median, MP_QSTR_l_mode, MP_QSTR_l_stdev, MP_QSTR_l_min, MP_QSTR_l_max, MP_QSTR_l_lq, MP_QSTR_l_uq,
        MP_QSTR_a_mean, MP_QSTR_a_median, MP_QSTR_a_mode, MP_QSTR_a_stdev, MP_QSTR_a_min, MP_QSTR_a_max, MP_QSTR_a_lq, MP_QSTR_a_uq,
        MP_QSTR_b_mean, MP_QSTR_b_median, MP_QSTR_b_mode, MP_QSTR_b_stdev, MP_QSTR_b_min, MP_QSTR_b_max, MP_QSTR_b_lq, MP_QSTR_b_uq,
    };
    mp_obj_t items[MP_ARRAY_SIZE(fields)];

    /* The plain fields are those of gray or L; the prefixed ones are 0 without colour. */
    for (int set = 0; set < 4; set++) {
        struct statistics s = {0};
        if (set == 0 || hist->channels == 3) {
            histogram_statistics(&hist->channel[set ? set - 1 : 0], &s);
        }
        const int values[8] = {s.mean, s.median, s.mode, s.stdev, s.min, s.max, s.lq, s.uq};
        for (int i = 0; i < 8; i++) {
            items[set * 8 + i] = MP_OBJ_NEW_SMALL_INT(values[i]);
        }
    }
    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}

static mp_obj_t values(const struct histogram *hist, int (*read)(const struct histogram_channel *channel, float p), float p)
{
    static const qstr fields[] = {MP_QSTR_value, MP_QSTR_l_value, MP_QSTR_a_value, MP_QSTR_b_value};
    mp_obj_t items[4] = {MP_OBJ_NEW_SMALL_INT(read(&hist->channel[0], p)), MP_OBJ_NEW_SMALL_INT(0), MP_OBJ_NEW_SMALL_INT(0), MP_OBJ_NEW_SMALL_INT(0)};

    if (hist->channels == 3) {
        for (int i = 0; i < 3; i++) {
            items[1 + i] = MP_OBJ_NEW_SMALL_INT(read(&hist->channel[i], p));
        }
    }
    return mp_obj_new_attrtuple(fields, 4, items);
}

static int read_otsu(const struct histogram_channel *channel, float p)
{
    (void)p;
    return histogram_otsu(channel);
}

static mp_obj_t bins(const struct histogram *hist, int channel)
{
    if (channel >= hist->channels) {
        mp_raise_ValueError(MP_ERROR_TEXT("A grayscale histogram has no such channel"));
    }
    const struct histogram_channel *c = &hist->channel[channel];
    mp_obj_t list = mp_obj_new_list((size_t)c->bins, NULL);
    for (int i = 0; i < c->bins; i++) {
        mp_float_t share = hist->total ? (mp_float_t)c->count[i] / (mp_float_t)hist->total : 0;
        mp_obj_list_store(list, MP_OBJ_NEW_SMALL_INT(i), mp_obj_new_float(share));
    }
    return list;
}

/* ---- The object ---- */

static const struct histogram *get(mp_obj_t object)
{
    return &((py_histogram_t *)MP_OBJ_TO_PTR(object))->hist;
}

#define BINS_METHOD(name, channel)                                                      \
    static mp_obj_t py_histogram_##name(mp_obj_t object)                                \
    {                                                                                   \
        return bins(get(object), channel);                                              \
    }                                                                                   \
    static MP_DEFINE_CONST_FUN_OBJ_1(py_histogram_##name##_obj, py_histogram_##name)

BINS_METHOD(l_bins, 0);
BINS_METHOD(a_bins, 1);
BINS_METHOD(b_bins, 2);

static mp_obj_t py_histogram_get_percentile(mp_obj_t object, mp_obj_t fraction)
{
    return values(get(object), histogram_percentile, mp_obj_get_float(fraction));
}
static MP_DEFINE_CONST_FUN_OBJ_2(py_histogram_get_percentile_obj, py_histogram_get_percentile);

static mp_obj_t py_histogram_get_threshold(mp_obj_t object)
{
    return values(get(object), read_otsu, 0);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_histogram_get_threshold_obj, py_histogram_get_threshold);

static mp_obj_t py_histogram_get_statistics(mp_obj_t object)
{
    return statistics(get(object));
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_histogram_get_statistics_obj, py_histogram_get_statistics);

static mp_obj_t py_histogram_subscript(mp_obj_t object, mp_obj_t index, mp_obj_t value)
{
    if (value != MP_OBJ_SENTINEL) {
        return MP_OBJ_NULL;
    }
    const struct histogram *hist = get(object);
    return bins(hist, (int)mp_get_index(&py_histogram_type, (size_t)hist->channels, index, false));
}

static void py_histogram_print(const mp_print_t *print, mp_obj_t object, mp_print_kind_t kind)
{
    const struct histogram *hist = get(object);

    mp_printf(print, "{\"channels\":%d, \"bins\":%d, \"pixels\":%u}", hist->channels, hist->channel[0].bins, (unsigned)hist->total);
}

static const mp_rom_map_elem_t py_histogram_methods[] = {
    {MP_ROM_QSTR(MP_QSTR_bins), MP_ROM_PTR(&py_histogram_l_bins_obj)},
    {MP_ROM_QSTR(MP_QSTR_l_bins), MP_ROM_PTR(&py_histogram_l_bins_obj)},
    {MP_ROM_QSTR(MP_QSTR_a_bins), MP_ROM_PTR(&py_histogram_a_bins_obj)},
    {MP_ROM_QSTR(MP_QSTR_b_bins), MP_ROM_PTR(&py_histogram_b_bins_obj)},
    {MP_ROM_QSTR(MP_QSTR_get_percentile), MP_ROM_PTR(&py_histogram_get_percentile_obj)},
    {MP_ROM_QSTR(MP_QSTR_get_threshold), MP_ROM_PTR(&py_histogram_get_threshold_obj)},
    {MP_ROM_QSTR(MP_QSTR_get_statistics), MP_ROM_PTR(&py_histogram_get_statistics_obj)},
    {MP_ROM_QSTR(MP_QSTR_get_stats), MP_ROM_PTR(&py_histogram_get_statistics_obj)},
    {MP_ROM_QSTR(MP_QSTR_statistics), MP_ROM_PTR(&py_histogram_get_statistics_obj)},
};
static MP_DEFINE_CONST_DICT(py_histogram_locals, py_histogram_methods);
static MP_DEFINE_CONST_OBJ_TYPE(py_histogram_type, MP_QSTR_histogram, MP_TYPE_FLAG_NONE, print, py_histogram_print, subscr, py_histogram_subscript,
                                locals_dict, &py_histogram_locals);

/* ---- Methods of Image ---- */

static mp_obj_t py_image_get_histogram(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    py_histogram_t *self = mp_obj_malloc(py_histogram_t, &py_histogram_type);

    memset(&self->hist, 0, sizeof(self->hist));
    compute(n_args, args, kw, &self->hist);
    return MP_OBJ_FROM_PTR(self);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_get_histogram_obj, 1, py_image_get_histogram);

static mp_obj_t py_image_get_statistics(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    struct histogram hist = {0};

    compute(n_args, args, kw, &hist);
    return statistics(&hist);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_get_statistics_obj, 1, py_image_get_statistics);
