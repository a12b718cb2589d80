/* SPDX-License-Identifier: MIT */
/* Power-on to Python: hardware, memory, interpreter, boot scripts, then the REPL or the host's script; round again at each soft reset. */
#include <string.h>
#include "board.h"
#include "clock.h"
#include "console_port.h"
#include "dma.h"
#include "machine_port.h"
#include "modules/protocol/service.h"
#include "extmod/vfs.h"
#include "fault.h"
#include "gpio.h"
#include "irq.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "rng.h"
#include "rtc.h"
#include "runtime/console.h"
#include "runtime/crash.h"
#include "runtime/debug.h"
#include "runtime/lifecycle.h"
#include "runtime/pool.h"
#include "runtime/pool_stats.h"
#include "runtime/profile.h"
#include "runtime/script.h"
#include "shared/readline/readline.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/pyexec.h"
#include "shared/runtime/softtimer.h"
#include "storage.h"
#include "system_hooks.h"
#include "timer.h"
#include "usb.h"

extern uint8_t _stack_start[], _stack_end[];

const char omv_help_text[] =
    "The camera: import csi; c = csi.CSI(); c.reset(); c.pixformat(csi.RGB565); c.framesize(csi.QVGA); img = c.snapshot()\n"
    "Vision: methods of the image, e.g. img.find_blobs([(30, 100, 15, 127, 15, 127)])\n"
    "Board: import machine, omv; machine.Pin(\"P0\"), machine.LED(\"LED_RED\")\n"
    "Files: /flash (main.py runs at power-on), /rom (read only)\n"
    "Ctrl-C stops a program, Ctrl-D restarts Python, Ctrl-E pastes, help('modules') lists what can be imported\n";

/* ---- Memory ------------------------------------------------------------------------------------------ */

uint32_t pool_lock(void) { return irq_disable(); }
void pool_unlock(uint32_t state) { irq_restore(state); }
_Noreturn void pool_panic(const char *message, const void *pointer)
{
    (void)pointer;
    fault_panic(message);
}

static void pools_init(void)
{
    static const struct pool_region regions[] = {
#define ROW(base, size, flags) { "pool", (void *)(base), size, flags },
        BOARD_POOLS(ROW)
#undef ROW
    };
    pool_init(regions, sizeof regions / sizeof regions[0]);
}

static void heap_init(void)
{
    static const struct { uint32_t base, size; } blocks[] = {
#define ROW(base, size) { base, size },
        BOARD_GC_HEAPS(ROW)
#undef ROW
    };
    for (unsigned i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        void *start = (void *)blocks[i].base, *end = (void *)(blocks[i].base + blocks[i].size);
        if (i == 0) {
            gc_init(start, end);
        } else {
            gc_add(start, end);
        }
    }
}

void gc_collect(void)
{
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
}

void *__real_gc_realloc(void *block, size_t bytes, bool may_move);
void *__wrap_gc_realloc(void *block, size_t bytes, bool may_move);

/* A bytearray over an image's bytes, or over an address (uctypes), can't grow: a MemoryError, instead of a collector that takes them for its own. */
void *__wrap_gc_realloc(void *block, size_t bytes, bool may_move)
{
    return block && !gc_nbytes(block) ? NULL : __real_gc_realloc(block, bytes, may_move);
}

void nlr_jump_fail(void *value)
{
    (void)value;
    fault_panic("an exception found no handler");
}

#ifndef NDEBUG
void __assert_func(const char *file, int line, const char *function, const char *expression);
void __assert_func(const char *file, int line, const char *function, const char *expression)
{
    mp_printf(&mp_plat_print, "%s:%d: %s: assertion failed: %s\n", file, line, function, expression);
    fault_panic("assertion failed");
}
#endif

/* ---- Tick ------------------------------------------------------------------------------------------------- */

static volatile uint32_t soft_timer_due;
static volatile bool soft_timer_armed;

uint32_t soft_timer_get_ms(void) { return system_ms(); }

void soft_timer_schedule_at_ms(uint32_t ms)
{
    soft_timer_due = ms;
    soft_timer_armed = true;
}

void system_tick_hook(uint32_t ms)
{
    if (soft_timer_armed && (int32_t)(ms - soft_timer_due) >= 0) {
        soft_timer_armed = false;
        system_request_pendsv(PENDSV_SOFT_TIMER);
    }
    console_tick(ms);
    script_tick();
}

/* ---- One session: from interpreter start to soft reset ---------------------------------------------------------- */

static void run_main(void)
{
    script_begin();
    pyexec_file_if_exists("main.py");
    script_end();
}

static void session(bool first)
{
    crash_report();
    pyexec_frozen_module("_boot.py", false);
    int result = pyexec_file_if_exists("boot.py");
    if (result & PYEXEC_FORCED_EXIT) {
        return;
    }
    if (script_pending()) {
        script_run_pending();
        return;
    }
    if (first && pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL) {
        run_main();
    }
    for (;;) {
        if ((pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl()) != 0) {
            return;
        }
    }
}

/* script_exec() aborts the VM: whatever runs ends here, and the next session finds the script pending. */
static void guarded_session(bool first)
{
    nlr_buf_t abort_point;
    nlr_set_abort(&abort_point);
    if (nlr_push(&abort_point) == 0) {
        session(first);
        nlr_pop();
    } else {
        script_end();
        if (abort_point.ret_val) {
            mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(abort_point.ret_val));
        }
    }
    nlr_set_abort(NULL);
}

/* What the session needed of each pool, where it asked in vain, and what its frames took. */
#if FB_ALLOC_STATS
static void report_pools(void)
{
    const struct pool_frames *frames = pool_stats_frames();
    const struct pool_failure *f;
    struct pool_stats s;

    for (int i = 0; pool_get_stats(i, &s); i++) {
        mp_printf(&mp_plat_print, "pool %d at %p: %u of %u bytes used, %u blocks, peak %u, of a frame %u\n", i, pool_region((size_t)i)->base,
                  (unsigned)(s.used + s.persist), (unsigned)s.total, (unsigned)(s.used_blocks + s.persist_blocks), (unsigned)s.peak,
                  (unsigned)frames->most_peak[i]);
    }
    mp_printf(&mp_plat_print, "pools: %u frames, at most %u requests in one\n", frames->frames, frames->most_requests);
    for (unsigned i = 0; (f = pool_stats_failure(i)); i++) {
        mp_printf(&mp_plat_print, "pools: %u requests in vain from %p: %u bytes, flags %u, when %u were left in one piece\n", f->count, f->site,
                  (unsigned)f->size, (unsigned)f->flags, (unsigned)f->largest);
    }
    pool_reset_peak();
    pool_stats_reset();
}
#else
static void report_pools(void) {}
#endif

static void soft_reset(void)
{
    mp_hal_set_interrupt_char(-1);
    mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
    debug_printf("python: soft reset after %u ms", (unsigned)system_ms());
    report_pools();
    script_notify(SCRIPT_SOFT_REBOOT);
    soft_timer_deinit();
    soft_timer_armed = false;
    lifecycle_end();
    gpio_reset_interrupts();
    timer_reset();
    machine_uart_reset();
    console_reset();
    gc_sweep_all(); /* runs finalisers: files are closed, so the disk is complete */
    storage_sync();
    storage_forget_volumes();
    mp_deinit();
    dma_reset();
    pool_collect();
}

int main(void)
{
    clock_init();
    system_init();
    debug_init();
    console_init();
    rtc_init();
    pools_init();
    profile_start();
    storage_init();
    protocol_start();
    usb_start();
    system_set_pendsv(PENDSV_SOFT_TIMER, soft_timer_handler);
    mp_cstack_init_with_top(_stack_end, (mp_uint_t)(_stack_end - _stack_start) - STACK_GUARD_BYTES);
    for (bool first = true;; first = false) {
        heap_init();
        mp_init();
        readline_init0();
        machine_pin_init();
        guarded_session(first);
        soft_reset();
    }
}
