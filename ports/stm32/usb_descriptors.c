/* SPDX-License-Identifier: MIT */
/* What the camera tells a host about itself: one configuration with CDC-ACM (interfaces 0 and 1) and mass storage (interface 2). */
#include "board.h"
#include "boot/descriptors.h"
#include "modules/omv/version.h"
#include "system.h"
#include "tusb.h"
#include "usb_serial.h"

enum { INTERFACE_CDC, INTERFACE_CDC_DATA, INTERFACE_MSC, INTERFACES };
enum { EP_MSC_OUT = 0x03, EP_MSC_IN = 0x83 };
enum { STRING_LANGUAGE, STRING_MAKER, STRING_PRODUCT, STRING_SERIAL, STRING_CDC, STRING_MSC, STRINGS };
enum { PACKET = 64, NOTIFY_PACKET = 8, MILLIAMPERES = 500, ENGLISH_US = 0x0409, LONGEST = 32 };

uint8_t const *tud_descriptor_device_cb(void)
{
    /* Class codes of a device whose interfaces are grouped by interface association descriptors (USB ECN "IAD", table 1-1). */
    static const tusb_desc_device_t device = {
        .bLength = sizeof device, .bDescriptorType = TUSB_DESC_DEVICE, .bcdUSB = 0x0200,
        .bDeviceClass = TUSB_CLASS_MISC, .bDeviceSubClass = MISC_SUBCLASS_COMMON, .bDeviceProtocol = MISC_PROTOCOL_IAD,
        .bMaxPacketSize0 = CFG_TUD_ENDPOINT0_SIZE, .idVendor = BOARD_USB_APP_VID, .idProduct = BOARD_USB_APP_PID,
        .bcdDevice = OMV_VERSION_MAJOR << 8 | OMV_VERSION_MINOR << 4 | OMV_VERSION_PATCH,
        .iManufacturer = STRING_MAKER, .iProduct = STRING_PRODUCT, .iSerialNumber = STRING_SERIAL, .bNumConfigurations = 1,
    };
    return (const uint8_t *)&device;
}

uint8_t const *tud_descriptor_configuration_cb(uint8_t index)
{
    static const uint8_t configuration[] = {
        TUD_CONFIG_DESCRIPTOR(1, INTERFACES, 0, TUD_CONFIG_DESC_LEN + TUD_CDC_DESC_LEN + TUD_MSC_DESC_LEN, 0, MILLIAMPERES),
        TUD_CDC_DESCRIPTOR(INTERFACE_CDC, STRING_CDC, USB_SERIAL_NOTIFY, NOTIFY_PACKET, USB_SERIAL_OUT, USB_SERIAL_IN, PACKET),
        TUD_MSC_DESCRIPTOR(INTERFACE_MSC, STRING_MSC, EP_MSC_OUT, EP_MSC_IN, PACKET),
    };
    return index == 0 ? configuration : NULL;
}

/* Called in PendSV only; the text stays until the next call, which is after this one has been sent. */
uint16_t const *tud_descriptor_string_cb(uint8_t index, uint16_t language)
{
    static const char *const texts[STRINGS] = {
        [STRING_MAKER] = "OpenMV", [STRING_PRODUCT] = "OpenMV Camera", [STRING_CDC] = "OpenMV Serial", [STRING_MSC] = "OpenMV Disk" };
    static uint16_t descriptor[1 + LONGEST];
    char serial[8 * BOARD_UID_WORDS + 1];
    unsigned n = 0;

    (void)language;
    if (index >= STRINGS) {
        return NULL;
    }
    if (index == STRING_LANGUAGE) {
        descriptor[1 + n++] = ENGLISH_US;
    } else {
        const char *text = texts[index];
        if (index == STRING_SERIAL) {
            descriptors_serial(system_unique_id(), BOARD_UID_WORDS, serial);
            text = serial;
        }
        for (; n < LONGEST && text[n]; n++) {
            descriptor[1 + n] = (uint8_t)text[n];
        }
    }
    descriptor[0] = (uint16_t)(TUSB_DESC_STRING << 8 | (2 + 2 * n));
    return descriptor;
}
