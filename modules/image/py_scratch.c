/* SPDX-License-Identifier: MIT */
/* Scratch memory for one call of vision/, and its errors as exceptions. */
#include "modules/image/py_scratch.h"

#include "py/gc.h"
#include "py/runtime.h"

#include "modules/image/py_image.h"
#include "runtime/pool.h"

enum { RESERVE = 16 * 1024, SMALLEST = 4 * 1024, LITTLE = 64 * 1024 };

/* Persistent: a callback may call umalloc.collect(). */
#define FLAGS (POOL_FAST | POOL_TRANSIENT | POOL_PERSIST)

static bool all;                    /* for once: what is left to others otherwise has been missed */

struct arena scratch_open(void)
{
    size_t largest = pool_largest(FLAGS);

    if (largest < LITTLE) {         /* images that no variable names any more give their blocks back */
        gc_collect();
        largest = pool_largest(FLAGS);
    }
    size_t size = all ? largest : largest > 2 * RESERVE ? largest - RESERVE : largest / 2 > SMALLEST ? largest / 2 : largest;
    uint8_t *base = pool_alloc(size, FLAGS);

    all = false;
    return (struct arena){.base = base, .size = base ? size : 0};
}

void scratch_close(struct arena *arena)
{
    pool_free(arena->base);
    *arena = (struct arena){0};
}

bool scratch_again(struct arena *arena, int error)
{
    if (error != VISION_E_MEMORY) {
        return false;
    }
    pool_free(arena->base);
    arena->base = NULL;
    gc_collect();
    if (pool_largest(FLAGS) < arena->missed) {
        py_image_give_spare();
    }
    all = pool_largest(FLAGS) > arena->size;
    return all;
}

void scratch_shrink(struct arena *arena, size_t bytes)
{
    uint8_t *base = bytes < arena->size ? pool_realloc(arena->base, bytes, FLAGS) : NULL;

    if (base) {                     /* a block that gets smaller never moves */
        arena->size = bytes;
    }
}

/* needed: 0 when it is not known */
static MP_NORETURN void raise_memory(size_t needed, size_t available)
{
    if (needed > available) {
        mp_raise_msg_varg(&mp_type_MemoryError,
                          MP_ERROR_TEXT("Out of frame buffer memory: this needs at least %u bytes of scratch, and there are %u: a smaller image or roi needs less"),
                          (unsigned)needed, (unsigned)available);
    }
    mp_raise_msg_varg(&mp_type_MemoryError,
                      MP_ERROR_TEXT("Out of frame buffer memory: this needs more scratch than the %u bytes that are free: a smaller image or roi needs less"),
                      (unsigned)available);
}

void vision_check(int error)
{
    if (error >= 0) {
        return;
    }
    mp_rom_error_text_t format = MP_ERROR_TEXT("%s");

    switch (error) {
    case VISION_E_MEMORY:
        raise_memory(0, pool_largest(POOL_FAST | POOL_TRANSIENT));
    case VISION_E_DATA:
    case VISION_E_SPACE:
        mp_raise_msg_varg(&mp_type_OSError, format, vision_strerror(error));
    case VISION_E_FORMAT:
        format = MP_ERROR_TEXT("%s: convert it first (to_grayscale(), to_rgb565() ...)");
        break;
    case VISION_E_ROI:
        format = MP_ERROR_TEXT("%s: it is (x, y, w, h) in the image's pixels");
        break;
    case VISION_E_ARGUMENT:
        format = MP_ERROR_TEXT("%s, or no number");
        break;
    case VISION_E_SIZE:
        format = MP_ERROR_TEXT("%s: scale() it or take another roi");
        break;
    default:
        break;
    }
    mp_raise_msg_varg(&mp_type_ValueError, format, vision_strerror(error));
}

int scratch_finish(struct arena *arena, int error)
{
    size_t needed = arena->missed, size = arena->size;

    scratch_close(arena);
    if (error == VISION_E_MEMORY) {
        raise_memory(needed, size);
    }
    vision_check(error);
    return error;
}

MP_NORETURN void raise_unavailable(void)
{
    mp_raise_NotImplementedError(MP_ERROR_TEXT("This function is unavailable on your OpenMV Cam."));
}
