/* SPDX-License-Identifier: MIT */
/* Statistics of the memory pools (pool_stats.h). */
#include "runtime/pool_stats.h"

#include <string.h>

static struct pool_failure failures[POOL_FAILURES];
static struct pool_frames frames;
static size_t peaks[POOL_MAX];
static unsigned requests;

const struct pool_failure *pool_stats_failure(unsigned index)
{
    return index < POOL_FAILURES && failures[index].count ? &failures[index] : NULL;
}

const struct pool_frames *pool_stats_frames(void) { return &frames; }

void pool_stats_reset(void)
{
    uint32_t state = pool_lock();
    memset(failures, 0, sizeof failures);
    memset(&frames, 0, sizeof frames);
    memset(peaks, 0, sizeof peaks);
    requests = 0;
    pool_unlock(state);
}

void pool_stats_request(size_t size, uint32_t flags, const void *site, const void *result)
{
    requests++;
    for (struct pool_failure *f = failures; !result && f < failures + POOL_FAILURES; f++) {
        if (f->count && f->site != site) {
            continue;
        }
        f->site = site;
        f->count++;
        if (size >= f->size) {
            f->size = size;
            f->flags = flags;
            f->largest = pool_largest(flags);
        }
        return;
    }
}

void pool_stats_account(const void *base, size_t used)
{
    for (size_t i = 0; i < pool_count(); i++) {
        if (pool_region(i)->base == base && used > peaks[i]) {
            peaks[i] = used;
        }
    }
}

void pool_stats_frame(void)
{
    uint32_t state = pool_lock();
    frames.frames++;
    frames.requests = requests;
    frames.most_requests = requests > frames.most_requests ? requests : frames.most_requests;
    requests = 0;
    for (size_t i = 0; i < pool_count(); i++) {
        struct pool_stats now;
        pool_get_stats((int)i, &now);
        frames.peak[i] = peaks[i];
        frames.most_peak[i] = peaks[i] > frames.most_peak[i] ? peaks[i] : frames.most_peak[i];
        peaks[i] = now.used + now.persist;
    }
    pool_unlock(state);
}
