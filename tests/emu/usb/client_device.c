/* SPDX-License-Identifier: MIT */
/* Tests of the emulated USB with the guest device.c. Usage: client_device SOCKET MONITOR full|high [realtime] */
#include "client.h"
#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *speed_name;
static uint32_t packet_size;
static bool real_time;      /* the guest isn't paced by its instructions: a late emulator skips frames */
static uint8_t buffer[1 << 20], back[1 << 20];

static void fill(uint8_t *bytes, uint32_t length, uint32_t seed)
{
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(i * 7 + seed + (i >> 8));
}

static uint32_t get_le(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static struct counters counters(int fd)
{
    struct counters c = { 0 };
    uint8_t bytes[sizeof(c)];

    if (control(fd, 0xc0, REQUEST_COUNTERS, 0, 0, bytes, sizeof(bytes), NULL) == 0)
        c = (struct counters) {
            get_le(bytes), get_le(bytes + 4), get_le(bytes + 8), get_le(bytes + 12), get_le(bytes + 16), get_le(bytes + 20), get_le(bytes + 24), 0,
        };
    return c;
}

static void test_enumeration(void)
{
    char expected[96];
    uint8_t list[12 + 312 + 4], request[8] = { 0x01, 0x11, 0x80, 0x05 };
    int fd;

    snprintf(expected, sizeof(expected), "1209:0001 %s configured serial=TEST0123 product=", speed_name);
    check_true("enumerated and configured", property_holds("usb-device", expected), monitor("qom-get /machine usb-device"));
    fd = dial();
    put(fd, request, 8);
    check("the list comes", get(fd, list, sizeof(list)), true);
    check("with one device", list[11], 1);
    check("bus id 1-1", strcmp((char *)list + 12 + 256, "1-1"), 0);
    check("its vendor", list[12 + 300] << 8 | list[12 + 301], TEST_VENDOR);
    check("its speed", list[12 + 299], packet_size == 512 ? 3 : 2);
    check("its interface's class", list[12 + 312], 0xff);
    check("and the connection ends", closed(fd), true);
    close(fd);
}

static void test_import(void)
{
    uint8_t device[312];
    int fd = dial(), other = dial(), third = dial();

    check("another bus id: no such device", import(third, "1-2", device), 4);
    check("import", import(fd, "1-1", device), 0);
    check_true("usb-imported", property_holds("usb-imported", "true"), "false");
    check("a second import is refused: busy", import(other, "1-1", device), 2);
    close(other);
    close(third);
    other = dial();
    put(other, (uint8_t[]) { 0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0 }, 8);
    check("the list is there all the same", get(other, device, 12) && device[11] == 1, true);
    close(other);
    check("the first client wasn't disturbed", control(fd, 0x80, 6, 0x100, 0, device, 18, NULL), 0);
    close(fd);
    check_true("the device is free again", property_holds("usb-imported", "false"), "true");
}

static void test_control(int fd)
{
    uint32_t actual, bad = 0;

    for (uint32_t length = 1; length <= LOOP_SIZE; length = length < 130 ? length + 1 : length * 3 / 2) {
        fill(buffer, length, length);
        bad += control(fd, 0x40, REQUEST_ECHO, 0, 0, buffer, (uint16_t)length, &actual) != 0 || actual != length;
        memset(back, 0, length);
        bad += control(fd, 0xc0, REQUEST_ECHO, 0, 0, back, (uint16_t)length, &actual) != 0 || actual != length || memcmp(buffer, back, length);
    }
    check("control transfers of 1 to 4096 bytes, both ways", bad, 0);
    fill(buffer, 128, 1);
    control(fd, 0x40, REQUEST_ECHO, 0, 0, buffer, 128, NULL);
    check("control IN shorter than asked for, a multiple of the packet", control(fd, 0xc0, REQUEST_ECHO, 0, 0, back, 500, &actual), 0);
    check("ends with a zero-length packet", actual, 128);
    check("an unknown request stalls", control(fd, 0xc0, 99, 0, 0, back, 8, NULL), PIPE);
    check("an unknown request with data stalls", control(fd, 0x40, 99, 0, 0, back, 8, NULL), PIPE);
    check("and the next one works", control(fd, 0x80, 6, 0x100, 0, back, 18, &actual), 0);
    check("SET_ADDRESS by a client never reaches the device", control(fd, 0, 5, 9, 0, NULL, 0, NULL), PIPE);
    check("it is still there", control(fd, 0x80, 6, 0x100, 0, back, 18, &actual), 0);
}

static void test_loopback(int fd)
{
    uint32_t actual, bad = 0, wrong = 0;

    for (uint32_t length = 0; length <= 1100; length++) {
        fill(buffer, length, length);
        bad += transfer(fd, EP_LOOP, buffer, length, ZERO_PACKET, &actual) != 0 || actual != length;
        memset(back, 0xee, length + 1);
        bad += transfer(fd, 0x80 | EP_LOOP, back, 2048, 0, &actual) != 0;
        wrong += actual != length || memcmp(buffer, back, length);
        if (bad + wrong > 3)
            break;
    }
    check("bulk transfers of every length from 0 to 1100", bad, 0);
    check("come back as they were", wrong, 0);
    fill(buffer, 100, 3);
    transfer(fd, EP_LOOP, buffer, 100, 0, NULL);
    check("a short answer with URB_SHORT_NOT_OK", transfer(fd, 0x80 | EP_LOOP, back, 512, SHORT_NOT_OK, &actual), SHORT);
    check("has its bytes all the same", actual, 100);
    transfer(fd, EP_LOOP, buffer, packet_size - 1, 0, NULL);
    check("more than the host has room for: overflow", transfer(fd, 0x80 | EP_LOOP, back, 16, 0, NULL), -75);
    check("an endpoint that isn't there", transfer(fd, 9, buffer, 16, 0, NULL), PIPE);
}

/* Frames that were sent until now, and the device's counters, of one time: neither the monitor nor the client came late in between. */
static long frames_and_counters(int fd, struct counters *c)
{
    long least = packet_size == 512 ? 8 * 10 : 10, before, after;

    for (int i = 0; i < 100; i++) {
        before = frames();
        *c = counters(fd);
        after = frames();
        if (after - before <= least)
            break;
    }
    return after;
}

/* A device that is busy with something else: packets wait in its FIFO until that is full, and then at the host. */
static void test_full_fifo(int fd)
{
    struct counters before, after;
    long sent = frames_and_counters(fd, &before), until;
    uint32_t actual;

    fill(buffer, LOOP_SIZE - 1, 77);
    control(fd, 0x40, REQUEST_DEAF, 300, 0, NULL, 0, NULL);
    sleep_ms(100);
    check("a transfer to a device that doesn't listen", transfer(fd, EP_LOOP, buffer, LOOP_SIZE - 1, 0, &actual), 0);
    until = frames_and_counters(fd, &after);
    sent = until - sent;
    check(real_time ? "it missed frames" : "it missed 300 ms of frames",
          sent - (long)(after.frames - before.frames) >= (real_time ? 1 : packet_size == 512 ? 8 * 280 : 280), true);
    check("arrives when it does", actual, LOOP_SIZE - 1);
    memset(back, 0, LOOP_SIZE);
    transfer(fd, 0x80 | EP_LOOP, back, LOOP_SIZE, 0, &actual);
    check("and is whole", actual == LOOP_SIZE - 1 && !memcmp(buffer, back, LOOP_SIZE - 1), true);
}

static void test_interrupt(int fd)
{
    uint32_t first = 0, last = 0, actual;
    struct counters before, after;
    bool good = true;
    long sent;

    transfer(fd, 0x80 | EP_TICK, back, 8, 0, &actual);
    before = counters(fd);
    sent = frames();
    transfer(fd, 0x80 | EP_TICK, back, 8, 0, &actual);
    first = get_le(back);
    for (int i = 0; i < 20; i++)
        good = transfer(fd, 0x80 | EP_TICK, back, 8, 0, &actual) == 0 && actual == 4 && good;
    last = get_le(back);
    sent = frames() - sent;
    after = counters(fd);
    check("interrupt transfers come", good, true);
    check("one after the other", last - first, 20);
    /* 21 intervals, of 8 frames, or of 64 microframes at high speed; a client that is late costs more. */
    check_true("not more often than bInterval says",
               (real_time ? sent : after.frames - before.frames) >= 20 * (packet_size == 512 ? 64 : TICK_INTERVAL), "more often");
}

static void test_stall(int fd)
{
    uint32_t actual;

    fill(buffer, 64, 9);
    control(fd, 0x40, REQUEST_STALL, EP_LOOP, 1, NULL, 0, NULL);
    check("a halted OUT endpoint", transfer(fd, EP_LOOP, buffer, 64, 0, NULL), PIPE);
    check("stays halted", transfer(fd, EP_LOOP, buffer, 64, 0, NULL), PIPE);
    check("others work", transfer(fd, 0x80 | EP_TICK, back, 8, 0, NULL), 0);
    check("CLEAR_FEATURE(HALT)", control(fd, 0x02, 1, 0, EP_LOOP, NULL, 0, NULL), 0);
    check("it works again, from DATA0", transfer(fd, EP_LOOP, buffer, 33, 0, NULL), 0);
    check("and gives it back", transfer(fd, 0x80 | EP_LOOP, back, 512, 0, &actual) == 0 && actual == 33, true);
    control(fd, 0x40, REQUEST_STALL, 0x80 | EP_LOOP, 1, NULL, 0, NULL);
    check("a halted IN endpoint", transfer(fd, 0x80 | EP_LOOP, back, 64, 0, NULL), PIPE);
    check("CLEAR_FEATURE(HALT) of it", control(fd, 0x02, 1, 0, 0x80 | EP_LOOP, NULL, 0, NULL), 0);
    transfer(fd, EP_LOOP, buffer, 64, ZERO_PACKET, NULL);
    check("it works again", transfer(fd, 0x80 | EP_LOOP, back, 512, 0, &actual) == 0 && actual == 64, true);
}

/* SET_INTERFACE, SET_CONFIGURATION, and what is put back when the client leaves. */
static int test_interfaces(int fd)
{
    uint8_t alternate = 9;
    uint32_t actual;

    transfer(fd, EP_LOOP, buffer, 1, 0, NULL);          /* toggles are odd now */
    transfer(fd, 0x80 | EP_LOOP, back, 512, 0, NULL);
    check("SET_INTERFACE 1", control(fd, 0x01, 11, 1, 0, NULL, 0, NULL), 0);
    check("its endpoints", transfer(fd, EP_LOOP, buffer, 5, 0, NULL) == 0 && transfer(fd, 0x80 | EP_LOOP, back, 512, 0, &actual) == 0 && actual == 5, true);
    check("the others are gone", transfer(fd, 0x80 | EP_TICK, back, 8, 0, NULL), PIPE);
    check("SET_INTERFACE 2 stalls", control(fd, 0x01, 11, 2, 0, NULL, 0, NULL), PIPE);
    close(fd);
    fd = import_when_ready();
    control(fd, 0x81, 10, 0, 0, &alternate, 1, NULL);
    check("a client that leaves: alternate setting 0 again", alternate, 0);
    check("SET_CONFIGURATION 1 resets the endpoints", control(fd, 0, 9, 1, 0, NULL, 0, NULL), 0);
    check("which work", transfer(fd, EP_LOOP, buffer, 5, 0, NULL) == 0 && transfer(fd, 0x80 | EP_LOOP, back, 512, 0, &actual) == 0 && actual == 5, true);
    return fd;
}

static void test_stream(int fd)
{
    static struct reply reply;
    enum { URBS = 32, SIZE = 16384 };
    uint32_t number[URBS], bad = 0;
    uint8_t expect = 0;

    for (int i = 0; i < URBS; i++)
        number[i] = submit(fd, 0x80 | EP_STREAM, NULL, SIZE, 0);
    for (int i = 0; i < URBS; i++) {
        bad += !next_reply(fd, &reply) || reply.sequence != number[i] || reply.status || reply.actual != SIZE;
        for (uint32_t n = 0; n < reply.actual; n++)
            bad += reply.data[n] != expect++;
    }
    check("half a MiB in 32 requests at once, in order", bad, 0);
    for (int i = 0; i < URBS; i++)
        number[i] = submit(fd, EP_STREAM, buffer, SIZE, 0);
    bad = 0;
    for (int i = 0; i < URBS; i++)
        bad += !next_reply(fd, &reply) || reply.sequence != number[i] || reply.status || reply.actual != SIZE;
    check("and out", bad, 0);
}

static void test_unlink(int fd)
{
    static struct reply reply;
    uint32_t victim, number, answers = 0, odd = 0, cancelled = 0;

    control(fd, 0x40, REQUEST_HOLD, 1, 0, NULL, 0, NULL);
    transfer(fd, EP_LOOP, buffer, 10, 0, NULL);
    transfer(fd, 0x80 | EP_LOOP, back, 512, 0, NULL);
    victim = submit(fd, EP_LOOP, buffer, 200, 0);       /* NAK for ever */
    check("other endpoints go on while one says NAK", transfer(fd, 0x80 | EP_TICK, back, 8, 0, NULL), 0);
    number = unlink_urb(fd, victim);
    check("unlink of a waiting request", next_reply(fd, &reply) && reply.command == 4 && reply.sequence == number ? reply.status : 1, RESET);
    victim = submit(fd, EP_LOOP, buffer, 200, 0);
    number = submit_control(fd, (const uint8_t[8]) { 0x40, REQUEST_HOLD }, NULL);
    for (int i = 0; i < 2; i++)     /* in either order: the packet may be taken before the control request's status stage */
        answers += next_reply(fd, &reply) && (reply.sequence == victim || reply.sequence == number) && !reply.status;
    check("a request that waited is done when the device goes on", answers, 2);
    answers = 0;
    transfer(fd, 0x80 | EP_LOOP, back, 512, 0, NULL);
    number = unlink_urb(fd, victim);
    check("unlink of a finished one", next_reply(fd, &reply) && reply.command == 4 && reply.sequence == number ? reply.status : 1, 0);
    number = unlink_urb(fd, 0x7fffffff);
    check("unlink of one that never was", next_reply(fd, &reply) && reply.command == 4 && reply.sequence == number ? reply.status : 1, 0);
    victim = submit_control(fd, (const uint8_t[8]) { 0xc0, REQUEST_SILENCE, 0, 0, 0, 0, 8, 0 }, NULL);
    sleep_ms(20);
    number = unlink_urb(fd, victim);
    check("unlink of a control request without an answer", next_reply(fd, &reply) && reply.sequence == number ? reply.status : 1, RESET);
    check("control works after that", control(fd, 0x80, 6, 0x100, 0, back, 18, NULL), 0);
    /* Races: each request has exactly one end. */
    for (int i = 0; i < 200; i++) {
        victim = submit(fd, 0x80 | EP_STREAM, NULL, 64u << (i % 6), 0);
        if (i % 3)
            sleep_ms(i % 3);
        number = unlink_urb(fd, victim);
        for (int n = 0; n < 2; n++) {
            if (!next_reply(fd, &reply))
                break;
            answers++;
            if (reply.command == 4) {
                cancelled += reply.status == RESET;
                odd += n == 0 && reply.status != RESET;         /* done, and no answer before? */
                odd += n == 1 && reply.status == RESET;
                break;
            }
        }
    }
    check("200 unlink races: an answer, or cancelled, never both", odd, 0);
    check("and nothing is lost", answers, 400 - (long)cancelled);
}

static void test_suspend(int fd)
{
    struct counters before = counters(fd), after;
    static struct reply reply;
    uint32_t waiting;

    monitor("qom-set /machine usb-suspend true");
    check_true("suspended", property_holds("usb-device", "suspended"), monitor("qom-get /machine usb-device"));
    waiting = submit_control(fd, (const uint8_t[8]) { 0x80, 6, 0, 1, 0, 0, 18, 0 }, NULL);
    sleep_ms(50);
    monitor("qom-set /machine usb-suspend false");
    check("a request waits for the resume", next_reply(fd, &reply) && reply.sequence == waiting ? reply.status : 1, 0);
    after = counters(fd);
    check("the device has seen one suspend", after.suspends - before.suspends, 1);
    check("and one resume", after.resumes - before.resumes, 1);
    control(fd, 0x40, REQUEST_WAKE, 20, 0, NULL, 0, NULL);
    monitor("qom-set /machine usb-suspend true");
    check_true("remote wake-up", property_holds("usb-suspend", "false"), "still suspended");
    check("it works after that", control(fd, 0x80, 6, 0x100, 0, back, 18, NULL), 0);
}

static int test_disconnect(int fd)
{
    static struct reply reply;
    uint32_t pending = submit(fd, 0x80 | EP_LOOP, NULL, 64, 0);

    control(fd, 0x40, REQUEST_DISCONNECT, 300, TEST_PRODUCT + 1, NULL, 0, NULL);
    check("a disconnect ends what is pending", next_reply(fd, &reply) && reply.sequence == pending ? reply.status : 1, SHUT_DOWN);
    check("and the connection", closed(fd), true);
    close(fd);
    check_true("another device comes", property_holds("usb-device", "1209:0002"), monitor("qom-get /machine usb-device"));
    return import_when_ready();
}

static int test_reset(int fd)
{
    struct counters before = counters(fd), after;
    int status = control(fd, 0x23, 3, 4, 1, NULL, 0, NULL);

    after = counters(fd);
    check("port reset by the client", status, 0);
    check("two bus resets, as enumeration has them", after.resets - before.resets, 2);
    check("and configured again", after.configurations - before.configurations, 1);
    check("the connection stays", transfer(fd, 0x80 | EP_TICK, back, 8, 0, NULL), 0);
    control(fd, 0x40, REQUEST_IDENTITY, 0, TEST_PRODUCT, NULL, 0, NULL);
    check("a port reset that finds another device", control(fd, 0x23, 3, 4, 1, NULL, 0, NULL), SHUT_DOWN);
    check("ends the connection", closed(fd), true);
    close(fd);
    return import_when_ready();
}

static int test_cable(int fd)
{
    struct counters before = counters(fd), after;

    monitor("qom-set /machine usb-cable none");
    check("unplugged: the connection ends", closed(fd), true);
    close(fd);
    check_true("nothing is there", property_holds("usb-device", "\"\""), monitor("qom-get /machine usb-device"));
    monitor("qom-set /machine usb-cable power");
    sleep_ms(300);
    check_true("a charger enumerates nothing", property_holds("usb-device", "\"\""), monitor("qom-get /machine usb-device"));
    check_true("a cable that doesn't exist", strstr(monitor("qom-set /machine usb-cable rope"), "usb-cable is host"), "no message");
    monitor("qom-set /machine usb-cable host");
    fd = import_when_ready();
    after = counters(fd);
    check("full speed: the device saw its session end", packet_size == 512 || after.session_ends - before.session_ends >= 1, true);
    for (int i = 0; i < 5; i++) {
        close(fd);
        monitor("qom-set /machine usb-cable none");
        monitor("qom-set /machine usb-cable host");
        fd = import_when_ready();
    }
    check("plugged in five times more", control(fd, 0x80, 6, 0x100, 0, back, 18, NULL), 0);
    return fd;
}

/* The reset button, and power. */
static int test_power(int fd)
{
    static const char *const ways[][3] = {
        { "system_reset", NULL, "the reset button ends the connection" },
        { "qom-set /machine power false", "qom-set /machine power true", "power off ends the connection" },
    };

    for (int i = 0; i < 2; i++) {
        monitor(ways[i][0]);
        check(ways[i][2], closed(fd), true);
        close(fd);
        if (ways[i][1]) {
            sleep_ms(100);
            check_true("without power nothing is there", property_holds("usb-device", "\"\""), monitor("qom-get /machine usb-device"));
            monitor(ways[i][1]);
        }
        fd = import_when_ready();
        check("and it starts again", control(fd, 0x80, 6, 0x100, 0, back, 18, NULL), 0);
    }
    return fd;
}

/* Firmware that jumps into system memory is where a chip with BOOT0 high is; a reset brings it back. */
static int test_bootloader(int fd)
{
    control(fd, 0x40, REQUEST_BOOTLOADER, 0, 0, NULL, 0, NULL);
    check("a jump into system memory ends the connection", closed(fd), true);
    close(fd);
    check_true("and the system bootloader comes", property_holds("usb-device", "0483:DF11 full configured serial=200364500000"),
               monitor("qom-get /machine usb-device"));
    fd = import_when_ready();
    check("which answers", control(fd, 0xa1, 3, 0, 0, back, 6, NULL) == 0 && back[4] == 2, true);
    monitor("system_reset");
    check("until a reset", closed(fd), true);
    close(fd);
    check_true("that starts the firmware again", property_holds("usb-device", "1209:"), monitor("qom-get /machine usb-device"));
    return import_when_ready();
}

int main(int argc, char **argv)
{
    int fd;

    if (argc < 4)
        return 2;
    socket_path = argv[1];
    monitor_path = argv[2];
    speed_name = argv[3];
    packet_size = strcmp(speed_name, "high") ? 64 : 512;
    real_time = argc > 4;
    test_enumeration();
    test_import();
    fd = import_when_ready();
    test_control(fd);
    test_loopback(fd);
    test_full_fifo(fd);
    test_interrupt(fd);
    test_stall(fd);
    fd = test_interfaces(fd);
    test_stream(fd);
    test_unlink(fd);
    test_suspend(fd);
    fd = test_disconnect(fd);
    fd = test_reset(fd);
    fd = test_cable(fd);
    fd = test_power(fd);
    fd = test_bootloader(fd);
    close(fd);
    monitor("quit");
    return 0;
}
