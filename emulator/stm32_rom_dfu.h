/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The STM32H743's system bootloader, as far as USB goes: its behaviour (AN2606 section "STM32H74xxx/75xxx", AN3156), none of its code. */
#ifndef OPENMV_EMULATOR_STM32_ROM_DFU_H
#define OPENMV_EMULATOR_STM32_ROM_DFU_H

#include "stm32h743.h"
#include "usb_port.h"

typedef struct Stm32RomDfu Stm32RomDfu;

/* Where system memory has the few instructions that wake the model up, and the window that they write to (stm32h743.c). */
enum { STM32_ROM_PROGRAM = 0x1ff1d000, STM32_ROM_WINDOW = 0x1ff1fff0, STM32_ROM_ID_ADDRESS = 0x1ff1e7fe, STM32_ROM_ID = 0x90 };

/* `restore` puts the chip's own controller back at the port; called when the bootloader leaves. */
Stm32RomDfu *stm32_rom_dfu_new(Stm32h743 *chip, UsbPort *port, Stm32Periph *otg, void (*restore)(void *opaque), void *opaque);

/* The chip is being reset. */
void stm32_rom_dfu_stop(Stm32RomDfu *rom);

/* The program at STM32_ROM_PROGRAM, in the core's byte order. */
extern const uint16_t stm32_rom_program[16];

#endif
