/* SPDX-License-Identifier: MIT */
/*
 * Events. Everything that can happen is behind one epoll descriptor: the sockets of open devices, a timer (timeouts of
 * transfers, looking for new devices), and a wake-up (transfers are done, or a thread wants the handler's place). So a
 * program that polls by itself has one descriptor that never changes, and no timeout to care for.
 */
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define FOREVER_S 60 /* what "no timeout" is in libusb_handle_events */

void events_wake(struct libusb_context *context)
{
    uint64_t one = 1;

    /* Cannot fail but for a full counter, which wakes as well. */
    if (write(context->wake, &one, sizeof one) < 0)
        return;
}

void events_watch(struct libusb_context *context, struct libusb_device *device)
{
    bool out = usbip_sending(device->link);
    struct epoll_event event = {.events = EPOLLIN | (out ? EPOLLOUT : 0u)};

    if (!device->watched)
        epoll_ctl(context->epoll, EPOLL_CTL_ADD, usbip_fd(device->link), &event);
    else if (out != device->watched_out)
        epoll_ctl(context->epoll, EPOLL_CTL_MOD, usbip_fd(device->link), &event);
    device->watched = true;
    device->watched_out = out;
}

void events_unwatch(struct libusb_context *context, struct libusb_device *device)
{
    if (device->watched)
        epoll_ctl(context->epoll, EPOLL_CTL_DEL, usbip_fd(device->link), NULL);
    device->watched = device->watched_out = false;
}

void events_arm_timer(struct libusb_context *context)
{
    uint64_t next = transfers_next_deadline(context);
    struct itimerspec when = {0};

    if (context->callbacks && (!next || context->next_look < next))
        next = context->next_look;
    when.it_value.tv_sec = (time_t)(next / 1000);
    when.it_value.tv_nsec = (long)(next % 1000) * 1000000;
    if (next && !when.it_value.tv_sec && !when.it_value.tv_nsec)
        when.it_value.tv_nsec = 1;
    timerfd_settime(context->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

bool events_in_callback(struct libusb_context *context)
{
    pthread_mutex_lock(&context->lock);
    bool inside = context->in_callback && pthread_equal(context->handler, pthread_self());
    pthread_mutex_unlock(&context->lock);
    return inside;
}

static void empty(int fd)
{
    uint64_t count;

    if (read(fd, &count, sizeof count) < 0)
        return; /* nothing in it */
}

/* With `lock` held: sockets and timeouts. */
static void work(struct libusb_context *context)
{
    struct libusb_device *device = context->open;

    empty(context->wake);
    empty(context->timer);
    for (; device; device = device->next_open) {
        if (!device->watched)
            continue;
        if (usbip_work(device->link))
            events_watch(context, device);
        else
            events_unwatch(context, device); /* it has gone; its socket would wake us for ever */
    }
    transfers_expire(context, usbip_now());
    for (device = context->open; device; device = device->next_open)
        if (device->watched)
            events_watch(context, device);
}

/* Those that are done now, not those that their callbacks start. */
static void deliver(struct libusb_context *context)
{
    unsigned n = 0;

    for (struct transfer *t = context->done; t; t = t->next)
        n++;
    context->in_callback = true;
    for (struct transfer *t; n && (t = transfers_pop_done(context)); n--) {
        pthread_mutex_unlock(&context->lock);
        transfer_deliver(t);
        pthread_mutex_lock(&context->waiters);
        pthread_cond_broadcast(&context->event_done);
        pthread_mutex_unlock(&context->waiters);
        pthread_mutex_lock(&context->lock);
    }
    context->in_callback = false;
    /* The descriptor shall be readable as long as something is to be delivered, and no longer. */
    if (context->done)
        events_wake(context);
    else
        empty(context->wake);
}

static void set_in_callback(struct libusb_context *context, bool inside)
{
    pthread_mutex_lock(&context->lock);
    context->in_callback = inside;
    pthread_mutex_unlock(&context->lock);
}

static void look_for_devices(struct libusb_context *context)
{
    pthread_mutex_lock(&context->lock);
    uint64_t now = usbip_now();
    bool due = context->callbacks && now >= context->next_look;
    if (due)
        context->next_look = now + HOTPLUG_LOOK_MS;
    pthread_mutex_unlock(&context->lock);
    if (due)
        devices_refresh(context);
    set_in_callback(context, true);
    hotplug_deliver(context);
    set_in_callback(context, false);
}

/* By the thread that has the events: waits at most timeout_ms. */
static int handle(struct libusb_context *context, int timeout_ms)
{
    struct pollfd p = {context->epoll, POLLIN, 0};
    int n = poll(&p, 1, timeout_ms);

    if (n < 0)
        return errno == EINTR ? LIBUSB_ERROR_INTERRUPTED : LIBUSB_ERROR_IO;
    pthread_mutex_lock(&context->lock);
    context->handler = pthread_self();
    work(context);
    deliver(context);
    pthread_mutex_unlock(&context->lock);
    look_for_devices(context);
    pthread_mutex_lock(&context->lock);
    events_arm_timer(context);
    pthread_mutex_unlock(&context->lock);
    return 0;
}

static int milliseconds(const struct timeval *tv)
{
    int64_t ms = (int64_t)tv->tv_sec * 1000 + (tv->tv_usec + 999) / 1000;

    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

static bool valid(const struct timeval *tv)
{
    return tv && tv->tv_sec >= 0 && tv->tv_usec >= 0 && tv->tv_usec < 1000000;
}

/* ---- Who handles events ---- */

int libusb_try_lock_events(libusb_context *ctx)
{
    ctx = context_of(ctx);
    if (__atomic_load_n(&ctx->closing, __ATOMIC_SEQ_CST) || pthread_mutex_trylock(&ctx->events))
        return 1;
    __atomic_store_n(&ctx->handler_active, 1, __ATOMIC_SEQ_CST);
    return 0;
}

void libusb_lock_events(libusb_context *ctx)
{
    ctx = context_of(ctx);
    pthread_mutex_lock(&ctx->events);
    __atomic_store_n(&ctx->handler_active, 1, __ATOMIC_SEQ_CST);
}

void libusb_unlock_events(libusb_context *ctx)
{
    ctx = context_of(ctx);
    __atomic_store_n(&ctx->handler_active, 0, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&ctx->events);
    pthread_mutex_lock(&ctx->waiters);
    pthread_cond_broadcast(&ctx->event_done);
    pthread_mutex_unlock(&ctx->waiters);
}

int libusb_event_handling_ok(libusb_context *ctx)
{
    return !__atomic_load_n(&context_of(ctx)->closing, __ATOMIC_SEQ_CST);
}

int libusb_event_handler_active(libusb_context *ctx)
{
    ctx = context_of(ctx);
    /* While one closes a handle, waiting is right: it will be over soon. */
    return __atomic_load_n(&ctx->closing, __ATOMIC_SEQ_CST) || __atomic_load_n(&ctx->handler_active, __ATOMIC_SEQ_CST);
}

void libusb_interrupt_event_handler(libusb_context *ctx)
{
    events_wake(context_of(ctx));
}

void libusb_lock_event_waiters(libusb_context *ctx)
{
    pthread_mutex_lock(&context_of(ctx)->waiters);
}

void libusb_unlock_event_waiters(libusb_context *ctx)
{
    pthread_mutex_unlock(&context_of(ctx)->waiters);
}

/* 0 when something happened, 1 when the time is over. */
int libusb_wait_for_event(libusb_context *ctx, struct timeval *tv)
{
    struct timespec end;

    ctx = context_of(ctx);
    if (!tv) {
        pthread_cond_wait(&ctx->event_done, &ctx->waiters);
        return 0;
    }
    if (!valid(tv))
        return LIBUSB_ERROR_INVALID_PARAM;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += tv->tv_sec;
    end.tv_nsec += tv->tv_usec * 1000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_nsec -= 1000000000;
        end.tv_sec++;
    }
    return pthread_cond_timedwait(&ctx->event_done, &ctx->waiters, &end) == ETIMEDOUT;
}

/* ---- Handling ---- */

static bool is_set(const int *completed)
{
    return completed && __atomic_load_n(completed, __ATOMIC_ACQUIRE);
}

int libusb_handle_events_timeout_completed(libusb_context *ctx, struct timeval *tv, int *completed)
{
    ctx = context_of(ctx);
    if (!ctx || !valid(tv))
        return LIBUSB_ERROR_INVALID_PARAM;
    for (;;) {
        if (libusb_try_lock_events(ctx) == 0) {
            int error = is_set(completed) ? 0 : handle(ctx, milliseconds(tv));
            libusb_unlock_events(ctx);
            return error;
        }
        libusb_lock_event_waiters(ctx);
        bool over = is_set(completed), active = libusb_event_handler_active(ctx);
        int error = !over && active ? libusb_wait_for_event(ctx, tv) : 0;
        libusb_unlock_event_waiters(ctx);
        if (over || active)
            return error < 0 ? error : 0;
    }
}

int libusb_handle_events_timeout(libusb_context *ctx, struct timeval *tv)
{
    return libusb_handle_events_timeout_completed(ctx, tv, NULL);
}

int libusb_handle_events_completed(libusb_context *ctx, int *completed)
{
    struct timeval tv = {FOREVER_S, 0};

    return libusb_handle_events_timeout_completed(ctx, &tv, completed);
}

int libusb_handle_events(libusb_context *ctx)
{
    return libusb_handle_events_completed(ctx, NULL);
}

int libusb_handle_events_locked(libusb_context *ctx, struct timeval *tv)
{
    ctx = context_of(ctx);
    return ctx && valid(tv) ? handle(ctx, milliseconds(tv)) : LIBUSB_ERROR_INVALID_PARAM;
}

/* ---- For programs that poll by themselves ---- */

int libusb_pollfds_handle_timeouts(libusb_context *ctx)
{
    (void)ctx;
    return 1;
}

int libusb_get_next_timeout(libusb_context *ctx, struct timeval *tv)
{
    (void)ctx;
    (void)tv;
    return 0; /* the descriptor tells */
}

const struct libusb_pollfd **libusb_get_pollfds(libusb_context *ctx)
{
    /* A list of one pointer, NULL, and what it points to, in one piece. */
    struct {
        const struct libusb_pollfd *list[2];
        struct libusb_pollfd fd;
    } *all = calloc(1, sizeof *all);

    ctx = context_of(ctx);
    if (!all || !ctx) {
        free(all);
        return NULL;
    }
    all->fd.fd = ctx->epoll;
    all->fd.events = POLLIN;
    all->list[0] = &all->fd;
    return all->list;
}

void libusb_free_pollfds(const struct libusb_pollfd **pollfds)
{
    free((void *)pollfds);
}

/* The set never changes, so there is nothing to tell. */
void libusb_set_pollfd_notifiers(libusb_context *ctx, libusb_pollfd_added_cb added_cb, libusb_pollfd_removed_cb removed_cb, void *user_data)
{
    (void)ctx;
    (void)added_cb;
    (void)removed_cb;
    (void)user_data;
}
