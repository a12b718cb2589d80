/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Register banks as tables: reset values, writable bits, write-one-to-clear bits, and what happens around an access. */
#ifndef OPENMV_EMULATOR_REGS_H
#define OPENMV_EMULATOR_REGS_H

#include "qemu/osdep.h"
#include "exec/memory.h"

/*
 * One 32-bit register, or `count` of them `stride` bytes apart: their names are printed NAME[i], and ARRAY[i].NAME if the name is ARRAY.NAME.
 * Bits in neither rw nor w1c are read-only for the guest: they hold the reset value until the device changes them.
 */
typedef struct RegDef {
    uint32_t offset;
    const char *name;
    uint32_t reset;
    uint32_t rw;                /* bits that take the written value */
    uint32_t w1c;               /* bits that a written 1 clears */
    uint16_t count;             /* 0 and 1 both mean one */
    uint16_t stride;            /* 0 means 4 */
    uint16_t first;             /* index of the first of them */
    bool fifo;                  /* each read takes something out: reading it again and again is no waiting */
    bool counter;               /* runs with time */
} RegDef;

typedef struct RegMap {
    const RegDef *defs;
    unsigned count;
    unsigned size;              /* bytes of the window, a multiple of 4 */
    bool storage;               /* nothing behind the registers: the first touch of each one is logged (-d unimp) */
} RegMap;

/* The field of a register's value, by its name in the chip's register description (chips/CHIP.regs). */
#define FIELD_OF(value, field) (((value) & (field)) >> field##_Pos)

#define REG_MAP(table, bytes) { .defs = (table), .count = ARRAY_SIZE(table), .size = (bytes) }

/* A write, 8 and 16-bit ones already merged into their word. The bank has stored `value` when the device hears of it. */
typedef struct RegWrite {
    uint32_t offset;            /* of the word, a multiple of 4 */
    uint32_t value;             /* what the register holds now */
    uint32_t old;               /* what it held before */
    uint32_t raw;               /* the bytes as written, in their lanes; other lanes are 0 */
    uint32_t lanes;             /* 0xff for each byte lane written */
} RegWrite;

typedef struct RegBank RegBank;

typedef struct RegBankOps {
    /* What a read of `offset` (a multiple of 4) gives; `stored` is the register's content. NULL: the content. One call per access. */
    uint32_t (*read)(void *device, uint32_t offset, uint32_t stored);
    /* After a write. NULL: nothing more happens. */
    void (*write)(void *device, const RegWrite *write);
    /* False: the peripheral's clock is off; reads give 0, writes are lost. NULL: always clocked. */
    bool (*clocked)(void *device);
} RegBankOps;

struct RegBank {
    MemoryRegion mmio;
    const char *name;           /* of the peripheral, for messages: "USART3" */
    const RegMap *map;
    const RegBankOps *ops;
    void *device;
    uint32_t *value;            /* size / 4 words: the registers' contents */
    uint16_t *index;            /* size / 4: number of the RegDef + 1, 0 where there is no register */
    uint8_t *touched;           /* size / 4: bit 0 read, bit 1 written, bit 2 complained about */
    uint8_t access_size;        /* bytes of the read that a hook is called for: 1, 2 or 4 */
    bool complained;            /* about an access without clock, since the last one with clock */
};

/* Makes the window; `owner` is the device. Names must outlive the bank. The registers hold their reset values afterwards. */
void regs_init(RegBank *bank, Object *owner, const char *name, const RegMap *map, const RegBankOps *ops, void *device);

/* Every register back to its reset value. */
void regs_reset(RegBank *bank);

/* Content of the register at a byte offset, to read and change from the device's side. */
static inline uint32_t *regs_at(RegBank *bank, uint32_t offset)
{
    return &bank->value[offset / 4];
}

/* Name of the register at an offset, "+0x123" when there is none. Valid until the next call. */
const char *regs_name(const RegBank *bank, uint32_t offset);

/*
 * The guest did what the manual forbids: logged (-d guest_errors) with the peripheral and the program counter;
 * with `-M ...,strict=on` the machine stops there with that one message and exit status 1.
 */
void guest_error(const char *who, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The guest asked for something that this model doesn't do: logged (-d unimp). Callers see to it that it happens once. */
void guest_unimplemented(const char *who, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Address of the guest's instruction that is being executed, 0 outside of one. */
uint32_t guest_pc(void);

/* Machine-wide switches. */
extern bool regs_strict;        /* guest_error() stops the machine */
extern bool regs_trace;         /* the first read and write of every register goes to the log */

#endif
