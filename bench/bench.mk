# SPDX-License-Identifier: MIT
# Host programs of the benchmarks.
.PHONY: bench-tools
bench-tools: $(BUILD)/bench/pictures

$(BUILD)/bench/pictures: $(TOP)/bench/pictures.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) $(SDK_HOST_CFLAGS) -o $@ $< $(SDK_HOST_LDFLAGS) -lpng -lz -lm
