/* SPDX-License-Identifier: MIT */
/* Command lines of flash, erase, recover and bootloader. */
#include "flash_verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "report.h"

enum { BOARD = 'b', WAIT = 'w', DRY_RUN = 'n', TIMEOUT = 0x400, SERIAL };

static const struct argp_option options[] = {
    {"board", BOARD, "TARGET", 0, "the camera's board, for instance OPENMV4", 10},
    {"wait", WAIT, NULL, 0, "wait for a camera when none is there", 10},
    {"timeout", TIMEOUT, "SECONDS", 0, "how long to wait; default: for ever", 10},
    {"serial", SERIAL, "NUMBER", 0, "the camera with this USB serial number", 20},
    {"dry-run", DRY_RUN, NULL, 0, "only check, and print the commands of other tools that do the same", 10},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    static const struct option_value values[] = {
        {WAIT, "wait", OPTION_FLAG, offsetof(struct flash_arguments, options.wait), 0},
        {TIMEOUT, "timeout", OPTION_MS, offsetof(struct flash_arguments, options.timeout_ms), 0},
        {SERIAL, "serial", OPTION_TEXT, offsetof(struct flash_arguments, options.serial), 0},
        {DRY_RUN, "dry-run", OPTION_FLAG, offsetof(struct flash_arguments, dry_run), 0},
        {0},
    };
    struct flash_arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options.camera;
        return 0;
    case BOARD:
        if (board_choose(argument, &a->options.board))
            exit(EXIT_CODE_USAGE);
        return 0;
    case ARGP_KEY_ARG:
        if (!a->takes_files || a->file_count == FLASH_MOST_FILES)
            argp_error(state, "'%s' is one argument too many", argument);
        a->files[a->file_count++] = argument;
        return 0;
    case ARGP_KEY_END:
        a->options.wait |= a->options.timeout_ms != 0;
        return 0;
    default:
        return options_set(values, a, key, argument, state);
    }
}

static const struct argp_child camera_child[] = {{&camera_argp, 0, NULL, 0}, {0}};
const struct argp flash_argp = {.options = options, .parser = parse, .children = camera_child};

/* The command line again, for advice; with -w, so that it also finds a camera that is not there yet. */
static void remember(struct flash_arguments *a, int argc, char **argv)
{
    size_t used = (size_t)snprintf(a->again, sizeof a->again, "%s%s", argv[0], a->options.wait ? "" : " -w");

    for (int i = 1; i < argc && used < sizeof a->again; i++)
        used += (size_t)snprintf(a->again + used, sizeof a->again - used, strpbrk(argv[i], " '\"$") ? " '%s'" : " %s", argv[i]);
    a->options.again = a->again;
}

void flash_parse(struct flash_arguments *a, int argc, char **argv, const struct argp_option *own_options, argp_parser_t own,
                 const char *files, const char *doc)
{
    static const struct argp_child children[] = {{&flash_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {own_options, own, files, doc, children, NULL, NULL};
    char *copy[64];

    /* argp reorders argv. */
    int n = argc < 64 ? argc : 64;
    memcpy(copy, argv, (size_t)n * sizeof *copy);
    a->takes_files = files && *files;
    options_parse(&argp, argc, argv, a);
    remember(a, n, copy);
}

void flash_build_path(const struct board *board, const char *image, const char *beside, char path[PATH_BYTES])
{
    char here[PATH_BYTES];
    const char *slash = beside ? strrchr(beside, '/') : NULL;

    if (beside) {
        path_format(path, "%.*s%s", slash ? (int)(slash + 1 - beside) : 0, beside, image);
        return;
    }
    path_format(path, "%s/build/%s/bin/%s", path_top(), board->target, image);
    size_t n = getcwd(here, sizeof here) ? strlen(here) : 0;
    if (n > 1 && !strncmp(path, here, n) && path[n] == '/')
        memmove(path, path + n + 1, strlen(path + n + 1) + 1);
}

static const struct payload *payload_for(const struct payload *payloads, size_t count, int partition)
{
    for (size_t i = 0; i < count; i++)
        if (payloads[i].partition == partition)
            return &payloads[i];
    return NULL;
}

bool flash_items(const struct plan *plan, const struct payload *payloads, size_t payload_count, bool foreign_ok, struct flash_item *items,
                 size_t *count)
{
    static const uint8_t zeros[65536];

    *count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct board_step *row = plan->steps[i].row;
        if (!strcmp(row->tool, "ask"))
            continue;
        if (strcmp(row->tool, "dfu") && strcmp(row->tool, "dfuse"))
            return false;
        const struct board_partition *q = &plan->board->partitions[row->partition[0]];
        const struct payload *p = payload_for(payloads, payload_count, row->partition[0]);
        if (!row->zero && !p)
            continue;
        items[(*count)++] = (struct flash_item){
            .row = row,
            .file = row->zero ? "zeros" : p->path,
            .part = {.name = q->name,
                     .alternate = (unsigned)(row->alt >= 0 ? row->alt : q->alt),
                     .address = q->base,
                     .bytes = row->zero ? zeros : p->bytes,
                     .size = row->zero ? row->zero : p->size,
                     .foreign = foreign_ok && !row->zero && p->kind == PAYLOAD_FOREIGN && !strcmp(q->role, "firmware")},
        };
    }
    return true;
}
