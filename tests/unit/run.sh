#!/bin/sh
# SPDX-License-Identifier: MIT
# Unit tests: every tests/unit/test_*.c under the address and undefined-behaviour sanitizers, and every test_*.sh.
set -u
cd "$(dirname "$0")/../.." || exit 1
${MAKE:-make} --no-print-directory "-j$(nproc 2>/dev/null || echo 2)" unit-tests || exit 1
export CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=detect_leaks=1
for test in tests/unit/test_*.c tests/unit/test_*.sh; do
    [ -f "$test" ] || continue
    name=$(basename "$test")
    case $test in
    *.c) command=build/test/unit/${name%.c} ;;
    *) command="sh $test" ;;
    esac
    echo "# $name"
    $command > build/test/unit.out 2>&1
    status=$?
    sed -e "s|^\(ok [0-9]*\)|\1 ${name%.*}|" -e "s|^\(not ok [0-9]*\)\(.*\)|\1 ${name%.*}\2 [rerun: $command]|" build/test/unit.out
    if [ $status -ne 0 ] && ! grep -qE '^(FAIL|not ok)' build/test/unit.out; then
        echo "FAIL $name: ended with status $status [rerun: $command]"
    fi
done
rm -f build/test/unit.out
