# SPDX-License-Identifier: MIT
SRC_MODULES += modules/crc/crc.c
