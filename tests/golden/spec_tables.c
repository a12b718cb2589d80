/* SPDX-License-Identifier: MIT */
/* Golden test: every row of spec_tables.txt against what the board descriptions (boards.c of boardc) say. */
#include "boards.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char row[4096];

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void add(const char *format, ...)
{
    size_t length = strlen(row);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(row + length, sizeof row - length, format, arguments);
    va_end(arguments);
}

static const struct board *find(const char *target)
{
    for (size_t i = 0; i < board_count; i++) {
        if (!strcmp(boards[i].target, target)) {
            return &boards[i];
        }
    }
    return NULL;
}

/* --- the rows --------------------------------------------------------------------------------------------------------- */

static void usb(const struct board_usb *id)
{
    if (id->vid) {
        add(" | %04X:%04X", id->vid, id->pid);
    }
}

static void partitions(const struct board *board, const char *table, const char *which)
{
    for (size_t i = 0; i < board->partition_count; i++) {
        const struct board_partition *p = &board->partitions[i];
        char alt[8];
        snprintf(alt, sizeof alt, "%d", p->alt);
        if (!strcmp(table, "loader") && p->alt >= 0) {
            add(" | %d %s %s 0x%08X", p->alt, p->name, p->writable ? "rw" : "ro", (unsigned)(p->base + p->size));
        } else if (!strcmp(table, "blob") && !strcmp(p->role, "blob")) {
            add(" | 0x%08X %s", (unsigned)p->base, p->image);
        } else if (!strcmp(table, "alternate") && !strcmp(alt, which)) {
            add(" | %s | 0x%X | %u", p->image ? p->image : "", (unsigned)p->size, (unsigned)p->size);
        } else if (!strcmp(table, "region") && !strcmp(p->name, which)) {
            add(" | 0x%08X | 0x%X | %u", (unsigned)p->base, (unsigned)p->size, (unsigned)p->size);
        }
    }
}

/* Fills `row` with the row of `table` for `key` ("TARGET" or "TARGET which"). */
static void derive(const char *table, const char *key)
{
    char target[64] = "";
    const char *space = strchr(key, ' ');
    snprintf(target, sizeof target, "%.*s", (int)(space ? space - key : (long)strlen(key)), key);
    const struct board *board = find(target);
    row[0] = '\0';
    add("%s | %s", table, key);
    if (!board) {
        add(" | no such board");
    } else if (!strcmp(table, "supported")) {
        add(" | %s | %s | %s | %s", board->name, board->mcu, board->port, board->core);
    } else if (!strcmp(table, "jlink")) {
        add(" | %s", board->jlink ? board->jlink : "none");
    } else if (!strcmp(table, "openocd")) {
        add(" | %s", board->openocd ? board->openocd : "none");
    } else if (!strcmp(table, "debug")) {
        add(" | %s | %s", board->elf, board->attach_only ? "attach" : "launch");
    } else if (!strcmp(table, "magic")) {
        add(" | 0x%08X | 0x%08X", (unsigned)board->boot_magic, (unsigned)board->app_address);
    } else if (!strcmp(table, "usb")) {
        usb(&board->app);
        usb(&board->dfu);
    } else if (!strcmp(table, "recovery")) {
        usb(&board->rom);
        usb(&board->adapters[0]);
        usb(&board->adapters[1]);
    } else {
        partitions(board, table, space ? space + 1 : "");
    }
}

int main(int argc, char **argv)
{
    char line[4096], table[32], key[96];
    int failed = 0, checked = 0, supported = 0, number = 0;
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!file) {
        fprintf(stderr, "usage: spec_tables spec_tables.txt\n");
        return 2;
    }
    while (fgets(line, sizeof line, file)) {
        number++;
        line[strcspn(line, "\n")] = '\0';
        if (!line[0] || line[0] == '#') {
            continue;
        }
        if (sscanf(line, "%31[^| ] | %95[^|]", table, key) != 2) {
            printf("FAIL spec_tables.txt:%d: not a row [rerun: sh tests/golden/run.sh]\n", number);
            failed++;
            continue;
        }
        for (size_t end = strlen(key); end && key[end - 1] == ' ';) {
            key[--end] = '\0';
        }
        derive(table, key);
        supported += !strcmp(table, "supported");
        checked++;
        if (!strcmp(row, line)) {
            printf("PASS %s %s\n", table, key);
        } else {
            printf("FAIL %s %s (spec_tables.txt:%d), rerun: sh tests/golden/run.sh\n  expected: %s\n  got:      %s\n", table, key, number,
                   line, row);
            failed++;
        }
    }
    fclose(file);
    if ((size_t)supported != board_count) {
        printf("FAIL supported boards: expected %d, got %zu in boards/ [rerun: sh tests/golden/run.sh]\n", supported, board_count);
        failed++;
    }
    return checked == 0 || failed != 0;
}
