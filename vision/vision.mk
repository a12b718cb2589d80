# SPDX-License-Identifier: MIT
# Sources of the vision library, relative to the root: for the firmware, the unit tests and bench/. Includes are "vision/x.h", so -I$(TOP);
# pure C11, links with libm only.
VISION_SRC := $(addprefix vision/, \
	image.c \
)
