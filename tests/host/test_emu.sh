#!/bin/sh
# SPDX-License-Identifier: MIT
# omv emu, list, scene, reset, power against a fake camera in QEMU's place: who starts, finds and ends whom.
. "$(dirname "$0")/lib.sh"
compile_fake
cd "$work" || exit 1

# A tree with a firmware and an emulator that are not real.
export OMV_TOP="$work/tree"
mkdir -p "$OMV_TOP/build/OPENMV4/bin" "$OMV_TOP/build/emulator"
head -c 1000 /dev/urandom > "$OMV_TOP/build/OPENMV4/bin/firmware.bin"
head -c 500 /dev/urandom > "$OMV_TOP/build/OPENMV4/bin/romfs0.img"
cp "$fake" "$OMV_TOP/build/emulator/qemu-system-arm"
flash=$OMV_TOP/build/emu/OPENMV4/flash.img

# start NAME ARGUMENT...: omv emu --headless in the background, until it says ready.
start() {
    name=$1
    shift
    rm -f "$name.out"
    "$omv" emu OPENMV4 --headless "$@" > "$name.out" 2> "$name.err" &
    emulator=$!
    pids="$pids $emulator"
    until_true has "$name.out" ready && return
    echo "FAIL start $name: no 'ready' ($(cat "$name.err")); rerun: sh tests/host/$script"
}
# gone PID: it has ended (a zombie that nobody has reaped has ended too).
gone() { until_true ended "$1"; }
ended() { ! grep -qs '^State:.[^Z]' "/proc/$1/status"; }
child() { tr -d ' ' < "/proc/$1/task/$1/children"; }
machine() { tr '\0' '\n' < "/proc/$(child "$emulator")/cmdline" | grep '^openmv4' | grep -o 'boot-add0=[^,]*'; }
part() { dd if="$flash" bs=1 skip="$1" count="$2" 2>/dev/null | cksum; }

check 'list without cameras' 0 "$omv" list
says 'it says how to get one' err 'omv emu'
printf 'print hello\n' > good.py
check 'run without cameras' 3 "$omv" run good.py
check 'run by a name nobody has' 3 "$omv" run good.py --name ghost

# Starting
check 'emu without a target' 2 "$omv" emu
check 'emu of an unknown target' 2 "$omv" emu OPENMV9
says 'the targets are listed' err 'OPENMV4'
check 'emu of a target that is not emulated' 11 "$omv" emu OPENMV_RT1060
check 'emu with a scene that is not there' 9 "$omv" emu OPENMV4 --scene nowhere.jpg
echo text > not-a-picture
check 'emu with a scene that is no picture' 9 "$omv" emu OPENMV4 --headless --scene not-a-picture
is "QEMU's reason is one line" 'omv: scene: not-a-picture is not a PNG, JPEG or PPM picture' "$(head -n 1 err)"
echo text > crash
check 'emu when QEMU crashes' 12 "$omv" emu OPENMV4 --headless --scene crash
check 'emu with a bad gdb port' 2 "$omv" emu OPENMV4 --gdb x
check 'emu with a bad name' 2 "$omv" emu OPENMV4 --name a/b
mv "$OMV_TOP/build/emulator" "$OMV_TOP/build/emulator.away"
check 'emu without an emulator' 11 "$omv" emu OPENMV4
says 'it says what to build' err 'make emulator'
mv "$OMV_TOP/build/emulator.away" "$OMV_TOP/build/emulator"
mv "$OMV_TOP/build/OPENMV4/bin/firmware.bin" firmware.away
check 'emu without firmware' 11 "$omv" emu OPENMV4
says 'it says what to build' err 'make TARGET=OPENMV4'
mv firmware.away "$OMV_TOP/build/OPENMV4/bin/firmware.bin"
is 'nothing is left behind' 0 "$(ls "$XDG_RUNTIME_DIR/openmv" | wc -l)"

# Flash
start one
is 'the flash has the size of the board' 2097152 "$(wc -c < "$flash" | tr -d ' ')"
is 'firmware is at its address' "$(cksum < "$OMV_TOP/build/OPENMV4/bin/firmware.bin")" "$(part 262144 1000)"
is 'ROM file system is in its partition' "$(cksum < "$OMV_TOP/build/OPENMV4/bin/romfs0.img")" "$(part 1966080 500)"
is 'without a bootloader the firmware starts' boot-add0=0x0804 "$(machine)"
check 'a second one of the same name' 5 "$omv" emu OPENMV4 --headless
says 'it says how' err '--name'

# Reaching it
check list 0 "$omv" list
says 'list shows it' out 'OpenMV Cam H7 · emulated · not on USB · name OPENMV4'
check 'list --json' 0 "$omv" list --json
says 'list as JSON' out '"target":"OPENMV4"'
check 'run on the only camera' 0 "$omv" run good.py
is 'its output' hello "$(cat out)"
check 'run by name' 0 "$omv" run good.py --name OPENMV4
start two --name two
check 'run with two cameras' 4 "$omv" run good.py
says 'they are listed' err 'name two'
check 'run on one of two' 0 "$omv" run good.py --name two
printf 'print started\nforever\n' > forever.py
"$omv" run --name two forever.py > busy.out 2>&1 &
busy=$!
pids="$pids $busy"
until_true has busy.out started
check 'one omv at a time' 5 "$omv" run good.py --name two
kill $busy
wait $busy 2>/dev/null
check 'run when it is free again' 0 "$omv" run good.py --name two
check 'shell on an emulated camera' 0 "$omv" shell --name two

# From outside
echo x > picture.png
check scene 0 "$omv" scene picture.png --name two
until_true has two.err "$work/picture.png"
says 'scene reached the emulator' two.err "$work/picture.png"
check 'scene that is no picture' 9 "$omv" scene not-a-picture --name two
check 'scene that is not there' 9 "$omv" scene nowhere --name two
check reset 0 "$omv" reset --name two
check 'power cut' 0 "$omv" power cut --name two
until_true has two.err '"power","value":false'
says 'reset reached the emulator' two.err system_reset
says 'power reached the emulator' two.err '"power","value":false'

# Endings: SIGTERM, SIGKILL, and QEMU's own
kill "$emulator"
wait "$emulator" 2>/dev/null
is 'SIGTERM removes the files' 1 "$(ls "$XDG_RUNTIME_DIR/openmv" | grep -c lock)"
start three --name three
qemu=$(child "$emulator")
kill -9 "$emulator"
gone "$qemu" && echo 'PASS SIGKILL of omv ends QEMU' || echo "FAIL SIGKILL of omv ends QEMU: process $qemu is alive; rerun: sh tests/host/$script"
check 'list removes what a killed one left' 0 "$omv" list
is 'nothing of it is left' 0 "$(ls "$XDG_RUNTIME_DIR/openmv" | grep -c three)"
start three --name three
qemu=$(child "$emulator")
kill -9 "$qemu" || kill "$emulator"
wait "$emulator"
is 'QEMU ends: emu tells' 12 $?
says 'and why' three.err 'signal 9'

# --emu: a camera for one script
check 'run --emu' 0 "$omv" run good.py --emu OPENMV4 --scene picture.png
is 'its output' hello "$(cat out)"
is 'its flash is removed' 0 "$(ls "$OMV_TOP/build/emu/OPENMV4" | grep -c '^OPENMV4-.*img')"
check 'run --emu with a bad scene' 9 "$omv" run good.py --emu OPENMV4 --scene not-a-picture
says 'the reason' err 'is not a PNG'
printf 'raise\n' > bad.py
check 'run --emu of a script that raises' 1 "$omv" run bad.py --emu OPENMV4

"$omv" run forever.py --emu OPENMV4 > run.out 2>&1 &
run=$!
until_true has run.out started
helper=$(child "$run")
kill -9 "$run"
wait "$run" 2> /dev/null
gone "$helper" && echo 'PASS SIGKILL of run --emu ends its camera' || echo "FAIL SIGKILL of run --emu ends its camera: process $helper is alive; rerun: sh tests/host/$script"
is 'and removes its flash' 0 "$(ls "$OMV_TOP/build/emu/OPENMV4" | grep -c '^OPENMV4-.*img')"

# State: what the camera wrote stays, a new build is put in
for p in $pids; do kill "$p" 2>/dev/null; done
wait
printf 'state' | dd of="$flash" bs=1 seek=131072 conv=notrunc 2>/dev/null
head -c 800 /dev/urandom > "$OMV_TOP/build/OPENMV4/bin/firmware.bin"
start again
is 'a new firmware is put in' "$(cksum < "$OMV_TOP/build/OPENMV4/bin/firmware.bin")" "$(part 262144 800)"
is 'the rest of its partition is erased' 255 "$(dd if="$flash" bs=1 skip=263044 count=1 2>/dev/null | od -An -tu1 | tr -d ' ')"
is 'the file system stays' state "$(dd if="$flash" bs=1 skip=131072 count=5 2>/dev/null)"
kill "$emulator"
wait "$emulator" 2>/dev/null
start fresh --fresh
is '--fresh erases it' 255 "$(dd if="$flash" bs=1 skip=131072 count=1 2>/dev/null | od -An -tu1 | tr -d ' ')"
kill "$emulator"
wait "$emulator" 2>/dev/null
head -c 1000 /dev/zero > short.img
check '--flash of a wrong size' 9 "$omv" emu OPENMV4 --flash short.img
head -c 1700000 /dev/zero > "$OMV_TOP/build/OPENMV4/bin/firmware.bin"
cp "$flash" before.img
head -c 1800000 /dev/zero > "$OMV_TOP/build/OPENMV4/bin/firmware.bin"
check 'a firmware larger than its partition' 9 "$omv" emu OPENMV4
is 'the flash is as before' "$(cksum < before.img)" "$(cksum < "$flash")"

# In a terminal that is a pipe: what is typed goes in, what the camera says comes out
head -c 1000 /dev/urandom > "$OMV_TOP/build/OPENMV4/bin/firmware.bin"
printf 'hello\r' > typed
input=typed
check 'emu with input from a file' 0 "$omv" emu OPENMV4
says 'the console' out '>>> hello'

# With a bootloader
head -c 700 /dev/urandom > "$OMV_TOP/build/OPENMV4/bin/bootloader.bin"
start boot --name boot
is 'with a bootloader the chip decides' '' "$(machine)"
flash=$OMV_TOP/build/emu/OPENMV4/boot.img
is 'the bootloader is in its partition' "$(cksum < "$OMV_TOP/build/OPENMV4/bin/bootloader.bin")" "$(part 0 700)"
kill "$emulator"
wait "$emulator" 2>/dev/null
start boot --name boot --no-boot
is '--no-boot: the firmware starts' boot-add0=0x0804 "$(machine)"
kill "$emulator"
wait "$emulator" 2>/dev/null
rm "$OMV_TOP/build/OPENMV4/bin/bootloader.bin"

# Somebody else's program instead of the build
flash=$OMV_TOP/build/emu/OPENMV4/image.img
head -c 700 /dev/urandom > loader.bin
head -c 900 /dev/urandom > program.bin
start image --image loader.bin --image program.bin@0x08040000 --crystal 24.5
is 'a bootloader starts by itself' '' "$(machine)"
is '--crystal is the machine'"'"'s hse' hse=24500000 "$(tr '\0' '\n' < "/proc/$(child "$emulator")/cmdline" | grep '^openmv4' | grep -o 'hse=[^,]*')"
is 'a plain file without an address is at the start' "$(cksum < loader.bin)" "$(part 0 700)"
is 'with an address there' "$(cksum < program.bin)" "$(part 262144 900)"
is 'the build is not there' 255 "$(dd if="$flash" bs=1 skip=1966080 count=1 2>/dev/null | od -An -tu1 | tr -d ' ')"
kill "$emulator"
wait "$emulator" 2>/dev/null
printf 'kept' | dd of="$flash" bs=1 seek=524288 conv=notrunc 2>/dev/null
printf 'gone' | dd of="$flash" bs=1 seek=1024 conv=notrunc 2>/dev/null
printf ':020000040800F2\n:080000000004002055000008\n' > wrong.hex
check 'a HEX record that is damaged' 14 "$omv" emu OPENMV4 --image wrong.hex
says 'its line is told' err 'wrong.hex is damaged: line 2 is no whole HEX record'
printf ':020000040800F2\r\n:10000000112233445566778899AABBCCDDEEFF00F8\r\n' > half.hex
check 'a HEX file without its end' 14 "$omv" emu OPENMV4 --image half.hex
printf ':020000040804EE\r\n:10000000112233445566778899AABBCCDDEEFF00F8\r\n:00000001FF\r\n' > good.hex
check 'two files for one place' 14 "$omv" emu OPENMV4 --image program.bin@0x08040004 --image good.hex
check 'a file behind the end of the flash' 14 "$omv" emu OPENMV4 --image program.bin@0x081fff00
check 'an address for a HEX file' 2 "$omv" emu OPENMV4 --image good.hex@0x08000000
check 'a file that is not there' 9 "$omv" emu OPENMV4 --image nowhere.bin
start hex --image loader.bin --image good.hex --no-boot
is '--no-boot: what is where the firmware would be starts' boot-add0=0x0804 "$(machine)"
is 'HEX: at its address' '11 22 33 44 ff 00' "$(dd if="$flash" bs=1 skip=262144 count=4 2>/dev/null | od -An -tx1 | tr -s ' ' | cut -c2-) $(dd if="$flash" bs=1 skip=262158 count=2 2>/dev/null | od -An -tx1 | tr -s ' ' | cut -c2-)"
is 'erase blocks that it does not touch keep what was written' kept "$(dd if="$flash" bs=1 skip=524288 count=4 2>/dev/null)"
is 'those that it does are erased' 255 "$(dd if="$flash" bs=1 skip=1024 count=1 2>/dev/null | od -An -tu1 | tr -d ' ')"
kill "$emulator"
wait "$emulator" 2>/dev/null
start hexonly --fresh --image good.hex
is 'without a bootloader the program starts' boot-add0=0x0804 "$(machine)"
is '--fresh erases the rest' 255 "$(dd if="$flash" bs=1 skip=524288 count=1 2>/dev/null | od -An -tu1 | tr -d ' ')"
kill "$emulator"
wait "$emulator" 2>/dev/null
check 'a program that nothing starts' 14 "$omv" emu OPENMV4 --fresh --image program.bin@0x08048000
says 'the next step' err 'Give the bootloader that starts it, too'
# ELF and DfuSe: one segment, one element, for 0x08000000
{
    printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\050\0\1\0\0\0\1\0\0\010\064\0\0\0\0\0\0\0\0\0\0\0\064\0\040\0\1\0\0\0\0\0\0\0'
    printf '\1\0\0\0\124\0\0\0\0\0\0\044\0\0\0\010\010\0\0\0\020\0\0\0\5\0\0\0\4\0\0\0ABCDEFGH'
} > program.elf
start elf --fresh --image program.elf
is 'ELF: where its segment is loaded' ABCDEFGH "$(dd if="$flash" bs=1 count=8 2>/dev/null)"
kill "$emulator"
wait "$emulator" 2>/dev/null
{
    printf 'DfuSe\1\055\1\0\0\1Target'
    head -c 264 /dev/zero
    printf '\1\0\0\0\0\0\0\010\010\0\0\0IJKLMNOP\0\0\021\337\203\004\032\1UFD\020\0\0\0\0'
} > program.dfu
start dfuse --fresh --image program.dfu
is 'DfuSe: at its address' IJKLMNOP "$(dd if="$flash" bs=1 count=8 2>/dev/null)"
is 'and no more' 255 "$(dd if="$flash" bs=1 skip=8 count=1 2>/dev/null | od -An -tu1 | tr -d ' ')"
kill "$emulator"
wait "$emulator" 2>/dev/null
dd if=program.elf of=short.elf bs=1 count=88 2>/dev/null
check 'an ELF file without its end' 14 "$omv" emu OPENMV4 --image short.elf
