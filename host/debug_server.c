/* SPDX-License-Identifier: MIT */
/* The gdb server of a session: the emulator's own, OpenOCD, or SEGGER's. */
#include "debug.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openocd.h"
#include "port.h"
#include "qmp.h"
#include "report.h"
#include "session.h"

#define START_MS     60000u
#define OPENOCD_PORT 3333u
#define JLINK_PORT   2331u

/* ---- The emulator ---- */

/* The gdb server of a camera is its socket, or the TCP port that the file in its place names. */
static int emulator_target(const struct instance *instance, char target[PATH_BYTES])
{
    struct stat status;

    if (stat(instance->gdb, &status) == 0 && S_ISSOCK(status.st_mode)) {
        path_format(target, "%s", instance->gdb);
        return 0;
    }
    char *where = path_read_file(instance->gdb, 64, NULL);
    if (!where)
        return fail(EXIT_CODE_EMULATOR, "Start it again: omv emu.", "the emulated camera %s has no gdb server", instance->name);
    where[strcspn(where, "\n")] = 0;
    path_format(target, "%s", where);
    free(where);
    return 0;
}

/* An emulated camera that runs already: 0, or an exit code after an error message. */
int debug_find_running(struct debug_server *server)
{
    const struct debug_options *o = server->options;

    server->camera = (struct camera){.emulated = true, .board = o->board};
    return camera_find_emulated(o->board, o->name, &server->camera.instance);
}

/* QEMU answers its monitor only when everything is up, its gdb server too. */
static int wait_emulator(struct debug_server *server)
{
    uint32_t end = link_now() + START_MS;
    char why[512];
    int code = 0;

    for (;;) {
        struct instance list[64];
        size_t n = instance_list(list, sizeof list / sizeof *list);
        json_t *event;
        int got;

        while ((got = local_event(&server->local, &event)) == 1) {
            int failed = local_fail(event);
            code = failed ? failed : code;
            json_decref(event);
        }
        if (got < 0)
            return code ? code : fail(EXIT_CODE_EMULATOR, "Look at its console: omv emu.", "the emulated camera did not start");
        for (size_t i = 0; i < n; i++)
            if (list[i].pid == server->local.pid && !access(list[i].qmp, F_OK)) {
                server->camera.instance = list[i];
                if (qmp_command(list[i].qmp, "query-status", NULL, why, sizeof why) == 0)
                    return 0;
            }
        if ((int32_t)(end - link_now()) <= 0)
            return fail(EXIT_CODE_TIMEOUT, "Look at its console: omv emu.", "the emulated camera does not start within %u s",
                        START_MS / 1000);
        int signal = session_interrupted();
        if (signal)
            return EXIT_CODE_INTERRUPTED;
        usleep(20000);
    }
}

/* QEMU's gdb server talks to one gdb; a second would read the answers that are meant for the first. */
static int check_alone(const struct instance *instance)
{
    if (!qmp_has_gdb(instance->qmp))
        return 0;
    return fail(EXIT_CODE_BUSY, "End that one, or wait for it.", "another gdb is connected to %s", instance->name);
}

static int start_emulator(struct debug_server *server)
{
    const struct debug_options *o = server->options;
    const struct local_options local = {
        .target = o->board->target,
        .name = o->name ? o->name : o->script ? NULL : o->board->target,
        .scene = o->scene,
        .fast = o->fast,
        .boot = o->boot,
        .halt = true,
        .lasting = !o->script,
    };
    int code = o->attach ? debug_find_running(server) : local_spawn(&server->local, &local, &server->camera);

    if (!code)
        code = o->attach ? check_alone(&server->camera.instance) : wait_emulator(server);
    return code ? code : emulator_target(&server->camera.instance, server->target);
}

/* ---- Servers for a probe ---- */

/* Waits until somebody listens at the port; a connection would already count as a session. */
static int wait_server(struct debug_server *server, unsigned port, const char *name, const char *step)
{
    uint32_t end = link_now() + START_MS;
    char why[512];
    int status = 0;

    while (port_is_free(port)) {
        if (child_ended(&server->pid, &status)) {
            openocd_complaint(server->log, why, sizeof why);
            return fail(EXIT_CODE_NO_CAMERA, step, "%s has ended with status %d: %s (its log: %s)", name, status,
                        why[0] ? why : "it does not say why", server->log);
        }
        if (session_interrupted())
            return EXIT_CODE_INTERRUPTED;
        if ((int32_t)(end - link_now()) <= 0)
            return fail(EXIT_CODE_TIMEOUT, step, "%s does not answer at port %u within %u s (its log: %s)", name, port, START_MS / 1000,
                        server->log);
        usleep(20000);
    }
    return 0;
}

static int choose_port(const struct debug_options *o, unsigned first, unsigned *port)
{
    *port = o->port ? o->port : port_next_free(first);
    if (!o->port && *port != first)
        report_progress("omv: port %u is in use; the server takes %u", first, *port);
    if (*port && port_is_free(*port))
        return 0;
    return fail(EXIT_CODE_BUSY, "Leave --port out, and a free one is found.", "port %u is in use by another program", *port);
}

static int launch(struct debug_server *server, const struct command *command, unsigned port, const char *name, const char *step)
{
    char folder[PATH_BYTES];

    path_format(folder, "%s/debug", path_build());
    int error = path_make_folder(folder);
    path_format(server->log, "%s/%s.log", folder, server->options->board->target);
    if (!error)
        error = child_start(command, server->log, &server->pid);
    if (error)
        return fail(EXIT_CODE_SYSTEM, NULL, "%s cannot be started: %s", name, strerror(error));
    path_format(server->target, "localhost:%u", port);
    return wait_server(server, port, name, step);
}

static int start_openocd(struct debug_server *server)
{
    const struct debug_options *o = server->options;
    struct command command = {.count = 0};
    unsigned port;
    int code = o->name ? debug_find_running(server) : 0;

    if (!code)
        code = choose_port(o, OPENOCD_PORT, &port);
    if (!code)
        code = openocd_command(&command, o->board, o->interface, o->name ? &server->camera.instance : NULL);
    if (code)
        return code;
    command_add(&command, "-c");
    command_add(&command, "gdb_port %u", port);
    if (o->attach) {
        command_add(&command, "-c");
        command_add(&command, "[target current] configure -event gdb-detach { resume }");
    }
    return launch(server, &command, port, "OpenOCD", "Is the probe plugged in, and the camera powered? Without one: DEBUGGER=EMU.");
}

static int start_jlink(struct debug_server *server)
{
    static const char *const names[] = {"JLinkGDBServerCLExe", "JLinkGDBServerCL", "JLinkGDBServer", NULL};
    static const char *const folders[] = {"/opt/SEGGER/JLink", "/Applications/SEGGER/JLink", NULL};
    const struct debug_options *o = server->options;
    const char *device = o->device ? o->device : o->board->jlink;
    struct command command = {.count = 0};
    char program[PATH_BYTES], step[200];
    unsigned port;

    if (!device)
        return fail(EXIT_CODE_USAGE, "Give SEGGER's name of its chip: --device NAME. Or use OpenOCD or the emulator.",
                    "there is no J-Link device name for the %s", o->board->name);
    if (!child_find(names, folders, program, sizeof program))
        return fail(EXIT_CODE_NOT_BUILT,
                    "Install SEGGER's 'J-Link Software and Documentation Pack' (segger.com/downloads/jlink), or use DEBUGGER=OPENOCD with an "
                    "ST-Link, or DEBUGGER=EMU with no probe at all.",
                    "JLinkGDBServer is not installed (looked on PATH and in /opt/SEGGER/JLink)");
    int code = choose_port(o, JLINK_PORT, &port);
    if (code)
        return code;
    command_add(&command, "%s", program);
    static const char *const words[] = {"-select", "USB", "-endian", "little", "-if", "SWD", "-speed", "4000", "-nogui", "-singlerun", "-device"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        command_add(&command, "%s", words[i]);
    command_add(&command, "%s", device);
    command_add(&command, "-port");
    command_add(&command, "%u", port);
    if (o->attach)
        command_add(&command, "-nohalt");
    snprintf(step, sizeof step, "Is the J-Link plugged in, the camera powered, and %s a device its software knows (it must be recent)?", device);
    return launch(server, &command, port, "JLinkGDBServer", step);
}

/* ---- All ---- */

int debug_server_start(struct debug_server *server, const struct debug_options *options)
{
    static int (*const start[])(struct debug_server *) = {
        [DEBUG_EMU] = start_emulator, [DEBUG_OPENOCD] = start_openocd, [DEBUG_JLINK] = start_jlink};

    *server = (struct debug_server){.options = options};
    int code = start[options->kind](server);
    if (code)
        debug_server_stop(server);
    return code;
}

void debug_server_stop(struct debug_server *server)
{
    child_stop(&server->pid);
    local_stop(&server->local);
}
