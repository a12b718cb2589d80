/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timers TIM1 to TIM17 (RM0433 sections 38 to 42): up-counting, preloads, one pulse, compare, PWM frequency, DMA requests.
 * The variant is the timer's number. A timer that counts what comes in at pins stands still. Capture, encoders, slave modes and down-counting aren't modelled and say so.
 *
 * The counter is computed from virtual time; a QEMU timer runs only while somebody waits for an event. Clock outputs "ch1" to
 * "ch4" have the frequency of the channel's PWM or toggle output (0: none): what a chip that is clocked by the pin sees.
 */
#include "qemu/osdep.h"

#include "hw/clock.h"
#include "hw/qdev-clock.h"
#include "qemu/timer.h"
#include "stm32_dma.h"
#include "stm32h743_defs.h"

enum {
    CR1_DOWN = TIM_CR1_DIR | TIM_CR1_CMS,
    SR_CC = TIM_SR_CC1IF | TIM_SR_CC2IF | TIM_SR_CC3IF | TIM_SR_CC4IF, SR_COM_TRG = TIM_SR_COMIF | TIM_SR_TIF, SR_BIF = TIM_SR_BIF | TIM_SR_B2IF,
    SR_ALL = 0x31fff,
    CHANNELS = 4,
    MODE_TOGGLE = 3, MODE_PWM1 = 6, MODE_PWM2 = 7,
};

#define TYPE_STM32_TIM "stm32-tim"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Tim, STM32_TIM)

struct Stm32Tim {
    Stm32Periph parent_obj;
    qemu_irq irq[4];
    Clock *out[CHANNELS];
    QEMUTimer timer;
    int64_t origin;                     /* when the counter was `start` */
    uint32_t start;
    uint32_t prescaler, reload, repeat; /* in force; the registers are their preloads */
    uint64_t hz;                        /* kernel clock */
};

/* What each kind of timer has. Advanced 1, 8; general 2 to 5; basic 6, 7; two channels 12, 15; one channel 13, 14, 16, 17. */
static const RegDef advanced[] = { STM32H743_TIM };
static const RegDef general16[] = { STM32H743_TIM16 };
static const RegDef general32[] = { STM32H743_TIM32 };
static const RegDef basic[] = { STM32H743_TIM_BASIC };
static const RegDef two_channels[] = { STM32H743_TIM_2CH };
static const RegDef one_channel[] = { STM32H743_TIM_1CH };
static const RegMap maps[] = {
    REG_MAP(advanced, TIM_BYTES), REG_MAP(general16, TIM16_BYTES), REG_MAP(general32, TIM32_BYTES),
    REG_MAP(basic, TIM_BASIC_BYTES), REG_MAP(two_channels, TIM_2CH_BYTES), REG_MAP(one_channel, TIM_1CH_BYTES),
};

static const RegMap *tim_map(Stm32Periph *p)
{
    switch (p->variant) {
    case 1: case 8: return &maps[0];
    case 3: case 4: return &maps[1];
    case 2: case 5: return &maps[2];
    case 6: case 7: return &maps[3];
    case 12: case 15: return &maps[4];
    default: return &maps[5];
    }
}

static bool has_bdtr(Stm32Tim *s)
{
    return s->parent_obj.variant == 1 || s->parent_obj.variant == 8 || s->parent_obj.variant >= 15;
}

static unsigned channels(Stm32Tim *s)
{
    switch (s->parent_obj.variant) {
    case 6: case 7: return 0;
    case 12: case 15: return 2;
    case 13: case 14: case 16: case 17: return 1;
    default: return 4;
    }
}

static uint32_t reg(Stm32Tim *s, uint32_t offset)
{
    return *periph_reg(&s->parent_obj, offset);
}

/* --- the counter --- */

/* The clock is what comes in at pins (encoder modes 1 to 3, external clock modes 1 and 2): nothing does. */
static bool counts_pins(Stm32Tim *s)
{
    uint32_t smcr = reg(s, TIM_SMCR);
    unsigned mode = FIELD_OF(smcr, TIM_SMCR_SMS);

    return (smcr & TIM_SMCR_ECE) || (!(smcr & TIM_SMCR_SMS_3) && ((mode >= 1 && mode <= 3) || mode == 7));
}

static bool running(Stm32Tim *s)
{
    return (reg(s, TIM_CR1) & TIM_CR1_CEN) && s->hz && periph_clocked(&s->parent_obj) && !counts_pins(s);
}

/* Counts since the origin. 96-bit arithmetic is avoided by whole seconds: hz stays below 2^32. */
static uint64_t ticks(Stm32Tim *s, int64_t now)
{
    uint64_t elapsed = now - s->origin, seconds = elapsed / NANOSECONDS_PER_SECOND, rest = elapsed % NANOSECONDS_PER_SECOND;

    return (seconds * s->hz + rest * s->hz / NANOSECONDS_PER_SECOND) / (s->prescaler + 1);
}

/* When `count` counts after the origin are complete. */
static int64_t time_of(Stm32Tim *s, uint64_t count)
{
    uint64_t cycles = count * (s->prescaler + 1), seconds = cycles / s->hz, rest = cycles % s->hz;

    return s->origin + seconds * NANOSECONDS_PER_SECOND + DIV_ROUND_UP(rest * NANOSECONDS_PER_SECOND, s->hz);
}

static void update_irq(Stm32Tim *s)
{
    uint32_t active = reg(s, TIM_SR) & reg(s, TIM_DIER);

    if (s->parent_obj.variant == 1 || s->parent_obj.variant == 8) {
        qemu_set_irq(s->irq[0], (active & SR_BIF) != 0);
        qemu_set_irq(s->irq[1], (active & TIM_SR_UIF) != 0);
        qemu_set_irq(s->irq[2], (active & SR_COM_TRG) != 0);
        qemu_set_irq(s->irq[3], (active & SR_CC) != 0);
    } else {
        qemu_set_irq(s->irq[0], (active & 0xff) != 0);
    }
}

static void update_outputs(Stm32Tim *s)
{
    for (unsigned i = 0; i < channels(s); i++) {
        uint32_t ccmr = reg(s, TIM_CCMR + i / 2 * 4), field = ccmr >> (i % 2 * 8);
        unsigned mode = FIELD_OF(field, TIM_CCMR_OC1M) | FIELD_OF(field, TIM_CCMR_OC1M_3) << 3;
        uint32_t ccr = reg(s, TIM_CCR + i * 4), hz = 0;
        bool enabled = running(s) && (reg(s, TIM_CCER) & (TIM_CCER_CC1E << (i * 4))) && !(field & TIM_CCMR_CC1S) &&
                       (!has_bdtr(s) || (reg(s, TIM_BDTR) & TIM_BDTR_MOE));

        if (enabled && s->reload) {
            uint64_t rate = s->hz / (s->prescaler + 1) / ((uint64_t)s->reload + 1);

            if ((mode == MODE_PWM1 || mode == MODE_PWM2) && ccr && ccr <= s->reload) {
                hz = rate;
            } else if (mode == MODE_TOGGLE && ccr <= s->reload) {
                hz = rate / 2;
            }
        }
        clock_update_hz(s->out[i], hz);
    }
}

static void raise_flags(Stm32Tim *s, uint32_t f)
{
    uint32_t dier = reg(s, TIM_DIER);

    *periph_reg(&s->parent_obj, TIM_SR) |= f;
    if ((f & TIM_SR_UIF) && (dier & TIM_DIER_UDE)) {
        periph_dma_pulse(&s->parent_obj, 0);
    }
    for (unsigned i = 0; i < CHANNELS; i++) {
        if ((f & (TIM_SR_CC1IF << i)) && (dier & (TIM_DIER_CC1DE << i))) {
            periph_dma_pulse(&s->parent_obj, 1 + i);
        }
    }
}

static void load_preloads(Stm32Tim *s)
{
    s->prescaler = reg(s, TIM_PSC);
    s->reload = reg(s, TIM_ARR);
}

/* The counter wrapped `wraps` times, lastly at counts `at` after the origin. */
static void overflow(Stm32Tim *s, uint64_t wraps, uint64_t at)
{
    uint32_t cr1 = reg(s, TIM_CR1);
    int64_t when = time_of(s, at);

    s->origin = when;
    s->start = 0;
    if (cr1 & TIM_CR1_UDIS) {
        return;
    }
    if (wraps > s->repeat) {
        s->repeat = has_bdtr(s) ? reg(s, TIM_RCR) : 0;
        raise_flags(s, TIM_SR_UIF);
        load_preloads(s);
        if (cr1 & TIM_CR1_OPM) {
            *periph_reg(&s->parent_obj, TIM_CR1) &= ~TIM_CR1_CEN;
        }
    } else {
        s->repeat -= wraps;
    }
}

/* Compare matches while the counter goes from `from` (excluded) by `count` counts, without wrapping more than once. */
static uint32_t matches(Stm32Tim *s, uint64_t from, uint64_t count)
{
    uint64_t period = (uint64_t)s->reload + 1;
    uint32_t f = 0;

    for (unsigned i = 0; i < channels(s); i++) {
        uint64_t ccr = reg(s, TIM_CCR + i * 4);
        bool input = extract32(reg(s, TIM_CCMR + i / 2 * 4), i % 2 * 8, 2) != 0;

        if (!input && ccr < period && (ccr + period - from - 1) % period < count) {
            f |= TIM_SR_CC1IF << i;
        }
    }
    return f;
}

/* Brings flags and counter up to now. */
static void catch_up(Stm32Tim *s)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    if (!running(s)) {
        return;
    }
    if (!s->reload) {                                               /* the counter is blocked */
        s->origin = now;
        return;
    }
    while (running(s)) {
        uint64_t count = ticks(s, now), period = (uint64_t)s->reload + 1, to_wrap = s->start >= period ? 1 : period - s->start;
        bool changes = s->prescaler != reg(s, TIM_PSC) || s->reload != reg(s, TIM_ARR) || (reg(s, TIM_CR1) & TIM_CR1_OPM) || s->repeat;
        uint64_t wraps;

        if (count < to_wrap) {
            uint32_t f = count ? matches(s, s->start, count) & ~s->parent_obj.regs.value[TIM_SR / 4] : 0;

            if (f) {
                raise_flags(s, f);
            }
            break;
        }
        wraps = changes ? 1 : 1 + (count - to_wrap) / period;
        raise_flags(s, matches(s, s->start, wraps > 1 ? period : to_wrap));
        overflow(s, wraps, to_wrap + (wraps - 1) * period);
    }
}

static uint32_t counter(Stm32Tim *s)
{
    if (!running(s) || !s->reload) {
        return s->start;
    }
    return s->start + ticks(s, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
}

/* Freezes the count as it is, for changes of what it depends on. */
static void rebase(Stm32Tim *s)
{
    if (running(s) && s->reload) {
        uint64_t count = ticks(s, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));

        s->origin = time_of(s, count);                              /* the part of a count that has gone isn't lost */
        s->start += count;
    } else {
        s->origin = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    }
}

/* The next instant somebody waits for: an interrupt or DMA request that isn't up yet, or the end of a pulse. */
static void schedule(Stm32Tim *s)
{
    uint32_t dier = reg(s, TIM_DIER), waited = (dier & ~reg(s, TIM_SR) & 0x1f) | (dier >> 8 & 0x1f);
    uint64_t period = (uint64_t)s->reload + 1, best = UINT64_MAX;

    timer_del(&s->timer);
    if (!running(s) || !s->reload) {
        return;
    }
    if ((waited & TIM_SR_UIF) || (reg(s, TIM_CR1) & TIM_CR1_OPM)) {
        best = s->start >= period ? 1 : period - s->start;
    }
    for (unsigned i = 0; i < channels(s); i++) {
        uint64_t ccr = reg(s, TIM_CCR + i * 4);

        if ((waited & (TIM_SR_CC1IF << i)) && ccr < period) {
            uint64_t distance = (ccr + period - s->start % period) % period;

            best = MIN(best, distance ? distance : period);
        }
    }
    if (best != UINT64_MAX) {
        timer_mod(&s->timer, time_of(s, best));
    }
}

static void event(void *opaque)
{
    Stm32Tim *s = opaque;

    catch_up(s);
    rebase(s);
    update_irq(s);
    update_outputs(s);
    schedule(s);
}

/* --- registers --- */

static void generate(Stm32Tim *s, uint32_t egr)
{
    if (egr & TIM_EGR_UG) {
        s->start = 0;
        s->origin = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
        s->repeat = has_bdtr(s) ? reg(s, TIM_RCR) : 0;
        if (!(reg(s, TIM_CR1) & TIM_CR1_UDIS)) {
            load_preloads(s);
            if (!(reg(s, TIM_CR1) & TIM_CR1_URS)) {
                raise_flags(s, TIM_SR_UIF);
            }
        }
    }
    raise_flags(s, egr & (SR_CC | SR_COM_TRG | TIM_SR_BIF));
}

static uint32_t tim_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Tim *s = STM32_TIM(p);

    switch (offset) {
    case TIM_CNT:
        catch_up(s);
        return counter(s) | (reg(s, TIM_CR1) & TIM_CR1_UIFREMAP ? (reg(s, TIM_SR) & TIM_SR_UIF) << 31 : 0);
    case TIM_SR:
        catch_up(s);
        update_irq(s);
        return reg(s, TIM_SR);
    default:
        return stored;
    }
}

static void warn_unmodelled(Stm32Periph *p, const RegWrite *w)
{
    uint32_t rose = w->value & ~w->old;

    if (w->offset == TIM_CR1 && (rose & CR1_DOWN)) {
        guest_unimplemented(p->name, "CR1: down-counting and centre-aligned modes");
    } else if (w->offset == TIM_SMCR && (rose & (TIM_SMCR_SMS_3 | TIM_SMCR_SMS))) {
        guest_unimplemented(p->name, "SMCR: slave modes and encoders");
    } else if ((w->offset == TIM_CCMR || w->offset == TIM_CCMR + 4) && (rose & (TIM_CCMR_CC1S | TIM_CCMR_CC2S))) {
        guest_unimplemented(p->name, "%s: input capture", regs_name(&p->regs, w->offset));
    } else if (w->offset == TIM_DCR && (rose & TIM_DCR_DBL)) {
        guest_unimplemented(p->name, "DCR: DMA bursts");
    }
}

static void tim_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Tim *s = STM32_TIM(p);
    uint32_t written = *periph_reg(p, w->offset);

    /* What happened until now happened with the old content. */
    *periph_reg(p, w->offset) = w->old;
    catch_up(s);
    rebase(s);
    warn_unmodelled(p, w);
    if (w->offset == TIM_SR) {
        *periph_reg(p, TIM_SR) &= w->raw | ~w->lanes;               /* writing 0 clears */
    } else {
        *periph_reg(p, w->offset) = written;
    }
    switch (w->offset) {
    case TIM_EGR:
        *periph_reg(p, TIM_EGR) = 0;
        generate(s, w->raw);
        break;
    case TIM_CNT:
        s->start = written;
        break;
    case TIM_ARR:
        if (!(reg(s, TIM_CR1) & TIM_CR1_ARPE)) {
            s->reload = written;
        }
        break;
    }
    event(s);
}

static void tim_reset(Stm32Periph *p)
{
    Stm32Tim *s = STM32_TIM(p);

    timer_del(&s->timer);
    s->start = s->repeat = 0;
    load_preloads(s);
    update_irq(s);
    update_outputs(s);
}

static void tim_clocks(Stm32Periph *p)
{
    Stm32Tim *s = STM32_TIM(p);
    uint64_t hz = periph_clocked(p) ? periph_clock_hz(p) : 0;

    if (hz != s->hz) {
        if (s->hz) {                /* counts up to now belong to the old frequency */
            if (reg(s, TIM_CR1) & TIM_CR1_CEN) {
                s->start += s->reload ? ticks(s, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL)) % ((uint64_t)s->reload + 1) : 0;
            }
        }
        s->origin = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
        s->hz = hz;
        event(s);
    }
}

static void tim_setup(Stm32Periph *p, Error **errp)
{
    timer_init_ns(&STM32_TIM(p)->timer, QEMU_CLOCK_VIRTUAL, event, p);
}

static void tim_init(Object *obj)
{
    Stm32Tim *s = STM32_TIM(obj);

    for (unsigned i = 0; i < CHANNELS; i++) {
        char name[] = { 'c', 'h', '1' + i, 0 };

        s->out[i] = qdev_init_clock_out(DEVICE(obj), name);
        sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->irq[i]);
    }
}

static void tim_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->pick_map = tim_map;
    pc->read = tim_read;
    pc->write = tim_write;
    pc->setup = tim_setup;
    pc->reset = tim_reset;
    pc->clocks = tim_clocks;
}

static const TypeInfo tim_types[] = {
    {
        .name = TYPE_STM32_TIM,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Tim),
        .instance_init = tim_init,
        .class_init = tim_class_init,
    },
};

DEFINE_TYPES(tim_types)
