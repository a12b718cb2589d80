/* SPDX-License-Identifier: MIT */
/* gdb with the firmware: its command line, and everything that happens while it runs. */
#include "debug.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "child.h"
#include "report.h"
#include "session.h"
#include "verbs.h"

#define LARGEST_ELF (256u << 20)
#define LAST_MS     3000u

int debug_find_elf(const struct debug_options *o, char path[PATH_BYTES])
{
    char step[160];
    size_t n;

    if (o->elf)
        path_format(path, "%s", o->elf);
    else
        path_format(path, "%s/%s/bin/%s", path_build(), o->board->target, o->board->elf);
    char *bytes = path_read_file(path, LARGEST_ELF, &n);
    snprintf(step, sizeof step, "Build it: make TARGET=%s DEBUG=1", o->board->target);
    if (!bytes)
        return fail(EXIT_CODE_NOT_BUILT, step, "%s: %s", path, strerror(errno));
    bool elf = n > 4 && !memcmp(bytes, "\177ELF", 4);
    /* gcc writes its options into the debugging information. */
    bool debug = memmem(bytes, n, " -Og", 4) != NULL;
    free(bytes);
    if (!elf)
        return fail(EXIT_CODE_INPUT, step, "%s is not an ELF file", path);
    if (!debug)
        report_progress("omv: warning: %s is an optimised build (DEBUG=0): many variables will be <optimized out>, and stepping jumps.\n"
                        "     %s",
                        path, step);
    return 0;
}

static void add(struct command *command, const char *text)
{
    command_add(command, "-ex");
    command_add(command, "%s", text);
}

/* Code in flash needs hardware breakpoints; of a probe's server gdb learns by itself where the flash is. */
static void add_flash(struct command *command, const struct board *board)
{
    uint32_t from = UINT32_MAX, to = 0;

    for (size_t i = 0; i < board->partition_count; i++) {
        const struct board_partition *p = &board->partitions[i];
        from = p->base < from ? p->base : from;
        to = p->base + p->size > to ? p->base + p->size : to;
    }
    command_add(command, "-ex");
    command_add(command, "mem 0x%08X 0x%08X ro", (unsigned)from, (unsigned)to);
    add(command, "set mem inaccessible-by-default off");
}

static void compose(struct command *command, const struct debug_server *server, const char *elf)
{
    static const char *const load[] = {"monitor reset halt", "load", "monitor reset halt"};
    static const char *const load_jlink[] = {"monitor reset", "load", "monitor reset"};
    const struct debug_options *o = server->options;

    command_add(command, "%s/gcc/bin/arm-none-eabi-gdb", path_sdk());
    command_add(command, "-q");
    if (o->batch)
        command_add(command, "-batch");
    command_add(command, "-d");
    command_add(command, "%s", path_top());
    command_add(command, "%s", elf);
    command_add(command, "-ex");
    command_add(command, "source %s/tools/gdb/omv.py", path_top());
    if (o->kind == DEBUG_EMU)
        add_flash(command, o->board);
    command_add(command, "-ex");
    command_add(command, "target %s %s", o->kind == DEBUG_EMU ? "remote" : "extended-remote", server->target);
    if (!o->attach) {
        for (size_t i = 0; o->kind != DEBUG_EMU && i < sizeof load / sizeof *load; i++)
            add(command, o->kind == DEBUG_JLINK ? load_jlink[i] : load[i]);
        if (!o->boot) {
            add(command, "tbreak main");
            add(command, "continue");
        }
    }
    for (size_t i = 0; i < o->command_count; i++)
        add(command, o->commands[i]);
}

/* The script on the camera, by `omv run` in a process of its own; while the camera stands still, it waits. */
static int run_script(const struct debug_server *server, pid_t *pid)
{
    const char *name = server->camera.instance.name;
    pid_t parent = getpid();

    *pid = fork();
    if (*pid == 0) {
        char *words[] = {"omv run", "--patient", "--name", (char *)name, (char *)server->options->script, NULL};
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(127);
        setpgid(0, 0);
        exit(verb_run(5, words));
    }
    if (*pid > 0)
        return 0;
    *pid = 0;
    return fail(EXIT_CODE_SYSTEM, NULL, "no more processes can be started: %s", strerror(errno));
}

/* Shows an event, and lets go of it. */
static void tell(json_t *event)
{
    const char *says = NULL;

    json_unpack(event, "{s:s}", "says", &says);
    if (says)
        report_progress("emulator: %s", says);
    local_fail(event);
    json_decref(event);
}

/* What the emulated camera tells meanwhile. */
static int take_events(struct debug_server *server, pid_t *script, bool *asked)
{
    json_t *event;
    int code = 0;

    while (server->local.events > 0 && local_event(&server->local, &event) == 1) {
        if (server->options->script && !*asked && local_is_ready(event, &server->camera)) {
            *asked = true;
            code = run_script(server, script);
        }
        tell(event);
    }
    return code;
}

/* Ends the camera; what it had to say about gdb's last commands still comes. */
static void last_words(struct debug_server *server)
{
    uint32_t end = link_now() + LAST_MS;
    struct pollfd p = {server->local.events, POLLIN, 0};
    json_t *event;
    int n = 0;

    if (server->local.pid <= 0)
        return;
    kill(server->local.pid, SIGTERM);
    while (n >= 0 && (int32_t)(end - link_now()) > 0 && poll(&p, 1, 100) >= 0)
        while ((n = local_event(&server->local, &event)) == 1)
            tell(event);
}

int debug_run_gdb(struct debug_server *server, const char *elf)
{
    struct command command = {.count = 0};
    pid_t gdb, script = 0;
    int status = 0, ignored, told = 0;
    bool asked = false;

    compose(&command, server, elf);
    if (access(command.word[0], X_OK))
        return fail(EXIT_CODE_NOT_BUILT, "Run 'make sdk' to install it.", "gdb is not in the SDK (%s)", command.word[0]);
    int error = child_start(&command, NULL, &gdb);
    if (error)
        return fail(EXIT_CODE_SYSTEM, NULL, "gdb cannot be started: %s", strerror(error));
    while (!child_ended(&gdb, &status)) {
        struct pollfd p = {server->local.events > 0 ? server->local.events : -1, POLLIN, 0};
        poll(&p, 1, 50);
        if (p.revents & (POLLHUP | POLLERR) && !(p.revents & POLLIN))
            usleep(50000); /* the camera has gone; gdb will notice */
        if (take_events(server, &script, &asked))
            told = SIGTERM;
        if (script > 0)
            child_ended(&script, &ignored);
        /* Ctrl-C is gdb's: it interrupts the camera. Only what wants to end us ends gdb. */
        int signal = session_interrupted();
        if (signal && signal != SIGINT && signal != told)
            kill(gdb, told = signal);
    }
    if (script > 0)
        kill(script, SIGKILL); /* nobody waits for its last words */
    child_stop(&script);
    last_words(server);
    return status;
}
