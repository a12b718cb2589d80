/* SPDX-License-Identifier: MIT */
/* Who may write the internal disk: the camera's file system or the host that sees it as a USB drive. Two file systems on one disk that
   both write destroy it, because each works from what it remembers. Pure C; knows no chip, no USB and no file system. The rules:

   - One writer at a time. While the camera is inside its file system, has a file open for writing or has changes that are not
     committed, the drive is write-protected for the host. While the host writes, and DISKSHARE_QUIET_MS after its last write, the
     camera waits.
   - Nobody writes from an old memory. What the host wrote makes the camera mount its disk anew, so files that it had open are closed
     to it. After the camera has written, the host's next write, or any access once the camera has been quiet for DISKSHARE_QUIET_MS,
     is answered once with "medium changed" (UNIT ATTENTION), which makes every operating system forget what it remembers.
   - The host reads what has been committed, never half of a change.

   A host may keep changes in its own memory after it has been quiet; they are lost when the camera writes before the drive is ejected,
   as they would be if the cable were pulled. The disk stays whole. */
#ifndef RUNTIME_DISKSHARE_H
#define RUNTIME_DISKSHARE_H

#include <stdbool.h>
#include <stdint.h>

#define DISKSHARE_QUIET_MS 1000u

/* Zero-initialised: nobody writes. Milliseconds are any counter that wraps at 2^32. */
struct diskshare {
    bool inside;            /* the camera is inside a function of its file system */
    bool dirty;             /* it has changes that are not committed */
    unsigned open;          /* files that it has open for writing */
    bool host;              /* the host has written, lately at host_at */
    uint32_t host_at;
    bool seen;              /* the host has looked at the medium since it came */
    bool changed;           /* and has not been told that the camera wrote, lately at changed_at */
    uint32_t changed_at;
    bool ejected;
};

/* The camera enters and leaves its file system. begin answers false while the host writes: wait, and ask again. end says whether
   changes remain that are not committed. */
bool diskshare_begin(struct diskshare *share, uint32_t now);
void diskshare_end(struct diskshare *share, bool dirty);

/* The camera has written a block; it has opened (+1) or closed (-1) a file for writing. */
void diskshare_wrote(struct diskshare *share, uint32_t now);
void diskshare_opened(struct diskshare *share, int files);

/* What the drive answers the host. Saying CHANGED once is enough: the next question is answered with the new state. */
enum diskshare_answer { DISKSHARE_OK, DISKSHARE_CHANGED, DISKSHARE_PROTECTED, DISKSHARE_ABSENT };
enum diskshare_answer diskshare_look(struct diskshare *share, uint32_t now);    /* test unit ready, read, capacity */
enum diskshare_answer diskshare_write(struct diskshare *share, uint32_t now);   /* OK: it is the host's turn from now on */
bool diskshare_is_protected(const struct diskshare *share);

/* The host ejects the drive, or loads it again: its turn is over. The host is gone, or comes back: so is all that it knew. */
void diskshare_eject(struct diskshare *share, bool ejected);
void diskshare_host_gone(struct diskshare *share);

#endif
