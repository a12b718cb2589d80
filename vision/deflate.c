/* SPDX-License-Identifier: MIT */
/* Deflate. A block is its bytes, which lie in the window, and a list of what is copied; so noise, which has no copies, costs no memory. */
#include "vision/deflate.h"

#include <string.h>

#include "vision/inflate.h"
#include "vision/kernel.h"

enum {
    WINDOW_BITS = 13, WINDOW = 1 << WINDOW_BITS, BLOCK = 16384, SLACK = 8,
    HASH_BITS = 10, WAYS = 4,                /* the last places of each hash of LEAST bytes */
    COPIES = 1024,                          /* of a block */
    LEAST = 6, MOST = 258,                  /* bytes of a copy: shorter ones seldom cost less than what they replace */
    LONGEST_CODE = 12,                      /* so that two literals, or a length, fit in 32 bits with 7 others */
    LITERALS = 286, FIXED = 288, DISTANCES = 30, LENGTHS = 19, END = 256,     /* FIXED: the fixed code has two more */
};

/* So many literals, then a copy. */
struct copy { uint16_t literals, length, distance; };

struct deflate {
    int (*write)(void *context, const uint8_t *data, size_t size);
    void *context;
    int error;
    uint32_t adler;
    uint8_t *window;
    size_t room, start, fill;               /* bytes of window; where the next block begins; what is there */
    uint16_t base;                          /* position in the stream of window[0], modulo 65536 */
    int copies;
    uint32_t bits;                          /* on their way out, from bit 0 on; fewer than 8 between calls */
    int count;
    size_t out;                             /* bytes of piece */
    uint16_t places[1 << HASH_BITS][WAYS];
    struct copy list[COPIES];
    uint32_t literals[FIXED], distances[DISTANCES];      /* frequencies, then codes: code | bits << 16 */
    uint32_t work[LITERALS];
    uint8_t lengths[LITERALS + DISTANCES], distance_lengths[DISTANCES];
    uint8_t piece[DEFLATE_PIECE];
};
_Static_assert(sizeof(struct deflate) + WINDOW + BLOCK + SLACK + 16 <= DEFLATE_SCRATCH, "DEFLATE_SCRATCH");

/* ---- Bits ---- */

static void send_piece(struct deflate *z)
{
    if (z->out && !z->error) {
        z->error = z->write(z->context, z->piece, z->out);
    }
    z->out = 0;
}

/* Makes room for `n` more bytes, at most 1024. */
static inline void need(struct deflate *z, size_t n)
{
    if (z->out + n + 8 > DEFLATE_PIECE) {
        send_piece(z);
    }
}

/* n <= 25 bits. */
static inline void put(struct deflate *z, uint32_t value, int n)
{
    z->bits |= value << z->count;
    z->count += n;
    kernel_store32(z->piece + z->out, z->bits);
    z->out += (size_t)(z->count >> 3);
    z->bits = z->count & 32 ? 0 : z->bits >> (z->count & 24);
    z->count &= 7;
}

/* ---- Symbols (RFC 1951, 3.2.5) ---- */

/* A length's or a distance's symbol and the number of bits behind it. Both count in steps that double: lengths (less 3) after every four
   symbols, distances (less 1) after every two. */
struct code_of { unsigned symbol; int extra; };

static inline struct code_of halves(unsigned value, int steps)
{
    if (value < 1u << (steps + 1)) {
        return (struct code_of){value, 0};
    }
    int extra = 31 - steps - __builtin_clz(value);
    return (struct code_of){((unsigned)extra << steps) + (value >> extra), extra};
}

static inline struct code_of length_code(unsigned length)
{
    if (length == MOST) {
        return (struct code_of){285, 0};
    }
    struct code_of c = halves(length - 3, 2);
    return (struct code_of){c.symbol + 257, c.extra};
}

static inline struct code_of distance_code(unsigned distance)
{
    return halves(distance - 1, 1);
}

/* ---- Codes ---- */

static unsigned reversed(unsigned code, int bits)
{
    unsigned out = 0;

    for (; bits > 0; bits--, code >>= 1) {
        out = out << 1 | (code & 1);
    }
    return out;
}

/* Lengths to codes, the first bit lowest. */
static void make_codes(const uint8_t *lengths, int n, uint32_t *codes)
{
    unsigned next[16] = {0}, counts[16] = {0};

    for (int i = 0; i < n; i++) {
        counts[lengths[i]]++;
    }
    counts[0] = 0;
    for (int bits = 1; bits < 16; bits++) {
        next[bits] = (next[bits - 1] + counts[bits - 1]) << 1;
    }
    for (int i = 0; i < n; i++) {
        codes[i] = lengths[i] ? reversed(next[lengths[i]]++, lengths[i]) | (uint32_t)lengths[i] << 16 : 0;
    }
}

static uint32_t cost(const uint32_t *frequencies, const uint8_t *lengths, int n)
{
    uint32_t sum = 0;

    for (int i = 0; i < n; i++) {
        sum += frequencies[i] * lengths[i];
    }
    return sum;
}

static void fixed_lengths(uint8_t *lengths)
{
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, FIXED - 280);
}

/* ---- Blocks ---- */

/* How often each symbol occurs in the block that ends at `end`, and the bits behind lengths and distances. */
static void count_symbols(struct deflate *z, size_t end, uint32_t *extra)
{
    const uint8_t *p = z->window + z->start;

    memset(z->literals, 0, sizeof z->literals);
    memset(z->distances, 0, sizeof z->distances);
    z->literals[END] = 1;
    *extra = 0;
    for (int i = 0; i < z->copies; i++) {
        const struct copy *c = &z->list[i];
        for (const uint8_t *stop = p + c->literals; p < stop; p++) {
            z->literals[*p]++;
        }
        struct code_of length = length_code(c->length), distance = distance_code(c->distance);
        z->literals[length.symbol]++;
        z->distances[distance.symbol]++;
        *extra += (uint32_t)(length.extra + distance.extra);
        p += c->length;
    }
    for (const uint8_t *stop = z->window + end; p < stop; p++) {
        z->literals[*p]++;
    }
}

static void put_literals(struct deflate *z, const uint8_t *p, size_t n)
{
    while (n) {
        size_t part = n < 512 ? n : 512;
        need(z, part * LONGEST_CODE / 8 + 8);
        const uint8_t *stop = p + (part & ~(size_t)1);
        uint32_t bits = z->bits;
        int count = z->count;
        uint8_t *out = z->piece + z->out;
        for (; p < stop; p += 2) {
            uint32_t a = z->literals[p[0]], b = z->literals[p[1]];
            bits |= (a & 0xFFFF) << count;
            count += (int)(a >> 16);
            bits |= (b & 0xFFFF) << count;
            count += (int)(b >> 16);
            kernel_store32(out, bits);
            out += count >> 3;
            bits >>= count & 24;
            count &= 7;
        }
        z->bits = bits;
        z->count = count;
        z->out = (size_t)(out - z->piece);
        if (part & 1) {
            put(z, z->literals[*p] & 0xFFFF, (int)(z->literals[*p] >> 16));
            p++;
        }
        n -= part;
    }
}

static void put_copy(struct deflate *z, const struct copy *c)
{
    struct code_of length = length_code(c->length), distance = distance_code(c->distance);
    uint32_t a = z->literals[length.symbol], b = z->distances[distance.symbol];

    need(z, 16);
    put(z, a & 0xFFFF, (int)(a >> 16));
    put(z, (c->length - 3u) & ((1u << length.extra) - 1), length.extra);
    put(z, b & 0xFFFF, (int)(b >> 16));
    put(z, (c->distance - 1u) & ((1u << distance.extra) - 1), distance.extra);
}

static void put_symbols(struct deflate *z, size_t end)
{
    const uint8_t *p = z->window + z->start;

    for (int i = 0; i < z->copies; i++) {
        put_literals(z, p, z->list[i].literals);
        p += z->list[i].literals;
        put_copy(z, &z->list[i]);
        p += z->list[i].length;
    }
    put_literals(z, p, (size_t)(z->window + end - p));
    need(z, 16);
    put(z, z->literals[END] & 0xFFFF, (int)(z->literals[END] >> 16));
}

static void put_stored(struct deflate *z, size_t end, bool final)
{
    size_t n = end - z->start;

    need(z, 16);
    put(z, final, 3);
    put(z, 0, -z->count & 7);
    put(z, (uint32_t)n, 16);
    put(z, (uint32_t)n ^ 0xFFFF, 16);
    for (const uint8_t *p = z->window + z->start; n;) {
        size_t part = n < 1024 ? n : 1024;
        need(z, part);
        memcpy(z->piece + z->out, p, part);
        z->out += part;
        p += part;
        n -= part;
    }
}

/* The lengths of both codes as symbols of the third: a symbol, and a repetition's count behind it at bit 8 (RFC 1951, 3.2.7). */
static int run_lengths(const uint8_t *lengths, int n, uint16_t *out, uint32_t frequencies[LENGTHS])
{
    int count = 0;

    for (int i = 0; i < n;) {
        int run = 1, value = lengths[i];
        while (i + run < n && lengths[i + run] == value) {
            run++;
        }
        i += run;
        if (value) {
            out[count++] = (uint16_t)value;
            run--;
        }
        while (run > 0) {
            int most = value ? 6 : run > 10 ? 138 : 10, part = run < most ? run : most;
            int symbol = value ? 16 : part > 10 ? 18 : 17;
            if (part < 3) {
                symbol = value;
                part = 1;
            }
            out[count++] = (uint16_t)(symbol | (symbol > 15 ? part - (symbol == 18 ? 11 : 3) : 0) << 8);
            run -= part;
        }
    }
    for (int i = 0; i < count; i++) {
        frequencies[out[i] & 31]++;
    }
    return count;
}

/* Bits behind such a symbol. */
static int run_bits(unsigned symbol)
{
    return symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
}

/* The head of a block with codes of its own. */
struct head { int literals, distances, order, count; uint16_t runs[LITERALS + DISTANCES]; uint8_t lengths[LENGTHS]; };

static const uint8_t length_order[LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

/* Lays z->lengths and z->distance_lengths out. Returns its bits. */
static uint32_t make_head(struct deflate *z, struct head *h)
{
    uint32_t frequencies[LENGTHS] = {0}, sum;

    h->literals = LITERALS;
    while (z->lengths[h->literals - 1] == 0) {
        h->literals--;
    }
    h->distances = DISTANCES;
    while (h->distances > 1 && z->distance_lengths[h->distances - 1] == 0) {
        h->distances--;
    }
    memcpy(z->lengths + h->literals, z->distance_lengths, (size_t)h->distances);
    h->count = run_lengths(z->lengths, h->literals + h->distances, h->runs, frequencies);
    memset(z->lengths + h->literals, 0, sizeof z->lengths - (size_t)h->literals);
    deflate_code_lengths(frequencies, LENGTHS, 7, h->lengths, z->work);
    h->order = LENGTHS;
    while (h->order > 4 && h->lengths[length_order[h->order - 1]] == 0) {
        h->order--;
    }
    sum = 14 + 3 * (uint32_t)h->order + cost(frequencies, h->lengths, LENGTHS);
    return sum + 2 * frequencies[16] + 3 * frequencies[17] + 7 * frequencies[18];
}

static void put_head(struct deflate *z, const struct head *h)
{
    uint32_t codes[LENGTHS];

    need(z, 1024);
    put(z, (uint32_t)(h->literals - 257) | (uint32_t)(h->distances - 1) << 5 | (uint32_t)(h->order - 4) << 10, 14);
    for (int i = 0; i < h->order; i++) {
        put(z, h->lengths[length_order[i]], 3);
    }
    make_codes(h->lengths, LENGTHS, codes);
    for (int i = 0; i < h->count; i++) {
        unsigned symbol = h->runs[i] & 31;
        put(z, codes[symbol] & 0xFFFF, (int)(codes[symbol] >> 16));
        put(z, h->runs[i] >> 8, run_bits(symbol));
    }
}

/* Writes window[start..end) as a block of the kind that takes the fewest bits. */
static void put_block(struct deflate *z, size_t end, bool final)
{
    struct head head;
    uint32_t extra, own, fixed, stored = 8 * (uint32_t)(end - z->start) + 3 + 7 + 32;
    uint8_t fixed_code[FIXED];

    count_symbols(z, end, &extra);
    deflate_code_lengths(z->literals, LITERALS, LONGEST_CODE, z->lengths, z->work);
    deflate_code_lengths(z->distances, DISTANCES, LONGEST_CODE, z->distance_lengths, z->work);
    own = 3 + extra + make_head(z, &head) + cost(z->literals, z->lengths, LITERALS) + cost(z->distances, z->distance_lengths, DISTANCES);
    fixed_lengths(fixed_code);
    fixed = 3 + extra + cost(z->literals, fixed_code, LITERALS) + 5 * (uint32_t)z->copies;
    if (stored < own && stored < fixed) {
        put_stored(z, end, final);
    } else if (fixed <= own) {
        memcpy(z->lengths, fixed_code, FIXED);
        memset(z->distance_lengths, 5, DISTANCES);
        need(z, 16);
        put(z, final | 1 << 1, 3);
    } else {
        need(z, 16);
        put(z, final | 2 << 1, 3);
        put_head(z, &head);
    }
    if (stored >= own || stored >= fixed) {
        make_codes(z->lengths, FIXED, z->literals);
        make_codes(z->distance_lengths, DISTANCES, z->distances);
        put_symbols(z, end);
    }
    z->start = end;
    z->copies = 0;
}

/* ---- Copies ---- */

static inline uint16_t *bucket(struct deflate *z, const uint8_t *p)
{
    return z->places[(kernel_load32(p) * 2654435761u + kernel_load32(p + 2) * 2246822519u) >> (32 - HASH_BITS)];
}

/* The newest place goes to the front. */
static inline void remember(struct deflate *z, uint16_t *b, size_t at)
{
    b[3] = b[2];
    b[2] = b[1];
    b[1] = b[0];
    b[0] = (uint16_t)(z->base + at);
}

static inline size_t common(const uint8_t *a, const uint8_t *b, size_t most)
{
    size_t n = 0;

    while (n + 4 <= most) {
        uint32_t differ = kernel_load32(a + n) ^ kernel_load32(b + n);
        if (differ) {
            return n + (size_t)__builtin_ctz(differ) / 8;
        }
        n += 4;
    }
    while (n < most && a[n] == b[n]) {
        n++;
    }
    return n;
}

/* The longest copy for the bytes at `at`, of which LEAST are left, if longer than `least`. Remembers the place. Returns its length, or 0. */
static inline size_t find(struct deflate *z, size_t at, size_t end, size_t least, size_t *distance)
{
    const uint8_t *p = z->window + at;
    uint32_t four = kernel_load32(p);
    uint16_t *b = bucket(z, p), here = (uint16_t)(z->base + at);
    size_t best = least, most = end - at < MOST ? end - at : MOST, found = 0;

    for (int i = 0; i < WAYS; i++) {
        size_t d = (uint16_t)(here - b[i]);
        if (d - 1 < WINDOW && d <= at && kernel_load32(p - d) == four) {
            size_t n = common(p, p - d, most);
            if (n > best) {
                best = found = n;
                *distance = d;
            }
        }
    }
    remember(z, b, at);
    return found;
}

/* Finds the copies of all that is there, and writes it as blocks. Literals that look like noise are searched at fewer and fewer places. */
static void compress(struct deflate *z, bool final)
{
    size_t at = z->start, run = at, end = z->fill, distance = 0, later;

    while (at + LEAST <= end) {
        size_t n = find(z, at, end, LEAST - 1, &distance);
        if (!n) {
            at += 1 + ((at - run) >> 6 & 3);
            continue;
        }
        if (n < 32 && at + 1 + LEAST <= end) {      /* perhaps a longer one begins a byte later */
            size_t longer = find(z, at + 1, end, n, &later);
            if (longer) {
                at++;
                n = longer;
                distance = later;
            }
        }
        z->list[z->copies++] = (struct copy){(uint16_t)(at - run), (uint16_t)n, (uint16_t)distance};
        size_t stop = at + n;
        for (size_t i = at + 2; i + LEAST <= end && i < stop; i += n < 32 ? 1 : 8) {
            remember(z, bucket(z, z->window + i), i);
        }
        run = at = stop;
        if (z->copies == COPIES) {
            put_block(z, at, final && at == end);
        }
    }
    if (z->start < end || (final && z->fill == 0)) {
        put_block(z, end, final);
    }
}

/* ---- The stream ---- */

struct deflate *deflate_open(int (*write)(void *context, const uint8_t *data, size_t size), void *context, size_t size, struct arena *arena)
{
    struct deflate *z = arena_alloc(arena, sizeof *z);
    size_t room = size < WINDOW + BLOCK ? size : WINDOW + BLOCK;
    uint8_t *window = z ? arena_alloc(arena, room + SLACK) : NULL;

    if (!window) {
        return NULL;
    }
    memset(z, 0, sizeof *z);
    z->write = write;
    z->context = context;
    z->adler = 1;
    z->window = window;
    z->room = room;
    put(z, (WINDOW_BITS - 8) << 4 | 8, 8);      /* RFC 1950, 2.2 */
    put(z, 31 - ((WINDOW_BITS - 8) << 12 | 8 << 8) % 31, 8);
    return z;
}

int deflate_write(struct deflate *z, const uint8_t *data, size_t size)
{
    z->adler = inflate_adler32(z->adler, data, size);
    while (size && !z->error) {
        if (z->fill == z->room) {
            compress(z, false);
            size_t gone = z->fill - WINDOW;
            memmove(z->window, z->window + gone, WINDOW);
            z->base = (uint16_t)(z->base + gone);
            z->start = z->fill = WINDOW;
        }
        size_t part = z->room - z->fill < size ? z->room - z->fill : size;
        memcpy(z->window + z->fill, data, part);
        z->fill += part;
        data += part;
        size -= part;
    }
    return z->error;
}

int deflate_close(struct deflate *z)
{
    compress(z, true);
    need(z, 16);
    put(z, 0, -z->count & 7);
    for (int shift = 24; shift >= 0; shift -= 8) {
        put(z, z->adler >> shift & 255, 8);
    }
    send_piece(z);
    return z->error;
}
