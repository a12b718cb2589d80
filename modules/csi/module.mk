# SPDX-License-Identifier: MIT
SRC_MODULES += modules/csi/py_csi.c
