/* SPDX-License-Identifier: MIT */
/* Hooks of -finstrument-functions: how often functions were entered and left, and how deep calls go. The profiler's table and its
   channel to the host build on these hooks. */
#include <stdint.h>

volatile uint32_t profile_enters, profile_exits, profile_depth_peak;

void __cyg_profile_func_enter(void *function, void *caller) __attribute__((no_instrument_function));
void __cyg_profile_func_exit(void *function, void *caller) __attribute__((no_instrument_function));

void __cyg_profile_func_enter(void *function, void *caller)
{
    (void)function;
    (void)caller;
    uint32_t depth = ++profile_enters - profile_exits;
    if ((int32_t)(depth - profile_depth_peak) > 0) {
        profile_depth_peak = depth;
    }
}

void __cyg_profile_func_exit(void *function, void *caller)
{
    (void)function;
    (void)caller;
    profile_exits++;
}
