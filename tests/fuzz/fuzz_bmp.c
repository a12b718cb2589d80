/* SPDX-License-Identifier: MIT */
/* Any bytes as a bitmap file: head and pixels. The picture may take up to 1 MiB; larger ones are only recognised. */
#include <stdint.h>
#include <stdlib.h>

#include "vision/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_stream memory = {(uint8_t *)(uintptr_t)data, size, 0, 0};
    struct stream in = memory_stream_open(&memory);
    size_t room = 4096 + 4 * 32768;
    struct arena arena = {.base = malloc(room), .size = room};
    struct codec_info info = {.codec = &codec_bmp};

    if (arena.base && size && codec_bmp.probe(data, size < 16 ? size : 16) && codec_bmp.read_info(&in, &info, &arena) == 0 &&
        info.bytes <= 1 << 20) {
        arena.used = 0;
        struct image img = {.data = malloc(info.bytes)};
        if (img.data) {
            codec_read(&in, &info, &img, &arena);
            free(img.data);
        }
    }
    free(arena.base);
    return 0;
}
