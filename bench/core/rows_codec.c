/* SPDX-License-Identifier: MIT */
/* Encoders and decoders, memory to memory. */
#include "core.h"
#include "vision/codec.h"
#include "vision/gif.h"
#include "vision/jpeg.h"
#include "vision/png.h"

static struct memory_stream file;

static void encode(struct call *c, const struct codec *codec, int quality, int subsampling)
{
    struct stream out;
    struct codec_write_options o = CODEC_WRITE_DEFAULTS;

    o.quality = quality;
    o.subsampling = subsampling;
    file = (struct memory_stream){.data = c->work, .capacity = c->work_bytes};
    out = memory_stream_open(&file);
    codec_write(&out, codec, &c->img, &o, &c->arena);
}

static void encode_q90(struct call *c)
{
    encode(c, &codec_jpeg, 90, JPEG_SUBSAMPLING_AUTO);
}

static void encode_q90_420(struct call *c)
{
    encode(c, &codec_jpeg, 90, JPEG_SUBSAMPLING_420);
}

static void encode_q50(struct call *c)
{
    encode(c, &codec_jpeg, 50, JPEG_SUBSAMPLING_AUTO);
}

static void encode_q50_420(struct call *c)
{
    encode(c, &codec_jpeg, 50, JPEG_SUBSAMPLING_420);
}

static void encode_bmp(struct call *c)
{
    encode(c, &codec_bmp, 0, 0);
}

static void encode_pnm(struct call *c)
{
    encode(c, &codec_pnm, 0, 0);
}

static void encode_png(struct call *c)
{
    encode(c, &codec_png, 0, 0);
}

/* A picture of a GIF; head and all. */
static void encode_gif(struct call *c)
{
    struct gif g;
    struct stream out;

    file = (struct memory_stream){.data = c->work, .capacity = c->work_bytes};
    out = memory_stream_open(&file);
    gif_create(&g, &out, c->img.width, c->img.height, c->img.format == PIXFORMAT_RGB565, true);
    gif_append(&g, &c->img, 10, &c->arena);
}

/* The file that was written last */
static struct stream read_again(void)
{
    file.position = 0;
    return memory_stream_open(&file);
}

static void decode_png(struct call *c)
{
    struct stream in = read_again();

    png_decode(&in, &c->img, &c->arena);
}

static void decode_jpeg(struct call *c)
{
    struct stream in = read_again();
    struct jpeg_decode_options o = JPEG_DECODE_DEFAULTS;

    jpeg_decode(&in, &o, &c->img, &c->arena);
}

static void decode(struct call *c)
{
    struct stream in = read_again();
    struct codec_info info;

    codec_read_info(&in, &info, &c->arena);
    codec_read(&in, &info, &c->img, &c->arena);
}

const struct row codec_rows[] = {
    {"jpeg_enc_q90", "rgb565 gray", NULL, encode_q90},
    {"jpeg_enc_q90_420", "rgb565", NULL, encode_q90_420},
    {"jpeg_enc_q50", "rgb565 gray", NULL, encode_q50},
    {"jpeg_enc_q50_420", "rgb565", NULL, encode_q50_420},
    {"jpeg_dec_q90", "rgb565 gray", encode_q90, decode_jpeg},
    {"jpeg_dec_q50", "rgb565 gray", encode_q50, decode_jpeg},
    {"jpeg_dec_q90_420", "rgb565", encode_q90_420, decode_jpeg},
    {"jpeg_dec_q50_420", "rgb565", encode_q50_420, decode_jpeg},
    {"png_enc", "rgb565 gray", NULL, encode_png},
    {"png_dec", "rgb565 gray", encode_png, decode_png},
    {"gif_enc", "rgb565 gray", NULL, encode_gif},
    {"bmp_enc", "rgb565 gray", NULL, encode_bmp},
    {"bmp_dec", "rgb565 gray", encode_bmp, decode},
    {"pnm_enc", "rgb565 gray", NULL, encode_pnm},
    {"pnm_dec", "rgb565 gray", encode_pnm, decode},
    {NULL, NULL, NULL, NULL},
};
