/* SPDX-License-Identifier: MIT */
/* A scripted USB/IP client (client.h). */
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

const char *socket_path, *monitor_path;
uint16_t tcp_port;

static uint32_t sequence;
static bool is_in[65536];

void check(const char *name, long got, long expected)
{
    if (got == expected)
        printf("PASS %s\n", name);
    else
        printf("FAIL %s: expected %ld, got %ld [rerun: sh tests/emu/usb/run.sh]\n", name, expected, got);
    fflush(stdout);
}

void check_true(const char *name, bool good, const char *got)
{
    if (good)
        printf("PASS %s\n", name);
    else
        printf("FAIL %s: expected it, got %s [rerun: sh tests/emu/usb/run.sh]\n", name, got);
    fflush(stdout);
}

void sleep_ms(unsigned ms)
{
    nanosleep(&(struct timespec) { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L }, NULL);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int dial_path(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int64_t end = now_ms() + TIMEOUT_MS;

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    do {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
            return fd;
        close(fd);
        sleep_ms(20);
    } while (now_ms() < end);
    printf("FAIL usb: expected a server at %s, got none [rerun: sh tests/emu/usb/run.sh]\n", path);
    exit(1);
}

int dial(void)
{
    return dial_path(socket_path);
}

bool put(int fd, const void *bytes, size_t length)
{
    const uint8_t *p = bytes;

    while (length) {
        struct pollfd wait = { .fd = fd, .events = POLLOUT };
        ssize_t n;

        if (poll(&wait, 1, TIMEOUT_MS) != 1)
            return false;
        n = send(fd, p, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            continue;
        if (n <= 0)
            return false;
        p += n;
        length -= (size_t)n;
    }
    return true;
}

bool get(int fd, void *bytes, size_t length)
{
    uint8_t *p = bytes;

    while (length) {
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        ssize_t n;

        if (poll(&wait, 1, TIMEOUT_MS) != 1)
            return false;
        n = recv(fd, p, length, 0);
        if (n <= 0)
            return false;
        p += n;
        length -= (size_t)n;
    }
    return true;
}

bool closed(int fd)
{
    uint8_t byte;
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    int64_t end = now_ms() + TIMEOUT_MS;

    while (now_ms() < end) {
        if (poll(&wait, 1, 1000) == 1 && recv(fd, &byte, 1, 0) <= 0)
            return true;
    }
    return false;
}

static void put_u32(uint8_t *p, uint32_t value)
{
    value = htonl(value);
    memcpy(p, &value, 4);
}

static uint32_t get_u32(const uint8_t *p)
{
    uint32_t value;

    memcpy(&value, p, 4);
    return ntohl(value);
}

uint32_t import(int fd, const char *busid, uint8_t device[312])
{
    uint8_t message[40] = { 0x01, 0x11, 0x80, 0x03 }, answer[8];

    strncpy((char *)message + 8, busid, 31);
    if (!put(fd, message, sizeof(message)) || !get(fd, answer, 8))
        return 255;
    if (!get_u32(answer + 4) && !get(fd, device, 312))
        return 255;
    return get_u32(answer + 4);
}

static uint32_t send_submit(int fd, bool in, unsigned endpoint, const uint8_t *setup, const void *data, uint32_t length, uint32_t flags)
{
    uint8_t header[48] = { 0 };

    sequence++;
    is_in[sequence % 65536] = in;
    put_u32(header, 1);
    put_u32(header + 4, sequence);
    put_u32(header + 8, 0x00010001);
    put_u32(header + 12, in);
    put_u32(header + 16, endpoint);
    put_u32(header + 20, flags);
    put_u32(header + 24, length);
    put_u32(header + 32, 0xffffffff);
    if (setup)
        memcpy(header + 40, setup, 8);
    put(fd, header, sizeof(header));
    if (!in && length)
        put(fd, data, length);
    return sequence;
}

uint32_t submit(int fd, unsigned endpoint, const void *data, uint32_t length, uint32_t flags)
{
    return send_submit(fd, endpoint & 0x80, endpoint & 15, NULL, data, length, flags);
}

uint32_t submit_control(int fd, const uint8_t setup[8], const void *data)
{
    return send_submit(fd, setup[0] & 0x80, 0, setup, data, setup[6] | (uint32_t)setup[7] << 8, 0);
}

uint32_t unlink_urb(int fd, uint32_t victim)
{
    uint8_t header[48] = { 0 };

    put_u32(header, 2);
    put_u32(header + 4, ++sequence);
    put_u32(header + 20, victim);
    put(fd, header, sizeof(header));
    return sequence;
}

bool next_reply(int fd, struct reply *reply)
{
    uint8_t header[48];

    if (!get(fd, header, sizeof(header)))
        return false;
    reply->command = get_u32(header);
    reply->sequence = get_u32(header + 4);
    reply->status = (int)get_u32(header + 20);
    reply->actual = reply->command == 3 ? get_u32(header + 24) : 0;
    reply->packets = get_u32(header + 32);
    if (reply->command == 3 && is_in[reply->sequence % 65536] && reply->actual)
        return reply->actual <= sizeof(reply->data) && get(fd, reply->data, reply->actual);
    return true;
}

static int finish(int fd, uint32_t number, bool in, void *data, uint32_t *actual)
{
    static struct reply reply;

    do {
        if (!next_reply(fd, &reply))
            return GONE;
    } while (reply.sequence != number);
    if (actual)
        *actual = reply.actual;
    if (in && reply.actual)
        memcpy(data, reply.data, reply.actual);
    return reply.status;
}

int transfer(int fd, unsigned endpoint, void *data, uint32_t length, uint32_t flags, uint32_t *actual)
{
    return finish(fd, submit(fd, endpoint, data, length, flags), endpoint & 0x80, data, actual);
}

int control(int fd, uint8_t type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length, uint32_t *actual)
{
    uint8_t setup[8] = {
        type, request, (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)index, (uint8_t)(index >> 8), (uint8_t)length, (uint8_t)(length >> 8),
    };

    return finish(fd, submit_control(fd, setup, data), type & 0x80, data, actual);
}

int import_when_ready(void)
{
    int64_t end = now_ms() + TIMEOUT_MS;
    uint8_t device[312];

    do {
        int fd = dial();

        if (import(fd, "1-1", device) == 0)
            return fd;
        close(fd);
        sleep_ms(20);
    } while (now_ms() < end);
    printf("FAIL usb: expected a device to import within %d s, got none [rerun: sh tests/emu/usb/run.sh]\n", TIMEOUT_MS / 1000);
    exit(1);
}

/* --- monitor --- */

static char said[65536];

/* The prompt ends an answer; the echo of the command comes before it. */
static void read_prompt(int fd)
{
    size_t n = 0;
    char byte;

    while (n < sizeof(said) - 1 && get(fd, &byte, 1)) {
        said[n++] = byte;
        said[n] = 0;
        if (n >= 7 && !strcmp(said + n - 7, "(qemu) "))
            break;
    }
}

const char *monitor(const char *command)
{
    static int fd = -1;
    char line[512], *answer;

    if (fd < 0) {
        fd = dial_path(monitor_path);
        read_prompt(fd);
    }
    snprintf(line, sizeof(line), "%s\n", command);
    put(fd, line, strlen(line));
    read_prompt(fd);
    answer = strchr(said, '\n');
    return answer ? answer + 1 : said;
}

bool property_holds(const char *name, const char *text)
{
    int64_t end = now_ms() + TIMEOUT_MS;
    char command[128];

    snprintf(command, sizeof(command), "qom-get /machine %s", name);
    do {
        if (strstr(monitor(command), text))
            return true;
        sleep_ms(20);
    } while (now_ms() < end);
    return false;
}

long frames(void)
{
    const char *text = strstr(monitor("qom-get /machine usb-counters"), "frames");

    return text ? strtol(text + 8 + (text[6] == '\\'), NULL, 10) : 0;     /* the quotes are escaped */
}
