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

#include "report.h"
#include "session.h"
#include "verbs.h"

#define READY_MS 60000u

static void become(const char *target, const char *name, const char *scene, bool fast, int out, pid_t parent)
{
    char *arguments[12] = {"omv emu", (char *)target, "--headless", "--json", "--temporary", "--name", (char *)name};
    int n = 7;

    /* SIGTERM, so that it cleans up after itself when we are killed. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    setpgid(0, 0);
    signal(SIGPIPE, SIG_IGN); /* nobody reads after "ready" */
    dup2(out, STDOUT_FILENO);
    if (fast)
        arguments[n++] = "--fast";
    if (scene) {
        arguments[n++] = "--scene";
        arguments[n++] = (char *)scene;
    }
    exit(verb_emu(n, arguments));
}

/* Waits for the "ready" event; other lines are errors, told as our own. 0 when it is ready, 1 when time or it is over. */
static int wait_ready(int fd, struct camera *camera, int *code)
{
    char text[8192];
    size_t used = 0;
    uint32_t end = link_now() + READY_MS;

    for (;;) {
        struct pollfd p = {fd, POLLIN, 0};
        int32_t left = (int32_t)(end - link_now());
        if (left <= 0) {
            *code = fail(EXIT_CODE_TIMEOUT, "Look at its console: omv emu.", "the emulated camera does not become ready");
            return 1;
        }
        if (session_interrupted()) {
            *code = EXIT_CODE_INTERRUPTED;
            return 1;
        }
        if (poll(&p, 1, left) <= 0)
            continue;
        ssize_t n = read(fd, text + used, sizeof text - used);
        if (n <= 0)
            return 1;
        used += (size_t)n;
        for (char *newline; (newline = memchr(text, '\n', used));) {
            json_t *line = json_loadb(text, (size_t)(newline - text), 0, NULL);
            const char *event = "", *console, *message = NULL, *next = NULL, *name;
            int exit_code = EXIT_CODE_EMULATOR;

            used -= (size_t)(newline + 1 - text);
            json_unpack(line, "{s:s}", "event", &event);
            if (!strcmp(event, "ready") && !json_unpack(line, "{s:s, s:s}", "console", &console, "name", &name)) {
                snprintf(camera->instance.name, sizeof camera->instance.name, "%s", name);
                path_format(camera->instance.console, "%s", console);
                json_decref(line);
                return 0;
            }
            json_unpack(line, "{s:s, s:i, s?s}", "message", &message, "exit", &exit_code, "next", &next);
            if (message)
                *code = fail((enum exit_code)exit_code, next, "%s", message);
            json_decref(line);
            memmove(text, newline + 1, used);
        }
        if (used == sizeof text)
            used = 0;
    }
}

int local_start(struct local *local, const char *target, const char *scene, bool fast, struct camera *camera)
{
    char name[64];
    int pipes[2], code = 0;
    pid_t parent = getpid();

    local->pid = 0;
    if (pipe2(pipes, O_CLOEXEC))
        return fail(EXIT_CODE_SYSTEM, NULL, "no more files can be opened: %s", strerror(errno));
    snprintf(name, sizeof name, "%.40s-%d", target, (int)parent);
    fflush(stdout);
    local->pid = fork();
    if (local->pid == 0)
        become(target, name, scene, fast, pipes[1], parent);
    close(pipes[1]);
    if (local->pid < 0) {
        close(pipes[0]);
        local->pid = 0;
        return fail(EXIT_CODE_SYSTEM, NULL, "no more processes can be started: %s", strerror(errno));
    }
    *camera = (struct camera){.emulated = true, .board = board_find(target)};
    int failed = wait_ready(pipes[0], camera, &code);
    close(pipes[0]);
    if (failed) {
        local_stop(local);
        return code ? code : fail(EXIT_CODE_EMULATOR, "Look at its console: omv emu.", "the emulated camera did not start");
    }
    return 0;
}

void local_stop(struct local *local)
{
    if (local->pid > 0) {
        kill(local->pid, SIGTERM);
        while (waitpid(local->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    local->pid = 0;
}
