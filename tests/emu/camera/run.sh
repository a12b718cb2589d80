#!/bin/sh
# SPDX-License-Identifier: MIT
# Bare-metal guests for the camera's half of the emulator: PASS and FAIL lines on standard output.
# Usage: tests/emu/camera/run.sh [GUEST ...]      GUEST: sccb picture capture peripherals
set -u
cd "$(dirname "$0")/../../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
out=build/test/emu-camera
here=tests/emu/camera
qemu=${QEMU:-build/emulator/qemu-system-arm}
mkdir -p "$out" || exit 1
gcc="$sdk/gcc/bin/arm-none-eabi-gcc"
flags='-mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 -mfloat-abi=hard -O1 -g -ffreestanding -nostdlib -Wall -Wextra -Wshadow -Werror'

for guest in ${*:-sccb picture capture peripherals}; do
    # shellcheck disable=SC2086
    "$gcc" $flags -T $here/guest.ld -o "$out/$guest.elf" $here/guest.c $here/ov7725.c "$here/test_$guest.c" -lgcc || exit 1
    rm -f "$out/$guest.txt"
    timeout 60 $qemu -M openmv4 -display none -nodefaults -no-user-config -no-reboot -icount shift=1,sleep=off \
        -kernel "$out/$guest.elf" -chardev "file,id=usart3,path=$out/$guest.txt" -d unimp,guest_errors -D "$out/$guest.log"
    status=$?
    cat "$out/$guest.txt"
    if [ $status -ne 0 ]; then
        echo "FAIL $guest: the emulator ended with status $status (log: $out/$guest.log) [rerun: $here/run.sh $guest]"
    elif ! grep -q . "$out/$guest.txt"; then
        echo "FAIL $guest: it said nothing (log: $out/$guest.log)"
    fi
done
