#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and runs the bare functions on QEMU's mps2-an500 twice. Prints operation|picture|instructions|pixels|scratch; anything else is an error.
# Takes the pictures that bench/run.sh has made in build/bench; those it has not made are made here.
set -u
cd "$(dirname "$0")/../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
build=${BUILD:-build}
qemu=${QEMU:-build/emulator/qemu-system-arm}
out=$build/bench/core
mkdir -p "$out"
for name in moto_q coffee_q moto_v; do
    file=$sdk/peers/pictures/coffee.png
    [ $name = coffee_q ] || file=$sdk/peers/pictures/motorcycle_left.png
    size='320 240'
    [ $name = moto_v ] && size='640 480'
    # shellcheck disable=SC2086 # two words
    [ -f "$build/bench/$name.gray" ] || build/bench/pictures "$file" $size "$build/bench/$name" || exit 1
done
${MAKE:-make} -s -j2 -f bench/core/Makefile TOP=. SDK_DIR="$sdk" BUILD="$build" > "$out/build.log" 2>&1 || { cat "$out/build.log"; exit 1; }

run() {
    timeout 120 "$qemu" -M mps2-an500 -icount shift=0,sleep=off -display none -nodefaults -no-user-config -chardev file,id=result,path="$out/result" \
        -semihosting-config enable=on,target=native,chardev=result -kernel "$out/core.elf" > "$out/emulator.log" 2>&1 < /dev/null && return
    cat "$out/result" "$out/emulator.log"
    return 1
}
run || exit 1
mv "$out/result" "$out/first"
run || exit 1
cmp -s "$out/first" "$out/result" || { diff "$out/first" "$out/result"; echo 'two runs counted differently'; exit 1; }
cat "$out/result"
