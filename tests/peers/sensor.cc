// SPDX-License-Identifier: MIT
// What sensors deliver (YUV422, events) and the plain files (BMP, PPM and PGM) beside OpenCV's conversions and a second reader and writer of the formats.
#include "peers.h"

#include <algorithm>
#include <cctype>

extern "C" {
#include "vision/codec.h"
#include "vision/event.h"
#include "vision/row.h"
}

// ---- Sensors ----

static cv::Mat loaded_rgb(const image &img)
{
    cv::Mat out(img.height, img.width, CV_8UC3);
    std::vector<uint8_t> r((size_t)img.width), g(r.size()), b(r.size());

    for (int y = 0; y < img.height; y++) {
        row_load_rgb(&img, 0, y, img.width, r.data(), g.data(), b.data());
        for (int x = 0; x < img.width; x++) {
            out.at<cv::Vec3b>(y, x) = cv::Vec3b(r[(size_t)x], g[(size_t)x], b[(size_t)x]);
        }
    }
    return out;
}

// OpenCV's own YUY2 has luma of 16 .. 235; a sensor's, and JPEG's, is 0 .. 255: COLOR_YCrCb2RGB, with a pair's chroma at both of its pixels.
static void check_yuv422()
{
    for (int i = 0; i < 1600; i++) {
        int w = i % 40 + 1, h = i / 40 + 1;
        bool v_first = rnd(2);
        picture p(w, h, v_first ? PIXFORMAT_YVU422 : PIXFORMAT_YUV422);
        cv::Mat full(h, w, CV_8UC3), theirs;
        for (uint8_t &v : p.bytes) {
            v = (uint8_t)rnd(256);
        }
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                const uint8_t *row = p.data + 2 * w * y;
                int even = x & ~1, odd = even + 1 < w ? even + 1 : even;
                uint8_t first = row[2 * even + 1], second = row[2 * odd + 1];
                full.at<cv::Vec3b>(y, x) = cv::Vec3b(row[2 * x], v_first ? first : second, v_first ? second : first);
            }
        }
        cv::cvtColor(full, theirs, cv::COLOR_YCrCb2RGB);
        compare(loaded_rgb(p), theirs, 1, v_first ? "YVU422" : "YUV422");
    }
    because("cv::COLOR_YCrCb2RGB, every size to 40 x 40: two fixed points, each rounded");
}

static void check_events()
{
    for (int i = 0; i < 400; i++) {
        int w = between(1, 40), h = between(1, 40);
        picture p = random_picture(w, h, PIXFORMAT_GRAYSCALE);
        cv::Mat expected = cv::Mat(h, w, CV_8U, p.data).clone();
        event_options options = {rnd(2) != 0, between(0, 255), between(0, 255)};
        std::vector<uint16_t> numbers;
        size_t n = rnd(300);
        if (options.clear) {
            expected.setTo(options.brightness);
        }
        for (size_t k = 0; k < n; k++) {
            int kind = between(0, 3), x = between(0, w + 2), y = between(0, h + 2);
            for (int v : {kind, between(0, 65535), between(0, 999), between(0, 999), x, y}) {
                numbers.push_back((uint16_t)v);
            }
            if (x < w && y < h && kind <= EVENT_ON) {
                cv::Mat pixel = expected(cv::Rect(x, y, 1, 1));     // saturates
                if (kind == EVENT_ON) {
                    pixel += options.contrast;
                } else {
                    pixel -= options.contrast;
                }
            }
        }
        numbers.resize(numbers.size() + EVENT_NUMBERS);             // not empty
        expect(event_draw_histogram(&p, (const uint16_t(*)[EVENT_NUMBERS])(const void *)numbers.data(), n, &options) == 0, "events");
        compare(cv::Mat(h, w, CV_8U, p.data), expected, 0, "events");
    }
    because("one by one with OpenCV's saturating addition and subtraction");
}

// ---- Files ----

static int little(const std::vector<uint8_t> &f, size_t at, int bytes)
{
    int v = 0;

    for (int i = 0; i < bytes; i++) {
        v |= f.at(at + (size_t)i) << 8 * i;
    }
    return v;
}

// RGB of a bitmap of 1, 8 or 16 (5-6-5) bits.
static cv::Mat read_bmp(const std::vector<uint8_t> &f)
{
    int pixels = little(f, 10, 4), head = little(f, 14, 4), w = little(f, 18, 4), h = little(f, 22, 4), bits = little(f, 28, 2);
    cv::Mat out(std::abs(h), w, CV_8UC3);
    size_t stride = ((size_t)w * (size_t)bits + 31) / 32 * 4;

    expect(f.at(0) == 'B' && f.at(1) == 'M' && little(f, 2, 4) == (int)f.size(), "file size %d of %zu", little(f, 2, 4), f.size());
    for (int y = 0; y < out.rows; y++) {
        size_t row = (size_t)pixels + stride * (size_t)(h > 0 ? h - 1 - y : y);
        for (int x = 0; x < w; x++) {
            cv::Vec3b &v = out.at<cv::Vec3b>(y, x);
            if (bits == 16) {
                expect(little(f, 54, 4) == 0xF800 && little(f, 58, 4) == 0x07E0 && little(f, 62, 4) == 0x001F, "masks");
                int c = little(f, row + 2 * (size_t)x, 2), r = c >> 11, g = c >> 5 & 63, b = c & 31;
                v = cv::Vec3b((uint8_t)(r << 3 | r >> 2), (uint8_t)(g << 2 | g >> 4), (uint8_t)(b << 3 | b >> 2));
                continue;
            }
            int index = bits == 8 ? f.at(row + (size_t)x) : f.at(row + (size_t)x / 8) >> (7 - x % 8) & 1;
            size_t entry = 14 + (size_t)head + 4 * (size_t)index;
            v = cv::Vec3b(f.at(entry + 2), f.at(entry + 1), f.at(entry));
        }
    }
    return out;
}

// RGB of P4, P5 and P6 with a maximum of 255.
static cv::Mat read_pnm(const std::vector<uint8_t> &f)
{
    size_t at = 2;
    auto number = [&] {
        int v = 0;
        while (std::isspace(f.at(at))) {
            at++;
        }
        while (std::isdigit(f.at(at))) {
            v = v * 10 + f.at(at++) - '0';
        }
        return v;
    };
    int kind = f.at(1) - '0', w = number(), h = number(), top = kind == 4 ? 1 : number();
    cv::Mat out(h, w, CV_8UC3);

    expect(f.at(0) == 'P' && kind >= 4 && kind <= 6 && (top == 255 || kind == 4), "P%d, maximum %d", kind, top);
    at++;
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            cv::Vec3b &v = out.at<cv::Vec3b>(y, x);
            size_t i = (size_t)y * (size_t)w + (size_t)x;
            for (int c = 0; c < 3; c++) {
                v[c] = kind == 4   ? (f.at(at + (size_t)y * (size_t)((w + 7) / 8) + (size_t)x / 8) >> (7 - x % 8) & 1 ? 0 : 255)
                       : kind == 5 ? f.at(at + i)
                                   : f.at(at + 3 * i + (size_t)c);
            }
        }
    }
    return out;
}

static void check_written(const codec *format, cv::Mat (*read)(const std::vector<uint8_t> &))
{
    for_pictures([=](const picture &p) {
        std::vector<uint8_t> file((size_t)p.width * (size_t)p.height * 4 + 4096);
        memory_stream memory = {file.data(), 0, file.size(), 0};
        stream out = memory_stream_open(&memory);
        codec_write_options options = {nullptr, 50, 0};
        int error = codec_write(&out, format, &p, &options, scratch());
        expect(error >= 0, "%s: %s", format->name, vision_strerror(error));
        file.resize(memory.size);
        compare(read(file), rgb_of(p), 0, text("%s of %d x %d %s", format->name, p.width, p.height, format_name(p.format)));
    });
}

// Ours reads what a second writer wrote: 8 bits a channel, cut to RGB565.
static void check_read(const codec *format, const std::function<std::vector<uint8_t>(const cv::Mat &)> &write)
{
    for (int i = 0; i < 1600; i++) {
        cv::Mat rgb(i / 40 + 1, i % 40 + 1, CV_8UC3), theirs;
        for (int k = 0; k < rgb.rows * rgb.cols; k++) {
            rgb.at<cv::Vec3b>(k / rgb.cols, k % rgb.cols) = cv::Vec3b((uint8_t)rnd(256), (uint8_t)rnd(256), (uint8_t)rnd(256));
        }
        std::vector<uint8_t> file = write(rgb);
        memory_stream memory = {file.data(), file.size(), file.size(), 0};
        stream in = memory_stream_open(&memory);
        codec_info info;
        picture p(rgb.cols, rgb.rows, PIXFORMAT_RGB565);
        int error = codec_read_info(&in, &info, scratch());
        expect(error >= 0 && info.codec == format && info.format == PIXFORMAT_RGB565 && info.bytes <= p.bytes.size(), "%s: %s", format->name, vision_strerror(error));
        error = codec_read(&in, &info, &p, scratch());
        expect(error >= 0, "%s: %s", format->name, vision_strerror(error));
        cv::cvtColor(rgb, theirs, cv::COLOR_RGB2BGR565);
        compare(cv::Mat(p.height, p.width, CV_8UC2, p.data), theirs, 0, text("%s of %d x %d", format->name, p.width, p.height));
    }
}

static void check_bmp()
{
    check_written(&codec_bmp, read_bmp);
    check_read(&codec_bmp, [](const cv::Mat &rgb) {
        size_t stride = ((size_t)rgb.cols * 3 + 3) / 4 * 4, size = 54 + stride * (size_t)rgb.rows;
        bool down = rnd(2);
        std::vector<uint8_t> f(size);
        auto put = [&](size_t at, int v) {
            for (size_t i = 0; i < 4; i++) {
                f[at + i] = (uint8_t)((unsigned)v >> 8 * i);
            }
        };
        f[0] = 'B';
        f[1] = 'M';
        put(2, (int)size);
        put(10, 54);
        put(14, 40);
        put(18, rgb.cols);
        put(22, down ? -rgb.rows : rgb.rows);
        put(26, 1 | 24 << 16);
        for (int y = 0; y < rgb.rows; y++) {
            for (int x = 0; x < rgb.cols; x++) {
                for (int c = 0; c < 3; c++) {
                    f[54 + stride * (size_t)(down ? y : rgb.rows - 1 - y) + 3 * (size_t)x + (size_t)c] = rgb.at<cv::Vec3b>(y, x)[2 - c];
                }
            }
        }
        return f;
    });
    because("a second reader of what ours writes, of 1, 8 and 16 bits; a second writer of 24 bits, up and down; cv::COLOR_RGB2BGR565");
}

static void check_pnm()
{
    check_written(&codec_pnm, read_pnm);
    check_read(&codec_pnm, [](const cv::Mat &rgb) {
        std::string head = text("P6\n# second writer\n%d %d\n255\n", rgb.cols, rgb.rows);
        std::vector<uint8_t> f(head.begin(), head.end());
        f.insert(f.end(), rgb.data, rgb.data + rgb.total() * 3);
        return f;
    });
    because("a second reader of what ours writes, and a second writer; cv::COLOR_RGB2BGR565");
}

const std::vector<check> sensor_checks = {
    {"yuv422", check_yuv422},
    {"events", check_events},
    {"bmp", check_bmp},
    {"pnm", check_pnm},
};
