/* SPDX-License-Identifier: MIT */
/* fork, exec, and an end to it. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "link.h"
#include "report.h"

#define END_MS 2000u

void command_add(struct command *command, const char *format, ...)
{
    char *at = command->text + command->used;
    size_t room = sizeof command->text - command->used;
    va_list arguments;

    va_start(arguments, format);
    int n = vsnprintf(at, room, format, arguments);
    va_end(arguments);
    if (n < 0 || (size_t)n >= room || command->count == CHILD_WORDS)
        exit(fail(EXIT_CODE_USAGE, "Give fewer or shorter arguments.", "the command line for %s is too long", command->word[0]));
    command->word[command->count++] = at;
    command->word[command->count] = NULL;
    command->used += (size_t)n + 1;
}

void command_print(const struct command *command, char *text, size_t size)
{
    size_t n = 0;

    *text = 0;
    for (size_t i = 0; i < command->count && n + 3 < size; i++) {
        const char *word = command->word[i];
        bool plain = *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%")];
        int done = snprintf(text + n, size - n, plain ? "%s%s" : "%s'%s'", i ? " " : "", word);
        n += done < 0 || (size_t)done >= size - n ? size - n - 1 : (size_t)done;
    }
}

/* In the child: never returns. */
static void become(const struct command *command, const char *log, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    setpgid(0, 0);
    if (!log && isatty(STDIN_FILENO))
        tcsetpgrp(STDIN_FILENO, getpid());
    if (log) {
        int null = open("/dev/null", O_RDWR), file = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        dup2(null, 0);
        dup2(file >= 0 ? file : null, 1);
        dup2(1, 2);
    }
    for (int i = 0; i < 4; i++)
        signal((const int[]){SIGINT, SIGTERM, SIGPIPE, SIGTTOU}[i], SIG_DFL);
    execv(command->word[0], (char **)command->word);
    dprintf(2, "%s: %s\n", command->word[0], strerror(errno));
    _exit(127);
}

int child_start(const struct command *command, const char *log, pid_t *pid)
{
    pid_t parent = getpid();

    fflush(stdout);
    fflush(stderr);
    if (log)
        unlink(log); /* nobody reads the last one's by mistake */
    else
        signal(SIGTTOU, SIG_IGN); /* we are in the background for a while */
    *pid = fork();
    if (*pid == 0)
        become(command, log, parent);
    if (*pid > 0)
        return 0;
    *pid = 0;
    return errno;
}

bool child_ended(pid_t *pid, int *status)
{
    int end = 0;

    if (*pid <= 0)
        return true;
    pid_t got = waitpid(*pid, &end, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR))
        return false;
    if (isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == *pid)
        tcsetpgrp(STDIN_FILENO, getpgrp());
    *pid = 0;
    *status = WIFSIGNALED(end) ? 128 + WTERMSIG(end) : WEXITSTATUS(end);
    return true;
}

void child_stop(pid_t *pid)
{
    uint32_t end = link_now() + END_MS;
    int status;

    if (*pid <= 0)
        return;
    kill(*pid, SIGTERM);
    while (!child_ended(pid, &status)) {
        if ((int32_t)(end - link_now()) <= 0)
            kill(*pid, SIGKILL);
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}

static bool executable(char *path, size_t size, const char *folder, int length, const char *name)
{
    int n = snprintf(path, size, "%.*s/%s", length, folder, name);

    return n > 0 && (size_t)n < size && access(path, X_OK) == 0;
}

bool child_find(const char *const *names, const char *const *folders, char *path, size_t size)
{
    for (; *names; names++) {
        for (const char *p = getenv("PATH"); p && *p; p += strcspn(p, ":"), p += *p == ':')
            if (*p != ':' && executable(path, size, p, (int)strcspn(p, ":"), *names))
                return true;
        for (const char *const *folder = folders; folder && *folder; folder++)
            if (executable(path, size, *folder, (int)strlen(*folder), *names))
                return true;
    }
    return false;
}
