/* SPDX-License-Identifier: MIT */
/* omv emu: an emulated camera, its console in the terminal. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "link.h"
#include "options.h"
#include "port.h"
#include "relay.h"
#include "report.h"
#include "verbs.h"

#define GDB_MS 10000u

struct arguments {
    struct emulator_options emulator;
    struct relay_options relay;
};

enum { SCENE = 0x100, HEADLESS, STRICT, FAST, GDB, HALT, FLASH, FRESH, NO_BOOT, BOOT0, USBIP, TEMPORARY, JSON, IMAGE, CRYSTAL };

static const struct argp_option options[] = {
    {"scene", SCENE, "FILE", 0, "what the camera sees: a picture (PNG, JPEG, PPM) or a folder of pictures", 0},
    {"headless", HEADLESS, NULL, 0, "no console here; print 'ready' when the camera can be reached", 0},
    {"name", 'n', "NAME", 0, "name for --name of other verbs, with a flash of its own; default: TARGET", 0},
    {"strict", STRICT, NULL, 0, "stop at what real hardware would not forgive", 0},
    {"fast", FAST, NULL, 0, "do not wait when the camera waits: time runs as fast as it can", 0},
    {"gdb", GDB, "PORT", 0, "listen for gdb on this TCP port", 0},
    {"halt", HALT, NULL, 0, "wait for gdb before the first instruction", 0},
    {"flash", FLASH, "FILE", 0, "an image of the whole flash, used and written as it is, instead of the build", 0},
    {"image", IMAGE, "FILE[@ADDRESS]", 0,
     "run another program instead of the build: Intel HEX, ELF, DfuSe, or bytes for ADDRESS (default: the start of the flash). May be "
     "given several times: a bootloader and what it starts",
     0},
    {"crystal", CRYSTAL, "MHZ", 0, "the board has another crystal than the camera's: for programs of other boards with the same chip", 0},
    {"fresh", FRESH, NULL, 0, "erase the flash first, the camera's files too", 0},
    {"no-boot", NO_BOOT, NULL, 0, "start the firmware at once, at every reset: without the bootloader, which waits for a host first", 0},
    {"boot0", BOOT0, NULL, 0, "start the chip's own bootloader, as the BOOT jumper does", 0},
    {"usbip", USBIP, "PORT", 0, "export its USB at this TCP port; default: 3240 or the next free one; 'none'", 0},
    {"temporary", TEMPORARY, NULL, OPTION_HIDDEN, NULL, 0},
    {"json", JSON, NULL, 0, "print one JSON event per line", 0},
    {0},
};

/* What the chip takes: RM0433 section 8.5.2. */
static unsigned crystal_hz(const char *text, struct argp_state *state)
{
    char *end;
    double mhz = strtod(text, &end);

    if (end == text || *end || !(mhz >= 4 && mhz <= 48))
        argp_error(state, "--crystal takes a number of MHz from 4 to 48, not '%s'", text);
    return (unsigned)(mhz * 1e6 + 0.5);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    static const struct option_value values[] = {
        {SCENE, "scene", OPTION_TEXT, offsetof(struct arguments, emulator.scene), 0},
        {HEADLESS, "headless", OPTION_FLAG, offsetof(struct arguments, relay.headless), 0},
        {'n', "name", OPTION_TEXT, offsetof(struct arguments, emulator.name), 0},
        {STRICT, "strict", OPTION_FLAG, offsetof(struct arguments, emulator.strict), 0},
        {FAST, "fast", OPTION_FLAG, offsetof(struct arguments, emulator.fast), 0},
        {HALT, "halt", OPTION_FLAG, offsetof(struct arguments, emulator.halt), 0},
        {FLASH, "flash", OPTION_TEXT, offsetof(struct arguments, emulator.flash), 0},
        {FRESH, "fresh", OPTION_FLAG, offsetof(struct arguments, emulator.fresh), 0},
        {NO_BOOT, "no-boot", OPTION_FLAG, offsetof(struct arguments, emulator.no_boot), 0},
        {BOOT0, "boot0", OPTION_FLAG, offsetof(struct arguments, emulator.boot0), 0},
        {TEMPORARY, "temporary", OPTION_FLAG, offsetof(struct arguments, emulator.temporary), 0},
        {JSON, "json", OPTION_EVENTS, 0, 0},
        {0},
    };
    struct arguments *a = state->input;

    switch (key) {
    case GDB:
        options_port("gdb", argument, state);
        a->emulator.gdb = argument;
        return 0;
    case USBIP:
        a->emulator.usbip_tcp = strcmp(argument, "none") ? USBIP_TCP_GIVEN : USBIP_TCP_NONE;
        if (a->emulator.usbip_tcp == USBIP_TCP_GIVEN)
            a->emulator.usbip_port = options_port("usbip", argument, state);
        return 0;
    case IMAGE:
        if (a->emulator.image_count == EMULATOR_IMAGES)
            argp_error(state, "--image can be given %d times", EMULATOR_IMAGES);
        else
            a->emulator.images[a->emulator.image_count++] = argument;
        return 0;
    case CRYSTAL:
        a->emulator.crystal_hz = crystal_hz(argument, state);
        return 0;
    case ARGP_KEY_ARG:
        options_take_argument(&a->emulator.target, argument, state);
        return 0;
    case ARGP_KEY_END:
        options_need_argument(a->emulator.target, OPTIONS_TARGET, state);
        if (a->emulator.flash && a->emulator.fresh)
            argp_error(state, "--flash FILE is used as it is; --fresh would erase it");
        if (a->emulator.flash && a->emulator.image_count)
            argp_error(state, "--flash FILE is used as it is; --image would change it");
        return 0;
    default:
        return options_set(values, a, key, argument, state);
    }
}

static void ready(const struct emulator *e)
{
    char usbip[160] = "";

    if (e->usbip_port == USBIP_PORT)
        snprintf(usbip, sizeof usbip, "\nUSB/IP at 127.0.0.1 (Linux: sudo usbip attach -r 127.0.0.1 -b 1-1)");
    else if (e->usbip_port)
        snprintf(usbip, sizeof usbip, "\nUSB/IP at 127.0.0.1:%u (Linux: sudo usbip --tcp-port %u attach -r 127.0.0.1 -b 1-1)",
                 e->usbip_port, e->usbip_port);
    report_event("ready",
                 json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i}", "name", e->instance.name, "target", e->board->target, "console",
                           e->instance.console, "qmp", e->instance.qmp, "tty", e->instance.tty, "usbip", e->instance.usbip, "usbip_port",
                           (int)e->usbip_port, "pid", (int)e->pid),
                 "ready\nserial port %s%s", e->instance.tty, usbip);
}

/* Somebody (VS Code) waits for the server that --gdb asked for; looking whether the port is taken connects to nobody. */
static void tell_gdb(const struct emulator_options *emulator)
{
    unsigned port = (unsigned)atoi(emulator->gdb);
    uint32_t start = link_now();

    while (port_is_free(port) && link_now() - start < GDB_MS)
        usleep(20000);
    report_event("gdb", json_pack("{s:i}", "port", (int)port), "gdb: target remote localhost:%u", port);
}

int verb_emu(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "TARGET",
        "Runs an emulated camera with the firmware of build/TARGET. Its console is in the terminal: "
        "Ctrl-] leaves, Ctrl-C goes to the camera.\v"
        "What the camera writes to its flash is kept in build/emu/TARGET/flash.img (NAME.img with --name); newer firmware and ROM "
        "file system are put in at every start. So are the files of --image, in image.img. While it runs, omv run, view, scene, reset and power reach it.",
        NULL,
        NULL,
        NULL,
    };
    struct arguments a = {.relay.ready = NULL};
    struct emulator emulator;

    options_parse(&argp, argc, argv, &a);
    if (a.relay.headless || report_json())
        a.relay.ready = ready;
    int code = emulator_start(&emulator, &a.emulator);
    if (code)
        return code;
    if (a.emulator.gdb)
        tell_gdb(&a.emulator);
    code = relay_run(&emulator, &a.emulator, &a.relay);
    emulator_stop(&emulator);
    return code == EXIT_CODE_INTERRUPTED ? EXIT_CODE_OK : code;
}
