/* SPDX-License-Identifier: GPL-2.0-or-later */
/* USB/IP connections (usbip_server.h): sockets on one side, the port's requests on the other; non-blocking in both directions. */
#include "qemu/osdep.h"

#include "usbip_server.h"

#include "io/channel-socket.h"
#include "io/net-listener.h"
#include "qapi/error.h"
#include "qapi/qapi-types-sockets.h"
#include "qemu/bswap.h"
#include "qemu/main-loop.h"
#include "qemu/sockets.h"
#include "usbip_wire.h"

#define BUSID "1-1"
#define SYS_PATH "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1"

enum {
    BUS_NUMBER = 1, READ_SIZE = 65536, MAX_CLIENTS = 16, MAX_URBS = 4096, MAX_BYTES = 64 << 20,
    WAITING = 16,                               /* that have connected and aren't accepted yet: a program that looks tries once */
    HIGH_WATER = 1 << 20,                       /* bytes not yet sent: no more is read from that client */
    MAX_QUEUED = 80 << 20,                      /* and nobody gets that far who reads at all */
};

typedef struct Client Client;

typedef struct ServerUrb {
    UsbUrb urb;
    Client *client;
    uint32_t sequence;
    bool reset;                                 /* a port reset, not a transfer */
    QTAILQ_ENTRY(ServerUrb) link;
} ServerUrb;

struct Client {
    UsbipServer *server;
    QIOChannel *channel;
    guint watch_in, watch_out;
    UsbipStream stream;
    GByteArray *out;
    size_t sent;                                /* of `out` */
    bool close_when_sent, dead;
    bool kernel;                                /* it has configured the device: a kernel has it, not a program */
    QTAILQ_HEAD(, ServerUrb) urbs;              /* in flight */
    unsigned count;
    uint64_t bytes;
    QTAILQ_ENTRY(Client) link;
};

struct UsbipServer {
    UsbPort *port;
    Client *importer;                           /* whose the device is; NULL: free */
    bool resetting;                             /* after its former owner: nobody's yet */
    QTAILQ_HEAD(, Client) clients;
    unsigned count;
    QEMUBH *reap;
};

/* --- out --- */

static gboolean writable(QIOChannel *channel, GIOCondition condition, gpointer opaque);

/* The client is over; it is freed from the main loop, never from below its own calls. */
static void bury(Client *c)
{
    if (!c->dead) {
        c->dead = true;
        qemu_bh_schedule(c->server->reap);
    }
}

static void flush(Client *c)
{
    while (!c->dead && c->sent < c->out->len) {
        ssize_t n = qio_channel_write(c->channel, (const char *)c->out->data + c->sent, c->out->len - c->sent, NULL);

        if (n == QIO_CHANNEL_ERR_BLOCK) {
            if (!c->watch_out) {
                c->watch_out = qio_channel_add_watch(c->channel, G_IO_OUT, writable, c, NULL);
            }
            break;
        }
        if (n <= 0) {
            bury(c);
            return;
        }
        c->sent += n;
    }
    if (c->sent == c->out->len) {
        g_byte_array_set_size(c->out, 0);
        c->sent = 0;
        if (c->close_when_sent) {
            bury(c);
        }
    } else if (c->sent > HIGH_WATER) {
        g_byte_array_remove_range(c->out, 0, c->sent);
        c->sent = 0;
    }
}

static void send_bytes(Client *c, const void *bytes, size_t length)
{
    if (!c->dead && length) {
        g_byte_array_append(c->out, bytes, length);
        if (c->out->len - c->sent > MAX_QUEUED) {
            bury(c);
        }
    }
}

/* --- requests --- */

static void drop_urb(ServerUrb *u)
{
    QTAILQ_REMOVE(&u->client->urbs, u, link);
    u->client->count--;
    u->client->bytes -= u->urb.length;
    free(u->urb.data);
    g_free(u);
}

static void send_result(Client *c, uint32_t sequence, int status, uint32_t actual, const uint8_t *data)
{
    uint8_t header[USBIP_HEADER_LENGTH];

    usbip_put_ret_submit(header, sequence, status, actual, 0);
    send_bytes(c, header, sizeof(header));
    if (data) {
        send_bytes(c, data, actual);
    }
    flush(c);
}

static void urb_done(UsbUrb *urb)
{
    ServerUrb *u = container_of(urb, ServerUrb, urb);

    send_result(u->client, u->sequence, urb->status, urb->actual, urb->in ? urb->data : NULL);
    drop_urb(u);
}

static void reset_done(void *opaque, bool same_device)
{
    ServerUrb *u = opaque;

    u->urb.status = same_device ? URB_OK : URB_SHUT_DOWN;
    urb_done(&u->urb);
}

/* A port reset reaches a server as the hub's request for it, SET_FEATURE(PORT_RESET), sent to the device. */
static bool is_port_reset(const uint8_t setup[8])
{
    return setup[0] == 0x23 && setup[1] == 3 && lduw_le_p(setup + 2) == 4;
}

/* The address is the host's affair, and a transfer can't have another direction than its request says. */
static bool acceptable(const UsbipSubmit *s)
{
    return ((s->setup[0] & 0x7f) || s->setup[1] != 5) && (!s->length || s->in == !!(s->setup[0] & 0x80));
}

static bool stream_submit(void *owner, const UsbipSubmit *s, uint8_t *data)
{
    Client *c = owner;
    ServerUrb *u;

    if (s->length > USBIP_MAX_TRANSFER || c->count >= MAX_URBS || c->bytes + s->length > MAX_BYTES) {
        free(data);
        send_result(c, s->sequence, URB_NO_MEMORY, 0, NULL);
        return true;
    }
    if (s->packets) {                           /* isochronous: each packet comes back with an error */
        uint8_t header[USBIP_HEADER_LENGTH], packet[USBIP_PACKET_LENGTH];

        free(data);
        usbip_put_ret_submit(header, s->sequence, URB_OK, 0, s->packets);
        send_bytes(c, header, sizeof(header));
        usbip_put_packet(packet, URB_CROSS_DEVICE);
        for (uint32_t i = 0; i < s->packets; i++) {
            send_bytes(c, packet, sizeof(packet));
        }
        flush(c);
        return true;
    }
    u = g_new0(ServerUrb, 1);
    u->client = c;
    u->sequence = s->sequence;
    u->urb = (UsbUrb) { .endpoint = s->endpoint, .in = s->in, .data = data, .length = s->length, .flags = s->flags, .done = urb_done };
    memcpy(u->urb.setup, s->setup, 8);
    if (s->in && s->length) {
        u->urb.data = calloc(1, s->length);
    }
    QTAILQ_INSERT_TAIL(&c->urbs, u, link);
    c->count++;
    c->bytes += s->length;
    c->kernel |= s->endpoint == 0 && s->setup[0] == 0 && s->setup[1] == 9;
    if (s->endpoint == 0 && is_port_reset(s->setup)) {
        u->reset = true;
        usb_port_reset(c->server->port, reset_done, u);
    } else if (s->endpoint == 0 && !acceptable(s)) {
        u->urb.status = URB_STALLED;
        urb_done(&u->urb);
    } else {
        usb_port_submit(c->server->port, &u->urb);
    }
    return true;
}

static bool stream_unlink(void *owner, uint32_t sequence, uint32_t victim)
{
    Client *c = owner;
    uint8_t header[USBIP_HEADER_LENGTH];
    int status = 0;                             /* it was done before: its answer is under way */
    ServerUrb *u;

    QTAILQ_FOREACH(u, &c->urbs, link) {
        if (u->sequence == victim && !u->reset) {
            usb_port_cancel(c->server->port, &u->urb);
            drop_urb(u);
            status = URB_UNLINKED;
            break;
        }
    }
    usbip_put_ret_unlink(header, sequence, status);
    send_bytes(c, header, sizeof(header));
    flush(c);
    return true;
}

static bool stream_is_isochronous(void *owner, unsigned endpoint, bool in)
{
    return usb_port_is_isochronous(((Client *)owner)->server->port, endpoint, in);
}

/* --- devices --- */

static const UsbIdentity *describe(UsbipServer *s, UsbipDevice *device)
{
    const UsbIdentity *id = usb_port_identity(s->port);

    if (id) {
        *device = (UsbipDevice) {
            .path = SYS_PATH, .busid = BUSID, .bus = BUS_NUMBER, .number = usb_port_address(s->port),
            .speed = usb_port_speed(s->port) == USB_HIGH_SPEED ? 3 : 2, .descriptor = id->device,
            .configuration = usb_port_configuration(s->port), .interfaces = id->configuration[4],
        };
    }
    return id;
}

/* Class, subclass and protocol of each interface's first alternate setting. */
static void send_interfaces(Client *c, const UsbIdentity *id)
{
    const uint8_t *d = id->configuration, *end = d + id->configuration_length;
    unsigned wanted = id->configuration[4], sent = 0;
    const uint8_t nothing[4] = { 0 };

    for (; end - d >= 2 && d[0] >= 2 && d[0] <= end - d; d += d[0]) {
        if (d[1] == 4 && d[0] >= 9 && d[3] == 0 && sent < wanted) {
            const uint8_t class[4] = { d[5], d[6], d[7] };

            send_bytes(c, class, sizeof(class));
            sent++;
        }
    }
    for (; sent < wanted; sent++) {
        send_bytes(c, nothing, sizeof(nothing));
    }
}

static bool stream_list(void *owner)
{
    Client *c = owner;
    UsbipDevice device;
    const UsbIdentity *id = describe(c->server, &device);
    uint8_t op[USBIP_OP_LENGTH], number[4], bytes[USBIP_DEVICE_LENGTH];

    usbip_put_op(op, USBIP_REP_DEVLIST, USBIP_ST_OK);
    send_bytes(c, op, sizeof(op));
    usbip_put_u32(number, id ? 1 : 0);
    send_bytes(c, number, sizeof(number));
    if (id) {
        usbip_put_device(bytes, &device);
        send_bytes(c, bytes, sizeof(bytes));
        send_interfaces(c, id);
    }
    c->close_when_sent = true;
    flush(c);
    return false;
}

static bool stream_import(void *owner, const char *busid)
{
    Client *c = owner;
    UsbipServer *s = c->server;
    UsbipDevice device;
    const UsbIdentity *id = describe(s, &device);
    uint32_t status = !id || strcmp(busid, BUSID) ? USBIP_ST_NO_DEVICE : s->importer || s->resetting ? USBIP_ST_BUSY : USBIP_ST_OK;
    uint8_t op[USBIP_OP_LENGTH], bytes[USBIP_DEVICE_LENGTH];

    usbip_put_op(op, USBIP_REP_IMPORT, status);
    send_bytes(c, op, sizeof(op));
    if (status == USBIP_ST_OK) {
        s->importer = c;
        usbip_put_device(bytes, &device);
        send_bytes(c, bytes, sizeof(bytes));
    } else {
        c->close_when_sent = true;
    }
    flush(c);
    return status == USBIP_ST_OK;
}

static const UsbipStreamOps stream_ops = {
    .list = stream_list,
    .import = stream_import,
    .is_isochronous = stream_is_isochronous,
    .submit = stream_submit,
    .unlink = stream_unlink,
};

/* The device has come, or gone with all its requests answered: then the connection ends, as a pulled cable. */
static void present(void *opaque, bool is_present)
{
    UsbipServer *s = opaque;

    if (!is_present && s->importer) {
        s->importer->close_when_sent = true;
        usbip_stream_end(&s->importer->stream);
        flush(s->importer);
        s->importer = NULL;
    }
}

static const UsbPortListener listener = { .present = present };

/* --- connections --- */

static void cancel_all(Client *c)
{
    ServerUrb *u, *next;

    QTAILQ_FOREACH_SAFE(u, &c->urbs, link, next) {
        if (u->reset) {
            usb_port_reset_abandon(c->server->port, u);
        } else {
            usb_port_cancel(c->server->port, &u->urb);
        }
        drop_urb(u);
    }
}

static void reset_after_use(void *opaque, bool same_device)
{
    ((UsbipServer *)opaque)->resetting = false;
}

static void free_client(Client *c)
{
    UsbipServer *s = c->server;

    cancel_all(c);
    if (s->importer == c) {
        s->importer = NULL;
        if (c->kernel) {                        /* usbip-host resets the device then; the next kernel counts on it */
            s->resetting = true;
            usb_port_reset(s->port, reset_after_use, s);
        } else {
            usb_port_release(s->port);
        }
    }
    if (c->watch_in) {
        g_source_remove(c->watch_in);
    }
    if (c->watch_out) {
        g_source_remove(c->watch_out);
    }
    usbip_stream_end(&c->stream);
    qio_channel_close(c->channel, NULL);
    object_unref(OBJECT(c->channel));
    g_byte_array_free(c->out, true);
    QTAILQ_REMOVE(&s->clients, c, link);
    s->count--;
    g_free(c);
}

static void reap(void *opaque)
{
    UsbipServer *s = opaque;
    Client *c, *next;

    QTAILQ_FOREACH_SAFE(c, &s->clients, link, next) {
        if (c->dead) {
            free_client(c);
        }
    }
}

static gboolean readable(QIOChannel *channel, GIOCondition condition, gpointer opaque);

static void watch_input(Client *c)
{
    if (!c->watch_in && !c->dead) {
        c->watch_in = qio_channel_add_watch(c->channel, G_IO_IN | G_IO_HUP | G_IO_ERR, readable, c, NULL);
    }
}

static gboolean writable(QIOChannel *channel, GIOCondition condition, gpointer opaque)
{
    Client *c = opaque;

    c->watch_out = 0;                           /* flush() makes another one if need be */
    flush(c);
    if (c->out->len - c->sent <= HIGH_WATER) {
        watch_input(c);
    }
    return G_SOURCE_REMOVE;
}

static gboolean readable(QIOChannel *channel, GIOCondition condition, gpointer opaque)
{
    static uint8_t bytes[READ_SIZE];
    Client *c = opaque;
    ssize_t n;

    if (c->dead) {
        c->watch_in = 0;
        return G_SOURCE_REMOVE;
    }
    n = qio_channel_read(channel, (char *)bytes, sizeof(bytes), NULL);
    if (n == QIO_CHANNEL_ERR_BLOCK) {
        return G_SOURCE_CONTINUE;
    }
    if (n <= 0) {
        bury(c);
    } else if (!c->close_when_sent && !usbip_stream_feed(&c->stream, bytes, n) && !c->close_when_sent) {
        bury(c);
    }
    if (c->dead || c->out->len - c->sent > HIGH_WATER) {
        c->watch_in = 0;
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static void accept_client(QIONetListener *from, QIOChannelSocket *socket, gpointer opaque)
{
    UsbipServer *s = opaque;
    Client *c;

    QTAILQ_FOREACH(c, &s->clients, link) {      /* idle connections don't keep anybody out: the oldest one goes */
        if (s->count >= MAX_CLIENTS && c != s->importer && !c->dead) {
            bury(c);
            break;
        }
    }
    c = g_new0(Client, 1);
    c->server = s;
    c->channel = QIO_CHANNEL(socket);
    object_ref(OBJECT(socket));
    qio_channel_set_blocking(c->channel, false, NULL);
    qio_channel_set_delay(c->channel, false);
    c->out = g_byte_array_new();
    QTAILQ_INIT(&c->urbs);
    usbip_stream_init(&c->stream, &stream_ops, c);
    QTAILQ_INSERT_TAIL(&s->clients, c, link);
    s->count++;
    watch_input(c);
}

static bool listen_at(UsbipServer *s, SocketAddress *address, Error **errp)
{
    QIONetListener *net = qio_net_listener_new();

    if (qio_net_listener_open_sync(net, address, WAITING, errp) < 0) {
        object_unref(OBJECT(net));
        return false;
    }
    qio_net_listener_set_client_func(net, accept_client, s, NULL);
    return true;
}

bool usbip_server_listen_unix(UsbipServer *server, const char *path, Error **errp)
{
    SocketAddress address = { .type = SOCKET_ADDRESS_TYPE_UNIX, .u.q_unix = { .path = (char *)path } };

    return listen_at(server, &address, errp);
}

bool usbip_server_listen_tcp(UsbipServer *server, uint16_t tcp_port, Error **errp)
{
    g_autofree char *number = g_strdup_printf("%u", tcp_port);
    SocketAddress address = { .type = SOCKET_ADDRESS_TYPE_INET, .u.inet = { .host = (char *)"127.0.0.1", .port = number } };

    return listen_at(server, &address, errp);
}

bool usbip_server_imported(const UsbipServer *server)
{
    return server->importer != NULL;
}

UsbipServer *usbip_server_new(UsbPort *port)
{
    UsbipServer *s = g_new0(UsbipServer, 1);

    s->port = port;
    QTAILQ_INIT(&s->clients);
    s->reap = qemu_bh_new(reap, s);
    usb_port_set_client(port, &listener, s);
    return s;
}
