/* SPDX-License-Identifier: MIT */
/* Module protocol: the host protocol as scripts see it. */
#include "board.h"
#include "modules/protocol/service.h"
#include "modules/protocol/user_channel.h"
#include "py/mphal.h"
#include "py/runtime.h"

static mp_obj_t protocol_init(size_t n, const mp_obj_t *positional, mp_map_t *named)
{
    enum { WITH_CRC, WITH_SEQ, WITH_ACK, WITH_EVENTS, MAX_PAYLOAD, RTX_RETRIES, RTX_TIMEOUT_MS, LOCK_INTERVAL_MS, POLL_MS };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_crc, MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_seq, MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_ack, MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_events, MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_max_payload, MP_ARG_INT, {.u_int = BOARD_PROTOCOL_BUFFER_SIZE - PACKET_OVERHEAD}},
        {MP_QSTR_rtx_retries, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 3}},
        {MP_QSTR_rtx_timeout_ms, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 500}},
        {MP_QSTR_lock_interval_ms, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 10}},
        {MP_QSTR_poll_ms, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0}}, /* polling is done in the background at all times */
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];

    mp_arg_parse_all(n, positional, named, MP_ARRAY_SIZE(allowed), allowed, a);
    if (a[MAX_PAYLOAD].u_int < (int)PACKET_MIN_PAYLOAD || a[MAX_PAYLOAD].u_int > (int)(BOARD_PROTOCOL_BUFFER_SIZE - PACKET_OVERHEAD))
        mp_raise_ValueError(MP_ERROR_TEXT("max_payload is out of range"));
    if (a[RTX_RETRIES].u_int < 0 || a[RTX_RETRIES].u_int > 10 || a[RTX_TIMEOUT_MS].u_int < 1 || a[RTX_TIMEOUT_MS].u_int > 60000)
        mp_raise_ValueError(MP_ERROR_TEXT("rtx_retries must be 0-10, rtx_timeout_ms 1-60000"));
    if (a[LOCK_INTERVAL_MS].u_int < 0 || a[LOCK_INTERVAL_MS].u_int > 60000)
        mp_raise_ValueError(MP_ERROR_TEXT("lock_interval_ms must be 0-60000"));

    uint32_t capabilities = (a[WITH_CRC].u_bool ? CAPS_CRC : 0) | (a[WITH_SEQ].u_bool ? CAPS_SEQUENCE : 0) | (a[WITH_ACK].u_bool ? CAPS_ACK : 0) |
                            (a[WITH_EVENTS].u_bool ? CAPS_EVENT : 0);
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    device_configure(protocol_device(), capabilities, (size_t)a[MAX_PAYLOAD].u_int, (unsigned)a[RTX_RETRIES].u_int,
                     (uint32_t)a[RTX_TIMEOUT_MS].u_int, (uint32_t)a[LOCK_INTERVAL_MS].u_int);
    MICROPY_END_ATOMIC_SECTION(state);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(protocol_init_obj, 0, protocol_init);

static mp_obj_t protocol_active(void)
{
    return mp_obj_new_bool(protocol_is_active());
}
static MP_DEFINE_CONST_FUN_OBJ_0(protocol_active_obj, protocol_active);

static mp_obj_t protocol_register(size_t n, const mp_obj_t *positional, mp_map_t *named)
{
    enum { NAME, FLAGS, BACKEND };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_name, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_flags, MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_backend, MP_ARG_OBJ, {.u_obj = mp_const_none}},
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];

    mp_arg_parse_all(n, positional, named, MP_ARRAY_SIZE(allowed), allowed, a);
    if (a[BACKEND].u_obj == mp_const_none)
        mp_raise_TypeError(MP_ERROR_TEXT("A backend is needed"));
    return user_channel_register(a[NAME].u_obj, a[FLAGS].u_int, a[BACKEND].u_obj);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(protocol_register_obj, 1, protocol_register);

static const mp_rom_map_elem_t protocol_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_protocol)},
    {MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&protocol_init_obj)},
    {MP_ROM_QSTR(MP_QSTR_is_active), MP_ROM_PTR(&protocol_active_obj)},
    {MP_ROM_QSTR(MP_QSTR_register), MP_ROM_PTR(&protocol_register_obj)},
    {MP_ROM_QSTR(MP_QSTR_CHANNEL_FLAG_READ), MP_ROM_INT(CHANNEL_FLAG_READ)},
    {MP_ROM_QSTR(MP_QSTR_CHANNEL_FLAG_WRITE), MP_ROM_INT(CHANNEL_FLAG_WRITE)},
    {MP_ROM_QSTR(MP_QSTR_CHANNEL_FLAG_EXEC), MP_ROM_INT(CHANNEL_FLAG_EXEC)},
    {MP_ROM_QSTR(MP_QSTR_CHANNEL_FLAG_LOCK), MP_ROM_INT(CHANNEL_FLAG_LOCK)},
    {MP_ROM_QSTR(MP_QSTR_CHANNEL_FLAG_STREAM), MP_ROM_INT(CHANNEL_FLAG_STREAM)},
    {MP_ROM_QSTR(MP_QSTR_CHANNEL_FLAG_DYNAMIC), MP_ROM_INT(CHANNEL_FLAG_DYNAMIC)},
    {MP_ROM_QSTR(MP_QSTR_CHANNEL_FLAG_PHYSICAL), MP_ROM_INT(CHANNEL_FLAG_PHYSICAL)},
};
static MP_DEFINE_CONST_DICT(protocol_globals, protocol_globals_table);

const mp_obj_module_t protocol_module = {.base = {&mp_type_module}, .globals = (mp_obj_dict_t *)&protocol_globals};
MP_REGISTER_MODULE(MP_QSTR_protocol, protocol_module);
