/* SPDX-License-Identifier: MIT */
/*
 * Requests to a camera, one per argument, over the console socket of an emulated one:
 *
 *   info version memory stats list poll      shape CH   size CH   read CH N   write CH TEXT   ioctl CH N [ARG]
 *   event MS (the next one)   wait MS   script FILE (put and start)   until (the script has ended)   print (stdout)
 *   frame (of the stream channel: size and format)
 *
 * CH is a number or a name. With `lossy PERCENT SEED` first, packets are lost, doubled, damaged or cut on the way.
 * Usage: talk SOCKET COMMAND...
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/link.h"
#include "protocol/client.h"

#define PAYLOAD 4082

static struct link link = {.fd = -1};
static struct client *client;
static unsigned lossy;
static char **next_argument;

static char *argument(void)
{
    if (!*next_argument) {
        fprintf(stderr, "one more argument is needed\n");
        exit(2);
    }
    return *next_argument++;
}

static unsigned number(void)
{
    return (unsigned)strtoul(argument(), NULL, 0);
}

static uint8_t channel(void)
{
    char *name = argument();
    int found = client_find_channel(client, name);

    return (uint8_t)(found < 0 ? atoi(name) : found);
}

static uint32_t now_ms(void *context)
{
    (void)context;
    return link_now();
}

/* What the link does to a packet or a part of one, in place; its new length, 0: lost. PERCENT is that of 100 bytes. */
static size_t harm(uint8_t *bytes, size_t n)
{
    if ((unsigned)rand() % 10000 >= lossy * n)
        return n;
    switch (rand() % 3) {
    case 0:
        return 0;
    case 1:
        bytes[(size_t)rand() % n] ^= (uint8_t)(1u << rand() % 8);
        return n;
    default:
        return 1 + (size_t)rand() % n;
    }
}

static int transmit(void *context, const void *bytes, size_t n, uint32_t timeout_ms)
{
    uint8_t copy[PAYLOAD + PACKET_OVERHEAD];

    (void)context;
    memcpy(copy, bytes, n);
    n = harm(copy, n);
    return n ? link_send(&link, copy, n, timeout_ms) : 0;
}

static int receive(void *context, void *out, size_t n, uint32_t timeout_ms)
{
    int got = link_receive(&link, out, n, timeout_ms);

    (void)context;
    return got > 0 && lossy ? (int)harm(out, (size_t)got) : got;
}

static void connect_to(const char *path)
{
    const struct client_config config = {
        .receive = receive,
        .send = transmit,
        .now_ms = now_ms,
        .max_payload = PAYLOAD,
        .capabilities = CAPS_ALL,
        .retry_ms = lossy ? 600 : 1200,
        .deadline_ms = 10000,
    };

    int error = link_open_socket(&link, path);
    if (error) {
        fprintf(stderr, "%s: %s\n", path, strerror(error));
        exit(5);
    }
    client = client_init(malloc(CLIENT_BYTES(PAYLOAD)), CLIENT_BYTES(PAYLOAD), &config);
}

/* Ends with the client's error unless the result is good; on a lossy link a new session may be needed. */
static int good(int result)
{
    if (result >= 0 || (lossy && result == CLIENT_E_RESYNCED))
        return result;
    printf("error %s%s%s\n", client_strerror(result), result == CLIENT_E_REFUSED ? ": " : "",
           result == CLIENT_E_REFUSED ? client_strstatus(client_status(client)) : "");
    return result;
}

static void words(const char *name, enum packet_opcode opcode)
{
    uint8_t answer[512];
    int n = good(client_request(client, opcode, 0, NULL, 0, answer, sizeof answer, false));

    if (n < 0)
        return;
    printf("%s", name);
    for (int i = 0; i + 4 <= n; i += 4)
        printf(" %08x", packet_get32(answer + i));
    printf("\n");
}

static void list(void)
{
    uint8_t flags;

    good(client_list_channels(client));
    for (unsigned i = 0; i < PACKET_CHANNELS; i++)
        if (client_channel(client, i, &flags))
            printf("channel %u %s %02x\n", i, client_channel(client, i, NULL), flags);
}

static void put_script(const char *path)
{
    static char text[65536];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(text, 1, sizeof text, f) : 0;

    if (f)
        fclose(f);
    int result = CLIENT_E_RESYNCED;
    for (int i = 0; i < 20 && result < 0; i++)
        result = client_write(client, CHANNEL_STDIN, 0, text, n);
    good(result);
    for (int i = 0; i < 20 && (result = client_ioctl(client, CHANNEL_STDIN, STDIN_EXEC, NULL, 0)) < 0; i++) {
    }
    good(result);
}

static void print(void)
{
    char text[4096];
    uint32_t size = 0;
    int n;

    while (client_size(client, CHANNEL_STDOUT, &size) >= 0 && size &&
           (n = good(client_read(client, CHANNEL_STDOUT, 0, text, size < sizeof text ? size : sizeof text))) > 0)
        fwrite(text, 1, (size_t)n, stdout);
    fflush(stdout);
}

static void until(void)
{
    for (uint32_t start = link_now(); link_now() - start < 30000;) {
        uint32_t mask = 0;
        if (client_poll(client, &mask) >= 0 && link_now() - start > 500 && !(mask & 1u << CHANNEL_STDIN))
            return;
        print();
    }
    printf("error the script does not end\n");
}

static void show_frame(void)
{
    static uint8_t bytes[1 << 16];
    int id = client_find_channel(client, "stream");
    uint32_t size = 0;

    for (int i = 0; i < 200; i++) {
        if (client_lock(client, (uint8_t)id) >= 0) {
            client_size(client, (uint8_t)id, &size);
            int n = good(client_read(client, (uint8_t)id, 0, bytes, size < sizeof bytes ? size : sizeof bytes));
            client_unlock(client, (uint8_t)id);
            if (n >= 32)
                printf("frame %ux%u %08x bytes %u offset %u length %d\n", packet_get32(bytes), packet_get32(bytes + 4),
                       packet_get32(bytes + 8), packet_get32(bytes + 12), packet_get32(bytes + 16), n);
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    printf("error no frame\n");
}

static void run(const char *command)
{
    uint32_t numbers[4];
    char text[4096];
    int n;

    if (!strcmp(command, "info")) {
        words("info", SYS_INFO);
    } else if (!strcmp(command, "version")) {
        words("version", PROTO_VERSION);
    } else if (!strcmp(command, "memory")) {
        words("memory", SYS_MEMORY);
    } else if (!strcmp(command, "stats")) {
        words("stats", PROTO_STATS);
    } else if (!strcmp(command, "list")) {
        list();
    } else if (!strcmp(command, "poll")) {
        if (good(client_poll(client, numbers)) >= 0)
            printf("poll %x\n", numbers[0]);
    } else if (!strcmp(command, "size")) {
        if (good(client_size(client, channel(), numbers)) >= 0)
            printf("size %u\n", numbers[0]);
    } else if (!strcmp(command, "shape")) {
        n = good(client_shape(client, channel(), numbers));
        printf("shape");
        for (int i = 0; i < n; i++)
            printf(" %u", numbers[i]);
        printf("\n");
    } else if (!strcmp(command, "read")) {
        uint8_t id = channel();
        n = good(client_read(client, id, 0, text, number()));
        if (n >= 0)
            printf("read %.*s\n", n, text);
    } else if (!strcmp(command, "write")) {
        uint8_t id = channel();
        const char *what = argument();
        if (good(client_write(client, id, 0, what, strlen(what))) >= 0)
            printf("written\n");
    } else if (!strcmp(command, "ioctl")) {
        uint8_t id = channel();
        uint32_t request = number(), count = 0;
        while (*next_argument && (*next_argument)[0] == '=' && count < 4)
            numbers[count++] = (uint32_t)strtoul(*next_argument++ + 1, NULL, 0);
        if (good(client_ioctl(client, id, request, numbers, count)) >= 0)
            printf("done\n");
    } else if (!strcmp(command, "event")) {
        struct client_event event;
        n = client_next_event(client, &event, number());
        if (n == 1)
            printf("event %u %04x\n", event.channel, event.code);
        else
            printf("no event\n");
    } else if (!strcmp(command, "wait")) {
        unsigned ms = number();
        nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000}, NULL);
    } else if (!strcmp(command, "script")) {
        put_script(argument());
    } else if (!strcmp(command, "until")) {
        until();
    } else if (!strcmp(command, "print")) {
        print();
    } else if (!strcmp(command, "frame")) {
        show_frame();
    } else {
        fprintf(stderr, "what is '%s'?\n", command);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    next_argument = argv + 2;
    if (!strcmp(argv[2], "lossy")) {
        next_argument++;
        lossy = number();
        srand(number());
    }
    connect_to(argv[1]);
    int error = client_connect(client);
    for (int i = 0; lossy && error && i < 5; i++)
        error = client_connect(client);
    if (good(error) < 0)
        return 6;
    while (*next_argument)
        run(argument());
    if (lossy)
        fprintf(stderr, "%u sessions, %u packets sent again, %u damaged\n", client_statistics(client)->sessions,
                client_statistics(client)->retries, client_statistics(client)->damaged);
    return 0;
}
