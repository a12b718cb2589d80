/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The STM32H743: core, memories, and the peripherals of stm32h743_table.c put in their places. */
#include "qemu/osdep.h"

#include "stm32h743.h"

#include "exec/address-spaces.h"
#include "hw/qdev-clock.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "qemu/units.h"
#include "stm32_rom_dfu.h"
#include "stm32h7_flash.h"
#include "stm32h7_pwr.h"
#include "stm32h7_rcc_device.h"
#include "target/arm/cpu.h"

enum { SYSTEM_MEMORY = 0x1ff00000, PRIORITY_BITS = 4, MPU_REGIONS = 16 };

/* RM0433 section 2.4. `gate`: which of Stm32Rcc.gated hides it while its clock is off, -1 none. */
static const struct {
    const char *name;
    uint32_t address, size;
    int gate;
    bool dma;                       /* DMA1, DMA2, BDMA can reach it */
} memories[STM32H743_RAMS] = {
    { "itcm", 0x00000000, 64 * KiB, -1, false },
    { "dtcm", 0x20000000, 128 * KiB, -1, false },
    { "axisram", 0x24000000, 512 * KiB, -1, true },
    { "sram1", 0x30000000, 128 * KiB, 0, true },
    { "sram2", 0x30020000, 128 * KiB, 1, true },
    { "sram3", 0x30040000, 32 * KiB, 2, true },
    { "sram4", 0x38000000, 64 * KiB, -1, true },
    { "bkpsram", 0x38800000, 4 * KiB, 3, true },
    { "system-memory", SYSTEM_MEMORY, 128 * KiB, -1, true },
};
enum { MEMORY_BACKUP = 7, MEMORY_SYSTEM = 8 };

/* Interrupt inputs may have several sources (TIM8_UP and TIM13): a bit for each, and the OR of them. */
typedef struct InterruptInput {
    qemu_irq nvic;
    uint32_t levels;
    unsigned sources;
} InterruptInput;

typedef struct InterruptSource {
    InterruptInput *input;
    uint32_t bit;
} InterruptSource;

static void interrupt_changed(void *opaque, int n, int level)
{
    InterruptSource *source = opaque;
    InterruptInput *input = source->input;

    input->levels = level ? input->levels | source->bit : input->levels & ~source->bit;
    qemu_set_irq(input->nvic, input->levels != 0);
}

static InterruptInput inputs[STM32H743_IRQS];

qemu_irq stm32h743_interrupt(Stm32h743 *chip, unsigned number)
{
    InterruptSource *source = g_new0(InterruptSource, 1);
    InterruptInput *input = &inputs[number];

    input->nvic = qdev_get_gpio_in(DEVICE(&chip->core), number);
    source->input = input;
    source->bit = 1u << input->sources++;
    return qemu_allocate_irq(interrupt_changed, source, 0);
}

Stm32Periph *stm32h743_find(Stm32h743 *chip, const char *name)
{
    Object *found = object_resolve_path_component(OBJECT(chip), name);

    return found ? (Stm32Periph *)object_dynamic_cast(found, TYPE_STM32_PERIPH) : NULL;
}

/* --- memories --- */

static uint64_t gated_read(void *opaque, hwaddr offset, unsigned size)
{
    guest_error(memory_region_name(opaque), "read at +0x%x while its clock is off in the RCC", (unsigned)offset);
    return 0;
}

static void gated_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    guest_error(memory_region_name(opaque), "write at +0x%x while its clock is off in the RCC", (unsigned)offset);
}

static const MemoryRegionOps gated_ops = {
    .read = gated_read,
    .write = gated_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
};

/* Factory data (RM0433 section 61) and, where ST's bootloader starts, the few instructions that wake its model up (stm32_rom_dfu.c). */
static void fill_system_memory(uint8_t *rom)
{
    static const uint32_t entries[] = { 0x00000, 0x09800 };

    for (unsigned i = 0; i < ARRAY_SIZE(entries); i++) {
        stl_le_p(rom + entries[i], 0x20001000);
        stl_le_p(rom + entries[i] + 4, STM32_ROM_PROGRAM + 1);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(stm32_rom_program); i++) {
        stw_le_p(rom + STM32_ROM_PROGRAM - SYSTEM_MEMORY + i * 2, stm32_rom_program[i]);
    }
    stw_le_p(rom + STM32_ROM_ID_ADDRESS - SYSTEM_MEMORY, STM32_ROM_ID);
    stl_le_p(rom + 0x1e800, 0x00340034);                /* unique id: wafer position, wafer and lot number, lot */
    stl_le_p(rom + 0x1e804, 0x31385107);
    stl_le_p(rom + 0x1e808, 0x30373938);
    stw_le_p(rom + 0x1e820, 12000);                     /* TS_CAL1: temperature sensor at 30 degrees, 3.3 V, 16 bits */
    stw_le_p(rom + 0x1e840, 16000);                     /* TS_CAL2: at 110 degrees */
    stw_le_p(rom + 0x1e860, 24030);                     /* VREFINT_CAL: 1.21 V at 3.3 V */
    stw_le_p(rom + 0x1e880, 2048);                      /* flash size in KiB */
    stl_le_p(rom + 0x1e8c0, 0x48373433);                /* "H743" */
}

static void realize_memories(Stm32h743 *chip)
{
    MemoryRegion *system = get_system_memory();

    for (unsigned i = 0; i < STM32H743_RAMS; i++) {
        MemoryRegion *ram = &chip->ram[i];

        if (i == MEMORY_SYSTEM) {
            memory_region_init_rom(ram, OBJECT(chip), memories[i].name, memories[i].size, &error_fatal);
            fill_system_memory(memory_region_get_ram_ptr(ram));
        } else {
            memory_region_init_ram(ram, OBJECT(chip), memories[i].name, memories[i].size, &error_fatal);
        }
        memory_region_add_subregion(system, memories[i].address, ram);
        chip->ram_range[i] = (RttRange) { memories[i].address, ram };
        if (memories[i].gate >= 0) {
            MemoryRegion *gated = &chip->gated[memories[i].gate];

            memory_region_init_io(gated, OBJECT(chip), &gated_ops, gated, memories[i].name, memories[i].size);
            memory_region_add_subregion_overlap(system, memories[i].address, gated, 1);
            chip->rcc->gated[memories[i].gate] = gated;
        }
    }
    /* SRAM1 to SRAM3 once more, where the core fetches code over its other bus. */
    memory_region_init_alias(&chip->code_alias, OBJECT(chip), "sram-code", system, 0x30000000, 288 * KiB);
    memory_region_add_subregion(system, 0x10000000, &chip->code_alias);
}

/* What DMA1, DMA2 and BDMA see: everything but the core's tightly coupled memories and its private bus. */
static void realize_dma_view(Stm32h743 *chip)
{
    static const struct { uint32_t from, to; } parts[2] = { { 0x08000000, 0x20000000 }, { 0x20020000, 0xe0000000 } };
    MemoryRegion *alias = g_new0(MemoryRegion, ARRAY_SIZE(parts));

    memory_region_init(&chip->dma_view, OBJECT(chip), "dma-view", 4 * GiB);
    for (unsigned i = 0; i < ARRAY_SIZE(parts); i++) {
        memory_region_init_alias(&alias[i], OBJECT(chip), "dma-alias", get_system_memory(), parts[i].from,
                                 parts[i].to - parts[i].from);
        memory_region_add_subregion(&chip->dma_view, parts[i].from, &alias[i]);
    }
    address_space_init(&chip->dma_space, &chip->dma_view, "dma");
}

void stm32h743_power_cut(Stm32h743 *chip)
{
    stm32h7_flash_power_cut(stm32h743_find(chip, "FLASH"));
    stm32h743_lose_memory(chip, false);
}

void stm32h743_lose_memory(Stm32h743 *chip, bool keeps_backup)
{
    for (unsigned i = 0; i < (keeps_backup ? MEMORY_BACKUP : MEMORY_SYSTEM); i++) {
        uint32_t *words = memory_region_get_ram_ptr(&chip->ram[i]), noise = 0x9e3779b9 + i;

        for (unsigned n = 0; n < memories[i].size / 4; n++) {       /* what SRAM wakes up with: nothing to rely on */
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            words[n] = noise;
        }
        memory_region_set_dirty(&chip->ram[i], 0, memories[i].size);
    }
}

uint32_t stm32h743_boot_address(Stm32h743 *chip, bool boot0)
{
    return (uint32_t)stm32h7_flash_boot_address(stm32h743_find(chip, "FLASH"), boot0) << 16;
}

/* --- the core --- */

static void deep_sleep(void *chip, bool asleep)
{
    stm32h7_pwr_sleep(((Stm32h743 *)chip)->rcc->pwr, asleep);
}

static void realize_core(Stm32h743 *chip)
{
    DeviceState *core = DEVICE(&chip->core);

    qdev_prop_set_uint32(core, "num-irq", STM32H743_IRQS);
    qdev_prop_set_uint8(core, "num-prio-bits", PRIORITY_BITS);
    qdev_prop_set_uint32(core, "mpu-ns-regions", MPU_REGIONS);
    qdev_prop_set_string(core, "cpu-type", ARM_CPU_TYPE_NAME("cortex-m7"));
    qdev_connect_clock_in(core, "cpuclk", chip->rcc->cpuclk);
    qdev_connect_clock_in(core, "refclk", chip->rcc->refclk);
    object_property_set_link(OBJECT(core), "memory", OBJECT(get_system_memory()), &error_abort);
    sysbus_realize(SYS_BUS_DEVICE(core), &error_fatal);
    armv7m_debug_init(&chip->debug, OBJECT(chip), &chip->core, chip->rcc->cpuclk);
    arm_halt_set_sleep(&chip->debug.halt, deep_sleep, chip);
}

/* --- peripherals --- */

static Stm32Periph *create(Stm32h743 *chip, const Stm32Row *row)
{
    bool linked = row->type && object_class_by_name(row->type);
    DeviceState *device = qdev_new(linked ? row->type : TYPE_STM32_BANK);
    Stm32Periph *p = STM32_PERIPH(device);

    object_property_add_child(OBJECT(chip), row->name, OBJECT(device));
    qdev_prop_set_string(device, "name", row->name);
    qdev_prop_set_uint32(device, "variant", row->variant);
    p->gate = row->gate;
    p->kernel = row->kernel;
    p->rcc = chip->rcc;
    p->bus = &chip->dma_space;
    if (!chip->rcc) {                                               /* the first row */
        chip->rcc = p->rcc = STM32H7_RCC(device);
        qdev_prop_set_uint32(device, "hse-hz", chip->hse_hz);
        qdev_prop_set_uint32(device, "lse-hz", chip->lse_hz);
    }
    return p;
}

static void connect_row(Stm32h743 *chip, const Stm32Row *row, Stm32Periph *p)
{
    static const char *const mux_names[] = { [DMAMUX1] = "DMAMUX1", [DMAMUX2] = "DMAMUX2", [MDMA_MUX] = "MDMA" };

    for (unsigned i = 0; i < row->irqs; i++) {
        if (qdev_is_realized(DEVICE(p)) && sysbus_has_irq(SYS_BUS_DEVICE(p), i)) {
            sysbus_connect_irq(SYS_BUS_DEVICE(p), i, stm32h743_interrupt(chip, row->irq[i]));
        }
    }
    for (unsigned i = 0; i < STM32_PERIPH_DMA_LINES; i++) {
        if (row->dma[i].mux) {
            p->dma[i] = (Stm32DmaPort){ DEVICE(stm32h743_find(chip, mux_names[row->dma[i].mux])), row->dma[i].line };
        }
    }
    stm32h7_rcc_attach(chip->rcc, p);
}

static void chip_realize(DeviceState *dev, Error **errp)
{
    Stm32h743 *chip = STM32H743(dev);
    MemoryRegion *flash;

    for (unsigned i = 0; i < stm32h743_row_count; i++) {
        const Stm32Row *row = &stm32h743_rows[i];
        Stm32Periph *p = create(chip, row);

        if (!sysbus_realize_and_unref(SYS_BUS_DEVICE(p), errp)) {
            return;
        }
        sysbus_mmio_map(SYS_BUS_DEVICE(p), 0, row->address);
    }
    chip->rcc->pwr = stm32h743_find(chip, "PWR");
    chip->rcc->flash = stm32h743_find(chip, "FLASH");
    realize_memories(chip);
    flash = stm32h7_flash_memory(chip->rcc->flash);
    memory_region_add_subregion(get_system_memory(), 0x08000000, flash);
    realize_dma_view(chip);
    realize_core(chip);
    for (unsigned i = 0; i < stm32h743_row_count; i++) {
        connect_row(chip, &stm32h743_rows[i], stm32h743_find(chip, stm32h743_rows[i].name));
    }
    stm32h743_wire(chip);
    stm32h743_connect_debug_port(chip);
}

static void chip_init(Object *obj)
{
    object_initialize_child(obj, "core", &STM32H743(obj)->core, TYPE_ARMV7M);
}

static const Property chip_properties[] = {
    DEFINE_PROP_UINT32("hse-hz", Stm32h743, hse_hz, 0),
    DEFINE_PROP_UINT32("lse-hz", Stm32h743, lse_hz, 0),
};

static void chip_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = chip_realize;
    dc->user_creatable = false;
    device_class_set_props(dc, chip_properties);
}

static const TypeInfo chip_types[] = {
    {
        .name = TYPE_STM32H743,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Stm32h743),
        .instance_init = chip_init,
        .class_init = chip_class_init,
    },
};

DEFINE_TYPES(chip_types)
