/* SPDX-License-Identifier: MIT */
/* Flashing as a user sees it: find the camera, bring it into its loader, write, verify, start it, and say what went wrong. */
#ifndef HOST_FLASH_JOB_H
#define HOST_FLASH_JOB_H

#include "flash_find.h"
#include "flasher.h"
#include "payload.h"
#include "plan.h"

struct flash_options {
    struct camera_options camera;
    const struct board *board; /* NULL: whatever is found */
    const char *serial;
    bool wait;           /* for a camera to appear */
    uint32_t timeout_ms; /* of that; 0: for ever */
    bool force, no_verify;
    const char *again; /* the command line to repeat after a failure */
};

/* One transfer: a row of the plan and what it writes. */
struct flash_item {
    const struct board_step *row;
    struct flash_part part;
    const char *file; /* for messages */
};

/* The camera that is meant, in one of these modes: 0, or an exit code after an error message. */
int flash_choose(const struct flash_options *options, unsigned modes, struct flash_device *device);

/* Brings it into its loader, if it is not there: 0, or an exit code after an error message. *device is it afterwards. */
int flash_enter(const struct flash_options *options, struct flash_device *device);

/*
 * Writes and verifies the items through its loader, all of them checked before the first write; then starts the camera and
 * waits for its application when `start`. 0, or an exit code after an error message that tells the camera's state.
 */
int flash_work(const struct flash_options *options, struct flash_device *device, const struct flash_item *items, size_t count, bool start);

/*
 * Has a bootloader that only waits for its window to end stay: it does once something was transferred, so one block is read. 0, or an
 * exit code after an error message.
 */
int flash_hold(const struct flash_device *device);

/* Waits until the camera runs its application: 0, or an exit code after an error message. */
int flash_await_application(const struct flash_options *options, const struct flash_device *device);

/* For a loader that this program does not speak: says so, with the commands that do it. An exit code. */
int flash_not_yet(const struct plan *plan, const char *doing);

/* Prints the plan's commands. */
void flash_print_plan(const struct plan *plan);

#endif
