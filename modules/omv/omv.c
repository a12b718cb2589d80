/* SPDX-License-Identifier: MIT */
/* Module omv: which firmware, which board. */
#include "board.h"
#include "modules/omv/omv.h"
#include "modules/omv/version.h"
#include "py/runtime.h"
#include "system.h"

bool (*omv_host_connected)(void);

static mp_obj_t omv_version_string(void) { return MP_OBJ_NEW_QSTR(qstr_from_str(OMV_VERSION)); }
static MP_DEFINE_CONST_FUN_OBJ_0(omv_version_string_obj, omv_version_string);

static mp_obj_t omv_arch(void) { return mp_obj_new_str(BOARD_ARCH, sizeof BOARD_ARCH - 1); }
static MP_DEFINE_CONST_FUN_OBJ_0(omv_arch_obj, omv_arch);

static mp_obj_t omv_board_type(void) { return mp_obj_new_str(BOARD_TYPE, sizeof BOARD_TYPE - 1); }
static MP_DEFINE_CONST_FUN_OBJ_0(omv_board_type_obj, omv_board_type);

/* Hexadecimal, the last word first: as the bootloader's serial number counts them. */
static mp_obj_t omv_board_id(void)
{
    char text[8 * BOARD_UID_WORDS];
    const uint32_t *words = system_unique_id();
    for (unsigned i = 0; i < sizeof text; i++) {
        text[i] = "0123456789ABCDEF"[words[BOARD_UID_WORDS - 1 - i / 8] >> (28 - i % 8 * 4) & 15];
    }
    return mp_obj_new_str(text, sizeof text);
}
static MP_DEFINE_CONST_FUN_OBJ_0(omv_board_id_obj, omv_board_id);

static mp_obj_t omv_debug_mode(void) { return mp_obj_new_bool(omv_host_connected && omv_host_connected()); }
static MP_DEFINE_CONST_FUN_OBJ_0(omv_debug_mode_obj, omv_debug_mode);

static const mp_rom_map_elem_t omv_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_omv) },
    { MP_ROM_QSTR(MP_QSTR_version_major), MP_ROM_INT(OMV_VERSION_MAJOR) },
    { MP_ROM_QSTR(MP_QSTR_version_minor), MP_ROM_INT(OMV_VERSION_MINOR) },
    { MP_ROM_QSTR(MP_QSTR_version_patch), MP_ROM_INT(OMV_VERSION_PATCH) },
    { MP_ROM_QSTR(MP_QSTR_version_string), MP_ROM_PTR(&omv_version_string_obj) },
    { MP_ROM_QSTR(MP_QSTR_arch), MP_ROM_PTR(&omv_arch_obj) },
    { MP_ROM_QSTR(MP_QSTR_board_type), MP_ROM_PTR(&omv_board_type_obj) },
    { MP_ROM_QSTR(MP_QSTR_board_id), MP_ROM_PTR(&omv_board_id_obj) },
    { MP_ROM_QSTR(MP_QSTR_debug_mode), MP_ROM_PTR(&omv_debug_mode_obj) },
};
static MP_DEFINE_CONST_DICT(omv_globals, omv_globals_table);

const mp_obj_module_t omv_module = { .base = { &mp_type_module }, .globals = (mp_obj_dict_t *)&omv_globals };
MP_REGISTER_MODULE(MP_QSTR_omv, omv_module);
