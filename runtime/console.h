/* SPDX-License-Identifier: MIT */
/* The camera's console: what carries the REPL, and the host protocol while a host asks for it. It has two wires:

   USB   the serial port. Opened at CONSOLE_PROTOCOL_BAUD it is the protocol's until it is closed or reopened at another rate; at any
         other rate it is a plain REPL. A host that opened it and doesn't read delays print() once, by CONSOLE_PATIENCE_MS.
   UART  the board's console UART. Always a REPL, and the protocol's once a host says SYNC. What is printed goes there while no host
         has the USB port open, or when something has been typed on it since. A script may take its pins when nobody is using it.

   Implemented by the port (ports/stm32/console.c); used by MicroPython's stdio and by modules/protocol. */
#ifndef RUNTIME_CONSOLE_H
#define RUNTIME_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONSOLE_PROTOCOL_BAUD 921600u
#define CONSOLE_PATIENCE_MS 1500u

enum console_wire { CONSOLE_USB, CONSOLE_UART };

/* ---- Standard input and output: main context, unless noted --------------------------------------------------- */

/* Prints: to the hook, or to the wires in use. In order, and nothing is lost to a host that reads. Any context; waits in main context
   only, for as long as a UART takes or a USB host may (see above). */
void console_print(const void *text, size_t length);
bool console_writable(void);

/* The same to the wires, without waiting: what doesn't fit pushes out the oldest (USB) or is lost (UART). Any context. */
void console_write(const void *data, size_t length);

/* Bytes typed on any wire that no hook has consumed; never blocks. */
size_t console_read(void *data, size_t length);
bool console_readable(void);

/* Waits until everything printed has left, at most `ms` milliseconds. */
void console_flush(uint32_t ms);

/* ---- The host protocol --------------------------------------------------------------------------------------- */

/* Bytes queued on a wire; never blocks. Returns how many were taken. Any context. */
size_t console_send(enum console_wire wire, const void *data, size_t length);

/* Gives the REPL bytes as if they had been typed. Interrupt or main context. */
void console_feed(const void *data, size_t length);

/* Asks for the service function; from any context. */
void console_request_service(void);

/* Someone who wants to look at the traffic. All members may be NULL. There is one hook. */
struct console_hook {
    /* Each byte from the UART, in the receive interrupt, before the REPL sees it. true: consumed. */
    bool (*receive)(uint8_t byte);
    /* The USB port has become the protocol's (true), or is no longer. In PendSV. While it is, its bytes go to usb_receive, in PendSV,
       as many at a time as usb_room() says. The rest waits at the host. */
    void (*usb_changed)(bool protocol);
    size_t (*usb_room)(void);
    void (*usb_receive)(const uint8_t *bytes, size_t n);
    /* What the program prints, before it goes to a wire. true: taken. */
    bool (*print)(const char *text, size_t length);
    /* Background work, in PendSV (the lowest priority, preempts the script, is preempted by every interrupt): runs soon after
       received or sent bytes and every CONSOLE_TICK_MS. It must not call into the interpreter; script_*() and pool_*() are allowed. */
    void (*service)(void);
};
#define CONSOLE_TICK_MS 10
void console_set_hook(const struct console_hook *hook);

#endif
