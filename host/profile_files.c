/* SPDX-License-Identifier: MIT */
/* The profile as files: callgrind's format (Valgrind manual, "Callgrind Format Specification", version 1) and a flame graph in SVG. */
#include <stdlib.h>
#include <string.h>

#include "profile.h"

/* Callgrind */

/* "file.c:12" taken apart: the length of the file's name, and the line. */
static unsigned line_number(const char *line, int *file)
{
    const char *colon = line ? strrchr(line, ':') : NULL;

    *file = colon ? (int)(colon - line) : 0;
    return colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
}

static void callgrind_call(const struct profile *p, FILE *out, const struct profile_call *c, unsigned from)
{
    const struct profile_function *callee = &p->functions[c->callee];
    int file;
    unsigned line = line_number(callee->line, &file);

    fprintf(out, "cfi=%.*s\ncfn=%s\ncalls=%u %u\n%u %llu\n", file ? file : 3, file ? callee->line : "???", callee->name, (unsigned)c->calls,
            line, from, (unsigned long long)c->inclusive);
}

void profile_write_callgrind(const struct profile *p, FILE *out, const char *elf)
{
    fprintf(out, "# callgrind format\nversion: 1\ncreator: omv profile\ncmd: %s\npositions: line\nevents: Ticks\nsummary: %llu\n\n", elf,
            (unsigned long long)p->total);
    for (size_t i = 0; i < p->function_count; i++) {
        const struct profile_function *f = &p->functions[i];
        int file;
        unsigned line = line_number(f->line, &file);
        fprintf(out, "fl=%.*s\nfn=%s\n%u %llu\n", file ? file : 3, file ? f->line : "???", f->name, line, (unsigned long long)f->exclusive);
        for (size_t k = 0; k < p->call_count; k++)
            if (p->calls[k].caller == i)
                callgrind_call(p, out, &p->calls[k], line);
        fputc('\n', out);
    }
}

/* The flame graph */

enum { WIDTH = 1200, ROW = 17, DEPTH = 64, MARGIN = 10, HEAD = 52 };
#define NARROW 0.4 /* pixels: what is narrower is left out */

struct flame {
    const struct profile *p;
    FILE *out;              /* NULL: only the depth is wanted */
    uint32_t path[DEPTH];
    unsigned deepest;
    double ticks;           /* of the whole width */
    int height;
};

static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : *text == '&' ? "&amp;" : *text == '"' ? "&quot;" : NULL;
        if (entity)
            fputs(entity, out);
        else
            fputc(*text, out);
    }
}

static void draw(const struct flame *flame, const struct profile_function *f, unsigned depth, double x, double width, double ticks)
{
    unsigned hash = 5381;
    int y = flame->height - MARGIN - ROW * (int)(depth + 1), room = (int)(width / 7) - 1;

    for (const char *c = f->name; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    fprintf(flame->out, "<g><title>");
    put_escaped(flame->out, f->name);
    fprintf(flame->out, ": %.3f ms, %.2f %%", flame->p->hz ? ticks * 1000 / flame->p->hz : 0, 100 * ticks / flame->ticks);
    fprintf(flame->out, "</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"hsl(%u,75%%,%u%%)\"/>", x, y, width, ROW - 1,
            hash % 50, 55 + hash / 64 % 15);
    if (room >= 3) {
        char text[96];
        snprintf(text, sizeof text, "%.*s", room < 95 ? room : 95, f->name);
        fprintf(flame->out, "<text x=\"%.1f\" y=\"%d\">", x + 3, y + 12);
        put_escaped(flame->out, text);
        fprintf(flame->out, "</text>");
    }
    fprintf(flame->out, "</g>\n");
}

static bool on_path(const struct flame *flame, unsigned depth, uint32_t function)
{
    for (unsigned i = 0; i < depth; i++)
        if (flame->path[i] == function)
            return true;
    return false;
}

/*
 * A function with so many of its ticks, at x, and what it called above it. The table tells pairs, not whole stacks: a function with
 * several callers is taken to behave the same for each, as gprof does it.
 */
static void grow(struct flame *flame, uint32_t function, unsigned depth, double x, double ticks)
{
    const struct profile *p = flame->p;
    const struct profile_function *f = &p->functions[function];
    double width = ticks / flame->ticks * (WIDTH - 2 * MARGIN), scale = f->inclusive ? ticks / (double)f->inclusive : 1;

    if (width < NARROW || depth == DEPTH || on_path(flame, depth, function))
        return;
    flame->path[depth] = function;
    flame->deepest = depth > flame->deepest ? depth : flame->deepest;
    if (flame->out)
        draw(flame, f, depth, x, width, ticks);
    for (size_t i = 0; i < p->call_count; i++) {
        const struct profile_call *c = &p->calls[i];
        if (c->caller != function || !c->inclusive)
            continue;
        double part = scale * (double)c->inclusive;
        grow(flame, c->callee, depth + 1, x, part);
        x += part / flame->ticks * (WIDTH - 2 * MARGIN);
    }
}

/* Functions that nobody in the table calls, side by side. */
static void grow_all(struct flame *flame)
{
    const struct profile *p = flame->p;
    double x = MARGIN;

    for (uint32_t i = 0; i < p->function_count; i++) {
        double ticks = (double)p->functions[i].inclusive;
        bool called = false;
        for (size_t k = 0; k < p->call_count; k++)
            called |= p->calls[k].callee == i;
        if (called)
            continue;
        for (size_t k = 0; k < p->call_count; k++)
            ticks += p->calls[k].caller == i ? (double)p->calls[k].inclusive : 0;
        grow(flame, i, 0, x, ticks);
        x += ticks / flame->ticks * (WIDTH - 2 * MARGIN);
    }
}

void profile_write_flame(const struct profile *p, FILE *out, const char *title)
{
    struct flame flame = {.p = p, .ticks = p->total ? (double)p->total : 1};

    grow_all(&flame);
    flame.height = HEAD + MARGIN + ROW * (int)(flame.deepest + 2);
    flame.out = out;
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" font-family=\"monospace\" font-size=\"11\">\n"
            "<style>text{pointer-events:none}g:hover rect{stroke:#000}</style>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fffdf5\"/>\n"
            "<text x=\"%d\" y=\"22\" font-size=\"15\">",
            WIDTH, flame.height, WIDTH, flame.height, MARGIN);
    put_escaped(out, title);
    fprintf(out,
            "</text>\n<text x=\"%d\" y=\"40\">%.3f ms in %zu functions. Callers below, callees above; a function with several callers is "
            "apportioned to them by their inclusive ticks.</text>\n",
            MARGIN, p->hz ? (double)p->total * 1000 / p->hz : 0, p->function_count);
    grow_all(&flame);
    fprintf(out, "</svg>\n");
}
