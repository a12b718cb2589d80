/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instrumentation trace macrocell (arm_itm.h). A packet leaves at once: the wire's rate, time stamps and the funnel aren't modelled. */
#include "qemu/osdep.h"

#include "arm_itm.h"
#include "chardev/char.h"
#include "qapi/error.h"

enum {
    ITM_BASE = 0xe0000000, PORTS = 32, TER = 0xe00, TPR = 0xe40, TCR = 0xe80, LAR = 0xfb0, LSR = 0xfb4, PIDR0 = 0xfe0, CIDR0 = 0xff0,
    ITMENA = 1 << 0, SYNCENA = 1 << 2, TCR_STORED = 0x007f0f1f, TRCENA = 1 << 24,
    LOCK_KEY = 0xc5acce55, LOCK_IMPLEMENTED = 1 << 0, LOCK_CLOSED = 1 << 1,
};

static bool running(const ArmItm *itm, unsigned port)
{
    return (*itm->demcr & TRCENA) && (itm->control & ITMENA) && (itm->enabled >> port & 1);
}

static void emit(ArmItm *itm, const uint8_t *bytes, unsigned n)
{
    if (qemu_chr_fe_backend_connected(&itm->swo)) {
        qemu_chr_fe_write_all(&itm->swo, bytes, n);
    }
}

/* 47 zeros and a one (D4.2.1): where a reader that comes in the middle finds its place. */
static void synchronise(ArmItm *itm)
{
    static const uint8_t packet[6] = { 0, 0, 0, 0, 0, 0x80 };

    if (itm->control & SYNCENA) {
        emit(itm, packet, sizeof(packet));
    }
}

/* Instrumentation packet (D4.2.6): port, and 1, 2 or 3 for 1, 2 or 4 bytes. */
static void stimulate(ArmItm *itm, unsigned port, uint32_t value, unsigned size)
{
    uint8_t packet[5] = { port << 3 | (size == 4 ? 3 : size) };

    if (running(itm, port)) {
        stl_le_p(packet + 1, value);
        emit(itm, packet, 1 + size);
    }
}

static uint64_t itm_read(void *opaque, hwaddr offset, unsigned size)
{
    static const uint8_t identity[8] = { 0x01, 0xb0, 0x3b, 0x00, 0x0d, 0xe0, 0x05, 0xb1 };
    ArmItm *itm = opaque;

    if (offset < 4 * PORTS) {
        return running(itm, offset / 4);                            /* FIFOREADY */
    }
    switch (offset) {
    case TER:
        return itm->enabled;
    case TPR:
        return itm->privilege;
    case TCR:
        return itm->control;
    case LSR:
        return *itm->probe ? 0 : LOCK_IMPLEMENTED | (itm->unlocked ? 0 : LOCK_CLOSED);
    }
    return offset >= PIDR0 ? identity[(offset - PIDR0) / 4] : 0;
}

static void itm_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    ArmItm *itm = opaque;
    uint32_t before = itm->control;

    if (offset < 4 * PORTS) {
        stimulate(itm, offset / 4, value, size);
    } else if (offset == LAR) {
        itm->unlocked = value == LOCK_KEY;
    } else if (!itm->unlocked && !*itm->probe) {
        return;
    } else if (offset == TER) {
        itm->enabled = value;
    } else if (offset == TPR) {
        itm->privilege = value & 15;
    } else if (offset == TCR) {
        itm->control = value & TCR_STORED;
        if (~before & itm->control & ITMENA) {
            synchronise(itm);
        }
    }
}

static const MemoryRegionOps itm_ops = {
    .read = itm_read,
    .write = itm_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 4 },
    .impl = { .min_access_size = 1, .max_access_size = 4 },
};

void arm_itm_reset(ArmItm *itm)
{
    itm->enabled = itm->privilege = itm->control = 0;
    itm->unlocked = false;
}

void arm_itm_init(ArmItm *itm, Object *owner, ARMv7MState *core, const uint32_t *demcr, const bool *probe)
{
    Chardev *swo = qemu_chr_find("swo");

    itm->demcr = demcr;
    itm->probe = probe;
    if (swo) {
        qemu_chr_fe_init(&itm->swo, swo, &error_fatal);
    }
    memory_region_init_io(&itm->mmio, owner, &itm_ops, itm, "itm", 0x1000);
    itm->mmio.disable_reentrancy_guard = true;                      /* as the core's other debug registers */
    memory_region_add_subregion_overlap(&core->container, ITM_BASE, &itm->mmio, 2);
}
