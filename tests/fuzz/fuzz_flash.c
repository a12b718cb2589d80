/* SPDX-License-Identifier: MIT */
/* What omv flash reads from others: any bytes as an image file (raw, .dfu, DfuSe), put on the board that the first byte chooses; as a DFU
   device's configuration descriptor; as the name of a DfuSe alternate. What is let through must be what it is said to be. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/camera.h"
#include "host/dfu_client.h"
#include "host/payload.h"
#include "host/report.h"

#include "boards.c"

/* ---- What the parsers need of the rest of omv: the file is the fuzzer's, messages are formatted and forgotten ---- */

static const uint8_t *file;
static size_t file_size;

void *path_read_file(const char *path, size_t limit, size_t *size)
{
    uint8_t *copy = malloc(file_size + 1);

    (void)path;
    if (!copy || file_size > limit) {
        free(copy);
        errno = EFBIG;
        return NULL;
    }
    memcpy(copy, file, file_size);
    copy[file_size] = 0;
    *size = file_size;
    return copy;
}

void path_format(char path[PATH_BYTES], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path, PATH_BYTES, format, arguments);
    va_end(arguments);
}

int fail(enum exit_code code, const char *next_step, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    (void)next_step;
    return (int)code;
}

const struct board *board_find(const char *target)
{
    for (size_t i = 0; i < board_count; i++) {
        if (!strcmp(boards[i].target, target)) {
            return &boards[i];
        }
    }
    return NULL;
}

/* ---- The target ---- */

static void as_file(const struct board *board, const char *name, bool force, bool restore)
{
    struct payload p;
    int code = payload_load(&p, name, false);

    if (!code && payload_place(&p, board, NULL, force, restore) == 0) {
        const struct board_partition *q = &board->partitions[p.partition];
        bool inside = p.bytes >= p.file && p.size <= file_size && (size_t)(p.bytes - p.file) <= file_size - p.size;
        if (!inside || p.size == 0 || p.size > q->size || (!restore && !q->writable) || (p.kind == PAYLOAD_BOOTLOADER) != restore ||
            (p.kind == PAYLOAD_FIRMWARE && (strcmp(p.header.board, board->target) != 0 || p.header.length != p.size)) ||
            (p.kind == PAYLOAD_FOREIGN && !force && !strcmp(q->role, "firmware"))) {
            abort();
        }
    }
    payload_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"firmware.bin", "firmware.dfu", "romfs0.img", "x"};
    struct dfu_client client = {.wire = NULL};
    struct dfuse_blocks runs[4];
    char name[64];

    if (size < 2) {
        return 0;
    }
    file = data + 2;
    file_size = size - 2;
    as_file(&boards[data[0] % board_count], names[data[1] & 3], data[1] & 4, data[1] & 8);
    if (dfu_client_parse(&client, file, file_size) == 0 && (client.alternates == 0 || client.alternates > DFU_MOST_ALTERNATES)) {
        abort();
    }
    snprintf(name, sizeof name, "%.*s", file_size < 63 ? (int)file_size : 63, (const char *)file);
    if (dfuse_map(name, runs, 4) > 4) {
        abort();
    }
    return 0;
}
