// SPDX-License-Identifier: MIT
// JPEG beside libjpeg-turbo: its files as ours decodes them, and ours as it decodes them.
#include "peers.h"

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <memory>

#include <jpeglib.h>

extern "C" {
#include "vision/jpeg.h"
}

typedef std::vector<uint8_t> bytes;

struct errors {
    jpeg_error_mgr manager;
    jmp_buf back;
};

static void leave(j_common_ptr c)
{
    longjmp(((errors *)c->err)->back, 1);
}

static void say_nothing(j_common_ptr, int) {}

struct encoding {
    int quality, sampling;          // luma's horizontal << 4 | vertical factor
    unsigned restart;               // MCUs
    bool optimized;
};

// pixels: one channel or RGB.
static bytes encode(const cv::Mat &pixels, const encoding &how)
{
    jpeg_compress_struct c;
    errors e;
    unsigned char *file = nullptr;
    unsigned long size = 0;

    c.err = jpeg_std_error(&e.manager);
    e.manager.error_exit = leave;
    if (setjmp(e.back)) {
        throw mismatch("libjpeg-turbo can't write");
    }
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &file, &size);
    c.image_width = (JDIMENSION)pixels.cols;
    c.image_height = (JDIMENSION)pixels.rows;
    c.input_components = pixels.channels();
    c.in_color_space = pixels.channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, how.quality, TRUE);
    c.dct_method = JDCT_ISLOW;
    c.optimize_coding = how.optimized;
    c.restart_interval = how.restart;
    if (pixels.channels() == 3) {
        c.comp_info[0].h_samp_factor = how.sampling >> 4;
        c.comp_info[0].v_samp_factor = how.sampling & 15;
    }
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        JSAMPROW row = const_cast<uint8_t *>(pixels.ptr((int)c.next_scanline));
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    bytes out(file, file + size);
    free(file);
    return out;
}

// Gray or RGB by the slow integer transform, chroma repeated. A warning is an error.
static cv::Mat decode(const bytes &file, J_COLOR_SPACE space, unsigned scale = 1)
{
    jpeg_decompress_struct d;
    errors e;

    d.err = jpeg_std_error(&e.manager);
    e.manager.error_exit = leave;
    e.manager.emit_message = say_nothing;
    if (setjmp(e.back)) {
        throw mismatch("libjpeg-turbo can't read the file");
    }
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, file.data(), file.size());
    jpeg_read_header(&d, TRUE);
    d.out_color_space = space;
    d.dct_method = JDCT_ISLOW;
    d.do_fancy_upsampling = FALSE;
    d.scale_num = 1;
    d.scale_denom = scale;
    jpeg_start_decompress(&d);
    cv::Mat out((int)d.output_height, (int)d.output_width, space == JCS_GRAYSCALE ? CV_8UC1 : CV_8UC3);
    while (d.output_scanline < d.output_height) {
        JSAMPROW row = out.ptr((int)d.output_scanline);
        jpeg_read_scanlines(&d, &row, 1);
    }
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    return out;
}

static picture decode_ours(const bytes &file, int w, int h, enum pixel_format format, int scale = 1)
{
    picture out((w + scale - 1) / scale, (h + scale - 1) / scale, format);
    memory_stream memory = {const_cast<uint8_t *>(file.data()), file.size(), file.size(), 0};
    stream in = memory_stream_open(&memory);
    jpeg_decode_options options = {scale};
    int error = jpeg_decode(&in, &options, &out, scratch());

    expect(error == 0, "%d x %d: %s", w, h, vision_strerror(error));
    return out;
}

// RGB of 8 bits beside RGB565: the middle of the step, within half a step and `more`.
static void compare_rgb(const image &ours, const cv::Mat &theirs, double more, const std::string &what)
{
    std::vector<cv::Mat> p = planes(ours), t;

    cv::split(theirs, t);
    for (int c = 0; c < 3; c++) {
        double step = c == 1 ? 4 : 8;
        cv::Mat middle;
        p[(size_t)c].convertTo(middle, CV_64F, step, (step - 1) / 2);
        compare(middle, t[(size_t)c], (step - 1) / 2 + more, what + text(", channel %d", c));
    }
}

static const int samplings[] = {0x11, 0x21, 0x22, 0x12, 0x41};

static cv::Mat random_rgb(int w, int h)
{
    return rgb_of(random_picture(w, h, PIXFORMAT_RGB565));
}

static void check_decode()
{
    int n = 0;

    auto one = [&](const cv::Mat &rgb, bool color) {
        encoding how = {between(1, 100), samplings[rnd(5)], rnd(3) ? 0 : 1 + rnd(9), rnd(2) != 0};
        cv::Mat gray;
        cv::cvtColor(rgb, gray, cv::COLOR_RGB2GRAY);
        bytes file = encode(color ? rgb : gray, how);
        std::string what = text("%d x %d, quality %d, sampling %s, restart %u", rgb.cols, rgb.rows, how.quality, color ? text("0x%02x", how.sampling).c_str() : "gray", how.restart);
        picture ours = decode_ours(file, rgb.cols, rgb.rows, PIXFORMAT_GRAYSCALE);
        compare(planes(ours)[0], decode(file, JCS_GRAYSCALE), 1, what + ", to gray");
        // 1 of Y and 1 of Cb or Cr, times up to 1.772, rounded
        picture colored = decode_ours(file, rgb.cols, rgb.rows, PIXFORMAT_RGB565);
        compare_rgb(colored, decode(file, JCS_RGB), 4, what + ", to RGB565");
    };
    for (int h = 1; h <= 40; h++) {
        for (int w = 1; w <= 40; w++, n++) {
            one(random_rgb(w, h), n & 1);
        }
    }
    for (int i = 0; i < 12; i++) {
        one(rgb_of(photograph(i % PHOTOGRAPHS, PIXFORMAT_RGB565)), i % 3 != 0);
    }
    because("libjpeg-turbo, JDCT_ISLOW without fancy upsampling: a sample may be 1 off, a colour what that makes");
}

// A smaller gray picture by definition: of each block's coefficients, as libjpeg-turbo reads them, the lowest ones through a smaller transform in double.
static cv::Mat decode_lowest(const bytes &file, int n)
{
    jpeg_decompress_struct d;
    errors e;

    d.err = jpeg_std_error(&e.manager);
    e.manager.error_exit = leave;
    if (setjmp(e.back)) {
        throw mismatch("libjpeg-turbo can't read the file");
    }
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, file.data(), file.size());
    jpeg_read_header(&d, TRUE);
    jvirt_barray_ptr *arrays = jpeg_read_coefficients(&d);
    const jpeg_component_info &c = d.comp_info[0];
    cv::Mat out((int)c.height_in_blocks * n, (int)c.width_in_blocks * n, CV_64F);
    for (JDIMENSION row = 0; row < c.height_in_blocks; row++) {
        JBLOCKARRAY blocks = d.mem->access_virt_barray((j_common_ptr)&d, arrays[0], row, 1, FALSE);
        for (JDIMENSION column = 0; column < c.width_in_blocks; column++) {
            cv::Mat lowest(n, n, CV_64F), pixels;
            for (int k = 0; k < n * n; k++) {
                int at = k / n * 8 + k % n;
                lowest.at<double>(k / n, k % n) = blocks[0][column][at] * (double)c.quant_table->quantval[at] * n / 8;
            }
            if (n == 1) {
                pixels = lowest;
            } else {
                cv::idct(lowest, pixels);
            }
            pixels = cv::min(cv::max(pixels + 128, 0), 255);
            pixels.copyTo(out(cv::Rect((int)column * n, (int)row * n, n, n)));
        }
    }
    int w = ((int)d.image_width * n + 7) / 8, h = ((int)d.image_height * n + 7) / 8;
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    return out(cv::Rect(0, 0, w, h)).clone();
}

static void check_decode_scaled()
{
    for (int i = 0; i < 600 + 24; i++) {
        bool photo = i >= 600;
        cv::Mat rgb = photo ? rgb_of(photograph(i % PHOTOGRAPHS, PIXFORMAT_RGB565))(cv::Rect(0, 0, between(290, 320), between(200, 240))).clone()
                            : random_rgb(between(1, 40), between(1, 40)), d;
        int scale = 2 << i % 3;
        encoding how = {between(photo ? 50 : 1, 95), samplings[rnd(3)], 0, false};
        bytes file = encode(rgb, how);
        std::string what = text("%d x %d by 1/%d, quality %d, sampling 0x%02x", rgb.cols, rgb.rows, scale, how.quality, how.sampling);
        picture ours = decode_ours(file, rgb.cols, rgb.rows, PIXFORMAT_GRAYSCALE, scale);
        compare(planes(ours)[0], decode_lowest(file, 8 / scale), 1.2, what + ", gray");
        if (!photo) {
            continue;
        }
        // libjpeg's own smaller pictures are means of boxes of pixels: sharper transitions, the same picture
        cv::absdiff(planes(ours)[0], decode(file, JCS_GRAYSCALE, (unsigned)scale), d);
        compare(cv::mean(d)[0], 0, 3.2, what + ", gray beside libjpeg's: mean difference");
        picture colored = decode_ours(file, rgb.cols, rgb.rows, PIXFORMAT_RGB565, scale);
        cv::absdiff(rgb_of(colored), decode(file, JCS_RGB, (unsigned)scale), d);
        cv::Scalar m = cv::mean(d);
        for (int c = 0; c < 3; c++) {
            compare(m[c], 0, c == 1 ? 6 : 8.5, what + text(", channel %d: mean difference", c));
        }
    }
    because("cv::idct of the lowest coefficients, rounded, 0.7 for ours in integers; libjpeg's means of boxes on average");
}

static double psnr(const cv::Mat &a, const cv::Mat &b)
{
    double square = cv::norm(a, b, cv::NORM_L2SQR) / ((double)a.total() * a.channels());
    return square > 0 ? 10 * std::log10(255 * 255 / square) : 99;
}

static void check_encode()
{
    for (int which = 0; which < PHOTOGRAPHS; which++) {
        for (int color = 0; color < 2; color++) {
            picture p = photograph(which, color ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE);
            cv::Mat pixels = color ? rgb_of(p) : planes(p)[0];
            for (int quality : {5, 20, 35, 50, 75, 90, 97, 100}) {
                for (int sampling : {0x11, 0x21, 0x22}) {
                    memory_stream file = {};
                    jpeg_encode_options options = {quality, sampling, 0};
                    int error = jpeg_encode_scratch(&p, &options, &file, scratch());
                    expect(error == 0, "%s", vision_strerror(error));
                    bytes ours(file.data, file.data + file.size), theirs = encode(pixels, {quality, sampling, 0, false});
                    J_COLOR_SPACE space = color ? JCS_RGB : JCS_GRAYSCALE;
                    double a = psnr(decode(ours, space), pixels), b = psnr(decode(theirs, space), pixels);
                    std::string what = text("photograph %d, %s, quality %d, sampling 0x%02x", which, color ? "colour" : "gray", quality, sampling);
                    // Only a loss counts; at quality 100 rounding is all there is.
                    compare(std::min(a, b), b, quality == 100 ? 1 : 0.2, what + ": PSNR");
                    compare((double)std::max(ours.size(), theirs.size()) / (double)theirs.size(), 1, 0.03, what + ": size");
                }
            }
        }
    }
    because("decoded by libjpeg-turbo: at most 0.2 dB behind its own encoder's picture (1 at quality 100), files at most 3 percent larger");
}

static void check_encode_sizes()
{
    for_pictures([](const picture &p) {
        memory_stream file = {};
        jpeg_encode_options options = {95, 0x11, rnd(2) ? 0 : between(1, 9)};
        int error = jpeg_encode_scratch(&p, &options, &file, scratch());
        expect(error == 0, "%s", vision_strerror(error));
        bytes ours(file.data, file.data + file.size);
        bool color = p.format == PIXFORMAT_RGB565;
        cv::Mat pixels = color ? rgb_of(p) : planes(p)[0], read = decode(ours, color ? JCS_RGB : JCS_GRAYSCALE), theirs;
        std::string what = text("%d x %d %s", p.width, p.height, format_name(p.format));
        expect(read.size() == pixels.size(), "%s: size", what.c_str());
        theirs = decode(encode(pixels, {95, 0x11, 0, false}), color ? JCS_RGB : JCS_GRAYSCALE);
        // Quantised to steps of up to 12: a coefficient that is rounded the other way moves single pixels; the whole is as near.
        double enough = std::min(40.0, psnr(theirs, pixels));
        compare(std::min(enough, psnr(read, pixels)), enough, 2.5, what + ": PSNR");
    });
    because("every size, quality 95, with restart markers and without, read by libjpeg-turbo: at most 2.5 dB behind its own, or 40 dB");
}

const std::vector<check> jpeg_checks = {
    {"jpeg_decode", check_decode},
    {"jpeg_decode_scaled", check_decode_scaled},
    {"jpeg_encode", check_encode},
    {"jpeg_encode_sizes", check_encode_sizes},
};
