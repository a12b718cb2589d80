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

/* Set by the guest, cleared by the converter. */
#define COMMANDS (ADC_CR_ADEN | ADC_CR_ADDIS | ADC_CR_ADSTART | ADC_CR_JADSTART | ADC_CR_ADSTP | ADC_CR_JADSTP | ADC_CR_ADCAL)
#define WATCHDOGS (ADC_CFGR_AWD1SGL | ADC_CFGR_AWD1EN | ADC_CFGR_JAWD1EN)
#define FLAGS 0x7ffu                        /* of ADC_ISR, without LDORDY */

enum { CHANNELS = 20, };

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
    Converter converter[ADC_CONVERTER_COUNT];
    uint32_t vdda_mv, vbat_mv;
    int32_t temperature;
    uint32_t input_mv[CHANNELS];
    uint32_t told;
};

static const RegDef adc12_defs[] = { STM32H743_ADC };
static const RegDef adc3_defs[] = { STM32H743_ADC_SINGLE };
static const RegMap adc12_map = REG_MAP(adc12_defs, ADC_BYTES);
static const RegMap adc3_map = REG_MAP(adc3_defs, ADC_SINGLE_BYTES);

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
    return STM32_PERIPH(s)->variant == 3 ? 1 : ADC_CONVERTER_COUNT;
}

static void update(Stm32Adc *s)
{
    Stm32Periph *p = STM32_PERIPH(s);
    uint32_t csr = 0;
    bool level = false;

    for (unsigned i = 0; i < converters(s); i++) {
        Converter *c = &s->converter[i];
        uint32_t isr = *reg(c, ADC_ISR);

        level |= isr & *reg(c, ADC_IER) & FLAGS;
        csr |= (isr & FLAGS) << (16 * i);
        periph_dma_request(p, i, (FIELD_OF(*reg(c, ADC_CFGR), ADC_CFGR_DMNGT) & 1) && (isr & ADC_ISR_EOC));
    }
    *periph_reg(p, ADC_CSR) = csr;
    qemu_set_irq(s->irq, level);
}

/* ---- what is measured ---- */

/*
 * Millivolts at a channel. The temperature sensor goes through the two calibration points of the factory data (12000 at
 * 30 degrees, 16000 at 110 degrees, at 3.3 V); VREFINT is 24030 there, 1.21 V.
 */
static double channel_mv(Stm32Adc *s, unsigned channel)
{
    uint32_t ccr = *periph_reg(STM32_PERIPH(s), ADC_CCR);

    if (STM32_PERIPH(s)->variant == 3) {
        switch (channel) {
        case 17:
            return ccr & ADC_CCR_VBATEN ? s->vbat_mv / 4.0 : 0;
        case 18:
            return ccr & ADC_CCR_TSEN ? (12000 + (s->temperature - 30) * 50) * 3300.0 / 65536 : 0;
        case 19:
            return ccr & ADC_CCR_VREFEN ? 24030 * 3300.0 / 65536 : 0;
        }
    }
    return channel < CHANNELS ? s->input_mv[channel] : 0;
}

/* One conversion: resolution, then oversampling and its shift, then the left shift (CFGR2). */
static uint32_t convert(Converter *c, unsigned channel)
{
    static const uint8_t dropped[8] = { 0, 2, 4, 6, 8, 2, 4, 8 };       /* bits below 16 that RES leaves out */
    Stm32Adc *s = c->adc;
    uint32_t cfgr = *reg(c, ADC_CFGR), cfgr2 = *reg(c, ADC_CFGR2);
    double share = channel_mv(s, channel) / MAX(s->vdda_mv, 1);
    uint32_t value = MIN((uint32_t)(share * 65536), 65535) >> dropped[FIELD_OF(cfgr, ADC_CFGR_RES)];

    if (!(*reg(c, ADC_PCSEL) & 1u << channel) && !(s->told & 1u << 31)) {
        s->told |= 1u << 31;
        guest_error(STM32_PERIPH(s)->name, "channel %u converted without its bit in PCSEL", channel);
    }
    if (cfgr2 & ADC_CFGR2_ROVSE) {
        value = value * (FIELD_OF(cfgr2, ADC_CFGR2_OSVR) + 1) >> FIELD_OF(cfgr2, ADC_CFGR2_OVSS);
    }
    return value << (cfgr2 >> 28);
}

/* Sampling time (SMPR) and 7.5 cycles, in half cycles of the ADC clock: RM0433 table "TCONV". */
static int64_t conversion_ns(Converter *c, unsigned channel)
{
    static const uint16_t half_cycles[8] = { 3, 5, 17, 33, 65, 129, 775, 1621 };
    static const uint16_t prescaler[16] = { 1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256, 256, 256, 256, 256 };
    Stm32Periph *p = STM32_PERIPH(c->adc);
    uint32_t smpr = *reg(c, channel < 10 ? ADC_SMPR1 : ADC_SMPR2), ccr = *periph_reg(p, ADC_CCR), hz;
    uint32_t cfgr2 = *reg(c, ADC_CFGR2);
    unsigned sampling = smpr >> (channel % 10 * 3) & 7, times = cfgr2 & ADC_CFGR2_ROVSE ? FIELD_OF(cfgr2, ADC_CFGR2_OSVR) + 1 : 1;

    if (ccr & ADC_CCR_CKMODE) {                 /* from the bus */
        hz = stm32h7_rcc_kernel_hz(p->rcc, KERNEL_BUS_AHB) >> (FIELD_OF(ccr, ADC_CCR_CKMODE) - 1);
    } else {
        hz = periph_clock_hz(p) / prescaler[FIELD_OF(ccr, ADC_CCR_PRESC)];
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

    return *reg(c, ADC_SQR1 + at / 5 * 4) >> (at % 5 * 6) & 31;
}

static unsigned injected_channel(Converter *c, unsigned n)
{
    static const uint8_t shift[4] = { 9, 15, 21, 27 };

    return *reg(c, ADC_JSQR) >> shift[n] & 31;
}

static void schedule(Converter *c)
{
    unsigned channel = c->injected ? injected_channel(c, 0) : regular_channel(c, c->step);
    unsigned times = c->injected ? FIELD_OF(*reg(c, ADC_JSQR), ADC_JSQR_JL) + 1 : 1;

    timer_mod(c->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + times * conversion_ns(c, channel));
}

static void regular_done(Converter *c)
{
    uint32_t cfgr = *reg(c, ADC_CFGR), length = FIELD_OF(*reg(c, ADC_SQR1), ADC_SQR1_L) + 1, *isr = reg(c, ADC_ISR);
    uint32_t value = convert(c, regular_channel(c, c->step));

    if ((*isr & ADC_ISR_EOC) && !(cfgr & ADC_CFGR_AUTDLY)) {
        *isr |= ADC_ISR_OVR;
    }
    if (!(*isr & ADC_ISR_OVR) || (cfgr & ADC_CFGR_OVRMOD)) {
        *reg(c, ADC_DR) = value;
    }
    *isr |= ADC_ISR_EOC | ADC_ISR_EOSMP;
    if (++c->step < length) {
        if (cfgr & ADC_CFGR_DISCEN) {
            *reg(c, ADC_CR) &= ~ADC_CR_ADSTART;         /* the next part waits for the next start */
            return;
        }
    } else {
        c->step = 0;
        *isr |= ADC_ISR_EOS;
        if (!(cfgr & ADC_CFGR_CONT)) {
            *reg(c, ADC_CR) &= ~ADC_CR_ADSTART;
            return;
        }
    }
    if (!(cfgr & ADC_CFGR_AUTDLY)) {                /* else reading DR goes on */
        schedule(c);
    }
}

static void injected_done(Converter *c)
{
    for (unsigned i = 0; i <= FIELD_OF(*reg(c, ADC_JSQR), ADC_JSQR_JL); i++) {
        *reg(c, ADC_JDR1 + 4 * i) = convert(c, injected_channel(c, i));
    }
    *reg(c, ADC_ISR) |= ADC_ISR_JEOC | ADC_ISR_JEOS;
    *reg(c, ADC_CR) &= ~ADC_CR_JADSTART;
    c->injected = false;
    if (*reg(c, ADC_CR) & ADC_CR_ADSTART) {
        schedule(c);
    }
}

static void on_timer(void *opaque)
{
    Converter *c = opaque;

    if (c->calibrating) {
        c->calibrating = false;
        *reg(c, ADC_CR) &= ~ADC_CR_ADCAL;
    } else if (c->injected) {
        injected_done(c);
    } else if (*reg(c, ADC_CR) & ADC_CR_ADSTART) {
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
    *reg(c, ADC_CR) &= ~COMMANDS;
}

static void start(Converter *c, uint32_t which)
{
    uint32_t *cr = reg(c, ADC_CR), cfgr = *reg(c, ADC_CFGR);
    bool triggered = which == ADC_CR_ADSTART ? FIELD_OF(cfgr, ADC_CFGR_EXTEN) : FIELD_OF(*reg(c, ADC_JSQR), ADC_JSQR_JEXTEN);

    if (!(*reg(c, ADC_CR) & ADC_CR_ADEN)) {
        guest_error(STM32_PERIPH(c->adc)->name, "conversion started while ADEN is 0");
        return;
    }
    if (cfgr & WATCHDOGS) {
        unimplemented(c->adc, 0, "analog watchdogs");
    }
    if (triggered) {
        unimplemented(c->adc, 1, "hardware triggers");
    }
    *cr |= which;
    if (which == ADC_CR_JADSTART && !triggered) {
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
    uint32_t *cr = reg(c, ADC_CR), *isr = reg(c, ADC_ISR), set = w->raw & COMMANDS;

    if (w->value & ADC_CR_DEEPPWD) {
        stop(c);
        *cr &= ~ADC_CR_ADVREGEN;
    }
    *isr = *cr & ADC_CR_ADVREGEN ? *isr | ADC_ISR_LDORDY : *isr & ~(ADC_ISR_LDORDY | ADC_ISR_ADRDY);
    if ((set & (ADC_CR_ADCAL | ADC_CR_ADEN)) && !(*cr & ADC_CR_ADVREGEN)) {
        guest_error(name, "ADCAL or ADEN while the regulator (ADVREGEN) is off");
        return;
    }
    if (set & ADC_CR_ADCAL) {
        if (*cr & ADC_CR_ADEN) {
            guest_error(name, "calibration while ADEN is set");
            return;
        }
        *cr |= ADC_CR_ADCAL;
        c->calibrating = true;
        timer_mod(c->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 1000 * SCALE_US);
    }
    if ((set & ADC_CR_ADDIS) && (*cr & ADC_CR_ADEN)) {
        stop(c);
        *isr &= ~ADC_ISR_ADRDY;
    } else if (set & ADC_CR_ADEN) {
        *cr |= ADC_CR_ADEN;
        *isr |= ADC_ISR_ADRDY;
    }
    if (set & (ADC_CR_ADSTP | ADC_CR_JADSTP)) {
        bool on = *cr & ADC_CR_ADEN;

        stop(c);
        *cr |= on ? ADC_CR_ADEN : 0;
    }
    if ((set & ADC_CR_ADSTART) && !(w->old & ADC_CR_ADSTART)) {
        start(c, ADC_CR_ADSTART);
    }
    if ((set & ADC_CR_JADSTART) && !(w->old & ADC_CR_JADSTART)) {
        start(c, ADC_CR_JADSTART);
    }
}

/* The converter that a register belongs to; NULL for the common ones. */
static Converter *at_offset(Stm32Adc *s, uint32_t *offset)
{
    unsigned i = *offset / ADC_CONVERTER_STRIDE;

    *offset %= ADC_CONVERTER_STRIDE;
    return i < converters(s) ? &s->converter[i] : NULL;
}

static void stm32_adc_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Adc *s = STM32_ADC(p);
    uint32_t offset = w->offset;
    Converter *c = at_offset(s, &offset);

    if (c && offset == ADC_CR) {
        write_cr(c, w);
    } else if (w->offset == ADC_CCR && (w->value & ADC_CCR_DUAL)) {
        unimplemented(s, 2, "dual mode");
    }
    update(s);
}

static uint32_t stm32_adc_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Adc *s = STM32_ADC(p);
    Converter *c = at_offset(s, &offset);

    if (c && offset == ADC_DR && (*reg(c, ADC_ISR) & ADC_ISR_EOC)) {
        *reg(c, ADC_ISR) &= ~ADC_ISR_EOC;
        if ((*reg(c, ADC_CFGR) & ADC_CFGR_AUTDLY) && (*reg(c, ADC_CR) & ADC_CR_ADSTART) && !timer_pending(c->timer)) {
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

    for (unsigned i = 0; i < ADC_CONVERTER_COUNT; i++) {
        s->converter[i].adc = s;
        s->converter[i].base = i * ADC_CONVERTER_STRIDE;
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
        VMSTATE_STRUCT_ARRAY(converter, Stm32Adc, ADC_CONVERTER_COUNT, 1, converter_vmstate, Converter),
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
