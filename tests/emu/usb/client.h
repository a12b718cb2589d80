/* SPDX-License-Identifier: MIT */
/* A scripted USB/IP client, and the emulator's monitor, for tests of the emulated USB. */
#ifndef USB_TEST_CLIENT_H
#define USB_TEST_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

enum { TIMEOUT_MS = 60000, PIPE = -32, RESET = -104, SHUT_DOWN = -108, SHORT = -121, GONE = 1 /* not a status: the connection ended */ };
enum { SHORT_NOT_OK = 1, ZERO_PACKET = 0x40 };

/* One line of the test's result. `got` and `expected` are shown when they differ. */
void check(const char *name, long got, long expected);
void check_true(const char *name, bool good, const char *got);

/* --- USB/IP --- */

struct reply {
    uint32_t command, sequence;
    int status;
    uint32_t actual, packets;
    uint8_t data[1 << 20];
};

int dial(void);                                         /* a connection to the server; the test ends when there is none */
bool put(int fd, const void *bytes, size_t length);
bool get(int fd, void *bytes, size_t length);           /* false: closed, or TIMEOUT_MS are over */
uint32_t import(int fd, const char *busid, uint8_t device[312]);    /* the status; 255: closed */
bool closed(int fd);                                    /* the server ends the connection, within the time-out */

/* Puts a request on its way; its sequence number. `endpoint` with 0x80: IN, `length` bytes at most. */
uint32_t submit(int fd, unsigned endpoint, const void *data, uint32_t length, uint32_t flags);
uint32_t submit_control(int fd, const uint8_t setup[8], const void *data);
uint32_t unlink_urb(int fd, uint32_t victim);
/* The next answer. False: closed, or late. The direction of each request is remembered. */
bool next_reply(int fd, struct reply *reply);

/* One request, its answer awaited: the status, or GONE. */
int transfer(int fd, unsigned endpoint, void *data, uint32_t length, uint32_t flags, uint32_t *actual);
int control(int fd, uint8_t type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length, uint32_t *actual);

/* Imports the device when it is there, within the time-out. */
int import_when_ready(void);

/* --- the emulator --- */

/* A command of the human monitor; what it said, valid until the next call. */
const char *monitor(const char *command);
/* Waits until the property holds `text`; false when the time-out is over. */
bool property_holds(const char *name, const char *text);
/* Frames (high speed: microframes) that the host has sent since the start. */
long frames(void);
void sleep_ms(unsigned ms);

extern const char *socket_path, *monitor_path;
extern uint16_t tcp_port;

#endif
