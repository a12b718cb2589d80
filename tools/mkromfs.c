/* SPDX-License-Identifier: MIT */
/* mkromfs: builds the ROM file system image that the camera mounts at /rom.

   mkromfs -o OUT.img --size SIZE --top FOLDER [--depend OUT.d] LIST

   LIST holds one entry per line, blank-separated; # begins a comment:

       TYPE  PATH  [align:N]  [name:NAME]

   PATH is relative to FOLDER; a * in its last part stands for any letters, and the matches come in byte order. The file's name in the
   image is its base name unless name: says otherwise. align: (a power of two up to 4096, default 4) is where its data begin.
     data    the file's bytes as they are
     haar    a converted .cascade file as it is (a .xml has to be converted first)
     tflite  a network; a .txt of the same name beside it (its labels) follows it

   The image (MicroPython, extmod/vfs_rom.c) is one record of kind 0x14A6B1 whose payload begins at offset 16; in it a record of kind 5
   per file: the name, then its data as a record of kind 2. Lengths are big-endian base 128; leading 0x80 bytes are padding, which is how
   data are aligned. The same list and files give the same bytes. --depend writes what the image was made of as a rule for Make. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILES = 512, MAX_PATH = 1024, MAX_LINE = 2048, PAYLOAD_OFFSET = 16, MAX_ALIGN = 4096 };
enum { KIND_PADDING = 1, KIND_DATA = 2, KIND_FILE = 5 };

struct entry {
    char path[MAX_PATH], name[256];
    const char *type;
    size_t align, size, offset;
    int line;
};

static struct entry entries[MAX_FILES];
static size_t count;
static char folders[64][MAX_PATH]; /* searched for a pattern: a new file there changes the image */
static size_t folder_count;
static const char *list_path;

static void fail(int line, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

static void fail(int line, const char *format, ...)
{
    va_list arguments;
    if (line) {
        fprintf(stderr, "%s:%d: ", list_path, line);
    } else {
        fprintf(stderr, "mkromfs: ");
    }
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && !strcmp(text + length - tail, end);
}

/* --- the list ------------------------------------------------------------------------------------------------------ */

static void add(int line, const char *type, const char *path, const char *name, size_t align)
{
    struct stat status;
    if (count == MAX_FILES) {
        fail(line, "more than %d files", MAX_FILES);
    }
    struct entry *entry = &entries[count];
    const char *slash = strrchr(path, '/');
    if (snprintf(entry->path, sizeof entry->path, "%s", path) >= (int)sizeof entry->path ||
        snprintf(entry->name, sizeof entry->name, "%s",
                 name    ? name
                 : slash ? slash + 1
                         : path) >= (int)sizeof entry->name) {
        fail(line, "%.60s...: name too long", path);
    }
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(entries[i].name, entry->name)) {
            fail(line, "%s is in the image twice (first in line %d)", entry->name, entries[i].line);
        }
    }
    if (stat(path, &status)) {
        fail(line, "%s: %s", path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        fail(line, "%s: not a file", path);
    }
    entry->type = type;
    entry->align = align;
    entry->size = (size_t)status.st_size;
    entry->line = line;
    count++;
}

/* A network's first bytes: a FlatBuffer with the identifier TFL3. */
static void check_network(int line, const char *path)
{
    char head[8] = "";
    FILE *file = fopen(path, "rb");
    if (!file) {
        fail(line, "%s: %s", path, strerror(errno));
    }
    size_t got = fread(head, 1, sizeof head, file);
    fclose(file);
    if (got < sizeof head || memcmp(head + 4, "TFL3", 4)) {
        fail(line, "%s: not a TensorFlow Lite model", path);
    }
}

static void add_typed(int line, const char *type, const char *path, const char *name, size_t align)
{
    if (!strcmp(type, "haar")) {
        if (!ends_with(path, ".cascade")) {
            fail(line, "%s: a cascade in XML can't be converted yet; list a .cascade file", path);
        }
        add(line, "haar", path, name, align);
    } else if (!strcmp(type, "tflite")) {
        char labels[MAX_PATH];
        struct stat status;
        check_network(line, path);
        add(line, "tflite", path, name, align);
        snprintf(labels, sizeof labels, "%s", path);
        char *dot = strrchr(labels, '.');
        if (dot && !strchr(dot, '/') && (size_t)(dot - labels) + 5 <= sizeof labels) {
            strcpy(dot, ".txt");
            if (!stat(labels, &status)) {
                add(line, "data", labels, NULL, 4);
            }
        }
    } else if (!strcmp(type, "data")) {
        add(line, "data", path, name, align);
    } else {
        fail(line, "unknown type '%.40s' (data, haar, tflite)", type);
    }
}

/* `*` stands for any letters, also none. */
static bool matches(const char *pattern, const char *name)
{
    if (*pattern == '*') {
        return matches(pattern + 1, name) || (*name && matches(pattern, name + 1));
    }
    return *pattern == *name && (!*name || matches(pattern + 1, name + 1));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_pattern(int line, const char *type, const char *path, size_t align)
{
    char folder[MAX_PATH], full[MAX_PATH + 256];
    char *names[MAX_FILES];
    size_t found = 0;
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    if (folder_count < sizeof folders / sizeof folders[0]) {
        strcpy(folders[folder_count++], folder);
    }
    DIR *open = opendir(folder);
    if (!open) {
        fail(line, "%s: %s", folder, strerror(errno));
    }
    for (struct dirent *file; (file = readdir(open));) {
        if (file->d_name[0] != '.' && matches(slash + 1, file->d_name)) {
            if (found == MAX_FILES) {
                fail(line, "%s: more than %d files", path, MAX_FILES);
            }
            names[found++] = strdup(file->d_name);
        }
    }
    closedir(open);
    if (!found) {
        fail(line, "%s matches nothing", path);
    }
    qsort(names, found, sizeof *names, by_name);
    for (size_t i = 0; i < found; i++) {
        snprintf(full, sizeof full, "%s/%s", folder, names[i]);
        add_typed(line, type, full, NULL, align);
        free(names[i]);
    }
}

static void read_line(const char *top, int line, char *text)
{
    char *fields[5], path[MAX_PATH];
    int nfields = 0;
    const char *name = NULL;
    size_t align = 4;

    text[strcspn(text, "#\n")] = '\0';
    for (char *word = strtok(text, " \t\r"); word; word = strtok(NULL, " \t\r")) {
        if (nfields == 4) {
            fail(line, "too many words: TYPE PATH [align:N] [name:NAME]");
        }
        fields[nfields++] = word;
    }
    if (!nfields) {
        return;
    }
    if (nfields < 2) {
        fail(line, "expected TYPE PATH [align:N] [name:NAME]");
    }
    for (int i = 2; i < nfields; i++) {
        if (!strncmp(fields[i], "align:", 6)) {
            char *end;
            align = strtoul(fields[i] + 6, &end, 10);
            if (*end || align == 0 || align > MAX_ALIGN || (align & (align - 1))) {
                fail(line, "'%.40s': an alignment is a power of two up to %d", fields[i], MAX_ALIGN);
            }
        } else if (!strncmp(fields[i], "name:", 5) && fields[i][5] && !strchr(fields[i], '/')) {
            name = fields[i] + 5;
        } else {
            fail(line, "'%.40s' is neither align:N nor name:NAME", fields[i]);
        }
    }
    if (fields[1][0] == '/' || strstr(fields[1], "..")) {
        fail(line, "%.60s: a path is relative to the top folder and stays in it", fields[1]);
    }
    if (snprintf(path, sizeof path, "%s/%s", top, fields[1]) >= (int)sizeof path) {
        fail(line, "%.60s...: name too long", fields[1]);
    }
    const char *star = strchr(path + strlen(top), '*');
    if (!star) {
        add_typed(line, fields[0], path, name, align);
    } else if (name || strchr(star, '/')) {
        fail(line, "%.60s: a * stands in the last part of the path, and without name:", fields[1]);
    } else {
        add_pattern(line, fields[0], path, align);
    }
}

static void read_list(const char *top)
{
    char text[MAX_LINE];
    FILE *file = fopen(list_path, "r");
    if (!file) {
        fail(0, "%s: %s", list_path, strerror(errno));
    }
    for (int line = 1; fgets(text, sizeof text, file); line++) {
        if (strlen(text) == sizeof text - 1) {
            fail(line, "line too long");
        }
        read_line(top, line, text);
    }
    if (ferror(file)) {
        fail(0, "%s: %s", list_path, strerror(errno));
    }
    fclose(file);
}

/* --- the image ----------------------------------------------------------------------------------------------------- */

static size_t length_of(size_t value)
{
    size_t length = 1;
    while (value >>= 7) {
        length++;
    }
    return length;
}

/* `value` in `length` bytes, which is at least length_of(value). */
static uint8_t *put_number(uint8_t *to, size_t value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        size_t shift = 7 * (length - 1 - i);
        uint8_t digit = shift < 8 * sizeof value ? (uint8_t)(value >> shift & 0x7F) : 0;
        *to++ = digit | (i + 1 < length ? 0x80 : 0);
    }
    return to;
}

/* How one file's record lies at `start` of the image: the widths of its two lengths. */
struct layout {
    size_t file_width, data_width, payload, end;
};

static struct layout lay_out(const struct entry *entry, size_t start)
{
    size_t name = strlen(entry->name);
    for (size_t width = 1;; width++) {
        size_t before = 1 + width + length_of(name) + name + 1 + length_of(entry->size);
        size_t gap = (entry->align - (start + before) % entry->align) % entry->align;
        struct layout layout = {.file_width = width, .data_width = length_of(entry->size) + gap};
        layout.payload = before - 1 - width + gap + entry->size;
        layout.end = start + before + gap + entry->size;
        if (length_of(layout.payload) <= width) {
            return layout;
        }
    }
}

static void read_data(const struct entry *entry, uint8_t *to)
{
    FILE *file = fopen(entry->path, "rb");
    if (!file) {
        fail(entry->line, "%s: %s", entry->path, strerror(errno));
    }
    if (fread(to, 1, entry->size, file) != entry->size || fgetc(file) != EOF) {
        fail(entry->line, "%s changed while it was read", entry->path);
    }
    fclose(file);
}

static size_t build(uint8_t **image)
{
    size_t total = PAYLOAD_OFFSET;
    for (size_t i = 0; i < count; i++) {
        total = lay_out(&entries[i], total).end;
    }
    size_t size = total % 2 ? total + 3 : total; /* the whole record's size is even; a padding record is 2 bytes at least */
    uint8_t *to = *image = calloc(1, size);
    if (!to) {
        fail(0, "out of memory");
    }
    to = put_number(to, 0x14A6B1, 3);
    to = put_number(to, size - PAYLOAD_OFFSET, PAYLOAD_OFFSET - 3);
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = &entries[i];
        struct layout layout = lay_out(entry, (size_t)(to - *image));
        size_t name = strlen(entry->name);
        *to++ = KIND_FILE;
        to = put_number(to, layout.payload, layout.file_width);
        to = put_number(to, name, length_of(name));
        memcpy(to, entry->name, name);
        to += name;
        *to++ = KIND_DATA;
        to = put_number(to, entry->size, layout.data_width);
        entry->offset = (size_t)(to - *image);
        read_data(entry, to);
        to += entry->size;
    }
    if (size != total) {
        *to++ = KIND_PADDING;
        put_number(to, 1, 1);
    }
    return size;
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    char beside[MAX_PATH];
    if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside) {
        fail(0, "%.60s...: name too long", path);
    }
    FILE *file = fopen(beside, "wb");
    if (!file) {
        fail(0, "%s: %s", beside, strerror(errno));
    }
    bool written = fwrite(data, 1, size, file) == size;
    written &= fclose(file) == 0;
    if (!written || rename(beside, path)) {
        int error = errno;
        remove(beside);
        fail(0, "%s: %s", path, strerror(error));
    }
}

static void write_dependencies(const char *path, const char *image)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        fail(0, "%s: %s", path, strerror(errno));
    }
    fprintf(file, "%s: %s", image, list_path);
    for (size_t i = 0; i < folder_count; i++) {
        fprintf(file, " \\\n  %s", folders[i]);
    }
    for (size_t i = 0; i < count; i++) {
        fprintf(file, " \\\n  %s", entries[i].path);
    }
    fprintf(file, "\n");
    for (size_t i = 0; i < count; i++) {
        fprintf(file, "%s:\n", entries[i].path);
    }
    if (fclose(file)) {
        fail(0, "%s: %s", path, strerror(errno));
    }
}

static void print_table(size_t size, size_t limit)
{
    printf("    offset      size  align  file\n");
    for (size_t i = 0; i < count; i++) {
        printf("  %8zu  %8zu  %5zu  /rom/%s\n", entries[i].offset, entries[i].size, entries[i].align, entries[i].name);
    }
    printf("  %zu of %zu bytes used, %zu free\n", size, limit, limit - size);
}

int main(int argc, char **argv)
{
    const char *out = NULL, *top = NULL, *depend = NULL;
    size_t limit = 0;
    for (int i = 1; i < argc; i++) {
        if (i + 1 < argc && !strcmp(argv[i], "-o")) {
            out = argv[++i];
        } else if (i + 1 < argc && !strcmp(argv[i], "--top")) {
            top = argv[++i];
        } else if (i + 1 < argc && !strcmp(argv[i], "--depend")) {
            depend = argv[++i];
        } else if (i + 1 < argc && !strcmp(argv[i], "--size")) {
            char *end;
            limit = strtoul(argv[++i], &end, 0);
            limit = *end ? 0 : limit;
        } else if (argv[i][0] != '-' && !list_path) {
            list_path = argv[i];
        } else {
            list_path = NULL;
            break;
        }
    }
    if (!out || !top || !limit || !list_path) {
        fprintf(stderr, "usage: mkromfs -o OUT.img --size SIZE --top FOLDER [--depend OUT.d] LIST\n");
        return 2;
    }
    uint8_t *image;
    read_list(top);
    size_t size = build(&image);
    if (size > limit) {
        fail(0, "%s needs %zu bytes, the partition has %zu: %zu too many", list_path, size, limit, size - limit);
    }
    write_file(out, image, size);
    if (depend) {
        write_dependencies(depend, out);
    }
    print_table(size, limit);
    free(image);
    return 0;
}
