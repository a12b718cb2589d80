/* SPDX-License-Identifier: MIT */
/* omv deploy: the build into a camera's flash through its debug port, by OpenOCD or ST's programmer. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "camera.h"
#include "link.h"
#include "openocd.h"
#include "options.h"
#include "report.h"
#include "session.h"
#include "verbs.h"

#define PATIENCE_MS 300000u /* a whole flash over a slow probe, or a busy machine */

enum { EMU = 0x100, OPENOCD, JLINK, SERVER, STM32PROG, INTERFACE, JSON };
enum probe { PROBE_NONE, PROBE_STLINK, PROBE_JLINK, PROBE_EMULATED };

struct image {
    const struct board_partition *partition;
    char path[PATH_BYTES];
    size_t bytes;
};

struct deploy {
    const struct board *board;
    const char *target, *name, *interface;
    enum probe probe;
    bool chosen, stm32prog, dry_run;
    struct instance instance; /* of the emulated camera */
    struct image images[8];
    size_t count;
};

static const struct argp_option options[] = {
    {"openocd", OPENOCD, NULL, 0, "by OpenOCD and an ST-Link (the default)", 0},
    {"jlink", JLINK, NULL, 0, "by OpenOCD and a J-Link", 0},
    {"emu", EMU, NULL, 0, "by OpenOCD, to an emulated camera that runs", 0},
    {"server", SERVER, "NAME", 0, "the same by name: OPENOCD, JLINK, EMU", 0},
    {"stm32prog", STM32PROG, NULL, 0, "by ST's STM32_Programmer_CLI", 0},
    {"interface", INTERFACE, "FILE", 0, "OpenOCD's configuration of another probe", 1},
    {"name", 'n', "NAME", 0, "name of the emulated camera", 1},
    {"dry-run", 'd', NULL, 0, "only print the command line", 1},
    {"json", JSON, NULL, 0, "print one JSON event per line", 1},
    {0},
};

static void choose(struct deploy *d, enum probe probe, struct argp_state *state)
{
    if (d->chosen && d->probe != probe)
        argp_error(state, "one way, not several");
    d->chosen = true;
    d->probe = probe;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    static const char *const names[] = {"NONE", "OPENOCD", "JLINK", "EMU"}; /* enum probe */
    static const struct option_value values[] = {
        {STM32PROG, "stm32prog", OPTION_FLAG, offsetof(struct deploy, stm32prog), 0},
        {INTERFACE, "interface", OPTION_TEXT, offsetof(struct deploy, interface), 0},
        {'n', "name", OPTION_TEXT, offsetof(struct deploy, name), 0},
        {'d', "dry-run", OPTION_FLAG, offsetof(struct deploy, dry_run), 0},
        {JSON, "json", OPTION_EVENTS, 0, 0},
        {0},
    };
    struct deploy *d = state->input;
    size_t i;

    switch (key) {
    case OPENOCD:
    case JLINK:
    case EMU:
        choose(d, key == OPENOCD ? PROBE_STLINK : key == JLINK ? PROBE_JLINK : PROBE_EMULATED, state);
        return 0;
    case SERVER:
        for (i = 0; i < sizeof names / sizeof *names && strcasecmp(argument, names[i]); i++) {
        }
        if (i == sizeof names / sizeof *names)
            argp_error(state, "--server is OPENOCD, JLINK, EMU or NONE, not '%s'", argument);
        choose(d, (enum probe)i, state);
        return 0;
    case ARGP_KEY_ARG:
        options_take_argument(&d->target, argument, state);
        return 0;
    case ARGP_KEY_END:
        options_need_argument(d->target, OPTIONS_TARGET, state);
        if (d->name && d->probe != PROBE_EMULATED)
            argp_error(state, "--name belongs to --emu");
        if (d->interface && (d->probe == PROBE_EMULATED || d->stm32prog))
            argp_error(state, "--interface belongs to OpenOCD with a probe");
        return 0;
    default:
        return options_set(values, d, key, argument, state);
    }
}

/* The images of the build that go to their partitions in the chip's flash. */
static int find_images(struct deploy *d)
{
    static const char *const roles[] = {"bootloader", "romfs", "firmware"}; /* the firmware last: without it the bootloader waits */
    bool firmware = false;
    char step[128];

    for (size_t r = 0; r < sizeof roles / sizeof *roles; r++)
        for (size_t i = 0; i < d->board->partition_count; i++) {
            const struct board_partition *p = &d->board->partitions[i];
            struct image *image = &d->images[d->count];
            if (!p->image || strcmp(p->role, roles[r]) || d->count == sizeof d->images / sizeof *d->images)
                continue;
            path_format(image->path, "%s/%s/bin/%s", path_build(), d->board->target, p->image);
            void *bytes = path_read_file(image->path, p->size, &image->bytes);
            if (!bytes && errno == ENOENT)
                continue;
            if (!bytes)
                return fail(EXIT_CODE_INPUT, "Build it again.", "%s: %s", image->path,
                            errno == EFBIG ? "it is larger than its partition" : strerror(errno));
            free(bytes);
            image->partition = p;
            firmware |= r == 2;
            d->count++;
        }
    snprintf(step, sizeof step, "Build it: make TARGET=%s", d->board->target);
    return firmware ? 0 : fail(EXIT_CODE_NOT_BUILT, step, "there is no firmware of %s", d->board->target);
}

/* What is there already isn't written again. `omv:` lines are shown to the user. */
static int compose_openocd(const struct deploy *d, struct command *command)
{
    const char *interface = d->interface ? d->interface : d->probe == PROBE_JLINK ? "interface/jlink.cfg" : NULL;
    int code = openocd_command(command, d->board, interface, d->probe == PROBE_EMULATED ? &d->instance : NULL);

    if (code)
        return code;
    if (d->probe == PROBE_EMULATED) {
        command_add(command, "-c");
        command_add(command, "[target current] configure -event reset-init {}"); /* it sets the adapter's speed, which ours has not */
    }
    command_add(command, "-c");
    command_add(command, "init; reset init");
    for (size_t i = 0; i < d->count; i++) {
        const struct image *image = &d->images[i];
        command_add(command, "-c");
        command_add(command,
                    "if {[catch {verify_image_checksum {%s} 0x%08X bin}]} {echo {omv: writing %s, %zu bytes at 0x%08X}; "
                    "flash write_image erase {%s} 0x%08X bin; verify_image {%s} 0x%08X bin} else {echo {omv: %s is there already}}",
                    image->path, (unsigned)image->partition->base, image->partition->image, image->bytes, (unsigned)image->partition->base,
                    image->path, (unsigned)image->partition->base, image->path, (unsigned)image->partition->base, image->partition->image);
    }
    command_add(command, "-c");
    command_add(command, "reset run; shutdown");
    return 0;
}

static int compose_stm32prog(const struct deploy *d, struct command *command)
{
    static const char *const names[] = {"STM32_Programmer_CLI", NULL};
    static const char *const folders[] = {"/usr/local/STMicroelectronics/STM32Cube/STM32CubeProgrammer/bin",
                                          "/opt/st/STM32CubeProgrammer/bin", NULL};
    char program[PATH_BYTES];

    if (!child_find(names, folders, program, sizeof program))
        return fail(EXIT_CODE_NOT_BUILT, "Install STM32CubeProgrammer (st.com), or leave --stm32prog out: OpenOCD is in the SDK.",
                    "STM32_Programmer_CLI is not installed");
    command_add(command, "%s", program);
    static const char *const connect[] = {"-c", "mode=UR", "reset=HWrst"};
    command_add(command, "%s", connect[0]);
    command_add(command, "port=%s", d->probe == PROBE_JLINK ? "JLINK" : "SWD");
    command_add(command, "%s", connect[1]);
    command_add(command, "%s", connect[2]);
    for (size_t i = 0; i < d->count; i++) {
        command_add(command, "-w");
        command_add(command, "%s", d->images[i].path);
        command_add(command, "0x%08X", (unsigned)d->images[i].partition->base);
        command_add(command, "-v");
    }
    command_add(command, "-hardRst");
    return 0;
}

/* Shows the lines of the log that are for the user, from `at` on. */
static void show_progress(const char *log, size_t *at)
{
    size_t n;
    char *text = path_read_file(log, 16 << 20, &n);

    while (text && *at < n) {
        char *end = strchr(text + *at, '\n');
        if (!end)
            break;
        *end = 0;
        if (!strncmp(text + *at, "omv: ", 5))
            report_event("progress", json_pack("{s:s}", "message", text + *at + 5), "%s", text + *at + 5);
        *at = (size_t)(end + 1 - text);
    }
    free(text);
}

static int run(const struct deploy *d, const struct command *command)
{
    char log[PATH_BYTES], folder[PATH_BYTES], why[512];
    uint32_t start = link_now();
    size_t shown = 0;
    pid_t pid;
    int status = 0;

    path_format(folder, "%s/debug", path_build());
    path_format(log, "%s/%s-deploy.log", folder, d->probe == PROBE_EMULATED ? d->instance.name : d->board->target);
    int error = path_make_folder(folder);
    if (!error)
        error = child_start(command, log, &pid);
    if (error)
        return fail(EXIT_CODE_SYSTEM, NULL, "%s cannot be started: %s", command->word[0], strerror(error));
    while (!child_ended(&pid, &status)) {
        show_progress(log, &shown);
        if (session_interrupted() || link_now() - start > PATIENCE_MS) {
            child_stop(&pid);
            if (session_interrupted())
                return fail(EXIT_CODE_INTERRUPTED, "Deploy again: until then the camera may have no firmware, and stay in its bootloader.",
                            "interrupted");
            return fail(EXIT_CODE_TIMEOUT, "Reconnect the probe, then try again.", "the probe does not answer (its log: %s)", log);
        }
        usleep(50000);
    }
    show_progress(log, &shown);
    if (!status) {
        report_event("deployed", json_pack("{s:s, s:f}", "target", d->board->target, "seconds", (link_now() - start) / 1000.0),
                     "deployed in %.1f s; the camera restarts", (link_now() - start) / 1000.0);
        return 0;
    }
    openocd_complaint(log, why, sizeof why);
    return fail(EXIT_CODE_REFUSED,
                d->probe == PROBE_EMULATED ? "Is another debugger connected to it? Deploy again when not."
                                           : "Is the probe plugged in, and the camera powered? Then deploy again. With no probe: --emu.",
                "the camera could not be programmed: %s (log: %s)", why[0] ? why : "the programmer does not say why", log);
}

int verb_deploy(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "TARGET",
        "Writes the build's images into a camera's flash through its debug port, verifies them and restarts it. "
        "The camera's own files stay; images that are there already are skipped.",
        NULL,
        NULL,
        NULL,
    };
    struct deploy d = {.probe = PROBE_STLINK};
    struct command command = {.count = 0};
    char line[8192];

    options_parse(&argp, argc, argv, &d);
    int code = board_choose(d.target, &d.board);
    if (code)
        return code;
    if (d.probe == PROBE_NONE)
        return fail(EXIT_CODE_USAGE, "Choose DEBUGGER=OPENOCD, JLINK or EMU.", "DEBUGGER=NONE: there is nothing to deploy with");
    if (strcmp(d.board->port, "stm32") || d.board->attach_only)
        return fail(EXIT_CODE_USAGE, "Flash it over USB: omv flash.", "the %s has no flash that a debugger programs", d.board->name);
    session_catch_signals();
    code = find_images(&d);
    if (!code && d.probe == PROBE_EMULATED)
        code = camera_find_emulated(d.board, d.name, &d.instance);
    if (!code)
        code = d.stm32prog ? compose_stm32prog(&d, &command) : compose_openocd(&d, &command);
    if (code)
        return code;
    command_print(&command, line, sizeof line);
    if (d.dry_run) {
        report_event("command", json_pack("{s:s}", "line", line), "%s", line);
        return 0;
    }
    return run(&d, &command);
}
