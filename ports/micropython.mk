# SPDX-License-Identifier: MIT
# The firmware's own make, run in the repository root by ports/<port>/port.mk: MicroPython's rules with our sources beside its own.
# It is a make of its own because MicroPython's fragments use the names TOP, BUILD and CFLAGS for themselves.

MPY := lib/micropython
BUILD := $(REPO_BUILD)
CROSS_COMPILE := $(SDK_DIR)/gcc/bin/arm-none-eabi-
PORT_DIR := ports/$(PORT_NAME)
Q := $(if $(filter 1,$(V)),,@)
BUILD_VERBOSE := $(if $(filter 1,$(V)),1,)

# Reproducible: dates from here, no path of this machine, nothing of the git checkout that happens to surround MicroPython.
export SOURCE_DATE_EPOCH ?= 1757548800
empty :=
export MICROPY_GIT_TAG := v$(subst $(empty) ,.,$(shell awk '/^.define MICROPY_VERSION_(MAJOR|MINOR|MICRO) / { print $$3 }' $(MPY)/py/mpconfig.h))
export PYTHONHASHSEED := 0
export PYTHONDONTWRITEBYTECODE := 1

MICROPY_ROM_TEXT_COMPRESSION := $(if $(filter 1,$(DEBUG)),0,1)
FROZEN_MANIFEST := boards/$(TARGET)/manifest.py
MICROPY_MANIFEST_REPO_DIR := $(CURDIR)
QSTR_DEFS := $(PORT_DIR)/qstrdefsport.h
# Files that extmod includes are not sources of their own: a change in them scans everything again.
QSTR_GLOBAL_DEPENDENCIES += $(PORT_DIR)/mpconfigport.h $(GEN_DIR)/board.h $(wildcard $(PORT_DIR)/machine_*.c $(PORT_DIR)/mod_*.c)

HELP_BUILD_ERROR := >/dev/null
include $(MPY)/py/mkenv.mk
PYTHON := $(SDK_DIR)/bin/python3
MPY_LIB_DIR := $(MPY)
vpath mpconfigport.h $(PORT_DIR)

# ---- Sources ------------------------------------------------------------------------------------------
SRC_MODULES :=
SRC_OURS :=
SRC_HOT :=
SRC_PORT_THEIRS :=
CFLAGS_OURS :=
CFLAGS_PORT :=
LDFLAGS_PORT :=
include $(PORT_DIR)/sources.mk
# WITHOUT="modules/image/module.mk ..." leaves components out, to look at one thing alone.
FRAGMENTS := $(filter-out $(WITHOUT),$(wildcard runtime/runtime.mk modules/*/module.mk vision/vision.mk protocol/protocol.mk sensors/sensors.mk))
include $(FRAGMENTS)
SRC_OURS += $(VISION_SRC)

include $(MPY)/py/py.mk
include $(MPY)/extmod/extmod.mk

SRC_THEIRS := lib/oofatfs/ff.c lib/oofatfs/ffunicode.c drivers/bus/softspi.c drivers/dht/dht.c $(addprefix shared/,\
    readline/readline.c runtime/gchelper_native.c runtime/interrupt_char.c runtime/mpirq.c runtime/pyexec.c runtime/softtimer.c \
    runtime/stdout_helpers.c runtime/sys_stdio_mphal.c timeutils/timeutils.c)

# ---- Flags --------------------------------------------------------------------------------------------
OPTIMISE := $(if $(filter 1,$(DEBUG)),-Og -ggdb3,-O2 -DNDEBUG -g)
CFLAGS := $(BOARD_CFLAGS) -std=gnu11 $(OPTIMISE) -ffunction-sections -fdata-sections -fno-common \
    -I. -I$(PORT_DIR) -I$(GEN_DIR) -I$(MPY) -I$(MPY)/lib/cmsis/inc -I$(BUILD) \
    -Wall -Wpointer-arith -Wdouble-promotion -Wfloat-conversion -Werror \
    -fcallgraph-info=su -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(SDK_DIR)=sdk \
    -DFFCONF_H=\"lib/oofatfs/ffconf.h\" $(CFLAGS_PORT)
CFLAGS += $(if $(filter 1,$(DEBUG_PRINTF)),-DOMV_DEBUG_PRINTF=1)
CFLAGS += $(if $(filter 1,$(STACK_PROTECTOR)),-fstack-protector-all -mpoke-function-name -DSTACK_PROTECTOR=1)
CFLAGS += -DFB_ALLOC_STATS=$(or $(FB_ALLOC_STATS),0)
ifeq ($(PROFILE_ENABLE),1)
  # Not instrumented: the profiler itself, start-up before RAM is set up, functions of headers (a few instructions each, inlined
  # everywhere), what interrupts run (unless PROFILE_IRQ).
  comma := ,
  NOT_PROFILED := runtime/profile.c $(PORT_DIR)/profile_hook.c $(PORT_DIR)/startup.c $(PORT_DIR)/clock.c $(PORT_DIR)/fault.c $(PORT_DIR)/fault_copy.c .h py/nlr \
      $(if $(filter 1,$(PROFILE_IRQ)),,$(PORT_DIR)/system.c $(PORT_DIR)/uart.c $(PORT_DIR)/console.c $(PORT_DIR)/dma.c \
      $(PORT_DIR)/usb tinyusb/src)
  CFLAGS += -finstrument-functions -finstrument-functions-exclude-file-list=$(subst $(empty) $(empty),$(comma),$(strip $(NOT_PROFILED))) \
      -DOMV_PROFILER_ENABLE=1 -DOMV_PROFILER_HASH_SIZE=$(PROFILE_HASH) -DOMV_PROFILER_IRQ_ENABLE=$(PROFILE_IRQ)
endif
CFLAGS_WARN := -Wextra -Wshadow -Wno-unused-parameter -Wno-missing-field-initializers

LDFLAGS := $(BOARD_CFLAGS) -nostartfiles -T $(PORT_DIR)/stm32.ld -L $(GEN_DIR) -Wl,--gc-sections -Wl,-Map=$(BUILD)/firmware.map \
    -Wl,--no-warn-rwx-segments -Wl,--fatal-warnings -Wl,--build-id=sha1 $(LDFLAGS_PORT)
LIBS := -lm -lc -lgcc

# ---- Objects ------------------------------------------------------------------------------------------
OURS_O := $(addprefix $(BUILD)/,$(SRC_MODULES:.c=.o) $(SRC_OURS:.c=.o))
THEIRS_O := $(addprefix $(BUILD)/,$(SRC_THEIRS:.c=.o) $(SRC_PORT_THEIRS:.c=.o) shared/runtime/gchelper_thumb2.o)
OBJ := $(PY_O) $(THEIRS_O) $(OURS_O)
SRC_QSTR += $(SRC_MODULES) $(SRC_THEIRS)

$(OURS_O): CFLAGS += $(CFLAGS_WARN) $(CFLAGS_OURS)
# No canary: its RAM is off when start-up begins; and gcc stores one even in naked functions, which have no frame to hold it.
$(addprefix $(BUILD)/,$(PORT_DIR)/startup.o $(PORT_DIR)/profile_hook.o $(PORT_DIR)/fault.o $(PORT_DIR)/fault_copy.o py/nlrthumb.o): CFLAGS += -fno-stack-protector
ifneq ($(DEBUG),1)
$(addprefix $(BUILD)/,$(SRC_HOT:.c=.o)): CFLAGS += -O3
endif

# The short lines of the front end: path only.
ifneq ($(V),1)
ECHO = @short() { shift; [ "$${1%% *}" = GEN ] || printf '  %-7s %s\n' "$${1%% *}" "$${1\#* }"; }; short -
endif

$(BUILD)/firmware.elf: $(OBJ) $(PORT_DIR)/stm32.ld $(GEN_DIR)/memory.ld
	$(ECHO) "LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(OBJ) $(LIBS)
	$(Q)$(SIZE) $@

# Every object and the scan for qstrs depend on the flags and the list of sources: the stamp is rewritten when they differ from the
# last run's. What the scan knew of sources that are gone is forgotten.
FLAGS_STAMP := $(BUILD)/flags.stamp
FLAGS_NOW := $(CC) $(CFLAGS) $(CFLAGS_WARN) $(CFLAGS_OURS) HOT $(SRC_HOT) MODULES $(SRC_MODULES)
QSTR_GLOBAL_DEPENDENCIES += $(FLAGS_STAMP)

include $(MPY)/py/mkrules.mk

$(FLAGS_STAMP): FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || \
	    { rm -rf $(addprefix $(HEADER_BUILD)/,qstr module root_pointer compress); printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' > $@; }
$(OBJ): $(FLAGS_STAMP)
FORCE:
.PHONY: FORCE

# The frozen modules name the qstrs that the C code lacks: made again when the C code's have changed (makemanifest.py looks at the modules only).
$(BUILD)/frozen_content.c: $(BUILD)/frozen.stamp
$(BUILD)/frozen.stamp: $(HEADER_BUILD)/qstrdefs.generated.h
	@rm -f $(BUILD)/frozen_content.c
	@touch $@
