# SPDX-License-Identifier: MIT
# Firmware of the STM32 boards: included by the root Makefile (through ports/firmware.mk) when TARGET names such a board.
#
# How the firmware is put together, and where a component plugs in:
#
#   ports/stm32/port.mk         this file: options -> flags, rules for firmware.elf/.bin
#   ports/micropython.mk        a make of its own, run in the repository root: MicroPython's py.mk, extmod.mk and mkrules.mk, our sources
#   ports/stm32/sources.mk      this port's sources
#   runtime/runtime.mk, modules/*/module.mk, vision/vision.mk, protocol/protocol.mk, sensors/sensors.mk
#                               one fragment per component, found by name. A fragment adds paths relative to the repository root to
#
#       SRC_MODULES += modules/image/py_image.c     C files with MP_QSTR_* / MP_REGISTER_* (scanned for qstrs), our warnings, -Werror
#       SRC_OURS    += vision/blob.c                other C files of ours, our warnings, -Werror
#       SRC_HOT     += vision/filter_m7.c           of the above: files compiled with -O3 in optimised builds
#       CFLAGS_OURS += -DSOMETHING                  flags for our files
#
#   boards/<T>/manifest.py      frozen Python; it includes modules/manifest.py (all boards). A component freezes a file by adding it there.
#
# Include paths: the repository root ("vision/image.h", "runtime/pool.h"), ports/stm32, build/<T>/gen ("board.h"), lib/micropython.
# Names of objects: build/<T>/obj/<path>.o. A changed option rebuilds everything below obj/ (flags stamp).

OBJ_DIR := $(OUT)/obj
FIRMWARE_ELF := $(BIN)/firmware.elf
FIRMWARE_BIN := $(BIN)/firmware.bin
CROSS := $(SDK_DIR)/gcc/bin/arm-none-eabi-

# Every option that changes code; the stamp changes when one of them does.
FIRMWARE_OPTIONS := DEBUG=$(DEBUG) DEBUG_PRINTF=$(DEBUG_PRINTF) STACK_PROTECTOR=$(STACK_PROTECTOR) FB_ALLOC_STATS=$(FB_ALLOC_STATS) \
    PROFILE_ENABLE=$(PROFILE_ENABLE) PROFILE_HASH=$(PROFILE_HASH) PROFILE_IRQ=$(PROFILE_IRQ)

# One make at a time in a build folder: two started by hand must not write the same files.
FLOCK := $(shell command -v flock)
FIRMWARE_MAKE = +$(Q)$(if $(Q),rm -f $(OUT)/.failed; { )$(if $(FLOCK),$(FLOCK) $(OUT)/.lock) $(MAKE) --no-print-directory -C $(TOP) -f ports/micropython.mk MAKEOVERRIDES= \
    REPO_BUILD=$(patsubst $(TOP)/%,%,$(OBJ_DIR)) GEN_DIR=$(patsubst $(TOP)/%,%,$(GEN)) TARGET=$(TARGET) PORT_NAME=$(PORT) V=$(V) \
    SDK_DIR='$(SDK_DIR)' BOARD_CFLAGS='$(BOARD_CFLAGS)' BOARD_MODULES='$(BOARD_MODULES)' $(FIRMWARE_OPTIONS)

MPY_CROSS := $(TOP)/lib/micropython/mpy-cross/build/mpy-cross

# MicroPython's source is unpacked and its cross compiler built when they are missing, or older than what they are made of.
$(TOP)/lib/micropython/py/py.mk:
	$(Q)$(MAKE) --no-print-directory -C $(TOP) submodules

$(MPY_CROSS): $(TOP)/lib/micropython/py/py.mk
	$(call say,HOSTCC,$@)
	+$(Q)MAKEFLAGS= $(MAKE) -j4 --no-print-directory -C $(TOP)/lib/micropython/mpy-cross SDK_DIR='$(SDK_DIR)' V= $(if $(Q),>/dev/null)
	@touch $@

# MicroPython's scripts tell every step; what they say on stdout is of no use here. The inner make's status passes the pipe in a file.
QUIETLY := || touch $(OUT)/.failed; } | grep --line-buffered -vE '^(QSTR|Module registrations|Root pointer registrations|Compressed data) |^MPY |^GEN |^mkdir '; \
    [ ! -f $(OUT)/.failed ]

# The inner make knows what is out of date, so it always runs; firmware.elf is left alone when nothing was.
.PHONY: firmware-elf
firmware-elf: $(GEN)/board.h $(GEN)/memory.ld $(GEN)/board.mk $(GEN_REGS) $(MPY_CROSS)
	$(FIRMWARE_MAKE) $(patsubst $(TOP)/%,%,$(OBJ_DIR))/firmware.elf$(if $(Q), $(QUIETLY))

# The image header that boot/image_mark.c leaves gets its length and CRCs, in the ELF file; the .bin is made of that.
$(FIRMWARE_ELF): firmware-elf $(MKIMAGE)
	@mkdir -p $(@D)
	@[ -f $@ ] && [ ! $(OBJ_DIR)/firmware.elf -nt $@ ] && [ ! $(MKIMAGE) -nt $@ ] || { \
	    cp $(OBJ_DIR)/firmware.elf $@.new && $(CROSS)objcopy -O binary $@.new $@.bin && $(MKIMAGE) --elf $@.new $@.bin && \
	    rm $@.bin && mv $@.new $@; }

$(FIRMWARE_BIN): $(FIRMWARE_ELF)
	$(call say,BIN,$@)
	$(Q)$(CROSS)objcopy -O binary $< $@

# A bootloader of ours, where the board has one.
ifeq ($(BOARD_LOADER),openmv_dfu)
  include $(TOP)/ports/stm32/boot.mk
endif
