// SPDX-License-Identifier: MIT
// PNG beside libpng: files of every kind are read alike, bit for bit, and what ours writes libpng reads as the same pixels.
#include "peers.h"

#include <algorithm>
#include <csetjmp>

#include <png.h>

// Two names that libpng has, too.
#define png_color vision_png_color
#define png_info  vision_png_info
extern "C" {
#include "vision/png.h"
}
#undef png_color
#undef png_info

typedef std::vector<uint8_t> bytes;

static void append(png_structp png, png_bytep data, size_t n)
{
    bytes *to = (bytes *)png_get_io_ptr(png);
    to->insert(to->end(), data, data + n);
}

static void nothing(png_structp) {}

struct source {
    const bytes *from;
    size_t at;
};

static void take(png_structp png, png_bytep data, size_t n)
{
    source *s = (source *)png_get_io_ptr(png);
    if (s->at + n > s->from->size()) {
        png_error(png, "the file is too short");
    }
    memcpy(data, s->from->data() + s->at, n);
    s->at += n;
}

// A file of random samples, or of a smooth picture, as libpng writes it.
struct kind {
    int w, h, color, depth;
    bool interlaced;
    int filters, level;
};

static bytes write_file(const kind &k)
{
    bytes out;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);

    if (setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        throw mismatch("libpng can't write");
    }
    png_set_write_fn(png, &out, append, nothing);
    png_set_IHDR(png, info, (png_uint_32)k.w, (png_uint_32)k.h, k.depth, k.color, k.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_filter(png, 0, k.filters);
    png_set_compression_level(png, k.level);
    if (k.color == PNG_COLOR_TYPE_PALETTE) {
        png_color palette[256];
        for (png_color &c : palette) {
            c = {(uint8_t)rnd(256), (uint8_t)rnd(256), (uint8_t)rnd(256)};
        }
        png_set_PLTE(png, info, palette, 1 << k.depth);
    } else if (rnd(3) == 0 && !(k.color & PNG_COLOR_MASK_ALPHA)) {
        png_color_16 key = {0, 1, 1, 1, 1};
        png_set_tRNS(png, info, nullptr, 0, &key);
    }
    png_write_info(png, info);
    size_t row = png_get_rowbytes(png, info);
    bytes pixels(row * (size_t)k.h);
    bool smooth = rnd(2);
    uint8_t v = 0;
    for (uint8_t &b : pixels) {
        v = smooth ? (uint8_t)(v + rnd(4)) : (uint8_t)rnd(256);
        b = v;
    }
    std::vector<png_bytep> rows;
    for (int y = 0; y < k.h; y++) {
        rows.push_back(pixels.data() + (size_t)y * row);
    }
    png_write_image(png, rows.data());
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return out;
}

// As RGB of 8 bits, transparency left out.
static cv::Mat read_file(const bytes &file, int *color = nullptr, int *depth = nullptr)
{
    source s = {&file, 0};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);

    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info, nullptr);
        throw mismatch("libpng can't read the file");
    }
    png_set_read_fn(png, &s, take);
    png_read_info(png, info);
    if (color) {
        *color = png_get_color_type(png, info);
        *depth = png_get_bit_depth(png, info);
    }
    png_set_palette_to_rgb(png);
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_scale_16(png);
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    cv::Mat out((int)png_get_image_height(png, info), (int)png_get_image_width(png, info), CV_8UC3);
    std::vector<png_bytep> rows;
    for (int y = 0; y < out.rows; y++) {
        rows.push_back(out.ptr(y));
    }
    png_read_image(png, rows.data());
    png_read_end(png, info);
    png_destroy_read_struct(&png, &info, nullptr);
    return out;
}

// RGB of 8 bits as a format's channels, by the rules of vision/png.h.
static std::vector<cv::Mat> as_planes(const cv::Mat &rgb, enum pixel_format format)
{
    std::vector<cv::Mat> out;

    cv::split(rgb, out);
    if (format == PIXFORMAT_RGB565) {
        for (int c = 0; c < 3; c++) {
            for (uint8_t &v : cv::Mat_<uint8_t>(out[(size_t)c])) {
                v = (uint8_t)(v >> (c == 1 ? 2 : 3));
            }
        }
        return out;
    }
    cv::Mat gray(rgb.size(), CV_8U);
    for (int y = 0; y < rgb.rows; y++) {
        for (int x = 0; x < rgb.cols; x++) {
            cv::Vec3b v = rgb.at<cv::Vec3b>(y, x);
            gray.at<uint8_t>(y, x) = (uint8_t)((38 * v[0] + 75 * v[1] + 15 * v[2]) >> 7);
        }
    }
    if (format == PIXFORMAT_BINARY) {
        cv::threshold(gray, gray, 127, 255, cv::THRESH_BINARY);
    }
    return {gray};
}

static void compare_decoded(const bytes &file, int w, int h, enum pixel_format format, const std::string &what)
{
    picture out(w, h, format);
    memory_stream memory = {const_cast<uint8_t *>(file.data()), file.size(), file.size(), 0};
    stream in = memory_stream_open(&memory);
    int error = png_decode(&in, &out, scratch());

    expect(error == 0, "%s: %s", what.c_str(), vision_strerror(error));
    compare(out, as_planes(read_file(file), format), 0, what);
}

static const struct { int color, depth; } kinds[] = {
    {PNG_COLOR_TYPE_GRAY, 1}, {PNG_COLOR_TYPE_GRAY, 2}, {PNG_COLOR_TYPE_GRAY, 4}, {PNG_COLOR_TYPE_GRAY, 8}, {PNG_COLOR_TYPE_GRAY, 16},
    {PNG_COLOR_TYPE_RGB, 8}, {PNG_COLOR_TYPE_RGB, 16}, {PNG_COLOR_TYPE_PALETTE, 1}, {PNG_COLOR_TYPE_PALETTE, 2}, {PNG_COLOR_TYPE_PALETTE, 4},
    {PNG_COLOR_TYPE_PALETTE, 8}, {PNG_COLOR_TYPE_GRAY_ALPHA, 8}, {PNG_COLOR_TYPE_GRAY_ALPHA, 16}, {PNG_COLOR_TYPE_RGB_ALPHA, 8}, {PNG_COLOR_TYPE_RGB_ALPHA, 16},
};

static void check_png_decode()
{
    static const int filters[] = {PNG_FILTER_NONE, PNG_FILTER_SUB, PNG_FILTER_UP, PNG_FILTER_AVG, PNG_FILTER_PAETH, PNG_ALL_FILTERS};
    int n = 0;

    for (int h = 1; h <= 40; h++) {
        for (int w = 1; w <= 40; w++, n++) {
            const auto &c = kinds[n % 15];
            kind k = {w, h, c.color, c.depth, n / 15 % 2 != 0, filters[rnd(6)], between(0, 9)};
            compare_decoded(write_file(k), w, h, mutable_formats[n / 30 % 3],
                            text("colour type %d, depth %d%s, filters 0x%02x, level %d", k.color, k.depth, k.interlaced ? ", interlaced" : "", k.filters, k.level));
        }
    }
    for (const auto &c : kinds) {
        for (int interlaced = 0; interlaced < 2; interlaced++) {
            kind k = {311, 97, c.color, c.depth, interlaced != 0, PNG_ALL_FILTERS, 6};
            compare_decoded(write_file(k), k.w, k.h, PIXFORMAT_RGB565, text("colour type %d, depth %d, large", k.color, k.depth));
        }
    }
    because("libpng's own files of every colour type, depth, filter and level, interlaced and not");
}

static bytes encode(const image &img)
{
    memory_stream file = {};
    arena *a = scratch();
    int error = png_encode_scratch(&img, &file, a);

    expect(error == 0, "%s", vision_strerror(error));
    return bytes(file.data, file.data + file.size);
}

static void check_png_encode()
{
    for_pictures([](const picture &p) {
        int color, depth;
        bytes file = encode(p);
        std::string what = text("%d x %d %s", p.width, p.height, format_name(p.format));
        cv::Mat read = read_file(file, &color, &depth);
        compare(read, rgb_of(p), 0, what);
        compare(color, p.format == PIXFORMAT_RGB565 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, 0, what + ", colour type");
        compare(depth, p.format == PIXFORMAT_BINARY ? 1 : 8, 0, what + ", depth");
        compare_decoded(file, p.width, p.height, p.format, what + ", read back");
    });
    because("libpng reads the same pixels");
}

// ---- Sizes ----

// What scripts draw on and what they draw: text, boxes, plots, on flat ground, on a gradient, on a photograph.
enum drawing { PAGE, PLOT, SHAPES, GRADIENT, MARKED, PHOTO, DRAWINGS };
static const char *const drawing_names[DRAWINGS] = {"page of text", "plot", "shapes", "text on a gradient", "photograph with marks", "photograph"};

static void write_lines(cv::Mat &m, const cv::Scalar &color, int step)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz     ABCDEF0123456789.,";

    for (int y = 14; y < m.rows; y += step) {
        std::string line;
        for (int i = between(5, 36); i > 0; i--) {
            line += letters[rnd(sizeof letters - 1)];
        }
        cv::putText(m, line, {between(2, 20), y}, cv::FONT_HERSHEY_PLAIN, 0.8, color, 1, cv::LINE_8);
    }
}

static cv::Mat draw(enum drawing what)
{
    cv::Mat m(240, 320, CV_8UC3, cv::Scalar(255, 255, 255));
    auto color = [] { return cv::Scalar(rnd(256), rnd(256), rnd(256)); };
    auto place = [] { return cv::Point(between(0, 319), between(0, 239)); };

    switch (what) {
    case PAGE:
        write_lines(m, cv::Scalar(0, 0, 0), 14);
        break;
    case PLOT:
        for (int c = 0; c < 4; c++) {
            cv::Point last(0, between(40, 200));
            cv::Scalar ink = color();
            for (int x = 4; x < 320; x += 4) {
                cv::Point next(x, std::min(235, std::max(5, last.y + between(-9, 9))));
                cv::line(m, last, next, ink);
                last = next;
            }
        }
        for (int x = 0; x < 320; x += 32) {
            cv::line(m, {x, 0}, {x, 239}, {200, 200, 200});
        }
        break;
    case SHAPES:
        m.setTo(0);
        for (int i = 0; i < 12; i++) {
            cv::circle(m, place(), between(5, 50), color(), i & 1 ? cv::FILLED : 2);
            cv::rectangle(m, place(), place(), color(), i % 3 ? 1 : cv::FILLED);
            cv::line(m, place(), place(), color(), between(1, 4));
        }
        break;
    case GRADIENT:
        for (int y = 0; y < 240; y++) {
            m.row(y).setTo(cv::Scalar(y, 255 - y, y / 2));
        }
        write_lines(m, cv::Scalar(255, 255, 255), 20);
        break;
    case MARKED:
    case PHOTO:
    default:
        m = rgb_of(photograph(0, PIXFORMAT_RGB565));
        for (int i = 0; what == MARKED && i < 10; i++) {
            cv::rectangle(m, place(), place(), color(), 2);
        }
        break;
    }
    return m;
}

// libpng's defaults: level 6, and the filters that it chooses.
static size_t libpng_size(const picture &p)
{
    bytes out;
    cv::Mat pixels = p.format == PIXFORMAT_RGB565 ? rgb_of(p) : planes(p)[0];
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);

    if (setjmp(png_jmpbuf(png))) {
        throw mismatch("libpng can't write");
    }
    png_set_write_fn(png, &out, append, nothing);
    png_set_IHDR(png, info, (png_uint_32)p.width, (png_uint_32)p.height, p.format == PIXFORMAT_BINARY ? 1 : 8, p.format == PIXFORMAT_RGB565 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    png_set_packing(png);
    if (p.format == PIXFORMAT_BINARY) {
        pixels = pixels / 255;
    }
    for (int y = 0; y < p.height; y++) {
        png_write_row(png, pixels.ptr(y));
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return out.size();
}

static void check_png_size()
{
    std::string all;

    for (int what = 0; what < DRAWINGS; what++) {
        for (enum pixel_format format : mutable_formats) {
            double ours = 0, theirs = 0;
            for (int i = 0; i < (what == PHOTO ? 1 : 4); i++) {
                cv::Mat m = draw((enum drawing)what);
                picture p(320, 240, format);
                for (int k = 0; k < 320 * 240; k++) {
                    cv::Vec3b v = m.at<cv::Vec3b>(k / 320, k % 320);
                    image_set_pixel(&p, k % 320, k / 320, color_to_native(format, {v[0], v[1], v[2]}));
                }
                ours += (double)encode(p).size();
                theirs += (double)libpng_size(p);
            }
            bool photo = what >= MARKED;        // drawings: our window is 8 KiB, nine rows of colour
            compare(std::max(1.0, ours / theirs), 1, photo ? 0.05 : 0.2, text("%s, %s, %.0f bytes, libpng's %.0f: size", drawing_names[what], format_name(format), ours, theirs));
            all += text("%s%s %s %.2f", all.empty() ? "" : ", ", drawing_names[what], format_name(format), ours / theirs);
        }
    }
    because("size beside libpng's at level 6: %s", all.c_str());
}

const std::vector<check> png_checks = {
    {"png_decode", check_png_decode},
    {"png_encode", check_png_encode},
    {"png_size", check_png_size},
};
