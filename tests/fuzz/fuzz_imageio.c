/* SPDX-License-Identifier: MIT */
/* Any bytes as a stream of images: opened, read to the end, then searched through. Pictures of up to 1 MiB are read. */
#include <stdint.h>
#include <stdlib.h>

#include "vision/imageio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_stream memory = {(uint8_t *)(uintptr_t)data, size, 0, 0};
    struct stream in = memory_stream_open(&memory);
    struct imageio_file file;
    struct imageio_frame frame;

    if (imageio_open(&file, &in, (uint32_t)size) != 0) {
        return 0;
    }
    for (int n = 0; n < 1000 && imageio_peek(&file, &frame) == 1 && frame.size <= 1 << 20; n++) {
        struct image img = {.data = malloc(frame.size)};
        int err = img.data ? imageio_read(&file, &frame, &img) : -1;
        if (!err && image_bytes(&img) != frame.size) {
            abort();
        }
        free(img.data);
        if (err) {
            break;
        }
    }
    for (uint32_t i = 0; i < 8 && size > 40; i++) {
        imageio_seek(&file, data[32 + i] % (file.count + 2));
        imageio_peek(&file, &frame);
    }
    return 0;
}
