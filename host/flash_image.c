/* SPDX-License-Identifier: MIT */
/* Composing the flash file from a build, by content, or from files that are somebody else's. */
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
#include "program_file.h"
#include "report.h"

#define BOOT_ALIGNMENT 0x10000u /* BOOT_ADD0 is the upper half of an address (RM0433 section 4.9.17) */

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

/* Opens the file, erased when it is new, of another size, or to be fresh: 0 or an exit code. */
static int open_erased(struct flash_image *image, const char *path, uint32_t size, bool fresh)
{
    struct stat status;
    int error = open_locked(image, path, O_CREAT);

    if (error)
        return failed(path, error);
    if (!fresh && !fstat(image->fd, &status) && status.st_size == (off_t)size)
        return 0;
    uint8_t *erased = malloc(size);
    if (!erased)
        return fail(EXIT_CODE_SYSTEM, NULL, "out of memory");
    memset(erased, 0xFF, size);
    bool done = ftruncate(image->fd, 0) == 0 && write_all(image->fd, erased, size, 0);
    error = errno;
    free(erased);
    if (done)
        return 0;
    flash_image_close(image);
    return failed(path, error);
}

int flash_image_prepare(struct flash_image *image, const struct board *board, const char *path, bool fresh)
{
    uint32_t base, size;
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

    int error = open_erased(image, path, size, fresh);
    if (error)
        return error;
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

/* A vector table at the very start is a bootloader (or a program that needs none). */
static bool starts_by_itself(const struct flash_image *image)
{
    uint32_t vector[2];

    return read_all(image->fd, (uint8_t *)vector, sizeof vector, 0) && vector[0] != UINT32_MAX && vector[1] != UINT32_MAX;
}

/* Puts the erase blocks that the programs touch into the file, each as a flasher leaves it: erased, then programmed. */
static bool write_blocks(const struct flash_image *image, const struct board *board, const struct program_flash *flash)
{
    for (size_t i = 0; i < board->partition_count; i++) {
        const struct board_partition *p = &board->partitions[i];
        uint32_t block = p->erase ? p->erase : p->size;
        for (uint32_t at = p->base - flash->base, end = at + p->size; at < end; at += block) {
            size_t n = end - at < block ? end - at : block;
            if (memchr(flash->used + at, 1, n) && !write_all(image->fd, flash->bytes + at, n, at))
                return false;
        }
    }
    return true;
}

static int place_programs(struct flash_image *image, struct program_flash *flash, const char *const *files, size_t count)
{
    int code = 0;

    memset(flash->bytes, 0xFF, flash->size);
    for (size_t i = 0; i < count && !code; i++)
        code = program_file_place(files[i], flash);
    const uint8_t *first = memchr(flash->used, 1, flash->size);
    if (first && !flash->used[image->app_address - flash->base]) /* not where the board's firmware would be */
        image->app_address = flash->base + (uint32_t)(first - flash->used);
    return code;
}

int flash_image_program(struct flash_image *image, const struct board *board, const char *path, const char *const *files, size_t count,
                        bool fresh)
{
    struct program_flash flash;

    *image = (struct flash_image){.fd = -1, .app_address = board->app_address};
    flash_bounds(board, &flash.base, &flash.size);
    flash.bytes = malloc(flash.size);
    flash.used = calloc(flash.size, 1);
    int code = flash.bytes && flash.used ? place_programs(image, &flash, files, count) : fail(EXIT_CODE_SYSTEM, NULL, "out of memory");
    if (!code)
        code = open_erased(image, path, flash.size, fresh);
    if (!code && !write_blocks(image, board, &flash))
        code = failed(path, errno);
    free(flash.bytes);
    free(flash.used);
    if (code)
        flash_image_close(image);
    image->bootloader = !code && starts_by_itself(image);
    if (!code && !image->bootloader && image->app_address % BOOT_ALIGNMENT)
        code = fail(EXIT_CODE_BAD_IMAGE, "Give the bootloader that starts it, too: one --image for each.",
                    "the program begins at 0x%08x; the chip starts what lies at a multiple of 64 KiB", (unsigned)image->app_address);
    return code;
}

int flash_image_adopt(struct flash_image *image, const struct board *board, const char *path)
{
    uint32_t base, size;
    struct stat status;

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
    image->bootloader = starts_by_itself(image);
    return 0;
}

void flash_image_close(struct flash_image *image)
{
    if (image->fd >= 0)
        close(image->fd);
    image->fd = -1;
}
