/* SPDX-License-Identifier: MIT */
/* What a firmware's ELF file tells: functions, source lines, build id, code. 32 bits, little-endian. */
#ifndef HOST_ELF_H
#define HOST_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "paths.h"

struct elf_function {
    uint32_t address, size;
    const char *name;
};

struct elf {
    char path[PATH_BYTES];
    uint8_t *bytes;
    size_t size;
    struct elf_function *functions; /* sorted by address */
    size_t count;
    const uint8_t *build_id; /* NULL: none */
    size_t build_id_size;
};

/* Reads it: 0, or an exit code after an error message. elf_close is harmless after an error. */
int elf_open(struct elf *elf, const char *path);
void elf_close(struct elf *elf);

/* The function that this address lies in, or NULL. */
const struct elf_function *elf_find(const struct elf *elf, uint32_t address);

/* The address of a symbol of any kind: false when there is none. */
bool elf_symbol(const struct elf *elf, const char *name, uint32_t *address);

/* n bytes of code or constants at an address, or NULL. */
const uint8_t *elf_bytes(const struct elf *elf, uint32_t address, size_t n);

/*
 * Source lines of n addresses, asked of the SDK's addr2line: "file.c:12" in lines[i], malloc'ed as one block that the
 * caller frees by *block; NULL where there is none, all NULL when it cannot be run.
 */
void elf_lines(const struct elf *elf, const uint32_t *addresses, size_t n, const char **lines, char **block);

#endif
