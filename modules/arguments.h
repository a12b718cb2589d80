/* SPDX-License-Identifier: MIT */
/* One argument for the tables of mp_arg_parse_all. */
#ifndef MODULES_ARGUMENTS_H
#define MODULES_ARGUMENTS_H

#include "py/obj.h"
#include "py/runtime.h"

#define KW_INT(name, value) {MP_QSTR_##name, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = value}}
#define KW_BOOL(name, value) {MP_QSTR_##name, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = value}}
#define KW_OBJ(name) {MP_QSTR_##name, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}}
#define ARG_REQUIRED_OBJ(name) {MP_QSTR_##name, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}}
#define ARG_OPTIONAL_OBJ(name) {MP_QSTR_##name, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}}
#define ARG_OPTIONAL_INT(name, value) {MP_QSTR_##name, MP_ARG_INT, {.u_int = value}}
#define ARG_OPTIONAL_BOOL(name, value) {MP_QSTR_##name, MP_ARG_BOOL, {.u_bool = value}}
/* Of a method: what follows self. */
#define PARSE(allowed, values) mp_arg_parse_all(n_args - 1, args + 1, kw, MP_ARRAY_SIZE(allowed), allowed, values)
/* Of a function. */
#define PARSE_ALL(allowed, values) mp_arg_parse_all(n_args, args, kw, MP_ARRAY_SIZE(allowed), allowed, values)

#endif
