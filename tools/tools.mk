# SPDX-License-Identifier: MIT
# Small host programs of the build, plain C with no libraries, and the files derived from the board descriptions.

BOARDC       := $(BUILD)/host/boardc
BOARDC_FILES := $(wildcard $(TOP)/tools/boardc/*.c)

$(BOARDC): $(BOARDC_FILES) $(wildcard $(TOP)/tools/boardc/*.h)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -o $@ $(BOARDC_FILES)

# One run derives all files of a board. A file that comes out equal keeps its time, so that a changed comment rebuilds nothing;
# the stamp is what Make compares.
GEN_NAMES := board.h memory.ld board.mk

$(BUILD)/%/gen/.stamp: $(TOP)/boards/%/board_config.mk $(wildcard $(TOP)/chips/*.mk) $(BOARDC)
	@mkdir -p $(@D)
	$(call say,BOARD,$(TOP)/boards/$*/board_config.mk)
	$(Q)$(BOARDC) --out $(@D) $<
	@touch $@

ifneq ($(TARGET),)
$(addprefix $(GEN)/,$(GEN_NAMES)): $(GEN)/.stamp
	@test -f $@ || $(BOARDC) --out $(GEN) $(TOP)/boards/$(TARGET)/board_config.mk
endif
