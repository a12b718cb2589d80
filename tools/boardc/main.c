/* SPDX-License-Identifier: MIT */
/* boardc's command line, diagnostics, and the writing of files. */
#include "boardc.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    size_t best_distance = strlen(word) / 4 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(word, names[i]);
        if (d < best_distance) {
            best_distance = d;
            best = names[i];
        }
    }
    return best;
}

/* The length of `path` without its last part and the slash before it; 0 for a path of one part. */
static size_t parent(const char *path, size_t length)
{
    while (length && path[length - 1] != '/') {
        length--;
    }
    return length ? length - 1 : 0;
}

/* Target and chips folder from ".../boards/OPENMV4/board_config.mk": OPENMV4 and ".../chips/". */
static bool locate(const char *path, char *target, size_t target_size, char *chips, size_t chips_size)
{
    size_t folder = parent(path, strlen(path)), boards = parent(path, folder), top = parent(path, boards);
    size_t start = boards ? boards + 1 : 0;
    if (!folder || !boards || folder - start >= target_size || top + sizeof "/chips/" > chips_size) {
        complain((struct loc){path, 0}, "a board is boards/<TARGET>/board_config.mk");
        return false;
    }
    snprintf(target, target_size, "%.*s", (int)(folder - start), path + start);
    if (target[strspn(target, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")]) {
        complain((struct loc){path, 0}, "'%s' is not a TARGET: a board's folder has capital letters, digits and _ in its name", target);
        return false;
    }
    snprintf(chips, chips_size, "%.*s%schips/", (int)top, path, top || path[0] == '/' ? "/" : "");
    return true;
}

/* The row of CHIP, looked up ahead of everything else. */
static const struct row *chip_row(const struct source *source)
{
    for (int i = 0; i < source->nrows; i++) {
        if (!strcmp(source->rows[i].key, "CHIP")) {
            return &source->rows[i];
        }
    }
    return NULL;
}

/* Complains at the row, with the chip whose name is closest. */
static void unknown_chip(const struct row *row, const char *chips)
{
    static char names[64][48];
    const char *list[COUNT(names)];
    size_t count = 0;
    DIR *open = opendir(chips);
    for (struct dirent *entry; open && count < COUNT(names) && (entry = readdir(open)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (length > 3 && length < sizeof names[0] && !strcmp(entry->d_name + length - 3, ".mk")) {
            snprintf(names[count], sizeof names[0], "%.*s", (int)length - 3, entry->d_name);
            list[count] = names[count];
            count++;
        }
    }
    if (open) {
        closedir(open);
    }
    const char *near = nearest(row->text, list, count);
    complain(row->loc, "unknown chip '%.40s': there is no chips/%.40s.mk%s%s%s", row->text, row->text, near ? " (did you mean " : "",
             near ? near : "", near ? "?)" : "");
}

/* Finds and reads the chip's file. */
static bool chip_read(struct board *board, const char *chips)
{
    const struct row *row = chip_row(&board->board_source);
    if (!row) {
        complain(board->loc, "CHIP is missing: chips/<CHIP>.mk");
        return false;
    }
    FILE *file = NULL;
    if (row->nfields == 1 && strlen(row->text) <= 40 && !strpbrk(row->text, "/.")) {
        snprintf(board->chip_path, sizeof board->chip_path, "%s%s.mk", chips, row->text);
        file = fopen(board->chip_path, "r");
    }
    if (!file) {
        unknown_chip(row, chips);
        return false;
    }
    fclose(file);
    return source_read(&board->chip_source, board->chip_path);
}

/* Never NULL; what is wrong has been complained about. */
static struct board *board_read(const char *path)
{
    struct board *board = calloc(1, sizeof *board);
    char chips[400];
    if (!board) {
        fprintf(stderr, "boardc: out of memory\n");
        exit(1);
    }
    board->loc = (struct loc){path, 0};
    if (!locate(path, board->target, sizeof board->target, chips, sizeof chips) || !source_read(&board->board_source, path)) {
        return board;
    }
    if (!chip_read(board, chips)) {
        return board;
    }
    int before = complaints();
    keys_apply(board);
    if (complaints() == before) {
        check_board(board);
    }
    return board;
}

static void board_free(struct board *board)
{
    source_free(&board->board_source);
    source_free(&board->chip_source);
    free(board);
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

/* A file being written: beside its final name until it is whole. */
struct output {
    char path[512], beside[544];
    FILE *file;
};

static bool output_open(struct output *output, const char *folder, const char *name)
{
    if (snprintf(output->path, sizeof output->path, "%s/%s", folder, name) >= (int)sizeof output->path) {
        complain((struct loc){folder, 0}, "path too long");
        return false;
    }
    snprintf(output->beside, sizeof output->beside, "%s.%ld", output->path, (long)getpid()); /* two runs may meet */
    output->file = fopen(output->beside, "w");
    if (!output->file) {
        complain((struct loc){output->beside, 0}, "%s", strerror(errno));
    }
    return output->file;
}

/* Renames, so that a reader never sees half a file; a file that has not changed keeps its time, and Make rebuilds nothing. */
static void output_close(struct output *output)
{
    bool failed = ferror(output->file) != 0;
    failed |= fclose(output->file) != 0;
    if (!failed && same_content(output->beside, output->path)) {
        remove(output->beside);
    } else if (failed || rename(output->beside, output->path)) {
        complain((struct loc){output->path, 0}, "%s", strerror(errno));
        remove(output->beside);
    }
}

static void write_board(const struct board *board, const char *folder)
{
    static const struct {
        const char *name;
        void (*emit)(const struct board *, FILE *);
    } files[] = {
        {"board.h", emit_header},       {"memory.ld", emit_linker},   {"board.mk", emit_make},    {"dfu_alternates.h", emit_alternates},
        {"emu_board.h", emit_emulator}, {"launch.json", emit_launch}, {"tasks.json", emit_tasks},
    };
    struct output output;
    for (size_t i = 0; i < COUNT(files); i++) {
        if (output_open(&output, folder, files[i].name)) {
            files[i].emit(board, output.file);
            output_close(&output);
        }
    }
}

static void write_boards(const struct boards *boards, const char *folder)
{
    static const struct {
        const char *name;
        void (*emit)(const struct boards *, FILE *);
    } files[] = {
        {"boards.h", emit_boards_header},
        {"boards.c", emit_boards},
        {"boards.md", emit_docs},
    };
    struct output output;
    for (size_t i = 0; i < COUNT(files); i++) {
        if (output_open(&output, folder, files[i].name)) {
            files[i].emit(boards, output.file);
            output_close(&output);
        }
    }
}

/* --- all boards ---------------------------------------------------------------------------------------------------- */

static int by_target(const void *a, const void *b)
{
    return strcmp((*(struct board *const *)a)->target, (*(struct board *const *)b)->target);
}

static void check_usb_unique(const struct boards *boards)
{
    for (int i = 0; i < boards->count; i++) {
        for (int j = 0; j < i; j++) {
            const struct usb_id *a = &boards->list[i]->usb_app, *b = &boards->list[j]->usb_app;
            const struct usb_id *c = &boards->list[i]->usb_dfu, *d = &boards->list[j]->usb_dfu;
            if (a->vid == b->vid && a->pid == b->pid) {
                complain(a->loc, "USB_APP %04X:%04X is that of %s (%s:%d)", a->vid, a->pid, boards->list[j]->target, b->loc.file,
                         b->loc.line);
            }
            if (c->set && c->vid == d->vid && c->pid == d->pid) {
                complain(c->loc, "USB_DFU %04X:%04X is that of %s (%s:%d)", c->vid, c->pid, boards->list[j]->target, d->loc.file,
                         d->loc.line);
            }
        }
    }
}

/* Reads every boards/<TARGET>/board_config.mk below `folder`. `paths` holds their names as long as the boards live. */
static void read_all(const char *folder, struct boards *boards, char (*paths)[512])
{
    DIR *open = opendir(folder);
    if (!open) {
        complain((struct loc){folder, 0}, "%s", strerror(errno));
        return;
    }
    for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
        char *path = paths[boards->count];
        FILE *file;
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (snprintf(path, 512, "%s/%s/board_config.mk", folder, entry->d_name) >= 512) {
            complain((struct loc){folder, 0}, "path too long: %s", entry->d_name);
            continue;
        }
        file = fopen(path, "r");
        if (!file) {
            continue; /* README.md and the like */
        }
        fclose(file);
        if (boards->count == (int)COUNT(boards->list)) {
            complain((struct loc){folder, 0}, "more than %zu boards", COUNT(boards->list));
            break;
        }
        boards->list[boards->count++] = board_read(path);
    }
    closedir(open);
    qsort(boards->list, (size_t)boards->count, sizeof boards->list[0], by_target);
    if (!boards->count) {
        complain((struct loc){folder, 0}, "no boards/<TARGET>/board_config.mk in it");
    }
    check_usb_unique(boards);
}

static int usage(void)
{
    fprintf(stderr, "usage: boardc --out DIR [--sdk DIR] boards/<TARGET>/board_config.mk     board.h memory.ld board.mk ...\n"
                    "       boardc --out DIR --all boards                                  boards.c boards.h boards.md\n"
                    "       boardc --check boards/<TARGET>/board_config.mk\n"
                    "       boardc --keys                                                  the table of boards/README.md\n");
    return 2;
}

int main(int argc, char **argv)
{
    const char *out = NULL, *all = NULL, *path = NULL;
    bool check = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--keys") && argc == 2) {
            keys_print(stdout);
            return 0;
        } else if (!strcmp(argv[i], "--out") && i + 1 < argc) {
            out = argv[++i];
        } else if (!strcmp(argv[i], "--sdk") && i + 1 < argc) {
            sdk_folder = argv[++i];
        } else if (!strcmp(argv[i], "--all") && i + 1 < argc) {
            all = argv[++i];
        } else if (!strcmp(argv[i], "--check")) {
            check = true;
        } else if (argv[i][0] != '-' && !path) {
            path = argv[i];
        } else {
            return usage();
        }
    }
    if (!all == !path || !out != check) {
        return usage();
    }
    static struct boards boards;
    static char paths[COUNT(boards.list) + 1][512];
    if (all) {
        read_all(all, &boards, paths);
    } else {
        boards.list[boards.count++] = board_read(path);
    }
    if (!complaints() && !check) {
        if (all) {
            write_boards(&boards, out);
        } else {
            write_board(boards.list[0], out);
        }
    }
    for (int i = 0; i < boards.count; i++) {
        board_free(boards.list[i]);
    }
    return complaints() != 0;
}
