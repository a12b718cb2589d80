/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digital camera interface (RM0433 section 32): takes a sensor's lines, cuts out the window, selects bytes and lines, packs words
 * for the DMA. Lines come whole, at the moment of their last pixel. DMA request 0; interrupt 0.
 *
 * Embedded synchronisation codes (ESS) aren't modelled: no sensor here sends them.
 */
#include "qemu/osdep.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "sensor.h"
#include "stm32_dma.h"
#include "stm32_periph.h"
#include "stm32_pins.h"
#include "stm32h743_defs.h"

#define TYPE_STM32_DCMI "stm32-dcmi"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Dcmi, STM32_DCMI)

#define FLAGS (DCMI_RIS_FRAME_RIS | DCMI_RIS_OVR_RIS | DCMI_RIS_ERR_RIS | DCMI_RIS_VSYNC_RIS | DCMI_RIS_LINE_RIS)

enum { FIFO_WORDS = 4, LINE_MAX_BYTES = 16384 };

struct Stm32Dcmi {
    Stm32Periph parent_obj;
    qemu_irq irq;
    bool capturing;             /* this frame is wanted */
    bool stopping;              /* CAPTURE was cleared during the frame */
    uint32_t line;              /* lines since the frame began */
    uint32_t frames;            /* since CAPTURE was set, for FCRC */
    uint8_t part[4];            /* bytes of a word that isn't complete */
    uint32_t part_length;
    uint32_t fifo[FIFO_WORDS];
    uint32_t fifo_length;
    uint32_t told;              /* polarities that were complained about */
    uint8_t *packed;
    Stm32Pin pins[DCMI_PINS];
    uint8_t connected;          /* data bits whose pins are routed, in this frame */
    bool synchronised;          /* the three others are */
};

static const RegDef dcmi_defs[] = { STM32H743_DCMI };
static const RegMap dcmi_map = REG_MAP(dcmi_defs, DCMI_BYTES);

static uint32_t *reg(Stm32Dcmi *s, uint32_t offset)
{
    return periph_reg(STM32_PERIPH(s), offset);
}

static void update(Stm32Dcmi *s)
{
    uint32_t *sr = reg(s, DCMI_SR);

    *sr = (*sr & ~DCMI_SR_FNE) | (s->fifo_length ? DCMI_SR_FNE : 0);
    *reg(s, DCMI_MIS) = *reg(s, DCMI_RIS) & *reg(s, DCMI_IER);
    qemu_set_irq(s->irq, *reg(s, DCMI_MIS) != 0);
}

/* ---- words to the DMA ---- */

/* Whole words. What no stream takes goes to the FIFO, where the CPU may read it; when that is full it is an overrun. */
static void push_words(Stm32Dcmi *s, const uint8_t *bytes, size_t length)
{
    size_t taken = s->fifo_length ? 0 : periph_dma_push(STM32_PERIPH(s), 0, bytes, length);

    for (; taken < length; taken += 4) {
        if (s->fifo_length == FIFO_WORDS) {
            *reg(s, DCMI_RIS) |= DCMI_RIS_OVR_RIS;
            break;
        }
        s->fifo[s->fifo_length++] = ldl_le_p(bytes + taken);
    }
    periph_dma_request(STM32_PERIPH(s), 0, s->fifo_length > 0);
}

static void push_bytes(Stm32Dcmi *s, const uint8_t *bytes, size_t length)
{
    size_t whole;

    while (s->part_length && s->part_length < 4 && length) {
        s->part[s->part_length++] = *bytes++;
        length--;
    }
    if (s->part_length == 4) {
        push_words(s, s->part, 4);
        s->part_length = 0;
    }
    whole = length & ~(size_t)3;
    if (whole) {
        push_words(s, bytes, whole);
    }
    if (length - whole) {
        memcpy(s->part, bytes + whole, length - whole);
        s->part_length = length - whole;
    }
}

/* ---- what the sensor sends ---- */

/* Are the sensor's levels what the receiver is set for? Said once if not; unless strict=on the picture is taken all the same. */
static void check_port(Stm32Dcmi *s, const VideoPort *port)
{
    uint32_t cr = *reg(s, DCMI_CR);
    const struct { bool wrong; const char *text; } checks[] = {
        /* VSPOL is the level of VSYNC while there is no frame, HSPOL that of HREF while there is no line. */
        { !(cr & DCMI_CR_VSPOL) == port->vsync_high, "VSPOL doesn't fit the sensor's VSYNC" },
        { !(cr & DCMI_CR_HSPOL) != port->href_high, "HSPOL doesn't fit the sensor's HREF" },
        { !(cr & DCMI_CR_PCKPOL) == port->pclk_rising, "PCKPOL samples the data while it changes" },
        { port->pclk_hz * 5ull > periph_clock_hz(STM32_PERIPH(s)) * 2ull, "the pixel clock is faster than AHB clock / 2.5" },
    };

    for (int i = 0; i < ARRAY_SIZE(checks); i++) {
        if (checks[i].wrong && !(s->told & 1u << i)) {
            s->told |= 1u << i;
            guest_error(STM32_PERIPH(s)->name, "%s", checks[i].text);
        }
    }
}

void stm32_dcmi_set_pins(Stm32Periph *dcmi, const Stm32Pin pins[DCMI_PINS])
{
    memcpy(STM32_DCMI(dcmi)->pins, pins, sizeof(STM32_DCMI(dcmi)->pins));
}

/* Which signals come in? Said once for the first that doesn't. */
static void check_pins(Stm32Dcmi *s)
{
    static const char *const names[DCMI_PINS] = { "D0", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "HSYNC", "VSYNC", "PIXCLK" };

    s->connected = 0;
    s->synchronised = true;
    for (int i = 0; i < DCMI_PINS; i++) {
        bool routed = stm32_pin_routed(&s->pins[i]);

        if (i < DCMI_PIN_HSYNC) {
            s->connected |= routed << i;
        } else {
            s->synchronised &= routed;
        }
        if (!routed && !(s->told & 1u << 31)) {
            s->told |= 1u << 31;
            guest_error(STM32_PERIPH(s)->name, "%s isn't in alternate function %u: no %s", s->pins[i].name, s->pins[i].function, names[i]);
        }
    }
}

static void end_frame(Stm32Dcmi *s)
{
    uint32_t *cr = reg(s, DCMI_CR);

    if (!s->capturing) {
        return;
    }
    if (s->part_length) {                       /* the last word is filled up with zeros */
        memset(s->part + s->part_length, 0, 4 - s->part_length);
        s->part_length = 0;
        push_words(s, s->part, 4);
    }
    s->capturing = false;
    *reg(s, DCMI_RIS) |= DCMI_RIS_FRAME_RIS;
    if ((*cr & DCMI_CR_CM) || s->stopping) {
        *cr &= ~DCMI_CR_CAPTURE;
        s->stopping = false;
    }
}

static void begin_frame(Stm32Dcmi *s)
{
    uint32_t cr = *reg(s, DCMI_CR);

    s->line = 0;
    s->part_length = 0;
    s->fifo_length = 0;
    if (cr & DCMI_CR_CAPTURE) {
        uint32_t one_in = cr & DCMI_CR_CM ? 1 : 1u << MIN(FIELD_OF(cr, DCMI_CR_FCRC), 2);

        s->capturing = s->frames++ % one_in == 0;
    }
}

static bool dcmi_vsync(VideoSink *sink, const VideoPort *port, bool begins)
{
    Stm32Dcmi *s = STM32_DCMI(sink);
    uint32_t *sr = reg(s, DCMI_SR);

    if (!(*reg(s, DCMI_CR) & DCMI_CR_ENABLE)) {
        return false;
    }
    check_pins(s);
    if (!s->synchronised) {
        return false;
    }
    if (begins) {
        *sr |= DCMI_SR_VSYNC | DCMI_SR_HSYNC;
        *reg(s, DCMI_RIS) |= DCMI_RIS_VSYNC_RIS;
        end_frame(s);
    } else {
        *sr &= ~DCMI_SR_VSYNC;
        if (*reg(s, DCMI_CR) & DCMI_CR_CAPTURE) {
            check_port(s, port);
        }
        begin_frame(s);
    }
    update(s);
    return s->capturing;
}

/* Byte selection (BSM, OEBS): all, every other byte, one of four, two of four. Returns the new length. */
static size_t select_bytes(uint32_t cr, const uint8_t *in, size_t length, uint8_t *out)
{
    static const struct { uint8_t of, keep; } modes[4] = { { 1, 1 }, { 2, 1 }, { 4, 1 }, { 4, 2 } };
    unsigned mode = FIELD_OF(cr, DCMI_CR_BSM), of = modes[mode].of, keep = modes[mode].keep, skip = cr & DCMI_CR_OEBS && of > 1 ? keep : 0;
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        if (i % of >= skip && i % of < skip + keep) {
            out[n++] = in[i];
        }
    }
    return n;
}

/* Extended data modes: 10, 12 and 14-bit values in 16 bits. The upper pins aren't connected and read 0. */
static size_t widen(const uint8_t *in, size_t length, uint8_t *out)
{
    for (size_t i = length; i-- > 0;) {
        uint8_t value = in[i];          /* `in` may be `out` */

        out[2 * i] = value;
        out[2 * i + 1] = 0;
    }
    return 2 * length;
}

/* The part of a line that is captured, in s->packed. */
static size_t cut_line(Stm32Dcmi *s, const uint8_t *bytes, size_t length)
{
    uint32_t cr = *reg(s, DCMI_CR), line = s->line;

    if (cr & DCMI_CR_CROP) {
        size_t start = FIELD_OF(*reg(s, DCMI_CWSTRT), DCMI_CWSTRT_HOFFCNT), count = FIELD_OF(*reg(s, DCMI_CWSIZE), DCMI_CWSIZE_CAPCNT) + 1;
        uint32_t top = FIELD_OF(*reg(s, DCMI_CWSTRT), DCMI_CWSTRT_VST), lines = FIELD_OF(*reg(s, DCMI_CWSIZE), DCMI_CWSIZE_VLINE) + 1;

        if (line < top || line >= top + lines || start >= length) {
            return 0;
        }
        line -= top;
        bytes += start;
        length = MIN(count, length - start);
    }
    if ((cr & DCMI_CR_LSM) && (line & 1) == !(cr & DCMI_CR_OELS)) {
        return 0;
    }
    length = MIN(length, LINE_MAX_BYTES / 2);
    if (FIELD_OF(cr, DCMI_CR_EDM)) {
        return widen(bytes, length, s->packed);
    }
    return select_bytes(cr, bytes, length, s->packed);
}

static size_t pack_line(Stm32Dcmi *s, const uint8_t *bytes, size_t length)
{
    size_t n = cut_line(s, bytes, length);

    for (size_t i = 0; s->connected != 0xff && i < n; i++) {
        s->packed[i] &= s->connected;
    }
    return n;
}

static void dcmi_line(VideoSink *sink, const VideoPort *port, const uint8_t *bytes, size_t length)
{
    Stm32Dcmi *s = STM32_DCMI(sink);
    uint32_t cr = *reg(s, DCMI_CR);

    if (!(cr & DCMI_CR_ENABLE) || !s->synchronised || (*reg(s, DCMI_SR) & DCMI_SR_VSYNC)) {
        return;
    }
    *reg(s, DCMI_RIS) |= DCMI_RIS_LINE_RIS;
    if (s->capturing) {
        length = pack_line(s, bytes, length);
        push_bytes(s, s->packed, length);
        if ((cr & DCMI_CR_CROP) &&
            s->line == FIELD_OF(*reg(s, DCMI_CWSTRT), DCMI_CWSTRT_VST) + FIELD_OF(*reg(s, DCMI_CWSIZE), DCMI_CWSIZE_VLINE)) {
            end_frame(s);               /* at the end of the window's last line */
        }
    }
    s->line++;
    update(s);
}

static bool dcmi_listens(VideoSink *sink)
{
    return *reg(STM32_DCMI(sink), DCMI_CR) & DCMI_CR_ENABLE;
}

/* ---- registers ---- */

static void write_cr(Stm32Dcmi *s, const RegWrite *w)
{
    uint32_t *cr = reg(s, DCMI_CR);

    if (!(w->value & DCMI_CR_ENABLE)) {
        s->capturing = s->stopping = false;
        s->fifo_length = s->part_length = 0;
        s->told = 0;
        *cr &= ~DCMI_CR_CAPTURE;
        *reg(s, DCMI_SR) = 0;
        periph_dma_request(STM32_PERIPH(s), 0, false);
        return;
    }
    if (!(w->old & DCMI_CR_ENABLE)) {
        *reg(s, DCMI_SR) = DCMI_SR_VSYNC | DCMI_SR_HSYNC;      /* until a frame begins */
    }
    if ((w->value & DCMI_CR_CAPTURE) && !(w->old & DCMI_CR_CAPTURE)) {
        s->frames = 0;
        s->stopping = false;
    } else if (!(w->value & DCMI_CR_CAPTURE) && (w->old & DCMI_CR_CAPTURE) && s->capturing) {
        s->stopping = true;                     /* it reads 1 until the frame is over */
        *cr |= DCMI_CR_CAPTURE;
    } else if (w->value & DCMI_CR_CAPTURE) {
        s->stopping = false;
    }
    if ((w->value & DCMI_CR_ESS) && !(w->old & DCMI_CR_ESS)) {
        guest_unimplemented(STM32_PERIPH(s)->name, "embedded synchronisation codes (CR.ESS)");
    }
    if (FIELD_OF(w->value, DCMI_CR_EDM) && FIELD_OF(w->value, DCMI_CR_BSM)) {
        guest_error(STM32_PERIPH(s)->name, "BSM works with 8-bit data only (CR 0x%08x)", w->value);
    }
}

static void stm32_dcmi_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Dcmi *s = STM32_DCMI(p);

    if (w->offset == DCMI_CR) {
        write_cr(s, w);
    } else if (w->offset == DCMI_ICR) {
        *reg(s, DCMI_RIS) &= ~(w->raw & FLAGS);
    }
    update(s);
}

static uint32_t stm32_dcmi_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Dcmi *s = STM32_DCMI(p);

    if (offset == DCMI_DR && s->fifo_length) {
        stored = s->fifo[0];
        memmove(s->fifo, s->fifo + 1, --s->fifo_length * sizeof(s->fifo[0]));
        *reg(s, DCMI_DR) = stored;
        periph_dma_request(p, 0, s->fifo_length > 0);
        update(s);
    }
    return stored;
}

static void stm32_dcmi_reset(Stm32Periph *p)
{
    Stm32Dcmi *s = STM32_DCMI(p);

    s->capturing = s->stopping = false;
    s->line = s->frames = 0;
    s->fifo_length = s->part_length = 0;
    s->told = 0;
    update(s);
}

static void stm32_dcmi_init(Object *obj)
{
    Stm32Dcmi *s = STM32_DCMI(obj);

    sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->irq);
    s->packed = g_malloc(LINE_MAX_BYTES);
}

static void stm32_dcmi_finalize(Object *obj)
{
    g_free(STM32_DCMI(obj)->packed);
}

static const VMStateDescription stm32_dcmi_vmstate = {
    .name = TYPE_STM32_DCMI,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL(capturing, Stm32Dcmi),
        VMSTATE_BOOL(stopping, Stm32Dcmi),
        VMSTATE_UINT32(line, Stm32Dcmi),
        VMSTATE_UINT32(frames, Stm32Dcmi),
        VMSTATE_UINT8_ARRAY(part, Stm32Dcmi, 4),
        VMSTATE_UINT32(part_length, Stm32Dcmi),
        VMSTATE_UINT32_ARRAY(fifo, Stm32Dcmi, FIFO_WORDS),
        VMSTATE_UINT32(fifo_length, Stm32Dcmi),
        VMSTATE_UINT8(connected, Stm32Dcmi),
        VMSTATE_BOOL(synchronised, Stm32Dcmi),
        VMSTATE_END_OF_LIST()
    }
};

static void stm32_dcmi_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *c = STM32_PERIPH_CLASS(klass);
    VideoSinkClass *v = VIDEO_SINK_CLASS(klass);

    c->map = &dcmi_map;
    c->read = stm32_dcmi_read;
    c->write = stm32_dcmi_write;
    c->reset = stm32_dcmi_reset;
    v->listens = dcmi_listens;
    v->vsync = dcmi_vsync;
    v->line = dcmi_line;
    DEVICE_CLASS(klass)->vmsd = &stm32_dcmi_vmstate;
}

static const TypeInfo stm32_dcmi_info = {
    .name = TYPE_STM32_DCMI,
    .parent = TYPE_STM32_PERIPH,
    .instance_size = sizeof(Stm32Dcmi),
    .instance_init = stm32_dcmi_init,
    .instance_finalize = stm32_dcmi_finalize,
    .class_init = stm32_dcmi_class_init,
    .interfaces = (InterfaceInfo[]) { { TYPE_VIDEO_SINK }, { } },
};

static void stm32_dcmi_register(void)
{
    type_register_static(&stm32_dcmi_info);
}
type_init(stm32_dcmi_register)
