# SPDX-License-Identifier: MIT
# The host program `omv`: static, against the SDK's libraries, so that it runs anywhere and needs nothing.

OMV := $(BUILD)/host/omv
HOST_SYSROOT := $(SDK_DIR)/host
HOST_LIBDIR := $(HOST_SYSROOT)/usr/lib/x86_64-linux-gnu

OMV_SRC := $(sort $(wildcard $(TOP)/host/*.c)) $(sort $(wildcard $(TOP)/protocol/*.c))
OMV_OBJ := $(OMV_SRC:$(TOP)/%.c=$(BUILD)/host/obj/%.o) $(BUILD)/host/obj/boards.o
OMV_CFLAGS := $(HOST_CFLAGS) --sysroot=$(HOST_SYSROOT) -I$(TOP) -I$(BOARDS_DIR) -ffile-prefix-map=$(TOP)/= -MMD -MP
OMV_LDFLAGS := --sysroot=$(HOST_SYSROOT) -B$(HOST_LIBDIR) -L$(HOST_LIBDIR) -static
OMV_LIBS := -ljansson -lpng -ljpeg -lz -lm

host: $(OMV)

$(BUILD)/host/obj/%.o: $(TOP)/%.c | $(BOARDS_FILES)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)
	$(Q)$(HOST_CC) $(OMV_CFLAGS) -c $< -o $@

$(BUILD)/host/obj/boards.o: $(BOARDS_DIR)/boards.c $(BOARDS_DIR)/boards.h
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)
	$(Q)$(HOST_CC) $(OMV_CFLAGS) -c $< -o $@

$(OMV): $(OMV_OBJ)
	$(call say,HOSTLD,$@)
	$(Q)$(HOST_CC) $(OMV_LDFLAGS) -o $@ $^ $(OMV_LIBS)

-include $(OMV_OBJ:.o=.d)
