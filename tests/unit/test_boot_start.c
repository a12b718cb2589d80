/* SPDX-License-Identifier: MIT */
/* The decision table (boot.h), millisecond by millisecond, and the descriptors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "boot/descriptors.h"
#include "tests/unit/boot_sim.h"

#define APP 0x08040000u

static uint8_t *firmware;
enum { FIRMWARE_BYTES = 5000, FIRMWARE_ALTERNATE = 2 };

static void power_on(bool good, bool forced)
{
    sim_open(&SIM_H743, sim_ecc);
    boot_init(&sim.boot, sim.board, &sim.port);
    firmware = sim_image("SIM_H743", APP, FIRMWARE_BYTES, 1);
    if (good) {
        assert_int_equal(host_download(FIRMWARE_ALTERNATE, firmware, FIRMWARE_BYTES), DFU_OK);
    }
    sim.request = forced;
    sim.time = 0xFFFFFF00; /* wraps in the test */
    boot_init(&sim.boot, sim.board, &sim.port);
    assert_int_equal(sim.boot.forced, forced);
    assert_false(sim.request);
}

static void power_off(void)
{
    assert_null(sim.misuse);
    free(firmware);
    sim_close();
}

/* Turns of 1 ms until the loader leaves or `limit` have passed. Returns the ms. */
static int turns(bool configured, int limit)
{
    for (int ms = 0; ms < limit; ms++) {
        if (!boot_turn(&sim.boot, configured)) {
            return ms;
        }
        sim.time++;
    }
    return limit;
}

/* The LED's period in ms, over 4 s. */
static void led_period(bool configured, unsigned period)
{
    unsigned before = sim.led_changes;
    assert_int_equal(turns(configured, 4000), 4000);
    unsigned changes = sim.led_changes - before;
    assert_in_range(changes, 4000 / period - 1, 4000 / period + 1);
}

static void without_a_host_the_application_starts_after_a_second(void **state)
{
    (void)state;
    for (int forced = 0; forced < 2; forced++) {
        power_on(true, forced);
        assert_int_equal(turns(false, 5000), 1000);
        assert_in_range(sim.led_changes, 9, 10);
        power_off();
    }
}

static void a_host_gets_a_second_and_a_half(void **state)
{
    (void)state;
    power_on(true, false);
    assert_int_equal(turns(false, 900), 900);
    assert_int_equal(turns(true, 5000), 1500);
    power_off();
}

static void asked_for_dfu_it_stays(void **state)
{
    (void)state;
    power_on(true, true);
    assert_int_equal(turns(true, 100000), 100000);
    led_period(true, 100);
    assert_int_equal(turns(false, 10), 0); /* unplugged */
    power_off();
}

static void a_transfer_keeps_it(void **state)
{
    (void)state;
    uint8_t data[BOOT_BLOCK] = {0};
    int status;
    for (int upload = 0; upload < 2; upload++) {
        power_on(true, false);
        assert_int_equal(turns(true, 1400), 1400);
        host_set_alternate(3);
        host_status(&status); /* asking is no transfer */
        assert_false(sim.boot.dfu.transferring);
        if (upload) {
            host_control(0xA1, DFU_UPLOAD, 0, 0, data, BOOT_BLOCK);
        } else {
            host_block(0, data, BOOT_BLOCK);
        }
        assert_int_equal(turns(true, 100000), 100000);
        led_period(true, 200);
        assert_int_equal(turns(false, 10), 0);
        power_off();
    }
}

static void detach_leaves_at_once(void **state)
{
    (void)state;
    power_on(true, true);
    assert_int_equal(turns(true, 100), 100);
    host_control(0x21, DFU_DETACH, 1000, 0, NULL, 0);
    sim.busy = true; /* the status stage */
    assert_int_equal(turns(true, 10), 10);
    sim.busy = false;
    assert_int_equal(turns(true, 10), 0);
    power_off();
}

static void a_bad_application_is_never_started(void **state)
{
    (void)state;
    int status;
    power_on(false, false);
    assert_int_equal(sim.boot.image, IMAGE_E_NONE);
    assert_int_equal(turns(false, 50000), 50000);
    assert_int_equal(turns(true, 50000), 50000);
    led_period(true, 500);
    assert_int_equal(host_status(&status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_FIRMWARE);
    host_control(0x21, DFU_DETACH, 1000, 0, NULL, 0);
    assert_int_equal(turns(true, 5000), 5000);
    assert_int_equal(host_status(&status), DFU_ERROR);
    assert_int_equal(status, DFU_ERR_FIRMWARE);
    /* As dfu-util does: clear, download, reset the bus. */
    assert_int_equal(host_download(FIRMWARE_ALTERNATE, firmware, FIRMWARE_BYTES), DFU_OK);
    assert_int_equal(turns(true, 100), 100);
    assert_int_equal(turns(false, 100), 0);
    assert_int_equal(sim.boot.image, IMAGE_OK);
    power_off();
}

static void an_application_damaged_in_dfu_is_not_started(void **state)
{
    (void)state;
    power_on(true, true);
    assert_int_equal(turns(true, 100), 100);
    host_set_alternate(FIRMWARE_ALTERNATE);
    assert_int_equal(host_block(0, firmware, BOOT_BLOCK), DFU_OK); /* and no more */
    assert_int_equal(turns(false, 5000), 5000);
    assert_int_equal(sim.boot.image, IMAGE_E_CRC);
    power_off();
}

static void flash_work_waits_for_the_transfer_to_end(void **state)
{
    (void)state;
    uint8_t data[BOOT_BLOCK] = {0};
    int status;
    power_on(true, true);
    host_set_alternate(3);
    host_control(0x21, DFU_DNLOAD, 0, 0, data, BOOT_BLOCK);
    unsigned long erases = sim.erases;
    sim.busy = true;
    assert_int_equal(host_status(&status), DFU_DNBUSY);
    assert_int_equal(turns(true, 10), 10);
    assert_int_equal(sim.erases, erases);
    sim.busy = false;
    assert_int_equal(turns(true, 1), 1);
    assert_int_equal(sim.erases, erases + 1);
    assert_int_equal(host_status(&status), DFU_DNLOAD_IDLE);
    power_off();
}

static void run_pulls_up_and_starts(void **state)
{
    (void)state;
    power_on(true, false);
    sim.pulled = true;
    boot_run(&sim.boot, sim.board, &sim.port);
    assert_int_equal(sim.started, APP);
    assert_false(sim.pulled);
    assert_false(sim.led);
    power_off();
}

static jmp_buf out_of_fatal;

static uint32_t time_until(void *context)
{
    (void)context;
    if (++sim.time == 10000) {
        longjmp(out_of_fatal, 1);
    }
    return sim.time;
}

static void fatal_blinks_for_ever(void **state)
{
    (void)state;
    power_on(true, false);
    sim.time = sim.led_changes = 0;
    sim.port.time_ms = time_until;
    if (!setjmp(out_of_fatal)) {
        boot_fatal(&sim.port);
    }
    assert_in_range(sim.led_changes, 10000 / 50 - 2, 10000 / 50);
    power_off();
}

/* ---- Descriptors ---- */

static void descriptors_are_those_of_the_specification(void **state)
{
    (void)state;
    uint8_t out[256];
    static const uint8_t device[18] = {18, 1, 0x00, 0x02, 0, 0, 0, 64, 0xC5, 0x37, 0x04, 0x92, 0x03, 0x01, 1, 2, 3, 1};
    static const uint8_t configuration[] = {
        9, 2, 54, 0, 1, 1, 0, 0x80, 250,
        9, 4, 0, 0, 0, 0xFE, 1, 2, 4,
        9, 4, 0, 1, 0, 0xFE, 1, 2, 5,
        9, 4, 0, 2, 0, 0xFE, 1, 2, 6,
        9, 4, 0, 3, 0, 0xFE, 1, 2, 7,
        9, 0x21, 0x07, 0xE8, 0x03, 0x00, 0x10, 0x10, 0x01,
    };
    assert_int_equal(descriptors_device(&SIM_H743, out, sizeof out), 18);
    assert_memory_equal(out, device, 18);
    assert_int_equal(descriptors_configuration(&SIM_H743, false, out, sizeof out), sizeof configuration);
    assert_memory_equal(out, configuration, sizeof configuration);
    assert_int_equal(descriptors_configuration(&SIM_H743, false, out, sizeof configuration - 1), 0);
    /* Full speed only: there is no other speed. */
    assert_int_equal(descriptors_qualifier(&SIM_H743, out, sizeof out), 0);
    assert_int_equal(descriptors_configuration(&SIM_H743, true, out, sizeof out), 0);
    assert_int_equal(descriptors_qualifier(&SIM_AE3, out, sizeof out), 10);
    assert_memory_equal(out, ((const uint8_t[10]){10, 6, 0, 2, 0, 0, 0, 64, 1, 0}), 10);
    assert_int_equal(descriptors_configuration(&SIM_AE3, true, out, sizeof out), 9 + 9 * 7 + 9);
    assert_int_equal(out[1], 7);
}

static void strings_name_the_alternates(void **state)
{
    (void)state;
    static const char *const texts[] = {"OpenMV", "OpenMV Camera (DFU Mode)", "5", "BOOTLOADER", "FILESYSTEM", "FIRMWARE", "ROMFS0"};
    uint8_t out[64];
    assert_int_equal(descriptors_string(&SIM_H743, 0, "5", out, sizeof out), 4);
    assert_memory_equal(out, ((const uint8_t[4]){4, 3, 9, 4}), 4);
    for (unsigned i = 1; i < 256; i++) {
        size_t length = descriptors_string(&SIM_H743, i, "5", out, sizeof out);
        const char *text = i <= SIM_COUNT(texts) ? texts[i - 1] : NULL;
        assert_int_equal(length, text ? 2 + 2 * strlen(text) : 0);
        for (size_t c = 0; text && c < strlen(text); c++) {
            assert_int_equal(out[2 + 2 * c] | out[3 + 2 * c] << 8, text[c]);
        }
    }
    assert_int_equal(descriptors_string(&SIM_H743, 2, "5", out, 49), 0);
}

static void windows_is_told_to_use_winusb(void **state)
{
    (void)state;
    static const uint8_t string[18] = {18, 3, 'M', 0, 'S', 0, 'F', 0, 'T', 0, '1', 0, '0', 0, '0', 0, 0x20, 0};
    static const uint8_t id[40] = {40, 0, 0, 0, 0, 1, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 'W', 'I', 'N', 'U', 'S', 'B'};
    static const uint8_t head[18] = {142, 0, 0, 0, 0, 1, 5, 0, 1, 0, 132, 0, 0, 0, 1, 0, 0, 0};
    static const char name[] = "DeviceInterfaceGUID";
    uint8_t out[142];
    assert_int_equal(descriptors_windows(0xEE, out, sizeof out), sizeof string);
    assert_memory_equal(out, string, sizeof string);
    assert_int_equal(descriptors_windows(4, out, sizeof out), sizeof id);
    assert_memory_equal(out, id, sizeof id);
    assert_int_equal(descriptors_windows(5, out, sizeof out), sizeof out);
    assert_memory_equal(out, head, sizeof head);
    assert_int_equal(out[18], 40);
    for (size_t i = 0; i < sizeof name; i++) {
        assert_int_equal(out[20 + 2 * i] | out[21 + 2 * i] << 8, name[i]);
    }
    assert_int_equal(out[60], 78);
    assert_int_equal(out[64], '{');
    assert_int_equal(out[64 + 2 * 37], '}');
    assert_int_equal(out[64 + 2 * 38], 0);
    assert_int_equal(descriptors_windows(5, out, sizeof out - 1), 0);
    assert_int_equal(descriptors_windows(0, out, sizeof out), 0);
}

static void serial_counts_the_last_word_first(void **state)
{
    (void)state;
    char text[25];
    descriptors_serial((const uint32_t[3]){0x00112233, 0x44556677, 0x8899AABB}, 3, text);
    assert_string_equal(text, "8899AABB4455667700112233");
    descriptors_serial(NULL, 0, text);
    assert_string_equal(text, "0123456789ABCDEF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_host_the_application_starts_after_a_second),
        cmocka_unit_test(a_host_gets_a_second_and_a_half),
        cmocka_unit_test(asked_for_dfu_it_stays),
        cmocka_unit_test(a_transfer_keeps_it),
        cmocka_unit_test(detach_leaves_at_once),
        cmocka_unit_test(a_bad_application_is_never_started),
        cmocka_unit_test(an_application_damaged_in_dfu_is_not_started),
        cmocka_unit_test(flash_work_waits_for_the_transfer_to_end),
        cmocka_unit_test(run_pulls_up_and_starts),
        cmocka_unit_test(fatal_blinks_for_ever),
        cmocka_unit_test(descriptors_are_those_of_the_specification),
        cmocka_unit_test(strings_name_the_alternates),
        cmocka_unit_test(windows_is_told_to_use_winusb),
        cmocka_unit_test(serial_counts_the_last_word_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
