/* SPDX-License-Identifier: MIT */
/* Recognising image files: raw, with a DFU suffix, in a DfuSe container; ours, foreign, or not an image at all. */
#include "payload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "camera.h"
#include "report.h"

#define MOST_FILE (64u << 20)

enum { SUFFIX = 16, DFUSE_PREFIX = 11, DFUSE_TARGET = 274, DFUSE_ELEMENT = 8 };
/* The bootloader's mark: boot/boot_mark.c. */
enum { BOOT_MARK_OFFSET = 0x1000 };
#define BOOT_MARK 0xB00710ADu

static uint32_t get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

/* --- files that are something else ---------------------------------------------------------------------------------- */

static const struct {
    const char *magic;
    size_t bytes;
    const char *what, *next_step;
} others[] = {
    {"\177ELF", 4, "an ELF file, for a debugger", "Give the .bin that lies beside it."},
    {":10", 3, "an Intel HEX file", "Give the .bin of the same build."},
    {":02", 3, "an Intel HEX file", "Give the .bin of the same build."},
    {"S0", 2, "a Motorola S-record file", "Give the .bin of the same build."},
    {"PK\3\4", 4, "a zip archive", "Unpack it and give the .bin in it."},
    {"\037\213", 2, "a gzip file", "Unpack it and give the .bin in it."},
    {"\xFD"
     "7zXZ",
     5, "an xz file", "Unpack it and give the .bin in it."},
    {"\211PNG", 4, "a picture", "Give a firmware image (.bin)."},
    {"\377\330\377", 3, "a picture", "Give a firmware image (.bin)."},
};

static int refuse_others(const struct payload *p)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (p->size >= others[i].bytes && !memcmp(p->bytes, others[i].magic, others[i].bytes))
            return fail(EXIT_CODE_BAD_IMAGE, others[i].next_step, "%s is %s, not an image", p->path, others[i].what);
    bool text = p->size > 0;
    for (size_t i = 0; text && i < p->size && i < 512; i++)
        text = (p->bytes[i] >= ' ' && p->bytes[i] < 127) || (p->bytes[i] && strchr("\n\r\t", p->bytes[i]));
    if (text && p->size >= 8)
        return fail(EXIT_CODE_BAD_IMAGE, "Give a firmware image (.bin).", "%s is a text file, not an image", p->path);
    return 0;
}

/* --- containers ----------------------------------------------------------------------------------------------------- */

static int damaged(const struct payload *p, const char *how)
{
    return fail(EXIT_CODE_BAD_IMAGE, "Build or download it again.", "%s is damaged: %s", p->path, how);
}

/* DfuSe (ST UM0391): one target with one element. */
static int unwrap_dfuse(struct payload *p)
{
    const size_t head = DFUSE_PREFIX + DFUSE_TARGET + DFUSE_ELEMENT;
    const uint8_t *b = p->bytes;

    if (p->size < head || get32(b + 6) != p->size || memcmp(b + DFUSE_PREFIX, "Target", 6))
        return damaged(p, "its DfuSe container is not whole");
    if (b[10] != 1 || get32(b + DFUSE_PREFIX + 270) != 1)
        return fail(EXIT_CODE_BAD_IMAGE, "Give its parts as .bin files.", "%s has several parts", p->path);
    p->addressed = true;
    p->address = get32(b + head - 8);
    if (get32(b + head - 4) != p->size - head)
        return damaged(p, "its DfuSe container is not whole");
    p->bytes += head;
    p->size -= head;
    return 0;
}

/* Takes off the suffix of DFU 1.1 appendix B, and what it wraps. */
static int unwrap(struct payload *p)
{
    size_t length = strlen(p->path);
    bool named = length > 4 && !strcmp(p->path + length - 4, ".dfu");
    const uint8_t *s = p->bytes + p->size - SUFFIX;

    if (p->size < SUFFIX || memcmp(s + 8, "UFD", 3) || s[11] != SUFFIX)
        return named ? damaged(p, "it has no DFU suffix, so its end is missing") : 0;
    if (get32(s + 12) != (uint32_t)~image_crc32(0, p->bytes, p->size - 4))
        return damaged(p, "the CRC of its DFU suffix is wrong");
    p->usb = (struct board_usb){get16(s + 4), get16(s + 2)};
    p->size -= SUFFIX;
    if (p->size >= DFUSE_PREFIX && !memcmp(p->bytes, "DfuSe\1", 6))
        return unwrap_dfuse(p);
    return 0;
}

/* --- contents ------------------------------------------------------------------------------------------------------- */

static int read_bytes(void *context, uint32_t offset, void *data, size_t size)
{
    const struct payload *p = context;

    if (offset > p->size || size > p->size - offset)
        return -1;
    memcpy(data, p->bytes + offset, size);
    return 0;
}

/* An image with a header: all that it promises must be there. */
static int check_firmware(struct payload *p, int offset)
{
    const struct image_header *h = &p->header;
    const struct image_reader reader = {read_bytes, p};
    char text[160];

    if (image_sound(h, IMAGE_MAGIC) == IMAGE_E_FORMAT)
        return fail(EXIT_CODE_BAD_IMAGE, "Use an omv of the same age as the firmware.",
                    "%s has an image header of a format that is not known here", p->path);
    p->kind = PAYLOAD_FIRMWARE;
    if (h->length > p->size) {
        snprintf(text, sizeof text, "it is truncated: %zu of %u bytes are there", p->size, (unsigned)h->length);
        return damaged(p, text);
    }
    if (image_check_crc(&reader, h, offset))
        return damaged(p, "its CRC is wrong");
    for (size_t i = h->length; i < p->size; i++)
        if (p->bytes[i] != 0xFF && p->bytes[i] != 0)
            return damaged(p, "something that is not the image follows it");
    p->size = h->length;
    snprintf(text, sizeof text, "%.31s", h->board);
    p->made_for = board_find(text);
    return 0;
}

/* A record of kind 0x14A6B1, its length in big-endian base 128 (MicroPython extmod/vfs_rom.c). */
static bool is_romfs(const struct payload *p)
{
    return p->size >= 4 && !memcmp(p->bytes, "\xD2\xCD\x31", 3);
}

static int check_romfs(struct payload *p)
{
    uint64_t length = 0;
    size_t at = 3;

    p->kind = PAYLOAD_ROMFS;
    for (; at < p->size && at < 16 && p->bytes[at] & 0x80; at++)
        length = length << 7 | (p->bytes[at] & 0x7F);
    if (at >= p->size || at >= 16)
        return damaged(p, "it is no whole ROM file system");
    length = length << 7 | p->bytes[at++];
    if (length > p->size - at)
        return damaged(p, "the ROM file system is truncated");
    return 0;
}

int payload_load(struct payload *p, const char *path, bool missing_ok)
{
    *p = (struct payload){.kind = PAYLOAD_FOREIGN, .partition = -1};
    path_format(p->path, "%s", path);
    p->file = path_read_file(path, MOST_FILE, &p->size);
    if (!p->file && errno == ENOENT && missing_ok) {
        p->kind = PAYLOAD_MISSING;
        return 0;
    }
    if (!p->file && errno == EFBIG)
        return fail(EXIT_CODE_BAD_IMAGE, "Give an image of this camera.", "%s is larger than 64 MiB", path);
    if (!p->file && errno == EINVAL)
        return fail(EXIT_CODE_INPUT, "Give the file itself, not a pipe or a device.", "%s is no ordinary file", path);
    if (!p->file)
        return fail(EXIT_CODE_INPUT,
                    errno == ENOENT ? "Build it (make TARGET=...), or give another file." : "Give a file that you may read.",
                    "%s cannot be read: %s", path, strerror(errno));
    p->bytes = p->file;
    if (!p->size)
        return fail(EXIT_CODE_BAD_IMAGE, "Build or download it again.", "%s is empty", path);
    int code = unwrap(p);
    if (!code && !p->size)
        code = damaged(p, "there is nothing in it");
    if (code)
        return code;
    int offset = image_find(p->bytes, p->size, &p->header);
    if (offset >= 0)
        return check_firmware(p, offset);
    if (is_romfs(p))
        return check_romfs(p);
    if (p->size >= BOOT_MARK_OFFSET + 4 && get32(p->bytes + BOOT_MARK_OFFSET) == BOOT_MARK) {
        p->kind = PAYLOAD_BOOTLOADER;
        return 0;
    }
    return refuse_others(p);
}

void payload_free(struct payload *p)
{
    free(p->file);
    p->file = NULL;
}
