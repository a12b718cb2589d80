/* SPDX-License-Identifier: MIT */
/* USB descriptors of DFU mode, built from the board's table: one interface with an alternate setting per partition (DFU 1.1 section 4.2). */
#ifndef BOOT_DESCRIPTORS_H
#define BOOT_DESCRIPTORS_H

#include "boot/boot_port.h"

/* The bootloader's version: bcdDevice, and the mark that the application reads (boot_mark.c). */
#define BOOT_VERSION_MAJOR 1
#define BOOT_VERSION_MINOR 0
#define BOOT_VERSION_PATCH 3

enum {
    DESCRIPTORS_DEVICE_BYTES = 18,
    DESCRIPTORS_QUALIFIER_BYTES = 10,
    DESCRIPTORS_STRING_BYTES = 2 + 2 * 30,
    DESCRIPTORS_DETACH_MS = 1000,
    DESCRIPTORS_FIRST_NAME = 4,         /* string index of the name of alternate 0 */
    DESCRIPTORS_WINDOWS_STRING = 0xEE,
    DESCRIPTORS_WINDOWS_REQUEST = 0x20, /* bRequest of the vendor requests for the descriptors that the string announces */
    DESCRIPTORS_WINDOWS_STRING_BYTES = 18,
    DESCRIPTORS_WINDOWS_ID_BYTES = 40,
    DESCRIPTORS_WINDOWS_PROPERTIES_BYTES = 142,
};

/* Bytes of the configuration: header, an interface descriptor for each alternate setting, one functional descriptor. */
#define DESCRIPTORS_CONFIGURATION_BYTES(alternates) (9u + 9u * (alternates) + 9u)

/* Each writes a whole descriptor to `out` and returns its length; 0 when there is none, or it is longer than `size`. */
size_t descriptors_device(const struct boot_board *board, uint8_t *out, size_t size);

/* of_other_speed: type 7 instead of 2, for boards with high speed. */
size_t descriptors_configuration(const struct boot_board *board, bool of_other_speed, uint8_t *out, size_t size);

/* Only boards with high speed have one. */
size_t descriptors_qualifier(const struct boot_board *board, uint8_t *out, size_t size);

/* Index 0: the language (US English); 1 manufacturer, 2 product, 3 serial number, from 4 on the names of the alternate settings.
   serial is ASCII, such as descriptors_serial makes it. */
size_t descriptors_string(const struct boot_board *board, unsigned index, const char *serial, uint8_t *out, size_t size);

/* What Windows asks for, so that no driver need be installed: the string DESCRIPTORS_WINDOWS_STRING, and by vendor requests (device or
   interface) with wIndex 4 and 5 the compatible id and the properties. 0: there is no such index, or it is longer than `size`. */
size_t descriptors_windows(unsigned index, uint8_t *out, size_t size);

/* The serial number as text, upper-case hexadecimal: the last word of the unique id first. out holds 8 * words + 1 characters.
   No words: "0123456789ABCDEF", and out holds 17. */
void descriptors_serial(const uint32_t *uid, unsigned words, char *out);

#endif
