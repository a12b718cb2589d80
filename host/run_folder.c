/* SPDX-License-Identifier: MIT */
/* Where running emulated cameras are found. */
#include "run_folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int run_folder(char *path, size_t size)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int n;

    if (runtime && *runtime && access(runtime, W_OK) == 0)
        n = snprintf(path, size, "%s/openmv", runtime);
    else
        n = snprintf(path, size, "/tmp/openmv-%d", (int)getuid());
    return n < 0 || (size_t)n >= size ? ENAMETOOLONG : 0;
}

int run_folder_check(const char *path)
{
    struct stat status;

    if (lstat(path, &status))
        return errno;
    return S_ISDIR(status.st_mode) && status.st_uid == getuid() && !(status.st_mode & 077) ? 0 : EPERM;
}
