/* SPDX-License-Identifier: MIT */
/* Reads a ROM file system image by the rules of MicroPython's extmod/vfs_rom.c, written apart from mkromfs, and copies its files out.
   read_romfs IMAGE FOLDER prints one line a file: offset, size, name. Status 1: not an image that MicroPython would mount. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t *image, *image_end;

static void bad(const char *what, const uint8_t *at)
{
    fprintf(stderr, "read_romfs: %s at offset %zu\n", what, (size_t)(at - image));
    exit(1);
}

static size_t number(const uint8_t **at, const uint8_t *end)
{
    size_t value = 0;
    const uint8_t *start = *at;
    for (;;) {
        if (*at == end) {
            bad("a number without an end", start);
        }
        value = value << 7 | (**at & 0x7F);
        if (!(*(*at)++ & 0x80)) {
            return value;
        }
    }
}

/* The record at *at: its kind; *at goes to the payload, *next behind it. */
static size_t record(const uint8_t **at, const uint8_t *end, const uint8_t **next)
{
    const uint8_t *start = *at;
    size_t kind = number(at, end), length = number(at, end);
    if (length > (size_t)(end - *at)) {
        bad("a record longer than what holds it", start);
    }
    *next = *at + length;
    return kind;
}

static void copy_out(const char *folder, const char *name, const uint8_t *data, size_t size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
        perror(path);
        exit(1);
    }
}

static void read_file(const char *folder, const uint8_t *at, const uint8_t *end)
{
    char name[256];
    const uint8_t *next;
    size_t length = number(&at, end);
    if (length == 0 || length >= sizeof name || length > (size_t)(end - at)) {
        bad("a file's name", at);
    }
    memcpy(name, at, length);
    name[length] = '\0';
    for (at += length; at < end; at = next) {
        if (record(&at, end, &next) == 2) {
            printf("%zu %zu %s\n", (size_t)(at - image), (size_t)(next - at), name);
            copy_out(folder, name, at, (size_t)(next - at));
            return;
        }
    }
    bad("a file without data", at);
}

int main(int argc, char **argv)
{
    static uint8_t buffer[32 << 20];
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: read_romfs IMAGE FOLDER\n");
        return 2;
    }
    image = buffer;
    image_end = image + fread(buffer, 1, sizeof buffer, file);
    fclose(file);
    const uint8_t *at = image, *end, *next;
    if (image_end - image < 4 || memcmp(image, "\xD2\xCD\x31", 3)) {
        bad("no header D2 CD 31", image);
    }
    record(&at, image_end, &end);
    if (at - image != 16 || end != image_end || (end - image) % 2) {
        bad("the payload does not run from offset 16 to the end, or the size is odd", at);
    }
    for (; at < end; at = next) {
        if (record(&at, end, &next) == 5) {
            read_file(argv[2], at, next);
        }
    }
    return 0;
}
