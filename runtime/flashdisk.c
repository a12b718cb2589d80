/* SPDX-License-Identifier: MIT */
/* The journal. A side: one header word, then records. A record: one descriptor word and, for DATA, a block. Everything carries a CRC,
   because a program operation that a power cut tears leaves any mixture of bits, or a word that can't be read at all. */
#include "flashdisk.h"
#include <string.h>

#define HEADER_MAGIC 0x4B534446u /* "FDSK" */
#define RECORD_MAGIC 0x4352u     /* "RC" */
#define WORDS (FLASHDISK_SIDE / FLASHDISK_WORD)
#define DATA_WORDS (FLASHDISK_BLOCK / FLASHDISK_WORD)

struct header { uint32_t magic, sequence, blocks, reserved[4], crc; };
enum { DATA = 1, ZERO = 2, COMMIT = 3, CANCEL = 4 };
struct record { uint16_t magic; uint8_t type, reserved; uint16_t block, reserved2; uint32_t data_crc, reserved3[4], crc; };
_Static_assert(sizeof(struct header) == FLASHDISK_WORD && sizeof(struct record) == FLASHDISK_WORD, "one program unit each");

/* CRC-32 (IEEE 802.3), four bits at a time. */
static uint32_t crc32(const void *data, size_t size)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
        0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    uint32_t crc = 0xFFFFFFFF;
    for (const uint8_t *p = data; size--; p++) {
        crc = table[(crc ^ *p) & 15] ^ crc >> 4;
        crc = table[(crc ^ *p >> 4) & 15] ^ crc >> 4;
    }
    return ~crc;
}

static bool all_bytes(const uint8_t *data, size_t size, uint8_t value)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] != value) {
            return false;
        }
    }
    return true;
}

static bool read_words(struct flashdisk *d, unsigned side, size_t word, void *data, size_t words)
{
    return d->port->read(d->port->context, side, word * FLASHDISK_WORD, data, words * FLASHDISK_WORD);
}

static bool program_words(struct flashdisk *d, unsigned side, size_t word, const void *data, size_t words)
{
    return d->port->program(d->port->context, side, word * FLASHDISK_WORD, data, words * FLASHDISK_WORD);
}

/* ---- Mount -------------------------------------------------------------------------------------------------- */

static bool read_header(struct flashdisk *d, unsigned side, uint32_t *sequence)
{
    struct header h;
    if (!read_words(d, side, 0, &h, 1) || h.magic != HEADER_MAGIC || h.crc != crc32(&h, sizeof h - 4) || h.blocks != FLASHDISK_BLOCKS) {
        return false;
    }
    *sequence = h.sequence;
    return true;
}

/* The host erases the disk by writing 4096 zeros to the partition; another firmware leaves a FAT boot sector there. */
static bool discarded(struct flashdisk *d)
{
    if (!read_words(d, 0, 0, d->buffer, DATA_WORDS)) {
        return false;
    }
    if (d->buffer[510] == 0x55 && d->buffer[511] == 0xAA && (d->buffer[0] == 0xEB || d->buffer[0] == 0xE9)) {
        return true;
    }
    for (size_t word = 0; word < 4096 / FLASHDISK_WORD; word += DATA_WORDS) {
        if (!read_words(d, 0, word, d->buffer, DATA_WORDS) || !all_bytes(d->buffer, FLASHDISK_BLOCK, 0)) {
            return false;
        }
    }
    return true;
}

static void scan(struct flashdisk *d)
{
    size_t word = 1;
    bool open = false;
    while (word < WORDS) {
        struct record r;
        bool readable = read_words(d, d->side, word, &r, 1);
        if (readable && all_bytes((const uint8_t *)&r, sizeof r, 0xFF)) {
            break;
        }
        if (!readable || r.magic != RECORD_MAGIC || r.crc != crc32(&r, sizeof r - 4) || r.block >= FLASHDISK_BLOCKS) {
            word++; /* a torn descriptor: nothing followed it before the next start */
            open = true;
            continue;
        }
        if (r.type == DATA) {
            bool good = word + DATA_WORDS < WORDS && read_words(d, d->side, word + 1, d->buffer, DATA_WORDS)
                && crc32(d->buffer, FLASHDISK_BLOCK) == r.data_crc;
            if (good) {
                d->pending[r.block] = (uint16_t)(word + 1);
            }
            open = true;
            word += DATA_WORDS;
        } else if (r.type == ZERO) {
            d->pending[r.block] = 0;
            open = true;
        } else if (r.type == COMMIT) {
            memcpy(d->committed, d->pending, sizeof d->committed);
            open = false;
        } else {
            memcpy(d->pending, d->committed, sizeof d->pending);
            open = false;
        }
        word++;
    }
    d->end = (uint16_t)(word < WORDS ? word : WORDS);
    d->dangling = open;
    memcpy(d->pending, d->committed, sizeof d->pending);
}

int flashdisk_mount(struct flashdisk *d, const struct flashdisk_port *port)
{
    memset(d, 0, sizeof *d);
    d->port = port;
    uint32_t sequence[2] = { 0, 0 };
    bool valid[2] = { read_header(d, 0, &sequence[0]), read_header(d, 1, &sequence[1]) };
    if (!valid[0] && (!valid[1] || discarded(d))) {
        d->sequence = valid[1] ? sequence[1] : 0;
        return 0;
    }
    d->side = valid[0] && valid[1] ? (int32_t)(sequence[1] - sequence[0]) > 0 : valid[1];
    d->sequence = sequence[d->side];
    scan(d);
    return 1;
}

/* ---- Journal --------------------------------------------------------------------------------------------------- */

/* Appends one record at *end; false: the flash failed (the words are used up all the same). */
static bool append(struct flashdisk *d, unsigned side, uint16_t *end, uint8_t type, uint32_t block, const uint8_t *data)
{
    struct record r = { .magic = RECORD_MAGIC, .type = type, .block = (uint16_t)block };
    memset(r.reserved3, 0xFF, sizeof r.reserved3);
    r.data_crc = data ? crc32(data, FLASHDISK_BLOCK) : 0;
    r.crc = crc32(&r, sizeof r - 4);
    size_t word = *end;
    *end = (uint16_t)(word + 1 + (data ? DATA_WORDS : 0));
    return program_words(d, side, word, &r, 1) && (!data || program_words(d, side, word + 1, data, DATA_WORDS));
}

static int make_blank(struct flashdisk *d, unsigned side)
{
    for (size_t word = 0; word < WORDS; word += DATA_WORDS) {
        if (!read_words(d, side, word, d->buffer, DATA_WORDS) || !all_bytes(d->buffer, FLASHDISK_BLOCK, 0xFF)) {
            return d->port->erase(d->port->context, side) ? FLASHDISK_OK : FLASHDISK_E_IO;
        }
    }
    return FLASHDISK_OK;
}

static size_t live_words(const uint16_t *map, const uint16_t *base)
{
    size_t words = 0;
    for (size_t i = 0; i < FLASHDISK_BLOCKS; i++) {
        if (base ? map[i] != base[i] : map[i] != 0) {
            words += 1 + (map[i] ? DATA_WORDS : 0);
        }
    }
    return words;
}

/* Copies the blocks of `map` (those that differ from `base`, or all that are not zero) to `side`; to[] gets their new places. */
static bool copy_blocks(struct flashdisk *d, unsigned side, uint16_t *end, const uint16_t *map, const uint16_t *base, uint16_t *to)
{
    for (uint32_t i = 0; i < FLASHDISK_BLOCKS; i++) {
        if (base ? map[i] == base[i] : map[i] == 0) {
            continue;
        }
        uint16_t place = (uint16_t)(*end + 1);
        if (map[i] && !read_words(d, d->side, map[i], d->buffer, DATA_WORDS)) {
            return false;
        }
        if (!append(d, side, end, map[i] ? DATA : ZERO, i, map[i] ? d->buffer : NULL)) {
            return false;
        }
        to[i] = map[i] ? place : 0;
    }
    return true;
}

/* Moves the live blocks to the other side, whose header comes last. The very first journal is made by the same path. */
static int compact(struct flashdisk *d)
{
    bool fresh = d->end == 0;
    unsigned side = fresh ? 0 : !d->side;
    uint16_t committed[FLASHDISK_BLOCKS], pending[FLASHDISK_BLOCKS], end = 1;
    memset(committed, 0, sizeof committed);
    /* An old journal on the spare must not come back when side 0 is torn later. */
    if ((fresh && make_blank(d, 1)) || make_blank(d, side)) {
        return FLASHDISK_E_IO;
    }
    bool keep_open = d->dirty && live_words(d->committed, NULL) + live_words(d->pending, d->committed) + 2 * (DATA_WORDS + 2) < WORDS;
    const uint16_t *base = d->dirty && !keep_open ? d->pending : d->committed;
    bool good = copy_blocks(d, side, &end, base, NULL, committed) && append(d, side, &end, COMMIT, 0, NULL);
    memcpy(pending, committed, sizeof pending);
    if (good && keep_open) {
        good = copy_blocks(d, side, &end, d->pending, d->committed, pending);
    }
    struct header h = { .magic = HEADER_MAGIC, .sequence = d->sequence + 1, .blocks = FLASHDISK_BLOCKS };
    memset(h.reserved, 0xFF, sizeof h.reserved);
    h.crc = crc32(&h, sizeof h - 4);
    if (!good || !program_words(d, side, 0, &h, 1)) {
        return FLASHDISK_E_IO;
    }
    memcpy(d->committed, committed, sizeof committed);
    memcpy(d->pending, pending, sizeof pending);
    d->side = (uint8_t)side;
    d->sequence++;
    d->end = end;
    d->dirty = keep_open;
    d->dangling = false;
    d->compactions++;
    return FLASHDISK_OK;
}

/* Room for a record and the COMMIT that follows; cancels what a power cut left behind. */
static int prepare(struct flashdisk *d, size_t words)
{
    if (d->end == 0 || d->end + words + 2 > WORDS) {
        return compact(d);
    }
    if (d->dangling) {
        d->dangling = false;
        if (!append(d, d->side, &d->end, CANCEL, 0, NULL)) {
            return compact(d);
        }
    }
    return FLASHDISK_OK;
}

static int read_block(struct flashdisk *d, const uint16_t *map, uint32_t block, void *data)
{
    if (block >= FLASHDISK_BLOCKS) {
        return FLASHDISK_E_RANGE;
    }
    if (!map[block]) {
        memset(data, 0, FLASHDISK_BLOCK);
        return FLASHDISK_OK;
    }
    return read_words(d, d->side, map[block], data, DATA_WORDS) ? FLASHDISK_OK : FLASHDISK_E_IO;
}

int flashdisk_read(struct flashdisk *d, uint32_t block, void *data) { return read_block(d, d->pending, block, data); }
int flashdisk_read_committed(struct flashdisk *d, uint32_t block, void *data) { return read_block(d, d->committed, block, data); }

int flashdisk_write(struct flashdisk *d, uint32_t block, const void *data)
{
    if (block >= FLASHDISK_BLOCKS) {
        return FLASHDISK_E_RANGE;
    }
    bool zero = all_bytes(data, FLASHDISK_BLOCK, 0);
    if (zero && !d->pending[block]) {
        return FLASHDISK_OK;
    }
    if (!zero && d->pending[block] && flashdisk_read(d, block, d->buffer) == FLASHDISK_OK && !memcmp(d->buffer, data, FLASHDISK_BLOCK)) {
        return FLASHDISK_OK;
    }
    int error = prepare(d, 1 + (zero ? 0 : DATA_WORDS));
    /* A word that can't be programmed is left behind by moving to the other side; a second failure is final. */
    for (unsigned tries = 0; !error; tries++) {
        uint16_t place = (uint16_t)(d->end + 1);
        if (append(d, d->side, &d->end, zero ? ZERO : DATA, block, zero ? NULL : data)) {
            d->pending[block] = zero ? 0 : place;
            d->dirty = true;
            return FLASHDISK_OK;
        }
        error = tries ? FLASHDISK_E_IO : compact(d);
    }
    return error;
}

int flashdisk_sync(struct flashdisk *d)
{
    if (!d->dirty) {
        return FLASHDISK_OK;
    }
    if (!append(d, d->side, &d->end, COMMIT, 0, NULL)) {
        /* The records stay in memory as pending: a compaction that fails to keep them open commits them. */
        int error = compact(d);
        if (error || !d->dirty) {
            return error;
        }
        if (!append(d, d->side, &d->end, COMMIT, 0, NULL)) {
            return FLASHDISK_E_IO;
        }
    }
    memcpy(d->committed, d->pending, sizeof d->committed);
    d->dirty = false;
    return FLASHDISK_OK;
}
