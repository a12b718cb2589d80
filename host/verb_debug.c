/* SPDX-License-Identifier: MIT */
/* omv debug: gdb on a camera, through the emulator, OpenOCD or a J-Link. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "debug.h"
#include "options.h"
#include "report.h"
#include "session.h"
#include "verbs.h"

enum { EMU = 0x100, OPENOCD, JLINK, SERVER, ATTACH, BATCH, EX, RTT, ELF, SCENE, FAST, DEVICE, INTERFACE, PORT };

struct arguments {
    struct debug_options debug;
    const char *target;
    bool chosen, none;
    bool rtt;
};

static const struct argp_option options[] = {
    {"emu", EMU, NULL, 0, "on an emulated camera, which is started (default, with --attach: on one that runs)", 0},
    {"openocd", OPENOCD, NULL, 0, "through OpenOCD and an ST-Link; with --name: through an emulated camera's debug port", 0},
    {"jlink", JLINK, NULL, 0, "through SEGGER's server and a J-Link", 0},
    {"server", SERVER, "NAME", 0, "the same by name: EMU, OPENOCD, JLINK", 0},
    {"attach", ATTACH, NULL, 0, "to the firmware as it runs; when gdb detaches or quits, it goes on. Default for boards with external flash", 0},
    {"ex", EX, "COMMAND", 0, "a gdb command, once the session is ready; repeat it for more", 1},
    {"batch", BATCH, NULL, 0, "end after these commands", 1},
    {"rtt", RTT, NULL, 0, "no gdb: print what firmware with DEBUG_PRINTF=1 says over RTT, while it runs", 0},
    {"elf", ELF, "FILE", 0, "the program that runs on the camera; default: the build's firmware. bootloader.elf: stops at the reset vector", 1},
    {"name", 'n', "NAME", 0, "name of the emulated camera", 2},
    {"scene", SCENE, "FILE", 0, "what it sees", 2},
    {"fast", FAST, NULL, 0, "its time runs as fast as it can", 2},
    {"device", DEVICE, "NAME", 0, "SEGGER's name of the chip; default: the board's", 3},
    {"interface", INTERFACE, "FILE", 0, "OpenOCD's configuration of the probe; default: interface/stlink.cfg", 3},
    {"port", PORT, "PORT", 0, "TCP port of the server; default: the first free one from 3333 (OpenOCD), 2331 (J-Link)", 3},
    {0},
};

static void choose(struct arguments *a, const char *name, struct argp_state *state)
{
    static const char *const names[] = {[DEBUG_EMU] = "EMU", [DEBUG_OPENOCD] = "OPENOCD", [DEBUG_JLINK] = "JLINK"};
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names && strcasecmp(name, names[i]); i++) {
    }
    a->none = !strcasecmp(name, "NONE");
    if (i == sizeof names / sizeof *names && !a->none)
        argp_error(state, "--server is EMU, OPENOCD, JLINK or NONE, not '%s'", name);
    if (a->chosen && (a->none || a->debug.kind != i))
        argp_error(state, "one server, not several");
    a->chosen = true;
    a->debug.kind = (enum debug_kind)i;
}

static bool is_script(const char *argument)
{
    size_t n = strlen(argument);

    return n > 3 && !strcmp(argument + n - 3, ".py");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    static const struct option_value values[] = {
        {RTT, "rtt", OPTION_FLAG, offsetof(struct arguments, rtt), 0},
        {ATTACH, "attach", OPTION_FLAG, offsetof(struct arguments, debug.attach), 0},
        {BATCH, "batch", OPTION_FLAG, offsetof(struct arguments, debug.batch), 0},
        {ELF, "elf", OPTION_TEXT, offsetof(struct arguments, debug.elf), 0},
        {'n', "name", OPTION_TEXT, offsetof(struct arguments, debug.name), 0},
        {SCENE, "scene", OPTION_TEXT, offsetof(struct arguments, debug.scene), 0},
        {FAST, "fast", OPTION_FLAG, offsetof(struct arguments, debug.fast), 0},
        {DEVICE, "device", OPTION_TEXT, offsetof(struct arguments, debug.device), 0},
        {INTERFACE, "interface", OPTION_TEXT, offsetof(struct arguments, debug.interface), 0},
        {PORT, "port", OPTION_PORT, offsetof(struct arguments, debug.port), 0},
        {0},
    };
    struct arguments *a = state->input;

    switch (key) {
    case EMU:
        choose(a, "EMU", state);
        return 0;
    case OPENOCD:
        choose(a, "OPENOCD", state);
        return 0;
    case JLINK:
        choose(a, "JLINK", state);
        return 0;
    case SERVER:
        choose(a, argument, state);
        return 0;
    case EX:
        if (a->debug.command_count == sizeof a->debug.commands / sizeof *a->debug.commands)
            argp_error(state, "--ex can be given 256 times; put more commands into a file, and --ex 'source FILE'");
        a->debug.commands[a->debug.command_count++] = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (is_script(argument) && !a->debug.script)
            a->debug.script = argument;
        else
            options_take_argument(&a->target, argument, state);
        return 0;
    case ARGP_KEY_END:
        options_need_argument(a->target, OPTIONS_TARGET, state);
        if ((a->debug.script || a->debug.scene || a->debug.fast) && (a->debug.kind != DEBUG_EMU || a->debug.attach))
            argp_error(state, "a script, --scene and --fast belong to an emulated camera that is started here; for one that runs there are "
                              "'omv run' and 'omv scene'");
        if (a->debug.device && a->debug.kind != DEBUG_JLINK)
            argp_error(state, "--device belongs to --jlink");
        if (a->debug.interface && a->debug.kind != DEBUG_OPENOCD)
            argp_error(state, "--interface belongs to --openocd");
        if (a->rtt && (a->debug.kind == DEBUG_JLINK || a->debug.script || a->debug.command_count || a->debug.batch))
            argp_error(state, "--rtt reads what a running camera says, through the emulator or OpenOCD; a J-Link has JLinkRTTClient");
        if (a->debug.port && a->debug.kind == DEBUG_EMU)
            argp_error(state, "--port belongs to --openocd and --jlink; for another gdb there is 'omv emu --gdb PORT'");
        return 0;
    default:
        return options_set(values, a, key, argument, state);
    }
}

/* The board, and what it can be debugged by: 0, or an exit code after an error message. */
static int check(struct arguments *a)
{
    struct debug_options *o = &a->debug;

    int code = board_choose(a->target, &o->board);
    if (code)
        return code;
    if (a->none)
        return fail(EXIT_CODE_USAGE, "Choose DEBUGGER=JLINK, OPENOCD or EMU.", "DEBUGGER=NONE: debugging is switched off");
    if (o->kind == DEBUG_EMU && !o->board->emu_machine)
        return fail(EXIT_CODE_NOT_BUILT, "Use a probe: --jlink or --openocd.", "%s is not emulated yet", o->board->name);
    if (o->kind != DEBUG_EMU && o->board->attach_only && !o->attach) {
        o->attach = true;
        report_progress("omv: the %s boots from external flash, which a debugger does not program: attaching to what runs.", o->board->name);
    }
    const char *file = o->elf ? strrchr(o->elf, '/') : NULL;
    o->boot = o->elf && !strncmp(file ? file + 1 : o->elf, "bootloader", 10);
    if (o->script && access(o->script, R_OK))
        return fail(EXIT_CODE_INPUT, NULL, "script %s cannot be read", o->script);
    return 0;
}

int verb_debug(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "TARGET [SCRIPT.py]",
        "Debugs the firmware of a camera: starts a gdb server and gdb, stopped at main().\v"
        "Ctrl-C in gdb stops the camera. The script runs once the camera is up. 'help omv' in gdb tells what it knows about cameras. "
        "The exit status is gdb's, or a code of 'omv help'.",
        NULL,
        NULL,
        NULL,
    };
    struct arguments a = {.debug.kind = DEBUG_EMU};
    struct debug_server server;
    char elf[PATH_BYTES];

    options_parse(&argp, argc, argv, &a);
    int code = check(&a);
    if (!code && a.rtt) {
        session_catch_signals();
        return debug_rtt(&a.debug);
    }
    if (!code)
        code = debug_find_elf(&a.debug, elf);
    session_catch_signals();
    if (!code)
        code = debug_server_start(&server, &a.debug);
    if (code)
        return code;
    code = debug_run_gdb(&server, elf);
    debug_server_stop(&server);
    return code;
}
