# SPDX-License-Identifier: MIT
# The host program `omv`: by the SDK's loader and libraries, so that it runs on any machine and from any folder.

OMV := $(BUILD)/host/omv

OMV_SRC := $(sort $(wildcard $(TOP)/host/*.c)) $(sort $(wildcard $(TOP)/protocol/*.c))
OMV_OBJ := $(OMV_SRC:$(TOP)/%.c=$(BUILD)/host/obj/%.o) $(BUILD)/host/obj/boards.o
OMV_CFLAGS := $(HOST_CFLAGS) $(SDK_HOST_CFLAGS) -isystem $(SDK_SYSROOT)/usr/include/libusb-1.0 -I$(TOP) -I$(BOARDS_DIR) -ffile-prefix-map=$(TOP)/= -MMD -MP
OMV_LIBS := -lusb-1.0 -ljansson -lpng -ljpeg -lz -lm

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
	$(Q)$(HOST_CC) $(SDK_HOST_LDFLAGS) -o $@ $^ $(OMV_LIBS)

-include $(OMV_OBJ:.o=.d)
