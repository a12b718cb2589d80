/* SPDX-License-Identifier: MIT */
/* The DFU state machine: every request in every state, alternates, blocks in and out of order, every kind of flash, every way to refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/boot_sim.h"

enum { DISK = 1, FIRMWARE = 2, ROMFS = 3 };

static uint8_t noise[512 * 1024];

static void power_on(void)
{
    boot_init(&sim.boot, sim.board, &sim.port);
    host_clear();
}

static void open_board(const struct boot_board *board, const enum sim_kind *kinds)
{
    sim_open(board, kinds);
    sim.random ^= 77;
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (uint8_t)(sim_random() >> 9);
    }
    power_on();
}

static void done(void)
{
    assert_null(sim.misuse);
    sim_close();
}

static int state_now(void)
{
    uint8_t state;
    assert_int_equal(host_control(0xA1, DFU_GETSTATE, 0, 0, &state, 1), 1);
    return state;
}

/* ---- Every request in every state ---------------------------------------------------------------------------- */

static void reach(enum dfu_state state)
{
    int status;
    power_on();
    host_set_alternate(ROMFS);
    uint8_t data[BOOT_BLOCK];
    memcpy(data, noise, sizeof data);
    switch (state) {
    case DFU_IDLE:
        break;
    case DFU_DNLOAD_SYNC:
        host_control(0x21, DFU_DNLOAD, 0, 0, data, BOOT_BLOCK);
        break;
    case DFU_DNBUSY:
        host_control(0x21, DFU_DNLOAD, 0, 0, data, BOOT_BLOCK);
        host_status(&status);
        break;
    case DFU_DNLOAD_IDLE:
        assert_int_equal(host_block(0, noise, BOOT_BLOCK), DFU_OK);
        break;
    case DFU_MANIFEST_SYNC:
    case DFU_MANIFEST:
        assert_int_equal(host_block(0, noise, BOOT_BLOCK), DFU_OK);
        host_control(0x21, DFU_DNLOAD, 0, 0, NULL, 0);
        if (state == DFU_MANIFEST) {
            host_status(&status);
        }
        break;
    case DFU_UPLOAD_IDLE:
        host_control(0xA1, DFU_UPLOAD, 0, 0, data, BOOT_BLOCK);
        break;
    default:
        host_set_alternate(0);
        assert_int_equal(host_block(0, noise, BOOT_BLOCK), DFU_ERR_WRITE);
        host_set_alternate(ROMFS);
    }
    assert_int_equal(state_now(), state);
}

struct transition {
    const char *request;
    uint8_t type, number;
    uint16_t length;
    /* Next state by state dfuIDLE (2) to dfuERROR (10); negative: stalled, then that state. State 8 is never reached. */
    int8_t next[9];
};

enum { E = DFU_ERROR };
static const struct transition table[] = {
    /*                                      IDLE  SYNC BUSY D-IDLE M-SYNC MANIF  -  U-IDLE ERROR */
    {"DNLOAD 4096", 0x21, DFU_DNLOAD, 4096, {3, -E, -E, 3, -E, -E, 0, -E, -E}},
    {"DNLOAD 1", 0x21, DFU_DNLOAD, 1, {3, -E, -E, 3, -E, -E, 0, -E, -E}},
    {"DNLOAD 0", 0x21, DFU_DNLOAD, 0, {-E, -E, -E, 6, -E, -E, 0, -E, -E}},
    {"DNLOAD 4097", 0x21, DFU_DNLOAD, 4097, {-E, -E, -E, -E, -E, -E, 0, -E, -E}},
    {"UPLOAD 4096", 0xA1, DFU_UPLOAD, 4096, {9, -E, -E, -E, -E, -E, 0, 9, -E}},
    {"UPLOAD 64", 0xA1, DFU_UPLOAD, 64, {9, -E, -E, -E, -E, -E, 0, 9, -E}},
    {"UPLOAD 65535", 0xA1, DFU_UPLOAD, 65535, {-E, -E, -E, -E, -E, -E, 0, -E, -E}},
    {"GETSTATUS", 0xA1, DFU_GETSTATUS, 6, {2, 4, 4, 5, 7, 7, 0, 9, E}},
    {"GETSTATE", 0xA1, DFU_GETSTATE, 1, {2, 3, 4, 5, 6, 7, 0, 9, E}},
    {"CLRSTATUS", 0x21, DFU_CLRSTATUS, 0, {2, 2, 2, 2, 2, 2, 0, 2, 2}},
    {"ABORT", 0x21, DFU_ABORT, 0, {2, 2, 2, 2, 2, 2, 0, 2, 2}},
    {"DETACH", 0x21, DFU_DETACH, 0, {2, 3, 4, 5, 6, 7, 0, 9, E}},
    {"unknown out", 0x21, 7, 0, {-E, -E, -E, -E, -E, -E, 0, -E, -E}},
    {"unknown in", 0xA1, 0, 1, {-E, -E, -E, -E, -E, -E, 0, -E, -E}},
};

static void every_request_in_every_state(void **state)
{
    (void)state;
    open_board(&SIM_H743, sim_ecc);
    for (size_t t = 0; t < SIM_COUNT(table); t++) {
        for (int from = DFU_IDLE; from <= DFU_ERROR; from++) {
            if (from == DFU_MANIFEST_WAIT_RESET) {
                continue;
            }
            uint8_t data[BOOT_BLOCK] = {0};
            reach((enum dfu_state)from);
            int answer = host_control(table[t].type, table[t].number, 1, 0, data, table[t].length);
            int expected = table[t].next[from - DFU_IDLE], got = answer < 0 ? -state_now() : state_now();
            if (got != expected) {
                print_error("%s in state %d: expected %d, got %d\n", table[t].request, from, expected, got);
            }
            assert_int_equal(got, expected);
            assert_int_equal(sim.boot.dfu.detach, table[t].number == DFU_DETACH && table[t].type == 0x21);
        }
    }
    done();
}

static void a_stall_is_told_and_an_error_is_kept(void **state)
{
    (void)state;
    int status;
    open_board(&SIM_H743, sim_ecc);
    assert_int_equal(host_control(0x21, DFU_DNLOAD, 0, 0, noise, 0), -1);
    assert_int_equal(host_status(&status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_STALLEDPKT);
    host_clear();
    assert_int_equal(host_block(0, noise, 16), DFU_ERR_WRITE); /* alternate 0 is read-only */
    assert_int_equal(host_control(0x21, DFU_DNLOAD, 0, 0, noise, 16), -1);
    assert_int_equal(host_status(&status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_WRITE);
    done();
}

static void requests_for_others_are_refused(void **state)
{
    (void)state;
    uint8_t data[64];
    open_board(&SIM_H743, sim_ecc);
    for (unsigned type = 0; type < 256; type++) {
        for (unsigned index = 0; index < 3; index++) {
            bool ours = index == 0 && (type == 0x21 || type == 0xA1);
            for (unsigned request = 0; request < 7 && !ours; request++) {
                assert_int_equal(host_control((uint8_t)type, (uint8_t)request, 0, index, data, request == DFU_GETSTATUS ? 6 : 0), -1);
                assert_int_equal(state_now(), DFU_IDLE);
            }
        }
    }
    done();
}

/* ---- Alternates ----------------------------------------------------------------------------------------------- */

static void every_alternate_is_checked(void **state)
{
    (void)state;
    uint8_t alternate;
    open_board(&SIM_H743, sim_ecc);
    for (unsigned value = 0; value < 65536; value++) {
        int answer = host_control(0x01, 11, value, 0, NULL, 0);
        assert_int_equal(answer, value < 4 ? 0 : -1);
        assert_int_equal(host_control(0x81, 10, 0, 0, &alternate, 1), 1);
        assert_int_equal(alternate, value < 4 ? value : 3);
    }
    done();
}

/* ---- Where blocks go -------------------------------------------------------------------------------------------- */

struct geometry {
    const struct boot_board *board;
    const enum sim_kind *kinds;
    unsigned alternate; /* one that is no firmware and holds more than one erase block where the board has such */
};

static const struct geometry geometries[] = {
    {&SIM_H743, sim_ecc, 3}, {&SIM_F427, sim_bits, 3}, {&SIM_F765, sim_bits, 1}, {&SIM_NOR64, sim_bits, 3},
    {&SIM_NOR4, sim_bits, 2}, {&SIM_AE3, sim_mram, 3}, {&SIM_AE3, sim_mram, 5},
};

static void a_download_fills_its_partition_and_nothing_else(void **state)
{
    (void)state;
    for (size_t g = 0; g < SIM_COUNT(geometries); g++) {
        open_board(geometries[g].board, geometries[g].kinds);
        const struct boot_partition *to = &sim.board->partitions[geometries[g].alternate];
        const uint32_t lengths[] = {1, 31, 4095, 4096, 4097, to->size - 1, to->size};
        for (size_t i = 0; i < SIM_COUNT(lengths); i++) {
            for (unsigned p = 0; p < sim.board->count; p++) {
                sim_fill(&sim.board->partitions[p], (uint8_t)(p + i));
            }
            sim_save();
            power_on();
            assert_int_equal(host_download(geometries[g].alternate, noise, lengths[i]), DFU_OK);
            assert_memory_equal(sim_bytes(to->base), noise, lengths[i]);
            for (int f = 0; f < SIM_FLASHES && sim.flashes[f].facts; f++) {
                const struct sim_flash *flash = &sim.flashes[f];
                for (uint32_t at = 0; at < flash->size; at += SIM_PAGE) {
                    uint32_t address = flash->facts->base + at;
                    if (address < to->base || address - to->base >= to->size) {
                        assert_memory_equal(flash->bytes + at, flash->golden + at, SIM_PAGE);
                    }
                }
            }
        }
        host_set_alternate(geometries[g].alternate);
        assert_int_equal(host_download(geometries[g].alternate, noise, to->size + 1), DFU_ERR_ADDRESS);
        done();
    }
}

static void writing_the_first_byte_erases_the_block(void **state)
{
    (void)state;
    open_board(&SIM_H743, sim_ecc);
    sim_fill(&SIM_H743.partitions[DISK], 3);
    static const uint8_t zeros[4096];
    assert_int_equal(host_download(DISK, zeros, 4096), DFU_OK);
    const uint8_t *bytes = sim_bytes(SIM_H743.partitions[DISK].base);
    for (uint32_t i = 0; i < 128 * K; i++) {
        assert_int_equal(bytes[i], i < 4096 ? 0 : 0xFF);
    }
    assert_int_equal(sim.erases, 1);
    done();
}

/* Every pair (blocks that have come, block that comes) inside and across a sector, the same again or with other data. */
static void blocks_out_of_order_program_correctly_or_are_refused(void **state)
{
    (void)state;
    for (size_t g = 0; g < SIM_COUNT(geometries); g++) {
        const struct boot_partition *to = &geometries[g].board->partitions[geometries[g].alternate];
        unsigned blocks = to->size / BOOT_BLOCK, step = blocks > 8 ? blocks / 7 : 1;
        open_board(geometries[g].board, geometries[g].kinds);
        for (unsigned come = 1; come <= blocks; come += step) {
            for (unsigned block = 0; block <= blocks + 1; block++) {
                for (unsigned other = 0; other < 2; other++) {
                    static uint8_t changed[BOOT_BLOCK];
                    sim_restore();
                    dfu_init(&sim.boot.dfu, sim.board, &sim.port, false);
                    host_set_alternate(geometries[g].alternate);
                    for (unsigned b = 0; b < come; b++) {
                        assert_int_equal(host_block(b, noise + b * BOOT_BLOCK, BOOT_BLOCK), DFU_OK);
                    }
                    memcpy(changed, noise + block * BOOT_BLOCK, BOOT_BLOCK);
                    changed[2000] ^= (uint8_t)(other ? 0x55 : 0);
                    bool fine = block < blocks && (block == come || (block < come && !other));
                    assert_int_equal(host_block(block, changed, BOOT_BLOCK), fine ? DFU_OK : DFU_ERR_ADDRESS);
                    assert_memory_equal(sim_bytes(to->base), noise, come * BOOT_BLOCK);
                    if (fine) {
                        assert_memory_equal(sim_bytes(to->base + block * BOOT_BLOCK), changed, BOOT_BLOCK);
                    } else {
                        host_clear(); /* the download can go on */
                    }
                    for (unsigned b = come + (block == come); b < blocks && b < come + 3; b++) {
                        assert_int_equal(host_block(b, noise + b * BOOT_BLOCK, BOOT_BLOCK), DFU_OK);
                    }
                    assert_int_equal(host_finish(), come == blocks && !fine ? -1 : DFU_OK);
                }
            }
        }
        done();
    }
}

static void a_short_block_ends_the_download(void **state)
{
    (void)state;
    open_board(&SIM_H743, sim_ecc);
    host_set_alternate(ROMFS);
    assert_int_equal(host_block(0, noise, 1000), DFU_OK);
    assert_int_equal(host_block(0, noise, 1000), DFU_OK);
    assert_int_equal(host_block(0, noise, 500), DFU_OK);
    assert_int_equal(host_block(1, noise, 1000), DFU_ERR_ADDRESS);
    host_clear();
    /* Longer than before, even if it is what the flash holds: padding, then erased bytes. */
    uint8_t longer[BOOT_BLOCK];
    memcpy(longer, sim_bytes(SIM_H743.partitions[ROMFS].base), sizeof longer);
    assert_int_equal(host_block(3, longer, 10), DFU_ERR_ADDRESS);
    assert_int_equal(host_control(0x21, DFU_DNLOAD, 0, 0, longer, 1), -1); /* in dfuERROR */
    host_clear();
    assert_int_equal(host_block(0, noise, 1000), DFU_OK);
    assert_int_equal(host_block(0, longer, 4096), DFU_ERR_ADDRESS);
    host_clear();
    /* A host whose transfer size is smaller would have left holes. */
    assert_int_equal(host_block(0, noise, 4096), DFU_OK); /* from dfuIDLE, block 0: a new download */
    done();
}

static void a_download_goes_on_after_abort_but_not_elsewhere(void **state)
{
    (void)state;
    open_board(&SIM_H743, sim_ecc);
    host_set_alternate(ROMFS);
    assert_int_equal(host_block(1, noise, 4096), DFU_ERR_ADDRESS); /* none has begun */
    host_clear();
    assert_int_equal(host_block(0, noise, 4096), DFU_OK);
    assert_int_equal(host_control(0x21, DFU_ABORT, 0, 0, NULL, 0), 0);
    assert_int_equal(host_block(1, noise + 4096, 4096), DFU_OK);
    host_set_alternate(DISK);
    assert_int_equal(host_block(2, noise, 4096), DFU_ERR_ADDRESS);
    host_clear();
    host_set_alternate(ROMFS);
    assert_int_equal(host_block(2, noise + 8192, 4096), DFU_ERR_ADDRESS);
    assert_memory_equal(sim_bytes(SIM_H743.partitions[ROMFS].base), noise, 8192);
    done();
}

static void a_cut_data_stage_changes_nothing(void **state)
{
    (void)state;
    int status;
    const struct dfu_setup setup = {0x21, DFU_DNLOAD, 0, 0, 4096};
    open_board(&SIM_H743, sim_ecc);
    host_set_alternate(ROMFS);
    assert_int_equal(dfu_setup(&sim.boot.dfu, &setup).action, DFU_RECEIVE);
    assert_int_equal(host_status(&status), DFU_IDLE); /* a SETUP in between */
    dfu_received(&sim.boot.dfu, 4096);                /* late */
    assert_false(dfu_task(&sim.boot.dfu));
    assert_int_equal(dfu_setup(&sim.boot.dfu, &setup).action, DFU_RECEIVE);
    dfu_received(&sim.boot.dfu, 4095);
    assert_false(dfu_task(&sim.boot.dfu));
    assert_int_equal(host_status(&status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_UNKNOWN);
    assert_int_equal(sim.erases + sim.programs, 0);
    done();
}

/* ---- Flash that fails -------------------------------------------------------------------------------------------- */

static void failing_flash_is_told(void **state)
{
    (void)state;
    open_board(&SIM_H743, sim_ecc);
    host_set_alternate(ROMFS);
    sim.fail_erase = 0;
    assert_int_equal(host_block(0, noise, 4096), DFU_ERR_ERASE);
    host_clear();
    sim.fail_program = 0;
    assert_int_equal(host_block(0, noise, 4096), DFU_ERR_WRITE);
    host_clear();
    sim.fail_read = 3;
    assert_int_equal(host_block(0, noise, 4096), DFU_ERR_WRITE);
    host_clear();
    assert_int_equal(host_download(ROMFS, noise, 9000), DFU_OK);
    done();
}

/* ---- Poll time-outs and the number of requests -------------------------------------------------------------------- */

static void only_an_erase_makes_the_host_wait(void **state)
{
    (void)state;
    uint8_t answer[6];
    open_board(&SIM_H743, sim_ecc);
    host_set_alternate(ROMFS);
    for (unsigned block = 0; block < 32; block++) {
        memcpy(answer, "......", 6);
        assert_int_equal(host_control(0x21, DFU_DNLOAD, block, 0, noise, 4096), 4096);
        assert_int_equal(dfu_task(&sim.boot.dfu), block != 0);
        assert_int_equal(host_control(0xA1, DFU_GETSTATUS, 0, 0, answer, 6), 6);
        assert_int_equal(answer[1] | answer[2] << 8 | answer[3] << 16, block == 0 ? 500 : 0);
        assert_int_equal(answer[4], block == 0 ? DFU_DNBUSY : DFU_DNLOAD_IDLE);
        if (block == 0) {
            assert_true(dfu_task(&sim.boot.dfu));
            assert_int_equal(host_wait(), DFU_OK);
        }
    }
    done();
}

/* What a host may do while its block's sector is being erased: it is told so, and nothing else happens until the block is written. */
static unsigned asked_meanwhile;

static void ask_meanwhile(void)
{
    static const struct dfu_setup later[] = {
        {0x21, DFU_DNLOAD, 1, 0, 4096}, {0x21, DFU_DNLOAD, 1, 0, 0}, {0xA1, DFU_UPLOAD, 0, 0, 4096}, {0x21, DFU_ABORT, 0, 0, 0},
        {0x21, DFU_CLRSTATUS, 0, 0, 0}, {0x21, DFU_DETACH, 1000, 0, 0},  {0x01, 11, 1, 0, 0},         {0x21, 0x55, 0, 0, 0},
    };
    uint8_t answer[6];
    asked_meanwhile++;
    assert_true(sim.boot.dfu.working);
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        assert_int_equal(dfu_setup(&sim.boot.dfu, &later[i]).action, DFU_LATER);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(host_control(0xA1, DFU_GETSTATUS, 0, 0, answer, 6), 6);
        assert_int_equal(answer[0], DFU_OK);
        assert_int_equal(answer[1] | answer[2] << 8, sim.port.erase_poll_ms);
        assert_int_equal(answer[4], DFU_DNBUSY);
    }
    assert_int_equal(host_control(0xA1, DFU_GETSTATE, 0, 0, answer, 1), 1);
    assert_int_equal(answer[0], DFU_DNBUSY);
    assert_int_equal(host_control(0x81, 10, 0, 0, answer, 1), 1);
    assert_int_equal(answer[0], ROMFS);
}

static void a_host_that_asks_during_an_erase_is_answered(void **state)
{
    (void)state;
    static const uint16_t polls[] = {0, 100};
    for (size_t i = 0; i < sizeof polls / sizeof *polls; i++) {
        open_board(&SIM_H743, sim_ecc);
        sim.port.erase_poll_ms = polls[i];
        sim.meanwhile = ask_meanwhile;
        asked_meanwhile = 0;
        assert_int_equal(host_download(ROMFS, noise, 9000), DFU_OK);
        assert_int_equal(asked_meanwhile, 1);
        assert_int_equal(memcmp(sim_bytes(0x081E0000), noise, 9000), 0);
        assert_false(sim.boot.dfu.working);
        assert_false(sim.boot.dfu.detach);
        done();
    }
}

static void an_answer_is_never_longer_than_asked(void **state)
{
    (void)state;
    uint8_t answer[8];
    open_board(&SIM_H743, sim_ecc);
    for (unsigned length = 0; length < 8; length++) {
        assert_int_equal(host_control(0xA1, DFU_GETSTATUS, 0, 0, answer, length), length < 6 ? length : 6);
        assert_int_equal(host_control(0xA1, DFU_GETSTATE, 0, 0, answer, length), length < 1 ? length : 1);
        assert_int_equal(host_control(0x81, 10, 0, 0, answer, length), length < 1 ? length : 1);
    }
    done();
}

/* ---- Upload ------------------------------------------------------------------------------------------------------- */

static void every_partition_can_be_read(void **state)
{
    (void)state;
    static uint8_t data[BOOT_BLOCK];
    open_board(&SIM_F427, sim_bits);
    for (unsigned p = 0; p < sim.board->count; p++) {
        sim_fill(&sim.board->partitions[p], (uint8_t)(p * 50));
    }
    for (unsigned p = 0; p < sim.board->count; p++) {
        const struct boot_partition *from = &sim.board->partitions[p];
        host_set_alternate(p);
        for (uint32_t at = 0; at < from->size; at += BOOT_BLOCK) {
            assert_int_equal(host_control(0xA1, DFU_UPLOAD, at / BOOT_BLOCK, 0, data, BOOT_BLOCK), BOOT_BLOCK);
            assert_memory_equal(data, sim_bytes(from->base + at), BOOT_BLOCK);
        }
        assert_int_equal(host_control(0xA1, DFU_UPLOAD, from->size / BOOT_BLOCK, 0, data, BOOT_BLOCK), 0);
        assert_int_equal(state_now(), DFU_IDLE);
        assert_int_equal(host_control(0xA1, DFU_UPLOAD, 65535, 0, data, BOOT_BLOCK), 0);
    }
    done();
}

static void an_unreadable_word_ends_the_upload_with_an_error(void **state)
{
    (void)state;
    static uint8_t data[BOOT_BLOCK];
    int status;
    open_board(&SIM_H743, sim_ecc);
    host_set_alternate(ROMFS);
    sim.flashes[0].units[(SIM_H743.partitions[ROMFS].base - 0x08000000 + 4096) / 32] = UNIT_UNREADABLE;
    assert_int_equal(host_control(0xA1, DFU_UPLOAD, 0, 0, data, BOOT_BLOCK), BOOT_BLOCK);
    assert_int_equal(host_control(0xA1, DFU_UPLOAD, 1, 0, data, BOOT_BLOCK), 0);
    assert_int_equal(host_status(&status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_FILE);
    done();
}

/* ---- Images --------------------------------------------------------------------------------------------------------- */

#define APP 0x08040000u

/* What a download of this ends with; the first `kept` bytes of the firmware partition must be as before when it was refused at once. */
static int install(const uint8_t *image, uint32_t length)
{
    sim_fill(&SIM_H743.partitions[FIRMWARE], 9);
    power_on();
    unsigned long erases = sim.erases;
    int status = host_download(FIRMWARE, image, length);
    bool refused_at_once = status == DFU_ERR_TARGET || status == DFU_ERR_FILE || status == DFU_ERR_ADDRESS;
    assert_int_equal(sim.erases == erases, refused_at_once);
    return status;
}

static void only_images_for_here_are_taken(void **state)
{
    (void)state;
    open_board(&SIM_H743, sim_ecc);
    uint8_t *image = sim_image("SIM_H743", APP, 200000, 1), *bad = malloc(200000);
    assert_int_equal(install(image, 200000), DFU_OK);
    assert_memory_equal(sim_bytes(APP), image, 200000);

    uint8_t *wrong = sim_image("SIM_F427", APP, 200000, 1);
    assert_int_equal(install(wrong, 200000), DFU_ERR_TARGET);
    free(wrong);
    wrong = sim_image("SIM_H743", 0x08020000, 200000, 1);
    assert_int_equal(install(wrong, 200000), DFU_ERR_TARGET);
    free(wrong);
    wrong = sim_image("SIM_H743", APP, 1664 * K + 4, 1);
    assert_int_equal(install(wrong, 1664 * K), DFU_ERR_ADDRESS);
    free(wrong);
    assert_int_equal(install(noise, 200000), DFU_ERR_FILE);
    assert_int_equal(install(noise, 16), DFU_ERR_FILE);
    memset(bad, 0, 200000);
    assert_int_equal(install(bad, 4096), DFU_ERR_FILE);
    memcpy(bad, "\177ELF", 4);
    assert_int_equal(install(bad, 200000), DFU_ERR_FILE);

    assert_int_equal(install(image, 199999), DFU_ERR_NOTDONE);
    assert_int_equal(install(image, 4096), DFU_ERR_NOTDONE);
    for (unsigned i = 0; i < 64; i++) {
        memcpy(bad, image, 200000);
        uint32_t at = i < 2 ? i * 199999 : sim_random() % 200000;
        bad[at] ^= (uint8_t)(1 << i % 8);
        bool in_header = at >= SIM_HEADER_AT && at < SIM_HEADER_AT + 64;
        assert_int_equal(install(bad, 200000), in_header ? DFU_ERR_FILE : DFU_ERR_VERIFY);
    }
    free(image);
    free(bad);
    done();
}

static void what_follows_an_image_is_refused(void **state)
{
    (void)state;
    enum { LENGTH = 9000, FILE_BYTES = 5 * 4096 };
    int status;
    open_board(&SIM_H743, sim_ecc);
    uint8_t *image = sim_image("SIM_H743", 0x08040000, LENGTH, 1);
    uint8_t *file = memset(malloc(FILE_BYTES), 0x55, FILE_BYTES);
    memcpy(file, image, LENGTH);
    sim_save();
    assert_int_equal(host_download(2, file, FILE_BYTES), DFU_ERR_ADDRESS);
    assert_int_equal(memcmp(sim_bytes(0x08040000), file, 3 * 4096), 0); /* filled up to the end of its last block */
    assert_int_equal(*sim_bytes(0x08040000 + 3 * 4096), 0xFF);
    host_clear();
    assert_int_equal(host_status(&status), DFU_IDLE);
    boot_init(&sim.boot, sim.board, &sim.port);
    assert_int_equal(sim.boot.image, IMAGE_OK);
    free(image);
    free(file);
    done();
}

static void the_end_can_be_announced_again_when_the_rest_has_come(void **state)
{
    (void)state;
    open_board(&SIM_H743, sim_ecc);
    uint8_t *image = sim_image("SIM_H743", APP, 20000, 1);
    host_set_alternate(FIRMWARE);
    for (unsigned b = 0; b < 5; b++) {
        if (b == 3) {
            assert_int_equal(host_finish(), DFU_ERR_NOTDONE);
            host_clear();
        }
        assert_int_equal(host_block(b, image + b * 4096, b == 4 ? 20000 - 4 * 4096 : 4096), DFU_OK);
    }
    assert_int_equal(host_finish(), DFU_OK);
    assert_int_equal(state_now(), DFU_IDLE);
    free(image);
    done();
}

static int app_error(void)
{
    power_on();
    return sim.boot.image;
}

static void foreign_images_need_an_envelope(void **state)
{
    (void)state;
    open_board(&SIM_H743, sim_ecc);
    const uint32_t lengths[] = {1, 4095, 4096, 4097, 100000, 128 * K, 200000};
    for (size_t i = 0; i < SIM_COUNT(lengths); i++) {
        uint32_t length = lengths[i];
        uint8_t *wrapped = sim_foreign("SIM_H743", APP, &length, (uint32_t)i);
        assert_int_equal(host_download(FIRMWARE, wrapped, length), DFU_OK);
        assert_memory_equal(sim_bytes(APP), wrapped + BOOT_BLOCK, lengths[i]);
        assert_int_equal(app_error(), IMAGE_OK);
        /* Not all of it. */
        if (lengths[i] > 1) {
            assert_int_equal(host_download(FIRMWARE, wrapped, length - 1), DFU_ERR_NOTDONE);
            assert_int_not_equal(app_error(), IMAGE_OK);
        }
        /* Damaged: no descriptor is written. */
        wrapped[BOOT_BLOCK + lengths[i] / 2] ^= 4;
        assert_int_equal(host_download(FIRMWARE, wrapped, length), DFU_ERR_VERIFY);
        assert_int_not_equal(app_error(), IMAGE_OK);
        free(wrapped);
    }
    done();
}

static void envelopes_for_elsewhere_are_refused(void **state)
{
    (void)state;
    open_board(&SIM_H743, sim_ecc);
    const struct {
        const char *board;
        uint32_t address, length;
        int status;
    } cases[] = {
        {"SIM_F427", APP, 50000, DFU_ERR_TARGET},
        {"SIM_H743", APP + 0x20000, 50000, DFU_ERR_TARGET},
        {"SIM_H743", APP, 1664 * K, DFU_ERR_ADDRESS},         /* no room for the descriptor */
        {"SIM_H743", APP, 1664 * K - 4095, DFU_ERR_ADDRESS},
        {"SIM_H743", APP, 1664 * K - 4096, DFU_OK},
    };
    for (size_t i = 0; i < SIM_COUNT(cases); i++) {
        uint32_t length = cases[i].length;
        uint8_t *wrapped = sim_foreign(cases[i].board, cases[i].address, &length, 5);
        assert_int_equal(install(wrapped, length), cases[i].status);
        free(wrapped);
    }
    /* One of ours in an envelope. */
    uint8_t *image = sim_image("SIM_H743", APP, 50000, 1), *wrapped = calloc(1, 50000 + BOOT_BLOCK);
    struct image_header descriptor;
    image_describe(&descriptor, image, 50000, "SIM_H743", APP);
    memcpy(wrapped, &descriptor, sizeof descriptor);
    memcpy(wrapped + BOOT_BLOCK, image, 50000);
    assert_int_equal(install(wrapped, 50000 + BOOT_BLOCK), DFU_ERR_FILE);
    /* An envelope that is too short, a damaged one, and more data than it says. */
    assert_int_equal(install(wrapped, 4000), DFU_ERR_FILE);
    wrapped[40]++;
    assert_int_equal(install(wrapped, 50000), DFU_ERR_FILE);
    free(image);
    free(wrapped);
    uint32_t length = 4096;
    wrapped = sim_foreign("SIM_H743", APP, &length, 5);
    wrapped = realloc(wrapped, length + 4096);
    memset(wrapped + length, 1, 4096);
    sim_fill(&SIM_H743.partitions[FIRMWARE], 9);
    power_on();
    assert_int_equal(host_download(FIRMWARE, wrapped, length + 1), DFU_ERR_ADDRESS);
    free(wrapped);
    done();
}

static void blocks_of_an_envelope_may_be_sent_again(void **state)
{
    (void)state;
    open_board(&SIM_H743, sim_ecc);
    uint32_t length = 20000;
    uint8_t *wrapped = sim_foreign("SIM_H743", APP, &length, 5), changed[BOOT_BLOCK];
    host_set_alternate(FIRMWARE);
    for (unsigned b = 0; b * BOOT_BLOCK < length; b++) {
        uint32_t n = length - b * BOOT_BLOCK < BOOT_BLOCK ? length - b * BOOT_BLOCK : BOOT_BLOCK;
        for (unsigned again = 0; again <= b; again++) {
            assert_int_equal(host_block(b, wrapped + b * BOOT_BLOCK, n), DFU_OK);
            assert_int_equal(host_block(b - again, wrapped + (b - again) * BOOT_BLOCK, again ? BOOT_BLOCK : n), DFU_OK);
        }
    }
    memcpy(changed, wrapped, BOOT_BLOCK);
    changed[8] ^= 1;
    assert_int_equal(host_block(0, changed, BOOT_BLOCK), DFU_ERR_ADDRESS);
    host_clear();
    assert_int_equal(host_block(5, wrapped + 5 * BOOT_BLOCK, length - 5 * BOOT_BLOCK), DFU_OK);
    assert_int_equal(host_finish(), DFU_OK);
    assert_int_equal(app_error(), IMAGE_OK);
    free(wrapped);
    done();
}

/* ---- The repair window ------------------------------------------------------------------------------------------------ */

static void the_repair_needs_its_key_and_runs_once(void **state)
{
    (void)state;
    static const uint8_t key[16] = {0x15, 0x9E, 0x7D, 0x42, 0x96, 0x1A, 0x71, 0xEB, 0x73, 0xA3, 0x26, 0x29, 0x2B, 0x08, 0x09, 0x0E};
    uint8_t data[4096] = {0};
    open_board(&SIM_AE3, sim_mram);
    host_set_alternate(6);
    assert_int_equal(host_block(0, data, 4096), DFU_ERR_WRITE);
    host_clear();
    memcpy(data, key, 16);
    assert_int_equal(host_block(0, data, 15), DFU_ERR_WRITE);
    host_clear();
    assert_int_equal(host_block(0, data, 4096), DFU_OK);
    assert_int_equal(host_finish(), DFU_OK);
    assert_int_equal(sim.recoveries, 1);
    assert_int_equal(host_block(0, data, 4096), DFU_ERR_WRITE);
    assert_int_equal(sim.recoveries, 1);
    assert_int_equal(sim.erases + sim.programs, 0);
    done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_in_every_state),
        cmocka_unit_test(a_stall_is_told_and_an_error_is_kept),
        cmocka_unit_test(requests_for_others_are_refused),
        cmocka_unit_test(every_alternate_is_checked),
        cmocka_unit_test(a_download_fills_its_partition_and_nothing_else),
        cmocka_unit_test(writing_the_first_byte_erases_the_block),
        cmocka_unit_test(blocks_out_of_order_program_correctly_or_are_refused),
        cmocka_unit_test(a_short_block_ends_the_download),
        cmocka_unit_test(a_download_goes_on_after_abort_but_not_elsewhere),
        cmocka_unit_test(a_cut_data_stage_changes_nothing),
        cmocka_unit_test(failing_flash_is_told),
        cmocka_unit_test(only_an_erase_makes_the_host_wait),
        cmocka_unit_test(a_host_that_asks_during_an_erase_is_answered),
        cmocka_unit_test(an_answer_is_never_longer_than_asked),
        cmocka_unit_test(every_partition_can_be_read),
        cmocka_unit_test(an_unreadable_word_ends_the_upload_with_an_error),
        cmocka_unit_test(only_images_for_here_are_taken),
        cmocka_unit_test(what_follows_an_image_is_refused),
        cmocka_unit_test(the_end_can_be_announced_again_when_the_rest_has_come),
        cmocka_unit_test(foreign_images_need_an_envelope),
        cmocka_unit_test(envelopes_for_elsewhere_are_refused),
        cmocka_unit_test(blocks_of_an_envelope_may_be_sent_again),
        cmocka_unit_test(the_repair_needs_its_key_and_runs_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
