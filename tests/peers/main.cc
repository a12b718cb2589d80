// SPDX-License-Identifier: MIT
// Runs the checks, or those named: peers FOLDER-OF-PHOTOGRAPHS [NAME ...]. PEERS_SEED=n tries other random pictures.
#include "peers.h"

#include <cmath>
#include <ctime>

unsigned long seed;
static uint64_t random_state;
static std::string folder, reason;
static long compared;
static double largest, allowed;     // of the comparison that came closest to its tolerance

const enum pixel_format mutable_formats[3] = {PIXFORMAT_BINARY, PIXFORMAT_GRAYSCALE, PIXFORMAT_RGB565};

const char *format_name(enum pixel_format f)
{
    return f == PIXFORMAT_BINARY ? "binary" : f == PIXFORMAT_GRAYSCALE ? "gray" : f == PIXFORMAT_RGB565 ? "rgb565" : "other";
}

std::string text(const char *format, ...)
{
    char line[1000];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    return line;
}

void because(const char *format, ...)
{
    char line[1000];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    reason = line;
}

uint32_t rnd(uint32_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(((random_state >> 33) * below) >> 31);
}

int between(int low, int high)
{
    return low + (int)rnd((uint32_t)(high - low + 1));
}

// ---- Pictures ----

picture::picture(int w, int h, enum pixel_format f, size_t room) : image{}
{
    size_t n = pixformat_image_bytes(f, w, h);
    bytes.resize((n > room ? n : room) + 8);
    expect(image_init(this, w, h, f, bytes.data(), bytes.size()) == 0, "%d x %d", w, h);
}

picture::picture(const picture &other) : image(other), bytes(other.bytes)
{
    data = bytes.data();
}

arena *scratch()
{
    static std::vector<uint64_t> memory(8 << 20);
    static arena a;

    a = {};
    a.base = (uint8_t *)memory.data();
    a.size = memory.size() * 8;
    return &a;
}

static void clear_padding(picture &p)
{
    if (p.format == PIXFORMAT_BINARY && (p.width & 31)) {
        for (int y = 0; y < p.height; y++) {
            ((uint32_t *)(void *)image_row(&p, y))[p.width >> 5] &= (1u << (p.width & 31)) - 1;
        }
    }
}

picture random_picture(int w, int h, enum pixel_format f)
{
    picture p(w, h, f);
    size_t n = image_bytes(&p);
    uint8_t value = (uint8_t)rnd(256), levels[4] = {(uint8_t)rnd(256), (uint8_t)rnd(256), (uint8_t)rnd(256), (uint8_t)rnd(256)};
    uint32_t kind = rnd(4);

    for (size_t i = 0; i < n; i++) {
        if (kind == 0 || (kind == 1 && rnd(6) == 0)) {
            value = (uint8_t)rnd(256);
        } else if (kind == 2) {
            value = levels[rnd(4)];
        } else if (kind == 3) {
            value = (uint8_t)(value + rnd(5));
        }
        p.data[i] = value;
    }
    clear_padding(p);
    return p;
}

static std::vector<uint8_t> load(const std::string &path)
{
    FILE *file = fopen(path.c_str(), "rb");
    std::vector<uint8_t> bytes(320 * 240 * 2);

    if (!file) {
        fprintf(stderr, "%s can't be read\n", path.c_str());
        exit(1);
    }
    bytes.resize(fread(bytes.data(), 1, bytes.size(), file));
    fclose(file);
    return bytes;
}

picture photograph(int which, enum pixel_format f)
{
    static const char *const names[PHOTOGRAPHS] = {"moto", "coffee"};
    picture p(320, 240, f);
    std::vector<uint8_t> bytes = load(folder + "/" + names[which] + (f == PIXFORMAT_RGB565 ? ".rgb565" : ".gray"));

    if (f != PIXFORMAT_BINARY) {
        memcpy(p.data, bytes.data(), bytes.size());
        return p;
    }
    for (int i = 0; i < 320 * 240; i++) {
        image_set_pixel(&p, i % 320, i / 320, bytes[(size_t)i] > 127);
    }
    return p;
}

void for_pictures(const std::function<void(const picture &)> &visit, int least, bool photographs, int formats)
{
    int turn = 0;

    for (int h = least; h <= 40; h++) {
        for (int w = least; w <= 40; w++) {
            visit(random_picture(w, h, mutable_formats[(turn++ % formats + (formats < 3)) % 3]));
        }
    }
    for (int which = 0; photographs && which < PHOTOGRAPHS; which++) {
        for (int f = formats < 3; f < formats + (formats < 3); f++) {
            visit(photograph(which, mutable_formats[f]));
        }
    }
}

static uint32_t native(const image &img, int x, int y)
{
    if (img.format == PIXFORMAT_RGB565) {
        return ((const uint16_t *)(const void *)img.data)[y * img.width + x];
    }
    if (img.format == PIXFORMAT_GRAYSCALE) {
        return img.data[y * img.width + x];
    }
    uint32_t v = 0;
    image_get_pixel(&img, x, y, &v);
    return v;
}

std::vector<cv::Mat> planes(const image &img)
{
    std::vector<cv::Mat> out;

    for (int c = 0; c < (img.format == PIXFORMAT_RGB565 ? 3 : 1); c++) {
        out.emplace_back(img.height, img.width, CV_8UC1);
    }
    for (int y = 0; y < img.height; y++) {
        for (int x = 0; x < img.width; x++) {
            uint32_t v = native(img, x, y);
            if (out.size() == 3) {
                out[0].at<uint8_t>(y, x) = (uint8_t)(v >> 11);
                out[1].at<uint8_t>(y, x) = (uint8_t)(v >> 5 & 63);
                out[2].at<uint8_t>(y, x) = (uint8_t)(v & 31);
            } else {
                out[0].at<uint8_t>(y, x) = (uint8_t)(img.format == PIXFORMAT_BINARY ? v * 255 : v);
            }
        }
    }
    return out;
}

int plane_top(const image &img, int plane)
{
    return img.format != PIXFORMAT_RGB565 ? 255 : plane == 1 ? 63 : 31;
}

cv::Mat rgb_of(const image &img)
{
    std::vector<cv::Mat> p = planes(img);
    cv::Mat out(img.height, img.width, CV_8UC3);

    for (int y = 0; y < img.height; y++) {
        for (int x = 0; x < img.width; x++) {
            cv::Vec3b &v = out.at<cv::Vec3b>(y, x);
            for (int c = 0; c < 3; c++) {
                int s = p[p.size() == 3 ? (size_t)c : 0].at<uint8_t>(y, x);
                v[c] = (uint8_t)(p.size() != 3 ? s : c == 1 ? s << 2 | s >> 4 : s << 3 | s >> 2);
            }
        }
    }
    return out;
}

cv::Mat gray_of(const image &img)
{
    if (img.format != PIXFORMAT_RGB565) {
        return planes(img)[0];
    }
    cv::Mat rgb = rgb_of(img), out(img.height, img.width, CV_8UC1);
    for (int y = 0; y < img.height; y++) {
        for (int x = 0; x < img.width; x++) {
            cv::Vec3b v = rgb.at<cv::Vec3b>(y, x);
            out.at<uint8_t>(y, x) = (uint8_t)((38 * v[0] + 75 * v[1] + 15 * v[2]) >> 7);
        }
    }
    return out;
}

cv::Mat photograph_bgr(int which)
{
    cv::Mat bgr;
    cv::cvtColor(rgb_of(photograph(which, PIXFORMAT_RGB565)), bgr, cv::COLOR_RGB2BGR);
    return bgr;
}

// ---- Comparing ----

void compare(double ours, double theirs, double tolerance, const std::string &what)
{
    double d = std::fabs(ours - theirs);

    compared++;
    if (!(d <= tolerance)) {
        throw mismatch(text("%s: expected %.9g, got %.9g; %.9g allowed", what.c_str(), theirs, ours, tolerance));
    }
    if (tolerance > 0 && (allowed <= 0 || d / tolerance > largest / allowed)) {
        largest = d;
        allowed = tolerance;
    }
}

void compare(const cv::Mat &ours, const cv::Mat &theirs, double tolerance, const std::string &what)
{
    expect(ours.size() == theirs.size(), "%s: expected %d x %d, got %d x %d", what.c_str(), theirs.cols, theirs.rows, ours.cols, ours.rows);
    cv::Mat a, b;
    ours.convertTo(a, CV_64F);
    theirs.convertTo(b, CV_64F);
    double most;
    cv::Point at;
    cv::Mat d = cv::abs(a - b);
    d = d.reshape(1);
    cv::minMaxLoc(d, nullptr, &most, nullptr, &at);
    int channels = ours.channels();
    compare(a.reshape(1).at<double>(at), b.reshape(1).at<double>(at), tolerance,
            what + text(": pixel (%d, %d) of %d x %d", at.x / channels, at.y, ours.cols, ours.rows));
    compared--;
    compared += (long)ours.total();
}

void compare(const image &ours, const std::vector<cv::Mat> &theirs, double tolerance, const std::string &what)
{
    std::vector<cv::Mat> p = planes(ours);

    expect(p.size() == theirs.size(), "%s", what.c_str());
    for (size_t c = 0; c < p.size(); c++) {
        compare(p[c], theirs[c], tolerance, what + text(", %s, channel %zu", format_name(ours.format), c));
    }
}

// ---- Running ----

static bool run(const check &c)
{
    std::string error;
    clock_t start = clock();

    random_state = seed * 7919 + 12345;
    for (const char *p = c.name; *p; p++) {
        random_state = random_state * 31 + (uint8_t)*p;
    }
    rnd(2);
    compared = 0;
    largest = allowed = 0;
    reason.clear();
    try {
        c.run();
    } catch (const std::exception &e) {
        error = e.what();
    }
    double time = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (error.empty()) {
        std::string off = allowed > 0 ? text("at most %.3g off where %.3g is allowed", largest, allowed) : "equal";
        printf("PASS %s: %ld compared, %s (%s; %.2f s)\n", c.name, compared, off.c_str(), reason.c_str(), time);
    } else {
        printf("FAIL %s: %s [rerun: PEERS_SEED=%lu build/test/peers/peers build/test/peers %s]\n", c.name, error.c_str(), seed, c.name);
    }
    fflush(stdout);
    return error.empty();
}

int main(int argc, char **argv)
{
    const char *given = getenv("PEERS_SEED");
    bool good = true;

    if (argc < 2) {
        return 2;
    }
    folder = argv[1];
    seed = given ? strtoul(given, nullptr, 0) : 0;
    cv::setNumThreads(1);
    for (const std::vector<check> *list : {&filter_checks, &region_checks, &color_checks, &geometry_checks, &match_checks, &shape_checks, &png_checks, &jpeg_checks, &film_checks, &draw_checks, &finder_checks, &sensor_checks}) {
        for (const check &c : *list) {
            bool wanted = argc == 2;
            for (int i = 2; i < argc; i++) {
                wanted |= !strcmp(argv[i], c.name);
            }
            good &= !wanted || run(c);
        }
    }
    return !good;
}
