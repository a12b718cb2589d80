// SPDX-License-Identifier: MIT
// Pictures against pictures beside OpenCV: templates, displacement, structural similarity; and the line through pixels.
#include "peers.h"

#include <algorithm>
#include <cmath>

extern "C" {
#include "vision/displacement.h"
#include "vision/regression.h"
#include "vision/similarity.h"
#include "vision/template.h"
}

// ---- Template ----

static void check_template()
{
    for_pictures([](const picture &p) {
        int w = between(1, std::min(p.width, 24)), h = between(1, std::min(p.height, 24)), x = between(0, p.width - w), y = between(0, p.height - h);
        picture pattern(w, h, PIXFORMAT_GRAYSCALE);
        cv::Mat whole = planes(p)[0], part = whole(cv::Rect(x, y, w, h)).clone(), scores;
        bool noisy = rnd(2);
        for (int i = 0; i < w * h; i++) {
            int v = part.at<uint8_t>(i / w, i % w) + (noisy ? between(-20, 20) : 0);
            pattern.data[i] = part.at<uint8_t>(i / w, i % w) = (uint8_t)std::min(255, std::max(0, v));
        }
        template_options options = {};
        template_match match;
        options.step = 1;
        options.threshold = -2;
        options.search = TEMPLATE_EXHAUSTIVE;
        cv::Scalar mean, stdev;
        cv::meanStdDev(part, mean, stdev);
        int found = template_find(&p, &pattern, &options, scratch(), &match);
        expect(found == 1, "%d x %d in %d x %d: %d", w, h, p.width, p.height, found);
        if (stdev[0] < 1e-9) {
            compare(match.score, 0, 0, "score of a flat template");
            return;
        }
        // Each place by the definition of the coefficient: OpenCV's own, through a Fourier transform in float, is of no use where the variance is small.
        cv::matchTemplate(whole, part, scores, cv::TM_CCOEFF_NORMED);
        cv::Rect where(match.rect.x, match.rect.y, w, h);
        auto coefficient = [&](const cv::Rect &r) {
            cv::Mat a, b;
            cv::Scalar m, s;
            whole(r).convertTo(a, CV_64F);
            part.convertTo(b, CV_64F);
            cv::meanStdDev(a, m, s);
            return s[0] < 1e-9 ? 0.0 : (a - m[0]).dot(b - mean[0]) / ((double)part.total() * s[0] * stdev[0]);
        };
        std::string what = text("%d x %d in %d x %d at (%d, %d)", w, h, p.width, p.height, where.x, where.y);
        compare(match.score, coefficient(where), 1e-5, what + ", score");
        double best;
        cv::Point at;
        cv::minMaxLoc(scores, nullptr, &best, nullptr, &at);
        double theirs = coefficient(cv::Rect(at.x, at.y, w, h));
        expect(match.score >= theirs - 1e-5, "%s: score %.6f, OpenCV's place (%d, %d) has %.6f", what.c_str(), match.score, at.x, at.y, theirs);
        if (p.width == 320 && w * h >= 64) {
            compare(match.score, best, 1e-3, what + ", cv::matchTemplate's best");
        }
    }, 1, true, 1);
    because("Pearson's coefficient in double; nowhere does cv::matchTemplate find a better place; its own scores are good for 1e-3");
}

// ---- Displacement ----

// Two views of a photograph, of side n: the second moved by (dx, dy), whole pixels or parts.
static picture view(const cv::Mat &photo, int n, double x, double y)
{
    cv::Mat m = (cv::Mat_<double>(2, 3) << 1, 0, -x, 0, 1, -y), out;
    picture p(n, n, PIXFORMAT_GRAYSCALE);

    cv::warpAffine(photo, out, m, {n, n}, cv::INTER_CUBIC);
    memcpy(p.data, out.data, (size_t)(n * n));
    return p;
}

static void check_displacement()
{
    static const int sides[] = {48, 64, 100, 128};

    for (int i = 0; i < 24; i++) {
        cv::Mat photo = planes(photograph(i % PHOTOGRAPHS, PIXFORMAT_GRAYSCALE))[0], window, a, b;
        int n = sides[i / 2 % 4];
        double x = between(20, 300 - n), y = between(20, 220 - n), dx = real(-0.12, 0.12) * n, dy = real(-0.12, 0.12) * n, response;
        picture before = view(photo, n, x, y), after = view(photo, n, x - dx, y - dy);
        displacement_options options = {};
        displacement d;

        expect(displacement_find(&after, &before, &options, scratch(), &d) == 0, "displacement");
        planes(before)[0].convertTo(a, CV_64F);
        planes(after)[0].convertTo(b, CV_64F);
        cv::createHanningWindow(window, a.size(), CV_64F);
        cv::Point2d theirs = cv::phaseCorrelate(a, b, window, &response);
        std::string what = text("side %d, moved by (%.3f, %.3f), OpenCV (%.3f, %.3f), response %.3f", n, dx, dy, theirs.x, theirs.y, d.response);
        // OpenCV's own distance from the truth is the measure of what the picture shows.
        double slack = 0.25 + std::max(std::fabs(theirs.x - dx), std::fabs(theirs.y - dy));
        compare(d.x, dx, slack, what + ", x");
        compare(d.y, dy, slack, what + ", y");
    }
    because("views of a photograph, moved by parts of a pixel: within 0.25 of the truth, or as far off as cv::phaseCorrelate and 0.25");
}

static void check_rotation_scale()
{
    for (int i = 0; i < 16; i++) {
        cv::Mat photo = planes(photograph(i % PHOTOGRAPHS, PIXFORMAT_GRAYSCALE))[0];
        double angle = real(-25, 25), scale = real(0.85, 1.18);
        const int n = 128;
        cv::Point2f middle(160, 120);
        cv::Mat m = cv::getRotationMatrix2D(middle, -angle, scale), out;
        cv::warpAffine(photo, out, m, photo.size(), cv::INTER_CUBIC);
        picture before(n, n, PIXFORMAT_GRAYSCALE), after(n, n, PIXFORMAT_GRAYSCALE);
        cv::Rect part(160 - n / 2, 120 - n / 2, n, n);
        photo(part).copyTo(cv::Mat(n, n, CV_8U, before.data));
        out(part).copyTo(cv::Mat(n, n, CV_8U, after.data));
        displacement_options options = {};
        displacement d;
        options.logpolar = true;
        expect(displacement_find(&after, &before, &options, scratch(), &d) == 0, "displacement");
        std::string what = text("turned by %.2f, scaled by %.3f", angle, scale);
        compare(d.rotation * 180 / CV_PI, angle, 2, what + ", rotation");
        compare(d.scale, scale, 0.03, what + ", scale");
    }
    because("cv::warpAffine of photographs: 2 degrees (a row of the polar map is 2.8), 3 percent (a column is 3.1)");
}

// ---- Similarity ----

static void check_similarity()
{
    for_pictures([](const picture &p) {
        picture other = p;
        similarity s;
        bool dssim = rnd(2);
        for (size_t i = 0; i < image_bytes(&other); i++) {
            if (rnd(3) == 0) {
                other.data[i] = (uint8_t)rnd(256);
            }
        }
        compose_options options = {0, 0, 1, 1, nullptr, -1, 255, nullptr, nullptr, 0, nullptr, nullptr};
        int error = similarity_compare(&p, &other, &options, dssim, scratch(), &s);
        expect(error == 0, "%s", vision_strerror(error));

        cv::Mat a = gray_of(p), b = gray_of(other);
        std::vector<double> values;
        for (int y = 0; y < p.height; y += 8) {
            for (int x = 0; x < p.width; x += 8) {
                cv::Rect r = cv::Rect(x, y, 8, 8) & cv::Rect(0, 0, p.width, p.height);
                cv::Mat u, v;
                cv::Scalar mu, mv, su, sv;
                a(r).convertTo(u, CV_64F);
                b(r).convertTo(v, CV_64F);
                cv::meanStdDev(u, mu, su);
                cv::meanStdDev(v, mv, sv);
                double covariance = (u - mu[0]).dot(v - mv[0]) / (double)u.total(), c1 = 6.5025, c2 = 58.5225;
                double ssim = (2 * mu[0] * mv[0] + c1) * (2 * covariance + c2) / ((mu[0] * mu[0] + mv[0] * mv[0] + c1) * (su[0] * su[0] + sv[0] * sv[0] + c2));
                values.push_back(dssim ? (1 - ssim) / 2 : ssim);
            }
        }
        cv::Scalar mean, stdev;
        cv::Mat list(values);
        double low, high;
        cv::meanStdDev(list, mean, stdev);
        cv::minMaxLoc(list, &low, &high);
        std::string what = text("%s of %d x %d %s", dssim ? "DSSIM" : "SSIM", p.width, p.height, format_name(p.format));
        compare(s.mean, mean[0], 1e-5, what + ", mean");
        compare(s.stdev, stdev[0], 1e-4, what + ", stdev");
        compare(s.min, low, 1e-5, what + ", min");
        compare(s.max, high, 1e-5, what + ", max");
    }, 1, true, 2);
    because("the paper's formula in double on patches of 8 x 8, cv::meanStdDev; ours ends in float");
}

// ---- Regression ----

static double line_gap(const line &l, double x, double y)
{
    double t = l.theta * CV_PI / 180;

    return x * std::cos(t) + y * std::sin(t) - l.rho;
}

static double angle_between(double a, double b)
{
    double d = std::fmod(std::fabs(a - b), 180);

    return std::min(d, 180 - d);
}

// Dots beside a line. cv::fitLine minimises the distances across the line, as ours does: angle within a degree's rounding, and through the centroid within rho's.
static void check_regression()
{
    for (int i = 0; i < 400; i++) {
        bool robust = i % 4 == 3;
        int w = between(robust ? 60 : 24, 120), h = between(robust ? 60 : 24, 120);
        picture p(w, h, mutable_formats[rnd(2)]);
        double angle = real(0, CV_PI), x0 = w / 2.0 + real(-5, 5), y0 = h / 2.0 + real(-5, 5), spread = real(0, robust ? 1 : 3);
        std::vector<cv::Point> points;
        for (int n = 0; n < 150; n++) {
            double t = real(-1, 1) * std::min(w, h) * 0.4, u = real(-spread, spread);
            int x = (int)std::lround(x0 + t * std::cos(angle) - u * std::sin(angle)), y = (int)std::lround(y0 + t * std::sin(angle) + u * std::cos(angle));
            image_set_pixel(&p, x, y, 255);
        }
        cv::findNonZero(planes(p)[0], points);
        threshold t;
        int ints[2] = {p.format == PIXFORMAT_BINARY ? 1 : 128, 255};
        threshold_from_ints(&t, ints, 2);
        regression_options options = {};
        line l;
        options.thresholds = &t;
        options.count = 1;
        options.x_stride = options.y_stride = 1;
        options.robust = robust;
        expect(regression_find(&p, &options, scratch(), &l) == 1, "no line");
        cv::Vec4f theirs;
        cv::fitLine(points, theirs, options.robust ? cv::DIST_HUBER : cv::DIST_L2, 0, 1e-4, 1e-4);
        double normal = std::atan2(theirs[1], theirs[0]) * 180 / CV_PI + 90;
        std::string what = text("%zu points at %.2f degrees%s", points.size(), angle * 180 / CV_PI, options.robust ? ", robust" : "");
        compare(angle_between(l.theta, normal), 0, options.robust ? 3 : 0.51, what + ": theta");
        // rho is rounded, and theta's rounding turns the line about its foot, which may be a diagonal away
        compare(line_gap(l, theirs[2], theirs[3]), 0, (options.robust ? 1.5 : 0.51) + std::hypot(w, h) * (options.robust ? 3 : 0.5) * CV_PI / 180, what + ": rho");
    }
    because("cv::fitLine; a robust one (medians of slopes) within 3 degrees of that of Huber's distances; theta and rho are rounded to whole ones");
}

const std::vector<check> match_checks = {
    {"template", check_template},
    {"displacement", check_displacement},
    {"displacement_logpolar", check_rotation_scale},
    {"similarity", check_similarity},
    {"regression", check_regression},
};
