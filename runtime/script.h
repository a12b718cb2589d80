/* SPDX-License-Identifier: MIT */
/* The script a host sends: its text, running it, stopping it. Functions may be called from PendSV (protocol) unless noted. */
#ifndef RUNTIME_SCRIPT_H
#define RUNTIME_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text buffer, grown in the persistent memory pool. offset 0 starts a new script; otherwise offset must equal the present length.
   Returns 0, or -1: no memory, or a hole. */
int script_write(size_t offset, const void *data, size_t length);
size_t script_length(void);
void script_clear(void);

/* Stops whatever runs (a script or the REPL's line) and runs the buffered text next, in a fresh interpreter. -1: the buffer is empty. */
int script_exec(void);

/* Raises KeyboardInterrupt in the running script; if it is still running 500 ms later (it caught the exception) the VM is aborted,
   which no script can catch. A script that is about to run begins and ends at once. No effect otherwise. */
void script_stop(void);

bool script_running(void);

/* How the last script ended, and how many have been started since power-on: how a host learns both. */
enum script_result { SCRIPT_RESULT_NONE, SCRIPT_RESULT_ENDED, SCRIPT_RESULT_EXCEPTION, SCRIPT_RESULT_STOPPED, SCRIPT_RESULT_EXIT };
enum script_result script_result(void);
uint32_t script_count(void);

/* What happens to scripts, for the host's events. Called in main context. */
enum script_event { SCRIPT_STARTED, SCRIPT_STOPPED, SCRIPT_SOFT_REBOOT };
void script_set_listener(void (*listener)(enum script_event event));

/* ---- for the port's main loop only ----- */
bool script_pending(void);      /* script_exec() was called and the text has not been run yet */
void script_run_pending(void);  /* runs it; main context, interpreter initialised, within the abort point */
void script_tick(void);         /* every millisecond, interrupt context: the 500 ms of script_stop */
void script_begin(void);        /* main.py or a host's script starts / has ended: sets script_running, tells the listener */
void script_end(void);
void script_notify(enum script_event event);
void script_executed(void *exception);  /* MicroPython has run a piece of Python, which ended with this exception or NULL */

#endif
