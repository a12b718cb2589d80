/* SPDX-License-Identifier: MIT */
/* Bounds of the stack: the deepest path from main and from each interrupt, from what gcc tells of every function with -fcallgraph-info=su.

   stackc ANNOTATIONS FILE.ci ...

   ANNOTATIONS has lines "root NAME BYTES what it is" (BYTES: what the processor itself pushes) and "calls NAME TARGET ...": whom an
   indirect call of NAME reaches. A path that meets an indirect call without such a line, a function that gcc has not compiled, a frame
   of variable size or a recursion is no bound, and the output says so: it counts one round and nothing behind the unknown call. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDIRECT "__indirect_call"

struct function {
    char *name;         /* statics: "file.c:name" */
    unsigned bytes, deep;
    bool known, variable, cyclic, indirect, annotated;
    struct function **calls, *next_hash, *deepest;
    unsigned call_count;
    enum { NEW, OPEN, DONE } state;
};

struct root {
    struct function *function;
    unsigned bytes;
    char what[80];
};

enum { BUCKETS = 4096, MOST_ROOTS = 32 };
static struct function *buckets[BUCKETS];
static struct root roots[MOST_ROOTS];
static unsigned root_count;

static void *checked(void *memory)
{
    if (!memory) {
        fprintf(stderr, "stackc: out of memory\n");
        exit(1);
    }
    return memory;
}

static struct function *find(const char *name)
{
    unsigned hash = 5381;
    for (const char *c = name; *c; c++) {
        hash = hash * 33 + (unsigned char)*c;
    }
    struct function **place = &buckets[hash % BUCKETS];
    for (struct function *f = *place; f; f = f->next_hash) {
        if (!strcmp(f->name, name)) {
            return f;
        }
    }
    struct function *f = checked(calloc(1, sizeof *f));
    f->name = checked(strdup(name));
    f->next_hash = *place;
    *place = f;
    return f;
}

static void add_call(struct function *from, struct function *to)
{
    for (unsigned i = 0; i < from->call_count; i++) {
        if (from->calls[i] == to) {
            return;
        }
    }
    from->calls = checked(realloc(from->calls, (from->call_count + 1) * sizeof *from->calls));
    from->calls[from->call_count++] = to;
}

/* The text in quotes behind `key`; false when there is none. */
static bool quoted(const char *line, const char *key, char *text, size_t size)
{
    const char *p = strstr(line, key), *end;

    if (!p || !(p = strchr(p, '"')) || !(end = strchr(++p, '"')) || (size_t)(end - p) >= size) {
        return false;
    }
    memcpy(text, p, (size_t)(end - p));
    text[end - p] = 0;
    return true;
}

/* Lines of a graph of the VCG tool, as gcc writes them: one node or edge each. */
static void read_graph(const char *path)
{
    static char line[65536], name[4096], other[4096];
    FILE *in = fopen(path, "r");

    if (!in) {
        fprintf(stderr, "stackc: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    while (fgets(line, sizeof line, in)) {
        if (!strncmp(line, "node:", 5) && quoted(line, "title:", name, sizeof name) && quoted(line, "label:", other, sizeof other)) {
            char *bytes = strstr(other, " bytes (");
            if (bytes) {
                struct function *f = find(name);
                char *begin = bytes;
                while (begin > other && begin[-1] >= '0' && begin[-1] <= '9') {
                    begin--;
                }
                f->known = true;
                f->bytes = (unsigned)strtoul(begin, NULL, 10);
                f->variable = strncmp(bytes, " bytes (static)", 15) != 0 && !strstr(bytes, "bounded");
            }
        } else if (!strncmp(line, "edge:", 5) && quoted(line, "sourcename:", name, sizeof name) &&
                   quoted(line, "targetname:", other, sizeof other)) {
            struct function *from = find(name);
            if (!strcmp(other, INDIRECT)) {
                from->indirect = true;
            } else {
                add_call(from, find(other));
            }
        }
    }
    fclose(in);
}

/* A function of this name that gcc has compiled, a static one too when only one file has it. */
static struct function *known(const char *name, const char *where)
{
    struct function *found = NULL;
    size_t n = strlen(name);

    for (unsigned i = 0; i < BUCKETS; i++) {
        for (struct function *f = buckets[i]; f; f = f->next_hash) {
            size_t length = strlen(f->name);
            if (f->known && (!strcmp(f->name, name) || (length > n && f->name[length - n - 1] == ':' && !strcmp(f->name + length - n, name)))) {
                if (found) {
                    fprintf(stderr, "%s: '%s' is the name of several functions: write FILE:%s\n", where, name, name);
                    exit(1);
                }
                found = f;
            }
        }
    }
    if (!found) {
        fprintf(stderr, "%s: no function is named '%s'\n", where, name);
        exit(1);
    }
    return found;
}

static void read_annotations(const char *path)
{
    char line[1024], where[600];
    FILE *in = fopen(path, "r");

    if (!in) {
        fprintf(stderr, "stackc: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    for (unsigned number = 1; fgets(line, sizeof line, in); number++) {
        char *word = strtok(line, " \n");
        snprintf(where, sizeof where, "%.500s:%u", path, number);
        if (!word || *word == '#') {
            continue;
        }
        char *name = strtok(NULL, " \n");
        if (!strcmp(word, "root") && name && root_count < MOST_ROOTS) {
            struct root *r = &roots[root_count++];
            char *bytes = strtok(NULL, " \n"), *what = strtok(NULL, "\n");
            r->function = known(name, where);
            r->bytes = bytes ? (unsigned)strtoul(bytes, NULL, 10) : 0;
            snprintf(r->what, sizeof r->what, "%s", what ? what : name);
        } else if (!strcmp(word, "calls") && name) {
            struct function *from = known(name, where);
            from->annotated = true;
            for (char *target; (target = strtok(NULL, " \n"));) {
                add_call(from, known(target, where));
            }
        } else {
            fprintf(stderr, "%s: neither 'root NAME BYTES WHAT' nor 'calls NAME TARGET ...'\n", where);
            exit(1);
        }
    }
    fclose(in);
}

/* The deepest path below a function, itself included. A call back into the path counts nothing more. */
static unsigned dive(struct function *f)
{
    if (f->state == OPEN) {
        f->cyclic = true;
        return 0;
    }
    if (f->state == NEW) {
        unsigned most = 0;
        f->state = OPEN;
        for (unsigned i = 0; i < f->call_count; i++) {
            unsigned below = dive(f->calls[i]);
            if (below > most) {
                most = below;
                f->deepest = f->calls[i];
            }
        }
        f->deep = f->bytes + most;
        f->state = DONE;
    }
    return f->deep;
}

static struct { unsigned reached, indirect, unknown, variable, cyclic; const char *example; } tally;
static void take_stock(struct function *f)
{
    if (f->state == OPEN) {
        return;
    }
    f->state = OPEN; /* here: seen */
    tally.reached++;
    tally.indirect += f->indirect && !f->annotated;
    tally.unknown += !f->known;
    tally.variable += f->variable;
    tally.cyclic += f->cyclic;
    tally.example = f->indirect && !f->annotated && !tally.example ? f->name : tally.example;
    for (unsigned i = 0; i < f->call_count; i++) {
        take_stock(f->calls[i]);
    }
}

static void forget_states(void)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (struct function *f = buckets[i]; f; f = f->next_hash) {
            f->state = NEW;
        }
    }
}

static const char *short_name(const struct function *f)
{
    const char *colon = strrchr(f->name, ':');
    return colon ? colon + 1 : f->name;
}

static void print_root(const struct root *r)
{
    unsigned shown = 0;

    forget_states();
    unsigned bytes = dive(r->function) + r->bytes;
    memset(&tally, 0, sizeof tally);
    forget_states();
    take_stock(r->function);
    bool bound = !tally.indirect && !tally.unknown && !tally.variable && !tally.cyclic;
    printf("  %s %6u bytes  %s\n                ", bound ? "at most " : "at least", bytes, r->what);
    for (const struct function *f = r->function; f && shown < 12; f = f->deepest, shown++) {
        printf("%s%s %u", shown ? " > " : "", short_name(f), f->bytes);
    }
    printf("\n");
    if (!bound) {
        printf("                not followed among %u functions: indirect calls of %u%s%s%s, code of others %u, frames of variable size %u, "
               "recursive %u\n", tally.reached, tally.indirect, tally.example ? " (" : "", tally.example ? tally.example : "",
               tally.example ? " ...)" : "", tally.unknown, tally.variable, tally.cyclic);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "stackc ANNOTATIONS FILE.ci ...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        read_graph(argv[i]);
    }
    read_annotations(argv[1]);
    for (unsigned i = 0; i < root_count; i++) {
        print_root(&roots[i]);
    }
    return 0;
}
