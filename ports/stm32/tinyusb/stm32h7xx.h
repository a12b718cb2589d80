/* SPDX-License-Identifier: MIT */
/* The name under which TinyUSB's dwc2 driver looks for the chip's registers, and the few it uses, in front of our own. */
#ifndef STM32_TINYUSB_STM32H7XX_H
#define STM32_TINYUSB_STM32H7XX_H

#include "ports/stm32/stm32h743.h"
#include "ports/stm32/system.h"

#define USB2_OTG_FS /* the chip has OTG2; OTG1 isn't wired to a socket on our boards, so the driver knows one controller: 0 */
#define USB_OTG_FS_PERIPH_BASE OTG2_FS_BASE
#define RCC_AHB1LPENR_USB2OTGFSULPILPEN RCC_AHB1LPENR_USB2ULPILPEN
#define SystemCoreClock (system_core_mhz * 1000000u)

#endif
