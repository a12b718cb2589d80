/* SPDX-License-Identifier: MIT */
/* The camera layer over a sensor made of registers and a capture port that delivers frames when the test says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/camera.h"

/* ---- What the port would be ---- */

static struct {
    uint8_t registers[256];
    bool absent, wrong_chip;
    uint32_t time;
    bool capturing;
    struct capture_frame frame;
    void (*done)(int error);
    void (*vsync)(bool level);
    uint8_t next;                   /* the first byte of the next frame */
} fake;

static int bus_write(const struct sensor_bus *bus, uint8_t address, const uint8_t *bytes, int count)
{
    (void)bus;
    if (fake.absent || address != 0x21 || count != 2) {
        return CAMERA_E_IO;
    }
    fake.registers[bytes[0]] = bytes[1];
    return CAMERA_OK;
}

static int bus_write_read(const struct sensor_bus *bus, uint8_t address, const uint8_t *bytes, int count, uint8_t *answer, int answer_count)
{
    (void)bus;
    if (fake.absent || address != 0x21 || count != 1 || answer_count != 1) {
        return CAMERA_E_IO;
    }
    *answer = bytes[0] == 0x0A ? (fake.wrong_chip ? 0x26 : 0x77) : bytes[0] == 0x0B ? 0x21 : fake.registers[bytes[0]];
    return CAMERA_OK;
}

static void delay(int ms)
{
    fake.time += (uint32_t)ms;
}

static int xclk(uint32_t hz)
{
    return (int)hz;
}

static void pin(bool level)
{
    (void)level;
}

static int start(const struct capture_frame *frame, void (*done)(int error))
{
    assert_false(fake.capturing);
    fake.frame = *frame;
    fake.done = done;
    fake.capturing = true;
    return CAMERA_OK;
}

static void stop(void)
{
    fake.capturing = false;
}

static void invalidate(const void *data, size_t bytes)
{
    (void)data;
    (void)bytes;
}

static uint32_t millis(void)
{
    return fake.time;
}

static void vsync(void (*changed)(bool level))
{
    fake.vsync = changed;
}

static uint32_t lock(void)
{
    return 0;
}

static void unlock(uint32_t state)
{
    (void)state;
}

static const struct sensor_bus BUS = {NULL, bus_write, bus_write_read, delay};
const struct capture_port capture_port = {&BUS, xclk, pin, pin, start, stop, invalidate, millis, vsync, lock, unlock};

/* A frame comes in, every byte of it `next`, or the capture fails. */
static void deliver(int error)
{
    assert_true(fake.capturing);
    fake.capturing = false;
    if (!error) {
        memset(fake.frame.data, fake.next++, fake.frame.bytes);
    }
    fake.done(error);
}

/* ---- Memory that fails at the n-th allocation ---- */

static int allocations, fail_at;

static void *allocate(size_t bytes)
{
    if (fail_at && --fail_at == 0) {
        return NULL;
    }
    allocations++;
    return malloc(bytes);
}

static void release(void *memory)
{
    allocations -= memory != NULL;
    free(memory);
}

static size_t available(void)
{
    return 480 * 1024;
}

static const struct camera_memory MEMORY = {allocate, release, available};

static int set_up(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof(fake));
    fail_at = 0;
    return camera_reset(&MEMORY);
}

static int tear_down(void **state)
{
    (void)state;
    camera_shutdown();
    return allocations;
}

static void configure(enum pixel_format format, int width, int height, int buffers)
{
    assert_int_equal(camera_set_buffers(buffers), 0);
    assert_int_equal(camera_set_pixformat(format), 0);
    assert_int_equal(camera_set_framesize(width, height), 0);
}

static uint8_t taken(void)
{
    struct image image;

    assert_int_equal(camera_snapshot_poll(&image), 0);
    return image.data[0];
}

/* ---- Tests ---- */

static void detection(void **state)
{
    (void)state;
    assert_int_equal(camera_sensor()->driver->chip_id, 0x77);
    fake.wrong_chip = true;
    assert_int_equal(camera_reset(&MEMORY), CAMERA_E_SENSOR_UNSUPPORTED);
    assert_null(camera_sensor());
    fake.absent = true;
    assert_int_equal(camera_reset(&MEMORY), CAMERA_E_NOT_DETECTED);
    assert_int_equal(camera_set_framesize(320, 240), CAMERA_E_NOT_DETECTED);
    assert_int_equal(camera_snapshot_begin(), CAMERA_E_NOT_DETECTED);
}

static void one_buffer_waits_for_a_new_frame(void **state)
{
    struct image image;

    (void)state;
    configure(PIXFORMAT_GRAYSCALE, 320, 240, 1);
    assert_int_equal(camera_snapshot_begin(), 0);
    assert_int_equal(camera_snapshot_poll(&image), CAMERA_E_WOULD_BLOCK);
    deliver(0);
    assert_int_equal(taken(), 0);
    assert_false(fake.capturing);   /* the only buffer is the script's */
    assert_int_equal(camera_snapshot_begin(), 0);
    deliver(0);
    assert_int_equal(taken(), 1);
}

static void two_buffers_capture_meanwhile(void **state)
{
    (void)state;
    configure(PIXFORMAT_GRAYSCALE, 320, 240, 2);
    assert_int_equal(camera_snapshot_begin(), 0);
    deliver(0);
    assert_int_equal(taken(), 0);
    deliver(0);                     /* while the script has frame 0 */
    assert_int_equal(camera_snapshot_begin(), 0);
    assert_int_equal(taken(), 1);   /* at once */
}

static void three_buffers_give_the_newest(void **state)
{
    (void)state;
    configure(PIXFORMAT_GRAYSCALE, 320, 240, 3);
    assert_int_equal(camera_snapshot_begin(), 0);
    deliver(0);
    assert_int_equal(taken(), 0);
    for (int i = 0; i < 5; i++) {
        deliver(0);
    }
    assert_int_equal(camera_snapshot_begin(), 0);
    assert_int_equal(taken(), 5);
    assert_true(fake.capturing);
}

static void bytes_are_swapped_once(void **state)
{
    struct image image;

    (void)state;
    configure(PIXFORMAT_RGB565, 320, 240, 1);
    assert_int_equal(camera_snapshot_begin(), 0);
    assert_true(fake.capturing);
    fake.capturing = false;
    for (size_t i = 0; i < fake.frame.bytes; i++) {
        fake.frame.data[i] = (uint8_t)i;
    }
    fake.done(0);
    assert_int_equal(camera_snapshot_poll(&image), 0);
    assert_int_equal(image.data[0], 1);
    assert_int_equal(image.data[1], 0);
    assert_int_equal(image.data[153599], 153598 & 0xFF);
}

static void windows_and_sizes(void **state)
{
    static const struct {
        int width, height;
        struct rect window;
        int x, y, w, h;             /* bytes and lines that the port must catch */
        int output_width;
    } cases[] = {
        {320, 240, {0, 0, 320, 240}, 0, 0, 640, 240, 320},
        {320, 240, {40, 60, 160, 120}, 80, 60, 320, 120, 320},
        {640, 480, {0, 0, 640, 480}, 0, 0, 1280, 480, 640},
        {160, 120, {0, 0, 160, 120}, 0, 0, 320, 120, 160},  /* the sensor halves */
        {80, 60, {0, 0, 80, 60}, 0, 0, 160, 60, 80},
        {240, 160, {0, 0, 240, 160}, 80, 40, 480, 160, 320}, /* the middle of QVGA */
        {100, 52, {2, 2, 50, 50}, 64, 36, 100, 50, 160},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        configure(PIXFORMAT_RGB565, cases[i].width, cases[i].height, 1);
        assert_int_equal(camera_set_window(cases[i].window), 0);
        assert_int_equal(camera_snapshot_begin(), 0);
        assert_int_equal(fake.frame.output.width, cases[i].output_width);
        assert_int_equal(fake.frame.x, cases[i].x);
        assert_int_equal(fake.frame.y, cases[i].y);
        assert_int_equal(fake.frame.width, cases[i].w);
        assert_int_equal(fake.frame.height, cases[i].h);
        assert_int_equal(fake.frame.bytes, cases[i].window.w * cases[i].window.h * 2);
        fake.capturing = false;
    }
}

static void refusals_leave_the_settings(void **state)
{
    static const struct rect windows[] = {{-1, 0, 10, 10}, {0, 0, 0, 10}, {300, 0, 21, 10}, {0, 0x7FFFFFFF, 1, 1}, {1, 1, 0x7FFFFFFF, 1}, {0, 0, 3, 3}};

    (void)state;
    configure(PIXFORMAT_GRAYSCALE, 320, 240, 1);
    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
        assert_int_equal(camera_set_window(windows[i]), CAMERA_E_WINDOW);
        assert_int_equal(camera_window().w, 320);
    }
    assert_int_equal(camera_set_framesize(641, 480), CAMERA_E_FRAMESIZE);
    assert_int_equal(camera_set_framesize(0, 0), CAMERA_E_FRAMESIZE);
    assert_int_equal(camera_set_pixformat(PIXFORMAT_JPEG), CAMERA_E_PIXFORMAT_UNSUPPORTED);
    assert_int_equal(camera_pixformat(), PIXFORMAT_GRAYSCALE);
    assert_int_equal(camera_set_buffers(5), CAMERA_E_ARGUMENT);
    assert_int_equal(camera_set_control(SENSOR_BRIGHTNESS, 4), CAMERA_E_ARGUMENT);
    assert_int_equal(camera_snapshot_begin(), 0);
    deliver(0);
    assert_int_equal(taken(), 0);
}

static void failures(void **state)
{
    struct image image;

    (void)state;
    configure(PIXFORMAT_GRAYSCALE, 320, 240, 2);
    assert_int_equal(camera_snapshot_begin(), 0);
    deliver(CAMERA_E_OVERFLOW);
    assert_int_equal(camera_snapshot_poll(&image), CAMERA_E_OVERFLOW);
    assert_int_equal(camera_snapshot_begin(), 0);
    fake.time += 3001;
    assert_int_equal(camera_snapshot_poll(&image), CAMERA_E_TIMEOUT);
    assert_false(fake.capturing);
    assert_int_equal(camera_snapshot_begin(), 0);
    deliver(0);
    assert_int_equal(taken(), 0);
}

static void memory_may_fail_at_any_time(void **state)
{
    (void)state;
    for (int n = 1; n <= 3; n++) {
        assert_int_equal(set_up(NULL), 0);
        assert_int_equal(camera_set_buffers(3), 0);
        assert_int_equal(camera_set_pixformat(PIXFORMAT_GRAYSCALE), 0);
        fail_at = n;
        assert_int_equal(camera_set_framesize(320, 240), CAMERA_E_FRAMEBUFFER);
        assert_int_equal(allocations, 0);
        assert_int_equal(camera_snapshot_begin(), 0);   /* tries again */
        assert_int_equal(camera_buffers(), 3);
    }
}

static void exposure_and_gain_come_back(void **state)
{
    int value;

    (void)state;
    configure(PIXFORMAT_GRAYSCALE, 320, 240, 1);
    for (int us = 100; us < 500000; us *= 3) {
        assert_int_equal(camera_set_control(SENSOR_EXPOSURE_US, us), 0);
        assert_int_equal(camera_get_control(SENSOR_EXPOSURE_US, &value), 0);
        assert_in_range(value, us - 48, us);    /* a line of QVGA is 48 us */
    }
    for (int mdb = 0; mdb < 29000; mdb += 250) {
        assert_int_equal(camera_set_control(SENSOR_GAIN_MDB, mdb), 0);
        assert_int_equal(camera_get_control(SENSOR_GAIN_MDB, &value), 0);
        assert_true(value <= mdb && value > mdb - 550);
    }
}

static void frames_that_come_too_early_are_thrown_away(void **state)
{
    struct image image;

    (void)state;
    configure(PIXFORMAT_GRAYSCALE, 320, 240, 2);
    assert_int_equal(camera_set_framerate(-1), CAMERA_E_FRAMERATE);
    assert_int_equal(camera_set_framerate(1001), CAMERA_E_FRAMERATE);
    assert_int_equal(camera_framerate(), 0);
    assert_int_equal(camera_set_framerate(10), 0);
    assert_int_equal(camera_framerate(), 10);
    fake.time = 1000;
    assert_int_equal(camera_snapshot_begin(), 0);
    deliver(0);
    assert_int_equal(taken(), 0);
    for (int ms = 1020; ms < 1100; ms += 20) {
        fake.time = (uint32_t)ms;
        assert_int_equal(camera_snapshot_begin(), 0);
        deliver(0);
        assert_int_equal(camera_snapshot_poll(&image), CAMERA_E_WOULD_BLOCK);
    }
    fake.time = 1100;
    deliver(0);
    assert_int_equal(taken(), 5);
}

static void the_spare_buffer_is_given(void **state)
{
    struct image image;

    (void)state;
    configure(PIXFORMAT_GRAYSCALE, 320, 240, 2);
    assert_false(camera_give_spare());      /* two were asked for */
    for (int held = 0; held < 3; held++) {  /* before a frame, with the first buffer in the script's hands, with the second */
        configure(PIXFORMAT_GRAYSCALE, 160, 120, 0);
        configure(PIXFORMAT_GRAYSCALE, 320, 240, 0);
        assert_int_equal(camera_buffers(), 2);
        for (int i = 0; i < held; i++) {
            assert_int_equal(camera_snapshot_begin(), 0);
            deliver(0);
            assert_int_equal(camera_snapshot_poll(&image), 0);
        }
        assert_int_equal(allocations, 2);
        assert_true(camera_give_spare());
        assert_int_equal(allocations, 1);
        assert_false(camera_give_spare());
        if (held) {
            assert_int_equal(image.data[0], (uint8_t)(fake.next - 1));
            memset(image.data, 7, 320 * 240);
            assert_false(fake.capturing);   /* the only buffer is the script's */
        }
        assert_int_equal(camera_snapshot_begin(), 0);
        deliver(0);
        assert_int_equal(taken(), (uint8_t)(fake.next - 1));
        assert_int_equal(camera_buffers(), 1);
    }
}

static bool vsync_level;

static void vsync_changed(bool level)
{
    vsync_level = level;
}

static void vsync_is_forgotten_by_a_reset(void **state)
{
    (void)state;
    camera_set_vsync_hook(vsync_changed);
    fake.vsync(true);
    assert_true(vsync_level);
    assert_int_equal(camera_reset(&MEMORY), 0);
    assert_null(fake.vsync);
}

static void white_balance_and_lens_come_back(void **state)
{
    int value;

    (void)state;
    for (int control = SENSOR_RED_PERMILLE; control <= SENSOR_BLUE_PERMILLE; control++) {
        for (int permille = 10; permille < 1990; permille += 7) {
            assert_int_equal(camera_set_control((enum sensor_control)control, permille), 0);
            assert_int_equal(camera_get_control((enum sensor_control)control, &value), 0);
            assert_true(abs(value - permille) <= 5);
        }
    }
    assert_int_equal(camera_set_control(SENSOR_RED_PERMILLE, 1 << 30), 0);
    assert_int_equal(fake.registers[0x02], 255);
    assert_int_equal(camera_set_control(SENSOR_LENS_CORRECTION, 1), 0);
    assert_int_equal(camera_set_control(SENSOR_LENS_RADIUS, 20), 0);
    assert_int_equal(camera_set_control(SENSOR_LENS_COEFFICIENT, 256), CAMERA_E_ARGUMENT);
    assert_int_equal(camera_get_control(SENSOR_LENS_RADIUS, &value), 0);
    assert_int_equal(value, 20);
    assert_int_equal(fake.registers[0x46] & 1, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(detection), TEST(one_buffer_waits_for_a_new_frame), TEST(two_buffers_capture_meanwhile), TEST(three_buffers_give_the_newest),
        TEST(bytes_are_swapped_once), TEST(windows_and_sizes), TEST(refusals_leave_the_settings), TEST(failures),
        TEST(memory_may_fail_at_any_time), TEST(exposure_and_gain_come_back),
        TEST(frames_that_come_too_early_are_thrown_away), TEST(the_spare_buffer_is_given), TEST(vsync_is_forgotten_by_a_reset),
        TEST(white_balance_and_lens_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
