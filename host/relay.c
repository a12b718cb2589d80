/* SPDX-License-Identifier: MIT */
/* One loop over poll(). Nobody who does not read can stop the camera: what he misses is dropped. */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "link.h"
#include "plain.h"
#include "protocol/packet.h"
#include "report.h"
#include "session.h"

#define LEAVE     0x1D  /* Ctrl-] */
#define PROBE_MS  3000u /* no prompt for so long: a script may run, so ask by SYNC */
#define USB_MS    3000u /* firmware with USB is on it by then */
#define LOADER_MS 8000u /* a bootloader that was there for so long stays */
#define QUIET_MS  1000u /* after the end of the input: the last answer has come */

struct buffer {
    size_t n;
    uint8_t bytes[1 << 18];
};

static struct relay {
    struct emulator *emulator;
    const struct relay_options *options;
    int listener, client;
    bool terminal, raw, input; /* stdin is a terminal; it is set to raw; stdin is open */
    struct termios saved;
    struct buffer to_client, to_camera;
    bool boot0;
    bool answered, ready; /* it has shown the prompt, or answered our SYNC; "ready" has been said */
    uint32_t answered_at, usb_since;
    struct plain plain;
    uint8_t tail[PACKET_HEADER]; /* the last bytes of the camera */
    uint32_t started, probed, heard;
} r;

static void put(struct buffer *b, const uint8_t *bytes, size_t n)
{
    if (n > sizeof b->bytes - b->n)
        n = sizeof b->bytes - b->n;
    memcpy(b->bytes + b->n, bytes, n);
    b->n += n;
}

/* Sends what the other end takes; false when it has gone. */
static bool drain(struct buffer *b, int fd)
{
    ssize_t n = b->n ? send(fd, b->bytes, b->n, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;

    if (n > 0) {
        b->n -= (size_t)n;
        memmove(b->bytes, b->bytes + n, b->n);
    }
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Another omv finds a socket only while nobody has the camera. */
static int start_listening(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    strcpy(address.sun_path, r.emulator->instance.console);
    unlink(address.sun_path);
    r.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (r.listener < 0 || bind(r.listener, (struct sockaddr *)&address, sizeof address) || listen(r.listener, 1))
        return fail(EXIT_CODE_SYSTEM, NULL, "socket %s: %s", address.sun_path, strerror(errno));
    return 0;
}

static void stop_listening(void)
{
    if (r.listener >= 0)
        close(r.listener);
    r.listener = -1;
    unlink(r.emulator->instance.console);
}

static void take_client(void)
{
    r.client = accept4(r.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (r.client < 0)
        return;
    stop_listening();
    r.to_client.n = 0;
    if (r.raw)
        report_progress("\r\n[another omv has the camera]\r");
}

static int drop_client(void)
{
    close(r.client);
    r.client = -1;
    if (r.raw)
        report_progress("\r\n[the camera is yours again]\r");
    return start_listening();
}

/* Looks for the prompt, or the answer to our SYNC, in what the camera says. */
static void look(const uint8_t *bytes, size_t n)
{
    static const uint8_t answer[] = {0xAA, 0xD5, 0, 0, PACKET_ACK, PROTO_SYNC, 0, 0, 0x08, 0x46};

    for (; n && !r.answered; bytes++, n--) {
        memmove(r.tail, r.tail + 1, sizeof r.tail - 1);
        r.tail[sizeof r.tail - 1] = *bytes;
        if (!memcmp(r.tail + sizeof r.tail - 4, ">>> ", 4) || !memcmp(r.tail, answer, sizeof answer)) {
            r.answered = true;
            r.answered_at = link_now();
        }
    }
}

static void write_terminal(const uint8_t *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(STDOUT_FILENO, bytes, n);
        if (done < 0 && errno != EINTR)
            return;
        if (done > 0)
            bytes += done, n -= (size_t)done;
    }
}

/* false when QEMU has gone. */
static bool take_console(void)
{
    uint8_t bytes[4096], text[sizeof bytes + PACKET_HEADER];
    ssize_t n = read(r.emulator->console, bytes, sizeof bytes);

    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    r.heard = link_now();
    look(bytes, (size_t)n);
    if (r.client >= 0)
        put(&r.to_client, bytes, (size_t)n);
    else if (!r.options->headless)
        write_terminal(text, plain_filter(&r.plain, bytes, (size_t)n, text));
    return true;
}

/* false when the user leaves. */
static bool take_input(void)
{
    uint8_t bytes[256], *leave;
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);

    if (n <= 0) {
        r.input = n < 0 && errno == EINTR;
        r.heard = link_now();
        return r.input || !r.terminal;
    }
    leave = r.terminal ? memchr(bytes, LEAVE, (size_t)n) : NULL;
    if (leave)
        return false;
    /* A script piped in has newlines where a terminal has carriage returns. */
    for (ssize_t i = 0; !r.terminal && i < n; i++)
        if (bytes[i] == '\n')
            bytes[i] = '\r';
    if (r.client < 0)
        put(&r.to_camera, bytes, (size_t)n);
    return true;
}

static void take_bytes_of_client(bool *gone)
{
    uint8_t bytes[4096];
    ssize_t n = read(r.client, bytes, sizeof bytes);

    if (n > 0)
        put(&r.to_camera, bytes, (size_t)n);
    else
        *gone = n == 0 || (errno != EAGAIN && errno != EINTR);
}

static void probe(void)
{
    static const uint8_t sync[] = {0xAA, 0xD5, 0, 0, 0, PROTO_SYNC, 0, 0, 0xB0, 0xAC};
    uint32_t now = link_now();

    if (r.options->headless && !r.ready && !r.answered && !bridge_has_device(r.emulator->bridge) && r.client < 0 &&
        now - r.started > PROBE_MS && now - r.probed > PROBE_MS / 3) {
        r.probed = now;
        put(&r.to_camera, sync, sizeof sync);
    }
}

static void set_raw(void)
{
    struct termios t;

    r.terminal = !r.options->headless && isatty(STDIN_FILENO);
    r.input = !r.options->headless;
    if (!r.terminal || tcgetattr(STDIN_FILENO, &r.saved))
        return;
    t = r.saved;
    cfmakeraw(&t);
    r.raw = tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
}

/*
 * The camera can be reached when its serial port on USB is there; when it has answered on its console and USB does not come:
 * firmware without it, or no cable; or when only a bootloader is on USB: the chip's, or one that stays because the firmware is bad.
 */
static bool can_be_reached(void)
{
    const struct bridge *usb = r.emulator->bridge;
    uint32_t now = link_now();

    if (!bridge_has_device(usb))
        r.usb_since = now;
    if (bridge_is_up(usb))
        return true;
    if (r.answered)
        return now - r.answered_at > USB_MS || access(r.emulator->instance.usbip, F_OK);
    return now - r.usb_since > (r.boot0 ? 0 : LOADER_MS);
}

/* One turn of the loop; -1 to go on, else an exit code. */
static int turn(const struct emulator_options *options)
{
    bool holding = !r.terminal && !r.answered; /* a piped script waits for the prompt */
    struct pollfd p[] = {
        {r.emulator->console, POLLIN, 0},
        {r.emulator->messages, POLLIN, 0},
        {r.listener, POLLIN, 0},
        {r.client, 0, 0},
        {r.input && !holding && r.to_camera.n < 4096 ? STDIN_FILENO : -1, POLLIN, 0},
    };
    bool gone = false;

    if (r.to_camera.n)
        p[0].events |= POLLOUT;
    if (r.client >= 0)
        p[3].events = (short)((r.to_camera.n < 4096 ? POLLIN : 0) | (r.to_client.n ? POLLOUT : 0));
    poll(p, sizeof p / sizeof *p, r.ready ? 200 : 20);
    if (session_interrupted())
        return EXIT_CODE_INTERRUPTED;

    /* QEMU hands bytes over one by one; a moment later there are many. */
    if (r.client >= 0 && p[0].revents & POLLIN)
        poll(NULL, 0, 1);
    if (p[1].revents)
        emulator_read_messages(r.emulator);
    emulator_show_messages(r.emulator);
    if ((p[0].revents & (POLLIN | POLLHUP) && !take_console()) || !drain(&r.to_camera, r.emulator->console))
        return emulator_died(r.emulator, options);
    if (p[2].revents)
        take_client();
    if (p[3].revents & (POLLIN | POLLHUP | POLLERR))
        take_bytes_of_client(&gone);
    if (r.client >= 0 && (gone || !drain(&r.to_client, r.client))) {
        int code = drop_client();
        if (code)
            return code;
    }
    if (p[4].revents && !take_input())
        return EXIT_CODE_OK;
    if (!r.options->headless && !r.input && r.answered && !r.to_camera.n && link_now() - r.heard > QUIET_MS)
        return EXIT_CODE_OK;
    probe();
    if (!r.ready && can_be_reached()) {
        r.ready = true;
        if (r.options->ready)
            r.options->ready(r.emulator);
    }
    return -1;
}

int relay_run(struct emulator *emulator, const struct emulator_options *options, const struct relay_options *relay)
{
    int code;

    r.emulator = emulator;
    r.options = relay;
    r.boot0 = options->boot0;
    r.listener = r.client = -1;
    r.started = r.probed = r.heard = r.usb_since = link_now();
    session_catch_signals();
    code = start_listening();
    if (!code) {
        set_raw();
        do
            code = turn(options);
        while (code < 0);
        if (r.raw) {
            tcsetattr(STDIN_FILENO, TCSANOW, &r.saved);
            fputc('\n', stderr);
        }
    }
    if (r.client >= 0)
        close(r.client);
    stop_listening();
    return code;
}
