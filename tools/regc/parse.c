/* SPDX-License-Identifier: MIT */
/* Lines of a description, one after the other. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "regc.h"

struct chip chip;
static struct reg *current; /* the register that field lines belong to */
static int line_number;

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", chip.path, line_number);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

static const char *keep(const char *text)
{
    char *copy = strdup(text);
    if (!copy) {
        fail("out of memory");
    }
    return copy;
}

static unsigned number(const char *text, int base)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, base);
    if (*end || end == text || errno || value > 0xFFFFFFFFul) {
        fail("'%s' is not a number", text);
    }
    return (unsigned)value;
}

static const char *name_of(const char *text)
{
    if (!text || !isalpha((unsigned char)*text)) {
        fail("a name is missing");
    }
    for (const char *c = text; *c; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_') {
            fail("'%s' is not a name", text);
        }
    }
    return keep(text);
}

/* The value behind "key:", or NULL. */
static const char *value_of(const char *word, const char *key)
{
    size_t n = strlen(key);
    return !strncmp(word, key, n) && word[n] == ':' ? word + n + 1 : NULL;
}

static struct block *block_of(const char *name)
{
    for (unsigned i = 0; i < chip.block_count; i++) {
        if (!strcmp(chip.blocks[i].name, name)) {
            return &chip.blocks[i];
        }
    }
    return NULL;
}

static struct reg *reg_of(const struct block *b, const char *name)
{
    for (unsigned i = b->first_reg; i < b->first_reg + b->reg_count; i++) {
        if (!strcmp(chip.regs[i].name, name)) {
            return &chip.regs[i];
        }
    }
    return NULL;
}

/* The block begins with all registers of its model; arrays are copied as well, for they may differ in number. */
static void take_like(struct block *b, const char *model)
{
    const struct block *m = block_of(model);
    if (!m || m == b) {
        fail("there is no block %s", model);
    }
    b->like = m;
    for (unsigned i = 0; i < m->reg_count; i++) {
        struct reg r = chip.regs[m->first_reg + i];
        if (chip.reg_count == MOST_REGS || chip.array_count == MOST_ARRAYS) {
            fail("too many registers");
        }
        if (r.array && (!b->reg_count || strcmp(chip.arrays[r.array - 1].name, chip.arrays[chip.array_count - 1].name))) {
            chip.arrays[chip.array_count++] = chip.arrays[r.array - 1];
        }
        r.array = r.array ? chip.array_count : 0;
        chip.regs[chip.reg_count++] = r;
        b->reg_count++;
    }
}

static void take_block(char **words, unsigned n, const char *text)
{
    if (chip.block_count == MOST_BLOCKS || n < 3) {
        fail("block NAME SIZE [like:BLOCK] | text");
    }
    if (block_of(words[1])) {
        fail("block %s is described twice", words[1]);
    }
    struct block *b = &chip.blocks[chip.block_count++];
    *b = (struct block){ .name = name_of(words[1]), .text = text, .size = number(words[2], 0), .first_reg = chip.reg_count, .line = line_number };
    current = NULL;
    for (unsigned i = 3; i < n; i++) {
        const char *like = value_of(words[i], "like");
        if (!like) {
            fail("'%s' is not known in a block", words[i]);
        }
        take_like(b, like);
    }
}

static void check_place(const struct block *b, const struct reg *r)
{
    if (r->offset % 4 || r->offset + (reg_copies(r) - 1) * reg_stride(r) + 4 > b->size) {
        fail("%s does not lie in the %u bytes of %s", r->name, b->size, b->name);
    }
    for (unsigned i = b->first_reg; &chip.regs[i] != r; i++) {
        if (!strcmp(chip.regs[i].name, r->name)) {
            fail("%s is there twice", r->name);
        }
        for (unsigned k = 0; k < reg_copies(&chip.regs[i]); k++) {
            for (unsigned m = 0; m < reg_copies(r); m++) {
                if (chip.regs[i].offset + k * reg_stride(&chip.regs[i]) == r->offset + m * reg_stride(r)) {
                    fail("%s lies where %s is", r->name, chip.regs[i].name);
                }
            }
        }
    }
}

/* Registers that follow and lie in the first element are members. */
static void take_array(char **words, unsigned n, const char *text)
{
    struct block *b = chip.block_count ? &chip.blocks[chip.block_count - 1] : NULL;
    const char *count = n > 3 ? value_of(words[3], "count") : NULL, *step = n > 4 ? value_of(words[4], "stride") : NULL;
    struct array *a = &chip.arrays[chip.array_count];

    if (!b || chip.array_count == MOST_ARRAYS || !count || (!step && strcmp(words[1], "-"))) {
        fail("array OFFSET NAME count:N stride:N | text, below a block; array - NAME count:N where the block is like another");
    }
    current = NULL;
    if (!strcmp(words[1], "-")) {
        bool found = false;
        for (unsigned i = b->first_reg; i < b->first_reg + b->reg_count; i++) {
            if (chip.regs[i].array && !strcmp(chip.arrays[chip.regs[i].array - 1].name, words[2])) {
                chip.regs[i].count = chip.arrays[chip.regs[i].array - 1].count = number(count, 10);
                found = true;
            }
        }
        if (!found) {
            fail("there is no array %s in %s", words[2], b->like ? b->like->name : b->name);
        }
        return;
    }
    *a = (struct array){ .name = name_of(words[2]), .text = text, .offset = number(words[1], 0), .count = number(count, 10),
                         .stride = number(step, 0) };
    if (a->offset % 4 || a->stride % 4 || !a->stride || !a->count || a->offset + a->count * a->stride > b->size) {
        fail("%s does not lie in the %u bytes of %s", a->name, b->size, b->name);
    }
    b->array = ++chip.array_count;
}

/* Fields of the model's register that its bits here still have. */
static void keep_fields(struct reg *r, unsigned bits)
{
    unsigned from = r->first_field, n = r->field_count;

    r->first_field = chip.field_count;
    r->field_count = 0;
    for (unsigned i = from; i < from + n; i++) {
        if (!bits || (field_mask(&chip.fields[i]) & bits)) {
            if (chip.field_count == MOST_FIELDS) {
                fail("too many fields");
            }
            chip.fields[chip.field_count++] = chip.fields[i];
            r->field_count++;
        }
    }
}

/* A register's bits are those of another one of the block. */
static void repeat(const struct block *b, struct reg *r, const char *name)
{
    const struct reg *other = reg_of(b, name);
    if (!other || other == r) {
        fail("there is no register %s before this", name);
    }
    r->reset = other->reset;
    r->rw = other->rw;
    r->w1c = other->w1c;
    r->first_field = other->first_field;
    r->field_count = other->field_count;
    r->repeated = true;
}

static struct reg *begin_reg(struct block *b, char **words, const char *text)
{
    struct reg *r = &chip.regs[chip.reg_count];

    if (!strcmp(words[1], "-")) {
        r = reg_of(b, words[2]);
        if (!b->like || !r) {
            fail("%s is not a register of the block that %s is like", words[2], b->name);
        }
        r->text = *text ? text : r->text;
        return r;
    }
    if (b->like) {
        fail("%s is like %s: 'reg - NAME' says where", b->name, b->like->name);
    }
    *r = (struct reg){ .offset = number(words[1], 0), .name = name_of(words[2]), .text = text, .first_field = chip.field_count };
    const struct array *a = b->array ? &chip.arrays[b->array - 1] : NULL;
    if (a && r->offset >= a->offset && r->offset < a->offset + a->stride) {
        r->array = b->array;
        r->count = a->count;
        r->stride = a->stride;
    }
    chip.reg_count++;
    b->reg_count++;
    return r;
}

static void take_reg(char **words, unsigned n, const char *text)
{
    if (!chip.block_count || chip.reg_count == MOST_REGS || n < 3) {
        fail("reg OFFSET NAME [reset:HEX] [rw:HEX] [w1c:HEX] [reset0:HEX] [rw0:HEX] [count:N] [as:REG] "
             "[bits:HEX] [fifo] [counter] [wo] | text, below a block");
    }
    struct block *b = &chip.blocks[chip.block_count - 1];
    struct reg *r = current = begin_reg(b, words, text);
    unsigned bits = 0;
    for (unsigned i = 3; i < n; i++) {
        const char *v;
        if ((v = value_of(words[i], "reset"))) {
            r->reset = number(v, 16);
        } else if ((v = value_of(words[i], "rw"))) {
            bits |= r->rw = number(v, 16);
        } else if ((v = value_of(words[i], "w1c"))) {
            bits |= r->w1c = number(v, 16);
        } else if ((v = value_of(words[i], "bits")) && b->like) {
            bits |= number(v, 16);
        } else if ((v = value_of(words[i], "reset0")) && r->array) {
            r->first_reset = number(v, 16);
            r->first_differs = true;
        } else if ((v = value_of(words[i], "rw0")) && r->array) {
            r->first_rw = number(v, 16);
            r->first_differs = true;
        } else if ((v = value_of(words[i], "count")) && !r->array) {
            r->count = number(v, 10);
        } else if ((v = value_of(words[i], "as"))) {
            repeat(b, r, v);
        } else if (!strcmp(words[i], "fifo")) {
            r->fifo = true;
        } else if (!strcmp(words[i], "counter")) {
            r->counter = true;
        } else if (!strcmp(words[i], "wo")) {
            r->write_only = true;
        } else {
            fail("'%s' is not known in a register", words[i]);
        }
    }
    if (r->rw & r->w1c) {
        fail("bits %08X of %s are both rw and w1c", r->rw & r->w1c, r->name);
    }
    if (b->like) {
        keep_fields(r, bits);
    } else {
        check_place(b, r);
    }
}

/* Registers of the model that are missing here. */
static void take_without(char **words, unsigned n)
{
    struct block *b = chip.block_count ? &chip.blocks[chip.block_count - 1] : NULL;

    current = NULL;
    for (unsigned i = 1; i < n; i++) {
        struct reg *r = b && b->like ? reg_of(b, words[i]) : NULL;
        if (!r) {
            fail("%s is not a register of the block that this one is like", words[i]);
        }
        memmove(r, r + 1, (size_t)(&chip.regs[chip.reg_count] - (r + 1)) * sizeof *r);
        b->reg_count--;
        chip.reg_count--;
    }
}

static void take_field(char **words, unsigned n, const char *text)
{
    struct reg *r = current;
    if (!r || r->repeated || chip.field_count == MOST_FIELDS || n != 3) {
        fail("field HIGH[:LOW] NAME | text, below a register");
    }
    char *colon = strchr(words[1], ':');
    if (colon) {
        *colon = 0;
    }
    struct field f = { .name = name_of(words[2]), .text = text, .high = number(words[1], 10) };
    f.low = colon ? number(colon + 1, 10) : f.high;
    if (f.high > 31 || f.low > f.high) {
        fail("%s: bits %u to %u", f.name, f.high, f.low);
    }
    for (unsigned i = r->first_field; i < chip.field_count; i++) {
        if (!(chip.fields[i].low > f.high || chip.fields[i].high < f.low)) {
            fail("%s overlaps %s", f.name, chip.fields[i].name);
        }
        if (!strcmp(chip.fields[i].name, f.name)) {
            fail("%s is there twice", f.name);
        }
    }
    chip.fields[chip.field_count++] = f;
    r->field_count++;
}

static void take_interrupt(char **words, unsigned n, const char *text)
{
    if (chip.interrupt_count == MOST_INTERRUPTS || n != 3) {
        fail("irq N NAME | text");
    }
    struct interrupt *it = &chip.interrupts[chip.interrupt_count];
    *it = (struct interrupt){ .number = number(words[1], 10), .name = name_of(words[2]), .text = text };
    for (unsigned i = 0; i < chip.interrupt_count; i++) {
        if (chip.interrupts[i].number >= it->number || !strcmp(chip.interrupts[i].name, it->name)) {
            fail("%s and %s: interrupts come in the order of their numbers, each once", chip.interrupts[i].name, it->name);
        }
    }
    chip.interrupt_count++;
}

static unsigned interrupt_of(const char *name)
{
    for (unsigned i = 0; i < chip.interrupt_count; i++) {
        if (!strcmp(chip.interrupts[i].name, name)) {
            return i;
        }
    }
    fail("there is no interrupt %s", name);
}

static void take_peripheral(char **words, unsigned n)
{
    if (chip.peripheral_count == MOST_PERIPHERALS || n < 4) {
        fail("peripheral NAME BLOCK BASE [irq:NAME] [reset:REG=HEX]");
    }
    const struct block *block = block_of(words[2]);
    if (!block) {
        fail("there is no block %s", words[2]);
    }
    struct peripheral *p = &chip.peripherals[chip.peripheral_count++];
    *p = (struct peripheral){ .name = name_of(words[1]), .base = number(words[3], 0), .block = (unsigned)(block - chip.blocks) };
    for (unsigned i = 0; i + 1 < chip.peripheral_count; i++) {
        const struct peripheral *other = &chip.peripherals[i];
        if (!strcmp(other->name, p->name)) {
            fail("%s is there twice", p->name);
        }
        if (p->base < other->base + chip.blocks[other->block].size && other->base < p->base + chip.blocks[p->block].size) {
            fail("%s overlaps %s", p->name, other->name);
        }
    }
    for (unsigned i = 4; i < n; i++) {
        const char *v;
        char *equals;
        if ((v = value_of(words[i], "irq")) && p->irq_count < MOST_IRQS) {
            p->irqs[p->irq_count++] = interrupt_of(v);
        } else if ((v = value_of(words[i], "reset")) && (equals = strchr(v, '=')) && p->override_count < MOST_RESETS) {
            *equals = 0;
            if (!reg_of(block, v)) {
                fail("there is no register %s in %s", v, block->name);
            }
            p->overrides[p->override_count++] = (struct override){ keep(v), number(equals + 1, 16) };
        } else {
            fail("'%s' is not known in a peripheral", words[i]);
        }
    }
}

static void take_line(char *line)
{
    char *words[40], *bar = strchr(line, '|');
    unsigned n = 0;
    const char *text = "";

    if (bar) {
        *bar++ = 0;
        bar += strspn(bar, " ");
        bar[strcspn(bar, "\n")] = 0;
        text = keep(bar);
    }
    for (char *word = strtok(line, " \t\n"); word; word = strtok(NULL, " \t\n")) {
        if (n == sizeof words / sizeof *words) {
            fail("the line is too long");
        }
        words[n++] = word;
    }
    if (!n || *words[0] == '#') {
        return;
    }
    if (!strcmp(words[0], "chip") && n == 4) {
        chip.name = name_of(words[1]);
        chip.core = keep(words[2]);
        chip.priority_bits = number(words[3], 10);
        chip.text = text;
    } else if (!strcmp(words[0], "block")) {
        take_block(words, n, text);
    } else if (!strcmp(words[0], "reg")) {
        take_reg(words, n, text);
    } else if (!strcmp(words[0], "array")) {
        take_array(words, n, text);
    } else if (!strcmp(words[0], "without")) {
        take_without(words, n);
    } else if (!strcmp(words[0], "field")) {
        take_field(words, n, text);
    } else if (!strcmp(words[0], "irq")) {
        take_interrupt(words, n, text);
    } else if (!strcmp(words[0], "peripheral")) {
        take_peripheral(words, n);
    } else {
        fail("'%s': a line begins with chip, irq, block, array, reg, field, without or peripheral", words[0]);
    }
}

void parse_file(FILE *in)
{
    static char line[4096];

    while (fgets(line, sizeof line, in)) {
        line_number++;
        take_line(line);
    }
    if (!chip.name) {
        fail("no line 'chip NAME CORE PRIORITY_BITS | text'");
    }
}

const struct block *block_root(const struct block *b)
{
    while (b->like) {
        b = b->like;
    }
    return b;
}

unsigned reg_reset(const struct peripheral *p, const struct reg *r)
{
    for (unsigned i = 0; p && i < p->override_count; i++) {
        if (!strcmp(p->overrides[i].reg, r->name)) {
            return p->overrides[i].reset;
        }
    }
    return r->reset;
}
