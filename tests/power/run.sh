#!/bin/sh
# SPDX-License-Identifier: MIT
# Power cuts: the bootloader's core over simulated flash loses its power in every flash operation, clean, torn and half done.
# Usage: run.sh [--long]   (every way to tear at every operation, then a second cut at random while the download is repeated)
set -u
cd "$(dirname "$0")/../.." || exit 1
mkdir -p build/test/power
${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Werror -I. -o build/test/power/power_boot \
    tests/power/power_boot.c boot/dfu.c boot/image.c boot/boot.c || exit 1
if [ "${1:-}" = --long ]; then
    build/test/power/power_boot --all
    build/test/power/power_boot --all --second
else
    build/test/power/power_boot
fi
