/* SPDX-License-Identifier: MIT */
/* Channel crash: the record of the last crash. Registered only when there is one. */
#include <string.h>

#include "modules/protocol/service.h"
#include "runtime/crash.h"

static uint32_t size(void *context)
{
    (void)context;
    return crash_record() ? sizeof(struct crash_record) : 0;
}

static int read(void *context, uint32_t offset, void *bytes, size_t n)
{
    const struct crash_record *record = crash_record();

    (void)context;
    if (!record || offset > sizeof *record)
        return 0;
    n = n < sizeof *record - offset ? n : sizeof *record - offset;
    memcpy(bytes, (const uint8_t *)record + offset, n);
    return (int)n;
}

static int ioctl(void *context, uint32_t request, const void *argument, size_t n)
{
    (void)context;
    (void)argument;
    if (request != CRASH_CLEAR || n != 0)
        return -STATUS_INVALID;
    crash_clear();
    return 0;
}

static const struct device_channel_ops ops = {.size = size, .read = read, .ioctl = ioctl};
const struct device_channel channel_crash = {"crash", CHANNEL_FLAG_READ, &ops, NULL};
