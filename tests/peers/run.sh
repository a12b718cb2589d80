#!/bin/sh
# SPDX-License-Identifier: MIT
# vision/ beside OpenCV, libpng and libjpeg-turbo. They are in components of `make sdk-peers`: without those the group is skipped.
set -u
cd "$(dirname "$0")/../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
if [ ! -d "$sdk/opencv" ] || [ ! -d "$sdk/peers" ]; then
    echo "SKIP vision/ beside OpenCV, libpng and libjpeg-turbo: they are in optional components, 'make sdk-peers'"
    exit 0
fi
[ -d "$sdk/readers" ] || echo "SKIP GIF and AVI files beside giflib and avilib: they are in an optional component, 'make sdk-peers'"
out=build/test/peers
${MAKE:-make} --no-print-directory "-j$(nproc 2>/dev/null || echo 2)" bench-tools peers-tests || exit 1
for picture in moto:motorcycle_left coffee:coffee; do
    build/bench/pictures "$sdk/peers/pictures/${picture#*:}.png" 320 240 "$out/${picture%:*}" || exit 1
done
$out/peers $out
