# SPDX-License-Identifier: MIT
# The host program `omv`: by the SDK's loader and libraries, so that it runs on any machine and from any folder.

OMV := $(BUILD)/host/omv

OMV_SRC := $(sort $(wildcard $(TOP)/host/*.c)) $(sort $(wildcard $(TOP)/protocol/*.c)) $(TOP)/boot/image.c
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

# omv starts by the SDK's loader: where that is, when it has moved, is linked in anew.
$(BUILD)/host/sdk.path: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(SDK_DIR)' | cmp -s - $@ || printf '%s\n' '$(SDK_DIR)' > $@
.PHONY: FORCE

$(OMV): $(OMV_OBJ) $(BUILD)/host/sdk.path
	$(call say,HOSTLD,$@)
	$(Q)$(HOST_CC) $(SDK_HOST_LDFLAGS) -o $@ $(OMV_OBJ) $(OMV_LIBS)

-include $(OMV_OBJ:.o=.d)

# ---- libusb-1.0 over USB/IP: loads into any program, so it needs nothing but an old C library ----------
OMV_LIBUSB := $(BUILD)/host/lib/libusb-1.0.so.0
LIBUSB_SRC := $(sort $(wildcard $(TOP)/host/libusb/*.c)) $(TOP)/host/usbip_client.c $(TOP)/host/run_folder.c
LIBUSB_OBJ := $(LIBUSB_SRC:$(TOP)/%.c=$(BUILD)/host/pic/%.o)
LIBUSB_CFLAGS := $(HOST_CFLAGS) -fPIC -Wno-deprecated-declarations -MMD -MP $(SDK_HOST_CFLAGS) -isystem $(SDK_SYSROOT)/usr/include/libusb-1.0

host: $(OMV_LIBUSB)

$(BUILD)/host/pic/%.o: $(TOP)/%.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)
	$(Q)$(HOST_CC) $(LIBUSB_CFLAGS) -I$(TOP) -ffile-prefix-map=$(TOP)/= -c $< -o $@

$(OMV_LIBUSB): $(LIBUSB_OBJ) $(TOP)/host/libusb/libusb.map
	@mkdir -p $(@D)
	$(call say,HOSTLD,$@)
	$(Q)$(HOST_CC) --sysroot=$(SDK_SYSROOT) -B$(SDK_HOST_LIB) -L$(SDK_HOST_LIB) -shared -Wl,-soname,libusb-1.0.so.0 -Wl,-z,defs \
	    -Wl,--version-script,$(TOP)/host/libusb/libusb.map -o $@ $(LIBUSB_OBJ)

-include $(LIBUSB_OBJ:.o=.d)
