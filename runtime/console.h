/* SPDX-License-Identifier: MIT */
/* The camera's console: the byte stream that carries the REPL and, once a host says hello, the host protocol.
   Implemented by the port (ports/stm32/console.c); used by MicroPython's stdio and by protocol/. */
#ifndef RUNTIME_CONSOLE_H
#define RUNTIME_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes queued for sending; never blocks. Returns how many were taken (0 .. length): the rest did not fit the ring. Any context. */
size_t console_write(const void *data, size_t length);

/* Room in the sending ring, and whether everything has left the wire. */
size_t console_write_space(void);
bool console_idle(void);

/* Bytes received that no hook has consumed; never blocks. Main context only. */
size_t console_read(void *data, size_t length);
bool console_readable(void);

/* Puts bytes into the receiving ring as if they had come from the wire (a hook gives back what it held). Interrupt or main context. */
void console_feed(const void *data, size_t length);

/* Someone who wants to look at the traffic: the host protocol. All members may be NULL. There is one hook. */
struct console_hook {
    /* Each received byte, in the receive interrupt, before the REPL sees it. true: consumed. */
    bool (*receive)(uint8_t byte);
    /* What the program prints, in main context, before it goes to the wire. true: taken (the protocol is active and owns the wire). */
    bool (*print)(const char *text, size_t length);
    /* Background work, in PendSV (the lowest priority, preempts the script, is preempted by every interrupt): runs soon after
       received bytes and every CONSOLE_TICK_MS. It must not call into the interpreter; script_*() and pool_*() are allowed. */
    void (*service)(void);
};
#define CONSOLE_TICK_MS 10
void console_set_hook(const struct console_hook *hook);

/* Asks for the service hook to run; from any context. */
void console_request_service(void);

/* Waits for the sending ring to drain, at most `ms` milliseconds. Main context. */
void console_flush(uint32_t ms);

#endif
