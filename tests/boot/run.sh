#!/bin/sh
# SPDX-License-Identifier: MIT
# The real bootloader.bin in the emulated camera.
set -u
cd "$(dirname "$0")/../.." || exit 1
for test in tests/boot/decision.sh; do
    sh $test || echo "FAIL $test: it ended with status $?"
done
