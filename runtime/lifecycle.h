/* SPDX-License-Identifier: MIT */
/* Who must let go of hardware and memory when a script's world ends (soft reset): components say so when they are first used. */
#ifndef RUNTIME_LIFECYCLE_H
#define RUNTIME_LIFECYCLE_H

struct lifecycle_hook {
    void (*end)(void);              /* main context, before objects are swept and the pools emptied */
    struct lifecycle_hook *next;    /* this file's own */
};

/* Has hook->end called once, at the next soft reset. `hook` is static; saying so twice is the same as once. */
void lifecycle_at_end(struct lifecycle_hook *hook);

/* For the port's main loop: calls and forgets every hook, the latest first. */
void lifecycle_end(void);

#endif
