/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Register banks as tables (regs.h). */
#include "qemu/osdep.h"

#include "regs.h"

#include "cpu.h"
#include "exec/exec-all.h"
#include "hw/core/cpu.h"
#include "poll.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "system/cpus.h"
#include "system/runstate.h"
#include "tcg/insn-start-words.h"

bool regs_strict;
bool regs_trace;

enum { TOUCHED_READ = 1, TOUCHED_WRITTEN = 2, COMPLAINED = 4 };

uint32_t guest_pc(void)
{
    uint64_t data[TARGET_INSN_START_WORDS] = { 0 };
    CPUARMState *env;

    if (!current_cpu) {
        return 0;
    }
    env = cpu_env(current_cpu);
    if (current_cpu->mem_io_pc && cpu_unwind_state_data(current_cpu, current_cpu->mem_io_pc, data)) {
        /* Position-independent code blocks keep only the offset in the page. */
        return (env->regs[15] & TARGET_PAGE_MASK) | (data[0] & ~TARGET_PAGE_MASK);
    }
    return env->regs[15];
}

void guest_error(const char *who, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    qemu_log_mask(LOG_GUEST_ERROR, "%s: %s (pc 0x%08x)\n", who, text, guest_pc());
    if (regs_strict) {
        error_report("strict: %s: %s (pc 0x%08x)", who, text, guest_pc());
        regs_strict = false;                /* one message, not one for each thing that follows from it */
        qemu_system_shutdown_request_with_code(SHUTDOWN_CAUSE_GUEST_PANIC, 1);
        if (current_cpu) {
            cpu_stop_current();
        }
    }
}

void guest_unimplemented(const char *who, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    qemu_log_mask(LOG_UNIMP, "%s: %s (pc 0x%08x)\n", who, text, guest_pc());
}

static const RegDef *definition(const RegBank *bank, uint32_t offset)
{
    unsigned index = offset < bank->map->size ? bank->index[offset / 4] : 0;

    return index ? &bank->map->defs[index - 1] : NULL;
}

const char *regs_name(const RegBank *bank, uint32_t offset)
{
    static char text[48];
    const RegDef *def = definition(bank, offset);

    if (!def) {
        snprintf(text, sizeof(text), "+0x%03x", offset);
    } else if (def->count) {
        size_t before = strcspn(def->name, ".");

        snprintf(text, sizeof(text), "%.*s[%u]%s", (int)before, def->name, def->first + (offset - def->offset) / (def->stride ? def->stride : 4),
                 def->name + before);
    } else {
        snprintf(text, sizeof(text), "%s", def->name);
    }
    return text;
}

/* The first touches: what a person who looks for a missing model wants to see, once each. */
static void notice(RegBank *bank, uint32_t offset, unsigned kind, uint32_t value)
{
    uint8_t *touched = &bank->touched[offset / 4];
    const RegDef *def = definition(bank, offset);

    if (regs_trace && !(*touched & kind)) {
        qemu_log("touch %s %s %s 0x%08x pc 0x%08x\n", bank->name, kind == TOUCHED_READ ? "read" : "write",
                 regs_name(bank, offset), value, guest_pc());
    }
    *touched |= kind;
    if (*touched & COMPLAINED) {
        return;
    }
    if (!def) {
        *touched |= COMPLAINED;
        guest_unimplemented(bank->name, "%s of unimplemented register at +0x%03x",
                            kind == TOUCHED_READ ? "read" : "write", offset);
    } else if (bank->map->storage) {
        *touched |= COMPLAINED;
        guest_unimplemented(bank->name, "%s (+0x%03x) is storage only, nothing works behind it", regs_name(bank, offset), offset);
    }
}

static bool clocked(RegBank *bank, uint32_t offset, const char *what)
{
    if (!bank->ops || !bank->ops->clocked || bank->ops->clocked(bank->device)) {
        bank->complained = false;
        return true;
    }
    if (!bank->complained) {
        bank->complained = true;
        guest_error(bank->name, "%s of %s while its clock is off in the RCC", what, regs_name(bank, offset));
    }
    return false;
}

/* Loops that wait for this register. */
static void watch(RegBank *bank, uint32_t offset, uint32_t value)
{
    const RegDef *def = definition(bank, offset);

    if (!def || def->fifo) {
        poll_ended();
    } else if (def->counter) {
        poll_counter(&bank->value[offset / 4]);
    } else {
        poll_status(&bank->value[offset / 4], value);
    }
}

static uint64_t bank_read(void *opaque, hwaddr address, unsigned size)
{
    RegBank *bank = opaque;
    uint32_t offset = address & ~3u;
    uint32_t value = 0;

    if (!clocked(bank, offset, "read")) {
        return 0;
    }
    if (definition(bank, offset)) {
        value = bank->value[offset / 4];
        if (bank->ops && bank->ops->read) {
            bank->access_size = size;
            value = bank->ops->read(bank->device, offset, value);
        }
    }
    notice(bank, offset, TOUCHED_READ, value);
    watch(bank, offset, value);
    return extract32(value, (address & 3) * 8, size * 8);
}

static void bank_write(void *opaque, hwaddr address, uint64_t data, unsigned size)
{
    RegBank *bank = opaque;
    uint32_t offset = address & ~3u;
    unsigned shift = (address & 3) * 8;
    const RegDef *def = definition(bank, offset);
    RegWrite write = {
        .offset = offset,
        .lanes = MAKE_64BIT_MASK(shift, size * 8),
        .raw = (uint32_t)data << shift,
    };

    poll_ended();
    if (!clocked(bank, offset, "write")) {
        return;
    }
    write.raw &= write.lanes;
    notice(bank, offset, TOUCHED_WRITTEN, write.raw);
    if (!def) {
        return;
    }
    write.old = bank->value[offset / 4];
    write.value = (write.old & ~(def->rw & write.lanes)) | (write.raw & def->rw);
    write.value &= ~(write.raw & def->w1c);
    bank->value[offset / 4] = write.value;
    if (bank->ops && bank->ops->write) {
        bank->ops->write(bank->device, &write);
    }
}

static const MemoryRegionOps bank_ops = {
    .read = bank_read,
    .write = bank_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 4 },
    .impl = { .min_access_size = 1, .max_access_size = 4 },
};

static unsigned copies(const RegDef *def)
{
    return def->count ? def->count : 1;
}

static unsigned position(const RegDef *def, unsigned copy)
{
    return (def->offset + copy * (def->stride ? def->stride : 4)) / 4;
}

void regs_init(RegBank *bank, Object *owner, const char *name, const RegMap *map, const RegBankOps *ops, void *device)
{
    bank->name = name;
    bank->map = map;
    bank->ops = ops;
    bank->device = device;
    bank->value = g_new0(uint32_t, map->size / 4);
    bank->index = g_new0(uint16_t, map->size / 4);
    bank->touched = g_new0(uint8_t, map->size / 4);
    for (unsigned i = 0; i < map->count; i++) {
        for (unsigned copy = 0; copy < copies(&map->defs[i]); copy++) {
            unsigned at = position(&map->defs[i], copy);

            g_assert(at < map->size / 4 && !bank->index[at]);
            bank->index[at] = i + 1;
        }
    }
    regs_reset(bank);
    memory_region_init_io(&bank->mmio, owner, &bank_ops, bank, name, map->size);
    /* A DMA transfer that a register write started may come back to the same peripheral. */
    bank->mmio.disable_reentrancy_guard = true;
}

void regs_reset(RegBank *bank)
{
    for (unsigned i = 0; i < bank->map->count; i++) {
        for (unsigned copy = 0; copy < copies(&bank->map->defs[i]); copy++) {
            bank->value[position(&bank->map->defs[i], copy)] = bank->map->defs[i].reset;
        }
    }
    bank->complained = false;
}
