/* SPDX-License-Identifier: MIT */
/* A crash record made readable with the ELF file of its firmware. */
#ifndef HOST_CRASH_H
#define HOST_CRASH_H

#include <jansson.h>

#include "elf.h"
#include "protocol/crash_record.h"

/* Checks that these bytes are a record: 0, or an exit code after an error message that begins with `where`. */
int crash_parse(struct crash_record *record, const uint8_t *bytes, size_t size, const char *where);

/* Whether the ELF file is the firmware that has crashed; texts of the two build ids, 41 bytes each. */
bool crash_matches(const struct crash_record *record, const struct elf *elf, char of_record[41], char of_elf[41]);

/* Prints it. elf NULL: numbers only. With --json, one event. */
void crash_print(const struct crash_record *record, const struct elf *elf);

#endif
