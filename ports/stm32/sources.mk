# SPDX-License-Identifier: MIT
# The STM32 port's sources.
SRC_OURS += $(addprefix ports/stm32/, startup.c fault.c system.c clock.c gpio.c uart.c rng.c rtc.c flash.c)
SRC_MODULES += $(addprefix ports/stm32/, main.c mphalport.c console.c storage.c machine_pin.c machine_led.c machine_rtc.c)
