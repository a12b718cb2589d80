/* SPDX-License-Identifier: MIT */
/* Clients that no server wants: nonsense, half messages, floods. Usage: client_hostile SOCKET MONITOR TCP-PORT, with the guest device.c */
#include "client.h"
#include "device.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint8_t buffer[65536];

static uint32_t noise(void)
{
    static uint32_t state = 20260101;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static int imported(void)
{
    return import_when_ready();
}

static void put_u32(uint8_t *p, uint32_t value)
{
    value = htonl(value);
    memcpy(p, &value, 4);
}

/* A command header of seven words. */
static void put_command(int fd, uint32_t command, uint32_t direction, uint32_t endpoint, uint32_t length)
{
    uint8_t header[48] = { 0 };

    put_u32(header, command);
    put_u32(header + 4, 1);
    put_u32(header + 12, direction);
    put_u32(header + 16, endpoint);
    put_u32(header + 24, length);
    put(fd, header, sizeof(header));
}

static void works(const char *after)
{
    uint8_t descriptor[18] = { 0 };
    int fd = imported(), status = control(fd, 0x80, 6, 0x100, 0, descriptor, 18, NULL);

    check(after, status == 0 && descriptor[8] == (TEST_VENDOR & 255), true);
    close(fd);
    property_holds("usb-imported", "false");
}

static void test_nonsense(void)
{
    for (int i = 0; i < 200; i++) {
        int fd = dial();

        for (uint32_t n = 0, length = noise() % 300; n < length; n++)
            buffer[n] = (uint8_t)noise();
        put(fd, buffer, 1 + noise() % 300);
        close(fd);
    }
    works("200 connections full of noise");
    for (int i = 0; i < 100; i++) {
        int fd = imported();

        for (int n = 0; n < 480; n++)
            buffer[n] = noise() % 4 ? 0 : (uint8_t)noise();
        buffer[3] = 1 + i % 2;                              /* most are commands of a kind */
        put(fd, buffer, 48 + noise() % 432);
        close(fd);
        property_holds("usb-imported", "false");
    }
    works("100 imports followed by noise");
}

static void test_lengths(void)
{
    static struct reply reply;
    static const struct { const char *name; uint32_t command, direction, endpoint, length; } bad[] = {
        { "an unknown command ends the connection", 9, 0, 0, 0 }, { "direction 2", 1, 2, 1, 0 }, { "endpoint 16", 1, 1, 16, 64 },
        { "2 GiB out", 1, 0, 1, 0x7fffffff }, { "4 GiB out", 1, 0, 1, 0xffffffff },
    };
    int fd = dial();

    put(fd, (uint8_t[8]) { 0x02, 0x11, 0x80, 0x05 }, 8);
    check("another version ends the connection", closed(fd), true);
    close(fd);
    fd = dial();
    put(fd, (uint8_t[8]) { 0x01, 0x11, 0x80, 0x77 }, 8);
    check("an unknown operation, too", closed(fd), true);
    close(fd);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fd = imported();
        put_command(fd, bad[i].command, bad[i].direction, bad[i].endpoint, bad[i].length);
        check(bad[i].name, closed(fd), true);
        close(fd);
        property_holds("usb-imported", "false");
    }
    fd = imported();
    submit(fd, 0x80 | EP_STREAM, NULL, 0x7fffffff, 0);
    check("2 GiB in: no memory", next_reply(fd, &reply) ? reply.status : 1, -12);
    check("and the connection goes on", transfer(fd, 0x80 | EP_TICK, buffer, 8, 0, NULL), 0);
    close(fd);
    works("after all these lengths");
}

static void test_halves(void)
{
    static const uint8_t whole[40] = { 0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0, '1', '-', '1' };
    uint8_t device[320];
    int fd;

    for (size_t n = 1; n < sizeof(whole); n++) {
        fd = dial();
        put(fd, whole, n);
        close(fd);
    }
    works("imports that end after each byte");
    fd = dial();
    for (size_t n = 0; n < sizeof(whole); n++) {
        put(fd, whole + n, 1);
        sleep_ms(1);
    }
    check("an import byte by byte", get(fd, device, 320) && !device[7], true);
    put_command(fd, 1, 0, EP_LOOP, 1000);
    put(fd, buffer, 500);
    close(fd);
    property_holds("usb-imported", "false");
    works("a request that ends in the middle");
}

static void test_floods(void)
{
    static struct reply reply;
    uint32_t refused = 0;
    int idle[100], fd = imported();

    /* Far more than can be in flight, none of which the device answers. */
    control(fd, 0x40, REQUEST_HOLD, 1, 0, NULL, 0, NULL);
    transfer(fd, EP_LOOP, buffer, 10, 0, NULL);
    for (int i = 0; i < 5000; i++)
        submit(fd, EP_LOOP, buffer, 8, 0);
    for (int i = 0; i < 5000 - 4096 && next_reply(fd, &reply); i++)
        refused += reply.status == -12;
    check("5000 requests at once: those beyond 4096 are refused", refused, 5000 - 4096);
    check("and so is one more", transfer(fd, 0x80 | EP_TICK, buffer, 8, 0, NULL), -12);
    close(fd);
    property_holds("usb-imported", "false");
    works("after 4096 requests in flight");
    fd = imported();
    control(fd, 0x40, REQUEST_HOLD, 0, 0, NULL, 0, NULL);
    for (int i = 0; i < 300; i++)                           /* 19 MB that nobody reads */
        submit(fd, 0x80 | EP_STREAM, NULL, 65536, 0);
    sleep_ms(1000);
    check("a client that reads late gets everything", next_reply(fd, &reply) && reply.status == 0 && reply.actual == 65536, true);
    close(fd);
    property_holds("usb-imported", "false");
    works("after a client that doesn't read");
    for (int i = 0; i < 100; i++)
        idle[i] = dial();
    works("beside 100 idle connections");
    for (int i = 0; i < 100; i++)
        close(idle[i]);
    for (int i = 0; i < 100; i++) {
        fd = imported();
        submit(fd, 0x80 | EP_STREAM, NULL, 4096, 0);
        submit(fd, 0x80 | EP_LOOP, NULL, 4096, 0);
        close(fd);
    }
    works("after 100 clients that left at once");
}

static void test_tcp(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    uint8_t list[12];

    check("TCP: connected", connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    put(fd, (uint8_t[8]) { 0x01, 0x11, 0x80, 0x05 }, 8);
    check("TCP: the list comes", get(fd, list, sizeof(list)) && list[11] == 1, true);
    close(fd);
}

/* 1.6 MB to the device by control transfers, as a DFU download does; frames are milliseconds of the camera's time. All are asked for at once:
   it never waits for a client that has no time. */
static void test_throughput(void)
{
    static struct reply reply;
    uint8_t setup[8] = { 0x40, REQUEST_ECHO, 0, 0, 0, 0, LOOP_SIZE & 255, LOOP_SIZE >> 8 };
    int fd = imported(), bad = 0;
    long before = frames(), spent;
    char text[40];

    for (int i = 0; i < 400; i++)
        submit_control(fd, setup, buffer);
    for (int i = 0; i < 400; i++)
        bad += !next_reply(fd, &reply) || reply.status;
    spent = frames() - before;
    snprintf(text, sizeof(text), "%ld ms", spent);
    check("1.6 MB by control transfers", bad, 0);
    check_true("in less than 10 s of the camera's time", spent > 1000 && spent < 10000, text);
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    socket_path = argv[1];
    monitor_path = argv[2];
    test_nonsense();
    test_lengths();
    test_halves();
    test_floods();
    test_tcp((uint16_t)atoi(argv[3]));
    test_throughput();
    monitor("quit");
    return 0;
}
