#!/bin/sh
# SPDX-License-Identifier: MIT
# The emulated USB: a bare-metal device on one side, a scripted USB/IP client on the other.
# Usage: tests/emu/usb/run.sh [CASE ...]      CASE: registers full dma hs hs-dma realtime hostile requests rom strict
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
icount='-icount shift=1'
device_source=device.c
# Sockets' paths are short; the folder is this run's own.
sockets=$(mktemp -d "${TMPDIR:-/tmp}/emuusb.XXXXXX") || exit 1
pid=
trap 'kill $pid 2> /dev/null; rm -rf "$sockets"' EXIT
trap 'exit 1' INT TERM

# guest NAME FLAG...
guest()
{
    elf=$out/$1.elf
    shift
    # shellcheck disable=SC2086
    "$gcc" $flags "$@" -T tests/emu/camera/guest.ld -o "$elf" tests/emu/camera/guest.c tests/emu/chip/chip.c \
        $here/dwc2.c "$here/$device_source" -lgcc || exit 1
}

# client NAME
client()
{
    ${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wshadow -Werror -o "$out/$1" $here/client.c "$here/$1.c" || exit 1
}

# emulate NAME MACHINE-OPTIONS QEMU-OPTION...: in the background, ten minutes at most; no firmware mistake is expected in NAME.log
emulate()
{
    case=$1 machine=$2
    shift 2
    rm -f "$sockets/usb" "$sockets/monitor" "$out/$case.log"
    # shellcheck disable=SC2086
    timeout 600 "$qemu" -M "openmv4,usbip=$sockets/usb$machine" -display none -nodefaults -no-user-config $icount \
        -monitor "unix:$sockets/monitor,server=on,wait=off" -d guest_errors -D "$out/$case.log" "$@" 2> "$out/$case.err" &
    pid=$!
}

# play CLIENT ARGUMENT...: what it says, under the case's name; a client that doesn't come to its end is a failure
play()
{
    program=$1
    shift
    timeout 500 "$out/$program" "$sockets/usb" "$sockets/monitor" "$@" > "$out/$case.txt" 2>&1
    status=$?
    sed "s/^\([A-Z]*\) /\1 usb $case: /" "$out/$case.txt"
    if [ $status -ne 0 ]; then
        echo "FAIL usb $case: the client ended with status $status after: $(tail -n 1 "$out/$case.txt") [rerun: sh $here/run.sh $case]"
        kill $pid 2> /dev/null
    fi
}

ended()
{
    wait $pid
    status=$?
    pid=
    if [ $status -ne 0 ]; then
        echo "FAIL $case: the emulator ended with status $status: $(head -c 300 "$out/$case.err") [rerun: sh $here/run.sh $case]"
    elif [ -s "$out/$case.log" ]; then
        echo "FAIL $case: expected no mistake of the firmware, got $(head -n 1 "$out/$case.log") [rerun: sh $here/run.sh $case]"
    else
        echo "PASS usb $case: the firmware makes no mistake"
    fi
}

# device NAME 'SPEED [realtime]' MACHINE-OPTIONS FLAG...: all tests of the loopback device
device()
{
    case=$1 speed=$2 machine=$3
    shift 3
    guest "$case" "$@"
    client client_device
    emulate "$case" "$machine" -kernel "$out/$case.elf"
    # shellcheck disable=SC2086
    play client_device $speed
    ended
}

# Two TCP ports: one that is free, and one that somebody listens at until descriptor 3 is closed.
hostile()
{
    guest hostile
    client client_hostile
    rm -f "$sockets/end" && mkfifo "$sockets/end"
    "$sdk/bin/python3" -c '
import socket
free, used = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
print(free.getsockname()[1], used.getsockname()[1], flush=True)
free.close()
input()' < "$sockets/end" > "$sockets/ports" 2> "$out/ports.err" &
    listener=$!
    exec 3> "$sockets/end"
    until grep -q . "$sockets/ports" || ! kill -0 $listener 2> /dev/null; do sleep 0.1; done
    read -r port used < "$sockets/ports"
    emulate hostile ",usbip-port=$port" -kernel "$out/hostile.elf"
    play client_hostile "$port"
    ended
    # A port in use is one clear message.
    timeout 60 "$qemu" -M "openmv4,usbip-port=$used" -display none -nodefaults > "$out/port.txt" 2>&1
    status=$?
    echo >&3
    exec 3>&-
    wait $listener
    sed -i '/ASan\|False positive\|For details/d' "$out/port.txt"     # what the sanitizers say at the start
    if [ $status -eq 1 ] && grep -q 'Address already in use' "$out/port.txt" && [ "$(wc -l < "$out/port.txt")" -eq 1 ]; then
        echo 'PASS usb hostile: a port in use ends the emulator with one message'
    else
        echo "FAIL usb hostile: expected one message about a port in use, got status $status, $(head -c 200 "$out/port.txt") [rerun: sh $here/run.sh hostile]"
    fi
}

# dfu ARGUMENT...: the SDK's dfu-util, as users run it, in dfu.txt
dfu()
{
    OMV_TOP="$PWD" OMV_USBIP="$sockets/usb" timeout 500 build/host/omv exec -- dfu-util -d ,0483:df11 "$@" > "$out/dfu.txt" 2>&1
}

# good NAME COMMAND...
good()
{
    name=$1
    shift
    if "$@"; then
        echo "PASS usb rom: $name"
    else
        echo "FAIL usb rom: $name: expected it, got $(tail -n 2 "$out/dfu.txt" | tr '\r\n' '  ') [rerun: sh $here/run.sh rom]"
    fi
}

said() { grep -q -- "$1" "$out/dfu.txt"; }
fails() { ! "$@"; }

# The chip's own bootloader, BOOT0 high.
rom()
{
    [ -x build/host/omv ] || { echo 'SKIP usb rom: the host program is not built (make host)'; return; }
    head -c 2097152 /dev/zero | tr '\0' '\377' > "$out/rom.img"
    head -c 150001 "$qemu" > "$out/image.bin"
    "$gcc" -mcpu=cortex-m7 -c -o "$out/program.o" $here/program.S && "${gcc%gcc}ld" -Ttext=0x08100000 -e 0 -o "$out/program.elf" "$out/program.o" &&
        "${gcc%gcc}objcopy" -O binary -j .text "$out/program.elf" "$out/program.bin" || exit 1
    rm -f "$out/rom.txt"
    emulate rom ,boot0=on -drive "if=pflash,format=raw,file=$out/rom.img" -chardev "file,id=uart4,path=$out/rom.txt"
    good 'dfu-util -w waits for it and writes across sectors' dfu -w -a 0 -s 0x08000000 -D "$out/image.bin"
    rm -f "$out/back.bin"
    good 'dfu-util reads it back' dfu -a 0 -s 0x08000000:150001 -U "$out/back.bin"
    good 'and it is the same' cmp -s "$out/image.bin" "$out/back.bin"
    head -c 150001 "$out/rom.img" > "$out/file.bin"
    good "so is the flash's file" cmp -s "$out/image.bin" "$out/file.bin"
    rm -f "$out/options.bin"
    good 'the option bytes can be read' dfu -a 1 -s 0x5200201c:128 -U "$out/options.bin"
    good 'with the boot addresses' [ "$(od -An -tx4 -j36 -N4 "$out/options.bin" | tr -d ' ')" = 1ff00800 ]
    dfu -l
    good 'its serial number' said '16\*128Kg", serial="200364500000"'
    good 'an address outside of the memories is refused' fails dfu -a 0 -s 0x09000000 -D "$out/program.bin"
    good 'and written the second bank' dfu -a 0 -s 0x08100000 -D "$out/program.bin"
    good ':leave starts what lies at the address' dfu -a 0 -s 0x08100000:leave -D "$out/program.bin"
    for _ in $(seq 100); do
        grep -q started "$out/rom.txt" 2> /dev/null && break
        sleep 0.1
    done
    good 'as a reset would' grep -qx started "$out/rom.txt"
    kill $pid
    wait $pid
    pid=
    if [ -s "$out/rom.log" ]; then
        echo "FAIL usb rom: expected no mistake, got $(head -n 1 "$out/rom.log") [rerun: sh $here/run.sh rom]"
    fi
}

# mistake NAME EXPECTED MACHINE-OPTIONS FLAG...: what the driver leaves out stops the emulator with one message
mistake()
{
    name=$1 expected=$2 machine=$3
    shift 3
    guest mistake "$@"
    timeout 300 "$qemu" -M "openmv4,strict=on$machine" -display none -nodefaults -no-user-config -icount shift=1,sleep=off -kernel "$out/mistake.elf" \
        > "$out/mistake.txt" 2>&1
    status=$?
    if [ $status -eq 1 ] && grep -q "$expected" "$out/mistake.txt"; then
        echo "PASS usb strict: $name"
    else
        echo "FAIL usb strict: $name: expected status 1 and '$expected', got $status and $(head -c 300 "$out/mistake.txt") [rerun: sh $here/run.sh strict]"
    fi
}

strict()
{
    mistake 'no supply' 'USB33DEN' '' -DNO_SUPPLY
    mistake 'no clock' "isn't 48 MHz" '' -DNO_CLOCK
    mistake 'no alternate function' "haven't its alternate function" '' -DNO_PINS
    mistake 'no clock gate' 'while its clock is off in the RCC' '' -DNO_GATE
    mistake 'no transceiver' 'the transceiver is off' '' -DNO_TRANSCEIVER
    # shellcheck disable=SC2086
    mistake 'a PHY that the board has not' 'no ULPI PHY' ,usb-controller=OTG1_HS $hs -DHS=1
    # shellcheck disable=SC2086
    mistake 'no clock for it' 'clock of its ULPI interface is off' ,usb-controller=OTG1_HS-ulpi $hs -DHS=1 -DNO_ULPI_CLOCK
    mistake 'FIFOs that overlap' 'inside the receive FIFO' '' -DOVERLAP
    mistake 'a FIFO beyond the RAM' 'the RAM has 1024' '' -DBEYOND
    mistake 'a FIFO that overflows' 'transmit FIFO 0 overflows' '' -DOVERFLOW
    mistake 'a packet that is not read' "weren't read" '' -DUNREAD
}

# by_hand NAME MACHINE-OPTIONS FLAG...: the controller's registers, checked by the guest itself
by_hand()
{
    case=$1 machine=$2
    shift 2
    guest "$case" "$@"
    rm -f "$out/$case.txt"
    emulate "$case" "$machine" -no-reboot -kernel "$out/$case.elf" -chardev "file,id=usart3,path=$out/$case.txt"
    wait $pid
    status=$?
    pid=
    sed "s/^\([A-Z]*\) /\1 usb $case: /; /^FAIL/s|\$| [rerun: sh $here/run.sh registers]|" "$out/$case.txt"
    [ $status -eq 0 ] || echo "FAIL usb $case: the emulator ended with status $status [rerun: sh $here/run.sh registers]"
}

registers()
{
    device_source=registers.c
    by_hand registers-power ,usb-cable=power
    by_hand registers-host '' -DHOST=1
    device_source=device.c
}

# The bootloader request by request. Its reset at the end of a failed "leave" is a warning.
requests()
{
    client client_rom
    emulate requests ,boot0=on
    play client_rom
    ended
}

for case in ${*:-registers full dma hs hs-dma realtime hostile requests rom strict}; do
    # shellcheck disable=SC2086
    case $case in
    full) device full full '' ;;
    dma) device dma full ,usb-controller=OTG1_HS $hs -DDMA=1 ;;
    hs) device hs high ,usb-controller=OTG1_HS-ulpi $hs -DHS=1 ;;
    realtime) icount=; device realtime 'full realtime' ''; icount='-icount shift=1' ;;
    registers | hostile | requests | rom | strict) $case ;;
    hs-dma) device hs-dma high ,usb-controller=OTG1_HS-ulpi $hs -DHS=1 -DDMA=1 ;;
    *) echo "FAIL $case: no such case" ;;
    esac
done
