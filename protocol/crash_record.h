/* SPDX-License-Identifier: MIT */
/* What a camera leaves behind when its firmware cannot go on, in a RAM that a reset does not clear; read over channel crash. */
#ifndef PROTOCOL_CRASH_RECORD_H
#define PROTOCOL_CRASH_RECORD_H

#include <stdint.h>

#define CRASH_MAGIC       0x48535243u /* "CRSH" */
#define CRASH_VERSION     1u
#define CRASH_STACK_WORDS 256u

enum crash_kind {
    CRASH_FAULT = 1,    /* an exception of the processor */
    CRASH_PANIC,        /* the firmware found itself broken; the message says how */
    CRASH_SMASHED,      /* a function wrote beyond its local variables (STACK_PROTECTOR=1) */
    CRASH_WATCHDOG,     /* a watchdog reset: pc and lr are those of the last tick of a millisecond before it, other registers 0 */
};

/* Little-endian, no padding. Texts end with a 0. */
struct crash_record {
    uint32_t magic;
    uint16_t version, size; /* of this struct */
    uint32_t crc;           /* packet_crc32 over what follows `shown` */
    uint32_t shown;         /* 1: the camera has told on its console */
    uint32_t kind, count;   /* crashes since the camera was without power */
    uint32_t uptime_ms;
    uint8_t build_id[20];   /* of the firmware, as in its ELF file */
    uint32_t r[13], sp, lr, pc, psr;
    uint32_t exception, exc_return, cfsr, hfsr, mmfar, bfar;    /* Armv7-M ARM B1.5, B3.2; 0 when it was no fault */
    uint32_t line;          /* of the script, 0: none was running */
    char script[64], block[48];
    char message[96];
    uint32_t stack_words;   /* that are valid, from address sp on */
    uint32_t stack[CRASH_STACK_WORDS];
};
_Static_assert(sizeof(struct crash_record) == 12 + 4 + 12 + 20 + 68 + 24 + 4 + 64 + 48 + 96 + 4 + 4 * CRASH_STACK_WORDS, "no padding");

/* Channel crash, only there when there is a record: read gives it, and this request forgets it. */
enum crash_ioctl { CRASH_CLEAR };

#endif
