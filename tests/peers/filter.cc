// SPDX-License-Identifier: MIT
// Neighbourhood filters and morphology beside OpenCV's, with borders replicated on both sides. Where OpenCV rounds to nearest and ours down,
// OpenCV gives the sums, unrounded, and the check divides.
#include "peers.h"

#include <cmath>

extern "C" {
#include "vision/filter.h"
#include "vision/morphology.h"
}

typedef std::function<cv::Mat(const cv::Mat &, int)> plane_filter; // a channel and its top

static std::vector<cv::Mat> each_plane(const image &img, const plane_filter &f)
{
    std::vector<cv::Mat> out = planes(img);

    for (size_t c = 0; c < out.size(); c++) {
        cv::Mat result = f(out[c], plane_top(img, (int)c));
        result.convertTo(out[c], CV_8U);
    }
    return out;
}

// A binary image keeps what is above 127.
static std::vector<cv::Mat> as_stored(const image &img, std::vector<cv::Mat> p)
{
    if (img.format == PIXFORMAT_BINARY) {
        cv::threshold(p[0], p[0], 127, 255, cv::THRESH_BINARY);
    }
    return p;
}

// Brightness of channels in their own bits, as the adaptive threshold and masks take it.
static cv::Mat plane_gray(const image &img, const std::vector<cv::Mat> &p)
{
    cv::Mat out(p[0].size(), CV_32S);

    for (int y = 0; y < out.rows; y++) {
        for (int x = 0; x < out.cols; x++) {
            if (img.format != PIXFORMAT_RGB565) {
                out.at<int>(y, x) = p[0].at<uint8_t>(y, x);
                continue;
            }
            int r = p[0].at<uint8_t>(y, x), g = p[1].at<uint8_t>(y, x), b = p[2].at<uint8_t>(y, x);
            out.at<int>(y, x) = (38 * (r << 3 | r >> 2) + 75 * (g << 2 | g >> 4) + 15 * (b << 3 | b >> 2)) >> 7;
        }
    }
    return out;
}

static std::vector<cv::Mat> white_where(const image &img, const cv::Mat &set)
{
    std::vector<cv::Mat> out;

    for (int c = 0; c < (img.format == PIXFORMAT_RGB565 ? 3 : 1); c++) {
        cv::Mat p = cv::Mat::zeros(set.size(), CV_8U);
        p.setTo(plane_top(img, c), set);
        out.push_back(p);
    }
    return out;
}

// One trial of a filter on a copy, with random adaptive threshold and mask, against `reference` of every channel.
static void try_filter(const picture &before, int ksize, double tolerance, const plane_filter &reference,
                       const std::function<int(image *, const filter_options *)> &run, const std::string &what)
{
    picture img = before;
    filter_options options = {};
    std::vector<cv::Mat> old = planes(before), expected = each_plane(before, reference);
    bool masked = rnd(4) == 0;
    picture mask = random_picture(before.width + (int)rnd(3), before.height + (int)rnd(3), mutable_formats[rnd(3)]);

    options.ksize = ksize;
    options.mask = masked ? &mask : nullptr;
    options.threshold = tolerance == 0 && rnd(4) == 0;
    options.offset = between(-20, 20);
    options.invert = rnd(2);
    if (options.threshold) {
        // cv::adaptiveThreshold's rule with the constant -offset: brighter than the surroundings' value by more than the offset
        cv::Mat set = plane_gray(before, old) - plane_gray(before, expected) > options.offset;
        expected = white_where(before, options.invert ? ~set : set);
    }
    expected = as_stored(before, expected);
    if (masked) {
        cv::Mat keep = gray_of(mask)(cv::Rect(0, 0, before.width, before.height)) <= 127;
        for (size_t c = 0; c < expected.size(); c++) {
            old[c].copyTo(expected[c], keep);
        }
    }
    int error = run(&img, &options);
    expect(error == 0, "%s: %s", what.c_str(), vision_strerror(error));
    compare(img, expected, tolerance, what + text(", ksize %d%s%s", ksize, masked ? ", mask" : "", options.threshold ? ", threshold" : ""));
}

static cv::Mat floored(const cv::Mat &sums, double scale, double add, int top)
{
    cv::Mat out(sums.size(), CV_8U);

    for (int y = 0; y < sums.rows; y++) {
        for (int x = 0; x < sums.cols; x++) {
            double v = std::floor(sums.at<double>(y, x) * scale + add);
            out.at<uint8_t>(y, x) = (uint8_t)(v < 0 ? 0 : v > top ? top : v);
        }
    }
    return out;
}

static cv::Size window(int k) { return {2 * k + 1, 2 * k + 1}; }

static void check_mean()
{
    for_pictures([](const picture &p) {
        int k = p.width == 320 ? between(0, 12) : between(0, 5);
        try_filter(p, k, 0,
                   [k](const cv::Mat &m, int) {
                       cv::Mat sums;
                       cv::boxFilter(m, sums, CV_32S, window(k), {-1, -1}, false, cv::BORDER_REPLICATE);
                       for (int &v : cv::Mat_<int>(sums)) {
                           v /= window(k).area();
                       }
                       return sums;
                   },
                   [](image *img, const filter_options *o) { return filter_mean(img, o, scratch()); }, "mean");
    });
    because("integers rounded down, sums of cv::boxFilter");
}

static void check_median()
{
    for_pictures([](const picture &p) {
        int k = between(1, p.width == 320 ? 8 : 4);
        try_filter(p, k, 0,
                   [k](const cv::Mat &m, int) {
                       cv::Mat out;
                       cv::medianBlur(m, out, 2 * k + 1);
                       return out;
                   },
                   [](image *img, const filter_options *o) { return filter_median(img, o, 0.5f, scratch()); }, "median");
    });
    because("cv::medianBlur");
}

static void check_extremes()
{
    for_pictures([](const picture &p) {
        int k = between(0, p.width == 320 ? 8 : 4);
        bool most = rnd(2);
        try_filter(p, k, 0,
                   [k, most](const cv::Mat &m, int) {
                       cv::Mat out;
                       (most ? cv::dilate : cv::erode)(m, out, cv::Mat::ones(window(k), CV_8U), {-1, -1}, 1, cv::BORDER_REPLICATE, cv::Scalar());
                       return out;
                   },
                   [most](image *img, const filter_options *o) { return filter_median(img, o, most ? 1.0f : 0.0f, scratch()); }, "percentile");
    });
    because("percentiles 0 and 1 are cv::erode and cv::dilate");
}

static void check_midpoint()
{
    for_pictures([](const picture &p) {
        int k = between(0, p.width == 320 ? 8 : 4), quarters = between(0, 4);
        try_filter(p, k, 0,
                   [k, quarters](const cv::Mat &m, int) {
                       cv::Mat low, high, out;
                       cv::erode(m, low, cv::Mat::ones(window(k), CV_8U), {-1, -1}, 1, cv::BORDER_REPLICATE);
                       cv::dilate(m, high, cv::Mat::ones(window(k), CV_8U), {-1, -1}, 1, cv::BORDER_REPLICATE);
                       low.convertTo(low, CV_32S);
                       high.convertTo(high, CV_32S);
                       out = quarters * high + (4 - quarters) * low;
                       for (int &v : cv::Mat_<int>(out)) {
                           v /= 4;
                       }
                       return out;
                   },
                   [quarters](image *img, const filter_options *o) { return filter_midpoint(img, o, (float)quarters / 4, scratch()); }, "midpoint");
    });
    because("bias in quarters, exact in binary; cv::erode and cv::dilate");
}

// The most frequent value of each window, from one indicator image a value, summed by cv::boxFilter.
static void check_mode()
{
    for_pictures([](const picture &p) {
        int k = between(0, 3);
        try_filter(p, k, 0,
                   [k](const cv::Mat &m, int top) {
                       cv::Mat best = cv::Mat::zeros(m.size(), CV_32S), out = cv::Mat::zeros(m.size(), CV_8U), sums;
                       for (int v = 0; v <= top; v++) {
                           cv::Mat here = (m == v) / 255;
                           if (!cv::countNonZero(here)) {
                               continue;
                           }
                           cv::boxFilter(here, sums, CV_32S, window(k), {-1, -1}, false, cv::BORDER_REPLICATE);
                           cv::Mat more = sums > best;
                           sums.copyTo(best, more);
                           out.setTo(v, more);
                       }
                       return out;
                   },
                   [](image *img, const filter_options *o) { return filter_mode(img, o, scratch()); }, "mode");
    }, 1, false);
    because("counts of cv::boxFilter");
}

static cv::Mat binomial(int k)
{
    cv::Mat row = cv::Mat::zeros(1, 2 * k + 1, CV_64F);

    row.at<double>(0) = 1;
    for (int i = 0; i < 2 * k; i++) {
        for (int j = 2 * k; j > 0; j--) {
            row.at<double>(j) += row.at<double>(j - 1);
        }
    }
    return row;
}

static cv::Mat binomial_sums(const cv::Mat &m, int k)
{
    cv::Mat out;

    cv::sepFilter2D(m, out, CV_64F, binomial(k), binomial(k), {-1, -1}, 0, cv::BORDER_REPLICATE);
    return out;
}

static cv::Mat as_real(const cv::Mat &m)
{
    cv::Mat out;

    m.convertTo(out, CV_64F);
    return out;
}

static void check_gaussian()
{
    for_pictures([](const picture &p) {
        int k = between(0, 5);
        bool unsharp = rnd(2);
        double sum = std::pow(16, k);
        try_filter(p, k, 0,
                   [=](const cv::Mat &m, int top) {
                       cv::Mat s = binomial_sums(m, k);
                       return floored(unsharp ? cv::Mat(2 * sum * as_real(m) - s) : s, 1 / sum, 0, top);
                   },
                   [=](image *img, const filter_options *o) { return filter_gaussian(img, o, unsharp, NAN, 0, scratch()); }, unsharp ? "unsharp" : "gaussian");
    });
    because("binomial sums of cv::sepFilter2D in double, rounded down");
}

static void check_laplacian()
{
    for_pictures([](const picture &p) {
        int k = between(1, 5);
        bool sharpen = rnd(2);
        double total = std::pow(16, k), peak = binomial(k).at<double>(k), center = peak * peak;
        // The weights' sum at the centre minus the weights, over the weight that the centre then has.
        double divisor = total - center;
        try_filter(p, k, 0,
                   [=](const cv::Mat &m, int top) {
                       cv::Mat s = total * as_real(m) - binomial_sums(m, k);
                       cv::Mat out = sharpen ? cv::Mat(s + divisor * as_real(m)) : s;
                       for (double &v : cv::Mat_<double>(out)) {
                           v = std::floor(v / divisor);
                           v = v < 0 ? 0 : v > top ? top : v;
                       }
                       return out;
                   },
                   [=](image *img, const filter_options *o) { return filter_laplacian(img, o, sharpen, NAN, 0, scratch()); }, sharpen ? "sharpen" : "laplacian");
    });
    because("binomial sums of cv::sepFilter2D in double, rounded down");
}

static void check_morph()
{
    for_pictures([](const picture &p) {
        int k = between(0, 4), side = 2 * k + 1, add = between(-30, 30), shift = between(0, 8);
        std::vector<int> kernel((size_t)(side * side));
        bool product = rnd(2);
        std::vector<int> a((size_t)side), b((size_t)side);
        for (int i = 0; i < side; i++) {
            a[(size_t)i] = between(-9, 9);
            b[(size_t)i] = between(-9, 9);
        }
        for (int i = 0; i < side * side; i++) {
            kernel[(size_t)i] = product ? a[(size_t)(i / side)] * b[(size_t)(i % side)] : between(-20, 20);
        }
        double mul = std::ldexp(1, -shift);
        try_filter(p, k, 0,
                   [&](const cv::Mat &m, int top) {
                       cv::Mat weights(side, side, CV_32S, kernel.data()), real_weights, s;
                       weights.convertTo(real_weights, CV_64F);
                       cv::filter2D(m, s, CV_64F, real_weights, {-1, -1}, 0, cv::BORDER_REPLICATE);
                       for (double &v : cv::Mat_<double>(s)) {
                           v = std::round(v);          // filter2D may go by a Fourier transform: the sums are integers
                       }
                       return floored(s, mul, add, top);
                   },
                   [&](image *img, const filter_options *o) { return filter_morph(img, o, kernel.data(), (float)mul, (float)add, scratch()); }, "morph");
    });
    because("cv::filter2D in double, mul a power of two: exact in float");
}

// Weights by the paper in double precision; ours are in steps of 1/1024, and the result is rounded down.
static cv::Mat bilateral_definition(const cv::Mat &m, int k, double color_sigma, double space_sigma, int top)
{
    cv::Mat wide, out(m.size(), CV_64F);

    cv::copyMakeBorder(m, wide, k, k, k, k, cv::BORDER_REPLICATE);
    for (int y = 0; y < m.rows; y++) {
        for (int x = 0; x < m.cols; x++) {
            double sum = 0, weights = 0, here = m.at<uint8_t>(y, x);
            for (int dy = -k; dy <= k; dy++) {
                for (int dx = -k; dx <= k; dx++) {
                    double v = wide.at<uint8_t>(y + dy + k, x + dx + k), d = (v - here) / top;
                    double weight = std::exp(-(dx * dx + dy * dy) / (2 * space_sigma * space_sigma)) * std::exp(-d * d / (2 * color_sigma * color_sigma));
                    sum += weight * v;
                    weights += weight;
                }
            }
            out.at<double>(y, x) = sum / weights;
        }
    }
    return out;
}

static void check_bilateral()
{
    for_pictures([](const picture &p) {
        int k = between(0, 3);
        double color_sigma = real(0.05, 0.5), space_sigma = real(0.5, 3);
        try_filter(p, k, 2,
                   [=](const cv::Mat &m, int top) { return floored(bilateral_definition(m, k, color_sigma, space_sigma, top), 1, 0, 255); },
                   [=](image *img, const filter_options *o) { return filter_bilateral(img, o, (float)color_sigma, (float)space_sigma, scratch()); }, "bilateral");
    }, 1, false, 2);
    because("Tomasi and Manduchi in double: weights of 1/1024, rounded down");
}

// cv::bilateralFilter leaves the window's corners out: on a photograph that is little, with a window much wider than the sigma.
static void check_bilateral_opencv()
{
    for (int which = 0; which < PHOTOGRAPHS; which++) {
        picture img = photograph(which, PIXFORMAT_GRAYSCALE);
        cv::Mat before = planes(img)[0].clone(), theirs;
        filter_options options = {};
        options.ksize = 4;
        cv::bilateralFilter(before, theirs, 9, 0.2 * 255, 1.3, cv::BORDER_REPLICATE);
        expect(filter_bilateral(&img, &options, 0.2f, 1.3f, scratch()) == 0, "bilateral");
        compare(planes(img)[0], theirs, 3, "cv::bilateralFilter");
    }
    because("OpenCV's window is round and its result rounded to nearest");
}

// ---- Morphology: masks ----

static cv::Mat set_of(const image &img) { return gray_of(img) > 127; }

static cv::Mat neighbours(const cv::Mat &set, int k)
{
    cv::Mat ones = set / 255, sums;

    cv::boxFilter(ones, sums, CV_32S, window(k), {-1, -1}, false, cv::BORDER_REPLICATE);
    return sums;
}

// The pixels that morphology sets (mask of 255), of those that are set.
static cv::Mat eroded(const cv::Mat &set, int k, int threshold)
{
    if (threshold) {
        return set & (neighbours(set, k) - 1 >= threshold);
    }
    cv::Mat out;
    cv::erode(set, out, cv::Mat::ones(window(k), CV_8U));
    return out;
}

static cv::Mat dilated(const cv::Mat &set, int k, int threshold)
{
    if (threshold) {
        return set | (neighbours(set, k) > threshold);
    }
    cv::Mat out;
    cv::dilate(set, out, cv::Mat::ones(window(k), CV_8U));
    return out;
}

enum morphology { ERODE, DILATE, OPEN, CLOSE, TOP_HAT, BLACK_HAT };
typedef int (*morphology_function)(image *, const morphology_options *, arena *);

static std::vector<cv::Mat> morphology_expected(const picture &before, enum morphology what, int k, int threshold)
{
    cv::Mat set = set_of(before), result;
    std::vector<cv::Mat> old = planes(before), out;

    switch (what) {
    case ERODE:
        for (cv::Mat &m : old) {
            m.setTo(0, ~eroded(set, k, threshold));
        }
        return old;
    case DILATE:
        for (size_t c = 0; c < old.size(); c++) {
            old[c].setTo(plane_top(before, (int)c), dilated(set, k, threshold));
        }
        return old;
    case OPEN:
    case TOP_HAT:
        cv::morphologyEx(set, result, cv::MORPH_OPEN, cv::Mat::ones(window(k), CV_8U));
        result = threshold ? dilated(eroded(set, k, threshold), k, threshold) : result;
        break;
    case CLOSE:
    case BLACK_HAT:
        cv::morphologyEx(set, result, cv::MORPH_CLOSE, cv::Mat::ones(window(k), CV_8U));
        result = threshold ? eroded(dilated(set, k, threshold), k, threshold) : result;
        break;
    }
    out = white_where(before, result);
    for (size_t c = 0; (what == TOP_HAT || what == BLACK_HAT) && c < out.size(); c++) {
        cv::absdiff(old[c], out[c], out[c]);
    }
    return out;
}

static void check_morphology()
{
    static const struct { enum morphology what; morphology_function run; const char *name; } rows[] = {
        {ERODE, morphology_erode, "erode"}, {DILATE, morphology_dilate, "dilate"}, {OPEN, morphology_open, "open"},
        {CLOSE, morphology_close, "close"}, {TOP_HAT, morphology_top_hat, "top_hat"}, {BLACK_HAT, morphology_black_hat, "black_hat"},
    };

    for (const auto &row : rows) {
        for_pictures([&](const picture &before) {
            int k = between(0, before.width == 320 ? 8 : 4), side = 2 * k + 1;
            int threshold = rnd(2) ? 0 : between(0, side * side - 1);
            picture img = before, mask = random_picture(before.width, before.height, mutable_formats[rnd(3)]);
            bool masked = rnd(4) == 0;
            morphology_options options = {k, threshold, masked ? &mask : nullptr};
            std::vector<cv::Mat> old = planes(before), expected = morphology_expected(before, row.what, k, threshold);
            for (size_t c = 0; masked && c < old.size(); c++) {
                old[c].copyTo(expected[c], gray_of(mask) <= 127);
            }
            int error = row.run(&img, &options, scratch());
            expect(error == 0, "%s: %s", row.name, vision_strerror(error));
            compare(img, expected, 0, text("%s, ksize %d, threshold %d%s", row.name, k, threshold, masked ? ", mask" : ""));
        });
    }
    because("cv::erode, dilate, morphologyEx; thresholds by cv::boxFilter's counts");
}

const std::vector<check> filter_checks = {
    {"mean", check_mean},
    {"median", check_median},
    {"percentile", check_extremes},
    {"midpoint", check_midpoint},
    {"mode", check_mode},
    {"gaussian", check_gaussian},
    {"laplacian", check_laplacian},
    {"morph", check_morph},
    {"bilateral", check_bilateral},
    {"bilateral_opencv", check_bilateral_opencv},
    {"morphology", check_morphology},
};
