/* SPDX-License-Identifier: MIT */
/* The profiler's table on the host: functions and calls with their names, and the files made of them. */
#ifndef HOST_PROFILE_H
#define HOST_PROFILE_H

#include <stdio.h>

#include "elf.h"

#define PROFILE_NONE UINT32_MAX

struct profile_call {
    uint32_t caller, callee; /* places in functions */
    uint32_t calls, min, max;
    uint64_t inclusive, exclusive; /* ticks; inclusive is 0 for a call from inside the same function's activation */
};

struct profile_function {
    uint32_t address;
    char name[96];
    const char *line; /* "file.c:12" or NULL */
    uint64_t calls, inclusive, exclusive;
    uint32_t min, max;
};

struct profile {
    struct profile_function *functions;
    struct profile_call *calls;
    size_t function_count, call_count;
    uint64_t total; /* exclusive ticks of all */
    uint32_t lost, hz;
    char *lines;
};

/*
 * From the records of channel profile (`size` bytes each, the first 36 as in protocol): 0, or an exit code after an error
 * message, when an address is no function of the ELF file, which is then not that of the camera's firmware.
 */
int profile_parse(struct profile *profile, const struct elf *elf, const uint8_t *records, size_t n, size_t size);
void profile_free(struct profile *profile);

/* The functions with most exclusive ticks, at most `most`; the calls of each of them, and to it. */
void profile_print_table(const struct profile *profile, FILE *out, size_t most);
void profile_print_graph(const struct profile *profile, FILE *out, size_t most);

/* A file for callgrind_annotate and KCachegrind; a flame graph that a browser shows. */
void profile_write_callgrind(const struct profile *profile, FILE *out, const char *elf);
void profile_write_flame(const struct profile *profile, FILE *out, const char *title);

#endif
