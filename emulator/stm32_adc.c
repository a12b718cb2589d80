/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ADC of the H7 (RM0433 section 25): one or two converters and their common registers in one window.
 *
 * Regular sequences by software start (single, continuous, discontinuous), injected sequences by software start, oversampling,
 * calibration, DMA. Hardware triggers, analog watchdogs and dual mode are logged as unimplemented.
 * Variant 12: ADC1 and ADC2; variant 3: ADC3 with the internal channels VBAT/4 (17), temperature (18), VREFINT (19).
 * DMA requests: one per converter. Interrupt 0, shared.
 *
 * What is measured are properties, changeable at run time: "vdda-mv", "vbat-mv", "temperature" (degrees), and "in0" to "in19" in mV
 * at the inputs (of all converters of the window).
 */
#include "qemu/osdep.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "stm32_dma.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"

#define TYPE_STM32_ADC "stm32-adc"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Adc, STM32_ADC)

enum {
    ISR = 0x00, IER = 0x04, CR = 0x08, CFGR = 0x0c, CFGR2 = 0x10, SMPR1 = 0x14, SMPR2 = 0x18, PCSEL = 0x1c, LTR1 = 0x20, HTR1 = 0x24,
    SQR1 = 0x30, DR = 0x40, JSQR = 0x4c, OFR1 = 0x60, JDR1 = 0x80, AWD2CR = 0xa0, AWD3CR = 0xa4, LTR2 = 0xb0, HTR2 = 0xb4,
    LTR3 = 0xb8, HTR3 = 0xbc, DIFSEL = 0xc0, CALFACT = 0xc4, CALFACT2 = 0xc8,
    CONVERTER = 0x100, CSR = 0x300, CCR = 0x308, CDR = 0x30c, CDR2 = 0x310,
};

#define ISR_ADRDY       (1u << 0)
#define ISR_EOSMP       (1u << 1)
#define ISR_EOC         (1u << 2)
#define ISR_EOS         (1u << 3)
#define ISR_OVR         (1u << 4)
#define ISR_JEOC        (1u << 5)
#define ISR_JEOS        (1u << 6)
#define ISR_LDORDY      (1u << 12)
#define CR_ADEN         (1u << 0)
#define CR_ADDIS        (1u << 1)
#define CR_ADSTART      (1u << 2)
#define CR_JADSTART     (1u << 3)
#define CR_ADSTP        (1u << 4)
#define CR_JADSTP       (1u << 5)
#define CR_ADVREGEN     (1u << 28)
#define CR_DEEPPWD      (1u << 29)
#define CR_ADCAL        (1u << 31)
#define CR_COMMANDS     0x8000003fu         /* set by the guest, cleared by the converter */
#define CFGR_DMNGT(v)   ((v) & 3)
#define CFGR_RES(v)     ((v) >> 2 & 7)
#define CFGR_EXTEN(v)   ((v) >> 10 & 3)
#define CFGR_OVRMOD     (1u << 12)
#define CFGR_CONT       (1u << 13)
#define CFGR_AUTDLY     (1u << 14)
#define CFGR_DISCEN     (1u << 16)
#define CFGR_WATCHDOGS  (7u << 22)
#define CCR_VREFEN      (1u << 22)
#define CCR_TSEN        (1u << 23)
#define CCR_VBATEN      (1u << 24)

enum { CHANNELS = 20, CONVERTERS = 2 };

typedef struct Converter {
    Stm32Adc *adc;
    QEMUTimer *timer;
    uint32_t base;              /* of its registers */
    uint32_t step;              /* next conversion of the regular sequence */
    bool injected;              /* the timer runs for an injected sequence */
    bool calibrating;
} Converter;

struct Stm32Adc {
    Stm32Periph parent_obj;
    qemu_irq irq;
    Converter converter[CONVERTERS];
    uint32_t vdda_mv, vbat_mv;
    int32_t temperature;
    uint32_t input_mv[CHANNELS];
    uint32_t told;
};

#define CONVERTER_REGISTERS(n)                                                                              \
    { ISR, "ISR", 0, 0, 0x7ff, .count = n, .stride = CONVERTER },                                           \
    { IER, "IER", 0, 0x7ff, .count = n, .stride = CONVERTER },                                              \
    { CR, "CR", CR_DEEPPWD, 0x7fc10300, .count = n, .stride = CONVERTER },                                  \
    { CFGR, "CFGR", 0x80000000, 0xfffd7fff, .count = n, .stride = CONVERTER },                     \
    { CFGR2, "CFGR2", 0, 0xf3ff7fe3, .count = n, .stride = CONVERTER },                                     \
    { SMPR1, "SMPR1", 0, 0x3fffffff, .count = n, .stride = CONVERTER },                                     \
    { SMPR2, "SMPR2", 0, 0x3fffffff, .count = n, .stride = CONVERTER },                                     \
    { PCSEL, "PCSEL", 0, 0x000fffff, .count = n, .stride = CONVERTER },                                     \
    { LTR1, "LTR1", 0, 0x03ffffff, .count = n, .stride = CONVERTER },                                       \
    { HTR1, "HTR1", 0x03ffffff, 0x03ffffff, .count = n, .stride = CONVERTER },                              \
    { SQR1, "SQR1", 0, 0x1f7df7cf, .count = n, .stride = CONVERTER },                                       \
    { SQR1 + 4, "SQR2", 0, 0x1f7df7df, .count = n, .stride = CONVERTER },                                   \
    { SQR1 + 8, "SQR3", 0, 0x1f7df7df, .count = n, .stride = CONVERTER },                                   \
    { SQR1 + 12, "SQR4", 0, 0x000007df, .count = n, .stride = CONVERTER },                                  \
    { DR, "DR", 0, 0, .count = n, .stride = CONVERTER, .fifo = true },                                                    \
    { JSQR, "JSQR", 0, 0xfbefbfff, .count = n, .stride = CONVERTER },                                       \
    { OFR1, "OFR1", 0, 0xffffffff, .count = n, .stride = CONVERTER },                                       \
    { OFR1 + 4, "OFR2", 0, 0xffffffff, .count = n, .stride = CONVERTER },                                   \
    { OFR1 + 8, "OFR3", 0, 0xffffffff, .count = n, .stride = CONVERTER },                                   \
    { OFR1 + 12, "OFR4", 0, 0xffffffff, .count = n, .stride = CONVERTER },                                  \
    { JDR1, "JDR1", 0, 0, .count = n, .stride = CONVERTER },                                                \
    { JDR1 + 4, "JDR2", 0, 0, .count = n, .stride = CONVERTER },                                            \
    { JDR1 + 8, "JDR3", 0, 0, .count = n, .stride = CONVERTER },                                            \
    { JDR1 + 12, "JDR4", 0, 0, .count = n, .stride = CONVERTER },                                           \
    { AWD2CR, "AWD2CR", 0, 0x000fffff, .count = n, .stride = CONVERTER },                                   \
    { AWD3CR, "AWD3CR", 0, 0x000fffff, .count = n, .stride = CONVERTER },                                   \
    { LTR2, "LTR2", 0, 0x03ffffff, .count = n, .stride = CONVERTER },                                       \
    { HTR2, "HTR2", 0x03ffffff, 0x03ffffff, .count = n, .stride = CONVERTER },                              \
    { LTR3, "LTR3", 0, 0x03ffffff, .count = n, .stride = CONVERTER },                                       \
    { HTR3, "HTR3", 0x03ffffff, 0x03ffffff, .count = n, .stride = CONVERTER },                              \
    { DIFSEL, "DIFSEL", 0, 0x000fffff, .count = n, .stride = CONVERTER },                                   \
    { CALFACT, "CALFACT", 0, 0x07ff07ff, .count = n, .stride = CONVERTER },                                 \
    { CALFACT2, "CALFACT2", 0, 0x3fffffff, .count = n, .stride = CONVERTER },                               \
    { CSR, "CSR", 0, 0 },                                                                                   \
    { CCR, "CCR", 0, 0x01ffcf1f },                                                                          \
    { CDR, "CDR", 0, 0 },                                                                                   \
    { CDR2, "CDR2", 0, 0 }

static const RegDef adc12_defs[] = { STM32H743_ADC12 };
static const RegDef adc3_defs[] = { STM32H743_ADC3 };
static const RegMap adc12_map = REG_MAP(adc12_defs, 0x400);
static const RegMap adc3_map = REG_MAP(adc3_defs, 0x400);

static uint32_t *reg(Converter *c, uint32_t offset)
{
    return periph_reg(STM32_PERIPH(c->adc), c->base + offset);
}

static void unimplemented(Stm32Adc *s, unsigned what, const char *text)
{
    if (!(s->told & 1u << what)) {
        s->told |= 1u << what;
        guest_unimplemented(STM32_PERIPH(s)->name, "%s", text);
    }
}

static unsigned converters(Stm32Adc *s)
{
    return STM32_PERIPH(s)->variant == 3 ? 1 : CONVERTERS;
}

static void update(Stm32Adc *s)
{
    Stm32Periph *p = STM32_PERIPH(s);
    uint32_t csr = 0;
    bool level = false;

    for (unsigned i = 0; i < converters(s); i++) {
        Converter *c = &s->converter[i];
        uint32_t isr = *reg(c, ISR);

        level |= isr & *reg(c, IER) & 0x7ff;
        csr |= (isr & 0x7ff) << (16 * i);
        periph_dma_request(p, i, (CFGR_DMNGT(*reg(c, CFGR)) & 1) && (isr & ISR_EOC));
    }
    *periph_reg(p, CSR) = csr;
    qemu_set_irq(s->irq, level);
}

/* ---- what is measured ---- */

/*
 * Millivolts at a channel. The temperature sensor goes through the two calibration points of the factory data (12000 at
 * 30 degrees, 16000 at 110 degrees, at 3.3 V); VREFINT is 24030 there, 1.21 V.
 */
static double channel_mv(Stm32Adc *s, unsigned channel)
{
    uint32_t ccr = *periph_reg(STM32_PERIPH(s), CCR);

    if (STM32_PERIPH(s)->variant == 3) {
        switch (channel) {
        case 17:
            return ccr & CCR_VBATEN ? s->vbat_mv / 4.0 : 0;
        case 18:
            return ccr & CCR_TSEN ? (12000 + (s->temperature - 30) * 50) * 3300.0 / 65536 : 0;
        case 19:
            return ccr & CCR_VREFEN ? 24030 * 3300.0 / 65536 : 0;
        }
    }
    return channel < CHANNELS ? s->input_mv[channel] : 0;
}

/* One conversion: resolution, then oversampling and its shift, then the left shift (CFGR2). */
static uint32_t convert(Converter *c, unsigned channel)
{
    static const uint8_t dropped[8] = { 0, 2, 4, 6, 8, 2, 4, 8 };       /* bits below 16 that RES leaves out */
    Stm32Adc *s = c->adc;
    uint32_t cfgr = *reg(c, CFGR), cfgr2 = *reg(c, CFGR2);
    double share = channel_mv(s, channel) / MAX(s->vdda_mv, 1);
    uint32_t value = MIN((uint32_t)(share * 65536), 65535) >> dropped[CFGR_RES(cfgr)];

    if (!(*reg(c, PCSEL) & 1u << channel) && !(s->told & 1u << 31)) {
        s->told |= 1u << 31;
        guest_error(STM32_PERIPH(s)->name, "channel %u converted without its bit in PCSEL", channel);
    }
    if (cfgr2 & 1) {
        value = value * ((cfgr2 >> 16 & 0x3ff) + 1) >> (cfgr2 >> 5 & 15);
    }
    return value << (cfgr2 >> 28);
}

/* Sampling time (SMPR) and 7.5 cycles, in half cycles of the ADC clock: RM0433 table "TCONV". */
static int64_t conversion_ns(Converter *c, unsigned channel)
{
    static const uint16_t half_cycles[8] = { 3, 5, 17, 33, 65, 129, 775, 1621 };
    static const uint16_t prescaler[16] = { 1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256, 256, 256, 256, 256 };
    Stm32Periph *p = STM32_PERIPH(c->adc);
    uint32_t smpr = *reg(c, channel < 10 ? SMPR1 : SMPR2), ccr = *periph_reg(p, CCR), hz;
    unsigned sampling = smpr >> (channel % 10 * 3) & 7, times = *reg(c, CFGR2) & 1 ? (*reg(c, CFGR2) >> 16 & 0x3ff) + 1 : 1;

    if (ccr >> 16 & 3) {                        /* CKMODE: from the bus */
        hz = stm32h7_rcc_kernel_hz(p->rcc, KERNEL_BUS_AHB) >> ((ccr >> 16 & 3) - 1);
    } else {
        hz = periph_clock_hz(p) / prescaler[ccr >> 18 & 15];
    }
    if (hz == 0) {
        guest_error(p->name, "conversion without a clock");
        hz = 1000000;
    }
    return muldiv64((half_cycles[sampling] + 15) * times, NANOSECONDS_PER_SECOND / 2, hz);
}

/* ---- sequences ---- */

static unsigned regular_channel(Converter *c, unsigned n)
{
    unsigned at = n + 1;                        /* SQR1 begins with the length; five channels in each register */

    return *reg(c, SQR1 + at / 5 * 4) >> (at % 5 * 6) & 31;
}

static unsigned injected_channel(Converter *c, unsigned n)
{
    static const uint8_t shift[4] = { 9, 15, 21, 27 };

    return *reg(c, JSQR) >> shift[n] & 31;
}

static void schedule(Converter *c)
{
    unsigned channel = c->injected ? injected_channel(c, 0) : regular_channel(c, c->step);
    unsigned times = c->injected ? (*reg(c, JSQR) & 3) + 1 : 1;

    timer_mod(c->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + times * conversion_ns(c, channel));
}

static void regular_done(Converter *c)
{
    uint32_t cfgr = *reg(c, CFGR), length = (*reg(c, SQR1) & 15) + 1, *isr = reg(c, ISR);
    uint32_t value = convert(c, regular_channel(c, c->step));

    if ((*isr & ISR_EOC) && !(cfgr & CFGR_AUTDLY)) {
        *isr |= ISR_OVR;
    }
    if (!(*isr & ISR_OVR) || (cfgr & CFGR_OVRMOD)) {
        *reg(c, DR) = value;
    }
    *isr |= ISR_EOC | ISR_EOSMP;
    if (++c->step < length) {
        if (cfgr & CFGR_DISCEN) {
            *reg(c, CR) &= ~CR_ADSTART;         /* the next part waits for the next start */
            return;
        }
    } else {
        c->step = 0;
        *isr |= ISR_EOS;
        if (!(cfgr & CFGR_CONT)) {
            *reg(c, CR) &= ~CR_ADSTART;
            return;
        }
    }
    if (!(cfgr & CFGR_AUTDLY)) {                /* else reading DR goes on */
        schedule(c);
    }
}

static void injected_done(Converter *c)
{
    for (unsigned i = 0; i <= (*reg(c, JSQR) & 3); i++) {
        *reg(c, JDR1 + 4 * i) = convert(c, injected_channel(c, i));
    }
    *reg(c, ISR) |= ISR_JEOC | ISR_JEOS;
    *reg(c, CR) &= ~CR_JADSTART;
    c->injected = false;
    if (*reg(c, CR) & CR_ADSTART) {
        schedule(c);
    }
}

static void on_timer(void *opaque)
{
    Converter *c = opaque;

    if (c->calibrating) {
        c->calibrating = false;
        *reg(c, CR) &= ~CR_ADCAL;
    } else if (c->injected) {
        injected_done(c);
    } else if (*reg(c, CR) & CR_ADSTART) {
        regular_done(c);
    }
    update(c->adc);
}

/* ---- registers ---- */

static void stop(Converter *c)
{
    timer_del(c->timer);
    c->step = 0;
    c->injected = c->calibrating = false;
    *reg(c, CR) &= ~CR_COMMANDS;
}

static void start(Converter *c, uint32_t which)
{
    uint32_t *cr = reg(c, CR), cfgr = *reg(c, CFGR);
    bool triggered = which == CR_ADSTART ? CFGR_EXTEN(cfgr) : *reg(c, JSQR) >> 7 & 3;

    if (!(*reg(c, CR) & CR_ADEN)) {
        guest_error(STM32_PERIPH(c->adc)->name, "conversion started while ADEN is 0");
        return;
    }
    if (cfgr & CFGR_WATCHDOGS) {
        unimplemented(c->adc, 0, "analog watchdogs");
    }
    if (triggered) {
        unimplemented(c->adc, 1, "hardware triggers");
    }
    *cr |= which;
    if (which == CR_JADSTART && !triggered) {
        c->injected = true;
    }
    if (!triggered) {
        schedule(c);
    }
}

/* The command bits of CR are set by 1 and cleared by the converter; they aren't in the register's writable bits. */
static void write_cr(Converter *c, const RegWrite *w)
{
    Stm32Adc *s = c->adc;
    const char *name = STM32_PERIPH(s)->name;
    uint32_t *cr = reg(c, CR), *isr = reg(c, ISR), set = w->raw & CR_COMMANDS;

    if (w->value & CR_DEEPPWD) {
        stop(c);
        *cr &= ~CR_ADVREGEN;
    }
    *isr = *cr & CR_ADVREGEN ? *isr | ISR_LDORDY : *isr & ~(ISR_LDORDY | ISR_ADRDY);
    if ((set & (CR_ADCAL | CR_ADEN)) && !(*cr & CR_ADVREGEN)) {
        guest_error(name, "ADCAL or ADEN while the regulator (ADVREGEN) is off");
        return;
    }
    if (set & CR_ADCAL) {
        if (*cr & CR_ADEN) {
            guest_error(name, "calibration while ADEN is set");
            return;
        }
        *cr |= CR_ADCAL;
        c->calibrating = true;
        timer_mod(c->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 1000 * SCALE_US);
    }
    if ((set & CR_ADDIS) && (*cr & CR_ADEN)) {
        stop(c);
        *isr &= ~ISR_ADRDY;
    } else if (set & CR_ADEN) {
        *cr |= CR_ADEN;
        *isr |= ISR_ADRDY;
    }
    if (set & (CR_ADSTP | CR_JADSTP)) {
        bool on = *cr & CR_ADEN;

        stop(c);
        *cr |= on ? CR_ADEN : 0;
    }
    if ((set & CR_ADSTART) && !(w->old & CR_ADSTART)) {
        start(c, CR_ADSTART);
    }
    if ((set & CR_JADSTART) && !(w->old & CR_JADSTART)) {
        start(c, CR_JADSTART);
    }
}

/* The converter that a register belongs to; NULL for the common ones. */
static Converter *at_offset(Stm32Adc *s, uint32_t *offset)
{
    unsigned i = *offset / CONVERTER;

    *offset %= CONVERTER;
    return i < converters(s) ? &s->converter[i] : NULL;
}

static void stm32_adc_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Adc *s = STM32_ADC(p);
    uint32_t offset = w->offset;
    Converter *c = at_offset(s, &offset);

    if (c && offset == CR) {
        write_cr(c, w);
    } else if (w->offset == CCR && (w->value & 0x1f)) {
        unimplemented(s, 2, "dual mode");
    }
    update(s);
}

static uint32_t stm32_adc_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Adc *s = STM32_ADC(p);
    Converter *c = at_offset(s, &offset);

    if (c && offset == DR && (*reg(c, ISR) & ISR_EOC)) {
        *reg(c, ISR) &= ~ISR_EOC;
        if ((*reg(c, CFGR) & CFGR_AUTDLY) && (*reg(c, CR) & CR_ADSTART) && !timer_pending(c->timer)) {
            schedule(c);
        }
        update(s);
    }
    return stored;
}

static const RegMap *stm32_adc_map(Stm32Periph *p)
{
    return p->variant == 3 ? &adc3_map : &adc12_map;
}

static void stm32_adc_reset(Stm32Periph *p)
{
    Stm32Adc *s = STM32_ADC(p);

    for (unsigned i = 0; i < converters(s); i++) {
        stop(&s->converter[i]);
    }
    s->told = 0;
    update(s);
}

static void stm32_adc_setup(Stm32Periph *p, Error **errp)
{
    Stm32Adc *s = STM32_ADC(p);

    for (unsigned i = 0; i < CONVERTERS; i++) {
        s->converter[i].adc = s;
        s->converter[i].base = i * CONVERTER;
        s->converter[i].timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, on_timer, &s->converter[i]);
    }
}

/* ---- properties ---- */

static void access_uint32(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    visit_type_uint32(v, name, opaque, errp);
}

static void access_int32(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    visit_type_int32(v, name, opaque, errp);
}

static void stm32_adc_init(Object *obj)
{
    Stm32Adc *s = STM32_ADC(obj);

    s->vdda_mv = 3300;
    s->vbat_mv = 3300;
    s->temperature = 25;
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->irq);
    object_property_add(obj, "vdda-mv", "uint32", access_uint32, access_uint32, NULL, &s->vdda_mv);
    object_property_add(obj, "vbat-mv", "uint32", access_uint32, access_uint32, NULL, &s->vbat_mv);
    object_property_add(obj, "temperature", "int32", access_int32, access_int32, NULL, &s->temperature);
    for (int i = 0; i < CHANNELS; i++) {
        g_autofree char *name = g_strdup_printf("in%d", i);

        object_property_add(obj, name, "uint32", access_uint32, access_uint32, NULL, &s->input_mv[i]);
    }
}

static const VMStateDescription converter_vmstate = {
    .name = TYPE_STM32_ADC "/converter",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_TIMER_PTR(timer, Converter),
        VMSTATE_UINT32(step, Converter),
        VMSTATE_BOOL(injected, Converter),
        VMSTATE_BOOL(calibrating, Converter),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription stm32_adc_vmstate = {
    .name = TYPE_STM32_ADC,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_ARRAY(converter, Stm32Adc, CONVERTERS, 1, converter_vmstate, Converter),
        VMSTATE_END_OF_LIST()
    }
};

static void stm32_adc_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *c = STM32_PERIPH_CLASS(klass);

    c->pick_map = stm32_adc_map;
    c->read = stm32_adc_read;
    c->write = stm32_adc_write;
    c->setup = stm32_adc_setup;
    c->reset = stm32_adc_reset;
    DEVICE_CLASS(klass)->vmsd = &stm32_adc_vmstate;
}

static const TypeInfo stm32_adc_info = {
    .name = TYPE_STM32_ADC,
    .parent = TYPE_STM32_PERIPH,
    .instance_size = sizeof(Stm32Adc),
    .instance_init = stm32_adc_init,
    .class_init = stm32_adc_class_init,
};

static void stm32_adc_register(void)
{
    type_register_static(&stm32_adc_info);
}
type_init(stm32_adc_register)
