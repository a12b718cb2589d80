/* SPDX-License-Identifier: MIT */
/* USB 2.0 chapter 9.6 and DFU 1.1 section 4.2. */
#include "boot/descriptors.h"

#include <string.h>

enum { TYPE_DEVICE = 1, TYPE_CONFIGURATION, TYPE_STRING, TYPE_INTERFACE, TYPE_QUALIFIER = 6, TYPE_OTHER_SPEED, TYPE_DFU = 0x21 };
enum { BUS_POWERED = 0x80, MILLIAMPERES_500 = 250, CLASS_APPLICATION = 0xFE, SUBCLASS_DFU = 1, PROTOCOL_DFU_MODE = 2 };
enum { CAN_DOWNLOAD = 1, CAN_UPLOAD = 2, MANIFESTATION_TOLERANT = 4 };
enum { EP0_BYTES = 64, ENGLISH_US = 0x0409 };

#define LE16(x) (uint8_t)((x) % 256), (uint8_t)((x) / 256)

static size_t put(uint8_t *out, size_t size, const uint8_t *descriptor, size_t length)
{
    if (length > size) {
        return 0;
    }
    memcpy(out, descriptor, length);
    return length;
}

size_t descriptors_device(const struct boot_board *board, uint8_t *out, size_t size)
{
    const unsigned version = BOOT_VERSION_MAJOR << 8 | BOOT_VERSION_MINOR << 4 | BOOT_VERSION_PATCH;
    const uint8_t device[DESCRIPTORS_DEVICE_BYTES] = {
        sizeof device, TYPE_DEVICE, LE16(0x0200), 0, 0, 0, EP0_BYTES, LE16(board->vid), LE16(board->pid), LE16(version), 1, 2, 3, 1,
    };
    return put(out, size, device, sizeof device);
}

size_t descriptors_qualifier(const struct boot_board *board, uint8_t *out, size_t size)
{
    const uint8_t qualifier[DESCRIPTORS_QUALIFIER_BYTES] = {sizeof qualifier, TYPE_QUALIFIER, LE16(0x0200), 0, 0, 0, EP0_BYTES, 1, 0};
    return board->high_speed ? put(out, size, qualifier, sizeof qualifier) : 0;
}

size_t descriptors_configuration(const struct boot_board *board, bool of_other_speed, uint8_t *out, size_t size)
{
    const size_t total = DESCRIPTORS_CONFIGURATION_BYTES(board->count);
    const uint8_t header[9] = {
        9, of_other_speed ? TYPE_OTHER_SPEED : TYPE_CONFIGURATION, LE16(total), 1, 1, 0, BUS_POWERED, MILLIAMPERES_500,
    };
    const uint8_t functional[9] = {
        9, TYPE_DFU, CAN_DOWNLOAD | CAN_UPLOAD | MANIFESTATION_TOLERANT, LE16(DESCRIPTORS_DETACH_MS), LE16(BOOT_BLOCK), LE16(0x0110),
    };
    if (total > size || (of_other_speed && !board->high_speed)) {
        return 0;
    }
    memcpy(out, header, sizeof header);
    for (unsigned i = 0; i < board->count; i++) {
        const uint8_t interface[9] = {
            9, TYPE_INTERFACE, 0, (uint8_t)i, 0, CLASS_APPLICATION, SUBCLASS_DFU, PROTOCOL_DFU_MODE, (uint8_t)(DESCRIPTORS_FIRST_NAME + i),
        };
        memcpy(out + 9 * (i + 1), interface, sizeof interface);
    }
    memcpy(out + total - 9, functional, sizeof functional);
    return total;
}

static const char *text_of(const struct boot_board *board, unsigned index, const char *serial)
{
    switch (index) {
    case 1:
        return "OpenMV";
    case 2:
        return "OpenMV Camera (DFU Mode)";
    case 3:
        return serial;
    default:
        return index - DESCRIPTORS_FIRST_NAME < board->count ? board->partitions[index - DESCRIPTORS_FIRST_NAME].name : NULL;
    }
}

size_t descriptors_string(const struct boot_board *board, unsigned index, const char *serial, uint8_t *out, size_t size)
{
    const uint8_t language[4] = {4, TYPE_STRING, LE16(ENGLISH_US)};
    if (index == 0) {
        return put(out, size, language, sizeof language);
    }
    const char *text = text_of(board, index, serial);
    size_t length = 2 + 2 * (text ? strlen(text) : 0);
    if (!text || length > size || length > DESCRIPTORS_STRING_BYTES) {
        return 0;
    }
    out[0] = (uint8_t)length;
    out[1] = TYPE_STRING;
    for (size_t i = 2; i < length; i += 2) {
        out[i] = (uint8_t)*text++;
        out[i + 1] = 0;
    }
    return length;
}

void descriptors_serial(const uint32_t *uid, unsigned words, char *out)
{
    if (words == 0) {
        memcpy(out, "0123456789ABCDEF", 17);
        return;
    }
    for (unsigned i = 0; i < 8 * words; i++) {
        *out++ = "0123456789ABCDEF"[uid[words - 1 - i / 8] >> (28 - i % 8 * 4) & 15];
    }
    *out = '\0';
}
