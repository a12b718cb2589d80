# SPDX-License-Identifier: MIT
SRC_MODULES += modules/mjpeg/py_mjpeg.c
