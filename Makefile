# SPDX-License-Identifier: MIT
# The one entry. `make help` prints the goals and options from the ## comments below.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

TOP := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
# Elsewhere below the tree: BUILD_DIR=$PWD/build/profile, for a second build with other options beside the first.
BUILD_DIR ?= $(TOP)/build
BUILD := $(BUILD_DIR)

# ---- Options -----------------------------------------------------------------------------------
#> TARGET            the board to build, one of boards/
TARGET ?=
#> DEBUG             0: -O2 -DNDEBUG; 1: -Og -ggdb3, the build to debug
DEBUG ?= 0
#> V                 0: short lines; 1: every command
V ?= 0
#> DEBUG_PRINTF      1: low-level debug output (OMV_DEBUG_PRINTF), over RTT and SWO
DEBUG_PRINTF ?= 0
#> PROFILE_ENABLE    1: call instrumentation (-finstrument-functions), for omv profile
PROFILE_ENABLE ?= 0
#> PROFILE_HASH      entries of the profiler's table, a power of two
PROFILE_HASH ?= 256
#> PROFILE_IRQ       1: interrupts are profiled too
PROFILE_IRQ ?= 0
#> STACK_PROTECTOR   1: stack canaries (-fstack-protector-all)
STACK_PROTECTOR ?= 0
#> FB_ALLOC_STATS    1: statistics of the memory pools
FB_ALLOC_STATS ?= 0
#> DEBUGGER          what `make debug` and `make deploy` use: JLINK, OPENOCD (ST-Link), EMU (no probe), NONE
DEBUGGER ?= JLINK
#> DEBUG_ARGS        more options for `omv debug`: DEBUG_ARGS='--attach'; DEPLOY_ARGS the same for `omv deploy`
DEBUG_ARGS ?=
DEPLOY_ARGS ?=
#> SCRIPT            the script that `make watch` runs again after every change
SCRIPT ?=
#> SCENE             the picture that the emulated camera sees in `make run`
SCENE ?=
#> FLASH             options of omv flash for `make flash` (docs/flashing.md)
FLASH ?=
#> SDK_DIR           where the SDK is installed
SDK_VERSION := $(strip $(shell cat $(TOP)/SDK_VERSION))
SDK_DIR ?= $(HOME)/openmv-sdk-$(SDK_VERSION)

export SDK_DIR
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(patsubst $(TOP)/%,%,$(2))')

TARGETS := $(sort $(patsubst $(TOP)/boards/%/board_config.mk,%,$(wildcard $(TOP)/boards/*/board_config.mk)))
READY_TARGETS := $(patsubst $(TOP)/boards/%/board_config.mk,%,$(shell grep -lE '^READY *= *yes' $(TOP)/boards/*/board_config.mk 2>/dev/null))
GOALS := $(or $(MAKECMDGOALS),all)

# Goals that need neither a TARGET nor an installed SDK; demo, test and bench install what they miss.
FREE_GOALS := help sdk sdk-lock sdk-peers demo test bench bench-accept bench-host fuzz
# Goals that need the SDK, but no TARGET.
HOST_GOALS := submodules emulator emulator-asan host tools unit-tests fuzz-corpus fuzz-targets bench-tools host-tests peers-tests ndarray-tests

define NEWLINE


endef

# ---- What the user typed is checked before anything is done -----------------------------------------
flag_check = $(if $(filter 0 1,$($(1)))$(filter-out 1,$(words $($(1)))),,$(error $(1) must be 0 or 1, not '$($(1))'))
$(foreach v,DEBUG V DEBUG_PRINTF PROFILE_ENABLE PROFILE_IRQ STACK_PROTECTOR FB_ALLOC_STATS,$(call flag_check,$(v)))
POWERS_OF_TWO := 16 32 64 128 256 512 1024 2048 4096 8192
ifeq ($(filter $(POWERS_OF_TWO),$(PROFILE_HASH)),)
  $(error PROFILE_HASH must be a power of two from 16 to 8192, not '$(PROFILE_HASH)')
endif
ifeq ($(filter JLINK OPENOCD EMU NONE,$(DEBUGGER)),)
  $(error DEBUGGER must be JLINK, OPENOCD, EMU or NONE, not '$(DEBUGGER)')
endif

ifneq ($(filter-out $(FREE_GOALS) $(HOST_GOALS),$(GOALS)),)
  NEEDS_TARGET := 1
endif
ifdef NEEDS_TARGET
  ifeq ($(filter $(TARGETS),$(TARGET)),)
    $(error Invalid or no TARGET specified$(if $(TARGET), (TARGET=$(TARGET)))$(NEWLINE)TARGET is one of:$(subst $() ,$(NEWLINE)  ,$() $(TARGETS))$(NEWLINE))
  endif
endif
ifneq ($(filter-out $(FREE_GOALS) clean,$(GOALS)),)
  NEEDS_SDK := 1
endif
ifdef NEEDS_SDK
  SDK_FOUND := $(strip $(shell cat '$(SDK_DIR)/sdk.version' 2>/dev/null))
  ifeq ($(SDK_FOUND),)
    $(error OpenMV SDK not found. Run 'make sdk' to install it.)
  endif
  ifneq ($(SDK_FOUND),$(SDK_VERSION))
    $(error OpenMV SDK $(SDK_FOUND) found in $(SDK_DIR), but this source needs $(SDK_VERSION). Run 'make sdk' to install it.)
  endif
endif

# ---- Host compilers ---------------------------------------------------------------------------------
HOST_CC ?= cc
HOST_CFLAGS := -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Werror

OUT := $(BUILD)/$(TARGET)
GEN := $(OUT)/gen
BIN := $(OUT)/bin

include $(TOP)/sdk/sdk.mk
include $(TOP)/tools/tools.mk
ifdef NEEDS_SDK
  include $(TOP)/emulator/emulator.mk
  -include $(TOP)/host/host.mk
  include $(TOP)/tests/tests.mk
  include $(TOP)/bench/bench.mk
endif

# ---- One board --------------------------------------------------------------------------------------
ifdef NEEDS_TARGET
ifdef NEEDS_SDK
  include $(GEN)/board.mk
  # On the first pass it isn't there: Make derives it and reads everything again. VS Code's files come from the description alone.
  ifneq ($(and $(BOARD_READY),$(filter-out vscode,$(GOALS))),)
    include $(TOP)/ports/firmware.mk
  endif
endif
endif

ifneq ($(filter debug deploy,$(GOALS)),)
  ifeq ($(DEBUGGER),NONE)
    $(error DEBUGGER=NONE: debugging and deploying are switched off. Choose DEBUGGER=JLINK, OPENOCD or EMU)
  endif
endif

.PHONY: all clean size run flash debug deploy vscode watch emulator host tools help demo test bench bench-accept bench-host fuzz

##@ Building
##> sdk              install the toolchain and everything else into SDK_DIR
##> sdk-peers        install what only comparisons and fuzzing need
##> submodules       unpack the third-party sources below lib/
##> all              (default) firmware, ROM file system: build/TARGET/bin
##> size             flash, RAM and stack use of a build
##> clean            remove build/TARGET

clean:
	$(call say,CLEAN,build/$(TARGET))
	$(Q)rm -rf '$(OUT)'

##@ Running
##> demo             set up, build, and run examples on the emulated camera looking at a photograph
##> run              REPL of the emulated camera: make run TARGET=OPENMV4 SCENE=photo.jpg
##> flash            build, then put it on the camera that is plugged in (or emulated): FLASH="--romfs -w"
##> emulator, host   the emulator; the host program (./omv builds both as needed)
run: all emulator host
	$(Q)$(TOP)/omv emu $(TARGET) $(if $(SCENE),--scene '$(SCENE)')

flash: all host
	$(Q)$(TOP)/omv flash --board $(TARGET) $(FLASH)

demo:
	$(Q)$(TOP)/tools/demo.sh

##@ Debugging (docs/debugging.md)
##> debug            gdb at main(): make -j2 TARGET=OPENMV4 DEBUG=1 debug DEBUGGER=EMU
##> deploy           program the build through the debug port: DEBUGGER=OPENOCD, JLINK, or EMU for an emulated camera that runs
##> vscode           .vscode/launch.json and tasks.json for TARGET, merged with what is there
##> watch            build and start the emulated camera again after every change of a source file
# ./omv builds itself, and the emulator for --emu.
DEBUG_SERVER := $(if $(filter EMU,$(DEBUGGER)),--emu,--server $(DEBUGGER))

debug: all
	$(Q)OMV_BUILD='$(BUILD)' $(TOP)/omv debug $(TARGET) $(DEBUG_SERVER) $(DEBUG_ARGS)

deploy: all
	$(Q)OMV_BUILD='$(BUILD)' $(TOP)/omv deploy $(TARGET) $(DEBUG_SERVER) $(DEPLOY_ARGS)

vscode: host $(GEN)/launch.json $(GEN)/tasks.json $(GEN_REGS)
	$(Q)$(TOP)/omv vscode $(TARGET)

watch: all
	$(Q)OMV_BUILD='$(BUILD)' $(TOP)/tools/watch.sh $(TARGET) '$(SCRIPT)' '$(SCENE)'

##@ Proving
##> test             set up, then every test
##> bench            instructions per call and per pixel, beside the reference
##> bench-accept     acknowledge the present figures (bench/accepted.txt, committed with the change)
##> bench-host       our functions beside libjpeg-turbo, libpng and OpenCV on this computer
##> fuzz             long fuzzing: FUZZ_SECONDS=60 for each target
test:
	$(Q)$(TOP)/tests/run.sh

bench bench-accept:
	$(Q)$(TOP)/bench/run.sh $(if $(filter bench-accept,$@),--accept)
bench-host:
	$(Q)$(TOP)/bench/host/run.sh

fuzz:
	$(Q)$(TOP)/tests/fuzz/run.sh --seconds $(or $(FUZZ_SECONDS),60)

help:
	@sed -n -e 's/^##@ \(.*\)/\n\1/p' -e 's/^##> /  make /p' $(TOP)/Makefile
	@printf '\nOptions (make TARGET=OPENMV4 DEBUG=1 V=1)\n'
	@sed -n -e 's/^#> /  /p' $(TOP)/Makefile
	@printf '\nTargets\n  %s\n' '$(TARGETS)'
