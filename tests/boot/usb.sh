#!/bin/sh
# SPDX-License-Identifier: MIT
# What dfu-util never does, to the real bootloader.bin: requests in the middle of an erase, cut data stages, a bus reset, a watchdog that runs, and
# Windows' questions. Usage: tests/boot/usb.sh
. "$(dirname "$0")/lib.sh"
magic=$(value BOARD_BOOT_MAGIC_ADDRESS)
out=$work/usb

# talk NAME PACE [GDB-COMMAND...]: a camera that has been asked for DFU, after the commands, with usb.py's NAME as its host
talk() {
    name=$1 pace=$2
    shift 2
    compose "$out.img" $bin/firmware.bin
    rm -f "$out.sock" "$out.qmp" "$out.gdb" "$out.log"
    timeout 600 build/emulator/qemu-system-arm -M "openmv4,usbip=$out.sock" -display none -nodefaults -no-user-config \
        -drive "if=pflash,format=raw,file=$out.img" -icount "shift=1,sleep=$pace" -qmp "unix:$out.qmp,server=on,wait=off" \
        -S -gdb "unix:$out.gdb,server=on,wait=off" -d guest_errors -D "$out.log" > "$out.emu" 2>&1 &
    emulator=$!
    n=0
    until [ -S "$out.gdb" ] || [ $n -gt 600 ]; do n=$((n + 1)) && sleep 0.1; done
    {
        printf '%s\n' 'set confirm off' 'set architecture armv7e-m' "target remote $out.gdb" "set {unsigned}$magic = 0xB00710AD" "$@" detach
    } > "$out.gdbinit"
    timeout 300 "$sdk/gcc/bin/arm-none-eabi-gdb" -q -nx -batch -x "$out.gdbinit" > "$out.all" 2>&1
    timeout 500 "$sdk/bin/python3" tests/boot/usb.py "$out.sock" "$out.qmp" "$name" || fail "$name" 'to end' "status $?: $(tail -n 2 "$out.emu")"
    kill $emulator 2> /dev/null
    wait $emulator 2> /dev/null
    is "$name: the emulator found no mistake" 0 "$(grep -cvE '^(qemu-system-arm: (terminating|warning)|$)' "$out.log")"
}

talk erase on
talk requests off
talk replug on
# IWDG1 runs from the reset on, as an option byte makes it: half a second, shorter than an erase. An instruction in RAM, str r1, [r0], starts it.
talk watchdog off 'set $start = $pc' 'set {short}0x24000000 = 0x6001' 'set $r0 = 0x58004800' 'set $r1 = 0xCCCC' 'set $pc = 0x24000000' stepi \
    'set $pc = $start'
