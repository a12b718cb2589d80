/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dwc2 USB controller as a board sees it: which socket it is soldered to. */
#ifndef OPENMV_EMULATOR_DWC2_H
#define OPENMV_EMULATOR_DWC2_H

#include "stm32_pins.h"
#include "usb_port.h"

/*
 * The controller is at the other end of `port`. `pins`: D- and D+ of its own full-speed transceiver. `ulpi`: a high-speed PHY
 * is there, too. Called before the machine runs, and when something else had the port; a controller without it sees no VBUS and no host.
 */
void dwc2_connect(Stm32Periph *otg, UsbPort *port, const Stm32Pin pins[2], bool ulpi);

/* The host sends frames: the start of each one can be measured. */
bool dwc2_has_frames(Stm32Periph *otg);

#endif
