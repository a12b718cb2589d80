/* SPDX-License-Identifier: MIT */
/* Hooks of -finstrument-functions (PROFILE_ENABLE=1): time is the cycle counter's, which stands still while the core sleeps. */
#include "irq.h"
#include "runtime/pool.h"
#include "runtime/profile.h"
#include "system.h"

#define DEPTH 160

static volatile bool running;

void profile_start(void)
{
    void *memory = pool_alloc(profile_bytes(OMV_PROFILER_HASH_SIZE, DEPTH), POOL_FAST | POOL_DTCM | POOL_PERSIST);

    if (memory) {
        profile_begin(memory, OMV_PROFILER_HASH_SIZE, DEPTH, DWT->CYCCNT);
        running = true;
    }
}

/* 0 in the main program. What interrupts run belongs to what they interrupt, unless PROFILE_IRQ=1. */
static bool recorded(uint32_t exception) { return running && (OMV_PROFILER_IRQ_ENABLE || !exception); }

__attribute__((used)) static void entered(uint32_t function, uint32_t site, uint32_t sp)
{
    uint32_t exception = __get_IPSR();

    if (recorded(exception)) {
        uint32_t state = irq_disable();
        profile_enter(function & ~1UL, site, sp, exception, DWT->CYCCNT);
        profile_resume(DWT->CYCCNT);
        irq_restore(state);
    }
}

__attribute__((used)) static void left(uint32_t function, uint32_t site, uint32_t sp)
{
    if (recorded(__get_IPSR())) {
        uint32_t state = irq_disable();
        profile_exit(function & ~1UL, site, sp, DWT->CYCCNT);
        profile_resume(DWT->CYCCNT);
        irq_restore(state);
    }
}

void __cyg_profile_func_enter(void *function, void *site);
void __cyg_profile_func_exit(void *function, void *site);

__attribute__((naked)) void __cyg_profile_func_enter(__attribute__((unused)) void *function, __attribute__((unused)) void *site)
{
    __asm volatile("mov r2, sp\n"
                   "b entered\n");
}

__attribute__((naked)) void __cyg_profile_func_exit(__attribute__((unused)) void *function, __attribute__((unused)) void *site)
{
    __asm volatile("mov r2, sp\n"
                   "b left\n");
}
