/* SPDX-License-Identifier: MIT */
/* Deflate. A block is its bytes, which lie in the window, and a list of what is copied; so noise, which has no copies, costs no memory. A block of
   which few bytes are literals goes on when the window moves on: they are kept. Its codes, 60 bytes or more, are then paid for once. */
#include "vision/deflate.h"

#include <string.h>

#include "vision/inflate.h"
#include "vision/kernel.h"

enum {
    WINDOW_BITS = 13, WINDOW = 1 << WINDOW_BITS, BLOCK = 14336, SLACK = 8,
    HASH_BITS = 10,                         /* of the hash of LEAST bytes, whose last four places are known */
    COPIES = 1024,                          /* of a block */
    KEPT = 2048,                            /* literals of a block whose bytes have left the window */
    LEAST = 6, MOST = 258,                  /* bytes of a copy: shorter ones seldom cost less than what they replace */
    LONGEST_CODE = 12,                      /* so that two literals, or a length, fit in 32 bits with 7 others */
    LITERALS = 286, FIXED = 288, DISTANCES = 30, LENGTHS = 19, END = 256,     /* FIXED: the fixed code has two more */
};

/* The last four places of a hash: eight more bits of each one's own, and positions as `base` counts them; the newest lowest. */
struct bucket { uint32_t tags, near, far; };

/* So many literals, then a copy, or none (length 0). */
struct copy { uint16_t literals, length, distance; };

struct deflate {
    int (*write)(void *context, const uint8_t *data, size_t size);
    void *context;
    int error;
    uint32_t adler;
    uint8_t *window;
    size_t room, start, fill;               /* bytes of window; where the next block begins; what is there */
    uint16_t base;                          /* position in the stream of window[0], modulo 65536 */
    int copies, old;                        /* of the block; those whose literals are kept come first */
    size_t kept;                            /* bytes of literals_kept */
    uint32_t bits;                          /* on their way out, from bit 0 on; fewer than 8 between calls */
    int count;
    size_t out;                             /* bytes of piece */
    struct bucket buckets[1 << HASH_BITS];
    struct copy list[COPIES];
    uint32_t literals[FIXED], distances[DISTANCES];      /* frequencies, then codes: code | bits << 16 */
    uint32_t work[LITERALS];
    uint8_t lengths[LITERALS + DISTANCES], distance_lengths[DISTANCES];
    uint8_t literals_kept[KEPT];
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

/* Counts the bytes from p up to `end`, which it returns. */
static __attribute__((noinline)) const uint8_t *count_literals(uint32_t *frequencies, const uint8_t *p, const uint8_t *end)
{
    for (const uint8_t *pairs = p + ((size_t)(end - p) & ~(size_t)1); p < pairs; p += 2) {
        frequencies[p[0]]++;
        frequencies[p[1]]++;
    }
    if (p < end) {
        frequencies[*p]++;
    }
    return end;
}

/* How often each symbol occurs in the block that ends at `end`, and the bits behind lengths and distances. */
static void count_symbols(struct deflate *z, size_t end, uint32_t *extra)
{
    const uint8_t *p = z->literals_kept;

    memset(z->literals, 0, sizeof z->literals);
    memset(z->distances, 0, sizeof z->distances);
    z->literals[END] = 1;
    *extra = 0;
    for (int i = 0; i < z->copies; i++) {
        const struct copy *c = &z->list[i];
        p = i == z->old ? z->window + z->start : p;
        p = count_literals(z->literals, p, p + c->literals);
        if (!c->length) {
            continue;
        }
        struct code_of length = length_code(c->length), distance = distance_code(c->distance);
        z->literals[length.symbol]++;
        z->distances[distance.symbol]++;
        *extra += (uint32_t)(length.extra + distance.extra);
        p += i < z->old ? 0 : c->length;
    }
    p = z->copies == z->old ? z->window + z->start : p;
    count_literals(z->literals, p, z->window + end);
}

/* Bits on their way, in registers. */
struct sink { uint8_t *out; uint32_t bits; int count; };

/* The codes of an even number of literals. */
static __attribute__((noinline)) void put_pairs(struct sink *sink, const uint32_t *codes, const uint8_t *p, const uint8_t *end)
{
    uint32_t bits = sink->bits;
    int count = sink->count;
    uint8_t *out = sink->out;

    for (; p < end; p += 2) {
        uint32_t a = codes[p[0]], b = codes[p[1]];
        bits |= (a & 0xFFFF) << count;
        count += (int)(a >> 16);
        bits |= (b & 0xFFFF) << count;
        count += (int)(b >> 16);
        kernel_store32(out, bits);
        out += count >> 3;
        bits >>= count & 24;
        count &= 7;
    }
    *sink = (struct sink){out, bits, count};
}

static void put_literals(struct deflate *z, const uint8_t *p, size_t n)
{
    while (n) {
        size_t part = n < 512 ? n : 512, even = part & ~(size_t)1;
        need(z, part * LONGEST_CODE / 8 + 8);
        struct sink sink = {z->piece + z->out, z->bits, z->count};
        put_pairs(&sink, z->literals, p, p + even);
        z->bits = sink.bits;
        z->count = sink.count;
        z->out = (size_t)(sink.out - z->piece);
        if (part & 1) {
            put(z, z->literals[p[even]] & 0xFFFF, (int)(z->literals[p[even]] >> 16));
        }
        p += part;
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
    const uint8_t *p = z->literals_kept;

    for (int i = 0; i < z->copies; i++) {
        const struct copy *c = &z->list[i];
        p = i == z->old ? z->window + z->start : p;
        put_literals(z, p, c->literals);
        p += c->literals;
        if (c->length) {
            put_copy(z, c);
            p += i < z->old ? 0 : c->length;
        }
    }
    p = z->copies == z->old ? z->window + z->start : p;
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

/* Writes what is kept and window[start..end) as a block of the kind that takes the fewest bits; with something kept that isn't a stored one. */
static void put_block(struct deflate *z, size_t end, bool final)
{
    struct head head;
    uint32_t extra, own, fixed, stored = z->old ? UINT32_MAX : 8 * (uint32_t)(end - z->start) + 3 + 7 + 32;
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
    z->copies = z->old = 0;
    z->kept = 0;
}

/* The window is about to move: the block goes on, if there is room for its literals and for as many copies again as half a window had. */
static bool keep(struct deflate *z, size_t end)
{
    const uint8_t *p = z->window + z->start;
    size_t literals = end - z->start;

    for (int i = z->old; i < z->copies; i++) {
        literals -= z->list[i].length;
    }
    if (z->kept + literals > KEPT || z->copies > COPIES - COPIES / 4) {
        return false;
    }
    z->list[z->copies++] = (struct copy){0, 0, 0};
    for (int i = z->old; i < z->copies; i++) {
        struct copy *c = &z->list[i];
        if (!c->length) {
            c->literals = (uint16_t)(z->window + end - p);
        }
        memcpy(z->literals_kept + z->kept, p, c->literals);
        z->kept += c->literals;
        p += c->literals + c->length;
    }
    z->old = z->copies;
    z->start = end;
    return true;
}

/* ---- Copies ---- */

static inline uint32_t hash_of(const uint8_t *p)
{
    return kernel_load32(p) * 2654435761u + kernel_load32(p + 2) * 2246822519u;
}

/* The newest place comes in, the oldest falls out. */
static inline void remember(struct bucket *b, uint32_t tag, uint32_t here)
{
    b->tags = b->tags << 8 | tag;
    b->far = b->far << 16 | b->near >> 16;
    b->near = b->near << 16 | (here & 0xFFFF);
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

struct match { size_t length, distance; };

/* Takes the longest copy from the bucket's places, if longer than `best`. A place may be older than 64 Ki, and then looks near: its bytes
   decide. Bytes before the first ones are not looked at, see deflate_open. */
static __attribute__((noinline)) void consider(const struct deflate *z, const struct bucket *b, size_t at, size_t end, struct match *best)
{
    const uint8_t *p = z->window + at;
    size_t most = end - at < MOST ? end - at : MOST, length = best->length;

    for (int i = 0; i < 4; i++) {
        uint32_t place = (i < 2 ? b->near : b->far) >> 16 * (i & 1), distance = (uint32_t)(z->base + at - place) & 0xFFFF;
        if (distance - 1 < WINDOW && length < most && p[(ptrdiff_t)length - (ptrdiff_t)distance] == p[length]) {
            size_t n = common(p, p - distance, most);
            if (n > length) {
                length = n;
                *best = (struct match){n, distance};
            }
        }
    }
}

/* The longest copy for the bytes at `at`, of which LEAST are left, if longer than best's. Remembers the place. */
static inline void find(struct deflate *z, size_t at, size_t end, struct match *best)
{
    uint32_t hash = hash_of(z->window + at), tag = hash >> (24 - HASH_BITS) & 255;
    struct bucket *b = &z->buckets[hash >> (32 - HASH_BITS)];
    uint32_t differ = b->tags ^ tag * 0x01010101u;

    if ((differ - 0x01010101u) & ~differ & 0x80808080u) {       /* some byte of it is 0 */
        consider(z, b, at, end, best);
    }
    remember(b, tag, z->base + (uint32_t)at);
}

/* Finds the copies of all that is there, and writes it as blocks. Literals that look like noise are searched at fewer and fewer places. */
static void compress(struct deflate *z, bool final)
{
    size_t at = z->start, run = at, end = z->fill;

    while (at + LEAST <= end) {
        struct match m = {LEAST - 1, 0};
        find(z, at, end, &m);
        if (!m.distance) {
            at += 1 + ((at - run) >> 4 & 7);
            continue;
        }
        if (m.length < 32 && at + 1 + LEAST <= end) {       /* perhaps a longer one begins a byte later */
            size_t length = m.length;
            find(z, at + 1, end, &m);
            at += m.length > length;
        }
        z->list[z->copies++] = (struct copy){(uint16_t)(at - run), (uint16_t)m.length, (uint16_t)m.distance};
        size_t stop = at + m.length;
        for (size_t i = at + 2; i + LEAST <= end && i < stop; i++) {
            uint32_t hash = hash_of(z->window + i);
            remember(&z->buckets[hash >> (32 - HASH_BITS)], hash >> (24 - HASH_BITS) & 255, z->base + (uint32_t)i);
        }
        run = at = stop;
        if (z->copies == COPIES) {
            put_block(z, at, final && at == end);
        }
    }
    if (z->start < end || (final && (z->fill == 0 || z->old))) {
        if (final || !keep(z, end)) {
            put_block(z, end, final);
        }
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
    memset(z->buckets, 0x80, sizeof z->buckets);  /* too far from all that is in the first window: 0x8080 */
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
