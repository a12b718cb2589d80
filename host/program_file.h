/* SPDX-License-Identifier: MIT */
/* Somebody else's program for the flash of an emulated camera, in the formats that linkers and downloads have. */
#ifndef HOST_PROGRAM_FILE_H
#define HOST_PROGRAM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A flash as it will be: `bytes` starts erased; `used` has a byte for each of them, not 0 where a program put something. */
struct program_flash {
    uint32_t base, size;
    uint8_t *bytes, *used;
};

/*
 * Puts FILE or FILE@ADDRESS into it. Intel HEX, ELF and DfuSe files say where they go; any other file is bytes for ADDRESS, or
 * for the start of the flash. 0, or an exit code after an error message: what does not fit, overlaps another file or is damaged.
 */
int program_file_place(const char *spec, struct program_flash *flash);

#endif
