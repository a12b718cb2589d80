/* SPDX-License-Identifier: MIT */
/* The host's script: text in the persistent pool, run by the port's main loop, stopped by an exception or, when that is caught, by an abort. */
#include "runtime/script.h"
#include <string.h>
#include "py/mphal.h"
#include "py/runtime.h"
#include "runtime/pool.h"
#include "shared/runtime/pyexec.h"

#define STOP_TIMEOUT_MS 500

static char *text;
static size_t text_length, text_capacity;
static volatile bool pending, running;
static volatile bool cancelled; /* stopped before it has begun */
static volatile uint32_t stop_countdown;
static enum script_result result;
static uint32_t count;
static void (*listener)(enum script_event event);

int script_write(size_t offset, const void *data, size_t length)
{
    if (offset == 0) {
        text_length = 0;
    }
    if (offset != text_length || pending) {
        return -1;
    }
    if (text_length + length > text_capacity) {
        size_t capacity = (text_length + length + 2047) / 2048 * 2048;
        char *grown = pool_realloc(text, capacity, POOL_PERSIST);
        if (!grown) {
            return -1;
        }
        text = grown;
        text_capacity = capacity;
    }
    memcpy(text + text_length, data, length);
    text_length += length;
    return 0;
}

size_t script_length(void) { return text_length; }

void script_clear(void)
{
    if (!pending) {
        pool_free(text);
        text = NULL;
        text_length = text_capacity = 0;
    }
}

int script_exec(void)
{
    if (text_length == 0) {
        return -1;
    }
    cancelled = false;
    pending = true;
    mp_sched_vm_abort();
    return 0;
}

void script_stop(void)
{
    cancelled = pending;
    if (running) {
        stop_countdown = STOP_TIMEOUT_MS;
        mp_sched_keyboard_interrupt();
    }
}

void script_tick(void)
{
    if (stop_countdown && --stop_countdown == 0 && running) {
        mp_sched_vm_abort();
    }
}

bool script_running(void) { return running; }
enum script_result script_result(void) { return result; }
uint32_t script_count(void) { return count; }
void script_set_listener(void (*function)(enum script_event event)) { listener = function; }
bool script_pending(void) { return pending; }

void script_notify(enum script_event event)
{
    if (listener) {
        listener(event);
    }
}

void script_begin(void)
{
    running = true;
    count++;
    result = SCRIPT_RESULT_STOPPED; /* an aborted interpreter tells nothing */
    script_notify(SCRIPT_STARTED);
}

void script_end(void)
{
    stop_countdown = 0;
    if (running) {
        script_notify(SCRIPT_STOPPED);  /* first: who finds the script gone finds its last frame ready */
        running = false;
    }
}

void script_executed(void *exception)
{
    if (!running) {
        return;
    }
    mp_obj_t type = exception ? MP_OBJ_FROM_PTR(((mp_obj_base_t *)exception)->type) : MP_OBJ_NULL;
    if (!exception) {
        result = SCRIPT_RESULT_ENDED;
    } else if (mp_obj_is_subclass_fast(type, MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        result = SCRIPT_RESULT_EXIT;
    } else if (mp_obj_is_subclass_fast(type, MP_OBJ_FROM_PTR(&mp_type_KeyboardInterrupt))) {
        result = SCRIPT_RESULT_STOPPED;
    } else {
        result = SCRIPT_RESULT_EXCEPTION;
    }
}

void script_run_pending(void)
{
    /* The text moves to the interpreter's heap, so that the host can send the next one while this one runs. */
    vstr_t vstr;
    vstr_init(&vstr, text_length + 1);
    vstr_add_strn(&vstr, text, text_length);
    running = true; /* without a moment in which a host sees neither */
    pending = false;
    script_clear();
    script_begin();
    if (!cancelled) {
        pyexec_vstr(&vstr, true);
    }
    script_end();
}
