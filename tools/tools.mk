# SPDX-License-Identifier: MIT
# Small host programs of the build, plain C with no libraries, and the files derived from the board descriptions.

BOARDC       := $(BUILD)/host/boardc
BOARDC_FILES := $(wildcard $(TOP)/tools/boardc/*.c)

$(BOARDC): $(BOARDC_FILES) $(wildcard $(TOP)/tools/boardc/*.h)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $(BOARDC_FILES)

# mkdfu and mkromfs: one source each.
MKDFU   := $(BUILD)/host/mkdfu
MKROMFS := $(BUILD)/host/mkromfs

$(MKDFU) $(MKROMFS): $(BUILD)/host/%: $(TOP)/tools/%.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $<

# regc: the registers of a chip, from chips/CHIP.regs: CMSIS-SVD for debuggers, C header for the firmware, tables for the emulator.
REGC      := $(BUILD)/host/regc
CHIPS_DIR := $(BUILD)/chips
CHIP_REGS := $(patsubst $(TOP)/chips/%.regs,%,$(wildcard $(TOP)/chips/*.regs))

REGC_FILES := $(wildcard $(TOP)/tools/regc/*.c)
$(REGC): $(REGC_FILES) $(TOP)/tools/regc/regc.h
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $(REGC_FILES)

CHIP_FILES := $(foreach c,$(CHIP_REGS),$(addprefix $(CHIPS_DIR)/$(c),.svd _regs.h _defs.h))
.PRECIOUS: $(CHIP_FILES)
$(CHIPS_DIR)/%.svd $(CHIPS_DIR)/%_regs.h $(CHIPS_DIR)/%_defs.h &: $(TOP)/chips/%.regs $(REGC)
	@mkdir -p $(@D)
	$(call say,REGS,$<)
	$(Q)$(REGC) --out $(@D) $<

# For a board of such a chip: build/TARGET/gen/CHIP_regs.h, and the SVD file by the name that the chip's description gives it.
ifneq ($(TARGET),)
BOARD_CHIP := $(shell awk '$$1 == "CHIP" { print $$3 }' $(TOP)/boards/$(TARGET)/board_config.mk 2>/dev/null)
BOARD_SVD := $(shell awk '$$1 == "SVD" { print $$3 }' $(TOP)/chips/$(BOARD_CHIP).mk 2>/dev/null)
GEN_REGS := $(if $(filter $(BOARD_CHIP),$(CHIP_REGS)),$(GEN)/$(BOARD_CHIP)_regs.h $(GEN)/$(BOARD_SVD))
$(GEN)/$(BOARD_CHIP)_regs.h: $(CHIPS_DIR)/$(BOARD_CHIP)_regs.h
$(GEN)/$(BOARD_SVD): $(CHIPS_DIR)/$(BOARD_CHIP).svd
$(GEN_REGS):
	@mkdir -p $(@D)
	$(Q)cmp -s $< $@ || cp $< $@
endif

# stackc: bounds of the stack, for make size.
STACKC := $(BUILD)/host/stackc
$(STACKC): $(TOP)/tools/stackc.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $<

# mkimage shares the image header with the bootloader.
MKIMAGE := $(BUILD)/host/mkimage

$(MKIMAGE): $(TOP)/tools/mkimage.c $(TOP)/boot/image.c $(TOP)/boot/image.h
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -I$(TOP) -o $@ $(filter %.c,$^)

# One run derives all files of a board. A file that comes out equal keeps its time, so that a changed comment rebuilds nothing;
# the stamp is what Make compares.
GEN_NAMES := board.h memory.ld board.mk dfu_alternates.h emu_board.h launch.json tasks.json
BOARDC_SDK = $(patsubst $(HOME)/%,$${env:HOME}/%,$(SDK_DIR))

$(BUILD)/%/gen/.stamp: $(TOP)/boards/%/board_config.mk $(wildcard $(TOP)/chips/*.mk) $(BOARDC)
	@mkdir -p $(@D)
	$(call say,BOARD,$(TOP)/boards/$*/board_config.mk)
	$(Q)$(BOARDC) --out $(@D) --sdk '$(BOARDC_SDK)' $<
	@touch $@

# What the host program knows of all boards.
BOARDS_DIR   := $(BUILD)/boards
BOARDS_FILES := $(addprefix $(BOARDS_DIR)/,boards.c boards.h boards.md)

$(BOARDS_DIR)/.stamp: $(wildcard $(TOP)/boards/*/board_config.mk $(TOP)/chips/*.mk) $(BOARDC)
	@mkdir -p $(@D)
	$(call say,BOARDS,$(TOP)/boards)
	$(Q)$(BOARDC) --out $(@D) --all $(TOP)/boards
	@touch $@

$(BOARDS_FILES): $(BOARDS_DIR)/.stamp
	@test -f $@ || $(BOARDC) --out $(BOARDS_DIR) --all $(TOP)/boards

ifneq ($(TARGET),)
$(addprefix $(GEN)/,$(GEN_NAMES)): $(GEN)/.stamp
	@test -f $@ || $(BOARDC) --out $(GEN) --sdk '$(BOARDC_SDK)' $(TOP)/boards/$(TARGET)/board_config.mk

# build/<TARGET>/bin/romfs0.img from boards/<TARGET>/romfs0.list; the size of its partition is in board.mk.
$(BIN)/%.img: $(TOP)/boards/$(TARGET)/%.list $(GEN)/board.mk $(MKROMFS)
	@mkdir -p $(@D)
	$(call say,ROMFS,$@)
	$(Q)$(MKROMFS) -o $@ --size $(BOARD_ROMFS_SIZE_$(@F)) --top $(TOP) --depend $(GEN)/$*.d $< > $(GEN)/$*.txt
-include $(wildcard $(GEN)/romfs*.d)
endif
