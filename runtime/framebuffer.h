/* SPDX-License-Identifier: MIT */
/* The frame buffer: the picture that scripts call "the frame" and that the host previews. Memory belongs to whoever set it. */
#ifndef RUNTIME_FRAMEBUFFER_H
#define RUNTIME_FRAMEBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vision/image.h"

/* From now on this is the frame; `capacity` bytes at image->data may be used by pictures put in its place. NULL: there is none. */
void framebuffer_set(const struct image *image, size_t capacity);

/* The frame, or NULL. Valid until the next framebuffer_set. */
const struct image *framebuffer_image(void);

/* Bytes that a picture in the frame buffer may have. Memory is taken from the pools for `wanted` bytes when what was set is too small for them, or when
   nobody has set any; memory taken before that is too small grows, and if `keep` its pixels move along, or stay where they are when there is no memory.
   0: none. */
size_t framebuffer_reserve(size_t wanted, bool keep);

/* Where framebuffer_reserve's memory is; whether it was taken from the pools. */
uint8_t *framebuffer_data(void);
bool framebuffer_is_own(void);

bool framebuffer_owns(const void *data);

/* The picture at the frame's address has changed size or format (an operation in place). Ignored for other pictures. */
void framebuffer_update(const struct image *image);

/* Shows the frame to whoever set a preview (the protocol's stream channel). Harmless with no frame or no preview. */
void framebuffer_publish(void);
void framebuffer_set_preview(void (*show)(const struct image *image));

/* The memory behind the frame goes away: images that scripts still hold of it must not be used any more. */
void framebuffer_invalidate(void);

/* Memory of frames before this one goes away: what scripts hold of them must not be used any more, but the frame stays. */
void framebuffer_renew(void);

/* Changes with every framebuffer_invalidate and framebuffer_renew; an image of the frame is good while the number it was made under stands. Never 0. */
uint32_t framebuffer_generation(void);

/* Memory is short: asks whoever fills frames ahead to give back what only saves time (framebuffer_set_spare). false: there was nothing. */
bool framebuffer_give_spare(void);
void framebuffer_set_spare(bool (*give)(void));

/* Capacity now, for SYS_INFO. */
size_t framebuffer_capacity(void);

#endif
