# SPDX-License-Identifier: MIT
SRC_MODULES += $(addprefix modules/image/, py_image.c py_arguments.c py_scratch.c py_convert.c py_draw.c py_threshold.c py_histogram.c \
    py_blob.c py_filter.c py_adjust.c py_compose.c \
    py_match.c py_warp.c py_results.c py_edge.c py_shapes.c py_file.c py_stream.c py_imageio.c py_module.c \
    $(if $(filter ULAB,$(BOARD_MODULES)),py_array.c,py_array_none.c))
