#!/bin/sh
# SPDX-License-Identifier: MIT
# The emulated USB: a bare-metal device on one side, a scripted USB/IP client on the other.
# Usage: tests/emu/usb/run.sh [CASE ...]      CASE: full dma hs hs-dma hostile
set -u
cd "$(dirname "$0")/../../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
out=$PWD/build/test/emu-usb
here=tests/emu/usb
qemu=${QEMU:-build/emulator/qemu-system-arm}
mkdir -p "$out" || exit 1
gcc="$sdk/gcc/bin/arm-none-eabi-gcc"
flags='-mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 -mfloat-abi=hard -O1 -g -ffreestanding -nostdlib -Wall -Wextra -Wshadow -Werror'
hs='-DOTG=0x40040000 -DOTG_IRQ=77 -DOTG_GATE=25 -DOTG_PORT=GPIOB -DOTG_DM=14 -DOTG_AF=12'
# Sockets' paths are short; the folder is this run's own.
sockets=$(mktemp -d "${TMPDIR:-/tmp}/emuusb.XXXXXX") || exit 1
pid=
trap 'kill $pid 2> /dev/null; rm -rf "$sockets"' EXIT
trap 'exit 1' INT TERM

# guest NAME FLAG...
guest()
{
    name=$1
    shift
    # shellcheck disable=SC2086
    "$gcc" $flags "$@" -T tests/emu/camera/guest.ld -o "$out/$name.elf" tests/emu/camera/guest.c tests/emu/chip/chip.c \
        $here/dwc2.c $here/device.c -lgcc || exit 1
}

# client NAME
client()
{
    ${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wshadow -Werror -o "$out/$1" $here/client.c "$here/$1.c" || exit 1
}

# emulate NAME MACHINE-OPTIONS QEMU-OPTION...: in the background, five minutes at most; no firmware mistake is expected in NAME.log
emulate()
{
    case=$1 machine=$2
    shift 2
    rm -f "$sockets/usb" "$sockets/monitor" "$out/$case.log"
    timeout 300 "$qemu" -M "openmv4,usbip=$sockets/usb$machine" -display none -nodefaults -no-user-config -icount shift=1 \
        -monitor "unix:$sockets/monitor,server=on,wait=off" -d guest_errors -D "$out/$case.log" "$@" 2> "$out/$case.err" &
    pid=$!
}

ended()
{
    wait $pid
    status=$?
    pid=
    if [ $status -ne 0 ]; then
        echo "FAIL $case: the emulator ended with status $status: $(head -c 300 "$out/$case.err") [rerun: sh $here/run.sh $case]"
    elif [ -s "$out/$case.log" ]; then
        echo "FAIL $case: expected no mistake of the guest, got $(head -n 1 "$out/$case.log") [rerun: sh $here/run.sh $case]"
    else
        echo "PASS $case: the guest makes no mistake"
    fi
}

# device NAME SPEED MACHINE-OPTIONS FLAG...: all tests of the loopback device
device()
{
    case=$1 speed=$2 machine=$3
    shift 3
    guest "$case" "$@"
    client client_device
    emulate "$case" "$machine" -kernel "$out/$case.elf"
    timeout 200 "$out/client_device" "$sockets/usb" "$sockets/monitor" "$speed" | sed "s/^\([A-Z]*\) /\1 usb $case: /"
    ended
}

# A free TCP port, as far as can be said.
hostile()
{
    guest hostile
    client client_hostile
    for port in 23240 23241 23242 23243 23244; do
        emulate hostile ",usbip-port=$port" -kernel "$out/hostile.elf"
        sleep 0.5
        kill -0 $pid 2> /dev/null && break
    done
    timeout 200 "$out/client_hostile" "$sockets/usb" "$sockets/monitor" $port | sed 's/^\([A-Z]*\) /\1 usb hostile: /'
    ended
    # A port in use is one clear message.
    emulate hostile ",usbip-port=$port" -kernel "$out/hostile.elf"
    first=$pid
    sleep 0.5
    timeout 10 "$qemu" -M "openmv4,usbip-port=$port" -display none -nodefaults > "$out/port.txt" 2>&1
    status=$?
    kill "$first"
    wait "$first"
    pid=
    if [ $status -eq 1 ] && grep -q 'Address already in use' "$out/port.txt" && [ "$(wc -l < "$out/port.txt")" -eq 1 ]; then
        echo 'PASS usb hostile: a port in use ends the emulator with one message'
    else
        echo "FAIL usb hostile: expected one message about a port in use, got status $status, $(head -c 200 "$out/port.txt") [rerun: sh $here/run.sh hostile]"
    fi
}

for case in ${*:-full dma hs hs-dma hostile}; do
    # shellcheck disable=SC2086
    case $case in
    full) device full full '' ;;
    dma) device dma full ,usb-controller=OTG1_HS $hs -DDMA=1 ;;
    hs) device hs high ,usb-controller=OTG1_HS-ulpi $hs -DHS=1 ;;
    hostile) hostile ;;
    hs-dma) device hs-dma high ,usb-controller=OTG1_HS-ulpi $hs -DHS=1 -DDMA=1 ;;
    *) echo "FAIL $case: no such case" ;;
    esac
done
