/* SPDX-License-Identifier: MIT */
/* Paths and whole files. */
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

void path_format(char path[PATH_BYTES], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int n = vsnprintf(path, PATH_BYTES, format, arguments);
    va_end(arguments);
    if (n < 0 || n >= PATH_BYTES)
        exit(fail(EXIT_CODE_SYSTEM, "Move the project to a folder with a shorter name.", "the path is too long: %s", path));
}

const char *path_top(void)
{
    static char top[PATH_BYTES];
    const char *given = getenv("OMV_TOP");

    if (!top[0]) {
        if (given && *given)
            path_format(top, "%s", given);
        else if (!getcwd(top, sizeof top))
            path_format(top, ".");
    }
    return top;
}

const char *path_build(void)
{
    static char build[PATH_BYTES];
    const char *given = getenv("OMV_BUILD");

    if (!build[0]) {
        if (given && *given)
            path_format(build, "%s", given);
        else
            path_format(build, "%s/build", path_top());
    }
    return build;
}

const char *path_sdk(void)
{
    static char sdk[PATH_BYTES];
    const char *given = getenv("SDK_DIR");
    char file[PATH_BYTES];

    if (sdk[0])
        return sdk;
    if (given && *given) {
        path_format(sdk, "%s", given);
        return sdk;
    }
    path_format(file, "%s/SDK_VERSION", path_top());
    char *version = path_read_file(file, 64, NULL);
    if (version)
        version[strcspn(version, " \r\n")] = 0;
    path_format(sdk, "%s/openmv-sdk-%s", getenv("HOME") ? getenv("HOME") : "", version ? version : "unknown");
    free(version);
    return sdk;
}

int path_make_folder(const char *path)
{
    char part[PATH_BYTES];

    path_format(part, "%s", path);
    for (char *p = part + 1;; p++)
        if (*p == '/' || !*p) {
            char c = *p;
            *p = 0;
            if (mkdir(part, 0777) && errno != EEXIST)
                return errno;
            *p = c;
            if (!c)
                return 0;
        }
}

void *path_read_file(const char *path, size_t limit, size_t *size)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), error = 0; /* a pipe without a writer is refused, not waited for */
    char *bytes = NULL;
    size_t n = 0;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status))
        error = errno;
    else if (!S_ISREG(status.st_mode))
        error = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    else if ((size_t)status.st_size > limit)
        error = EFBIG;
    else if (!(bytes = malloc((size_t)status.st_size + 1)))
        error = ENOMEM;
    while (!error && n < (size_t)status.st_size) {
        ssize_t got = read(fd, bytes + n, (size_t)status.st_size - n);
        if (got < 0)
            error = errno;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    close(fd);
    if (error) {
        free(bytes);
        errno = error;
        return NULL;
    }
    bytes[n] = 0;
    if (size)
        *size = n;
    return bytes;
}

const char *path_why(int error)
{
    return error == EINVAL ? "it is no ordinary file" : error == EFBIG ? "it is too large" : strerror(error);
}

int path_write_file(const char *path, const void *bytes, size_t size)
{
    char beside[PATH_BYTES];
    const char *p = bytes;
    int error = 0;

    path_format(beside, "%s.%d.part", path, (int)getpid());
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno;
    while (size && !error) {
        ssize_t n = write(fd, p, size);
        if (n < 0)
            error = errno;
        else
            p += n, size -= (size_t)n;
    }
    if (close(fd) && !error)
        error = errno;
    if (!error && rename(beside, path))
        error = errno;
    if (error)
        unlink(beside);
    return error;
}
