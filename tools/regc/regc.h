/* SPDX-License-Identifier: MIT */
/* regc: reads the description of a chip's registers (chips/CHIP.regs; chips/README.md explains the lines), checks it, writes what is
   derived from it. */
#ifndef REGC_H
#define REGC_H

#include <stdbool.h>
#include <stdio.h>

enum { MOST_BLOCKS = 96, MOST_REGS = 1600, MOST_FIELDS = 4000, MOST_PERIPHERALS = 160, MOST_IRQS = 24, MOST_RESETS = 8, MOST_ARRAYS = 40, MOST_INTERRUPTS = 240 };

struct field { const char *name, *text; unsigned high, low; };
/* A register; `array` is its place in arrays[] + 1, 0: in none. `first_*`: of element 0, where that differs. */
struct reg {
    const char *name, *text;
    unsigned offset, count, stride, array, first_field, field_count;
    unsigned reset, rw, w1c, first_reset, first_rw;
    bool fifo, counter, write_only, first_differs, repeated;
};
/* Several registers that are there `count` times, `stride` bytes apart: streams, channels, banks. */
struct array { const char *name, *text; unsigned offset, count, stride; };
/* `like`: the block whose registers it has, with differences; NULL: none. */
struct block { const char *name, *text; const struct block *like; unsigned size, first_reg, reg_count, array; int line; };
struct interrupt { const char *name, *text; unsigned number; };
struct override { const char *reg; unsigned reset; };
struct peripheral {
    const char *name;
    unsigned base, block, irqs[MOST_IRQS], irq_count, override_count;
    struct override overrides[MOST_RESETS];
};

/* What was read. `path` is for messages and headers: without the folders of this machine. */
struct chip {
    const char *path, *name, *core, *text;
    unsigned priority_bits;
    struct field fields[MOST_FIELDS];
    struct reg regs[MOST_REGS];
    struct array arrays[MOST_ARRAYS];
    struct block blocks[MOST_BLOCKS];
    struct peripheral peripherals[MOST_PERIPHERALS];
    struct interrupt interrupts[MOST_INTERRUPTS];
    unsigned field_count, reg_count, array_count, block_count, peripheral_count, interrupt_count;
};
extern struct chip chip;

/* Fills `chip`; a mistake ends the program with FILE:LINE: and what it is. */
void parse_file(FILE *in);

/* The block whose names another one takes: registers that are alike have one name in C. */
const struct block *block_root(const struct block *b);

/* What a register holds after reset: of a peripheral, or (NULL) as its block says. */
unsigned reg_reset(const struct peripheral *p, const struct reg *r);

static inline unsigned reg_copies(const struct reg *r) { return r->count ? r->count : 1; }
static inline unsigned reg_stride(const struct reg *r) { return r->stride ? r->stride : 4; }
static inline unsigned field_mask(const struct field *f) { return (f->high == 31 ? 0xFFFFFFFFu : (2u << f->high) - 1) & ~((1u << f->low) - 1); }

/* Each writes one file. */
void emit_svd(FILE *out);
void emit_firmware(FILE *out);
void emit_emulator(FILE *out);

/* For both headers: BLOCK_REG_FIELD, the mask, with a suffix for its type; BLOCK_REG_FIELD_Pos, its lowest bit. */
void emit_fields(FILE *out, const struct block *b, const char *suffix);

#endif
