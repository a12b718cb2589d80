# SPDX-License-Identifier: MIT
# Sources of the arrays, relative to the root: for the firmware, and for MicroPython on the host (tests/ndarray).
NDARRAY_CORE := $(addprefix modules/ndarray/core/, nd_shape.c nd_row.c nd_map.c nd_binary.c nd_unary.c nd_reduce.c nd_order.c nd_linalg.c nd_curve.c)
NDARRAY_MODULES := $(addprefix modules/ndarray/, py_ndarray.c py_convert.c py_print.c py_index.c py_operator.c py_create.c py_shape.c py_reduce.c py_linalg.c \
    py_ulab.c)
