/* SPDX-License-Identifier: MIT */
/* Channel stream: the latest frame, as JPEG or raw, in the board's stream buffer, until the host has fetched it. */
#include <string.h>

#include "board.h"
#include "modules/protocol/service.h"
#include "modules/protocol/stream_raw.h"
#include "py/mphal.h"
#include "runtime/framebuffer.h"
#include "runtime/pool.h"
#include "vision/jpeg.h"

#define HEADER 32u                  /* six fields, padded to a cache line */
#define REPLACE_MS 100u             /* a frame that waits for the host for less is not replaced: encoding costs the script */
#define HOLD_FRAMES 60u             /* after an overflow quality rises no sooner */
#define QUALITY_MIN 5u

static uint8_t *const buffer = (uint8_t *)BOARD_STREAM_BUFFER_BASE;
#define CAPACITY (BOARD_STREAM_BUFFER_SIZE - HEADER)

/* EMPTY -> WRITING -> READY -> LOCKED -> EMPTY. The camera writes, in main context; the host locks, in PendSV. */
enum state { EMPTY, WRITING, READY, LOCKED };

static struct {
    volatile enum state state;
    volatile bool enabled, raw;
    uint32_t raw_width, raw_height;
    size_t bytes;                   /* header and data */
    uint32_t ready_at;
    uint32_t shown_at;              /* for the frame rate */
    float interval_ms;
    unsigned quality, hold;
    uint32_t quality_of;            /* raw bytes of the pictures that quality was found for */
} stream;

static bool claim(bool force)
{
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    bool free = stream.state == EMPTY || (stream.state == READY && (force || mp_hal_ticks_ms() - stream.ready_at >= REPLACE_MS));

    if (free)
        stream.state = WRITING;
    MICROPY_END_ATOMIC_SECTION(state);
    return free;
}

/* Quality between the board's limits, found anew when the size of pictures changes. */
static unsigned highest_quality(uint32_t raw_bytes)
{
    return raw_bytes > BOARD_JPEG_QUALITY_THRESHOLD ? BOARD_JPEG_QUALITY_LOW : BOARD_JPEG_QUALITY_HIGH;
}

static void begin_quality(uint32_t raw_bytes)
{
    if (stream.quality_of != raw_bytes) {
        stream.quality_of = raw_bytes;
        stream.quality = (BOARD_JPEG_QUALITY_LOW + BOARD_JPEG_QUALITY_HIGH) / 2;
        stream.hold = 0;
    }
    if (stream.quality > highest_quality(raw_bytes))
        stream.quality = highest_quality(raw_bytes);
}

static void adapt_quality(bool overflow)
{
    if (overflow) {
        stream.quality /= 2;
        stream.hold = HOLD_FRAMES;
    } else if (stream.hold) {
        stream.hold--;
    } else if (stream.quality < highest_quality(stream.quality_of)) {
        stream.quality++;
    }
}

/* JPEG into the buffer: its bytes, or 0 when there is no memory or it does not fit. */
static size_t encode(const struct image *image)
{
    size_t rows = image->format == PIXFORMAT_BINARY ? 8u * (size_t)image->width : 32u * (size_t)image->width;
    size_t scratch = JPEG_ENCODE_SCRATCH + rows + 64;
    struct arena arena = { .base = pool_alloc(scratch, POOL_TRANSIENT | POOL_MAYBE), .size = scratch };
    struct memory_stream memory = { .data = buffer + HEADER, .capacity = CAPACITY };

    if (!arena.base)
        return 0;
    begin_quality((uint32_t)stream_raw_bytes(image->format, image->width, image->height));
    for (;;) {
        struct jpeg_encode_options options = JPEG_ENCODE_DEFAULTS;
        struct stream out = memory_stream_open(&memory);

        options.quality = (int)stream.quality;
        memory.size = memory.position = arena.used = 0;
        int error = jpeg_encode(image, &options, &out, &arena);
        bool overflow = error == VISION_E_SPACE && stream.quality > QUALITY_MIN;
        adapt_quality(error == VISION_E_SPACE);
        if (stream.quality < QUALITY_MIN)
            stream.quality = QUALITY_MIN;
        if (!overflow) {
            pool_free(arena.base);
            return error < 0 ? 0 : memory.size;
        }
    }
}

static void put_header(int width, int height, enum pixel_format format, uint32_t bytes)
{
    uint32_t now = mp_hal_ticks_ms();
    float interval = (float)(now - stream.shown_at), fps;
    uint32_t bits;

    stream.interval_ms = stream.interval_ms > 0 ? stream.interval_ms * 0.9f + interval * 0.1f : interval;
    stream.shown_at = now;
    fps = stream.interval_ms > 0 ? 1000.0f / stream.interval_ms : 0;
    memcpy(&bits, &fps, sizeof bits);
    memset(buffer, 0, HEADER);
    packet_put32(buffer, (uint32_t)width);
    packet_put32(buffer + 4, (uint32_t)height);
    packet_put32(buffer + 8, (uint32_t)format);
    packet_put32(buffer + 12, bytes);
    packet_put32(buffer + 16, HEADER);
    packet_put32(buffer + 20, bits);
}

/* The frame into the buffer: bytes of data, 0 when it cannot be shown. */
static size_t prepare(const struct image *image)
{
    int width = image->width, height = image->height;
    size_t n;

    if (image->format == PIXFORMAT_JPEG || image->format == PIXFORMAT_PNG) {
        n = image->size <= CAPACITY ? image->size : 0;
        memcpy(buffer + HEADER, image->data, n);
        put_header(width, height, image->format, (uint32_t)n);
    } else if (stream.raw && stream_raw_size(image, (int)stream.raw_width, (int)stream.raw_height, CAPACITY, &width, &height)) {
        n = stream_raw_bytes(image->format, width, height);
        stream_raw_copy(image, width, height, buffer + HEADER);
        put_header(width, height, image->format, (uint32_t)image->format & 0xFF);
    } else {
        n = encode(image);
        put_header(width, height, PIXFORMAT_JPEG, (uint32_t)n);
    }
    return n;
}

static void show_frame(const struct image *image, bool force)
{
    if (!stream.enabled || !claim(force))
        return;
    size_t n = prepare(image);
    stream.bytes = HEADER + n;
    stream.ready_at = mp_hal_ticks_ms();
    stream.state = n && stream.enabled ? READY : EMPTY;
    if (stream.state == READY)
        protocol_raise(CHANNEL_STREAM, PACKET_NOTIFY);
}

static void show(const struct image *image)
{
    show_frame(image, false);
}

void channel_stream_last(void)
{
    const struct image *image = framebuffer_image();

    if (image)
        show_frame(image, true);
}

void channel_stream_close(void)
{
    stream.enabled = false;
    if (stream.state != WRITING)
        stream.state = EMPTY;
}

void channel_stream_forget(void)
{
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    if (stream.state == READY)
        stream.state = EMPTY;
    MICROPY_END_ATOMIC_SECTION(state);
}

/* The channel */

static uint32_t size(void *context)
{
    (void)context;
    return stream.state == READY || stream.state == LOCKED ? (uint32_t)stream.bytes : 0;
}

static bool lock(void *context)
{
    (void)context;
    if (stream.state != READY)
        return false;
    stream.state = LOCKED;
    return true;
}

static void unlock(void *context)
{
    (void)context;
    if (stream.state == LOCKED)
        stream.state = EMPTY;
}

static const void *readp(void *context, uint32_t offset, size_t n)
{
    uint32_t bytes = size(context);

    return offset <= bytes && n <= bytes - offset ? buffer + offset : NULL;
}

static int ioctl(void *context, uint32_t request, const void *argument, size_t n)
{
    static const uint8_t lengths[] = { [STREAM_CTRL] = 4, [STREAM_RAW_CTRL] = 4, [STREAM_RAW_CFG] = 8, [STREAM_SOURCE] = 4 };
    const uint8_t *p = argument;

    (void)context;
    if (request >= sizeof lengths || n != lengths[request])
        return -STATUS_INVALID;
    switch (request) {
    case STREAM_CTRL:
        if (!stream.enabled || !packet_get32(p))
            channel_stream_close(); /* saying "on" again keeps the frame that is there */
        stream.enabled = packet_get32(p) != 0;
        stream.interval_ms = 0;
        framebuffer_set_preview(stream.enabled ? show : NULL);
        return 0;
    case STREAM_RAW_CTRL:
        stream.raw = packet_get32(p) != 0;
        return 0;
    case STREAM_RAW_CFG:
        if (packet_get32(p) > 0x7FFF || packet_get32(p + 4) > 0x7FFF)
            return -STATUS_INVALID;
        stream.raw_width = packet_get32(p);
        stream.raw_height = packet_get32(p + 4);
        return 0;
    default:
        return -STATUS_FAILED;      /* STREAM_SOURCE: this camera has one sensor */
    }
}

static const struct device_channel_ops ops = { .size = size, .lock = lock, .unlock = unlock, .readp = readp, .ioctl = ioctl };
const struct device_channel channel_stream = { "stream", CHANNEL_FLAG_READ | CHANNEL_FLAG_LOCK | CHANNEL_FLAG_STREAM, &ops, NULL };
