/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC unit (RM0433 section 22): programmable polynomial of 7, 8, 16 or 32 bits, bit reversal in and out. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"

#define TYPE_STM32_CRC "stm32-crc"

static const RegDef crc_defs[] = { STM32H743_CRC };
static const RegMap crc_map = REG_MAP(crc_defs, CRC_BYTES);

static uint32_t reverse_bits(uint32_t value, unsigned bits)
{
    uint32_t result = 0;

    for (unsigned i = 0; i < bits; i++) {
        result |= (value >> i & 1) << (bits - 1 - i);
    }
    return result;
}

/* REV_IN: bits within each byte, half word or word change places; a write narrower than that is reversed in its own width. */
static uint32_t reverse_input(uint32_t value, unsigned bits, unsigned mode)
{
    unsigned unit = MIN(bits, 4u << mode);
    uint32_t result = 0;

    for (unsigned at = 0; mode && at < bits; at += unit) {
        result |= reverse_bits(value >> at, unit) << at;
    }
    return mode ? result : value;
}

static unsigned crc_bits(Stm32Periph *p)
{
    static const uint8_t bits[4] = { 32, 16, 8, 7 };

    return bits[FIELD_OF(*periph_reg(p, CRC_CR), CRC_CR_POLYSIZE)];
}

static void feed(Stm32Periph *p, uint32_t data, unsigned data_bits)
{
    unsigned bits = crc_bits(p);
    uint32_t mask = bits == 32 ? 0xffffffff : (1u << bits) - 1, crc = *periph_reg(p, CRC_DR) & mask;

    data = reverse_input(data, data_bits, FIELD_OF(*periph_reg(p, CRC_CR), CRC_CR_REV_IN));
    for (unsigned i = data_bits; i-- > 0;) {
        bool out = (crc >> (bits - 1) ^ data >> i) & 1;

        crc = (crc << 1 ^ (out ? *periph_reg(p, CRC_POL) : 0)) & mask;
    }
    *periph_reg(p, CRC_DR) = crc;
}

static void stm32_crc_write(Stm32Periph *p, const RegWrite *w)
{
    if (w->offset == CRC_DR) {
        feed(p, w->raw >> ctz32(w->lanes), ctpop32(w->lanes));
    } else if (w->offset == CRC_CR && (w->value & CRC_CR_RESET)) {
        *periph_reg(p, CRC_CR) &= ~CRC_CR_RESET;
        *periph_reg(p, CRC_DR) = *periph_reg(p, CRC_INIT);
    }
}

static uint32_t stm32_crc_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    if (offset == CRC_DR && (*periph_reg(p, CRC_CR) & CRC_CR_REV_OUT)) {
        return reverse_bits(stored, crc_bits(p));
    }
    return stored;
}

static void stm32_crc_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *c = STM32_PERIPH_CLASS(klass);

    c->map = &crc_map;
    c->read = stm32_crc_read;
    c->write = stm32_crc_write;
}

static const TypeInfo stm32_crc_info = {
    .name = TYPE_STM32_CRC,
    .parent = TYPE_STM32_PERIPH,
    .instance_size = sizeof(Stm32Periph),
    .class_init = stm32_crc_class_init,
};

static void stm32_crc_register(void)
{
    type_register_static(&stm32_crc_info);
}
type_init(stm32_crc_register)
