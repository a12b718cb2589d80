/* SPDX-License-Identifier: MIT */
/* The board's USB socket in device mode (OTG2, full speed): clock, supply, pins and VBUS, for the firmware and for the bootloader.
   Knows no USB stack. TinyUSB is started like this, and the interrupt (USB_DEVICE_IRQ) is the program's own:

       usb_device_start();
       tusb_init();                 controller 0; it connects at once
       usb_device_sense_vbus();

   and stopped by tud_disconnect(), tud_deinit(0), usb_device_stop(). */
#ifndef STM32_USB_DEVICE_H
#define STM32_USB_DEVICE_H

#include <stdbool.h>
#include "stm32h743.h"

#define USB_DEVICE_IRQ OTG_FS_IRQn
#define USB_DEVICE_AWAY_US 20000 /* a hub looks at its ports every few milliseconds; 2.5 us of no pull-up is a disconnect (USB 2.0 7.1.7.3) */

/* Kernel clock (board.h's; HSI48 is trimmed by the host's frames), transceiver supply, pins, the controller out of reset. The kernel
   clock's source runs already. Nothing is connected yet. */
void usb_device_start(void);

/* The session depends on VBUS from here on, if the board has the pin (otherwise it is always valid): TinyUSB's initialisation overrides
   the pin. When VBUS goes, the controller says so (SEDET), and TinyUSB calls tud_umount_cb. */
void usb_device_sense_vbus(void);

/* Is there a cable with power? Between start and stop; always true when the board has no VBUS pin. */
bool usb_device_has_vbus(void);

/* Bytes that the last packet of a control transfer's data stage to us was armed for and that didn't come: 0 when the host sent all it had
   announced. TinyUSB doesn't tell. Valid in its callback for the data stage. */
uint32_t usb_device_control_missing(void);

/* While nobody can serve the controller (a flash erase), called at least every 5 ms; runs from RAM. A bus reset would go unanswered, the
   device would keep its old address, and a host gives such a device up within half a second: so it is off the bus until usb_device_return(),
   which a host takes for a plug that isn't in yet. True: it has left the bus. */
bool usb_device_evade_reset(void);
void usb_device_return(void);

/* Disconnects, and leaves controller, clock recovery, supply and pins as after a reset. The interrupt is off. */
void usb_device_stop(void);

#endif
