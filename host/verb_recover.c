/* SPDX-License-Identifier: MIT */
/* omv recover: a bootloader that is broken is restored through the loader in the chip's ROM. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "flash_verb.h"
#include "qmp.h"
#include "report.h"
#include "session.h"
#include "verbs.h"

enum { YES = 0x600, FIRMWARE, FORCE };

#define JUMPER_MS 300000u

static const struct argp_option recover_options[] = {
    {"yes", YES, NULL, 0, "the jumper is where it should be, or will be: ask nothing", 0},
    {"firmware", FIRMWARE, "FILE", 0, "what is flashed afterwards; default: the build's firmware.bin, if there is one", 0},
    {"force", FORCE, NULL, 0, "accept a bootloader that does not tell for which board it is, and foreign firmware", 0},
    {0},
};

static const char *firmware_file;

static error_t parse_recover(int key, char *argument, struct argp_state *state)
{
    struct flash_arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = a;
        return 0;
    case YES:
        a->yes = true;
        return 0;
    case FIRMWARE:
        firmware_file = argument;
        return 0;
    case FORCE:
        a->options.force = true;
        return 0;
    case ARGP_KEY_END:
        if (!a->options.board)
            argp_error(state, "which camera? --board TARGET: the chip's loader does not tell");
        if (a->file_count > 1)
            argp_error(state, "one file: the bootloader");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The emulated camera that is meant, if one is: its jumper is set from here. Its bootloader is broken, so it may not be on USB. */
static bool find_emulated(const struct flash_arguments *a, struct instance *instance)
{
    struct camera cameras[32];
    size_t count = camera_list(cameras, sizeof cameras / sizeof *cameras), n = 0;

    for (size_t i = 0; i < count; i++)
        if (cameras[i].emulated && cameras[i].board == a->options.board &&
            (!a->options.camera.name || !strcmp(a->options.camera.name, cameras[i].instance.name))) {
            *instance = cameras[i].instance;
            n++;
        }
    return n == 1;
}

/* BOOT0 is read when the chip starts. */
static int set_jumper(const struct instance *instance, bool on)
{
    char message[1024];
    int result = qmp_set(instance->qmp, "boot0", json_boolean(on), message, sizeof message);

    if (!result)
        result = qmp_set(instance->qmp, "power", json_false(), message, sizeof message);
    if (!result)
        result = qmp_set(instance->qmp, "power", json_true(), message, sizeof message);
    return result ? qmp_fail(instance, result, EXIT_CODE_EMULATOR, "'omv list' shows the cameras there are.", message) : 0;
}

/* What the user has to do with the jumper. Without --yes somebody must be there to do it. */
static int ask(const struct flash_arguments *a, const struct instance *emulated, bool on, const char *what)
{
    if (emulated) {
        report_event("jumper", json_pack("{s:s, s:b}", "name", emulated->name, "set", on), "%s: its BOOT-RST jumper is %s, its power cut",
                     emulated->name, on ? "set" : "removed");
        return set_jumper(emulated, on);
    }
    report_event("ask", json_pack("{s:s}", "text", what), "%s", what);
    if (a->yes || isatty(STDIN_FILENO))
        return 0;
    return fail(EXIT_CODE_USAGE, "Run it in a terminal, or with --yes when the jumper is there or somebody will set it.",
                "somebody has to set a jumper, and there is no terminal");
}

static const char *default_file(const struct board *board, const char *role, char path[PATH_BYTES])
{
    for (size_t i = 0; i < board->partition_count; i++)
        if (!strcmp(board->partitions[i].role, role) && board->partitions[i].image) {
            flash_build_path(board, board->partitions[i].image, NULL, path);
            return path;
        }
    return NULL;
}

/* The rows of the plan, in order: tell the user, wait for the loader, write. */
static int restore(struct flash_arguments *a, const struct plan *plan, const struct payload *payload, struct flash_device *device)
{
    struct flash_options wait = a->options;
    struct flash_item items[PLAN_MOST];
    struct instance instance;
    const struct instance *emulated = find_emulated(a, &instance) ? &instance : NULL;
    size_t count;
    int code = 0;

    wait.wait = true;
    wait.timeout_ms = a->options.timeout_ms ? a->options.timeout_ms : JUMPER_MS;
    flash_items(plan, payload, 1, false, items, &count);
    for (size_t i = 0; i < plan->count && !code; i++) {
        const struct board_step *row = plan->steps[i].row;
        if (!strcmp(row->tool, "ask")) {
            /* The jumper may be set already. */
            const struct flash_filter filter = {.modes = MODE_ROM, .board = a->options.board, .name = a->options.camera.name};
            struct flash_device there;
            if (i != 0 || flash_wait(&filter, &there, 0) != 1)
                code = ask(a, emulated, i == 0, row->text);
            continue;
        }
        code = flash_choose(&wait, MODE_ROM, device);
        if (!code)
            code = flash_work(&wait, device, items, count, false);
    }
    return code;
}

/* Afterwards the camera starts its new bootloader, and then an application, or waits for one. */
static int flash_firmware(struct flash_arguments *a, struct payload *firmware, struct flash_device *rom)
{
    const struct flash_filter filter = {.modes = MODE_APPLICATION | MODE_LOADER, .board = a->options.board, .same = rom};
    struct flash_device device;
    struct flash_item items[PLAN_MOST];
    struct plan plan;
    size_t count;

    report_event("waiting", NULL, "Waiting for the restored bootloader ...");
    if (flash_wait(&filter, &device, a->options.timeout_ms ? a->options.timeout_ms : JUMPER_MS) != 1)
        return fail(EXIT_CODE_TIMEOUT, "Remove the jumper, disconnect and reconnect the camera, then: omv flash -w.",
                    "the bootloader is restored, but the camera has not come back");
    plan_make(&plan, a->options.board, PLAN_FLASH);
    if (!flash_items(&plan, firmware, 1, false, items, &count) || !count)
        return fail(EXIT_CODE_UNSUPPORTED, NULL, "the firmware of %s is not flashed by this program", a->options.board->name);
    int code = flash_enter(&a->options, &device);
    return code ? code : flash_work(&a->options, &device, items, count, true);
}

static int recover(struct flash_arguments *a, struct payload *bootloader, struct payload *firmware)
{
    const struct board *board = a->options.board;
    struct flash_device device;
    char path[PATH_BYTES];
    struct plan plan;
    size_t count;
    struct flash_item items[PLAN_MOST];

    plan_make(&plan, board, PLAN_RESTORE);
    if (!plan.count)
        return fail(EXIT_CODE_UNSUPPORTED, "It is locked in the factory; only its maker's own tools can.",
                    "there is no way to restore the bootloader of %s", board->name);
    bool ours = flash_items(&plan, bootloader, 0, false, items, &count);
    const char *file = a->file_count ? a->files[0] : default_file(board, "bootloader", path);
    if (!ours) {
        if (a->dry_run) {
            flash_print_plan(&plan);
            return 0;
        }
        return flash_not_yet(&plan, "restore the bootloader of");
    }
    int code = payload_load(bootloader, file, a->dry_run);
    if (!code)
        code = payload_place(bootloader, board, NULL, a->options.force, true);
    if (code)
        return code;
    plan_set_file(&plan, bootloader->partition, file, (long)bootloader->size);
    if (a->dry_run) {
        flash_print_plan(&plan);
        return 0;
    }
    /* A firmware file that cannot be used is found before anything is written, too. */
    file = firmware_file ? firmware_file : default_file(board, "firmware", path);
    bool flashes = firmware_file || access(file, R_OK) == 0;
    if (flashes)
        code = payload_load(firmware, file, false);
    if (flashes && !code)
        code = payload_place(firmware, board, NULL, a->options.force, false);
    if (!code)
        code = restore(a, &plan, bootloader, &device);
    if (!code && flashes && flasher_find(board->loader))
        return flash_firmware(a, firmware, &device);
    if (!code)
        report_event("restored", NULL, "The bootloader is restored. Now the firmware: omv flash -w --board %s", board->target);
    return code;
}

int verb_recover(int argc, char **argv)
{
    struct flash_arguments a = {.to = NULL};
    static struct payload bootloader, firmware;

    flash_parse(
        &a, argc, argv, recover_options, parse_recover, "[bootloader.bin]",
        "Restores a broken bootloader through the loader in the chip's ROM, which a jumper wire starts: it says when to set and remove it, "
        "writes and verifies the bootloader, then flashes the firmware. Without a file: the build's bootloader.bin.");
    session_catch_signals();
    int code = recover(&a, &bootloader, &firmware);
    payload_free(&bootloader);
    payload_free(&firmware);
    return code;
}
