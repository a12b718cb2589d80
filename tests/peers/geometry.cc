// SPDX-License-Identifier: MIT
// Scaling, warping and combining images beside OpenCV.
#include "peers.h"

#include <algorithm>
#include <cmath>

extern "C" {
#include "vision/compose.h"
#include "vision/warp.h"
}

static const compose_options plain = {0, 0, 1, 1, nullptr, -1, 255, nullptr, nullptr, 0, nullptr, nullptr};

// ---- Scaling ----

static picture scaled(const picture &p, int w, int h, unsigned hint)
{
    picture out(w, h, p.format);
    compose_options options = plain;

    options.hint = hint;
    int error = compose_scaled(&out, &p, &options, scratch());
    expect(error == 0, "%s", vision_strerror(error));
    return out;
}

static std::string sizes(const picture &p, int w, int h)
{
    return text("%d x %d to %d x %d", p.width, p.height, w, h);
}

static void check_nearest()
{
    for_pictures([](const picture &p) {
        int w = between(1, 90), h = between(1, 90);
        picture out = scaled(p, w, h, 0);
        std::vector<cv::Mat> expected = planes(p), ours = planes(out);
        for (size_t c = 0; c < expected.size(); c++) {
            cv::Mat m;
            cv::resize(expected[c], m, {w, h}, 0, 0, cv::INTER_NEAREST_EXACT);
            // A middle that lies between two pixels is the second one's with us; OpenCV's place, in 1/2^16, may fall short of it.
            for (int x = 0; x < w; x++) {
                if ((2 * x + 1) * p.width % (2 * w) == 0) {
                    ours[c].col(x).copyTo(m.col(x));
                }
            }
            for (int y = 0; y < h; y++) {
                if ((2 * y + 1) * p.height % (2 * h) == 0) {
                    ours[c].row(y).copyTo(m.row(y));
                }
            }
            compare(ours[c], m, 0, text("nearest, %s, channel %zu", sizes(p, w, h).c_str(), c));
        }
    });
    because("cv::INTER_NEAREST_EXACT: the pixel under the sample's middle, but for middles between two");
}

// The mean difference over a photograph, which the worst case of noise says nothing about.
static void compare_mean(const picture &ours, const std::vector<cv::Mat> &theirs, double tolerance, const std::string &what)
{
    std::vector<cv::Mat> p = planes(ours);

    for (size_t c = 0; c < p.size(); c++) {
        cv::Mat d, real;
        theirs[c].convertTo(real, CV_64F);
        p[c].convertTo(d, CV_64F);
        cv::absdiff(d, real, d);
        compare(cv::mean(d)[0], 0, tolerance * plane_top(ours, (int)c) / 255 + (c || p.size() == 3 ? 0.5 : 0), what + text(": mean difference of channel %zu", c));
    }
}

static void check_bilinear()
{
    for_pictures([](const picture &p) {
        int w = between(1, 90), h = between(1, 90);
        picture out = scaled(p, w, h, COMPOSE_BILINEAR);
        std::vector<cv::Mat> expected = planes(p);
        for (size_t c = 0; c < expected.size(); c++) {
            cv::Mat real;
            expected[c].convertTo(real, CV_64F);
            cv::resize(real, expected[c], {w, h}, 0, 0, cv::INTER_LINEAR);
            compare(planes(out)[c], expected[c], plane_top(p, (int)c) * 2 / 32.0 + 2, text("bilinear, %s, channel %zu", sizes(p, w, h).c_str(), c));
        }
        if (p.width == 320) {
            compare_mean(out, expected, 1.2, "bilinear, " + sizes(p, w, h));
        }
    }, 1, true, 2);
    because("cv::INTER_LINEAR in double; weights in 1/32, rounded down each way");
}

static void check_area()
{
    for_pictures([](const picture &p) {
        int w = between(1, p.width), h = between(1, p.height);
        picture out = scaled(p, w, h, COMPOSE_AREA);
        std::vector<cv::Mat> expected = planes(p);
        for (size_t c = 0; c < expected.size(); c++) {
            cv::Mat real;
            expected[c].convertTo(real, CV_64F);
            cv::resize(real, expected[c], {w, h}, 0, 0, cv::INTER_AREA);
            compare(planes(out)[c], expected[c], 1 + plane_top(p, (int)c) * 4 / 256.0, text("area, %s, channel %zu", sizes(p, w, h).c_str(), c));
        }
        if (p.width == 320) {
            compare_mean(out, expected, 0.8, "area, " + sizes(p, w, h));
        }
    }, 1, true, 2);
    because("cv::INTER_AREA in double; edges in 1/256, two each way, rounded");
}

// Keys' cubic with a = -1/2 as a matrix: row i has the weights of sample i.
static cv::Mat cubic_matrix(int from, int to)
{
    cv::Mat m = cv::Mat::zeros(to, from, CV_64F);
    const double a = -0.5;

    for (int i = 0; i < to; i++) {
        double at = (i + 0.5) * from / to - 0.5;
        at = std::min(std::max(at, 0.0), from - 1.0);
        int base = (int)std::floor(at);
        for (int j = base - 1; j <= base + 2; j++) {
            double d = std::fabs(at - j);
            double weight = d < 1 ? (a + 2) * d * d * d - (a + 3) * d * d + 1 : d < 2 ? a * (d * d * d - 5 * d * d + 8 * d - 4) : 0;
            m.at<double>(i, std::min(std::max(j, 0), from - 1)) += weight;
        }
    }
    return m;
}

static void check_bicubic()
{
    for_pictures([](const picture &p) {
        int w = between(1, 90), h = between(1, 90);
        picture out = scaled(p, w, h, COMPOSE_BICUBIC);
        std::vector<cv::Mat> expected = planes(p);
        for (size_t c = 0; c < expected.size(); c++) {
            cv::Mat real;
            int top = plane_top(p, (int)c);
            expected[c].convertTo(real, CV_64F);
            expected[c] = cubic_matrix(p.height, h) * real * cubic_matrix(p.width, w).t();
            cv::max(expected[c], 0, expected[c]);
            cv::min(expected[c], top, expected[c]);
            // A place is cut to 1/128, where four weights change by up to 2.4 of that, and are rounded to 1/128 each; both ways.
            compare(planes(out)[c], expected[c], 1 + 2 * top * (2.4 + 2) / 128, text("bicubic, %s, channel %zu", sizes(p, w, h).c_str(), c));
        }
        if (p.width == 320) {
            compare_mean(out, expected, 1, "bicubic, " + sizes(p, w, h));
        }
    }, 1, true, 2);
    because("Keys' weights, a = -1/2 (OpenCV's are of -3/4), as products of matrices in double; places and weights in 1/128");
}

// ---- Combining ----

static void check_arithmetic()
{
    static const enum compose_operation operations[] = {COMPOSE_REPLACE, COMPOSE_AND, COMPOSE_NAND, COMPOSE_OR, COMPOSE_NOR, COMPOSE_XOR, COMPOSE_XNOR, COMPOSE_ADD,
                                                       COMPOSE_SUB, COMPOSE_RSUB, COMPOSE_MIN, COMPOSE_MAX, COMPOSE_DIFFERENCE};
    for_pictures([](const picture &p) {
        picture img = p, other = random_picture(between(1, p.width + 5), between(1, p.height + 5), p.format);
        compose_options options = plain;
        enum compose_operation operation = operations[rnd(13)];
        options.x = between(-5, p.width - 1);
        options.y = between(-5, p.height - 1);
        expect(compose_image(&img, &other, operation, &options, scratch()) == 0, "compose");
        std::vector<cv::Mat> expected = planes(p), source = planes(other);
        cv::Rect where = cv::Rect(options.x, options.y, other.width, other.height) & cv::Rect(0, 0, p.width, p.height);
        for (size_t c = 0; c < expected.size() && where.area(); c++) {
            cv::Mat d = expected[c](where), s = source[c](where - cv::Point(options.x, options.y)), out;
            int top = plane_top(p, (int)c);
            switch (operation) {
            case COMPOSE_REPLACE: out = s.clone(); break;
            case COMPOSE_AND: cv::bitwise_and(d, s, out); break;
            case COMPOSE_NAND: cv::bitwise_and(d, s, out), out = top - out; break;
            case COMPOSE_OR: cv::bitwise_or(d, s, out); break;
            case COMPOSE_NOR: cv::bitwise_or(d, s, out), out = top - out; break;
            case COMPOSE_XOR: cv::bitwise_xor(d, s, out); break;
            case COMPOSE_XNOR: cv::bitwise_xor(d, s, out), out = top - out; break;
            case COMPOSE_ADD: cv::add(d, s, out), cv::min(out, top, out); break;
            case COMPOSE_SUB: cv::subtract(d, s, out); break;
            case COMPOSE_RSUB: cv::subtract(s, d, out); break;
            case COMPOSE_MIN: cv::min(d, s, out); break;
            case COMPOSE_MAX: cv::max(d, s, out); break;
            default: cv::absdiff(d, s, out); break;
            }
            out.copyTo(d);
        }
        compare(img, expected, 0, text("operation %d at (%d, %d)", operation, options.x, options.y));
    });
    because("cv::add, subtract, absdiff, min, max, bitwise_and, or, xor");
}

static void check_blend()
{
    for_pictures([](const picture &p) {
        picture img = p, other = random_picture(p.width, p.height, p.format);
        compose_options options = plain;
        options.alpha = between(1, 255);
        expect(compose_image(&img, &other, COMPOSE_REPLACE, &options, scratch()) == 0, "blend");
        std::vector<cv::Mat> d = planes(p), s = planes(other), now = planes(img);
        for (size_t c = 0; c < d.size(); c++) {
            cv::Mat out;
            cv::addWeighted(s[c], options.alpha / 255.0, d[c], 1 - options.alpha / 255.0, 0, out, CV_64F);
            compare(now[c], out, 1.45 + (d.size() == 1 ? 0 : plane_top(p, (int)c) / 64.0), text("blend, alpha %d, channel %zu", options.alpha, c));
        }
    }, 1, true, 2);
    because("cv::addWeighted in double, ours in parts of 256, up to 0.45 off, and rounded down; RGB565's alpha has 32 steps");
}

static void check_mirrors()
{
    for_pictures([](const picture &p) {
        unsigned hint = rnd(8) << 4;
        bool turned = hint & COMPOSE_TRANSPOSE;
        picture out(turned ? p.height : p.width, turned ? p.width : p.height, p.format);
        compose_options options = plain;
        options.hint = hint;
        expect(compose_scaled(&out, &p, &options, scratch()) == 0, "mirror");
        std::vector<cv::Mat> expected = planes(p);
        for (cv::Mat &m : expected) {
            if (hint & COMPOSE_HMIRROR) {
                cv::flip(m, m, 1);
            }
            if (hint & COMPOSE_VFLIP) {
                cv::flip(m, m, 0);
            }
            if (turned) {
                cv::transpose(m, m);
            }
        }
        compare(out, expected, 0, text("hint 0x%x", hint));
    });
    because("cv::flip and transpose");
}

// ---- Warps ----

// Where a pixel comes from, exactly; false: from nowhere.
typedef std::function<bool(double x, double y, double &from_x, double &from_y)> mapping;

// How far from `from` a straight line between places 16 apart may lead, across and down: half the second difference of 8, thrice as a margin for
// its change, since large pictures are interpolated like that, in steps that are rounded to 1/256; and `slack`, for arithmetic. Small pictures have
// the slack alone.
static double straying(const picture &p, const mapping &from, double x, double y, double slack)
{
    double a, b, c, d, e, f, most = slack + 16 / 512.0 + 2 / 256.0;

    if (std::min(p.width, p.height) < 80 || !from(x, y, a, b)) {
        return slack;
    }
    for (int down = 0; down < 2; down++) {
        if (from(x - 8 * !down, y - 8 * down, c, d) && from(x + 8 * !down, y + 8 * down, e, f)) {
            most += 1.5 * std::max(std::fabs(c - 2 * a + e), std::fabs(d - 2 * b + f));
        }
    }
    return most;
}

// Each pixel is one of those that lie where it comes from, or as far from there as it may stray; nearly all are the nearest one.
static void compare_warp(const picture &before, const picture &after, const mapping &from, bool smooth, double slack, double share, const std::string &what)
{
    std::vector<cv::Mat> old = planes(before), now = planes(after);
    long nearest = 0;

    auto same = [&](int x, int y, int sx, int sy) {
        bool inside = sx >= 0 && sy >= 0 && sx < before.width && sy < before.height;
        for (size_t c = 0; c < now.size(); c++) {
            if (now[c].at<uint8_t>(y, x) != (inside ? old[c].at<uint8_t>(sy, sx) : 0)) {
                return false;
            }
        }
        return true;
    };
    for (int y = 0; y < after.height; y++) {
        for (int x = 0; x < after.width; x++) {
            double sx, sy, stray;
            if (!from(x, y, sx, sy) || !(std::fabs(sx) < 1e6 && std::fabs(sy) < 1e6)) {
                sx = sy = -1e6;
            }
            bool good = same(x, y, (int)std::floor(sx + 0.5), (int)std::floor(sy + 0.5));
            nearest += good;
            stray = good ? 0 : smooth ? straying(before, from, x, y, slack) : slack;
            for (int j = (int)std::floor(sy + 0.5 - stray); !good && j <= (int)std::floor(sy + 0.5 + stray); j++) {
                for (int i = (int)std::floor(sx + 0.5 - stray); !good && i <= (int)std::floor(sx + 0.5 + stray); i++) {
                    good = same(x, y, i, j);
                }
            }
            expect(good, "%s: pixel (%d, %d) of %d x %d %s: expected that at (%.4f, %.4f), at most %.3f from there; got another", what.c_str(), x, y, before.width,
                   before.height, format_name(before.format), sx, sy, stray);
        }
    }
    double n = after.width * after.height;
    if (n >= 200) {
        compare((n - (double)nearest) / n, 0, share, what + ": share of pixels that aren't the nearest");
    }
}

static void check_polar()
{
    for_pictures([](const picture &p) {
        picture img = p;
        polar options = {(float)real(-2, p.width + 2), (float)real(-2, p.height + 2), rnd(2) != 0, rnd(2) != 0};
        expect(warp_polar(&img, &options, scratch()) == 0, "polar");
        double cx = options.x, cy = options.y, w = p.width, h = p.height;
        double reach = std::max(1.0, std::hypot(std::max(std::fabs(cx), std::fabs(w - cx)), std::max(std::fabs(cy), std::fabs(h - cy))));
        auto distance = [&](double column) { return options.logarithmic ? std::exp(column / w * std::log(reach + 1)) - 1 : column / w * reach; };
        auto column = [&](double d) { return options.logarithmic ? std::log(d + 1) / std::log(reach + 1) * w : d / reach * w; };
        compare_warp(p, img, [&](double x, double y, double &from_x, double &from_y) {
            if (!options.reverse) {
                double angle = 2 * CV_PI * y / h;
                from_x = cx + distance(x) * std::cos(angle);
                from_y = cy + distance(x) * std::sin(angle);
                return true;
            }
            double angle = std::atan2(y - cy, x - cx);
            from_x = column(std::hypot(x - cx, y - cy)) - 0.5;      // distances from a column's beginning to the next one's
            from_y = (angle < 0 ? angle + 2 * CV_PI : angle) / (2 * CV_PI) * h;
            from_y = from_y + 0.5 >= h ? 0 : from_y;
            return true;
        }, false, 0.01, p.width == 320 ? 0.001 : 0.1, text("polar, %s%s, about (%.3f, %.3f)", options.logarithmic ? "logarithmic" : "linear", options.reverse ? ", reverse" : "", cx, cy));
    });
    because("the definition in double; ours in 1/2^12 of a pixel");
}

// cv::warpPolar maps linearly just as ours does, and takes the nearest pixel; only places half way between two may differ.
static void check_polar_opencv()
{
    for (int which = 0; which < PHOTOGRAPHS; which++) {
        for (int i = 0; i < 6; i++) {
            picture img = photograph(which, PIXFORMAT_GRAYSCALE);
            cv::Mat before = planes(img)[0].clone(), theirs;
            polar options = {(float)between(100, 220), (float)between(60, 180), false, false};
            double reach = std::hypot(std::max(options.x, 320 - options.x), std::max(options.y, 240 - options.y));
            cv::warpPolar(before, theirs, {320, 240}, {options.x, options.y}, reach, cv::WARP_FILL_OUTLIERS | cv::INTER_NEAREST);
            expect(warp_polar(&img, &options, scratch()) == 0, "polar");
            cv::Mat different = planes(img)[0] != theirs;
            compare(cv::countNonZero(different) / 76800.0, 0, 0.002, "share of pixels unlike cv::warpPolar's");
        }
    }
    because("cv::warpPolar, nearest; float and 1/2^12 decide differently where two pixels are equally near");
}

static void check_lens()
{
    for_pictures([](const picture &p) {
        picture img = p;
        double strength = (float)real(0.1, 4), zoom = (float)real(0.5, 2), corr_x = rnd(2) ? 0 : (float)real(-0.3, 0.3), corr_y = rnd(2) ? 0 : (float)real(-0.3, 0.3);
        expect(warp_lens(&img, (float)strength, (float)zoom, (float)corr_x, (float)corr_y, scratch()) == 0, "lens");
        double w = p.width, h = p.height, cx = (w - 1) / 2 + corr_x * w, cy = (h - 1) / 2 + corr_y * h;
        compare_warp(p, img, [&](double x, double y, double &from_x, double &from_y) {
            double d = std::hypot(x - cx, y - cy), r = strength * d / std::hypot(w, h), factor = r > 0 ? zoom * std::atan(r) / r : zoom;
            from_x = cx + (x - cx) * factor;
            from_y = cy + (y - cy) * factor;
            return true;
        }, true, std::min(p.width, p.height) < 16 ? 0.2 : 0.03, p.width == 320 ? 0.3 : 0.1, text("lens, strength %.3f, zoom %.3f, (%.3f, %.3f)", strength, zoom, corr_x, corr_y));
    });
    because("the definition in double; large pictures are interpolated between every 16th pixel, and the lens' curve in 256 steps up to 16 pixels beyond the corner");
}

static mapping by_matrix(const cv::Mat &back)
{
    return [back](double x, double y, double &from_x, double &from_y) {
        const double *m = back.ptr<double>();
        double d = m[6] * x + m[7] * y + m[8];
        from_x = (m[0] * x + m[1] * y + m[2]) / d;
        from_y = (m[3] * x + m[4] * y + m[5]) / d;
        return d > 0;
    };
}

// Turned about the image's middle: cv::getRotationMatrix2D; positive angles are clockwise with us.
static void check_rotation()
{
    for_pictures([](const picture &p) {
        picture img = p;
        rotation r = {};
        r.z = (float)real(-180, 180);
        r.zoom = (float)real(0.5, 2);
        r.x_translation = (float)real(-5, 5);
        r.y_translation = (float)real(-5, 5);
        r.fov = 60;
        expect(warp_rotation(&img, &r, scratch()) == 0, "rotation");
        cv::Mat forward = cv::Mat::eye(3, 3, CV_64F);
        cv::getRotationMatrix2D({(float)(p.width - 1) / 2, (float)(p.height - 1) / 2}, -r.z, r.zoom).copyTo(forward.rowRange(0, 2));
        forward.at<double>(0, 2) += r.x_translation;
        forward.at<double>(1, 2) += r.y_translation;
        compare_warp(p, img, by_matrix(forward.inv()), true, 0.01, 0.1, text("rotation by %.3f, zoom %.3f", r.z, r.zoom));
    });
    because("cv::getRotationMatrix2D about the middle");
}

// A camera that looks at the plane from a distance at which the unturned plane fills its field of view.
static void check_perspective()
{
    for_pictures([](const picture &p) {
        picture img = p;
        rotation r = {};
        r.x = (float)real(-40, 40);
        r.y = (float)real(-40, 40);
        r.z = (float)real(-40, 40);
        r.zoom = 1;
        r.fov = (float)real(20, 70);
        expect(warp_rotation(&img, &r, scratch()) == 0, "rotation");
        double ax = r.x * CV_PI / 180, ay = r.y * CV_PI / 180, az = r.z * CV_PI / 180, far = std::max(p.width, p.height) / 2.0 / std::tan(r.fov * CV_PI / 360);
        cv::Matx33d about_x(1, 0, 0, 0, std::cos(ax), -std::sin(ax), 0, std::sin(ax), std::cos(ax));
        cv::Matx33d about_y(std::cos(ay), 0, std::sin(ay), 0, 1, 0, -std::sin(ay), 0, std::cos(ay));
        cv::Matx33d about_z(std::cos(az), -std::sin(az), 0, std::sin(az), std::cos(az), 0, 0, 0, 1);
        cv::Matx33d turned = about_z * about_y * about_x;
        // (x, y, 0) turned, moved away by `far`, seen by a camera of focal length `far`
        cv::Matx33d seen(turned(0, 0), turned(0, 1), 0, turned(1, 0), turned(1, 1), 0, turned(2, 0) / far, turned(2, 1) / far, 1);
        cv::Matx33d middle(1, 0, (p.width - 1) / 2.0, 0, 1, (p.height - 1) / 2.0, 0, 0, 1);
        cv::Mat back = cv::Mat((middle * seen * middle.inv()).inv());
        compare_warp(p, img, by_matrix(back), true, 0.01, p.width == 320 ? 0.3 : 0.1, text("turned by (%.2f, %.2f, %.2f), fov %.2f", r.x, r.y, r.z, r.fov));
    });
    because("rotations about x, y, z as matrices, a pinhole camera; large pictures are interpolated between every 16th pixel");
}

static bool on_a_line(point a, point b, point c)
{
    return (a.x - b.x) * (c.y - b.y) == (c.x - b.x) * (a.y - b.y);
}

static void check_corners()
{
    for_pictures([](const picture &p) {
        picture img = p;
        rotation r = {};
        int w = p.width, h = p.height;
        point corners[4];
        do {
            corners[0] = {between(0, w / 3), between(0, h / 3)};
            corners[1] = {between(w - w / 3 - 1, w - 1), between(0, h / 3)};
            corners[2] = {between(w - w / 3 - 1, w - 1), between(h - h / 3 - 1, h - 1)};
            corners[3] = {between(0, w / 3), between(h - h / 3 - 1, h - 1)};
        } while (on_a_line(corners[1], corners[2], corners[3]));     /* no rectangle looks like that, and it is refused */
        r.zoom = 1;
        r.fov = 60;
        r.corners = corners;
        cv::Point2f to[4], from[4] = {{0, 0}, {(float)w - 1, 0}, {(float)w - 1, (float)h - 1}, {0, (float)h - 1}};
        for (int i = 0; i < 4; i++) {
            to[i] = {(float)corners[i].x, (float)corners[i].y};
        }
        expect(warp_rotation(&img, &r, scratch()) == 0, "corners");
        cv::Mat m = cv::getPerspectiveTransform(from, to);
        compare_warp(p, img, by_matrix(m), true, 0.01, p.width == 320 ? 0.3 : 0.2, "corners");
    }, 4);
    because("cv::getPerspectiveTransform; large pictures are interpolated between every 16th pixel");
}

static void check_projection()
{
    for (int which = 0; which < PHOTOGRAPHS; which++) {
        for (int i = 0; i < 6; i++) {
            picture img = photograph(which, PIXFORMAT_GRAYSCALE);
            cv::Mat before = planes(img)[0].clone(), theirs;
            float m[9] = {(float)real(0.7, 1.3), (float)real(-0.2, 0.2), (float)real(-20, 20), (float)real(-0.2, 0.2), (float)real(0.7, 1.3), (float)real(-20, 20),
                          (float)real(-3e-4, 3e-4), (float)real(-3e-4, 3e-4), 1};
            cv::warpPerspective(before, theirs, cv::Mat(3, 3, CV_32F, m), {320, 240}, cv::INTER_NEAREST | cv::WARP_INVERSE_MAP);
            expect(warp_projection(&img, m, scratch()) == 0, "projection");
            cv::Mat d;
            cv::absdiff(planes(img)[0], theirs, d);
            compare(cv::countNonZero(d) / 76800.0, 0, 0.05, "share of pixels unlike cv::warpPerspective's");
            compare(cv::mean(d)[0], 0, 0.6, "mean difference to cv::warpPerspective");
        }
    }
    because("cv::warpPerspective, nearest: neighbours where ours, interpolated between every 16th pixel, is some hundredths of a pixel off");
}

const std::vector<check> geometry_checks = {
    {"scale_nearest", check_nearest},
    {"scale_bilinear", check_bilinear},
    {"scale_area", check_area},
    {"scale_bicubic", check_bicubic},
    {"arithmetic", check_arithmetic},
    {"blend", check_blend},
    {"mirrors", check_mirrors},
    {"polar", check_polar},
    {"polar_opencv", check_polar_opencv},
    {"lens_corr", check_lens},
    {"rotation", check_rotation},
    {"perspective", check_perspective},
    {"corners", check_corners},
    {"projection", check_projection},
};
