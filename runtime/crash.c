/* SPDX-License-Identifier: MIT */
/* The crash record for people: one line. And the script's line that belongs to it. */
#include "runtime/crash.h"

#include <stdio.h>
#include <string.h>

#include "py/bc.h"
#include "py/mpprint.h"
#include "py/objfun.h"
#include "py/runtime.h"

void crash_describe(char *text, size_t size)
{
    const struct crash_record *r = crash_record();
    size_t n;

    *text = 0;
    if (!r) {
        return;
    }
    snprintf(text, size, "%s after %u.%u s, at 0x%08X", r->message, (unsigned)(r->uptime_ms / 1000), (unsigned)(r->uptime_ms / 100 % 10),
             (unsigned)r->pc);
    n = strlen(text);
    if (r->line && n < size) {
        snprintf(text + n, size - n, ", %s line %u in %s", r->script, (unsigned)r->line, r->block);
    }
}

void crash_report(void)
{
    char text[sizeof ((struct crash_record *)0)->message + 160];
    const struct crash_record *r = crash_record();

    if (r && !r->shown) {
        crash_describe(text, sizeof text);
        mp_printf(&mp_plat_print, "The last run crashed: %s. 'omv crash' on the host tells more.\n", text);
        crash_set_shown();
    }
}

/* ---- The interpreter's innermost frame ------------------------------------------------------------------------------- */

typedef bool readable_function(const void *p, size_t n);

static bool good(const void *p, size_t n, readable_function *readable) { return !((uintptr_t)p & 3) && readable(p, n); }

/* Whether a frame of the interpreter that runs now can lie here. */
static bool is_frame(const mp_code_state_t *cs, readable_function *readable)
{
    if (!good(cs, sizeof *cs, readable) || !good(cs->fun_bc, sizeof *cs->fun_bc, readable)) {
        return false;
    }
    const mp_obj_fun_bc_t *f = cs->fun_bc;
    return (f->base.type == &mp_type_fun_bc || f->base.type == &mp_type_gen_wrap) && good(f->context, sizeof *f->context, readable)
        && f->context->module.globals == MP_STATE_THREAD(dict_globals) && readable(f->bytecode, 16) && cs->ip >= f->bytecode
        && cs->ip < f->bytecode + 0x10000 && readable(cs->ip, 1) && good(f->context->constants.qstr_table, 4, readable);
}

static void copy_name(char *out, size_t size, size_t id)
{
    const char *name = id < QSTR_TOTAL() ? qstr_str((qstr)id) : "?";

    strncpy(out, name, size - 1);
    out[size - 1] = 0;
}

/* The bytecode's prelude: sizes, then the name of the block, names of arguments, and the table of lines (py/bc.h). */
static void decode(struct crash_record *record, const mp_code_state_t *cs, readable_function *readable)
{
    const byte *ip = cs->fun_bc->bytecode;
    MP_BC_PRELUDE_SIG_DECODE(ip);
    MP_BC_PRELUDE_SIZE_DECODE(ip);
    const byte *lines_end = ip + n_info, *code = lines_end + n_cell;
    size_t block = mp_decode_uint_value(ip), at = (size_t)(cs->ip - code);

    (void)n_state, (void)n_exc_stack, (void)scope_flags, (void)n_def_pos_args;
    if (cs->ip < code || !readable(ip, n_info)) {
        return;
    }
    for (size_t i = 0; i < 1 + n_pos_args + n_kwonly_args; i++) {
        ip = mp_decode_uint_skip(ip);
    }
    const qstr_short_t *names = cs->fun_bc->context->constants.qstr_table;
    if (readable(names + block, sizeof *names)) {
        copy_name(record->block, sizeof record->block, names[block]);
    }
    copy_name(record->script, sizeof record->script, names[0]);
    record->line = mp_bytecode_get_source_line(ip, lines_end, at);
}

void crash_find_script(struct crash_record *record, const uint32_t *stack, const uint32_t *end, readable_function *readable)
{
    /* A frame lies above the interpreter's catch point, so that what older calls have left on the stack is not looked at. */
    const uint32_t *top = (const uint32_t *)MP_STATE_THREAD(nlr_top);

    for (const uint32_t *p = top > stack && top < end ? top : stack; p < end && readable(p, 4); p++) {
        const mp_code_state_t *here = (const mp_code_state_t *)p, *there = (const mp_code_state_t *)(uintptr_t)*p;
        const mp_code_state_t *cs = is_frame(here, readable) ? here : is_frame(there, readable) ? there : NULL;
        if (cs) {
            decode(record, cs, readable);
            return;
        }
    }
}
