/* SPDX-License-Identifier: MIT */
/* omv's flashers against the bootloader's own core on simulated flash: every control transfer is made to fail, in every way, at every n.
   Afterwards the camera must start its old firmware or the new one, or stay in DFU, and flashing again must succeed.
   FLASH_LONG=1: a whole partition of the H7 (1664 KiB) instead of a short image. */
#include "tests/unit/flash_cable.h"

#include "boot/descriptors.h"
#include "tests/unit/boot_sim.h"

static bool original_loader; /* it ends an upload with four zero bytes, and knows no envelope */

static int descriptor_of(uint16_t value, uint8_t *data, uint16_t length)
{
    uint8_t out[1024];
    size_t n = 0;

    if (value >> 8 == 2)
        n = descriptors_configuration(sim.board, false, out, sizeof out);
    else if (value >> 8 == 3)
        n = descriptors_string(sim.board, value & 255, "0123", out, sizeof out);
    if (!n)
        return DFU_E_STALL;
    n = n < length ? n : length;
    memcpy(data, out, n);
    return (int)n;
}

static int transfer(uint8_t type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length)
{
    if (type == 0x80)
        return descriptor_of(value, data, length);
    if (type == 0x01) {
        host_set_alternate(value);
        return 0;
    }
    int n = host_control(type, request, value, index, data, length);
    if (original_loader && type == 0xA1 && request == DFU_UPLOAD && n == 0) {
        memset(data, 0, 4);
        n = 4;
    }
    dfu_task(&sim.boot.dfu);
    return n < 0 ? DFU_E_STALL : n;
}

static int control(void *context, uint8_t type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                   unsigned timeout)
{
    long n = cable.n++;

    (void)context;
    (void)timeout;
    if (cable.gone)
        return DFU_E_GONE;
    /* Whether the device saw a transfer that failed is anybody's guess: the odd ones it did. */
    if (n == cable.at && n % 2 == 0 && cable.way < SHORT)
        return spoil(data, 0, false);
    if (setjmp(sim.power_off)) {
        cable.gone = true;
        return DFU_E_GONE;
    }
    int moved = transfer(type, request, value, index, data, length);
    return n == cable.at ? spoil(data, moved, type & 0x80) : moved;
}

static int set_alternate(void *context, unsigned interface, unsigned alternate)
{
    return control(context, 0x01, 11, (uint16_t)alternate, (uint16_t)interface, NULL, 0, 0);
}

static const struct dfu_wire wire = {NULL, control, set_alternate, sleep_ms, now_ms};

/* --- the camera --------------------------------------------------------------------------------------------------------------- */

static struct board_partition host_partitions[8];
static struct board host_board;

static const char *role_name(enum boot_role role)
{
    return role == BOOT_ROLE_bootloader ? "bootloader" : role == BOOT_ROLE_firmware ? "firmware" : "disk";
}

/* The same board as the host knows it. */
static const struct board *board_of(const struct boot_board *board)
{
    for (unsigned i = 0; i < board->count; i++) {
        const struct boot_partition *p = &board->partitions[i];
        host_partitions[i] = (struct board_partition){
            .name = p->name, .role = role_name(p->role), .alt = (int)i, .base = p->base, .size = p->size, .writable = p->writable};
    }
    host_board = (struct board){.target = board->target, .partitions = host_partitions, .partition_count = board->count};
    return &host_board;
}

/* Power on, or the cable is plugged in again: the bootloader starts anew. */
static void plug(void)
{
    cable.gone = false;
    cable.n = 0;
    cable.at = -1;
    sim.cut_at = -1;
    boot_init(&sim.boot, sim.board, &sim.port);
}

static struct flash_part part_of(const struct boot_board *board, unsigned alternate, const uint8_t *bytes, size_t size, bool foreign)
{
    const struct boot_partition *p = &board->partitions[alternate];
    return (struct flash_part){
        .name = p->name, .alternate = alternate, .address = p->base, .bytes = bytes, .size = size, .foreign = foreign};
}

static struct flash_link camera;

/* All that `omv flash` does to a loader. */
static int flash(const struct flash_part *part, flash_progress progress, void *context)
{
    int error = flasher_open(&camera, &flasher_openmv, board_of(sim.board), &wire, progress, context);
    if (!error)
        error = flasher_openmv.check(&camera, part);
    if (!error)
        error = flasher_openmv.write(&camera, part);
    if (!error)
        error = flasher_openmv.verify(&camera, part);
    return error ? error : flasher_openmv.leave(&camera, part->address);
}

static bool holds(const struct flash_part *part)
{
    return memcmp(sim_bytes(part->address), part->bytes, part->size) == 0;
}

/* --- the tests ---------------------------------------------------------------------------------------------------------------- */

static const struct {
    const struct boot_board *board;
    const enum sim_kind *kinds;
    unsigned alternate;
    uint32_t old_bytes, new_bytes;
    bool foreign;
} cases[] = {
    {&SIM_H743, sim_ecc, 2, 130 * K, 128 * K + 4444, false}, {&SIM_H743, sim_ecc, 2, 9000, 12300, true},
    {&SIM_F427, sim_bits, 2, 30 * K, 20 * K + 1, false},     {&SIM_NOR64, sim_bits, 1, 60 * K, 70 * K + 77, false},
    {&SIM_NOR4, sim_bits, 1, 20 * K, 24 * K, true},          {&SIM_AE3, sim_mram, 2, 20 * K, 18 * K + 5, false},
};

static uint8_t *image_of(size_t i, uint32_t bytes, uint32_t seed)
{
    const struct boot_partition *p = &cases[i].board->partitions[cases[i].alternate];
    uint8_t *image = sim_image(cases[i].board->target, p->base, bytes, seed);
    if (cases[i].foreign)
        image[SIM_HEADER_AT] ^= 0xFF; /* no header any more */
    return image;
}

static void flashes_and_verifies(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIM_COUNT(cases); i++) {
        uint8_t *image = image_of(i, cases[i].new_bytes, 7);
        struct flash_part part = part_of(cases[i].board, cases[i].alternate, image, cases[i].new_bytes, cases[i].foreign);
        sim_open(cases[i].board, cases[i].kinds);
        plug();
        int error = flash(&part, NULL, NULL);
        CHECK(error == 0, "case %zu: %s, status %u at %u", i, dfu_strerror(error), camera.client.status, (unsigned)camera.client.at);
        CHECK(holds(&part), "case %zu: flash differs", i);
        CHECK(sim.misuse == NULL, "case %zu: %s", i, sim.misuse);
        CHECK(sim.boot.dfu.detach, "case %zu: it was not told to start", i);
        plug();
        CHECK(sim.boot.image == IMAGE_OK || cases[i].alternate != 2 || i == 5, "case %zu: it does not start: %d", i, sim.boot.image);
        sim_close();
        free(image);
    }
}

/* How many requests are needed at least: for a block DNLOAD and GETSTATUS, for reading it back UPLOAD. */
static void asks_no_more_than_needed(void **state)
{
    (void)state;
    const uint32_t bytes = 1600 * K, blocks = bytes / BOOT_BLOCK, erases = (bytes + 128 * K - 1) / (128 * K);
    uint8_t *image = sim_image("SIM_H743", 0x08040000, bytes, 3);
    struct flash_part part = part_of(&SIM_H743, 2, image, bytes, false);

    sim_open(&SIM_H743, sim_ecc);
    plug();
    assert_int_equal(flash(&part, NULL, NULL), 0);
    uint32_t least = 3 * blocks + erases;
    CHECK(camera.client.requests <= least + 24, "%u requests, at least %u are needed", (unsigned)camera.client.requests, (unsigned)least);
    print_message("# %u control requests for %u blocks; the least is %u\n", (unsigned)camera.client.requests, (unsigned)blocks,
                  (unsigned)least);
    sim_close();
    free(image);
}

/* One case, one way to fail, at every n. */
static void fails_everywhere(size_t i, enum way way, uint32_t old_bytes, uint32_t new_bytes)
{
    uint8_t *old_image = image_of(i, old_bytes, 1), *new_image = image_of(i, new_bytes, 2);
    struct flash_part was = part_of(cases[i].board, cases[i].alternate, old_image, old_bytes, cases[i].foreign);
    struct flash_part part = part_of(cases[i].board, cases[i].alternate, new_image, new_bytes, cases[i].foreign);
    unsigned long failed = 0, n = 0;

    sim_open(cases[i].board, cases[i].kinds);
    plug();
    assert_int_equal(flash(&was, NULL, NULL), 0);
    sim_save();
    for (;; n++) {
        sim_restore();
        plug();
        if (way == POWER_CUT) {
            sim.cut_at = (long)n * (new_bytes > 1024 * K ? 1499 : 11);
            sim.tear = (enum sim_tear)(n % SIM_TEARS);
        } else {
            cable.at = (long)n;
            cable.way = way;
        }
        int error = flash(&part, NULL, NULL);
        bool reached = way == POWER_CUT ? cable.gone : cable.n > cable.at;
        CHECK(error != 0 || holds(&part), "case %zu, %s at %lu: success is claimed, but the flash differs", i, way_names[way], n);
        failed += error != 0;
        if (!reached && !error)
            break;
        CHECK(sim.misuse == NULL, "case %zu, %s at %lu: %s", i, way_names[way], n, sim.misuse);
        CHECK(error == 0 || camera.touched || holds(&was), "case %zu, %s at %lu: 'nothing was changed' is wrong", i, way_names[way], n);
        /* Its state: old, new, or it stays in DFU. Only the H7's application is its own partition here. */
        plug();
        bool starts = sim.boot.image == IMAGE_OK;
        CHECK(!starts || sim.board->application != part.address || holds(&was) || holds(&part),
              "case %zu, %s at %lu: half an image is started", i, way_names[way], n);
        error = flash(&part, NULL, NULL);
        CHECK(error == 0 && holds(&part), "case %zu, %s at %lu: the second run fails: %s, status %u", i, way_names[way], n,
              dfu_strerror(error), camera.client.status);
    }
    CHECK(n > 8, "case %zu, %s: only %lu transfers were spoilt", i, way_names[way], n);
    CHECK(failed > 0, "case %zu, %s: nothing ever failed", i, way_names[way]);
    print_message("# case %zu, %s: %lu places, %lu failures, 0 broken cameras\n", i, way_names[way], n, failed);
    sim_close();
    free(old_image);
    free(new_image);
}

static void recovers_from_every_failure(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIM_COUNT(cases); i++)
        for (enum way way = UNPLUG; way < WAYS; way++)
            fails_everywhere(i, way, cases[i].old_bytes, cases[i].new_bytes);
    if (getenv("FLASH_LONG"))
        for (enum way way = UNPLUG; way < WAYS; way++)
            fails_everywhere(0, way, 1600 * K, 1664 * K);
}

static void refuses_another_boards_image(void **state)
{
    (void)state;
    uint8_t *image = sim_image("OPENMV_N6", 0x08040000, 20000, 1), *old_image = sim_image("SIM_H743", 0x08040000, 20000, 2);
    struct flash_part part = part_of(&SIM_H743, 2, image, 20000, false), was = part_of(&SIM_H743, 2, old_image, 20000, false);

    sim_open(&SIM_H743, sim_ecc);
    plug();
    assert_int_equal(flash(&was, NULL, NULL), 0);
    plug();
    assert_int_equal(flash(&part, NULL, NULL), DFU_E_STATUS);
    assert_int_equal(camera.client.status, DFU_ERR_TARGET);
    assert_false(camera.touched);
    assert_true(holds(&was));
    sim_close();
    free(image);
    free(old_image);
}

/* The original bootloader knows no envelope: a foreign image goes as it is. */
static void foreign_image_on_the_original_loader(void **state)
{
    (void)state;
    uint8_t image[9000] = {0};
    struct flash_part part = part_of(&SIM_H743, 2, image, sizeof image, true);
    memset(image, 0x5A, sizeof image);

    sim_open(&SIM_H743, sim_ecc);
    plug();
    original_loader = true;
    /* Our core refuses what the original would take: that nothing is wrapped is what is seen here. */
    assert_int_equal(flash(&part, NULL, NULL), DFU_E_STATUS);
    assert_int_equal(camera.client.status, DFU_ERR_FILE);
    original_loader = false;
    plug();
    assert_int_equal(flash(&part, NULL, NULL), 0);
    plug();
    assert_int_equal(sim.boot.image, IMAGE_OK);
    sim_close();
}

static void finds_a_flipped_bit(void **state)
{
    (void)state;
    uint8_t *image = sim_image("SIM_H743", 0x08040000, 50000, 1);
    struct flash_part part = part_of(&SIM_H743, 2, image, 50000, false);
    static const uint32_t places[] = {0, 4095, 4096, 33333, 49999};

    sim_open(&SIM_H743, sim_ecc);
    for (size_t i = 0; i < SIM_COUNT(places); i++) {
        plug();
        assert_int_equal(flash(&part, NULL, NULL), 0);
        plug();
        assert_int_equal(flasher_open(&camera, &flasher_openmv, board_of(sim.board), &wire, NULL, NULL), 0);
        uint8_t *byte = (uint8_t *)(uintptr_t)sim_bytes(part.address + places[i]);
        *byte ^= 0x10;
        assert_int_equal(flasher_openmv.verify(&camera, &part), DFU_E_DIFFERS);
        assert_int_equal(camera.client.at, places[i]);
        *byte ^= 0x10;
        assert_int_equal(flasher_openmv.verify(&camera, &part), 0);
    }
    sim_close();
    free(image);
}

/* Whatever a program before us has left behind. */
static void begins_in_every_state(void **state)
{
    (void)state;
    uint8_t block[BOOT_BLOCK], *image = sim_image("SIM_H743", 0x08040000, 9000, 1);
    struct flash_part part = part_of(&SIM_H743, 2, image, 9000, false);

    sim_open(&SIM_H743, sim_ecc);
    for (int i = 0; i < 5; i++) {
        plug();
        host_set_alternate(2);
        host_clear();
        memcpy(block, image, sizeof block);
        if (i == 1)
            host_control(0x21, DFU_DNLOAD, 0, 0, block, sizeof block); /* in the middle of a block */
        if (i == 2)
            host_block(0, block, sizeof block);
        if (i == 3)
            host_control(0xA1, DFU_UPLOAD, 0, 0, block, sizeof block);
        if (i == 4)
            host_control(0x21, DFU_DNLOAD, 9, 0, NULL, 0); /* stalls: dfuERROR */
        int error = flash(&part, NULL, NULL);
        CHECK(error == 0 && holds(&part), "left in state %d: %s", i, dfu_strerror(error));
    }
    sim_close();
    free(image);
}

static bool stop_at(void *context, enum flash_phase phase, const struct flash_part *part, uint32_t done, uint32_t all)
{
    int *left = context;
    (void)phase;
    (void)part;
    CHECK(done <= all, "%u of %u", (unsigned)done, (unsigned)all);
    return (*left)-- > 0;
}

static void stops_when_asked(void **state)
{
    (void)state;
    uint8_t *image = sim_image("SIM_H743", 0x08040000, 30000, 1);
    struct flash_part part = part_of(&SIM_H743, 2, image, 30000, false);

    sim_open(&SIM_H743, sim_ecc);
    for (int i = 0;; i++) {
        int left = i;
        plug();
        int error = flash(&part, stop_at, &left);
        if (!error)
            break;
        CHECK(error == DFU_E_INTERRUPTED, "stopped at step %d: %s", i, dfu_strerror(error));
        CHECK(i > 0 || !camera.touched, "nothing was written, but it is said");
        int ever = 1000000;
        assert_int_equal(flash(&part, stop_at, &ever), 0); /* without being plugged in again */
        assert_true(holds(&part));
        assert_true(i < 100);
    }
    sim_close();
    free(image);
}

static void reads_descriptors(void **state)
{
    (void)state;
    uint8_t configuration[256];
    struct dfu_client client = {.wire = NULL};
    size_t size = descriptors_configuration(&SIM_AE3, false, configuration, sizeof configuration);

    assert_int_equal(dfu_client_parse(&client, configuration, size), 0);
    assert_int_equal(client.alternates, SIM_AE3.count);
    assert_int_equal(client.transfer_size, 4096);
    assert_int_equal(client.version, 0x0110);
    /* Cut anywhere, or any byte of it wrong: an answer, not a crash. */
    for (size_t n = 0; n < size; n++) {
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, configuration, n);
        client = (struct dfu_client){.wire = NULL};
        dfu_client_parse(&client, cut, n);
        free(cut);
        for (int v = 0; v < 256; v++) {
            uint8_t keep = configuration[n];
            configuration[n] = (uint8_t)v;
            client = (struct dfu_client){.wire = NULL};
            dfu_client_parse(&client, configuration, size);
            configuration[n] = keep;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flashes_and_verifies),
        cmocka_unit_test(asks_no_more_than_needed),
        cmocka_unit_test(recovers_from_every_failure),
        cmocka_unit_test(refuses_another_boards_image),
        cmocka_unit_test(foreign_image_on_the_original_loader),
        cmocka_unit_test(finds_a_flipped_bit),
        cmocka_unit_test(begins_in_every_state),
        cmocka_unit_test(stops_when_asked),
        cmocka_unit_test(reads_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
