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
    CHANNELS = 16, LINES = 64, STRIDE = 0x40, STEPS_AT_ONCE = 2048,
    GISR0 = 0x00, CISR = 0x40, CIFCR = 0x44, CESR = 0x48, CCR = 0x4c, CTCR = 0x50, CBNDTR = 0x54, CSAR = 0x58, CDAR = 0x5c,
    CBRUR = 0x60, CLAR = 0x64, CTBR = 0x68, CMAR = 0x70, CMDR = 0x74,
    FLAG_TE = 1u << 0, FLAG_CTC = 1u << 1, FLAG_BRT = 1u << 2, FLAG_BT = 1u << 3, FLAG_TC = 1u << 4, FLAG_CRQA = 1u << 16, FLAGS = 0x1f,
    CR_EN = 1u << 0, CR_BEX = 1u << 12, CR_SWRQ = 1u << 16, TCR_PKE = 1u << 25, TCR_SWRM = 1u << 30, BNDTR_BRSUM = 1u << 18,
    BNDTR_BRDUM = 1u << 19, BUFFER_MAX = 128,
    TRIGGER_BUFFER = 0, TRIGGER_BLOCK = 1, TRIGGER_REPEATED = 2, TRIGGER_LIST = 3,
};

OBJECT_DECLARE_SIMPLE_TYPE(Stm32Mdma, STM32_MDMA)

typedef struct Channel {
    uint32_t block;                     /* bytes of a block as programmed */
    bool active;                        /* a request is being served */
} Channel;

struct Stm32Mdma {
    Stm32Periph parent_obj;
    Channel channel[CHANNELS];
    bool line[LINES];
    qemu_irq irq;
    QEMUTimer timer;
};

#define PER_CHANNEL(offset, name, ...) { offset, name, __VA_ARGS__, .count = CHANNELS, .stride = STRIDE }
static const RegDef mdma_registers[] = { STM32H743_MDMA };
static const RegMap mdma_map = REG_MAP(mdma_registers, 0x1000);

static uint32_t *reg(Stm32Mdma *s, unsigned channel, uint32_t offset)
{
    return periph_reg(&s->parent_obj, offset + channel * STRIDE);
}

static void update_irq(Stm32Mdma *s)
{
    uint32_t pending = 0;

    for (unsigned i = 0; i < CHANNELS; i++) {
        if (*reg(s, i, CISR) & FLAGS & (*reg(s, i, CCR) >> 1)) {
            pending |= 1u << i;
        }
    }
    *periph_reg(&s->parent_obj, GISR0) = pending;
    qemu_set_irq(s->irq, pending != 0);
}

static void fail(Stm32Mdma *s, unsigned channel, uint32_t address, bool write)
{
    guest_error("MDMA", "channel %u: %s at 0x%08x failed", channel, write ? "write" : "read", address);
    *reg(s, channel, CESR) = (address & 0x7f) | (write ? 0 : 1u << 7);
    *reg(s, channel, CISR) |= FLAG_TE;
    *reg(s, channel, CCR) &= ~CR_EN;
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
        if (cr & CR_BEX * unit) {
            swap_units(data, length, unit);
        }
    }
}

static bool write_item(Stm32Mdma *s, unsigned channel, const uint8_t *item, unsigned size)
{
    uint32_t *dar = reg(s, channel, CDAR);

    if (address_space_write(s->parent_obj.bus, *dar, MEMTXATTRS_UNSPECIFIED, item, size) != MEMTX_OK) {
        fail(s, channel, *dar, true);
        return false;
    }
    *dar += step(*reg(s, channel, CTCR), 2, 10);
    return true;
}

/* Moves up to one buffer; the registers are the state, as in the chip. */
static bool move_buffer(Stm32Mdma *s, unsigned channel)
{
    uint32_t cr = *reg(s, channel, CCR), tcr = *reg(s, channel, CTCR), *bndtr = reg(s, channel, CBNDTR), *sar = reg(s, channel, CSAR);
    unsigned ssize = 1u << extract32(tcr, 4, 2), dsize = 1u << extract32(tcr, 6, 2);
    unsigned length = MIN(extract32(tcr, 18, 7) + 1, *bndtr & 0x1ffff), filled = 0;
    bool packed = (tcr & TCR_PKE) || ssize == dsize;
    uint8_t buffer[BUFFER_MAX + 16] = { 0 };

    if (packed && step(tcr, 0, 8) == ssize && step(tcr, 2, 10) == dsize) {      /* memory to memory, at once */
        if (address_space_read(s->parent_obj.bus, *sar, MEMTXATTRS_UNSPECIFIED, buffer, length) != MEMTX_OK) {
            fail(s, channel, *sar, false);
            return false;
        }
        exchange(cr, buffer, length, dsize);
        if (address_space_write(s->parent_obj.bus, *reg(s, channel, CDAR), MEMTXATTRS_UNSPECIFIED, buffer, length) != MEMTX_OK) {
            fail(s, channel, *reg(s, channel, CDAR), true);
            return false;
        }
        *sar += length;
        *reg(s, channel, CDAR) += length;
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
            align_item(buffer + filled - ssize, ssize, dsize, extract32(tcr, 26, 2));
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
    *bndtr -= MIN(length, *bndtr & 0x1ffff);
    if (*reg(s, channel, CMAR)) {                   /* acknowledges the request at its source */
        address_space_write(s->parent_obj.bus, *reg(s, channel, CMAR), MEMTXATTRS_UNSPECIFIED, reg(s, channel, CMDR), 4);
    }
    *reg(s, channel, CISR) |= FLAG_TC;
    return true;
}

static void load_node(Stm32Mdma *s, unsigned channel, uint32_t address)
{
    static const uint8_t order[10] = { CTCR, CBNDTR, CSAR, CDAR, CBRUR, CLAR, CTBR, 0, CMAR, CMDR };
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
    s->channel[channel].block = *reg(s, channel, CBNDTR) & 0x1ffff;
}

/* A block is over: the next repetition, the next node of the list, or the end. True: this trigger's work is done. */
static bool end_block(Stm32Mdma *s, unsigned channel)
{
    uint32_t *bndtr = reg(s, channel, CBNDTR), brur = *reg(s, channel, CBRUR), left = *bndtr >> 20;
    unsigned trigger = extract32(*reg(s, channel, CTCR), 28, 2);

    *reg(s, channel, CISR) |= FLAG_BT;
    if (left) {
        uint32_t source = brur & 0xffff, destination = brur >> 16;

        *reg(s, channel, CSAR) += *bndtr & BNDTR_BRSUM ? -source : source;
        *reg(s, channel, CDAR) += *bndtr & BNDTR_BRDUM ? -destination : destination;
        *bndtr = (*bndtr & 0x000c0000) | (left - 1) << 20 | s->channel[channel].block;
        return trigger <= TRIGGER_BLOCK;
    }
    *reg(s, channel, CISR) |= FLAG_BRT;
    if (*reg(s, channel, CLAR)) {
        load_node(s, channel, *reg(s, channel, CLAR));
        return trigger != TRIGGER_LIST;
    }
    *reg(s, channel, CISR) |= FLAG_CTC;
    *reg(s, channel, CCR) &= ~CR_EN;
    return true;
}

static bool requested(Stm32Mdma *s, unsigned channel)
{
    return !(*reg(s, channel, CTCR) & TCR_SWRM) && s->line[*reg(s, channel, CTBR) & 0x3f];
}

static bool wants(Stm32Mdma *s, unsigned channel)
{
    return (*reg(s, channel, CCR) & CR_EN) && (s->channel[channel].active || requested(s, channel));
}

static void serve(Stm32Mdma *s, unsigned channel)
{
    bool done;

    s->channel[channel].active = true;
    if (!move_buffer(s, channel)) {
        return;
    }
    done = extract32(*reg(s, channel, CTCR), 28, 2) == TRIGGER_BUFFER;
    if (!(*reg(s, channel, CBNDTR) & 0x1ffff)) {
        done = end_block(s, channel) || done;
    }
    if (done) {
        s->channel[channel].active = false;
        *reg(s, channel, CISR) &= ~FLAG_CRQA;
    }
}

static void work(void *opaque)
{
    Stm32Mdma *s = opaque;
    unsigned steps = 0;

    for (unsigned i = 0; i < CHANNELS; i++) {
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
    for (unsigned i = 0; level && i < CHANNELS; i++) {
        if (wants(s, i)) {
            kick(s);
        }
    }
}

static void mdma_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Mdma *s = STM32_MDMA(p);
    unsigned channel = (w->offset - CISR) / STRIDE, offset = w->offset - channel * STRIDE;
    bool running;

    if (w->offset < CISR) {
        return;
    }
    running = *reg(s, channel, CCR) & CR_EN;

    switch (offset) {
    case CIFCR:
        *reg(s, channel, CISR) &= ~(w->raw & FLAGS);
        break;
    case CCR:
        if (w->value & ~w->old & CR_EN) {
            s->channel[channel].block = *reg(s, channel, CBNDTR) & 0x1ffff;
            s->channel[channel].active = false;
        } else if (w->old & ~w->value & CR_EN) {
            s->channel[channel].active = false;
            *reg(s, channel, CISR) |= FLAG_CTC;
        }
        if ((w->raw & CR_SWRQ) && (w->value & CR_EN) && (*reg(s, channel, CTCR) & TCR_SWRM)) {
            s->channel[channel].active = true;
            *reg(s, channel, CISR) |= FLAG_CRQA;
        }
        if (wants(s, channel)) {
            kick(s);
        }
        break;
    case CTCR: case CBNDTR: case CSAR: case CDAR: case CBRUR: case CLAR: case CTBR: case CMAR: case CMDR:
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
