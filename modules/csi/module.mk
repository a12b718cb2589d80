# SPDX-License-Identifier: MIT
SRC_MODULES += $(addprefix modules/csi/,py_csi.c py_csi_control.c py_csi_module.c)
