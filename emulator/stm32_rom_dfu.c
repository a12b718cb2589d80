/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system bootloader of an STM32H743 on USB (stm32_rom_dfu.h): DFU 1.1a with ST's extensions, AN3156. The core executes a few instructions
 * of ours in system memory, however it got there: they start this model, and the core stands still until it is told where to go on.
 */
#include "qemu/osdep.h"

#include "stm32_rom_dfu.h"

#include "exec/address-spaces.h"
#include "qemu/bswap.h"
#include "qemu/error-report.h"
#include "stm32_rom_flash.h"
#include "stm32h7_rcc_device.h"
#include "system/runstate.h"
#include "target/arm/cpu.h"
#include "usb_function.h"

enum { DNLOAD = 1, UPLOAD = 2, GETSTATUS = 3, CLRSTATUS = 4, GETSTATE = 5, ABORT = 6 };
enum { TRANSFER_SIZE = 1024, GET_COMMANDS = 0x00, SET_ADDRESS_POINTER = 0x21, ERASE = 0x41, READ_UNPROTECT = 0x92, FIRST_DATA_BLOCK = 2 };
typedef enum DfuState {
    DFU_IDLE = 2, DFU_DNLOAD_SYNC, DFU_DNBUSY, DFU_DNLOAD_IDLE, DFU_MANIFEST_SYNC, DFU_MANIFEST, DFU_UPLOAD_IDLE = 9, DFU_ERROR,
} DfuState;
enum { OK = 0, ERR_TARGET = 1, ERR_WRITE = 3, ERR_ERASE = 4, ERR_VENDOR = 11, ERR_STALLED = 15 };
#define LEAVE_NS 10000000

struct Stm32RomDfu {
    Stm32h743 *chip;
    Stm32Periph *otg;
    void (*restore)(void *opaque);
    void *opaque;
    MemoryRegion window;
    bool running, reset_at_end;
    uint32_t go_on_at;                  /* vector table; 0: the core waits */
    QEMUTimer *leave_timer;

    UsbFunction usb;
    RomFlash flash;
    DfuState state;
    uint8_t status;
    uint32_t pointer;
    uint16_t block;                     /* of the download that GETSTATUS will start */
    uint8_t data[TRANSFER_SIZE];
    unsigned length;
};

/* cpsid i; r4 = window; *r4 = r4 (the core stops here); do r0 = r4[1] while it is 0; MSP = r0[0]; r1 = r0[1]; cpsie i; bx r1 */
const uint16_t stm32_rom_program[16] = {
    0xb672, 0x4c06, 0x6024, 0x6860, 0x2800, 0xd0fc, 0x6801, 0xf381, 0x8808, 0x6841, 0xb662, 0x4708, 0xbf00, 0xbf00,
    STM32_ROM_WINDOW & 0xffff, STM32_ROM_WINDOW >> 16,
};

/* Descriptors as an STM32H743 shows them. */
static const uint8_t device_descriptor[18] = {
    18, 1, 0x00, 0x01, 0, 0, 0, 64, 0x83, 0x04, 0x11, 0xdf, 0x00, 0x02, 1, 2, 3, 1,
};
static const uint8_t configuration_descriptor[36] = {
    9, 2, 36, 0, 1, 1, 0, 0xc0, 0x32,
    9, 4, 0, 0, 0, 0xfe, 1, 2, 4,
    9, 4, 0, 1, 0, 0xfe, 1, 2, 5,
    9, 0x21, 0x0b, 0xff, 0x00, TRANSFER_SIZE & 0xff, TRANSFER_SIZE >> 8, 0x1a, 0x01,
};
/* This chip's bootloader has the same serial number in all of them; it doesn't come from the unique id. */
static const char *const strings[] = {
    "STMicroelectronics", "DFU in FS Mode", "200364500000", "@Internal Flash   /0x08000000/16*128Kg", "@Option Bytes   /0x5200201C/01*128 e", NULL,
};

static void fail(Stm32RomDfu *rom, uint8_t status)
{
    rom->state = DFU_ERROR;
    rom->status = status;
}

/* --- what a download asks for, started by the GETSTATUS that follows it --- */

static void start_erase(Stm32RomDfu *rom)
{
    uint32_t address = rom->length >= 5 ? ldl_le_p(rom->data + 1) : ROM_FLASH_BASE;
    uint32_t length = rom->length >= 5 ? 1 : ROM_FLASH_SIZE;

    if (address < ROM_FLASH_BASE || address - ROM_FLASH_BASE >= ROM_FLASH_SIZE) {
        fail(rom, ERR_TARGET);
    } else {
        rom_flash_erase(&rom->flash, address, length);
    }
}

static void start_command(Stm32RomDfu *rom)
{
    uint32_t address;

    if (rom->data[0] == READ_UNPROTECT && rom->length == 1) {
        rom->reset_at_end = true;
        rom_flash_unprotect(&rom->flash);
    } else if (rom_flash_protected()) {
        fail(rom, ERR_VENDOR);
    } else if (rom->data[0] == ERASE && (rom->length == 1 || rom->length == 5)) {
        start_erase(rom);
    } else if (rom->data[0] == SET_ADDRESS_POINTER && rom->length == 5) {
        address = ldl_le_p(rom->data + 1);
        if (rom_flash_readable(address, 0)) {
            rom->pointer = address;
        } else {
            fail(rom, ERR_TARGET);
        }
    } else {
        fail(rom, ERR_STALLED);
    }
}

static void start_download(Stm32RomDfu *rom)
{
    uint32_t address = rom->pointer + (rom->block - FIRST_DATA_BLOCK) * TRANSFER_SIZE;

    rom->flash.result = ROM_DONE;
    if (rom->block == 0) {
        start_command(rom);
    } else if (rom_flash_protected()) {
        fail(rom, ERR_VENDOR);
    } else if (rom->block < FIRST_DATA_BLOCK) {
        fail(rom, ERR_STALLED);
    } else if (!rom_flash_writable(address, rom->length)) {
        fail(rom, ERR_TARGET);
    } else {
        rom->reset_at_end |= address >= ROM_OPTIONS && address < ROM_OPTIONS + ROM_OPTIONS_SIZE;
        rom_flash_program(&rom->flash, address, rom->data, rom->length);
    }
    if (rom->state != DFU_ERROR) {
        rom->state = DFU_DNBUSY;
    }
}

static void schedule_leave(Stm32RomDfu *rom)
{
    timer_mod(rom->leave_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + LEAVE_NS);
}

/* The job is over; option bytes take effect by a reset. */
static void finish_download(Stm32RomDfu *rom)
{
    if (rom->flash.result == ROM_BUSY) {
        return;
    }
    rom->state = DFU_DNLOAD_IDLE;
    if (rom->flash.result != ROM_DONE) {
        fail(rom, rom->block == 0 ? ERR_ERASE : ERR_WRITE);
    } else if (rom->reset_at_end) {
        schedule_leave(rom);
    }
}

/* --- requests --- */

static int get_status(Stm32RomDfu *rom, uint8_t *data)
{
    unsigned timeout = 0;

    if (rom->state == DFU_DNLOAD_SYNC) {
        start_download(rom);
        timeout = rom_flash_ms_left(&rom->flash);
    } else if (rom->state == DFU_DNBUSY) {
        finish_download(rom);
        timeout = rom_flash_ms_left(&rom->flash);
    } else if (rom->state == DFU_MANIFEST_SYNC) {
        rom->state = DFU_MANIFEST;
        schedule_leave(rom);
    }
    data[0] = rom->status;
    data[1] = timeout;
    data[2] = timeout >> 8;
    data[3] = timeout >> 16;
    data[4] = rom->state;
    data[5] = 0;
    return 6;
}

static int download(Stm32RomDfu *rom, uint16_t block, const uint8_t *data, unsigned length)
{
    if ((rom->state != DFU_IDLE && rom->state != DFU_DNLOAD_IDLE) || length > TRANSFER_SIZE) {
        fail(rom, ERR_STALLED);
        return -1;
    }
    if (!length) {
        rom->state = DFU_MANIFEST_SYNC;
        return 0;
    }
    rom->block = block;
    rom->length = length;
    memcpy(rom->data, data, length);
    rom->state = DFU_DNLOAD_SYNC;
    return 0;
}

static int upload(Stm32RomDfu *rom, uint16_t block, uint8_t *data, unsigned length)
{
    static const uint8_t commands[] = { GET_COMMANDS, SET_ADDRESS_POINTER, ERASE, READ_UNPROTECT };
    uint32_t address = rom->pointer + (block - FIRST_DATA_BLOCK) * TRANSFER_SIZE, left;

    if (rom->state != DFU_IDLE && rom->state != DFU_UPLOAD_IDLE) {
        fail(rom, ERR_STALLED);
        return -1;
    }
    if (block == 0) {
        rom->state = DFU_IDLE;
        memcpy(data, commands, MIN(length, sizeof(commands)));
        return MIN(length, sizeof(commands));
    }
    if (rom_flash_protected()) {
        fail(rom, ERR_VENDOR);
        return -1;
    }
    length = MIN(length, TRANSFER_SIZE);
    for (left = length; left && !rom_flash_readable(address, left); left--) {
    }
    if (block < FIRST_DATA_BLOCK || !rom_flash_readable(address, 0) || !rom_flash_read(address, data, left)) {
        fail(rom, block < FIRST_DATA_BLOCK ? ERR_STALLED : ERR_TARGET);
        return -1;
    }
    rom->state = left < length ? DFU_IDLE : DFU_UPLOAD_IDLE;
    return left;
}

static int request(void *owner, const uint8_t setup[8], uint8_t *data, unsigned length)
{
    Stm32RomDfu *rom = owner;
    uint16_t block = lduw_le_p(setup + 2);
    bool in = setup[0] & 0x80;

    if ((setup[0] & 0x7f) != 0x21) {
        return -1;
    }
    switch (setup[1]) {
    case DNLOAD:
        return in ? -1 : download(rom, block, data, length);
    case UPLOAD:
        return in ? upload(rom, block, data, length) : -1;
    case GETSTATUS:
        return in ? get_status(rom, data) : -1;
    case GETSTATE:
        data[0] = rom->state;
        return in ? 1 : -1;
    case CLRSTATUS:
        if (rom->state == DFU_ERROR) {
            rom->state = DFU_IDLE;
            rom->status = OK;
        }
        return 0;
    case ABORT:
        if (rom->state != DFU_ERROR && rom->state != DFU_DNBUSY) {
            rom->state = DFU_IDLE;
            rom->status = OK;
        }
        return 0;
    default:
        fail(rom, ERR_STALLED);
        return -1;
    }
}

static void bus_reset(void *owner)
{
    Stm32RomDfu *rom = owner;

    rom->state = DFU_IDLE;
    rom->status = OK;
}

/* --- in and out --- */

static void hold_core(Stm32RomDfu *rom, bool hold)
{
    ARMCPU *cpu = rom->chip->core.cpu;

    cpu->power_state = hold ? PSCI_OFF : PSCI_ON;
    CPU(cpu)->halted = hold;
    if (hold) {
        cpu_exit(CPU(cpu));
    } else {
        qemu_cpu_kick(CPU(cpu));
    }
}

/* The bootloader's own use of the chip: what firmware left running is stopped. */
static void start(Stm32RomDfu *rom)
{
    if (rom->running) {
        return;
    }
    rom->running = true;
    rom->reset_at_end = false;
    rom->go_on_at = 0;
    rom->state = DFU_IDLE;
    rom->status = OK;
    rom->pointer = ROM_FLASH_BASE;
    rom_flash_stop(&rom->flash);
    periph_reset(rom->otg);
    usb_function_connect(&rom->usb);
    hold_core(rom, true);
}

static void stop(Stm32RomDfu *rom)
{
    if (rom->running) {
        rom->running = false;
        timer_del(rom->leave_timer);
        rom_flash_stop(&rom->flash);
        rom->restore(rom->opaque);
    }
}

void stm32_rom_dfu_stop(Stm32RomDfu *rom)
{
    stop(rom);
    rom->go_on_at = 0;
}

static void leave(void *opaque)
{
    Stm32RomDfu *rom = opaque;
    uint8_t vectors[8] = { 0 };

    if (!rom->running) {
        return;
    }
    rom_flash_read(rom->pointer, vectors, sizeof(vectors));
    if (rom->reset_at_end || ldl_le_p(vectors + 4) == 0xffffffff || !(ldl_le_p(vectors + 4) & 1)) {
        if (!rom->reset_at_end) {
            warn_report("no program at 0x%08x: the bootloader resets the chip instead of jumping there", rom->pointer);
        }
        stm32h7_rcc_request_reset(rom->chip->rcc, RESET_SOFTWARE);
        return;
    }
    stop(rom);
    rom->go_on_at = rom->pointer;
    hold_core(rom, false);
}

static uint64_t window_read(void *opaque, hwaddr offset, unsigned size)
{
    return offset == 4 ? ((Stm32RomDfu *)opaque)->go_on_at : 0;
}

static void window_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    if (offset == 0 && value == STM32_ROM_WINDOW) {
        start(opaque);
    }
}

static const MemoryRegionOps window_ops = {
    .read = window_read,
    .write = window_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 4 },
};

Stm32RomDfu *stm32_rom_dfu_new(Stm32h743 *chip, UsbPort *port, Stm32Periph *otg, void (*restore)(void *opaque), void *opaque)
{
    Stm32RomDfu *rom = g_new0(Stm32RomDfu, 1);

    rom->chip = chip;
    rom->otg = otg;
    rom->restore = restore;
    rom->opaque = opaque;
    rom->usb = (UsbFunction) {
        .port = port, .owner = rom, .device = device_descriptor, .configuration = configuration_descriptor, .strings = strings, .request = request,
        .reset = bus_reset,
    };
    rom_flash_init(&rom->flash);
    rom->leave_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, leave, rom);
    memory_region_init_io(&rom->window, OBJECT(chip), &window_ops, rom, "rom-window", 16);
    memory_region_add_subregion_overlap(get_system_memory(), STM32_ROM_WINDOW, &rom->window, 1);
    return rom;
}
