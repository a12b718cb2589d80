#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests of the host program: with a fake camera, then (emu_*.sh) with the real firmware in the emulator.
cd "$(dirname "$0")" || exit 1
status=0
for test in test_*.sh emu_*.sh; do
    sh "./$test" || { echo "FAIL $test: it ended with status $?; rerun: sh tests/host/$test"; status=1; }
done
exit $status
