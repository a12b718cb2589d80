/* SPDX-License-Identifier: MIT */
/* Records of the camera put together: one function for each address, sums, names; the table and the call graph as text. */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/packet.h"
#include "report.h"

enum { EXCEPTIONS = 1024 }; /* callers below are numbers of exceptions */

static uint64_t get64(const uint8_t *p)
{
    return packet_get32(p) | (uint64_t)packet_get32(p + 4) << 32;
}

/* Armv7-M ARM table B1-4. */
static const char *exception_name(uint32_t number)
{
    static const char *const names[16] = {[2] = "NMI", [3] = "HardFault", [11] = "SVCall", [14] = "PendSV", [15] = "SysTick"};

    return number < 16 && names[number] ? names[number] : "interrupt";
}

/* The place of the function that begins at, or contains, this address. */
static uint32_t place(struct profile *p, const struct elf *elf, uint32_t address)
{
    const struct elf_function *f = address < EXCEPTIONS ? NULL : elf_find(elf, address & ~1u);
    struct profile_function *row;

    if (f)
        address = f->address;
    for (size_t i = 0; i < p->function_count; i++)
        if (p->functions[i].address == address)
            return (uint32_t)i;
    row = &p->functions[p->function_count];
    *row = (struct profile_function){.address = address, .min = UINT32_MAX};
    if (f)
        snprintf(row->name, sizeof row->name, "%s", f->name);
    else if (address < 16)
        snprintf(row->name, sizeof row->name, "[%s]", exception_name(address));
    else if (address < EXCEPTIONS)
        snprintf(row->name, sizeof row->name, "[interrupt %u]", (unsigned)address - 16);
    else
        snprintf(row->name, sizeof row->name, "[0x%08x]", (unsigned)address);
    return (uint32_t)p->function_count++;
}

static int by_exclusive(const void *a, const void *b)
{
    const struct profile_function *x = *(const struct profile_function *const *)a, *y = *(const struct profile_function *const *)b;

    if (x->exclusive != y->exclusive)
        return x->exclusive > y->exclusive ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void name_lines(struct profile *p, const struct elf *elf)
{
    uint32_t *addresses = malloc(p->function_count * sizeof *addresses);
    const char **lines = calloc(p->function_count + 1, sizeof *lines);

    if (addresses && lines) {
        for (size_t i = 0; i < p->function_count; i++)
            addresses[i] = p->functions[i].address;
        elf_lines(elf, addresses, p->function_count, lines, &p->lines);
        for (size_t i = 0; i < p->function_count; i++)
            p->functions[i].line = lines[i];
    }
    free(addresses);
    free(lines);
}

int profile_parse(struct profile *p, const struct elf *elf, const uint8_t *records, size_t n, size_t size)
{
    p->calls = calloc(n + 1, sizeof *p->calls);
    p->functions = calloc(2 * n + 1, sizeof *p->functions);
    if (!p->calls || !p->functions)
        return fail(EXIT_CODE_SYSTEM, NULL, "out of memory");
    for (size_t i = 0; i < n; i++) {
        const uint8_t *r = records + i * size;
        const struct elf_function *f = elf_find(elf, packet_get32(r) & ~1u);
        if (!f || f->address != (packet_get32(r) & ~1u))
            return fail(EXIT_CODE_INPUT, "Give the one it was flashed with: --elf FILE.",
                        "%s is not the camera's firmware: no function begins at 0x%08x", elf->path, (unsigned)packet_get32(r));
        struct profile_call *call = &p->calls[p->call_count++];
        *call = (struct profile_call){place(p, elf, packet_get32(r + 4)), place(p, elf, packet_get32(r)), packet_get32(r + 8),
                                      packet_get32(r + 12),              packet_get32(r + 16),           get64(r + 20),
                                      get64(r + 28)};
        struct profile_function *callee = &p->functions[call->callee];
        callee->calls += call->calls;
        callee->inclusive += call->inclusive;
        callee->exclusive += call->exclusive;
        callee->max = call->max > callee->max ? call->max : callee->max;
        callee->min = call->max && call->min < callee->min ? call->min : callee->min;
        p->total += call->exclusive;
    }
    name_lines(p, elf);
    return 0;
}

void profile_free(struct profile *p)
{
    free(p->functions);
    free(p->calls);
    free(p->lines);
}

/* All functions, those with most exclusive ticks first; malloc'ed. */
static const struct profile_function **ordered(const struct profile *p)
{
    const struct profile_function **order = malloc((p->function_count + 1) * sizeof *order);

    for (size_t i = 0; order && i < p->function_count; i++)
        order[i] = &p->functions[i];
    if (order)
        qsort(order, p->function_count, sizeof *order, by_exclusive);
    return order;
}

static double milliseconds(const struct profile *p, uint64_t ticks)
{
    return p->hz ? (double)ticks * 1000 / p->hz : 0;
}

static double share(const struct profile *p, uint64_t ticks)
{
    return p->total ? 100.0 * (double)ticks / (double)p->total : 0;
}

void profile_print_table(const struct profile *p, FILE *out, size_t most)
{
    const struct profile_function **order = ordered(p);

    fprintf(out, "%6s %11s %11s %10s %9s %9s %9s  %s\n", "self %", "self ms", "incl. ms", "calls", "avg us", "min us", "max us", "function");
    for (size_t i = 0; order && i < p->function_count && i < most; i++) {
        const struct profile_function *f = order[i];
        double us = 1000 * milliseconds(p, 1);
        if (!f->calls && !f->exclusive)
            continue;
        fprintf(out, "%6.2f %11.3f %11.3f %10llu %9.1f %9.1f %9.1f  %s%s%s%s\n", share(p, f->exclusive), milliseconds(p, f->exclusive),
                milliseconds(p, f->inclusive), (unsigned long long)f->calls,
                f->calls ? us * (double)f->inclusive / (double)f->calls : 0, f->min == UINT32_MAX ? 0 : us * f->min, us * f->max, f->name,
                f->line ? " (" : "", f->line ? f->line : "", f->line ? ")" : "");
    }
    free(order);
}

static void print_calls(const struct profile *p, FILE *out, uint32_t function, bool callers)
{
    for (size_t i = 0; i < p->call_count; i++) {
        const struct profile_call *c = &p->calls[i];
        if ((callers ? c->callee : c->caller) == function)
            fprintf(out, "    %s %-40s %10u calls %11.3f ms\n", callers ? "<-" : "->", p->functions[callers ? c->caller : c->callee].name,
                    (unsigned)c->calls, milliseconds(p, c->inclusive));
    }
}

void profile_print_graph(const struct profile *p, FILE *out, size_t most)
{
    const struct profile_function **order = ordered(p);

    for (size_t i = 0; order && i < p->function_count && i < most; i++) {
        uint32_t function = (uint32_t)(order[i] - p->functions);
        fprintf(out, "%s: %.3f ms, %.3f ms of it in itself\n", order[i]->name, milliseconds(p, order[i]->inclusive),
                milliseconds(p, order[i]->exclusive));
        print_calls(p, out, function, true);
        print_calls(p, out, function, false);
    }
    free(order);
}
