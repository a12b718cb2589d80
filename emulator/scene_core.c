/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenes: which picture is shown when, with the fitted ones kept. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "scene_core.h"

enum {
    FILES_MAX = 10000,
    KEPT = 32,              /* fitted pictures remembered, 0.9 MB each on a VGA sensor */
};

struct fitted {
    uint8_t *rgb;           /* NULL: free slot */
    int index, width, height;
};

struct scene {
    char *path;             /* "" is the test card */
    char **files;           /* `count` of them, NULL where one is damaged; no files at all for the test card */
    int count;
    uint64_t generation;
    struct scene_picture first;     /* picture 0 as scene_open() decoded it, until it is fitted */
    struct fitted kept[KEPT];
    struct fitted *last;    /* what was shown last */
    int next;               /* slot to fill next */
};

static void free_files(char **files, int count)
{
    for (int i = 0; i < count; i++) {
        free(files[i]);
    }
    free(files);
}

static void forget(struct scene *scene)
{
    for (int i = 0; i < KEPT; i++) {
        free(scene->kept[i].rgb);
        scene->kept[i] = (struct fitted){0};
    }
    scene->last = NULL;
    scene_picture_free(&scene->first);
}

struct scene *scene_new(void)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    if (scene != NULL) {
        scene->path = strdup("");
        scene->count = 1;
        if (scene->path == NULL) {
            free(scene);
            return NULL;
        }
    }
    return scene;
}

void scene_free(struct scene *scene)
{
    if (scene != NULL) {
        forget(scene);
        free_files(scene->files, scene->files != NULL ? scene->count : 0);
        free(scene->path);
        free(scene);
    }
}

static int fail(char *error, const char *path, const char *why)
{
    snprintf(error, SCENE_ERROR_SIZE, "%.300s: %s", path, why);
    return -1;
}

static int is_picture_name(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".ppm", ".pgm"};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && name[0] != '.' && i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (strcasecmp(dot, endings[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The sorted picture files of folder `path`; their number, or -1 with `error`. */
static int list_folder(const char *path, char ***files, char *error)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int count = 0, result = 0;

    *files = folder != NULL ? calloc(FILES_MAX, sizeof(char *)) : NULL;
    if (*files == NULL) {
        result = fail(error, path, strerror(errno));
    }
    while (result == 0 && (entry = readdir(folder)) != NULL) {
        size_t size = strlen(path) + strlen(entry->d_name) + 2;

        if (!is_picture_name(entry->d_name)) {
            continue;
        }
        if (count == FILES_MAX) {
            result = fail(error, path, "more than 10000 pictures");
        } else if (((*files)[count] = malloc(size)) == NULL) {
            result = fail(error, path, "out of memory");
        } else {
            snprintf((*files)[count++], size, "%s/%s", path, entry->d_name);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    if (result == 0 && count == 0) {
        result = fail(error, path, "no PNG, JPEG, PPM or PGM file in this folder");
    }
    if (result == 0) {
        qsort(*files, (size_t)count, sizeof(char *), by_name);
    }
    for (int i = 1; result == 0 && i < count; i++) {        /* the first one is decoded anyway */
        result = scene_picture_probe((*files)[i], error);
    }
    if (result < 0) {
        free_files(*files, count);
        *files = NULL;
        return -1;
    }
    return count;
}

static int list_pictures(const char *path, char ***files, char *error)
{
    struct stat status;

    if (stat(path, &status) < 0) {
        return fail(error, path, strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        return list_folder(path, files, error);
    }
    *files = calloc(1, sizeof(char *));
    if (*files == NULL || ((*files)[0] = strdup(path)) == NULL) {
        free(*files);
        *files = NULL;
        return fail(error, path, "out of memory");
    }
    return 1;
}

int scene_open(struct scene *scene, const char *path, char error[SCENE_ERROR_SIZE])
{
    struct scene_picture first = {0};
    char **files = NULL;
    int count = 1;
    char *copy = strdup(path != NULL ? path : "");

    if (copy == NULL) {
        return fail(error, path, "out of memory");
    }
    if (copy[0] != '\0') {
        count = list_pictures(path, &files, error);
        if (count < 0 || scene_picture_load(&first, files[0], error) < 0) {
            free_files(files, count < 0 ? 0 : count);
            free(copy);
            return -1;
        }
        }
    forget(scene);
    free_files(scene->files, scene->files != NULL ? scene->count : 0);
    free(scene->path);
    scene->path = copy;
    scene->files = files;
    scene->count = count;
    scene->first = first;
    scene->generation++;
    return 0;
}

const char *scene_path(const struct scene *scene)
{
    return scene->path;
}

int scene_count(const struct scene *scene)
{
    return scene->count;
}

uint64_t scene_generation(const struct scene *scene)
{
    return scene->generation;
}

/* Decode and fit picture `index` into `slot`. 0, or -1 with `error` set. */
static int fill(struct scene *scene, struct fitted *slot, int index, int width, int height, char *error)
{
    struct scene_picture picture = {0};
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3);
    int result = 0;

    if (rgb == NULL) {
        return fail(error, scene->path, "out of memory");
    }
    if (scene->files == NULL) {
        scene_picture_test_card(rgb, width, height);
    } else if (index == 0 && scene->first.rgb != NULL) {
        picture = scene->first;
        scene->first = (struct scene_picture){0};
    } else if (scene->files[index] == NULL) {
        result = -1;
    } else if (scene_picture_load(&picture, scene->files[index], error) < 0) {
        free(scene->files[index]);
        scene->files[index] = NULL;
        result = -1;
    }
    if (picture.rgb != NULL) {
        result = scene_picture_fit(&picture, rgb, width, height);
        scene_picture_free(&picture);
        if (result < 0) {
            fail(error, scene->path, "out of memory");
        }
    }
    if (result < 0) {
        free(rgb);
        return -1;
    }
    free(slot->rgb);
    *slot = (struct fitted){rgb, index, width, height};
    return 0;
}

const uint8_t *scene_frame(struct scene *scene, uint64_t number, int width, int height, char error[SCENE_ERROR_SIZE])
{
    int index = (int)(number % (uint64_t)scene->count);
    struct fitted *slot = NULL, *last = scene->last;

    error[0] = '\0';
    for (int i = 0; i < KEPT; i++) {
        struct fitted *kept = &scene->kept[i];

        if (kept->rgb != NULL && kept->index == index && kept->width == width && kept->height == height) {
            slot = kept;
        }
    }
    if (slot == NULL) {
        slot = &scene->kept[scene->next];
        scene->next = (scene->next + 1) % KEPT;
        if (fill(scene, slot, index, width, height, error) < 0) {
            return last != NULL && last->width == width && last->height == height ? last->rgb : NULL;
        }
    }
    scene->last = slot;
    return slot->rgb;
}
