// SPDX-License-Identifier: MIT
// Drawing beside OpenCV's. The two round in different ways: the overlap is compared (common pixels over all of either), and where each pixel may lie.
#include "peers.h"

#include <algorithm>
#include <cmath>

extern "C" {
#include "vision/draw.h"
}

static const int SIDE = 120;

static double overlap(const cv::Mat &a, const cv::Mat &b)
{
    double either = cv::countNonZero(a | b);
    return either > 0 ? cv::countNonZero(a & b) / either : 1;
}

// Draws white on black in a random format with ours, on gray with OpenCV.
static void compare_drawn(const std::function<int(image *, uint32_t)> &ours, const std::function<void(cv::Mat &)> &theirs, double least, const std::string &what)
{
    picture p(SIDE, SIDE, mutable_formats[rnd(3)]);
    cv::Mat m = cv::Mat::zeros(SIDE, SIDE, CV_8U);

    int error = ours(&p, 0xFFFF);
    expect(error == 0, "%s: %s", what.c_str(), vision_strerror(error));
    theirs(m);
    compare(overlap(gray_of(p) > 127, m > 127), 1, 1 - least, what + text(", %s: overlap", format_name(p.format)));
}

static void check_rectangles()
{
    for (int i = 0; i < 500; i++) {
        rect r = {between(-20, 120), between(-20, 120), between(1, 60), between(1, 60)};
        bool fill = rnd(2);
        compare_drawn([&](image *img, uint32_t c) { return draw_rectangle(img, r, c, 1, fill); },
                      [&](cv::Mat &m) { cv::rectangle(m, cv::Rect(r.x, r.y, r.w, r.h), 255, fill ? cv::FILLED : 1); }, 1,
                      text("rectangle (%d, %d, %d, %d)%s", r.x, r.y, r.w, r.h, fill ? ", filled" : ""));
    }
    because("cv::rectangle");
}

// A thin line has one pixel in each column or row, the nearest to the ideal one.
static void check_lines()
{
    for (int i = 0; i < 500; i++) {
        int x0 = between(0, SIDE - 1), y0 = between(0, SIDE - 1), x1 = between(0, SIDE - 1), y1 = between(0, SIDE - 1);
        picture p(SIDE, SIDE, PIXFORMAT_GRAYSCALE);
        std::string what = text("line (%d, %d)-(%d, %d)", x0, y0, x1, y1);
        std::vector<cv::Point> points;
        expect(draw_line(&p, x0, y0, x1, y1, 255, 1) == 0, "line");
        cv::findNonZero(planes(p)[0], points);
        int dx = x1 - x0, dy = y1 - y0, steps = std::max(std::abs(dx), std::abs(dy));
        compare((double)points.size(), steps + 1, 0, what + ": pixels");
        for (const cv::Point &q : points) {
            double off = steps ? std::fabs((double)(q.x - x0) * dy - (double)(q.y - y0) * dx) / steps : 0;
            compare(off, 0, 0.5, what + text(": (%d, %d) from the line, along an axis", q.x, q.y));
        }
        // cv::line's pixels, but for the ties
        cv::Mat m = cv::Mat::zeros(SIDE, SIDE, CV_8U);
        cv::line(m, {x0, y0}, {x1, y1}, 255);
        compare((double)cv::countNonZero(m), (double)points.size(), 0, what + ": pixels of cv::line");
    }
    because("within half a pixel of the ideal line, as many pixels as cv::line");
}

static void check_thick_lines()
{
    for (int i = 0; i < 300; i++) {
        int x0 = between(20, SIDE - 20), y0 = between(20, SIDE - 20), x1 = between(20, SIDE - 20), y1 = between(20, SIDE - 20), thickness = between(3, 12);
        picture p(SIDE, SIDE, PIXFORMAT_GRAYSCALE);
        expect(draw_line(&p, x0, y0, x1, y1, 255, thickness) == 0, "line");
        cv::Point2d a(x0, y0), d = cv::Point2d(x1, y1) - a;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                cv::Point2d q(x, y);
                double t = d.dot(d) > 0 ? std::min(1.0, std::max(0.0, (q - a).dot(d) / d.dot(d))) : 0, away = cv::norm(q - (a + d * t));
                bool set = p.data[y * SIDE + x] != 0;
                // a pixel belongs to it when its middle is within half the thickness; half a diagonal of its square is rounding
                expect(set ? away <= thickness / 2.0 + 0.71 : away >= thickness / 2.0 - 0.71, "line (%d, %d)-(%d, %d), thickness %d: (%d, %d), %.2f away, is%s set", x0, y0, x1, y1, thickness,
                       x, y, away, set ? "" : "n't");
            }
        }
        double area = thickness * cv::norm(d) + CV_PI * thickness * thickness / 4;
        if (cv::norm(d) < 10) {
            continue;               // pixels of a dot are too few to measure an area
        }
        compare(cv::countNonZero(planes(p)[0]) / area, 1, 0.5 / thickness + 0.1, text("line (%d, %d)-(%d, %d), thickness %d: area", x0, y0, x1, y1, thickness));
        compare_drawn([&](image *img, uint32_t c) { return draw_line(img, x0, y0, x1, y1, c, thickness); },
                      [&](cv::Mat &m) { cv::line(m, {x0, y0}, {x1, y1}, 255, thickness); }, thickness < 6 ? 0.5 : 0.65, text("line (%d, %d)-(%d, %d), thickness %d", x0, y0, x1, y1, thickness));
    }
    because("pixels within half the thickness of the segment, give or take half a diagonal of a pixel; of its area within half a pixel of width; cv::line draws wider");
}

static void check_circles()
{
    for (int i = 0; i < 300; i++) {
        int x = between(0, SIDE), y = between(0, SIDE), r = between(2, 50);
        compare_drawn([&](image *img, uint32_t c) { return draw_circle(img, x, y, r, c, 1, true); },
                      [&](cv::Mat &m) { cv::circle(m, {x, y}, r, 255, cv::FILLED); }, r < 12 ? 0.6 : 0.88, text("disc (%d, %d), radius %d", x, y, r));
        picture p(SIDE, SIDE, PIXFORMAT_GRAYSCALE);
        std::vector<cv::Point> points;
        expect(draw_circle(&p, x, y, r, 255, 1, true) == 0, "disc");
        for (int k = 0; k < SIDE * SIDE; k++) {
            double away = std::hypot(k % SIDE - x, k / SIDE - y);
            expect((p.data[k] != 0) == (away <= r + 0.5), "disc (%d, %d), radius %d: (%d, %d), %.2f away", x, y, r, k % SIDE, k / SIDE, away);
        }
        memset(p.data, 0, SIDE * SIDE);
        expect(draw_circle(&p, x, y, r, 255, 1, false) == 0, "circle");
        cv::findNonZero(planes(p)[0], points);
        for (const cv::Point &q : points) {
            compare(std::hypot(q.x - x, q.y - y), r, 1.01, text("circle (%d, %d), radius %d: (%d, %d) from the middle", x, y, r, q.x, q.y));
        }
    }
    because("a disc is the pixels within radius + 1/2; cv::circle's small ones are less; each pixel of a circle at its radius within one");
}

static void check_ellipses()
{
    for (int i = 0; i < 300; i++) {
        int x = between(20, 100), y = between(20, 100), rx = between(8, 50), ry = between(8, 50), turn = between(0, 359);
        compare_drawn([&](image *img, uint32_t c) { return draw_ellipse(img, x, y, rx, ry, turn, c, 1, true); },
                      [&](cv::Mat &m) { cv::ellipse(m, {x, y}, {rx, ry}, turn, 0, 360, 255, cv::FILLED); }, 0.88,
                      text("ellipse (%d, %d), %d x %d, turned by %d", x, y, rx, ry, turn));
    }
    because("cv::ellipse, filled");
}

const std::vector<check> draw_checks = {
    {"draw_rectangles", check_rectangles},
    {"draw_lines", check_lines},
    {"draw_thick_lines", check_thick_lines},
    {"draw_circles", check_circles},
    {"draw_ellipses", check_ellipses},
};
