/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reset values of the STM32H743's peripherals that have no model: their registers are storage, and the first use of each is logged. */
#include "qemu/osdep.h"

#include "stm32h743.h"
#include "stm32h743_defs.h"

#define WORDS(from, to) { from, "word", 0, 0xffffffff, .count = ((to) - (from)) / 4 }

/* RM0433 section 22.7, 22.8 */
static const RegDef fmc[] = { STM32H743_FMC };

/* Section 23.5 */
static const RegDef quadspi[] = { STM32H743_QUADSPI };

/* Section 32.7 */
static const RegDef ltdc[] = { STM32H743_LTDC };

/* Section 59.5 */
static const RegDef fdcan[] = { STM32H743_FDCAN };
static const RegDef fdcan_ccu[] = { STM32H743_FDCAN_CCU };

/* Section 51.6: two blocks of 32 bytes at 4 and 0x24 */
static const RegDef sai[] = { STM32H743_SAI };

/* Sections 26.6, 27.6, 28.7, 29.5 */
static const RegDef dac[] = { STM32H743_DAC };
static const RegDef vrefbuf[] = { STM32H743_VREFBUF };
static const RegDef comp[] = { STM32H743_COMP };
static const RegDef opamp[] = { STM32H743_OPAMP };

/* Sections 35.7, 36.7 */
static const RegDef cryp[] = { STM32H743_CRYP };
static const RegDef hash[] = { STM32H743_HASH };

/* Section 52.8, 54.6, 55.7, 56.4 */
static const RegDef cec[] = { STM32H743_CEC };
static const RegDef swpmi[] = { STM32H743_SWPMI };

/* Section 58.8 gives the Ethernet MAC's size; its version and the reset values that drivers look at. */
static const RegDef eth[] = { STM32H743_ETH };

static const RegDef plain[] = { WORDS(0x000, 0x3fc), { 0x3fc, "word", 0, 0xffffffff } };
static const RegDef fdcan_ram[] = { WORDS(0x000, 0x2800) };
static const RegDef ramecc[] = { WORDS(0x000, 0x100) };

/* The AXI interconnect's identification and the few settings that firmware writes (section 3.4). */
static const RegDef gpv[] = {
    { 0x1fd0, "PERIPH_ID_4", 0x04 }, { 0x1fe0, "PERIPH_ID_0", 0x00 }, { 0x1fe4, "PERIPH_ID_1", 0xb4 }, { 0x1fe8, "PERIPH_ID_2", 0x2b },
    { 0x1fec, "PERIPH_ID_3", 0 }, { 0x1ff0, "COMP_ID_0", 0x0d }, { 0x1ff4, "COMP_ID_1", 0xf0 }, { 0x1ff8, "COMP_ID_2", 0x05 },
    { 0x1ffc, "COMP_ID_3", 0xb1 }, { 0x2008, "TARG1_FN_MOD_ISS_BM", 4, 7, .count = 7, .stride = 0x1000 },
    { 0x2024, "TARG1_FN_MOD2", 0, 1, .count = 2, .stride = 0x1000 }, { 0x202c, "TARG1_FN_MOD_LB", 0, 1, .count = 2, .stride = 0x1000 },
    { 0x2108, "TARG1_FN_MOD", 0, 3, .count = 7, .stride = 0x1000 }, { 0x8024, "TARG7_FN_MOD2", 0, 1 },
    { 0x42024, "INI1_FN_MOD2", 0, 1 }, { 0x42028, "INI1_FN_MOD_AHB", 0, 3 }, { 0x44024, "INI3_FN_MOD2", 0, 1 }, { 0x44028, "INI3_FN_MOD_AHB", 0, 3 },
    { 0x42100, "INI1_READ_QOS", 0, 15 }, { 0x42104, "INI1_WRITE_QOS", 0, 15 }, { 0x42108, "INI1_FN_MOD", 0, 3 },
    { 0x43100, "INI2_READ_QOS", 0, 15 }, { 0x43104, "INI2_WRITE_QOS", 0, 15 }, { 0x43108, "INI2_FN_MOD", 0, 3 },
    { 0x44100, "INI3_READ_QOS", 0, 15 }, { 0x44104, "INI3_WRITE_QOS", 0, 15 }, { 0x44108, "INI3_FN_MOD", 0, 3 },
    { 0x45100, "INI4_READ_QOS", 0, 15 }, { 0x45104, "INI4_WRITE_QOS", 0, 15 }, { 0x45108, "INI4_FN_MOD", 0, 3 },
    { 0x46100, "INI5_READ_QOS", 0, 15 }, { 0x46104, "INI5_WRITE_QOS", 0, 15 }, { 0x46108, "INI5_FN_MOD", 0, 3 },
    { 0x47100, "INI6_READ_QOS", 0, 15 }, { 0x47104, "INI6_WRITE_QOS", 0, 15 }, { 0x47108, "INI6_FN_MOD", 0, 3 },
};

#define BANK(name, table, bytes) { name, { .defs = (table), .count = ARRAY_SIZE(table), .size = (bytes), .storage = true } }

static const struct { const char *name; RegMap map; } banks[] = {
    BANK("FMC", fmc, 0x1000), BANK("QUADSPI", quadspi, 0x1000), BANK("LTDC", ltdc, 0x1000), BANK("FDCAN1", fdcan, 0x400),
    BANK("FDCAN2", fdcan, 0x400), BANK("FDCAN_CCU", fdcan_ccu, 0x400), BANK("FDCAN_RAM", fdcan_ram, 0x2800), BANK("SAI1", sai, 0x400), BANK("SAI2", sai, 0x400),
    BANK("SAI3", sai, 0x400), BANK("SAI4", sai, 0x400), BANK("DAC1", dac, 0x400), BANK("VREFBUF", vrefbuf, 0x400),
    BANK("COMP", comp, 0x400), BANK("OPAMP", opamp, 0x400), BANK("CRYP", cryp, 0x400), BANK("HASH", hash, 0x400), BANK("CEC", cec, 0x400),
    BANK("SWPMI", swpmi, 0x400), BANK("ETH", eth, 0x1400), BANK("RAMECC1", ramecc, 0x400), BANK("RAMECC2", ramecc, 0x400),
    BANK("RAMECC3", ramecc, 0x400), BANK("GPV", gpv, 0x100000),
};
static const RegMap fallback = { .defs = plain, .count = ARRAY_SIZE(plain), .size = 0x400, .storage = true };

const RegMap *stm32h743_bank_map(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(banks); i++) {
        if (!strcmp(banks[i].name, name)) {
            return &banks[i].map;
        }
    }
    return &fallback;
}
