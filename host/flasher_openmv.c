/* SPDX-License-Identifier: MIT */
/* The family's own bootloader: DFU 1.1 by alternate setting. Ours, and the original one, which looks the same from here. */
#include <string.h>

#include "boot/image.h"
#include "flasher.h"

static bool on_progress(void *context, uint32_t done, uint32_t all)
{
    struct flash_link *link = context;

    return !link->progress || link->progress(link->context, link->phase, link->part, done, all);
}

static int open_loader(struct flash_link *link)
{
    (void)link;
    return 0;
}

static const char *alternate_name(const struct dfu_client *client, unsigned number)
{
    for (unsigned i = 0; i < client->alternates; i++)
        if (client->alternate[i].number == number)
            return client->alternate[i].name;
    return NULL;
}

static int check(struct flash_link *link, const struct flash_part *part)
{
    const char *name = alternate_name(&link->client, part->alternate);

    if (!name || (*name && strcmp(name, part->name)))
        return DFU_E_ALTERNATE;
    /* Blocks lie at their number times 4096, whatever else the descriptor says. */
    if (link->client.transfer_size != BOOT_BLOCK || !(link->client.attributes & DFU_CAN_DOWNLOAD))
        return DFU_E_CANNOT;
    return 0;
}

/*
 * Does it take the envelope of a foreign image (boot/image.h), as ours does? The original would write it in front of the
 * application. They differ in how an upload ends: ours with an empty packet, the original with four zero bytes. Reading
 * behind the end of the read-only bootloader partition does no harm to either.
 */
static int takes_envelope(struct flash_link *link, bool *takes)
{
    static uint8_t block[UINT16_MAX];
    const struct board *board = link->board;

    for (size_t i = 0; i < board->partition_count; i++) {
        const struct board_partition *p = &board->partitions[i];
        if (strcmp(p->role, "bootloader") || p->alt < 0)
            continue;
        int error = dfu_client_select(&link->client, (unsigned)p->alt);
        if (error)
            return error;
        int n = dfu_client_read_block(&link->client, p->size / BOOT_BLOCK, block);
        *takes = n == 0;
        return n < 0 ? n : 0;
    }
    return DFU_E_CANNOT;
}

static int write_part(struct flash_link *link, const struct flash_part *part)
{
    static uint8_t envelope[BOOT_BLOCK];
    bool takes = false;

    link->phase = FLASH_WRITE;
    link->part = part;
    link->touched = false;
    memset(envelope, 0, sizeof envelope);
    if (part->foreign) {
        int error = takes_envelope(link, &takes);
        if (error)
            return error;
        struct image_header descriptor;
        image_describe(&descriptor, part->bytes, (uint32_t)part->size, link->board->target, part->address);
        memcpy(envelope, &descriptor, sizeof descriptor);
    }
    int error = dfu_client_select(&link->client, part->alternate);
    if (error)
        return error;
    error = dfu_client_download(&link->client, takes ? envelope : NULL, takes ? sizeof envelope : 0, part->bytes, part->size, on_progress,
                                link);
    /* A device that answers an error to the first block has refused it before it erased anything. */
    link->touched = error != DFU_E_INTERRUPTED || link->client.at;
    if (link->client.at == 0 && (error == DFU_E_STATUS || error == DFU_E_STALL))
        link->touched =
            link->client.status != DFU_ERR_TARGET && link->client.status != DFU_ERR_FILE && link->client.status != DFU_ERR_ADDRESS;
    return error;
}

static int verify(struct flash_link *link, const struct flash_part *part)
{
    link->phase = FLASH_VERIFY;
    link->part = part;
    if (!(link->client.attributes & DFU_CAN_UPLOAD))
        return DFU_E_CANNOT;
    int error = dfu_client_select(&link->client, part->alternate);
    return error ? error : dfu_client_compare(&link->client, 0, part->bytes, part->size, on_progress, link);
}

static int leave(struct flash_link *link, uint32_t address)
{
    (void)address;
    return dfu_client_detach(&link->client);
}

const struct flasher flasher_openmv = {"openmv_dfu", open_loader, check, write_part, verify, leave};
