#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and runs the bare functions twice on one of QEMU's stock machines: run.sh [m0|m4|m7|m55]; without a word m7. Prints
# operation|picture|instructions|pixels|scratch; anything else is an error.
# Takes the pictures that bench/run.sh has made in build/bench; those it has not made are made here.
set -u
cd "$(dirname "$0")/../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
build=${BUILD:-build}
qemu=${QEMU:-build/emulator/qemu-system-arm}
core=${1:-m7}
out=$build/bench/core-$core
case $core in
m0) machine=microbit ;;
m4) machine=mps2-an386 ;;
m7) machine=mps2-an500 ;;
m55) machine=mps3-an547 ;;
*) echo "bench/core: $core is not m0, m4, m7 or m55" >&2 && exit 2 ;;
esac
mkdir -p "$out"
for name in moto_q coffee_q moto_v moto_s; do
    file=$sdk/peers/pictures/coffee.png
    [ $name = coffee_q ] || file=$sdk/peers/pictures/motorcycle_left.png
    size='320 240'
    [ $name = moto_v ] && size='640 480'
    [ $name = moto_s ] && size='48 36'
    # shellcheck disable=SC2086 # two words
    [ -f "$build/bench/$name.gray" ] || build/bench/pictures "$file" $size "$build/bench/$name" || exit 1
done
${MAKE:-make} -s -j2 -f bench/core/Makefile TOP=. SDK_DIR="$sdk" BUILD="$build" CORE="$core" > "$out/build.log" 2>&1 || { cat "$out/build.log"; exit 1; }

run() {
    timeout 300 "$qemu" -M $machine -icount shift=0,sleep=off -display none -nodefaults -no-user-config -chardev file,id=result,path="$out/result" \
        -semihosting-config enable=on,target=native,chardev=result -kernel "$out/core.elf" > "$out/emulator.log" 2>&1 < /dev/null && return
    cat "$out/result" "$out/emulator.log"
    return 1
}
run || exit 1
mv "$out/result" "$out/first"
run || exit 1
cmp -s "$out/first" "$out/result" || { diff "$out/first" "$out/result"; echo 'two runs counted differently'; exit 1; }
cat "$out/result"
