/* SPDX-License-Identifier: MIT */
/* omv shell: the camera's REPL in the terminal. */
#include <argp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "camera.h"
#include "plain.h"
#include "options.h"
#include "report.h"
#include "session.h"
#include "verbs.h"

#define LEAVE     0x1D   /* Ctrl-] */
#define PROMPT_MS 15000u /* the camera may be in the protocol for 3 s after another omv */
#define NUDGE_MS  500u
#define QUIET_MS  2000u  /* after the end of the input: the last answer has come */
#define ENOUGH_MS 10000u /* a camera that prints without end is left then */

static struct plain plain;

/* What the camera says, in the terminal: how much text it was, -1 when the terminal has gone. */
static int show(const char *bytes, int n)
{
    uint8_t text[512 + PACKET_HEADER];
    size_t used = plain_filter(&plain, (const uint8_t *)bytes, (size_t)n, text);

    return used && write(STDOUT_FILENO, text, used) < 0 ? -1 : (int)used;
}

static int lost(const char *text)
{
    return fail(EXIT_CODE_LOST, "'omv list' shows the cameras there are.", "%s: the connection has been closed", text);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->input;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is one argument too many", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Presses Enter until the camera says something: it shows the prompt, or a running script prints. */
static int wake(struct link *link, const char *text)
{
    uint32_t end = link_now() + PROMPT_MS, next = link_now();
    char bytes[512];

    while ((int32_t)(end - link_now()) > 0 && !session_interrupted()) {
        if ((int32_t)(link_now() - next) >= 0) {
            if (link_send(link, "\r", 1, NUDGE_MS))
                return lost(text);
            next = link_now() + NUDGE_MS;
        }
        int n = link_receive(link, bytes, sizeof bytes, NUDGE_MS);
        if (n < 0)
            return lost(text);
        int shown = n ? show(bytes, n) : 0;
        if (shown)
            return shown < 0 ? EXIT_CODE_OUTPUT : 0;
    }
    report_progress("omv: the camera is silent: a script may be running. Ctrl-C stops it.\r");
    return 0;
}

static int talk(struct link *link, const char *text, bool terminal)
{
    struct pollfd p[2] = {{link->fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    uint32_t heard = link_now(), ended = 0;

    for (;;) {
        char bytes[512];

        if (poll(p, 2, 200) < 0 && session_interrupted())
            return EXIT_CODE_INTERRUPTED;
        if (p[0].revents) {
            int n = link_receive(link, bytes, sizeof bytes, 0);
            if (n < 0)
                return lost(text);
            if (show(bytes, n) < 0)
                return EXIT_CODE_OUTPUT;
            heard = link_now();
        }
        if (p[1].revents) {
            ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
            if (n <= 0) {
                p[1].fd = -1;
                ended = link_now();
            }
            for (ssize_t i = 0; !terminal && i < n; i++)
                if (bytes[i] == '\n')
                    bytes[i] = '\r';
            if (n > 0 && terminal && memchr(bytes, LEAVE, (size_t)n))
                return EXIT_CODE_OK;
            if (n > 0 && link_send(link, bytes, (size_t)n, 5000))
                return fail(EXIT_CODE_LOST, "'omv list' shows the cameras there are.", "%s: the camera does not take what is typed", text);
            heard = link_now();
        }
        p[1].revents = 0;
        if (p[1].fd < 0 && (link_now() - heard > QUIET_MS || link_now() - ended > ENOUGH_MS))
            return EXIT_CODE_OK;
    }
}

int verb_shell(int argc, char **argv)
{
    static const struct argp_child children[] = {{&camera_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        NULL,     parse, "",   "The camera's REPL in the terminal. Ctrl-] leaves; Ctrl-C, Ctrl-D and the others go to the camera.",
        children, NULL,  NULL,
    };
    struct camera_options options = {0};
    struct camera camera;
    struct link link = {.fd = -1};
    struct termios saved, raw;
    char text[PATH_BYTES + 200];

    options_parse(&argp, argc, argv, &options);
    int code = camera_choose(&options, &camera);
    if (!code)
        code = camera_open(&camera, &options, false, &link);
    if (code)
        return code;
    camera_describe(&camera, text, sizeof text);
    session_catch_signals();
    bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &saved) == 0;
    if (terminal) {
        report_progress("%s. Ctrl-] leaves.", text);
        raw = saved;
        cfmakeraw(&raw);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    code = wake(&link, text);
    if (!code)
        code = talk(&link, text, terminal);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSANOW, &saved);
        fputc('\n', stderr);
    }
    link_close(&link);
    return code;
}
