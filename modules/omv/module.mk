# SPDX-License-Identifier: MIT
SRC_MODULES += modules/omv/omv.c
