/* SPDX-License-Identifier: MIT */
/* The folder of running emulated cameras' files, as omv and the libusb of ours both find it. */
#ifndef HOST_RUN_FOLDER_H
#define HOST_RUN_FOLDER_H

#include <stddef.h>

/* $XDG_RUNTIME_DIR/openmv when that is writable, else /tmp/openmv-UID. 0, or ENAMETOOLONG. Nothing is made. */
int run_folder(char *path, size_t size);

/* Whether it is there and ours alone: /tmp is everyone's. 0 or an errno. */
int run_folder_check(const char *path);

#endif
