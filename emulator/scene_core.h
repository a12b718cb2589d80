/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a camera looks at: a picture file, a folder of pictures shown one after the other, or the test card. Plain C. */
#ifndef SCENE_CORE_H
#define SCENE_CORE_H

#include <stdint.h>

#include "scene_picture.h"

struct scene;

/* A scene that shows the test card. NULL when out of memory. */
struct scene *scene_new(void);

void scene_free(struct scene *scene);

/*
 * Look at `path` from now on: a picture file, or a folder, of which every PNG, JPEG, PPM and PGM file (by name, in
 * the order of the names) is one picture. NULL or "" is the test card. The first picture is decoded and the headers
 * of all the others are checked here. 0, or -1 with `error` set and the old scene kept.
 */
int scene_open(struct scene *scene, const char *path, char error[SCENE_ERROR_SIZE]);

/* The path in use; "" for the test card. Valid until the next scene_open(). */
const char *scene_path(const struct scene *scene);

/* How many pictures there are: 1 unless the path is a folder. */
int scene_count(const struct scene *scene);

/* Changes whenever what scene_frame() shows may have changed for the same number. */
uint64_t scene_generation(const struct scene *scene);

/*
 * Picture `number` (modulo scene_count()) fitted to width x height: RGB, width * height * 3 bytes, owned by the scene and
 * valid until the next call. A picture of a folder that turns out to be damaged is reported in `error` once (else
 * error[0] is 0) and the one shown before stays. NULL when there is nothing to show: out of memory, or the damaged one
 * is the first at this size.
 */
const uint8_t *scene_frame(struct scene *scene, uint64_t number, int width, int height, char error[SCENE_ERROR_SIZE]);

#endif
