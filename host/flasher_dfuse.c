/* SPDX-License-Identifier: MIT */
/* DfuSe: absolute addresses, erased block by block. ST's ROM loader ("restoring the bootloader"), and Arduino's bootloader. */
#include "flasher.h"

static bool on_progress(void *context, uint32_t done, uint32_t all)
{
    struct flash_link *link = context;

    return !link->progress || link->progress(link->context, link->phase, link->part, done, all);
}

static int open_loader(struct flash_link *link)
{
    return link->client.version == 0x011A ? 0 : DFU_E_CANNOT;
}

/* All of it must lie in blocks that the alternate's map offers for erasing and writing. */
static int check(struct flash_link *link, const struct flash_part *part)
{
    struct dfuse_blocks runs[16];
    uint64_t at = part->address, end = at + part->size;

    for (unsigned i = 0; i < link->client.alternates; i++) {
        if (link->client.alternate[i].number != part->alternate)
            continue;
        size_t n = dfuse_map(link->client.alternate[i].name, runs, 16);
        for (size_t r = 0; r < n && at < end; r++) {
            uint64_t run_end = runs[r].base + (uint64_t)runs[r].count * runs[r].size;
            if (at >= runs[r].base && at < run_end && runs[r].erasable && runs[r].writable)
                at = run_end;
        }
        return at >= end ? 0 : DFU_E_CANNOT;
    }
    return DFU_E_ALTERNATE;
}

static int write_part(struct flash_link *link, const struct flash_part *part)
{
    link->phase = FLASH_ERASE;
    link->part = part;
    link->touched = false;
    int error = dfu_client_select(&link->client, part->alternate);
    if (error)
        return error;
    link->touched = true;
    error = dfuse_erase(&link->client, part->address, part->size, on_progress, link);
    if (error)
        return error;
    link->phase = FLASH_WRITE;
    error = dfuse_write(&link->client, part->address, part->bytes, part->size, on_progress, link);
    return error ? error : dfu_client_idle(&link->client);
}

static int verify(struct flash_link *link, const struct flash_part *part)
{
    link->phase = FLASH_VERIFY;
    link->part = part;
    int error = dfu_client_select(&link->client, part->alternate);
    return error ? error : dfuse_compare(&link->client, part->address, part->bytes, part->size, on_progress, link);
}

static int leave(struct flash_link *link, uint32_t address)
{
    return dfuse_leave(&link->client, address);
}

const struct flasher flasher_arduino = {"arduino_dfu", open_loader, check, write_part, verify, leave};
const struct flasher flasher_rom = {"rom", open_loader, check, write_part, verify, leave};
