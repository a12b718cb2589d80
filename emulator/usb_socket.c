/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board's USB socket as properties of its machine (usb_socket.h). */
#include "qemu/osdep.h"

#include "usb_socket.h"

#include "hw/irq.h"
#include "qapi/error.h"
#include "qapi/visitor.h"

static const char *const cables[] = { [USB_CABLE_NONE] = "none", [USB_CABLE_POWER] = "power", [USB_CABLE_HOST] = "host" };

/* --- VBUS --- */

static void power(void *opaque, bool vbus)
{
    UsbSocket *s = opaque;

    if (s->vbus_gpio) {
        qemu_set_irq(qdev_get_gpio_in_named(DEVICE(s->vbus_gpio), "drive", s->vbus_pin), vbus);
    }
}

static const UsbPortListener board = { .power = power };

void usb_socket_set_vbus(UsbSocket *socket, Stm32Periph *gpio, unsigned pin)
{
    socket->vbus_gpio = gpio;
    socket->vbus_pin = pin;
    usb_port_set_board(socket->port, &board, socket);
}

/* --- where the server listens --- */

static bool listen_unix(UsbSocket *s, Error **errp)
{
    return !s->path || !*s->path || usbip_server_listen_unix(s->server, s->path, errp);
}

static bool listen_tcp(UsbSocket *s, Error **errp)
{
    return !s->tcp_port || usbip_server_listen_tcp(s->server, s->tcp_port, errp);
}

void usb_socket_start(UsbSocket *socket)
{
    socket->started = true;
    listen_unix(socket, &error_fatal);
    listen_tcp(socket, &error_fatal);
}

static void get_path(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    UsbSocket *s = opaque;
    char *path = s->path ? s->path : (char *)"";

    visit_type_str(v, name, &path, errp);
}

static void set_path(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    UsbSocket *s = opaque;
    char *path;

    if (!visit_type_str(v, name, &path, errp)) {
        return;
    }
    if (s->started) {
        error_setg(errp, "where USB/IP listens can only be said at the start");
        g_free(path);
        return;
    }
    g_free(s->path);
    s->path = path;
}

static void get_tcp(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    visit_type_uint16(v, name, &((UsbSocket *)opaque)->tcp_port, errp);
}

static void set_tcp(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    UsbSocket *s = opaque;

    if (s->started) {
        error_setg(errp, "where USB/IP listens can only be said at the start");
    } else {
        visit_type_uint16(v, name, &s->tcp_port, errp);
    }
}

/* --- cable and suspend --- */

static void get_cable(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    char *text = (char *)cables[usb_port_cable(((UsbSocket *)opaque)->port)];

    visit_type_str(v, name, &text, errp);
}

static void set_cable(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    g_autofree char *text = NULL;

    if (!visit_type_str(v, name, &text, errp)) {
        return;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(cables); i++) {
        if (!strcmp(text, cables[i])) {
            usb_port_set_cable(((UsbSocket *)opaque)->port, i);
            return;
        }
    }
    error_setg(errp, "usb-cable is host (plugged into a computer), power (into a charger) or none, not '%s'", text);
}

static void get_suspend(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    bool value = usb_port_suspended(((UsbSocket *)opaque)->port);

    visit_type_bool(v, name, &value, errp);
}

static void set_suspend(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    UsbSocket *s = opaque;
    bool value;

    if (!visit_type_bool(v, name, &value, errp)) {
        return;
    }
    if (!usb_port_identity(s->port)) {
        error_setg(errp, "no configured USB device is there to suspend");
        return;
    }
    usb_port_set_suspend(s->port, value);
}

/* --- what is to be seen --- */

static void get_device(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    g_autofree char *text = usb_port_describe(((UsbSocket *)opaque)->port);

    visit_type_str(v, name, &text, errp);
}

static void get_imported(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    bool value = usbip_server_imported(((UsbSocket *)opaque)->server);

    visit_type_bool(v, name, &value, errp);
}

static void get_counters(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    const UsbCounters *c = usb_port_counters(((UsbSocket *)opaque)->port);
    g_autofree char *text = g_strdup_printf(
        "{\"frames\":%" PRIu64 ",\"transactions\":%" PRIu64 ",\"naks\":%" PRIu64 ",\"stalls\":%" PRIu64 ",\"errors\":%" PRIu64
        ",\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64 ",\"requests\":%" PRIu64 ",\"resets\":%" PRIu64 "}",
        c->frames, c->transactions, c->naks, c->stalls, c->errors, c->bytes_in, c->bytes_out, c->requests, c->resets);

    visit_type_str(v, name, &text, errp);
}

void usb_socket_init(UsbSocket *socket, Object *machine)
{
    socket->port = usb_port_new();
    socket->server = usbip_server_new(socket->port);
    object_property_add(machine, "usbip", "string", get_path, set_path, NULL, socket);
    object_property_add(machine, "usbip-port", "uint16", get_tcp, set_tcp, NULL, socket);
    object_property_add(machine, "usb-cable", "string", get_cable, set_cable, NULL, socket);
    object_property_add(machine, "usb-suspend", "bool", get_suspend, set_suspend, NULL, socket);
    object_property_add(machine, "usb-device", "string", get_device, NULL, NULL, socket);
    object_property_add(machine, "usb-imported", "bool", get_imported, NULL, NULL, socket);
    object_property_add(machine, "usb-counters", "string", get_counters, NULL, NULL, socket);
}
