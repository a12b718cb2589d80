#!/bin/sh
# SPDX-License-Identifier: MIT
# MicroPython's own test suite, unmodified, on the serial port of an emulated camera: each of its tests is a check.
# Usage: run.sh [TEST ...]     as basics/int1.py; OMV_TEST_ALL=1: the slow ones too, and everything once more as .mpy files and as native code
set -u
cd "$(dirname "$0")/../.." || exit 1
python=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}/clients/bin/python3
if [ ! -x "$python" ]; then
    echo "SKIP MicroPython's tests: pyserial is in an optional component, 'make sdk-peers'"
    exit 0
fi
PYTHONDONTWRITEBYTECODE=1 exec "$python" tests/micropython/suite.py "$@"
