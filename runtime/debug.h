/* SPDX-License-Identifier: MIT */
/* Debug output of the firmware itself: with DEBUG_PRINTF=1 lines on the console, otherwise nothing at all. */
#ifndef RUNTIME_DEBUG_H
#define RUNTIME_DEBUG_H

/* Like printf, at most 120 characters; "\n" is added. Never waits: what does not fit the console's ring is lost. Any context. */
#if defined(OMV_DEBUG_PRINTF)
__attribute__((format(printf, 1, 2))) void debug_printf(const char *format, ...);
#else
__attribute__((format(printf, 1, 2))) static inline void debug_printf(const char *format, ...) { (void)format; }
#endif

#endif
