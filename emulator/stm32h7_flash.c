/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flash of an STM32H742/743/753 (RM0433 section 4): 2 banks of 8 sectors of 128 KiB, programmed in words of 256 bits.
 *
 * Reads run at memory speed. A word whose error correction can't be right (programmed twice, or torn by a power cut) makes its
 * sector trap reads: reading that word sets DBECCERR and faults, as on the chip. Content lives in the -drive if=pflash file;
 * option bytes and broken words live as long as the process.
 */
#include "qemu/osdep.h"

#include "stm32h743_defs.h"
#include "stm32h7_flash.h"

#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/option.h"
#include "stm32h7_flash_device.h"
#include "stm32h7_rcc_device.h"
#include "system/block-backend.h"
#include "system/blockdev.h"

static const uint64_t program_ns[4] = { 290000, 180000, 130000, 100000 };             /* by PSIZE; datasheet, typical */
static const uint64_t erase_ns[4] = { 2000000000, 1800000000, 1100000000, 1000000000 };
enum { BANK_ERASE_FACTOR = 5, ACR_BITS = FLASH_ACR_LATENCY | FLASH_ACR_WRHIGHFREQ };

static const RegDef flash_registers[] = { STM32H743_FLASH };

static const RegMap flash_map = REG_MAP(flash_registers, FLASH_BYTES);

static uint32_t *bank_reg(FlashBank *bank, uint32_t offset)
{
    return periph_reg(&bank->flash->parent_obj, bank->number * FLASH_BANK_STRIDE + offset);
}

static void update_irq(Stm32h7Flash *s)
{
    bool level = false;

    for (unsigned i = 0; i < FLASH_BANKS; i++) {
        level |= *bank_reg(&s->bank[i], FLASH_SR) & *bank_reg(&s->bank[i], FLASH_CR) & FLASH_SR_FLAGS;
    }
    qemu_set_irq(s->irq, level);
}

static void raise_flag(FlashBank *bank, uint32_t flag, uint32_t address, const char *why)
{
    *bank_reg(bank, FLASH_SR) |= flag;
    if (why) {
        guest_error("FLASH", "0x%08x: %s", FLASH_MEMORY + address, why);
    }
    update_irq(bank->flash);
}

/* --- the memory: sectors of physical banks; a swap only changes where they appear --- */

static FlashSector *sector_of(FlashBank *bank, uint32_t in_bank)
{
    return &bank->sector[in_bank / FLASH_SECTOR];
}

/* The block layer lets another thread write and waits: for 32 bytes, every 100 us of a download. A raw file is written at once. */
static bool write_file(Stm32h7Flash *s, uint64_t position, uint32_t length, const uint8_t *bytes)
{
    return s->file >= 0 ? pwrite(s->file, bytes, length, position) == length : blk_pwrite(s->blk, position, length, bytes, 0) >= 0;
}

static void save(FlashSector *sector, uint32_t offset, uint32_t length)
{
    Stm32h7Flash *s = sector->bank->flash;
    uint64_t position = sector->bank->number * FLASH_BANK + sector->number * FLASH_SECTOR + offset;

    if (!sector->broken_count) {
        memory_region_flush_rom_device(&sector->memory, offset, length);
    }
    if (s->blk && !write_file(s, position, length, sector->bytes + offset)) {
        guest_error("FLASH", "the flash file cannot be written; what was programmed will be lost");
    }
}

static void mark_broken(FlashSector *sector, unsigned word, bool broken)
{
    if (sector->broken[word] == broken) {
        return;
    }
    sector->broken[word] = broken;
    sector->broken_count += broken ? 1 : -1;
    memory_region_rom_device_set_romd(&sector->memory, !sector->broken_count);
}

static void erase_sector(FlashSector *sector)
{
    memset(sector->bytes, 0xff, FLASH_SECTOR);
    for (unsigned word = 0; word < FLASH_WORDS; word++) {
        mark_broken(sector, word, false);
    }
    save(sector, 0, FLASH_SECTOR);
}

static bool word_erased(const uint8_t *bytes)
{
    for (unsigned i = 0; i < FLASH_WORD; i++) {
        if (bytes[i] != 0xff) {
            return false;
        }
    }
    return true;
}

/* --- operations: started now, done when the timer says so, or half done when power goes --- */

static void finish(FlashBank *bank)
{
    FlashSector *sector;
    uint32_t offset;

    timer_del(&bank->timer);
    switch (bank->operation) {
    case FLASH_IDLE:
        return;
    case FLASH_PROGRAM:
        sector = sector_of(bank, bank->address);
        offset = bank->address % FLASH_SECTOR;
        if (!word_erased(sector->bytes + offset)) {
            mark_broken(sector, offset / FLASH_WORD, true);
        }
        for (unsigned i = 0; i < FLASH_WORD; i++) {
            sector->bytes[offset + i] &= bank->data[i];
        }
        save(sector, offset, FLASH_WORD);
        break;
    case FLASH_ERASE_SECTOR:
        erase_sector(sector_of(bank, bank->address));
        break;
    case FLASH_ERASE_BANK:
        for (unsigned i = 0; i < FLASH_SECTORS; i++) {
            erase_sector(&bank->sector[i]);
        }
        break;
    }
    bank->operation = FLASH_IDLE;
    *bank_reg(bank, FLASH_SR) &= ~(FLASH_SR_BSY | FLASH_SR_QW | FLASH_SR_WBNE);
    *bank_reg(bank, FLASH_CR) &= ~(FLASH_CR_START | FLASH_CR_FW);
    raise_flag(bank, FLASH_SR_EOP, 0, NULL);
}

static void operation_done(void *opaque)
{
    finish(opaque);
}

static void begin(FlashBank *bank, FlashOperation operation, uint32_t address, uint64_t duration)
{
    bank->operation = operation;
    bank->address = address;
    *bank_reg(bank, FLASH_SR) |= FLASH_SR_BSY | FLASH_SR_QW;
    timer_mod(&bank->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + duration);
}

/* OPTCR.MER (section 4.3.10): both banks, if both are unlocked. */
void stm32h7_flash_erase_all(Stm32h7Flash *s)
{
    for (unsigned i = 0; i < FLASH_BANKS; i++) {
        if (*bank_reg(&s->bank[i], FLASH_CR) & FLASH_CR_LOCK) {
            guest_error("FLASH", "OPTCR.MER while CR%u is locked; ignored", i + 1);
            return;
        }
    }
    for (unsigned i = 0; i < FLASH_BANKS; i++) {
        finish(&s->bank[i]);
        begin(&s->bank[i], FLASH_ERASE_BANK, 0, erase_ns[FIELD_OF(*bank_reg(&s->bank[i], FLASH_CR), FLASH_CR_PSIZE)] * BANK_ERASE_FACTOR);
    }
}

void stm32h7_flash_power_cut(Stm32Periph *flash)
{
    Stm32h7Flash *s = STM32H7_FLASH(flash);

    for (unsigned i = 0; i < FLASH_BANKS; i++) {
        FlashBank *bank = &s->bank[i];
        FlashSector *sector = sector_of(bank, bank->address);
        uint32_t offset = bank->address % FLASH_SECTOR;

        if (bank->operation == FLASH_PROGRAM) {
            for (unsigned b = 0; b < FLASH_WORD / 2; b++) {         /* half of the bits got through */
                sector->bytes[offset + b] &= bank->data[b];
            }
            mark_broken(sector, offset / FLASH_WORD, true);
            save(sector, offset, FLASH_WORD);
        } else if (bank->operation != FLASH_IDLE) {
            unsigned first = bank->operation == FLASH_ERASE_BANK ? 0 : sector->number;
            unsigned last = bank->operation == FLASH_ERASE_BANK ? FLASH_SECTORS - 1 : first;

            for (unsigned n = first; n <= last; n++) {              /* neither the old content nor clean */
                sector = &bank->sector[n];
                for (unsigned word = 0; word < FLASH_WORDS; word++) {
                    if (!word_erased(sector->bytes + word * FLASH_WORD)) {
                        memset(sector->bytes + word * FLASH_WORD, 0xff, FLASH_WORD / 2);
                        mark_broken(sector, word, word & 1);
                    }
                }
                save(sector, 0, FLASH_SECTOR);
            }
        }
        timer_del(&bank->timer);
        bank->operation = FLASH_IDLE;
    }
}

/* --- writes to the memory window: into the 256-bit buffer --- */

static void start_program(FlashBank *bank, uint32_t address)
{
    if (!word_erased(sector_of(bank, address)->bytes + address % FLASH_SECTOR)) {
        guest_error("FLASH", "0x%08x: a flash word that isn't erased is programmed; its ECC will be wrong and reading it fault",
                    FLASH_MEMORY + bank->number * FLASH_BANK + address);
    }
    begin(bank, FLASH_PROGRAM, address, program_ns[FIELD_OF(*bank_reg(bank, FLASH_CR), FLASH_CR_PSIZE)]);
    bank->filled = 0;
}

static MemTxResult memory_write(void *opaque, hwaddr offset, uint64_t value, unsigned size, MemTxAttrs attrs)
{
    FlashSector *sector = opaque;
    FlashBank *bank = sector->bank;
    uint32_t in_bank = sector->number * FLASH_SECTOR + offset, word = in_bank & ~(FLASH_WORD - 1);
    uint32_t shown = bank->number * FLASH_BANK + in_bank;
    uint32_t lanes = MAKE_64BIT_MASK(in_bank % FLASH_WORD, size);

    finish(bank);                                                   /* the bus waits for the operation before */
    if ((*bank_reg(bank, FLASH_CR) & FLASH_CR_LOCK) || !(*bank_reg(bank, FLASH_CR) & FLASH_CR_PG)) {
        raise_flag(bank, FLASH_SR_PGSERR, shown, "written without CR.PG (PGSERR)");
    } else if (!(*bank_reg(bank, FLASH_WPSN_CUR) & (1u << sector->number))) {
        raise_flag(bank, FLASH_SR_WRPERR, shown, "written in a write-protected sector (WRPERR)");
    } else if (bank->filled && bank->buffered != word) {
        raise_flag(bank, FLASH_SR_INCERR, shown, "written before the flash word begun earlier was complete (INCERR)");
        bank->filled = 0;
    } else if (bank->filled & lanes) {
        raise_flag(bank, FLASH_SR_STRBERR, shown, "the same byte of the write buffer is written again (STRBERR)");
        bank->filled = 0;
    } else {
        if (!bank->filled) {
            memset(bank->data, 0xff, FLASH_WORD);
        }
        for (unsigned i = 0; i < size; i++) {
            bank->data[in_bank % FLASH_WORD + i] = value >> (8 * i);
        }
        bank->buffered = word;
        bank->filled |= lanes;
        *bank_reg(bank, FLASH_SR) |= FLASH_SR_WBNE;
        if (bank->filled == 0xffffffff) {
            start_program(bank, word);
        }
        return MEMTX_OK;
    }
    *bank_reg(bank, FLASH_SR) &= ~FLASH_SR_WBNE;
    return MEMTX_OK;
}

/* Only sectors with broken words come here. */
static MemTxResult memory_read(void *opaque, hwaddr offset, uint64_t *value, unsigned size, MemTxAttrs attrs)
{
    FlashSector *sector = opaque;
    FlashBank *bank = sector->bank;
    uint32_t in_bank = sector->number * FLASH_SECTOR + offset;

    if (sector->broken[offset / FLASH_WORD]) {
        *bank_reg(bank, FLASH_ECC_FA) = in_bank / FLASH_WORD;
        raise_flag(bank, FLASH_SR_DBECCERR, 0, NULL);                     /* no mistake of the firmware: a power cut leaves such words */
        qemu_log_mask(LOG_GUEST_ERROR, "FLASH: 0x%08x: read of a flash word with two ECC errors (DBECCERR, pc 0x%08x)\n",
                      FLASH_MEMORY + bank->number * FLASH_BANK + in_bank, guest_pc());
        return MEMTX_ERROR;
    }
    *value = ldn_le_p(sector->bytes + offset, size);
    return MEMTX_OK;
}

static const MemoryRegionOps memory_ops = {
    .read_with_attrs = memory_read,
    .write_with_attrs = memory_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = false },
    .impl = { .min_access_size = 1, .max_access_size = 8 },
};

/* --- registers --- */

static void write_key(FlashBank *bank, uint32_t key)
{
    bool locked = *bank_reg(bank, FLASH_CR) & FLASH_CR_LOCK;

    if (locked && !bank->key_failed && !bank->key_seen && key == 0x45670123) {
        bank->key_seen = true;
    } else if (locked && !bank->key_failed && bank->key_seen && key == 0xcdef89ab) {
        bank->key_seen = false;
        *bank_reg(bank, FLASH_CR) &= ~FLASH_CR_LOCK;
    } else {
        guest_error("FLASH", "wrong sequence in KEYR%u; bank %u stays locked until reset", bank->number + 1, bank->number + 1);
        bank->key_failed = true;
        *bank_reg(bank, FLASH_CR) |= FLASH_CR_LOCK;
    }
}

static void write_cr(FlashBank *bank, const RegWrite *w)
{
    const uint32_t writable = 0x1fef877e;
    uint32_t *cr = bank_reg(bank, FLASH_CR), value;
    unsigned size;

    finish(bank);
    if (*cr & FLASH_CR_LOCK) {
        guest_error("FLASH", "write to CR%u while it is locked", bank->number + 1);
        return;
    }
    value = (*cr & ~(writable & w->lanes)) | (w->raw & writable);
    *cr = value | (w->raw & FLASH_CR_LOCK);
    size = FIELD_OF(value, FLASH_CR_PSIZE);
    if ((value & FLASH_CR_FW) && bank->filled) {
        start_program(bank, bank->buffered);
    } else if (w->raw & FLASH_CR_START) {
        uint32_t protection = *bank_reg(bank, FLASH_WPSN_CUR) & FLASH_WPSN_CUR_WRPSN;
        unsigned sector = FIELD_OF(value, FLASH_CR_SNB);

        *cr |= FLASH_CR_START;
        if ((value & FLASH_CR_BER) && protection == 0xff) {
            begin(bank, FLASH_ERASE_BANK, 0, erase_ns[size] * BANK_ERASE_FACTOR);
        } else if (!(value & FLASH_CR_BER) && (value & FLASH_CR_SER) && (protection & (1u << sector))) {
            begin(bank, FLASH_ERASE_SECTOR, sector * FLASH_SECTOR, erase_ns[size]);
        } else if (value & (FLASH_CR_BER | FLASH_CR_SER)) {
            *cr &= ~FLASH_CR_START;
            raise_flag(bank, FLASH_SR_WRPERR, bank->number * FLASH_BANK + sector * FLASH_SECTOR, "erase of a write-protected sector (WRPERR)");
        } else {
            *cr &= ~FLASH_CR_START;
            guest_error("FLASH", "CR%u.START with neither SER nor BER", bank->number + 1);
        }
    }
    if (value & FLASH_CR_CRC_EN) {
        guest_unimplemented("FLASH", "the CRC of the flash content is not modelled");
    }
    update_irq(bank->flash);
}

static void flash_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32h7Flash *s = STM32H7_FLASH(p);
    FlashBank *bank = &s->bank[w->offset >= FLASH_BANK_STRIDE];
    uint32_t offset = w->offset % FLASH_BANK_STRIDE;

    switch (offset) {
    case FLASH_ACR:
        *periph_reg(p, FLASH_ACR) = (*periph_reg(p, FLASH_ACR) & ~(w->lanes & ACR_BITS)) | (w->raw & ACR_BITS);
        p->rcc->complained_hz = 0;
        stm32h7_rcc_check(p->rcc);
        break;
    case FLASH_KEYR:
        write_key(bank, w->raw);
        break;
    case FLASH_CR:
        write_cr(bank, w);
        break;
    case FLASH_CCR:
        *bank_reg(bank, FLASH_SR) &= ~(w->raw & FLASH_SR_FLAGS);
        update_irq(s);
        break;
    default:
        stm32h7_flash_option_write(s, offset, bank, w);
        break;
    }
}

static uint32_t flash_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    switch (offset % FLASH_BANK_STRIDE) {
    case FLASH_ACR: case FLASH_OPTCR: case FLASH_OPTSR_CUR: case FLASH_OPTSR_PRG: case FLASH_BOOT_CUR: case FLASH_BOOT_PRG:
        return *periph_reg(p, offset % FLASH_BANK_STRIDE);                      /* shared by both banks, seen at both places */
    default:
        return stored;
    }
}

unsigned stm32h7_flash_latency(Stm32Periph *flash)
{
    return *periph_reg(flash, FLASH_ACR) & FLASH_ACR_LATENCY;
}

/* Table 17: the highest AXI frequency in MHz for 0, 1, 2 ... wait states. */
unsigned stm32h7_flash_wait_states(unsigned scale, uint32_t hclk)
{
    static const uint16_t limit[4][5] = {
        { 70, 140, 185, 210, 240 }, { 70, 140, 185, 210, 225 }, { 55, 110, 165, 225, 225 }, { 45, 90, 135, 180, 225 },
    };
    unsigned wait = 0;

    while (wait < 4 && hclk > limit[scale & 3][wait] * 1000000u) {
        wait++;
    }
    return wait;
}

MemoryRegion *stm32h7_flash_memory(Stm32Periph *flash)
{
    return &STM32H7_FLASH(flash)->window;
}

static void place_sectors(Stm32h7Flash *s)
{
    bool swap = s->options.status & FLASH_OPTCR_SWAP_BANK;

    memory_region_transaction_begin();
    for (unsigned i = 0; i < FLASH_BANKS * FLASH_SECTORS; i++) {
        FlashSector *sector = &s->bank[i / FLASH_SECTORS].sector[i % FLASH_SECTORS];
        unsigned bank = sector->bank->number ^ swap;

        memory_region_set_address(&sector->memory, bank * FLASH_BANK + sector->number * FLASH_SECTOR);
    }
    memory_region_transaction_commit();
}

static void flash_reset(Stm32Periph *p)
{
    Stm32h7Flash *s = STM32H7_FLASH(p);

    for (unsigned i = 0; i < FLASH_BANKS; i++) {
        FlashBank *bank = &s->bank[i];

        /* A reset of the chip breaks a running operation off just as a power cut does. */
        if (bank->operation != FLASH_IDLE) {
            stm32h7_flash_power_cut(p);
        }
        bank->filled = 0;
        bank->key_seen = bank->key_failed = false;
    }
    stm32h7_flash_option_reset(s);
    place_sectors(s);
    update_irq(s);
}

static void load_content(Stm32h7Flash *s, Error **errp)
{
    DriveInfo *drive = drive_get(IF_PFLASH, 0, 0);
    g_autofree uint8_t *content = g_malloc(FLASH_BANKS * FLASH_BANK);

    memset(content, 0xff, FLASH_BANKS * FLASH_BANK);
    s->file = -1;
    if (drive) {
        const char *path = qemu_opt_get(drive->opts, "file");

        s->blk = blk_by_legacy_dinfo(drive);
        if (blk_getlength(s->blk) != FLASH_BANKS * FLASH_BANK) {
            error_setg(errp, "the flash file must have exactly %u bytes", FLASH_BANKS * FLASH_BANK);
            return;
        }
        if (blk_attach_dev(s->blk, DEVICE(s)) < 0) {
            error_setg(errp, "the flash file has another user");
            return;
        }
        if (blk_set_perm(s->blk, BLK_PERM_CONSISTENT_READ | BLK_PERM_WRITE, BLK_PERM_ALL, errp) < 0) {
            return;
        }
        if (blk_pread(s->blk, 0, FLASH_BANKS * FLASH_BANK, content, 0) < 0) {
            error_setg(errp, "the flash file cannot be read");
            return;
        }
        if (path && g_strcmp0(bdrv_get_format_name(blk_bs(s->blk)), "raw") == 0) {    /* not what snapshot=on lays over it */
            s->file = qemu_open(path, O_WRONLY, NULL);
        }
    }
    for (unsigned i = 0; i < FLASH_BANKS * FLASH_SECTORS; i++) {
        memcpy(s->bank[i / FLASH_SECTORS].sector[i % FLASH_SECTORS].bytes, content + i * FLASH_SECTOR, FLASH_SECTOR);
    }
}

static void flash_setup(Stm32Periph *p, Error **errp)
{
    Stm32h7Flash *s = STM32H7_FLASH(p);

    memory_region_init(&s->window, OBJECT(p), "flash", FLASH_BANKS * FLASH_BANK);
    for (unsigned i = 0; i < FLASH_BANKS; i++) {
        FlashBank *bank = &s->bank[i];

        bank->flash = s;
        bank->number = i;
        timer_init_ns(&bank->timer, QEMU_CLOCK_VIRTUAL, operation_done, bank);
        for (unsigned n = 0; n < FLASH_SECTORS; n++) {
            FlashSector *sector = &bank->sector[n];
            g_autofree char *name = g_strdup_printf("flash.bank%u.sector%u", i + 1, n);

            sector->bank = bank;
            sector->number = n;
            if (!memory_region_init_rom_device(&sector->memory, OBJECT(p), &memory_ops, sector, name, FLASH_SECTOR, errp)) {
                return;
            }
            sector->memory.disable_reentrancy_guard = true;
            sector->bytes = memory_region_get_ram_ptr(&sector->memory);
            memory_region_add_subregion(&s->window, i * FLASH_BANK + n * FLASH_SECTOR, &sector->memory);
        }
    }
    stm32h7_flash_option_init(s);
    load_content(s, errp);
}

static void flash_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32H7_FLASH(obj)->irq);
}

static void flash_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &flash_map;
    pc->read = flash_read;
    pc->write = flash_write;
    pc->setup = flash_setup;
    pc->reset = flash_reset;
}

static const TypeInfo flash_types[] = {
    {
        .name = TYPE_STM32H7_FLASH,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32h7Flash),
        .instance_init = flash_init,
        .class_init = flash_class_init,
    },
};

DEFINE_TYPES(flash_types)
