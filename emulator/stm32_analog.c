/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Analog outputs: DAC (RM0433 section 26), values written and triggered by software, and the voltage reference buffer (section 27), which
 * is ready at once. Hardware triggers, waves, DMA and sample and hold of the DAC are logged as unimplemented. Nothing is at its pins.
 */
#include "qemu/osdep.h"

#include "stm32_periph.h"
#include "stm32h743_defs.h"

/* --- DAC --- */

/* Sections 26.7.1 to 26.7.16. */
enum {
    DAC_CHANNELS = 2, CHANNEL_SHIFT = 16, EN = 1 << 0, TEN = 1 << 1, TSEL_Pos = 2, WAVE = 3 << 6, DMAEN = 1 << 12,
    HOLD_12_RIGHT = 0, HOLD_12_LEFT, HOLD_8, HOLDERS,
    HOLD_BOTH = 6,                              /* the last three of the nine holding registers are for both channels */
};

#define TYPE_STM32_DAC "stm32-dac"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Dac, STM32_DAC)

struct Stm32Dac {
    Stm32Periph parent_obj;
    uint16_t held[DAC_CHANNELS];
    bool told;
};

static const RegDef dac_registers[] = { STM32H743_DAC };
static const RegMap dac_map = REG_MAP(dac_registers, DAC_BYTES);

static uint32_t control(Stm32Dac *s, unsigned channel)
{
    return *periph_reg(&s->parent_obj, DAC_CR) >> (CHANNEL_SHIFT * channel);
}

static void output(Stm32Dac *s, unsigned channel)
{
    if (control(s, channel) & EN) {
        *periph_reg(&s->parent_obj, DAC_DOR + 4 * channel) = s->held[channel];
    }
}

static uint16_t aligned(uint32_t value, unsigned holder)
{
    switch (holder) {
    case HOLD_12_LEFT: return value >> 4 & 0xfff;
    case HOLD_8: return (value & 0xff) << 4;
    default: return value & 0xfff;
    }
}

static void hold(Stm32Dac *s, unsigned n, uint32_t value)
{
    for (unsigned channel = 0; channel < DAC_CHANNELS; channel++) {
        if (n >= HOLD_BOTH) {
            unsigned shift = n % HOLDERS == HOLD_8 ? 8 : 16;

            s->held[channel] = aligned(value >> (shift * channel), n % HOLDERS);
        } else if (n / HOLDERS == channel) {
            s->held[channel] = aligned(value, n % HOLDERS);
        } else {
            continue;
        }
        if (!(control(s, channel) & TEN)) {
            output(s, channel);
        }
    }
}

static void dac_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Dac *s = STM32_DAC(p);

    if (w->offset >= DAC_DHR && w->offset < DAC_DHR + 4 * 9) {
        hold(s, (w->offset - DAC_DHR) / 4, w->raw);
        return;
    }
    for (unsigned channel = 0; channel < DAC_CHANNELS; channel++) {
        uint32_t cr = control(s, channel);
        bool hardware = (cr & TEN) && extract32(cr, TSEL_Pos, 4);

        if (w->offset == DAC_SWTRGR && (w->raw & (1u << channel)) && (cr & TEN) && !hardware) {
            output(s, channel);
        }
        if (w->offset == DAC_CR && (cr & EN) && (hardware || (cr & (WAVE | DMAEN))) && !s->told) {
            s->told = true;
            guest_unimplemented(p->name, "hardware triggers, waves and DMA");
        }
    }
}

static void dac_reset(Stm32Periph *p)
{
    memset(STM32_DAC(p)->held, 0, sizeof(STM32_DAC(p)->held));
    STM32_DAC(p)->told = false;
}

static void dac_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &dac_map;
    pc->write = dac_write;
    pc->reset = dac_reset;
}

/* --- voltage reference buffer (section 27.3.1) --- */

enum { ENVR = 1 << 0, VRR = 1 << 3 };

#define TYPE_STM32_VREFBUF "stm32-vrefbuf"
static const RegDef vrefbuf_registers[] = { STM32H743_VREFBUF };
static const RegMap vrefbuf_map = REG_MAP(vrefbuf_registers, VREFBUF_BYTES);

static uint32_t vrefbuf_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    return offset == VREFBUF_CSR && (stored & ENVR) ? stored | VRR : stored;
}

static void vrefbuf_class_init(ObjectClass *klass, void *data)
{
    STM32_PERIPH_CLASS(klass)->map = &vrefbuf_map;
    STM32_PERIPH_CLASS(klass)->read = vrefbuf_read;
}

static const TypeInfo analog_types[] = {
    {
        .name = TYPE_STM32_DAC,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Dac),
        .class_init = dac_class_init,
    }, {
        .name = TYPE_STM32_VREFBUF,
        .parent = TYPE_STM32_PERIPH,
        .class_init = vrefbuf_class_init,
    },
};

DEFINE_TYPES(analog_types)
