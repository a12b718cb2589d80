/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Picture files (PNG, JPEG, PPM, PGM) into RGB bytes, with every limit checked before memory is taken. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jpeglib.h>
#include <jerror.h>
#include <png.h>

#include "scene_picture.h"

static int fail(char *error, const char *path, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int fail(char *error, const char *path, const char *format, ...)
{
    int n = snprintf(error, SCENE_ERROR_SIZE, "%.300s: ", path);
    va_list args;

    va_start(args, format);
    vsnprintf(error + n, SCENE_ERROR_SIZE - (size_t)n, format, args);
    va_end(args);
    return -1;
}

static int check_size(char *error, const char *path, uint64_t width, uint64_t height)
{
    if (width == 0 || height == 0) {
        return fail(error, path, "the picture is empty (%llux%llu)", (unsigned long long)width, (unsigned long long)height);
    }
    if (width > SCENE_PIXELS_MAX || height > SCENE_PIXELS_MAX || width * height > SCENE_PIXELS_MAX) {
        return fail(error, path, "%llux%llu is too large, a scene may have up to %d Mpixel",
                    (unsigned long long)width, (unsigned long long)height, SCENE_PIXELS_MAX >> 20);
    }
    return 0;
}

static uint8_t *alloc_rgb(char *error, const char *path, int width, int height)
{
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3);

    if (rgb == NULL) {
        fail(error, path, "out of memory for %dx%d pixels", width, height);
    }
    return rgb;
}

/* ---- PNG ---- */

/* `picture` NULL: only the header is read. */
static int load_png(struct scene_picture *picture, FILE *file, const char *path, char *error)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    uint8_t *rgb;

    if (!png_image_begin_read_from_stdio(&image, file)) {
        return fail(error, path, "damaged PNG: %s", image.message);
    }
    int refused = check_size(error, path, image.width, image.height);

    if (refused < 0 || picture == NULL) {
        png_image_free(&image);
        return refused;
    }
    image.format = PNG_FORMAT_RGB;
    rgb = alloc_rgb(error, path, (int)image.width, (int)image.height);
    if (rgb == NULL) {
        png_image_free(&image);
        return -1;
    }
    /* Gray + alpha and the like are composed on the background colour given here. */
    if (!png_image_finish_read(&image, &(png_color){0, 0, 0}, rgb, 0, NULL) || (image.warning_or_error & PNG_IMAGE_ERROR)) {
        free(rgb);
        return fail(error, path, "damaged PNG: %s", image.message);
    }
    *picture = (struct scene_picture){(int)image.width, (int)image.height, rgb};
    return 0;
}

/* ---- JPEG ---- */

struct jpeg_job {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf failed;
    char message[JMSG_LENGTH_MAX];
    uint8_t *rgb;
    uint8_t *row;           /* one line of CMYK */
};

static void jpeg_failed(j_common_ptr common)
{
    struct jpeg_job *job = common->client_data;

    common->err->format_message(common, job->message);
    longjmp(job->failed, 1);
}

/* libjpeg goes on with grey when data is missing or a code is wrong, and calls that a warning. */
static void jpeg_warned(j_common_ptr common, int level)
{
    int code = common->err->msg_code;

    if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
                      code == JWRN_MUST_RESYNC || code == JWRN_ARITH_BAD_CODE || code == JWRN_BOGUS_PROGRESSION)) {
        jpeg_failed(common);
    }
}

static unsigned exif_number(const uint8_t *p, int bytes, bool big)
{
    unsigned value = 0;

    for (int i = 0; i < bytes; i++) {
        value = value << 8 | p[big ? i : bytes - 1 - i];
    }
    return value;
}

/* How the camera was held: tag 0x0112 in the first directory of an Exif segment, 1 (upright) to 8. 1 when there is none. */
static unsigned exif_orientation(const struct jpeg_decompress_struct *jpeg)
{
    for (const struct jpeg_marker_struct *m = jpeg->marker_list; m != NULL; m = m->next) {
        const uint8_t *tiff = m->data + 6;
        size_t length = m->data_length;
        bool big;

        if (m->marker != JPEG_APP0 + 1 || length < 6 + 8 + 2 || memcmp(m->data, "Exif\0", 6) != 0) {
            continue;
        }
        length -= 6;
        big = tiff[0] == 'M';
        size_t at = exif_number(tiff + 4, 4, big);
        unsigned entries = at <= length - 2 ? exif_number(tiff + at, 2, big) : 0;

        for (at += 2; entries > 0 && at + 12 <= length; entries--, at += 12) {
            unsigned value = exif_number(tiff + at + 8, 2, big);

            if (exif_number(tiff + at, 2, big) == 0x0112 && value >= 1 && value <= 8) {
                return value;
            }
        }
    }
    return 1;
}

/* Turn the picture as its orientation says: 1 to 8 are the eight ways to lay down a rectangle (Exif 2.3, table 6). */
static int turn_upright(struct scene_picture *picture, unsigned orientation, char *error, const char *path)
{
    int w = picture->width, h = picture->height;
    bool swap = orientation >= 5, flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    struct scene_picture turned = {swap ? h : w, swap ? w : h, NULL};

    if (orientation == 1) {
        return 0;
    }
    turned.rgb = alloc_rgb(error, path, turned.width, turned.height);
    if (turned.rgb == NULL) {
        return -1;
    }
    for (int y = 0; y < turned.height; y++) {
        for (int x = 0; x < turned.width; x++) {
            int sx = swap ? y : x, sy = swap ? x : y;

            sx = flip_x ? w - 1 - sx : sx;
            sy = flip_y ? h - 1 - sy : sy;
            memcpy(turned.rgb + ((size_t)y * (size_t)turned.width + (size_t)x) * 3,
                   picture->rgb + ((size_t)sy * (size_t)w + (size_t)sx) * 3, 3);
        }
    }
    free(picture->rgb);
    *picture = turned;
    return 0;
}

static void read_jpeg_rows(struct jpeg_job *job)
{
    struct jpeg_decompress_struct *jpeg = &job->jpeg;
    size_t stride = (size_t)jpeg->output_width * 3;

    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *out = job->rgb + stride * jpeg->output_scanline;
        JSAMPROW row = job->row != NULL ? job->row : out;

        jpeg_read_scanlines(jpeg, &row, 1);
        if (job->row == NULL) {
            continue;
        }
        for (size_t x = 0; x < jpeg->output_width; x++) {
            const uint8_t *p = job->row + x * 4;
            bool inverted = jpeg->saw_Adobe_marker;     /* Adobe stores 255 - ink */

            for (int c = 0; c < 3; c++) {
                unsigned ink = inverted ? p[c] : 255u - p[c];
                unsigned black = inverted ? p[3] : 255u - p[3];

                out[x * 3 + (size_t)c] = (uint8_t)((ink * black + 127) / 255);
            }
        }
    }
}

/* The longjmp target is here, so that nothing this function needs afterwards lives in a register of it. */
static int run_jpeg(struct jpeg_job *job, struct scene_picture *picture, FILE *file, const char *path, char *error)
{
    struct jpeg_decompress_struct *jpeg = &job->jpeg;

    if (setjmp(job->failed)) {
        return fail(error, path, "damaged JPEG: %s", job->message);
    }
    jpeg_create_decompress(jpeg);
    jpeg_stdio_src(jpeg, file);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(jpeg, TRUE);
    if (check_size(error, path, jpeg->image_width, jpeg->image_height) < 0) {
        return -1;
    }
    if (picture == NULL) {
        return 0;
    }
    unsigned orientation;
    bool ink = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;

    jpeg->out_color_space = ink ? JCS_CMYK : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(jpeg);
    job->rgb = alloc_rgb(error, path, (int)jpeg->output_width, (int)jpeg->output_height);
    if (job->rgb == NULL) {
        return -1;
    }
    if (ink) {
        job->row = jpeg->mem->alloc_large((j_common_ptr)jpeg, JPOOL_IMAGE, (size_t)jpeg->output_width * 4);
    }
    orientation = exif_orientation(jpeg);       /* the markers go with the end of the picture */
    read_jpeg_rows(job);
    jpeg_finish_decompress(jpeg);
    struct scene_picture upright = {(int)jpeg->output_width, (int)jpeg->output_height, job->rgb};

    if (turn_upright(&upright, orientation, error, path) < 0) {
        return -1;
    }
    job->rgb = NULL;
    *picture = upright;
    return 0;
}

static int load_jpeg(struct scene_picture *picture, FILE *file, const char *path, char *error)
{
    struct jpeg_job *job = calloc(1, sizeof(*job));

    if (job == NULL) {
        return fail(error, path, "out of memory");
    }
    job->jpeg.err = jpeg_std_error(&job->errors);
    job->jpeg.client_data = job;
    job->errors.error_exit = jpeg_failed;
    job->errors.emit_message = jpeg_warned;

    int result = run_jpeg(job, picture, file, path, error);

    jpeg_destroy_decompress(&job->jpeg);
    free(job->rgb);
    free(job);
    return result;
}

/* ---- PPM and PGM, plain and raw ---- */

/* Next decimal number, skipping white space and # comments. -1: none, or above `max`. */
static long pnm_number(FILE *file, long max)
{
    long value = 0;
    int c = getc(file);

    for (bool comment = false; comment || c == ' ' || (c >= '\t' && c <= '\r') || c == '#'; c = getc(file)) {
        if (c == EOF) {
            return -1;
        }
        comment = c == '#' || (comment && c != '\n');
    }
    if (c < '0' || c > '9') {
        return -1;
    }
    for (; c >= '0' && c <= '9'; c = getc(file)) {
        value = value * 10 + (c - '0');
        if (value > max) {
            return -1;
        }
    }
    return value;       /* the one white space after the number is eaten: raw data begins right behind it */
}

static long pnm_sample(FILE *file, bool plain, long max)
{
    int high, low;

    if (plain) {
        return pnm_number(file, max);
    }
    high = getc(file);
    if (max <= 255 || high == EOF) {
        return high > max ? -1 : high;
    }
    low = getc(file);
    return low == EOF || high << 8 > max - low ? -1 : (high << 8 | low);
}

static int load_pnm(struct scene_picture *picture, FILE *file, const char *path, char *error, char kind)
{
    bool plain = kind < '4', grey = kind == '2' || kind == '5';
    long width = pnm_number(file, INT32_MAX), height = pnm_number(file, INT32_MAX), max = pnm_number(file, 65535);
    uint8_t *rgb;

    if (width < 0 || height < 0 || max < 1) {
        return fail(error, path, "damaged PPM/PGM header");
    }
    if (check_size(error, path, (uint64_t)width, (uint64_t)height) < 0) {
        return -1;
    }
    if (picture == NULL) {
        return 0;
    }
    rgb = alloc_rgb(error, path, (int)width, (int)height);
    if (rgb == NULL) {
        return -1;
    }
    for (size_t i = 0, n = (size_t)width * (size_t)height * 3; i < n; i++) {
        long value = grey && i % 3 ? 0 : pnm_sample(file, plain, max);

        if (value < 0) {
            free(rgb);
            return fail(error, path, "damaged PPM/PGM: the data ends early or exceeds its maximum");
        }
        rgb[i] = grey && i % 3 ? rgb[i - 1] : (uint8_t)((value * 255 + max / 2) / max);
    }
    *picture = (struct scene_picture){(int)width, (int)height, rgb};
    return 0;
}

/* ---- any of them ---- */

static int load_file(struct scene_picture *picture, const char *path, char *error)
{
    struct stat status;
    uint8_t magic[8] = {0};
    FILE *file;
    int result;

    if (stat(path, &status) < 0) {
        return fail(error, path, "%s", strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {         /* reading a pipe or a terminal would hang */
        return fail(error, path, "not a file");
    }
    file = fopen(path, "rb");
    if (file == NULL) {
        return fail(error, path, "%s", strerror(errno));
    }
    size_t n = fread(magic, 1, sizeof(magic), file);

    rewind(file);
    if (n == 8 && png_sig_cmp(magic, 0, 8) == 0) {
        result = load_png(picture, file, path, error);
    } else if (n > 2 && magic[0] == 0xff && magic[1] == 0xd8 && magic[2] == 0xff) {
        result = load_jpeg(picture, file, path, error);
    } else if (n > 2 && magic[0] == 'P' && strchr("2356", magic[1]) && magic[1] && strchr(" \t\r\n#", magic[2]) && magic[2]) {
        fseek(file, 2, SEEK_SET);
        result = load_pnm(picture, file, path, error, (char)magic[1]);
    } else {
        result = fail(error, path, "not a picture (PNG, JPEG, PPM or PGM)");
    }
    fclose(file);
    return result;
}

int scene_picture_load(struct scene_picture *picture, const char *path, char error[SCENE_ERROR_SIZE])
{
    return load_file(picture, path, error);
}

int scene_picture_probe(const char *path, char error[SCENE_ERROR_SIZE])
{
    return load_file(NULL, path, error);
}

void scene_picture_free(struct scene_picture *picture)
{
    free(picture->rgb);
    *picture = (struct scene_picture){0};
}
