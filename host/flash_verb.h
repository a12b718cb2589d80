/* SPDX-License-Identifier: MIT */
/* What the verbs that write to a camera accept on their command lines. */
#ifndef HOST_FLASH_VERB_H
#define HOST_FLASH_VERB_H

#include <argp.h>

#include "flash_job.h"

#define FLASH_MOST_FILES 16

struct flash_arguments {
    struct flash_options options;
    const char *files[FLASH_MOST_FILES];
    size_t file_count;
    const char *to;
    bool romfs, erase_disk, wifi, dry_run, yes;
    bool takes_files; /* set by the verb */
    char again[1024];
};

/* A child of the verb's argp, with the arguments above as its input. */
extern const struct argp flash_argp;

/* Parses the command line of a verb whose own options (may be NULL) are handled by `own` (may be NULL). */
void flash_parse(struct flash_arguments *arguments, int argc, char **argv, const struct argp_option *options, argp_parser_t own,
                 const char *files, const char *doc);

/* An image file of the board's build, or beside another file (may be NULL): a path that can be typed. */
void flash_build_path(const struct board *board, const char *image, const char *beside, char path[PATH_BYTES]);

/* The rows of the plan that this program runs itself, as items; `payloads` by partition. False: a row needs another program. */
bool flash_items(const struct plan *plan, const struct payload *payloads, size_t payload_count, bool foreign_ok, struct flash_item *items,
                 size_t *count);

#endif
