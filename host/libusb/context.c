/* SPDX-License-Identifier: MIT */
/* Contexts, options, messages, texts. */
#include "internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static pthread_mutex_t contexts_lock = PTHREAD_MUTEX_INITIALIZER;
static struct libusb_context *contexts, *default_context;

/* What libusb_set_option(NULL, ...) says about contexts to come. */
static int default_level = -1;
static libusb_log_cb default_callback, global_callback;
static bool default_no_discovery;

struct libusb_context *context_of(struct libusb_context *context)
{
    if (context)
        return context;
    pthread_mutex_lock(&contexts_lock);
    context = default_context ? default_context : contexts;
    pthread_mutex_unlock(&contexts_lock);
    return context;
}

void log_line(struct libusb_context *context, enum libusb_log_level level, const char *format, ...)
{
    static const char *const names[] = {"", "error", "warning", "info", "debug"};
    char text[512];
    va_list arguments;

    context = context_of(context);
    if (!context || (int)level > context->log_level)
        return;
    int n = snprintf(text, sizeof text, "libusb: %s: ", names[level]);
    va_start(arguments, format);
    vsnprintf(text + n, sizeof text - (size_t)n - 1, format, arguments);
    va_end(arguments);
    strcat(text, "\n");
    if (global_callback)
        global_callback(NULL, level, text);
    if (context->log_callback)
        context->log_callback(context, level, text);
    if (!global_callback && !context->log_callback)
        fputs(text, stderr);
}

static int create_files(struct libusb_context *c)
{
    struct epoll_event event = {.events = EPOLLIN};

    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (c->epoll < 0 || c->wake < 0 || c->timer < 0)
        return LIBUSB_ERROR_OTHER;
    if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, c->wake, &event) || epoll_ctl(c->epoll, EPOLL_CTL_ADD, c->timer, &event))
        return LIBUSB_ERROR_OTHER;
    return 0;
}

static void destroy(struct libusb_context *c)
{
    hotplug_free(c);
    while (c->devices) {
        struct libusb_device *device = c->devices;
        c->devices = device->next;
        device->attached = false;
        device->context = NULL;
        libusb_unref_device(device);
    }
    if (c->epoll >= 0)
        close(c->epoll);
    if (c->wake >= 0)
        close(c->wake);
    if (c->timer >= 0)
        close(c->timer);
    pthread_mutex_destroy(&c->events);
    pthread_mutex_destroy(&c->refreshing);
    pthread_mutex_destroy(&c->lock);
    pthread_mutex_destroy(&c->waiters);
    pthread_cond_destroy(&c->event_done);
    free(c);
}

static struct libusb_context *create(int *error)
{
    struct libusb_context *c = calloc(1, sizeof *c);
    const char *level = getenv("LIBUSB_DEBUG");
    pthread_condattr_t monotonic;

    *error = LIBUSB_ERROR_NO_MEM;
    if (!c)
        return NULL;
    c->epoll = c->wake = c->timer = -1;
    c->log_level = level && *level >= '0' && *level <= '4' ? *level - '0' : default_level >= 0 ? default_level : LIBUSB_LOG_LEVEL_NONE;
    c->log_callback = default_callback;
    c->no_discovery = default_no_discovery;
    pthread_mutex_init(&c->events, NULL);
    pthread_mutex_init(&c->refreshing, NULL);
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->waiters, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&c->event_done, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *error = create_files(c);
    if (*error) {
        destroy(c);
        return NULL;
    }
    return c;
}

static int apply(struct libusb_context *c, enum libusb_option option, int number, libusb_log_cb callback)
{
    switch (option) {
    case LIBUSB_OPTION_LOG_LEVEL:
        if (number < LIBUSB_LOG_LEVEL_NONE || number > LIBUSB_LOG_LEVEL_DEBUG)
            return LIBUSB_ERROR_INVALID_PARAM;
        if (!c)
            default_level = number;
        else if (!getenv("LIBUSB_DEBUG"))
            c->log_level = number;
        return 0;
    case LIBUSB_OPTION_LOG_CB:
        *(c ? &c->log_callback : &default_callback) = callback;
        return 0;
    case LIBUSB_OPTION_NO_DEVICE_DISCOVERY:
        *(c ? &c->no_discovery : &default_no_discovery) = true;
        return 0;
    case LIBUSB_OPTION_USE_USBDK:
        return LIBUSB_ERROR_NOT_SUPPORTED;
    default:
        return LIBUSB_ERROR_INVALID_PARAM;
    }
}

int libusb_init_context(libusb_context **ctx, const struct libusb_init_option options[], int num_options)
{
    struct libusb_context *c;
    int error = 0;

    pthread_mutex_lock(&contexts_lock);
    if (!ctx && default_context) {
        default_context->references++;
        pthread_mutex_unlock(&contexts_lock);
        return 0;
    }
    c = create(&error);
    for (int i = 0; !error && options && i < num_options; i++) {
        bool text = options[i].option == LIBUSB_OPTION_LOG_CB;
        error = apply(c, options[i].option, text ? 0 : options[i].value.ival, text ? options[i].value.log_cbval : NULL);
    }
    if (error) {
        if (c)
            destroy(c);
    } else {
        c->references = 1;
        c->next = contexts;
        contexts = c;
        if (ctx)
            *ctx = c;
        else
            default_context = c;
    }
    pthread_mutex_unlock(&contexts_lock);
    return error;
}

int libusb_init(libusb_context **ctx)
{
    return libusb_init_context(ctx, NULL, 0);
}

void libusb_exit(libusb_context *ctx)
{
    struct libusb_context **p = &contexts;

    pthread_mutex_lock(&contexts_lock);
    struct libusb_context *c = ctx ? ctx : default_context;
    if (!c || (c == default_context && --c->references > 0)) {
        pthread_mutex_unlock(&contexts_lock);
        return;
    }
    if (c == default_context)
        default_context = NULL;
    while (*p && *p != c)
        p = &(*p)->next;
    if (*p)
        *p = c->next;
    pthread_mutex_unlock(&contexts_lock);
    destroy(c);
}

int libusb_set_option(libusb_context *ctx, enum libusb_option option, ...)
{
    va_list arguments;
    int number = 0;
    libusb_log_cb callback = NULL;

    va_start(arguments, option);
    if (option == LIBUSB_OPTION_LOG_LEVEL)
        number = va_arg(arguments, int);
    else if (option == LIBUSB_OPTION_LOG_CB)
        callback = va_arg(arguments, libusb_log_cb);
    va_end(arguments);
    if (ctx)
        return apply(ctx, option, number, callback);
    /* For those to come, and for the default one when it is there. */
    int error = apply(NULL, option, number, callback);
    pthread_mutex_lock(&contexts_lock);
    if (!error && default_context)
        error = apply(default_context, option, number, callback);
    pthread_mutex_unlock(&contexts_lock);
    return error;
}

void libusb_set_debug(libusb_context *ctx, int level)
{
    ctx = context_of(ctx);
    if (ctx)
        apply(ctx, LIBUSB_OPTION_LOG_LEVEL, level, NULL);
}

void libusb_set_log_cb(libusb_context *ctx, libusb_log_cb cb, int mode)
{
    if (mode & LIBUSB_LOG_CB_GLOBAL)
        global_callback = cb;
    ctx = context_of(ctx);
    if (ctx && mode & LIBUSB_LOG_CB_CONTEXT)
        ctx->log_callback = cb;
}

const struct libusb_version *libusb_get_version(void)
{
    /* The interface that is implemented. "omv" is how a program can tell that it sees emulated cameras. */
    static const struct libusb_version version = {1, 0, 27, 11882, "", "omv"};

    return &version;
}

int libusb_has_capability(uint32_t capability)
{
    switch (capability) {
    case LIBUSB_CAP_HAS_CAPABILITY:
    case LIBUSB_CAP_HAS_HOTPLUG:
    case LIBUSB_CAP_HAS_HID_ACCESS:
    case LIBUSB_CAP_SUPPORTS_DETACH_KERNEL_DRIVER:
        return 1;
    default:
        return 0;
    }
}

static const struct {
    int code;
    const char *name, *text;
} errors[] = {
    {LIBUSB_SUCCESS, "LIBUSB_SUCCESS", "Success"},
    {LIBUSB_ERROR_IO, "LIBUSB_ERROR_IO", "Input/Output Error"},
    {LIBUSB_ERROR_INVALID_PARAM, "LIBUSB_ERROR_INVALID_PARAM", "Invalid parameter"},
    {LIBUSB_ERROR_ACCESS, "LIBUSB_ERROR_ACCESS", "Access denied (insufficient permissions)"},
    {LIBUSB_ERROR_NO_DEVICE, "LIBUSB_ERROR_NO_DEVICE", "No such device (it may have been disconnected)"},
    {LIBUSB_ERROR_NOT_FOUND, "LIBUSB_ERROR_NOT_FOUND", "Entity not found"},
    {LIBUSB_ERROR_BUSY, "LIBUSB_ERROR_BUSY", "Resource busy"},
    {LIBUSB_ERROR_TIMEOUT, "LIBUSB_ERROR_TIMEOUT", "Operation timed out"},
    {LIBUSB_ERROR_OVERFLOW, "LIBUSB_ERROR_OVERFLOW", "Overflow"},
    {LIBUSB_ERROR_PIPE, "LIBUSB_ERROR_PIPE", "Pipe error"},
    {LIBUSB_ERROR_INTERRUPTED, "LIBUSB_ERROR_INTERRUPTED", "System call interrupted (perhaps due to signal)"},
    {LIBUSB_ERROR_NO_MEM, "LIBUSB_ERROR_NO_MEM", "Insufficient memory"},
    {LIBUSB_ERROR_NOT_SUPPORTED, "LIBUSB_ERROR_NOT_SUPPORTED", "Operation not supported or unimplemented on this platform"},
    {LIBUSB_ERROR_OTHER, "LIBUSB_ERROR_OTHER", "Other error"},
};

static size_t error_row(int code)
{
    size_t i = 0;

    while (i + 1 < sizeof errors / sizeof *errors && errors[i].code != code)
        i++;
    return i;
}

const char *libusb_error_name(int error_code)
{
    size_t i = error_row(error_code);

    return errors[i].code == error_code ? errors[i].name : "**UNKNOWN**";
}

const char *libusb_strerror(int errcode)
{
    return errors[error_row(errcode)].text;
}

/* Texts are English. */
int libusb_setlocale(const char *locale)
{
    if (!locale || strlen(locale) < 2 || (locale[2] && !strchr("-_.", locale[2])))
        return LIBUSB_ERROR_INVALID_PARAM;
    return (locale[0] | 0x20) == 'e' && (locale[1] | 0x20) == 'n' ? LIBUSB_SUCCESS : LIBUSB_ERROR_NOT_FOUND;
}

int error_of_status(int status)
{
    switch (status) {
    case -ENODEV:
    case -ESHUTDOWN:
    case -ENOENT:
    case -ECONNREFUSED:
        return LIBUSB_ERROR_NO_DEVICE;
    case -EBUSY:
    case -EAGAIN:
        return LIBUSB_ERROR_BUSY;
    case -EACCES:
    case -EPERM:
        return LIBUSB_ERROR_ACCESS;
    case -ETIMEDOUT:
        return LIBUSB_ERROR_TIMEOUT;
    case -ENOMEM:
        return LIBUSB_ERROR_NO_MEM;
    case -EPIPE:
        return LIBUSB_ERROR_PIPE;
    case -EOVERFLOW:
        return LIBUSB_ERROR_OVERFLOW;
    case -EINVAL:
        return LIBUSB_ERROR_INVALID_PARAM;
    default:
        return status < 0 ? LIBUSB_ERROR_IO : status;
    }
}
