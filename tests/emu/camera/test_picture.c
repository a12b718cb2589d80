/* SPDX-License-Identifier: MIT */
/* Pixels through sensor, DCMI and DMA. The scene is the test card, which has no symmetry, or the sensor's own bars. */
#include "ov7725.h"

enum { W = 320, H = 240, WORDS = W * H / 2, BUFFER = AXI_SRAM };

enum { WHITE = 0xffff, YELLOW = 0xffe0, CYAN = 0x07ff, GREEN = 0x07e0, MAGENTA = 0xf81f, RED = 0xf800, BLUE = 0x001f, BLACK = 0 };
static const uint16_t bars[8] = {WHITE, YELLOW, CYAN, GREEN, MAGENTA, RED, BLUE, BLACK};

/* QVGA, as the application would: subsampled array, whole window. */
static void qvga(uint8_t format)
{
    sensor_write(0x12, 0x80);
    sensor_write(0x12, (uint8_t)(0x40 | format));
    sensor_write(0x17, 0x3f);
    sensor_write(0x18, 0x50);
    sensor_write(0x19, 0x03);
    sensor_write(0x1a, 0x78);
    sensor_write(0x29, 0x50);
    sensor_write(0x2c, 0x78);
}

/* The sensor sends RGB565 high byte first. */
static uint16_t rgb(int x, int y)
{
    uint32_t at = BUFFER + (uint32_t)(y * W + x) * 2;

    return (uint16_t)(REG8(at) << 8 | REG8(at + 1));
}

static void clear(uint32_t words)
{
    for (uint32_t i = 0; i < words; i++) {
        REG(BUFFER + 4 * i) = 0xdeadbeef;
    }
}

static int wrong_bars(int y, bool reversed)
{
    int wrong = 0;

    for (int x = 0; x < W; x++) {
        wrong += rgb(x, y) != bars[reversed ? 7 - x / 40 : x / 40];
    }
    return wrong;
}

static void test_bars(void)
{
    qvga(0x06);
    sensor_write(0x66, 0x30);
    clear(WORDS);
    check_equal("bars: a frame comes", snapshot(BUFFER, WORDS, 0), true);
    check_equal("bars: first line", (uint32_t)wrong_bars(0, false), 0);
    check_equal("bars: last line", (uint32_t)wrong_bars(H - 1, false), 0);
    sensor_write(0x0c, 0xd0);
    snapshot(BUFFER, WORDS, 0);
    check_equal("bars of the DSP aren't mirrored", (uint32_t)wrong_bars(7, false), 0);
    sensor_write(0x66, 0x10);
    sensor_write(0x0c, 0x51);
    snapshot(BUFFER, WORDS, 0);
    check_equal("bars of the array are mirrored", (uint32_t)wrong_bars(7, true), 0);
    sensor_write(0x0c, 0x11);
    sensor_write(0x12, 0x40);
    snapshot(BUFFER, WORDS, 0);
    check_equal("bars in YUV: white", REG(BUFFER), 0x80ff80ff);         /* Y U Y V */
    check_equal("bars in YUV: red", REG(BUFFER + 2 * 220), 0xff4c554c);
    sensor_write(0x0c, 0x01);
    snapshot(BUFFER, WORDS, 0);
    check_equal("COM3[4] clear: U first", REG(BUFFER + 2 * 220), 0x4cff4c55);
    sensor_write(0x66, 0x90);
    snapshot(BUFFER, WORDS, 0);
    check_equal("DSP_Ctrl3[7]: V first", REG(BUFFER + 2 * 220), 0x4c554cff);
    sensor_write(0x12, 0x41);
    sensor_write(0x66, 0x10);
    check_equal("Bayer: half the bytes", snapshot(BUFFER, WORDS / 2, 0), true);
    check_equal("Bayer: blue, even row is B G B G", REG(BUFFER + 260), 0x00ff00ff);
    check_equal("Bayer: blue, odd row is dark", REG(BUFFER + 260 + W), 0);
    check_equal("Bayer: green, odd row is G R G R", REG(BUFFER + 140 + W), 0x00ff00ff);
}

/* The test card at 1:2: bars above, six discs below, the first one red. */
static void test_card(void)
{
    uint16_t corner, disc;

    qvga(0x06);
    snapshot(BUFFER, WORDS, 0);
    corner = rgb(2, 2);
    disc = rgb(26, 175);
    check_equal("card: white corner", corner, 0xef5d);
    check_equal("card: red disc", disc, 0xd8e3);
    sensor_write(0x0c, 0x50);
    snapshot(BUFFER, WORDS, 0);
    check_equal("mirror: corner", rgb(W - 3, 2), corner);
    check_equal("mirror: disc", rgb(W - 1 - 26, 175), disc);
    sensor_write(0x0c, 0x90);
    snapshot(BUFFER, WORDS, 0);
    check_equal("flip: corner", rgb(2, H - 3), corner);
    check_equal("flip: disc", rgb(26, H - 1 - 175), disc);
    sensor_write(0x0c, 0xd0);
    snapshot(BUFFER, WORDS, 0);
    check_equal("mirror and flip: disc", rgb(W - 1 - 26, H - 1 - 175), disc);
}

static void test_window(void)
{
    uint16_t pixel;

    qvga(0x06);
    snapshot(BUFFER, WORDS, 0);
    pixel = rgb(100 + 5, 60 + 9);
    sensor_write(0x17, 0x3f + 100 / 4);                 /* 80x60 from (100, 60) on */
    sensor_write(0x19, 0x03 + 60 / 2);
    sensor_write(0x18, 80 / 4);
    sensor_write(0x1a, 60 / 2);
    sensor_write(0x29, 80 / 4);
    sensor_write(0x2c, 60 / 2);
    clear(WORDS);
    check_equal("window: 80x60", snapshot(BUFFER, WORDS, 0), true);
    check_equal("window: pixel", (uint16_t)(REG8(BUFFER + (9 * 80 + 5) * 2) << 8 | REG8(BUFFER + (9 * 80 + 5) * 2 + 1)), pixel);
    check_equal("window: the last word", REG(BUFFER + 80 * 60 * 2 - 4) != 0xdeadbeef, true);
    check_equal("window: nothing after it", REG(BUFFER + 80 * 60 * 2), 0xdeadbeef);

    sensor_write(0x12, 0x80);                           /* VGA scaled to 160x120 */
    sensor_write(0x12, 0x06);
    sensor_write(0x65, 0x0f);
    sensor_write(0x29, 160 / 4);
    sensor_write(0x2c, 120 / 2);
    clear(WORDS);
    snapshot(BUFFER, WORDS, 0);
    pixel = (uint16_t)(REG8(BUFFER + (87 * 160 + 13) * 2) << 8 | REG8(BUFFER + (87 * 160 + 13) * 2 + 1));
    check_equal("scaler: the disc is where it was", pixel, 0xd8e3);
    check_equal("scaler: 160x120", REG(BUFFER + 160 * 120 * 2), 0xdeadbeef);
}

/* DCMI's own window and byte selection on the bars. */
static void test_crop(void)
{
    qvga(0x06);
    sensor_write(0x66, 0x30);
    REG(DCMI + 0x20) = 10u << 16 | 38 * 2;              /* from line 10, pixel 38 */
    REG(DCMI + 0x24) = 7u << 16 | (4 * 2 - 1);          /* 8 lines of 4 pixels */
    clear(64);
    check_equal("crop: a frame comes", snapshot(BUFFER, WORDS, CROP), true);
    check_equal("crop: white white", REG(BUFFER), 0xffffffff);
    check_equal("crop: yellow yellow", REG(BUFFER + 4), 0xe0ffe0ff);
    check_equal("crop: 8 lines of 2 words", REG(BUFFER + 4 * 15), 0xe0ffe0ff);
    check_equal("crop: no more", REG(BUFFER + 4 * 16), 0xdeadbeef);
    sensor_write(0x12, 0x40);
    snapshot(BUFFER, WORDS, 1 << 16);
    check_equal("BSM: every other byte is Y", REG(BUFFER + 220), 0x4c4c4c4c);
    snapshot(BUFFER, WORDS, 1 << 16 | 1 << 18);
    check_equal("OEBS: the others are U and V", REG(BUFFER + 220), 0xff55ff55);
    clear(WORDS);
    snapshot(BUFFER, WORDS, 1 << 19);
    check_equal("LSM: every other line", REG(BUFFER + W * H), 0xdeadbeef);
}

static void test_controls(void)
{
    qvga(0x00);
    sensor_write(0x66, 0x30);
    sensor_write(0xa6, 0x06);                           /* contrast and brightness, saturation */
    sensor_write(0x9c, 0x20);
    sensor_write(0x9b, 0x10);
    snapshot(BUFFER, WORDS, 0);
    check_equal("brightness: red", REG(BUFFER + 2 * 220), 0xff5c555c);
    sensor_write(0xab, 0x0e);
    snapshot(BUFFER, WORDS, 0);
    check_equal("brightness, negative: red", REG(BUFFER + 2 * 220), 0xff3c553c);
    sensor_write(0x9b, 0x00);
    sensor_write(0xa7, 0x00);
    sensor_write(0xa8, 0x20);
    snapshot(BUFFER, WORDS, 0);
    check_equal("saturation: red", REG(BUFFER + 2 * 220), 0xbf4c804c);
    sensor_write(0xa6, 0x24);
    snapshot(BUFFER, WORDS, 0);
    check_equal("grey: red", REG(BUFFER + 2 * 220), 0x804c804c);
    qvga(0x00);
    snapshot(BUFFER, WORDS, 0);

    int32_t before = REG8(BUFFER + 2 * (175 * W + 26));
    uint8_t low = sensor_get(0x10), high = sensor_get(0x08);
    uint32_t lines = (uint32_t)(high << 8 | low) / 4;

    sensor_write(0x13, 0x8a);                           /* AEC and AGC off: a quarter of the light */
    sensor_write(0x10, (uint8_t)lines);
    sensor_write(0x08, (uint8_t)(lines >> 8));
    snapshot(BUFFER, WORDS, 0);
    check_near("exposure: a quarter of the light", REG8(BUFFER + 2 * (175 * W + 26)), before * 532 / 1000, 3);
    sensor_write(0x00, 0x30);                           /* gain 4 */
    snapshot(BUFFER, WORDS, 0);
    check_near("gain: brings it back", REG8(BUFFER + 2 * (175 * W + 26)), before, 3);
}

void guest_main(void)
{
    i2c_init();
    sensor_up();
    test_bars();
    test_card();
    test_window();
    test_crop();
    test_controls();
}
