/* SPDX-License-Identifier: MIT */
/* omv flash, erase, bootloader. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "flash_verb.h"
#include "report.h"
#include "session.h"
#include "verbs.h"

enum { ROMFS = 0x500, ERASE_DISK, WIFI, TO, FORCE, NO_VERIFY };

static const struct argp_option flash_options[] = {
    {"romfs", ROMFS, NULL, 0, "also the ROM file systems that lie beside the firmware", 0},
    {"wifi", WIFI, NULL, 0, "also the Wi-Fi and Bluetooth firmware of an Arduino board", 0},
    {"erase-disk", ERASE_DISK, NULL, 0, "also erase the internal file system (main.py and all other files on it)", 0},
    {"to", TO, "PARTITION", 0, "where FILE goes: a partition's name or DFU alternate setting", 0},
    {"force", FORCE, NULL, 0, "accept a foreign image, which has no header, and an old bootloader", 0},
    {"no-verify", NO_VERIFY, NULL, 0, "do not read back what was written", 0},
    {0},
};

static error_t parse_flash(int key, char *argument, struct argp_state *state)
{
    struct flash_arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = a;
        return 0;
    case ROMFS:
        a->romfs = true;
        return 0;
    case WIFI:
        a->wifi = true;
        return 0;
    case ERASE_DISK:
        a->erase_disk = true;
        return 0;
    case TO:
        a->to = argument;
        return 0;
    case FORCE:
        a->options.force = true;
        return 0;
    case NO_VERIFY:
        a->options.no_verify = true;
        return 0;
    case ARGP_KEY_END:
        if (a->to && a->file_count != 1)
            argp_error(state, "--to goes with one FILE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The files of one flash, each at its place. */
struct cargo {
    struct payload payloads[FLASH_MOST_FILES];
    size_t count;
    unsigned long partitions; /* bits */
};

static void cargo_free(struct cargo *cargo)
{
    for (size_t i = 0; i < cargo->count; i++)
        payload_free(&cargo->payloads[i]);
}

static int cargo_load(struct cargo *cargo, const char *path, bool missing_ok)
{
    if (cargo->count == FLASH_MOST_FILES)
        return fail(EXIT_CODE_USAGE, NULL, "these are too many files");
    return payload_load(&cargo->payloads[cargo->count++], path, missing_ok);
}

/* The images of a role, from the build or beside a file. */
static int cargo_load_role(struct cargo *cargo, const struct board *board, const char *role, const char *beside, bool missing_ok)
{
    char path[PATH_BYTES];
    bool any = false;
    int code = 0;

    for (size_t i = 0; i < board->partition_count && !code; i++) {
        const struct board_partition *p = &board->partitions[i];
        if (strcmp(p->role, role) || !p->image)
            continue;
        any = true;
        if (cargo->partitions >> i & 1)
            continue;
        flash_build_path(board, p->image, beside, path);
        code = cargo_load(cargo, path, missing_ok);
    }
    if (!code && !any)
        code = fail(EXIT_CODE_UNSUPPORTED, "Leave that option out.", "%s has no partition for a %s image", board->name, role);
    return code;
}

/* The files from `first` on, each at its place; no two at the same. */
static int cargo_place(struct cargo *cargo, size_t first, const char *to, bool force, const struct board *board)
{
    for (size_t i = first; i < cargo->count; i++) {
        struct payload *p = &cargo->payloads[i];
        int code = payload_place(p, board, to, force, false);
        if (code)
            return code;
        if (cargo->partitions >> p->partition & 1)
            return fail(EXIT_CODE_WRONG_PLACE, "Give one file for each partition.", "%s and another file both go to %s", p->path,
                        board->partitions[p->partition].name);
        cargo->partitions |= 1ul << p->partition;
    }
    return 0;
}

/* The files that were named, then those that the options mean. Needs the board. */
static int cargo_complete(struct cargo *cargo, const struct flash_arguments *a, const struct board *board)
{
    const char *beside = a->file_count ? a->files[0] : NULL;
    int code = cargo_place(cargo, 0, a->to, a->options.force, board);
    size_t placed = cargo->count;

    if (!code && !a->file_count)
        code = cargo_load_role(cargo, board, "firmware", NULL, a->dry_run);
    if (!code && a->romfs)
        code = cargo_load_role(cargo, board, "romfs", beside, a->dry_run);
    if (!code && a->wifi)
        code = cargo_load_role(cargo, board, "blob", beside, a->dry_run);
    return code ? code : cargo_place(cargo, placed, NULL, a->options.force, board);
}

static unsigned jobs_of(const struct cargo *cargo, const struct board *board)
{
    static const struct {
        const char *role;
        unsigned job;
    } table[] = {{"firmware", PLAN_FLASH}, {"romfs", PLAN_ROMFS}, {"blob", PLAN_WIFI}};
    unsigned jobs = 0;

    for (size_t i = 0; i < cargo->count; i++)
        for (size_t k = 0; k < sizeof table / sizeof *table; k++)
            if (!strcmp(board->partitions[cargo->payloads[i].partition].role, table[k].role))
                jobs |= table[k].job;
    return jobs;
}

static void make_plan(struct plan *plan, const struct board *board, const struct cargo *cargo, const struct flash_arguments *a)
{
    plan_make(plan, board, jobs_of(cargo, board) | (a->erase_disk ? PLAN_ERASE : 0));
    plan_keep(plan, cargo->partitions);
    for (size_t i = 0; i < cargo->count; i++) {
        const struct payload *p = &cargo->payloads[i];
        plan_set_file(plan, p->partition, p->path, p->kind == PAYLOAD_MISSING ? -1 : (long)p->size);
    }
}

static bool can(const struct board *board, const char *verb)
{
    for (size_t i = 0; i < board->step_count; i++)
        if (!strcmp(board->steps[i].verb, verb))
            return true;
    return false;
}

/* The board is --board's, or a header's, or the camera's that is there. */
static int find_board(struct flash_arguments *a, const struct cargo *cargo, struct flash_device *device)
{
    for (size_t i = 0; i < cargo->count && !a->options.board; i++)
        a->options.board = cargo->payloads[i].made_for;
    if (a->options.board)
        return 0;
    if (a->dry_run)
        return fail(EXIT_CODE_USAGE, "Say which: --board TARGET.", "the files do not tell for which board they are");
    int code = flash_choose(&a->options, MODE_APPLICATION | MODE_LOADER, device);
    if (!code)
        a->options.board = device->board;
    return code;
}

static int flash(struct flash_arguments *a, struct cargo *cargo)
{
    struct flash_device device = {.board = NULL};
    struct flash_item items[PLAN_MOST];
    struct plan plan;
    size_t count;
    int code = 0;

    for (size_t i = 0; i < a->file_count && !code; i++)
        code = cargo_load(cargo, a->files[i], a->dry_run);
    if (!code)
        code = find_board(a, cargo, &device);
    if (!code)
        code = cargo_complete(cargo, a, a->options.board);
    if (code)
        return code;
    make_plan(&plan, a->options.board, cargo, a);
    if (a->erase_disk && !can(a->options.board, "erase"))
        return fail(EXIT_CODE_UNSUPPORTED, "Leave --erase-disk out.", "there is no way to erase the file system of %s",
                    a->options.board->name);
    if (a->dry_run) {
        flash_print_plan(&plan);
        return 0;
    }
    if (!flash_items(&plan, cargo->payloads, cargo->count, true, items, &count) || !flasher_find(a->options.board->loader))
        return flash_not_yet(&plan, "flash");
    if (count < cargo->count)
        return fail(EXIT_CODE_UNSUPPORTED, "Leave --to out.", "no way is known to write that partition of %s", a->options.board->name);
    if (!device.board)
        code = flash_choose(&a->options, MODE_APPLICATION | MODE_LOADER, &device);
    if (!code)
        code = flash_enter(&a->options, &device);
    return code ? code : flash_work(&a->options, &device, items, count, true);
}

int verb_flash(int argc, char **argv)
{
    struct flash_arguments a = {.to = NULL};
    static struct cargo cargo;

    flash_parse(
        &a, argc, argv, flash_options, parse_flash, "[FILE...]",
        "Puts firmware on a camera: finds it, brings it into its bootloader, checks that the image is whole and for its board, writes, "
        "reads "
        "back and compares, and starts it. FILE is firmware.bin or .dfu, romfs0.img ...; without one the build of --board's TARGET.\v"
        "Whatever fails, the camera can be flashed again: the message says how. Exit status: 'omv help'.");
    session_catch_signals();
    int code = flash(&a, &cargo);
    cargo_free(&cargo);
    return code;
}

/* --- erase ---------------------------------------------------------------------------------------------------------- */

static error_t parse_plain(int key, char *argument, struct argp_state *state)
{
    (void)argument;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = state->input;
    return 0;
}

int verb_erase(int argc, char **argv)
{
    struct flash_arguments a = {.to = NULL};
    struct flash_device device = {.board = NULL};
    struct flash_item items[PLAN_MOST];
    struct plan plan;
    size_t count;
    int code = 0;

    flash_parse(&a, argc, argv, NULL, parse_plain, "",
                "Erases a camera's internal file system: main.py and every other file on it. It is formatted anew at the next start. The "
                "firmware, the "
                "ROM file system and an SD card stay.");
    session_catch_signals();
    if (!a.options.board && a.dry_run)
        return fail(EXIT_CODE_USAGE, "Say which: --board TARGET.", "the commands differ from board to board");
    if (!a.options.board)
        code = flash_choose(&a.options, MODE_APPLICATION | MODE_LOADER, &device);
    if (code)
        return code;
    const struct board *board = a.options.board ? a.options.board : device.board;
    plan_make(&plan, board, PLAN_ERASE);
    if (a.dry_run && plan.count) {
        flash_print_plan(&plan);
        return 0;
    }
    if (!plan.count || !flash_items(&plan, NULL, 0, false, items, &count) || !flasher_find(board->loader))
        return flash_not_yet(&plan, "erase the file system of");
    if (!device.board)
        code = flash_choose(&a.options, MODE_APPLICATION | MODE_LOADER, &device);
    if (!code)
        code = flash_enter(&a.options, &device);
    if (code)
        return code;
    report_event("erasing", NULL, "The internal file system of %s goes: main.py and every other file on it.", board->name);
    return flash_work(&a.options, &device, items, count, true);
}

/* --- bootloader ----------------------------------------------------------------------------------------------------- */

int verb_bootloader(int argc, char **argv)
{
    struct flash_arguments a = {.to = NULL};
    struct flash_device device;
    char text[PATH_BYTES + 200];

    flash_parse(&a, argc, argv, NULL, parse_plain, "",
                "Brings a camera into its bootloader, where it stays until it is flashed, reset (omv reset) or unplugged. For tools such "
                "as dfu-util.");
    session_catch_signals();
    if (a.dry_run)
        return fail(EXIT_CODE_USAGE, NULL, "there is nothing to print: no other tool enters the bootloader");
    int code = flash_choose(&a.options, MODE_APPLICATION | MODE_LOADER, &device);
    if (!code)
        code = flash_enter(&a.options, &device);
    if (!code && !device.entered)
        code = flash_hold(&device);
    if (code)
        return code;
    flash_describe(&device, text, sizeof text);
    report_event("loader", json_pack("{s:s, s:s}", "target", device.board->target, "serial", device.info.serial), "%s", text);
    return 0;
}
