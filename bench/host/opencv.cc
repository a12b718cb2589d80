// SPDX-License-Identifier: MIT
// OpenCV's functions for our rows, with the same parameters as far as they have them.
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "host.h"

static cv::Mat gray, rgb565, out, half, pattern;

static void keep_gray(const uint8_t *p, int w, int h) { gray = cv::Mat(h, w, CV_8UC1, const_cast<uint8_t *>(p)).clone(); }
static void keep_rgb565(const uint8_t *p, int w, int h) { rgb565 = cv::Mat(h, w, CV_8UC2, const_cast<uint8_t *>(p)).clone(); }

static void keep_pattern(const uint8_t *p, int w, int h)
{
    keep_gray(p, w, h);
    pattern = gray(cv::Rect(100, 80, 32, 32)).clone();
}

static void binary(void) { cv::inRange(gray, 200, 255, out); }
static void to_grayscale(void) { cv::cvtColor(rgb565, out, cv::COLOR_BGR5652GRAY); }
static void to_rgb565(void) { cv::cvtColor(gray, out, cv::COLOR_GRAY2BGR565); }
static void mean(void) { cv::blur(gray, out, {3, 3}); }
static void mean5(void) { cv::blur(gray, out, {5, 5}); }
static void gaussian(void) { cv::GaussianBlur(gray, out, {3, 3}, 0); }
static void gaussian5(void) { cv::GaussianBlur(gray, out, {5, 5}, 0); }
static void median(void) { cv::medianBlur(gray, out, 3); }
static void median5(void) { cv::medianBlur(gray, out, 5); }
static void bilateral(void) { cv::bilateralFilter(gray, out, 3, 25, 1); }
static void negate(void) { cv::bitwise_not(gray, out); }
static void histeq(void) { cv::equalizeHist(gray, out); }
static void canny(void) { cv::Canny(gray, out, 50, 80); }
static void twice(void) { cv::resize(gray, out, {640, 480}, 0, 0, cv::INTER_LINEAR); }

static void histogram(void)
{
    const int channels[] = {0}, size[] = {256};
    const float range[] = {0, 256}, *ranges[] = {range};
    cv::calcHist(&gray, 1, channels, cv::Mat(), out, 1, size, ranges);
}

// Ours thresholds gray at its middle, then erodes: the same here.
static void erode(void)
{
    cv::threshold(gray, half, 127, 255, cv::THRESH_BINARY);
    cv::erode(half, out, cv::Mat());
}

static void blobs(void)
{
    cv::Mat labels, stats, centroids;
    cv::inRange(gray, 200, 255, half);
    cv::connectedComponentsWithStats(half, labels, stats, centroids, 4, CV_32S);
}

static void find_template(void)
{
    double best;
    cv::Point where;
    cv::matchTemplate(gray, pattern, out, cv::TM_CCOEFF_NORMED);
    cv::minMaxLoc(out, nullptr, &best, nullptr, &where);
}

extern "C" void opencv_set_up(int simd)
{
    cv::setNumThreads(1);
    cv::setUseOptimized(simd != 0);
}

extern "C" const struct peer opencv_peers[] = {
    {"binary", "gray", "OpenCV", keep_gray, binary},
    {"to_grayscale", "rgb565", "OpenCV", keep_rgb565, to_grayscale},
    {"to_rgb565", "gray", "OpenCV", keep_gray, to_rgb565},
    {"negate", "gray", "OpenCV", keep_gray, negate},
    {"get_histogram", "gray", "OpenCV", keep_gray, histogram},
    {"histeq", "gray", "OpenCV", keep_gray, histeq},
    {"erode1", "gray", "OpenCV", keep_gray, erode},
    {"mean1", "gray", "OpenCV", keep_gray, mean},
    {"mean2", "gray", "OpenCV", keep_gray, mean5},
    {"gaussian1", "gray", "OpenCV", keep_gray, gaussian},
    {"gaussian2", "gray", "OpenCV", keep_gray, gaussian5},
    {"median1", "gray", "OpenCV", keep_gray, median},
    {"median2", "gray", "OpenCV", keep_gray, median5},
    {"bilateral1", "gray", "OpenCV", keep_gray, bilateral},
    {"draw_image_2x_up_bilinear", "gray", "OpenCV", keep_gray, twice},
    {"find_edges_canny", "gray", "OpenCV", keep_gray, canny},
    {"find_blobs_1thr", "gray", "OpenCV", keep_gray, blobs},
    {"find_template_EX_step2", "gray", "OpenCV", keep_pattern, find_template},
    {},
};
