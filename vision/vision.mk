# SPDX-License-Identifier: MIT
# Sources of the vision library, relative to the root: for the firmware, the unit tests and bench/. Includes are "vision/x.h", so -I$(TOP);
# pure C11, links with libm only.
VISION_SRC := $(addprefix vision/, \
	blob.c blob_shape.c codec.c codec_bmp.c codec_png.c codec_pnm.c color.c convert.c draw.c draw_span.c draw_text.c font.c histogram.c image.c \
	kernel.c kernel_dsp.c lab.c row.c row_sensor.c threshold.c threshold_lab.c \
)
