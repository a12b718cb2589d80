/* SPDX-License-Identifier: MIT */
/* omv doctor: what is installed, built and plugged in, and what stands in the way. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flash_find.h"
#include "options.h"
#include "report.h"
#include "silence.h"
#include "udev.h"
#include "verbs.h"

#define MOST 64

struct arguments {
    bool print_udev, install_udev;
};

enum { PRINT_UDEV = 0x700, INSTALL_UDEV, JSON };

static const struct argp_option options[] = {
    {"print-udev", PRINT_UDEV, NULL, 0, "print the udev rules that give access to the cameras without root", 0},
    {"install-udev", INSTALL_UDEV, NULL, 0, "install them (needs root)", 0},
    {"json", JSON, NULL, 0, "print one JSON event per line", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case PRINT_UDEV:
        a->print_udev = true;
        return 0;
    case INSTALL_UDEV:
        a->install_udev = true;
        return 0;
    case JSON:
        report_use_json();
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is one argument too many", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- findings ------------------------------------------------------------------------------------------------------- */

static int worst; /* exit code of the first finding that stands in the way */

/* One line. code 0: good; else what is wrong, and the step that mends it. note: worth knowing, but in nobody's way. */
static void finding(const char *what, enum exit_code code, bool note, const char *state, const char *step)
{
    if (code && !note && !worst)
        worst = code;
    report_event("finding",
                 json_pack("{s:s, s:b, s:b, s:s, s:s*}", "what", what, "ok", code == 0, "note", note, "state", state, "next", step),
                 "%-8s %-12s %s%s%s",
                 code == 0 ? "ok"
                 : note    ? "note"
                           : "PROBLEM",
                 what, state, step ? "\n                      -> " : "", step ? step : "");
}

static bool there(const char *folder, const char *file)
{
    char path[PATH_BYTES];

    path_format(path, "%s/%s", folder, file);
    return access(path, R_OK) == 0;
}

static void look_at_sdk(void)
{
    static const struct {
        const char *what, *file;
    } tools[] = {
        {"compiler", "gcc/bin/arm-none-eabi-gcc"},
        {"gdb", "gcc/bin/arm-none-eabi-gdb"},
        {"dfu-util", "bin/dfu-util"},
        {"openocd", "bin/openocd"},
        {"python", "bin/python3"},
    };
    char text[PATH_BYTES + 80];

    if (!there(path_sdk(), "sdk.version")) {
        snprintf(text, sizeof text, "%s is not there", path_sdk());
        finding("SDK", EXIT_CODE_NOT_BUILT, false, text, "make sdk");
        return;
    }
    finding("SDK", EXIT_CODE_OK, false, path_sdk(), NULL);
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        path_format(text, "%s/%s", path_sdk(), tools[i].file);
        bool good = access(text, X_OK) == 0;
        finding(tools[i].what, good ? EXIT_CODE_OK : EXIT_CODE_NOT_BUILT, false, text, good ? NULL : "Install the SDK again: make sdk");
    }
}

static void look_at_builds(void)
{
    char text[PATH_BYTES + 80], path[PATH_BYTES];
    struct stat status;
    unsigned n = 0;

    for (size_t i = 0; i < board_count; i++)
        for (size_t k = 0; k < boards[i].partition_count; k++) {
            const struct board_partition *p = &boards[i].partitions[k];
            if (strcmp(p->role, "firmware") || !p->image)
                continue;
            path_format(path, "%s/build/%s/bin/%s", path_top(), boards[i].target, p->image);
            if (stat(path, &status))
                continue;
            snprintf(text, sizeof text, "%s, %lld bytes", path, (long long)status.st_size);
            finding("firmware", EXIT_CODE_OK, false, text, NULL);
            n++;
        }
    if (!n)
        finding("firmware", EXIT_CODE_NOT_BUILT, true, "none is built", "make TARGET=OPENMV4");
    path_format(path, "%s/build/emulator/qemu-system-arm", path_top());
    if (access(path, X_OK))
        finding("emulator", EXIT_CODE_NOT_BUILT, true, "is not built", "make emulator (omv emu does it too)");
    else
        finding("emulator", EXIT_CODE_OK, false, path, NULL);
}

static void look_at_udev(void)
{
    char path[PATH_BYTES], text[PATH_BYTES + 80], *wanted = udev_rules();
    size_t size;

    path_format(path, "%s/%s", udev_folder(), UDEV_FILE);
    char *present = path_read_file(path, 1u << 20, &size);
    if (!present) {
        snprintf(text, sizeof text, "%s is not installed: real cameras may need root", path);
        finding("udev rules", EXIT_CODE_PERMISSION, true, text, "omv doctor --install-udev");
    } else if (!wanted || strcmp(present, wanted)) {
        snprintf(text, sizeof text, "%s is of another age than this program", path);
        finding("udev rules", EXIT_CODE_PERMISSION, true, text, "omv doctor --install-udev");
    } else {
        finding("udev rules", EXIT_CODE_OK, false, path, NULL);
    }
    free(wanted);
    free(present);
}

static bool may_open(const struct flash_device *d)
{
    return !d->port || d->camera.emulated || access(d->camera.port, R_OK | W_OK) == 0;
}

static void look_at_camera(const struct flash_device *d)
{
    char text[PATH_BYTES + 200], why[2 * PATH_BYTES + 300];

    flash_describe(d, text, sizeof text);
    if (d->usb && d->info.denied) {
        snprintf(why, sizeof why, "%s: no permission for %s", text, d->info.path);
        finding("camera", EXIT_CODE_PERMISSION, false, why, "omv doctor --install-udev, then reconnect it");
    } else if (!may_open(d)) {
        snprintf(why, sizeof why, "%s: no permission for %s", text, d->camera.port);
        finding("camera", EXIT_CODE_PERMISSION, false, why, "omv doctor --install-udev, or join the group of that port (often dialout)");
    } else if (d->usb && d->info.busy) {
        snprintf(why, sizeof why, "%s: a program is using it", text);
        finding("camera", EXIT_CODE_BUSY, true, why, "Others get it when that has ended.");
    } else if (d->mode == MODE_LOADER) {
        finding("camera", EXIT_CODE_TIMEOUT, true, text, "It runs no scripts there. omv reset starts its firmware, omv flash renews it.");
    } else if (d->mode == MODE_ROM) {
        finding("camera", EXIT_CODE_TIMEOUT, true, text, "omv recover restores its bootloader; without the BOOT-RST jumper it starts as usual.");
    } else {
        finding("camera", EXIT_CODE_OK, false, text, NULL);
    }
}

/* An emulated camera that nothing reaches now. */
static bool look_at_silent(const struct instance *instance)
{
    struct silence silence;
    char why[sizeof instance->name + 80];

    if (!silence_reason(instance, true, &silence))
        return false;
    snprintf(why, sizeof why, "emulated, name %.*s: %s", (int)sizeof instance->name, instance->name, silence.why);
    finding("camera", EXIT_CODE_TIMEOUT, true, why, silence.next_step);
    return true;
}

static bool is_of(const struct flash_device *d, const struct instance *instance)
{
    return d->usb ? d->info.emulated && !strcmp(d->info.name, instance->name) : !strcmp(d->camera.instance.name, instance->name);
}

static void look_at_cameras(void)
{
    static struct flash_device devices[MOST];
    static struct instance instances[MOST];
    const struct flash_filter all = {.modes = MODE_ANY};
    size_t n = flash_find(&all, devices, MOST), running = instance_list(instances, MOST), silent = 0;

    for (size_t i = 0; i < running; i++)
        if (look_at_silent(&instances[i]))
            instances[silent++] = instances[i];
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < silent && !is_of(&devices[i], &instances[k]))
            k++;
        if (k == silent) /* it has not been told yet */
            look_at_camera(&devices[i]);
    }
    if (!n && !silent)
        finding("camera", EXIT_CODE_NO_CAMERA, true, "none is there", "Plug one in, or: omv emu OPENMV4 --headless &");
}

/* --- udev ----------------------------------------------------------------------------------------------------------- */

static int install_udev(void)
{
    char path[PATH_BYTES], step[PATH_BYTES + 160], *rules = udev_rules();

    if (!rules)
        return fail(EXIT_CODE_SYSTEM, NULL, "out of memory");
    path_format(path, "%s/%s", udev_folder(), UDEV_FILE);
    int error = path_make_folder(udev_folder());
    if (!error)
        error = path_write_file(path, rules, strlen(rules));
    free(rules);
    if (error == EACCES || error == EPERM || error == EROFS || error == ENOENT) {
        snprintf(step, sizeof step,
                 "Run: omv doctor --print-udev | sudo tee %s && sudo udevadm control --reload-rules && sudo udevadm trigger", path);
        return fail(EXIT_CODE_PERMISSION, step, "%s cannot be written: %s", path, strerror(error));
    }
    if (error)
        return fail(EXIT_CODE_OUTPUT, NULL, "%s cannot be written: %s", path, strerror(error));
    report_event("installed", json_pack("{s:s}", "file", path), "%s is installed", path);
    if (getenv("OMV_UDEV_DIR"))
        return 0;
    if (access("/run/udev/control", F_OK)) {
        report_progress("udev does not run here; it reads the rules when it starts.");
        return 0;
    }
    if (system("udevadm control --reload-rules && udevadm trigger"))
        return fail(EXIT_CODE_SYSTEM, "Run: sudo udevadm control --reload-rules && sudo udevadm trigger", "udev has not read the rules");
    return 0;
}

int verb_doctor(int argc, char **argv)
{
    static const struct argp argp = {options,
                                     parse,
                                     "",
                                     "Says what is installed, built and plugged in, what stands in the way, and what to do about it.\v"
                                     "Exit status: 0 when nothing does, else that of the first problem.",
                                     NULL,
                                     NULL,
                                     NULL};
    struct arguments a = {.print_udev = false};

    options_parse(&argp, argc, argv, &a);
    if (a.print_udev) {
        char *rules = udev_rules();
        if (!rules)
            return fail(EXIT_CODE_SYSTEM, NULL, "out of memory");
        fputs(rules, stdout);
        free(rules);
        return 0;
    }
    if (a.install_udev)
        return install_udev();
    look_at_sdk();
    look_at_builds();
    look_at_udev();
    look_at_cameras();
    return worst;
}
