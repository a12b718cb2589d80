/* SPDX-License-Identifier: MIT */
/* Files of running emulated cameras. */
#include "instance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "run_folder.h"

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static const char *const suffixes[] = {"lock", "console", "qmp", "usbip", "tty", "gdb", "swj", "rtt"};

/* The folder, made when missing: 0 or an errno. */
static int folder(char path[PATH_BYTES])
{
    int error = run_folder(path, PATH_BYTES);

    if (error)
        return error;
    if (mkdir(path, 0700) && errno != EEXIST)
        return errno;
    return run_folder_check(path);
}

static void set_paths(struct instance *instance, const char *where)
{
    path_format(instance->console, "%s/%s.console", where, instance->name);
    path_format(instance->qmp, "%s/%s.qmp", where, instance->name);
    path_format(instance->usbip, "%s/%s.usbip", where, instance->name);
    path_format(instance->tty, "%s/%s.tty", where, instance->name);
    path_format(instance->gdb, "%s/%s.gdb", where, instance->name);
    path_format(instance->swj, "%s/%s.swj", where, instance->name);
    path_format(instance->rtt, "%s/%s.rtt", where, instance->name);
}

static void remove_files(const char *where, const char *name)
{
    char path[PATH_BYTES];

    for (size_t i = sizeof suffixes / sizeof *suffixes; i--;) {
        path_format(path, "%s/%s.%s", where, name, suffixes[i]);
        unlink(path);
    }
}

static void read_lock(struct instance *instance, int fd)
{
    char text[512];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    const char *target = "?";
    int pid = 0;
    json_t *json = n > 0 ? json_loadb(text, (size_t)n, 0, NULL) : NULL;

    json_unpack(json, "{s:i, s:s}", "pid", &pid, "target", &target);
    instance->pid = pid;
    snprintf(instance->target, sizeof instance->target, "%s", target);
    json_decref(json);
}

int instance_claim(struct instance *instance, const char *name, const char *target)
{
    char where[PATH_BYTES], path[PATH_BYTES];
    int error = folder(where);

    *instance = (struct instance){.lock = -1};
    if (error)
        return error;
    if (!*name || *name == '-' || strlen(name) >= sizeof instance->name || name[strspn(name, NAME_CHARACTERS)])
        return EINVAL;
    snprintf(instance->name, sizeof instance->name, "%s", name);
    set_paths(instance, where);
    if (strlen(instance->console) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return ENAMETOOLONG;
    path_format(path, "%s/%s.lock", where, name);
    for (;;) {
        struct stat here, there;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return errno;
        if (flock(fd, LOCK_EX | LOCK_NB)) {
            error = errno == EWOULDBLOCK ? EBUSY : errno;
            read_lock(instance, fd);
            close(fd);
            return error;
        }
        /* Another process may have removed the file between open and lock. */
        if (fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino) {
            instance->lock = fd;
            break;
        }
        close(fd);
    }
    for (size_t i = 1; i < sizeof suffixes / sizeof *suffixes; i++) {
        path_format(path, "%s/%s.%s", where, name, suffixes[i]);
        unlink(path);
    }
    instance->pid = getpid();
    snprintf(instance->target, sizeof instance->target, "%s", target);
    if (ftruncate(instance->lock, 0) || dprintf(instance->lock, "{\"pid\": %d, \"target\": \"%s\"}\n", (int)getpid(), target) < 0)
        return errno;
    return 0;
}

void instance_release(struct instance *instance)
{
    char where[PATH_BYTES];

    if (instance->lock < 0)
        return;
    if (!folder(where))
        remove_files(where, instance->name);
    close(instance->lock);
    instance->lock = -1;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct instance *)a)->name, ((const struct instance *)b)->name);
}

size_t instance_list(struct instance *instances, size_t most)
{
    char where[PATH_BYTES], path[PATH_BYTES];
    struct dirent *entry;
    size_t n = 0;
    DIR *d = folder(where) ? NULL : opendir(where);

    while (d && n < most && (entry = readdir(d))) {
        size_t length = strlen(entry->d_name);
        struct instance *instance = &instances[n];

        if (length <= 5 || length - 5 >= sizeof instance->name || strcmp(entry->d_name + length - 5, ".lock"))
            continue;
        *instance = (struct instance){.lock = -1};
        memcpy(instance->name, entry->d_name, length - 5);
        set_paths(instance, where);
        path_format(path, "%s/%s", where, entry->d_name);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            remove_files(where, instance->name);
        } else {
            read_lock(instance, fd);
            n++;
        }
        close(fd);
    }
    if (d)
        closedir(d);
    qsort(instances, n, sizeof *instances, by_name);
    return n;
}
