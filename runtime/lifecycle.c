/* SPDX-License-Identifier: MIT */
/* Hooks of a soft reset. */
#include "runtime/lifecycle.h"

#include <stddef.h>

static struct lifecycle_hook *first;

void lifecycle_at_end(struct lifecycle_hook *hook)
{
    for (const struct lifecycle_hook *h = first; h; h = h->next) {
        if (h == hook) {
            return;
        }
    }
    hook->next = first;
    first = hook;
}

void lifecycle_end(void)
{
    while (first) {
        struct lifecycle_hook *hook = first;
        first = hook->next;
        hook->end();
    }
}
