/* SPDX-License-Identifier: MIT */
/* Debug output of the firmware itself, for a debugger to read while it runs: with DEBUG_PRINTF=1 lines over RTT (rtt.h) and, when the
   debugger has switched that on, over SWO; otherwise nothing at all. */
#ifndef RUNTIME_DEBUG_H
#define RUNTIME_DEBUG_H

#include <stddef.h>

/* debug_init: once, early. debug_printf: like printf, at most 120 characters; "\n" is added. It never waits for a reader: what does not
   fit is lost. Any context. */
#if defined(OMV_DEBUG_PRINTF)
void debug_init(void);
__attribute__((format(printf, 1, 2))) void debug_printf(const char *format, ...);
void debug_write(const char *text, size_t n);   /* the same with text as it is */
#else
static inline void debug_init(void) {}
__attribute__((format(printf, 1, 2))) static inline void debug_printf(const char *format, ...) { (void)format; }
static inline void debug_write(const char *text, size_t n) { (void)text, (void)n; }
#endif

/* Given by the port: the chip's own trace port, if it has one. Returns at once when no debugger listens. */
void debug_trace(const char *text, size_t n);

#endif
