/* SPDX-License-Identifier: MIT */
/* A camera goes on sending events for a moment after its host has gone; nobody wants to read them. */
#include "plain.h"

#include <string.h>

size_t plain_filter(struct plain *p, const uint8_t *bytes, size_t n, uint8_t *out)
{
    size_t used = 0;

    for (; n; bytes++, n--) {
        if (p->skip) {
            p->skip--;
            continue;
        }
        p->held[p->held_n++] = *bytes;
        while (p->held_n && (p->held[0] != 0xAA || (p->held_n > 1 && p->held[1] != 0xD5) ||
                             (p->held_n == PACKET_HEADER && packet_get16(p->held + 8) != packet_crc16(p->held, 8)))) {
            out[used++] = p->held[0];
            memmove(p->held, p->held + 1, --p->held_n);
        }
        if (p->held_n == PACKET_HEADER) {
            p->skip = packet_bytes(packet_get16(p->held + 6)) - PACKET_HEADER;
            p->held_n = 0;
        }
    }
    return used;
}
