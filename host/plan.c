/* SPDX-License-Identifier: MIT */
/* STEP rows in order, and as command lines: the specification's chapters "Flashing", "Erasing" and "Restoring the bootloader". */
#include "plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define OPENMV_VID 0x37C5
#define LINE_BYTES 2048

static const struct {
    enum plan_job job;
    const char *verb;
} verbs[] = {
    {PLAN_FLASH, "flash"}, {PLAN_ROMFS, "romfs"}, {PLAN_WIFI, "wifi"}, {PLAN_ERASE, "erase"}, {PLAN_RESTORE, "restore"},
};
#define VERBS (sizeof verbs / sizeof *verbs)

static bool is_dfu(const struct board_step *row)
{
    return !strcmp(row->tool, "dfu") || !strcmp(row->tool, "dfuse");
}

static void add_verb(struct plan *plan, const char *verb)
{
    const struct board *board = plan->board;

    for (size_t i = 0; i < board->step_count && plan->count < PLAN_MOST; i++) {
        const struct board_step *row = &board->steps[i];
        if (strcmp(row->verb, verb))
            continue;
        struct plan_step *step = &plan->steps[plan->count++];
        *step = (struct plan_step){.row = row, .size = -1};
        if (row->zero) {
            path_format(step->file, "erase.bin");
            step->size = (long)row->zero;
        } else if (row->partition[0] >= 0 && board->partitions[row->partition[0]].image) {
            path_format(step->file, "%s", board->partitions[row->partition[0]].image);
        }
    }
}

/* Does writing the firmware start it, whether more is to come or not? Then everything else has to be done first. */
static bool flash_starts(const struct board *board)
{
    for (size_t i = 0; i < board->step_count; i++) {
        const struct board_step *row = &board->steps[i];
        if (!strcmp(row->verb, "flash") && (!strcmp(row->op, "reset") || !strcmp(row->tool, "bossac") || !strcmp(row->tool, "picotool")))
            return true;
    }
    return false;
}

/* Restoring a bootloader ends as its rows say; otherwise the last transfer, and only that, starts the camera. */
static void mark_end(struct plan *plan)
{
    for (size_t i = plan->count; i--;) {
        plan->steps[i].ends = false;
        if (!is_dfu(plan->steps[i].row) || !strcmp(plan->steps[i].row->verb, "restore"))
            continue;
        plan->steps[i].ends = true;
        while (i--)
            plan->steps[i].ends = false;
        return;
    }
}

void plan_make(struct plan *plan, const struct board *board, unsigned jobs)
{
    bool first = flash_starts(board);

    *plan = (struct plan){.board = board};
    for (size_t i = first ? 1 : 0; i < VERBS; i++)
        if (jobs & verbs[i].job)
            add_verb(plan, verbs[i].verb);
    if (first && jobs & PLAN_FLASH)
        add_verb(plan, "flash");
    mark_end(plan);
}

void plan_keep(struct plan *plan, unsigned long partitions)
{
    size_t kept = 0;

    for (size_t i = 0; i < plan->count; i++) {
        int partition = plan->steps[i].row->partition[0];
        if (partition < 0 || !strcmp(plan->steps[i].row->verb, "erase") || partitions >> partition & 1)
            plan->steps[kept++] = plan->steps[i];
    }
    plan->count = kept;
    mark_end(plan);
}

void plan_set_file(struct plan *plan, int partition, const char *file, long size)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct plan_step *step = &plan->steps[i];
        if (step->row->partition[0] == partition && !step->row->zero) {
            path_format(step->file, "%s", file);
            step->size = size;
        }
    }
}

/* --- lines ---------------------------------------------------------------------------------------------------------- */

struct line {
    char text[LINE_BYTES];
    size_t used;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct line *line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int n = vsnprintf(line->text + line->used, sizeof line->text - line->used, format, arguments);
    va_end(arguments);
    if (n > 0)
        line->used += (size_t)n < sizeof line->text - line->used ? (size_t)n : sizeof line->text - line->used - 1;
}

/* A file name as a word of the shell. */
static void add_word(struct line *line, const char *word)
{
    if (word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./+:,@%=")] == 0) {
        add(line, "%s", word);
        return;
    }
    add(line, "'");
    for (; *word; word++)
        add(line, *word == '\'' ? "'\\''" : "%c", *word);
    add(line, "'");
}

/* Addresses have eight digits, small numbers as few as they need. */
static void add_number(struct line *line, uint32_t number)
{
    add(line, number > 0xFFFF ? "0x%08X" : "0x%X", (unsigned)number);
}

void plan_usb_id(const struct board_usb *usb, char text[10])
{
    snprintf(text, 10, usb->vid == OPENMV_VID ? "%04X:%04X" : "%04x:%04x", usb->vid, usb->pid);
}

static void dfu_line(struct line *line, const struct plan *plan, const struct plan_step *step)
{
    const struct board_step *row = step->row;
    const struct board_partition *partition = &plan->board->partitions[row->partition[0]];
    bool dfuse = !strcmp(row->tool, "dfuse"), restore = !strcmp(row->verb, "restore");
    bool reset = restore ? row->reset : step->ends && (!dfuse || row->reset);
    bool leave = restore ? row->leave : step->ends && dfuse && !row->reset;
    char id[10];

    plan_usb_id(row->usb.vid ? &row->usb : &plan->board->dfu, id);
    add(line, "dfu-util -w -d ,%s -a %d", id, row->alt >= 0 ? row->alt : partition->alt);
    if (dfuse)
        add(line, " -s 0x%08X%s", (unsigned)partition->base, leave ? ":leave" : "");
    add(line, "%s -D ", reset ? " --reset" : "");
    add_word(line, step->file);
}

static void blhost_line(struct line *line, const struct plan *plan, const struct plan_step *step)
{
    const struct board_step *row = step->row;
    uint32_t base = row->partition[0] >= 0 ? plan->board->partitions[row->partition[0]].base : 0;

    add(line, "blhost -u 0x%04X,0x%04X", plan->board->dfu.vid, plan->board->dfu.pid);
    if (row->timeout_ms)
        add(line, " -t %u", (unsigned)row->timeout_ms);
    add(line, " -- ");
    if (!strcmp(row->op, "erase")) {
        add(line, "flash-erase-region ");
        add_number(line, base);
        add(line, " ");
        if (row->size)
            add_number(line, row->size);
        else if (step->size >= 0)
            add(line, "%ld", step->size);
        else
            add(line, "<length>");
    } else if (!strcmp(row->op, "write")) {
        add(line, "write-memory ");
        add_number(line, base);
        add(line, " ");
        add_word(line, step->file);
    } else if (!strcmp(row->op, "fill")) {
        add(line, "fill-memory 0x%X %u 0x%08X word", (unsigned)row->number[0], (unsigned)row->number[1], (unsigned)row->number[2]);
    } else if (!strcmp(row->op, "configure")) {
        add(line, "configure-memory %u 0x%X", (unsigned)row->number[0], (unsigned)row->number[1]);
    } else if (!strcmp(row->op, "efuse")) {
        add(line, "efuse-program-once 0x%02X %s", (unsigned)row->number[0], row->word);
    } else {
        add(line, "%s", row->op);
    }
}

static void sdphost_line(struct line *line, const struct plan *plan, const struct plan_step *step)
{
    add(line, "sdphost -u 0x%04X,0x%04X -- %s 0x%08X", plan->board->rom.vid, plan->board->rom.pid,
        step->row->word ? "write-file" : "jump-address", (unsigned)step->row->number[0]);
    if (step->row->word) {
        add(line, " ");
        add_word(line, step->row->word);
    }
}

static void bossac_line(struct line *line, const struct plan *plan, const struct plan_step *step)
{
    (void)plan;
    add(line, "bossac -e -w -v -R --offset=0x%X ", (unsigned)step->row->offset);
    add_word(line, step->file);
}

static void picotool_line(struct line *line, const struct plan *plan, const struct plan_step *step)
{
    add(line, "picotool load ");
    if (!step->row->zero)
        add(line, "-x ");
    add_word(line, step->file);
    if (step->row->zero)
        add(line, " -o 0x%08X", (unsigned)plan->board->partitions[step->row->partition[0]].base);
}

static void stm32prog_line(struct line *line, const struct plan *plan, const struct plan_step *step)
{
    (void)plan;
    add(line, "STM32_Programmer_CLI -c port=%s -d ", step->row->port ? step->row->port : "USB1");
    add_word(line, step->row->word);
}

static void setool_line(struct line *line, const struct plan *plan, const struct plan_step *step)
{
    const struct board_step *row = step->row;

    add(line, "%s", row->op);
    if (row->partition[0] >= 0) {
        const struct board_partition *a = &plan->board->partitions[row->partition[0]], *b = &plan->board->partitions[row->partition[1]];
        add(line, " -i \"%s 0x%08X %s 0x%08X\"", step->file, (unsigned)a->base, b->image, (unsigned)b->base);
    } else if (row->text && *row->text) {
        add(line, " %s", row->text);
    }
}

static void ask_line(struct line *line, const struct plan *plan, const struct plan_step *step)
{
    (void)plan;
    add(line, "# %s", step->row->text);
}

static const struct {
    const char *tool;
    void (*line)(struct line *line, const struct plan *plan, const struct plan_step *step);
} tools[] = {
    {"dfu", dfu_line},           {"dfuse", dfu_line},     {"blhost", blhost_line},       {"sdphost", sdphost_line}, {"bossac", bossac_line},
    {"picotool", picotool_line}, {"setool", setool_line}, {"stm32prog", stm32prog_line}, {"ask", ask_line},
};

void plan_commands(const struct plan *plan, void (*out)(void *context, const char *tool, const char *line), void *context)
{
    bool zeros = false;

    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_step *step = &plan->steps[i];
        struct line line = {.used = 0};

        if (step->row->zero && !zeros) {
            add(&line, "dd if=/dev/zero of=erase.bin bs=%u count=1", (unsigned)step->row->zero);
            out(context, "dd", line.text);
            line.used = 0;
            zeros = true;
        }
        for (size_t t = 0; t < sizeof tools / sizeof *tools; t++)
            if (!strcmp(step->row->tool, tools[t].tool))
                tools[t].line(&line, plan, step);
        out(context, step->row->tool, line.text);
    }
}
