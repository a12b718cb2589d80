/* SPDX-License-Identifier: MIT */
/* The line settings of a terminal as CDC's SET_LINE_CODING carries them (PSTN 1.2, 6.3.10); any speed, not only POSIX's. */
#ifndef HOST_TTY_SPEED_H
#define HOST_TTY_SPEED_H

#include <stdint.h>

#define LINE_CODING_BYTES 7

/* Of the terminal, or of the other side of a pseudo-terminal's master: 0 or an errno. Speed 0 means "hang up". */
int tty_line_coding(int fd, uint8_t coding[LINE_CODING_BYTES]);

#endif
