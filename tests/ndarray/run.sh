#!/bin/sh
# SPDX-License-Identifier: MIT
# The arrays of modules/ndarray: random expressions as NumPy evaluates them, on the computer under the sanitizers and on the emulated camera; hostile.py.
# Usage: run.sh [--seed N] [--count N] [--only CASE]
set -u
cd "$(dirname "$0")/../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
python=$sdk/peers/bin/python3
main=build/test/ndarray/main
export ASAN_OPTIONS=detect_leaks=0 # no collector: nothing is ever freed

mkdir -p build/test
${MAKE:-make} --no-print-directory ndarray-tests > build/test/ndarray.build 2>&1 || {
    tail -n 20 build/test/ndarray.build
    exit 1
}

if [ $# -eq 0 ]; then
    { cat tests/firmware/check.py && echo "RERUN = 'tests/ndarray/run.sh'" && cat tests/ndarray/hostile.py; } > build/test/ndarray/hostile.py
    $main build/test/ndarray/hostile.py 2>&1 || echo "FAIL hostile.py: ended with status $? [rerun: tests/ndarray/run.sh]"
fi
if [ ! -x "$python" ]; then
    echo "SKIP arrays against NumPy: it is in the optional component, 'make sdk-peers'"
    exit 0
fi
PYTHONDONTWRITEBYTECODE=1 "$python" tests/ndarray/compare.py "$@" $main
[ $# -eq 0 ] || exit 0

# On the real core: 32 bits, its own libm, a collector.
./omv run --emu OPENMV4 --fast --timeout 600 build/test/ndarray/hostile.py 2>&1 | sed 's/^PASS /PASS camera: /' ||
    echo "FAIL hostile.py on the camera: ended with status $? [rerun: tests/ndarray/run.sh]"
PYTHONDONTWRITEBYTECODE=1 "$python" tests/ndarray/compare.py --seed 77 --count 150 --name camera \
    ./omv run --emu OPENMV4 --fast --timeout 600
