/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MDMA: sixteen channels between any two addresses, TCM included (RM0433 section 15): buffers, blocks, repeated blocks, linked
 * lists, started by software or by a request line. A transfer takes no time.
 */
#include "qemu/osdep.h"

#include "exec/address-spaces.h"
#include "qemu/timer.h"
#include "stm32_dma_mux.h"
#include "stm32h743_defs.h"

enum {
    LINES = 64, STEPS_AT_ONCE = 2048,

    BUFFER_MAX = 128,
    TRIGGER_BUFFER = 0, TRIGGER_BLOCK = 1, TRIGGER_REPEATED = 2, TRIGGER_LIST = 3,
};

#define FLAGS (MDMA_ISR_TEIF | MDMA_ISR_CTCIF | MDMA_ISR_BRTIF | MDMA_ISR_BTIF | MDMA_ISR_TCIF)

OBJECT_DECLARE_SIMPLE_TYPE(Stm32Mdma, STM32_MDMA)

typedef struct Channel {
    uint32_t block;                     /* bytes of a block as programmed */
    bool active;                        /* a request is being served */
} Channel;

struct Stm32Mdma {
    Stm32Periph parent_obj;
    Channel channel[MDMA_CHANNEL_COUNT];
    bool line[LINES];
    qemu_irq irq;
    QEMUTimer timer;
};

static const RegDef mdma_registers[] = { STM32H743_MDMA };
static const RegMap mdma_map = REG_MAP(mdma_registers, MDMA_BYTES);

static uint32_t *reg(Stm32Mdma *s, unsigned channel, uint32_t offset)
{
    return periph_reg(&s->parent_obj, offset + channel * MDMA_CHANNEL_STRIDE);
}

static void update_irq(Stm32Mdma *s)
{
    uint32_t pending = 0;

    for (unsigned i = 0; i < MDMA_CHANNEL_COUNT; i++) {
        if (*reg(s, i, MDMA_ISR) & FLAGS & (*reg(s, i, MDMA_CR) >> MDMA_CR_TEIE_Pos)) {
            pending |= 1u << i;
        }
    }
    *periph_reg(&s->parent_obj, MDMA_GISR0) = pending;
    qemu_set_irq(s->irq, pending != 0);
}

static void fail(Stm32Mdma *s, unsigned channel, uint32_t address, bool write)
{
    guest_error("MDMA", "channel %u: %s at 0x%08x failed", channel, write ? "write" : "read", address);
    *reg(s, channel, MDMA_ESR) = (address & MDMA_ESR_TEA) | (write ? 0 : MDMA_ESR_TED);
    *reg(s, channel, MDMA_ISR) |= MDMA_ISR_TEIF;
    *reg(s, channel, MDMA_CR) &= ~MDMA_CR_EN;
    s->channel[channel].active = false;
}

/* Address step of a side: its mode (fixed, up, down) times its offset size. */
static int step(uint32_t tcr, unsigned mode_shift, unsigned offset_shift)
{
    int size = 1 << extract32(tcr, offset_shift, 2);

    switch (extract32(tcr, mode_shift, 2)) {
    case 2: return size;
    case 3: return -size;
    default: return 0;
    }
}

/* One item as it lands at a destination of another size: right or left aligned, sign extended (PAM). */
static void align_item(uint8_t *item, unsigned from, unsigned to, unsigned pam)
{
    if (to > from) {
        bool negative = pam == 1 && (item[from - 1] & 0x80);

        if (pam == 2) {
            memmove(item + to - from, item, from);
            memset(item, 0, to - from);
        } else {
            memset(item + from, negative ? 0xff : 0, to - from);
        }
    } else if (to < from && pam == 2) {
        memmove(item, item + from - to, to);
    }
}

/* Neighbours of `unit` bytes change places. */
static void swap_units(uint8_t *data, unsigned length, unsigned unit)
{
    uint8_t t[4];

    for (unsigned i = 0; i + 2 * unit <= length; i += 2 * unit) {
        memcpy(t, data + i, unit);
        memcpy(data + i, data + i + unit, unit);
        memcpy(data + i + unit, t, unit);
    }
}

/* Bytes in each half word, half words in each word, words in each double word (BEX, HEX, WEX): as far as an item of `size` has them. */
static void exchange(uint32_t cr, uint8_t *data, unsigned length, unsigned size)
{
    for (unsigned unit = 1; unit < size; unit *= 2) {
        if (cr & MDMA_CR_BEX * unit) {
            swap_units(data, length, unit);
        }
    }
}

static bool write_item(Stm32Mdma *s, unsigned channel, const uint8_t *item, unsigned size)
{
    uint32_t *dar = reg(s, channel, MDMA_DAR);

    if (address_space_write(s->parent_obj.bus, *dar, MEMTXATTRS_UNSPECIFIED, item, size) != MEMTX_OK) {
        fail(s, channel, *dar, true);
        return false;
    }
    *dar += step(*reg(s, channel, MDMA_TCR), 2, 10);
    return true;
}

/* Moves up to one buffer; the registers are the state, as in the chip. */
static bool move_buffer(Stm32Mdma *s, unsigned channel)
{
    uint32_t cr = *reg(s, channel, MDMA_CR), tcr = *reg(s, channel, MDMA_TCR), *bndtr = reg(s, channel, MDMA_BNDTR);
    uint32_t *sar = reg(s, channel, MDMA_SAR);
    unsigned ssize = 1u << FIELD_OF(tcr, MDMA_TCR_SSIZE), dsize = 1u << FIELD_OF(tcr, MDMA_TCR_DSIZE);
    unsigned length = MIN(FIELD_OF(tcr, MDMA_TCR_TLEN) + 1, *bndtr & MDMA_BNDTR_BNDT), filled = 0;
    bool packed = (tcr & MDMA_TCR_PKE) || ssize == dsize;
    uint8_t buffer[BUFFER_MAX + 16] = { 0 };

    if (packed && step(tcr, 0, 8) == ssize && step(tcr, 2, 10) == dsize) {      /* memory to memory, at once */
        if (address_space_read(s->parent_obj.bus, *sar, MEMTXATTRS_UNSPECIFIED, buffer, length) != MEMTX_OK) {
            fail(s, channel, *sar, false);
            return false;
        }
        exchange(cr, buffer, length, dsize);
        if (address_space_write(s->parent_obj.bus, *reg(s, channel, MDMA_DAR), MEMTXATTRS_UNSPECIFIED, buffer, length) != MEMTX_OK) {
            fail(s, channel, *reg(s, channel, MDMA_DAR), true);
            return false;
        }
        *sar += length;
        *reg(s, channel, MDMA_DAR) += length;
        filled = length;
        packed = false;
    }
    while (filled < length) {
        if (address_space_read(s->parent_obj.bus, *sar, MEMTXATTRS_UNSPECIFIED, buffer + filled, ssize) != MEMTX_OK) {
            fail(s, channel, *sar, false);
            return false;
        }
        *sar += step(tcr, 0, 8);
        filled += ssize;
        if (!packed) {
            align_item(buffer + filled - ssize, ssize, dsize, FIELD_OF(tcr, MDMA_TCR_PAM));
            exchange(cr, buffer + filled - ssize, dsize, dsize);
            if (!write_item(s, channel, buffer + filled - ssize, dsize)) {
                return false;
            }
        }
    }
    if (packed) {
        exchange(cr, buffer, length, dsize);
    }
    for (unsigned at = 0; packed && at < length; at += dsize) {
        if (!write_item(s, channel, buffer + at, MIN(dsize, length - at))) {
            return false;
        }
    }
    *bndtr -= MIN(length, *bndtr & MDMA_BNDTR_BNDT);
    if (*reg(s, channel, MDMA_MAR)) {                   /* acknowledges the request at its source */
        address_space_write(s->parent_obj.bus, *reg(s, channel, MDMA_MAR), MEMTXATTRS_UNSPECIFIED, reg(s, channel, MDMA_MDR), 4);
    }
    *reg(s, channel, MDMA_ISR) |= MDMA_ISR_TCIF;
    return true;
}

static void load_node(Stm32Mdma *s, unsigned channel, uint32_t address)
{
    static const uint8_t order[10] = { MDMA_TCR, MDMA_BNDTR, MDMA_SAR, MDMA_DAR, MDMA_BRUR, MDMA_LAR, MDMA_TBR, 0, MDMA_MAR, MDMA_MDR };
    uint32_t node[10];

    if (address_space_read(s->parent_obj.bus, address, MEMTXATTRS_UNSPECIFIED, node, sizeof(node)) != MEMTX_OK) {
        fail(s, channel, address, false);
        return;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
        if (order[i]) {
            *reg(s, channel, order[i]) = le32_to_cpu(node[i]);
        }
    }
    s->channel[channel].block = *reg(s, channel, MDMA_BNDTR) & MDMA_BNDTR_BNDT;
}

/* A block is over: the next repetition, the next node of the list, or the end. True: this trigger's work is done. */
static bool end_block(Stm32Mdma *s, unsigned channel)
{
    uint32_t *bndtr = reg(s, channel, MDMA_BNDTR), brur = *reg(s, channel, MDMA_BRUR), left = *bndtr >> 20;
    unsigned trigger = FIELD_OF(*reg(s, channel, MDMA_TCR), MDMA_TCR_TRGM);

    *reg(s, channel, MDMA_ISR) |= MDMA_ISR_BTIF;
    if (left) {
        uint32_t source = FIELD_OF(brur, MDMA_BRUR_SUV), destination = FIELD_OF(brur, MDMA_BRUR_DUV);

        *reg(s, channel, MDMA_SAR) += *bndtr & MDMA_BNDTR_BRSUM ? -source : source;
        *reg(s, channel, MDMA_DAR) += *bndtr & MDMA_BNDTR_BRDUM ? -destination : destination;
        *bndtr = (*bndtr & (MDMA_BNDTR_BRSUM | MDMA_BNDTR_BRDUM)) | (left - 1) << MDMA_BNDTR_BRC_Pos | s->channel[channel].block;
        return trigger <= TRIGGER_BLOCK;
    }
    *reg(s, channel, MDMA_ISR) |= MDMA_ISR_BRTIF;
    if (*reg(s, channel, MDMA_LAR)) {
        load_node(s, channel, *reg(s, channel, MDMA_LAR));
        return trigger != TRIGGER_LIST;
    }
    *reg(s, channel, MDMA_ISR) |= MDMA_ISR_CTCIF;
    *reg(s, channel, MDMA_CR) &= ~MDMA_CR_EN;
    return true;
}

static bool requested(Stm32Mdma *s, unsigned channel)
{
    return !(*reg(s, channel, MDMA_TCR) & MDMA_TCR_SWRM) && s->line[*reg(s, channel, MDMA_TBR) & MDMA_TBR_TSEL];
}

static bool wants(Stm32Mdma *s, unsigned channel)
{
    return (*reg(s, channel, MDMA_CR) & MDMA_CR_EN) && (s->channel[channel].active || requested(s, channel));
}

static void serve(Stm32Mdma *s, unsigned channel)
{
    bool done;

    s->channel[channel].active = true;
    if (!move_buffer(s, channel)) {
        return;
    }
    done = FIELD_OF(*reg(s, channel, MDMA_TCR), MDMA_TCR_TRGM) == TRIGGER_BUFFER;
    if (!(*reg(s, channel, MDMA_BNDTR) & MDMA_BNDTR_BNDT)) {
        done = end_block(s, channel) || done;
    }
    if (done) {
        s->channel[channel].active = false;
        *reg(s, channel, MDMA_ISR) &= ~MDMA_ISR_CRQA;
    }
}

static void work(void *opaque)
{
    Stm32Mdma *s = opaque;
    unsigned steps = 0;

    for (unsigned i = 0; i < MDMA_CHANNEL_COUNT; i++) {
        while (steps < STEPS_AT_ONCE && periph_clocked(&s->parent_obj) && wants(s, i)) {
            serve(s, i);
            steps++;
        }
    }
    update_irq(s);
    if (steps == STEPS_AT_ONCE) {
        timer_mod(&s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 100000);
    }
}

static void kick(Stm32Mdma *s)
{
    if (!timer_pending(&s->timer)) {
        timer_mod(&s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    }
}

void stm32_mdma_request(Stm32Periph *mdma, unsigned line, bool level)
{
    Stm32Mdma *s = STM32_MDMA(mdma);

    s->line[line] = level;
    for (unsigned i = 0; level && i < MDMA_CHANNEL_COUNT; i++) {
        if (wants(s, i)) {
            kick(s);
        }
    }
}

static void mdma_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Mdma *s = STM32_MDMA(p);
    unsigned channel = (w->offset - MDMA_ISR) / MDMA_CHANNEL_STRIDE, offset = w->offset - channel * MDMA_CHANNEL_STRIDE;
    bool running;

    if (w->offset < MDMA_ISR) {
        return;
    }
    running = *reg(s, channel, MDMA_CR) & MDMA_CR_EN;

    switch (offset) {
    case MDMA_IFCR:
        *reg(s, channel, MDMA_ISR) &= ~(w->raw & FLAGS);
        break;
    case MDMA_CR:
        if (w->value & ~w->old & MDMA_CR_EN) {
            s->channel[channel].block = *reg(s, channel, MDMA_BNDTR) & MDMA_BNDTR_BNDT;
            s->channel[channel].active = false;
        } else if (w->old & ~w->value & MDMA_CR_EN) {
            s->channel[channel].active = false;
            *reg(s, channel, MDMA_ISR) |= MDMA_ISR_CTCIF;
        }
        if ((w->raw & MDMA_CR_SWRQ) && (w->value & MDMA_CR_EN) && (*reg(s, channel, MDMA_TCR) & MDMA_TCR_SWRM)) {
            s->channel[channel].active = true;
            *reg(s, channel, MDMA_ISR) |= MDMA_ISR_CRQA;
        }
        if (wants(s, channel)) {
            kick(s);
        }
        break;
    case MDMA_TCR: case MDMA_BNDTR: case MDMA_SAR: case MDMA_DAR: case MDMA_BRUR: case MDMA_LAR: case MDMA_TBR: case MDMA_MAR: case MDMA_MDR:
        if (running) {
            guest_error("MDMA", "%s of a running channel written; ignored", regs_name(&p->regs, w->offset));
            *periph_reg(p, w->offset) = w->old;
        }
        break;
    }
    update_irq(s);
}

static void mdma_reset(Stm32Periph *p)
{
    Stm32Mdma *s = STM32_MDMA(p);

    timer_del(&s->timer);
    memset(s->channel, 0, sizeof(s->channel));
    update_irq(s);
}

static void mdma_init(Object *obj)
{
    Stm32Mdma *s = STM32_MDMA(obj);

    sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->irq);
    timer_init_ns(&s->timer, QEMU_CLOCK_VIRTUAL, work, s);
}

static void mdma_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &mdma_map;
    pc->write = mdma_write;
    pc->reset = mdma_reset;
}

static const TypeInfo mdma_types[] = {
    {
        .name = TYPE_STM32_MDMA,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Mdma),
        .instance_init = mdma_init,
        .class_init = mdma_class_init,
    },
};

DEFINE_TYPES(mdma_types)
