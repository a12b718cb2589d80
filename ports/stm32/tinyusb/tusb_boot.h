/* SPDX-License-Identifier: MIT */
/* TinyUSB in the bootloader: control transfers only, by a class driver of ours (boot_usb.c). */
#ifndef STM32_TINYUSB_TUSB_BOOT_H
#define STM32_TINYUSB_TUSB_BOOT_H

#include "tusb_port.h"

#define CFG_TUD_TASK_QUEUE_SZ 8

#endif
