#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzz targets: the committed corpus is replayed under gcc's sanitizers, then libFuzzer (make sdk-peers) goes on from it.
# Usage: run.sh [--seconds N]   N seconds for each target (8 in the tests)
set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=8
[ "${1:-}" = --seconds ] && seconds=$2
make="${MAKE:-make} --no-print-directory -j$(nproc 2>/dev/null || echo 2)"
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}

$make fuzz-corpus || exit 1
peers=no
if [ -x "$sdk/peers/bin/clang" ]; then
    $make fuzz-targets || exit 1
    peers=yes
fi
for source in tests/fuzz/fuzz_*.c; do
    target=$(basename "$source" .c)
    corpus=tests/fuzz/corpus/${target#fuzz_}
    out=build/test/fuzz/$target.log
    mkdir -p build/test/fuzz "build/test/fuzz/found/$target"
    files=$(find "$corpus" -type f 2>/dev/null | wc -l)
    if [ "$files" -eq 0 ]; then
        echo "FAIL $target: no corpus in $corpus [rerun: tests/run.sh fuzz]"
    elif build/test/replay/"$target" "$corpus"/* > "$out" 2>&1; then
        echo "PASS $target: $files files of the corpus"
    else
        echo "FAIL $target: the corpus, see $out [rerun: build/test/replay/$target $corpus/*]"
    fi
    if [ $peers = no ]; then
        echo "SKIP $target with libFuzzer: it is in the optional component, 'make sdk-peers'"
        continue
    fi
    if build/test/fuzz/"$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -artifact_prefix="build/test/fuzz/found/$target-" \
        -print_final_stats=1 "build/test/fuzz/found/$target" "$corpus" > "$out" 2>&1; then
        echo "PASS $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$out") executions in $seconds s"
    else
        echo "FAIL $target: libFuzzer found $(ls -t build/test/fuzz/found/"$target"-* 2>/dev/null | head -n 1) [rerun: build/test/fuzz/$target FILE]"
    fi
done
