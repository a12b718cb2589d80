/* SPDX-License-Identifier: MIT */
/* Linux's termios2, which has speeds as numbers; its header cannot be included beside <termios.h>. */
#include "tty_speed.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <sys/ioctl.h>

int tty_line_coding(int fd, uint8_t coding[LINE_CODING_BYTES])
{
    struct termios2 t;
    const unsigned parity = CMSPAR | PARENB | PARODD;

    if (ioctl(fd, TCGETS2, &t))
        return errno;
    for (int i = 0; i < 4; i++)
        coding[i] = (uint8_t)(t.c_ospeed >> 8 * i);
    coding[4] = t.c_cflag & CSTOPB ? 2 : 0;
    coding[5] = !(t.c_cflag & PARENB)                       ? 0
                : (t.c_cflag & parity) == parity            ? 3 /* mark */
                : (t.c_cflag & parity) == (CMSPAR | PARENB) ? 4 /* space */
                : t.c_cflag & PARODD                        ? 1
                                                            : 2;
    coding[6] = (uint8_t)((t.c_cflag & CSIZE) == CS5 ? 5 : (t.c_cflag & CSIZE) == CS6 ? 6 : (t.c_cflag & CSIZE) == CS7 ? 7 : 8);
    return 0;
}
