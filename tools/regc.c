/* SPDX-License-Identifier: MIT */
/* Register descriptions of a chip (chips/CHIP.regs; chips/README.md explains the lines) turned into what needs them:

     CHIP.svd      CMSIS-SVD 1.3, for the register view of a debugger
     CHIP_regs.h   for the firmware: masks of fields, addresses of peripherals, and the structs of blocks marked "c:"
     CHIP_defs.h   for the emulator: names, reset values and writable bits of each block, as rows of its register tables

   regc --out FOLDER CHIP.regs. Mistakes are reported as FILE:LINE: and nothing is written. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BLOCKS = 96, MOST_REGS = 1600, MOST_FIELDS = 4000, MOST_PERIPHERALS = 160, MOST_IRQS = 8, MOST_RESETS = 8 };

struct field { const char *name, *text; unsigned high, low; };
struct reg {
    const char *name, *text;
    unsigned offset, count, stride, first_field, field_count;
    unsigned reset, rw, w1c;
    bool fifo, counter, write_only;
};
struct block { const char *name, *text, *c_name; unsigned size, first_reg, reg_count; int line; };
struct override { const char *reg; unsigned reset; };
struct peripheral {
    const char *name;
    unsigned base, block, irqs[MOST_IRQS], irq_count, override_count;
    struct override overrides[MOST_RESETS];
};

static struct field fields[MOST_FIELDS];
static struct reg regs[MOST_REGS];
static struct block blocks[MOST_BLOCKS];
static struct peripheral peripherals[MOST_PERIPHERALS];
static unsigned field_count, reg_count, block_count, peripheral_count;
static const char *path, *chip, *core, *chip_text;
static unsigned priority_bits;
static int line_number;

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", path, line_number);
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

/* ---- Lines -------------------------------------------------------------------------------------------- */

static void take_block(char **words, unsigned n, const char *text)
{
    if (block_count == MOST_BLOCKS || n < 3) {
        fail("block NAME SIZE [c:NAME] | text");
    }
    struct block *b = &blocks[block_count++];
    *b = (struct block){ .name = name_of(words[1]), .text = text, .size = number(words[2], 0), .first_reg = reg_count, .line = line_number };
    for (unsigned i = 0; i + 1 < block_count; i++) {
        if (!strcmp(blocks[i].name, b->name)) {
            fail("block %s is described twice", b->name);
        }
    }
    for (unsigned i = 3; i < n; i++) {
        const char *c = value_of(words[i], "c");
        if (!c) {
            fail("'%s' is not known in a block", words[i]);
        }
        b->c_name = name_of(c);
    }
}

static unsigned copies(const struct reg *r) { return r->count ? r->count : 1; }
static unsigned stride(const struct reg *r) { return r->stride ? r->stride : 4; }

static void check_place(const struct block *b, const struct reg *r)
{
    if (r->offset % 4 || r->offset + (copies(r) - 1) * stride(r) + 4 > b->size) {
        fail("%s does not lie in the %u bytes of %s", r->name, b->size, b->name);
    }
    for (unsigned i = b->first_reg; &regs[i] != r; i++) {
        if (!strcmp(regs[i].name, r->name)) {
            fail("%s is there twice", r->name);
        }
        for (unsigned k = 0; k < copies(&regs[i]); k++) {
            for (unsigned m = 0; m < copies(r); m++) {
                if (regs[i].offset + k * stride(&regs[i]) == r->offset + m * stride(r)) {
                    fail("%s lies where %s is", r->name, regs[i].name);
                }
            }
        }
    }
}

static void take_reg(char **words, unsigned n, const char *text)
{
    if (!block_count || reg_count == MOST_REGS || n < 3) {
        fail("reg OFFSET NAME [reset:HEX] [rw:HEX] [w1c:HEX] [count:N] [stride:N] [fifo] [counter] [wo] | text, below a block");
    }
    struct block *b = &blocks[block_count - 1];
    struct reg *r = &regs[reg_count++];
    *r = (struct reg){ .offset = number(words[1], 0), .name = name_of(words[2]), .text = text, .first_field = field_count };
    b->reg_count++;
    for (unsigned i = 3; i < n; i++) {
        const char *v;
        if ((v = value_of(words[i], "reset"))) {
            r->reset = number(v, 16);
        } else if ((v = value_of(words[i], "rw"))) {
            r->rw = number(v, 16);
        } else if ((v = value_of(words[i], "w1c"))) {
            r->w1c = number(v, 16);
        } else if ((v = value_of(words[i], "count"))) {
            r->count = number(v, 10);
        } else if ((v = value_of(words[i], "stride"))) {
            r->stride = number(v, 0);
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
    check_place(b, r);
}

static void take_field(char **words, unsigned n, const char *text)
{
    if (!reg_count || !blocks[block_count - 1].reg_count || field_count == MOST_FIELDS || n != 3) {
        fail("field HIGH[:LOW] NAME | text, below a register");
    }
    struct reg *r = &regs[reg_count - 1];
    char *colon = strchr(words[1], ':');
    if (colon) {
        *colon = 0;
    }
    struct field f = { .name = name_of(words[2]), .text = text, .high = number(words[1], 10) };
    f.low = colon ? number(colon + 1, 10) : f.high;
    if (f.high > 31 || f.low > f.high) {
        fail("%s: bits %u to %u", f.name, f.high, f.low);
    }
    for (unsigned i = r->first_field; i < field_count; i++) {
        if (!(fields[i].low > f.high || fields[i].high < f.low)) {
            fail("%s overlaps %s", f.name, fields[i].name);
        }
        if (!strcmp(fields[i].name, f.name)) {
            fail("%s is there twice", f.name);
        }
    }
    fields[field_count++] = f;
    r->field_count++;
}

static void take_peripheral(char **words, unsigned n)
{
    if (peripheral_count == MOST_PERIPHERALS || n < 4) {
        fail("peripheral NAME BLOCK BASE [irq:N] [reset:REG=HEX]");
    }
    struct peripheral *p = &peripherals[peripheral_count++];
    *p = (struct peripheral){ .name = name_of(words[1]), .base = number(words[3], 0), .block = block_count };
    for (unsigned i = 0; i < block_count; i++) {
        p->block = !strcmp(blocks[i].name, words[2]) ? i : p->block;
    }
    if (p->block == block_count) {
        fail("there is no block %s", words[2]);
    }
    for (unsigned i = 0; i + 1 < peripheral_count; i++) {
        const struct peripheral *other = &peripherals[i];
        if (!strcmp(other->name, p->name)) {
            fail("%s is there twice", p->name);
        }
        if (p->base < other->base + blocks[other->block].size && other->base < p->base + blocks[p->block].size) {
            fail("%s overlaps %s", p->name, other->name);
        }
    }
    for (unsigned i = 4; i < n; i++) {
        const char *v;
        char *equals;
        if ((v = value_of(words[i], "irq")) && p->irq_count < MOST_IRQS) {
            p->irqs[p->irq_count++] = number(v, 10);
        } else if ((v = value_of(words[i], "reset")) && (equals = strchr(v, '=')) && p->override_count < MOST_RESETS) {
            *equals = 0;
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
        chip = name_of(words[1]);
        core = keep(words[2]);
        priority_bits = number(words[3], 10);
        chip_text = text;
    } else if (!strcmp(words[0], "block")) {
        take_block(words, n, text);
    } else if (!strcmp(words[0], "reg")) {
        take_reg(words, n, text);
    } else if (!strcmp(words[0], "field")) {
        take_field(words, n, text);
    } else if (!strcmp(words[0], "peripheral")) {
        take_peripheral(words, n);
    } else {
        fail("'%s': a line begins with chip, block, reg, field or peripheral", words[0]);
    }
}

static unsigned reset_of(const struct peripheral *p, const struct reg *r)
{
    for (unsigned i = 0; p && i < p->override_count; i++) {
        if (!strcmp(p->overrides[i].reg, r->name)) {
            return p->overrides[i].reset;
        }
    }
    return r->reset;
}

/* ---- CMSIS-SVD ----------------------------------------------------------------------------------------- */

static void escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : *text == '&' ? "&amp;" : NULL;
        entity ? fputs(entity, out) : fputc(*text, out);
    }
}

static unsigned mask_of(const struct field *f) { return (f->high == 31 ? 0xFFFFFFFFu : (2u << f->high) - 1) & ~((1u << f->low) - 1); }

static void svd_field(FILE *out, const struct reg *r, const struct field *f)
{
    unsigned mask = mask_of(f);

    fprintf(out, "            <field>\n              <name>%s</name>\n              <description>", f->name);
    escaped(out, f->text);
    fprintf(out, "</description>\n              <bitOffset>%u</bitOffset>\n              <bitWidth>%u</bitWidth>\n", f->low, f->high - f->low + 1);
    fprintf(out, "              <access>%s</access>\n", r->write_only ? "write-only" : (r->rw | r->w1c) & mask ? "read-write" : "read-only");
    if ((r->w1c & mask) == mask) {
        fprintf(out, "              <modifiedWriteValues>oneToClear</modifiedWriteValues>\n");
    }
    fprintf(out, "            </field>\n");
}

static void svd_register(FILE *out, const struct peripheral *p, const struct reg *r)
{
    fprintf(out, "        <register>\n");
    if (copies(r) > 1) {
        fprintf(out, "          <dim>%u</dim>\n          <dimIncrement>0x%X</dimIncrement>\n", copies(r), stride(r));
    }
    fprintf(out, "          <name>%s%s</name>\n          <description>", r->name, copies(r) > 1 ? "%s" : "");
    escaped(out, *r->text ? r->text : r->name);
    fprintf(out, "</description>\n          <addressOffset>0x%X</addressOffset>\n", r->offset);
    fprintf(out, "          <access>%s</access>\n          <resetValue>0x%08X</resetValue>\n",
            r->write_only ? "write-only" : r->rw | r->w1c ? "read-write" : "read-only", reset_of(p, r));
    if (r->fifo && !r->write_only) {
        fprintf(out, "          <readAction>modify</readAction>\n");
    }
    if (r->field_count) {
        fprintf(out, "          <fields>\n");
        for (unsigned i = 0; i < r->field_count; i++) {
            svd_field(out, r, &fields[r->first_field + i]);
        }
        fprintf(out, "          </fields>\n");
    }
    fprintf(out, "        </register>\n");
}

/* The first peripheral with the same block and no reset values of its own, before this one; NULL. */
static const struct peripheral *model(const struct peripheral *p)
{
    for (const struct peripheral *m = peripherals; m < p && !p->override_count; m++) {
        if (m->block == p->block && !m->override_count) {
            return m;
        }
    }
    return NULL;
}

static void svd_peripheral(FILE *out, const struct peripheral *p)
{
    const struct peripheral *like = model(p);
    const struct block *b = &blocks[p->block];

    fprintf(out, like ? "    <peripheral derivedFrom=\"%s\">\n" : "    <peripheral>\n", like ? like->name : "");
    fprintf(out, "      <name>%s</name>\n", p->name);
    if (!like) {
        fprintf(out, "      <description>");
        escaped(out, *b->text ? b->text : b->name);
        fprintf(out, "</description>\n");
    }
    fprintf(out, "      <baseAddress>0x%08X</baseAddress>\n", p->base);
    if (!like) {
        fprintf(out, "      <addressBlock>\n        <offset>0x0</offset>\n        <size>0x%X</size>\n        <usage>registers</usage>\n"
                     "      </addressBlock>\n", b->size);
    }
    for (unsigned i = 0; i < p->irq_count; i++) {
        fprintf(out, "      <interrupt>\n        <name>%s", p->name);
        if (p->irq_count > 1) {
            fprintf(out, "_%u", i);
        }
        fprintf(out, "</name>\n        <value>%u</value>\n      </interrupt>\n", p->irqs[i]);
    }
    if (!like) {
        fprintf(out, "      <registers>\n");
        for (unsigned i = 0; i < b->reg_count; i++) {
            svd_register(out, p, &regs[b->first_reg + i]);
        }
        fprintf(out, "      </registers>\n");
    }
    fprintf(out, "    </peripheral>\n");
}

static void emit_svd(FILE *out)
{
    fprintf(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- Generated by regc from %s. -->\n"
                 "<device schemaVersion=\"1.3\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema-instance\" "
                 "xs:noNamespaceSchemaLocation=\"CMSIS-SVD.xsd\">\n  <name>%s</name>\n  <version>1.0</version>\n  <description>", path, chip);
    escaped(out, chip_text);
    fprintf(out, "</description>\n  <cpu>\n    <name>%s</name>\n    <revision>r1p1</revision>\n    <endian>little</endian>\n"
                 "    <mpuPresent>true</mpuPresent>\n    <fpuPresent>true</fpuPresent>\n    <nvicPrioBits>%u</nvicPrioBits>\n"
                 "    <vendorSystickConfig>false</vendorSystickConfig>\n  </cpu>\n  <addressUnitBits>8</addressUnitBits>\n  <width>32</width>\n"
                 "  <size>32</size>\n  <resetMask>0xFFFFFFFF</resetMask>\n  <peripherals>\n", core, priority_bits);
    for (unsigned i = 0; i < peripheral_count; i++) {
        svd_peripheral(out, &peripherals[i]);
    }
    fprintf(out, "  </peripherals>\n</device>\n");
}

/* ---- C headers ------------------------------------------------------------------------------------------- */

/* Members in the order of their offsets, with reserved words between. */
static void emit_struct(FILE *out, const struct block *b)
{
    unsigned at = 0;

    fprintf(out, "struct %s {\n", b->c_name);
    for (;;) {
        const struct reg *next = NULL;
        for (unsigned i = 0; i < b->reg_count; i++) {
            const struct reg *r = &regs[b->first_reg + i];
            if (r->offset >= at && (!next || r->offset < next->offset)) {
                next = r;
            }
        }
        if (!next) {
            break;
        }
        if (next->offset > at) {
            fprintf(out, "    reg32 reserved%02X[%u];\n", at, (next->offset - at) / 4);
        }
        if (copies(next) > 1 && stride(next) != 4) {
            line_number = b->line;
            fail("%s: an array with gaps has no place in a struct of C", next->name);
        }
        fprintf(out, copies(next) > 1 ? "    reg32 %s[%u];\n" : "    reg32 %s;\n", next->name, copies(next));
        at = next->offset + 4 * copies(next);
    }
    fprintf(out, "};\n");
}

static void emit_regs(FILE *out)
{
    fprintf(out, "/* Generated by regc from %s. */\n#ifndef %s_REGS_H\n#define %s_REGS_H\n\n#include <stdint.h>\n\n"
                 "typedef volatile uint32_t reg32;\n", path, chip, chip);
    for (unsigned i = 0; i < block_count; i++) {
        const struct block *b = &blocks[i];
        fprintf(out, "\n/* %s */\n", *b->text ? b->text : b->name);
        if (b->c_name) {
            emit_struct(out, b);
        }
        for (unsigned r = b->first_reg; r < b->first_reg + b->reg_count; r++) {
            for (unsigned f = regs[r].first_field; f < regs[r].first_field + regs[r].field_count; f++) {
                fprintf(out, "#define %s_%s_%s 0x%XUL\n", b->name, regs[r].name, fields[f].name, mask_of(&fields[f]));
            }
        }
        for (unsigned k = 0; k < peripheral_count; k++) {
            if (peripherals[k].block == i && b->c_name) {
                fprintf(out, "#define %s ((struct %s *)0x%08XUL)\n", peripherals[k].name, b->c_name, peripherals[k].base);
            }
        }
    }
    fprintf(out, "\n#endif\n");
}

static void emit_rows(FILE *out, const char *name, const struct block *b, const struct peripheral *p)
{
    fprintf(out, "#define %s_%s", chip, name);
    for (unsigned i = 0; i < b->reg_count; i++) {
        const struct reg *r = &regs[b->first_reg + i];
        fprintf(out, " \\\n    { 0x%03x, \"%s\", 0x%x, 0x%x, 0x%x", r->offset, r->name, reset_of(p, r), r->rw, r->w1c);
        if (r->count) {
            fprintf(out, ", .count = %u", r->count);
        }
        if (r->stride) {
            fprintf(out, ", .stride = 0x%x", r->stride);
        }
        fprintf(out, "%s%s }%s", r->fifo ? ", .fifo = true" : "", r->counter ? ", .counter = true" : "", i + 1 < b->reg_count ? "," : "");
    }
    fprintf(out, "\n\n");
}

static void emit_defs(FILE *out)
{
    fprintf(out, "/* Generated by regc from %s. Rows of RegDef (emulator/regs.h). */\n#ifndef %s_DEFS_H\n#define %s_DEFS_H\n\n", path, chip, chip);
    for (unsigned i = 0; i < block_count; i++) {
        emit_rows(out, blocks[i].name, &blocks[i], NULL);
    }
    for (unsigned i = 0; i < peripheral_count; i++) {
        if (peripherals[i].override_count) {
            emit_rows(out, peripherals[i].name, &blocks[peripherals[i].block], &peripherals[i]);
        }
    }
    fprintf(out, "#endif\n");
}

static void write_file(const char *folder, const char *suffix, void (*emit)(FILE *out))
{
    char name[1024], temporary[1040];

    snprintf(name, sizeof name, "%s/%s%s", folder, chip, suffix);
    for (char *c = name + strlen(folder); *c; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    snprintf(temporary, sizeof temporary, "%s.new", name);
    FILE *out = fopen(temporary, "w");
    if (out) {
        emit(out);
    }
    if (!out || fclose(out) || rename(temporary, name)) {
        fprintf(stderr, "regc: %s: %s\n", name, strerror(errno));
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static char line[4096];

    if (argc != 4 || strcmp(argv[1], "--out")) {
        fprintf(stderr, "regc --out FOLDER CHIP.regs\n");
        return 2;
    }
    path = argv[3];
    FILE *in = fopen(path, "r");
    if (!in) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    while (fgets(line, sizeof line, in)) {
        line_number++;
        take_line(line);
    }
    fclose(in);
    if (!chip) {
        fail("no line 'chip NAME CORE PRIORITY_BITS | text'");
    }
    /* For messages and headers: without the folders of this machine. */
    path = strstr(path, "chips/") ? strstr(path, "chips/") : path;
    write_file(argv[2], ".svd", emit_svd);
    write_file(argv[2], "_regs.h", emit_regs);
    write_file(argv[2], "_defs.h", emit_defs);
    return 0;
}
