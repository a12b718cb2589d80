/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real-time clock and backup registers of an STM32H7 (RM0433 section 46): calendar, init mode, shadow registers, wake-up timer,
 * alarms. It counts virtual time with the clock that RCC_BDCR selects. Time stamps, tampers and calibration are storage.
 *
 * Named outputs "alarm", "tamper", "wakeup": EXTI lines 17, 18, 19.
 */
#include "qemu/osdep.h"

#include "qemu/timer.h"
#include "rtc_calendar.h"
#include "stm32h743_defs.h"
#include "stm32h7_pwr.h"
#include "stm32h7_rcc_device.h"

enum {
    BACKUP_REGISTERS = 32,

    ISR_EVENTS = 0x2ff00, SYNC_CYCLES = 2,
};

#define TYPE_STM32H7_RTC "stm32h7-rtc"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Rtc, STM32H7_RTC)

struct Stm32Rtc {
    Stm32Periph parent_obj;
    qemu_irq alarm, tamper, wakeup;
    uint32_t hz;                        /* of the clock that runs it, 0: stopped */
    int64_t origin;                     /* the calendar was `base` then */
    RtcCalendar base;
    unsigned key;                       /* of the write protection: 2 means open */
    int64_t init_ready, shadow_ready, wakeup_writable;
    bool latched;
    uint32_t latched_date;
    QEMUTimer wakeup_timer, second_timer;
};

static const RegDef rtc_registers[] = { STM32H743_RTC };
static const RegMap rtc_map = REG_MAP(rtc_registers, RTC_BYTES);

static uint32_t *reg(Stm32Rtc *s, uint32_t offset)
{
    return periph_reg(&s->parent_obj, offset);
}

static int64_t now_ns(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static int64_t cycles_ns(Stm32Rtc *s, uint64_t cycles)
{
    return s->hz ? muldiv64(cycles, NANOSECONDS_PER_SECOND, s->hz) : INT64_MAX / 4;
}

/* Cycles of the RTC clock in one second of the calendar, and its two prescalers. */
static uint32_t async_divider(Stm32Rtc *s)
{
    return FIELD_OF(*reg(s, RTC_PRER), RTC_PRER_PREDIV_A) + 1;
}

static uint32_t sync_divider(Stm32Rtc *s)
{
    return FIELD_OF(*reg(s, RTC_PRER), RTC_PRER_PREDIV_S) + 1;
}

/* Counts of the first prescaler since the origin: one second is sync_divider() of them. */
static uint64_t counts(Stm32Rtc *s)
{
    uint64_t elapsed = now_ns() - s->origin, seconds = elapsed / NANOSECONDS_PER_SECOND;

    if (!s->hz || (*reg(s, RTC_ISR) & RTC_ISR_INIT)) {
        return 0;
    }
    return (seconds * s->hz + elapsed % NANOSECONDS_PER_SECOND * s->hz / NANOSECONDS_PER_SECOND) / async_divider(s);
}

static RtcCalendar calendar(Stm32Rtc *s)
{
    RtcCalendar now = s->base;

    rtc_calendar_advance(&now, counts(s) / sync_divider(s));
    return now;
}

/* Whole seconds move into the base; the started one goes on. */
static void rebase(Stm32Rtc *s)
{
    uint64_t seconds = counts(s) / sync_divider(s);

    s->base = calendar(s);
    if (s->hz) {
        s->origin += muldiv64(seconds * sync_divider(s), (uint64_t)async_divider(s) * NANOSECONDS_PER_SECOND, s->hz);
    }
}

static void update_outputs(Stm32Rtc *s)
{
    uint32_t cr = *reg(s, RTC_CR), isr = *reg(s, RTC_ISR);

    qemu_set_irq(s->alarm, (isr & (cr >> 4) & (RTC_ISR_ALRAF | RTC_ISR_ALRAF << 1)) != 0);
    qemu_set_irq(s->wakeup, (isr & RTC_ISR_WUTF) && (cr & RTC_CR_WUTIE));
}

/* --- wake-up timer --- */

static void start_wakeup(Stm32Rtc *s)
{
    uint32_t cr = *reg(s, RTC_CR), select = cr & RTC_CR_WUCKSEL;
    uint64_t count = (*reg(s, RTC_WUTR) & RTC_WUTR_WUT) + 1 + (select >= 6 ? 0x10000 : 0);
    uint64_t cycles = select < 4 ? count << (4 - select) : count * async_divider(s) * sync_divider(s);

    if ((cr & RTC_CR_WUTE) && s->hz) {
        timer_mod(&s->wakeup_timer, now_ns() + cycles_ns(s, cycles));
    } else {
        timer_del(&s->wakeup_timer);
    }
}

static void wakeup_expired(void *opaque)
{
    Stm32Rtc *s = opaque;

    *reg(s, RTC_ISR) |= RTC_ISR_WUTF;
    update_outputs(s);
    start_wakeup(s);
}

/* --- alarms, looked at when a second begins --- */

static void schedule_second(Stm32Rtc *s)
{
    if (s->hz && (*reg(s, RTC_CR) & (RTC_CR_ALRAE | RTC_CR_ALRAE << 1)) && !(*reg(s, RTC_ISR) & RTC_ISR_INIT)) {
        uint64_t next = (counts(s) / sync_divider(s) + 1) * sync_divider(s) * async_divider(s);

        timer_mod(&s->second_timer, s->origin + cycles_ns(s, next) + 1);
    } else {
        timer_del(&s->second_timer);
    }
}

static void second_began(void *opaque)
{
    Stm32Rtc *s = opaque;
    RtcCalendar now = calendar(s);

    for (unsigned i = 0; i < 2; i++) {
        if ((*reg(s, RTC_CR) & (RTC_CR_ALRAE << i)) && rtc_calendar_matches(&now, *reg(s, RTC_ALRMAR + 4 * i))) {
            *reg(s, RTC_ISR) |= RTC_ISR_ALRAF << i;
        }
    }
    update_outputs(s);
    schedule_second(s);
}

/* --- registers --- */

static uint32_t read_isr(Stm32Rtc *s, uint32_t stored)
{
    int64_t now = now_ns();
    uint32_t value = stored & (ISR_EVENTS | RTC_ISR_INIT), cr = *reg(s, RTC_CR);

    value |= (stored & RTC_ISR_INIT) && s->hz && now >= s->init_ready ? RTC_ISR_INITF : 0;
    value |= s->hz && now >= s->shadow_ready && !(stored & RTC_ISR_INIT) ? RTC_ISR_RSF : 0;
    value |= s->base.year ? RTC_ISR_INITS : 0;
    value |= !(cr & RTC_CR_WUTE) && now >= s->wakeup_writable ? RTC_ISR_WUTWF : 0;
    value |= cr & RTC_CR_ALRAE ? 0 : RTC_ISR_ALRAWF;
    value |= cr & RTC_CR_ALRAE << 1 ? 0 : RTC_ISR_ALRAWF << 1;
    return value;
}

static uint32_t rtc_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Rtc *s = STM32H7_RTC(p);
    RtcCalendar now;

    switch (offset) {
    case RTC_ISR:
        return read_isr(s, stored);
    case RTC_TR: case RTC_SSR: case RTC_DR:
        break;
    default:
        return stored;
    }
    now = calendar(s);
    if (offset == RTC_DR) {
        bool latched = s->latched;

        s->latched = false;
        return latched ? s->latched_date : rtc_calendar_date(&now);
    }
    if (!(*reg(s, RTC_CR) & RTC_CR_BYPSHAD) && !s->latched) {           /* the date is frozen until it has been read, too */
        s->latched = true;
        s->latched_date = rtc_calendar_date(&now);
    }
    return offset == RTC_TR ? rtc_calendar_time(&now) : sync_divider(s) - 1 - counts(s) % sync_divider(s);
}

static void write_cr(Stm32Rtc *s, const RegWrite *w)
{
    uint32_t value = (w->old & ~(w->lanes & 0x01fcffff)) | (w->raw & 0x01fcffff);

    if ((w->old & RTC_CR_WUTE) && (value & RTC_CR_WUCKSEL) != (w->old & RTC_CR_WUCKSEL)) {
        guest_error("RTC", "CR.WUCKSEL written while WUTE is 1; ignored");
        value = (value & ~RTC_CR_WUCKSEL) | (w->old & RTC_CR_WUCKSEL);
    }
    *reg(s, RTC_CR) = value;
    if (w->raw & (RTC_CR_ADD1H | RTC_CR_SUB1H)) {
        rebase(s);
        rtc_calendar_advance(&s->base, w->raw & RTC_CR_ADD1H ? 3600 : -3600);
    }
    if ((w->old ^ value) & RTC_CR_WUTE) {
        s->wakeup_writable = now_ns() + cycles_ns(s, SYNC_CYCLES);
        start_wakeup(s);
    }
    schedule_second(s);
}

static void write_isr(Stm32Rtc *s, const RegWrite *w)
{
    uint32_t *isr = reg(s, RTC_ISR);
    bool open = s->key == 2;

    if (open && (w->lanes & RTC_ISR_INIT) && ((w->raw ^ *isr) & RTC_ISR_INIT)) {
        if (w->raw & RTC_ISR_INIT) {
            rebase(s);
            s->init_ready = now_ns() + cycles_ns(s, SYNC_CYCLES);
            *isr |= RTC_ISR_INIT;
        } else {
            *isr &= ~RTC_ISR_INIT;
            s->origin = now_ns();
            s->shadow_ready = now_ns() + cycles_ns(s, SYNC_CYCLES);
        }
        schedule_second(s);
    }
    if ((w->lanes & RTC_ISR_RSF) && !(w->raw & RTC_ISR_RSF)) {
        s->shadow_ready = MAX(s->shadow_ready, now_ns() + cycles_ns(s, SYNC_CYCLES));
        s->latched = false;
    }
    *isr &= ~(w->lanes & ~w->raw & ISR_EVENTS);
}

static void write_calendar(Stm32Rtc *s, const RegWrite *w)
{
    if (!(read_isr(s, *reg(s, RTC_ISR)) & RTC_ISR_INITF)) {
        guest_error("RTC", "%s written outside of the init mode; ignored", regs_name(&s->parent_obj.regs, w->offset));
        return;
    }
    if (w->offset == RTC_TR) {
        rtc_calendar_set_time(&s->base, w->raw);
    } else if (w->offset == RTC_DR) {
        rtc_calendar_set_date(&s->base, w->raw);
    } else {
        *reg(s, RTC_PRER) = w->raw & (RTC_PRER_PREDIV_A | RTC_PRER_PREDIV_S);
    }
}

/* Registers that take what is written, once the protections are open. */
static void write_plain(Stm32Rtc *s, const RegWrite *w)
{
    uint32_t cr = *reg(s, RTC_CR);

    if (w->offset == RTC_WUTR && (cr & RTC_CR_WUTE)) {
        guest_error("RTC", "WUTR written while WUTE is 1; ignored");
        return;
    }
    if (w->offset == RTC_SHIFTR) {
        guest_unimplemented("RTC", "SHIFTR: shifting by parts of a second");
        return;
    }
    *reg(s, w->offset) = (w->old & ~w->lanes) | w->raw;
}

static void rtc_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Rtc *s = STM32H7_RTC(p);

    if (!stm32h7_pwr_backup_writable(p->rcc->pwr)) {
        guest_error("RTC", "%s written while PWR_CR1.DBP protects the backup domain; ignored", regs_name(&p->regs, w->offset));
        return;
    }
    if (w->offset == RTC_WPR) {
        s->key = (w->raw & RTC_WPR_KEY) == 0xca ? 1 : s->key == 1 && (w->raw & RTC_WPR_KEY) == 0x53 ? 2 : 0;
        return;
    }
    if (w->offset == RTC_ISR) {
        write_isr(s, w);
    } else if (w->offset >= RTC_BKPR || w->offset == RTC_TAMPCR) {
        write_plain(s, w);
    } else if (s->key != 2) {
        guest_error("RTC", "%s written while RTC_WPR protects it; ignored", regs_name(&p->regs, w->offset));
    } else if (w->offset == RTC_CR) {
        write_cr(s, w);
    } else if (w->offset == RTC_TR || w->offset == RTC_DR || w->offset == RTC_PRER) {
        write_calendar(s, w);
    } else {
        write_plain(s, w);
    }
    update_outputs(s);
}

static void rtc_clocks(Stm32Periph *p)
{
    Stm32Rtc *s = STM32H7_RTC(p);
    uint32_t hz = *periph_reg(&p->rcc->parent_obj, RCC_BDCR) & RCC_BDCR_RTCEN ? periph_clock_hz(p) : 0;

    if (hz == s->hz) {
        return;
    }
    rebase(s);
    s->hz = hz;
    s->origin = now_ns();
    s->shadow_ready = now_ns() + cycles_ns(s, SYNC_CYCLES);
    start_wakeup(s);
    schedule_second(s);
}

static void rtc_reset(Stm32Periph *p)
{
    Stm32Rtc *s = STM32H7_RTC(p);

    timer_del(&s->wakeup_timer);
    timer_del(&s->second_timer);
    s->base = (RtcCalendar){ .month = 1, .day = 1, .weekday = 1 };
    s->origin = now_ns();
    s->hz = 0;
    s->key = 0;
    s->latched = false;
    s->init_ready = s->shadow_ready = s->wakeup_writable = 0;
    update_outputs(s);
}

static void rtc_setup(Stm32Periph *p, Error **errp)
{
    timer_init_ns(&STM32H7_RTC(p)->wakeup_timer, QEMU_CLOCK_VIRTUAL, wakeup_expired, p);
    timer_init_ns(&STM32H7_RTC(p)->second_timer, QEMU_CLOCK_VIRTUAL, second_began, p);
}

static void rtc_init(Object *obj)
{
    Stm32Rtc *s = STM32H7_RTC(obj);

    qdev_init_gpio_out_named(DEVICE(obj), &s->alarm, "alarm", 1);
    qdev_init_gpio_out_named(DEVICE(obj), &s->tamper, "tamper", 1);
    qdev_init_gpio_out_named(DEVICE(obj), &s->wakeup, "wakeup", 1);
}

static void rtc_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &rtc_map;
    pc->read = rtc_read;
    pc->write = rtc_write;
    pc->setup = rtc_setup;
    pc->reset = rtc_reset;
    pc->clocks = rtc_clocks;
    pc->backup_domain = true;
}

static const TypeInfo rtc_types[] = {
    {
        .name = TYPE_STM32H7_RTC,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Rtc),
        .instance_init = rtc_init,
        .class_init = rtc_class_init,
    },
};

DEFINE_TYPES(rtc_types)
