#!/bin/sh
# SPDX-License-Identifier: MIT
# The real bootloader.bin in the emulated camera.
set -u
cd "$(dirname "$0")/../.." || exit 1
for test in images decision dfu usb; do
    sh tests/boot/$test.sh || echo "FAIL $test: it ended with status $? [rerun: tests/boot/$test.sh]"
done
