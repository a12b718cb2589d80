/* SPDX-License-Identifier: MIT */
/* Looking at ports by binding: a connection would be an event for a debug server. */
#include "port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_in local(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

bool port_is_free(unsigned port)
{
    struct sockaddr_in address = local(port);
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    /* As servers do: connections that are only fading away don't count. */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool free = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return free;
}

int port_reserve(unsigned port)
{
    /* A name that is in no file system, and goes with the process. */
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int n = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "omv port %u", port), fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind(fd, (struct sockaddr *)&name, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

unsigned port_next_free(unsigned port)
{
    for (unsigned end = port + 64; port < end && port <= 65535; port++)
        if (port_is_free(port))
            return port;
    return 0;
}
