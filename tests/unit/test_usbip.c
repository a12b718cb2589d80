/* SPDX-License-Identifier: MIT */
/*
 * Both ends of USB/IP: the client of host/ against the server's parser of emulator/, which were written apart from each other from
 * the protocol's document; then against servers that send anything. And the configuration descriptors that our libusb parses,
 * with bytes of a device that may be any.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "emulator/usbip_wire.h"
#include "host/libusb/internal.h"
#include "host/usbip_client.h"

#define TIMEOUT_MS 20000u

/* ---- A server ---- */

static struct server {
    char path[108];
    int listener, fd;
    pthread_t thread;
    bool garbage; /* instead of answers */
    unsigned seed;
    uint32_t held[64]; /* transfers at endpoint 4, which are never answered */
    size_t holding;
} server;

static bool send_pieces(const uint8_t *bytes, size_t n)
{
    while (n) {
        size_t piece = 1 + (size_t)rand_r(&server.seed) % (n < 5000 ? n : 5000);
        ssize_t sent = send(server.fd, bytes, piece, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

static const uint8_t device_descriptor[18] = {18, 1, 0, 2, 0xEF, 2, 1, 64, 0xC5, 0x37, 4, 0x12, 3, 1, 1, 2, 3, 1};
static const UsbipDevice device = {"/sys/x", "1-1", 1, 7, 2, device_descriptor, 1, 2};

static bool on_list(void *owner)
{
    uint8_t bytes[USBIP_OP_LENGTH + 4 + USBIP_DEVICE_LENGTH + 8] = {0};

    (void)owner;
    usbip_put_op(bytes, USBIP_REP_DEVLIST, USBIP_ST_OK);
    usbip_put_u32(bytes + USBIP_OP_LENGTH, 1);
    usbip_put_device(bytes + USBIP_OP_LENGTH + 4, &device);
    bytes[USBIP_OP_LENGTH + 4 + USBIP_DEVICE_LENGTH] = 2;
    send_pieces(bytes, sizeof bytes);
    return false;
}

static bool on_import(void *owner, const char *bus_id)
{
    uint8_t bytes[USBIP_OP_LENGTH + USBIP_DEVICE_LENGTH];
    uint32_t status = !strcmp(bus_id, "1-1") ? USBIP_ST_OK : !strcmp(bus_id, "1-2") ? USBIP_ST_BUSY : USBIP_ST_NO_DEVICE;

    (void)owner;
    usbip_put_op(bytes, USBIP_REP_IMPORT, status);
    usbip_put_device(bytes + USBIP_OP_LENGTH, &device);
    send_pieces(bytes, status ? USBIP_OP_LENGTH : sizeof bytes);
    return !status;
}

static bool on_isochronous(void *owner, unsigned endpoint, bool in)
{
    (void)owner;
    (void)endpoint;
    (void)in;
    return false;
}

/* IN: counting bytes from the length on. OUT: they must be so. Endpoint 3 stalls, 4 never answers. */
static bool on_submit(void *owner, const UsbipSubmit *s, uint8_t *data)
{
    uint8_t head[USBIP_HEADER_LENGTH];
    int status = s->endpoint == 3 ? -EPIPE : 0;
    uint32_t actual = status ? 0 : s->length;

    (void)owner;
    if (s->endpoint == 4) {
        free(data);
        server.held[server.holding++ % 64] = s->sequence;
        return true;
    }
    for (uint32_t i = 0; !s->in && !status && i < s->length; i++)
        if (data[i] != (uint8_t)(s->length + i))
            status = -EIO;
    free(data);
    usbip_put_ret_submit(head, s->sequence, status, actual, 0);
    bool sent = send_pieces(head, sizeof head);
    if (sent && s->in && actual) {
        uint8_t *bytes = malloc(actual);
        for (uint32_t i = 0; i < actual; i++)
            bytes[i] = (uint8_t)(s->length + i);
        sent = send_pieces(bytes, actual);
        free(bytes);
    }
    return sent;
}

static bool on_unlink(void *owner, uint32_t sequence, uint32_t victim)
{
    uint8_t head[USBIP_HEADER_LENGTH];
    int status = 0;

    (void)owner;
    for (size_t i = 0; i < 64; i++)
        if (server.held[i] == victim)
            status = -ECONNRESET;
    usbip_put_ret_unlink(head, sequence, status);
    return send_pieces(head, sizeof head);
}

static const UsbipStreamOps ops = {on_list, on_import, on_isochronous, on_submit, on_unlink};

/* A reply that may look right at its beginning, then anything; and the end. */
static void send_garbage(void)
{
    uint8_t bytes[4000];
    size_t n = (size_t)rand_r(&server.seed) % sizeof bytes;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(rand_r(&server.seed) % 3 ? rand_r(&server.seed) : 0);
    if (n > 8 && rand_r(&server.seed) % 4)
        usbip_put_op(bytes, rand_r(&server.seed) % 2 ? USBIP_REP_IMPORT : USBIP_REP_DEVLIST, 0);
    for (size_t i = 320; i + 8 < n; i += 48)
        if (rand_r(&server.seed) % 2) {
            usbip_put_u32(bytes + i, 3 + (uint32_t)rand_r(&server.seed) % 2);
            usbip_put_u32(bytes + i + 4, (uint32_t)rand_r(&server.seed) % 4);
        }
    send_pieces(bytes, n);
}

static void *serve(void *unused)
{
    (void)unused;
    while ((server.fd = accept(server.listener, NULL, NULL)) >= 0) {
        UsbipStream stream;
        uint8_t bytes[3000];
        ssize_t n;

        usbip_stream_init(&stream, &ops, NULL);
        if (server.garbage)
            send_garbage();
        else
            while ((n = recv(server.fd, bytes, 1 + (size_t)rand_r(&server.seed) % sizeof bytes, 0)) > 0 &&
                   usbip_stream_feed(&stream, bytes, (size_t)n)) {
            }
        usbip_stream_end(&stream);
        close(server.fd);
    }
    return NULL;
}

static void start_server(bool garbage)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};

    memset(&server, 0, sizeof server);
    snprintf(server.path, sizeof server.path, "/tmp/test_usbip.%d", (int)getpid());
    strcpy(where.sun_path, server.path);
    unlink(server.path);
    server.garbage = garbage;
    server.seed = 1;
    server.listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(server.listener, (struct sockaddr *)&where, sizeof where), 0);
    assert_int_equal(listen(server.listener, 16), 0);
    pthread_create(&server.thread, NULL, serve, NULL);
}

static void stop_server(void)
{
    shutdown(server.listener, SHUT_RDWR);
    pthread_join(server.thread, NULL);
    close(server.listener);
    unlink(server.path);
}

/* ---- The client with it ---- */

static void operations(void **state)
{
    struct usbip_device found[4];
    struct usbip *usbip;

    (void)state;
    start_server(false);
    assert_int_equal(usbip_list(server.path, found, 4, TIMEOUT_MS), 1);
    assert_string_equal(found[0].bus_id, "1-1");
    assert_int_equal(found[0].vid, 0x37C5);
    assert_int_equal(found[0].pid, 0x1204);
    assert_int_equal(found[0].bcd_device, 0x0103);
    assert_int_equal(found[0].address, 7);
    assert_int_equal(found[0].interfaces, 2);
    assert_int_equal(found[0].interface[0].class_code, 2);
    assert_int_equal(usbip_import(server.path, "1-2", &usbip, NULL, TIMEOUT_MS), -EBUSY);
    assert_int_equal(usbip_import(server.path, "9-9", &usbip, NULL, TIMEOUT_MS), -ENODEV);
    assert_null(usbip);
    assert_int_equal(usbip_import(server.path, "1-1", &usbip, NULL, TIMEOUT_MS), 0);
    usbip_close(usbip);
    stop_server();
    assert_int_equal(usbip_list(server.path, found, 4, TIMEOUT_MS), -ENOENT);
    assert_int_equal(usbip_list("127.0.0.1:1", found, 4, TIMEOUT_MS), -ECONNREFUSED);
    assert_int_equal(usbip_list("nonsense", found, 4, TIMEOUT_MS), -EINVAL);
}

static unsigned done;

static void count(struct usbip_urb *urb)
{
    (void)urb;
    done++;
}

/* Many in flight, of any size, in any order of directions. */
static void transfers(void **state)
{
    enum { FLIGHT = 20 };
    static struct usbip_urb urbs[FLIGHT];
    struct usbip *usbip;
    unsigned seed = 7;

    (void)state;
    start_server(false);
    assert_int_equal(usbip_import(server.path, "1-1", &usbip, NULL, TIMEOUT_MS), 0);
    for (int round = 0; round < 40; round++) {
        done = 0;
        for (int i = 0; i < FLIGHT; i++) {
            uint32_t length = (uint32_t)rand_r(&seed) % (i ? 700 : 100000);
            uint8_t endpoint = (uint8_t)(1 + rand_r(&seed) % 3);
            uint8_t *data = malloc(length ? length : 1);
            bool in = rand_r(&seed) % 2;
            for (uint32_t k = 0; k < length; k++)
                data[k] = in ? 0 : (uint8_t)(length + k);
            urbs[i] = (struct usbip_urb){.endpoint = endpoint | (in ? 0x80 : 0), .data = data, .length = length, .done = count};
            assert_int_equal(usbip_submit(usbip, &urbs[i]), 0);
        }
        for (uint64_t end = usbip_now() + TIMEOUT_MS; done < FLIGHT && usbip_now() < end;) {
            struct pollfd p = {usbip_fd(usbip), (short)(POLLIN | (usbip_sending(usbip) ? POLLOUT : 0)), 0};
            assert_true(usbip_work(usbip));
            if (done < FLIGHT)
                poll(&p, 1, 100);
        }
        assert_int_equal(done, FLIGHT);
        for (int i = 0; i < FLIGHT; i++) {
            bool stalls = (urbs[i].endpoint & 15) == 3;
            assert_int_equal(urbs[i].status, stalls ? -EPIPE : 0);
            assert_int_equal(urbs[i].actual, stalls ? 0 : urbs[i].length);
            for (uint32_t k = 0; k < urbs[i].actual; k++)
                if (urbs[i].data[k] != (uint8_t)(urbs[i].length + k))
                    fail_msg("round %d transfer %d byte %u: expected %u, got %u", round, i, k, (uint8_t)(urbs[i].length + k),
                             urbs[i].data[k]);
            free(urbs[i].data);
        }
    }
    usbip_close(usbip);
    stop_server();
}

static void unlinking(void **state)
{
    struct usbip_urb urb = {.endpoint = 0x84, .length = 8};
    uint8_t bytes[8];
    struct usbip *usbip;

    (void)state;
    start_server(false);
    assert_int_equal(usbip_import(server.path, "1-1", &usbip, NULL, TIMEOUT_MS), 0);
    urb.data = bytes;
    assert_int_equal(usbip_transfer(usbip, &urb, 50), -ETIMEDOUT);
    /* Cut off in the middle of it: the promise is that it ends. */
    urb = (struct usbip_urb){.endpoint = 0x84, .length = 8, .data = bytes, .done = count};
    done = 0;
    assert_int_equal(usbip_submit(usbip, &urb), 0);
    usbip_abandon(usbip);
    assert_int_equal(done, 1);
    assert_int_equal(urb.status, -ESHUTDOWN);
    assert_int_equal(usbip_submit(usbip, &urb), -ENODEV);
    assert_false(usbip_work(usbip));
    usbip_close(usbip);
    stop_server();
}

/* Whatever a server sends, a call ends, in time, and touches no memory that is not its own. */
static void garbage(void **state)
{
    (void)state;
    start_server(true);
    for (int i = 0; i < 1500; i++) {
        struct usbip_device found[4];
        struct usbip *usbip;
        uint8_t bytes[64];

        if (i % 2) {
            usbip_list(server.path, found, 4, TIMEOUT_MS);
        } else if (!usbip_import(server.path, "1-1", &usbip, NULL, TIMEOUT_MS)) {
            usbip_control(usbip, 0x80, 6, 0x100, 0, bytes, sizeof bytes, TIMEOUT_MS);
            usbip_control(usbip, 0x00, 9, 1, 0, NULL, 0, TIMEOUT_MS);
            usbip_close(usbip);
        }
    }
    stop_server();
}

/* ---- Descriptors ---- */

static const uint8_t sample[] = {9, 2, 71, 0,    2, 1,    0, 0x80, 250,  8,    11, 0, 2, 2,  2, 0, 0, 9, 4,  0,  0, 1, 2, 2,
                                 0, 4, 5,  0x24, 0, 0x20, 1, 7,    5,    0x81, 3,  8, 0, 16, 9, 4, 1, 0, 2,  10, 0, 0, 0, 7,
                                 5, 2, 2,  64,   0, 0,    7, 5,    0x82, 2,    64, 0, 0, 9,  4, 1, 1, 0, 10, 0,  0, 0, 0};

static void use_descriptors(const uint8_t *bytes, uint16_t size)
{
    struct libusb_interface_association_descriptor_array *associations;
    struct libusb_config_descriptor *config;
    struct libusb_device d = {.config_count = 1};
    uint8_t *copy = malloc(size); /* exactly: a byte too far is seen */

    memcpy(copy, bytes, size);
    d.configs[0] = (struct raw_config){copy, size};
    d.configuration = copy[5];
    if (!libusb_get_config_descriptor(&d, 0, &config)) {
        unsigned sum = 0;
        for (int i = 0; i < config->bNumInterfaces; i++) {
            assert_true(config->interface[i].num_altsetting > 0);
            for (int k = 0; k < config->interface[i].num_altsetting; k++)
                for (int e = 0; e < config->interface[i].altsetting[k].bNumEndpoints; e++)
                    sum += config->interface[i].altsetting[k].endpoint[e].bEndpointAddress;
        }
        libusb_get_max_packet_size(&d, (unsigned char)sum);
        libusb_get_max_alt_packet_size(&d, 1, 0, 0x82);
        libusb_free_config_descriptor(config);
    }
    if (!libusb_get_interface_association_descriptors(&d, 0, &associations))
        libusb_free_interface_association_descriptors(associations);
    free(copy);
}

static void descriptors(void **state)
{
    unsigned seed = 3;

    (void)state;
    for (uint16_t size = 9; size <= sizeof sample; size++)
        use_descriptors(sample, size);
    for (int i = 0; i < 50000; i++) {
        uint8_t bytes[sizeof sample];
        memcpy(bytes, sample, sizeof sample);
        for (int changes = 1 + rand_r(&seed) % 6; changes; changes--)
            bytes[(size_t)rand_r(&seed) % sizeof bytes] = (uint8_t)(rand_r(&seed) % 3 ? rand_r(&seed) % 12 : rand_r(&seed));
        use_descriptors(bytes, (uint16_t)(9 + (size_t)rand_r(&seed) % (sizeof bytes - 8)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations), cmocka_unit_test(transfers),   cmocka_unit_test(unlinking),
        cmocka_unit_test(garbage),    cmocka_unit_test(descriptors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
