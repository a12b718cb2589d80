/* SPDX-License-Identifier: MIT */
/* Channel stdin: the host's script. Channel stdout: what it prints. */
#include <string.h>

#include "board.h"
#include "modules/protocol/service.h"
#include "py/mphal.h"
#include "runtime/console.h"
#include "runtime/crash.h"
#include "runtime/pool.h"
#include "runtime/script.h"

/* stdin */

static bool stdin_poll(void *context)
{
    (void)context;
    return script_running() || script_pending();
}

static int stdin_write(void *context, uint32_t offset, const void *bytes, size_t n)
{
    (void)context;
    /* A piece sent again after its answer was lost must not be refused: it lies where the last one ended. */
    if (offset && offset + n == script_length())
        return 0;
    return script_write(offset, bytes, n) ? -STATUS_FAILED : 0;
}

static int stdin_ioctl(void *context, uint32_t request, const void *argument, size_t n)
{
    (void)context;
    (void)argument;
    if (n != 0)
        return -STATUS_INVALID;
    switch (request) {
    case STDIN_STOP:
        script_stop();
        return 0;
    case STDIN_EXEC:
        if (script_exec())
            return -STATUS_FAILED;
        channel_stdout_clear(); /* what the host reads from now on is the new script's */
        return 0;
    case STDIN_RESET:
        script_clear();
        return 0;
    default:
        return -STATUS_INVALID;
    }
}

static int stdin_shape(void *context, uint32_t shape[4])
{
    (void)context;
    shape[0] = stdin_poll(NULL);
    shape[1] = (uint32_t)script_result();
    shape[2] = script_count();
    shape[3] = crash_starts();
    return 4;
}

static const struct device_channel_ops stdin_ops = {.poll = stdin_poll, .write = stdin_write, .ioctl = stdin_ioctl, .shape = stdin_shape};
const struct device_channel channel_stdin = {"stdin", CHANNEL_FLAG_WRITE | CHANNEL_FLAG_EXEC, &stdin_ops, NULL};

/* stdout */

#define LARGE_RING  4096u
#define NOTIFY_MS   50u

static uint8_t small_ring[BOARD_PROTOCOL_STDIO_SIZE];
static struct {
    uint8_t *ring;
    size_t size, used, first;
    uint32_t read_at, notified_at;
    bool pressed; /* the host has been told that the ring is half full */
} out = {.ring = small_ring, .size = sizeof small_ring};

void channel_stdout_open(void)
{
    uint8_t *ring = out.ring == small_ring ? pool_alloc(LARGE_RING, POOL_PERSIST) : NULL;

    if (ring) {
        mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
        out.ring = ring;
        out.size = LARGE_RING;
        out.used = out.first = 0;
        MICROPY_END_ATOMIC_SECTION(state);
    }
    out.read_at = mp_hal_ticks_ms();
}

void channel_stdout_clear(void)
{
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    out.used = out.first = 0;
    MICROPY_END_ATOMIC_SECTION(state);
}

/* As much as fits, or, when `force`, all of it over the oldest text. Returns how much was taken. */
static size_t put(const char *text, size_t n, bool force)
{
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();

    if (force && n > out.size) {
        text += n - out.size;
        n = out.size;
    }
    if (n > out.size - out.used) {
        if (force) {
            size_t lost = n - (out.size - out.used);
            out.first = (out.first + lost) % out.size;
            out.used -= lost;
        } else {
            n = out.size - out.used;
        }
    }
    for (size_t i = 0; i < n; i++)
        out.ring[(out.first + out.used + i) % out.size] = (uint8_t)text[i];
    out.used += n;
    MICROPY_END_ATOMIC_SECTION(state);
    return n;
}

/* A host that reads loses nothing: the script waits for it, as it would for the wire. One that has stopped reading costs at most
   CONSOLE_PATIENCE_MS once, then the newest text is kept; while there was nothing to read, it hadn't stopped. Each turn ends with an
   interrupt, even where interrupts are masked. */
void channel_stdout_print(const char *text, size_t length)
{
    if (!out.used)
        out.read_at = mp_hal_ticks_ms();
    size_t done = put(text, length, false);

    for (unsigned turns = 0; done < length && turns < 4 * CONSOLE_PATIENCE_MS && mp_hal_ticks_ms() - out.read_at < CONSOLE_PATIENCE_MS; turns++) {
        console_request_service();
        MICROPY_INTERNAL_WFE(1);
        size_t n = put(text + done, length - done, false);
        done += n;
        if (n)
            turns = 0;
    }
    if (done < length)
        put(text + done, length - done, true);
}

void channel_stdout_service(void)
{
    uint32_t now = mp_hal_ticks_ms();

    bool half = out.used > out.size / 2;

    if (out.used && (now - out.notified_at >= NOTIFY_MS || (half && !out.pressed))) {
        out.notified_at = now;
        out.pressed = half;
        protocol_raise(CHANNEL_STDOUT, PACKET_NOTIFY);
    }
}

static uint32_t stdout_size(void *context)
{
    (void)context;
    out.read_at = mp_hal_ticks_ms();
    return out.used;
}

static int stdout_read(void *context, uint32_t offset, void *bytes, size_t n)
{
    uint8_t *p = bytes;

    (void)context;
    (void)offset;
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    if (n > out.used)
        n = out.used;
    for (size_t i = 0; i < n; i++)
        p[i] = out.ring[(out.first + i) % out.size];
    out.first = (out.first + n) % out.size;
    out.used -= n;
    out.pressed = false;
    MICROPY_END_ATOMIC_SECTION(state);
    out.read_at = mp_hal_ticks_ms();
    return (int)n;
}

static const struct device_channel_ops stdout_ops = {.size = stdout_size, .read = stdout_read};
const struct device_channel channel_stdout = {"stdout", CHANNEL_FLAG_READ, &stdout_ops, NULL};
