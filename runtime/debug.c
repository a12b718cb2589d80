/* SPDX-License-Identifier: MIT */
/* Debug output, in builds with DEBUG_PRINTF=1. */
#include "runtime/debug.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/rtt.h"

void debug_init(void) { rtt_init(); }

void debug_write(const char *text, size_t n)
{
    rtt_write(text, n);
    debug_trace(text, n);
}

void debug_printf(const char *format, ...)
{
    char line[124];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (n > 0) {
        size_t length = (size_t)n < sizeof line - 2 ? (size_t)n : sizeof line - 2;
        line[length++] = '\n';
        debug_write(line, length);
    }
}
