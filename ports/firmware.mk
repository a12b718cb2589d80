# SPDX-License-Identifier: MIT
# One board's images: what the root Makefile builds for TARGET. Which port makes firmware.bin is a fact of the board.

# Another compiler on PATH is never used; the specification has the Cortex-M55 targets refuse an old one all the same, so that whoever
# runs it by hand finds out here.
ifeq ($(CPU),cortex-m55)
  PATH_GCC := $(shell command -v arm-none-eabi-gcc 2>/dev/null)
  ifneq ($(PATH_GCC),)
    PATH_GCC_VERSION := $(shell '$(PATH_GCC)' -dumpfullversion -dumpversion 2>/dev/null | head -n 1)
    PATH_GCC_OLD := $(shell echo '$(PATH_GCC_VERSION)' | awk -F. '{ print ($$1 * 100 + $$2 < 1403) ? "old" : "" }')
    ifeq ($(PATH_GCC_OLD),old)
      $(error Upgrade to GCC 14.3+ for proper CM55 support: $(PATH_GCC) is version $(PATH_GCC_VERSION). Take it off PATH)
    endif
  endif
endif

ifneq ($(BOARD_READY),yes)
  $(error $(TARGET) ($(BOARD_NAME)) is described, but there is no port to its $(BOARD_MCU) yet. Ready: $(READY_TARGETS))
endif

GCC_WANTED := 15.3.1
GCC_FOUND := $(shell '$(SDK_DIR)/gcc/bin/arm-none-eabi-gcc' -dumpfullversion 2>/dev/null)
ifneq ($(GCC_FOUND),$(GCC_WANTED))
  $(error The compiler in $(SDK_DIR)/gcc is $(or $(GCC_FOUND),damaged), not $(GCC_WANTED). Run 'make sdk' to repair it)
endif

BIN_FILES :=
include $(TOP)/ports/$(PORT)/port.mk

BIN_FILES += $(addprefix $(BIN)/,firmware.elf firmware.bin firmware.dfu $(BOARD_ROMFS_IMAGES) romfs.img)

all: $(BIN_FILES)

# The name of the specification; the numbered one is what a board with two of them needs.
$(BIN)/romfs.img: $(BIN)/romfs0.img
	$(Q)cp $< $@

# The image with the suffix of DFU 1.1, which is what the camera's own bootloader speaks.
$(BIN)/firmware.dfu: $(BIN)/firmware.bin $(MKDFU)
	$(call say,DFU,$@)
	$(Q)$(MKDFU) -o $@ --usb $(BOARD_USB_DFU) $<

size: $(BIN)/firmware.elf $(STACKC)
	$(Q)'$(SDK_DIR)/gcc/bin/arm-none-eabi-size' -A -x $<
	$(Q)'$(SDK_DIR)/gcc/bin/arm-none-eabi-size' $<
	@printf '\nStack: frames of the functions on the deepest path that is known (ports/$(PORT)/stack.calls)\n'
	$(Q)find $(OUT)/obj -name '*.ci' | sort | xargs $(STACKC) $(TOP)/ports/$(PORT)/stack.calls
