/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reset values of the STM32H743's peripherals that have no model: their registers are storage, and the first use of each is logged. */
#include "qemu/osdep.h"

#include "stm32h743.h"

#define WORDS(from, to) { from, "word", 0, 0xffffffff, .count = ((to) - (from)) / 4 }

/* RM0433 section 22.7, 22.8 */
static const RegDef fmc[] = {
    { 0x00, "BCR1", 0x000030db, 0xffffffff }, { 0x04, "BTR1", 0x0fffffff, 0xffffffff }, { 0x08, "BCR2", 0x000030d2, 0xffffffff },
    { 0x0c, "BTR2", 0x0fffffff, 0xffffffff }, { 0x10, "BCR3", 0x000030d2, 0xffffffff }, { 0x14, "BTR3", 0x0fffffff, 0xffffffff },
    { 0x18, "BCR4", 0x000030d2, 0xffffffff }, { 0x1c, "BTR4", 0x0fffffff, 0xffffffff }, { 0x80, "PCR", 0x18, 0xfffff },
    { 0x84, "SR", 0x40, 0x3f }, { 0x88, "PMEM", 0xfcfcfcfc, 0xffffffff }, { 0x8c, "PATT", 0xfcfcfcfc, 0xffffffff }, { 0x94, "ECCR" },
    { 0x104, "BWTR1", 0x0fffffff, 0xffffffff }, { 0x10c, "BWTR2", 0x0fffffff, 0xffffffff }, { 0x114, "BWTR3", 0x0fffffff, 0xffffffff },
    { 0x11c, "BWTR4", 0x0fffffff, 0xffffffff }, { 0x140, "SDCR", 0x2d0, 0x7fff, .count = 2 },
    { 0x148, "SDTR", 0x0fffffff, 0xffffffff, .count = 2 }, { 0x150, "SDCMR", 0, 0x3fffff }, { 0x154, "SDRTR", 0, 0x7fff }, { 0x158, "SDSR" },
};

/* Section 23.5 */
static const RegDef quadspi[] = {
    { 0x00, "CR", 0, 0xffdf1fdb }, { 0x04, "DCR", 0, 0x1f0701 }, { 0x08, "SR" }, { 0x0c, "FCR" }, { 0x10, "DLR", 0, 0xffffffff },
    { 0x14, "CCR", 0, 0xffffffff }, { 0x18, "AR", 0, 0xffffffff }, { 0x1c, "ABR", 0, 0xffffffff }, { 0x20, "DR" },
    { 0x24, "PSMKR", 0, 0xffffffff }, { 0x28, "PSMAR", 0, 0xffffffff }, { 0x2c, "PIR", 0, 0xffff }, { 0x30, "LPTR", 0, 0xffff },
};

/* Section 32.7 */
static const RegDef ltdc[] = {
    { 0x08, "SSCR", 0, 0xfff07ff }, { 0x0c, "BPCR", 0, 0xfff07ff }, { 0x10, "AWCR", 0, 0xfff07ff }, { 0x14, "TWCR", 0, 0xfff07ff },
    { 0x18, "GCR", 0x2220, 0xf0010001 }, { 0x24, "SRCR" }, { 0x2c, "BCCR", 0, 0xffffff }, { 0x34, "IER", 0, 0xf }, { 0x38, "ISR" },
    { 0x3c, "ICR" }, { 0x40, "LIPCR", 0, 0x7ff }, { 0x44, "CPSR" }, { 0x48, "CDSR", 0xf },
    { 0x84, "L1", 0, 0xffffffff, .count = 5 }, { 0x98, "L1CACR", 0xff, 0xff }, { 0x9c, "L1DCCR", 0, 0xffffffff },
    { 0xa0, "L1BFCR", 0x607, 0x707 }, { 0xac, "L1CFB", 0, 0xffffffff, .count = 3 }, { 0xc4, "L1CLUTWR" },
    { 0x104, "L2", 0, 0xffffffff, .count = 5 }, { 0x118, "L2CACR", 0xff, 0xff }, { 0x11c, "L2DCCR", 0, 0xffffffff },
    { 0x120, "L2BFCR", 0x607, 0x707 }, { 0x12c, "L2CFB", 0, 0xffffffff, .count = 3 }, { 0x144, "L2CLUTWR" },
};

/* Section 59.5 */
static const RegDef fdcan[] = {
    { 0x00, "CREL", 0x32141218 }, { 0x04, "ENDN", 0x87654321 }, { 0x0c, "DBTP", 0x0a33, 0x9f1fff }, { 0x10, "TEST", 0, 0xff },
    { 0x14, "RWD", 0, 0xff }, { 0x18, "CCCR", 1, 0xf3f7 }, { 0x1c, "NBTP", 0x06000a03, 0xffffff7f }, { 0x20, "TSCC", 0, 0xf0003 },
    { 0x24, "TSCV" }, { 0x28, "TOCC", 0xffff0000, 0xffff0007 }, { 0x2c, "TOCV", 0xffff }, { 0x40, "ECR" }, { 0x44, "PSR", 0x707 },
    { 0x48, "TDCR", 0, 0x7f7f }, { 0x50, "IR" }, { 0x54, "IE", 0, 0x3fffffff }, { 0x58, "ILS", 0, 0x3fffffff }, { 0x5c, "ILE", 0, 3 },
    { 0x80, "GFC", 0, 0x3f }, { 0x84, "SIDFC", 0, 0xfffffc }, { 0x88, "XIDFC", 0, 0xfffffc }, { 0x90, "XIDAM", 0x1fffffff, 0x1fffffff },
    { 0x94, "HPMS" }, { 0x98, "NDAT1" }, { 0x9c, "NDAT2" }, { 0xa0, "RXF0C", 0, 0xffffffff }, { 0xa4, "RXF0S" }, { 0xa8, "RXF0A", 0, 0x3f },
    { 0xac, "RXBC", 0, 0xfffc }, { 0xb0, "RXF1C", 0, 0xffffffff }, { 0xb4, "RXF1S" }, { 0xb8, "RXF1A", 0, 0x3f },
    { 0xbc, "RXESC", 0, 0x777 }, { 0xc0, "TXBC", 0, 0x7f3ffffc }, { 0xc4, "TXFQS" }, { 0xc8, "TXESC", 0, 7 }, { 0xcc, "TXBRP" },
    { 0xd0, "TXBAR", 0, 0xffffffff }, { 0xd4, "TXBCR", 0, 0xffffffff }, { 0xd8, "TXBTO" }, { 0xdc, "TXBCF" }, { 0xe0, "TXBTIE", 0, 0xffffffff },
    { 0xe4, "TXBCIE", 0, 0xffffffff }, { 0xf0, "TXEFC", 0, 0x3f3ffffc }, { 0xf4, "TXEFS" }, { 0xf8, "TXEFA", 0, 0x1f },
    { 0x100, "TTTMC", 0, 0x7ffffc }, { 0x104, "TTRMC", 0, 0xdfffffff }, { 0x108, "TTOCF", 0x00010000, 0x7ffffff },
};
static const RegDef fdcan_ccu[] = {
    { 0x00, "CREL", 0x11141218 }, { 0x04, "CCFG", 4, 0x800ff7f }, { 0x08, "CSTAT", 0x0203ffff }, { 0x0c, "CWD", 0, 0xffff },
    { 0x10, "IR" }, { 0x14, "IE", 0, 3 },
};

/* Section 51.6: two blocks of 32 bytes at 4 and 0x24 */
static const RegDef sai[] = {
    { 0x00, "GCR", 0, 0x33 }, { 0x04, "ACR1", 0x40, 0x07ff3fef }, { 0x08, "ACR2", 0, 0xffff }, { 0x0c, "AFRCR", 7, 0x77fff },
    { 0x10, "ASLOTR", 0, 0xffff0fdf }, { 0x14, "AIM", 0, 0x7f }, { 0x18, "ASR", 8 }, { 0x1c, "ACLRFR" }, { 0x20, "ADR", 0, 0xffffffff },
    { 0x24, "BCR1", 0x40, 0x07ff3fef }, { 0x28, "BCR2", 0, 0xffff }, { 0x2c, "BFRCR", 7, 0x77fff }, { 0x30, "BSLOTR", 0, 0xffff0fdf },
    { 0x34, "BIM", 0, 0x7f }, { 0x38, "BSR", 8 }, { 0x3c, "BCLRFR" }, { 0x40, "BDR", 0, 0xffffffff }, { 0x44, "PDMCR", 0, 0xf31 },
    { 0x48, "PDMDLY", 0, 0x77777777 },
};

/* Sections 26.6, 27.6, 28.7, 29.5 */
static const RegDef dac[] = {
    { 0x00, "CR", 0, 0x7fff7fff }, { 0x04, "SWTRGR" }, { 0x08, "DHR", 0, 0x0fff0fff, .count = 9 }, { 0x2c, "DOR", .count = 2 },
    { 0x34, "SR" }, { 0x38, "CCR", 0x000f000f, 0x001f001f }, { 0x3c, "MCR", 0, 0x00070007 }, { 0x40, "SHSR", 0, 0x3ff, .count = 2 },
    { 0x48, "SHHR", 0x00010001, 0x03ff03ff }, { 0x4c, "SHRR", 0x00010001, 0x00ff00ff },
};
static const RegDef vrefbuf[] = { { 0x00, "CSR", 2, 0x73 }, { 0x04, "CCR", 0x20, 0x3f } };
static const RegDef comp[] = { { 0x00, "SR" }, { 0x04, "ICFR" }, { 0x08, "OR", 0, 0xffffffff }, { 0x0c, "CFGR", 0, 0x0f77337f, .count = 2 } };
static const RegDef opamp[] = {
    { 0x00, "OPAMP1_CSR", 0, 0x4007ff6f }, { 0x04, "OPAMP1_OTR", 0x1010, 0x1f1f }, { 0x08, "OPAMP1_HSOTR", 0x1010, 0x1f1f },
    { 0x10, "OPAMP2_CSR", 0, 0x4007ff6f }, { 0x14, "OPAMP2_OTR", 0x1010, 0x1f1f }, { 0x18, "OPAMP2_HSOTR", 0x1010, 0x1f1f },
};

/* Sections 35.7, 36.7 */
static const RegDef cryp[] = { { 0x00, "CR", 0, 0x4fc3fc }, { 0x04, "SR", 3 }, WORDS(0x08, 0x100) };
static const RegDef hash[] = { { 0x00, "CR", 0, 0x53ff8 }, { 0x04, "DIN", 0, 0xffffffff }, { 0x08, "STR", 0, 0x1f }, { 0x0c, "HRA", .count = 5 },
                               { 0x20, "IMR", 0, 3 }, { 0x24, "SR", 1, 3 }, { 0xf8, "CSR", 0, 0xffffffff, .count = 54 } };

/* Section 52.8, 54.6, 55.7, 56.4 */
static const RegDef cec[] = {
    { 0x00, "CR", 0, 7 }, { 0x04, "CFGR", 0, 0xffff01ff }, { 0x08, "TXDR", 0, 0xff }, { 0x0c, "RXDR" }, { 0x10, "ISR" }, { 0x14, "IER", 0, 0x1fff },
};
static const RegDef swpmi[] = {
    { 0x00, "CR", 0, 0xc3f }, { 0x04, "BRR", 1, 0xff }, { 0x0c, "ISR", 0x2c2 }, { 0x10, "ICR" }, { 0x14, "IER", 0, 0xfff }, { 0x18, "RFL" },
    { 0x1c, "TDR", 0, 0xffffffff }, { 0x20, "RDR" }, { 0x24, "OR", 0, 3 },
};

/* Section 58.8 gives the Ethernet MAC's size; its version and the reset values that drivers look at. */
static const RegDef eth[] = {
    { 0x00, "MACCR", 0x00008000, 0xffffffff }, WORDS(0x04, 0x110), { 0x110, "MACVR", 0x3041 }, { 0x114, "MACDR" },
    { 0x11c, "MACHWF0R", 0x0a0d73f7 }, { 0x120, "MACHWF1R", 0x11041904 }, { 0x124, "MACHWF2R", 0x41000000 },
    { 0x200, "MDIO", 0, 0xffffffff, .count = 2 }, { 0x300, "MACA0HR", 0x8000ffff, 0xffff }, { 0x304, "MACA0LR", 0xffffffff, 0xffffffff },
    { 0x700, "MMC", 0, 0xffffffff, .count = 8 }, { 0xc00, "MTL", 0, 0xffffffff, .count = 14 }, { 0xd00, "MTLQ", 0, 0xffffffff, .count = 16 },
    { 0x1000, "DMAMR", 0, 0xfffffffe }, { 0x1004, "DMASBMR", 0x01010000, 0xffffffff }, { 0x1008, "DMAISR" }, { 0x100c, "DMADSR" },
    { 0x1100, "DMAC", 0, 0xffffffff, .count = 26 },
};

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
