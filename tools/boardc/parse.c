/* SPDX-License-Identifier: MIT */
/* The strict subset of Make that descriptions are written in, and the values in it. */
#include "boardc.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 1 << 18 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_key_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The whole file as a string, or NULL after a complaint. */
static char *read_text(const char *path)
{
    struct loc loc = {path, 0};
    FILE *file = fopen(path, "rb");
    if (!file) {
        complain(loc, "%s", strerror(errno));
        return NULL;
    }
    char *text = malloc(MAX_FILE + 1);
    size_t length = text ? fread(text, 1, MAX_FILE, file) : 0;
    bool more = text && length == MAX_FILE && fgetc(file) != EOF;
    bool broken = ferror(file) != 0;
    fclose(file);
    if (!text || more || broken) {
        complain(loc, "%s", !text ? "out of memory" : more ? "larger than 256 KiB: not a description" : "cannot be read");
        free(text);
        return NULL;
    }
    text[length] = '\0';
    int line = 1;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n') {
            line++;
        } else if (c != '\t' && (c < 0x20 || c > 0x7E)) {
            complain((struct loc){path, line}, "byte 0x%02X: a description is plain ASCII text%s", c,
                     c == '\r' ? " with lines ended by LF only" : "");
            free(text);
            return NULL;
        }
    }
    return text;
}

/* Cuts row->text's twin `words` at blanks. */
static bool cut_fields(struct row *row, char *words)
{
    for (char *p = words; *p;) {
        if (row->nfields == MAX_FIELDS) {
            complain(row->loc, "%s: more than %d fields", row->key, MAX_FIELDS);
            return false;
        }
        row->fields[row->nfields++] = p;
        while (*p && !is_blank(*p)) {
            p++;
        }
        while (is_blank(*p)) {
            *p++ = '\0';
        }
    }
    return true;
}

/* One line without its end. `twin` is the same line in the second copy of the text. */
static bool parse_line(struct source *source, int number, char *line, char *twin)
{
    struct loc loc = {source->path, number};
    char *hash = strchr(line, '#');
    if (hash) {
        *hash = '\0';
    }
    size_t length = strlen(line);
    if (length && line[length - 1] == '\\') {
        complain(loc, "continuation lines are not part of the format; repeat the key with +=");
        return false;
    }
    while (length && is_blank(line[length - 1])) {
        line[--length] = '\0';
    }
    twin[length] = '\0';
    char *key = line;
    if (is_blank(*key) && length) {
        complain(loc, "the line begins with a blank (Make would take it for a recipe)");
        return false;
    }
    if (!*key) {
        return true;
    }
    if (strchr(line, '$')) {
        complain(loc, "'$': a description holds values only, nothing that Make expands");
        return false;
    }
    char *end = key;
    while (is_key_char(*end)) {
        end++;
    }
    char *mark = end;
    while (is_blank(*mark)) {
        mark++;
    }
    bool append = mark[0] == '+' && mark[1] == '=';
    if (end == key || (!append && *mark != '=')) {
        complain(loc, "expected KEY = value or KEY += row, got '%.60s'", line);
        return false;
    }
    char *value = mark + (append ? 2 : 1);
    while (is_blank(*value)) {
        value++;
    }
    *end = '\0';
    if (!*value) {
        complain(loc, "%s has no value", key);
        return false;
    }
    if (source->nrows == MAX_ROWS) {
        complain(loc, "more than %d rows", MAX_ROWS);
        return false;
    }
    struct row *row = &source->rows[source->nrows++];
    *row = (struct row){.loc = loc, .key = key, .append = append, .text = value};
    return cut_fields(row, twin + (value - line));
}

bool source_read(struct source *source, const char *path)
{
    *source = (struct source){.path = path};
    source->text = read_text(path);
    if (!source->text) {
        return false;
    }
    size_t size = strlen(source->text) + 1;
    source->words = malloc(size);
    source->rows = calloc(MAX_ROWS, sizeof *source->rows);
    if (!source->words || !source->rows) {
        complain((struct loc){path, 0}, "out of memory");
        return false;
    }
    memcpy(source->words, source->text, size);
    bool good = true;
    int number = 1;
    for (char *line = source->text; line; number++) {
        char *newline = strchr(line, '\n');
        char *twin = source->words + (line - source->text);
        if (newline) {
            *newline = '\0';
            twin[newline - line] = '\0';
        }
        good &= parse_line(source, number, line, twin);
        line = newline ? newline + 1 : NULL;
    }
    return good;
}

void source_free(struct source *source)
{
    free(source->text);
    free(source->words);
    free(source->rows);
    *source = (struct source){0};
}

/* Digits of base 10, or 16 after 0x; the rest goes to *tail. */
static bool parse_digits(const char *text, uint64_t *out, const char **tail)
{
    unsigned base = 10;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    uint64_t value = 0;
    const char *start = text;
    for (;; text++) {
        unsigned digit;
        if (*text >= '0' && *text <= '9') {
            digit = (unsigned)(*text - '0');
        } else if (base == 16 && isxdigit((unsigned char)*text)) {
            digit = (unsigned)(toupper((unsigned char)*text) - 'A') + 10;
        } else {
            break;
        }
        value = value * base + digit;
        if (value > UINT32_MAX) {
            return false;
        }
    }
    *out = value;
    *tail = text;
    return text != start;
}

bool parse_number(const char *text, uint64_t *out)
{
    const char *tail;
    return parse_digits(text, out, &tail) && !*tail;
}

bool parse_size(const char *text, uint64_t *out)
{
    const char *tail;
    if (!parse_digits(text, out, &tail)) {
        return false;
    }
    if (*tail == 'K' || *tail == 'M') {
        *out <<= *tail == 'K' ? 10 : 20;
        tail++;
    }
    return !*tail && *out > 0 && *out <= UINT64_C(1) << 32;
}

bool parse_hz(const char *text, uint32_t *out)
{
    const char *tail;
    uint64_t value;
    if (!parse_digits(text, &value, &tail)) {
        return false;
    }
    if (!strcmp(tail, "MHz")) {
        value *= 1000000;
    } else if (!strcmp(tail, "kHz")) {
        value *= 1000;
    } else if (strcmp(tail, "Hz")) {
        return false;
    }
    *out = (uint32_t)value;
    return value > 0 && value <= UINT32_MAX;
}

bool parse_usb_id(const char *text, struct usb_id *out)
{
    unsigned id[2] = {0, 0};
    if (strlen(text) != 9 || text[4] != ':') {
        return false;
    }
    for (int i = 0; i < 9; i++) {
        if (i == 4) {
            continue;
        }
        int c = toupper((unsigned char)text[i]);
        if (!isxdigit(c)) {
            return false;
        }
        id[i > 4] = id[i > 4] * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
    }
    out->vid = (uint16_t)id[0];
    out->pid = (uint16_t)id[1];
    out->set = true;
    return id[0] != 0;
}

bool parse_pin(const char *text, struct pin *out)
{
    uint64_t number;
    if (text[0] != 'P' || text[1] < 'A' || text[1] > 'Z' || !isdigit((unsigned char)text[2]) || !parse_number(text + 2, &number) ||
        number > 31 || text[2 + (number > 9) + 1]) {
        return false;
    }
    out->port = text[1];
    out->number = (int)number;
    return true;
}

const char *split_attribute(const char *text, char *name, size_t name_size)
{
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : 0;
    if (!colon || length == 0 || length >= name_size || !colon[1]) {
        return NULL;
    }
    memcpy(name, text, length);
    name[length] = '\0';
    return colon + 1;
}
