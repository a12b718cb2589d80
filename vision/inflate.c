/* SPDX-License-Identifier: MIT */
/* Inflate. A look-up decides up to ten bits of a code, and two literals at once where they fit; a match is copied by words. Loads are
   little endian and need no alignment. */
#include "vision/inflate.h"

#include <string.h>

#include "vision/kernel.h"
#include "vision/png_simd.h"

/* Bits that the first look-up decides. */
enum { LITERAL_LOOK = 10, DISTANCE_LOOK = 8, LENGTH_LOOK = 7, LONGEST_CODE = 15 };

/* An entry: 16 bits of value, then 5 for the bits of the code, then what it is. */
enum {
    BITS_AT = 16,
    COUNT_AT = 24,                      /* literals: 1 or 2, which are the value's bytes */
    EXTRA_AT = 24,                      /* lengths, distances: bits that follow the code and are added to the value */
};
#define ENTRY_LONG  0x10000000u         /* the code is longer: value = its first bits */
#define ENTRY_WRONG 0x20000000u         /* no code begins so, or the symbol has no meaning */
#define ENTRY_END   0x40000000u         /* of the block */
#define ENTRY_OTHER 0x80000000u         /* anything but literals */

/* The three alphabets. */
enum kind { LENGTHS, LITERALS, DISTANCES };

struct table {
    uint32_t *fast;                     /* 1 << look entries, by the next bits */
    int look;
    uint16_t limit[LONGEST_CODE + 1];   /* codes of n bits, read from their first bit on, are below it */
    int16_t offset[LONGEST_CODE + 1];   /* symbols[offset[n] + code] */
    uint16_t symbols[288];
};

/* No symbol of deflate takes more than 15 + 13 bits, and with the extra ones of a length 48 */
enum { INPUT_BYTES = 512, INPUT_SLACK = 16, LONGEST_MATCH = 258, SLACK = 16 };

struct inflate {
    const struct inflate_calls *calls;
    uint32_t position, end;             /* in input, in bits; end: of what is known */
    bool last;                          /* nothing comes after `end` but zeros */
    uint8_t *ring;
    uint32_t length, at, taken;         /* bytes of the ring, where the next one goes, up to where they are taken */
    bool round;                         /* the ring has been filled once */
    size_t left;                        /* bytes that may still come */
    uint32_t adler;
    struct table literals, distances;
    uint32_t fast_literals[1 << LITERAL_LOOK], fast_distances[1 << DISTANCE_LOOK];
    uint8_t lengths[288 + 32];
    uint8_t input[INPUT_BYTES + INPUT_SLACK];
};
_Static_assert(sizeof(struct inflate) + 16 <= INFLATE_SCRATCH, "INFLATE_SCRATCH");

/* ---- Adler-32 ---- */

uint32_t inflate_adler32(uint32_t adler, const uint8_t *data, size_t size)
{
    uint32_t a = adler & 0xFFFF, b = adler >> 16;

    while (size) {
        size_t n = size < 5552 ? size : 5552;       /* so many fit in 32 bits */
        size -= n;
        for (const uint8_t *end = data + (n & ~(size_t)3); data < end; data += 4) {
            uint32_t w = kernel_load32(data);
            b = png_weigh4(w, b + 4 * a);
            a = png_sum4(w, a);
        }
        for (n &= 3; n; n--) {
            a += *data++;
            b += a;
        }
        a %= 65521;
        b %= 65521;
    }
    return b << 16 | a;
}

/* ---- Input ---- */

/* Fills up behind what is not read yet. At the end zeros follow; reading many of them is an error. */
static int refill(struct inflate *z)
{
    uint32_t done = z->position >> 3, n = (z->end >> 3) - done;

    if (z->last) {
        return z->position > z->end ? VISION_E_DATA : 0;
    }
    memmove(z->input, z->input + done, n);
    while (n < INPUT_BYTES / 2) {
        int got = z->calls->fill(z->calls->context, z->input + n, INPUT_BYTES - n);
        if (got < 0) {
            return got;
        }
        if (got == 0) {
            z->last = true;
            memset(z->input + n, 0, sizeof z->input - n);
            break;
        }
        n += (uint32_t)got;
    }
    z->position &= 7;
    z->end = n << 3;
    return 0;
}

/* Positions from which on the input must be looked at again before a symbol is decoded. */
static inline uint32_t safe_end(const struct inflate *z)
{
    return z->last ? z->end + 1 : z->end > 64 ? z->end - 64 : 0;
}

static inline uint32_t peek(const struct inflate *z)     /* 25 bits at least */
{
    return kernel_load32(z->input + (z->position >> 3)) >> (z->position & 7);
}

/* The next n <= 16 bits, or an error. */
static int get_bits(struct inflate *z, int n)
{
    if (z->position >= safe_end(z)) {
        int err = refill(z);
        if (err) {
            return err;
        }
    }
    uint32_t w = peek(z);
    z->position += (uint32_t)n;
    return z->position > z->end ? VISION_E_DATA : (int)(w & ((1u << n) - 1));
}

/* ---- Output ---- */

/* Gives away what is new; behind the ring's length the next round begins. */
static int take(struct inflate *z)
{
    uint32_t end = z->at < z->length ? z->at : z->length, n = end - z->taken;
    int err = 0;

    if (n) {
        if (n > z->left) {
            return VISION_E_DATA;
        }
        z->left -= n;
        z->adler = inflate_adler32(z->adler, z->ring + z->taken, n);
        err = z->calls->take(z->calls->context, z->ring + z->taken, n);
    }
    z->taken = end;
    if (z->at >= z->length) {
        memcpy(z->ring, z->ring + z->length, z->at - z->length);
        z->at -= z->length;
        z->taken = 0;
        z->round = true;
    }
    return err < 0 ? err : 0;
}

/* ---- Codes ---- */

static const uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                         31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

/* What a symbol means, without the bits of its code (RFC 1951, 3.2.5). */
static uint32_t meaning(unsigned symbol, enum kind kind)
{
    if (kind == DISTANCES) {
        unsigned extra = symbol < 4 ? 0 : (symbol >> 1) - 1;
        return symbol > 29 ? ENTRY_OTHER | ENTRY_WRONG
                           : ENTRY_OTHER | extra << EXTRA_AT | (symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << extra) + 1);
    }
    if (symbol < 256) {             /* all of LENGTHS, too */
        return symbol | 1u << COUNT_AT;
    }
    if (symbol == 256) {
        return ENTRY_OTHER | ENTRY_END;
    }
    return symbol > 285 ? ENTRY_OTHER | ENTRY_WRONG
                        : ENTRY_OTHER | (uint32_t)length_extra[symbol - 257] << EXTRA_AT | length_base[symbol - 257];
}

static unsigned reversed(unsigned code, int bits)
{
    code = (code & 0x5555) << 1 | (code >> 1 & 0x5555);
    code = (code & 0x3333) << 2 | (code >> 2 & 0x3333);
    code = (code & 0x0F0F) << 4 | (code >> 4 & 0x0F0F);
    code = (code & 0x00FF) << 8 | code >> 8;
    return code >> (16 - bits);
}

/* Counts and the places of symbols; false when there are more codes than bits can tell, or fewer and not just one. */
static bool arrange(struct table *t, const uint8_t *lengths, int n, uint16_t first[LONGEST_CODE + 1])
{
    uint16_t count[LONGEST_CODE + 1] = {0}, next[LONGEST_CODE + 1];
    unsigned code = 0, at = 0;

    for (int i = 0; i < n; i++) {
        count[lengths[i]]++;
    }
    count[0] = 0;
    for (int bits = 1; bits <= LONGEST_CODE; bits++) {
        code <<= 1;
        first[bits] = (uint16_t)code;
        next[bits] = (uint16_t)at;
        t->offset[bits] = (int16_t)((int)at - (int)code);
        code += count[bits];
        at += count[bits];
        t->limit[bits] = (uint16_t)code;
        if (code > 1u << bits) {
            return false;
        }
    }
    for (int i = 0; i < n; i++) {
        if (lengths[i]) {
            t->symbols[next[lengths[i]]++] = (uint16_t)i;
        }
    }
    return code == 1u << LONGEST_CODE || at == 0 || (at == 1 && count[1] == 1);
}

/* Two literals in one look-up, where both codes fit. Downwards: what follows lies further down, and is single still. */
static void pair_literals(uint32_t *fast)
{
    for (uint32_t i = (1 << LITERAL_LOOK) - 1; i > 0; i--) {
        uint32_t e = fast[i], bits = e >> BITS_AT & 31;
        if (e & ENTRY_OTHER || bits > LITERAL_LOOK - 1) {
            continue;
        }
        uint32_t f = fast[i >> bits], both = bits + (f >> BITS_AT & 31);
        if (!(f & ENTRY_OTHER) && both <= LITERAL_LOOK) {
            fast[i] = (e & 0xFF) | (f & 0xFF) << 8 | both << BITS_AT | 2u << COUNT_AT;
        }
    }
}

static int build(struct table *t, const uint8_t *lengths, int n, enum kind kind)
{
    uint16_t first[LONGEST_CODE + 1];
    unsigned size = 1u << t->look;

    if (!arrange(t, lengths, n, first)) {
        return VISION_E_DATA;
    }
    for (unsigned i = 0; i < size; i++) {
        t->fast[i] = ENTRY_OTHER | ENTRY_WRONG;
    }
    for (int bits = 1; bits <= LONGEST_CODE; bits++) {
        for (unsigned code = first[bits]; code < t->limit[bits]; code++) {
            if (bits > t->look) {
                unsigned head = code >> (bits - t->look);
                t->fast[reversed(head, t->look)] = ENTRY_OTHER | ENTRY_LONG | (uint32_t)t->look << BITS_AT | head;
                continue;
            }
            uint32_t e = meaning(t->symbols[t->offset[bits] + (int)code], kind) | (uint32_t)bits << BITS_AT;
            for (unsigned i = reversed(code, bits); i < size; i += 1u << bits) {
                t->fast[i] = e;
            }
        }
    }
    if (kind == LITERALS) {
        pair_literals(t->fast);
    }
    return 0;
}

/* The entry of a code longer than the look-up decides, whose bits are in w; `e` is that of its beginning. */
static uint32_t find_long(const struct table *t, uint32_t e, uint32_t w, enum kind kind)
{
    unsigned code = e & 0xFFFF;

    for (int bits = t->look + 1; bits <= LONGEST_CODE; bits++) {
        code = code << 1 | (w >> (bits - 1) & 1);
        if (code < t->limit[bits]) {
            return meaning(t->symbols[t->offset[bits] + (int)code], kind) | (uint32_t)bits << BITS_AT;
        }
    }
    return ENTRY_OTHER | ENTRY_WRONG;
}

/* ---- Matches ---- */

/* Copies to `at`, and up to 7 bytes more than n. */
static inline void copy_match(uint8_t *at, uint32_t distance, uint32_t n)
{
    const uint8_t *from = at - distance, *end = at + n;

    if (distance < 4) {             /* by words only from where a whole period is known */
        for (int i = 0; i < 4; i++) {
            at[i] = from[i];
        }
        from = at + 4 - (distance == 3 ? 6 : 4);
        at += 4;
    }
    while (at < end) {
        kernel_store32(at, kernel_load32(from));
        at += 4;
        from += 4;
    }
}

/* The same when it begins before the ring's first byte. */
static uint32_t copy_around(struct inflate *z, uint32_t at, uint32_t distance, uint32_t n)
{
    uint32_t from = at + z->length - distance;

    for (; n; n--) {
        z->ring[at++] = z->ring[from++];
        from = from == z->length ? 0 : from;
    }
    return at;
}

/* Decodes the distance of a match of `n` bytes, and copies it. Position is behind the length. */
static int match(struct inflate *z, uint32_t n)
{
    uint32_t w = peek(z), e = z->fast_distances[w & ((1 << DISTANCE_LOOK) - 1)];

    if (e & ENTRY_LONG) {
        e = find_long(&z->distances, e, w, DISTANCES);
    }
    if (e & ENTRY_WRONG) {
        return VISION_E_DATA;
    }
    z->position += e >> BITS_AT & 31;
    uint32_t extra = e >> EXTRA_AT & 15, distance = (e & 0xFFFF) + (peek(z) & ((1u << extra) - 1));
    z->position += extra;
    uint32_t window = z->length - SLACK;
    if (distance > (z->round || z->at > window ? window : z->at)) {
        return VISION_E_DATA;
    }
    if (distance > z->at) {
        z->at = copy_around(z, z->at, distance, n);
    } else {
        copy_match(z->ring + z->at, distance, n);
        z->at += n;
    }
    return 0;
}

/* ---- Blocks ---- */

/* The symbols of a block, up to its end. */
static int symbols(struct inflate *z)
{
    const uint32_t *fast = z->fast_literals, mask = (1 << LITERAL_LOOK) - 1;
    const uint8_t *input = z->input;
    uint32_t position = z->position, safe = safe_end(z), w, e;
    uint8_t *out = z->ring + z->at, *full = z->ring + z->length;

    for (;;) {
        if (position >= safe || out >= full) {
            z->position = position;
            z->at = (uint32_t)(out - z->ring);
            int err = position >= safe ? refill(z) : 0;
            if (!err && z->at >= z->length) {
                err = take(z);
            }
            if (err) {
                return err;
            }
            position = z->position;
            safe = safe_end(z);
            out = z->ring + z->at;
        }
        w = kernel_load32(input + (position >> 3)) >> (position & 7);
        e = fast[w & mask];
        if (!(e & ENTRY_OTHER)) {
            uint32_t bits = e >> BITS_AT & 31;
            png_store16(out, e);
            out += e >> COUNT_AT;
            position += bits;
            w >>= bits;
            e = fast[w & mask];
            if (!(e & ENTRY_OTHER)) {
                png_store16(out, e);
                out += e >> COUNT_AT;
                position += e >> BITS_AT & 31;
                continue;
            }
        }
        if (e & ENTRY_LONG) {
            w = kernel_load32(input + (position >> 3)) >> (position & 7);
            e = find_long(&z->literals, e, w, LITERALS);
        }
        position += e >> BITS_AT & 31;
        if (!(e & ENTRY_OTHER)) {
            *out++ = (uint8_t)e;
            continue;
        }
        if (e & (ENTRY_END | ENTRY_WRONG)) {
            break;
        }
        z->position = position + (e >> EXTRA_AT & 15);
        z->at = (uint32_t)(out - z->ring);
        w = kernel_load32(input + (position >> 3)) >> (position & 7);
        int err = match(z, (e & 0xFFFF) + (w & ((1u << (e >> EXTRA_AT & 15)) - 1)));
        if (err) {
            return err;
        }
        position = z->position;
        out = z->ring + z->at;
    }
    z->position = position;
    z->at = (uint32_t)(out - z->ring);
    return e & ENTRY_WRONG || position > z->end ? VISION_E_DATA : 0;
}

static int stored(struct inflate *z)
{
    z->position = (z->position + 7) & ~7u;
    int n = get_bits(z, 16), inverted = n < 0 ? n : get_bits(z, 16);

    if (inverted < 0 || (n ^ inverted) != 0xFFFF) {
        return inverted < 0 ? inverted : VISION_E_DATA;
    }
    while (n > 0) {
        uint32_t room = z->length - z->at, known = z->position < z->end ? (z->end - z->position) >> 3 : 0;
        uint32_t part = (uint32_t)n < room ? (uint32_t)n : room;
        part = part < known ? part : known;
        memcpy(z->ring + z->at, z->input + (z->position >> 3), part);
        z->at += part;
        z->position += part << 3;
        n -= (int)part;
        int err = z->at == z->length ? take(z) : 0;
        err = err || n == 0 || z->position < z->end ? err : z->last ? VISION_E_DATA : refill(z);
        if (err) {
            return err;
        }
    }
    return 0;
}

static int fixed(struct inflate *z)
{
    memset(z->lengths, 8, 144);
    memset(z->lengths + 144, 9, 112);
    memset(z->lengths + 256, 7, 24);
    memset(z->lengths + 280, 8, 8);
    memset(z->lengths + 288, 5, 32);
    build(&z->literals, z->lengths, 288, LITERALS);
    build(&z->distances, z->lengths + 288, 32, DISTANCES);
    return symbols(z);
}

/* The lengths of both codes, themselves coded (RFC 1951, 3.2.7). */
static int code_lengths(struct inflate *z, int total)
{
    for (int i = 0; i < total;) {
        int err = z->position >= safe_end(z) ? refill(z) : 0;
        uint32_t w = peek(z), e = z->fast_distances[w & ((1 << LENGTH_LOOK) - 1)];
        if (err || e & ENTRY_WRONG) {
            return err ? err : VISION_E_DATA;
        }
        z->position += e >> BITS_AT & 31;
        int symbol = (int)(e & 0xFF), bits = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
        if (symbol < 16) {
            z->lengths[i++] = (uint8_t)symbol;
            continue;
        }
        int n = get_bits(z, bits), value = symbol == 16 && i ? z->lengths[i - 1] : 0;
        if (n < 0) {
            return n;
        }
        n += symbol == 18 ? 11 : 3;
        if (n > total - i || (symbol == 16 && i == 0)) {
            return VISION_E_DATA;
        }
        memset(z->lengths + i, value, (size_t)n);
        i += n;
    }
    return 0;
}

static int dynamic(struct inflate *z)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    int head = get_bits(z, 14), literals = (head & 31) + 257, distances = (head >> 5 & 31) + 1, n = (head >> 10) + 4;

    if (head < 0 || literals > 286 || distances > 30) {
        return head < 0 ? head : VISION_E_DATA;
    }
    memset(z->lengths, 0, 19);
    for (int i = 0; i < n; i++) {
        int length = get_bits(z, 3);
        if (length < 0) {
            return length;
        }
        z->lengths[order[i]] = (uint8_t)length;
    }
    z->distances.look = LENGTH_LOOK;
    int err = build(&z->distances, z->lengths, 19, LENGTHS);
    z->distances.look = DISTANCE_LOOK;
    err = err || z->distances.limit[LENGTH_LOOK] < 1 << LENGTH_LOOK ? VISION_E_DATA : code_lengths(z, literals + distances);
    if (err || z->lengths[256] == 0) {
        return err ? err : VISION_E_DATA;
    }
    memmove(z->lengths + 288, z->lengths + literals, (size_t)distances);
    err = build(&z->distances, z->lengths + 288, distances, DISTANCES);
    err = err ? err : build(&z->literals, z->lengths, literals, LITERALS);
    return err ? err : symbols(z);
}

static int block(struct inflate *z, bool *final)
{
    int head = get_bits(z, 3);

    if (head < 0) {
        return head;
    }
    *final = head & 1;
    switch (head >> 1) {
    case 0:
        return stored(z);
    case 1:
        return fixed(z);
    case 2:
        return dynamic(z);
    default:
        return VISION_E_DATA;
    }
}

/* ---- The stream ---- */

/* Head (RFC 1950, 2.2) and ring. */
static int begin(struct inflate *z, size_t largest, struct arena *arena)
{
    int method = get_bits(z, 8), flags = method < 0 ? method : get_bits(z, 8);

    if (flags < 0) {
        return flags;
    }
    if ((method & 15) != 8 || method >> 4 > 7 || (method << 8 | flags) % 31 || flags & 0x20) {
        return VISION_E_DATA;
    }
    size_t window = (size_t)256 << (method >> 4);
    window = window < largest ? window : largest;
    z->length = (uint32_t)window + SLACK;
    z->ring = arena_alloc(arena, z->length + LONGEST_MATCH + SLACK);
    return z->ring ? 0 : VISION_E_MEMORY;
}

static int check_adler(struct inflate *z)
{
    uint32_t adler = 0;

    z->position = (z->position + 7) & ~7u;
    for (int i = 0; i < 4; i++) {
        int n = get_bits(z, 8);
        if (n < 0) {
            return n;
        }
        adler = adler << 8 | (uint32_t)n;
    }
    return adler == z->adler ? 0 : VISION_E_DATA;
}

int inflate_zlib(const struct inflate_calls *calls, size_t largest, struct arena *arena)
{
    size_t mark = arena->used;
    struct inflate *z = arena_alloc(arena, sizeof *z);
    bool final = false;

    if (!z) {
        return VISION_E_MEMORY;
    }
    z->calls = calls;
    z->position = z->end = z->at = z->taken = 0;
    z->last = z->round = false;
    z->left = largest;
    z->adler = 1;
    z->literals.fast = z->fast_literals;
    z->literals.look = LITERAL_LOOK;
    z->distances.fast = z->fast_distances;
    z->distances.look = DISTANCE_LOOK;
    int err = begin(z, largest, arena);
    bool ring = !err;
    while (!err && !final) {
        err = block(z, &final);
    }
    if (ring && (!err || err == VISION_E_DATA)) {
        int late = take(z);
        err = err ? err : late;
    }
    err = err ? err : check_adler(z);
    arena->used = mark;
    return err;
}
