/* SPDX-License-Identifier: MIT */
/* CHIP.svd: CMSIS-SVD 1.3. */
#include "regc.h"

static void escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : *text == '&' ? "&amp;" : NULL;
        entity ? fputs(entity, out) : fputc(*text, out);
    }
}

static void svd_field(FILE *out, const struct reg *r, const struct field *f)
{
    unsigned mask = field_mask(f);

    fprintf(out, "            <field>\n              <name>%s</name>\n              <description>", f->name);
    escaped(out, f->text);
    fprintf(out, "</description>\n              <bitOffset>%u</bitOffset>\n              <bitWidth>%u</bitWidth>\n", f->low,
            f->high - f->low + 1);
    fprintf(out, "              <access>%s</access>\n", r->write_only ? "write-only" : (r->rw | r->w1c) & mask ? "read-write" : "read-only");
    if ((r->w1c & mask) == mask) {
        fprintf(out, "              <modifiedWriteValues>oneToClear</modifiedWriteValues>\n");
    }
    fprintf(out, "            </field>\n");
}

/* `origin`: offset of what the register lies in, the peripheral (0) or an element of an array. */
static void svd_register(FILE *out, const struct peripheral *p, const struct reg *r, unsigned origin)
{
    unsigned differs = r->first_differs ? r->reset ^ r->first_reset : 0;

    fprintf(out, "        <register>\n");
    if (reg_copies(r) > 1 && !r->array) {
        fprintf(out, "          <dim>%u</dim>\n          <dimIncrement>0x%X</dimIncrement>\n", reg_copies(r), reg_stride(r));
    }
    fprintf(out, "          <name>%s%s</name>\n          <description>", r->name, reg_copies(r) > 1 && !r->array ? "[%s]" : "");
    escaped(out, *r->text ? r->text : r->name);
    fprintf(out, "</description>\n          <addressOffset>0x%X</addressOffset>\n", r->offset - origin);
    fprintf(out, "          <access>%s</access>\n          <resetValue>0x%08X</resetValue>\n",
            r->write_only ? "write-only" : r->rw | r->w1c ? "read-write" : "read-only", reg_reset(p, r));
    if (differs) {
        fprintf(out, "          <resetMask>0x%08X</resetMask>\n", ~differs);
    }
    if (r->fifo && !r->write_only) {
        fprintf(out, "          <readAction>modify</readAction>\n");
    }
    if (r->field_count) {
        fprintf(out, "          <fields>\n");
        for (unsigned i = 0; i < r->field_count; i++) {
            svd_field(out, r, &chip.fields[r->first_field + i]);
        }
        fprintf(out, "          </fields>\n");
    }
    fprintf(out, "        </register>\n");
}

/* An array is a cluster that is repeated. Its members stand together. */
static void svd_registers(FILE *out, const struct peripheral *p, const struct block *b)
{
    unsigned open = 0;

    for (unsigned i = b->first_reg; i <= b->first_reg + b->reg_count; i++) {
        bool end = i == b->first_reg + b->reg_count;
        if (open && (end || chip.regs[i].array != open)) {
            fprintf(out, "        </cluster>\n");
            open = 0;
        }
        if (end) {
            break;
        }
        if (chip.regs[i].array && !open) {
            const struct array *a = &chip.arrays[(open = chip.regs[i].array) - 1];
            fprintf(out, "        <cluster>\n          <dim>%u</dim>\n          <dimIncrement>0x%X</dimIncrement>\n          <name>%s[%%s]</name>\n"
                         "          <description>", a->count, a->stride, a->name);
            escaped(out, *a->text ? a->text : a->name);
            fprintf(out, "</description>\n          <addressOffset>0x%X</addressOffset>\n", a->offset);
        }
        svd_register(out, p, &chip.regs[i], open ? chip.arrays[open - 1].offset : 0);
    }
}

/* The first peripheral with the same block and no reset values of its own, before this one; NULL. */
static const struct peripheral *model(const struct peripheral *p)
{
    for (const struct peripheral *m = chip.peripherals; m < p && !p->override_count; m++) {
        if (m->block == p->block && !m->override_count) {
            return m;
        }
    }
    return NULL;
}

static void svd_peripheral(FILE *out, const struct peripheral *p)
{
    const struct peripheral *like = model(p);
    const struct block *b = &chip.blocks[p->block];

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
        const struct interrupt *it = &chip.interrupts[p->irqs[i]];
        fprintf(out, "      <interrupt>\n        <name>%s</name>\n        <description>", it->name);
        escaped(out, *it->text ? it->text : it->name);
        fprintf(out, "</description>\n        <value>%u</value>\n      </interrupt>\n", it->number);
    }
    if (!like) {
        fprintf(out, "      <registers>\n");
        svd_registers(out, p, b);
        fprintf(out, "      </registers>\n");
    }
    fprintf(out, "    </peripheral>\n");
}

void emit_svd(FILE *out)
{
    fprintf(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- Generated by regc from %s. -->\n"
                 "<device schemaVersion=\"1.3\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema-instance\" "
                 "xs:noNamespaceSchemaLocation=\"CMSIS-SVD.xsd\">\n  <name>%s</name>\n  <version>1.0</version>\n  <description>",
            chip.path, chip.name);
    escaped(out, chip.text);
    fprintf(out, "</description>\n  <cpu>\n    <name>%s</name>\n    <revision>r1p1</revision>\n    <endian>little</endian>\n"
                 "    <mpuPresent>true</mpuPresent>\n    <fpuPresent>true</fpuPresent>\n    <nvicPrioBits>%u</nvicPrioBits>\n"
                 "    <vendorSystickConfig>false</vendorSystickConfig>\n  </cpu>\n  <addressUnitBits>8</addressUnitBits>\n  <width>32</width>\n"
                 "  <size>32</size>\n  <resetMask>0xFFFFFFFF</resetMask>\n  <peripherals>\n", chip.core, chip.priority_bits);
    for (unsigned i = 0; i < chip.peripheral_count; i++) {
        svd_peripheral(out, &chip.peripherals[i]);
    }
    fprintf(out, "  </peripherals>\n</device>\n");
}
