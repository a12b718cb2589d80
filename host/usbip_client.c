/* SPDX-License-Identifier: MIT */
/* USB/IP: the operations (list, import) of a fresh connection, then its transfers. */
#include "usbip_client.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define VERSION 0x0111u
enum { REQUEST_LIST = 0x8005, REPLY_LIST = 0x0005, REQUEST_IMPORT = 0x8003, REPLY_IMPORT = 0x0003 };
enum { STATUS_OK, STATUS_REFUSED, STATUS_BUSY, STATUS_ERROR, STATUS_NO_DEVICE };
enum { CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };
#define OPERATION_BYTES 8u
#define PATH_FIELD      256u
#define BUS_ID_FIELD    32u
#define DEVICE_BYTES    312u
#define HEADER_BYTES    48u

struct usbip {
    int fd;
    bool gone;
    uint32_t id, sequence; /* devid; the last sequence number used */
    struct usbip_urb *pending;

    uint8_t *out; /* what is to be sent: out[sent..filled) */
    size_t out_size, filled, sent;

    uint8_t in[8192]; /* received, not yet looked at: in[taken..got) */
    size_t got, taken;
    struct usbip_urb *filling; /* whose data come next, */
    uint32_t missing;          /* so many bytes */
};

uint64_t usbip_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v);
}

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) << 16 | get16(p + 2);
}

/* ---- Connecting ---- */

/* Waits for poll events until the deadline: 0 or a negative errno. */
static int wait_for(int fd, short events, uint64_t deadline)
{
    for (;;) {
        uint64_t now = usbip_now();
        struct pollfd p = {fd, events, 0};
        int ready = now < deadline ? poll(&p, 1, (int)(deadline - now)) : 0;
        if (ready > 0)
            return 0;
        if (ready == 0)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

static int connect_to(int domain, const struct sockaddr *where, socklen_t size, uint64_t deadline)
{
    int fd = socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = 0, on = 1;
    socklen_t n = sizeof error;

    if (fd < 0)
        return -errno;
    if (connect(fd, where, size)) {
        error = errno;
        /* A Unix socket says so when its queue is full: the server is busy with others. */
        while (error == EAGAIN && usbip_now() < deadline) {
            poll(NULL, 0, 5);
            error = connect(fd, where, size) ? errno : 0;
        }
        if (error == EAGAIN)
            error = ETIMEDOUT;
        if (error == EINPROGRESS) {
            error = -wait_for(fd, POLLOUT, deadline);
            if (!error && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n))
                error = errno;
        }
    }
    if (error) {
        close(fd);
        return -error;
    }
    if (domain != AF_UNIX)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static int connect_tcp(const char *address, uint64_t deadline)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    const char *colon = strrchr(address, ':');
    struct addrinfo *found;
    char host[256];
    int fd = -ENOENT;

    if (!colon || (size_t)(colon - address) >= sizeof host)
        return -EINVAL;
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = 0;
    if (getaddrinfo(host, colon + 1, &hints, &found))
        return -ENOENT;
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next)
        fd = connect_to(a->ai_family, a->ai_addr, a->ai_addrlen, deadline);
    freeaddrinfo(found);
    return fd;
}

static int open_connection(const char *address, uint64_t deadline)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};

    if (!strchr(address, '/'))
        return connect_tcp(address, deadline);
    if (strlen(address) >= sizeof where.sun_path)
        return -ENAMETOOLONG;
    memcpy(where.sun_path, address, strlen(address) + 1);
    return connect_to(AF_UNIX, (struct sockaddr *)&where, sizeof where, deadline);
}

/* ---- Operations ---- */

static int send_all(int fd, const uint8_t *bytes, size_t n, uint64_t deadline)
{
    while (n) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent > 0) {
            bytes += sent;
            n -= (size_t)sent;
            continue;
        }
        int error = errno == EAGAIN ? wait_for(fd, POLLOUT, deadline) : errno == EINTR ? 0 : -errno;
        if (error)
            return error;
    }
    return 0;
}

static int receive_all(int fd, uint8_t *bytes, size_t n, uint64_t deadline)
{
    while (n) {
        ssize_t got = recv(fd, bytes, n, 0);
        if (got == 0)
            return -ECONNRESET;
        if (got > 0) {
            bytes += got;
            n -= (size_t)got;
            continue;
        }
        int error = errno == EAGAIN ? wait_for(fd, POLLIN, deadline) : errno == EINTR ? 0 : -errno;
        if (error)
            return error;
    }
    return 0;
}

/* Sends a request and receives the reply's head. `bus_id` NULL: none. */
static int operate(int fd, unsigned request, const char *bus_id, unsigned reply, uint64_t deadline)
{
    uint8_t bytes[OPERATION_BYTES + BUS_ID_FIELD] = {0};

    put16(bytes, VERSION);
    put16(bytes + 2, request);
    if (bus_id)
        memcpy(bytes + OPERATION_BYTES, bus_id, strnlen(bus_id, BUS_ID_FIELD - 1));
    int error = send_all(fd, bytes, bus_id ? sizeof bytes : OPERATION_BYTES, deadline);
    if (!error)
        error = receive_all(fd, bytes, OPERATION_BYTES, deadline);
    if (error)
        return error;
    if (get16(bytes) != VERSION || get16(bytes + 2) != reply)
        return -EPROTO;
    switch (get32(bytes + 4)) {
    case STATUS_OK:
        return 0;
    case STATUS_NO_DEVICE:
        return -ENODEV;
    default: /* Linux's own server says "refused" (1) of a device that somebody has */
        return -EBUSY;
    }
}

static void unpack_device(struct usbip_device *device, const uint8_t *p)
{
    *device = (struct usbip_device){0};
    memcpy(device->bus_id, p + PATH_FIELD, BUS_ID_FIELD);
    p += PATH_FIELD + BUS_ID_FIELD;
    device->bus = get32(p);
    device->address = get32(p + 4);
    device->speed = get32(p + 8);
    device->vid = (uint16_t)get16(p + 12);
    device->pid = (uint16_t)get16(p + 14);
    device->bcd_device = (uint16_t)get16(p + 16);
    device->class_code = p[18];
    device->subclass = p[19];
    device->protocol = p[20];
    device->configuration = p[21];
    device->configurations = p[22];
    device->interfaces = p[23];
}

static int receive_device(int fd, struct usbip_device *device, uint64_t deadline)
{
    uint8_t bytes[DEVICE_BYTES];
    int error = receive_all(fd, bytes, sizeof bytes, deadline);

    if (error)
        return error;
    unpack_device(device, bytes);
    return 0;
}

static int receive_interfaces(int fd, struct usbip_device *device, uint64_t deadline)
{
    for (unsigned i = 0; i < device->interfaces; i++) {
        uint8_t bytes[4];
        int error = receive_all(fd, bytes, sizeof bytes, deadline);
        if (error)
            return error;
        if (i >= USBIP_INTERFACES)
            continue;
        device->interface[i].class_code = bytes[0];
        device->interface[i].subclass = bytes[1];
        device->interface[i].protocol = bytes[2];
    }
    if (device->interfaces > USBIP_INTERFACES)
        device->interfaces = USBIP_INTERFACES;
    return 0;
}

int usbip_list(const char *address, struct usbip_device *devices, size_t most, uint32_t timeout_ms)
{
    uint64_t deadline = usbip_now() + timeout_ms;
    int fd = open_connection(address, deadline), n = 0;
    uint8_t bytes[4];

    if (fd < 0)
        return fd;
    int error = operate(fd, REQUEST_LIST, NULL, REPLY_LIST, deadline);
    if (!error)
        error = receive_all(fd, bytes, sizeof bytes, deadline);
    if (!error && get32(bytes) > USBIP_MOST_DEVICES)
        error = -EPROTO;
    for (uint32_t left = error ? 0 : get32(bytes); left && !error; left--) {
        struct usbip_device device;
        error = receive_device(fd, &device, deadline);
        if (!error)
            error = receive_interfaces(fd, &device, deadline);
        if (!error && (size_t)n < most)
            devices[n++] = device;
    }
    close(fd);
    return error ? error : n;
}

int usbip_import(const char *address, const char *bus_id, struct usbip **usbip, struct usbip_device *device, uint32_t timeout_ms)
{
    uint64_t deadline = usbip_now() + timeout_ms;
    struct usbip_device found;
    struct usbip *u = calloc(1, sizeof *u);

    *usbip = NULL;
    if (!u)
        return -ENOMEM;
    u->fd = open_connection(address, deadline);
    int error = u->fd < 0 ? u->fd : operate(u->fd, REQUEST_IMPORT, bus_id, REPLY_IMPORT, deadline);
    if (!error)
        error = receive_device(u->fd, &found, deadline);
    if (error) {
        usbip_close(u);
        return error;
    }
    u->id = found.bus << 16 | (found.address & 0xFFFF);
    if (device)
        *device = found;
    *usbip = u;
    return 0;
}

void usbip_close(struct usbip *usbip)
{
    if (!usbip)
        return;
    if (usbip->fd >= 0)
        close(usbip->fd);
    free(usbip->out);
    free(usbip);
}

/* ---- Transfers ---- */

static bool is_in(const struct usbip_urb *urb)
{
    return ((urb->endpoint & 0x0F) ? urb->endpoint : urb->setup[0]) & 0x80;
}

/* Room for n more bytes to send. */
static uint8_t *reserve(struct usbip *u, size_t n)
{
    if (u->sent) {
        memmove(u->out, u->out + u->sent, u->filled - u->sent);
        u->filled -= u->sent;
        u->sent = 0;
    }
    if (u->filled + n > u->out_size) {
        size_t size = u->out_size ? u->out_size : 4096;
        while (size < u->filled + n)
            size *= 2;
        uint8_t *bigger = realloc(u->out, size);
        if (!bigger)
            return NULL;
        u->out = bigger;
        u->out_size = size;
    }
    uint8_t *p = u->out + u->filled;
    u->filled += n;
    return p;
}

static void put_header(struct usbip *u, uint8_t *p, unsigned command, uint32_t sequence)
{
    memset(p, 0, HEADER_BYTES);
    put32(p, command);
    put32(p + 4, sequence);
    put32(p + 8, u->id);
}

static struct usbip_urb **find(struct usbip *u, uint32_t sequence)
{
    struct usbip_urb **p = &u->pending;

    while (*p && (*p)->sequence != sequence)
        p = &(*p)->next;
    return p;
}

static void finish(struct usbip *u, struct usbip_urb *urb, int status)
{
    struct usbip_urb **p = find(u, urb->sequence);

    if (*p)
        *p = urb->next;
    urb->next = NULL;
    urb->sequence = 0;
    urb->status = status;
    if (urb->done)
        urb->done(urb);
}

static bool fail_all(struct usbip *u)
{
    u->gone = true;
    u->filling = NULL;
    while (u->pending)
        finish(u, u->pending, -ESHUTDOWN);
    return false;
}

void usbip_abandon(struct usbip *u)
{
    fail_all(u);
}

int usbip_submit(struct usbip *u, struct usbip_urb *urb)
{
    bool in = is_in(urb);
    size_t data = in ? 0 : urb->length;

    urb->status = 0;
    urb->actual = 0;
    urb->sequence = urb->unlink_sequence = 0;
    if (u->gone)
        return -ENODEV;
    if (urb->length > USBIP_MOST_BYTES)
        return -EINVAL;
    uint8_t *p = reserve(u, HEADER_BYTES + data);
    if (!p)
        return -ENOMEM;
    if (!++u->sequence) /* 0 means "not submitted" */
        u->sequence = 1;
    urb->sequence = u->sequence;
    put_header(u, p, CMD_SUBMIT, urb->sequence);
    put32(p + 12, in);
    put32(p + 16, urb->endpoint & 0x0F);
    put32(p + 20, urb->flags);
    put32(p + 24, urb->length);
    put32(p + 36, urb->interval);
    memcpy(p + 40, urb->setup, 8);
    if (data)
        memcpy(p + HEADER_BYTES, urb->data, data);
    urb->next = NULL;
    struct usbip_urb **last = &u->pending;
    while (*last)
        last = &(*last)->next;
    *last = urb;
    return 0;
}

void usbip_unlink(struct usbip *u, struct usbip_urb *urb)
{
    uint8_t *p;

    if (!urb->sequence || u->gone)
        return;
    p = reserve(u, HEADER_BYTES);
    if (!p) {
        fail_all(u); /* no other way to keep the promise that it ends */
        return;
    }
    if (!++u->sequence)
        u->sequence = 1;
    put_header(u, p, CMD_UNLINK, u->sequence);
    put32(p + 20, urb->sequence);
    urb->unlink_sequence = u->sequence; /* all that RET_UNLINK carries */
}

int usbip_fd(const struct usbip *u)
{
    return u->fd;
}

bool usbip_sending(const struct usbip *u)
{
    return u->filled > u->sent;
}

static bool send_some(struct usbip *u)
{
    while (usbip_sending(u)) {
        ssize_t n = send(u->fd, u->out + u->sent, u->filled - u->sent, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        u->sent += (size_t)n;
    }
    u->filled = u->sent = 0;
    return true;
}

/* A complete header; false when it makes no sense. */
static bool take_header(struct usbip *u, const uint8_t *p)
{
    uint32_t command = get32(p), sequence = get32(p + 4), actual = get32(p + 24);
    int status = (int)get32(p + 20);

    if (command == RET_UNLINK) {
        struct usbip_urb *urb = u->pending;
        while (urb && urb->unlink_sequence != sequence)
            urb = urb->next;
        if (urb)
            finish(u, urb, -ECONNRESET);
        return true;
    }
    struct usbip_urb *urb = command == RET_SUBMIT ? *find(u, sequence) : NULL;
    if (!urb || actual > urb->length || status > 0)
        return false;
    urb->actual = actual;
    urb->status = status;
    if (is_in(urb) && actual) {
        u->filling = urb;
        u->missing = actual;
    } else {
        finish(u, urb, status);
    }
    return true;
}

static void take_data(struct usbip *u, size_t n)
{
    u->missing -= (uint32_t)n;
    if (!u->missing) {
        struct usbip_urb *urb = u->filling;
        u->filling = NULL;
        finish(u, urb, urb->status);
    }
}

/* Everything in the buffer; false when it makes no sense. */
static bool look(struct usbip *u)
{
    for (;;) {
        size_t n = u->got - u->taken;
        const uint8_t *p = u->in + u->taken;

        if (u->filling) {
            n = n < u->missing ? n : u->missing;
            if (!n)
                return true;
            memcpy(u->filling->data + u->filling->actual - u->missing, p, n);
            u->taken += n;
            take_data(u, n);
        } else {
            if (n < HEADER_BYTES)
                return true;
            u->taken += HEADER_BYTES;
            if (!take_header(u, p))
                return false;
        }
    }
}

static bool receive_some(struct usbip *u)
{
    for (;;) {
        ssize_t n;

        /* Long data go straight where they belong. */
        if (u->filling && u->taken == u->got && u->missing >= sizeof u->in) {
            n = recv(u->fd, u->filling->data + u->filling->actual - u->missing, u->missing, 0);
            if (n > 0) {
                take_data(u, (size_t)n);
                continue;
            }
        } else {
            memmove(u->in, u->in + u->taken, u->got - u->taken);
            u->got -= u->taken;
            u->taken = 0;
            n = recv(u->fd, u->in + u->got, sizeof u->in - u->got, 0);
            if (n > 0) {
                u->got += (size_t)n;
                if (!look(u))
                    return false;
                continue;
            }
        }
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
}

bool usbip_work(struct usbip *u)
{
    if (u->gone)
        return fail_all(u);
    if (!send_some(u) || !receive_some(u) || !send_some(u))
        return fail_all(u);
    return true;
}

#define UNLINK_MS 2000u

int usbip_transfer(struct usbip *u, struct usbip_urb *urb, uint32_t timeout_ms)
{
    uint64_t deadline = timeout_ms ? usbip_now() + timeout_ms : UINT64_MAX;
    bool late = false;
    int error = usbip_submit(u, urb);

    if (error)
        return error;
    while (usbip_work(u) && urb->sequence) {
        uint64_t now = usbip_now();
        struct pollfd p = {u->fd, (short)(POLLIN | (usbip_sending(u) ? POLLOUT : 0)), 0};

        if (now >= deadline && late) {
            fail_all(u); /* the server does not even unlink */
            break;
        }
        if (now >= deadline) {
            late = true;
            deadline = now + UNLINK_MS;
            usbip_unlink(u, urb);
            continue;
        }
        uint64_t left = deadline - now;
        poll(&p, 1, deadline == UINT64_MAX ? -1 : left > INT32_MAX ? INT32_MAX : (int)left);
    }
    return late && urb->status == -ECONNRESET ? -ETIMEDOUT : urb->status;
}

int usbip_control(struct usbip *u, uint8_t request_type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                  uint32_t timeout_ms)
{
    struct usbip_urb urb = {
        .setup = {request_type, request, (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)index, (uint8_t)(index >> 8), (uint8_t)length,
                  (uint8_t)(length >> 8)},
        .data = data,
        .length = length,
    };
    int status = usbip_transfer(u, &urb, timeout_ms);

    return status ? status : (int)urb.actual;
}
