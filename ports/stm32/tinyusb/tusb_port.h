/* SPDX-License-Identifier: MIT */
/* TinyUSB on this chip, whatever the program: included by each program's configuration, which is named by -DCFG_TUSB_CONFIG_FILE. */
#ifndef STM32_TINYUSB_TUSB_PORT_H
#define STM32_TINYUSB_TUSB_PORT_H

#define CFG_TUSB_MCU OPT_MCU_STM32H7
#define CFG_TUSB_OS OPT_OS_NONE
#define CFG_TUSB_RHPORT0_MODE (OPT_MODE_DEVICE | OPT_MODE_FULL_SPEED)
#define CFG_TUSB_DEBUG 0
#define CFG_TUD_ENDPOINT0_SIZE 64

#endif
