/* SPDX-License-Identifier: MIT */
/* The rules of diskshare.h. */
#include "diskshare.h"

bool diskshare_begin(struct diskshare *s, uint32_t now)
{
    if (s->host && now - s->host_at < DISKSHARE_QUIET_MS) {
        return false;
    }
    s->host = false;
    s->inside = true;
    return true;
}

void diskshare_end(struct diskshare *s, bool dirty)
{
    s->inside = false;
    s->dirty = dirty;
}

void diskshare_wrote(struct diskshare *s, uint32_t now)
{
    s->changed = s->seen;
    s->changed_at = now;
}

void diskshare_opened(struct diskshare *s, int files)
{
    s->open = files < 0 && s->open < (unsigned)-files ? 0 : s->open + (unsigned)files;
}

bool diskshare_is_protected(const struct diskshare *s) { return s->inside || s->dirty || s->open > 0; }

enum diskshare_answer diskshare_look(struct diskshare *s, uint32_t now)
{
    if (s->ejected) {
        return DISKSHARE_ABSENT;
    }
    /* While the camera goes on writing, one message would follow the other. */
    if (s->changed && !diskshare_is_protected(s) && now - s->changed_at >= DISKSHARE_QUIET_MS) {
        s->changed = false;
        return DISKSHARE_CHANGED;
    }
    s->seen = true;
    return DISKSHARE_OK;
}

enum diskshare_answer diskshare_write(struct diskshare *s, uint32_t now)
{
    if (s->ejected) {
        return DISKSHARE_ABSENT;
    }
    if (diskshare_is_protected(s)) {
        return DISKSHARE_PROTECTED;
    }
    if (s->changed) {
        s->changed = false;
        return DISKSHARE_CHANGED;
    }
    s->seen = true;
    s->host = true;
    s->host_at = now;
    return DISKSHARE_OK;
}

void diskshare_eject(struct diskshare *s, bool ejected)
{
    s->ejected = ejected;
    s->host = false;
    s->seen = s->seen && !ejected;
    s->changed = s->changed && !ejected;
}

void diskshare_host_gone(struct diskshare *s)
{
    diskshare_eject(s, true);
    s->ejected = false;
}
