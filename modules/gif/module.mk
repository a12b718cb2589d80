# SPDX-License-Identifier: MIT
SRC_MODULES += modules/gif/py_gif.c
