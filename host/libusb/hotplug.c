/* SPDX-License-Identifier: MIT */
/* Callbacks for devices that come and go. Servers cannot tell, so they are asked ten times a second while anybody listens. */
#include "internal.h"

#include <stdlib.h>

void hotplug_post(struct libusb_context *context, struct libusb_device *device, libusb_hotplug_event event)
{
    pthread_mutex_lock(&context->lock);
    struct hotplug_message **last = &context->messages, *message = context->callbacks ? calloc(1, sizeof *message) : NULL;
    if (message) {
        message->device = libusb_ref_device(device);
        message->event = event;
        while (*last)
            last = &(*last)->next;
        *last = message;
        events_wake(context);
    }
    pthread_mutex_unlock(&context->lock);
}

static bool matches(const struct hotplug_callback *c, const struct libusb_device *device, libusb_hotplug_event event)
{
    return !c->dead && c->events & event && (c->vid == LIBUSB_HOTPLUG_MATCH_ANY || c->vid == device->seen.vid) &&
           (c->pid == LIBUSB_HOTPLUG_MATCH_ANY || c->pid == device->seen.pid) &&
           (c->class_code == LIBUSB_HOTPLUG_MATCH_ANY || c->class_code == device->descriptor[4]);
}

/* Those deregistered, when nobody walks the list. */
static void sweep(struct libusb_context *context)
{
    for (struct hotplug_callback **p = &context->callbacks; *p;) {
        struct hotplug_callback *c = *p;
        if (!c->dead) {
            p = &c->next;
            continue;
        }
        *p = c->next;
        free(c);
    }
}

void hotplug_deliver(struct libusb_context *context)
{
    pthread_mutex_lock(&context->lock);
    for (struct hotplug_message *m; (m = context->messages);) {
        context->messages = m->next;
        for (struct hotplug_callback *c = context->callbacks; c; c = c->next) {
            if (!matches(c, m->device, m->event))
                continue;
            pthread_mutex_unlock(&context->lock);
            int enough = c->function(context, m->device, m->event, c->user);
            pthread_mutex_lock(&context->lock);
            c->dead |= enough != 0;
        }
        libusb_unref_device(m->device);
        free(m);
    }
    sweep(context);
    pthread_mutex_unlock(&context->lock);
}

void hotplug_free(struct libusb_context *context)
{
    for (struct hotplug_message *m; (m = context->messages);) {
        context->messages = m->next;
        libusb_unref_device(m->device);
        free(m);
    }
    for (struct hotplug_callback *c = context->callbacks; c; c = c->next)
        c->dead = true;
    sweep(context);
}

int libusb_hotplug_register_callback(libusb_context *ctx, int events, int flags, int vendor_id, int product_id, int dev_class,
                                     libusb_hotplug_callback_fn cb_fn, void *user_data, libusb_hotplug_callback_handle *callback_handle)
{
    const int known = LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT;

    ctx = context_of(ctx);
    if (!ctx || !events || events & ~known || flags & ~LIBUSB_HOTPLUG_ENUMERATE || !cb_fn || vendor_id < -1 || vendor_id > 0xFFFF ||
        product_id < -1 || product_id > 0xFFFF || dev_class < -1 || dev_class > 0xFF)
        return LIBUSB_ERROR_INVALID_PARAM;
    struct hotplug_callback *c = calloc(1, sizeof *c);
    if (!c)
        return LIBUSB_ERROR_NO_MEM;
    *c = (struct hotplug_callback){
        .events = events, .vid = vendor_id, .pid = product_id, .class_code = dev_class, .function = cb_fn, .user = user_data};

    /* What is there before anybody listens is not news. */
    devices_refresh(ctx);
    pthread_mutex_lock(&ctx->lock);
    c->handle = ++ctx->next_callback;
    c->next = ctx->callbacks;
    ctx->callbacks = c;
    ctx->next_look = usbip_now() + HOTPLUG_LOOK_MS;
    int handle = c->handle;
    if (callback_handle)
        *callback_handle = handle;
    events_arm_timer(ctx);
    pthread_mutex_unlock(&ctx->lock);

    libusb_device **list;
    ssize_t n = flags & LIBUSB_HOTPLUG_ENUMERATE && events & LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED ? libusb_get_device_list(ctx, &list) : -1;
    for (ssize_t i = 0; i < n; i++)
        if (matches(c, list[i], LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED) &&
            cb_fn(ctx, list[i], LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED, user_data)) {
            libusb_hotplug_deregister_callback(ctx, handle);
            break;
        }
    if (n >= 0)
        libusb_free_device_list(list, 1);
    return 0;
}

void libusb_hotplug_deregister_callback(libusb_context *ctx, libusb_hotplug_callback_handle callback_handle)
{
    ctx = context_of(ctx);
    if (!ctx)
        return;
    pthread_mutex_lock(&ctx->lock);
    for (struct hotplug_callback *c = ctx->callbacks; c; c = c->next)
        if (c->handle == callback_handle)
            c->dead = true;
    pthread_mutex_unlock(&ctx->lock);
    events_wake(ctx); /* the event handler frees it */
}

void *libusb_hotplug_get_user_data(libusb_context *ctx, libusb_hotplug_callback_handle callback_handle)
{
    void *user = NULL;

    ctx = context_of(ctx);
    if (!ctx)
        return NULL;
    pthread_mutex_lock(&ctx->lock);
    for (struct hotplug_callback *c = ctx->callbacks; c; c = c->next)
        if (c->handle == callback_handle && !c->dead)
            user = c->user;
    pthread_mutex_unlock(&ctx->lock);
    return user;
}
