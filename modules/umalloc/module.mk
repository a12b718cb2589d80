# SPDX-License-Identifier: MIT
SRC_MODULES += modules/umalloc/umalloc.c
