#!/bin/sh
# SPDX-License-Identifier: MIT
# Bare-metal guests for the camera's half of the emulator: PASS and FAIL lines on standard output.
# Usage: tests/emu/camera/run.sh [GUEST ...]      GUEST: sccb picture capture peripherals jpeg fuzz scene strict
set -u
cd "$(dirname "$0")/../../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
out=build/test/emu-camera
here=tests/emu/camera
qemu=${QEMU:-build/emulator/qemu-system-arm}
mkdir -p "$out" || exit 1
gcc="$sdk/gcc/bin/arm-none-eabi-gcc"
flags='-mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 -mfloat-abi=hard -O1 -g -ffreestanding -nostdlib -Wall -Wextra -Wshadow -Werror'

# emulate GUEST MACHINE-OPTIONS QEMU-OPTION...: five minutes at most; what the guest says is in GUEST.txt
emulate()
{
    guest=$1 machine=$2
    shift 2
    # shellcheck disable=SC2086
    "$gcc" $flags -T $here/guest.ld -o "$out/$guest.elf" $here/guest.c $here/ov7725.c "$here/test_$guest.c" -lgcc || exit 1
    rm -f "$out/$guest.txt"
    timeout 300 "$qemu" -M "openmv4$machine" -display none -nodefaults -no-user-config -no-reboot -kernel "$out/$guest.elf" \
        -chardev "file,id=usart3,path=$out/$guest.txt" -d unimp,guest_errors -D "$out/$guest.log" "$@"
}

# holds NAME FILE PATTERN
holds()
{
    if grep -q -- "$3" "$2"; then
        echo "PASS $1"
    else
        echo "FAIL $1: expected $3, got $(head -c 300 "$2" | tr '\n' ' ') [rerun: $here/run.sh $guest]"
    fi
}

# said COLOUR [LINES]: waits until the guest has said it, and so many lines, a minute at most
said()
{
    for _ in $(seq 600); do
        grep -qs "^colour $1\$" "$out/scene.txt" && [ "$(wc -l < "$out/scene.txt")" -ge "${2:-1}" ] && break
        sleep 0.1
    done
}

# The scene, changed through the monitor while frames go on.
scene()
{
    dir=$out/pictures
    rm -rf "$dir" && mkdir -p "$dir/folder" || exit 1
    printf 'P6 1 1 255 \377\000\000' > "$dir/red.ppm"
    printf 'P6 1 1 255 \000\377\000' > "$dir/green.ppm"
    printf 'P6 2 2 255 \000\377\000' > "$dir/cut.ppm"
    printf 'P6 20000 20000 255 ' > "$dir/huge.ppm"
    printf 'P5 1 1 255 \377' > "$dir/folder/1.pgm"
    printf 'P6 1 1 255 \000\000\377' > "$dir/folder/2.ppm"
    printf 'P5 1 1 255 \000' > "$dir/folder/3.pgm"
    rm -f "$out/scene.txt"
    {
        said 63488
        echo qom-set /machine scene "$dir/green.ppm"
        said 2016
        for bad in cut huge nowhere; do
            echo qom-set /machine scene "$dir/$bad.ppm"
        done
        sleep 0.5
        echo qom-set /machine scene "$dir/folder"
        said 0 6
        echo quit
    } | emulate scene ",scene=$dir/red.ppm" -icount shift=1 -monitor stdio > "$out/monitor.txt"
    tr '\n' ' ' < "$out/scene.txt" > "$out/order.txt"
    holds 'scene: red, then green' "$out/order.txt" '^colour 63488 colour 2016 '
    # Four lines from the first of the folder on: white, blue and black in turn, wherever they began.
    sed -n '3,6s/colour //p' "$out/scene.txt" | tr '\n' ' ' > "$out/turn.txt"
    holds 'scene: bad ones change nothing, then each picture of the folder for one captured frame' "$out/turn.txt" \
        '^\(65535 31 0 65535\|31 0 65535 31\|0 65535 31 0\) $'
    holds 'scene: a truncated file is refused' "$out/monitor.txt" 'cut.ppm: damaged'
    holds 'scene: a huge one is refused' "$out/monitor.txt" '20000x20000 is too large'
    holds 'scene: a missing one is refused' "$out/monitor.txt" 'nowhere.ppm: No such file'
    "$qemu" -M "openmv4,scene=$dir/cut.ppm" -display none -nodefaults > "$out/start.txt" 2>&1 < /dev/null
    status=$?
    echo "status $status, $(wc -l < "$out/start.txt") line" >> "$out/start.txt"
    holds 'scene: a bad one at the start ends with one message' "$out/start.txt" 'status 1, 1 line'
}

strict()
{
    emulate strict ,strict=on -icount shift=1,sleep=off > "$out/strict.err" 2>&1
    echo "status $?" >> "$out/strict.err"
    holds 'strict: a wrong polarity stops the emulator' "$out/strict.err" 'status 1'
    holds 'strict: and says why' "$out/strict.err" "strict: DCMI: VSPOL doesn't fit"
}

for guest in ${*:-sccb picture capture peripherals jpeg fuzz scene strict}; do
    case $guest in
    scene | strict)
        $guest
        ;;
    *)
        emulate "$guest" '' -icount shift=1,sleep=off
        status=$?
        sed "/^FAIL/s|\$| [rerun: sh $here/run.sh $guest]|" "$out/$guest.txt"
        if [ $status -ne 0 ]; then
            echo "FAIL $guest: the emulator ended with status $status (log: $out/$guest.log) [rerun: $here/run.sh $guest]"
        elif ! grep -q . "$out/$guest.txt"; then
            echo "FAIL $guest: it said nothing (log: $out/$guest.log) [rerun: $here/run.sh $guest]"
        fi
        ;;
    esac
done
