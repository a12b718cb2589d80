/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers of the STM32H743's peripherals that have no model: they are storage, and the first use of each is logged. */
#include "qemu/osdep.h"

#include "stm32h743.h"
#include "stm32h743_defs.h"

#define ROWS(block) static const RegDef block##_rows[] = { STM32H743_##block };
STM32H743_BLOCKS(ROWS)

#define MAP(peripheral, block) \
    { #peripheral, { .defs = block##_rows, .count = ARRAY_SIZE(block##_rows), .size = block##_BYTES, .storage = true } },
static const struct { const char *name; RegMap map; } banks[] = { STM32H743_PERIPHERALS(MAP) };

const RegMap *stm32h743_bank_map(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(banks); i++) {
        if (!strcmp(banks[i].name, name)) {
            return &banks[i].map;
        }
    }
    return NULL;
}
