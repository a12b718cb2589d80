/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quad-SPI interface (RM0433 section 23) with no memory at its pins: commands end, what is written goes nowhere, what is read is all ones.
 * Indirect modes with FIFO, automatic polling, abort; commands take no time. Memory-mapped mode is logged as unimplemented.
 * MDMA requests: 0 FIFO threshold, 1 transfer complete. Interrupt 0.
 */
#include "qemu/osdep.h"

#include "stm32_dma.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"

#define TYPE_STM32_QUADSPI "stm32-quadspi"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Quadspi, STM32_QUADSPI)

enum {
    CLEARS = QUADSPI_FCR_CTEF | QUADSPI_FCR_CTCF | QUADSPI_FCR_CSMF | QUADSPI_FCR_CTOF, INTERRUPTS = CLEARS | QUADSPI_SR_FTF,
    WRITE = 0, READ = 1, POLL = 2, MAPPED = 3,
    FIFO = 32,
};
#define NO_LIMIT 0xffffffffu            /* of DLR: until the end of the memory, or the abort */

struct Stm32Quadspi {
    Stm32Periph parent_obj;
    qemu_irq irq;
    uint64_t left;                      /* bytes of the transfer that the firmware hasn't read or written yet */
    bool told;
};

static const RegDef quadspi_registers[] = { STM32H743_QUADSPI };
static const RegMap quadspi_map = REG_MAP(quadspi_registers, QUADSPI_BYTES);

static uint32_t *reg(Stm32Quadspi *s, uint32_t offset)
{
    return periph_reg(&s->parent_obj, offset);
}

static unsigned mode(Stm32Quadspi *s)
{
    return FIELD_OF(*reg(s, QUADSPI_CCR), QUADSPI_CCR_FMODE);
}

static void update(Stm32Quadspi *s)
{
    uint32_t cr = *reg(s, QUADSPI_CR), *sr = reg(s, QUADSPI_SR), level = 0;
    unsigned threshold = FIELD_OF(cr, QUADSPI_CR_FTHRES) + 1;
    bool ready = false;

    if (mode(s) == READ) {
        level = MIN(s->left, FIFO);
        ready = level >= threshold || (level && level == s->left);
    } else if (mode(s) == WRITE) {
        ready = s->left != 0;
    }
    *sr = (*sr & (CLEARS | QUADSPI_SR_BUSY)) | level << QUADSPI_SR_FLEVEL_Pos | (ready ? QUADSPI_SR_FTF : 0);
    qemu_set_irq(s->irq, (*sr & INTERRUPTS & (cr >> QUADSPI_CR_TEIE_Pos)) != 0);
    periph_dma_request(&s->parent_obj, 0, (cr & QUADSPI_CR_DMAEN) && ready);
    periph_dma_request(&s->parent_obj, 1, *sr & QUADSPI_SR_TCF);
}

static void end(Stm32Quadspi *s)
{
    *reg(s, QUADSPI_SR) = (*reg(s, QUADSPI_SR) & ~QUADSPI_SR_BUSY) | QUADSPI_SR_TCF;
}

/* Section 23.3.10: the status that is read is all ones. It matches, or is read again for ever. */
static void poll(Stm32Quadspi *s)
{
    uint32_t mask = *reg(s, QUADSPI_PSMKR), differs = mask & ~*reg(s, QUADSPI_PSMAR);
    bool matches = *reg(s, QUADSPI_CR) & QUADSPI_CR_PMM ? !mask || differs != mask : !differs;

    *reg(s, QUADSPI_SR) |= QUADSPI_SR_BUSY | (matches ? QUADSPI_SR_SMF : 0);
    if (matches && (*reg(s, QUADSPI_CR) & QUADSPI_CR_APMS)) {
        *reg(s, QUADSPI_SR) &= ~QUADSPI_SR_BUSY;
    }
}

/* The last thing that a command needs was written: the instruction, the address, or the first data (section 23.3.5). */
static void start(Stm32Quadspi *s, uint32_t offset)
{
    uint32_t ccr = *reg(s, QUADSPI_CCR), length = *reg(s, QUADSPI_DLR);
    bool address = FIELD_OF(ccr, QUADSPI_CCR_ADMODE), data = FIELD_OF(ccr, QUADSPI_CCR_DMODE);

    if (!(*reg(s, QUADSPI_CR) & QUADSPI_CR_EN) || (address && offset == QUADSPI_CCR)) {
        return;
    }
    switch (mode(s)) {
    case MAPPED:
        if (!s->told) {
            s->told = true;
            guest_unimplemented(s->parent_obj.name, "memory-mapped mode");
        }
        *reg(s, QUADSPI_SR) |= QUADSPI_SR_BUSY;
        break;
    case POLL:
        poll(s);
        break;
    case READ: case WRITE:
        s->left = !data ? 0 : length == NO_LIMIT ? UINT64_MAX : (uint64_t)length + 1;
        *reg(s, QUADSPI_SR) |= QUADSPI_SR_BUSY;
        if (!data || (mode(s) == READ && s->left <= FIFO)) {
            end(s);                     /* what is in the FIFO has left the wire */
        }
        break;
    }
}

static void moved(Stm32Quadspi *s, unsigned bytes)
{
    bool was_long = s->left > FIFO;

    s->left -= MIN(s->left, bytes);
    if (mode(s) == READ ? was_long && s->left <= FIFO : !s->left) {
        end(s);
    }
}

static uint32_t quadspi_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Quadspi *s = STM32_QUADSPI(p);

    if (offset != QUADSPI_DR) {
        return stored;
    }
    if (mode(s) == READ && s->left) {
        moved(s, p->regs.access_size);
        update(s);
    }
    return 0xffffffff;
}

static void quadspi_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Quadspi *s = STM32_QUADSPI(p);
    bool busy = *reg(s, QUADSPI_SR) & QUADSPI_SR_BUSY;

    switch (w->offset) {
    case QUADSPI_CR:
        if ((w->raw & QUADSPI_CR_ABORT) || !(w->value & QUADSPI_CR_EN)) {
            s->left = 0;
            *reg(s, QUADSPI_SR) = w->raw & QUADSPI_CR_ABORT ? QUADSPI_SR_TCF : *reg(s, QUADSPI_SR) & ~QUADSPI_SR_BUSY;
        }
        *reg(s, QUADSPI_CR) &= ~QUADSPI_CR_ABORT;
        break;
    case QUADSPI_FCR:
        *reg(s, QUADSPI_SR) &= ~(w->raw & CLEARS);
        break;
    case QUADSPI_DR:
        if (mode(s) == WRITE && s->left) {
            moved(s, ctpop32(w->lanes) / 8);
        }
        break;
    case QUADSPI_CCR: case QUADSPI_AR:
        if (busy) {
            guest_error(p->name, "%s written while BUSY; ignored", regs_name(&p->regs, w->offset));
            *periph_reg(p, w->offset) = w->old;
        } else {
            start(s, w->offset);
        }
        break;
    }
    update(s);
}

static void quadspi_reset(Stm32Periph *p)
{
    STM32_QUADSPI(p)->left = 0;
    STM32_QUADSPI(p)->told = false;
    update(STM32_QUADSPI(p));
}

static void quadspi_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_QUADSPI(obj)->irq);
}

static void quadspi_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &quadspi_map;
    pc->read = quadspi_read;
    pc->write = quadspi_write;
    pc->reset = quadspi_reset;
}

static const TypeInfo quadspi_types[] = {
    {
        .name = TYPE_STM32_QUADSPI,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Quadspi),
        .instance_init = quadspi_init,
        .class_init = quadspi_class_init,
    },
};

DEFINE_TYPES(quadspi_types)
