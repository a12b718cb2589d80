/* SPDX-License-Identifier: MIT */
/* Where a file goes on a board, and whether it may. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "payload.h"
#include "report.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_firmware(const struct board_partition *p)
{
    return !strcmp(p->role, "firmware");
}

/* The vector table's address in an image for this partition. */
static uint32_t entry_of(const struct board *board, const struct board_partition *p)
{
    return board->app_address >= p->base && board->app_address - p->base < p->size ? board->app_address : p->base;
}

static void list_partitions(const struct board *board, char *text, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < board->partition_count && used < size; i++)
        if (board->partitions[i].writable)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", board->partitions[i].name);
}

/* A partition by its name or alternate setting. */
static int named(struct payload *p, const struct board *board, const char *to)
{
    char *end, writable[200], step[240];
    long alternate = strtol(to, &end, 10);

    for (size_t i = 0; i < board->partition_count && p->partition < 0; i++)
        if (!strcmp(board->partitions[i].name, to) || (!*end && end != to && board->partitions[i].alt == alternate))
            p->partition = (int)i;
    list_partitions(board, writable, sizeof writable);
    snprintf(step, sizeof step, "%s has: %s.", board->target, writable);
    if (p->partition < 0)
        return fail(EXIT_CODE_WRONG_PLACE, step, "%s has no partition '%s'", board->name, to);
    if (!board->partitions[p->partition].writable)
        return fail(EXIT_CODE_WRONG_PLACE, step, "%s is read-only over this connection: nothing can be written to it", to);
    return 0;
}

/* How many partitions of this role there are; the last one of them in *found. */
static unsigned of_role(const struct board *board, const char *role, int *found)
{
    unsigned n = 0;

    for (size_t i = 0; i < board->partition_count; i++)
        if (!strcmp(board->partitions[i].role, role)) {
            *found = (int)i;
            n++;
        }
    return n;
}

/* As the file says: by its header, its container's address, its name, or the only place that can be meant. */
static int by_itself(struct payload *p, const struct board *board)
{
    const char *role = p->kind == PAYLOAD_ROMFS ? "romfs" : "firmware";
    char step[240], partitions[200];
    int found = -1;

    for (size_t i = 0; i < board->partition_count && p->partition < 0; i++) {
        const struct board_partition *q = &board->partitions[i];
        bool here = p->kind == PAYLOAD_FIRMWARE ? is_firmware(q) && p->header.address - q->base < q->size
                    : p->addressed              ? q->base == p->address && q->writable && strcmp(q->role, "window")
                                                : q->image && q->writable && !strcmp(q->image, base_name(p->path));
        if (here)
            p->partition = (int)i;
    }
    if (p->partition >= 0)
        return 0;
    if (p->kind == PAYLOAD_FIRMWARE || p->addressed)
        return fail(EXIT_CODE_WRONG_PLACE, "Build it again for this board.", "%s belongs at 0x%08X, where %s has nothing like it", p->path,
                    (unsigned)(p->addressed ? p->address : p->header.address), board->name);
    if (of_role(board, role, &found) == 1) {
        p->partition = found;
        return 0;
    }
    list_partitions(board, partitions, sizeof partitions);
    snprintf(step, sizeof step, "Say where it goes, --to one of: %s.", partitions);
    return fail(EXIT_CODE_WRONG_PLACE, step, "%s could go to several places of %s", p->path, board->name);
}

static int check_ids(const struct payload *p, const struct board *board)
{
    const struct board_usb *own[6] = {&board->dfu, &board->rom};

    if (!p->usb.vid || p->usb.vid == 0xFFFF)
        return 0;
    for (size_t i = 0; i < 4; i++)
        own[2 + i] = &board->dfu_aliases[i];
    for (size_t i = 0; i < 6; i++)
        if (own[i]->vid == p->usb.vid && (own[i]->pid == p->usb.pid || p->usb.pid == 0xFFFF))
            return 0;
    return fail(EXIT_CODE_WRONG_BOARD, "Give a file of this board.", "%s is for USB devices %04X:%04X, not for %s (%04X:%04X)", p->path,
                p->usb.vid, p->usb.pid, board->name, board->dfu.vid, board->dfu.pid);
}

static int check_board(const struct payload *p, const struct board *board)
{
    char step[120];

    if (p->kind != PAYLOAD_FIRMWARE || !strcmp(p->header.board, board->target))
        return 0;
    snprintf(step, sizeof step, "Give the firmware of this board: build/%s/bin/firmware.bin (make TARGET=%s).", board->target,
             board->target);
    return fail(EXIT_CODE_WRONG_BOARD, step, "%s is firmware for %.31s; this camera is an %s", p->path, p->header.board, board->target);
}

static bool names(const struct payload *p, const char *target)
{
    size_t n = strlen(target) + 1;

    for (const uint8_t *at = p->bytes; (at = memmem(at, p->size - (size_t)(at - p->bytes), target, n)); at++)
        if (at == p->bytes || !(isalnum(at[-1]) || at[-1] == '_'))
            return true;
    return false;
}

/* A bootloader has no header; ours holds its board's name, as the one that it accepts images of. */
static int check_bootloader(const struct payload *p, const struct board *board, bool force)
{
    if (force || names(p, board->target))
        return 0;
    for (size_t i = 0; i < board_count; i++)
        if (names(p, boards[i].target))
            return fail(EXIT_CODE_WRONG_BOARD, "Give the bootloader of this board.", "%s is the bootloader of %s; the camera is an %s",
                        p->path, boards[i].target, board->target);
    return fail(EXIT_CODE_BAD_IMAGE, "If it is for exactly this board: --force.", "%s does not tell for which board it is", p->path);
}

static int check_firmware(const struct payload *p, const struct board *board, const struct board_partition *q)
{
    const struct image_place place = {board->target, entry_of(board, q), q->size};

    if (is_firmware(q) && image_fits(&p->header, &place) != IMAGE_E_ADDRESS)
        return 0;
    return fail(EXIT_CODE_WRONG_PLACE, "Leave --to out: it goes where its header says.", "%s is firmware for 0x%08X; %s is not there",
                p->path, (unsigned)p->header.address, q->name);
}

/* No header: only what every Cortex-M needs can be checked. */
static int check_foreign(const struct payload *p, const struct board *board, const struct board_partition *q, bool force)
{
    uint32_t entry = entry_of(board, q), reset;
    bool raw = q->image && strlen(q->image) > 4 && !strcmp(q->image + strlen(q->image) - 4, ".bin");

    if (!force)
        return fail(EXIT_CODE_BAD_IMAGE, "If it is firmware of another origin for exactly this board: --force.",
                    "%s has no image header: it is not firmware of this project, so its board and its wholeness cannot be checked",
                    p->path);
    if (!raw)
        return 0;
    if (p->size < entry - q->base + 8)
        return fail(EXIT_CODE_BAD_IMAGE, "Give a whole firmware image (.bin).", "%s has only %zu bytes", p->path, p->size);
    memcpy(&reset, p->bytes + (entry - q->base) + 4, sizeof reset);
    if (!(reset & 1) || reset - q->base >= q->size)
        return fail(EXIT_CODE_BAD_IMAGE, "Give an image that is linked for this board.",
                    "%s cannot start on %s: its reset vector is 0x%08X, outside of %s (0x%08X)", p->path, board->name, (unsigned)reset,
                    q->name, (unsigned)q->base);
    return 0;
}

static int check_size(const struct payload *p, const struct board_partition *q)
{
    char step[120];

    if (p->size <= q->size)
        return 0;
    snprintf(step, sizeof step, "Give a smaller image: %s holds %u bytes.", q->name, (unsigned)q->size);
    return fail(EXIT_CODE_BAD_IMAGE, step, "%s does not fit: it has %zu bytes, %s has %u", p->path, p->size, q->name, (unsigned)q->size);
}

/* What is in it against what the partition is for. */
static int check_contents(const struct payload *p, const struct board *board, const struct board_partition *q, bool force)
{
    if (p->kind == PAYLOAD_FIRMWARE)
        return check_firmware(p, board, q);
    if (p->kind == PAYLOAD_ROMFS && strcmp(q->role, "romfs"))
        return fail(EXIT_CODE_WRONG_PLACE, "Leave --to out.", "%s is a ROM file system, %s is for something else", p->path, q->name);
    if (p->kind == PAYLOAD_FOREIGN && !strcmp(q->role, "romfs"))
        return fail(EXIT_CODE_BAD_IMAGE, "Give a romfs.img as the build makes it.", "%s is no ROM file system", p->path);
    if (p->kind == PAYLOAD_FOREIGN && is_firmware(q))
        return check_foreign(p, board, q, force);
    return 0;
}

/* For omv recover: a bootloader, of this board, and nothing behind it. */
static int place_bootloader(struct payload *p, const struct board *board, bool force)
{
    if (p->kind != PAYLOAD_BOOTLOADER && p->kind != PAYLOAD_MISSING)
        return fail(EXIT_CODE_BAD_IMAGE, "Give bootloader.bin or bootloader.dfu.", "%s is no bootloader", p->path);
    if (of_role(board, "bootloader", &p->partition) != 1)
        return fail(EXIT_CODE_UNSUPPORTED, NULL, "%s has no bootloader that could be restored", board->name);
    if (p->kind == PAYLOAD_MISSING)
        return 0;
    int code = check_ids(p, board);
    if (!code && p->size > board->partitions[p->partition].size)
        code = fail(EXIT_CODE_WRONG_PLACE, "A combined image (openmv.bin) also erases the file system: give bootloader.bin.",
                    "%s is more than a bootloader: it has %zu bytes", p->path, p->size);
    return code ? code : check_bootloader(p, board, force);
}

int payload_place(struct payload *p, const struct board *board, const char *to, bool force, bool restore)
{
    p->partition = -1;
    if (restore)
        return place_bootloader(p, board, force);
    if (p->kind == PAYLOAD_BOOTLOADER)
        return fail(EXIT_CODE_WRONG_PLACE, "Flash firmware.bin; a broken bootloader is restored by 'omv recover'.",
                    "%s begins with a bootloader, which is not written over this connection", p->path);
    int code = check_ids(p, board);
    if (!code)
        code = check_board(p, board);
    if (!code)
        code = to ? named(p, board, to) : by_itself(p, board);
    if (code || p->kind == PAYLOAD_MISSING)
        return code;
    code = check_contents(p, board, &board->partitions[p->partition], force);
    return code ? code : check_size(p, &board->partitions[p->partition]);
}
