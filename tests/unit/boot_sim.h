/* SPDX-License-Identifier: MIT */
/* A camera for the bootloader's tests: simulated flashes that tear, half-erase, refuse and lose power, and a host that speaks DFU to it.

   An operation is the erase of one block or the programming of one unit. sim.cut_at counts them down; at 0 the power fails in the way of
   sim.tear and longjmps to sim.power_off. What a flash must never be asked (outside, misaligned, twice) is kept in sim.misuse. */
#ifndef TESTS_BOOT_SIM_H
#define TESTS_BOOT_SIM_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/boot.h"

enum sim_kind {
    SIM_ECC,   /* a unit is programmed once per erase; torn units can't be read (STM32H7) */
    SIM_BITS,  /* programming clears bits (STM32F4, F7, NOR) */
    SIM_MRAM,  /* programming overwrites; nothing is erased */
};

enum sim_tear {
    SIM_NOTHING,   /* the operation had not begun */
    SIM_TORN,      /* some of it: bits at random, unreadable units where the flash has an ECC */
    SIM_HALF,      /* a beginning of it is done, the rest is as before */
    SIM_TEARS,
};

enum { UNIT_ERASED, UNIT_PROGRAMMED, UNIT_UNREADABLE, UNIT_WEAK /* reads, but must be erased before it is programmed */ };

enum { SIM_PAGE = 4096, SIM_FLASHES = 2 };

struct sim_flash {
    const struct boot_flash *facts;
    enum sim_kind kind;
    uint32_t size;
    uint8_t *bytes, *golden;
    uint8_t *units, *golden_units;
    uint8_t *dirty; /* per SIM_PAGE */
};

struct sim {
    const struct boot_board *board;
    struct boot_port port;
    struct sim_flash flashes[SIM_FLASHES];
    long cut_at;              /* < 0: never */
    enum sim_tear tear;
    jmp_buf power_off;
    uint32_t random;
    const char *misuse;
    unsigned long erases, programs, reads, recoveries;
    long fail_erase, fail_program, fail_read; /* counts down; < 0: never; the operation fails without effect (read: gives nothing) */
    uint32_t allowed, allowed_size;           /* erase and program outside are a misuse; size 0: nowhere */
    uint32_t time, started;
    bool led, pulled, request, configured, busy;
    unsigned led_changes;
    void (*meanwhile)(void); /* called while a block is being erased, as a port's USB stack does; NULL: nothing happens */
    struct boot boot;
};

static struct sim sim;

static inline uint32_t sim_random(void)
{
    sim.random ^= sim.random << 13;
    sim.random ^= sim.random >> 17;
    sim.random ^= sim.random << 5;
    return sim.random;
}

static inline struct sim_flash *sim_flash_at(uint32_t address, size_t size)
{
    for (int i = 0; i < SIM_FLASHES; i++) {
        struct sim_flash *f = &sim.flashes[i];
        if (f->facts && address >= f->facts->base && address - f->facts->base < f->size && size <= f->size - (address - f->facts->base)) {
            return f;
        }
    }
    return NULL;
}

static inline void sim_mark(struct sim_flash *f, uint32_t offset, uint32_t size)
{
    for (uint32_t page = offset / SIM_PAGE; page <= (offset + size - 1) / SIM_PAGE; page++) {
        f->dirty[page] = 1;
    }
}

/* Called between an operation's checks and its effect. True: the power fails in it. */
static inline bool sim_cut(void)
{
    return sim.cut_at >= 0 && sim.cut_at-- == 0;
}

static inline int sim_misuse(const char *what)
{
    sim.misuse = what;
    return -1;
}

static inline bool sim_fails(long *countdown)
{
    return *countdown >= 0 && (*countdown)-- == 0;
}

static inline int sim_read(void *context, uint32_t address, void *data, size_t size)
{
    struct sim_flash *f = sim_flash_at(address, size);
    (void)context;
    sim.reads++;
    if (!f) {
        return sim_misuse("read outside of every flash");
    }
    if (sim_fails(&sim.fail_read)) {
        return -1;
    }
    uint32_t offset = address - f->facts->base, unit = f->facts->program;
    memcpy(data, f->bytes + offset, size);
    for (uint32_t u = offset / unit; f->kind == SIM_ECC && size && u <= (offset + size - 1) / unit; u++) {
        if (f->units[u] == UNIT_UNREADABLE) {
            return -1;
        }
    }
    return 0;
}

static inline uint32_t sim_block_at(const struct boot_flash *flash, uint32_t address)
{
    uint64_t at = flash->base;
    for (unsigned r = 0; r < flash->runs; r++) {
        for (uint32_t i = 0; i < flash->blocks[r].count; i++, at += flash->blocks[r].size) {
            if (at == address) {
                return flash->blocks[r].size;
            }
        }
    }
    return 0;
}

static inline bool sim_allowed(uint32_t address, uint32_t size)
{
    return address >= sim.allowed && address - sim.allowed <= sim.allowed_size && size <= sim.allowed_size - (address - sim.allowed);
}

static inline int sim_erase(void *context, uint32_t address, uint32_t size)
{
    struct sim_flash *f = sim_flash_at(address, size);
    (void)context;
    if (!f || sim_block_at(f->facts, address) != size || f->kind == SIM_MRAM) {
        return sim_misuse("erase of what is no erase block");
    }
    if (!sim_allowed(address, size)) {
        return sim_misuse("erase outside of the addressed partition");
    }
    if (sim_fails(&sim.fail_erase)) {
        return -1;
    }
    if (sim.meanwhile) {
        sim.meanwhile();
    }
    uint32_t offset = address - f->facts->base, unit = f->facts->program, first = offset / unit, units = size / unit;
    bool cut = sim_cut();
    if (!cut || sim.tear != SIM_NOTHING) {
        sim_mark(f, offset, size);
        uint32_t upto = cut && sim.tear == SIM_HALF ? sim_random() % units : units;
        for (uint32_t u = first; u < first + upto; u++) {
            uint8_t *bytes = f->bytes + u * unit;
            if (!cut || sim.tear == SIM_HALF || sim_random() % 4 == 0) {
                memset(bytes, 0xFF, unit);
                f->units[u] = cut ? UNIT_WEAK : UNIT_ERASED;
                continue;
            }
            uint32_t fate = sim_random() % 4;
            for (uint32_t i = 0; fate != 0 && i < unit; i++) {
                bytes[i] |= (uint8_t)(fate == 1 ? sim_random() & sim_random() & sim_random() : sim_random());
            }
            f->units[u] = fate == 3 ? UNIT_UNREADABLE : fate == 0 ? f->units[u] : UNIT_WEAK;
        }
    }
    if (cut) {
        longjmp(sim.power_off, 1);
    }
    sim.erases++;
    return 0;
}

/* One unit. */
static inline void sim_program_unit(struct sim_flash *f, uint32_t offset, const uint8_t *data, bool cut)
{
    uint32_t unit = f->facts->program, u = offset / unit;
    uint8_t *bytes = f->bytes + offset;
    uint32_t whole = cut && sim.tear != SIM_NOTHING ? sim_random() % unit : unit;
    if (cut && sim.tear == SIM_NOTHING) {
        return;
    }
    for (uint32_t i = 0; i < unit; i++) {
        uint8_t before = f->kind == SIM_MRAM ? data[i] : bytes[i];
        if (!cut || (sim.tear == SIM_HALF && i < whole)) {
            bytes[i] = before & data[i];
        } else if (sim.tear == SIM_TORN) {
            uint8_t late = (uint8_t)sim_random(); /* the bits that were not reached */
            bytes[i] = f->kind == SIM_MRAM ? (uint8_t)((bytes[i] & late) | (data[i] & ~late)) : (uint8_t)(bytes[i] & (data[i] | late));
        }
    }
    f->units[u] = !cut ? UNIT_PROGRAMMED : f->kind == SIM_ECC && sim_random() % 2 ? UNIT_UNREADABLE : UNIT_WEAK;
}

static inline int sim_program(void *context, uint32_t address, const void *data, size_t size)
{
    struct sim_flash *f = sim_flash_at(address, size);
    (void)context;
    if (!f || size == 0 || address % f->facts->program || size % f->facts->program || (uintptr_t)data % 4) {
        return sim_misuse("program misaligned or outside of every flash");
    }
    if (!sim_allowed(address, (uint32_t)size)) {
        return sim_misuse("program outside of the addressed partition");
    }
    if (sim_fails(&sim.fail_program)) {
        return -1;
    }
    uint32_t offset = address - f->facts->base, unit = f->facts->program, units = (uint32_t)size / unit;
    for (uint32_t u = offset / unit; f->kind == SIM_ECC && u < offset / unit + units; u++) {
        if (f->units[u] != UNIT_ERASED) {
            return -1; /* as the port does: refused, not damaged */
        }
    }
    sim_mark(f, offset, (uint32_t)size);
    if (sim.cut_at < 0 || sim.cut_at >= (long)units) { /* all at once */
        sim.cut_at -= sim.cut_at < 0 ? 0 : (long)units;
        for (uint32_t i = 0; i < size; i++) {
            f->bytes[offset + i] = (uint8_t)(((const uint8_t *)data)[i] & (f->bytes[offset + i] | -(f->kind == SIM_MRAM)));
        }
        memset(f->units + offset / unit, UNIT_PROGRAMMED, units);
        sim.programs += units;
        return 0;
    }
    for (size_t done = 0; done < size; done += unit) {
        bool cut = sim_cut();
        sim_program_unit(f, offset + (uint32_t)done, (const uint8_t *)data + done, cut);
        if (cut) {
            longjmp(sim.power_off, 1);
        }
        sim.programs++;
    }
    return 0;
}

static inline uint32_t sim_time(void *context)
{
    (void)context;
    return sim.time;
}

static inline void sim_led(void *context, bool on)
{
    (void)context;
    sim.led_changes += on != sim.led;
    sim.led = on;
}

static inline bool sim_take_request(void *context)
{
    (void)context;
    bool request = sim.request;
    sim.request = false;
    return request;
}

static inline void sim_pull(void *context, bool up)
{
    (void)context;
    sim.pulled = up;
}

static inline bool sim_usb_poll(void *context)
{
    (void)context;
    sim.time++;
    return sim.configured;
}

static inline bool sim_usb_busy(void *context)
{
    (void)context;
    return sim.busy;
}

static inline void sim_start(void *context, uint32_t address)
{
    (void)context;
    sim.started = address;
}

static inline int sim_recover(void *context)
{
    (void)context;
    sim.recoveries++;
    return 0;
}

static inline uint32_t sim_flash_size(const struct boot_flash *facts)
{
    uint32_t size = 0;
    for (unsigned r = 0; r < facts->runs; r++) {
        size += facts->blocks[r].count * facts->blocks[r].size;
    }
    return size;
}

/* A camera with this board, all flash erased. kinds: of its flashes in the order in which partitions name them. */
static inline void sim_open(const struct boot_board *board, const enum sim_kind *kinds)
{
    memset(&sim, 0, sizeof sim);
    sim.board = board;
    sim.cut_at = sim.fail_erase = sim.fail_program = sim.fail_read = -1;
    sim.random = 0x2545F491;
    sim.port = (struct boot_port){
        .read = sim_read, .erase = sim_erase, .program = sim_program, .erase_poll_ms = 500, .time_ms = sim_time, .led = sim_led,
        .take_request = sim_take_request, .usb_pull = sim_pull, .usb_poll = sim_usb_poll, .usb_busy = sim_usb_busy, .start = sim_start,
        .recover = sim_recover,
    };
    for (unsigned p = 0, n = 0; p < board->count; p++) {
        const struct boot_flash *facts = board->partitions[p].flash;
        if (sim.flashes[0].facts == facts || sim.flashes[1].facts == facts || n == SIM_FLASHES) {
            continue;
        }
        struct sim_flash *f = &sim.flashes[n];
        f->facts = facts;
        f->kind = kinds[n++];
        f->size = sim_flash_size(facts);
        f->bytes = malloc(f->size);
        f->golden = malloc(f->size);
        f->units = calloc(1, f->size / facts->program);
        f->golden_units = calloc(1, f->size / facts->program);
        f->dirty = calloc(1, f->size / SIM_PAGE + 1);
        memset(f->bytes, 0xFF, f->size);
        memset(f->golden, 0xFF, f->size);
    }
}

static inline void sim_close(void)
{
    for (int i = 0; i < SIM_FLASHES; i++) {
        free(sim.flashes[i].bytes);
        free(sim.flashes[i].golden);
        free(sim.flashes[i].units);
        free(sim.flashes[i].golden_units);
        free(sim.flashes[i].dirty);
    }
    memset(&sim, 0, sizeof sim);
}

/* Between the flashes and what sim_save kept of them: only pages that changed are copied. */
static inline void sim_copy(bool save)
{
    for (int i = 0; i < SIM_FLASHES && sim.flashes[i].facts; i++) {
        struct sim_flash *f = &sim.flashes[i];
        uint32_t per_page = SIM_PAGE / f->facts->program;
        for (uint32_t page = 0; page < f->size / SIM_PAGE; page++) {
            if (!f->dirty[page]) {
                continue;
            }
            f->dirty[page] = 0;
            memcpy((save ? f->golden : f->bytes) + page * SIM_PAGE, (save ? f->bytes : f->golden) + page * SIM_PAGE, SIM_PAGE);
            memcpy((save ? f->golden_units : f->units) + page * per_page, (save ? f->units : f->golden_units) + page * per_page, per_page);
        }
    }
}

static inline void sim_save(void)
{
    sim_copy(true);
}

static inline void sim_restore(void)
{
    sim_copy(false);
}

static inline const uint8_t *sim_bytes(uint32_t address)
{
    struct sim_flash *f = sim_flash_at(address, 1);
    return f->bytes + (address - f->facts->base);
}

/* Fills a partition with a pattern, as if it had been programmed. */
static inline void sim_fill(const struct boot_partition *partition, uint8_t seed)
{
    struct sim_flash *f = sim_flash_at(partition->base, partition->size);
    uint32_t offset = partition->base - f->facts->base, unit = f->facts->program;
    for (uint32_t i = 0; i < partition->size; i++) {
        f->bytes[offset + i] = (uint8_t)(seed + i * 7 + (i >> 8));
    }
    memset(f->units + offset / unit, UNIT_PROGRAMMED, partition->size / unit);
    sim_mark(f, offset, partition->size);
}

/* ---- The host ------------------------------------------------------------------------------------------------- */

/* A control transfer: its data at `data`, the answer there too. Returns the bytes of the data stage, or -1 for a stall. */
static inline int host_control(uint8_t type, uint8_t request, unsigned value, unsigned index, void *data, unsigned length)
{
    const struct dfu_setup setup = {type, request, (uint16_t)value, (uint16_t)index, (uint16_t)length};
    struct dfu_answer answer = dfu_setup(&sim.boot.dfu, &setup);
    static uint8_t none[BOOT_BLOCK];
    data = data ? data : none;
    switch (answer.action) {
    case DFU_STALL:
        return -1;
    case DFU_SEND:
        memcpy(data, answer.data, answer.length);
        return answer.length;
    case DFU_RECEIVE:
        memcpy(answer.data, data, answer.length);
        dfu_received(&sim.boot.dfu, answer.length);
        return answer.length;
    default:
        return 0;
    }
}

static inline int host_set_alternate(unsigned alternate)
{
    if (alternate < sim.board->count) {
        sim.allowed = sim.board->partitions[alternate].base;
        sim.allowed_size = sim.board->partitions[alternate].writable ? sim.board->partitions[alternate].size : 0;
    }
    return host_control(0x01, 11, alternate, 0, NULL, 0);
}

/* GETSTATUS: bState, *status is bStatus. */
static inline int host_status(int *status)
{
    uint8_t answer[6];
    if (host_control(0xA1, DFU_GETSTATUS, 0, 0, answer, 6) != 6) {
        return -1;
    }
    *status = answer[0];
    sim.time += answer[1] | (uint32_t)answer[2] << 8;
    return answer[4];
}

/* Asks until the camera is neither busy nor manifesting, as dfu-util does. Returns bStatus. */
static inline int host_wait(void)
{
    int status = -1, state;
    do {
        dfu_task(&sim.boot.dfu);
        state = host_status(&status);
    } while (state == DFU_DNLOAD_SYNC || state == DFU_DNBUSY || state == DFU_MANIFEST_SYNC || state == DFU_MANIFEST);
    return status;
}

/* One block. Returns bStatus; -1: stalled. */
static inline int host_block(unsigned block, const void *data, unsigned length)
{
    uint8_t copy[BOOT_BLOCK];
    memcpy(copy, data, length);
    if (host_control(0x21, DFU_DNLOAD, block, 0, copy, length) < 0) {
        return -1;
    }
    return host_wait();
}

static inline int host_finish(void)
{
    return host_control(0x21, DFU_DNLOAD, 0, 0, NULL, 0) < 0 ? -1 : host_wait();
}

static inline void host_clear(void)
{
    host_control(0x21, DFU_CLRSTATUS, 0, 0, NULL, 0);
}

/* A whole download, as dfu-util does it. Returns bStatus. */
static inline int host_download(unsigned alternate, const uint8_t *data, uint32_t length)
{
    int status;
    host_set_alternate(alternate);
    if (host_status(&status) == DFU_ERROR) {
        host_clear();
    }
    for (uint32_t at = 0; at < length; at += BOOT_BLOCK) {
        status = host_block(at / BOOT_BLOCK, data + at, length - at < BOOT_BLOCK ? length - at : BOOT_BLOCK);
        if (status != DFU_OK) {
            return status;
        }
    }
    return host_finish();
}

/* ---- Images ---------------------------------------------------------------------------------------------------- */

enum { SIM_HEADER_AT = 0x300 };

/* An image of ours in memory (free it): noise with a sealed header. */
static inline uint8_t *sim_image(const char *board, uint32_t address, uint32_t length, uint32_t seed)
{
    uint8_t *image = malloc(length);
    struct image_header header = {.address = address, .version = {5, 0, 0, 0}};
    snprintf(header.board, sizeof header.board, "%s", board);
    for (uint32_t i = 0; i < length; i++) {
        seed = seed * 1664525u + 1013904223u;
        image[i] = (uint8_t)(seed >> 24);
    }
    memcpy(image + SIM_HEADER_AT, &header, sizeof header);
    image_seal(image, length, SIM_HEADER_AT);
    return image;
}

/* A foreign image in its envelope: *length grows by BOOT_BLOCK. The image itself is at BOOT_BLOCK. */
static inline uint8_t *sim_foreign(const char *board, uint32_t address, uint32_t *length, uint32_t seed)
{
    uint8_t *wrapped = calloc(1, *length + BOOT_BLOCK);
    for (uint32_t i = 0; i < *length; i++) {
        seed = seed * 1664525u + 1013904223u;
        wrapped[BOOT_BLOCK + i] = (uint8_t)(seed >> 24);
    }
    struct image_header descriptor;
    image_describe(&descriptor, wrapped + BOOT_BLOCK, *length, board, address);
    memcpy(wrapped, &descriptor, sizeof descriptor);
    *length += BOOT_BLOCK;
    return wrapped;
}

/* ---- Boards ----------------------------------------------------------------------------------------------------- */

#define SIM_COUNT(array) (sizeof(array) / sizeof *(array))
#define SIM_FLASH(name, base, unit, ...) \
    static const struct boot_blocks name##_blocks[] = {__VA_ARGS__}; \
    static const struct boot_flash name = {base, unit, name##_blocks, SIM_COUNT(name##_blocks)}
#define SIM_BOARD(id, product, app, hs, ...) \
    static const struct boot_partition id##_partitions[] = {__VA_ARGS__}; \
    static const struct boot_board id __attribute__((unused)) = {#id, 0x37C5, product, app, hs, id##_partitions, SIM_COUNT(id##_partitions)}
#define K 1024u

/* OPENMV4: sectors of 128 KiB, words of 32 bytes. */
SIM_FLASH(h743_flash, 0x08000000, 32, {16, 128 * K});
SIM_BOARD(SIM_H743, 0x9204, 0x08040000, false,
          {"BOOTLOADER", 0x08000000, 128 * K, false, BOOT_ROLE_bootloader, &h743_flash},
          {"FILESYSTEM", 0x08020000, 128 * K, true, BOOT_ROLE_disk, &h743_flash},
          {"FIRMWARE", 0x08040000, 1664 * K, true, BOOT_ROLE_firmware, &h743_flash},
          {"ROMFS0", 0x081E0000, 128 * K, true, BOOT_ROLE_romfs, &h743_flash});

/* STM32F4: 16 KiB, 64 KiB, 128 KiB. The firmware begins in the last small sector, so that a short one spans two sizes. */
SIM_FLASH(f427_flash, 0x08000000, 4, {4, 16 * K}, {1, 64 * K}, {3, 128 * K});
SIM_BOARD(SIM_F427, 0x9202, 0x0800C000, false,
          {"BOOTLOADER", 0x08000000, 32 * K, false, BOOT_ROLE_bootloader, &f427_flash},
          {"FILESYSTEM", 0x08008000, 16 * K, true, BOOT_ROLE_disk, &f427_flash},
          {"FIRMWARE", 0x0800C000, 208 * K, true, BOOT_ROLE_firmware, &f427_flash},
          {"ROMFS0", 0x08040000, 128 * K, true, BOOT_ROLE_romfs, &f427_flash});

/* STM32F7: 32 KiB, 128 KiB, 256 KiB. */
SIM_FLASH(f765_flash, 0x08000000, 4, {4, 32 * K}, {1, 128 * K}, {2, 256 * K});
SIM_BOARD(SIM_F765, 0x9203, 0x08018000, false,
          {"BOOTLOADER", 0x08000000, 32 * K, false, BOOT_ROLE_bootloader, &f765_flash},
          {"FILESYSTEM", 0x08008000, 64 * K, true, BOOT_ROLE_disk, &f765_flash},
          {"FIRMWARE", 0x08018000, 160 * K, true, BOOT_ROLE_firmware, &f765_flash},
          {"ROMFS0", 0x08040000, 256 * K, true, BOOT_ROLE_romfs, &f765_flash});

/* OPENMV_N6: firmware in NOR, blocks of 64 KiB, pages of 256 bytes. */
SIM_FLASH(nor64_flash, 0x70000000, 256, {16, 64 * K});
SIM_BOARD(SIM_NOR64, 0x9206, 0x70080000, true,
          {"BOOTLOADER", 0x70000000, 512 * K, false, BOOT_ROLE_bootloader, &nor64_flash},
          {"FIRMWARE", 0x70080000, 192 * K, true, BOOT_ROLE_firmware, &nor64_flash},
          {"FILESYSTEM", 0x700B0000, 64 * K, true, BOOT_ROLE_disk, &nor64_flash},
          {"ROMFS0", 0x700C0000, 256 * K, true, BOOT_ROLE_romfs, &nor64_flash});

/* NOR erased by 4 KiB: an erase for each block of a transfer. */
SIM_FLASH(nor4_flash, 0x70000000, 256, {64, 4 * K});
SIM_BOARD(SIM_NOR4, 0x9206, 0x70010000, true,
          {"BOOTLOADER", 0x70000000, 64 * K, false, BOOT_ROLE_bootloader, &nor4_flash},
          {"FIRMWARE", 0x70010000, 96 * K, true, BOOT_ROLE_firmware, &nor4_flash},
          {"WINDOW", 0x70028000, 96 * K, true, BOOT_ROLE_window, &nor4_flash},
          {"ROMFS0", 0x70030000, 64 * K, true, BOOT_ROLE_romfs, &nor4_flash});

/* OPENMV_AE3: MRAM for two cores' firmware, NOR beside it, and the recovery window over its beginning. */
SIM_FLASH(mram_flash, 0x80000000, 16, {8 * K, 16});
SIM_FLASH(ospi_flash, 0xA0000000, 128, {16, 4 * K});
SIM_BOARD(SIM_AE3, 0x96E3, 0x80004000, true,
          {"BOOT", 0x80000000, 16 * K, false, BOOT_ROLE_bootloader, &mram_flash},
          {"HP", 0x80004000, 64 * K, true, BOOT_ROLE_firmware, &mram_flash},
          {"HE", 0x80014000, 32 * K, true, BOOT_ROLE_firmware, &mram_flash},
          {"TOC", 0x8001C000, 8 * K, true, BOOT_ROLE_toc, &mram_flash},
          {"RWFS", 0xA0000000, 32 * K, true, BOOT_ROLE_disk, &ospi_flash},
          {"ROMFS0", 0xA0008000, 32 * K, true, BOOT_ROLE_romfs, &ospi_flash},
          {"RECOVERY", 0xA0000000, 4 * K, true, BOOT_ROLE_recovery, &ospi_flash});

static const enum sim_kind sim_ecc[] __attribute__((unused)) = {SIM_ECC, SIM_ECC};
static const enum sim_kind sim_bits[] __attribute__((unused)) = {SIM_BITS, SIM_BITS};
static const enum sim_kind sim_mram[] __attribute__((unused)) = {SIM_MRAM, SIM_BITS};

#endif
