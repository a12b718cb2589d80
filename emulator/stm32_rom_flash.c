/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flash jobs of the system bootloader, in terms of RM0433 section 4 (stm32_rom_flash.h). */
#include "qemu/osdep.h"

#include "stm32_rom_flash.h"

#include "exec/address-spaces.h"
#include "exec/memory.h"
#include "stm32h7_flash_device.h"

enum { WORD = 32, RDP_NONE = 0xaa };
#define SR_ERRORS (FLASH_SR_WRPERR | FLASH_SR_PGSERR | FLASH_SR_STRBERR | FLASH_SR_INCERR | FLASH_SR_OPERR | FLASH_SR_RDPERR | \
                   FLASH_SR_RDSERR | FLASH_SR_SNECCERR | FLASH_SR_DBECCERR)
#define PROGRAM_NS 100000
#define ERASE_POLL_NS 10000000
#define ERASE_NS 1000000000LL
#define OPTION_NS 200000000LL

/* Memories of section "bootloader memory management": what is accepted as an address. */
static const struct { uint32_t start, length; bool writable; } regions[] = {
    { ROM_FLASH_BASE, ROM_FLASH_SIZE, true },
    { 0x24034000, 0x4c000, true },                      /* the part of AXI SRAM that it doesn't use itself */
    { ROM_OPTIONS, ROM_OPTIONS_SIZE, true },
    { 0x1ff1e000, 0x1f00, false },                      /* identification and calibration data */
};

static bool accepted(uint32_t address, uint32_t length, bool write)
{
    for (unsigned i = 0; i < ARRAY_SIZE(regions); i++) {
        if (address >= regions[i].start && address - regions[i].start <= regions[i].length &&
            length <= regions[i].length - (address - regions[i].start)) {
            return !write || regions[i].writable;
        }
    }
    return false;
}

bool rom_flash_readable(uint32_t address, uint32_t length)
{
    return accepted(address, length, false);
}

bool rom_flash_writable(uint32_t address, uint32_t length)
{
    return accepted(address, length, true);
}

bool rom_flash_read(uint32_t address, uint8_t *data, uint32_t length)
{
    return address_space_read(&address_space_memory, address, MEMTXATTRS_UNSPECIFIED, data, length) == MEMTX_OK;
}

static uint32_t get(uint32_t offset)
{
    return address_space_ldl_le(&address_space_memory, FLASH_BASE + offset, MEMTXATTRS_UNSPECIFIED, NULL);
}

static void put(uint32_t offset, uint32_t value)
{
    address_space_stl_le(&address_space_memory, FLASH_BASE + offset, value, MEMTXATTRS_UNSPECIFIED, NULL);
}

static bool in_flash(uint32_t address)
{
    return address >= ROM_FLASH_BASE && address - ROM_FLASH_BASE < ROM_FLASH_SIZE;
}

/* Register block of the bank that shows at an address. */
static uint32_t bank_of(uint32_t address)
{
    bool second = (address - ROM_FLASH_BASE) / FLASH_BANK, swapped = get(FLASH_OPTSR_CUR) & FLASH_OPTSR_CUR_SWAP_BANK_OPT;

    return second != swapped ? FLASH_BANK_STRIDE : 0;
}

static void unlock(uint32_t bank)
{
    if (get(bank + FLASH_CR) & FLASH_CR_LOCK) {
        put(bank + FLASH_KEYR, 0x45670123);
        put(bank + FLASH_KEYR, 0xcdef89ab);
    }
    put(bank + FLASH_CCR, FLASH_SR_FLAGS);
}

bool rom_flash_protected(void)
{
    return FIELD_OF(get(FLASH_OPTSR_CUR), FLASH_OPTSR_CUR_RDP) != RDP_NONE;
}

unsigned rom_flash_ms_left(const RomFlash *flash)
{
    int64_t left = flash->until - qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    return flash->result != ROM_BUSY ? 0 : left > 0 ? left / 1000000 + 1 : 1;
}

/* --- one operation at a time --- */

static void begin_erase(RomFlash *f)
{
    uint32_t bank = bank_of(f->address);

    unlock(bank);
    put(bank + FLASH_CR, FLASH_CR_SER | FLASH_CR_PSIZE | (f->address / ROM_SECTOR % FLASH_SECTORS) << FLASH_CR_SNB_Pos | FLASH_CR_START);
}

static void begin_word(RomFlash *f)
{
    uint32_t bank = bank_of(f->address), at = sizeof(f->data) - (f->end - f->address);

    unlock(bank);
    put(bank + FLASH_CR, FLASH_CR_PG | FLASH_CR_PSIZE);
    for (unsigned i = 0; i < WORD; i += 4) {
        address_space_stl_le(&address_space_memory, f->address + i, ldl_le_p(f->data + at + i), MEMTXATTRS_UNSPECIFIED, NULL);
    }
}

static bool sector_protected(uint32_t address)
{
    return !(get(bank_of(address) + FLASH_WPSN_CUR) & (1u << (address / ROM_SECTOR % FLASH_SECTORS)));
}

static void begin(RomFlash *f)
{
    static const int64_t step[] = { [ROM_ERASE] = ERASE_POLL_NS, [ROM_PROGRAM] = PROGRAM_NS, [ROM_OPTION_BYTES] = OPTION_NS };

    if (f->job != ROM_OPTION_BYTES && sector_protected(f->address)) {
        f->result = ROM_PROTECTED;                      /* it looks before, so that this isn't a mistake of its own */
        return;
    }
    f->started = f->address;
    if (f->job == ROM_ERASE) {
        begin_erase(f);
    } else if (f->job == ROM_PROGRAM) {
        begin_word(f);
    }
    timer_mod(f->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + step[f->job]);
}

static void poll(void *opaque)
{
    RomFlash *f = opaque;
    uint32_t bank, status;

    if (f->job == ROM_OPTION_BYTES) {
        f->result = get(FLASH_OPTCR) & FLASH_OPTCR_OPTSTART ? ROM_FAILED : ROM_DONE;
        return;
    }
    bank = bank_of(f->started);
    status = get(bank + FLASH_SR);
    if (status & SR_ERRORS) {
        put(bank + FLASH_CR, FLASH_CR_LOCK);
        f->result = ROM_FAILED;
    } else if (status & FLASH_SR_QW) {
        timer_mod(f->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + (f->job == ROM_ERASE ? ERASE_POLL_NS : PROGRAM_NS / 10));
    } else {
        f->address += f->job == ROM_ERASE ? ROM_SECTOR : WORD;
        if (f->address < f->end) {
            begin(f);
        } else {
            put(bank + FLASH_CR, FLASH_CR_LOCK);
            f->result = ROM_DONE;
        }
    }
}

static void start(RomFlash *f, int64_t duration)
{
    f->result = ROM_BUSY;
    f->until = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + duration;
    begin(f);
}

/* --- jobs --- */

void rom_flash_erase(RomFlash *f, uint32_t address, uint32_t length)
{
    f->job = ROM_ERASE;
    f->address = address & ~(ROM_SECTOR - 1);
    f->end = address + length;
    start(f, DIV_ROUND_UP(f->end - f->address, ROM_SECTOR) * ERASE_NS);
}

/* The option bytes' programming registers among the bytes that were sent; the rest of them can't be written. */
static void write_options(RomFlash *f, uint32_t address, const uint8_t *data, uint32_t length)
{
    static const uint8_t programmable[] = { FLASH_OPTSR_PRG, FLASH_PRAR_PRG, FLASH_SCAR_PRG, FLASH_WPSN_PRG, FLASH_BOOT_PRG };

    put(FLASH_OPTKEYR, 0x08192a3b);
    put(FLASH_OPTKEYR, 0x4c5d6e7f);
    for (unsigned i = 0; i < ARRAY_SIZE(programmable); i++) {
        uint32_t at = FLASH_BASE + programmable[i];

        if (at >= address && at + 4 <= address + length) {
            put(programmable[i], ldl_le_p(data + (at - address)));
        }
    }
    put(FLASH_OPTCR, FLASH_OPTCR_OPTSTART);
    f->job = ROM_OPTION_BYTES;
    start(f, OPTION_NS);
}

void rom_flash_program(RomFlash *f, uint32_t address, const uint8_t *data, uint32_t length)
{
    uint32_t before = address % WORD, span = ROUND_UP(before + length, WORD);

    if (!in_flash(address)) {
        if (address >= ROM_OPTIONS && address < ROM_OPTIONS + ROM_OPTIONS_SIZE) {
            write_options(f, address, data, length);
        } else {
            f->result = address_space_write(&address_space_memory, address, MEMTXATTRS_UNSPECIFIED, data, length) == MEMTX_OK ? ROM_DONE : ROM_FAILED;
        }
        return;
    }
    if (span > sizeof(f->data) || !length) {
        f->result = length ? ROM_FAILED : ROM_DONE;     /* more than a block in unaligned words */
        return;
    }
    /* Whole flash words, 0xff around the data; the data lies at the end of the buffer, where begin_word() counts from. */
    memset(f->data, 0xff, sizeof(f->data));
    memcpy(f->data + sizeof(f->data) - span + before, data, length);
    f->job = ROM_PROGRAM;
    f->address = address - before;
    f->end = f->address + span;
    start(f, (int64_t)(span / WORD) * PROGRAM_NS);
}

void rom_flash_unprotect(RomFlash *f)
{
    uint32_t status = (get(FLASH_OPTSR_CUR) & ~FLASH_OPTSR_CUR_RDP) | RDP_NONE << FLASH_OPTSR_CUR_RDP_Pos;
    uint8_t bytes[4];

    if (rom_flash_protected()) {
        for (uint32_t sector = 0; sector < ROM_FLASH_SIZE; sector += ROM_SECTOR) {      /* what the hardware does with level 1 */
            f->address = ROM_FLASH_BASE + sector;
            begin_erase(f);
        }
    }
    stl_le_p(bytes, status);
    write_options(f, FLASH_BASE + FLASH_OPTSR_PRG, bytes, sizeof(bytes));
}

void rom_flash_init(RomFlash *f)
{
    f->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, poll, f);
    f->result = ROM_DONE;
}

void rom_flash_stop(RomFlash *f)
{
    timer_del(f->timer);
    f->result = ROM_DONE;
}
