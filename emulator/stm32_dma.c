/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA1, DMA2: eight streams with FIFO (RM0433 section 16): to and from peripherals, memory to memory, circular, double buffer.
 *
 * A peripheral's transfers happen at the instant of its request; it is the peripheral that paces them. Memory to memory takes
 * two bus cycles an item. FIFO thresholds and bursts change no data and aren't modelled. The bus is the chip's DMA view:
 * addresses in the core's TCM fail (TEIF), as on the chip.
 */
#include "qemu/osdep.h"

#include "exec/address-spaces.h"
#include "qemu/timer.h"
#include "stm32_dma_mux.h"
#include "stm32h743_defs.h"

enum {
    FIFO = 16, ITEMS_AT_ONCE = 4096,

    FCR_EMPTY = 4u << DMA_FCR_FS_Pos,
    P_TO_M = 0, M_TO_P = 1, M_TO_M = 2,
};

OBJECT_DECLARE_SIMPLE_TYPE(Stm32Dma, STM32_DMA)

/* Addresses and count as they advance; the registers PAR, M0AR, M1AR keep what was programmed. */
typedef struct Stream {
    uint32_t peripheral, memory;
    uint32_t total;                     /* NDTR as programmed */
    uint8_t fifo[FIFO];
    unsigned level;
} Stream;

struct Stm32Dma {
    Stm32Periph parent_obj;
    Stm32Periph *mux;
    unsigned first;
    Stream stream[DMA_STREAM_COUNT];
    qemu_irq irq[DMA_STREAM_COUNT], complete[DMA_STREAM_COUNT];
    QEMUTimer timer;
};

static const RegDef dma_registers[] = { STM32H743_DMA };
static const RegMap dma_map = REG_MAP(dma_registers, DMA_BYTES);

static uint32_t *reg(Stm32Dma *s, unsigned stream, uint32_t offset)
{
    return periph_reg(&s->parent_obj, offset + stream * DMA_STREAM_STRIDE);
}

static unsigned flag_shift(unsigned stream)
{
    static const uint8_t shift[4] = { 0, 6, 16, 22 };

    return shift[stream % 4];
}

static uint32_t flags(Stm32Dma *s, unsigned stream)
{
    return extract32(*periph_reg(&s->parent_obj, stream / 4 * 4), flag_shift(stream), 6);
}

static void update_irq(Stm32Dma *s, unsigned stream)
{
    uint32_t f = flags(s, stream), cr = *reg(s, stream, DMA_CR);
    bool on = ((f & DMA_ISR_TCIF0) && (cr & DMA_CR_TCIE)) || ((f & DMA_ISR_HTIF0) && (cr & DMA_CR_HTIE)) ||
              ((f & DMA_ISR_TEIF0) && (cr & DMA_CR_TEIE)) ||
              ((f & DMA_ISR_DMEIF0) && (cr & DMA_CR_DMEIE)) || ((f & DMA_ISR_FEIF0) && (*reg(s, stream, DMA_FCR) & DMA_FCR_FEIE));

    qemu_set_irq(s->irq[stream], on);
    qemu_set_irq(s->complete[stream], (f & DMA_ISR_TCIF0) != 0);
}

static void raise_flags(Stm32Dma *s, unsigned stream, uint32_t f)
{
    *periph_reg(&s->parent_obj, stream / 4 * 4) |= f << flag_shift(stream);
    update_irq(s, stream);
}

static unsigned direction(uint32_t cr)
{
    return FIELD_OF(cr, DMA_CR_DIR);
}

static unsigned item_size(uint32_t cr, unsigned shift)
{
    return 1u << MIN(extract32(cr, shift, 2), 2u);
}

/* In direct mode the memory's item size is the peripheral's. */
static unsigned memory_size(Stm32Dma *s, unsigned stream)
{
    uint32_t cr = *reg(s, stream, DMA_CR);
    bool direct = !(*reg(s, stream, DMA_FCR) & DMA_FCR_DMDIS) && direction(cr) != M_TO_M;

    return item_size(cr, direct ? 11 : 13);
}

static bool bus_access(Stm32Dma *s, unsigned stream, uint32_t address, uint8_t *bytes, unsigned length, bool write)
{
    if (address_space_rw(s->parent_obj.bus, address, MEMTXATTRS_UNSPECIFIED, bytes, length, write) == MEMTX_OK) {
        return true;
    }
    guest_error(s->parent_obj.name, "stream %u: %s at 0x%08x failed (DMA1 and DMA2 don't reach ITCM and DTCM)", stream,
                write ? "write" : "read", address);
    *reg(s, stream, DMA_CR) &= ~DMA_CR_EN;
    raise_flags(s, stream, DMA_ISR_TEIF0);
    return false;
}

static bool move_memory(Stm32Dma *s, unsigned stream, uint8_t *bytes, unsigned length, bool write)
{
    Stream *st = &s->stream[stream];

    if (!bus_access(s, stream, st->memory, bytes, length, write)) {
        return false;
    }
    if (*reg(s, stream, DMA_CR) & DMA_CR_MINC) {
        st->memory += length;
    }
    return true;
}

static bool drain_fifo(Stm32Dma *s, unsigned stream, bool all)
{
    Stream *st = &s->stream[stream];
    unsigned size = memory_size(s, stream);

    while (st->level >= size || (all && st->level)) {
        unsigned length = MIN(size, st->level);

        if (!move_memory(s, stream, st->fifo, length, true)) {
            return false;
        }
        st->level -= length;
        memmove(st->fifo, st->fifo + length, st->level);
    }
    return true;
}

static void start_buffer(Stm32Dma *s, unsigned stream)
{
    Stream *st = &s->stream[stream];
    uint32_t cr = *reg(s, stream, DMA_CR);
    bool second = (cr & DMA_CR_DBM) && (cr & DMA_CR_CT);

    st->memory = *reg(s, stream, second ? DMA_M1AR : DMA_M0AR);
    st->peripheral = *reg(s, stream, DMA_PAR);
    *reg(s, stream, DMA_NDTR) = st->total;
}

/* After `items` were moved: half and end of the buffer. */
static void advance(Stm32Dma *s, unsigned stream, unsigned items)
{
    Stream *st = &s->stream[stream];
    uint32_t *cr = reg(s, stream, DMA_CR), *ndtr = reg(s, stream, DMA_NDTR), before = *ndtr, half = st->total / 2;

    *ndtr -= items;
    if (before > half && *ndtr <= half) {
        raise_flags(s, stream, DMA_ISR_HTIF0);
    }
    if (*ndtr) {
        return;
    }
    if (direction(*cr) != M_TO_P && !drain_fifo(s, stream, true)) {
        return;
    }
    if (*cr & DMA_CR_DBM) {
        *cr ^= DMA_CR_CT;
        start_buffer(s, stream);
    } else if ((*cr & DMA_CR_CIRC) && direction(*cr) != M_TO_M) {
        start_buffer(s, stream);
    } else {
        *cr &= ~DMA_CR_EN;
    }
    raise_flags(s, stream, DMA_ISR_TCIF0);
}

/* One item between the peripheral port and the FIFO, and what that moves at the memory port. */
static bool transfer_item(Stm32Dma *s, unsigned stream)
{
    Stream *st = &s->stream[stream];
    uint32_t cr = *reg(s, stream, DMA_CR);
    unsigned size = item_size(cr, 11);

    if (direction(cr) == M_TO_P) {
        while (st->level < size) {
            unsigned length = memory_size(s, stream);

            if (!move_memory(s, stream, st->fifo + st->level, length, false)) {
                return false;
            }
            st->level += length;
        }
        st->level -= size;
        if (!bus_access(s, stream, st->peripheral, st->fifo, size, true)) {
            return false;
        }
        memmove(st->fifo, st->fifo + size, st->level);
    } else {
        if (!bus_access(s, stream, st->peripheral, st->fifo + st->level, size, false)) {
            return false;
        }
        st->level += size;
        if (!drain_fifo(s, stream, false)) {
            return false;
        }
    }
    if (cr & DMA_CR_PINC) {
        st->peripheral += cr & DMA_CR_PINCOS ? 4 : size;
    }
    advance(s, stream, 1);
    return true;
}

static bool wants(Stm32Dma *s, unsigned stream)
{
    uint32_t cr = *reg(s, stream, DMA_CR);

    return (cr & DMA_CR_EN) && periph_clocked(&s->parent_obj) &&
           (direction(cr) == M_TO_M || (s->mux && stm32_dmamux_requested(s->mux, s->first + stream)));
}

/* Streams in the order of their priority level, then of their number. */
static int next_stream(Stm32Dma *s)
{
    int best = -1;
    unsigned best_priority = 0;

    for (unsigned i = 0; i < DMA_STREAM_COUNT; i++) {
        unsigned priority = FIELD_OF(*reg(s, i, DMA_CR), DMA_CR_PL);

        if (wants(s, i) && (best < 0 || priority > best_priority)) {
            best = i;
            best_priority = priority;
        }
    }
    return best;
}

static void work(void *opaque)
{
    Stm32Dma *s = opaque;
    unsigned moved = 0;
    int stream;

    while (moved < ITEMS_AT_ONCE && (stream = next_stream(s)) >= 0) {
        transfer_item(s, stream);
        if (s->mux) {
            stm32_dmamux_served(s->mux, s->first + stream);
        }
        moved++;
    }
    if (moved == ITEMS_AT_ONCE) {
        uint32_t hz = stm32h7_rcc_kernel_hz(s->parent_obj.rcc, KERNEL_BUS_AHB);

        timer_mod(&s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + muldiv64(2 * ITEMS_AT_ONCE, NANOSECONDS_PER_SECOND, MAX(hz, 1)));
    }
}

static void dma_kick(Stm32Periph *p, unsigned stream)
{
    Stm32Dma *s = STM32_DMA(p);

    if (wants(s, stream) && !timer_pending(&s->timer)) {
        timer_mod(&s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    }
}

static bool dma_ready(Stm32Periph *p, unsigned stream)
{
    uint32_t cr = *reg(STM32_DMA(p), stream, DMA_CR);

    return (cr & DMA_CR_EN) && direction(cr) == P_TO_M && periph_clocked(p);
}

/* Bytes at once, in pieces that end at the half and at the end of the buffer, so that flags come in their order. */
static size_t dma_push(Stm32Periph *p, unsigned stream, const uint8_t *bytes, size_t length)
{
    Stm32Dma *s = STM32_DMA(p);
    Stream *st = &s->stream[stream];
    size_t done = 0;

    while (done < length && dma_ready(p, stream)) {
        uint32_t cr = *reg(s, stream, DMA_CR), left = *reg(s, stream, DMA_NDTR), half = st->total / 2;
        unsigned size = item_size(cr, 11);
        uint32_t items = MIN((length - done) / size, left > half ? left - half : left);

        if (!items) {
            break;
        }
        if (st->level || !(cr & DMA_CR_MINC) || items * size < memory_size(s, stream)) {
            items = 1;
            memcpy(st->fifo + st->level, bytes + done, size);
            st->level += size;
            if (!drain_fifo(s, stream, false)) {
                break;
            }
        } else {
            uint32_t whole = items * size / memory_size(s, stream) * memory_size(s, stream);

            items = whole / size;
            if (!move_memory(s, stream, (uint8_t *)bytes + done, whole, true)) {
                break;
            }
        }
        done += items * size;
        advance(s, stream, items);
    }
    return done;
}

static void enable(Stm32Dma *s, unsigned stream)
{
    Stream *st = &s->stream[stream];

    if (flags(s, stream) & (DMA_ISR_TCIF0 | DMA_ISR_HTIF0 | DMA_ISR_TEIF0 | DMA_ISR_FEIF0 | DMA_ISR_DMEIF0)) {
        guest_error(s->parent_obj.name, "stream %u is enabled with event flags of the last transfer still up", stream);
    }
    st->level = 0;
    st->total = *reg(s, stream, DMA_NDTR);
    if (!st->total) {
        guest_error(s->parent_obj.name, "stream %u is enabled with NDTR 0", stream);
        *reg(s, stream, DMA_CR) &= ~DMA_CR_EN;
        return;
    }
    start_buffer(s, stream);
    dma_kick(&s->parent_obj, stream);
}

/* While a stream runs its registers are locked, but for the interrupt enables and the idle half of a double buffer. */
static void write_stream(Stm32Dma *s, unsigned stream, uint32_t offset, const RegWrite *w)
{
    uint32_t *stored = reg(s, stream, offset), cr = *reg(s, stream, DMA_CR);
    bool running = (offset == DMA_CR ? w->old : cr) & DMA_CR_EN;

    if (offset == DMA_CR) {
        if (running) {
            *stored = (w->old & ~0x1fu) | (w->value & 0x1f);
            if (!(w->value & DMA_CR_EN)) {
                if (direction(w->old) == P_TO_M) {
                    drain_fifo(s, stream, true);
                }
                raise_flags(s, stream, DMA_ISR_TCIF0);
            }
        } else if (w->value & DMA_CR_EN) {
            enable(s, stream);
        }
        update_irq(s, stream);
    } else if (running && offset != DMA_FCR &&
               !(offset == DMA_M0AR && (cr & DMA_CR_DBM) && (cr & DMA_CR_CT)) &&
               !(offset == DMA_M1AR && (cr & DMA_CR_DBM) && !(cr & DMA_CR_CT))) {
        guest_error(s->parent_obj.name, "%s of a running stream written; ignored", regs_name(&s->parent_obj.regs, w->offset));
        *stored = w->old;
    }
}

static void dma_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Dma *s = STM32_DMA(p);

    if (w->offset < 8) {
        return;
    }
    if (w->offset < DMA_CR) {
        *periph_reg(p, w->offset - 8) &= ~w->raw;
        for (unsigned i = 0; i < 4; i++) {
            update_irq(s, (w->offset - 8) + i);
        }
        return;
    }
    write_stream(s, (w->offset - DMA_CR) / DMA_STREAM_STRIDE, DMA_CR + (w->offset - DMA_CR) % DMA_STREAM_STRIDE, w);
}

static void dma_reset(Stm32Periph *p)
{
    Stm32Dma *s = STM32_DMA(p);

    timer_del(&s->timer);
    for (unsigned i = 0; i < DMA_STREAM_COUNT; i++) {
        s->stream[i].level = 0;
        update_irq(s, i);
    }
}

void stm32_dma_set_mux(Stm32Periph *dma, Stm32Periph *mux, unsigned first)
{
    STM32_DMA(dma)->mux = mux;
    STM32_DMA(dma)->first = first;
}

const Stm32DmaOps stm32_dma_ops = { .kick = dma_kick, .ready = dma_ready, .push = dma_push };

static void dma_init(Object *obj)
{
    Stm32Dma *s = STM32_DMA(obj);

    for (unsigned i = 0; i < DMA_STREAM_COUNT; i++) {
        sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->irq[i]);
    }
    qdev_init_gpio_out_named(DEVICE(obj), s->complete, "complete", DMA_STREAM_COUNT);
    timer_init_ns(&s->timer, QEMU_CLOCK_VIRTUAL, work, s);
}

static void dma_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &dma_map;
    pc->write = dma_write;
    pc->reset = dma_reset;
}

static const TypeInfo dma_types[] = {
    {
        .name = TYPE_STM32_DMA,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Dma),
        .instance_init = dma_init,
        .class_init = dma_class_init,
    },
};

DEFINE_TYPES(dma_types)
