/* SPDX-License-Identifier: MIT */
/* Where things are: the source tree, the SDK, files of a build, files of running emulated cameras. */
#ifndef HOST_PATHS_H
#define HOST_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PATH_BYTES 512

/* The root of the source tree: $OMV_TOP, which the launcher sets, else the present folder. */
const char *path_top(void);

/* The SDK: $SDK_DIR, or ~/openmv-sdk-<SDK_VERSION>. */
const char *path_sdk(void);

/* Where builds are, one folder for each TARGET: $OMV_BUILD, or build/ in the source tree. */
const char *path_build(void);

/* Formats a path; exits with an error when it does not fit. */
void path_format(char path[PATH_BYTES], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Creates a folder and those above it: 0 or an errno. */
int path_make_folder(const char *path);

/* A whole file in malloc'ed memory with a 0 behind it; NULL and errno. More than `limit` bytes is EFBIG, a pipe or a device EINVAL. */
void *path_read_file(const char *path, size_t limit, size_t *size);
const char *path_why(int error); /* that errno, for people */

/* Writes beside, then renames: the file is old or new, never half. 0 or an errno. */
int path_write_file(const char *path, const void *bytes, size_t size);

#endif
