/* SPDX-License-Identifier: MIT */
/* The families there are. SAM-BA, PICOBOOT and NXP's protocols are not: `omv flash` prints the commands of other tools for those. */
#include "flasher.h"

#include <string.h>

static const struct flasher *const flashers[] = {&flasher_openmv, &flasher_arduino, &flasher_rom};

const struct flasher *flasher_find(const char *loader)
{
    for (size_t i = 0; i < sizeof flashers / sizeof *flashers; i++)
        if (!strcmp(flashers[i]->loader, loader))
            return flashers[i];
    return NULL;
}

int flasher_open(struct flash_link *link, const struct flasher *flasher, const struct board *board, const struct dfu_wire *wire,
                 flash_progress progress, void *context)
{
    *link = (struct flash_link){.flasher = flasher, .board = board, .progress = progress, .context = context};
    int error = dfu_client_open(&link->client, wire);
    if (!error && link->client.run_time)
        error = DFU_E_NOT_DFU;
    return error ? error : flasher->open(link);
}
