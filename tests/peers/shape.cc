// SPDX-License-Identifier: MIT
// Edges and shapes beside OpenCV's finders, and beside what cv:: has drawn. Two finders of lines never agree on all of them: the checks ask for the
// strongest ones, and say what share of the rest.
#include "peers.h"

#include <algorithm>
#include <cmath>

extern "C" {
#include "vision/edge.h"
#include "vision/hough.h"
#include "vision/quad.h"
#include "vision/stroke.h"
}

// ---- Edges ----

static void check_simple()
{
    for_pictures([](const picture &p) {
        picture img = p;
        edge_options options = {nullptr, between(0, 255), between(0, 255)};
        cv::Mat gray = gray_of(p), sums, kernel = -cv::Mat::ones(3, 3, CV_64F);
        kernel.at<double>(1, 1) = 8;
        cv::filter2D(gray, sums, CV_64F, kernel, {-1, -1}, 0, cv::BORDER_REPLICATE);
        cv::Mat set;
        cv::inRange(cv::max(cv::min(sums, 255), 0), std::min(options.low, options.high), std::max(options.low, options.high), set);
        expect(edge_simple(&img, &options, scratch()) == 0, "edges");
        std::vector<cv::Mat> expected = planes(p);
        for (size_t c = 0; c < expected.size(); c++) {
            expected[c] = set & plane_top(p, (int)c);
        }
        compare(img, expected, 0, text("find_edges(simple), %d..%d", options.low, options.high));
    });
    because("cv::filter2D and inRange");
}

// cv::Canny on the same smoothed picture's cv::Sobel gradients. It thins diagonals strictly on both sides, ours on one: of two equal neighbours ours keeps one.
static cv::Mat canny(const cv::Mat &gray, int low, int high)
{
    cv::Mat soft, dx, dy, edges, weights = (cv::Mat_<double>(1, 3) << 1, 2, 1);

    cv::sepFilter2D(gray, soft, CV_64F, weights, weights, {-1, -1}, 0, cv::BORDER_REPLICATE);
    cv::Mat whole(gray.size(), CV_8U);
    for (int y = 0; y < gray.rows; y++) {
        for (int x = 0; x < gray.cols; x++) {
            whole.at<uint8_t>(y, x) = (uint8_t)std::floor(soft.at<double>(y, x) / 16);
        }
    }
    cv::Sobel(whole, dx, CV_16S, 1, 0, 3, 1, 0, cv::BORDER_REPLICATE);
    cv::Sobel(whole, dy, CV_16S, 0, 1, 3, 1, 0, cv::BORDER_REPLICATE);
    // OpenCV's limits are exclusive, squared and rounded down
    auto limit = [](int v) { return v > 0 ? std::sqrt((double)v * v - 0.5) : -1; };
    cv::Canny(dx, dy, edges, limit(low), limit(high), true);
    return edges;
}

static void check_canny()
{
    double same = 0, ours_all = 0, theirs_all = 0;

    for_pictures([&](const picture &p) {
        picture img = p;
        edge_options options = {nullptr, between(20, 150), between(150, 300)};
        cv::Mat theirs = canny(gray_of(p), options.low, options.high);
        expect(edge_canny(&img, &options, scratch()) == 0, "canny");
        cv::Mat ours = gray_of(img) > 127;
        double a = cv::countNonZero(ours), b = cv::countNonZero(theirs), both = cv::countNonZero(ours & theirs);
        same += both;
        ours_all += a;
        theirs_all += b;
        if (p.width == 320 && p.format != PIXFORMAT_BINARY) {
            compare(2 * both / (a + b), 1, 0.02, text("overlap, photograph, %s, %d..%d", format_name(p.format), options.low, options.high));
        }
    });
    compare(2 * same / (ours_all + theirs_all), 1, 0.05, "overlap, all pictures");
    because("twice the common edge pixels over all of both, cv::Canny on the same gradients; it thins diagonal ties otherwise");
}

// ---- Lines ----

static bool same_line(const line &l, double theta, double rho, double degrees, double pixels)
{
    double d = l.theta - theta, r = rho;

    if (d > 90 || d < -90) {
        d -= d > 0 ? 180 : -180;
        r = -r;
    }
    return std::fabs(d) <= degrees && std::fabs(l.rho - r) <= pixels;
}

static void check_drawn_lines()
{
    for (int i = 0; i < 60; i++) {
        int w = between(80, 200), h = between(80, 200);
        picture p(w, h, PIXFORMAT_GRAYSCALE);
        cv::Mat m(h, w, CV_8U, p.data), large(4 * h, 4 * w, CV_8U, cv::Scalar(60));
        double theta = between(0, 179), a = theta * CV_PI / 180, x0 = w / 2.0 + real(-20, 20), y0 = h / 2.0 + real(-20, 20);
        double rho = x0 * std::cos(a) + y0 * std::sin(a);
        cv::Point2d normal(std::cos(a), std::sin(a)), along(-normal.y, normal.x), middle(x0, y0);
        // An edge: everything beyond the line is bright. Drawn four times as large, as a lens would blur it.
        std::vector<cv::Point> half;
        for (const cv::Point2d &q : {middle - 400 * along, middle + 400 * along, middle + 400 * along + 900 * normal, middle - 400 * along + 900 * normal}) {
            half.emplace_back((int)std::lround(4 * q.x + 1.5), (int)std::lround(4 * q.y + 1.5));
        }
        cv::fillConvexPoly(large, half, 180);
        cv::resize(large, m, m.size(), 0, 0, cv::INTER_AREA);
        for (int k = 0; k < w * h; k++) {
            p.data[k] = (uint8_t)(p.data[k] + between(-6, 6));
        }
        hough_line_options options = {nullptr, 2, 1, 1000, 25, 25};
        line *found;
        int n = hough_find_lines(&p, &options, scratch(), &found);
        expect(n >= 1, "theta %.0f, rho %.1f in %d x %d: no line found", theta, rho, w, h);
        expect(same_line(found[0], theta, rho, 1, 2), "theta %.0f, rho %.1f in %d x %d: the strongest of %d is theta %d, rho %d", theta, rho, w, h, n, found[0].theta,
               found[0].rho);
        // and OpenCV's strongest is the same one
        std::vector<cv::Vec2f> theirs;
        cv::HoughLines(canny(m, 60, 120), theirs, 1, CV_PI / 180, 30);
        expect(!theirs.empty(), "cv::HoughLines finds nothing");
        expect(same_line(found[0], theirs[0][1] * 180 / CV_PI, theirs[0][0], 2.1, 3), "theta %d, rho %d; cv::HoughLines has theta %.0f, rho %.1f", found[0].theta,
               found[0].rho, theirs[0][1] * 180 / CV_PI, theirs[0][0]);
        compare(0, 0, 0, "");
    }
    because("edges drawn by cv::fillConvexPoly: the strongest line within 1 degree and 2 pixels of the drawn one, 2 and 3 of cv::HoughLines'");
}

static void check_photograph_lines()
{
    for (int which = 0; which < PHOTOGRAPHS; which++) {
        picture p = photograph(which, PIXFORMAT_GRAYSCALE);
        std::vector<cv::Vec2f> theirs;
        cv::HoughLines(canny(planes(p)[0], 100, 200), theirs, 1, CV_PI / 180, 60);
        hough_line_options options = {nullptr, 1, 1, 1000, 4, 4};
        line *found;
        int n = hough_find_lines(&p, &options, scratch(), &found);
        expect(n > 0, "no lines");
        for (size_t i = 0; i < theirs.size() && i < 3; i++) {
            bool seen = false;
            for (int k = 0; k < n; k++) {
                seen |= same_line(found[k], theirs[i][1] * 180 / CV_PI, theirs[i][0], 3, 5);
            }
            expect(seen, "photograph %d: cv::HoughLines' line %zu, theta %.0f, rho %.1f, isn't among %d", which, i, theirs[i][1] * 180 / CV_PI, theirs[i][0], n);
            compare(0, 0, 0, "");
        }
    }
    because("cv::HoughLines' three strongest of each photograph are found, within 3 degrees and 5 pixels");
}

// ---- Circles ----

static void check_circles()
{
    for (int i = 0; i < 60; i++) {
        int w = between(90, 180), h = between(90, 180), r = between(8, 35), x = between(r + 3, w - r - 4), y = between(r + 3, h - r - 4);
        picture p(w, h, PIXFORMAT_GRAYSCALE);
        cv::Mat m(h, w, CV_8U, p.data);
        m.setTo(50);
        cv::circle(m, {x, y}, r, 200, i & 1 ? cv::FILLED : 2, cv::LINE_AA);
        for (int k = 0; k < w * h; k++) {
            p.data[k] = (uint8_t)(p.data[k] + between(-8, 8));
        }
        hough_circle_options options = {nullptr, 1, 1, 2000, 10, 10, 10, 5, 40, 1};
        circle *found;
        int n = hough_find_circles(&p, &options, scratch(), &found);
        expect(n >= 1, "circle (%d, %d) radius %d in %d x %d: none found", x, y, r, w, h);
        std::string what = text("circle (%d, %d) radius %d in %d x %d", x, y, r, w, h);
        compare(found[0].x, x, 1, what + ", x");
        compare(found[0].y, y, 1, what + ", y");
        compare(found[0].r, r, i & 1 ? 1 : 2, what + ", r");        // a ring two wide has two edges
        std::vector<cv::Vec3f> theirs;
        cv::HoughCircles(m, theirs, cv::HOUGH_GRADIENT, 1, 20, 200, 15, 5, 40);
        expect(!theirs.empty(), "%s: cv::HoughCircles finds nothing", what.c_str());
        compare(found[0].x, theirs[0][0], 3, what + ", x of cv::HoughCircles");
        compare(found[0].y, theirs[0][1], 3, what + ", y of cv::HoughCircles");
        compare(found[0].r, theirs[0][2], i & 1 ? 3 : 5, what + ", r of cv::HoughCircles");
    }
    because("drawn by cv::circle, with noise; HoughCircles itself is up to 2 off");
}

// ---- Quadrilaterals ----

static void check_rects()
{
    for (int i = 0; i < 80; i++) {
        int w = between(100, 200), h = between(100, 200);
        picture p(w, h, mutable_formats[1 + rnd(2)]);
        cv::Mat m(h, w, CV_8U, cv::Scalar(40));
        cv::RotatedRect box({(float)(w / 2 + between(-10, 10)), (float)(h / 2 + between(-10, 10))}, {(float)between(25, 45), (float)between(25, 45)}, (float)between(0, 89));
        cv::Point2f c[4];
        box.points(c);
        std::vector<cv::Point> corners;
        for (const cv::Point2f &q : c) {
            corners.emplace_back((int)std::lround(q.x + real(-5, 5)), (int)std::lround(q.y + real(-5, 5)));
        }
        if (!cv::isContourConvex(corners)) {
            continue;
        }
        cv::fillConvexPoly(m, corners, 210, cv::LINE_AA);
        for (int k = 0; k < w * h; k++) {
            int v = m.at<uint8_t>(k / w, k % w) + between(-6, 6);
            m.at<uint8_t>(k / w, k % w) = (uint8_t)v;
            image_set_pixel(&p, k % w, k / w, p.format == PIXFORMAT_GRAYSCALE ? (uint32_t)v : color_gray_to_rgb565((uint32_t)v));
        }
        quad_options options = {nullptr, 1000};
        quad *found;
        int n = quad_find(&p, &options, scratch(), &found);
        expect(n >= 1, "(%d, %d) (%d, %d) (%d, %d) (%d, %d) in %d x %d %s: none found", corners[0].x, corners[0].y, corners[1].x, corners[1].y, corners[2].x,
               corners[2].y, corners[3].x, corners[3].y, w, h, format_name(p.format));
        // OpenCV's way: threshold, contour, approxPolyDP
        cv::Mat bright;
        std::vector<std::vector<cv::Point>> contours;
        std::vector<cv::Point> theirs;
        cv::threshold(m, bright, 125, 255, cv::THRESH_BINARY);
        cv::findContours(bright, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
        expect(contours.size() == 1, "%zu contours", contours.size());
        cv::approxPolyDP(contours[0], theirs, 4, true);
        for (int k = 0; k < 4; k++) {
            cv::Point2d ours(found[0].corners[k].x, found[0].corners[k].y);
            double drawn = 1e9, approximated = 1e9;
            for (const cv::Point &q : corners) {
                drawn = std::min(drawn, cv::norm(ours - cv::Point2d(q)));
            }
            for (const cv::Point &q : theirs) {
                approximated = std::min(approximated, cv::norm(ours - cv::Point2d(q)));
            }
            std::string what = text("corner (%.0f, %.0f) in %d x %d %s", ours.x, ours.y, w, h, format_name(p.format));
            compare(drawn, 0, 2.3, what + ": distance to the drawn one");
            compare(approximated, 0, 4, what + ": distance to approxPolyDP's");
        }
    }
    because("drawn by cv::fillConvexPoly: a corner within a pixel and a half each way; approxPolyDP's corners are pixels of the border");
}

// ---- Segments ----

// Share of a segment that has one of ours beside it: within 2 pixels, and 8 degrees.
static double covered(const cv::Vec4f &s, const line *ours, int n)
{
    cv::Point2d a(s[0], s[1]), b(s[2], s[3]);
    int steps = (int)std::ceil(cv::norm(b - a)), seen = 0;
    double direction = std::atan2(b.y - a.y, b.x - a.x) * 180 / CV_PI;

    for (int i = 0; i <= steps; i++) {
        cv::Point2d p = a + (b - a) * ((double)i / steps);
        for (int k = 0; k < n; k++) {
            cv::Point2d c(ours[k].x1, ours[k].y1), d(ours[k].x2, ours[k].y2), e = d - c;
            double t = std::min(1.0, std::max(0.0, (p - c).dot(e) / std::max(1.0, e.dot(e))));
            double turn = std::fmod(std::fabs(std::atan2(e.y, e.x) * 180 / CV_PI - direction), 180);
            if (cv::norm(p - (c + e * t)) <= 2 && std::min(turn, 180 - turn) <= 8) {
                seen++;
                break;
            }
        }
    }
    return (double)seen / (steps + 1);
}

static void check_segments()
{
    double length = 0, found_length = 0;

    for (int which = 0; which < PHOTOGRAPHS; which++) {
        picture p = photograph(which, PIXFORMAT_GRAYSCALE);
        std::vector<cv::Vec4f> theirs;
        cv::createLineSegmentDetector(cv::LSD_REFINE_STD)->detect(planes(p)[0], theirs);
        stroke_options options = {nullptr, 0, 15, 50};
        line *found;
        int n = stroke_find(&p, &options, scratch(), &found);
        expect(n > 0, "no segments");
        for (const cv::Vec4f &s : theirs) {
            double l = std::hypot(s[2] - s[0], s[3] - s[1]);
            if (l >= 25) {
                length += l;
                found_length += l * covered(s, found, n);
            }
        }
    }
    expect(length > 500, "cv::createLineSegmentDetector found %.0f pixels of segments", length);
    compare(found_length / length, 1, 0.25, "share of the segments of LSD, from 25 pixels on, that ours lie on");
    because("cv::createLineSegmentDetector on photographs: three quarters of what it has of 25 pixels and more");
}

const std::vector<check> shape_checks = {
    {"edges_simple", check_simple},
    {"edges_canny", check_canny},
    {"lines_drawn", check_drawn_lines},
    {"lines_photograph", check_photograph_lines},
    {"circles", check_circles},
    {"rects", check_rects},
    {"segments", check_segments},
};
