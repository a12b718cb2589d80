# SPDX-License-Identifier: MIT
# The SDK: goals that install it, and how host programs are built with its libraries. Contract in sdk/README.md.

.PHONY: sdk sdk-peers sdk-lock submodules

SDK_SH = SDK_DIR='$(SDK_DIR)' SDK_VERSION='$(SDK_VERSION)' TOP='$(TOP)' sh '$(TOP)/sdk/sdk.sh'

sdk:
	@$(SDK_SH) install

sdk-peers:
	@$(SDK_SH) peers

sdk-lock:
	@$(SDK_SH) lock

submodules:
	@$(SDK_SH) submodules

# A half-installed or damaged SDK is said to be so before it gives strange errors (sizes of all files: 0.1 s).
ifdef NEEDS_SDK
ifeq ($(MAKELEVEL),0)
  SDK_STATE := $(shell $(SDK_SH) check 2>&1)
  ifneq ($(SDK_STATE),)
    $(error $(SDK_STATE))
  endif
endif
endif

# Host programs that use the SDK's libraries: $(HOST_CC) $(HOST_CFLAGS) $(SDK_HOST_CFLAGS) ... $(SDK_HOST_LDFLAGS) -lpng ...
# They start as they are, by the SDK's loader, on any machine; after the SDK has moved, through $(SDK_RUN).
SDK_SYSROOT := $(SDK_DIR)/host
SDK_HOST_LIB := $(SDK_SYSROOT)/usr/lib/x86_64-linux-gnu
SDK_HOST_CFLAGS := --sysroot=$(SDK_SYSROOT) -isystem $(SDK_SYSROOT)/usr/include/x86_64-linux-gnu
SDK_HOST_LDFLAGS := --sysroot=$(SDK_SYSROOT) -B$(SDK_HOST_LIB) -L$(SDK_HOST_LIB) \
    -Wl,--disable-new-dtags,-rpath,$(SDK_HOST_LIB),--dynamic-linker,$(SDK_SYSROOT)/usr/lib64/ld-linux-x86-64.so.2
SDK_RUN := $(SDK_DIR)/bin/run

# The same under the sanitizers of the machine's own gcc; a finding ends the program with a trace and status 1.
SDK_ASAN_CFLAGS := $(SDK_HOST_CFLAGS) -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
SDK_ASAN_LDFLAGS := $(SDK_HOST_LDFLAGS) -fsanitize=address,undefined

# Fuzz targets (make sdk-peers): $(SDK_FUZZ_CC) $(SDK_FUZZ_CFLAGS) target.c ... $(SDK_FUZZ_LDFLAGS)
SDK_FUZZ_CC := $(SDK_DIR)/peers/bin/clang
SDK_FUZZ_CFLAGS := $(SDK_ASAN_CFLAGS) -fsanitize=fuzzer
SDK_FUZZ_LDFLAGS := $(SDK_ASAN_LDFLAGS) -fsanitize=fuzzer
SDK_FUZZ_RUN := ASAN_SYMBOLIZER_PATH=$(shell command -v addr2line) # names in the traces
SDK_PEERS_PYTHON := $(SDK_DIR)/peers/bin/python3
