/* SPDX-License-Identifier: MIT */
/* Channels that scripts register: a Python object behind the functions of a channel. */
#ifndef MODULES_PROTOCOL_USER_CHANNEL_H
#define MODULES_PROTOCOL_USER_CHANNEL_H

#include "py/obj.h"

extern const mp_obj_type_t user_channel_type;

/* protocol.register(name, flags, backend); raises when the name or backend is wrong, or all channels are taken. */
mp_obj_t user_channel_register(mp_obj_t name, mp_int_t flags, mp_obj_t backend);

#endif
