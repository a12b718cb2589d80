// SPDX-License-Identifier: MIT
// Colours, conversions, histograms and what is done pixel by pixel, beside OpenCV. A result that is a rounded number is compared with OpenCV's
// unrounded one: half a unit is rounding, the rest of a tolerance is named.
#include "peers.h"

#include <algorithm>
#include <cmath>

extern "C" {
#include "vision/adjust.h"
#include "vision/convert.h"
#include "vision/histogram.h"
#include "vision/row.h"
}

// ---- Single colours ----

static cv::Mat every_rgb565()
{
    cv::Mat out(256, 256, CV_8UC3);

    for (uint32_t p = 0; p < 65536; p++) {
        rgb c = color_rgb565_to_rgb(p);
        out.at<cv::Vec3b>((int)(p >> 8), (int)(p & 255)) = cv::Vec3b(c.r, c.g, c.b);
    }
    return out;
}

// IEC 61966-2-1: from a byte to light. (cv::COLOR_RGB2Lab of 4.6 interpolates in a table of 33 steps, which is off by up to 1.)
static float linear(uint8_t v)
{
    double s = v / 255.0;

    return (float)(s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4));
}

static void check_lab()
{
    cv::Mat all = every_rgb565(), light(256, 256, CV_32FC3), theirs;

    for (int i = 0; i < 65536; i++) {
        cv::Vec3b v = all.at<cv::Vec3b>(i >> 8, i & 255);
        light.at<cv::Vec3f>(i >> 8, i & 255) = cv::Vec3f(linear(v[0]), linear(v[1]), linear(v[2]));
    }
    cv::cvtColor(light, theirs, cv::COLOR_LRGB2Lab);
    for (uint32_t p = 0; p < 65536; p++) {
        lab c = color_rgb565_to_lab(p);
        cv::Vec3f t = theirs.at<cv::Vec3f>((int)(p >> 8), (int)(p & 255));
        std::string what = text("Lab of RGB565 0x%04x, channel ", p);
        compare(c.l, t[0], 0.52, what + "L");
        compare(c.a, t[1], 0.52, what + "a");
        compare(c.b, t[2], 0.52, what + "b");
    }
    because("all 65536 codes beside cv::cvtColor in float; its white point differs in the fifth digit");
}

static void check_lab_back()
{
    cv::Mat lab_values(1, 1, CV_32FC3), rgb_values;

    for (uint32_t p = 0; p < 65536; p += 7) {
        lab c = color_rgb565_to_lab(p);
        lab_values.at<cv::Vec3f>(0) = cv::Vec3f(c.l, c.a, c.b);
        cv::cvtColor(lab_values, rgb_values, cv::COLOR_Lab2RGB);
        rgb ours = color_lab_to_rgb(c);
        cv::Vec3f t = rgb_values.at<cv::Vec3f>(0) * 255;
        uint8_t v[3] = {ours.r, ours.g, ours.b};
        for (int i = 0; i < 3; i++) {
            compare(v[i], std::min(255.0f, std::max(0.0f, t[i])), 1, text("RGB of Lab (%d, %d, %d), channel %d", c.l, c.a, c.b, i));
        }
    }
    because("cv::cvtColor in float; near black a unit of Lab is several of RGB");
}

static void check_yuv()
{
    cv::Mat theirs, back;
    cv::Mat all = every_rgb565();

    cv::cvtColor(all, theirs, cv::COLOR_RGB2YCrCb);
    cv::cvtColor(theirs, back, cv::COLOR_YCrCb2RGB);
    for (int i = 0; i < 65536; i++) {
        cv::Vec3b in = all.at<cv::Vec3b>(i >> 8, i & 255), t = theirs.at<cv::Vec3b>(i >> 8, i & 255), b = back.at<cv::Vec3b>(i >> 8, i & 255);
        yuv c = color_rgb_to_yuv({in[0], in[1], in[2]});
        rgb r = color_yuv_to_rgb({(int8_t)(t[0] - 128), (int8_t)(t[2] - 128), (int8_t)(t[1] - 128)});
        std::string what = text("(%d, %d, %d)", in[0], in[1], in[2]);
        compare(c.y + 128, t[0], 1, "Y of " + what);
        compare(c.u + 128, t[2], 1, "U of " + what);
        compare(c.v + 128, t[1], 1, "V of " + what);
        compare(r.r, b[0], 1, "red of " + what);
        compare(r.g, b[1], 1, "green of " + what);
        compare(r.b, b[2], 1, "blue of " + what);
    }
    because("JPEG's YCrCb of cv::cvtColor: two fixed points, each rounded");
}

// ---- Conversions of images ----

static void check_to_grayscale()
{
    for_pictures([](const picture &p) {
        picture out(p.width, p.height, PIXFORMAT_GRAYSCALE, p.bytes.size());
        convert_options options = {};
        options.rgb_channel = -1;
        expect(convert_image(&out, &p, &options, scratch()) == 0, "to grayscale");
        cv::Mat theirs;
        cv::cvtColor(rgb_of(p), theirs, cv::COLOR_RGB2GRAY);
        compare(planes(out)[0], theirs, p.format == PIXFORMAT_RGB565 ? 2 : 0, text("to grayscale from %s", format_name(p.format)));
    });
    because("0.299, 0.587, 0.114 rounded to nearest are OpenCV's weights, 38, 75 and 15 of 128 rounded down ours");
}

static void check_to_rgb565()
{
    for_pictures([](const picture &p) {
        picture out(p.width, p.height, PIXFORMAT_RGB565, p.bytes.size());
        convert_options options = {};
        options.rgb_channel = -1;
        expect(convert_image(&out, &p, &options, scratch()) == 0, "to RGB565");
        cv::Mat theirs, rgb = rgb_of(p);
        cv::cvtColor(rgb, theirs, cv::COLOR_RGB2BGR565);
        cv::Mat ours(p.height, p.width, CV_8UC2, out.data);
        compare(ours, theirs, 0, text("to RGB565 from %s", format_name(p.format)));
    });
    because("cv::COLOR_RGB2BGR565 truncates, too");
}

// Random Bayer pictures, every row and column: OpenCV, which copies its border from the rows and columns beside it, gets one mirrored about the outermost pixels.
static void check_bayer()
{
    static const struct { enum pixel_format format; int code; } rows[] = {
        {PIXFORMAT_BAYER_BGGR, cv::COLOR_BayerRG2RGB}, {PIXFORMAT_BAYER_GBRG, cv::COLOR_BayerGR2RGB},
        {PIXFORMAT_BAYER_GRBG, cv::COLOR_BayerGB2RGB}, {PIXFORMAT_BAYER_RGGB, cv::COLOR_BayerBG2RGB},
    };

    for (int i = 0; i < 1600; i++) {
        int w = i % 40 + 1, h = i / 40 + 1;
        const auto &row = rows[rnd(4)];
        picture p = random_picture(w, h, PIXFORMAT_GRAYSCALE);
        cv::Mat mosaic(h, w, CV_8U, p.data), wide, theirs, ours(h, w, CV_8UC3);
        cv::copyMakeBorder(mosaic, wide, 2, 2, 2, 2, cv::BORDER_REFLECT_101);
        cv::cvtColor(wide, theirs, row.code);
        p.format = row.format;
        std::vector<uint8_t> r((size_t)w), g((size_t)w), b((size_t)w);
        for (int y = 0; y < h; y++) {
            row_load_rgb(&p, 0, y, w, r.data(), g.data(), b.data());
            for (int x = 0; x < w; x++) {
                ours.at<cv::Vec3b>(y, x) = cv::Vec3b(r[(size_t)x], g[(size_t)x], b[(size_t)x]);
            }
        }
        compare(ours, theirs(cv::Rect(2, 2, w, h)), 1, text("Bayer pattern 0x%08x", row.format));
    }
    because("bilinear both, borders mirrored; OpenCV rounds halves up, ours down");
}

// ---- Histograms ----

static std::vector<cv::Mat> channels_of(const image &img, std::vector<int> &low, std::vector<int> &high)
{
    if (img.format != PIXFORMAT_RGB565) {
        cv::Mat m = planes(img)[0];
        low = {0};
        high = {img.format == PIXFORMAT_BINARY ? 1 : 255};
        return {img.format == PIXFORMAT_BINARY ? cv::Mat(m / 255) : m};
    }
    low = {LAB_L_MIN, LAB_A_MIN, LAB_B_MIN};
    high = {LAB_L_MAX, LAB_A_MAX, LAB_B_MAX};
    std::vector<cv::Mat> out;
    for (int c = 0; c < 3; c++) {
        out.emplace_back(img.height, img.width, CV_8U);
    }
    for (int y = 0; y < img.height; y++) {
        for (int x = 0; x < img.width; x++) {
            uint32_t v = 0;
            image_get_pixel(&img, x, y, &v);
            lab c = color_rgb565_to_lab(v);
            out[0].at<uint8_t>(y, x) = (uint8_t)c.l;
            out[1].at<uint8_t>(y, x) = (uint8_t)(c.a + 128);
            out[2].at<uint8_t>(y, x) = (uint8_t)(c.b + 128);
        }
    }
    return out;
}

// The variance between the classes of a split, for thresholds that are equally good.
static double between_classes(const cv::Mat &m, int threshold)
{
    cv::Scalar all = cv::mean(m), below = cv::mean(m, m <= threshold), above = cv::mean(m, m > threshold);
    double share = (double)cv::countNonZero(m <= threshold) / (double)m.total();

    return share * (below[0] - all[0]) * (below[0] - all[0]) + (1 - share) * (above[0] - all[0]) * (above[0] - all[0]);
}

static void compare_channel(const histogram_channel &h, const cv::Mat &m, int offset, const std::string &what)
{
    cv::Mat counts, sorted, bytes = m.clone();
    const int one[] = {0}, size[] = {256};
    const float range[] = {0, 256}, *ranges[] = {range};
    cv::calcHist(&bytes, 1, one, cv::Mat(), counts, 1, size, ranges);
    for (int i = 0; i < h.bins; i++) {
        compare(h.count[i], counts.at<float>(h.min + i - offset), 0, what + text(", bin %d", i));
    }

    statistics s;
    histogram_statistics(&h, &s);
    cv::Scalar mean, stdev;
    cv::meanStdDev(m, mean, stdev);
    double least, most;
    cv::minMaxLoc(m, &least, &most);
    cv::Point mode;
    cv::minMaxLoc(counts, nullptr, nullptr, nullptr, &mode);
    compare(s.mean, mean[0] + offset, 0.5001, what + ", mean");
    compare(s.stdev, stdev[0], 0.5001, what + ", stdev");
    compare(s.min, least + offset, 0, what + ", min");
    compare(s.max, most + offset, 0, what + ", max");
    compare(s.mode, mode.y + offset, 0, what + ", mode");
    cv::sort(bytes.reshape(1, 1), sorted, cv::SORT_EVERY_ROW);
    auto rank = [&](double p) {
        int n = (int)std::ceil(p * (double)sorted.total());
        return sorted.at<uint8_t>(0, n ? n - 1 : 0) + offset;
    };
    compare(s.lq, rank(0.25), 0, what + ", lower quartile");
    compare(s.median, rank(0.5), 0, what + ", median");
    compare(s.uq, rank(0.75), 0, what + ", upper quartile");
    float p = (float)rnd(1025) / 1024;
    compare(histogram_percentile(&h, p), rank(p), 0, what + text(", percentile %.4f", p));

    cv::Mat ignored;
    double otsu = cv::threshold(bytes, ignored, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
    int ours = histogram_otsu(&h) - offset;
    if (least < most && ours != (int)otsu) {
        compare(between_classes(m, ours), between_classes(m, (int)otsu), 1e-6, what + text(", Otsu's threshold %d, OpenCV's %d: variance", ours, (int)otsu));
    }
}

static void check_histogram()
{
    for_pictures([](const picture &p) {
        histogram h;
        histogram_options options = {};
        picture other = random_picture(p.width, p.height, p.format);
        bool difference = p.format != PIXFORMAT_RGB565 && rnd(3) == 0;
        int x = between(0, p.width - 1), y = between(0, p.height - 1);
        rect roi = {x, y, between(1, p.width - x), between(1, p.height - y)};
        std::vector<int> low, high;
        std::vector<cv::Mat> channels = channels_of(p, low, high);

        options.roi = rnd(2) ? &roi : nullptr;
        options.difference = difference ? &other : nullptr;
        if (difference) {
            cv::absdiff(channels[0], channels_of(other, low, high)[0], channels[0]);
        }
        expect(histogram_compute(&h, &p, &options, scratch()) == 0, "histogram");
        compare(h.channels, (double)channels.size(), 0, "channels");
        for (size_t c = 0; c < channels.size(); c++) {
            cv::Mat part = options.roi ? channels[c](cv::Rect(roi.x, roi.y, roi.w, roi.h)) : channels[c];
            compare_channel(h.channel[c], part, low[c], text("%d x %d %s, channel %zu", p.width, p.height, format_name(p.format), c));
        }
    });
    because("cv::calcHist, meanStdDev, minMaxLoc, sort and Otsu's threshold; mean and stdev are rounded, splits of equal variance are equal");
}

// ---- Pixel by pixel ----

static void check_negate()
{
    for_pictures([](const picture &p) {
        picture img = p;
        std::vector<cv::Mat> expected = planes(p);
        for (size_t c = 0; c < expected.size(); c++) {
            expected[c] = plane_top(p, (int)c) - expected[c];
        }
        expect(adjust_negate(&img) == 0, "negate");
        compare(img, expected, 0, "negate");
    });
    because("top of the range minus the value");
}

// Unrounded values of each channel, cut to the range: ours are these, rounded. Binary keeps what is above 127.
static void compare_rounded(const image &before, const image &after, const std::function<double(double, int)> &f, double slack, const std::string &what)
{
    std::vector<cv::Mat> old = planes(before), now = planes(after);

    for (size_t c = 0; c < old.size(); c++) {
        int top = plane_top(before, (int)c);
        double table[256];
        for (int v = 0; v <= top; v++) {
            double t = f((double)v / top, (int)c) * top;
            table[v] = t < 0 ? 0 : t > top ? top : t;
            table[v] = before.format != PIXFORMAT_BINARY ? table[v] : std::floor(table[v] + 0.5) > 127 ? 255 : 0;
        }
        for (int y = 0; y < before.height; y++) {
            for (int x = 0; x < before.width; x++) {
                compare(now[c].at<uint8_t>(y, x), table[old[c].at<uint8_t>(y, x)], 0.5 + slack, text("%s at (%d, %d), channel %zu", what.c_str(), x, y, c));
            }
        }
    }
}

static void check_gamma()
{
    for_pictures([](const picture &p) {
        picture img = p;
        float gamma = (float)real(0.2, 4), contrast = (float)real(0, 3), brightness = (float)real(-0.7, 0.7);
        expect(adjust_gamma(&img, gamma, contrast, brightness, scratch()) == 0, "gamma");
        compare_rounded(p, img, [=](double v, int) { return std::pow(v, 1.0 / gamma) * contrast + brightness; }, 1e-3,
                        text("gamma %.3f, contrast %.3f, brightness %.3f", gamma, contrast, brightness));
    });
    because("in double, rounded; ours in float");
}

static void check_awb()
{
    for_pictures([](const picture &p) {
        picture img = p;
        bool max = rnd(2);
        double level[3] = {1, 1, 1}, most = 0;
        std::vector<cv::Mat> old = planes(p);
        for (size_t c = 0; old.size() == 3 && c < 3; c++) {
            double top;
            cv::minMaxLoc(old[c], nullptr, &top);
            level[c] = (max ? top : cv::mean(old[c])[0]) / plane_top(p, (int)c);
            most = std::max(most, level[c]);
        }
        expect(adjust_awb(&img, max, scratch()) == 0, "awb");
        compare_rounded(p, img, [&](double v, int c) { return old.size() == 3 && level[c] > 0 ? v * most / level[c] : v; }, 1e-3,
                        max ? "awb of maxima" : "awb of means");
    });
    because("cv::mean and minMaxLoc, in double, rounded; ours in float");
}

static void check_ccm()
{
    for_pictures([](const picture &p) {
        picture img = p;
        float m[12];
        cv::Mat matrix(3, 4, CV_64F), theirs;
        for (int i = 0; i < 12; i++) {
            m[i] = (float)(i % 4 == 3 ? real(-60, 60) : real(-1.5, 2));
            matrix.at<double>(i / 4, i % 4) = m[i];
        }
        expect(adjust_ccm(&img, m) == 0, "ccm");
        std::vector<cv::Mat> now = planes(img);
        if (now.size() != 3) {
            compare(img, planes(p), 0, "ccm");
            return;
        }
        cv::Mat rgb;
        rgb_of(p).convertTo(rgb, CV_64F);
        cv::transform(rgb, theirs, matrix);
        for (int y = 0; y < p.height; y++) {
            for (int x = 0; x < p.width; x++) {
                cv::Vec3d v = theirs.at<cv::Vec3d>(y, x);
                for (int c = 0; c < 3; c++) {
                    double step = c == 1 ? 4 : 8, t = std::min(255.0, std::max(0.0, v[c]));
                    // the middle of the native step; 0.5 for rounding to 8 bits, 3 * 255 / 2048 for the coefficients' own, 1/2048 for the last
                    compare(now[(size_t)c].at<uint8_t>(y, x) * step + step / 2, t, step / 2 + 0.5 + 0.38, text("ccm at (%d, %d), channel %d", x, y, c));
                }
            }
        }
    });
    because("cv::transform in double; coefficients in 1/1024, results truncated to RGB565");
}

// ---- Equalising ----

static void check_histeq()
{
    for_pictures([](const picture &p) {
        picture img = p;
        equalize_options options = {};
        cv::Mat old = planes(p)[0], counts, theirs;
        const int one[] = {0}, size[] = {256};
        const float range[] = {0, 256}, *ranges[] = {range};
        cv::calcHist(&old, 1, one, cv::Mat(), counts, 1, size, ranges);
        expect(equalize_histogram(&img, &options, scratch()) == 0, "histeq");
        double total = (double)old.total(), seen = 0, first = 0;
        cv::Mat expected(old.size(), CV_8U);
        for (int v = 0; v < 256; v++) {
            double n = counts.at<float>(v);
            first = first > 0 ? first : n;
            seen += n;
            expected.setTo((int)std::floor(seen * 255 / total), old == v);
        }
        compare(planes(img)[0], expected, 0, "histeq");
        // OpenCV's leaves the darkest level out of the share: (c - first) / (total - first) instead of c / total.
        cv::equalizeHist(old, theirs);
        if (first < total) {
            compare(planes(img)[0], theirs, 255 * first / total + 1.5, "cv::equalizeHist");
        }
    }, 1, true, 1);
    because("the share of pixels no brighter, of cv::calcHist; cv::equalizeHist differs by the share of the darkest level and rounding");
}

// One tile's curve: counts cut at the limit, what was cut off spread evenly, then the share of pixels that are no brighter.
static std::vector<double> tile_curve(const cv::Mat &tile, double limit)
{
    std::vector<double> count(256), curve(256);
    double total = (double)tile.total(), most = std::max(1.0, std::floor(limit * total / 256)), excess = 0, seen = 0;

    for (int y = 0; y < tile.rows; y++) {
        for (int x = 0; x < tile.cols; x++) {
            count[tile.at<uint8_t>(y, x)]++;
        }
    }
    for (double &n : count) {
        excess += limit > 0 ? std::max(0.0, n - most) : 0;
        n = limit > 0 ? std::min(n, most) : n;
    }
    for (int v = 0; v < 256; v++) {
        seen += count[(size_t)v];
        curve[(size_t)v] = std::floor((seen + std::floor(excess * (v + 1) / 256)) * 255 / total);
    }
    return curve;
}

// Between which tiles' centres a pixel lies, and how far from the first.
static void between_tiles(int at, int length, int tiles, int &first, int &second, double &part)
{
    auto center = [=](int i) { return (length * i / tiles + length * (i + 1) / tiles - 1) / 2.0; };

    first = 0;
    while (first < tiles - 1 && center(first + 1) <= at) {
        first++;
    }
    second = at < center(0) ? first : std::min(first + 1, tiles - 1);
    part = second == first ? 0 : (at - center(first)) / (center(second) - center(first));
}

static cv::Mat clahe_definition(const cv::Mat &m, double limit)
{
    const int tiles = 8;
    std::vector<double> curves[tiles][tiles];
    cv::Mat out(m.size(), CV_64F);

    for (int j = 0; j < tiles; j++) {
        for (int i = 0; i < tiles; i++) {
            curves[j][i] = tile_curve(m(cv::Range(m.rows * j / tiles, m.rows * (j + 1) / tiles), cv::Range(m.cols * i / tiles, m.cols * (i + 1) / tiles)), limit);
        }
    }
    for (int y = 0; y < m.rows; y++) {
        for (int x = 0; x < m.cols; x++) {
            int left, right, above, below;
            double across, down;
            size_t v = m.at<uint8_t>(y, x);
            between_tiles(x, m.cols, tiles, left, right, across);
            between_tiles(y, m.rows, tiles, above, below, down);
            out.at<double>(y, x) = (curves[above][left][v] * (1 - across) + curves[above][right][v] * across) * (1 - down) +
                                   (curves[below][left][v] * (1 - across) + curves[below][right][v] * across) * down;
        }
    }
    return out;
}

static void check_clahe()
{
    for_pictures([](const picture &p) {
        picture img = p;
        double limit = rnd(3) ? (float)real(1, 6) : 0;
        equalize_options options = {};
        options.adaptive = true;
        options.clip_limit = (float)limit;
        expect(equalize_histogram(&img, &options, scratch()) == 0, "adaptive histeq");
        cv::Mat ours = planes(img)[0], before = planes(p)[0], theirs;
        std::string what = text("adaptive histeq, %d x %d, limit %.3f", p.width, p.height, limit);
        // weights in 1/256 each way, half a unit of rounding
        compare(ours, clahe_definition(before, limit), 2.5, what);
        if (p.width % 8 || p.height % 8) {
            return;
        }
        // OpenCV takes each pixel's left and upper edge for its middle: half a pixel of a tile's width and height, of up to 255. It rounds, and gives the rest
        // of what was cut off, up to 255 counts, to the first bins or every other one: up to 64 counts earlier.
        cv::createCLAHE(limit, {8, 8})->apply(before, theirs);
        double w = p.width / 8, h = p.height / 8;
        compare(ours, theirs, 255 * (0.5 / w + 0.5 / h) + 2.5 + (limit > 0 ? 255 * std::min(1.0, 64 / (w * h)) : 0), what + ", cv::CLAHE");
        if (p.width == 320 && limit <= 0) {
            cv::absdiff(ours, theirs, theirs);
            compare(cv::mean(theirs)[0], 0, 1.2, what + ", cv::CLAHE: mean difference");
        }
    }, 8, true, 1);
    because("curves and interpolation in double, weights in 1/256; cv::CLAHE is half a pixel off");
}

const std::vector<check> color_checks = {
    {"lab", check_lab},
    {"lab_to_rgb", check_lab_back},
    {"yuv", check_yuv},
    {"to_grayscale", check_to_grayscale},
    {"to_rgb565", check_to_rgb565},
    {"bayer", check_bayer},
    {"histogram", check_histogram},
    {"negate", check_negate},
    {"gamma", check_gamma},
    {"awb", check_awb},
    {"ccm", check_ccm},
    {"histeq", check_histeq},
    {"histeq_adaptive", check_clahe},
};
