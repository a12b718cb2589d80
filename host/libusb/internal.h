/* SPDX-License-Identifier: MIT */
/*
 * libusb-1.0 over USB/IP: what its files share. Programs that know nothing of emulators find the emulated cameras by it
 * as they find real ones by the real library. It needs nothing but an old C library, so that it loads into any program.
 *
 * Locks, in the order in which they are taken: `events` (one thread handles events), `refreshing` (the list of devices is
 * brought up to date), `lock` (everything else). Callbacks of the program run with none of the last two.
 */
#ifndef HOST_LIBUSB_INTERNAL_H
#define HOST_LIBUSB_INTERNAL_H

#include <libusb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/usbip_client.h"

#define MOST_INTERFACES 32
#define MOST_CONFIGS    8
#define MOST_PORTS      7
#define UNLINK_MS       2000u /* a server that does not end a transfer in this time is given up */

struct raw_config {
    uint8_t *bytes;
    uint16_t size;
};

struct libusb_device {
    int references;
    struct libusb_context *context;
    struct libusb_device *next; /* in the context's list */
    bool attached, present;     /* in the list; seen by the present refresh */

    char source[256];         /* address of the server, */
    struct usbip_device seen; /* and what it told */
    uint8_t bus, ports[MOST_PORTS];
    int port_count;

    uint8_t descriptor[18];
    struct raw_config configs[MOST_CONFIGS];
    int config_count;
    bool described; /* descriptors were read; false while another program has it */
    uint8_t configuration;

    /* While open: one connection for all handles of this process. */
    struct usbip *link;
    int handles;
    bool watched, watched_out; /* its socket is in the context's epoll set, also for output */
    struct libusb_device *next_open;
    struct libusb_device_handle *owner[MOST_INTERFACES];
    uint8_t alternate[MOST_INTERFACES];
};

struct libusb_device_handle {
    struct libusb_device *device;
};

/* A transfer is in flight from its submission until its callback is about to be called. */
struct transfer {
    struct usbip_urb urb;
    struct libusb_device_handle *handle; /* that it was submitted to */
    struct transfer *next;               /* in one of the context's two lists */
    bool in_flight, cancelled, timed_out;
    uint64_t deadline; /* 0: none. After it, or a cancellation, that of the unlinking */
    uint32_t stream;
};

struct hotplug_callback {
    struct hotplug_callback *next;
    int handle, events, vid, pid, class_code;
    bool dead; /* deregistered while callbacks ran */
    libusb_hotplug_callback_fn function;
    void *user;
};

struct hotplug_message {
    struct hotplug_message *next;
    struct libusb_device *device; /* a reference */
    libusb_hotplug_event event;
};

struct libusb_context {
    int references; /* of the default context */
    struct libusb_context *next;
    int log_level;
    libusb_log_cb log_callback;
    bool no_discovery;

    pthread_mutex_t events, refreshing, lock, waiters;
    pthread_cond_t event_done;
    int handler_active, closing;
    pthread_t handler;
    bool in_callback;

    int epoll, wake, timer;
    struct libusb_device *devices, *open;
    struct transfer *flying, *done;
    struct hotplug_callback *callbacks;
    struct hotplug_message *messages;
    int next_callback;
    uint64_t next_look; /* for hotplug */
};

/* The context meant by `context`, which may be NULL. NULL when libusb_init has not been called. */
struct libusb_context *context_of(struct libusb_context *context);
void log_line(struct libusb_context *context, enum libusb_log_level level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A negative errno of USB/IP, or of the system, as an error of libusb. */
int error_of_status(int status);

/* Brings the list of devices up to date: asks every server. */
void devices_refresh(struct libusb_context *context);
/* Reads the descriptors over a connection: whether they could be read. */
bool device_describe(struct libusb_device *device, struct usbip *link);

/* Transfers; with `lock` held. */
void transfers_expire(struct libusb_context *context, uint64_t now);
uint64_t transfers_next_deadline(const struct libusb_context *context);
struct transfer *transfers_pop_done(struct libusb_context *context);
void transfers_forget(struct libusb_context *context, struct libusb_device_handle *handle);
struct libusb_transfer *transfer_public(struct transfer *transfer);

/* Calls a transfer's callback; no lock is held. */
void transfer_deliver(struct transfer *transfer);

/* Events. events_watch brings the epoll set up to date after work on a device's link; with `lock` held. */
void events_watch(struct libusb_context *context, struct libusb_device *device);
void events_unwatch(struct libusb_context *context, struct libusb_device *device);
void events_arm_timer(struct libusb_context *context);
void events_wake(struct libusb_context *context);
bool events_in_callback(struct libusb_context *context);

/* Hotplug: a device came or left (with `refreshing` held); the messages are delivered by the event handler. */
void hotplug_post(struct libusb_context *context, struct libusb_device *device, libusb_hotplug_event event);
void hotplug_deliver(struct libusb_context *context);
void hotplug_free(struct libusb_context *context);
#define HOTPLUG_LOOK_MS 100u

/* Walks descriptors: the next one at *offset of `size` bytes, or NULL at the end or at nonsense. */
const uint8_t *descriptor_next(const uint8_t *bytes, size_t size, size_t *offset);

/* A BOS descriptor of at least 5 bytes, which may be any; NULL without memory. */
struct libusb_bos_descriptor *bos_parse(const uint8_t *bytes, size_t size);

#endif
