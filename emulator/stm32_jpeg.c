/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hardware JPEG codec of the F7 and H7 (RM0433 section 34). The work is done at once, as far as the FIFOs let it: input
 * isn't taken while the output waits to be read. Pixels are 8x8 blocks in MCU order on both sides of it, as in the chip.
 *
 * Encoding uses the code tables in HUFFENC; DHTMEM is what the header says. Decoding parses the header (HDR) and leaves
 * what it found in CONFR1-7 and QMEM; without HDR the HUFFMIN, HUFFBASE and HUFFSYMB tables would be needed: unimplemented.
 * MDMA requests: 0 input threshold, 1 input not full, 2 output threshold, 3 output not empty, 4 end of conversion. Interrupt 0.
 */
#include "qemu/osdep.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "jpeg_core.h"
#include "stm32_dma.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"

#define TYPE_STM32_JPEG "stm32-jpeg"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Jpeg, STM32_JPEG)

enum { FIFO_BYTES = 64, THRESHOLD_BYTES = 32 };

/* Where each table lies in DHTMEM (as the DHT segment has it: 16 counts, then the symbols), and its size. */
enum { DC_SYMBOLS = 12, AC_SYMBOLS = 162, TABLES = 4 };
static const struct { uint16_t dht, symbols, encoder; uint8_t id; } tables[TABLES] = {
    { 0, DC_SYMBOLS, JPEG_HUFFENC_DC0, 0x00 },
    { 28, AC_SYMBOLS, JPEG_HUFFENC_AC0, 0x10 },
    { 206, DC_SYMBOLS, JPEG_HUFFENC_DC1, 0x01 },
    { 234, AC_SYMBOLS, JPEG_HUFFENC_AC1, 0x11 },
};

struct Stm32Jpeg {
    Stm32Periph parent_obj;
    qemu_irq irq;
    bool running, decoding, header_done;
    bool ended;                             /* all is done but what doesn't fit into the output FIFO yet */
    struct jpeg_core_bytes in, out;
    /* encoder */
    struct jpeg_core_frame frame;
    struct jpeg_core_codes codes[TABLES];
    struct jpeg_core_writer writer;
    uint32_t mcus, component, block;        /* MCUs to go; position in the one under way */
    /* decoder */
    struct jpeg_core_reader reader;
    size_t absorbed;                        /* bytes of `in` that left the FIFO: an MCU or a segment that isn't complete */
};

static const RegDef jpeg_defs[] = { STM32H743_JPEG };
static const RegMap jpeg_map = REG_MAP(jpeg_defs, JPEG_BYTES);

static uint32_t *reg(Stm32Jpeg *s, uint32_t offset)
{
    return periph_reg(STM32_PERIPH(s), offset);
}

/* Byte `at` of a table in the register file. */
static uint8_t table_byte(Stm32Jpeg *s, uint32_t base, uint32_t at)
{
    return *reg(s, base + (at & ~3u)) >> (at % 4 * 8);
}

static void set_table_byte(Stm32Jpeg *s, uint32_t base, uint32_t at, uint8_t value)
{
    uint32_t *word = reg(s, base + (at & ~3u));

    *word = deposit32(*word, at % 4 * 8, 8, value);
}

/* Bytes in the input FIFO. */
static size_t input_level(Stm32Jpeg *s)
{
    return s->in.length - MIN(s->absorbed, s->in.length);
}

static void update(Stm32Jpeg *s)
{
    Stm32Periph *p = STM32_PERIPH(s);
    uint32_t *sr = reg(s, JPEG_SR), cr = *reg(s, JPEG_CR);

    if (s->ended && s->out.length <= FIFO_BYTES) {
        s->ended = s->running = false;
        *sr |= JPEG_SR_EOCF;
    }
    *sr &= JPEG_SR_EOCF | JPEG_SR_HPDF;
    *sr |= input_level(s) <= FIFO_BYTES - THRESHOLD_BYTES ? JPEG_SR_IFTF : 0;
    *sr |= input_level(s) < FIFO_BYTES ? JPEG_SR_IFNFF : 0;
    *sr |= s->out.length >= THRESHOLD_BYTES ? JPEG_SR_OFTF : 0;
    *sr |= s->out.length >= 4 ? JPEG_SR_OFNEF : 0;
    *sr |= s->running ? JPEG_SR_COF : 0;
    qemu_set_irq(s->irq, (cr & JPEG_CR_JCEN) && (*sr & cr & 0x7e));
    periph_dma_request(p, 0, s->running && !s->ended && (cr & JPEG_CR_IDMAEN) && (*sr & JPEG_SR_IFTF));
    periph_dma_request(p, 1, s->running && !s->ended && (cr & JPEG_CR_IDMAEN) && (*sr & JPEG_SR_IFNFF));
    periph_dma_request(p, 2, (cr & JPEG_CR_ODMAEN) && (*sr & JPEG_SR_OFTF));
    periph_dma_request(p, 3, (cr & JPEG_CR_ODMAEN) && (*sr & JPEG_SR_OFNEF));
    periph_dma_request(p, 4, *sr & JPEG_SR_EOCF);
}

/* The last word is filled up; what is read beyond the end of image is 0. */
static void finish(Stm32Jpeg *s)
{
    static const uint8_t zeros[4];

    jpeg_core_bytes_add(&s->out, zeros, -s->out.length & 3);
    s->ended = true;
}

/* ---- encoder ---- */

/*
 * The encoder's tables (section 34.5.12 on): 12 bits per code, two in a word: length - 1 and the code's low 8 bits, those above are
 * ones. DC tables are indexed by category; AC tables by run * 10 + size - 1, with end of block at 160 and ZRL at 161.
 */
static void load_codes(Stm32Jpeg *s, unsigned table)
{
    struct jpeg_core_codes *codes = &s->codes[table];

    memset(codes, 0, sizeof(*codes));
    for (unsigned i = 0; i < tables[table].symbols; i++) {
        uint32_t entry = *reg(s, tables[table].encoder + i / 2 * 4) >> (i % 2 * 16) & 0xfff;
        unsigned symbol = i, length = (entry >> 8) + 1;

        if (tables[table].symbols == AC_SYMBOLS) {
            symbol = i == 160 ? 0x00 : i == 161 ? 0xf0 : i / 10 << 4 | (i % 10 + 1);
        }
        codes->length[symbol] = length;
        codes->code[symbol] = ((1u << length) - 1) & (length > 8 ? 0xff00 | entry : entry);
    }
}

static void put(Stm32Jpeg *s, unsigned bytes, uint32_t value)
{
    for (int at = bytes - 1; at >= 0; at--) {
        uint8_t byte = value >> (8 * at);

        jpeg_core_bytes_add(&s->out, &byte, 1);
    }
}

static void write_header(Stm32Jpeg *s)
{
    const struct jpeg_core_frame *f = &s->frame;
    unsigned quants = 0, huffmans = 2;

    for (unsigned i = 0; i < f->components; i++) {
        quants = MAX(quants, f->component[i].quant + 1);
        huffmans = f->component[i].dc || f->component[i].ac ? 4 : huffmans;
    }
    put(s, 2, 0xffd8);
    for (unsigned t = 0; t < quants; t++) {
        put(s, 2, 0xffdb);
        put(s, 2, 67);
        put(s, 1, t);
        jpeg_core_bytes_add(&s->out, f->quant[t], JPEG_BLOCK);
    }
    put(s, 2, 0xffc0);
    put(s, 2, 8 + 3 * f->components);
    put(s, 1, 8);
    put(s, 2, f->height);
    put(s, 2, f->width);
    put(s, 1, f->components);
    for (unsigned i = 0; i < f->components; i++) {
        put(s, 1, f->component[i].id);
        put(s, 1, f->component[i].h << 4 | f->component[i].v);
        put(s, 1, f->component[i].quant);
    }
    for (unsigned t = 0; t < huffmans; t++) {
        put(s, 2, 0xffc4);
        put(s, 2, 19 + tables[t].symbols);
        put(s, 1, tables[t].id);
        for (unsigned i = 0; i < 16u + tables[t].symbols; i++) {
            put(s, 1, table_byte(s, JPEG_DHTMEM, tables[t].dht + i));
        }
    }
    put(s, 2, 0xffda);
    put(s, 2, 6 + 2 * f->components);
    put(s, 1, f->components);
    for (unsigned i = 0; i < f->components; i++) {
        put(s, 1, f->component[i].id);
        put(s, 1, f->component[i].dc << 4 | f->component[i].ac);
    }
    put(s, 3, 0x003f00);
}

static void start_encoder(Stm32Jpeg *s)
{
    struct jpeg_core_frame *f = &s->frame;
    uint32_t confr1 = *reg(s, JPEG_CONFR1);

    memset(f, 0, sizeof(*f));
    f->width = *reg(s, JPEG_CONFR3) >> 16;
    f->height = FIELD_OF(confr1, JPEG_CONFR1_YSIZE);
    f->components = (FIELD_OF(confr1, JPEG_CONFR1_NF) + 1);
    for (unsigned i = 0; i < f->components; i++) {
        uint32_t c = *reg(s, JPEG_CONFR4 + 4 * i);

        f->component[i] = (struct jpeg_core_component) {
            .id = i + 1, .h = FIELD_OF(c, JPEG_CONFR4_HSF), .v = FIELD_OF(c, JPEG_CONFR4_VSF), .quant = FIELD_OF(c, JPEG_CONFR4_QT),
            .dc = FIELD_OF(c, JPEG_CONFR4_HD), .ac = FIELD_OF(c, JPEG_CONFR4_HA),
        };
    }
    for (unsigned i = 0; i < 4 * JPEG_BLOCK; i++) {
        f->quant[i / JPEG_BLOCK][i % JPEG_BLOCK] = table_byte(s, JPEG_QMEM, i);
    }
    for (unsigned t = 0; t < TABLES; t++) {
        load_codes(s, t);
    }
    s->writer = (struct jpeg_core_writer) { .out = &s->out };
    s->mcus = (*reg(s, JPEG_CONFR2) & JPEG_CONFR2_NMCU) + 1;
    s->component = s->block = 0;
    if (confr1 & JPEG_CONFR1_HDR) {
        write_header(s);
    }
}

static void encode_block(Stm32Jpeg *s)
{
    const struct jpeg_core_component *c = &s->frame.component[s->component];
    int16_t coefficients[JPEG_BLOCK];

    jpeg_core_forward(s->in.data, s->frame.quant[c->quant], coefficients);
    jpeg_core_bytes_drop(&s->in, JPEG_BLOCK);
    if (!jpeg_core_write_block(&s->writer, s->component, coefficients, &s->codes[2 * c->dc], &s->codes[2 * c->ac + 1])) {
        guest_error(STM32_PERIPH(s)->name, "a coefficient has no code in HUFFENC");
    }
    if (s->block++ < FIELD_OF(*reg(s, JPEG_CONFR4 + 4 * s->component), JPEG_CONFR4_NB)) {       /* NB: blocks - 1 of this component in an MCU */
        return;
    }
    s->block = 0;
    if (++s->component < s->frame.components) {
        return;
    }
    s->component = 0;
    if (--s->mcus == 0) {
        jpeg_core_write_end(&s->writer);
        put(s, 2, 0xffd9);
        finish(s);
    }
}

/* ---- decoder ---- */

/* What the header said goes where the guest reads it. */
static void publish_header(Stm32Jpeg *s)
{
    const struct jpeg_core_frame *f = &s->reader.frame;
    uint32_t confr1 = *reg(s, JPEG_CONFR1) & (JPEG_CONFR1_DE | JPEG_CONFR1_HDR);

    *reg(s, JPEG_CONFR1) = confr1 | (f->components - 1) * 0x51 | f->height << 16;   /* NF, COLSPACE, NS */
    *reg(s, JPEG_CONFR2) = s->reader.mcus - 1;
    *reg(s, JPEG_CONFR3) = f->width << 16;
    for (unsigned i = 0; i < f->components; i++) {
        const struct jpeg_core_component *c = &f->component[i];

        *reg(s, JPEG_CONFR4 + 4 * i) = c->h << 12 | c->v << 8 | (c->h * c->v - 1) << 4 | c->quant << 2 | c->ac << 1 | c->dc;
    }
    for (unsigned i = 0; i < 4 * JPEG_BLOCK; i++) {
        set_table_byte(s, JPEG_QMEM, i, f->quant[i / JPEG_BLOCK][i % JPEG_BLOCK]);
    }
}

static void bad_data(Stm32Jpeg *s, const char *what)
{
    guest_error(STM32_PERIPH(s)->name, "%s", what);
    finish(s);
}

/* One step; false when it waits for more input. */
static bool decode_step(Stm32Jpeg *s)
{
    uint8_t mcu[10 * JPEG_BLOCK];
    enum jpeg_core_result result;

    if (!s->header_done) {
        result = jpeg_core_read_header(&s->reader, &s->in);
        if (result == JPEG_OK) {
            s->header_done = true;
            publish_header(s);
            *reg(s, JPEG_SR) |= JPEG_SR_HPDF;
        } else if (result == JPEG_BAD) {
            bad_data(s, "the input is no baseline JPEG that this codec decodes");
        }
        return result != JPEG_MORE;
    }
    result = jpeg_core_read_mcu(&s->reader, &s->in, mcu);
    if (result == JPEG_BAD) {
        bad_data(s, "damaged JPEG data");
    } else if (result == JPEG_OK) {
        jpeg_core_bytes_add(&s->out, mcu, jpeg_core_mcu_bytes(&s->reader.frame));
        if (s->reader.mcu == s->reader.mcus) {
            finish(s);
        }
    }
    return result != JPEG_MORE;
}

/* ---- the core ---- */

/* Work as long as there is input and the output has room. */
static void pump(Stm32Jpeg *s)
{
    while (s->running && !s->ended && s->out.length < FIFO_BYTES) {
        if (s->decoding) {
            if (!decode_step(s)) {
                s->absorbed = s->in.length;
                break;
            }
        } else if (s->in.length >= JPEG_BLOCK) {
            encode_block(s);
        } else {
            break;
        }
    }
}

static void start(Stm32Jpeg *s)
{
    s->decoding = *reg(s, JPEG_CONFR1) & JPEG_CONFR1_DE;
    s->header_done = s->ended = false;
    s->running = true;
    s->in.length = s->out.length = s->absorbed = 0;
    if (!s->decoding) {
        start_encoder(s);
    } else if (!(*reg(s, JPEG_CONFR1) & JPEG_CONFR1_HDR)) {
        guest_unimplemented(STM32_PERIPH(s)->name, "decoding without header processing");
        s->running = false;
    }
}

static void write_cr(Stm32Jpeg *s, const RegWrite *w)
{
    if (!(w->value & JPEG_CR_JCEN)) {
        s->running = s->ended = false;
    }
    if (w->raw & JPEG_CR_IFF) {
        s->in.length = s->absorbed = 0;
    }
    if (w->raw & JPEG_CR_OFF) {
        s->out.length = 0;
    }
}

static void write_dir(Stm32Jpeg *s, uint32_t word)
{
    uint8_t bytes[4];

    if (!s->running || s->ended) {
        return;                 /* what follows the end of image */
    }
    if (input_level(s) >= FIFO_BYTES) {
        guest_error(STM32_PERIPH(s)->name, "DIR written while the input FIFO is full");
        return;
    }
    stl_le_p(bytes, word);
    jpeg_core_bytes_add(&s->in, bytes, 4);
}

static void stm32_jpeg_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Jpeg *s = STM32_JPEG(p);

    switch (w->offset) {
    case JPEG_CONFR0:
        if (!(w->raw & JPEG_CONFR0_START)) {
            s->running = s->ended = false;
        } else if (*reg(s, JPEG_CR) & JPEG_CR_JCEN) {
            start(s);
        } else {
            guest_error(p->name, "START while JCEN is 0");
        }
        break;
    case JPEG_CR:
        write_cr(s, w);
        break;
    case JPEG_CFR:
        *reg(s, JPEG_SR) &= ~(w->raw & (JPEG_SR_EOCF | JPEG_SR_HPDF));
        break;
    case JPEG_DIR:
        write_dir(s, w->raw);
        break;
    default:
        return;                 /* tables and configuration */
    }
    pump(s);
    update(s);
}

static uint32_t stm32_jpeg_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Jpeg *s = STM32_JPEG(p);

    if (offset == JPEG_DOR && s->out.length >= 4) {
        stored = ldl_le_p(s->out.data);
        *reg(s, JPEG_DOR) = stored;
        jpeg_core_bytes_drop(&s->out, 4);
        pump(s);
        update(s);
    }
    return stored;
}

static void stm32_jpeg_reset(Stm32Periph *p)
{
    Stm32Jpeg *s = STM32_JPEG(p);

    s->running = s->ended = false;
    s->in.length = s->out.length = s->absorbed = 0;
    update(s);
}

static void stm32_jpeg_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_JPEG(obj)->irq);
}

static void stm32_jpeg_finalize(Object *obj)
{
    jpeg_core_bytes_free(&STM32_JPEG(obj)->in);
    jpeg_core_bytes_free(&STM32_JPEG(obj)->out);
}

/* A conversion under way can't be saved. */
static bool stm32_jpeg_busy(void *opaque)
{
    return STM32_JPEG(opaque)->running;
}

static const VMStateDescription stm32_jpeg_busy_vmstate = {
    .name = TYPE_STM32_JPEG "/conversion",
    .unmigratable = 1,
    .needed = stm32_jpeg_busy,
};

static const VMStateDescription stm32_jpeg_vmstate = {
    .name = TYPE_STM32_JPEG,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) { VMSTATE_END_OF_LIST() },
    .subsections = (const VMStateDescription *const[]) { &stm32_jpeg_busy_vmstate, NULL },
};

static void stm32_jpeg_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *c = STM32_PERIPH_CLASS(klass);

    c->map = &jpeg_map;
    c->read = stm32_jpeg_read;
    c->write = stm32_jpeg_write;
    c->reset = stm32_jpeg_reset;
    DEVICE_CLASS(klass)->vmsd = &stm32_jpeg_vmstate;
}

static const TypeInfo stm32_jpeg_info = {
    .name = TYPE_STM32_JPEG,
    .parent = TYPE_STM32_PERIPH,
    .instance_size = sizeof(Stm32Jpeg),
    .instance_init = stm32_jpeg_init,
    .instance_finalize = stm32_jpeg_finalize,
    .class_init = stm32_jpeg_class_init,
};

static void stm32_jpeg_register(void)
{
    type_register_static(&stm32_jpeg_info);
}
type_init(stm32_jpeg_register)
