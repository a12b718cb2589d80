/* SPDX-License-Identifier: MIT */
/* Any bytes as a device's descriptors, which our libusb parses: a configuration; or, when they begin so, a BOS. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/libusb/internal.h"

static void use_config(uint8_t *bytes, uint16_t size)
{
    struct libusb_device device = {.config_count = 1, .configs = {{bytes, size}}, .configuration = bytes[5]};
    struct libusb_interface_association_descriptor_array *associations;
    struct libusb_config_descriptor *config;

    if (!libusb_get_active_config_descriptor(&device, &config)) {
        for (int i = 0; i < config->bNumInterfaces; i++)
            for (int k = 0; k < config->interface[i].num_altsetting; k++) {
                const struct libusb_interface_descriptor *d = &config->interface[i].altsetting[k];
                for (int e = 0; e < d->bNumEndpoints; e++) {
                    struct libusb_ss_endpoint_companion_descriptor *companion;
                    if (!libusb_get_ss_endpoint_companion_descriptor(NULL, &d->endpoint[e], &companion))
                        libusb_free_ss_endpoint_companion_descriptor(companion);
                    libusb_get_max_alt_packet_size(&device, d->bInterfaceNumber, d->bAlternateSetting, d->endpoint[e].bEndpointAddress);
                }
            }
        libusb_free_config_descriptor(config);
    }
    if (!libusb_get_active_interface_association_descriptors(&device, &associations))
        libusb_free_interface_association_descriptors(associations);
}

static void use_capability(struct libusb_bos_dev_capability_descriptor *capability)
{
    struct libusb_usb_2_0_extension_descriptor *extension;
    struct libusb_ss_usb_device_capability_descriptor *ss;
    struct libusb_ssplus_usb_device_capability_descriptor *ssplus;
    struct libusb_container_id_descriptor *container;
    struct libusb_platform_descriptor *platform;

    if (!libusb_get_usb_2_0_extension_descriptor(NULL, capability, &extension))
        libusb_free_usb_2_0_extension_descriptor(extension);
    if (!libusb_get_ss_usb_device_capability_descriptor(NULL, capability, &ss))
        libusb_free_ss_usb_device_capability_descriptor(ss);
    if (!libusb_get_ssplus_usb_device_capability_descriptor(NULL, capability, &ssplus))
        libusb_free_ssplus_usb_device_capability_descriptor(ssplus);
    if (!libusb_get_container_id_descriptor(NULL, capability, &container))
        libusb_free_container_id_descriptor(container);
    if (!libusb_get_platform_descriptor(NULL, capability, &platform))
        libusb_free_platform_descriptor(platform);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1); /* exactly: a byte too far is seen */

    if (bytes && size >= 9 && size <= UINT16_MAX) {
        memcpy(bytes, data, size);
        if (bytes[1] == LIBUSB_DT_BOS) {
            struct libusb_bos_descriptor *bos = bos_parse(bytes, size);
            for (int i = 0; bos && i < bos->bNumDeviceCaps; i++)
                use_capability(bos->dev_capability[i]);
            libusb_free_bos_descriptor(bos);
        } else {
            use_config(bytes, (uint16_t)size);
        }
    }
    free(bytes);
    return 0;
}
