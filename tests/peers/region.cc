// SPDX-License-Identifier: MIT
// Regions beside OpenCV: blobs with connectedComponentsWithStats, moments, convexHull and minAreaRect; flood fill; one beside scanning alone.
#include "peers.h"

#include <algorithm>
#include <cmath>
#include <set>

extern "C" {
#include "vision/blob.h"
#include "vision/flood.h"
#include "vision/threshold.h"
}

// The pixels within thresholds, from the definition: gray by cv::inRange, RGB565 by Lab of each pixel (color.cc compares that).
static cv::Mat inside(const image &img, const std::vector<threshold> &list, bool invert)
{
    cv::Mat set = cv::Mat::zeros(img.height, img.width, CV_8U), one;
    cv::Mat lab(img.height, img.width, CV_8SC3);

    for (int y = 0; img.format == PIXFORMAT_RGB565 && y < img.height; y++) {
        for (int x = 0; x < img.width; x++) {
            uint32_t v = 0;
            image_get_pixel(&img, x, y, &v);
            struct lab c = color_rgb565_to_lab(v);
            lab.at<cv::Vec3b>(y, x) = cv::Vec3b((uint8_t)c.l, (uint8_t)c.a, (uint8_t)c.b);
        }
    }
    for (const threshold &t : list) {
        if (img.format == PIXFORMAT_RGB565) {
            cv::inRange(lab, cv::Scalar(t.l_min, t.a_min, t.b_min), cv::Scalar(t.l_max, t.a_max, t.b_max), one);
        } else {
            cv::Mat values = planes(img)[0];
            if (img.format == PIXFORMAT_BINARY) {
                values = values / 255;
            }
            cv::inRange(values, t.l_min, t.l_max, one);
        }
        set |= one;
    }
    return invert ? cv::Mat(~set) : set;
}

static std::vector<threshold> random_thresholds(const image &img, int most)
{
    std::vector<threshold> list;

    for (int n = between(1, most); n > 0; n--) {
        int v[6], top = img.format == PIXFORMAT_BINARY ? 1 : img.format == PIXFORMAT_GRAYSCALE ? 255 : 100;
        for (int i = 0; i < 6; i++) {
            v[i] = i < 2 ? between(0, top) : i & 1 ? between(0, 127) : between(-128, 10);
        }
        threshold t;
        expect(threshold_from_ints(&t, v, img.format == PIXFORMAT_RGB565 ? 6 : 2) == 0, "threshold");
        list.push_back(t);
    }
    return list;
}

static std::string at(const image &img, const blob &b)
{
    return text("%d x %d %s, blob at (%d, %d) %d x %d", img.width, img.height, format_name(img.format), b.rect.x, b.rect.y, b.rect.w, b.rect.h);
}

// Pixel edges between the region and everything else.
static int perimeter_of(const cv::Mat &region)
{
    cv::Mat wide, d;
    int n;

    cv::copyMakeBorder(region / 255, wide, 1, 1, 1, 1, cv::BORDER_CONSTANT, 0);
    cv::absdiff(wide.colRange(1, wide.cols), wide.colRange(0, wide.cols - 1), d);
    n = cv::countNonZero(d);
    cv::absdiff(wide.rowRange(1, wide.rows), wide.rowRange(0, wide.rows - 1), d);
    return n + cv::countNonZero(d);
}

static void compare_moments(const blob &b, const cv::Mat &region, const cv::Rect &roi, const std::string &where)
{
    cv::Moments m = cv::moments(region, true);
    double xx = m.mu20 / m.m00, yy = m.mu02 / m.m00, xy = m.mu11 / m.m00;
    double root = std::sqrt((xx - yy) * (xx - yy) + 4 * xy * xy), most = (xx + yy + root) / 2, least = (xx + yy - root) / 2;

    compare((double)b.sum_x, m.m10, 0, where + ", sum of x");
    compare((double)b.sum_y, m.m01, 0, where + ", sum of y");
    compare((double)b.sum_xx, m.m20, 0, where + ", sum of x x");
    compare((double)b.sum_xy, m.m11, 0, where + ", sum of x y");
    compare((double)b.sum_yy, m.m02, 0, where + ", sum of y y");
    // float results: 2^-22 of a coordinate up to 320
    compare(b.cx, roi.x + m.m10 / m.m00, 1e-4, where + ", cx");
    compare(b.cy, roi.y + m.m01 / m.m00, 1e-4, where + ", cy");
    if (most < 1e-6) {
        compare(b.roundness, 1, 0, where + ", roundness of a pixel");
        return;
    }
    compare(b.roundness, std::max(0.0, least) / most, 1e-4, where + ", roundness");
    if (root > 1e-3 * most) {
        double angle = 0.5 * std::atan2(2 * xy, xx - yy), d = std::fabs(b.rotation - (angle < 0 ? angle + CV_PI : angle));
        compare(std::min(d, CV_PI - d), 0, 1e-3, where + ", rotation");
    }
}

static double rectangle_area(const std::vector<cv::Point2f> &c)
{
    return cv::norm(c[1] - c[0]) * cv::norm(c[2] - c[1]);
}

// Corners are pixels of the region, extreme along the diagonals; the least rectangle has cv::minAreaRect's area within its corners' rounding.
static void compare_corners(const blob &b, const cv::Mat &region, const cv::Rect &roi, const std::string &where)
{
    std::vector<cv::Point> points, hull;
    int best[4] = {1 << 20, -(1 << 20), -(1 << 20), 1 << 20};

    cv::findNonZero(region, points);
    for (cv::Point p : points) {
        best[0] = std::min(best[0], p.x + p.y);
        best[1] = std::max(best[1], p.x - p.y);
        best[2] = std::max(best[2], p.x + p.y);
        best[3] = std::min(best[3], p.x - p.y);
    }
    for (int i = 0; i < 4; i++) {
        cv::Point p(b.corners[i].x - roi.x, b.corners[i].y - roi.y);
        compare(i & 1 ? p.x - p.y : p.x + p.y, best[i], 0, where + text(", corner %d", i));
        expect(region.at<uint8_t>(p), "%s: corner %d lies outside", where.c_str(), i);
    }
    cv::convexHull(points, hull);
    cv::RotatedRect theirs = cv::minAreaRect(hull);
    std::vector<cv::Point2f> ours;
    for (const point &p : b.min_corners) {
        ours.emplace_back((float)(p.x - roi.x), (float)(p.y - roi.y));
    }
    // Every corner moves by up to half a pixel each way: each side's length by up to sqrt 2.
    double w = theirs.size.width, h = theirs.size.height;
    compare(rectangle_area(ours), w * h, std::sqrt(2) * (w + h) + 2, where + ", area of min_corners");
    for (cv::Point p : points) {
        expect(ours[0] == ours[2] || cv::pointPolygonTest(ours, cv::Point2f(p), true) > -1.5, "%s: (%d, %d) lies outside min_corners", where.c_str(), p.x, p.y);
    }
}

static void compare_blobs(const picture &img, const std::vector<threshold> &list, bool invert, const cv::Rect &roi)
{
    rect region = {roi.x, roi.y, roi.width, roi.height};
    blob_options options = {};
    blob *found;
    cv::Mat labels, stats, centroids, set = inside(img, list, invert)(roi);
    std::set<int> seen;

    options.thresholds = list.data();
    options.count = 1;
    options.invert = invert;
    options.roi = &region;
    options.x_stride = options.y_stride = 1;
    options.x_hist_bins_max = options.y_hist_bins_max = 1 << 10;
    int count = blob_find(&img, &options, scratch(), &found);
    expect(count >= 0, "%s", vision_strerror(count));
    compare(count, cv::connectedComponentsWithStats(set, labels, stats, centroids, 4, CV_32S) - 1, 0,
            text("number of blobs of %d x %d %s", img.width, img.height, format_name(img.format)));
    for (int i = 0; i < count; i++) {
        const blob &b = found[i];
        std::string where = at(img, b);
        int label = labels.at<int>(b.corners[0].y - roi.y, b.corners[0].x - roi.x);
        expect(label && seen.insert(label).second, "%s: not a region of OpenCV's, or found twice", where.c_str());
        cv::Mat mask = labels == label;
        compare(b.rect.x - roi.x, stats.at<int>(label, cv::CC_STAT_LEFT), 0, where + ", x");
        compare(b.rect.y - roi.y, stats.at<int>(label, cv::CC_STAT_TOP), 0, where + ", y");
        compare(b.rect.w, stats.at<int>(label, cv::CC_STAT_WIDTH), 0, where + ", w");
        compare(b.rect.h, stats.at<int>(label, cv::CC_STAT_HEIGHT), 0, where + ", h");
        compare(b.pixels, stats.at<int>(label, cv::CC_STAT_AREA), 0, where + ", pixels");
        cv::Rect box(b.rect.x - roi.x, b.rect.y - roi.y, b.rect.w, b.rect.h);
        cv::Mat part = mask(box), sums;
        compare(b.perimeter, perimeter_of(part), 0, where + ", perimeter");
        if (img.width == 320 && b.pixels < 30) {
            continue;
        }
        compare_moments(b, mask, roi, where);
        compare_corners(b, mask, roi, where);
        cv::reduce(part, sums, 0, cv::REDUCE_SUM, CV_32S);
        for (int x = 0; x < b.x_bins; x++) {
            compare(b.x_hist[x], sums.at<int>(x) / 255, 0, where + ", column");
        }
        cv::reduce(part, sums, 1, cv::REDUCE_SUM, CV_32S);
        for (int y = 0; y < b.y_bins; y++) {
            compare(b.y_hist[y], sums.at<int>(y) / 255, 0, where + ", row");
        }
    }
}

static cv::Rect random_roi(const image &img)
{
    if (rnd(3)) {
        return {0, 0, img.width, img.height};
    }
    int x = between(0, img.width - 1), y = between(0, img.height - 1);
    return {x, y, between(1, img.width - x), between(1, img.height - y)};
}

static void check_blobs()
{
    for_pictures([](const picture &p) { compare_blobs(p, random_thresholds(p, 1), rnd(4) == 0, random_roi(p)); });
    because("exact but floats: centroid 1e-4, roundness 1e-4, rotation 1e-3 and least rectangles whose corners are rounded to pixels");
}

static void check_binary()
{
    for_pictures([](const picture &p) {
        picture out = p;
        std::vector<threshold> list = random_thresholds(p, 3);
        binary_options options = {};
        options.thresholds = list.data();
        options.count = list.size();
        options.invert = rnd(2);
        options.zero = rnd(2);
        cv::Mat set = inside(p, list, options.invert);
        std::vector<cv::Mat> expected = planes(p);
        for (size_t c = 0; c < expected.size(); c++) {
            if (options.zero) {
                expected[c].setTo(0, set);
            } else {
                expected[c] = set & plane_top(p, (int)c);
            }
        }
        int error = binary_image(&out, &p, &options, scratch());
        expect(error == 0, "%s", vision_strerror(error));
        compare(out, expected, 0, "binary");
    });
    because("cv::inRange");
}

// Our fill with one of the thresholds wide open is one of OpenCV's two kinds: FLOODFILL_FIXED_RANGE, or from neighbour to neighbour.
static void check_flood()
{
    for_pictures([](const picture &p) {
        picture img = p, mask = random_picture(p.width, p.height, mutable_formats[rnd(3)]);
        bool fixed = rnd(2), masked = rnd(4) == 0;
        float part = (float)real(0, 0.3);
        int x = between(0, p.width - 1), y = between(0, p.height - 1);
        flood_options options = {};
        options.seed_threshold = fixed ? part : 1;
        options.floating_threshold = fixed ? 1 : part;
        options.color = 0xFFFFFFFF;
        options.invert = rnd(2);
        options.clear_background = rnd(2);
        options.mask = masked ? &mask : nullptr;

        std::vector<cv::Mat> expected = planes(p);
        cv::Mat barrier(p.height + 2, p.width + 2, CV_8U, cv::Scalar(0)), all;
        cv::Scalar range;
        for (int c = 0; c < (int)expected.size(); c++) {
            range[c] = std::lround(part * (float)plane_top(p, c));
        }
        cv::Rect middle(1, 1, p.width, p.height);
        if (masked) {
            barrier(middle).setTo(1, gray_of(mask) <= 127);
        }
        cv::Mat reached = cv::Mat::zeros(p.height, p.width, CV_8U);
        if (!barrier.at<uint8_t>(y + 1, x + 1)) {
            cv::merge(expected, all);
            cv::floodFill(all, barrier, {x, y}, 0, nullptr, range, range, 4 | (fixed ? cv::FLOODFILL_FIXED_RANGE : 0) | cv::FLOODFILL_MASK_ONLY | 77 << 8);
            reached = barrier(middle) == 77;
        }
        cv::Mat fill = options.invert ? cv::Mat(~reached) : reached;
        for (size_t c = 0; c < expected.size(); c++) {
            if (options.clear_background) {
                expected[c].setTo(0);
            }
            expected[c].setTo(plane_top(p, (int)c), fill);
        }
        int error = flood_fill(&img, x, y, &options, scratch());
        expect(error == 0, "%s", vision_strerror(error));
        compare(img, expected, 0,
                text("flood from (%d, %d), %s %.3f%s%s%s", x, y, fixed ? "seed" : "floating", part, options.invert ? ", invert" : "",
                     options.clear_background ? ", clear" : "", masked ? ", mask" : ""));
    });
    because("cv::floodFill, of a fixed range and from neighbour to neighbour");
}

const std::vector<check> region_checks = {
    {"binary", check_binary},
    {"blobs", check_blobs},
    {"flood_fill", check_flood},
};
