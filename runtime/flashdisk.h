/* SPDX-License-Identifier: MIT */
/* A disk of 512-byte blocks on two large erase blocks of flash, safe against a power cut at any instant. Pure C; knows no chip.

   Why: the board gives the file system one erase block of 128 KiB. Rewriting it in place would lose everything when the power fails
   between erase and program. So writes are appended to a journal, and only a COMMIT record (written by flashdisk_sync, i.e. when a
   file is closed) makes them count: after a power cut the disk is as it was at the last commit, whatever operation was torn. When the
   journal is full, what is live is copied to the other erase block (the spare), whose header is written last; the old one stays
   valid until then. The blocks take turns.

   Limits: a transaction larger than the free space of a freshly compacted journal loses its atomicity (never a block's integrity):
   its blocks written so far become visible. Each erase block is erased once per 32 to 240 block writes. */
#ifndef RUNTIME_FLASHDISK_H
#define RUNTIME_FLASHDISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLASHDISK_BLOCK 512u
#define FLASHDISK_BLOCKS 208u       /* capacity: of 240 records in 128 KiB, 32 remain as the room to write in */
#define FLASHDISK_SIDE (128u * 1024)
#define FLASHDISK_WORD 32u          /* program unit: written once per erase */

/* The flash. side 0 is the partition, side 1 the spare. offset and size are multiples of FLASHDISK_WORD. */
struct flashdisk_port {
    void *context;
    bool (*read)(void *context, unsigned side, size_t offset, void *data, size_t size);     /* false: unreadable (ECC) */
    bool (*erase)(void *context, unsigned side);
    bool (*program)(void *context, unsigned side, size_t offset, const void *data, size_t size);
};

enum flashdisk_error { FLASHDISK_OK = 0, FLASHDISK_E_IO = -1, FLASHDISK_E_RANGE = -2 };

/* One disk; the caller provides the memory. */
struct flashdisk {
    const struct flashdisk_port *port;
    uint32_t sequence;
    uint16_t committed[FLASHDISK_BLOCKS];   /* place of each block's data in units of FLASHDISK_WORD; 0: all zeros */
    uint16_t pending[FLASHDISK_BLOCKS];     /* the same with what is not committed yet */
    uint16_t end;                           /* first free word of the journal; 0: no journal yet */
    uint8_t side;
    bool dirty;                             /* pending differs from committed */
    bool dangling;                          /* records of a transaction that a power cut ended must be cancelled before the next write */
    uint32_t compactions;
    uint8_t buffer[FLASHDISK_BLOCK];
};

/* Finds the journal and the last commit. Returns 1 when there is a disk, 0 when it is empty (new, erased by the host: the first
   4096 bytes of side 0 are zero, or foreign): all blocks read as zeros and nothing is written before the first flashdisk_write. */
int flashdisk_mount(struct flashdisk *disk, const struct flashdisk_port *port);

/* 0 or enum flashdisk_error. A write of what is there already writes nothing. */
int flashdisk_read(struct flashdisk *disk, uint32_t block, void *data);
int flashdisk_write(struct flashdisk *disk, uint32_t block, const void *data);

/* The same as the last commit left it. */
int flashdisk_read_committed(struct flashdisk *disk, uint32_t block, void *data);

/* Commits: all writes since the last commit survive a power cut from the moment that this returns 0, and none of them before. */
int flashdisk_sync(struct flashdisk *disk);

#endif
