/* SPDX-License-Identifier: MIT */
/* Headers and descriptors of images, and the decision whether one may be started. */
#include "boot/image.h"

#include <string.h>

_Static_assert(sizeof(struct image_header) == 64, "the header is 64 bytes on every machine");

enum { CHUNK = 512 };

/* A table entry is the exclusive or of the entries of its bits. */
#define ENTRY(n)                                                                                                                           \
    ((n)&1 ? 0x77073096u : 0) ^ ((n)&2 ? 0xEE0E612Cu : 0) ^ ((n)&4 ? 0x076DC419u : 0) ^ ((n)&8 ? 0x0EDB8832u : 0) ^                        \
        ((n)&16 ? 0x1DB71064u : 0) ^ ((n)&32 ? 0x3B6E20C8u : 0) ^ ((n)&64 ? 0x76DC4190u : 0) ^ ((n)&128 ? 0xEDB88320u : 0)
#define ENTRIES4(n)  ENTRY(n), ENTRY(n + 1), ENTRY(n + 2), ENTRY(n + 3)
#define ENTRIES16(n) ENTRIES4(n), ENTRIES4(n + 4), ENTRIES4(n + 8), ENTRIES4(n + 12)
#define ENTRIES64(n) ENTRIES16(n), ENTRIES16(n + 16), ENTRIES16(n + 32), ENTRIES16(n + 48)

/* By bytes: an image of 1.6 MB is read at every start, and half bytes would take twice as long to save 1 KiB. */
uint32_t image_crc32(uint32_t crc, const void *data, size_t size)
{
    static const uint32_t table[256] = {ENTRIES64(0), ENTRIES64(64), ENTRIES64(128), ENTRIES64(192)};
    const uint8_t *p = data;
    crc = ~crc;
    while (size--) {
        crc = crc >> 8 ^ table[(crc ^ *p++) & 255];
    }
    return ~crc;
}

static uint32_t header_crc(const struct image_header *header)
{
    return image_crc32(0, header, offsetof(struct image_header, header_crc));
}

int image_sound(const struct image_header *header, uint32_t magic)
{
    if (header->magic != magic || header->header_crc != header_crc(header)) {
        return IMAGE_E_NONE;
    }
    return header->format == IMAGE_FORMAT && header->size == sizeof *header ? IMAGE_OK : IMAGE_E_FORMAT;
}

int image_find(const void *head, size_t size, struct image_header *header)
{
    for (size_t at = 0; at + sizeof *header <= size && at < IMAGE_HEAD; at += IMAGE_GRID) {
        memcpy(header, (const uint8_t *)head + at, sizeof *header);
        if (image_sound(header, IMAGE_MAGIC) != IMAGE_E_NONE) {
            return (int)at;
        }
    }
    return IMAGE_E_NONE;
}

int image_fits(const struct image_header *header, const struct image_place *place)
{
    if (strncmp(header->board, place->board, sizeof header->board) != 0) {
        return IMAGE_E_BOARD;
    }
    if (header->address != place->address) {
        return IMAGE_E_ADDRESS;
    }
    uint32_t behind = header->magic == IMAGE_FOREIGN_MAGIC ? sizeof *header : 0;
    uint32_t end = behind ? image_descriptor_offset(header->length) : header->length;
    if (header->length == 0 || header->length > place->size || end > place->size || behind > place->size - end) {
        return IMAGE_E_LENGTH;
    }
    return IMAGE_OK;
}

/* The CRC goes on over [from, to). */
static int crc_range(const struct image_reader *reader, uint32_t from, uint32_t to, uint32_t *crc)
{
    uint8_t chunk[CHUNK];
    while (from < to) {
        uint32_t n = to - from < CHUNK ? to - from : CHUNK;
        if (reader->read(reader->context, from, chunk, n)) {
            return IMAGE_E_READ;
        }
        *crc = image_crc32(*crc, chunk, n);
        from += n;
    }
    return IMAGE_OK;
}

int image_check_crc(const struct image_reader *reader, const struct image_header *header, int offset)
{
    uint32_t crc = 0, gap = offset < 0 ? 0 : (uint32_t)offset, skip = offset < 0 ? 0 : sizeof *header;
    if (header->length < gap + skip) {
        return IMAGE_E_CRC;
    }
    int error = crc_range(reader, 0, gap, &crc);
    if (!error) {
        error = crc_range(reader, gap + skip, header->length, &crc);
    }
    return error ? error : crc == header->crc ? IMAGE_OK : IMAGE_E_CRC;
}

static int find_in(const struct image_reader *reader, uint32_t size, struct image_header *header)
{
    for (uint32_t at = 0; at < IMAGE_HEAD && at + sizeof *header <= size; at += IMAGE_GRID) {
        if (!reader->read(reader->context, at, header, sizeof *header) && image_sound(header, IMAGE_MAGIC) != IMAGE_E_NONE) {
            return (int)at;
        }
    }
    return IMAGE_E_NONE;
}

/* One pass, however many stale descriptors lie about: the CRC runs along, and is compared where a descriptor says that its image ends. */
static int verify_foreign(const struct image_reader *reader, const struct image_place *place, struct image_header *header)
{
    struct image_header candidate;
    uint32_t crc = 0;
    int found = IMAGE_E_NONE;

    for (uint32_t at = 0; at + IMAGE_HEAD + sizeof candidate <= place->size; at += IMAGE_HEAD) {
        uint32_t end = at + IMAGE_HEAD;
        if (!reader->read(reader->context, end, &candidate, sizeof candidate) && !image_sound(&candidate, IMAGE_FOREIGN_MAGIC) &&
            image_descriptor_offset(candidate.length) == end) {
            int error = image_fits(&candidate, place);
            uint32_t whole = crc;
            if (!error) {
                error = crc_range(reader, at, candidate.length, &whole);
            }
            if (!error && whole != candidate.crc) {
                error = IMAGE_E_CRC;
            }
            *header = candidate;
            found = error;
            if (!error) {
                return IMAGE_OK;
            }
        }
        if (crc_range(reader, at, end, &crc)) {
            return found == IMAGE_E_NONE ? IMAGE_E_READ : found;
        }
    }
    return found;
}

int image_verify(const struct image_reader *reader, const struct image_place *place, struct image_header *header)
{
    struct image_header local;
    header = header ? header : &local;
    int offset = find_in(reader, place->size, header);
    if (offset < 0) {
        memset(header, 0, sizeof *header);
        return verify_foreign(reader, place, header);
    }
    int error = image_sound(header, IMAGE_MAGIC);
    if (!error) {
        error = image_fits(header, place);
    }
    return error ? error : image_check_crc(reader, header, offset);
}

void image_seal(void *image, uint32_t length, uint32_t offset)
{
    struct image_header header;
    uint8_t *bytes = image;
    memcpy(&header, bytes + offset, sizeof header);
    header.magic = IMAGE_MAGIC;
    header.format = IMAGE_FORMAT;
    header.size = sizeof header;
    header.length = length;
    header.reserved = 0;
    header.crc = image_crc32(image_crc32(0, bytes, offset), bytes + offset + sizeof header, length - offset - sizeof header);
    header.header_crc = header_crc(&header);
    memcpy(bytes + offset, &header, sizeof header);
}

void image_describe(struct image_header *descriptor, const void *image, uint32_t length, const char *board, uint32_t address)
{
    memset(descriptor, 0, sizeof *descriptor);
    descriptor->magic = IMAGE_FOREIGN_MAGIC;
    descriptor->format = IMAGE_FORMAT;
    descriptor->size = sizeof *descriptor;
    for (size_t i = 0; i + 1 < sizeof descriptor->board && board[i]; i++) {
        descriptor->board[i] = board[i];
    }
    descriptor->address = address;
    descriptor->length = length;
    descriptor->crc = image_crc32(0, image, length);
    descriptor->header_crc = header_crc(descriptor);
}

uint32_t image_descriptor_offset(uint32_t length)
{
    /* Not beyond 32 bits: the result is then 0, which no image ends at. */
    return (length + (IMAGE_HEAD - 1)) & ~(IMAGE_HEAD - 1);
}

const char *image_strerror(int error)
{
    static const char *const texts[] = {
        "the image is whole",
        "there is no image header: empty, or not an image of this firmware",
        "the image header has a format that is not known here",
        "the image is for another board",
        "the image is for another place in flash",
        "the image is longer than its place",
        "the image is incomplete or damaged",
        "the flash cannot be read",
    };
    unsigned i = (unsigned)-error;
    return i < sizeof texts / sizeof *texts ? texts[i] : "unknown error";
}
