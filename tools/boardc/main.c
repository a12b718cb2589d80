/* SPDX-License-Identifier: MIT */
/* boardc's command line, diagnostics, and the writing of files. */
#include "boardc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static int complaint_count;

void complain(struct loc loc, const char *format, ...)
{
    va_list arguments;
    if (loc.line) {
        fprintf(stderr, "%s:%d: ", loc.file, loc.line);
    } else {
        fprintf(stderr, "%s: ", loc.file);
    }
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    complaint_count++;
}

int complaints(void)
{
    return complaint_count;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein distance of two words of at most 31 letters. */
static size_t distance(const char *a, const char *b)
{
    size_t row[32], length_a = strlen(a), length_b = strlen(b);
    if (length_a > 31 || length_b > 31) {
        return 99;
    }
    for (size_t j = 0; j <= length_b; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= length_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            size_t above = row[j];
            row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[length_b];
}

const char *nearest(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(word, names[i]);
        if (d < best_distance) {
            best_distance = d;
            best = names[i];
        }
    }
    return best;
}

/* boards/OPENMV4/board_config.mk -> OPENMV4 and boards/../chips/. */
static bool locate(const char *path, char *target, size_t target_size, char *chips, size_t chips_size)
{
    const char *end = strrchr(path, '/');
    const char *start = end;
    while (start && start > path && start[-1] != '/') {
        start--;
    }
    if (!end || start == end || (size_t)(end - start) >= target_size) {
        complain((struct loc){ path, 0 }, "a board is boards/<TARGET>/board_config.mk");
        return false;
    }
    memcpy(target, start, (size_t)(end - start));
    target[end - start] = '\0';
    int folder = (int)(start - path);
    return snprintf(chips, chips_size, "%.*s../chips/", folder, path) < (int)chips_size;
}

/* The value of CHIP, looked up ahead of everything else. */
static const char *chip_of(const struct source *source)
{
    for (int i = 0; i < source->nrows; i++) {
        if (!strcmp(source->rows[i].key, "CHIP") && source->rows[i].nfields == 1) {
            return source->rows[i].fields[0];
        }
    }
    return NULL;
}

struct board *board_read(const char *path)
{
    struct board *board = calloc(1, sizeof *board);
    static char target[64], chips[400];
    char chip_path[512];
    if (!board) {
        abort();
    }
    board->loc = (struct loc){ path, 0 };
    if (!locate(path, target, sizeof target, chips, sizeof chips) || !source_read(&board->board_source, path)) {
        return board;
    }
    board->target = target;
    const char *chip = chip_of(&board->board_source);
    if (!chip || strlen(chip) > 40 || strchr(chip, '/')) {
        complain(board->loc, "CHIP is missing: chips/<CHIP>.mk");
        return board;
    }
    snprintf(chip_path, sizeof chip_path, "%s%s.mk", chips, chip);
    if (!source_read(&board->chip_source, strdup(chip_path))) {
        return board;
    }
    keys_apply(board);
    check_board(board);
    return board;
}

static bool same_content(const char *path_a, const char *path_b)
{
    FILE *a = fopen(path_a, "rb"), *b = fopen(path_b, "rb");
    bool same = a && b;
    for (int c = 0; same && c != EOF;) {
        c = fgetc(a);
        same = c == fgetc(b);
    }
    if (a) {
        fclose(a);
    }
    if (b) {
        fclose(b);
    }
    return same;
}

/* Writes through a neighbour that is renamed at the end, so that a reader never sees half a file; an equal file keeps its time. */
static void write_file(const char *folder, const char *name, void (*emit)(const struct board *, FILE *), const struct board *board)
{
    char path[512], temporary[520];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *out = fopen(temporary, "w");
    if (!out) {
        complain((struct loc){ temporary, 0 }, "%s", strerror(errno));
        return;
    }
    emit(board, out);
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    if (!failed && same_content(temporary, path)) {
        remove(temporary);
    } else if (failed || rename(temporary, path)) {
        complain((struct loc){ path, 0 }, "%s", strerror(errno));
        remove(temporary);
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "--keys")) {
        keys_print(stdout);
        return 0;
    }
    if (argc != 4 || strcmp(argv[1], "--out")) {
        fprintf(stderr, "usage: boardc --out DIR boards/<TARGET>/board_config.mk\n       boardc --keys\n");
        return 2;
    }
    struct board *board = board_read(argv[3]);
    if (complaints()) {
        return 1;
    }
    write_file(argv[2], "board.h", emit_header, board);
    write_file(argv[2], "memory.ld", emit_linker, board);
    write_file(argv[2], "board.mk", emit_make, board);
    return complaints() != 0;
}
