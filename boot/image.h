/* SPDX-License-Identifier: MIT */
/* Which images may be started. Used by the bootloader, by mkimage, and by the flasher on the host before it writes anything.

   Every image of ours carries a header of 64 bytes at a multiple of 256 in its first 4096 bytes, behind the vector table, which stays
   at the application's address. In front and not in a trailer, because the first block of a download then holds it: an image for
   another board is refused before the first erase. It is also why a torn download is never started: the header promises a length and
   a CRC that only the finished image has.

   A foreign image has no header, and installs only in an envelope that somebody asked for (`omv flash --force`, `mkimage --wrap`): one
   block of 4096 bytes that begins with the same structure under another magic, then the image. The bootloader takes the envelope off,
   writes the image at the application's address, and when all of it has arrived and its CRC is right, writes the structure behind it,
   at the next multiple of 4096: there it is found at every start. A foreign image without it is not started.

   Little-endian machines only, camera and host. */
#ifndef BOOT_IMAGE_H
#define BOOT_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAGIC 0x49564D4Fu         /* "OMVI": the header of an image */
#define IMAGE_FOREIGN_MAGIC 0x46564D4Fu /* "OMVF": the descriptor of a foreign image */
#define IMAGE_FORMAT 1
#define IMAGE_GRID 256u                 /* the header begins at a multiple of this ... */
#define IMAGE_HEAD 4096u                /* ... in the first bytes of the image; the descriptor lies behind a foreign one at a multiple of this */

struct image_header {
    uint32_t magic;
    uint16_t format, size;              /* IMAGE_FORMAT, sizeof this: a reader refuses what it doesn't know */
    char board[32];                     /* TARGET, filled with zeros, at least one */
    uint32_t address;                   /* of the vector table: tells the images of a board with two cores apart */
    uint8_t version[4];                 /* major, minor, patch, 0 */
    uint32_t length;                    /* bytes of the image, the header included (a foreign image: its descriptor not included) */
    uint32_t crc;                       /* CRC-32 (as zlib's) of these bytes; an image's own header is left out */
    uint32_t reserved;                  /* 0 */
    uint32_t header_crc;                /* CRC-32 of all above */
};

enum image_error {
    IMAGE_OK = 0,
    IMAGE_E_NONE = -1,                  /* no header, no descriptor: empty, torn or foreign */
    IMAGE_E_FORMAT = -2,                /* a header of a format that this reader doesn't know */
    IMAGE_E_BOARD = -3,                 /* for another board */
    IMAGE_E_ADDRESS = -4,               /* for another place: the other core's, or another memory map */
    IMAGE_E_LENGTH = -5,                /* longer than its place */
    IMAGE_E_CRC = -6,                   /* truncated, torn or corrupted */
    IMAGE_E_READ = -7,                  /* flash that can't be read */
};

/* Where an image must fit to be started. */
struct image_place {
    const char *board;
    uint32_t address, size;
};

/* What an image is read through: `size` bytes at `offset` from its beginning. 0, or negative when they can't be read. */
struct image_reader {
    int (*read)(void *context, uint32_t offset, void *data, size_t size);
    void *context;
};

/* CRC-32 (reflected, polynomial 0xEDB88320, inverted at both ends) of `size` more bytes; begin with 0. */
uint32_t image_crc32(uint32_t crc, const void *data, size_t size);

/* Offset of a sound header in the first `size` bytes of an image, which is copied to *header; IMAGE_E_NONE when there is none. */
int image_find(const void *head, size_t size, struct image_header *header);

/* Is this a sound structure under this magic (IMAGE_MAGIC, IMAGE_FOREIGN_MAGIC)? IMAGE_OK, IMAGE_E_NONE, IMAGE_E_FORMAT. */
int image_sound(const struct image_header *header, uint32_t magic);

/* Does what it says fit the place? IMAGE_OK, IMAGE_E_BOARD, IMAGE_E_ADDRESS, IMAGE_E_LENGTH. */
int image_fits(const struct image_header *header, const struct image_place *place);

/* Reads all of the image in the place and decides: IMAGE_OK means that it may be started; anything else that it may not.
   *header (may be NULL): the header or descriptor that decided, zeros when there is none. */
int image_verify(const struct image_reader *reader, const struct image_place *place, struct image_header *header);

/* CRC of an image of header->length bytes with the header at `offset`, or of a foreign one (offset < 0). IMAGE_OK, _E_CRC, _E_READ. */
int image_check_crc(const struct image_reader *reader, const struct image_header *header, int offset);

/* Fills in length, CRCs, format and size of the header that lies at `offset` of an image in memory. For mkimage and tests. */
void image_seal(void *image, uint32_t length, uint32_t offset);

/* The descriptor of a foreign image in memory. board and address as in image_place. */
void image_describe(struct image_header *descriptor, const void *image, uint32_t length, const char *board, uint32_t address);

/* Where the descriptor of a foreign image of this length lies. */
uint32_t image_descriptor_offset(uint32_t length);

/* One line for a person. */
const char *image_strerror(int error);

#endif
