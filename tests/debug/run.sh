#!/bin/sh
# SPDX-License-Identifier: MIT
# Debugging, against the emulated camera, with the SDK's gdb and OpenOCD: a second build, of DEBUG=1, in build/test/debug, then each
# test_*.sh, or those named.
cd "$(dirname "$0")" || exit 1
top=$(cd ../.. && pwd)
if ! BUILD_DIR=$top/build/test/debug ${MAKE:-make} --no-print-directory -C "$top" -j2 TARGET=OPENMV4 DEBUG=1 all > "$top/build/test/debug.log" 2>&1; then
    echo "FAIL build with DEBUG=1: $(tail -n 3 "$top/build/test/debug.log" | tr '\n' '|'); rerun: make BUILD_DIR=build/test/debug TARGET=OPENMV4 DEBUG=1"
    exit 1
fi
status=0
for test in ${*:-test_*.sh}; do
    sh "./$test" || { echo "FAIL $test: it ended with status $?; rerun: sh tests/debug/$test"; status=1; }
done
exit $status
