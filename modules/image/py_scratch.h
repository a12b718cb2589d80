/* SPDX-License-Identifier: MIT */
/* Scratch memory for one call of vision/, and its errors as exceptions. */
#ifndef MODULES_IMAGE_PY_SCRATCH_H
#define MODULES_IMAGE_PY_SCRATCH_H

#include "py/obj.h"

#include "vision/image.h"

/* Takes the largest free block of the pools, but for a reserve that keeps the host's uploads and a callback's images going.
   No exception may pass between scratch_open and scratch_close. With no memory at all the arena is empty. */
struct arena scratch_open(void);
void scratch_close(struct arena *arena);

/* There was too little scratch, and there is more now: from images that nobody names any more, from what the camera fills ahead, from the reserve. The
   call is then worth repeating, with its images asked for anew. Only for calls that have changed nothing when they run out of scratch. */
bool scratch_again(struct arena *arena, int error);

/* Gives back all but the first `bytes` of it, which stay where they are. */
void scratch_shrink(struct arena *arena, size_t bytes);

/* Closes, and raises what `error` stands for: MemoryError with the bytes that were needed and those there were, ValueError, OSError. Returns `error` when it is >= 0. */
int scratch_finish(struct arena *arena, int error);

/* Raises for a negative error. */
void vision_check(int error);

MP_NORETURN void raise_unavailable(void);

#endif
