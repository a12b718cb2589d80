/* SPDX-License-Identifier: MIT */
/* Starts `omv emu` as a child, in this same program, and reads its "ready". */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"
#include "report.h"
#include "session.h"
#include "verbs.h"

#define READY_MS 60000u

static void become(const struct local_options *options, const char *name, int out, pid_t parent)
{
    char *arguments[16] = {"omv emu", (char *)options->target, "--headless", "--json", "--name", (char *)name};
    int n = 6;

    /* SIGTERM, so that it cleans up after itself when we are killed. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    setpgid(0, 0);
    signal(SIGPIPE, SIG_IGN); /* nobody reads after "ready" */
    dup2(out, STDOUT_FILENO);
    if (!options->boot)
        arguments[n++] = "--no-boot";
    if (options->fast)
        arguments[n++] = "--fast";
    if (options->halt)
        arguments[n++] = "--halt";
    if (!options->lasting)
        arguments[n++] = "--temporary";
    if (options->scene) {
        arguments[n++] = "--scene";
        arguments[n++] = (char *)options->scene;
    }
    exit(verb_emu(n, arguments));
}

int local_event(struct local *local, json_t **event)
{
    for (;;) {
        char *newline = memchr(local->text, '\n', local->used);

        if (newline) {
            *event = json_loadb(local->text, (size_t)(newline - local->text), 0, NULL);
            local->used -= (size_t)(newline + 1 - local->text);
            memmove(local->text, newline + 1, local->used);
            if (*event)
                return 1;
            continue;
        }
        if (local->used == sizeof local->text)
            local->used = 0;
        ssize_t n = read(local->events, local->text + local->used, sizeof local->text - local->used);
        if (n <= 0)
            return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
        local->used += (size_t)n;
    }
}

bool local_is_ready(const json_t *event, struct camera *camera)
{
    const char *name = "", *console, *tty, *kind;

    if (json_unpack((json_t *)event, "{s:s, s:s, s:s, s:s}", "event", &kind, "console", &console, "tty", &tty, "name", &name) ||
        strcmp(kind, "ready"))
        return false;
    snprintf(camera->instance.name, sizeof camera->instance.name, "%s", name);
    path_format(camera->instance.console, "%s", console);
    path_format(camera->instance.tty, "%s", tty);
    return true;
}

int local_fail(const json_t *event)
{
    const char *message = NULL, *next = NULL;
    int exit_code = EXIT_CODE_EMULATOR;

    if (json_unpack((json_t *)event, "{s:s, s:i, s?s}", "message", &message, "exit", &exit_code, "next", &next))
        return 0;
    return fail((enum exit_code)exit_code, next, "%s", message);
}

/* 0 when it is ready, 1 when time or it is over, and perhaps a code after an error message. */
static int wait_ready(struct local *local, struct camera *camera, int *code)
{
    uint32_t end = link_now() + READY_MS;

    for (;;) {
        struct pollfd p = {local->events, POLLIN, 0};
        int32_t left = (int32_t)(end - link_now());
        json_t *event;
        int n;

        if (left <= 0) {
            *code = fail(EXIT_CODE_TIMEOUT, "Look at its console: omv emu.", "the emulated camera does not become ready");
            return 1;
        }
        if (session_interrupted()) {
            *code = fail(EXIT_CODE_INTERRUPTED, NULL, "interrupted before the emulated camera was ready");
            return 1;
        }
        if (poll(&p, 1, left) <= 0)
            continue;
        while ((n = local_event(local, &event)) == 1) {
            bool ready = local_is_ready(event, camera);
            int failed = local_fail(event);
            json_decref(event);
            if (ready)
                return 0;
            if (failed)
                *code = failed;
        }
        if (n < 0)
            return 1;
    }
}

int local_spawn(struct local *local, const struct local_options *options, struct camera *camera)
{
    char name[64];
    int pipes[2];
    pid_t parent = getpid();

    local->pid = 0;
    local->events = 0;
    local->used = 0;
    if (pipe2(pipes, O_CLOEXEC))
        return fail(EXIT_CODE_SYSTEM, NULL, "no more files can be opened: %s", strerror(errno));
    if (options->name)
        snprintf(name, sizeof name, "%s", options->name);
    else
        snprintf(name, sizeof name, "%.40s-%d", options->target, (int)parent);
    fflush(stdout);
    local->pid = fork();
    if (local->pid == 0)
        become(options, name, pipes[1], parent);
    close(pipes[1]);
    if (local->pid < 0) {
        close(pipes[0]);
        local->pid = 0;
        return fail(EXIT_CODE_SYSTEM, NULL, "no more processes can be started: %s", strerror(errno));
    }
    local->events = pipes[0];
    fcntl(local->events, F_SETFL, O_NONBLOCK);
    *camera = (struct camera){.emulated = true, .board = board_find(options->target)};
    snprintf(camera->instance.name, sizeof camera->instance.name, "%s", name);
    return 0;
}

int local_start(struct local *local, const struct local_options *options, struct camera *camera)
{
    int code = local_spawn(local, options, camera);

    if (code)
        return code;
    int failed = wait_ready(local, camera, &code);
    close(local->events); /* it may say what it likes now */
    local->events = 0;
    if (!failed)
        return 0;
    local_stop(local);
    return code ? code : fail(EXIT_CODE_EMULATOR, "Look at its console: omv emu.", "the emulated camera did not start");
}

void local_stop(struct local *local)
{
    if (local->pid > 0) {
        kill(local->pid, SIGTERM);
        while (waitpid(local->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    local->pid = 0;
    if (local->events > 0)
        close(local->events);
    local->events = 0;
}

enum { EMU = 0x100, SCENE, FAST };

static const struct argp_option argp_options[] = {
    {"emu", EMU, "TARGET", 0, "start an emulated camera for it, and end it afterwards", 10},
    {"scene", SCENE, "FILE", 0, "what that camera sees", 10},
    {"fast", FAST, NULL, 0, "its time runs as fast as it can", 10},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    static const struct option_value values[] = {
        {EMU, "emu", OPTION_TEXT, offsetof(struct local_options, target), 0},
        {SCENE, "scene", OPTION_TEXT, offsetof(struct local_options, scene), 0},
        {FAST, "fast", OPTION_FLAG, offsetof(struct local_options, fast), 0},
        {0},
    };

    return options_set(values, state->input, key, argument, state);
}
const struct argp local_argp = {.options = argp_options, .parser = parse};

void local_check_options(const struct local_options *local, const struct camera_options *camera, struct argp_state *state)
{
    if (local->target && (camera->port || camera->name))
        argp_error(state, "--emu starts a camera of its own; --port and --name mean another one");
    if ((local->scene || local->fast) && !local->target)
        argp_error(state, "--scene and --fast belong to --emu TARGET; for a running camera there is 'omv scene FILE'");
}
