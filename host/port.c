/* SPDX-License-Identifier: MIT */
/* Looking at ports by binding: a connection would be an event for a debug server. */
#include "port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in local(unsigned port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
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

unsigned port_next_free(unsigned port)
{
    for (unsigned end = port + 64; port < end && port <= 65535; port++)
        if (port_is_free(port))
            return port;
    return 0;
}
