/* SPDX-License-Identifier: MIT */
/* The steps of flashing, and what is said when one of them fails. */
#include "flash_job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "flash_show.h"
#include "report.h"
#include "session.h"
#include "silence.h"

#define MOST 16

/* An emulated camera's second may be longer than ours when the machine is busy. */
#define ENTER_MS          15000u
#define ENTER_EMULATED_MS 60000u
#define START_MS          15000u
#define START_EMULATED_MS 60000u
#define GRACE_MS          3000u
#define LEAVE_MS          3000u
/* A bootloader that is left alone starts its application after 2.5 s at most. */
#define STAYS_MS          6000u
#define STAYS_EMULATED_MS 15000u
#define TOUCH_MS          100

static bool is_emulated(const struct flash_device *d)
{
    return d->usb ? d->info.emulated : d->camera.emulated;
}

/* --- choosing ------------------------------------------------------------------------------------------------------- */

static int ambiguous(const struct flash_filter *filter)
{
    static struct flash_device found[MOST];
    size_t n = flash_find(filter, found, MOST);
    char text[PATH_BYTES + 200];

    for (size_t i = 0; i < n && !report_json(); i++) {
        flash_describe(&found[i], text, sizeof text);
        report_progress("  %s", text);
    }
    return fail(EXIT_CODE_AMBIGUOUS, "Say which: --name NAME of an emulated one, --serial NUMBER or --port PATH of a real one.",
                "%zu cameras found", n);
}

/* An emulated camera that runs and could be the one that is meant, but is not on USB: says why. */
static int silenced(const struct flash_options *o)
{
    struct instance instances[MOST];
    size_t n = o->camera.port || o->serial ? 0 : instance_list(instances, MOST);
    struct silence silence;

    for (size_t i = 0; i < n; i++)
        if (o->camera.name ? !strcmp(o->camera.name, instances[i].name) : n == 1 && (!o->board || !strcmp(o->board->target, instances[i].target)))
            if (silence_reason(&instances[i], true, &silence))
                return fail(EXIT_CODE_NO_CAMERA, silence.next_step, "%s is not on USB: %s", instances[i].name, silence.why);
    return 0;
}

/* Nothing matches: is there something else that explains it? */
static int nothing(const struct flash_options *o, unsigned modes)
{
    struct flash_filter any = {.name = o->camera.name, .port = o->camera.port, .serial = o->serial};
    struct flash_device found[MOST];
    char text[PATH_BYTES + 200], step[200];
    size_t n = flash_find(&any, found, MOST);

    for (size_t i = 0; i < n; i++) {
        flash_describe(&found[i], text, sizeof text);
        if (found[i].mode == MODE_ROM && !(modes & MODE_ROM))
            return fail(EXIT_CODE_NO_CAMERA,
                        "Restore its bootloader: omv recover --board TARGET. Or remove the BOOT-RST jumper and reconnect it.",
                        "only a chip's ROM loader is there: %s", text);
        if (o->board && found[i].board && found[i].board != o->board && found[i].mode & modes) {
            snprintf(step, sizeof step, "Give the firmware of this camera: build/%s/bin/firmware.bin (make TARGET=%s).",
                     found[i].board->target, found[i].board->target);
            return fail(EXIT_CODE_WRONG_BOARD, step, "no %s is there; the camera is another one: %s", o->board->target, text);
        }
    }
    int code = silenced(o);
    if (code)
        return code;
    if (o->camera.name)
        return fail(EXIT_CODE_NO_CAMERA, "'omv list' shows what there is.", "no camera named %s is on USB", o->camera.name);
    if (o->wait)
        return fail(EXIT_CODE_NO_CAMERA, "Check the cable, press reset, or plug it in while this waits.", "no camera came within %g s",
                    o->timeout_ms / 1000.0);
    return fail(EXIT_CODE_NO_CAMERA, "Plug one in, or start an emulated one (omv emu OPENMV4 --headless &); -w waits for it.",
                "no %s found", o->board ? o->board->name : "camera");
}

int flash_choose(const struct flash_options *o, unsigned modes, struct flash_device *device)
{
    struct flash_filter filter = {.modes = modes, .board = o->board, .name = o->camera.name, .port = o->camera.port, .serial = o->serial};
    char text[PATH_BYTES + 200];
    /* One that restarts just now is back in a moment. */
    int n = flash_wait(&filter, device, o->wait ? 0 : GRACE_MS);

    if (!n && o->wait) {
        report_event("waiting", NULL, "Waiting for %s ...", o->board ? o->board->name : "a camera");
        n = flash_wait(&filter, device, o->timeout_ms ? o->timeout_ms : UINT32_MAX);
    }
    if (n < 0)
        return fail(EXIT_CODE_INTERRUPTED, NULL, "interrupted; nothing was changed");
    if (!n)
        return nothing(o, modes);
    if (n > 1)
        return ambiguous(&filter);
    if (device->mode == MODE_ROM)
        device->board = o->board;
    flash_describe(device, text, sizeof text);
    report_event("camera",
                 json_pack("{s:s*, s:s*, s:b, s:s}", "target", device->board ? device->board->target : NULL, "serial",
                           device->usb ? device->info.serial : device->camera.serial, "emulated", is_emulated(device), "mode",
                           device->mode == MODE_ROM      ? "rom"
                           : device->mode == MODE_LOADER ? "loader"
                                                         : "application"),
                 "%s", text);
    return 0;
}

/* --- entering ------------------------------------------------------------------------------------------------------- */

static int boot_by_protocol(const struct flash_options *o, const struct flash_device *device)
{
    struct session session;
    int code = session_open(&session, &device->camera, &o->camera);

    if (code)
        return code;
    int error = client_command(session.client, SYS_BOOT);
    if (error && error != CLIENT_E_LINK && error != CLIENT_E_TIMEOUT) /* it gives no answer: it is gone at once */
        code = session_fail(&session, error, "ask it into its bootloader");
    session_close(&session);
    return code;
}

/* Arduino's sign: the port is opened at 1200 baud and closed, which drops DTR. */
static int boot_by_touch(const struct flash_options *o, const struct flash_device *device)
{
    const char *port = device->camera.port;
    struct termios t;
    int fd = open(port, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    (void)o;
    if (fd < 0 && (errno == EACCES || errno == EPERM))
        return fail(EXIT_CODE_PERMISSION, "Install the udev rules: omv doctor --install-udev.", "no permission to open %s", port);
    if (fd < 0 || tcgetattr(fd, &t)) {
        if (fd >= 0)
            close(fd);
        return fail(EXIT_CODE_LOST, "Double-press its reset button, and run this again with -w.", "%s cannot be opened: %s", port,
                    strerror(errno));
    }
    cfmakeraw(&t);
    t.c_cflag |= HUPCL | CLOCAL;
    cfsetspeed(&t, B1200);
    tcsetattr(fd, TCSANOW, &t);
    poll(NULL, 0, TOUCH_MS);
    close(fd);
    return 0;
}

static const struct {
    const char *loader;
    int (*enter)(const struct flash_options *o, const struct flash_device *device);
} ways[] = {{"openmv_dfu", boot_by_protocol}, {"arduino_dfu", boot_by_touch}};

int flash_enter(const struct flash_options *o, struct flash_device *device)
{
    const struct flash_filter filter = {.modes = MODE_LOADER, .board = device->board, .same = device};
    struct flash_device loader;
    char text[PATH_BYTES + 200];
    int code = EXIT_CODE_UNSUPPORTED, n;

    if (device->mode != MODE_APPLICATION)
        return 0;
    flash_describe(device, text, sizeof text);
    if (!device->port)
        return fail(EXIT_CODE_BUSY, "Close the other program, or press its reset button and run this again with -w.",
                    "%s: its serial port is not to be seen, so it cannot be asked into its bootloader", text);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (!strcmp(ways[i].loader, device->board->loader))
            code = ways[i].enter(o, device);
    if (code)
        return code;
    report_event("entering", NULL, "It enters its bootloader ...");
    n = flash_wait(&filter, &loader, is_emulated(device) ? ENTER_EMULATED_MS : ENTER_MS);
    if (n < 0)
        return fail(EXIT_CODE_INTERRUPTED, "It stays in its bootloader until it is flashed or reset.",
                    "interrupted while it enters its bootloader; nothing was written");
    if (n != 1)
        return fail(EXIT_CODE_TIMEOUT, "Disconnect it, run this again with -w, reconnect it. If that does not help: omv recover.",
                    "%s: its bootloader (%04X:%04X) has not come up", text, device->board->dfu.vid, device->board->dfu.pid);
    *device = loader;
    device->entered = true;
    return 0;
}

/* --- what went wrong ------------------------------------------------------------------------------------------------ */

static enum exit_code code_of_status(uint8_t status)
{
    switch (status) {
    case DFU_ERR_TARGET:
        return EXIT_CODE_WRONG_BOARD;
    case DFU_ERR_FILE:
        return EXIT_CODE_BAD_IMAGE;
    case DFU_ERR_ADDRESS:
        return EXIT_CODE_WRONG_PLACE;
    case DFU_ERR_VERIFY:
    case DFU_ERR_NOTDONE:
        return EXIT_CODE_VERIFY;
    default:
        return EXIT_CODE_REFUSED;
    }
}

static enum exit_code code_of(int error, uint8_t status)
{
    switch (error) {
    case DFU_E_GONE:
        return EXIT_CODE_LOST;
    case DFU_E_TIMEOUT:
        return EXIT_CODE_TIMEOUT;
    case DFU_E_ACCESS:
        return EXIT_CODE_PERMISSION;
    case DFU_E_BUSY:
        return EXIT_CODE_BUSY;
    case DFU_E_STATUS:
        return code_of_status(status);
    case DFU_E_DIFFERS:
        return EXIT_CODE_VERIFY;
    case DFU_E_CANNOT:
    case DFU_E_ALTERNATE:
    case DFU_E_NOT_DFU:
        return EXIT_CODE_OLD_BOOTLOADER;
    case DFU_E_INTERRUPTED:
        return EXIT_CODE_INTERRUPTED;
    default:
        return EXIT_CODE_REFUSED;
    }
}

/* The device cannot be opened, or is no loader. */
static int cannot_open(const struct flash_device *device, int error)
{
    const char *step = error == DFU_E_ACCESS ? "Install the udev rules: omv doctor --install-udev. Or run this with sudo."
                       : error == DFU_E_BUSY ? "Close the other program (dfu-util, another omv), then try again."
                       : error == DFU_E_GONE ? "Run it again with -w: it waits for the bootloader."
                                             : "Disconnect and reconnect it, then try again.";
    char text[PATH_BYTES + 200];

    flash_describe(device, text, sizeof text);
    return fail(code_of(error, 0), step, "%s: %s; nothing was written", text, dfu_strerror(error));
}

/* What the camera is now: the part that failed may be half written. */
static const char *state_of(const struct flash_link *link, bool firmware, int error)
{
    if (!link->touched)
        return link->changed ? "That file was not begun; those before it are written." : "Nothing was changed.";
    if (link->phase == FLASH_VERIFY && error != DFU_E_DIFFERS && error != DFU_E_STATUS)
        return "All of it is written, but not read back.";
    if (link->flasher == &flasher_rom)
        return "The bootloader is incomplete. Leave the jumper where it is, reconnect.";
    return firmware ? "Its firmware is incomplete, so it stays in its bootloader; its files are as they were."
                    : "That partition is incomplete; the others are not.";
}

static int failed(const struct flash_options *o, const struct flash_link *link, const struct flash_item *item, int error)
{
    static const char *const doing[] = {"erase", "write", "verify"};
    bool firmware = !strcmp(link->board->partitions[item->row->partition[0]].role, "firmware");
    const char *why = error == DFU_E_STATUS ? dfu_strstatus(link->client.status) : dfu_strerror(error);
    char step[PATH_BYTES + 1300];

    flash_show_end();
    snprintf(step, sizeof step, "%s %s: %s", state_of(link, firmware, error),
             error == DFU_E_GONE ? "Plug it in again; this waits for it" : "Then", o->again);
    report_event("state", json_pack("{s:s, s:s}", "camera", link->touched ? "incomplete" : "unchanged", "partition", item->part.name),
                 NULL);
    return fail(code_of(error, link->client.status), step, "cannot %s %s at 0x%X: %s", doing[link->phase], item->part.name,
                (unsigned)link->client.at, why);
}

/* --- working -------------------------------------------------------------------------------------------------------- */

/* All that the loader can be asked before the first write. */
static int check_all(const struct flash_options *o, struct flash_link *link, const struct flash_device *device,
                     const struct flash_item *items, size_t count)
{
    const char *renew = "Renew its bootloader: omv recover.";

    if (link->flasher == &flasher_openmv && device->info.bcd_device < 0x0103 && !o->force)
        return fail(EXIT_CODE_OLD_BOOTLOADER, "Renew its bootloader (omv recover), or go on all the same with --force.",
                    "its bootloader is version %x.%x.%x, older than 1.0.3, which this program knows; nothing was written",
                    device->info.bcd_device >> 8, device->info.bcd_device >> 4 & 15, device->info.bcd_device & 15);
    if (!(link->client.attributes & DFU_CAN_UPLOAD) && !o->no_verify)
        return fail(EXIT_CODE_OLD_BOOTLOADER, "Write without reading back: --no-verify. Or renew its bootloader: omv recover.",
                    "its bootloader cannot be read back, so nothing could be verified; nothing was written");
    for (size_t i = 0; i < count; i++) {
        const struct flash_part *part = &items[i].part;
        int error = link->flasher->check(link, part);
        if (error == DFU_E_ALTERNATE)
            return fail(EXIT_CODE_OLD_BOOTLOADER, renew, "its bootloader has no alternate setting %u named %s; nothing was written",
                        part->alternate, part->name);
        if (error)
            return fail(EXIT_CODE_OLD_BOOTLOADER, renew, "its bootloader cannot write %s: %s; nothing was written", part->name,
                        dfu_strerror(error));
    }
    return 0;
}

static int write_item(const struct flash_options *o, struct flash_link *link, const struct flash_item *item)
{
    const struct flash_part *part = &item->part;

    report_event("part", json_pack("{s:s, s:s, s:I}", "file", item->file, "partition", part->name, "bytes", (json_int_t)part->size),
                 "%s -> %s, %zu bytes", item->file, part->name, part->size);
    int error = link->flasher->write(link, part);
    link->changed |= link->touched;
    if (!error && !o->no_verify)
        error = link->flasher->verify(link, part);
    if (error)
        return failed(o, link, item, error);
    report_event(o->no_verify ? "written" : "verified", json_pack("{s:s, s:I}", "partition", part->name, "bytes", (json_int_t)part->size),
                 o->no_verify ? "%s written; not read back, as --no-verify asks" : "%s verified", part->name);
    return 0;
}

int flash_await_application(const struct flash_options *o, const struct flash_device *device)
{
    const struct flash_filter filter = {.board = device->board, .same = device};
    uint32_t most = is_emulated(device) ? START_EMULATED_MS : START_MS;
    uint32_t stays = is_emulated(device) ? STAYS_EMULATED_MS : STAYS_MS, start = link_now(), loader_since = start;
    struct flash_device now;
    char text[PATH_BYTES + 200];

    for (; link_now() - start < most; poll(NULL, 0, 100)) {
        int n = flash_wait(&filter, &now, 0);
        if (n < 0)
            return fail(EXIT_CODE_INTERRUPTED, NULL, "interrupted; everything was written");
        if (n == 1 && now.mode == MODE_APPLICATION && now.usb) {
            flash_describe(&now, text, sizeof text);
            report_event("running", json_pack("{s:s*, s:s}", "target", now.board ? now.board->target : NULL, "serial", now.info.serial),
                         "%s", text);
            return 0;
        }
        if (n != 1 || now.mode != MODE_LOADER)
            loader_since = link_now();
        if (link_now() - loader_since > stays)
            return fail(EXIT_CODE_TIMEOUT, "Flash the firmware: omv flash -w.",
                        "everything was written, but its bootloader does not start it: there is no whole firmware");
    }
    if (o->force) {
        report_event("restarted", NULL, "It has been restarted. The image is foreign: whether it runs is not known here.");
        return 0;
    }
    return fail(EXIT_CODE_TIMEOUT, "Disconnect and reconnect it; 'omv list' shows whether it is there.",
                "everything was written, but the application has not come up within %u s", (unsigned)(most / 1000));
}

/* Starts the camera; a loader that does not go by itself gets a reset. */
static void leave(struct flash_link *link, struct flash_wire *wire, const struct flash_device *device, uint32_t address)
{
    const struct flash_filter filter = {.modes = device->mode, .board = device->board, .same = device};
    struct flash_device still;

    link->flasher->leave(link, address);
    usb_reset(wire->usb);
    flash_wire_close(wire);
    for (uint32_t start = link_now(); link_now() - start < LEAVE_MS && flash_wait(&filter, &still, 0) > 0;)
        poll(NULL, 0, 100);
}

int flash_work(const struct flash_options *o, struct flash_device *device, const struct flash_item *items, size_t count, bool start)
{
    const struct flasher *flasher = device->mode == MODE_ROM ? &flasher_rom : flasher_find(device->board->loader);
    const struct board *board = device->mode == MODE_ROM ? o->board : device->board;
    struct flash_wire wire;
    struct flash_link link;
    uint32_t since = link_now(), bytes = 0;

    int error = flash_wire_open(&wire, device);
    if (!error)
        error = flasher_open(&link, flasher, board, &wire.wire, flash_show, NULL);
    if (error) {
        flash_wire_close(&wire);
        return cannot_open(device, error);
    }
    int code = check_all(o, &link, device, items, count);
    for (size_t i = 0; i < count && !code; i++) {
        code = write_item(o, &link, &items[i]);
        bytes += (uint32_t)items[i].part.size;
    }
    if (!code)
        report_event("done",
                     json_pack("{s:I, s:I, s:f}", "bytes", (json_int_t)bytes, "requests", (json_int_t)link.client.requests, "seconds",
                               (link_now() - since) / 1000.0),
                     "%u bytes in %.1f s", (unsigned)bytes, (link_now() - since) / 1000.0);
    if (!code && start) {
        leave(&link, &wire, device, items[count - 1].part.address);
        return flash_await_application(o, device);
    }
    bool answers = code != EXIT_CODE_LOST && code != EXIT_CODE_TIMEOUT;
    if (code && answers && device->entered && !link.changed) {
        /* Nothing was done to it: it shall be as it was before. */
        report_progress("It starts its firmware again.");
        leave(&link, &wire, device, board->app_address);
        return code;
    }
    if (answers)
        dfu_client_idle(&link.client);
    flash_wire_close(&wire);
    return code;
}

int flash_hold(const struct flash_device *device)
{
    struct flash_wire wire;
    struct flash_link link;
    int error = flash_wire_open(&wire, device);

    if (!error)
        error = flasher_open(&link, flasher_find(device->board->loader), device->board, &wire.wire, NULL, NULL);
    uint8_t *block = error ? NULL : malloc(link.client.transfer_size);
    if (!error && link.client.alternates && block)
        error = dfu_client_select(&link.client, link.client.alternate[0].number);
    if (!error && link.client.alternates && block)
        error = dfu_client_read_block(&link.client, 0, block);
    free(block);
    flash_wire_close(&wire);
    return error < 0 ? cannot_open(device, error) : 0;
}

/* --- commands of other tools ---------------------------------------------------------------------------------------- */

static void print_line(void *context, const char *tool, const char *line)
{
    (void)context;
    report_event("command", json_pack("{s:s, s:s}", "tool", tool, "line", line), "%s", line);
}

void flash_print_plan(const struct plan *plan)
{
    plan_commands(plan, print_line, NULL);
}

int flash_not_yet(const struct plan *plan, const char *doing)
{
    if (!plan->count)
        return fail(EXIT_CODE_UNSUPPORTED, "Its maker's own tools may.", "there is no way to %s %s", doing, plan->board->name);
    flash_print_plan(plan);
    return fail(EXIT_CODE_UNSUPPORTED, "The commands above do it; nothing was changed.", "omv does not yet speak the loader of %s (%s)",
                plan->board->name, plan->board->loader);
}
