/* SPDX-License-Identifier: MIT */
/* Fuzz target: a host that sends any control request in any order to the bootloader, with flash that fails now and then.
   What must hold whatever comes: flash outside the addressed partition never changes, the bootloader's never; answers keep to their
   length; a block that was accepted is in flash; what is started has the CRC it promises, by a second implementation. */
#include <assert.h>

#include "tests/unit/boot_sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Three kinds of flash, small so that ten million runs end. */
SIM_FLASH(words_flash, 0x08000000, 32, {8, 8 * K});
SIM_BOARD(FZ_WORDS, 1, 0x08006000, false, {"BOOTLOADER", 0x08000000, 16 * K, false, BOOT_ROLE_bootloader, &words_flash},
          {"FILESYSTEM", 0x08004000, 8 * K, true, BOOT_ROLE_disk, &words_flash},
          {"FIRMWARE", 0x08006000, 24 * K, true, BOOT_ROLE_firmware, &words_flash},
          {"ROMFS0", 0x0800C000, 16 * K, true, BOOT_ROLE_romfs, &words_flash});
SIM_FLASH(uneven_flash, 0x08000000, 4, {4, 4 * K}, {1, 16 * K}, {2, 8 * K});
SIM_BOARD(FZ_UNEVEN, 2, 0x08003000, true, {"BOOTLOADER", 0x08000000, 8 * K, false, BOOT_ROLE_bootloader, &uneven_flash},
          {"FIRMWARE", 0x08003000, 20 * K, true, BOOT_ROLE_firmware, &uneven_flash},
          {"ROMFS0", 0x08008000, 16 * K, true, BOOT_ROLE_romfs, &uneven_flash},
          {"FILESYSTEM", 0x08002000, 4 * K, true, BOOT_ROLE_disk, &uneven_flash});
SIM_FLASH(core_flash, 0x80000000, 16, {3 * K, 16});
SIM_FLASH(disk_flash, 0xA0000000, 128, {4, 4 * K});
SIM_BOARD(FZ_CORES, 3, 0x80004000, true, {"BOOT", 0x80000000, 16 * K, false, BOOT_ROLE_bootloader, &core_flash},
          {"HP", 0x80004000, 16 * K, true, BOOT_ROLE_firmware, &core_flash},
          {"HE", 0x80008000, 12 * K, true, BOOT_ROLE_firmware, &core_flash}, {"TOC", 0x8000B000, 4 * K, true, BOOT_ROLE_toc, &core_flash},
          {"RWFS", 0xA0000000, 8 * K, true, BOOT_ROLE_disk, &disk_flash},
          {"WINDOW", 0xA0000000, 16 * K, true, BOOT_ROLE_window, &disk_flash},
          {"RECOVERY", 0xA0000000, 4 * K, true, BOOT_ROLE_recovery, &disk_flash});

enum { BOARDS = 3, OLD_BYTES = 900, IMAGE_BYTES = 4500, FOREIGN_BYTES = 4300 };

static struct sim cameras[BOARDS];
static uint8_t *images[BOARDS], *foreigns[BOARDS];

static struct input {
    const uint8_t *bytes;
    size_t n;
} in;

static unsigned take(void)
{
    if (in.n == 0) {
        return 0;
    }
    in.n--;
    return *in.bytes++;
}

static unsigned take16(void)
{
    unsigned low = take();
    return low | take() << 8;
}

static void prepare(void)
{
    static const struct boot_board *const boards[BOARDS] = {&FZ_WORDS, &FZ_UNEVEN, &FZ_CORES};
    static const enum sim_kind *const kinds[BOARDS] = {sim_ecc, sim_bits, sim_mram};
    for (int i = 0; i < BOARDS; i++) {
        uint32_t length = FOREIGN_BYTES;
        sim_open(boards[i], kinds[i]);
        images[i] = sim_image(boards[i]->target, boards[i]->application, IMAGE_BYTES, 1);
        foreigns[i] = sim_foreign(boards[i]->target, boards[i]->application, &length, 2);
        for (unsigned p = 0; p < boards[i]->count; p++) {
            sim_fill(&boards[i]->partitions[p], (uint8_t)(1 + p));
        }
        /* An application is installed. */
        uint8_t *old = sim_image(boards[i]->target, boards[i]->application, OLD_BYTES, 3);
        boot_init(&sim.boot, sim.board, &sim.port);
        for (unsigned p = 0; p < boards[i]->count; p++) {
            if (boards[i]->partitions[p].base == boards[i]->application) {
                assert(host_download(p, old, OLD_BYTES) == DFU_OK);
            }
        }
        free(old);
        sim.allowed_size = 0;
        sim_save();
        cameras[i] = sim;
    }
}

/* CRC-32 bit by bit. */
static uint32_t slow_crc(uint32_t crc, const uint8_t *bytes, size_t n)
{
    while (n--) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
        }
    }
    return crc;
}

static void check_start(void)
{
    const uint8_t *app = sim_bytes(sim.board->application);
    for (uint32_t at = 0; at < 4096; at += 256) {
        struct image_header h;
        memcpy(&h, app + at, sizeof h);
        if (h.magic == IMAGE_MAGIC && slow_crc(~0u, app + at, 60) == ~h.header_crc) {
            assert(h.length >= at + 64 && h.length <= 24 * K && h.address == sim.board->application);
            assert(slow_crc(slow_crc(~0u, app, at), app + at + 64, h.length - at - 64) == ~h.crc);
            return;
        }
    }
    for (uint32_t at = 4096; at < 20 * K; at += 4096) {
        struct image_header h;
        memcpy(&h, app + at, sizeof h);
        if (h.magic == IMAGE_FOREIGN_MAGIC && slow_crc(~0u, app + at, 60) == ~h.header_crc && h.length <= at &&
            slow_crc(~0u, app, h.length) == ~h.crc) {
            return;
        }
    }
    assert(!"something was started that is no image");
}

/* The data of a download: a known image's block, or a pattern. */
static void make_data(int camera, unsigned kind, unsigned block, uint8_t *to, unsigned length)
{
    memset(to, (int)kind, length);
    if ((kind & 3) == 1 && block * BOOT_BLOCK < IMAGE_BYTES) {
        unsigned left = IMAGE_BYTES - block * BOOT_BLOCK;
        memcpy(to, images[camera] + block * BOOT_BLOCK, length < left ? length : left);
    } else if ((kind & 3) == 2 && block * BOOT_BLOCK < FOREIGN_BYTES + BOOT_BLOCK) {
        unsigned left = FOREIGN_BYTES + BOOT_BLOCK - block * BOOT_BLOCK;
        memcpy(to, foreigns[camera] + block * BOOT_BLOCK, length < left ? length : left);
    } else if ((kind & 3) == 3) {
        for (unsigned i = 0; i < length && i < 64 && in.n; i++) {
            to[i] = (uint8_t)take();
        }
    }
}

static unsigned selected;

/* One control transfer. data_kind: what a download carries; cut: bytes of it that don't come. */
static void transfer(int camera, const struct dfu_setup *setup, unsigned data_kind, unsigned cut)
{
    struct dfu *dfu = &sim.boot.dfu;
    static uint8_t sent[BOOT_BLOCK];
    struct dfu_answer answer = dfu_setup(dfu, setup);
    const struct boot_partition *to = selected < sim.board->count ? &sim.board->partitions[selected] : NULL;

    assert(dfu->state >= DFU_IDLE && dfu->state <= DFU_ERROR && dfu->status <= DFU_ERR_STALLEDPKT);
    if (answer.action == DFU_ACK && setup->type == 1 && setup->request == 11) {
        selected = setup->value;
        to = selected < sim.board->count ? &sim.board->partitions[selected] : NULL;
        sim.allowed = to ? to->base : 0;
        sim.allowed_size = to && to->writable ? to->size : 0;
    } else if (answer.action == DFU_SEND) {
        assert(answer.length <= setup->length && answer.length <= BOOT_BLOCK);
        memcpy(sent, answer.data, answer.length);
    } else if (answer.action == DFU_RECEIVE) {
        assert(answer.length == setup->length && answer.length <= BOOT_BLOCK && answer.length > 0);
        make_data(camera, data_kind, setup->value, sent, answer.length);
        unsigned come = answer.length > cut ? answer.length - cut : 0;
        memcpy(answer.data, sent, come);
        dfu_received(dfu, come);
        if (data_kind & 0x40) {
            return; /* the next request comes before the work is done */
        }
        dfu_setup(dfu, &(const struct dfu_setup){0xA1, DFU_GETSTATUS, 0, 0, 6});
        dfu_task(dfu);
        if (dfu->state != DFU_ERROR && to && to->role != BOOT_ROLE_firmware && to->role != BOOT_ROLE_recovery) {
            assert(memcmp(sim_bytes(to->base + setup->value * BOOT_BLOCK), sent, answer.length) == 0);
        }
    }
}

/* Requests while a block is being erased: what changes anything must come later, and what is answered must keep to its length. */
static unsigned meanwhile_requests;

static void meanwhile(void)
{
    for (; meanwhile_requests && in.n; meanwhile_requests--) {
        struct dfu_setup setup = {(uint8_t)take(), (uint8_t)take(), 0, 0, 0};
        setup.value = (uint16_t)take();
        setup.length = (uint16_t)take16();
        struct dfu before = sim.boot.dfu;
        struct dfu_answer answer = dfu_setup(&sim.boot.dfu, &setup);
        assert(answer.action == DFU_LATER || answer.action == DFU_STALL || (answer.action == DFU_SEND && answer.length <= setup.length));
        assert(memcmp(before.buffer, sim.boot.dfu.buffer, sizeof before.buffer) == 0 && before.alternate == sim.boot.dfu.alternate &&
               before.work == sim.boot.dfu.work && memcmp(&before.download, &sim.boot.dfu.download, sizeof before.download) == 0);
    }
}

static void turn(bool configured)
{
    if (!boot_turn(&sim.boot, configured)) {
        check_start();
        boot_init(&sim.boot, sim.board, &sim.port);
        selected = 0;
        sim.allowed_size = 0;
    } else if (sim.boot.dfu.alternate == 0) {
        selected = 0; /* the bus was reset, or alternate 0 selected: read-only in every board here */
        sim.allowed_size = 0;
    }
}

static void step(int camera)
{
    struct dfu_setup setup = {0x21, 0, 0, 0, 0};
    unsigned op = take(), kind = 0, cut = 0;
    switch (op & 15) {
    case 0:
        setup = (struct dfu_setup){(uint8_t)take(), (uint8_t)take(), 0, 0, 0};
        setup.value = (uint16_t)take16();
        setup.index = (uint16_t)(op & 16 ? take16() : 0);
        setup.length = (uint16_t)take16();
        kind = take();
        break;
    case 1:
        setup = (struct dfu_setup){1, 11, (uint16_t)take(), 0, 0};
        break;
    case 2:
    case 3:
        setup = (struct dfu_setup){0x21, DFU_DNLOAD, (uint16_t)take(), 0, BOOT_BLOCK};
        kind = take();
        break;
    case 4:
        setup = (struct dfu_setup){0x21, DFU_DNLOAD, (uint16_t)take16(), 0, (uint16_t)take16()};
        kind = take();
        cut = op & 16 ? take() : 0;
        break;
    case 5:
        setup = (struct dfu_setup){0xA1, DFU_GETSTATUS, 0, 0, 6};
        break;
    case 6:
        setup = (struct dfu_setup){0xA1, DFU_UPLOAD, (uint16_t)take16(), 0, (uint16_t)take16()};
        break;
    case 7:
        setup.request = DFU_CLRSTATUS;
        break;
    case 8:
        setup.request = DFU_ABORT;
        break;
    case 9:
        setup.request = DFU_DETACH;
        break;
    case 10:
        setup.request = DFU_DNLOAD;
        break;
    case 11:
        turn(false);
        return;
    case 12:
        sim.time += take() * 8;
        turn(true);
        return;
    case 13:
        if (op & 64) {
            meanwhile_requests = take() & 7;
            return;
        }
        *(op & 16 ? &sim.fail_read : op & 32 ? &sim.fail_erase : &sim.fail_program) = (long)take();
        return;
    default:
        dfu_task(&sim.boot.dfu);
        return;
    }
    transfer(camera, &setup, kind, cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (!cameras[0].board) {
        prepare();
    }
    in = (struct input){data, n};
    int camera = (int)(take() % BOARDS);
    selected = meanwhile_requests = 0;
    sim = cameras[camera];
    sim.meanwhile = meanwhile;
    boot_init(&sim.boot, sim.board, &sim.port);
    while (in.n) {
        step(camera);
        if (sim.misuse) {
            fprintf(stderr, "%s\n", sim.misuse);
            abort();
        }
    }
    const struct boot_partition *loader = &sim.board->partitions[0];
    assert(memcmp(sim_bytes(loader->base), sim.flashes[0].golden + (loader->base - sim.flashes[0].facts->base), loader->size) == 0);
    sim_restore();
    return 0;
}
