/* SPDX-License-Identifier: MIT */
/* mkdfu: wraps a raw image as .dfu for a flashing tool.

   mkdfu -o OUT.dfu --usb VID:PID [--address ADDRESS [--alt N] [--name TEXT]] IMAGE.bin

   Two containers carry the ending .dfu, and the device decides which one is right:
   - Without --address: the image and the 16-byte suffix of DFU 1.1 (appendix B). Our bootloader speaks plain DFU 1.1, addressed by
     alternate setting; dfu-util checks the suffix (ids, CRC) and sends the image alone. This is firmware.dfu of the OpenMV boards.
   - With --address: DfuSe (ST UM0391), one target with one element at that absolute address, bcdDFU 0x011A. ST's ROM loader and
     Arduino's bootloader speak it. These are bootloader.dfu and openmv.dfu (0483:DF11) and the Arduino boards' firmware.dfu.
   A DfuSe file sent to a plain DFU device fails: dfu-util takes the container's word for the protocol. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_IMAGE = 64 << 20, SUFFIX_SIZE = 16, PREFIX_SIZE = 11, TARGET_SIZE = 274, ELEMENT_SIZE = 8, NAME_SIZE = 255 };

struct options {
    const char *out, *image, *name;
    unsigned vid, pid, alt;
    uint32_t address;
    bool usb_given, dfuse;
};

static void usage(void)
{
    fprintf(stderr, "usage: mkdfu -o OUT.dfu --usb VID:PID [--address ADDRESS [--alt N] [--name TEXT]] IMAGE.bin\n");
    exit(2);
}

static void fail(const char *path, const char *what)
{
    fprintf(stderr, "mkdfu: %s: %s\n", path, what);
    exit(1);
}

/* All of `text` as a number of the base, at most `max`. */
static bool number(const char *text, int base, unsigned long max, unsigned long *value)
{
    char *end;
    errno = 0;
    *value = strtoul(text, &end, base);
    return text[0] >= '0' && !*end && !errno && *value <= max;
}

static bool usb_id(const char *text, struct options *options)
{
    char half[5] = "";
    unsigned long vid, pid;
    if (strlen(text) != 9 || text[4] != ':') {
        return false;
    }
    memcpy(half, text, 4);
    if (!number(half, 16, 0xFFFF, &vid) || !number(text + 5, 16, 0xFFFF, &pid)) {
        return false;
    }
    options->vid = (unsigned)vid;
    options->pid = (unsigned)pid;
    return options->usb_given = true;
}

static void parse(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        unsigned long n;
        if (argv[i][0] != '-') {
            if (options->image) {
                usage();
            }
            options->image = argv[i];
            continue;
        }
        if (!value) {
            usage();
        }
        i++;
        if (!strcmp(argv[i - 1], "-o")) {
            options->out = value;
        } else if (!strcmp(argv[i - 1], "--usb")) {
            if (!usb_id(value, options)) {
                fail(value, "not VID:PID (such as 37C5:9204)");
            }
        } else if (!strcmp(argv[i - 1], "--address")) {
            if (!number(value, 0, UINT32_MAX, &n)) {
                fail(value, "not an address");
            }
            options->address = (uint32_t)n;
            options->dfuse = true;
        } else if (!strcmp(argv[i - 1], "--alt")) {
            if (!number(value, 0, 255, &n)) {
                fail(value, "not an alternate setting");
            }
            options->alt = (unsigned)n;
        } else if (!strcmp(argv[i - 1], "--name")) {
            options->name = value;
        } else {
            usage();
        }
    }
    if (!options->out || !options->image || !options->usb_given || (!options->dfuse && (options->alt || options->name))) {
        usage();
    }
}

static uint8_t *put(uint8_t *to, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        *to++ = (uint8_t)(value >> 8 * i);
    }
    return to;
}

/* CRC-32 (reflected 0xEDB88320), not inverted at the end, as DFU 1.1 appendix B wants it. */
static uint32_t crc32(const uint8_t *data, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
        }
    }
    return crc;
}

static uint8_t *read_image(const char *path, size_t head, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        fail(path, strerror(errno));
    }
    static uint8_t *data; /* static: reachable to the end, also when the program gives up in between */
    data = malloc(head + MAX_IMAGE + SUFFIX_SIZE + 1);
    if (!data) {
        fail(path, "out of memory");
    }
    *size = fread(data + head, 1, MAX_IMAGE + 1, file);
    if (ferror(file)) {
        fail(path, strerror(errno));
    }
    fclose(file);
    if (*size == 0 || *size > MAX_IMAGE) {
        fail(path, *size ? "larger than 64 MiB" : "empty");
    }
    return data;
}

static void put_dfuse(uint8_t *to, const struct options *options, uint32_t image_size)
{
    memcpy(to, "DfuSe\x01", 6);
    to = put(to + 6, PREFIX_SIZE + TARGET_SIZE + ELEMENT_SIZE + image_size, 4);
    *to++ = 1; /* targets */
    memcpy(to, "Target", 6);
    to = put(to + 6, options->alt, 1);
    to = put(to, options->name != NULL, 4);
    memset(to, 0, NAME_SIZE);
    if (options->name) {
        size_t length = strlen(options->name);
        memcpy(to, options->name, length < NAME_SIZE ? length : NAME_SIZE - 1);
    }
    to = put(to + NAME_SIZE, ELEMENT_SIZE + image_size, 4);
    to = put(to, 1, 4); /* elements */
    to = put(to, options->address, 4);
    put(to, image_size, 4);
}

/* Beside, then rename: nobody ever sees half a file. */
static void write_file(const char *path, const uint8_t *data, size_t size)
{
    char beside[4096];
    if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside) {
        fail(path, "name too long");
    }
    FILE *file = fopen(beside, "wb");
    if (!file) {
        fail(beside, strerror(errno));
    }
    bool written = fwrite(data, 1, size, file) == size;
    written &= fclose(file) == 0;
    if (!written || rename(beside, path)) {
        int error = errno;
        remove(beside);
        fail(path, strerror(error));
    }
}

int main(int argc, char **argv)
{
    struct options options = {0};
    parse(argc, argv, &options);
    size_t head = options.dfuse ? PREFIX_SIZE + TARGET_SIZE + ELEMENT_SIZE : 0, size;
    uint8_t *data = read_image(options.image, head, &size);
    if (options.dfuse) {
        put_dfuse(data, &options, (uint32_t)size);
    }
    uint8_t *suffix = data + head + size;
    suffix = put(suffix, 0xFFFF, 2); /* bcdDevice: any */
    suffix = put(suffix, options.pid, 2);
    suffix = put(suffix, options.vid, 2);
    suffix = put(suffix, options.dfuse ? 0x011A : 0x0100, 2);
    memcpy(suffix, "UFD", 3);
    suffix = put(suffix + 3, SUFFIX_SIZE, 1);
    suffix = put(suffix, crc32(data, (size_t)(suffix - data)), 4);
    write_file(options.out, data, (size_t)(suffix - data));
    free(data);
    return 0;
}
