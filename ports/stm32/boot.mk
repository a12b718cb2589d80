# SPDX-License-Identifier: MIT
# The bootloader of the STM32 boards, and the image that has it and the firmware: included by port.mk for boards that have one of ours.
# The core is boot/, TinyUSB comes unmodified from lib/tinyusb; no MicroPython in it, but for the CMSIS headers that come with it.

BOOT_OBJ := $(OUT)/boot
include $(TOP)/ports/stm32/tinyusb/tinyusb.mk

BOOT_SRC := $(addprefix boot/, boot.c dfu.c image.c descriptors.c descriptors_windows.c board_table.c boot_mark.c) \
    $(addprefix ports/stm32/, boot_main.c boot_usb.c boot_flash.c flash_bank.c fault_copy.c usb_device.c gpio.c)
BOOT_O := $(addprefix $(BOOT_OBJ)/,$(BOOT_SRC:.c=.o))
BOOT_TINYUSB_O := $(addprefix $(BOOT_OBJ)/,$(TINYUSB_SRC:.c=.o))

# Without the FPU, which is off at the start.
BOOT_CFLAGS := $(BOARD_CFLAGS) -mgeneral-regs-only -std=gnu11 $(if $(filter 1,$(DEBUG)),-Og,-Os) -g \
    -ffunction-sections -fdata-sections -fno-common -I. -Iports/stm32 -I$(GEN) -Ilib/micropython/lib/cmsis/inc $(TINYUSB_CFLAGS) \
    '-DCFG_TUSB_CONFIG_FILE="tusb_boot.h"' -Wall -Werror -ffile-prefix-map=$(TOP)=. -ffile-prefix-map=$(SDK_DIR)=sdk
BOOT_WARNINGS := -Wextra -Wshadow -Wno-unused-parameter
BOOT_LDFLAGS := -nostartfiles -T ports/stm32/boot.ld -L $(GEN) -Wl,--gc-sections -Wl,-Map=$(BOOT_OBJ)/bootloader.map \
    -Wl,--no-warn-rwx-segments -Wl,--fatal-warnings

$(BOOT_O): BOOT_CFLAGS += $(BOOT_WARNINGS)
$(BOOT_O) $(BOOT_TINYUSB_O): $(BOOT_OBJ)/%.o: $(TOP)/%.c $(BOOT_OBJ)/flags.stamp $(GEN)/.stamp $(GEN_REGS)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)cd $(TOP) && $(CROSS)gcc $(BOOT_CFLAGS) -MMD -MP -c -o $@ $(patsubst $(TOP)/%,%,$<)
-include $(BOOT_O:.o=.d) $(BOOT_TINYUSB_O:.o=.d)

# TinyUSB's and CMSIS' sources are unpacked when they are missing.
$(TOP)/lib/tinyusb/src/%.c: | $(TOP)/lib/micropython/py/py.mk
	@test -f $@

$(BOOT_OBJ)/flags.stamp: FORCE | $(TOP)/lib/micropython/py/py.mk
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(BOOT_CFLAGS))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(BOOT_CFLAGS))' > $@
.PHONY: FORCE
FORCE:

$(BIN)/bootloader.elf: $(BOOT_O) $(BOOT_TINYUSB_O) $(TOP)/ports/stm32/boot.ld $(GEN)/memory.ld
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)cd $(TOP) && $(CROSS)gcc $(BOOT_CFLAGS) $(BOOT_LDFLAGS) -o $@ $(BOOT_O) $(BOOT_TINYUSB_O)

$(BIN)/bootloader.bin: $(BIN)/bootloader.elf
	$(call say,BIN,$@)
	$(Q)$(CROSS)objcopy -O binary --gap-fill 0xFF $< $@

# Both, as they lie in flash: what is between them is erased by whoever writes this, the camera's files too.
$(BIN)/openmv.bin: $(BIN)/bootloader.bin $(FIRMWARE_BIN)
	$(call say,BIN,$@)
	$(Q)$(CROSS)objcopy -I binary -O binary --gap-fill 0xFF --pad-to $$(($(BOARD_APP_ADDRESS) - $(BOARD_BOOT_ADDRESS))) $< $@.new && \
	    cat $(FIRMWARE_BIN) >> $@.new && mv $@.new $@

# DfuSe, for the chip's ROM loader.
$(BIN)/bootloader.dfu $(BIN)/openmv.dfu: %.dfu: %.bin $(MKDFU)
	$(call say,DFU,$@)
	$(Q)$(MKDFU) -o $@ $(BOARD_ROM_DFU_FLAGS) $<

BIN_FILES += $(addprefix $(BIN)/,bootloader.elf bootloader.bin bootloader.dfu openmv.bin openmv.dfu)

size: boot-size
.PHONY: boot-size
boot-size: $(BIN)/bootloader.elf
	$(Q)$(CROSS)size -A -x $<
	$(Q)$(CROSS)size $<
