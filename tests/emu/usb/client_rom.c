/* SPDX-License-Identifier: MIT */
/* The chip's system bootloader, request by request (AN3156): what dfu-util doesn't do, too. Usage: client_rom SOCKET MONITOR */
#include "client.h"

#include <string.h>
#include <unistd.h>

enum { DNLOAD = 1, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT };
enum { IDLE = 2, DNLOAD_SYNC, DNBUSY, DNLOAD_IDLE, MANIFEST = 7, UPLOAD_IDLE = 9, ERROR = 10 };
enum { OK = 0, ERR_TARGET = 1, ERR_WRITE = 3, ERR_ERASE = 4, ERR_VENDOR = 11, ERR_STALLED = 15 };
enum { FLASH = 0x08000000, OPTIONS = 0x5200201c, BLOCK = 1024 };

static int fd;
static uint8_t back[4096];

struct status {
    int code, state;
    uint32_t timeout;
};

static struct status get_status(void)
{
    uint8_t bytes[6] = { 255, 0, 0, 0, 255 };

    control(fd, 0xa1, GETSTATUS, 0, 0, bytes, 6, NULL);
    return (struct status) { bytes[0], bytes[4], bytes[1] | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3] << 16 };
}

/* A download and its end: code * 100 + state. */
static long download(uint16_t block, const void *bytes, uint16_t length)
{
    struct status s;

    if (control(fd, 0x21, DNLOAD, block, 0, (void *)bytes, length, NULL))
        return -1;
    do {
        s = get_status();
        sleep_ms(s.state == DNBUSY ? s.timeout : 0);
    } while (s.state == DNBUSY);
    return s.code * 100 + s.state;
}

static long command(uint8_t number, uint32_t address, uint16_t length)
{
    const uint8_t bytes[5] = { number, (uint8_t)address, (uint8_t)(address >> 8), (uint8_t)(address >> 16), (uint8_t)(address >> 24) };

    return download(0, bytes, length);
}

static long point_to(uint32_t address)
{
    return command(0x21, address, 5);
}

static void clear(void)
{
    control(fd, 0x21, CLRSTATUS, 0, 0, NULL, 0, NULL);
    control(fd, 0x21, ABORT, 0, 0, NULL, 0, NULL);
}

static int upload(uint16_t block, uint16_t length, uint32_t *actual)
{
    return control(fd, 0xa1, UPLOAD, block, 0, back, length, actual);
}

static void test_states(void)
{
    static const uint8_t commands[4] = { 0x00, 0x21, 0x41, 0x92 };
    uint32_t actual = 0;
    uint8_t state = 0;

    check("idle at first", get_status().state, IDLE);
    check("Get: a block of commands", upload(0, 64, &actual) == 0 && actual == 4 && !memcmp(back, commands, 4), true);
    check("idle again", get_status().state, IDLE);
    check("a command that isn't there", command(0x55, 0, 5), ERR_STALLED * 100 + ERROR);
    check("a download in the error state stalls", control(fd, 0x21, DNLOAD, 2, 0, back, 8, NULL), PIPE);
    control(fd, 0xa1, GETSTATE, 0, 0, &state, 1, NULL);
    check("GETSTATE", state, ERROR);
    clear();
    check("CLRSTATUS: idle", get_status().state, IDLE);
    check("block 1 is reserved", download(1, back, 8), ERR_STALLED * 100 + ERROR);
    clear();
    check("more than a block stalls", control(fd, 0x21, DNLOAD, 2, 0, back, BLOCK + 1, NULL), PIPE);
    clear();
    check("an unknown request stalls", control(fd, 0xa1, 9, 0, 0, back, 8, NULL), PIPE);
    clear();
}

static void test_addresses(void)
{
    uint32_t actual = 0;

    check("the pointer into nowhere", point_to(0x00000000), ERR_TARGET * 100 + ERROR);
    clear();
    check("erase of nowhere", command(0x41, 0x08200000, 5), ERR_TARGET * 100 + ERROR);
    clear();
    check("the pointer to the unique id", point_to(0x1ff1e800), DNLOAD_IDLE);
    check("can't be written", download(2, back, 8), ERR_TARGET * 100 + ERROR);
    clear();
    check("the pointer into RAM", point_to(0x24040000), DNLOAD_IDLE);
    check("which can", download(2, "RAM!", 4), DNLOAD_IDLE);
    clear();
    check("and reads back", upload(2, 4, &actual) == 0 && !memcmp(back, "RAM!", 4), true);
    clear();
    point_to(0x081ffe00);
    clear();
    check("a read across the end is short", upload(2, BLOCK, &actual) == 0 ? (long)actual : -1, 512);
    check("which ends the upload", get_status().state, IDLE);
}

static void test_flash(void)
{
    uint8_t image[2 * BLOCK];
    struct status s = { 0 }, again = { 0 }, after = { 0 };
    uint32_t actual = 0;
    bool late = true;
    long erase = 0;

    for (unsigned i = 0; i < sizeof(image); i++)
        image[i] = (uint8_t)(i * 13 + (i >> 8));
    for (int tries = 0; late && tries < 20; tries++) {      /* once more when this client had no time for most of a second */
        long start;

        erase = control(fd, 0x21, DNLOAD, 0, 0, (uint8_t[5]) { 0x41, 0x00, 0x00, 0x10, 0x08 }, 5, NULL);
        s = get_status();
        start = frames();
        again = get_status();
        late = frames() - start > 500;
        do {
            after = get_status();
            sleep_ms(after.state == DNBUSY ? after.timeout : 0);
        } while (after.state == DNBUSY);
    }
    check("erase of sector 8", erase, 0);
    check("takes its time: busy", s.state, DNBUSY);
    check("about a second", s.timeout > 500 && s.timeout <= 1001, true);
    check("and is still busy at once", again.state, DNBUSY);
    s = after;
    check("done in the end", s.state, DNLOAD_IDLE);
    check("the pointer", point_to(FLASH + 0x100000), DNLOAD_IDLE);
    check("a block", download(2, image, BLOCK), DNLOAD_IDLE);
    check("and an odd one", download(3, image + BLOCK, 777), DNLOAD_IDLE);
    clear();
    check("reads back", upload(2, BLOCK, &actual) == 0 && actual == BLOCK && !memcmp(back, image, BLOCK), true);
    check("the odd one, too, and 0xff behind it", upload(3, BLOCK, &actual) == 0 && !memcmp(back, image + BLOCK, 777) && back[777] == 0xff, true);
    check("in between it is uploading", get_status().state, UPLOAD_IDLE);
    clear();
}

/* Sector 8 is write-protected by its option byte; the bootloader starts again and refuses. */
static void test_protection(void)
{
    uint8_t options[0x80] = { 0 };
    uint32_t actual = 0;

    point_to(OPTIONS);
    clear();
    check("the option bytes can be read", upload(2, 128, &actual) == 0 && actual == 128, true);
    memcpy(options, back, sizeof(options));
    clear();
    check("no sector of bank 1 is protected", options[0x3c - 0x1c], 0xff);
    point_to(OPTIONS);
    options[0x3c - 0x1c] = 0xfe;                            /* WPSN_PRG1: sector 0 */
    check("they can be written", download(2, options, sizeof(options)), DNLOAD_IDLE);
    check("which resets the chip", closed(fd), true);
    close(fd);
    fd = import_when_ready();
    point_to(FLASH);
    check("a write to the protected sector", download(2, "x", 1), ERR_WRITE * 100 + ERROR);
    clear();
    check("an erase of it", command(0x41, FLASH, 5), ERR_ERASE * 100 + ERROR);
    clear();
    options[0x3c - 0x1c] = 0xff;
    point_to(OPTIONS);
    check("protection off again", download(2, options, sizeof(options)), DNLOAD_IDLE);
    closed(fd);
    close(fd);
    fd = import_when_ready();
    point_to(FLASH);
    check("now it can be written", download(2, "x", 1), DNLOAD_IDLE);
    clear();
}

static void test_leave(void)
{
    point_to(FLASH + 0x20000);
    check("leave without a program there", control(fd, 0x21, DNLOAD, 0, 0, NULL, 0, NULL), 0);
    check("manifests", get_status().state, MANIFEST);
    check("and ends in a reset", closed(fd), true);
    close(fd);
    fd = import_when_ready();
    check("which starts the bootloader again", get_status().state, IDLE);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    socket_path = argv[1];
    monitor_path = argv[2];
    fd = import_when_ready();
    test_states();
    test_addresses();
    test_flash();
    test_protection();
    test_leave();
    monitor("quit");
    return 0;
}
