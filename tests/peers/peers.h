// SPDX-License-Identifier: MIT
// vision/ beside other people's libraries, in one process: what the checks share. A check compares many pictures with a tolerance that it states
// and explains; the first pixel beyond it ends the check with both values, the seed and the command that repeats only it.
#ifndef TESTS_PEERS_H
#define TESTS_PEERS_H

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

extern "C" {
#include "vision/color.h"
#include "vision/image.h"
}

struct check {
    const char *name;
    void (*run)();
};
extern const std::vector<check> filter_checks, region_checks, color_checks, geometry_checks, match_checks, shape_checks, png_checks,
    jpeg_checks, film_checks, draw_checks, finder_checks, sensor_checks;

// A difference beyond the tolerance. What it says: what was expected, what was there.
struct mismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define expect(condition, ...)                                                                                                             \
    do {                                                                                                                                   \
        if (!(condition)) {                                                                                                                \
            throw mismatch(text("%s: ", #condition) + text(__VA_ARGS__));                                                               \
        }                                                                                                                                  \
    } while (0)

// The check's own random numbers, from PEERS_SEED or 0: the same on every machine.
extern unsigned long seed;
uint32_t rnd(uint32_t below);
int between(int low, int high);
inline double real(double low, double high) { return low + (high - low) * rnd(1 << 24) / (1 << 24); }

// An image with its memory, and an arena that is always large enough.
struct picture : image {
    std::vector<uint8_t> bytes;
    picture(int w, int h, enum pixel_format f, size_t room = 0);
    picture(const picture &other);
    picture &operator=(const picture &other) = delete;
};
arena *scratch();

extern const enum pixel_format mutable_formats[3];
const char *format_name(enum pixel_format f);

// Noise, patches, gradients or a few levels, by turns; bits that pad a binary row stay 0.
picture random_picture(int w, int h, enum pixel_format f);

// 320 x 240 photographs, gray or RGB565 (or their threshold at 127, binary): photograph(0 .. PHOTOGRAPHS - 1).
enum { PHOTOGRAPHS = 2 };
picture photograph(int which, enum pixel_format f);
cv::Mat photograph_bgr(int which);

// Every size from 1 x 1 to 40 x 40, the formats by turns, and both photographs in every format: `visit` gets the picture. From `least` pixels a side on.
void for_pictures(const std::function<void(const picture &)> &visit, int least = 1, bool photographs = true, int formats = 3);

// Channels in the units that vision/ filters: binary 0 and 255, gray, RGB565's 5, 6 and 5 bits (red first); and their tops.
std::vector<cv::Mat> planes(const image &img);
int plane_top(const image &img, int plane);
// Channels widened to 8 bits: one of gray, or red, green, blue.
cv::Mat gray_of(const image &img);
cv::Mat rgb_of(const image &img);

// Differences of a check, for what it prints when it has passed. tolerance: the largest one allowed.
void compare(const cv::Mat &ours, const cv::Mat &theirs, double tolerance, const std::string &what);
void compare(const image &ours, const std::vector<cv::Mat> &theirs, double tolerance, const std::string &what);
void compare(double ours, double theirs, double tolerance, const std::string &what);
// Said behind PASS: why the tolerance is what it is.
void because(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
