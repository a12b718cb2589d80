/* SPDX-License-Identifier: MIT */
/* Composing the flash file from a build, by content. */
#include "flash_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"
#include "report.h"

/* The one flash that holds all partitions: from the lowest base to the highest end. */
static void flash_bounds(const struct board *board, uint32_t *base, uint32_t *size)
{
    uint32_t end = 0;

    *base = UINT32_MAX;
    for (size_t i = 0; i < board->partition_count; i++) {
        const struct board_partition *p = &board->partitions[i];
        if (p->base < *base)
            *base = p->base;
        if (p->base + p->size > end)
            end = p->base + p->size;
    }
    *size = end - *base;
}

static int failed(const char *path, int error)
{
    if (error == EWOULDBLOCK)
        return fail(EXIT_CODE_BUSY, "Use --name NAME for a second camera with a flash of its own.",
                    "%s is the flash of an emulated camera that is running", path);
    return fail(EXIT_CODE_OUTPUT, error == ENOSPC ? "Make room on the disk." : NULL, "%s cannot be written: %s", path, strerror(error));
}

static bool write_all(int fd, const uint8_t *bytes, size_t n, off_t at)
{
    while (n) {
        ssize_t done = pwrite(fd, bytes, n, at);
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0)
            bytes += done, n -= (size_t)done, at += done;
    }
    return true;
}

static bool read_all(int fd, uint8_t *bytes, size_t n, off_t at)
{
    while (n) {
        ssize_t done = pread(fd, bytes, n, at);
        if (done == 0 || (done < 0 && errno != EINTR))
            return false;
        if (done > 0)
            bytes += done, n -= (size_t)done, at += done;
    }
    return true;
}

static int open_locked(struct flash_image *image, const char *path, int flags)
{
    image->fd = open(path, O_RDWR | O_CLOEXEC | flags, 0666);
    if (image->fd < 0)
        return errno;
    if (flock(image->fd, LOCK_EX | LOCK_NB)) {
        int error = errno;
        flash_image_close(image);
        return error;
    }
    return 0;
}

/*
 * Puts a partition's file into the flash when it is not there already: 0 or an exit code. As a flasher would, it erases only the
 * blocks that it writes: behind the firmware lies what the firmware keeps there (its disk's spare block).
 */
static int refresh(struct flash_image *image, const struct board_partition *p, const char *file, off_t at, const char *path)
{
    size_t n;
    uint8_t *bytes = path_read_file(file, p->size, &n);
    uint8_t *wanted = malloc(p->size), *present = malloc(p->size);
    int code = 0;

    if (!bytes)
        code = fail(EXIT_CODE_INPUT, "Build it again.", "%s cannot be used: %s", file,
                    errno == EFBIG ? "it is larger than its partition" : strerror(errno));
    else if (!wanted || !present)
        code = fail(EXIT_CODE_SYSTEM, NULL, "out of memory");
    if (!code) {
        size_t span = p->erase ? (n + p->erase - 1) / p->erase * p->erase : n;
        if (span > p->size)
            span = p->size;
        memcpy(wanted, bytes, n);
        memset(wanted + n, 0xFF, span - n);
        bool same = read_all(image->fd, present, span, at) && !memcmp(wanted, present, span);
        if (!same && !write_all(image->fd, wanted, span, at))
            code = failed(path, errno);
    }
    free(bytes);
    free(wanted);
    free(present);
    return code;
}

int flash_image_prepare(struct flash_image *image, const struct board *board, const char *path, bool fresh)
{
    uint32_t base, size;
    struct stat status;
    bool firmware = false;

    *image = (struct flash_image){.fd = -1, .app_address = board->app_address};
    flash_bounds(board, &base, &size);

    /* Before anything is touched: is there something to run? */
    for (size_t i = 0; i < board->partition_count; i++) {
        char file[PATH_BYTES];
        const struct board_partition *p = &board->partitions[i];
        if (p->image && !strcmp(p->role, "firmware")) {
            path_format(file, "%s/%s/bin/%s", path_build(), board->target, p->image);
            firmware = access(file, R_OK) == 0;
        }
    }
    if (!firmware) {
        char step[128];
        snprintf(step, sizeof step, "Build it: make TARGET=%s", board->target);
        return fail(EXIT_CODE_NOT_BUILT, step, "there is no firmware of %s", board->target);
    }

    int error = open_locked(image, path, O_CREAT);
    if (error)
        return failed(path, error);
    if (fresh || fstat(image->fd, &status) || status.st_size != (off_t)size) {
        uint8_t *erased = malloc(size);
        if (!erased)
            return fail(EXIT_CODE_SYSTEM, NULL, "out of memory");
        memset(erased, 0xFF, size);
        bool done = ftruncate(image->fd, 0) == 0 && write_all(image->fd, erased, size, 0);
        error = errno;
        free(erased);
        if (!done) {
            flash_image_close(image);
            return failed(path, error);
        }
    }
    for (size_t i = 0; i < board->partition_count; i++) {
        const struct board_partition *p = &board->partitions[i];
        char file[PATH_BYTES];
        if (!p->image)
            continue;
        path_format(file, "%s/%s/bin/%s", path_build(), board->target, p->image);
        if (access(file, F_OK))
            continue;
        int code = refresh(image, p, file, (off_t)(p->base - base), path);
        if (code) {
            flash_image_close(image);
            return code;
        }
        image->bootloader |= !strcmp(p->role, "bootloader");
    }
    return 0;
}

int flash_image_adopt(struct flash_image *image, const struct board *board, const char *path)
{
    uint32_t base, size;
    struct stat status;
    uint32_t vector[2];

    *image = (struct flash_image){.fd = -1, .app_address = board->app_address};
    flash_bounds(board, &base, &size);
    int error = open_locked(image, path, 0);
    if (error == EWOULDBLOCK)
        return failed(path, error);
    if (error)
        return fail(EXIT_CODE_INPUT, NULL, "%s cannot be opened: %s", path, strerror(error));
    if (fstat(image->fd, &status) || status.st_size != (off_t)size) {
        flash_image_close(image);
        return fail(EXIT_CODE_INPUT, "Give an image of the whole flash, or leave --flash out to use the build.",
                    "%s has %lld bytes; the flash of %s has %u", path, (long long)status.st_size, board->target, (unsigned)size);
    }
    /* A vector table at the very start is a bootloader (or a program that needs none). */
    image->bootloader = read_all(image->fd, (uint8_t *)vector, sizeof vector, 0) && vector[0] != UINT32_MAX && vector[1] != UINT32_MAX;
    return 0;
}

void flash_image_close(struct flash_image *image)
{
    if (image->fd >= 0)
        close(image->fd);
    image->fd = -1;
}
