/* SPDX-License-Identifier: MIT */
/* The crash record in the backup SRAM (RM0433 2.4): no reset clears it, no bootloader and no start-up code uses it. Called with
   interrupts off, from handlers of faults: no heap, nothing that waits. */
#include "crash.h"
#include <string.h>
#include "board.h"
#include "protocol/packet.h"
#include "runtime/crash.h"
#include "system.h"

/* What the last tick has seen, for the watchdog, which resets without a word; and a count that goes on. */
struct tick_mark { uint32_t magic, pc, lr, ms, starts; };
#define TICK_MAGIC 0x4B434954UL

#define RECORD ((struct crash_record *)BACKUP_SRAM)
#define TICK ((volatile struct tick_mark *)(BACKUP_SRAM + BACKUP_SRAM_SIZE - sizeof(struct tick_mark)))
_Static_assert(sizeof(struct crash_record) + sizeof(struct tick_mark) <= BACKUP_SRAM_SIZE, "both lie in the backup SRAM");

extern const uint8_t _build_id[];
extern uint32_t _stack_top[];

static uint32_t checksum(const struct crash_record *r)
{
    size_t covered = offsetof(struct crash_record, kind);

    return packet_crc32(&r->kind, sizeof *r - covered);
}

static bool valid(const struct crash_record *r)
{
    return r->magic == CRASH_MAGIC && r->version == CRASH_VERSION && r->size == sizeof *r && r->crc == checksum(r);
}

/* The backup SRAM has a clock and a lock of its own (RM0433 6.4.4, 8.7.43). */
static void unlock(void)
{
    PWR->CR1 |= PWR_CR1_DBP;
    RCC->AHB4ENR |= RCC_AHB4ENR_BKPRAMEN;
    (void)RCC->AHB4ENR;
}

static bool readable(const void *p, size_t n)
{
    uint32_t offset = (uint32_t)p - FLASH_INTERNAL_BASE;

    return (offset < FLASH_INTERNAL_SIZE && n <= FLASH_INTERNAL_SIZE - offset) || ((uint32_t)p >= STACK_GUARD_BYTES && system_is_ram(p, n));
}

struct crash_record *crash_begin(enum crash_kind kind, const char *message)
{
    struct crash_record *r = RECORD;
    unlock();
    uint32_t count = valid(r) ? r->count + 1 : 1;

    memset(r, 0, sizeof *r);
    r->version = CRASH_VERSION;
    r->size = sizeof *r;
    r->kind = kind;
    r->count = count;
    r->uptime_ms = system_ms();
    memcpy(r->build_id, _build_id, sizeof r->build_id);
    strncpy(r->message, message, sizeof r->message - 1);
    return r;
}

void crash_end(struct crash_record *r)
{
    r->crc = checksum(r);
    r->magic = CRASH_MAGIC;
    __DSB();
}

void crash_add_stack(struct crash_record *r, const uint32_t *stack)
{
    const uint32_t *p = stack;

    r->sp = (uint32_t)stack;
    for (; r->stack_words < CRASH_STACK_WORDS && p < _stack_top && readable(p, 4); p++) {
        r->stack[r->stack_words++] = *p;
    }
    if (p != stack) {
        crash_end(r); /* complete but for the script; should looking for that fail, this is what stays */
        crash_find_script(r, stack, _stack_top, readable);
    }
}

void crash_tick(uint32_t pc, uint32_t lr)
{
    TICK->pc = pc;
    TICK->lr = lr;
    TICK->ms = system_ms();
}

void crash_init(void)
{
    unlock();
    struct tick_mark mark = *TICK;
    if (mark.magic != TICK_MAGIC) {
        mark = (struct tick_mark){ 0 };
    }
    if (system_reset_cause() == SYSTEM_RESET_WATCHDOG) {
        struct crash_record *r = crash_begin(CRASH_WATCHDOG, "the watchdog was not fed");
        r->pc = mark.pc;
        r->lr = mark.lr;
        r->uptime_ms = mark.ms;
        crash_end(r);
    }
    *TICK = (struct tick_mark){ .magic = TICK_MAGIC, .starts = mark.starts + 1 };
}

uint32_t crash_starts(void) { return TICK->starts; }
const struct crash_record *crash_record(void) { return valid(RECORD) ? RECORD : NULL; }
void crash_clear(void) { RECORD->magic = 0; }
void crash_set_shown(void) { RECORD->shown = 1; }
