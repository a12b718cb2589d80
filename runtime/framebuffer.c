/* SPDX-License-Identifier: MIT */
/* The frame buffer: which picture is the frame, and who wants to see it. */
#include "runtime/framebuffer.h"

#include <string.h>

#include "runtime/lifecycle.h"
#include "runtime/pool.h"
#include "runtime/pool_stats.h"

static struct {
    struct image image;
    size_t capacity;
    uint8_t *own;                   /* taken by framebuffer_reserve */
    uint32_t generation;
    void (*show)(const struct image *image);
    bool (*give)(void);
} frame;

static void release_own(void)
{
    if (frame.own) {
        frame.generation++;
        pool_free(frame.own);
        frame.own = NULL;
    }
}

void framebuffer_set(const struct image *image, size_t capacity)
{
    if (!image || image->data != frame.own) {
        release_own();
    }
    frame.capacity = image ? capacity : 0;
    if (image) {
        pool_stats_frame();
        frame.image = *image;
    } else {
        memset(&frame.image, 0, sizeof(frame.image));
    }
}

const struct image *framebuffer_image(void)
{
    return frame.image.width ? &frame.image : NULL;
}

size_t framebuffer_reserve(size_t wanted, bool keep)
{
    if (wanted <= frame.capacity) {
        return frame.capacity;
    }
    if (!keep) {
        memset(&frame.image, 0, sizeof(frame.image));
        frame.capacity = 0;
        release_own();
    }
    uint8_t *memory = pool_realloc(frame.own, wanted, POOL_PERSIST);
    if (memory) {
        static struct lifecycle_hook hook = {framebuffer_invalidate, NULL};
        lifecycle_at_end(&hook);
        frame.generation += frame.own && memory != frame.own;
        if (!frame.own) {
            memset(&frame.image, 0, sizeof(frame.image));   /* what was there stays with whoever set it */
        }
        frame.own = frame.image.data = memory;
        frame.capacity = wanted;
    }
    return frame.capacity;
}

uint8_t *framebuffer_data(void)
{
    return frame.image.data;
}

bool framebuffer_is_own(void)
{
    return frame.own;
}

bool framebuffer_owns(const void *data)
{
    return data && data == frame.image.data;
}

void framebuffer_update(const struct image *image)
{
    if (framebuffer_owns(image->data)) {
        frame.image = *image;
    }
}

void framebuffer_publish(void)
{
    if (frame.show && frame.image.width) {
        frame.show(&frame.image);
    }
}

void framebuffer_set_preview(void (*show)(const struct image *image))
{
    frame.show = show;
}

void framebuffer_set_spare(bool (*give)(void))
{
    frame.give = give;
}

bool framebuffer_give_spare(void)
{
    return frame.give && frame.give();
}

void framebuffer_invalidate(void)
{
    framebuffer_set(NULL, 0);
    frame.generation++;
}

void framebuffer_renew(void)
{
    frame.generation++;
}

uint32_t framebuffer_generation(void)
{
    return frame.generation * 2 + 1;
}

size_t framebuffer_capacity(void)
{
    return frame.capacity;
}
