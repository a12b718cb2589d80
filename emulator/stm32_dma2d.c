/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA2D, "Chrom-ART" (RM0433 section 18): fill, copy, pixel format conversion and blending of rectangles, CLUT loading.
 *
 * A transfer is done at START; START stays set and the flags come as many AHB cycles later as there are pixels. Dead time
 * (AMTCR) and suspension have no effect. MDMA requests: 0 CLUT loaded, 1 transfer complete, 2 watermark. Interrupt 0.
 */
#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "stm32_dma.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"

#define TYPE_STM32_DMA2D "stm32-dma2d"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Dma2d, STM32_DMA2D)

#define FORMAT(control) FIELD_OF(control, DMA2D_FGPFCCR_CM)       /* of the foreground; the background's is in the same place */
#define FLAGS (DMA2D_ISR_TEIF | DMA2D_ISR_TCIF | DMA2D_ISR_TWIF | DMA2D_ISR_CAEIF | DMA2D_ISR_CTCIF | DMA2D_ISR_CEIF)

enum { MODE_COPY, MODE_CONVERT, MODE_BLEND, MODE_FILL, MODE_BLEND_FG, MODE_BLEND_BG };
enum { ARGB8888, RGB888, RGB565, ARGB1555, ARGB4444, L8, AL44, AL88, L4, A8, A4, YCBCR };

enum { FG_CLUT_LOAD = 1, BG_CLUT_LOAD = 2, TRANSFER = 4 };      /* what the timer runs for */

struct Stm32Dma2d {
    Stm32Periph parent_obj;
    QEMUTimer *timer;
    qemu_irq irq;
    uint32_t pending;
    bool failed;
};

static const RegDef dma2d_defs[] = { STM32H743_DMA2D };
static const RegMap dma2d_map = REG_MAP(dma2d_defs, DMA2D_BYTES);

static uint32_t *reg(Stm32Dma2d *s, uint32_t offset)
{
    return periph_reg(STM32_PERIPH(s), offset);
}

static void update(Stm32Dma2d *s)
{
    uint32_t isr = *reg(s, DMA2D_ISR);

    qemu_set_irq(s->irq, isr & *reg(s, DMA2D_CR) >> DMA2D_CR_TEIE_Pos & FLAGS);
    periph_dma_request(STM32_PERIPH(s), 0, isr & DMA2D_ISR_CTCIF);
    periph_dma_request(STM32_PERIPH(s), 1, isr & DMA2D_ISR_TCIF);
    periph_dma_request(STM32_PERIPH(s), 2, isr & DMA2D_ISR_TWIF);
}

static void transfer_bytes(Stm32Dma2d *s, uint32_t address, uint8_t *data, uint32_t length, bool write)
{
    AddressSpace *bus = STM32_PERIPH(s)->bus;

    if (address_space_rw(bus ? bus : &address_space_memory, address, MEMTXATTRS_UNSPECIFIED, data, length, write) != MEMTX_OK) {
        s->failed = true;
    }
}

/* ---- pixels: ARGB8888 inside ---- */

static unsigned pixel_bits(unsigned mode)
{
    static const uint8_t bits[12] = { 32, 24, 16, 16, 16, 8, 8, 16, 4, 8, 4, 0 };

    return mode < 12 ? bits[mode] : 0;
}

static uint32_t argb(unsigned a, unsigned r, unsigned g, unsigned b)
{
    return a << 24 | r << 16 | g << 8 | b;
}

/* Fewer bits become eight by repeating the upper ones (section 18.3.4). */
static unsigned from5(unsigned v)
{
    return (v & 31) << 3 | (v & 31) >> 2;
}

static unsigned from6(unsigned v)
{
    return (v & 63) << 2 | (v & 63) >> 4;
}

static unsigned from4(unsigned v)
{
    return (v & 15) * 17;
}

typedef struct Layer {
    uint32_t control, colour;   /* PFCCR, COLR */
    uint32_t clut;              /* offset of its CLUT */
    bool fixed;                 /* the colour register instead of memory */
    uint8_t *row;
    uint32_t address, stride;   /* in bytes */
} Layer;

static uint32_t clut(Stm32Dma2d *s, const Layer *l, unsigned index)
{
    uint32_t entry = *reg(s, l->clut + 4 * (index & 255));

    return l->control & DMA2D_FGPFCCR_CCM ? entry | 0xff000000 : entry;
}

static uint32_t decode(Stm32Dma2d *s, const Layer *l, uint32_t x)
{
    const uint8_t *p = l->row + x * pixel_bits(FORMAT(l->control)) / 8;
    unsigned v = lduw_le_p(p), nibble = *p >> (x % 2 * 4) & 15;

    switch (FORMAT(l->control)) {
    case ARGB8888:
        return ldl_le_p(p);
    case RGB888:
        return argb(255, p[2], p[1], p[0]);
    case RGB565:
        return argb(255, from5(v >> 11), from6(v >> 5), from5(v));
    case ARGB1555:
        return argb(v >> 15 ? 255 : 0, from5(v >> 10), from5(v >> 5), from5(v));
    case ARGB4444:
        return argb(from4(v >> 12), from4(v >> 8), from4(v >> 4), from4(v));
    case L8:
        return clut(s, l, *p);
    case AL44:
        return (clut(s, l, *p & 15) & 0xffffff) | from4(*p >> 4) << 24;
    case AL88:
        return (clut(s, l, p[0]) & 0xffffff) | (uint32_t)p[1] << 24;
    case L4:
        return clut(s, l, nibble);
    case A8:
        return (uint32_t)*p << 24 | l->colour;
    default:                    /* A4 */
        return from4(nibble) << 24 | l->colour;
    }
}

/* Alpha mode, inversion, red and blue changing places (FGPFCCR, BGPFCCR). */
static uint32_t adjust(const Layer *l, uint32_t pixel)
{
    unsigned alpha = pixel >> 24, fixed = FIELD_OF(l->control, DMA2D_FGPFCCR_ALPHA);

    if (FIELD_OF(l->control, DMA2D_FGPFCCR_AM) == 1) {
        alpha = fixed;
    } else if (FIELD_OF(l->control, DMA2D_FGPFCCR_AM) == 2) {
        alpha = alpha * fixed / 255;
    }
    if (l->control & DMA2D_FGPFCCR_AI) {
        alpha = 255 - alpha;
    }
    if (l->control & DMA2D_FGPFCCR_RBS) {
        pixel = (pixel & 0xff00) | (pixel & 0xff) << 16 | (pixel >> 16 & 0xff);
    }
    return (pixel & 0xffffff) | alpha << 24;
}

static uint32_t fetch(Stm32Dma2d *s, const Layer *l, uint32_t x)
{
    return adjust(l, l->fixed ? 0xff000000 | l->colour : decode(s, l, x));
}

/* Section 18.3.5: alpha = fg + bg - fg * bg / 255; colour = (fg * fg_alpha + bg * bg_alpha * (1 - fg_alpha)) / alpha. */
static uint32_t blend(uint32_t fg, uint32_t bg)
{
    unsigned fa = fg >> 24, ba = bg >> 24, both = fa * ba / 255, alpha = fa + ba - both;
    uint32_t result = alpha << 24;

    for (int shift = 0; shift < 24 && alpha; shift += 8) {
        unsigned f = fg >> shift & 255, b = bg >> shift & 255;

        result |= MIN((f * fa + b * ba - b * both) / alpha, 255) << shift;
    }
    return result;
}

static void encode(uint32_t control, uint32_t pixel, uint8_t *p)
{
    unsigned a = pixel >> 24, r = pixel >> 16 & 255, g = pixel >> 8 & 255, b = pixel & 255, t;

    a = control & DMA2D_FGPFCCR_AI ? 255 - a : a;
    if (control & DMA2D_FGPFCCR_RBS) {
        t = r;
        r = b;
        b = t;
    }
    switch (control & 7) {
    case ARGB8888:
        stl_le_p(p, argb(a, r, g, b));
        break;
    case RGB888:
        p[0] = b;
        p[1] = g;
        p[2] = r;
        break;
    case RGB565:
        stw_le_p(p, r >> 3 << 11 | g >> 2 << 5 | b >> 3);
        break;
    case ARGB1555:
        stw_le_p(p, a >> 7 << 15 | r >> 3 << 10 | g >> 3 << 5 | b >> 3);
        break;
    default:
        stw_le_p(p, a >> 4 << 12 | r >> 4 << 8 | g >> 4 << 4 | b >> 4);
        break;
    }
}

static void swap_byte_pairs(uint8_t *row, uint32_t length)
{
    for (uint32_t i = 0; i + 1 < length; i += 2) {
        uint8_t t = row[i];

        row[i] = row[i + 1];
        row[i + 1] = t;
    }
}

/* ---- YCbCr as the JPEG decoder leaves it: MCUs of 8x8 blocks, luma first ---- */

typedef struct Mcu {
    unsigned h, v;              /* luma blocks across and down */
    uint32_t bytes;
} Mcu;

static uint32_t decode_ycbcr(const Mcu *mcu, const uint8_t *mcus, uint32_t x, uint32_t y)
{
    const uint8_t *p = mcus + x / (8 * mcu->h) * mcu->bytes, *chroma = p + 64 * mcu->h * mcu->v;
    unsigned ix = x % (8 * mcu->h), iy = y % (8 * mcu->v), at = iy / mcu->v * 8 + ix / mcu->h;
    int luma = p[(iy / 8 * mcu->h + ix / 8) * 64 + iy % 8 * 8 + ix % 8], cb = chroma[at] - 128, cr = chroma[64 + at] - 128;
    int r = luma + (1436 * cr >> 10), g = luma - ((352 * cb + 731 * cr) >> 10), b = luma + (1815 * cb >> 10);

    return argb(255, MIN(MAX(r, 0), 255), MIN(MAX(g, 0), 255), MIN(MAX(b, 0), 255));
}

/* ---- transfers ---- */

static void setup_layer(Stm32Dma2d *s, Layer *l, bool foreground, uint32_t pixels, bool lom_bytes)
{
    uint32_t offset = *reg(s, foreground ? DMA2D_FGOR : DMA2D_BGOR);

    l->control = *reg(s, foreground ? DMA2D_FGPFCCR : DMA2D_BGPFCCR);
    l->colour = *reg(s, foreground ? DMA2D_FGCOLR : DMA2D_BGCOLR);
    l->clut = foreground ? DMA2D_FGCLUT : DMA2D_BGCLUT;
    l->address = *reg(s, foreground ? DMA2D_FGMAR : DMA2D_BGMAR);
    l->stride = lom_bytes ? pixels * pixel_bits(FORMAT(l->control)) / 8 + offset : (pixels + offset) * pixel_bits(FORMAT(l->control)) / 8;
    l->row = g_malloc0((size_t)pixels * 4 + 8);
}

static void read_row(Stm32Dma2d *s, Layer *l, uint32_t y, uint32_t pixels)
{
    if (!l->fixed) {
        transfer_bytes(s, l->address + y * l->stride, l->row, DIV_ROUND_UP(pixels * pixel_bits(FORMAT(l->control)), 8), false);
    }
}

/* The output colour register holds a pixel in the output's format. */
static void fill_row(Stm32Dma2d *s, uint8_t *out, uint32_t pixels, uint32_t bytes)
{
    uint8_t pixel[4];

    stl_le_p(pixel, *reg(s, DMA2D_OCOLR));
    for (uint32_t x = 0; x < pixels; x++) {
        memcpy(out + x * bytes, pixel, bytes);
    }
}

static void convert_row(Stm32Dma2d *s, const Layer *fg, const Layer *bg, uint32_t pixels, uint8_t *out, uint32_t bytes)
{
    uint32_t control = *reg(s, DMA2D_OPFCCR);

    for (uint32_t x = 0; x < pixels; x++) {
        uint32_t pixel = fetch(s, fg, x);

        encode(control, bg ? blend(pixel, fetch(s, bg, x)) : pixel, out + x * bytes);
    }
}

static void convert_ycbcr(Stm32Dma2d *s, uint32_t pixels, uint32_t lines, uint32_t bytes, uint32_t stride)
{
    static const Mcu kinds[3] = { { 1, 1, 192 }, { 2, 1, 256 }, { 2, 2, 384 } };        /* CSS: 4:4:4, 4:2:2, 4:2:0 */
    const Mcu *mcu = &kinds[MIN(FIELD_OF(*reg(s, DMA2D_FGPFCCR), DMA2D_FGPFCCR_CSS), 2)];
    Layer fg = { .control = *reg(s, DMA2D_FGPFCCR) };
    uint32_t across = DIV_ROUND_UP(pixels, 8 * mcu->h) * mcu->bytes;
    g_autofree uint8_t *in = g_malloc(across), *out = g_malloc((size_t)pixels * bytes);

    for (uint32_t y = 0; y < lines; y++) {
        if (y % (8 * mcu->v) == 0) {
            transfer_bytes(s, *reg(s, DMA2D_FGMAR) + y / (8 * mcu->v) * across, in, across, false);
        }
        for (uint32_t x = 0; x < pixels; x++) {
            encode(*reg(s, DMA2D_OPFCCR), adjust(&fg, decode_ycbcr(mcu, in, x, y)), out + x * bytes);
        }
        transfer_bytes(s, *reg(s, DMA2D_OMAR) + y * stride, out, pixels * bytes, true);
    }
}

/* Settings that the hardware refuses with CEIF (section 18.3.12). */
static bool bad_settings(Stm32Dma2d *s, uint32_t mode, uint32_t pixels, uint32_t lines)
{
    bool bg_used = mode == MODE_BLEND || mode == MODE_BLEND_FG;
    bool fg_used = mode != MODE_FILL && mode != MODE_BLEND_FG;

    return mode > MODE_BLEND_BG || pixels == 0 || lines == 0 || (fg_used && FORMAT(*reg(s, DMA2D_FGPFCCR)) > YCBCR) ||
           (bg_used && FORMAT(*reg(s, DMA2D_BGPFCCR)) > A4) ||
           (mode != MODE_COPY && FIELD_OF(*reg(s, DMA2D_OPFCCR), DMA2D_OPFCCR_CM) > ARGB4444);
}

static void transfer(Stm32Dma2d *s)
{
    uint32_t cr = *reg(s, DMA2D_CR), mode = FIELD_OF(cr, DMA2D_CR_MODE), lines = FIELD_OF(*reg(s, DMA2D_NLR), DMA2D_NLR_NL);
    uint32_t pixels = FIELD_OF(*reg(s, DMA2D_NLR), DMA2D_NLR_PL);
    bool lom = cr & DMA2D_CR_LOM, two = mode == MODE_BLEND || mode >= MODE_BLEND_FG;
    uint32_t bytes = pixel_bits(mode == MODE_COPY ? FORMAT(*reg(s, DMA2D_FGPFCCR)) : FIELD_OF(*reg(s, DMA2D_OPFCCR), DMA2D_OPFCCR_CM)) / 8;
    uint32_t stride = pixels * bytes + *reg(s, DMA2D_OOR) * (lom ? 1 : bytes);
    g_autofree uint8_t *out = g_malloc((size_t)pixels * 4 + 8);
    Layer fg = { .fixed = mode == MODE_BLEND_FG }, bg = { .fixed = mode == MODE_BLEND_BG };

    if (mode != MODE_COPY && mode != MODE_FILL && FORMAT(*reg(s, DMA2D_FGPFCCR)) == YCBCR && !fg.fixed) {
        if (two) {
            guest_unimplemented(STM32_PERIPH(s)->name, "blending of YCbCr");
        }
        convert_ycbcr(s, pixels, lines, bytes, stride);
        return;
    }
    setup_layer(s, &fg, true, pixels, lom);
    setup_layer(s, &bg, false, pixels, lom);
    for (uint32_t y = 0; y < lines && !s->failed; y++) {
        if (mode == MODE_FILL) {
            fill_row(s, out, pixels, bytes);
        } else {
            read_row(s, &fg, y, pixels);
            if (two) {
                read_row(s, &bg, y, pixels);
            }
            if (mode == MODE_COPY) {
                memcpy(out, fg.row, pixels * bytes);
            } else {
                convert_row(s, &fg, two ? &bg : NULL, pixels, out, bytes);
            }
        }
        if (*reg(s, DMA2D_OPFCCR) & DMA2D_OPFCCR_SB) {
            swap_byte_pairs(out, pixels * bytes);
        }
        transfer_bytes(s, *reg(s, DMA2D_OMAR) + y * stride, out, pixels * bytes, true);
    }
    g_free(fg.row);
    g_free(bg.row);
}

/* AHB cycles until the flags. */
static void finish_after(Stm32Dma2d *s, uint32_t what, uint64_t cycles)
{
    uint32_t hz = periph_clock_hz(STM32_PERIPH(s));

    s->pending |= what;
    timer_mod(s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + muldiv64(cycles, NANOSECONDS_PER_SECOND, hz ? hz : 64000000));
}

static void load_clut(Stm32Dma2d *s, bool foreground)
{
    uint32_t control = *reg(s, foreground ? DMA2D_FGPFCCR : DMA2D_BGPFCCR), address = *reg(s, foreground ? DMA2D_FGCMAR : DMA2D_BGCMAR);
    unsigned count = FIELD_OF(control, DMA2D_FGPFCCR_CS) + 1, size = control & DMA2D_FGPFCCR_CCM ? 3 : 4;
    uint8_t entries[1024];

    s->failed = false;
    transfer_bytes(s, address, entries, count * size, false);
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *p = entries + i * size;

        *reg(s, (foreground ? DMA2D_FGCLUT : DMA2D_BGCLUT) + 4 * i) = argb(size == 4 ? p[3] : 0, p[2], p[1], p[0]);
    }
    *reg(s, foreground ? DMA2D_FGPFCCR : DMA2D_BGPFCCR) |= DMA2D_FGPFCCR_START;
    finish_after(s, foreground ? FG_CLUT_LOAD : BG_CLUT_LOAD, count);
}

static void on_timer(void *opaque)
{
    Stm32Dma2d *s = opaque;
    uint32_t flags = 0;

    if (s->pending & TRANSFER) {
        uint32_t watermark = *reg(s, DMA2D_LWR);

        *reg(s, DMA2D_CR) &= ~DMA2D_CR_START;
        flags |= DMA2D_ISR_TCIF | (watermark && watermark <= FIELD_OF(*reg(s, DMA2D_NLR), DMA2D_NLR_NL) ? DMA2D_ISR_TWIF : 0);
    }
    if (s->pending & (FG_CLUT_LOAD | BG_CLUT_LOAD)) {
        *reg(s, DMA2D_FGPFCCR) &= ~DMA2D_FGPFCCR_START;
        *reg(s, DMA2D_BGPFCCR) &= ~DMA2D_FGPFCCR_START;
        flags |= DMA2D_ISR_CTCIF;
    }
    s->pending = 0;
    *reg(s, DMA2D_ISR) |= s->failed ? DMA2D_ISR_TEIF : flags;
    update(s);
}

static void start(Stm32Dma2d *s)
{
    uint32_t mode = FIELD_OF(*reg(s, DMA2D_CR), DMA2D_CR_MODE), lines = FIELD_OF(*reg(s, DMA2D_NLR), DMA2D_NLR_NL);
    uint32_t pixels = FIELD_OF(*reg(s, DMA2D_NLR), DMA2D_NLR_PL);

    if (bad_settings(s, mode, pixels, lines)) {
        *reg(s, DMA2D_ISR) |= DMA2D_ISR_CEIF;
        guest_error(STM32_PERIPH(s)->name, "settings that don't go together (CR 0x%08x NLR 0x%08x FGPFCCR 0x%08x OPFCCR 0x%08x)",
                    *reg(s, DMA2D_CR), *reg(s, DMA2D_NLR), *reg(s, DMA2D_FGPFCCR), *reg(s, DMA2D_OPFCCR));
        return;
    }
    *reg(s, DMA2D_CR) |= DMA2D_CR_START;
    s->failed = false;
    transfer(s);
    if (s->failed) {
        guest_error(STM32_PERIPH(s)->name, "bus error: a buffer is where DMA2D can't reach (output 0x%08x)", *reg(s, DMA2D_OMAR));
    }
    finish_after(s, TRANSFER, (uint64_t)pixels * lines);
}

static void stm32_dma2d_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Dma2d *s = STM32_DMA2D(p);

    switch (w->offset) {
    case DMA2D_CR:
        if (w->raw & DMA2D_CR_ABORT) {
            timer_del(s->timer);
            s->pending = 0;
            *reg(s, DMA2D_CR) &= ~(DMA2D_CR_START | DMA2D_CR_ABORT);
            *reg(s, DMA2D_FGPFCCR) &= ~DMA2D_FGPFCCR_START;
            *reg(s, DMA2D_BGPFCCR) &= ~DMA2D_FGPFCCR_START;
        } else if ((w->raw & DMA2D_CR_START) && !(w->old & DMA2D_CR_START)) {
            start(s);
        }
        break;
    case DMA2D_IFCR:
        *reg(s, DMA2D_ISR) &= ~(w->raw & FLAGS);
        break;
    case DMA2D_FGPFCCR:
    case DMA2D_BGPFCCR:
        if ((w->raw & DMA2D_FGPFCCR_START) && !(w->old & DMA2D_FGPFCCR_START)) {
            load_clut(s, w->offset == DMA2D_FGPFCCR);
        }
        break;
    default:
        return;
    }
    update(s);
}

static void stm32_dma2d_reset(Stm32Periph *p)
{
    Stm32Dma2d *s = STM32_DMA2D(p);

    timer_del(s->timer);
    s->pending = 0;
    update(s);
}

static void stm32_dma2d_setup(Stm32Periph *p, Error **errp)
{
    STM32_DMA2D(p)->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, on_timer, p);
}

static void stm32_dma2d_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_DMA2D(obj)->irq);
}

static const VMStateDescription stm32_dma2d_vmstate = {
    .name = TYPE_STM32_DMA2D,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_TIMER_PTR(timer, Stm32Dma2d),
        VMSTATE_UINT32(pending, Stm32Dma2d),
        VMSTATE_BOOL(failed, Stm32Dma2d),
        VMSTATE_END_OF_LIST()
    }
};

static void stm32_dma2d_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *c = STM32_PERIPH_CLASS(klass);

    c->map = &dma2d_map;
    c->write = stm32_dma2d_write;
    c->setup = stm32_dma2d_setup;
    c->reset = stm32_dma2d_reset;
    DEVICE_CLASS(klass)->vmsd = &stm32_dma2d_vmstate;
}

static const TypeInfo stm32_dma2d_info = {
    .name = TYPE_STM32_DMA2D,
    .parent = TYPE_STM32_PERIPH,
    .instance_size = sizeof(Stm32Dma2d),
    .instance_init = stm32_dma2d_init,
    .class_init = stm32_dma2d_class_init,
};

static void stm32_dma2d_register(void)
{
    type_register_static(&stm32_dma2d_info);
}
type_init(stm32_dma2d_register)
