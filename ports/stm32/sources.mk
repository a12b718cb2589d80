# SPDX-License-Identifier: MIT
# The STM32 port's sources. machine_uart.c, machine_adc.c, machine_pwm.c, machine_wdt.c and mod_*.c are included by MicroPython's extmod.
SRC_OURS += $(addprefix ports/stm32/, startup.c capture_dcmi.c fault.c fault_copy.c crash.c system.c clock.c gpio.c uart.c rng.c rtc.c flash.c flash_bank.c dma.c timer.c i2c.c spi.c usb_device.c \
    usb.c usb_descriptors.c usb_disk.c usb_serial.c)
SRC_OURS += boot/image_mark.c boot/descriptors.c $(if $(filter 1,$(PROFILE_ENABLE)),ports/stm32/profile_hook.c) $(if $(filter 1,$(DEBUG_PRINTF)),ports/stm32/trace.c)
SRC_MODULES += $(addprefix ports/stm32/, main.c mphalport.c console.c storage.c machine_pin.c machine_led.c machine_rtc.c machine_i2c.c machine_spi.c machine_bitstream.c)

include ports/stm32/tinyusb/tinyusb.mk
SRC_PORT_THEIRS += $(TINYUSB_SRC) $(TINYUSB_CLASS_CDC) $(TINYUSB_CLASS_MSC)
CFLAGS_PORT += $(TINYUSB_CFLAGS) -DCFG_TUSB_CONFIG_FILE='"tusb_firmware.h"'
# Who has files of the internal disk open for writing: storage.c counts.
LDFLAGS_PORT += -Wl,--wrap=f_open,--wrap=f_close
# A block to grow that the collector doesn't own: main.c refuses it.
LDFLAGS_PORT += -Wl,--wrap=gc_realloc
