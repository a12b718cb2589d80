/* SPDX-License-Identifier: MIT */
/* Microsoft OS 1.0 descriptors: Windows 8 and later binds WinUSB to the camera in DFU mode by itself. 1.0 and not 2.0, because that needs a
   BOS descriptor and so bcdUSB 2.01; other systems never ask for these. */
#include "boot/descriptors.h"

#include <string.h>

enum { TYPE_STRING = 3, COMPATIBLE_ID = 4, PROPERTIES = 5, REG_SZ = 1, SECTION_HEADER = 10 };

static const char property[] = "DeviceInterfaceGUID", guid[] = "{2106C9E8-2AC0-425F-B55C-53B515CB0C0F}"; /* ours: made for this */

static size_t put16(uint8_t *out, size_t at, unsigned value)
{
    out[at] = (uint8_t)value;
    out[at + 1] = (uint8_t)(value >> 8);
    return at + 2;
}

static size_t put32(uint8_t *out, size_t at, uint32_t value)
{
    return put16(out, put16(out, at, value & 0xFFFF), value >> 16);
}

/* With its final zero when `size` counts one. */
static size_t put_text(uint8_t *out, size_t at, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        at = put16(out, at, (uint8_t)text[i]);
    }
    return at;
}

/* What both feature descriptors begin with: length, version 1.0, kind, count of sections 1. */
static size_t put_header(uint8_t *out, size_t length, unsigned kind)
{
    return put16(out, put16(out, put16(out, put32(out, 0, (uint32_t)length), 0x0100), kind), 1);
}

static void put_compatible_id(uint8_t *out)
{
    put_header(out, DESCRIPTORS_WINDOWS_ID_BYTES, COMPATIBLE_ID);
    out[17] = 1; /* interface 0, reserved 1, then the id */
    memcpy(out + 18, "WINUSB", 6);
}

static void put_properties(uint8_t *out)
{
    size_t at = put_header(out, DESCRIPTORS_WINDOWS_PROPERTIES_BYTES, PROPERTIES);
    at = put32(out, at, DESCRIPTORS_WINDOWS_PROPERTIES_BYTES - SECTION_HEADER);
    at = put32(out, at, REG_SZ);
    at = put16(out, at, 2 * sizeof property);
    at = put_text(out, at, property, sizeof property);
    at = put32(out, at, 2 * sizeof guid);
    put_text(out, at, guid, sizeof guid);
}

size_t descriptors_windows(unsigned index, uint8_t *out, size_t size)
{
    size_t length = index == DESCRIPTORS_WINDOWS_STRING ? DESCRIPTORS_WINDOWS_STRING_BYTES
                    : index == COMPATIBLE_ID            ? DESCRIPTORS_WINDOWS_ID_BYTES
                    : index == PROPERTIES               ? DESCRIPTORS_WINDOWS_PROPERTIES_BYTES
                                                        : 0;
    if (length == 0 || length > size) {
        return 0;
    }
    memset(out, 0, length);
    if (index == DESCRIPTORS_WINDOWS_STRING) {
        out[0] = DESCRIPTORS_WINDOWS_STRING_BYTES;
        out[1] = TYPE_STRING;
        put16(out, put_text(out, 2, "MSFT100", 7), DESCRIPTORS_WINDOWS_REQUEST);
    } else if (index == COMPATIBLE_ID) {
        put_compatible_id(out);
    } else {
        put_properties(out);
    }
    return length;
}
