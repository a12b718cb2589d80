/* SPDX-License-Identifier: MIT */
/* Reading ELF files (System V ABI, chapters 4 and 5; ELF for the Arm architecture: bit 0 of a function's value marks Thumb code). */
#include "elf.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define MOST_BYTES (256u << 20)
#define CHUNK      400 /* addresses in one command line */

static int broken(const struct elf *elf, const char *what)
{
    return fail(EXIT_CODE_INPUT, "Give the firmware.elf that 'make TARGET=...' has made.", "%s: %s", elf->path, what);
}

/* n items of `size` bytes at this offset of the file, or NULL. */
static const void *at(const struct elf *elf, uint32_t offset, size_t n, size_t size)
{
    return offset <= elf->size && n <= (elf->size - offset) / size ? elf->bytes + offset : NULL;
}

static const Elf32_Shdr *section(const struct elf *elf, unsigned i)
{
    const Elf32_Ehdr *header = (const Elf32_Ehdr *)elf->bytes;

    return i < header->e_shnum ? (const Elf32_Shdr *)(elf->bytes + header->e_shoff) + i : NULL;
}

/* The next symbol table from *i on: symbols, their number, and their names, which end with a 0. */
static const Elf32_Sym *symbols(const struct elf *elf, unsigned *i, size_t *n, const char **names, size_t *names_size)
{
    for (const Elf32_Shdr *s; (s = section(elf, *i)); ++*i) {
        const Elf32_Shdr *strings = s->sh_type == SHT_SYMTAB ? section(elf, s->sh_link) : NULL;
        if (!strings)
            continue;
        *n = s->sh_size / sizeof(Elf32_Sym);
        *names_size = strings->sh_size;
        *names = at(elf, strings->sh_offset, *names_size, 1);
        const Elf32_Sym *found = at(elf, s->sh_offset, *n, sizeof *found);
        if (found && *names && *names_size && !(*names)[*names_size - 1]) {
            ++*i;
            return found;
        }
    }
    return NULL;
}

static int by_address(const void *a, const void *b)
{
    const struct elf_function *x = a, *y = b;

    if (x->address != y->address)
        return x->address < y->address ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int read_functions(struct elf *elf)
{
    const char *names;
    size_t n, names_size;
    unsigned i = 0;

    for (const Elf32_Sym *s; (s = symbols(elf, &i, &n, &names, &names_size));) {
        struct elf_function *grown = realloc(elf->functions, (elf->count + n + 1) * sizeof *grown);
        if (!grown)
            return fail(EXIT_CODE_SYSTEM, NULL, "out of memory");
        elf->functions = grown;
        for (size_t k = 0; k < n; k++)
            if (ELF32_ST_TYPE(s[k].st_info) == STT_FUNC && s[k].st_shndx != SHN_UNDEF && s[k].st_name < names_size)
                grown[elf->count++] = (struct elf_function){s[k].st_value & ~1u, s[k].st_size, names + s[k].st_name};
    }
    if (!elf->count)
        return broken(elf, "it has no symbols");
    qsort(elf->functions, elf->count, sizeof *elf->functions, by_address);
    return 0;
}

static void read_build_id(struct elf *elf)
{
    const Elf32_Ehdr *header = (const Elf32_Ehdr *)elf->bytes;

    for (unsigned i = 0; i < header->e_shnum; i++) {
        const Elf32_Shdr *s = section(elf, i);
        const Elf32_Nhdr *note = s->sh_type == SHT_NOTE && s->sh_size >= sizeof *note + 4 ? at(elf, s->sh_offset, s->sh_size, 1) : NULL;
        if (note && note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && note->n_descsz <= s->sh_size - sizeof *note - 4) {
            elf->build_id = (const uint8_t *)(note + 1) + 4;
            elf->build_id_size = note->n_descsz;
        }
    }
    /* The firmware's linker script puts the note into .text: it follows the image header. */
    static const uint8_t pattern[16] = {4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0};
    uint8_t *found = elf->build_id ? NULL : memmem(elf->bytes, elf->size, pattern, sizeof pattern);
    if (found && found + sizeof pattern + 20 <= elf->bytes + elf->size) {
        elf->build_id = found + sizeof pattern;
        elf->build_id_size = 20;
    }
}

int elf_open(struct elf *elf, const char *path)
{
    const Elf32_Ehdr *header;

    *elf = (struct elf){.bytes = NULL};
    path_format(elf->path, "%s", path);
    elf->bytes = path_read_file(path, MOST_BYTES, &elf->size);
    if (!elf->bytes)
        return fail(EXIT_CODE_INPUT, "Build it, or say where it is: --elf FILE.", "%s: %s", path, path_why(errno));
    header = (const Elf32_Ehdr *)elf->bytes;
    if (elf->size < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_ident[EI_CLASS] != ELFCLASS32 ||
        header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_machine != EM_ARM)
        return broken(elf, "it is not an ELF file of an Arm processor");
    if (header->e_shentsize != sizeof(Elf32_Shdr) || !at(elf, header->e_shoff, header->e_shnum, sizeof(Elf32_Shdr)) ||
        header->e_phentsize != sizeof(Elf32_Phdr) || !at(elf, header->e_phoff, header->e_phnum, sizeof(Elf32_Phdr)))
        return broken(elf, "it is damaged");
    read_build_id(elf);
    return read_functions(elf);
}

void elf_close(struct elf *elf)
{
    free(elf->functions);
    free(elf->bytes);
    elf->functions = NULL;
    elf->bytes = NULL;
}

const struct elf_function *elf_find(const struct elf *elf, uint32_t address)
{
    size_t low = 0, high = elf->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (elf->functions[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    /* The first of those with the same address. */
    for (size_t i = low; i-- > 0;) {
        const struct elf_function *f = &elf->functions[i];
        if (i > 0 && f[-1].address == f->address)
            continue;
        return address < f->address + (f->size ? f->size : 2) ? f : NULL;
    }
    return NULL;
}

bool elf_symbol(const struct elf *elf, const char *name, uint32_t *address)
{
    const char *names;
    size_t n, names_size;
    unsigned i = 0;

    for (const Elf32_Sym *s; (s = symbols(elf, &i, &n, &names, &names_size));)
        for (size_t k = 0; k < n; k++)
            if (s[k].st_shndx != SHN_UNDEF && s[k].st_name < names_size && !strcmp(names + s[k].st_name, name)) {
                *address = s[k].st_value;
                return true;
            }
    return false;
}

const uint8_t *elf_bytes(const struct elf *elf, uint32_t address, size_t n)
{
    const Elf32_Ehdr *header = (const Elf32_Ehdr *)elf->bytes;
    const Elf32_Phdr *p = (const Elf32_Phdr *)(elf->bytes + header->e_phoff);

    for (unsigned i = 0; i < header->e_phnum; i++, p++)
        if (p->p_type == PT_LOAD && address >= p->p_vaddr && address - p->p_vaddr <= p->p_filesz && n <= p->p_filesz - (address - p->p_vaddr))
            return at(elf, p->p_offset + (address - p->p_vaddr), n, 1);
    return NULL;
}

/* A word of a shell command in single quotes. */
static size_t quote(char *out, size_t size, const char *text)
{
    size_t n = 0;

    for (out[n++] = '\''; *text && n + 6 < size; text++) {
        if (*text == '\'')
            n += (size_t)sprintf(out + n, "'\\''");
        else
            out[n++] = *text;
    }
    out[n++] = '\'';
    return n;
}

/* One run of addr2line; its answers are appended to *block, and their places to offsets (0: none). */
static void ask_lines(const struct elf *elf, const uint32_t *addresses, size_t n, char **block, size_t *used, size_t *offsets)
{
    char command[2 * PATH_BYTES + 64 + CHUNK * 11], program[PATH_BYTES], line[1024];
    size_t length;

    path_format(program, "%s/gcc/bin/arm-none-eabi-addr2line", path_sdk());
    length = quote(command, 4 * PATH_BYTES / 2, program);
    length += (size_t)sprintf(command + length, " -e ");
    length += quote(command + length, PATH_BYTES + 16, elf->path);
    for (size_t i = 0; i < n; i++)
        length += (size_t)sprintf(command + length, " %08x", (unsigned)addresses[i]);
    sprintf(command + length, " 2>/dev/null");
    FILE *pipe = popen(command, "r");
    for (size_t i = 0; pipe && i < n && fgets(line, sizeof line, pipe); i++) {
        size_t end = strcspn(line, " \n"); /* " (discriminator 2)" may follow */
        line[end] = 0;
        char *grown = *line == '?' ? NULL : realloc(*block, *used + end + 1);
        if (!grown)
            continue;
        *block = grown;
        memcpy(grown + *used, line, end + 1);
        offsets[i] = *used;
        *used += end + 1;
    }
    if (pipe)
        pclose(pipe);
}

void elf_lines(const struct elf *elf, const uint32_t *addresses, size_t n, const char **lines, char **block)
{
    size_t *offsets = calloc(n + 1, sizeof *offsets), used = 1;

    *block = calloc(1, 1);
    for (size_t i = 0; offsets && *block && i < n; i += CHUNK)
        ask_lines(elf, addresses + i, n - i < CHUNK ? n - i : CHUNK, block, &used, offsets + i);
    for (size_t i = 0; i < n; i++)
        lines[i] = offsets && offsets[i] ? *block + offsets[i] : NULL;
    free(offsets);
}
