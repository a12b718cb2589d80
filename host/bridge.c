/* SPDX-License-Identifier: MIT */
/* CDC-ACM over USB/IP on one side, the master of a pseudo-terminal on the other. */
#include "bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <termios.h>
#include <unistd.h>

#include "tty_speed.h"
#include "usbip_client.h"

#define LOOK_MS     40u /* between two looks at what the server has */
#define SERVER_MS   1000u
#define BUSY_MS     2000u  /* another program that looks at the device */
#define PATIENCE_MS 10000u /* a server that has no time to answer */
#define REQUEST_MS  5000u
#define DRAIN_MS    5000u /* for what was written before the close */
#define TICK_MS     20     /* between two looks at the speed */
#define TRANSFERS   8      /* in each direction */
#define BYTES       4096u
#define PATH_ROOM   512

enum { SET_LINE_CODING = 0x20, SET_CONTROL_LINE_STATE = 0x22 };
enum { DTR_RTS = 3 };

struct transfer {
    struct usbip_urb urb;
    bool busy; /* IN: in flight; OUT: likewise */
    bool full; /* IN: has bytes for the terminal */
    uint32_t taken;
    uint8_t bytes[BYTES];
};

struct function {
    uint8_t control, notify, in, out; /* interface; endpoints, 0: none */
};

struct bridge {
    pthread_t thread;
    int stop; /* eventfd */
    atomic_bool up, has_device;
    char server[PATH_ROOM], link[PATH_ROOM];

    struct usbip_device device; /* that the terminal is for */
    int master, inotify, watch;
    char slave[64];
    bool opened; /* since the last session */

    /* While somebody has the terminal open. */
    struct usbip *usb;
    struct function function;
    uint8_t coding[LINE_CODING_BYTES];
    struct transfer in[TRANSFERS], out[TRANSFERS], notify;
    unsigned next_in; /* whose bytes are the next for the terminal: they come in order */
};

static bool stopping(const struct bridge *b)
{
    struct pollfd p = {b->stop, POLLIN, 0};

    return poll(&p, 1, 0) > 0;
}

/* ---- The device ---- */

static bool is_cdc(const struct usbip_device *device)
{
    for (unsigned i = 0; i < device->interfaces; i++)
        if (device->interface[i].class_code == 2 && device->interface[i].subclass == 2)
            return true;
    return false;
}

/* The first device with a CDC function: 1, or 0 when there is none, or -1 when the server is too busy to answer. */
static int look(struct bridge *b, struct usbip_device *device)
{
    struct usbip_device devices[4];
    int n = usbip_list(b->server, devices, sizeof devices / sizeof *devices, SERVER_MS);

    if (n == -ETIMEDOUT)
        return -1;
    b->has_device = n > 0;
    for (int i = 0; i < n; i++)
        if (is_cdc(&devices[i])) {
            *device = devices[i];
            return 1;
        }
    return 0;
}

static bool same(const struct usbip_device *a, const struct usbip_device *b)
{
    return !strcmp(a->bus_id, b->bus_id) && a->address == b->address && a->vid == b->vid && a->pid == b->pid;
}

/* Endpoints of the first abstract control model and of the data interface behind it. */
static bool find_function(struct bridge *b)
{
    uint8_t bytes[1024];
    int n = usbip_control(b->usb, 0x80, 6 /* GET_DESCRIPTOR */, 2 << 8, 0, bytes, sizeof bytes, REQUEST_MS);
    enum { ELSEWHERE, CONTROL, DATA } where = ELSEWHERE;
    struct function *f = &b->function;
    bool found = false;

    *f = (struct function){0};
    for (int i = 0; i + 2 <= n && bytes[i] >= 2 && i + bytes[i] <= n; i += bytes[i]) {
        const uint8_t *p = bytes + i;
        if (p[1] == 4 && p[0] >= 9) {
            where = p[5] == 2 && p[6] == 2 && !found ? CONTROL : p[5] == 10 && found && !f->in ? DATA : ELSEWHERE;
            if (where == CONTROL) {
                f->control = p[2];
                found = true;
            }
        } else if (p[1] == 5 && p[0] >= 7 && where == CONTROL) {
            f->notify = p[2];
        } else if (p[1] == 5 && p[0] >= 7 && where == DATA) {
            *(p[2] & 0x80 ? &f->in : &f->out) = p[2];
        }
    }
    return f->in && f->out;
}

static bool request(struct bridge *b, uint8_t what, uint16_t value, void *data, uint16_t length)
{
    int n = usbip_control(b->usb, 0x21, what, value, b->function.control, data, length, REQUEST_MS);

    /* A device need not know it, and one that a debugger has halted answers later or never. */
    return n >= 0 || n == -EPIPE || n == -ETIMEDOUT;
}

/* Speed and format, when they changed. Speed 0 drops DTR, and leaves the rest as it was. */
static bool follow_settings(struct bridge *b)
{
    uint8_t coding[LINE_CODING_BYTES];
    static const uint8_t hang_up[4];

    if (tty_line_coding(b->master, coding) || !memcmp(coding, b->coding, sizeof coding))
        return true;
    bool was_up = memcmp(b->coding, hang_up, 4), up = memcmp(coding, hang_up, 4);
    memcpy(b->coding, coding, sizeof coding);
    if (up && !request(b, SET_LINE_CODING, 0, coding, sizeof coding))
        return false;
    return up == was_up || request(b, SET_CONTROL_LINE_STATE, up ? DTR_RTS : 0, NULL, 0);
}

/* ---- Transfers ---- */

static void in_done(struct usbip_urb *urb)
{
    struct transfer *t = urb->context;

    t->busy = false;
    t->full = urb->actual > 0;
    t->taken = 0;
}

static void out_done(struct usbip_urb *urb)
{
    ((struct transfer *)urb->context)->busy = false;
}

static void start(struct bridge *b, struct transfer *t, uint8_t endpoint, uint32_t length)
{
    t->urb = (struct usbip_urb){
        .endpoint = endpoint, .data = t->bytes, .length = length, .context = t, .done = endpoint & 0x80 ? in_done : out_done};
    t->full = false;
    t->busy = usbip_submit(b->usb, &t->urb) == 0;
}

/* Waits for the device's next bytes. A halt is cleared first, as cdc_acm does. */
static void receive(struct bridge *b, struct transfer *t)
{
    if (t->urb.status == -EPIPE)
        usbip_control(b->usb, 0x02, 1 /* CLEAR_FEATURE */, 0 /* ENDPOINT_HALT */, b->function.in, NULL, 0, REQUEST_MS);
    start(b, t, b->function.in, BYTES);
}

/* Bytes of the device to the terminal, in order; false when the terminal takes no more now. */
static bool to_terminal(struct bridge *b)
{
    for (unsigned i = 0; i < TRANSFERS; i++) {
        struct transfer *t = &b->in[b->next_in];
        if (t->busy)
            return true;
        while (t->full && t->taken < t->urb.actual) {
            ssize_t n = write(b->master, t->bytes + t->taken, t->urb.actual - t->taken);
            if (n < 0)
                return false;
            t->taken += (uint32_t)n;
        }
        receive(b, t);
        b->next_in = (b->next_in + 1) % TRANSFERS;
    }
    return true;
}

static struct transfer *free_out(struct bridge *b)
{
    for (unsigned i = 0; i < TRANSFERS; i++)
        if (!b->out[i].busy)
            return &b->out[i];
    return NULL;
}

/* What was written into the terminal, as far as transfers are free. */
static void from_terminal(struct bridge *b)
{
    struct transfer *t;

    while ((t = free_out(b))) {
        ssize_t n = read(b->master, t->bytes, BYTES);
        /* The speed it was written at is set before. */
        if (n <= 0 || !follow_settings(b))
            return;
        start(b, t, b->function.out, (uint32_t)n);
    }
}

static bool sending(const struct bridge *b)
{
    for (unsigned i = 0; i < TRANSFERS; i++)
        if (b->out[i].busy)
            return true;
    return false;
}

/* Whether inotify has seen an open. */
static bool read_opens(struct bridge *b)
{
    _Alignas(struct inotify_event) char events[4096];
    bool opened = false;
    ssize_t n;

    while ((n = read(b->inotify, events, sizeof events)) > 0)
        for (ssize_t i = 0; i < n;) {
            const struct inotify_event *event = (const struct inotify_event *)(events + i);
            opened |= event->mask & IN_OPEN;
            i += (ssize_t)(sizeof *event + event->len);
        }
    return opened;
}

/* Whether it was opened since the last session, even when it is closed again: a touch at 1200 baud takes microseconds. */
static bool was_opened(struct bridge *b)
{
    struct pollfd p = {b->master, POLLIN, 0};

    b->opened |= read_opens(b);
    if (poll(&p, 1, 0) >= 0 && (!(p.revents & POLLHUP) || p.revents & POLLIN))
        b->opened = true;
    return b->opened;
}

static void forget_opens(struct bridge *b)
{
    read_opens(b);
    b->opened = false;
}

static bool import(struct bridge *b)
{
    uint64_t start = usbip_now(), most = BUSY_MS;
    struct usbip_device found;
    int error;

    for (;; poll(NULL, 0, 10)) {
        error = usbip_import(b->server, b->device.bus_id, &b->usb, &found, SERVER_MS);
        if (error == -ETIMEDOUT)
            most = PATIENCE_MS;
        if ((error != -EBUSY && error != -ETIMEDOUT) || usbip_now() - start >= most || stopping(b))
            break;
    }
    return !error && same(&found, &b->device);
}

static bool open_device(struct bridge *b)
{
    memset(b->coding, 0xFF, sizeof b->coding); /* whatever it is now, it is a change */
    memset(&b->notify, 0, sizeof b->notify);
    memset(b->in, 0, sizeof b->in);
    memset(b->out, 0, sizeof b->out);
    b->next_in = 0;
    if (!import(b) || !find_function(b))
        return false;
    if (!follow_settings(b) || !request(b, SET_CONTROL_LINE_STATE, DTR_RTS, NULL, 0))
        return false;
    if (b->function.notify)
        start(b, &b->notify, b->function.notify, 64);
    for (unsigned i = 0; i < TRANSFERS; i++)
        receive(b, &b->in[i]);
    return true;
}

/* One turn; false when nobody has the terminal open any more. *gone: the device has gone. */
static bool turn(struct bridge *b, bool *gone)
{
    bool stuck = !to_terminal(b);

    from_terminal(b);
    *gone = !follow_settings(b) || !usbip_work(b->usb);
    if (*gone)
        return false;
    /* Notifications (the state of the modem lines) interest nobody, but the device may wait for them to be fetched. */
    if (b->function.notify && !b->notify.busy && !b->notify.urb.status)
        start(b, &b->notify, b->function.notify, 64);
    struct pollfd p[] = {
        {usbip_fd(b->usb), (short)(POLLIN | (usbip_sending(b->usb) ? POLLOUT : 0)), 0},
        {b->master, (short)((free_out(b) ? POLLIN : 0) | (stuck ? POLLOUT : 0)), 0},
        {b->stop, POLLIN, 0},
    };
    poll(p, 3, TICK_MS);
    *gone = !usbip_work(b->usb);
    return !*gone && !p[2].revents && !(p[1].revents & POLLHUP);
}

static bool unsent(struct bridge *b)
{
    struct pollfd p = {b->master, POLLIN, 0};

    return sending(b) || (poll(&p, 1, 0) > 0 && p.revents & POLLIN);
}

/* What was written is sent, DTR dropped, the device released. */
static void close_device(struct bridge *b)
{
    uint64_t end = usbip_now() + DRAIN_MS;

    while (unsent(b) && usbip_now() < end && !stopping(b)) {
        from_terminal(b);
        if (!usbip_work(b->usb))
            return;
        struct pollfd p[] = {{usbip_fd(b->usb), (short)(POLLIN | (usbip_sending(b->usb) ? POLLOUT : 0)), 0}, {b->stop, POLLIN, 0}};
        poll(p, 2, TICK_MS);
    }
    /* A last change of speed counts: the touch at 1200 baud is one. */
    if (!stopping(b) && follow_settings(b))
        request(b, SET_CONTROL_LINE_STATE, 0, NULL, 0);
}

/* From an open to the last close; false when the terminal has to be hung up. */
static bool serve(struct bridge *b)
{
    forget_opens(b);
    bool gone = !open_device(b);
    while (!gone && turn(b, &gone)) {
    }
    forget_opens(b);
    if (!gone)
        close_device(b);
    usbip_close(b->usb);
    b->usb = NULL;
    return !gone;
}

/* ---- The terminal ---- */

static void remove_terminal(struct bridge *b)
{
    b->up = false;
    unlink(b->link);
    if (b->master >= 0)
        close(b->master);
    if (b->inotify >= 0)
        close(b->inotify);
    b->master = b->inotify = -1;
}

/* Empty, and at first raw at 9600 8N1. Opening and closing it also makes a master know that nobody has it open. */
static bool reset_slave(struct bridge *b, bool settings)
{
    struct termios t;

    was_opened(b); /* others' opens are kept, ours is not seen */
    if (b->watch >= 0)
        inotify_rm_watch(b->inotify, b->watch);
    int fd = open(b->slave, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (settings && tcgetattr(fd, &t) == 0) {
        cfmakeraw(&t);
        t.c_cflag |= CREAD | CLOCAL | HUPCL;
        cfsetspeed(&t, B9600);
        tcsetattr(fd, TCSANOW, &t);
    }
    tcflush(fd, TCIFLUSH); /* what the last one did not read is not for the next */
    close(fd);
    b->watch = inotify_add_watch(b->inotify, b->slave, IN_OPEN);
    return b->watch >= 0;
}

static bool make_terminal(struct bridge *b)
{
    char beside[PATH_ROOM + 8];

    b->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    b->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    b->watch = -1;
    bool made = b->master >= 0 && b->inotify >= 0 && !grantpt(b->master) && !unlockpt(b->master) &&
                !ptsname_r(b->master, b->slave, sizeof b->slave) && reset_slave(b, true);
    b->opened = false;
    snprintf(beside, sizeof beside, "%s.new", b->link);
    unlink(beside);
    if (!made || symlink(b->slave, beside) || rename(beside, b->link)) {
        unlink(beside);
        remove_terminal(b);
        return false;
    }
    b->up = true;
    return true;
}

/* Nobody has it open: waits until somebody has, or the device has gone (false). */
static bool wait_for_open(struct bridge *b)
{
    while (!stopping(b)) {
        struct usbip_device device;
        struct pollfd p[] = {{b->inotify, POLLIN, 0}, {b->stop, POLLIN, 0}};

        if (was_opened(b))
            return true;
        poll(p, 2, LOOK_MS);
        int found = p[0].revents || p[1].revents ? -1 : look(b, &device);
        if (found == 0 || (found > 0 && !same(&device, &b->device)))
            return false;
    }
    return false;
}

static void *run(void *context)
{
    struct bridge *b = context;

    while (!stopping(b)) {
        struct pollfd p = {b->stop, POLLIN, 0};

        if (look(b, &b->device) != 1 || !make_terminal(b)) {
            poll(&p, 1, LOOK_MS);
            continue;
        }
        while (wait_for_open(b) && serve(b) && reset_slave(b, false)) {
        }
        remove_terminal(b);
    }
    return NULL;
}

int bridge_start(struct bridge **bridge, const char *server, const char *link)
{
    struct bridge *b = calloc(1, sizeof *b);
    sigset_t all, before;

    *bridge = NULL;
    if (!b)
        return ENOMEM;
    if (strlen(server) >= PATH_ROOM || strlen(link) >= PATH_ROOM) {
        free(b);
        return ENAMETOOLONG;
    }
    strcpy(b->server, server);
    strcpy(b->link, link);
    b->master = b->inotify = -1;
    b->stop = eventfd(0, EFD_CLOEXEC);
    int error = b->stop < 0 ? errno : 0;
    /* Signals are for the thread that started us. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    if (!error)
        error = pthread_create(&b->thread, NULL, run, b);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        if (b->stop >= 0)
            close(b->stop);
        free(b);
        return error;
    }
    *bridge = b;
    return 0;
}

void bridge_stop(struct bridge *b)
{
    const uint64_t one = 1;

    if (!b)
        return;
    if (write(b->stop, &one, sizeof one) < 0)
        return; /* cannot be: the counter is 0 */
    pthread_join(b->thread, NULL);
    close(b->stop);
    free(b);
}

bool bridge_is_up(const struct bridge *b)
{
    return b && b->up;
}

bool bridge_has_device(const struct bridge *b)
{
    return b && b->has_device;
}
