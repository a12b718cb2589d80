# SPDX-License-Identifier: MIT
# Sources of the vision library, relative to the root: for the firmware, the unit tests and bench/. Includes are "vision/x.h"; pure C11, links
# with libm only.
VISION_DIR := $(dir $(lastword $(MAKEFILE_LIST)))
VISION_SRC := $(sort $(patsubst $(VISION_DIR)%,vision/%,$(wildcard $(VISION_DIR)*.c)))
