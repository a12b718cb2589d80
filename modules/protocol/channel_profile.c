/* SPDX-License-Identifier: MIT */
/* Channel profile, in builds with PROFILE_ENABLE=1: the profiler's table. While it is locked nothing is added to it. */
#include <string.h>

#include "clock.h"
#include "modules/protocol/service.h"
#include "runtime/profile.h"

static bool lock(void *context)
{
    (void)context;
    profile_freeze(true);
    return true;
}

static void unlock(void *context)
{
    (void)context;
    profile_freeze(false);
}

static uint32_t size(void *context)
{
    (void)context;
    return profile_rows() * PROFILE_RECORD;
}

/* Beyond the two that every host expects: calls that are missing in the table, ticks in a second. */
static int shape(void *context, uint32_t out[4])
{
    (void)context;
    out[0] = profile_rows();
    out[1] = PROFILE_RECORD;
    out[2] = profile_lost();
    out[3] = clock_core_hz();
    return 4;
}

static int read(void *context, uint32_t offset, void *bytes, size_t n)
{
    uint8_t record[PROFILE_RECORD], *out = bytes;
    uint32_t end = size(context);
    size_t done = 0;

    while (done < n && offset < end) {
        uint32_t at = offset % PROFILE_RECORD;
        size_t piece = PROFILE_RECORD - at < n - done ? PROFILE_RECORD - at : n - done;
        profile_record(offset / PROFILE_RECORD, record);
        memcpy(out + done, record + at, piece);
        done += piece;
        offset += (uint32_t)piece;
    }
    return (int)done;
}

static int ioctl(void *context, uint32_t request, const void *argument, size_t n)
{
    static const uint8_t lengths[] = {[PROFILE_MODE] = 4, [PROFILE_SET_EVENT] = 8, [PROFILE_RESET] = 0, [PROFILE_STATS] = 0};

    (void)context;
    if (request >= sizeof lengths || n != lengths[request])
        return -STATUS_INVALID;
    switch (request) {
    case PROFILE_MODE:
        if (packet_get32(argument) > PROFILE_EXCLUSIVE)
            return -STATUS_INVALID;
        profile_set_mode((enum profile_mode)packet_get32(argument));
        return 0;
    case PROFILE_RESET:
        profile_reset();
        return 0;
    default:
        return -STATUS_FAILED; /* a Cortex-M7 has no event counters; statistics have no answer in this protocol */
    }
}

static const struct device_channel_ops ops = {.lock = lock, .unlock = unlock, .size = size, .shape = shape, .read = read, .ioctl = ioctl};
const struct device_channel channel_profile = {"profile", CHANNEL_FLAG_READ | CHANNEL_FLAG_LOCK, &ops, NULL};
