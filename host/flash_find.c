/* SPDX-License-Identifier: MIT */
/* Cameras in all modes: applications by their serial ports (camera.h), loaders by their USB ids. */
#include "flash_find.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

#define MOST    64
#define POLL_MS 100

static bool is_id(const struct board_usb *id, const struct usb_info *info)
{
    return id->vid && id->vid == info->vid && id->pid == info->pid;
}

static bool is_one_of(const struct board_usb *ids, size_t n, const struct usb_info *info)
{
    for (size_t i = 0; i < n; i++)
        if (is_id(&ids[i], info))
            return true;
    return false;
}

/* What a USB device is, if it is a camera. The ids of two boards' loaders may be the same: the first one, or the wanted one. */
static bool recognise(const struct usb_info *info, const struct board *wanted, struct flash_device *device)
{
    *device = (struct flash_device){.usb = true, .info = *info};
    for (size_t i = 0; i < board_count; i++) {
        const struct board *b = &boards[i];
        if (wanted && b != wanted)
            continue;
        if (is_id(&b->app, info) || is_one_of(b->app_aliases, 4, info))
            device->mode = MODE_APPLICATION;
        else if (is_id(&b->dfu, info) || is_one_of(b->dfu_aliases, 4, info))
            device->mode = MODE_LOADER;
        else if (is_id(&b->rom, info))
            device->mode = MODE_ROM;
        else
            continue;
        device->board = device->mode == MODE_ROM ? NULL : b;
        return true;
    }
    return wanted ? recognise(info, NULL, device) : false;
}

static bool same_usb(const struct usb_info *a, const struct usb_info *b)
{
    if (a->emulated || b->emulated)
        return a->emulated == b->emulated && !strcmp(a->name, b->name);
    return a->serial[0] && b->serial[0] ? !strcmp(a->serial, b->serial) : !strcmp(a->name, b->name);
}

static bool belongs(const struct camera *camera, const struct usb_info *info)
{
    if (camera->emulated || info->emulated)
        return camera->emulated == info->emulated && !strcmp(camera->instance.name, info->name);
    return camera->serial[0] && !strcmp(camera->serial, info->serial);
}

/* The chip's loader does not keep the number of the camera's; where it is plugged in stays. */
static bool is_same(const struct flash_device *d, const struct flash_device *was)
{
    if (d->usb && was->usb)
        return d->mode == MODE_ROM || was->mode == MODE_ROM
                   ? d->info.emulated == was->info.emulated && !strcmp(d->info.name, was->info.name)
                   : same_usb(&d->info, &was->info);
    if (d->usb && was->port)
        return belongs(&was->camera, &d->info);
    if (d->port && was->usb)
        return belongs(&d->camera, &was->info);
    return d->port && was->port && !strcmp(d->camera.port, was->camera.port) && !strcmp(d->camera.instance.name, was->camera.instance.name);
}

static bool has_rom(const struct board *board, const struct usb_info *info)
{
    return is_id(&board->rom, info);
}

static bool matches(const struct flash_device *d, const struct flash_filter *f)
{
    const char *serial = d->usb ? d->info.serial : d->camera.serial;
    const char *name = d->usb && d->info.emulated ? d->info.name : d->port && d->camera.emulated ? d->camera.instance.name : "";

    if (f->modes && !(f->modes & d->mode))
        return false;
    if (f->board && (d->mode == MODE_ROM ? !has_rom(f->board, &d->info) : d->board != f->board))
        return false;
    if (f->name && strcmp(f->name, name))
        return false;
    if (f->serial && strcmp(f->serial, serial))
        return false;
    if (f->port && (!d->port || strcmp(f->port, d->camera.port)))
        return false;
    return !f->same || is_same(d, f->same);
}

size_t flash_find(const struct flash_filter *filter, struct flash_device *devices, size_t most)
{
    static struct usb_info infos[MOST];
    static struct camera cameras[MOST];
    static struct flash_device all[2 * MOST];
    size_t usbs = usb_list(infos, MOST), ports = camera_list(cameras, MOST), n = 0, found = 0;

    for (size_t i = 0; i < usbs; i++)
        if (recognise(&infos[i], filter->board, &all[n]))
            n++;
    for (size_t i = 0; i < ports; i++) {
        size_t k = 0;
        while (k < n && !(all[k].usb && belongs(&cameras[i], &all[k].info)))
            k++;
        if (k < n) {
            all[k].port |= all[k].mode == MODE_APPLICATION;
            all[k].camera = cameras[i];
        } else if (!cameras[i].emulated) { /* an emulated one without USB is unplugged */
            all[n++] = (struct flash_device){.mode = MODE_APPLICATION, .board = cameras[i].board, .port = true, .camera = cameras[i]};
        }
    }
    for (size_t i = 0; i < n && found < most; i++)
        if (matches(&all[i], filter))
            devices[found++] = all[i];
    return found;
}

int flash_wait(const struct flash_filter *filter, struct flash_device *device, uint32_t timeout_ms)
{
    static struct flash_device found[MOST];

    for (uint32_t start = link_now();; poll(NULL, 0, POLL_MS)) {
        size_t n = flash_find(filter, found, MOST);
        if (n == 1)
            *device = found[0];
        if (session_interrupted())
            return -1;
        if (n || link_now() - start >= timeout_ms)
            return (int)n;
    }
}

void flash_describe(const struct flash_device *d, char *text, size_t size)
{
    static const struct {
        enum flash_mode mode;
        const char *name;
    } modes[] = {{MODE_APPLICATION, "app"}, {MODE_LOADER, "bootloader"}, {MODE_ROM, "ROM loader"}};
    const char *mode = "";
    const char *where = d->usb ? d->info.name : d->camera.emulated ? d->camera.instance.name : d->camera.port;
    bool emulated = d->usb ? d->info.emulated : d->camera.emulated;
    const char *serial = d->usb ? d->info.serial : d->camera.serial;
    char id[24] = "";

    for (size_t i = 0; i < 3; i++)
        if (modes[i].mode == d->mode)
            mode = modes[i].name;
    if (d->usb)
        snprintf(id, sizeof id, " %04X:%04X", d->info.vid, d->info.pid);
    snprintf(text, size, "%s · %s%s · %s%s%s%s", d->board ? d->board->name : "a chip", emulated ? "emulated, name " : "", where, mode, id,
             serial[0] ? " · serial " : "", serial);
}

/* --- wire ----------------------------------------------------------------------------------------------------------- */

static int error_of(int error)
{
    static const struct {
        int usb, dfu;
    } table[] = {
        {USB_E_TIMEOUT, DFU_E_TIMEOUT}, {USB_E_STALL, DFU_E_STALL}, {USB_E_GONE, DFU_E_GONE},       {USB_E_BUSY, DFU_E_BUSY},
        {USB_E_ACCESS, DFU_E_ACCESS},   {USB_E_IO, DFU_E_IO},       {USB_E_OVERFLOW, DFU_E_ANSWER}, {USB_E_NOT_FOUND, DFU_E_GONE},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].usb == error)
            return table[i].dfu;
    return error < 0 ? DFU_E_IO : error;
}

static int control(void *context, uint8_t type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                   unsigned timeout_ms)
{
    struct flash_wire *w = context;
    return error_of(usb_control(w->usb, type, request, value, index, data, length, timeout_ms));
}

static int set_alternate(void *context, unsigned interface, unsigned alternate)
{
    struct flash_wire *w = context;
    return error_of(usb_alternate(w->usb, (uint8_t)interface, (uint8_t)alternate));
}

/* A signal ends it early. */
static void sleep_ms(void *context, unsigned ms)
{
    (void)context;
    poll(NULL, 0, (int)ms);
}

static uint32_t now_ms(void *context)
{
    (void)context;
    return link_now();
}

int flash_wire_open(struct flash_wire *w, const struct flash_device *device)
{
    struct dfu_client client = {.wire = NULL};
    uint8_t configuration[1024];

    *w = (struct flash_wire){.wire = {w, control, set_alternate, sleep_ms, now_ms}};
    int error = usb_open(&device->info, &w->usb);
    if (error)
        return error_of(error);
    int n = usb_configuration(w->usb, configuration, sizeof configuration);
    if (n < 0)
        return error_of(n);
    error = dfu_client_parse(&client, configuration, (size_t)n);
    if (error)
        return error;
    w->interface = client.interface;
    return error_of(usb_claim(w->usb, (uint8_t)w->interface));
}

void flash_wire_close(struct flash_wire *w)
{
    usb_close(w->usb);
    w->usb = NULL;
}
