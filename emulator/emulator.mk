# SPDX-License-Identifier: MIT
# The emulator: our devices compiled against the SDK's QEMU and linked with its objects, without QEMU's own build.

# A QEMU elsewhere than in the SDK (made by sdk/qemu.sh): EMULATOR_QEMU=DIR
EMULATOR_QEMU ?= $(SDK_DIR)/qemu
EMULATOR := $(BUILD)/emulator/qemu-system-arm

EMULATOR_SRC := $(sort $(wildcard $(TOP)/emulator/*.c))
EMULATOR_OBJ := $(EMULATOR_SRC:$(TOP)/emulator/%.c=$(BUILD)/emulator/%.o)
EMULATOR_WARN := -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers -Wno-override-init -Wshadow -Werror
EMULATOR_LIBS := -lpng -ljpeg -lz -lm

emulator: $(EMULATOR)

# Both commands run in the QEMU folder: the paths in its .rsp files are relative to it.
$(BUILD)/emulator/%.o: $(TOP)/emulator/%.c $(EMULATOR_QEMU)/cflags.rsp | $(CHIPS_DIR)/stm32h743_defs.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)cd $(EMULATOR_QEMU) && $(HOST_CC) @cflags.rsp $(EMULATOR_WARN) -I$(CHIPS_DIR) -ffile-prefix-map=$(TOP)/= -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

$(EMULATOR): $(EMULATOR_OBJ) $(EMULATOR_QEMU)/link.rsp
	$(call say,LINK,$@)
	$(Q)cd $(EMULATOR_QEMU) && $(HOST_CC) -o $@ $(EMULATOR_OBJ) @link.rsp $(EMULATOR_LIBS) 2> $@.log || { cat $@.log >&2; exit 1; }

# The same with the machine's address and undefined behaviour sanitizers in our devices: QEMU=build/emulator-asan/qemu-system-arm sh tests/emu/usb/run.sh
EMULATOR_ASAN := $(BUILD)/emulator-asan/qemu-system-arm
EMULATOR_ASAN_OBJ := $(EMULATOR_SRC:$(TOP)/emulator/%.c=$(BUILD)/emulator-asan/%.o)

emulator-asan: $(EMULATOR_ASAN)
.PHONY: emulator-asan

$(BUILD)/emulator-asan/%.o: $(TOP)/emulator/%.c $(EMULATOR_QEMU)/cflags.rsp
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)cd $(EMULATOR_QEMU) && $(HOST_CC) @cflags.rsp $(filter-out --sysroot=%,$(SDK_ASAN_CFLAGS)) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

$(EMULATOR_ASAN): $(EMULATOR_ASAN_OBJ) $(EMULATOR_QEMU)/link.rsp
	$(call say,LINK,$@)
	$(Q)sed '/^-static$$/d' $(EMULATOR_QEMU)/link.rsp > $@.rsp
	$(Q)cd $(EMULATOR_QEMU) && $(HOST_CC) -no-pie -o $@ $(EMULATOR_ASAN_OBJ) @$@.rsp $(EMULATOR_LIBS) $(SDK_ASAN_LDFLAGS) 2> $@.log || { cat $@.log >&2; exit 1; }

$(EMULATOR_QEMU)/cflags.rsp $(EMULATOR_QEMU)/link.rsp:
	@echo "The SDK has no QEMU ($(EMULATOR_QEMU)). Run 'make sdk' to install it." >&2; exit 1

-include $(EMULATOR_OBJ:.o=.d) $(EMULATOR_ASAN_OBJ:.o=.d)
