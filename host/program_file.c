/* SPDX-License-Identifier: MIT */
/* Intel HEX (Intel, 1988), ELF (System V ABI, 32 bits, ARM), DfuSe (ST UM0391) and plain files. */
#include "program_file.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"
#include "report.h"

#define MOST_FILE (64u << 20)

enum { HEX_MOST = 255 + 5, SUFFIX = 16, DFUSE_PREFIX = 11, DFUSE_TARGET = 274, DFUSE_ELEMENT = 8 };

static uint32_t get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static int damaged(const char *path, const char *how)
{
    return fail(EXIT_CODE_BAD_IMAGE, "Build or download it again.", "%s is damaged: %s", path, how);
}

static int place(const char *path, struct program_flash *flash, uint32_t address, const uint8_t *bytes, size_t n)
{
    size_t at = address - flash->base;

    if (address < flash->base || at >= flash->size || n > flash->size - at)
        return fail(EXIT_CODE_BAD_IMAGE, "An emulated camera starts from its flash.",
                    "%s has %zu bytes for 0x%08x; the flash is 0x%08x to 0x%08x", path, n, (unsigned)address, (unsigned)flash->base,
                    (unsigned)(flash->base + flash->size - 1));
    if (memchr(flash->used + at, 1, n))
        return fail(EXIT_CODE_BAD_IMAGE, NULL, "%s has something for 0x%08x, where something is already", path,
                    (unsigned)(flash->base + at + (size_t)((uint8_t *)memchr(flash->used + at, 1, n) - (flash->used + at))));
    memcpy(flash->bytes + at, bytes, n);
    memset(flash->used + at, 1, n);
    return 0;
}

/* --- Intel HEX: records of a line each --- */

static int hex_digit(char c)
{
    const char digits[] = "0123456789ABCDEFabcdef";
    const char *p = c ? strchr(digits, c) : NULL;

    return !p ? -1 : p - digits < 16 ? (int)(p - digits) : (int)(p - digits) - 6;
}

/* Bytes of a record without its checksum, which is right; -1: there is none, or it is damaged. */
static int hex_record(const char *line, uint8_t record[HEX_MOST])
{
    uint8_t sum = 0;
    int n = 0;

    if (*line++ != ':')
        return -1;
    for (; hex_digit(line[0]) >= 0 && hex_digit(line[1]) >= 0 && n < HEX_MOST; line += 2) {
        record[n] = (uint8_t)(hex_digit(line[0]) << 4 | hex_digit(line[1]));
        sum = (uint8_t)(sum + record[n++]);
    }
    return n >= 5 && n == record[0] + 5 && !sum && (!*line || strchr("\r\n ", *line)) ? n - 1 : -1;
}

static int place_hex(const char *path, struct program_flash *flash, const char *text)
{
    uint8_t record[HEX_MOST];
    uint32_t upper = 0;

    for (unsigned number = 1; *text; number++) {
        size_t length = strcspn(text, "\n");

        if (length && *text != '\r') {
            int n = hex_record(text, record), code = 0;
            if (n < 0)
                return fail(EXIT_CODE_BAD_IMAGE, "Build or download it again.", "%s is damaged: line %u is no whole HEX record", path,
                            number);
            uint32_t value = (uint32_t)record[4] << 8 | (n > 5 ? record[5] : 0u);
            if (record[3] == 0)
                code = record[0] ? place(path, flash, upper + ((uint32_t)record[1] << 8 | record[2]), record + 4, record[0]) : 0;
            else if (record[3] == 1)
                return 0;
            else if ((record[3] == 2 || record[3] == 4) && record[0] == 2) /* segment, or the address's upper half */
                upper = record[3] == 2 ? value << 4 : value << 16;
            if (code)
                return code;
        }
        text += length + (text[length] == '\n');
    }
    return damaged(path, "its end is missing");
}

/* --- ELF: what its segments hold, where a loader would put it --- */

static int place_elf(const char *path, struct program_flash *flash, const uint8_t *file, size_t size)
{
    Elf32_Ehdr head;
    Elf32_Phdr part;

    if (size < sizeof head)
        return damaged(path, "its end is missing");
    memcpy(&head, file, sizeof head);
    if (head.e_ident[EI_CLASS] != ELFCLASS32 || head.e_ident[EI_DATA] != ELFDATA2LSB || head.e_machine != EM_ARM)
        return fail(EXIT_CODE_BAD_IMAGE, "Give a program for the camera.", "%s is a program for another kind of computer", path);
    for (unsigned i = 0; i < head.e_phnum; i++) {
        size_t at = head.e_phoff + (size_t)i * head.e_phentsize;
        if (at > size || sizeof part > size - at)
            return damaged(path, "its end is missing");
        memcpy(&part, file + at, sizeof part);
        if (part.p_type != PT_LOAD || !part.p_filesz)
            continue;
        if (part.p_offset > size || part.p_filesz > size - part.p_offset)
            return damaged(path, "its end is missing");
        int code = place(path, flash, part.p_paddr, file + part.p_offset, part.p_filesz);
        if (code)
            return code;
    }
    return 0;
}

/* --- DfuSe: targets of elements --- */

static int place_dfuse(const char *path, struct program_flash *flash, const uint8_t *file, size_t size)
{
    size_t at = DFUSE_PREFIX;

    for (unsigned target = 0; target < file[10]; target++) {
        if (at > size || DFUSE_TARGET > size - at || memcmp(file + at, "Target", 6))
            return damaged(path, "its DfuSe container is not whole");
        uint32_t elements = get32(file + at + 270);
        at += DFUSE_TARGET;
        for (uint32_t i = 0; i < elements; i++) {
            if (DFUSE_ELEMENT > size - at || get32(file + at + 4) > size - at - DFUSE_ELEMENT)
                return damaged(path, "its DfuSe container is not whole");
            uint32_t n = get32(file + at + 4);
            int code = place(path, flash, get32(file + at), file + at + DFUSE_ELEMENT, n);
            if (code)
                return code;
            at += DFUSE_ELEMENT + n;
        }
    }
    return 0;
}

static int place_file(const char *path, struct program_flash *flash, uint8_t *file, size_t size, uint32_t address, bool addressed)
{
    bool elf = size > 4 && !memcmp(file, ELFMAG, SELFMAG), hex = size > 10 && file[0] == ':';
    for (int i = 1; hex && i < 9; i++)
        hex = hex_digit((char)file[i]) >= 0;
    bool dfuse = size > DFUSE_PREFIX && !memcmp(file, "DfuSe\1", 6);

    if (addressed && (elf || hex || dfuse))
        return fail(EXIT_CODE_USAGE, "Leave the @ADDRESS out.", "%s says itself where it goes", path);
    if (elf)
        return place_elf(path, flash, file, size);
    if (hex)
        return place_hex(path, flash, (char *)file);
    if (size >= SUFFIX && !memcmp(file + size - 8, "UFD\20", 4)) /* DFU 1.1 appendix B */
        size -= SUFFIX;
    return dfuse ? place_dfuse(path, flash, file, size) : place(path, flash, address, file, size);
}

int program_file_place(const char *spec, struct program_flash *flash)
{
    char path[PATH_BYTES], *mark, *end;
    uint32_t address = flash->base;
    size_t size;

    path_format(path, "%s", spec);
    mark = strrchr(path, '@');
    if (mark) {
        unsigned long value = strtoul(mark + 1, &end, 0);
        if (end == mark + 1 || *end || value > UINT32_MAX)
            mark = NULL; /* a name that has an @ */
        else {
            *mark = 0;
            address = (uint32_t)value;
        }
    }
    uint8_t *file = path_read_file(path, MOST_FILE, &size);
    if (!file)
        return fail(EXIT_CODE_INPUT, NULL, "%s cannot be read: %s", path, strerror(errno));
    int code = size ? place_file(path, flash, file, size, address, mark) : damaged(path, "it is empty");
    free(file);
    return code;
}
