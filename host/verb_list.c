/* SPDX-License-Identifier: MIT */
/* omv list: the cameras that can be reached, in whatever mode they are. */
#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "flash_find.h"
#include "options.h"
#include "report.h"
#include "usbip_client.h"
#include "verbs.h"

#define MOST     64
#define USBIP_MS 500u

enum { JSON = 0x100 };

static error_t parse(int key, char *argument, struct argp_state *state)
{
    switch (key) {
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

/* As people, and as programs, know the mode. */
static const struct {
    enum flash_mode mode;
    const char *text, *key;
} modes[] = {{MODE_APPLICATION, "app", "app"}, {MODE_LOADER, "DFU", "dfu"}, {MODE_ROM, "ROM", "rom"}};

/* What somebody else's program is on USB; 0 when it isn't there, or is the camera itself that came just now. */
static struct board_usb foreign_usb(const struct camera *camera)
{
    struct usbip_device device;

    if (usbip_list(camera->instance.usbip, &device, 1, USBIP_MS) < 1 || (camera->board && device.vid == camera->board->app.vid))
        return (struct board_usb){0};
    return (struct board_usb){device.vid, device.pid};
}

static void show(const struct flash_device *d)
{
    const struct board *board = d->board ? d->board : d->camera.board;
    bool emulated = d->usb ? d->info.emulated : d->camera.emulated;
    const char *name = d->usb ? d->info.name : d->camera.instance.name;
    const char *serial = d->usb ? d->info.serial : d->camera.serial;
    const char *port = !emulated ? d->camera.port : access(d->camera.instance.tty, F_OK) ? "" : d->camera.instance.tty;
    const struct board_usb id = d->usb ? (struct board_usb){d->info.vid, d->info.pid} : emulated ? foreign_usb(&d->camera) : board->app;
    bool foreign = emulated && !d->usb && id.vid;
    char line[1024], usb[12] = "";
    size_t i = 0, n;

    while (modes[i].mode != d->mode)
        i++;
    if (id.vid)
        snprintf(usb, sizeof usb, "%04X:%04X", id.vid, id.pid);
    n = (size_t)snprintf(line, sizeof line, "%s · %s", board ? board->name : "camera", emulated ? "emulated" : port[0] ? port : name);
    if (foreign)
        n += (size_t)snprintf(line + n, sizeof line - n, " · on USB as %s, not a camera's", usb);
    else if (id.vid)
        n += (size_t)snprintf(line + n, sizeof line - n, " · %s %s · serial %s", modes[i].text, usb, serial[0] ? serial : "-");
    else
        n += (size_t)snprintf(line + n, sizeof line - n, " · not on USB");
    if (emulated)
        n += (size_t)snprintf(line + n, sizeof line - n, " · name %s", name);
    if (d->usb && d->info.busy)
        n += (size_t)snprintf(line + n, sizeof line - n, " · in use");
    if (d->usb && d->info.denied)
        snprintf(line + n, sizeof line - n, " · no permission (omv doctor --install-udev)");

    json_t *values = json_pack("{s:s*, s:s*, s:b, s:s, s:s*, s:s, s:b}", "target", board ? board->target : NULL, "board",
                               board ? board->name : NULL, "emulated", emulated, "mode", foreign ? "foreign" : id.vid ? modes[i].key : "none", "usb",
                               id.vid ? usb : NULL, "serial", serial, "busy", d->usb && d->info.busy);
    if (emulated || d->usb)
        json_object_set_new(values, emulated ? "name" : "place", json_string(name));
    if (port[0])
        json_object_set_new(values, "port", json_string(port));
    report_event("camera", values, "%s", line);
}

/* Emulated cameras that are not on USB: unplugged, in reset, or with firmware that has none. */
static size_t add_unplugged(struct flash_device *devices, size_t n)
{
    static struct camera cameras[MOST];
    size_t count = camera_list(cameras, MOST);

    for (size_t i = 0; i < count && n < MOST; i++) {
        bool known = !cameras[i].emulated;
        for (size_t k = 0; k < n && !known; k++)
            known = devices[k].usb && devices[k].info.emulated && !strcmp(devices[k].info.name, cameras[i].instance.name);
        if (!known)
            devices[n++] = (struct flash_device){.mode = MODE_APPLICATION, .board = cameras[i].board, .camera = cameras[i]};
    }
    return n;
}

int verb_list(int argc, char **argv)
{
    static const struct argp_option options[] = {{"json", JSON, NULL, 0, "print one JSON event per line", 0}, {0}};
    static const struct argp argp = {
        options,
        parse,
        "",
        "Shows the cameras that can be reached, one line each: real ones and emulated ones, running their application (app), in their "
        "bootloader (DFU) or in that of the chip (ROM).",
        NULL,
        NULL,
        NULL,
    };
    static struct flash_device devices[MOST];
    const struct flash_filter all = {0};

    options_parse(&argp, argc, argv, NULL);
    size_t n = add_unplugged(devices, flash_find(&all, devices, MOST));
    for (size_t i = 0; i < n; i++)
        show(&devices[i]);
    if (!n && !report_json())
        report_progress("No camera found. Plug one in, or start an emulated one: omv emu OPENMV4 --headless &");
    return EXIT_CODE_OK;
}
