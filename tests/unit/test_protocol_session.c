/* SPDX-License-Identifier: MIT */
/*
 * Both sides of the protocol over a simulated link that loses, doubles, damages, cuts, delays and reorders packets, at
 * every packet n of a session. Time is simulated. One case alone:  test_protocol_session FAULT FIRST [COUNT]
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/client.h"
#include "protocol/device.h"

#define CAMERA_PAYLOAD 498
#define HOST_PAYLOAD   4082
#define LIMIT_MS       2000u /* no call may take longer ... */
#define SLACK_MS       400u  /* ... beside a delayed packet that was on its way when the time was over */
#define FLIGHTS        128u
#define FRAME_BYTES    3000u
#define STDOUT_BYTES   1500u

enum fault { NONE, DROP, DOUBLE, FLIP_HEADER, FLIP_PAYLOAD, CUT, DELAY, SWAP, GARBAGE, FAULTS };
static const char *const fault_names[] = {"none", "drop", "double", "flip-header", "flip-payload", "cut", "delay", "swap", "garbage"};

/* One direction of the link. Packets arrive when their time has come. */
struct flight {
    uint32_t at;
    size_t n, taken;
    uint8_t bytes[600];
};
struct pipe {
    struct flight flights[FLIGHTS];
    unsigned in, out;
    bool held; /* a packet waits for the next one to overtake it */
    struct flight hold;
};

static struct simulation {
    uint32_t time;
    unsigned packets; /* sent so far, both directions */
    enum fault fault;
    unsigned first, count; /* which packets are hit */
    bool dead;             /* everything after is lost */
    unsigned percent;      /* or hit at random */
    struct pipe to_device, to_client;
    struct device *device;
    struct client *client;
    uint64_t device_memory[(DEVICE_BYTES(CAMERA_PAYLOAD) + 7) / 8], client_memory[(CLIENT_BYTES(HOST_PAYLOAD) + 7) / 8];

    uint8_t script[4096];
    size_t script_length;
    unsigned executed;
    uint32_t printed, read; /* stdout: byte i is (i * 7) */
    uint32_t progress;      /* when the host accepted a new fragment, or the camera a piece of the script */
    unsigned acknowledged;
    bool frame_locked;
    uint32_t frame; /* its number; byte i is (frame + i) */
    uint8_t frame_bytes[FRAME_BYTES];
} sim;

/* The link */

static void fly(struct pipe *pipe, const uint8_t *bytes, size_t n, uint32_t delay)
{
    struct flight *f = &pipe->flights[pipe->in % FLIGHTS];

    if (pipe->in - pipe->out == FLIGHTS)
        return;
    f->at = sim.time + delay;
    f->n = n;
    f->taken = 0;
    memcpy(f->bytes, bytes, n);
    pipe->in++;
}

static void carry(struct pipe *pipe, const uint8_t *bytes, size_t n)
{
    static const uint8_t garbage[] = "\xAA\xD5Traceback (most recent call last)\xAA\xD5\x01\x02\xAA";
    uint8_t copy[600];
    unsigned number = sim.packets++;
    enum fault fault = number >= sim.first && number < sim.first + sim.count ? sim.fault : NONE;

    if (sim.percent && (unsigned)rand() % 100 < sim.percent)
        fault = (enum fault)(1 + rand() % (FAULTS - 1));
    if (sim.dead && number >= sim.first)
        fault = DROP;
    memcpy(copy, bytes, n);
    switch (fault) {
    case DROP:
        break;
    case DOUBLE:
        fly(pipe, copy, n, 1);
        fly(pipe, copy, n, 2);
        break;
    case FLIP_HEADER:
        copy[number % 10] ^= (uint8_t)(1u << number % 8);
        fly(pipe, copy, n, 1);
        break;
    case FLIP_PAYLOAD:
        copy[n - 1 - number % (n > 10 ? n - 10 : 1)] ^= (uint8_t)(1u << number % 8);
        fly(pipe, copy, n, 1);
        break;
    case CUT:
        fly(pipe, copy, 1 + number % n / 2, 1);
        break;
    case DELAY:
        fly(pipe, copy, n, 350);
        break;
    case SWAP:
        pipe->hold.n = n;
        memcpy(pipe->hold.bytes, copy, n);
        pipe->held = true;
        return;
    case GARBAGE:
        fly(pipe, garbage, sizeof garbage, 1);
        fly(pipe, copy, n, 1);
        break;
    default:
        fly(pipe, copy, n, 1);
    }
    if (pipe->held) {
        pipe->held = false;
        fly(pipe, pipe->hold.bytes, pipe->hold.n, 2);
    }
}

static size_t arrive(struct pipe *pipe, uint8_t *out, size_t n)
{
    for (unsigned i = pipe->out; i != pipe->in; i++) {
        struct flight *f = &pipe->flights[i % FLIGHTS];
        if ((int32_t)(sim.time - f->at) < 0)
            continue;
        if (n > f->n - f->taken)
            n = f->n - f->taken;
        memcpy(out, f->bytes + f->taken, n);
        f->taken += n;
        if (f->taken == f->n) {
            for (; i != pipe->out; i--)
                pipe->flights[i % FLIGHTS] = pipe->flights[(i - 1) % FLIGHTS];
            pipe->out++;
        }
        return n;
    }
    return 0;
}

static uint32_t now_ms(void *context)
{
    (void)context;
    return sim.time;
}

static size_t device_receive(void *context, void *out, size_t n)
{
    (void)context;
    return arrive(&sim.to_device, out, n);
}

static size_t device_send(void *context, const void *bytes, size_t n)
{
    (void)context;
    carry(&sim.to_client, bytes, n);
    return n;
}

static int client_send(void *context, const void *bytes, size_t n, uint32_t timeout_ms)
{
    const uint8_t *p = bytes;

    (void)context;
    (void)timeout_ms;
    if (p[4] == PACKET_ACK && p[2] != sim.acknowledged) {
        sim.acknowledged = p[2];
        sim.progress = sim.time;
    }
    carry(&sim.to_device, bytes, n);
    return 0;
}

static int client_receive(void *context, void *out, size_t n, uint32_t timeout_ms)
{
    uint32_t end = sim.time + timeout_ms;

    (void)context;
    for (;;) {
        device_poll(sim.device, true);
        size_t got = arrive(&sim.to_client, out, n);
        if (got || sim.time == end)
            return (int)got;
        sim.time++;
    }
}

/* The camera's channels */

static int stdin_write(void *context, uint32_t offset, const void *bytes, size_t n)
{
    (void)context;
    sim.progress = sim.time;
    if (offset > sim.script_length || offset + n > sizeof sim.script)
        return -STATUS_FAILED;
    memcpy(sim.script + offset, bytes, n);
    sim.script_length = offset + n;
    return 0;
}

static int stdin_ioctl(void *context, uint32_t request, const void *argument, size_t n)
{
    (void)context;
    (void)argument;
    if (n || request != STDIN_EXEC || !sim.script_length)
        return -STATUS_FAILED;
    sim.executed++;
    sim.printed += STDOUT_BYTES;
    device_raise(sim.device, CHANNEL_STDIN, EVENT_STARTED);
    device_raise(sim.device, CHANNEL_STDOUT, PACKET_NOTIFY);
    return 0;
}

static int stdin_shape(void *context, uint32_t shape[4])
{
    (void)context;
    shape[0] = 0;
    shape[1] = RESULT_ENDED;
    shape[2] = sim.executed;
    return 3;
}

static uint32_t stdout_size(void *context)
{
    (void)context;
    return sim.printed - sim.read;
}

static int stdout_read(void *context, uint32_t offset, void *out, size_t n)
{
    uint8_t *p = out;

    (void)context;
    (void)offset;
    if (n > sim.printed - sim.read)
        n = sim.printed - sim.read;
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(sim.read++ * 7);
    return (int)n;
}

static bool stream_lock(void *context)
{
    (void)context;
    sim.frame++;
    for (size_t i = 0; i < FRAME_BYTES; i++)
        sim.frame_bytes[i] = (uint8_t)(sim.frame + i);
    sim.frame_locked = true;
    return true;
}

static void stream_unlock(void *context)
{
    (void)context;
    sim.frame_locked = false;
}

static uint32_t stream_size(void *context)
{
    (void)context;
    return FRAME_BYTES;
}

static const void *stream_readp(void *context, uint32_t offset, size_t n)
{
    (void)context;
    return offset + n <= FRAME_BYTES ? sim.frame_bytes + offset : NULL;
}

static const struct device_channel_ops stdin_ops = {.write = stdin_write, .ioctl = stdin_ioctl, .shape = stdin_shape};
static const struct device_channel_ops stdout_ops = {.size = stdout_size, .read = stdout_read};
static const struct device_channel_ops stream_ops = {
    .lock = stream_lock, .unlock = stream_unlock, .size = stream_size, .readp = stream_readp};
static const struct device_channel_ops no_ops;
static const struct device_channel channels[] = {
    {"usb", CHANNEL_FLAG_PHYSICAL, &no_ops, NULL},
    {"stdin", CHANNEL_FLAG_WRITE | CHANNEL_FLAG_EXEC, &stdin_ops, NULL},
    {"stdout", CHANNEL_FLAG_READ, &stdout_ops, NULL},
    {"stream", CHANNEL_FLAG_READ | CHANNEL_FLAG_LOCK | CHANNEL_FLAG_STREAM, &stream_ops, NULL},
    {"user", CHANNEL_FLAG_READ | CHANNEL_FLAG_DYNAMIC, &stdout_ops, NULL},
};

static void command(void *context, enum device_command what)
{
    (void)context;
    (void)what;
    device_close(sim.device);
}

static void info(void *context, struct device_info *out)
{
    (void)context;
    *out = (struct device_info){.cpu_id = 0x411FC271, .usb_id = 0x37C51204, .framebuffer = 480, .stream = 32};
}

static int memory(void *context, struct device_pool pools[DEVICE_POOLS])
{
    (void)context;
    for (uint32_t i = 0; i < DEVICE_POOLS; i++)
        pools[i] = (struct device_pool){.type = i > 0, .total = i, .used = 2, .free = 3, .persist = 4, .peak = 5};
    return DEVICE_POOLS;
}

static void version(void *context, struct device_version *out)
{
    (void)context;
    *out = (struct device_version){{1, 0, 3}, {5, 0, 0}};
}

static void begin(enum fault fault, unsigned first, unsigned count)
{
    const struct device_config device = {
        .receive = device_receive,
        .send = device_send,
        .now_ms = now_ms,
        .command = command,
        .info = info,
        .memory = memory,
        .version = version,
        .max_payload = CAMERA_PAYLOAD,
        .capabilities = CAPS_ALL,
        .retries = 3,
        .retry_ms = 500,
        .lock_interval_ms = 10,
    };
    const struct client_config client = {
        .receive = client_receive,
        .send = client_send,
        .now_ms = now_ms,
        .max_payload = HOST_PAYLOAD,
        .capabilities = CAPS_ALL,
        .retry_ms = 300,
        .deadline_ms = LIMIT_MS,
    };

    memset(&sim, 0, sizeof sim);
    sim.time = 0xFFFFF000u; /* the clock wraps during the test */
    sim.fault = fault;
    sim.first = first;
    sim.count = count;
    sim.device = device_init(sim.device_memory, sizeof sim.device_memory, &device);
    sim.client = client_init(sim.client_memory, sizeof sim.client_memory, &client);
    assert_non_null(sim.device);
    assert_non_null(sim.client);
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        assert_int_equal(device_register(sim.device, (int)i, &channels[i]), i);
}

/* The session */

/* What went wrong in the present case, for the one line that is printed. */
static char complaint[200];

static bool complain(const char *what, int result, uint32_t took)
{
    if (!complaint[0])
        snprintf(complaint, sizeof complaint, "%s: result %d (%s), %u ms, packet %u", what, result, client_strerror(result), (unsigned)took,
                 sim.packets);
    return false;
}

/* An error is allowed, slowness is not: a call ends within the limit, or within the limit after its last progress. */
#define CALL(variable, call)                                                                                                               \
    sim.progress = sim.time;                                                                                                               \
    int variable = (call);                                                                                                                 \
    if (sim.time - sim.progress > LIMIT_MS + SLACK_MS)                                                                                     \
    return complain(#call, variable, sim.time - sim.progress)

static uint8_t script[1200];

/* A packet that comes late, in a new session, cannot be told from one of that session: what it did cannot be checked. */
static bool renewed(uint32_t sessions)
{
    return client_statistics(sim.client)->sessions != sessions;
}

/* Returns false when an operation was wrong (not: when it failed). *failed counts those that failed. */
static bool use_camera(unsigned *failed)
{
    uint32_t sessions = client_statistics(sim.client)->sessions;
    CALL(write, client_write(sim.client, CHANNEL_STDIN, 0, script, sizeof script));
    if (write < 0)
        (*failed)++;
    else if (!renewed(sessions) && (sim.script_length != sizeof script || memcmp(sim.script, script, sizeof script)))
        return complain("script differs", write, 0);

    unsigned executed = sim.executed;
    CALL(exec, client_ioctl(sim.client, CHANNEL_STDIN, STDIN_EXEC, NULL, 0));
    if (exec < 0)
        (*failed)++;
    else if (!renewed(sessions) && sim.executed != executed + 1)
        return complain("script run more or less than once", exec, 0);

    uint32_t shape[4];
    CALL(n, client_shape(sim.client, CHANNEL_STDIN, shape));
    if (n < 0)
        (*failed)++;
    else if (n != 3 || shape[1] != RESULT_ENDED || shape[2] != sim.executed)
        return complain("shape", n, 0);

    for (;;) {
        uint32_t size, at = sim.read;
        uint8_t text[4000];
        CALL(sized, client_size(sim.client, CHANNEL_STDOUT, &size));
        if (sized < 0) {
            (*failed)++;
            break;
        }
        if (size != sim.printed - sim.read)
            return complain("stdout size", (int)size, 0);
        if (!size)
            break;
        CALL(got, client_read(sim.client, CHANNEL_STDOUT, 0, text, size));
        if (got < 0) {
            (*failed)++;
            break;
        }
        if ((uint32_t)got != size)
            return complain("stdout short", got, 0);
        for (int i = 0; i < got; i++)
            if (text[i] != (uint8_t)((at + (uint32_t)i) * 7))
                return complain("stdout differs", got, 0);
    }

    CALL(lock, client_lock(sim.client, CHANNEL_STREAM));
    if (lock < 0) {
        (*failed)++;
    } else {
        uint8_t frame[FRAME_BYTES];
        if (!renewed(1) && !sim.frame_locked)
            return complain("not locked", lock, 0);
        CALL(got, client_read(sim.client, CHANNEL_STREAM, 0, frame, sizeof frame));
        if (got < 0)
            (*failed)++;
        else if (got != (int)FRAME_BYTES || memcmp(frame, sim.frame_bytes, sizeof frame))
            return complain("frame differs", got, 0);
        CALL(unlock, client_unlock(sim.client, CHANNEL_STREAM));
        if (unlock < 0)
            (*failed)++;
        else if (!renewed(1) && sim.frame_locked)
            return complain("still locked", unlock, 0);
    }

    struct client_event event;
    CALL(events, client_next_event(sim.client, &event, 20));
    if (events < 0)
        (*failed)++;
    return true;
}

/* Connects and uses the camera twice; then, with the link whole again, everything must work. */
static bool session(unsigned *failed)
{
    *failed = 0;
    complaint[0] = 0;
    CALL(first, client_connect(sim.client));
    if (first < 0)
        (*failed)++;
    else if (client_find_channel(sim.client, "stream") != CHANNEL_STREAM || client_max_payload(sim.client) != CAMERA_PAYLOAD)
        return complain("channels", first, 0);
    if (!use_camera(failed) || !use_camera(failed))
        return false;

    unsigned left = 0;
    sim.fault = NONE;
    sim.dead = false;
    sim.percent = 0;
    sim.time += 2500; /* what is still under way arrives or is given up */
    CALL(again, client_connect(sim.client));
    if (again < 0)
        return complain("no recovery: connect", again, 0);
    sim.printed = sim.read;
    if (!use_camera(&left))
        return false;
    return left == 0 || complain("no recovery", (int)left, 0);
}

static bool run_case(enum fault fault, unsigned first, unsigned count, unsigned allowed)
{
    unsigned failed;

    begin(fault, first, count);
    if (session(&failed) && failed <= allowed)
        return true;
    print_error("%s at packet %u, %u times: %s; %u calls failed, %u allowed\n  rerun: test_protocol_session %s %u %u\n", fault_names[fault],
                first, count, complaint, failed, allowed, fault_names[fault], first, count);
    return false;
}

static unsigned packets_of_session(void)
{
    unsigned failed;

    begin(NONE, 0, 0);
    assert_true(session(&failed));
    assert_int_equal(failed, 0);
    return sim.packets;
}

/* One fault must not be noticed at all: no call fails. */
static void one_fault_at_every_packet(void **state)
{
    unsigned n = packets_of_session(), wrong = 0, cases = 0;

    (void)state;
    for (enum fault fault = DROP; fault < FAULTS; fault++)
        for (unsigned first = 0; first < n; first++, cases++)
            wrong += !run_case(fault, first, 1, 0);
    print_message("%u cases\n", cases);
    assert_int_equal(wrong, 0);
}

/* More may make calls fail, but in time, with right data, and the next session works. */
static void faults_in_a_row(void **state)
{
    static const unsigned counts[] = {2, 3, 5, 8, 20};
    unsigned n = packets_of_session(), wrong = 0, cases = 0;

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (enum fault fault = DROP; fault < FAULTS; fault++)
            for (unsigned first = 0; first < n; first++, cases++)
                wrong += !run_case(fault, first, counts[i], 1000);
    print_message("%u cases\n", cases);
    assert_int_equal(wrong, 0);
}

static void the_camera_dies_at_every_packet(void **state)
{
    unsigned n = packets_of_session(), failed;

    (void)state;
    for (unsigned first = 0; first < n; first++) {
        begin(NONE, first, 0);
        sim.dead = true;
        if (!session(&failed)) {
            print_error("dead from packet %u: %s\n", first, complaint);
            fail();
        }
    }
}

static void faults_at_random(void **state)
{
    (void)state;
    for (unsigned percent = 2; percent <= 50; percent += 8)
        for (unsigned seed = 0; seed < 100; seed++) {
            unsigned failed;

            srand(seed);
            begin(NONE, 0, 0);
            sim.percent = percent;
            if (!session(&failed)) {
                print_error("%u %% of packets hit, seed %u: %s\n", percent, seed, complaint);
                fail();
            }
        }
}

/* Everything a session does not use. */
static void other_requests(void **state)
{
    uint8_t answer[128], flags;
    uint32_t mask = 0, size;
    struct client_event event;

    (void)state;
    begin(NONE, 0, 0);
    assert_int_equal(client_connect(sim.client), 0);
    assert_int_equal(client_find_channel(sim.client, "nothing"), -1);
    assert_string_equal(client_channel(sim.client, 4, &flags), "user");
    assert_int_equal(flags, CHANNEL_FLAG_READ | CHANNEL_FLAG_DYNAMIC);
    assert_null(client_channel(sim.client, 5, NULL));

    assert_int_equal(client_request(sim.client, SYS_INFO, 0, NULL, 0, answer, sizeof answer, false), 76);
    assert_int_equal(packet_get32(answer), 0x411FC271);
    assert_int_equal(packet_get32(answer + 16), 0x37C51204);
    assert_int_equal(packet_get32(answer + 56), 480);
    assert_int_equal(packet_get32(answer + 60), 32);
    assert_int_equal(client_request(sim.client, SYS_MEMORY, 0, NULL, 0, answer, sizeof answer, false), 100);
    assert_int_equal(answer[0], DEVICE_POOLS);
    assert_int_equal(answer[4 + 24], 1);
    assert_int_equal(packet_get32(answer + 4 + 20), 5);
    assert_int_equal(client_request(sim.client, PROTO_VERSION, 0, NULL, 0, answer, sizeof answer, false), 16);
    assert_memory_equal(answer, "\1\0\2\1\0\3\5\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal(client_request(sim.client, PROTO_STATS, 0, NULL, 0, answer, sizeof answer, false), 32);
    assert_int_equal(packet_get32(answer + 4), device_statistics(sim.device)->received - 1);

    assert_int_equal(client_poll(sim.client, &mask), 0);
    assert_int_equal(mask, 1u << CHANNEL_STREAM);
    sim.printed = 10;
    assert_int_equal(client_poll(sim.client, &mask), 0);
    assert_int_equal(mask, 1u << CHANNEL_STREAM | 1u << CHANNEL_STDOUT | 1u << 4);
    assert_int_equal(client_read(sim.client, CHANNEL_STDOUT, 0, answer, 4), 4);
    assert_int_equal(client_request(sim.client, CHANNEL_READ, CHANNEL_STDOUT, "\0\0\0\0\7\0\0\0", 8, answer, 3, true), CLIENT_E_SPACE);
    assert_int_equal(client_read(sim.client, CHANNEL_STDOUT, 0, answer, 4), 0);

    /* Refusals, each with its reason. */
    assert_int_equal(client_ioctl(sim.client, CHANNEL_STDIN, STDIN_EXEC, NULL, 0), CLIENT_E_REFUSED);
    assert_int_equal(client_status(sim.client), STATUS_FAILED);
    assert_int_equal(client_size(sim.client, 17, &size), CLIENT_E_REFUSED);
    assert_int_equal(client_status(sim.client), STATUS_INVALID);
    assert_int_equal(client_request(sim.client, SYS_INFO, 2, NULL, 0, NULL, 0, false), CLIENT_E_REFUSED);
    assert_int_equal(client_status(sim.client), STATUS_INVALID);
    assert_int_equal(client_request(sim.client, (enum packet_opcode)0x7F, 1, NULL, 0, NULL, 0, false), CLIENT_E_REFUSED);
    assert_int_equal(client_status(sim.client), STATUS_UNKNOWN);
    assert_int_equal(client_lock(sim.client, CHANNEL_STDOUT), CLIENT_E_REFUSED);
    sim.time += 20;
    assert_int_equal(client_lock(sim.client, CHANNEL_STREAM), 0);
    assert_int_equal(client_lock(sim.client, CHANNEL_STREAM), CLIENT_E_BUSY);
    assert_int_equal(client_unlock(sim.client, CHANNEL_STREAM), 0);
    assert_int_equal(client_unlock(sim.client, CHANNEL_STREAM), CLIENT_E_REFUSED);
    assert_int_equal(client_read(sim.client, CHANNEL_STREAM, FRAME_BYTES + 1, answer, 4), 0);

    /* Capabilities out of range. */
    memset(answer, 0, 16);
    answer[0] = CAPS_ALL;
    packet_put16(answer + 4, 49);
    assert_int_equal(client_request(sim.client, PROTO_SET_CAPS, 0, answer, 16, NULL, 0, false), CLIENT_E_REFUSED);
    packet_put16(answer + 4, CAMERA_PAYLOAD + 1);
    assert_int_equal(client_request(sim.client, PROTO_SET_CAPS, 0, answer, 16, NULL, 0, false), CLIENT_E_REFUSED);

    /* Events come with and without a request, and a lock does not outlive the session. */
    assert_true(device_raise(sim.device, CHANNEL_USB, EVENT_SOFT_REBOOT));
    assert_true(device_raise_acknowledged(sim.device, 4, 0x1234));
    assert_int_equal(client_next_event(sim.client, &event, 50), 1);
    assert_int_equal(event.channel, CHANNEL_USB);
    assert_int_equal(event.code, EVENT_SOFT_REBOOT);
    assert_int_equal(client_next_event(sim.client, &event, 50), 1);
    assert_int_equal(event.code, 0x1234);
    assert_int_equal(client_next_event(sim.client, &event, 50), 0);
    assert_true(device_acknowledged(sim.device));
    sim.time += 20;
    assert_int_equal(client_lock(sim.client, CHANNEL_STREAM), 0);
    assert_true(sim.frame_locked);
    device_close(sim.device);
    assert_false(sim.frame_locked);
    assert_false(device_raise(sim.device, CHANNEL_USB, 0));
}

/* All the capability sets, and the smallest packets. */
static void every_capability_set(void **state)
{
    static const size_t payloads[] = {50, 52, 64, 498};

    (void)state;
    for (uint32_t capabilities = 0; capabilities <= CAPS_ALL; capabilities++)
        for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
            unsigned failed = 0;

            begin(NONE, 0, 0);
            complaint[0] = 0;
            const struct client_config config = {
                .receive = client_receive,
                .send = client_send,
                .now_ms = now_ms,
                .max_payload = payloads[i],
                .capabilities = capabilities,
                .retry_ms = 300,
                .deadline_ms = LIMIT_MS,
            };
            sim.client = client_init(sim.client_memory, sizeof sim.client_memory, &config);
            assert_int_equal(client_connect(sim.client), 0);
            assert_int_equal(client_max_payload(sim.client), payloads[i]);
            assert_true(use_camera(&failed));
            assert_int_equal(failed, 0);
            assert_int_equal(client_statistics(sim.client)->sessions, 1);
            assert_int_equal(client_statistics(sim.client)->retries, 0);
        }
}

/* Packet by packet, as a host does that counts only its own requests. */
static void expect(const struct packet *request, uint8_t flags, uint8_t sequence)
{
    uint8_t bytes[600];
    struct packet_parser parser;
    struct packet answer;
    size_t n = packet_encode(bytes, sizeof bytes, request);

    fly(&sim.to_device, bytes, n, 0);
    packet_parser_init(&parser, bytes, sizeof bytes);
    device_poll(sim.device, true);
    sim.time++;
    uint8_t in[600];
    n = arrive(&sim.to_client, in, sizeof in);
    packet_parser_feed(&parser, in, n);
    assert_int_equal(packet_parser_next(&parser, &answer), PACKET_READY);
    assert_int_equal(answer.flags, flags);
    assert_int_equal(answer.sequence, sequence);
    assert_int_equal(answer.opcode, request->opcode);
}

static void two_ways_of_counting(void **state)
{
    const struct packet sync = {.opcode = PROTO_SYNC};
    const uint8_t data = PACKET_ACK_REQ, part = PACKET_ACK_REQ | PACKET_FRAGMENT;

    (void)state;
    for (int counting = 0; counting < 2; counting++) {
        begin(NONE, 0, 0);
        sim.printed = 1000;
        expect(&sync, PACKET_ACK, 0);
        expect(&(struct packet){0, 0, 0, PROTO_GET_CAPS, 0, NULL}, data, 0);
        expect(&(struct packet){1, 2, 0, CHANNEL_READ, 8, (const uint8_t *)"\0\0\0\0\xE8\3\0\0"}, part, 1);
        expect(&(struct packet){1, 2, PACKET_ACK, CHANNEL_READ, 0, NULL}, part, 2);
        expect(&(struct packet){2, 2, PACKET_ACK, CHANNEL_READ, 0, NULL}, data, 3);
        uint8_t next = counting ? 2 : 4;
        expect(&(struct packet){next, 0, 0, PROTO_GET_CAPS, 0, NULL}, data, 4);
        expect(&(struct packet){(uint8_t)(next + 1), 0, 0, PROTO_GET_CAPS, 0, NULL}, data, 5);
        expect(&(struct packet){(uint8_t)(counting ? 6 : 4), 0, 0, PROTO_GET_CAPS, 0, NULL}, PACKET_NAK, counting ? 6 : 4);
    }
}

/* A script that does not come to serve its channel: the host is told, and other requests go on. */
static void deferred_channel(void **state)
{
    const struct packet sync = {.opcode = PROTO_SYNC}, size = {0, 4, 0, CHANNEL_SIZE, 0, NULL};
    uint8_t bytes[64], in[64];

    (void)state;
    begin(NONE, 0, 0);
    expect(&sync, PACKET_ACK, 0);
    fly(&sim.to_device, bytes, packet_encode(bytes, sizeof bytes, &size), 0);
    for (int i = 0; i < 500; i++, sim.time++)
        device_poll(sim.device, false);
    assert_int_equal(arrive(&sim.to_client, in, sizeof in), 0);
    for (int i = 0; i < 600; i++, sim.time++)
        device_poll(sim.device, false);
    assert_int_equal(arrive(&sim.to_client, in, sizeof in), 16);
    assert_int_equal(in[4], PACKET_NAK);
    assert_int_equal(in[10], STATUS_TIMEOUT);
    expect(&(struct packet){1, 0, 0, PROTO_GET_CAPS, 0, NULL}, PACKET_ACK_REQ, 1);

    /* CHANNEL_POLL goes on without it, soon. */
    sim.printed = 10;
    fly(&sim.to_device, bytes, packet_encode(bytes, sizeof bytes, &(struct packet){2, 0, 0, CHANNEL_POLL, 0, NULL}), 0);
    for (int i = 0; i < 60; i++, sim.time++)
        device_poll(sim.device, false);
    assert_int_equal(arrive(&sim.to_client, in, sizeof in), 18);
    assert_int_equal(packet_get32(in + 10), 1u << CHANNEL_STREAM | 1u << CHANNEL_STDOUT);
}

static void too_little_memory(void **state)
{
    const struct device_config device = {.now_ms = now_ms, .max_payload = CAMERA_PAYLOAD};
    const struct client_config client = {.now_ms = now_ms, .max_payload = HOST_PAYLOAD};

    (void)state;
    assert_null(device_init(sim.device_memory, sizeof sim.device_memory - 8, &device));
    assert_null(client_init(sim.client_memory, sizeof sim.client_memory - 8, &client));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_requests),       cmocka_unit_test(every_capability_set),
        cmocka_unit_test(two_ways_of_counting), cmocka_unit_test(deferred_channel),
        cmocka_unit_test(too_little_memory),    cmocka_unit_test(one_fault_at_every_packet),
        cmocka_unit_test(faults_in_a_row),      cmocka_unit_test(the_camera_dies_at_every_packet),
        cmocka_unit_test(faults_at_random),
    };

    for (size_t i = 0; i < sizeof script; i++)
        script[i] = (uint8_t)(i * 31 >> 3);
    memcpy(script + 700, "\xAA\xD5\0\0\0\0\0\0\xB0\xAC", 10); /* a SYNC packet in the text is only text */
    if (argc >= 3)
        for (enum fault fault = NONE; fault < FAULTS; fault++)
            if (!strcmp(argv[1], fault_names[fault]))
                return !run_case(fault, (unsigned)atoi(argv[2]), argc > 3 ? (unsigned)atoi(argv[3]) : 1, 0);
    return cmocka_run_group_tests_name("protocol sessions", tests, NULL, NULL);
}
