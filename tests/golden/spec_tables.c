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

/* --- one step as the command line a person would type ----------------------------------------------------------------- */

static const char *file_of(const struct board *board, const struct board_step *step)
{
    return step->zero ? "erase.bin" : board->partitions[step->partition[0]].image;
}

static void dfu(const struct board *board, const struct board_step *step)
{
    const struct board_partition *partition = &board->partitions[step->partition[0]];
    const struct board_usb *usb = step->usb.vid ? &step->usb : &board->dfu;
    add("dfu-util -w -d ,%04X:%04X -a %d", usb->vid, usb->pid, step->alt >= 0 ? step->alt : partition->alt);
    if (!strcmp(step->tool, "dfuse")) {
        add(" -s 0x%08X%s", (unsigned)partition->base, step->leave ? ":leave" : "");
    }
    add("%s -D %s", step->reset ? " --reset" : "", file_of(board, step));
}

static void blhost(const struct board *board, const struct board_step *step)
{
    unsigned base = step->partition[0] >= 0 ? (unsigned)board->partitions[step->partition[0]].base : 0;
    add("blhost -u 0x%04X,0x%04X", board->dfu.vid, board->dfu.pid);
    if (step->timeout_ms) {
        add(" -t %u", (unsigned)step->timeout_ms);
    }
    add(" -- ");
    if (!strcmp(step->op, "erase") && step->size) {
        add("flash-erase-region 0x%X 0x%X", base, (unsigned)step->size);
    } else if (!strcmp(step->op, "erase")) {
        add("flash-erase-region 0x%X <length>", base);
    } else if (!strcmp(step->op, "write")) {
        add("write-memory 0x%X %s", base, file_of(board, step));
    } else if (!strcmp(step->op, "fill")) {
        add("fill-memory 0x%X %u 0x%X word", (unsigned)step->number[0], (unsigned)step->number[1], (unsigned)step->number[2]);
    } else if (!strcmp(step->op, "configure")) {
        add("configure-memory %u 0x%X", (unsigned)step->number[0], (unsigned)step->number[1]);
    } else if (!strcmp(step->op, "efuse")) {
        add("efuse-program-once 0x%02X %s", (unsigned)step->number[0], step->word);
    } else {
        add("%s", step->op);
    }
}

static void command(const struct board *board, const struct board_step *step)
{
    const char *tool = step->tool;
    if (!strcmp(tool, "dfu") || !strcmp(tool, "dfuse")) {
        dfu(board, step);
    } else if (!strcmp(tool, "blhost")) {
        blhost(board, step);
    } else if (!strcmp(tool, "sdphost")) {
        add("sdphost -u 0x%04X,0x%04X -- %s 0x%X%s%s", board->rom.vid, board->rom.pid, step->word ? "write-file" : "jump-address",
            (unsigned)step->number[0], step->word ? " " : "", step->word ? step->word : "");
    } else if (!strcmp(tool, "bossac")) {
        add("bossac -e -w -v -R --offset=0x%X %s", (unsigned)step->offset, file_of(board, step));
    } else if (!strcmp(tool, "picotool")) {
        add("picotool load -x %s", file_of(board, step));
    } else if (!strcmp(tool, "stm32prog")) {
        add("STM32_Programmer_CLI -c port=%s -d %s", step->port, step->word);
    } else if (!strcmp(tool, "setool") && step->partition[0] >= 0) {
        const struct board_partition *a = &board->partitions[step->partition[0]], *b = &board->partitions[step->partition[1]];
        add("%s -i \"%s 0x%08X %s 0x%08X\"", step->op, a->image, (unsigned)a->base, b->image, (unsigned)b->base);
    } else if (!strcmp(tool, "setool")) {
        add("%s%s%s", step->op, step->text && *step->text ? " " : "", step->text ? step->text : "");
    } else {
        add("ask");
    }
}

/* --- the rows --------------------------------------------------------------------------------------------------------- */

static void steps(const struct board *board, const char *verb)
{
    for (size_t i = 0; i < board->step_count; i++) {
        if (!strcmp(board->steps[i].verb, verb)) {
            add(" | ");
            command(board, &board->steps[i]);
        }
    }
}

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
        steps(board, table);
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
            printf("FAIL spec_tables.txt:%d: not a row\n", number);
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
        printf("FAIL supported boards: expected %d, got %zu in boards/\n", supported, board_count);
        failed++;
    }
    return checked == 0 || failed != 0;
}
