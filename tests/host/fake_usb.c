/* SPDX-License-Identifier: MIT */
/*
 * A USB device behind a USB/IP server of its own, written from the protocol's document, for tests of our clients without
 * an emulator. It is a camera in miniature:
 *
 *   application 37C5:1204   CDC (interfaces 0, 1: what is sent comes back), vendor (interface 2: 0x83 counts, 0x03 swallows;
 *                           its setting 1 has 0x84, which never answers)
 *   bootloader  37C5:9204   DFU 1.1 with four alternate settings; what was downloaded is written to FOLDER/altN
 *
 * It becomes the bootloader by the 1200 baud touch, the application by DFU_DETACH. That it listens, and what hosts ask of it, is told on the standard
 * output; commands come from the standard input, one a line, and what was written before a host's request is done before it: unplug, plug, app, dfu, print N (the camera prints N bytes), count (of the bytes sent to it),
 * fault KIND [N]: the N-th transfer from now goes wrong: close, silent, nak, stall, long, garbage, sequence, half, positive,
 * unplug; or the next operation: version, many, short, hang. Of the bootloader: release BCD, attributes N (of the DFU functional
 * descriptor), name N TEXT (of alternate N), status N (the next block is answered by this bStatus), flip (a bit of what is uploaded
 * next), stay (DETACH does not start the application).
 *
 * Usage: fake_usb SOCKET|PORT [app|dfu] [FOLDER]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define BLOCK 4096u
#define ALTS  4
#define MOST  (2u << 20)

struct urb {
    uint32_t sequence, length;
    uint8_t endpoint; /* with direction */
    uint8_t setup[8];
    uint8_t *data; /* OUT */
    struct urb *next;
};

static struct {
    int listener, client;
    bool plugged, dfu, silent;
    uint32_t address;
    struct urb *waiting; /* for data */
    char fault[16];
    int fault_after;
    const char *folder;

    uint8_t line[7];
    unsigned state;
    uint8_t loop[1 << 16];
    size_t looped;
    unsigned heard;
    uint8_t counter;
    bool halted[256];
    uint8_t vendor_setting;

    uint8_t alt, dfu_state, dfu_status;
    uint16_t release;
    uint8_t attributes, next_status;
    bool flip, stay;
    char names[ALTS][32];
    uint8_t flash[ALTS][MOST];
    size_t size[ALTS];
} d = {.release = 0x0103, .attributes = 7, .names = {"BOOTLOADER", "FILESYSTEM", "FIRMWARE", "ROMFS0"}};

/* ---- Descriptors ---- */

static const uint8_t app_config[] = {
    9, 2, 0, 0, 3, 1, 0, 0x80, 250,              /* its length is filled in */
    8, 11, 0, 2, 2, 2, 0, 0,                     /* association: CDC */
    9, 4, 0, 0, 1, 2, 2, 0, 4,                   /* interface 0: CDC control */
    5, 0x24, 0, 0x20, 1, 5, 0x24, 1, 0, 1,       /* header, call management */
    4, 0x24, 2, 6, 5, 0x24, 6, 0, 1,             /* abstract control model with breaks, union */
    7, 5, 0x81, 3, 8, 0, 16,                     /* notifications */
    9, 4, 1, 0, 2, 10, 0, 0, 0,                  /* interface 1: CDC data */
    7, 5, 0x02, 2, 64, 0, 0, 7, 5, 0x82, 2, 64, 0, 0,
    9, 4, 2, 0, 2, 255, 0, 0, 0,                 /* interface 2: vendor */
    7, 5, 0x03, 2, 64, 0, 0, 7, 5, 0x83, 2, 64, 0, 0,
    9, 4, 2, 1, 1, 255, 0, 0, 0, 7, 5, 0x84, 2, 64, 0, 0,
};

static size_t dfu_config(uint8_t *p)
{
    uint8_t *start = p;
    static const uint8_t head[] = {9, 2, 0, 0, 1, 1, 0, 0x80, 250};
    const uint8_t tail[] = {9, 0x21, d.attributes, 0xE8, 3, BLOCK & 255, BLOCK >> 8, 0x10, 1};

    memcpy(p, head, sizeof head);
    p += sizeof head;
    for (uint8_t i = 0; i < ALTS; i++) {
        const uint8_t interface[] = {9, 4, 0, i, 0, 0xFE, 1, 2, (uint8_t)(4 + i)};
        memcpy(p, interface, sizeof interface);
        p += sizeof interface;
    }
    memcpy(p, tail, sizeof tail);
    return (size_t)(p - start) + sizeof tail;
}

static size_t descriptor(unsigned type, unsigned index, uint8_t *p)
{
    const char *const texts[] = {"", "OpenMV", "Test Camera", "0123456789ABCDEF", d.names[0], d.names[1], d.names[2], d.names[3]};
    uint16_t pid = d.dfu ? 0x9204 : 0x1204;
    const uint8_t device[] = {18, 1, 0x00, 2, d.dfu ? 0 : 0xEF, d.dfu ? 0 : 2, d.dfu ? 0 : 1, 64, 0xC5, 0x37, (uint8_t)pid, (uint8_t)(pid >> 8),
                              (uint8_t)d.release, (uint8_t)(d.release >> 8), 1, 2, 3, 1};
    static const uint8_t bos[] = {5, 15, 33, 0, 1, 28, 16, 5, 0, 0xDF, 0x60, 0xDD, 0xD8, 0x89, 0x45, 0xC7, 0x4C, 0x9C, 0xD2, 0x65,
                                  0x9D, 0x9E, 0x64, 0x8A, 0x9F, 0, 0, 3, 6, 0xB2, 0, 0x20, 0};
    size_t n = 0;

    switch (type) {
    case 1:
        memcpy(p, device, n = sizeof device);
        return n;
    case 2:
        if (index)
            return 0;
        n = d.dfu ? dfu_config(p) : sizeof app_config;
        if (!d.dfu)
            memcpy(p, app_config, n);
        p[2] = (uint8_t)n;
        p[3] = (uint8_t)(n >> 8);
        return n;
    case 3:
        if (!index) {
            memcpy(p, "\x04\x03\x09\x04", 4);
            return 4;
        }
        if (index >= sizeof texts / sizeof *texts)
            return 0;
        p[1] = 3;
        for (n = 2; texts[index][n / 2 - 1]; n += 2) {
            p[n] = (uint8_t)texts[index][n / 2 - 1];
            p[n + 1] = 0;
        }
        p[0] = (uint8_t)n;
        return n;
    case 15:
        memcpy(p, bos, n = sizeof bos);
        return n;
    default:
        return 0;
    }
}

/* ---- Bytes on the wire ---- */

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8), p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16), put16(p + 2, v);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool send_all(int fd, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    while (n) {
        ssize_t done = send(fd, p, n, MSG_NOSIGNAL);
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

static bool receive_all(int fd, void *bytes, size_t n)
{
    return recv(fd, bytes, n, MSG_WAITALL) == (ssize_t)n;
}

static void tell(const char *format, unsigned a, unsigned b)
{
    printf(format, a, b);
    putchar('\n');
    fflush(stdout);
}

static void drop_client(void)
{
    if (d.client >= 0)
        close(d.client);
    d.client = -1;
    d.silent = false;
    while (d.waiting) {
        struct urb *u = d.waiting;
        d.waiting = u->next;
        free(u->data);
        free(u);
    }
}

/* Gone, and back as another device. */
static void enumerate(bool dfu)
{
    drop_client();
    d.dfu = dfu;
    d.address = d.address % 126 + 1;
    d.looped = d.state = 0;
    d.alt = 0;
    d.dfu_state = 2;
    memset(d.halted, 0, sizeof d.halted);
    tell(dfu ? "bootloader %u" : "application %u", d.address, 0);
}

/* ---- Answers to transfers ---- */

/* The URB's answer; frees it. status: 0 or a negative errno. */
static void answer(struct urb *u, int status, const uint8_t *data, size_t n)
{
    uint8_t head[48] = {0};
    bool in = u->endpoint & 0x80;

    n = n < u->length ? n : u->length;
    put32(head, 3);
    put32(head + 4, u->sequence);
    put32(head + 20, (uint32_t)status);
    put32(head + 24, status ? 0 : (uint32_t)(in ? n : u->length));
    if (d.client >= 0 && (!send_all(d.client, head, sizeof head) || (in && !status && !send_all(d.client, data, n))))
        drop_client();
    free(u->data);
    free(u);
}

static void dfu_request(struct urb *u)
{
    uint8_t request = u->setup[1], *flash = d.flash[d.alt];
    uint32_t block = (uint32_t)(u->setup[2] | u->setup[3] << 8), length = u->length;
    const uint8_t status[6] = {d.dfu_status, 0, 0, 0, d.dfu_state, 0};

    switch (request) {
    case 0: /* DETACH */
        answer(u, 0, NULL, 0);
        enumerate(d.stay);
        return;
    case 1: /* DNLOAD */
        if (d.next_status) {
            d.dfu_state = 10;
            d.dfu_status = d.next_status;
            d.next_status = 0;
        } else if (length && block * BLOCK + length <= MOST) {
            memcpy(flash + block * BLOCK, u->data, length);
            d.size[d.alt] = block * BLOCK + length;
            d.dfu_state = 5;
        } else if (!length) {
            char path[512];
            snprintf(path, sizeof path, "%s/alt%u", d.folder, d.alt);
            FILE *f = fopen(path, "w");
            if (f) {
                fwrite(flash, 1, d.size[d.alt], f);
                fclose(f);
            }
            tell("download alt %u %u bytes", d.alt, (unsigned)d.size[d.alt]);
            d.dfu_state = 2;
        } else {
            d.dfu_state = 10;
            d.dfu_status = 8;
        }
        answer(u, 0, NULL, 0);
        return;
    case 2: /* UPLOAD */
        if (block * BLOCK >= d.size[d.alt])
            length = 0;
        else if (length > d.size[d.alt] - block * BLOCK)
            length = (uint32_t)d.size[d.alt] - block * BLOCK;
        d.dfu_state = length < u->length ? 2 : 9;
        if (d.flip && length)
            flash[block * BLOCK] ^= 1;
        d.flip = false;
        answer(u, 0, flash + block * BLOCK, length);
        return;
    case 3:
        answer(u, 0, status, sizeof status);
        return;
    case 4:
    case 6:
        d.dfu_state = 2;
        d.dfu_status = 0;
        answer(u, 0, NULL, 0);
        return;
    case 5:
        answer(u, 0, &d.dfu_state, 1);
        return;
    default:
        answer(u, -EPIPE, NULL, 0);
    }
}

static bool cdc_request(struct urb *u)
{
    switch (u->setup[1]) {
    case 0x20: /* SET_LINE_CODING */
        if (u->length != sizeof d.line)
            return false;
        memcpy(d.line, u->data, sizeof d.line);
        printf("line %u %u %u %u\n", (unsigned)(d.line[0] | d.line[1] << 8 | d.line[2] << 16 | d.line[3] << 24), d.line[6], d.line[5],
               d.line[4]);
        fflush(stdout);
        answer(u, 0, NULL, 0);
        return true;
    case 0x21:
        answer(u, 0, d.line, sizeof d.line);
        return true;
    case 0x22: { /* SET_CONTROL_LINE_STATE */
        bool touch = d.state & 1 && !(u->setup[2] & 1) && get32((uint8_t[]){d.line[3], d.line[2], d.line[1], d.line[0]}) == 1200;
        d.state = u->setup[2];
        tell("state %u", d.state, 0);
        answer(u, 0, NULL, 0);
        if (touch)
            enumerate(true);
        return true;
    }
    case 0x23:
        tell("break %u", (unsigned)(u->setup[2] | u->setup[3] << 8), 0);
        answer(u, 0, NULL, 0);
        return true;
    default:
        return false;
    }
}

static bool vendor_request(struct urb *u)
{
    uint8_t pattern[256];

    switch (u->setup[1]) {
    case 1:
        for (unsigned i = 0; i < sizeof pattern; i++)
            pattern[i] = (uint8_t)i;
        answer(u, 0, pattern, sizeof pattern);
        return true;
    case 3:
        d.halted[u->setup[2]] = true;
        answer(u, 0, NULL, 0);
        return true;
    case 5:
        answer(u, 0, NULL, 0);
        enumerate(d.dfu);
        return true;
    default:
        return false;
    }
}

static bool standard_request(struct urb *u)
{
    uint8_t bytes[512], configuration = 1;

    switch (u->setup[1]) {
    case 1: /* CLEAR_FEATURE(ENDPOINT_HALT) */
        d.halted[u->setup[4]] = false;
        answer(u, 0, NULL, 0);
        return true;
    case 3: /* SET_FEATURE: the port's reset */
        if (u->setup[0] != 0x23 || u->setup[2] != 4)
            return false;
        tell("reset", 0, 0);
        answer(u, 0, NULL, 0);
        return true;
    case 6: {
        size_t n = descriptor(u->setup[3], u->setup[2], bytes);
        if (!n)
            return false;
        answer(u, 0, bytes, n);
        return true;
    }
    case 8:
        answer(u, 0, &configuration, 1);
        return true;
    case 9:
        answer(u, 0, NULL, 0);
        return true;
    case 11:
        tell("interface %u setting %u", u->setup[4], u->setup[2]);
        if (d.dfu)
            d.alt = u->setup[2] % ALTS;
        else
            d.vendor_setting = u->setup[2];
        answer(u, 0, NULL, 0);
        return true;
    default:
        return false;
    }
}

static void control(struct urb *u)
{
    bool known = false;

    if ((u->setup[0] & 0x60) == 0 || u->setup[0] == 0x23)
        known = standard_request(u);
    else if ((u->setup[0] & 0x60) == 0x40)
        known = vendor_request(u);
    else if (d.dfu) {
        dfu_request(u);
        return;
    } else
        known = cdc_request(u);
    if (!known)
        answer(u, -EPIPE, NULL, 0);
}

/* true when it could be answered: not before those of the same endpoint that came earlier. */
static bool try_data(struct urb *u)
{
    uint8_t bytes[1 << 16];

    for (struct urb *w = d.waiting; w && w->sequence != u->sequence; w = w->next)
        if (w->endpoint == u->endpoint && w->sequence < u->sequence)
            return false;
    if (d.halted[u->endpoint]) {
        answer(u, -EPIPE, NULL, 0);
        return true;
    }
    switch (u->endpoint) {
    case 0x02:
        if (u->length > sizeof d.loop - d.looped)
            return false;
        memcpy(d.loop + d.looped, u->data, u->length);
        d.looped += u->length;
        d.heard += u->length;
        answer(u, 0, NULL, 0);
        return true;
    case 0x82: {
        size_t n = u->length < d.looped ? u->length : d.looped;
        if (!n)
            return false;
        memcpy(bytes, d.loop, n);
        d.looped -= n;
        memmove(d.loop, d.loop + n, d.looped);
        answer(u, 0, bytes, n);
        return true;
    }
    case 0x03:
        answer(u, 0, NULL, 0);
        return true;
    case 0x83: {
        size_t n = u->length < sizeof bytes ? u->length : sizeof bytes;
        for (size_t i = 0; i < n; i++)
            bytes[i] = d.counter++;
        answer(u, 0, bytes, n);
        return true;
    }
    case 0x81:
    case 0x84:
        return false;
    default:
        answer(u, -EPIPE, NULL, 0);
        return true;
    }
}

static void serve_waiting(void)
{
    for (bool again = true; again;) {
        again = false;
        for (struct urb **p = &d.waiting; *p; p = &(*p)->next) {
            struct urb *u = *p, *next = u->next;
            *p = next;
            if (try_data(u)) {
                again = true;
                break;
            }
            *p = u;
        }
    }
}

/* ---- Faults ---- */

static bool fault_is(const char *kind)
{
    return !strcmp(d.fault, kind);
}

/* The fault that is due for this URB; true when it has been answered, or never will be. */
static bool inject(struct urb *u)
{
    uint8_t head[48] = {0};

    if (!d.fault[0] || d.fault_after < 1 || --d.fault_after)
        return false;
    put32(head, 3);
    put32(head + 4, u->sequence);
    tell("fault", 0, 0);
    if (fault_is("stall")) {
        answer(u, -EPIPE, NULL, 0);
        return true;
    }
    if (fault_is("unplug"))
        d.plugged = false;
    if (fault_is("nak")) { /* until it is unlinked */
        u->endpoint = 0x84;
        u->next = d.waiting;
        d.waiting = u;
        return true;
    }
    if (fault_is("long"))
        put32(head + 24, 0x7FFFFFFF);
    else if (fault_is("garbage"))
        memset(head, 0xA5, sizeof head);
    else if (fault_is("sequence"))
        put32(head + 4, u->sequence + 77);
    else if (fault_is("positive"))
        put32(head + 20, 5);
    if (fault_is("silent"))
        d.silent = true;
    else
        send_all(d.client, head, fault_is("half") ? 20 : fault_is("close") || fault_is("unplug") ? 0 : sizeof head);
    if (fault_is("half") || fault_is("close") || fault_is("unplug"))
        drop_client();
    free(u->data);
    free(u);
    return true;
}

/* ---- The server ---- */

static void take_unlink(uint32_t sequence, uint32_t victim)
{
    uint8_t head[48] = {0};
    struct urb **p = &d.waiting;

    while (*p && (*p)->sequence != victim)
        p = &(*p)->next;
    put32(head, 4);
    put32(head + 4, sequence);
    if (*p) {
        struct urb *u = *p;
        *p = u->next;
        free(u->data);
        free(u);
        put32(head + 20, (uint32_t)-ECONNRESET);
    }
    send_all(d.client, head, sizeof head);
}

static void take_command(void)
{
    uint8_t head[48];

    if (!receive_all(d.client, head, sizeof head)) {
        drop_client();
        tell("released", 0, 0);
        return;
    }
    if (d.silent)
        return;
    if (get32(head) == 2) {
        take_unlink(get32(head + 4), get32(head + 20));
        return;
    }
    struct urb *u = calloc(1, sizeof *u);
    bool in = get32(head + 12);
    u->sequence = get32(head + 4);
    u->endpoint = (uint8_t)((get32(head + 16) & 15) | (in ? 0x80 : 0));
    u->length = get32(head + 24);
    memcpy(u->setup, head + 40, 8);
    if (!in && u->length) {
        u->data = u->length <= MOST ? malloc(u->length) : NULL;
        if (!u->data || !receive_all(d.client, u->data, u->length)) {
            free(u->data);
            free(u);
            drop_client();
            return;
        }
    }
    if (inject(u))
        return;
    if (!(u->endpoint & 15)) {
        control(u);
    } else if (!try_data(u)) {
        struct urb **last = &d.waiting;
        while (*last)
            last = &(*last)->next;
        *last = u;
    }
    serve_waiting();
}

static size_t describe(uint8_t *p, bool interfaces)
{
    static const uint8_t app[] = {2, 2, 0, 0, 10, 0, 0, 0, 255, 0, 0, 0}, dfu[] = {0xFE, 1, 2, 0};
    uint16_t pid = d.dfu ? 0x9204 : 0x1204;

    memset(p, 0, 312);
    strcpy((char *)p, "/fake/1-1");
    strcpy((char *)p + 256, "1-1");
    put32(p + 288, 1);
    put32(p + 292, d.address);
    put32(p + 296, 2);
    put16(p + 300, 0x37C5);
    put16(p + 302, pid);
    put16(p + 304, d.release);
    p[306] = d.dfu ? 0 : 0xEF;
    p[307] = d.dfu ? 0 : 2;
    p[308] = d.dfu ? 0 : 1;
    p[309] = p[310] = 1;
    p[311] = d.dfu ? 1 : 3;
    memcpy(p + 312, d.dfu ? dfu : app, d.dfu ? sizeof dfu : sizeof app);
    return 312 + (interfaces ? d.dfu ? sizeof dfu : sizeof app : 0);
}

static void take_connection(void)
{
    int fd = accept(d.listener, NULL, NULL);
    const struct timeval limit = {20, 0}; /* a client that is slow */
    uint8_t head[8], bus_id[32], reply[512] = {0};
    bool here = d.plugged && d.client < 0;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (!receive_all(fd, head, sizeof head)) {
        close(fd);
        return;
    }
    bool list = head[2] == 0x80 && head[3] == 5;
    put16(reply, fault_is("version") ? 0x0999 : 0x0111);
    put16(reply + 2, list ? 5 : 3);
    if (fault_is("hang")) {
        d.fault[0] = 0;
        return; /* the connection stays, silent */
    }
    if (list) {
        put32(reply + 8, fault_is("many") ? 0x7FFFFFFF : d.plugged);
        send_all(fd, reply, 12 + (d.plugged ? describe(reply + 12, true) - (fault_is("short") ? 100 : 0) : 0));
    } else if (receive_all(fd, bus_id, sizeof bus_id)) {
        put32(reply + 4, here ? 0 : d.plugged ? 1 : 4);
        send_all(fd, reply, 8 + (here ? describe(reply + 8, false) : 0));
        if (here) {
            d.client = fd;
            tell("imported", 0, 0);
            return;
        }
    }
    if (fault_is("version") || fault_is("many") || fault_is("short"))
        d.fault[0] = 0;
    close(fd);
}

static void take_line(char *line)
{
    char text[32] = "";
    unsigned n;

    d.fault_after = 1;
    if (!strcmp(line, "unplug")) {
        d.plugged = false;
        drop_client();
    } else if (!strcmp(line, "plug")) {
        d.plugged = true;
        enumerate(d.dfu);
    } else if (!strcmp(line, "app") || !strcmp(line, "dfu")) {
        enumerate(line[0] == 'd');
    } else if (!strcmp(line, "count")) {
        tell("heard %u", d.heard, 0);
        d.heard = 0;
    } else if (sscanf(line, "print %u", &n) == 1) {
        while (n-- && d.looped < sizeof d.loop)
            d.loop[d.looped++] = d.counter++;
        serve_waiting();
    } else if (sscanf(line, "release %x", &n) == 1) {
        d.release = (uint16_t)n;
    } else if (sscanf(line, "attributes %u", &n) == 1) {
        d.attributes = (uint8_t)n;
    } else if (sscanf(line, "name %u %31s", &n, text) == 2 && n < ALTS) {
        memcpy(d.names[n], text, sizeof text);
    } else if (sscanf(line, "status %u", &n) == 1) {
        d.next_status = (uint8_t)n;
    } else if (!strcmp(line, "flip")) {
        d.flip = true;
    } else if (!strcmp(line, "stay")) {
        d.stay = true;
    } else if (sscanf(line, "fault %15s %d", d.fault, &d.fault_after) < 1) {
        fprintf(stderr, "fake_usb: %s?\n", line);
    }
}

static void take_input(struct pollfd *p)
{
    static char text[1024];
    static size_t used;
    ssize_t n = read(0, text + used, sizeof text - 1 - used);

    if (n <= 0) {
        p->fd = -1;
        return;
    }
    used += (size_t)n;
    for (char *end; (end = memchr(text, '\n', used));) {
        *end = 0;
        take_line(text);
        used -= (size_t)(end + 1 - text);
        memmove(text, end + 1, used);
    }
}

static int start_listening(const char *where)
{
    struct sockaddr_un path = {.sun_family = AF_UNIX};
    struct sockaddr_in port = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(where)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool local = strchr(where, '/');
    int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM, 0), on = 1;

    snprintf(path.sun_path, sizeof path.sun_path, "%s", where);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (local)
        unlink(where);
    if (bind(fd, local ? (struct sockaddr *)&path : (struct sockaddr *)&port, local ? sizeof path : sizeof port) || listen(fd, 64)) {
        perror(where);
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    d.listener = start_listening(argv[1]);
    d.client = -1;
    d.plugged = true;
    d.folder = argc > 3 ? argv[3] : "/tmp";
    d.line[6] = 8;
    enumerate(argc > 2 && !strcmp(argv[2], "dfu"));
    tell("listening", 0, 0);

    struct pollfd p[3] = {{d.listener, POLLIN, 0}, {-1, POLLIN, 0}, {0, POLLIN, 0}};
    for (;;) {
        p[1].fd = d.client;
        p[0].revents = p[1].revents = p[2].revents = 0;
        if (poll(p, 3, -1) < 0 && errno != EINTR)
            return 1;
        if (p[2].revents)
            take_input(&p[2]);
        if (p[1].revents && p[1].fd == d.client && d.client >= 0)
            take_command();
        if (p[0].revents)
            take_connection();
    }
}
