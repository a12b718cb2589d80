/* SPDX-License-Identifier: MIT */
/* The functions of a channel call methods of a Python object; exceptions are printed and become NAKs. */
#include "modules/protocol/user_channel.h"

#include <string.h>

#include "modules/protocol/service.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"

#define MOST (PACKET_CHANNELS - CHANNEL_USER)

struct user_channel {
    mp_obj_base_t base;
    struct device_channel channel;
    struct device_channel_ops ops;
    char name[PACKET_NAME_BYTES];
    int number; /* -1: not registered any more */
    mp_obj_t backend;
    mp_obj_t data;    /* what readp gave: must stay while it is being sent */
    bool unlock_late; /* the session ended while Python could not be called */
};

MP_REGISTER_ROOT_POINTER(mp_obj_t protocol_channels[27]);
_Static_assert(MOST == 27, "root pointers of user channels");

/* Calls a method: false when it raised. Ctrl-C belongs to the script, so it is raised again there. */
static bool call(struct user_channel *c, qstr method, size_t n, const mp_obj_t *arguments, mp_obj_t *result)
{
    mp_obj_t call_arguments[2 + 3];
    nlr_buf_t nlr;

    if (nlr_push(&nlr) == 0) {
        mp_load_method(c->backend, method, call_arguments);
        for (size_t i = 0; i < n; i++)
            call_arguments[2 + i] = arguments[i];
        *result = mp_call_method_n_kw(n, 0, call_arguments);
        nlr_pop();
        return true;
    }
    if (mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(MP_OBJ_FROM_PTR(nlr.ret_val))),
                                MP_OBJ_FROM_PTR(&mp_type_KeyboardInterrupt)))
        mp_sched_keyboard_interrupt();
    else
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(nlr.ret_val));
    return false;
}

/* The result as a number: what a method returns that returns nothing is 0. */
static bool number(mp_obj_t result, mp_int_t *value)
{
    *value = 0;
    return result == mp_const_none || mp_obj_get_int_maybe(result, value);
}

/* 0, or the NAK for a method that failed: False, a negative number, or an exception. */
static int outcome(bool called, mp_obj_t result)
{
    mp_int_t value;

    return called && result != mp_const_false && (!number(result, &value) || value >= 0) ? 0 : -STATUS_FAILED;
}

static bool user_poll(void *context)
{
    mp_obj_t result;

    return protocol_in_foreground() && call(context, MP_QSTR_poll, 0, NULL, &result) && mp_obj_is_true(result);
}

static bool user_lock(void *context)
{
    mp_obj_t result;

    return call(context, MP_QSTR_lock, 0, NULL, &result) && outcome(true, result) == 0;
}

static void user_unlock(void *context)
{
    struct user_channel *c = context;
    mp_obj_t result;

    /* A session may end in the background; the method is then called as soon as Python can be. */
    c->unlock_late = !protocol_in_foreground();
    if (c->unlock_late)
        protocol_ask_foreground();
    else
        call(c, MP_QSTR_unlock, 0, NULL, &result);
}

void user_channels_unlock_late(void)
{
    mp_obj_t *roots = MP_STATE_VM(protocol_channels), result;

    for (int i = 0; i < (int)MOST; i++) {
        struct user_channel *c = roots[i] == MP_OBJ_NULL ? NULL : MP_OBJ_TO_PTR(roots[i]);
        if (c && c->unlock_late) {
            c->unlock_late = false;
            call(c, MP_QSTR_unlock, 0, NULL, &result);
        }
    }
}

static uint32_t user_size(void *context)
{
    mp_obj_t result;
    mp_int_t value;

    return protocol_in_foreground() && call(context, MP_QSTR_size, 0, NULL, &result) && number(result, &value) && value > 0
               ? (uint32_t)value
               : 0;
}

static int user_shape(void *context, uint32_t shape[4])
{
    mp_obj_t result, *items;
    size_t n = 0;
    nlr_buf_t nlr;
    int count = -STATUS_FAILED;

    if (!call(context, MP_QSTR_shape, 0, NULL, &result))
        return -STATUS_FAILED;
    if (nlr_push(&nlr) == 0) {
        mp_obj_get_array(result, &n, &items);
        for (size_t i = 0; i < n && i < 4; i++)
            shape[i] = (uint32_t)mp_obj_get_int(items[i]);
        count = n < 4 ? (int)n : 4;
        nlr_pop();
    }
    return count;
}

static int user_read(void *context, uint32_t offset, void *out, size_t n)
{
    const mp_obj_t arguments[] = {mp_obj_new_int_from_uint(offset), MP_OBJ_NEW_SMALL_INT((mp_int_t)n)};
    mp_obj_t result;
    mp_buffer_info_t bytes;

    if (!call(context, MP_QSTR_read, 2, arguments, &result) || !mp_get_buffer(result, &bytes, MP_BUFFER_READ))
        return -STATUS_FAILED;
    if (bytes.len < n)
        n = bytes.len;
    memcpy(out, bytes.buf, n);
    return (int)n;
}

static const void *user_readp(void *context, uint32_t offset, size_t n)
{
    struct user_channel *c = context;
    const mp_obj_t arguments[] = {mp_obj_new_int_from_uint(offset), MP_OBJ_NEW_SMALL_INT((mp_int_t)n)};
    mp_buffer_info_t bytes;

    if (!call(c, MP_QSTR_readp, 2, arguments, &c->data) || !mp_get_buffer(c->data, &bytes, MP_BUFFER_READ) || bytes.len < n)
        return NULL;
    return bytes.buf;
}

static int user_write(void *context, uint32_t offset, const void *data, size_t n)
{
    nlr_buf_t nlr;
    mp_obj_t arguments[2], result;
    bool called = false;

    /* A copy: the packet's buffer does not outlive the call. */
    if (nlr_push(&nlr) == 0) {
        arguments[0] = mp_obj_new_int_from_uint(offset);
        arguments[1] = mp_obj_new_bytes(data, n);
        called = true;
        nlr_pop();
    }
    called = called && call(context, MP_QSTR_write, 2, arguments, &result);
    return called ? outcome(true, result) : -STATUS_FAILED;
}

static int user_ioctl(void *context, uint32_t request, const void *argument, size_t n)
{
    nlr_buf_t nlr;
    mp_obj_t arguments[3], result;
    bool called = false;

    if (nlr_push(&nlr) == 0) {
        arguments[0] = mp_obj_new_int_from_uint(request);
        arguments[1] = MP_OBJ_NEW_SMALL_INT((mp_int_t)n);
        arguments[2] = mp_obj_new_bytes(argument, n);
        called = true;
        nlr_pop();
    }
    called = called && call(context, MP_QSTR_ioctl, 3, arguments, &result);
    return called ? outcome(true, result) : -STATUS_FAILED;
}

static bool has(mp_obj_t backend, qstr method)
{
    mp_obj_t destination[2];

    mp_load_method_maybe(backend, method, destination);
    return destination[0] != MP_OBJ_NULL;
}

mp_obj_t user_channel_register(mp_obj_t name, mp_int_t flags, mp_obj_t backend)
{
    size_t length;
    const char *text = mp_obj_str_get_data(name, &length);
    mp_obj_t *roots = MP_STATE_VM(protocol_channels), result;

    if (length == 0 || length >= PACKET_NAME_BYTES)
        mp_raise_ValueError(MP_ERROR_TEXT("The channel's name must have 1 to 13 characters"));
    struct user_channel *c = mp_obj_malloc(struct user_channel, &user_channel_type);
    memset((char *)c + sizeof c->base, 0, sizeof *c - sizeof c->base);
    memcpy(c->name, text, length);
    c->backend = backend;
    c->number = -1;
#define METHOD(member, function) c->ops.member = has(backend, MP_QSTR_##member) ? function : NULL
    METHOD(poll, user_poll);
    METHOD(lock, user_lock);
    METHOD(unlock, user_unlock);
    METHOD(size, user_size);
    METHOD(shape, user_shape);
    METHOD(read, user_read);
    METHOD(readp, user_readp);
    METHOD(write, user_write);
    METHOD(ioctl, user_ioctl);
#undef METHOD
    c->channel = (struct device_channel){c->name, (uint8_t)(flags | CHANNEL_FLAG_DYNAMIC), &c->ops, c};
    if (has(backend, MP_QSTR_init) && !call(c, MP_QSTR_init, 0, NULL, &result))
        mp_raise_ValueError(MP_ERROR_TEXT("The backend's init() failed"));

    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    c->number = device_register(protocol_device(), -1, &c->channel);
    if (c->number >= 0)
        roots[c->number - CHANNEL_USER] = MP_OBJ_FROM_PTR(c);
    MICROPY_END_ATOMIC_SECTION(state);
    if (c->number < 0)
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("All 32 channels are taken"));
    return MP_OBJ_FROM_PTR(c);
}

void user_channels_clear(void)
{
    mp_obj_t *roots = MP_STATE_VM(protocol_channels);
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();

    for (int i = 0; i < (int)MOST; i++) {
        device_unregister(protocol_device(), i + CHANNEL_USER);
        roots[i] = MP_OBJ_NULL;
    }
    MICROPY_END_ATOMIC_SECTION(state);
}

/* send_event(event, wait_ack=False): whether the host has been told, and has confirmed it. */
static mp_obj_t send_event(size_t n, const mp_obj_t *positional, mp_map_t *named)
{
    enum { EVENT, WAIT };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_event, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_wait_ack, MP_ARG_BOOL, {.u_bool = false}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];
    struct user_channel *c = MP_OBJ_TO_PTR(positional[0]);

    mp_arg_parse_all(n - 1, positional + 1, named, MP_ARRAY_SIZE(allowed), allowed, a);
    if (a[EVENT].u_int < 0 || a[EVENT].u_int > 0xFFFF)
        mp_raise_ValueError(MP_ERROR_TEXT("An event is a number from 0 to 65535"));
    if (!a[WAIT].u_bool)
        return mp_obj_new_bool(protocol_raise((uint8_t)c->number, (uint16_t)a[EVENT].u_int));

    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    bool taken = device_raise_acknowledged(protocol_device(), (uint8_t)c->number, (uint16_t)a[EVENT].u_int);
    MICROPY_END_ATOMIC_SECTION(state);
    for (uint32_t start = mp_hal_ticks_ms(); taken && !device_acknowledged(protocol_device());) {
        if (mp_hal_ticks_ms() - start > 500)
            return mp_const_false;
        mp_event_wait_ms(1);
    }
    return mp_obj_new_bool(taken);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(send_event_obj, 2, send_event);

static const mp_rom_map_elem_t locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_send_event), MP_ROM_PTR(&send_event_obj)},
};
static MP_DEFINE_CONST_DICT(locals, locals_table);

MP_DEFINE_CONST_OBJ_TYPE(user_channel_type, MP_QSTR_ProtocolChannel, MP_TYPE_FLAG_NONE, locals_dict, &locals);
