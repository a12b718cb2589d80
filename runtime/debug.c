/* SPDX-License-Identifier: MIT */
/* Debug output, in builds with DEBUG_PRINTF=1. */
#include "runtime/debug.h"
#include <stdarg.h>
#include <stdio.h>
#include "runtime/console.h"

void debug_printf(const char *format, ...)
{
    char line[124];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line - 2, format, arguments);
    va_end(arguments);
    if (n > 0) {
        size_t length = (size_t)n < sizeof line - 3 ? (size_t)n : sizeof line - 3;
        line[length++] = '\r';
        line[length++] = '\n';
        console_write(line, length);
    }
}
