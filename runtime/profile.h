/* SPDX-License-Identifier: MIT */
/* The profiler of PROFILE_ENABLE=1: who called whom, how often, and the ticks that took. Pure C; the port calls it from the hooks of
   -finstrument-functions and says what time it is.

   A row of the table is a pair of function and caller. Its inclusive ticks are those of the outermost activation of the function
   only, so that recursion counts nothing twice and the rows of one function add up; its exclusive ticks are those of every
   activation without what it called. Ticks are the port's, without those that the hooks took. */
#ifndef RUNTIME_PROFILE_H
#define RUNTIME_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum profile_mode { PROFILE_INCLUSIVE, PROFILE_EXCLUSIVE };

/* One row as the host reads it: seven numbers of 32 bits and two of 64, little-endian, packed:
   function, caller, calls, min, max (ticks of one call in the present mode), total of the present mode (64), exclusive total (64), 0. */
#define PROFILE_RECORD 40u

/* A caller below this is no address: the number of the exception that the function was called from (PROFILE_IRQ=1). */
#define PROFILE_EXCEPTIONS 1024u

/* Bytes of memory that a table of `rows` (a power of two) and `depth` nested calls need. */
size_t profile_bytes(unsigned rows, unsigned depth);

/* Begins to record, in memory aligned to 8. `ticks` is what the clock shows. */
void profile_begin(void *memory, unsigned rows, unsigned depth, uint32_t ticks);

/*
 * A function was entered or is about to be left. `site` is its return address, `sp` the stack pointer there: frames that a longjmp has
 * jumped over are recognised by it and end now. `exception`: number of the exception that runs, 0 for none. Calls that find no room
 * are counted as lost. Not reentrant: the port masks interrupts. profile_resume() ends a hook: the time since is not counted.
 */
void profile_enter(uint32_t function, uint32_t site, uint32_t sp, unsigned exception, uint32_t ticks);
void profile_exit(uint32_t function, uint32_t site, uint32_t sp, uint32_t ticks);
void profile_resume(uint32_t ticks);

/* For the host, from an interrupt of the lowest priority or main context. */
void profile_set_mode(enum profile_mode mode);      /* forgets everything, too */
void profile_reset(void);
/* Frozen, nothing is added to the table; calls that have not ended yet are accounted up to now. */
void profile_freeze(bool frozen);
unsigned profile_rows(void);                        /* used rows */
uint32_t profile_lost(void);                        /* calls of rows that made room for others, and calls that found no place */
void profile_record(unsigned row, uint8_t record[PROFILE_RECORD]);

/* For the port's main(), with the memory pools up: nothing without PROFILE_ENABLE=1. */
#if defined(OMV_PROFILER_ENABLE)
void profile_start(void);
#else
static inline void profile_start(void) {}
#endif

#endif
