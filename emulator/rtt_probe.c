/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A probe's side of Real Time Transfer (rtt_probe.h). Only the buffer's read offset is ever written. */
#include "qemu/osdep.h"

#include "rtt_probe.h"

#include "chardev/char.h"
#include "qapi/error.h"
#include "qemu/timer.h"

/* Offsets in the block, and in the descriptor of a buffer. */
enum { ID_BYTES = 16, UP_COUNT = 16, UP_0 = 24, DATA = 4, SIZE = 8, WRITE = 12, READ = 16, BUFFER_BYTES = 24 };
enum { POLL_MS = 10 };

static const uint8_t block_id[ID_BYTES] = "SEGGER RTT";

/* Where n bytes of RAM at the address are; NULL: not in RAM. */
static uint8_t *bytes_at(RttProbe *probe, uint32_t address, uint32_t n)
{
    for (unsigned i = 0; i < probe->range_count; i++) {
        const RttRange *range = &probe->ranges[i];
        uint64_t size = memory_region_size(range->ram);

        if (address >= range->address && address - range->address + (uint64_t)n <= size) {
            return (uint8_t *)memory_region_get_ram_ptr(range->ram) + (address - range->address);
        }
    }
    return NULL;
}

/* The block is aligned to a word; 0: none. */
static uint32_t search(RttProbe *probe)
{
    for (unsigned i = 0; i < probe->range_count; i++) {
        const uint8_t *bytes = memory_region_get_ram_ptr(probe->ranges[i].ram);
        uint32_t size = memory_region_size(probe->ranges[i].ram);

        for (uint32_t n = 0; n + UP_0 + BUFFER_BYTES <= size; n += 4) {
            if (!memcmp(bytes + n, block_id, ID_BYTES)) {
                return probe->ranges[i].address + n;
            }
        }
    }
    return 0;
}

/* What lies between the offsets, as much as the chardev takes. A descriptor that makes no sense is left alone. */
static void take(RttProbe *probe)
{
    uint8_t *block = bytes_at(probe, probe->block, UP_0 + BUFFER_BYTES), *buffer = block + UP_0;
    uint32_t size = ldl_le_p(buffer + SIZE), write = ldl_le_p(buffer + WRITE), read = ldl_le_p(buffer + READ);
    const uint8_t *data = bytes_at(probe, ldl_le_p(buffer + DATA), size);

    if (!ldl_le_p(block + UP_COUNT) || !data || read >= size || write >= size) {
        return;
    }
    while (read != write) {
        int n = qemu_chr_fe_write(&probe->chardev, data + read, (read < write ? write : size) - read);

        if (n <= 0) {
            return;
        }
        read = (read + n) % size;
        stl_le_p(buffer + READ, read);
    }
}

static void poll(void *opaque)
{
    RttProbe *probe = opaque;

    if (!probe->block || memcmp(bytes_at(probe, probe->block, ID_BYTES), block_id, ID_BYTES)) {
        probe->block = search(probe);
    }
    if (probe->block) {
        take(probe);
    }
    timer_mod(probe->timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + POLL_MS);
}

static void event(void *opaque, QEMUChrEvent what)
{
    RttProbe *probe = opaque;

    if (what == CHR_EVENT_OPENED) {
        timer_mod(probe->timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME));
    } else if (what == CHR_EVENT_CLOSED) {
        timer_del(probe->timer);
    }
}

void rtt_probe_init(RttProbe *probe, const char *id, const RttRange *ranges, unsigned range_count)
{
    Chardev *chardev = qemu_chr_find(id);

    if (!chardev) {
        return;
    }
    probe->ranges = ranges;
    probe->range_count = range_count;
    probe->timer = timer_new_ms(QEMU_CLOCK_REALTIME, poll, probe);
    qemu_chr_fe_init(&probe->chardev, chardev, &error_fatal);
    qemu_chr_fe_set_handlers(&probe->chardev, NULL, NULL, event, NULL, probe, NULL, true);
}
