/* SPDX-License-Identifier: MIT */
/* MicroPython on the computer, to run one script: main SCRIPT. host.fail_after(n) lets the n-th allocation from then on fail. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "py/builtin.h"
#include "py/compile.h"
#include "py/lexer.h"
#include "py/mperrno.h"
#include "py/runtime.h"

static long until_failure;

/* Zeroed, as the collector's blocks are: MicroPython relies on it. */
void *__wrap_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes)
{
    return until_failure > 0 && --until_failure == 0 ? NULL : calloc(1, bytes);
}

/* The C library's realloc() moves blocks that MicroPython wants to stay. */
void *__real_m_realloc_maybe(void *block, size_t old_bytes, size_t bytes, bool allow_move);
void *__wrap_m_realloc_maybe(void *block, size_t old_bytes, size_t bytes, bool allow_move);
void *__wrap_m_realloc_maybe(void *block, size_t old_bytes, size_t bytes, bool allow_move)
{
    return allow_move ? __real_m_realloc_maybe(block, old_bytes, bytes, true) : bytes <= old_bytes ? block : NULL;
}

static mp_obj_t host_fail_after(mp_obj_t n)
{
    bool not_yet = until_failure > 0;

    until_failure = mp_obj_get_int(n);
    return mp_obj_new_bool(not_yet);        /* the last one asked for has not happened */
}
static MP_DEFINE_CONST_FUN_OBJ_1(host_fail_after_obj, host_fail_after);

static const mp_rom_map_elem_t host_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_host)},
    {MP_ROM_QSTR(MP_QSTR_fail_after), MP_ROM_PTR(&host_fail_after_obj)},
};
static MP_DEFINE_CONST_DICT(host_globals, host_globals_table);
const mp_obj_module_t host_module = {{&mp_type_module}, (mp_obj_dict_t *)&host_globals};
MP_REGISTER_MODULE(MP_QSTR_host, host_module);

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t length)
{
    return (mp_uint_t)fwrite(text, 1, length, stdout);
}

mp_import_stat_t mp_import_stat(const char *path)
{
    (void)path;
    return MP_IMPORT_STAT_NO_EXIST;
}

mp_obj_t mp_builtin_open(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    (void)n_args, (void)args, (void)kw;
    mp_raise_OSError(MP_ENOENT);
}
MP_DEFINE_CONST_FUN_OBJ_KW(mp_builtin_open_obj, 1, mp_builtin_open);

void nlr_jump_fail(void *value)
{
    (void)value;
    fputs("an exception that nobody catches\n", stderr);
    abort();
}

int main(int argc, char **argv)
{
    nlr_buf_t nlr;
    int status = 1;

    if (argc != 2) {
        fputs("usage: main SCRIPT\n", stderr);
        return 2;
    }
    mp_init();
    if (nlr_push(&nlr) == 0) {
        mp_lexer_t *lexer = mp_lexer_new_from_file(qstr_from_str(argv[1]));
        qstr name = lexer->source_name;
        mp_parse_tree_t tree = mp_parse(lexer, MP_PARSE_FILE_INPUT);
        mp_call_function_0(mp_compile(&tree, name, false));
        nlr_pop();
        status = 0;
    } else {
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(nlr.ret_val));
    }
    mp_deinit();
    fflush(stdout);
    return status;
}
