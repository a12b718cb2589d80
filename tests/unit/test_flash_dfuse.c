/* SPDX-License-Identifier: MIT */
/* omv's DfuSe flasher (restoring a bootloader) against ST's loader in miniature: every control transfer is made to fail, in every way. */
#include "tests/unit/flash_cable.h"

enum { ROM_BASE = 0x08000000, ROM_SECTOR = 16 * 1024, ROM_SECTORS = 8, ROM_UNIT = 1024 };

static struct {
    uint8_t flash[ROM_SECTOR * ROM_SECTORS], block[ROM_UNIT];
    uint8_t state, status, command[5];
    uint32_t pointer, block_number, length;
    bool pending, left, misused;
    unsigned erases;
} rom;

static int rom_descriptor(uint16_t value, uint8_t *data, uint16_t length)
{
    static const uint8_t configuration[] = {9,
                                            2,
                                            36,
                                            0,
                                            1,
                                            1,
                                            0,
                                            0xC0,
                                            50,
                                            9,
                                            4,
                                            0,
                                            0,
                                            0,
                                            0xFE,
                                            1,
                                            2,
                                            4,
                                            9,
                                            4,
                                            0,
                                            1,
                                            0,
                                            0xFE,
                                            1,
                                            2,
                                            5,
                                            9,
                                            0x21,
                                            0x0B,
                                            0xFF,
                                            0,
                                            ROM_UNIT & 255,
                                            ROM_UNIT >> 8,
                                            0x1A,
                                            1};
    static const char *const names[] = {"@Internal Flash  /0x08000000/8*016Kg", "@Option Bytes  /0x5200201C/01*128 e"};
    uint8_t out[128] = {4, 3, 9, 4};
    size_t n = 4;

    if (value >> 8 == 2) {
        memcpy(out, configuration, n = sizeof configuration);
    } else if ((value & 255) >= 4) {
        const char *name = names[(value & 255) - 4];
        n = 2 + 2 * strlen(name);
        memset(out, 0, sizeof out);
        out[0] = (uint8_t)n;
        out[1] = 3;
        for (size_t i = 0; name[i]; i++)
            out[2 + 2 * i] = (uint8_t)name[i];
    }
    n = n < length ? n : length;
    memcpy(data, out, n);
    return (int)n;
}

static bool rom_inside(uint32_t address, uint32_t size)
{
    return address >= ROM_BASE && address - ROM_BASE <= sizeof rom.flash - size;
}

/* What a block means happens when GETSTATUS has announced it: AN3156 section 5. */
static void rom_execute(void)
{
    uint32_t address = rom.command[1] | rom.command[2] << 8 | rom.command[3] << 16 | (uint32_t)rom.command[4] << 24;

    rom.pending = false;
    if (rom.length == 0) {
        rom.left = true;
    } else if (rom.block_number == 0 && rom.command[0] == 0x21) {
        rom.pointer = address;
    } else if (rom.block_number == 0 && rom.command[0] == 0x41 && rom.length == 5 && rom_inside(address, 1)) {
        memset(rom.flash + (address - ROM_BASE) / ROM_SECTOR * ROM_SECTOR, 0xFF, ROM_SECTOR);
        rom.erases++;
    } else if (rom.block_number >= 2 && rom_inside(rom.pointer + (rom.block_number - 2) * ROM_UNIT, rom.length)) {
        uint8_t *to = rom.flash + (rom.pointer - ROM_BASE) + (rom.block_number - 2) * ROM_UNIT;
        for (uint32_t i = 0; i < rom.length; i++) {
            rom.misused |= to[i] != 0xFF && rom.block[i] != to[i]; /* what is not erased is programmed */
            to[i] &= rom.block[i];
        }
    } else {
        rom.state = DFU_ERROR;
        rom.status = DFU_ERR_TARGET;
    }
}

static int rom_transfer(uint8_t type, uint8_t request, uint16_t value, void *data, uint16_t length)
{
    uint8_t *bytes = data;

    if (type == 0x80)
        return rom_descriptor(value, data, length);
    if (type == 0x01)
        return 0;
    switch (request) {
    case DFU_DNLOAD:
        if (rom.state != DFU_IDLE && rom.state != DFU_DNLOAD_IDLE)
            break;
        rom.block_number = value;
        rom.length = length;
        memcpy(value ? rom.block : rom.command, data ? data : "", value || length < 5 ? length : 5);
        rom.pending = true;
        rom.state = length ? DFU_DNLOAD_SYNC : DFU_MANIFEST_SYNC;
        return length;
    case DFU_UPLOAD:
        if ((rom.state != DFU_IDLE && rom.state != DFU_UPLOAD_IDLE) || value < 2 ||
            !rom_inside(rom.pointer + (value - 2u) * ROM_UNIT, length))
            break;
        rom.state = DFU_UPLOAD_IDLE;
        memcpy(data, rom.flash + (rom.pointer - ROM_BASE) + (value - 2u) * ROM_UNIT, length);
        return length;
    case DFU_GETSTATUS:
        if (rom.state == DFU_DNBUSY)
            rom.state = DFU_DNLOAD_IDLE;
        if (rom.pending) {
            rom.state = rom.length ? DFU_DNBUSY : DFU_MANIFEST;
            rom_execute();
        }
        memset(bytes, 0, 6);
        bytes[0] = rom.status;
        bytes[1] = rom.state == DFU_DNBUSY ? 100 : 0;
        bytes[4] = rom.state;
        if (rom.left)
            cable.gone = true;
        return 6;
    case DFU_CLRSTATUS:
    case DFU_ABORT:
        rom.state = DFU_IDLE;
        rom.status = DFU_OK;
        rom.pending = false;
        return 0;
    default:
        break;
    }
    rom.state = DFU_ERROR;
    rom.status = DFU_ERR_STALLEDPKT;
    return DFU_E_STALL;
}

static int rom_control(void *context, uint8_t type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                       unsigned timeout)
{
    long n = cable.n++;

    (void)context;
    (void)index;
    (void)timeout;
    if (cable.gone)
        return DFU_E_GONE;
    if (n == cable.at && n % 2 == 0 && cable.way < SHORT)
        return spoil(data, 0, false);
    int moved = rom_transfer(type, request, value, data, length);
    return n == cable.at ? spoil(data, moved, type & 0x80) : moved;
}

static int rom_set_alternate(void *context, unsigned interface, unsigned alternate)
{
    return rom_control(context, 0x01, 11, (uint16_t)alternate, (uint16_t)interface, NULL, 0, 0);
}

static const struct dfu_wire rom_wire = {NULL, rom_control, rom_set_alternate, sleep_ms, now_ms};

/* The jumper is set, the chip starts its loader. */
static void rom_plug(void)
{
    rom.state = DFU_IDLE;
    rom.status = DFU_OK;
    rom.pending = rom.left = false;
    cable.gone = false;
    cable.n = 0;
    cable.at = -1;
}

static const struct board board = {.target = "H743"};
static struct flash_link camera;

static int rom_flash(const struct flash_part *part)
{
    int error = flasher_open(&camera, &flasher_rom, &board, &rom_wire, NULL, NULL);
    if (!error)
        error = flasher_rom.check(&camera, part);
    if (!error)
        error = flasher_rom.write(&camera, part);
    if (!error)
        error = flasher_rom.verify(&camera, part);
    return error ? error : flasher_rom.leave(&camera, part->address);
}

/* --- the tests --------------------------------------------------------------------------------------------------------------- */

static void rom_recovers_from_every_failure(void **state)
{
    (void)state;
    uint8_t image[2 * ROM_SECTOR + 1500];
    const struct flash_part part = {
        .name = "BOOTLOADER", .alternate = 0, .address = ROM_BASE + ROM_SECTOR, .bytes = image, .size = sizeof image};

    for (size_t i = 0; i < sizeof image; i++)
        image[i] = (uint8_t)(i * 31 + (i >> 8));
    for (enum way way = UNPLUG; way < WAYS; way++) {
        if (way == POWER_CUT)
            continue; /* of this loader it is the same as being unplugged */
        long n = 0, failed = 0;
        for (;; n++) {
            memset(rom.flash, 0x11, sizeof rom.flash); /* the old one */
            rom_plug();
            cable.at = n;
            cable.way = way;
            int error = rom_flash(&part);
            bool holds_it = memcmp(rom.flash + ROM_SECTOR, image, sizeof image) == 0;
            CHECK(error != 0 || holds_it, "DfuSe, %s at %ld: success is claimed, but the flash differs", way_names[way], n);
            CHECK(!error || camera.touched || rom.flash[ROM_SECTOR] == 0x11, "DfuSe, %s at %ld: 'nothing was changed' is wrong",
                  way_names[way], n);
            failed += error != 0;
            if (cable.n <= cable.at)
                break;
            rom_plug();
            error = rom_flash(&part);
            CHECK(error == 0 && memcmp(rom.flash + ROM_SECTOR, image, sizeof image) == 0, "DfuSe, %s at %ld: the second run fails: %s",
                  way_names[way], n, dfu_strerror(error));
            CHECK(rom.flash[ROM_SECTOR - 1] == 0x11 && rom.flash[4 * ROM_SECTOR] == 0x11, "DfuSe, %s at %ld: other sectors changed",
                  way_names[way], n);
        }
        CHECK(n > 100 && failed > 0, "DfuSe, %s: %ld places, %ld failures", way_names[way], n, failed);
        print_message("# DfuSe, %s: %ld places, %ld failures, 0 that the second run did not mend\n", way_names[way], n, failed);
    }
    assert_false(rom.misused);
}

static void rom_refuses_what_the_map_lacks(void **state)
{
    (void)state;
    uint8_t image[3000] = {0};
    struct flash_part part = {
        .name = "X", .alternate = 0, .address = ROM_BASE + sizeof rom.flash - 2000, .bytes = image, .size = sizeof image};

    memset(rom.flash, 0x11, sizeof rom.flash);
    rom_plug();
    assert_int_equal(rom_flash(&part), DFU_E_CANNOT); /* over its end */
    rom_plug();
    part.address = ROM_BASE - 1000;
    assert_int_equal(rom_flash(&part), DFU_E_CANNOT);
    rom_plug();
    part.alternate = 1;
    part.address = 0x5200201C;
    part.size = 64;
    assert_int_equal(rom_flash(&part), DFU_E_CANNOT); /* option bytes are not erased */
    rom_plug();
    part.alternate = 2;
    assert_int_equal(rom_flash(&part), DFU_E_ALTERNATE);
    for (size_t i = 0; i < sizeof rom.flash; i++)
        assert_int_equal(rom.flash[i], 0x11);
}

static void reads_flash_maps(void **state)
{
    (void)state;
    struct dfuse_blocks runs[8];

    assert_int_equal(dfuse_map("@Internal Flash   /0x08000000/16*128Kg", runs, 8), 1);
    assert_int_equal(runs[0].base, 0x08000000);
    assert_int_equal(runs[0].count, 16);
    assert_int_equal(runs[0].size, 128 * 1024);
    assert_true(runs[0].readable && runs[0].erasable && runs[0].writable);
    assert_int_equal(dfuse_map("@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", runs, 8), 3);
    assert_int_equal(runs[1].base, 0x08010000);
    assert_int_equal(runs[2].base, 0x08020000);
    assert_int_equal(dfuse_map("@Option Bytes  /0x5200201C/01*128 e", runs, 8), 1);
    assert_int_equal(runs[0].size, 128);
    assert_true(runs[0].readable && !runs[0].erasable && runs[0].writable);
    assert_int_equal(dfuse_map("@OTP Memory   /0x1FFF7800/01*512 e,01*016 e", runs, 8), 2);
    assert_int_equal(dfuse_map("@A /0x00000000/2*1Mg/0x90000000/4*64Ka", runs, 8), 2);
    assert_int_equal(runs[1].base, 0x90000000);
    assert_false(runs[1].writable);
    assert_int_equal(dfuse_map("@Many /0x0/1*1Kg,1*1Kg,1*1Kg", runs, 2), 2);
    static const char *const bad[] = {"",
                                      "FIRMWARE",
                                      "@",
                                      "@/",
                                      "@x/0x",
                                      "@x/0x0",
                                      "@x/0x0/",
                                      "@x/0x0/4",
                                      "@x/0x0/4*",
                                      "@x/0x0/4*16",
                                      "@x/0x0/4*16K",
                                      "@x/0x0/0*16Kg",
                                      "@x/0x0/4*0Kg",
                                      "@x/0x0/4*16Kz",
                                      "@x/0x0/99999*99999Mg"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(dfuse_map(bad[i], runs, 8) == 0, "'%s'", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_flash_maps),
        cmocka_unit_test(rom_recovers_from_every_failure),
        cmocka_unit_test(rom_refuses_what_the_map_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
