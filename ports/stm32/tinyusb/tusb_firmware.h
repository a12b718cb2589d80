/* SPDX-License-Identifier: MIT */
/* TinyUSB in the firmware: a serial port (REPL, host protocol) and the internal disk. */
#ifndef STM32_TINYUSB_TUSB_FIRMWARE_H
#define STM32_TINYUSB_TUSB_FIRMWARE_H

#include "tusb_port.h"

/* The controller's FIFOs are filled by the processor, so these may lie anywhere: in the board's MSC_BUFFER (stm32.ld). */
#define CFG_TUD_MEM_SECTION __attribute__((section(".usb_buffer")))

/* Bus events of two seconds in which nobody serves the queue (a flash erase), and the transfers in flight. */
#define CFG_TUD_TASK_QUEUE_SZ 32

#define CFG_TUD_CDC 1
#define CFG_TUD_CDC_RX_BUFSIZE 1024
#define CFG_TUD_CDC_TX_BUFSIZE 512
#define CFG_TUD_CDC_EP_BUFSIZE 64   /* one packet: a longer OUT transfer would wait for a short packet, which serial hosts don't send */
#define CFG_TUD_MSC 1
#define CFG_TUD_MSC_EP_BUFSIZE 1536

#endif
