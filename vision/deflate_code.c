/* SPDX-License-Identifier: MIT */
/* Lengths of prefix codes: Moffat and Katajainen, In-place calculation of minimum-redundancy codes (WADS 1995), then cut to a length. */
#include "vision/deflate.h"

#include <string.h>

enum { MOST_BITS = 32 };

/* Ascending; insertion in steps (Shell) by Ciura's distances. */
static void sort(uint32_t *keys, int n)
{
    static const uint8_t gaps[] = {132, 57, 23, 10, 4, 1};

    for (size_t g = 0; g < sizeof gaps; g++) {
        int gap = gaps[g];
        for (int i = gap; i < n; i++) {
            uint32_t key = keys[i];
            int k = i;
            for (; k >= gap && keys[k - gap] > key; k -= gap) {
                keys[k] = keys[k - gap];
            }
            keys[k] = key;
        }
    }
}

/* n >= 2 weights, ascending -> lengths, descending. */
static void minimum_redundancy(uint32_t *a, int n)
{
    int root = 0, leaf = 2, next;

    /* from the left: inner nodes' weights, then the indices of their parents */
    a[0] += a[1];
    for (next = 1; next < n - 1; next++) {
        if (leaf >= n || a[root] < a[leaf]) {
            a[next] = a[root];
            a[root++] = (uint32_t)next;
        } else {
            a[next] = a[leaf++];
        }
        if (leaf >= n || (root < next && a[root] < a[leaf])) {
            a[next] += a[root];
            a[root++] = (uint32_t)next;
        } else {
            a[next] += a[leaf++];
        }
    }
    /* from the right: depths of inner nodes, then of leaves */
    a[n - 2] = 0;
    for (next = n - 3; next >= 0; next--) {
        a[next] = a[a[next]] + 1;
    }
    int available = 1, used = 0;
    uint32_t depth = 0;
    root = n - 2;
    next = n - 1;
    while (available > 0) {
        while (root >= 0 && a[root] == depth) {
            used++;
            root--;
        }
        while (available > used) {
            a[next--] = depth;
            available--;
        }
        available = 2 * used;
        depth++;
        used = 0;
    }
}

/* How many codes of each length, none longer than `longest`: what was longer becomes so long, and, until Kraft's sum is 1 again, a code of the
   longest and the next shorter one give way to two. */
static void cut(int counts[MOST_BITS], int longest)
{
    uint32_t sum = 0;

    for (int bits = longest + 1; bits < MOST_BITS; bits++) {
        counts[longest] += counts[bits];
        counts[bits] = 0;
    }
    for (int bits = 1; bits <= longest; bits++) {
        sum += (uint32_t)counts[bits] << (longest - bits);
    }
    for (; sum > 1u << longest; sum--) {
        int bits = longest - 1;
        while (counts[bits] == 0) {
            bits--;
        }
        counts[longest]--;
        counts[bits]--;
        counts[bits + 1] += 2;
    }
}

void deflate_code_lengths(const uint32_t *frequencies, int count, int longest, uint8_t *lengths, uint32_t *work)
{
    int n = 0, counts[MOST_BITS] = {0};
    uint16_t symbols[288];

    memset(lengths, 0, (size_t)count);
    for (int i = 0; i < count; i++) {
        if (frequencies[i]) {
            work[n++] = frequencies[i] << 9 | (uint32_t)i;
        }
    }
    sort(work, n);
    for (int i = 0; i < n; i++) {
        symbols[i] = work[i] & 511;
        work[i] >>= 9;
    }
    if (n < 2) {
        work[0] = 1;
    } else {
        minimum_redundancy(work, n);
    }
    for (int i = 0; i < n; i++) {
        counts[work[i] < MOST_BITS ? work[i] : MOST_BITS - 1]++;
    }
    cut(counts, longest);
    for (int bits = longest, i = 0; bits > 0; bits--) {
        for (; counts[bits] > 0; counts[bits]--) {
            lengths[symbols[i++]] = (uint8_t)bits;
        }
    }
}
