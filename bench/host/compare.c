/* SPDX-License-Identifier: MIT */
/* Times rows of bench/core against other libraries, by turns, in one run: the ratio of the fastest of many batches of each. Usage: compare plain|simd MOTO.gray
   MOTO.rgb565 (320 x 240). Prints operation|format|library|ours, microseconds|theirs|ratio. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/core/core.h"
#include "host.h"

enum { WIDTH = 320, HEIGHT = 240, BATCHES = 15, IMAGE = 1 << 20, WORK = 4 << 20, ARENA = 16 << 20 };
#define BATCH_SECONDS 0.01

static const struct row *const tables[] = {vision_rows, filter_rows, compose_rows, shape_rows, match_rows, codec_rows};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const struct row *find_row(const char *op)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (const struct row *row = tables[i]; row->op; row++) {
            if (!strcmp(row->op, op)) {
                return row;
            }
        }
    }
    fprintf(stderr, "bench/core has no row %s\n", op);
    exit(1);
}

static uint8_t *memory;

static void set_up(struct call *call, const struct row *row, uint8_t *picture, enum pixel_format format)
{
    *call = (struct call){.work = memory + IMAGE, .work_bytes = WORK, .repeat = 1};
    image_init(&call->source, WIDTH, HEIGHT, format, picture, IMAGE);
    call->img = call->source;
    call->img.data = memory;
    memcpy(memory, picture, image_bytes(&call->source));
    call->arena = (struct arena){.base = memory + IMAGE + WORK, .size = ARENA};
    if (row->prepare) {
        row->prepare(call);
    }
}

/* A run on the same picture each time: the image is copied back before each, as every library here has its input untouched. */
static void ours(const struct row *row, struct call *call, const struct image *prepared)
{
    memcpy(memory, call->source.data, image_bytes(&call->source));
    call->img = *prepared;
    call->arena.used = 0;
    row->run(call);
}

static void compare(const struct peer *peer, uint8_t *picture)
{
    enum pixel_format format = strcmp(peer->format, "gray") ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE;
    const struct row *row = find_row(peer->op);
    struct call call;
    double best[2] = {1e9, 1e9};

    set_up(&call, row, picture, format);
    struct image prepared = call.img;
    peer->prepare(picture, WIDTH, HEIGHT);
    for (int batch = 0; batch < 2 * BATCHES; batch++) {
        double start = now(), time;
        int n = 0;
        do {
            if (batch & 1) {
                peer->run();
            } else {
                ours(row, &call, &prepared);
            }
            n++;
            time = now() - start;
        } while (time < BATCH_SECONDS);
        best[batch & 1] = time / n < best[batch & 1] ? time / n : best[batch & 1];
    }
    printf("%s|%s|%s|%.1f|%.1f|%.2f\n", peer->op, peer->format, peer->library, best[0] * 1e6, best[1] * 1e6, best[0] / best[1]);
}

static uint8_t *load(const char *path, size_t n)
{
    uint8_t *bytes = malloc(n);
    FILE *f = fopen(path, "rb");

    if (!f || !bytes || fread(bytes, 1, n, f) != n) {
        fprintf(stderr, "%s can't be read\n", path);
        exit(1);
    }
    fclose(f);
    return bytes;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        return 2;
    }
    int simd = !strcmp(argv[1], "simd");
    uint8_t *gray = load(argv[2], WIDTH * HEIGHT), *rgb565 = load(argv[3], WIDTH * HEIGHT * 2);

    memory = aligned_alloc(64, IMAGE + WORK + ARENA);
    if (!simd) {
        setenv("JSIMD_FORCENONE", "1", 1);
    }
    const struct peer *const lists[] = {codec_peers,
#ifdef OPENCV
                                        opencv_peers
#endif
    };
#ifdef OPENCV
    opencv_set_up(simd);
#endif
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (const struct peer *peer = lists[i]; peer->op; peer++) {
            compare(peer, strcmp(peer->format, "gray") ? rgb565 : gray);
        }
    }
    return 0;
}
