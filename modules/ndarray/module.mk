# SPDX-License-Identifier: MIT
include modules/ndarray/ndarray.mk
ifneq ($(filter ULAB,$(BOARD_MODULES)),)
SRC_MODULES += $(NDARRAY_MODULES)
SRC_OURS += $(NDARRAY_CORE)
endif
