/* SPDX-License-Identifier: MIT */
/* TinyUSB in the firmware: a serial port (REPL, host protocol) and the internal disk. */
#ifndef STM32_TINYUSB_TUSB_FIRMWARE_H
#define STM32_TINYUSB_TUSB_FIRMWARE_H

#include "tusb_port.h"

#define CFG_TUD_CDC 1
#define CFG_TUD_CDC_RX_BUFSIZE 2048
#define CFG_TUD_CDC_TX_BUFSIZE 2048
#define CFG_TUD_CDC_EP_BUFSIZE 512
#define CFG_TUD_MSC 1
#define CFG_TUD_MSC_EP_BUFSIZE 2048

#endif
