/* SPDX-License-Identifier: MIT */
/* Links over file descriptors. */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

uint32_t link_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)((uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000);
}

static int give_up(struct link *link, int error)
{
    link_close(link);
    return error;
}

static speed_t speed(unsigned baud)
{
    return baud == 921600 ? B921600 : baud == 460800 ? B460800 : baud == 230400 ? B230400 : B115200;
}

int link_open_serial(struct link *link, const char *path, unsigned baud)
{
    struct termios t;
    int dtr = TIOCM_DTR | TIOCM_RTS;

    link->serial = true;
    link->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (link->fd < 0)
        return errno;
    if (flock(link->fd, LOCK_EX | LOCK_NB))
        return give_up(link, errno == EWOULDBLOCK ? EBUSY : errno);
    if (tcgetattr(link->fd, &t))
        return give_up(link, errno);
    cfmakeraw(&t);
    t.c_cflag |= CLOCAL | CREAD;
    cfsetspeed(&t, speed(baud));
    if (tcsetattr(link->fd, TCSANOW, &t))
        return give_up(link, errno);
    /* A pseudo-terminal has no modem lines. */
    if (ioctl(link->fd, TIOCMBIS, &dtr) && errno != ENOTTY && errno != EINVAL)
        return give_up(link, errno);
    tcflush(link->fd, TCIOFLUSH);
    return 0;
}

int link_open_socket(struct link *link, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    link->serial = false;
    if (strlen(path) >= sizeof address.sun_path)
        return ENAMETOOLONG;
    strcpy(address.sun_path, path);
    link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link->fd < 0)
        return errno;
    if (connect(link->fd, (struct sockaddr *)&address, sizeof address))
        return give_up(link, errno == ECONNREFUSED || errno == ENOENT || errno == EAGAIN ? EBUSY : errno);
    return 0;
}

int link_open_port(struct link *link, unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    link->serial = false;
    link->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link->fd < 0)
        return errno;
    return connect(link->fd, (struct sockaddr *)&address, sizeof address) ? give_up(link, errno) : 0;
}

void link_close(struct link *link)
{
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
}

int link_receive(struct link *link, void *out, size_t n, uint32_t timeout_ms)
{
    struct pollfd p = {link->fd, POLLIN, 0};
    int ready = poll(&p, 1, (int)timeout_ms);

    if (ready <= 0)
        return ready == 0 || errno == EINTR ? 0 : -1;
    ssize_t got = read(link->fd, out, n);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    return got == 0 ? -1 : (int)got;
}

int link_send(struct link *link, const void *bytes, size_t n, uint32_t timeout_ms)
{
    const uint8_t *p = bytes;
    uint32_t end = link_now() + timeout_ms;

    while (n) {
        ssize_t sent = link->serial ? write(link->fd, p, n) : send(link->fd, p, n, MSG_NOSIGNAL);
        if (sent > 0) {
            p += sent;
            n -= (size_t)sent;
            continue;
        }
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return -1;
        int32_t left = (int32_t)(end - link_now());
        struct pollfd w = {link->fd, POLLOUT, 0};
        if (left <= 0 || (poll(&w, 1, left) < 0 && errno != EINTR) || w.revents & (POLLERR | POLLHUP))
            return -1;
    }
    return 0;
}
