/* SPDX-License-Identifier: MIT */
/* STEP rows: how a board is flashed, erased and restored, one operation of one tool per row. */
#include "rows.h"

#include <string.h>

/* What an operation takes: P a partition, N a number, W a word, T the rest of the line; then the options it knows. */
static const struct operation {
    const char *tool, *op, *arguments, *options;
} operations[] = {
    {"dfu", NULL, "P", "zero reset"},                 /* our bootloader: the partition's alternate setting */
    {"dfuse", NULL, "P", "zero usb alt leave reset"}, /* an absolute address: the partition's base */
    {"bossac", NULL, "P", "offset"},
    {"picotool", NULL, "P", "zero"},
    {"blhost", "erase", "P", "size timeout"}, /* without size: as long as the image */
    {"blhost", "write", "P", ""},
    {"blhost", "fill", "NNN", ""},     /* address, bytes, pattern */
    {"blhost", "configure", "NN", ""}, /* memory id, address of the configuration */
    {"blhost", "efuse", "NW", ""},     /* index, value as the tool takes it */
    {"blhost", "reset", "", ""},
    {"sdphost", "write", "NW", ""}, /* address, file */
    {"sdphost", "jump", "N", ""},
    {"stm32prog", "layout", "W", "port"}, /* flash layout file */
    {"setool", "maintenance", "T", ""},
    {"setool", "updateSystemPackage", "", ""},
    {"setool", "app-write-mram", "PP", ""},
    {"ask", NULL, "T", ""}, /* what the user has to do now */
};

static const char *const verbs[] = {"flash", "romfs", "wifi", "erase", "restore"};

/* The operation that the row names; *next is the field after it. */
static const struct operation *find_operation(const struct row *row, int *next)
{
    bool known = false;
    for (size_t i = 0; i < COUNT(operations); i++) {
        const struct operation *operation = &operations[i];
        if (strcmp(operation->tool, row->fields[1])) {
            continue;
        }
        known = true;
        if (!operation->op || (row->nfields > 2 && !strcmp(operation->op, row->fields[2]))) {
            *next = operation->op ? 3 : 2;
            return operation;
        }
    }
    if (known) {
        complain(row->loc, "STEP: %s has no operation '%.60s'", row->fields[1], row->nfields > 2 ? row->fields[2] : "");
    } else {
        complain(row->loc, "STEP: unknown tool '%.60s' (dfu, dfuse, bossac, picotool, blhost, sdphost, stm32prog, setool, ask)",
                 row->fields[1]);
    }
    return NULL;
}

static bool has_word(const char *words, const char *word, size_t length)
{
    for (const char *at = words; (at = strstr(at, word)) != NULL; at++) {
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length])) {
            return true;
        }
    }
    return false;
}

static bool take_option(const struct row *row, const struct operation *operation, const char *field, struct step *step)
{
    char name[16] = "";
    uint64_t value = 0;
    const char *text = split_attribute(field, name, sizeof name);
    if (!text) {
        snprintf(name, sizeof name, "%.15s", field);
    }
    if (!has_word(operation->options, name, strlen(name))) {
        complain(row->loc, "STEP: %s%s%s takes no '%.60s'", operation->tool, operation->op ? " " : "", operation->op ? operation->op : "",
                 field);
        return false;
    }
    if (!strcmp(name, "leave") || !strcmp(name, "reset")) {
        *(name[0] == 'l' ? &step->leave : &step->reset) = true;
        return true;
    }
    if (!text) {
        complain(row->loc, "STEP: '%.60s' needs a value", field);
        return false;
    }
    if (!strcmp(name, "usb")) {
        if (!parse_usb_id(text, &step->usb)) {
            complain(row->loc, "STEP: '%.60s' is not VID:PID (such as 0483:DF11)", text);
        }
        return step->usb.set;
    }
    if (!strcmp(name, "port")) {
        step->port = text;
        return true;
    }
    if (!row_number(row, text, &value)) {
        return false;
    }
    if (!strcmp(name, "alt")) {
        step->alt = (int)(value & 0xFF);
    } else {
        uint32_t *field_of = !strcmp(name, "zero")     ? &step->zero
                             : !strcmp(name, "offset") ? &step->offset
                             : !strcmp(name, "size")   ? &step->size
                                                       : &step->timeout;
        *field_of = (uint32_t)value;
    }
    return true;
}

void row_step(struct board *board, const struct row *row)
{
    int field, partitions = 0;
    uint64_t value;
    if (!row_takes(row, 3, MAX_FIELDS, "verb, tool, what") || !row_room(row, board->nsteps, COUNT(board->steps)) ||
        row_choice(row, row->fields[0], verbs, COUNT(verbs)) < 0) {
        return;
    }
    const struct operation *operation = find_operation(row, &field);
    if (!operation) {
        return;
    }
    struct step *step = &board->steps[board->nsteps];
    *step = (struct step){.loc = row->loc, .verb = row->fields[0], .tool = operation->tool, .op = operation->op ? operation->op : "write"};
    step->alt = NO_ALT;
    for (const char *argument = operation->arguments; *argument; argument++, field++) {
        if (*argument == 'T') {
            step->text = field < row->nfields ? row->text + (row->fields[field] - row->fields[0]) : "";
            board->nsteps++;
            return;
        }
        if (field >= row->nfields) {
            complain(row->loc, "STEP: %s %s needs more arguments", operation->tool, step->op);
            return;
        }
        if (*argument == 'P') {
            step->partition_names[partitions++] = row->fields[field];
        } else if (*argument == 'W') {
            step->word = row->fields[field];
        } else if (row_number(row, row->fields[field], &value)) {
            step->numbers[step->nnumbers++] = (uint32_t)value;
        } else {
            return;
        }
    }
    for (; field < row->nfields; field++) {
        if (!take_option(row, operation, row->fields[field], step)) {
            return;
        }
    }
    board->nsteps++;
}
