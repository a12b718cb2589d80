/* SPDX-License-Identifier: MIT */
/* Register descriptions of a chip (chips/CHIP.regs; chips/README.md explains the lines) turned into what needs them:

     CHIP.svd      CMSIS-SVD 1.3, for the register view of a debugger
     CHIP_regs.h   for the firmware: a struct for each block, as large as the block, pointers to the peripherals, fields, interrupts
     CHIP_defs.h   for the emulator: offsets, fields, addresses and interrupts by name, and each block's rows of its register tables

   regc --out FOLDER CHIP.regs. Mistakes are reported as FILE:LINE: and nothing is written. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "regc.h"

static void write_file(const char *folder, const char *suffix, void (*emit)(FILE *out))
{
    char name[1024], temporary[1040];

    snprintf(name, sizeof name, "%s/%s%s", folder, chip.name, suffix);
    for (char *c = name + strlen(folder); *c; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    snprintf(temporary, sizeof temporary, "%s.new", name);
    FILE *out = fopen(temporary, "w");
    if (out) {
        emit(out);
    }
    if (!out || fclose(out) || rename(temporary, name)) {
        fprintf(stderr, "regc: %s: %s\n", name, strerror(errno));
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc != 4 || strcmp(argv[1], "--out")) {
        fprintf(stderr, "regc --out FOLDER CHIP.regs\n");
        return 2;
    }
    chip.path = argv[3];
    FILE *in = fopen(chip.path, "r");
    if (!in) {
        fprintf(stderr, "%s: %s\n", chip.path, strerror(errno));
        return 1;
    }
    parse_file(in);
    fclose(in);
    /* For messages and headers: without the folders of this machine. */
    chip.path = strstr(chip.path, "chips/") ? strstr(chip.path, "chips/") : chip.path;
    write_file(argv[2], ".svd", emit_svd);
    write_file(argv[2], "_regs.h", emit_firmware);
    write_file(argv[2], "_defs.h", emit_emulator);
    return 0;
}
