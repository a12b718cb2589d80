/* SPDX-License-Identifier: MIT */
/*
 * Running emulated cameras. Each has files NAME.* in $XDG_RUNTIME_DIR/openmv or /tmp/openmv-UID: NAME.lock, held by its
 * process for as long as it lives and telling who it is; NAME.console, NAME.qmp and NAME.usbip, its sockets; NAME.tty, a
 * link to its serial port; NAME.gdb, the socket of its gdb server (or a file that says on which TCP port that is); NAME.swj,
 * its debug port; NAME.rtt, what its firmware says over RTT. What a killed process leaves behind is recognised by the lock that nobody holds, and removed.
 */
#ifndef HOST_INSTANCE_H
#define HOST_INSTANCE_H

#include <sys/types.h>

#include "paths.h"

struct instance {
    char name[64];
    char target[48];
    pid_t pid;
    char console[PATH_BYTES], qmp[PATH_BYTES], usbip[PATH_BYTES], tty[PATH_BYTES], gdb[PATH_BYTES], swj[PATH_BYTES], rtt[PATH_BYTES];
    int lock; /* of an instance of ours: the locked file; else -1 */
};

/*
 * Takes the name: 0, EBUSY when it is running (instance->pid tells), or another errno. The sockets' paths are set,
 * nothing is there. instance_release removes all files.
 */
int instance_claim(struct instance *instance, const char *name, const char *target);
void instance_release(struct instance *instance);

/* Those that run, sorted by name, at most `most`; stale files are removed. Returns how many. */
size_t instance_list(struct instance *instances, size_t most);

#endif
