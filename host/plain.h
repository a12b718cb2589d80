/* SPDX-License-Identifier: MIT */
/* Text of a console on which protocol packets pass too: takes the packets out. */
#ifndef HOST_PLAIN_H
#define HOST_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/packet.h"

struct plain {
    uint8_t held[PACKET_HEADER]; /* what may be the header of a packet */
    size_t held_n;
    size_t skip; /* bytes of a packet's payload still to come */
};

/* Copies the text among n bytes to out, which has room for n + PACKET_HEADER; returns how much. */
size_t plain_filter(struct plain *plain, const uint8_t *bytes, size_t n, uint8_t *out);

#endif
