/* SPDX-License-Identifier: MIT */
/* Fuzz target: bytes of a hostile host to the camera's side, bytes of a hostile camera to the host's side. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/client.h"
#include "protocol/device.h"

#define PAYLOAD 120

/* What comes in, and the time, which passes whenever nothing comes. */
static struct input {
    const uint8_t *bytes;
    size_t n, at;
    uint32_t time;
} in;

static uint8_t script[256];

/* The input without checksums is what a fuzzer can write: the first byte tells whether packets are made whole for it. */
static uint8_t whole[4096];

static uint32_t now_ms(void *context)
{
    (void)context;
    return in.time;
}

static size_t device_receive(void *context, void *out, size_t n)
{
    (void)context;
    if (n > in.n - in.at)
        n = in.n - in.at;
    memcpy(out, in.bytes + in.at, n);
    in.at += n;
    return n;
}

static size_t device_send(void *context, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    (void)context;
    assert(n && p[n - 1] + 1); /* reads the first and last byte under the sanitizer */
    in.time++;
    return in.time % 7 ? n : n / 2;
}

static int client_receive(void *context, void *out, size_t n, uint32_t timeout_ms)
{
    size_t got = device_receive(context, out, n < 16 ? n : 16);

    in.time += got ? 1 : timeout_ms;
    return in.at == in.n && !got && in.time % 11 == 0 ? -1 : (int)got;
}

static int client_send(void *context, const void *bytes, size_t n, uint32_t timeout_ms)
{
    (void)timeout_ms;
    device_send(context, bytes, n);
    return 0;
}

static uint32_t size(void *context)
{
    (void)context;
    return 700;
}

static int read_bytes(void *context, uint32_t offset, void *out, size_t n)
{
    (void)context;
    assert(n <= 512);
    memset(out, (int)offset, n);
    return (int)(offset % 3 ? n : n / 2);
}

static const void *readp(void *context, uint32_t offset, size_t n)
{
    static const uint8_t frame[700];

    (void)context;
    assert(offset + n <= sizeof frame);
    return frame + offset;
}

static int write_bytes(void *context, uint32_t offset, const void *bytes, size_t n)
{
    (void)context;
    if (offset > sizeof script || n > sizeof script - offset)
        return -STATUS_FAILED;
    memcpy(script + offset, bytes, n);
    return 0;
}

static int control(void *context, uint32_t request, const void *argument, size_t n)
{
    (void)context;
    return n && ((const uint8_t *)argument)[n - 1] == request ? -STATUS_FAILED : 0;
}

static bool lock(void *context)
{
    *(int *)context += 1;
    assert(*(int *)context == 1);
    return true;
}

static void unlock(void *context)
{
    *(int *)context -= 1;
    assert(*(int *)context == 0);
}

static int shape(void *context, uint32_t out[4])
{
    (void)context;
    out[0] = out[1] = out[2] = out[3] = 9;
    return 4;
}

static void command(void *context, enum device_command what)
{
    (void)what;
    device_close(*(struct device **)context);
}

static void info(void *context, struct device_info *out)
{
    (void)context;
    out->ram = 1;
}

static int memory(void *context, struct device_pool pools[DEVICE_POOLS])
{
    (void)context;
    pools[0].total = 1;
    return 1;
}

static void version(void *context, struct device_version *out)
{
    (void)context;
    out->firmware[0] = 5;
}

static void attack_device(bool foreground)
{
    static const struct device_channel_ops reader = {.size = size, .read = read_bytes, .shape = shape};
    static const struct device_channel_ops stream = {.size = size, .readp = readp, .lock = lock, .unlock = unlock, .ioctl = control};
    static const struct device_channel_ops writer = {.write = write_bytes, .ioctl = control};
    static const struct device_channel_ops nothing;
    int locks = 0;
    const struct device_channel channels[] = {
        {"usb", CHANNEL_FLAG_PHYSICAL, &nothing, NULL},
        {"stdin", CHANNEL_FLAG_WRITE, &writer, NULL},
        {"stdout", CHANNEL_FLAG_READ, &reader, NULL},
        {"a name that is too long", CHANNEL_FLAG_READ | CHANNEL_FLAG_LOCK, &stream, &locks},
        {"user", CHANNEL_FLAG_READ | CHANNEL_FLAG_DYNAMIC | CHANNEL_FLAG_WRITE, &reader, NULL},
    };
    static uint64_t space[DEVICE_BYTES(PAYLOAD) / 8 + 1];
    struct device *device;
    const struct device_config config = {
        .context = &device,
        .receive = device_receive,
        .send = device_send,
        .now_ms = now_ms,
        .command = command,
        .info = info,
        .memory = memory,
        .version = version,
        .max_payload = PAYLOAD,
        .capabilities = CAPS_ALL,
        .retries = 3,
        .retry_ms = 500,
        .lock_interval_ms = 10,
    };

    device = device_init(space, sizeof space, &config);
    for (int i = 0; i < 5; i++)
        device_register(device, i, &channels[i]);
    while (in.at < in.n) {
        device_poll(device, foreground);
        device_raise(device, CHANNEL_STDOUT, PACKET_NOTIFY);
        in.time += 3;
    }
    for (int i = 0; i < 20; i++, in.time += 300)
        device_poll(device, foreground);
    device_close(device);
    assert(locks == 0);
}

static void attack_client(void)
{
    static uint64_t space[CLIENT_BYTES(PAYLOAD) / 8 + 1];
    const struct client_config config = {
        .receive = client_receive,
        .send = client_send,
        .now_ms = now_ms,
        .max_payload = PAYLOAD,
        .capabilities = CAPS_ALL,
        .retry_ms = 300,
        .deadline_ms = 2000,
    };
    struct client *client = client_init(space, sizeof space, &config);
    struct client_event event;
    uint8_t *out = malloc(333);
    uint32_t words[4];

    if (client_connect(client) != CLIENT_E_LINK) {
        for (unsigned i = 0; i < PACKET_CHANNELS; i++)
            if (client_channel(client, i, NULL))
                assert(strlen(client_channel(client, i, NULL)) < PACKET_NAME_BYTES);
        client_find_channel(client, "stream");
        assert(client_read(client, CHANNEL_STREAM, 0, out, 333) <= 333);
        client_shape(client, 1, words);
        client_poll(client, words);
        client_write(client, 1, 0, out, 0);
        client_next_event(client, &event, 100);
    }
    free(out);
}

/* Gives every packet in the input the checksums it should have, so that what lies behind them is reached. */
static void make_whole(const uint8_t *data, size_t n)
{
    static const uint8_t sync[] = {0xAA, 0xD5, 0, 0, 0, 0, 0, 0, 0xB0, 0xAC};
    size_t used = sizeof sync;

    memcpy(whole, sync, sizeof sync);
    while (n >= 6) {
        size_t length = data[4] % (PAYLOAD + 20u);
        struct packet p = {data[0], data[1], data[2], data[3], 0, data + 6};
        if (length > n - 6)
            length = n - 6;
        p.length = (uint16_t)length;
        size_t bytes = packet_encode(whole + used, sizeof whole - used, &p);
        if (!bytes)
            break;
        if (data[5] & 0x80)
            whole[used + data[5] % bytes] ^= 1;
        used += bytes;
        data += 6 + length;
        n -= 6 + length;
    }
    in.bytes = whole;
    in.n = used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (!n)
        return 0;
    in = (struct input){data + 1, n - 1, 0, 0};
    if (data[0] & 1)
        make_whole(data + 1, n - 1);
    if (data[0] & 2)
        attack_client();
    else
        attack_device(data[0] & 4);
    return 0;
}
