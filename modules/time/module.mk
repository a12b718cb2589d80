# SPDX-License-Identifier: MIT
SRC_MODULES += modules/time/clock.c
