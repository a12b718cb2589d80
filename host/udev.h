/* SPDX-License-Identifier: MIT */
/* Access to cameras without root on Linux: the udev rules, from the USB ids of all boards. */
#ifndef HOST_UDEV_H
#define HOST_UDEV_H

/*
 * A name of its own, so that no rules file of another program is overwritten, and before 73-seat-late.rules, where the tag
 * "uaccess" takes effect. The folder is $OMV_UDEV_DIR in tests.
 */
#define UDEV_FILE "70-openmv.rules"
const char *udev_folder(void);

/* The text of the rules, malloc'ed; NULL: out of memory. */
char *udev_rules(void);

#endif
