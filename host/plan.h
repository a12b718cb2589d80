/* SPDX-License-Identifier: MIT */
/* What is done to a board, as data: the STEP rows of its description in the order in which they are run, and as the commands of other
 * tools. */
#ifndef HOST_PLAN_H
#define HOST_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "boards.h"
#include "paths.h"

/* What a plan does; any of the first four together, or the bootloader alone. */
enum plan_job { PLAN_FLASH = 1, PLAN_ROMFS = 2, PLAN_WIFI = 4, PLAN_ERASE = 8, PLAN_RESTORE = 16 };

#define PLAN_MOST 32

struct plan_step {
    const struct board_step *row;
    char file[PATH_BYTES]; /* what is written, or erased for; empty: the row has no file */
    long size;             /* its bytes; -1: not known */
    bool ends;             /* the last transfer of the plan: the camera starts afterwards */
};

struct plan {
    const struct board *board;
    size_t count;
    struct plan_step steps[PLAN_MOST];
};

/*
 * The steps of `jobs` for the board, in order: the disk is erased last, when everything else has gone well - but where
 * writing the firmware starts it at once, all else comes first. Files are the partitions' own names. An empty plan: the board's description
 * knows no way to do any of it.
 */
void plan_make(struct plan *plan, const struct board *board, unsigned jobs);

/* Of what is written leaves only these partitions (indexes as in board->partitions, a bit each). */
void plan_keep(struct plan *plan, unsigned long partitions);

/* Writes this file to the partition; size -1: not known. */
void plan_set_file(struct plan *plan, int partition, const char *file, long size);

/* The plan with each step as the line that a person would type, or "# text" for what a person does. Calls out for each line, in order. */
void plan_commands(const struct plan *plan, void (*out)(void *context, const char *tool, const char *line), void *context);

/* VID:PID as the specification writes them: OpenMV's own in capitals, those of others as lsusb shows them. */
void plan_usb_id(const struct board_usb *usb, char text[10]);

#endif
