/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware that waits in a loop (poll.h). */
#include "qemu/osdep.h"

#include "hw/core/cpu.h"
#include "poll.h"
#include "qemu/timer.h"
#include "system/cpu-timers.h"
#include "system/cpus.h"
#include "system/runstate.h"

enum { PATIENCE = 64, LONGEST_NS = 100000, SHORTEST_NS = 200, COUNTER_SHARE = 200, LONGEST_COUNTER_NS = 20000, LOOP_NS = 96 };

static struct {
    const void *source;
    uint32_t value;
    unsigned count;
    int64_t since, last;
    QEMUTimer *wake;
    CPUState *cpu;
} state;

static void wake(void *opaque)
{
    if (runstate_is_running()) {
        state.cpu->stopped = false;
        qemu_cpu_kick(state.cpu);
    }
}

/* The core stops as it does for the monitor's "stop", so that a masked interrupt doesn't wake it early. */
static void stand_still(int64_t now, int64_t duration)
{
    int64_t next = qemu_clock_deadline_ns_all(QEMU_CLOCK_VIRTUAL, QEMU_TIMER_ATTR_ALL);

    if (next >= 0 && next < duration) {
        duration = next;
    }
    if (duration < SHORTEST_NS) {
        return;
    }
    if (!state.wake) {
        state.wake = timer_new_ns(QEMU_CLOCK_VIRTUAL, wake, NULL);
    }
    state.cpu = current_cpu;
    timer_mod(state.wake, now + duration);
    current_cpu->stopped = true;
    cpu_exit(current_cpu);
}

/* True when the source has been read often enough, with nothing in between. */
static bool patient(const void *source, uint32_t value, int64_t now)
{
    if (state.source != source || state.value != value) {
        state.source = source;
        state.value = value;
        state.count = 0;
        state.since = now;
    }
    return ++state.count > PATIENCE && current_cpu && icount_enabled() && !current_cpu->singlestep_enabled;
}

void poll_status(const void *source, uint32_t value)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    if (patient(source, value, now)) {
        stand_still(now, LONGEST_NS);
    }
}

void poll_counter(const void *source)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    /* A loop that only waits is short. A profiler reads the counter again and again, too, but works in between. */
    if (now - state.last > LOOP_NS) {
        poll_ended();
    }
    state.last = now;
    if (patient(source, 0, now)) {
        stand_still(now, MIN((now - state.since) / COUNTER_SHARE, (int64_t)LONGEST_COUNTER_NS));
    }
}

void poll_ended(void)
{
    state.source = NULL;
}
