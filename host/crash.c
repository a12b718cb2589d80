/* SPDX-License-Identifier: MIT */
/* Decoding a crash record: fault status (Armv7-M ARM B3.2.15, B3.2.16), and the calls that lie on the stack. */
#include "crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/packet.h"
#include "report.h"

enum { MOST_CALLS = 24, REGISTERS = 16 };

static const struct { uint8_t bit; const char *name, *text; } causes[] = {
    {0, "IACCVIOL", "instructions were fetched from where that is forbidden"},
    {1, "DACCVIOL", "data were accessed where that is forbidden: a null pointer, or the stack has overflowed"},
    {3, "MUNSTKERR", "the return from an exception found the stack forbidden"},
    {4, "MSTKERR", "an exception found the stack forbidden: it has overflowed"},
    {5, "MLSPERR", "FPU registers were saved where that is forbidden"},
    {8, "IBUSERR", "there is nothing to fetch instructions from"},
    {9, "PRECISERR", "there is nothing at this address"},
    {10, "IMPRECISERR", "there was nothing at an address written to shortly before"},
    {11, "UNSTKERR", "the return from an exception found no stack"},
    {12, "STKERR", "an exception found no stack"},
    {13, "LSPERR", "there was nothing where FPU registers were saved"},
    {16, "UNDEFINSTR", "undefined instruction"},
    {17, "INVSTATE", "a branch to an address that is no Thumb code"},
    {18, "INVPC", "invalid return from an exception"},
    {19, "NOCP", "a coprocessor that is not there, or the FPU while it is off"},
    {24, "UNALIGNED", "unaligned access"},
    {25, "DIVBYZERO", "division by zero"},
};

/* A place in the code, as the user knows it. */
struct spot {
    uint32_t address;
    const char *name, *line; /* NULL: unknown */
    uint32_t offset;         /* in the function */
};

int crash_parse(struct crash_record *record, const uint8_t *bytes, size_t size, const char *where)
{
    const char *newer = "Use the omv of the source that the firmware was built from.";

    if (size < 8 || packet_get32(bytes) != CRASH_MAGIC)
        return fail(EXIT_CODE_INPUT, "Fetch one: omv crash --save FILE.", "%s: this is no crash record", where);
    if (packet_get16(bytes + 4) != CRASH_VERSION || packet_get16(bytes + 6) != sizeof *record || size != sizeof *record)
        return fail(EXIT_CODE_INPUT, newer, "%s: the crash record has version %u and %zu bytes; this omv reads version %u", where,
                    packet_get16(bytes + 4), size, CRASH_VERSION);
    memcpy(record, bytes, sizeof *record);
    size_t covered = offsetof(struct crash_record, kind);
    if (record->crc != packet_crc32(bytes + covered, size - covered))
        return fail(EXIT_CODE_INPUT, NULL, "%s: the crash record is damaged: its checksum is wrong", where);
    record->script[sizeof record->script - 1] = record->block[sizeof record->block - 1] = record->message[sizeof record->message - 1] = 0;
    if (record->stack_words > CRASH_STACK_WORDS)
        record->stack_words = CRASH_STACK_WORDS;
    return 0;
}

static void hex(char *out, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sprintf(out + 2 * i, "%02x", bytes[i]);
    out[2 * n] = 0;
}

bool crash_matches(const struct crash_record *record, const struct elf *elf, char of_record[41], char of_elf[41])
{
    hex(of_record, record->build_id, 20);
    hex(of_elf, elf->build_id, elf->build_id && elf->build_id_size == 20 ? 20 : 0);
    return !strcmp(of_record, of_elf);
}

/* A word of the stack is a return address when it is odd and a call lies before it: BL (T1), or BLX of a register (T1). */
static bool is_return_address(const struct elf *elf, uint32_t word)
{
    const struct elf_function *f = word & 1 ? elf_find(elf, word - 1) : NULL;
    const uint8_t *code = f ? elf_bytes(elf, word - 5, 4) : NULL;

    if (!code || word - 1 == f->address)
        return false;
    uint16_t first = packet_get16(code), second = packet_get16(code + 2);
    return ((first & 0xF800) == 0xF000 && (second & 0xD000) == 0xD000) || (second & 0xFF87) == 0x4780;
}

/* pc, lr, and what looks like a chain of calls on the stack. Calls lie before the address they return to. */
static size_t find_spots(const struct crash_record *r, const struct elf *elf, struct spot *spots)
{
    size_t n = 0;

    spots[n++] = (struct spot){.address = r->pc & ~1u};
    if (is_return_address(elf, r->lr))
        spots[n++] = (struct spot){.address = r->lr - 1};
    for (uint32_t i = 0; i < r->stack_words && n < MOST_CALLS; i++)
        if (is_return_address(elf, r->stack[i]) && (n != 2 || r->stack[i] - 1 != spots[1].address))
            spots[n++] = (struct spot){.address = r->stack[i] - 1};
    return n;
}

static void name_spots(const struct elf *elf, struct spot *spots, size_t n, char **block)
{
    uint32_t addresses[MOST_CALLS];
    const char *lines[MOST_CALLS];

    for (size_t i = 0; i < n; i++) {
        const struct elf_function *f = elf_find(elf, spots[i].address);
        spots[i].name = f ? f->name : NULL;
        spots[i].offset = f ? spots[i].address - f->address : 0;
        addresses[i] = spots[i].address - (i ? 2 : 0);
    }
    elf_lines(elf, addresses, n, lines, block);
    for (size_t i = 0; i < n; i++)
        spots[i].line = spots[i].name ? lines[i] : NULL;
}

static void print_spot(const char *what, const struct spot *spot)
{
    printf("  %-6s 0x%08x", what, (unsigned)spot->address);
    if (spot->name)
        printf("  %s+%u%s%s%s", spot->name, (unsigned)spot->offset, spot->line ? " (" : "", spot->line ? spot->line : "",
               spot->line ? ")" : "");
    putchar('\n');
}

static void print_cause(const struct crash_record *r)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (r->cfsr >> causes[i].bit & 1)
            printf("  %s: %s\n", causes[i].name, causes[i].text);
    if (r->cfsr & 0x80)
        printf("  the address was 0x%08x\n", (unsigned)r->mmfar);
    if (r->cfsr & 0x8000)
        printf("  the address was 0x%08x\n", (unsigned)r->bfar);
    if (r->hfsr & 2)
        printf("  VECTTBL: the vector table could not be read\n");
}

static void print_text(const struct crash_record *r, const struct spot *spots, size_t n)
{
    char id[41];

    hex(id, r->build_id, 20);
    printf("%s, %u.%03u s after the start; crash %u since the camera was without power\n", r->message, (unsigned)(r->uptime_ms / 1000),
           (unsigned)(r->uptime_ms % 1000), (unsigned)r->count);
    print_cause(r);
    if (r->line)
        printf("  script %s, line %u, in %s\n", r->script, (unsigned)r->line, r->block);
    print_spot(r->kind == CRASH_WATCHDOG ? "about" : "at", &spots[0]);
    for (size_t i = 1; i < n; i++)
        print_spot(i == 1 ? "from" : "", &spots[i]);
    if (n > 1)
        printf("  (what looks like a call on the stack: some may be left over from earlier ones)\n");
    if (r->kind == CRASH_WATCHDOG) {
        printf("  (pc of the last millisecond's tick; a watchdog leaves no registers)\n");
    } else if (r->kind == CRASH_FAULT) {
        for (unsigned i = 0; i < 13; i++)
            printf("%s%s%u=%08x", i % 8 ? " " : "  ", i < 10 ? " R" : "R", i, (unsigned)r->r[i]);
        printf("  SP=%08x LR=%08x PSR=%08x\n  exception %u, CFSR=%08x HFSR=%08x EXC_RETURN=%08x\n", (unsigned)r->sp, (unsigned)r->lr,
               (unsigned)r->psr, (unsigned)r->exception, (unsigned)r->cfsr, (unsigned)r->hfsr, (unsigned)r->exc_return);
    }
    printf("  build id %s\n", id);
}

static void print_json(const struct crash_record *r, const struct spot *spots, size_t n)
{
    static const char *const kinds[] = {"unknown", "fault", "panic", "smashed", "watchdog"};
    json_t *calls = json_array(), *registers = json_array(), *flags = json_array();
    char id[41];

    hex(id, r->build_id, 20);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(calls, json_pack("{s:I, s:s?, s:s?}", "address", (json_int_t)spots[i].address, "function", spots[i].name,
                                               "line", spots[i].line));
    for (unsigned i = 0; i < 13; i++)
        json_array_append_new(registers, json_integer(r->r[i]));
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (r->cfsr >> causes[i].bit & 1)
            json_array_append_new(flags, json_string(causes[i].name));
    report_event("crash",
                 json_pack("{s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:s, s:I, s:s, s:s, s:I}", "kind",
                           kinds[r->kind < sizeof kinds / sizeof *kinds ? r->kind : 0], "message", r->message, "causes", flags, "cfsr",
                           (json_int_t)r->cfsr, "hfsr", (json_int_t)r->hfsr, "mmfar", (json_int_t)r->mmfar, "bfar", (json_int_t)r->bfar,
                           "sp", (json_int_t)r->sp, "registers", registers, "calls", calls, "script", r->script, "script_line",
                           (json_int_t)r->line, "block", r->block, "build_id", id, "uptime_ms", (json_int_t)r->uptime_ms),
                 NULL);
}

void crash_print(const struct crash_record *r, const struct elf *elf)
{
    struct spot spots[MOST_CALLS] = {{.address = r->pc & ~1u}};
    char *block = NULL;
    size_t n = 1;

    if (elf) {
        n = find_spots(r, elf, spots);
        name_spots(elf, spots, n, &block);
    }
    if (report_json())
        print_json(r, spots, n);
    else
        print_text(r, spots, n);
    free(block);
}
