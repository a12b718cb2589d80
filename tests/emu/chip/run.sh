#!/bin/sh
# SPDX-License-Identifier: MIT
# Bare-metal guests for the chip's half of the emulator: PASS and FAIL lines on standard output.
# Usage: tests/emu/chip/run.sh [GUEST ...]      GUEST: reset flash dma timers drivers uart crystal sleep lockup resets power repeat random
set -u
cd "$(dirname "$0")/../../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
out=build/test/emu-chip
here=tests/emu/chip
qemu=${QEMU:-build/emulator/qemu-system-arm}
mkdir -p "$out" || exit 1
gcc="$sdk/gcc/bin/arm-none-eabi-gcc"
flags='-mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 -mfloat-abi=hard -O1 -g -ffreestanding -nostdlib -Wall -Wextra -Wshadow -Werror'

build()
{
    # shellcheck disable=SC2086
    "$gcc" $flags -T tests/emu/camera/guest.ld -o "$out/$1.elf" tests/emu/camera/guest.c $here/chip.c "$here/test_$1.c" -lgcc || exit 1
}

# run GUEST QEMU-OPTION...: five minutes at most, what it says in GUEST.txt
run()
{
    guest=$1
    shift
    rm -f "$out/$guest.txt"
    timeout 300 "$qemu" -M openmv4 -display none -nodefaults -no-user-config -kernel "$out/$guest.elf" \
        -chardev "file,id=usart3,path=$out/$guest.txt" -d unimp,guest_errors -D "$out/$guest.log" "$@" > /dev/null
    status=$?
    sed "/^FAIL/s|\$| [rerun: sh $here/run.sh $guest]|" "$out/$guest.txt"
    if [ $status -ne 0 ]; then
        echo "FAIL $guest: the emulator ended with status $status (log: $out/$guest.log) [rerun: $here/run.sh $guest]"
    elif ! grep -q . "$out/$guest.txt"; then
        echo "FAIL $guest: it said nothing (log: $out/$guest.log) [rerun: $here/run.sh $guest]"
    fi
}

# said GUEST TEXT: until the guest has said it, a minute at most
said() { n=0; until grep -qs "$2" "$out/$1.txt" || [ $n -gt 600 ]; do n=$((n + 1)) && sleep 0.1; done; }

fast='-icount shift=1,sleep=off'
once="$fast -no-reboot"
exits='-semihosting-config enable=on,target=native'

# shellcheck disable=SC2086
for guest in ${*:-reset flash dma timers drivers uart crystal sleep lockup resets power repeat random}; do
    case $guest in
    reset | flash | dma | timers | drivers)
        build "$guest"
        run "$guest" $once
        ;;
    uart)
        build uart
        printf 'hello, world! 0123456789abcdefghij' > "$out/uart.in"
        run uart $once -chardev "file,id=uart4,path=$out/uart4.txt,input-path=$out/uart.in"
        ;;
    crystal)
        build crystal
        run crystal $once -M openmv4,hse=25000000
        "$qemu" -M openmv4,hse=3000000 -display none > "$out/hse.txt" 2>&1
        if grep -q 'hse is 0 or 4000000 to 48000000' "$out/hse.txt"; then
            echo 'PASS a crystal that the chip does not take is refused'
        else
            echo "FAIL crystal: expected a message about hse, got $(cat "$out/hse.txt") [rerun: $here/run.sh crystal]"
        fi
        ;;
    sleep)
        build sleep
        rm -f "$out/sleep.txt"
        {
            said sleep 'Standby until PA0'
            sleep 0.5
            echo qom-set /machine drive PA0=1
            said sleep 'flag clears'
            echo quit
        } | run sleep $fast $exits -monitor stdio
        ;;
    resets | random | lockup)
        build "$guest"
        run "$guest" $fast $exits
        ;;
    power)
        # The board's buttons through the monitor, with time for the guest in between.
        build power
        head -c 2097152 /dev/zero | tr '\0' '\377' > "$out/power.img"
        last='the sector being erased is neither old nor clean'
        rm -f "$out/power.txt"
        {
            said power 'flash programmed'
            echo system_reset
            said power 'PD12 is pulled up'
            echo qom-set /machine drive PD12=0
            said power 'SRAM1 survives NRST'                    # an erase of 2 s begins
            sleep 0.5
            echo qom-set /machine power false
            sleep 1
            echo qom-set /machine power true
            said power "$last"
            echo quit
        } | run power -icount shift=1 $exits -monitor stdio -drive "if=pflash,format=raw,file=$out/power.img"
        grep -q "$last" "$out/power.txt" || echo "FAIL power: expected '$last' at the end, got $(tail -n 1 "$out/power.txt") [rerun: $here/run.sh power]"
        ;;
    repeat)
        # Two runs with -icount are the same to the last register access.
        build timers
        for n in 1 2; do
            run timers $once -M openmv4,trace=on > /dev/null
            mv "$out/timers.log" "$out/repeat$n.log"
        done
        if [ -s "$out/repeat1.log" ] && cmp -s "$out/repeat1.log" "$out/repeat2.log"; then
            echo "PASS two runs give the same trace"
        else
            echo "FAIL repeat: expected equal traces, got $out/repeat1.log and repeat2.log [rerun: $here/run.sh repeat]"
        fi
        ;;
    *)
        echo "FAIL $guest: no such guest"
        ;;
    esac
done
