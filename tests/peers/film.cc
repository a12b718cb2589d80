// SPDX-License-Identifier: MIT
// Films as other people's readers see them: GIF through giflib, AVI through avilib (of mjpegtools' lavfile). Without those there are no checks here.
#include "peers.h"

#include <algorithm>
#include <set>

extern "C" {
#include "vision/gif.h"
#include "vision/jpeg.h"
#include "vision/mjpeg.h"
}

#ifndef READERS
const std::vector<check> film_checks;
#else
#include <gif_lib.h>
extern "C" {
#include <avilib.h>
}

typedef std::vector<uint8_t> bytes;

// A memory stream large enough for any film here.
struct film_memory {
    bytes room = bytes(8 << 20);
    memory_stream memory = {room.data(), 0, room.size(), 0};
    stream out = memory_stream_open(&memory);
};

// ---- GIF ----

struct gif_source {
    const memory_stream *from;
    size_t at;
};

static int read_some(GifFileType *gif, GifByteType *to, int n)
{
    gif_source *s = (gif_source *)gif->UserData;
    size_t part = std::min((size_t)n, s->from->size - s->at);

    memcpy(to, s->from->data + s->at, part);
    s->at += part;
    return (int)part;
}

// One picture's colours as giflib gives them, RGB.
static cv::Mat colours(const GifFileType *gif, const SavedImage &picture)
{
    const ColorMapObject *map = picture.ImageDesc.ColorMap ? picture.ImageDesc.ColorMap : gif->SColorMap;
    cv::Mat out(picture.ImageDesc.Height, picture.ImageDesc.Width, CV_8UC3);

    for (int i = 0; i < out.rows * out.cols; i++) {
        expect(map && picture.RasterBits[i] < map->ColorCount, "colour %d of %d", picture.RasterBits[i], map ? map->ColorCount : 0);
        const GifColorType &c = map->Colors[picture.RasterBits[i]];
        out.at<cv::Vec3b>(i / out.cols, i % out.cols) = cv::Vec3b(c.Red, c.Green, c.Blue);
    }
    return out;
}

static void compare_colours(const picture &p, const cv::Mat &read, const std::string &what)
{
    cv::Mat rgb = rgb_of(p), d;
    std::set<uint32_t> used;

    for (int i = 0; i < p.width * p.height; i++) {
        cv::Vec3b v = rgb.at<cv::Vec3b>(i / p.width, i % p.width);
        used.insert((uint32_t)(v[0] >> 3) << 10 | (uint32_t)(v[1] >> 3) << 5 | v[2] >> 3);
    }
    if (used.size() <= 256) {
        compare((read & cv::Scalar(0xF8, 0xF8, 0xF8)), (rgb & cv::Scalar(0xF8, 0xF8, 0xF8)), 0, what + ", few colours");
        return;
    }
    cv::absdiff(read, rgb, d);
    cv::Scalar mean = cv::mean(d);
    compare((mean[0] + mean[1] + mean[2]) / 3, 0, p.width == 320 ? 5 : 12, what + ", mean difference");
}

static void check_one_gif(const std::vector<picture> &pictures, bool color, bool loop)
{
    film_memory f;
    gif g;
    int w = pictures[0].width, h = pictures[0].height, error;
    std::string what = text("GIF, %d x %d, %s, %zu pictures", w, h, color ? "colour" : "gray", pictures.size());

    expect(gif_create(&g, &f.out, w, h, color, loop) == 0, "gif_create");
    for (size_t i = 0; i < pictures.size(); i++) {
        error = gif_append(&g, &pictures[i], (int)(7 * i + 3), scratch());
        expect(error == 0, "%s: %s", what.c_str(), vision_strerror(error));
    }
    expect(gif_finish(&g) == 0, "gif_finish");

    gif_source source = {&f.memory, 0};
    GifFileType *read = DGifOpen(&source, read_some, &error);
    expect(read, "%s: giflib: %s", what.c_str(), GifErrorString(error));
    expect(DGifSlurp(read) == GIF_OK, "%s: giflib: %s", what.c_str(), GifErrorString(read->Error));
    compare(read->SWidth, w, 0, what + ", width");
    compare(read->SHeight, h, 0, what + ", height");
    compare(read->ImageCount, (double)pictures.size(), 0, what + ", pictures");
    compare((double)source.at, (double)f.memory.size, 0, what + ", bytes read");
    bool loops = false;
    for (size_t i = 0; i < pictures.size(); i++) {
        const SavedImage &picture = read->SavedImages[i];
        GraphicsControlBlock control;
        expect(DGifSavedExtensionToGCB(read, (int)i, &control) == GIF_OK, "%s: picture %zu has no control block", what.c_str(), i);
        compare(control.DelayTime, (double)(7 * i + 3), 0, what + ", delay");
        for (int k = 0; k < picture.ExtensionBlockCount; k++) {
            const ExtensionBlock &e = picture.ExtensionBlocks[k];
            loops |= e.Function == APPLICATION_EXT_FUNC_CODE && e.ByteCount == 11 && !memcmp(e.Bytes, "NETSCAPE2.0", 11);
        }
        if (color) {
            compare_colours(pictures[i], colours(read, picture), what);
        } else {
            cv::Mat gray;
            cv::cvtColor(gray_of(pictures[i]), gray, cv::COLOR_GRAY2RGB);
            compare(colours(read, picture), gray, 0, what);
        }
    }
    expect(loops == loop, "%s: loop %d", what.c_str(), loops);
    DGifCloseFile(read, &error);
}

static void check_gif()
{
    for (int i = 0; i < 300; i++) {
        int w = between(1, 40), h = between(1, 40);
        bool color = rnd(2);
        std::vector<picture> pictures;
        for (int n = between(1, 4); n > 0; n--) {
            pictures.push_back(random_picture(w, h, mutable_formats[rnd(3)]));
        }
        check_one_gif(pictures, color, rnd(2));
    }
    for (int color = 0; color < 2; color++) {
        check_one_gif({photograph(0, PIXFORMAT_RGB565), photograph(1, PIXFORMAT_RGB565), photograph(0, PIXFORMAT_GRAYSCALE)}, color, true);
    }
    because("giflib: gray exact; up to 256 colours exact in 5 bits a channel, else the mean difference to the picture");
}

// ---- AVI ----

static void check_one_avi(int w, int h, int count, bool finished, uint32_t us)
{
    static const char path[] = "build/test/peers/film.avi";
    film_memory f;
    mjpeg m;
    std::vector<bytes> frames;
    std::string what = text("AVI, %d x %d, %d pictures%s", w, h, count, finished ? "" : ", without index");

    expect(mjpeg_create(&m, &f.out, w, h) == 0, "mjpeg_create");
    for (int i = 0; i < count; i++) {
        picture p = w == 320 ? photograph(i % PHOTOGRAPHS, PIXFORMAT_RGB565) : random_picture(w, h, mutable_formats[rnd(3)]);
        memory_stream file = {};
        jpeg_encode_options options = {between(20, 95), 0, 0};
        expect(jpeg_encode_scratch(&p, &options, &file, scratch()) == 0, "JPEG");
        expect(mjpeg_append(&m, file.data, (uint32_t)file.size) == 0, "mjpeg_append");
        frames.emplace_back(file.data, file.data + file.size);
    }
    expect((finished ? mjpeg_finish : mjpeg_mark)(&m, us) == 0, "mjpeg_finish");
    FILE *file = fopen(path, "wb");
    expect(file && fwrite(f.memory.data, 1, f.memory.size, file) == f.memory.size && fclose(file) == 0, "%s can't be written", path);

    avi_t *avi = AVI_open_input_file(const_cast<char *>(path), 1);
    expect(avi, "%s: avilib: %s", what.c_str(), AVI_strerror());
    compare((double)AVI_video_frames(avi), count, 0, what + ", pictures");
    compare(AVI_video_width(avi), w, 0, what + ", width");
    compare(AVI_video_height(avi), h, 0, what + ", height");
    compare(AVI_frame_rate(avi), 1e6 / us, 1e-3 * 1e6 / us, what + ", pictures a second");
    expect(!strncmp(AVI_video_compressor(avi), "MJPG", 4), "%s: compressor %.4s", what.c_str(), AVI_video_compressor(avi));
    for (int i = count - 1; i >= 0; i--) {      // backwards: by the index, or by what avilib makes of the chunks
        bytes buffer(1 << 20);
        int key = 0;
        expect(AVI_set_video_position(avi, i) == 0, "%s: position %d", what.c_str(), i);
        long n = AVI_read_frame(avi, (char *)buffer.data(), &key);
        compare((double)n, (double)frames[(size_t)i].size(), 0, what + text(", bytes of picture %d", i));
        expect(!memcmp(buffer.data(), frames[(size_t)i].data(), (size_t)n), "%s: picture %d differs", what.c_str(), i);
        expect(key || !finished, "%s: picture %d is no key frame", what.c_str(), i);
    }
    AVI_close(avi);
    remove(path);
}

static void check_avi()
{
    for (int i = 0; i < 40; i++) {
        check_one_avi(between(1, 40), between(1, 40), between(1, 12), i & 1, (uint32_t)between(10000, 500000));
    }
    check_one_avi(320, 240, 6, true, 33333);
    check_one_avi(320, 240, 6, false, 33333);
    because("avilib reads head, index and the very JPEG files (which jpeg_encode's checks decode); without an index it finds them by their chunks");
}

const std::vector<check> film_checks = {
    {"gif", check_gif},
    {"avi", check_avi},
};
#endif
