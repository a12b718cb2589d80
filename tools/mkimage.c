/* SPDX-License-Identifier: MIT */
/* mkimage: completes the header of a firmware image (boot/image.h), wraps a foreign one, and says what an image is.

   mkimage [--elf FIRMWARE.elf] FIRMWARE.bin
       The header that the linker left in FIRMWARE.bin gets its length and CRCs; the same bytes go into the ELF file, so that what a
       debugger loads starts as well. Both files are replaced, or none.
   mkimage --wrap TARGET --address ADDRESS [--version A.B.C] -o OUT.bin FOREIGN.bin
       An image without a header, in the envelope that the bootloader accepts.
   mkimage --check FILE.bin
       One line: board, version, address, length, CRC. Ends with status 1 when the image is none, or damaged. */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/image.h"

enum { MAX_FILE = 64 << 20 };

struct options {
    const char *elf, *wrap, *out, *image;
    uint32_t address;
    uint8_t version[4];
    bool address_given, check;
};

struct file {
    const char *path;
    uint8_t *bytes;
    size_t size;
};

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: mkimage [--elf FIRMWARE.elf] FIRMWARE.bin\n"
                    "       mkimage --wrap TARGET --address ADDRESS [--version A.B.C] -o OUT.bin FOREIGN.bin\n"
                    "       mkimage --check FILE.bin\n");
    exit(2);
}

static _Noreturn void fail(const char *path, const char *what)
{
    fprintf(stderr, "mkimage: %s: %s\n", path, what);
    exit(1);
}

static void parse_version(const char *text, uint8_t version[4])
{
    unsigned a, b, c;
    char rest;
    if (sscanf(text, "%3u.%3u.%3u%c", &a, &b, &c, &rest) != 3 || a > 255 || b > 255 || c > 255) {
        fail(text, "not a version (such as 5.0.0)");
    }
    version[0] = (uint8_t)a;
    version[1] = (uint8_t)b;
    version[2] = (uint8_t)c;
}

static uint32_t parse_address(const char *text)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 0);
    if (text[0] < '0' || text[0] > '9' || *end || errno || value > UINT32_MAX) {
        fail(text, "not an address");
    }
    return (uint32_t)value;
}

static void parse(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        const char *key = argv[i];
        if (!strcmp(key, "--check")) {
            options->check = true;
            continue;
        }
        if (key[0] != '-') {
            if (options->image) {
                usage();
            }
            options->image = key;
            continue;
        }
        if (++i == argc) {
            usage();
        }
        if (!strcmp(key, "--elf")) {
            options->elf = argv[i];
        } else if (!strcmp(key, "--wrap")) {
            options->wrap = argv[i];
        } else if (!strcmp(key, "-o")) {
            options->out = argv[i];
        } else if (!strcmp(key, "--address")) {
            options->address = parse_address(argv[i]);
            options->address_given = true;
        } else if (!strcmp(key, "--version")) {
            parse_version(argv[i], options->version);
        } else {
            usage();
        }
    }
    bool wraps = options->wrap && options->out && options->address_given && !options->elf && !options->check;
    bool plain = !options->wrap && !options->out && !options->address_given && !(options->check && options->elf);
    if (!options->image || (!wraps && !plain)) {
        usage();
    }
}

static struct file read_file(const char *path)
{
    struct file file = {path, malloc(MAX_FILE + 1), 0};
    FILE *in = fopen(path, "rb");
    if (!in || !file.bytes) {
        fail(path, in ? "out of memory" : strerror(errno));
    }
    file.size = fread(file.bytes, 1, MAX_FILE + 1, in);
    if (ferror(in)) {
        fail(path, strerror(errno));
    }
    fclose(in);
    if (file.size == 0 || file.size > MAX_FILE) {
        fail(path, file.size ? "larger than 64 MiB" : "empty");
    }
    return file;
}

/* Beside the file; rename_new puts it in place. */
static void write_new(const struct file *file)
{
    char beside[4096];
    if (snprintf(beside, sizeof beside, "%s.new", file->path) >= (int)sizeof beside) {
        fail(file->path, "name too long");
    }
    FILE *out = fopen(beside, "wb");
    if (!out) {
        fail(beside, strerror(errno));
    }
    bool written = fwrite(file->bytes, 1, file->size, out) == file->size;
    written &= fclose(out) == 0;
    if (!written) {
        remove(beside);
        fail(file->path, "can't be written");
    }
}

static void rename_new(const struct file *file)
{
    char beside[4096];
    snprintf(beside, sizeof beside, "%s.new", file->path);
    if (rename(beside, file->path)) {
        int error = errno;
        remove(beside);
        fail(file->path, strerror(error));
    }
}

/* The linker's header: the magic, format and size are right, the CRC not yet. */
static uint32_t find_blank(const struct file *image)
{
    for (uint32_t at = 0; at < IMAGE_HEAD && at + sizeof(struct image_header) <= image->size; at += IMAGE_GRID) {
        struct image_header header;
        memcpy(&header, image->bytes + at, sizeof header);
        if (header.magic == IMAGE_MAGIC && header.format == IMAGE_FORMAT && header.size == sizeof header) {
            return at;
        }
    }
    fail(image->path, "no image header at a multiple of 256 in its first 4096 bytes (boot/image_mark.c isn't linked into it)");
}

/* Where the byte that is loaded at the address lies in the ELF file. */
static size_t elf_offset(const struct file *elf, uint32_t address, uint32_t size)
{
    Elf32_Ehdr head;
    if (elf->size < sizeof head || memcmp(elf->bytes, ELFMAG, SELFMAG) != 0 || elf->bytes[EI_CLASS] != ELFCLASS32 ||
        elf->bytes[EI_DATA] != ELFDATA2LSB) {
        fail(elf->path, "not a little-endian 32-bit ELF file");
    }
    memcpy(&head, elf->bytes, sizeof head);
    for (unsigned i = 0; i < head.e_phnum; i++) {
        Elf32_Phdr segment;
        size_t at = head.e_phoff + (size_t)i * head.e_phentsize;
        if (at + sizeof segment > elf->size) {
            break;
        }
        memcpy(&segment, elf->bytes + at, sizeof segment);
        if (segment.p_type == PT_LOAD && address >= segment.p_paddr && segment.p_filesz >= size &&
            address - segment.p_paddr <= segment.p_filesz - size && (size_t)segment.p_offset + segment.p_filesz <= elf->size) {
            return (size_t)segment.p_offset + (address - segment.p_paddr);
        }
    }
    fail(elf->path, "nothing is loaded where the image header lies: not the ELF file of this image?");
}

static void seal(const struct options *options)
{
    struct file image = read_file(options->image), elf = {0};
    uint32_t at = find_blank(&image);
    struct image_header blank, sealed;
    memcpy(&blank, image.bytes + at, sizeof blank);
    if (memchr(blank.board, 0, sizeof blank.board) == NULL || blank.board[0] == 0) {
        fail(image.path, "its header names no board");
    }
    image_seal(image.bytes, (uint32_t)image.size, at);
    memcpy(&sealed, image.bytes + at, sizeof sealed);
    if (options->elf) {
        elf = read_file(options->elf);
        size_t in_elf = elf_offset(&elf, blank.address + at, sizeof blank);
        if (memcmp(elf.bytes + in_elf, &blank, offsetof(struct image_header, length)) != 0) {
            fail(elf.path, "another header than in the image: not the ELF file of this image?");
        }
        memcpy(elf.bytes + in_elf, &sealed, sizeof sealed);
        write_new(&elf);
    }
    write_new(&image);
    if (options->elf) {
        rename_new(&elf);
    }
    rename_new(&image);
    free(image.bytes);
    free(elf.bytes);
}

static void wrap(const struct options *options)
{
    struct file image = read_file(options->image);
    struct image_header descriptor;
    if (strlen(options->wrap) >= sizeof descriptor.board) {
        fail(options->wrap, "longer than a board's name can be");
    }
    if (image_find(image.bytes, image.size, &descriptor) >= 0) {
        fail(image.path, "has a header of its own: it needs no envelope");
    }
    image_describe(&descriptor, image.bytes, (uint32_t)image.size, options->wrap, options->address);
    memcpy(descriptor.version, options->version, sizeof descriptor.version);
    descriptor.header_crc = image_crc32(0, &descriptor, offsetof(struct image_header, header_crc));
    struct file out = {options->out, calloc(1, IMAGE_HEAD + image.size), IMAGE_HEAD + image.size};
    if (!out.bytes) {
        fail(out.path, "out of memory");
    }
    memcpy(out.bytes, &descriptor, sizeof descriptor);
    memcpy(out.bytes + IMAGE_HEAD, image.bytes, image.size);
    write_new(&out);
    rename_new(&out);
    free(image.bytes);
    free(out.bytes);
}

static int read_memory(void *context, uint32_t offset, void *data, size_t size)
{
    const struct file *file = context;
    if (offset > file->size || size > file->size - offset) {
        return -1;
    }
    memcpy(data, file->bytes + offset, size);
    return 0;
}

static int check(const struct options *options)
{
    struct file image = read_file(options->image);
    const struct image_reader reader = {read_memory, &image};
    struct image_header header;
    int at = image_find(image.bytes, image.size, &header), error;
    const char *kind = "image";
    if (at >= 0) {
        error = image_sound(&header, IMAGE_MAGIC);
    } else if (image.size < IMAGE_HEAD) {
        error = IMAGE_E_NONE;
    } else {
        kind = "foreign image";
        memcpy(&header, image.bytes, sizeof header);
        error = image_sound(&header, IMAGE_FOREIGN_MAGIC);
        memmove(image.bytes, image.bytes + IMAGE_HEAD, image.size -= IMAGE_HEAD);
    }
    if (!error) {
        error = header.length > image.size ? IMAGE_E_CRC : image_check_crc(&reader, &header, at);
    }
    if (error) {
        fail(image.path, image_strerror(error));
    }
    printf("%s: %s for %.31s, version %u.%u.%u, address 0x%08X, %u bytes, CRC %08X\n", image.path, kind, header.board, header.version[0],
           header.version[1], header.version[2], header.address, header.length, header.crc);
    free(image.bytes);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    parse(argc, argv, &options);
    if (options.check) {
        return check(&options);
    }
    if (options.wrap) {
        wrap(&options);
    } else {
        seal(&options);
    }
    return 0;
}
