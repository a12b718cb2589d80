# SPDX-License-Identifier: MIT
# Copied to lib/micropython/mpy-cross/GNUmakefile, which GNU make takes before Makefile: MicroPython's build finds the SDK's python3.
SDK_DIR ?= $(HOME)/openmv-sdk-$(shell cat ../../../SDK_VERSION)
export PATH := $(SDK_DIR)/bin:$(PATH)
include Makefile
