#!/bin/sh
# SPDX-License-Identifier: MIT
# Our functions beside libjpeg-turbo, libpng and OpenCV on this computer, one thread, by turns in one run: plain C against the libraries without
# their SIMD, then compiled for AVX2 against the libraries with it. Prints a table. Times of this machine: only the ratios mean anything.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=build/bench/host
mkdir -p "$out"
${MAKE:-make} --no-print-directory sdk sdk-peers bench-tools > "$out/sdk.log" 2>&1 || { cat "$out/sdk.log"; exit 1; }
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
build/bench/pictures "$sdk/peers/pictures/motorcycle_left.png" 320 240 build/bench/moto_q || exit 1
printf '%-8s %-26s %-8s %-14s %10s %10s %7s\n' 'vectors' operation picture library 'ours, us' 'theirs, us' ratio
for kind in plain simd; do
    ${MAKE:-make} --no-print-directory -s -j2 -f bench/host/Makefile TOP=. SDK_DIR="$sdk" BUILD=build KIND=$kind > "$out/build.log" 2>&1 || { tail -n 20 "$out/build.log"; exit 1; }
    "$out/$kind/compare" $kind build/bench/moto_q.gray build/bench/moto_q.rgb565 > "$out/$kind.txt" || exit 1
    awk -F'|' -v kind=$kind '{ printf "%-8s %-26s %-8s %-14s %10.1f %10.1f %7.2f\n", kind, $1, $2, $3, $4, $5, $6; logs += log($6); n++ }
        END { printf "%-8s geometric mean of %d ratios: %.2f\n\n", kind, n, exp(logs / n) }' "$out/$kind.txt"
done
