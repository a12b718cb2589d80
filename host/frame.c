/* SPDX-License-Identifier: MIT */
/* From the stream channel's header and bytes to RGB and PNG. */
#include "frame.h"

#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#include "paths.h"

#define HEADER_BYTES 20u /* the fields needed; newer firmware sends 32 */
#define MOST_BYTES   (16u << 20)
#define MOST_SIDE    8192u

enum {
    BINARY = 1,
    GRAY,
    RGB565,
    BAYER,
    YUV422,
    JPEG,
    PNG,
    ARGB8,
};

static unsigned format_id(uint32_t format)
{
    return format >> 16 & 0xFF;
}

const char *frame_format_name(uint32_t format)
{
    static const char *const names[] = {"?", "binary", "gray", "RGB565", "Bayer", "YUV422", "JPEG", "PNG", "ARGB8"};
    unsigned id = format_id(format);

    return id < sizeof names / sizeof *names ? names[id] : "?";
}

void frame_free(struct frame *frame)
{
    free(frame->rgb);
    frame->rgb = NULL;
}

/* JPEG */

struct jpeg_failure {
    struct jpeg_error_mgr base;
    jmp_buf back;
};

static void jpeg_failed(j_common_ptr info)
{
    longjmp(((struct jpeg_failure *)info->err)->back, 1);
}

static void jpeg_quiet(j_common_ptr info, int level)
{
    (void)info;
    (void)level;
}

static bool decode_jpeg(struct frame *frame, const uint8_t *data, size_t n)
{
    struct jpeg_decompress_struct info;
    struct jpeg_failure failure;

    info.err = jpeg_std_error(&failure.base);
    failure.base.error_exit = jpeg_failed;
    failure.base.emit_message = jpeg_quiet;
    if (setjmp(failure.back)) {
        jpeg_destroy_decompress(&info);
        return false;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, data, n);
    jpeg_read_header(&info, TRUE);
    info.out_color_space = JCS_RGB;
    if (info.image_width != frame->width || info.image_height != frame->height) {
        jpeg_destroy_decompress(&info);
        return false;
    }
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = frame->rgb + (size_t)info.output_scanline * frame->width * 3;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    bool whole = failure.base.num_warnings == 0;
    jpeg_destroy_decompress(&info);
    return whole;
}

static bool decode_png(struct frame *frame, const uint8_t *data, size_t n)
{
    png_image image = {.version = PNG_IMAGE_VERSION};

    if (!png_image_begin_read_from_memory(&image, data, n))
        return false;
    image.format = PNG_FORMAT_RGB;
    bool good = image.width == frame->width && image.height == frame->height && png_image_finish_read(&image, NULL, frame->rgb, 0, NULL);
    png_image_free(&image);
    return good;
}

/* Raw formats */

static uint8_t clip(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* BT.601, full range: what image sensors and JPEG use. */
static void yuv_to_rgb(uint8_t *rgb, int y, int u, int v)
{
    u -= 128;
    v -= 128;
    rgb[0] = clip(y + (91881 * v + 32768) / 65536);
    rgb[1] = clip(y - (22554 * u + 46802 * v + 32768) / 65536);
    rgb[2] = clip(y + (116130 * u + 32768) / 65536);
}

/* The average of a colour's sites in the 3x3 neighbourhood. Colour 0 red, 1 green, 2 blue. */
static uint8_t bayer(const struct frame *f, const uint8_t *p, unsigned x, unsigned y, unsigned sub, unsigned colour)
{
    /* Colours of the 2x2 cell for BGGR, GBRG, GRBG, RGGB. */
    static const uint8_t cells[4][4] = {{2, 1, 1, 0}, {1, 2, 0, 1}, {1, 0, 2, 1}, {0, 1, 1, 2}};
    unsigned sum = 0, n = 0;

    for (unsigned j = y ? y - 1 : 0; j <= y + 1 && j < f->height; j++)
        for (unsigned i = x ? x - 1 : 0; i <= x + 1 && i < f->width; i++)
            if (cells[sub & 3][(j & 1) * 2 + (i & 1)] == colour) {
                sum += p[(size_t)j * f->width + i];
                n++;
            }
    return (uint8_t)(n ? sum / n : 0);
}

static void decode_pixel(const struct frame *f, const uint8_t *p, unsigned x, unsigned y, uint8_t *rgb)
{
    size_t at = (size_t)y * f->width + x;
    unsigned sub = f->format >> 8 & 0xFF;

    switch (format_id(f->format)) {
    case BINARY: {
        size_t row = (size_t)(f->width + 31) / 32 * 4;
        memset(rgb, p[y * row + x / 8] >> (x & 7) & 1 ? 255 : 0, 3);
        break;
    }
    case GRAY:
        memset(rgb, p[at], 3);
        break;
    case RGB565: {
        unsigned v = p[2 * at] | p[2 * at + 1] << 8;
        rgb[0] = (uint8_t)((v >> 11) * 255 / 31);
        rgb[1] = (uint8_t)((v >> 5 & 63) * 255 / 63);
        rgb[2] = (uint8_t)((v & 31) * 255 / 31);
        break;
    }
    case YUV422: {
        size_t pair = at & ~(size_t)1;
        int a = p[2 * pair + 1], b = p[2 * pair + 3];
        yuv_to_rgb(rgb, p[2 * at], sub ? b : a, sub ? a : b);
        break;
    }
    case BAYER:
        for (unsigned c = 0; c < 3; c++)
            rgb[c] = bayer(f, p, x, y, sub, c);
        break;
    default: /* ARGB8: blue, green, red, alpha in memory */
        rgb[0] = p[4 * at + 2];
        rgb[1] = p[4 * at + 1];
        rgb[2] = p[4 * at];
    }
}

static size_t raw_bytes(const struct frame *f)
{
    size_t pixels = (size_t)f->width * f->height;

    switch (format_id(f->format)) {
    case BINARY:
        return (size_t)(f->width + 31) / 32 * 4 * f->height;
    case GRAY:
    case BAYER:
        return pixels;
    case RGB565:
        return 2 * pixels;
    case YUV422:
        return f->width % 2 ? 0 : 2 * pixels;
    case ARGB8:
        return 4 * pixels;
    default:
        return 0;
    }
}

/* NULL, or what is wrong. */
static const char *decode(struct frame *frame, const uint8_t *bytes, size_t n)
{
    unsigned id = format_id(frame->format);
    bool file = id == JPEG || id == PNG;

    if (!frame->width || !frame->height || frame->width > MOST_SIDE || frame->height > MOST_SIDE)
        return "its size is not possible";
    if (!file && !raw_bytes(frame))
        return "its pixel format is unknown";
    frame->bytes = file ? (uint32_t)(frame->bytes < n ? frame->bytes : n) : (uint32_t)raw_bytes(frame);
    if (frame->bytes > n)
        return "it is shorter than its size says";
    frame->rgb = calloc((size_t)frame->width * frame->height, 3);
    if (!frame->rgb)
        return "out of memory";
    if (id == JPEG)
        return decode_jpeg(frame, bytes, frame->bytes) ? NULL : "its JPEG data are damaged";
    if (id == PNG)
        return decode_png(frame, bytes, frame->bytes) ? NULL : "its PNG data are damaged";
    for (unsigned y = 0; y < frame->height; y++)
        for (unsigned x = 0; x < frame->width; x++)
            decode_pixel(frame, bytes, x, y, frame->rgb + ((size_t)y * frame->width + x) * 3);
    return NULL;
}

/* Fetching */

/* The locked frame's bytes: how many, or an error. */
static int read_locked(struct session *session, uint8_t channel, uint8_t **bytes)
{
    uint32_t size = 0;
    int error = client_size(session->client, channel, &size);

    if (error)
        return error;
    if (size <= HEADER_BYTES)
        return 0;
    if (size > MOST_BYTES)
        return CLIENT_E_SPACE;
    *bytes = malloc(size);
    return *bytes ? client_read(session->client, channel, 0, *bytes, size) : CLIENT_E_SPACE;
}

int frame_fetch(struct session *session, struct frame *frame, const char **why)
{
    int channel = client_find_channel(session->client, "stream");
    uint8_t *bytes = NULL;

    *frame = (struct frame){.rgb = NULL};
    *why = NULL;
    if (channel < 0)
        return CLIENT_E_ANSWER;
    int result = client_lock(session->client, (uint8_t)channel);
    if (result == CLIENT_E_BUSY)
        return 0;
    if (result < 0)
        return result;
    int n = read_locked(session, (uint8_t)channel, &bytes);
    result = client_unlock(session->client, (uint8_t)channel);
    if (n == CLIENT_E_RESYNCED || (n > 0 && result == CLIENT_E_RESYNCED))
        result = n = 0;
    if (result < 0 || n <= 0) {
        free(bytes);
        return n < 0 ? n : result < 0 ? result : 0;
    }

    uint32_t words[6] = {0}, offset;
    for (size_t i = 0; i < 6 && 4 * i + 4 <= (size_t)n; i++)
        words[i] = packet_get32(bytes + 4 * i);
    frame->width = words[0];
    frame->height = words[1];
    frame->format = words[2];
    frame->bytes = words[3];
    offset = words[4];
    memcpy(&frame->fps, &words[5], sizeof frame->fps);
    *why = offset >= HEADER_BYTES && offset <= (uint32_t)n ? decode(frame, bytes + offset, (size_t)n - offset) : "its header is damaged";
    free(bytes);
    if (*why) {
        frame_free(frame);
        return FRAME_E_DATA;
    }
    return 1;
}

int frame_write_png(const struct frame *frame, const char *path)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .width = frame->width, .height = frame->height, .format = PNG_FORMAT_RGB};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    void *file = malloc(size);

    if (!file)
        return ENOMEM;
    int error = png_image_write_to_memory(&image, file, &size, 0, frame->rgb, 0, NULL) ? path_write_file(path, file, size) : EINVAL;
    free(file);
    return error;
}
