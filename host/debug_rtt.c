/* SPDX-License-Identifier: MIT */
/* omv debug --rtt: what firmware built with DEBUG_PRINTF=1 says while it runs. The emulator reads it from the emulated camera's RAM; OpenOCD,
   through a probe or an emulated camera's debug port, finds the RTT control block and serves what comes by TCP. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "debug.h"
#include "elf.h"
#include "link.h"
#include "openocd.h"
#include "port.h"
#include "report.h"
#include "session.h"

#define START_MS 60000u
#define PORT     9090u
#define SEARCH   1024u /* bytes, from where the ELF file has the block */

static int find_block(const struct debug_options *o, uint32_t *address)
{
    struct elf elf = {.bytes = NULL};
    char path[PATH_BYTES];

    if (o->elf)
        path_format(path, "%s", o->elf);
    else
        path_format(path, "%s/build/%s/bin/firmware.elf", path_top(), o->board->target);
    int code = elf_open(&elf, path);
    if (!code && !elf_symbol(&elf, "_SEGGER_RTT", address))
        code = fail(EXIT_CODE_INPUT, "Build with DEBUG_PRINTF=1, flash that, and give its firmware.elf: --elf FILE.", "%s: no RTT in this firmware",
                    path);
    elf_close(&elf);
    return code;
}

/* Starts OpenOCD and waits until its RTT server listens. */
static int start(struct debug_server *server, uint32_t block, unsigned port)
{
    const struct debug_options *o = server->options;
    struct command command = {.count = 0};
    uint32_t end = link_now() + START_MS;
    char folder[PATH_BYTES], why[512];
    int status = 0, code = openocd_command(&command, o->board, o->interface, server->camera.emulated ? &server->camera.instance : NULL);

    if (code)
        return code;
    command_add(&command, "-c");
    command_add(&command, "init; rtt setup 0x%08x %u {SEGGER RTT}; rtt polling_interval 20; rtt start; rtt server start %u 0", (unsigned)block,
                SEARCH, port);
    path_format(folder, "%s/debug", path_build());
    int error = path_make_folder(folder);
    path_format(server->log, "%s/%s-rtt.log", folder, o->board->target);
    if (!error)
        error = child_start(&command, server->log, &server->pid);
    if (error)
        return fail(EXIT_CODE_SYSTEM, NULL, "OpenOCD cannot be started: %s", strerror(error));
    while (port_is_free(port)) {
        if (child_ended(&server->pid, &status)) {
            openocd_complaint(server->log, why, sizeof why);
            return fail(EXIT_CODE_NO_CAMERA, "Is the probe plugged in, and the camera powered? For an emulated one: --name NAME.",
                        "OpenOCD has ended with status %d: %s (its log: %s)", status, why[0] ? why : "it does not say why", server->log);
        }
        if (session_interrupted())
            return EXIT_CODE_INTERRUPTED;
        if ((int32_t)(end - link_now()) <= 0)
            return fail(EXIT_CODE_TIMEOUT, NULL, "OpenOCD does not answer within %u s (its log: %s)", START_MS / 1000, server->log);
        usleep(20000);
    }
    return 0;
}

/* Prints what comes until Ctrl-C, or until who reads it from the camera ends. */
static int show(struct debug_server *server, unsigned port)
{
    bool direct = !server->pid;
    struct link link;
    char text[4096];
    int n = 0, error = direct ? link_open_socket(&link, server->camera.instance.rtt) : link_open_port(&link, port);

    if (error)
        return fail(EXIT_CODE_LOST, NULL, "%s's RTT cannot be reached: %s", direct ? server->camera.instance.name : "OpenOCD", strerror(error));
    report_progress("omv: RTT of the %s; Ctrl-C ends it, the camera goes on", server->options->board->name);
    while (!session_interrupted() && (n = link_receive(&link, text, sizeof text, 200)) >= 0) {
        fwrite(text, 1, (size_t)n, stdout);
        fflush(stdout);
    }
    link_close(&link);
    if (n >= 0)
        return EXIT_CODE_OK;
    return direct ? fail(EXIT_CODE_LOST, NULL, "the emulated camera %s has ended", server->camera.instance.name)
                  : fail(EXIT_CODE_LOST, NULL, "OpenOCD has ended (its log: %s)", server->log);
}

int debug_rtt(const struct debug_options *options)
{
    struct debug_server server = {.options = options};
    unsigned port = options->port ? options->port : port_next_free(PORT);
    uint32_t block = 0;

    int code = find_block(options, &block);
    if (!code && (options->kind == DEBUG_EMU || options->name))
        code = debug_find_running(&server);
    if (!code && options->kind != DEBUG_EMU)
        code = start(&server, block, port);
    if (!code)
        code = show(&server, port);
    debug_server_stop(&server);
    return code;
}
