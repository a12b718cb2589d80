#!/bin/sh
# SPDX-License-Identifier: MIT
# Every test. A group is a folder tests/GROUP with a run.sh that prints one line a check:
#   PASS name | FAIL name: expected, got, how to rerun | SKIP name: why      (TAP's "ok"/"not ok"/"# SKIP" counts too)
# A group that ends with an error, or checks nothing, is a failure. Usage: tests/run.sh [GROUP ...]
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
log=$top/build/test
mkdir -p "$log"
groups=${*:-build sdk unit peers power golden host emu boot firmware micropython ndarray linux debug diagnostics fuzz}

start=$(date +%s)
elapsed() { echo $(($(date +%s) - start)); }
step() { printf '[%4ss] %s\n' "$(elapsed)" "$*"; }

make=${MAKE:-make}
jobs=-j$(nproc 2>/dev/null || echo 2)
step 'SDK'
$make --no-print-directory sdk || exit 1
step 'firmware, emulator, host program'
$make --no-print-directory $jobs TARGET=OPENMV4 all emulator host > "$log/build.log" 2>&1 || {
    tail -n 40 "$log/build.log"
    echo "The build failed: $log/build.log"
    exit 1
}

passed=0 failed=0 skipped=0
for group in $groups; do
    step "$group"
    out=$log/$group.log
    sh "tests/$group/run.sh" > "$out" 2>&1
    status=$?
    # shellcheck disable=SC2046
    set -- $(awk '
        /^(FAIL|not ok) / { f++; next }
        /^SKIP / || /^ok .*# [Ss][Kk][Ii][Pp]/ { s++; next }
        /^(PASS|ok) / { p++ }
        END { print p + 0, f + 0, s + 0 }' "$out")
    p=$1 f=$2 s=$3
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
        echo "FAIL $group: run.sh ended with status $status [rerun: tests/run.sh $group]" | tee -a "$out"
        f=1
    elif [ $((p + f + s)) -eq 0 ]; then
        echo "FAIL $group: it checked nothing [rerun: tests/run.sh $group]" | tee -a "$out"
        f=1
    fi
    grep -E '^(FAIL|not ok|SKIP) ' "$out"
    [ "$f" -eq 0 ] || echo "       whole log: build/test/$group.log   rerun: tests/run.sh $group"
    printf '       %s: %d passed, %d failed, %d skipped\n' "$group" "$p" "$f" "$s"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
step 'done'
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
