/* SPDX-License-Identifier: MIT */
/* Programs of others as child processes that cannot outlive us. */
#ifndef HOST_CHILD_H
#define HOST_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CHILD_WORDS 640

/* A command line under construction; words longer than a path, or too many, end omv with an error message. */
struct command {
    const char *word[CHILD_WORDS + 1]; /* the last one is NULL */
    size_t count, used;
    char text[65536];
};
void command_add(struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One line for people, quoted for a shell. */
void command_print(const struct command *command, char *text, size_t size);

/*
 * Starts it in a process group of its own. `log`: what it prints goes there (the file is made anew), and it reads nothing; NULL: it has the
 * terminal, and Ctrl-C is its alone until child_ended or child_stop gives the terminal back. 0 and a pid, or an errno.
 */
int child_start(const struct command *command, const char *log, pid_t *pid);

/* Ends it: SIGTERM, after two seconds SIGKILL. Harmless when *pid is 0, which it is afterwards. */
void child_stop(pid_t *pid);

/* It has ended: sets *status (as a shell has it: 128 + signal) and *pid to 0. */
bool child_ended(pid_t *pid, int *status);

/* The first executable of this name (or one of several, the last is NULL) on PATH or in one of `folders`; false: none. */
bool child_find(const char *const *names, const char *const *folders, char *path, size_t size);

#endif
