# SPDX-License-Identifier: MIT
# Programs of tests/: unit tests under the sanitizers, and fuzz targets. What runs them: tests/unit/run.sh, tests/fuzz/run.sh.

TEST_OUT := $(BUILD)/test

# Everything of ours that knows neither chip nor MicroPython, once for each way of compiling it; a test links what it uses.
include $(TOP)/vision/vision.mk
LIBRARY_SRC := $(sort $(VISION_SRC) $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/protocol/*.c)) runtime/pool.c runtime/profile.c runtime/flashdisk.c runtime/diskshare.c runtime/framebuffer.c runtime/lifecycle.c \
    boot/dfu.c boot/image.c boot/descriptors.c boot/descriptors_windows.c boot/boot.c \
    $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/host/dfu*.c $(TOP)/host/flasher*.c $(TOP)/host/payload*.c $(TOP)/host/libusb/*.c)) host/usbip_client.c host/run_folder.c \
    sensors/camera.c sensors/sensor.c sensors/ov7725.c \
    emulator/scene_core.c emulator/scene_fit.c emulator/scene_picture.c emulator/sensor_pixels.c emulator/jpeg_core.c emulator/usbip_wire.c)
TEST_WARNINGS := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror -I$(TOP) -I$(BOARDS_DIR) -isystem $(SDK_SYSROOT)/usr/include/libusb-1.0

# library NAME, COMPILER, FLAGS: build/test/NAME/libours.a
define library
$(TEST_OUT)/$(1)/%.o: $(TOP)/%.c | $(BOARDS_FILES)
	@mkdir -p $$(@D)
	$$(call say,$(2),$$@)
	$$(Q)$(3) $$(TEST_WARNINGS) -MMD -MP -c -o $$@ $$<
$(TEST_OUT)/$(1)/libours.a: $(addprefix $(TEST_OUT)/$(1)/,$(LIBRARY_SRC:.c=.o))
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
-include $(addprefix $(TEST_OUT)/$(1)/,$(LIBRARY_SRC:.c=.d))
endef
$(eval $(call library,asan,CC,$(HOST_CC) $(SDK_ASAN_CFLAGS)))
$(eval $(call library,fuzz,CLANG,$(SDK_FUZZ_CC) $(SDK_ASAN_CFLAGS) -fsanitize=fuzzer-no-link))

# ---- Unit tests ----
UNIT_TESTS := $(patsubst $(TOP)/tests/unit/%.c,$(TEST_OUT)/unit/%,$(wildcard $(TOP)/tests/unit/test_*.c))
$(TEST_OUT)/unit/%: $(TOP)/tests/unit/%.c $(TEST_OUT)/asan/libours.a $(wildcard $(TOP)/tests/unit/*.h)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOST_CC) $(SDK_ASAN_CFLAGS) $(TEST_WARNINGS) -o $@ $< $(TEST_OUT)/asan/libours.a $(SDK_ASAN_LDFLAGS) -lcmocka -ljpeg -lpng -lz -lm
.PHONY: unit-tests fuzz-targets fuzz-corpus
unit-tests: $(UNIT_TESTS)

# ---- Fuzz targets: with libFuzzer (make sdk-peers), and as plain programs that replay a corpus ----
FUZZ_NAMES := $(patsubst $(TOP)/tests/fuzz/%.c,%,$(wildcard $(TOP)/tests/fuzz/fuzz_*.c))
$(TEST_OUT)/fuzz/%: $(TOP)/tests/fuzz/%.c $(TEST_OUT)/fuzz/libours.a
	@mkdir -p $(@D)
	$(call say,CLANG,$@)
	$(Q)$(SDK_FUZZ_CC) $(SDK_FUZZ_CFLAGS) $(TEST_WARNINGS) -o $@ $< $(TEST_OUT)/fuzz/libours.a $(SDK_FUZZ_LDFLAGS) -lm
$(TEST_OUT)/replay/%: $(TOP)/tests/fuzz/%.c $(TOP)/tests/fuzz/standalone.c $(TEST_OUT)/asan/libours.a
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOST_CC) $(SDK_ASAN_CFLAGS) $(TEST_WARNINGS) -o $@ $< $(TOP)/tests/fuzz/standalone.c $(TEST_OUT)/asan/libours.a $(SDK_ASAN_LDFLAGS) -lm
fuzz-targets: $(addprefix $(TEST_OUT)/fuzz/,$(FUZZ_NAMES))
fuzz-corpus: $(addprefix $(TEST_OUT)/replay/,$(FUZZ_NAMES))

# ---- Programs of tests/host: a USB device, and what uses it; those linked with our sources under the sanitizers ----
HOST_TEST_CC = $(HOST_CC) $(TEST_WARNINGS)
LIBUSB_FILES := $(wildcard $(TOP)/host/libusb/*.c) $(TOP)/host/usbip_client.c $(TOP)/host/run_folder.c
BRIDGE_FILES := $(TOP)/host/bridge.c $(TOP)/host/tty_speed.c $(TOP)/host/usbip_client.c
.PHONY: host-tests
host-tests: $(addprefix $(TEST_OUT)/host/,fake_usb usb_api usb_api_asan bridge)

$(TEST_OUT)/host/fake_usb: $(TOP)/tests/host/fake_usb.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOST_TEST_CC) $(SDK_HOST_CFLAGS) -O1 -g -o $@ $< $(SDK_HOST_LDFLAGS)
$(TEST_OUT)/host/usb_api: $(TOP)/tests/host/usb_api.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOST_TEST_CC) $(SDK_HOST_CFLAGS) -O1 -g -o $@ $< $(SDK_HOST_LDFLAGS) -lusb-1.0
$(TEST_OUT)/host/usb_api_asan: $(TOP)/tests/host/usb_api.c $(LIBUSB_FILES) $(wildcard $(TOP)/host/*.h $(TOP)/host/libusb/*.h)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOST_TEST_CC) $(SDK_ASAN_CFLAGS) -o $@ $(filter %.c,$^) $(SDK_ASAN_LDFLAGS)
$(TEST_OUT)/host/bridge: $(TOP)/tests/host/bridge_main.c $(BRIDGE_FILES) $(wildcard $(TOP)/host/*.h)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOST_TEST_CC) $(SDK_ASAN_CFLAGS) -o $@ $(filter %.c,$^) $(SDK_ASAN_LDFLAGS)

# ---- vision/ beside other libraries (make sdk-peers) ----
include $(TOP)/tests/peers/peers.mk

# ---- MicroPython on the computer with modules/ndarray in it: a make of its own, as the firmware's ----
.PHONY: ndarray-tests
ndarray-tests: submodules
	+$(Q)MAKEFLAGS= $(MAKE) -j2 --no-print-directory -C $(TOP) -f tests/ndarray/host/Makefile CC='$(HOST_CC)' PYTHON='$(SDK_DIR)/bin/python3' \
	    CFLAGS_EXTRA='$(SDK_HOST_CFLAGS)' LDFLAGS_EXTRA='$(SDK_HOST_LDFLAGS)' build/test/ndarray/main
