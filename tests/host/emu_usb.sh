#!/bin/sh
# SPDX-License-Identifier: MIT
# USB of the emulated camera with the real firmware: omv list, the serial port, the cable, omv exec with unmodified dfu-util.
. "$(dirname "$0")/lib.sh"
if [ ! -x "$top/build/emulator/qemu-system-arm" ] || [ ! -f "$top/build/OPENMV4/bin/bootloader.bin" ]; then
    echo 'SKIP USB of the emulated camera: firmware or emulator are not built'
    exit 0
fi
bin=$top/build/OPENMV4/bin
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat "$top/SDK_VERSION")}
cd "$work" || exit 1

# Its own flash, so that nothing of the user's is touched.
me=usb-$$
trap 'finish; rm -f "$top/build/emu/OPENMV4/$me".*' EXIT
start() {
    rm -f emu.out
    "$omv" emu OPENMV4 --headless --name "$me" "$@" > emu.out 2> emu.err &
    emulator=$!
    pids="$pids $emulator"
    until_true has emu.out ready && return
    echo "FAIL the camera becomes ready: it does not; rerun: sh tests/host/$script"
}
# shows TEXT: waits until `omv list` shows it; list.out is what it shows.
shows() { until_true listed "$1"; }
listed() { "$omv" list > list.out 2>&1; grep -q "$1" list.out; }
# repl TEXT EXPECTED: types a line into the serial port, and prints the first line of the answer that matches. The port of before
# an unplug is there for a moment after it.
repl() {
    until_true open_port
    timeout 120 grep -a -m 1 -o "$2" <&8 > repl.out &
    printf '\003\003%s\r' "$1" >&8
    wait $!
    exec 8>&-
    cat repl.out
}
open_port() { [ -e "$tty" ] && command exec 8<> "$tty" && stty -F "$tty" 115200; } 2> /dev/null
gone() { until_true [ ! -e "$tty" ]; }

start --fresh
tty=$XDG_RUNTIME_DIR/openmv/$me.tty
says 'it tells its serial port' emu.out "serial port $tty"
says 'and where USB/IP is' emu.out 'USB/IP at 127.0.0.1'
shows 'app 37C5:1204'
is 'omv list' "OpenMV Cam H7 · emulated · app 37C5:1204 · serial N · name $me" "$(sed -E 's/serial [0-9A-F]{24} /serial N /' list.out)"
check 'omv list --json' 0 "$omv" list --json
says 'its mode' out '"mode":"app","usb":"37C5:1204"'

# The serial port
is 'the REPL, at 115200' '42 is it' "$(repl 'print(6 * 7, "is it")' '^42 is it')"
exec 8<> "$tty"
stty -F "$tty" 921600
printf '\252\325\000\000\000\000\000\000\260\254' >&8
is 'the protocol, at 921600' ' aa d5 00 00 01 00 00 00 08 46' "$(timeout 120 head -c 10 <&8 | od -An -tx1)"
exec 8>&-
printf 'print("by USB")\n' > hello.py
check 'omv run' 0 "$omv" run hello.py --name "$me"
is 'what it prints' 'by USB' "$(cat out)"
printf 'import time\nprint("started")\nwhile True: time.sleep_ms(10)\n' > forever.py
"$omv" run --timeout 600 --name "$me" forever.py > busy.out 2>&1 &
busy=$!
until_true has busy.out started # until then it may be the omv before that has it
shows 'in use'
says 'omv list while it is in use' list.out 'app 37C5:1204 · serial '
check 'one omv at a time' 5 "$omv" run hello.py --name "$me"
check 'dfu-util finds nothing it could use' 0 "$omv" exec -- "$sdk/bin/dfu-util" -l
kill $busy
wait $busy 2> /dev/null
check 'and works again' 0 "$omv" run hello.py --name "$me"

# The cable, and the reset button
check 'unplug' 0 "$omv" power unplug --name "$me"
shows 'not on USB'
check 'flash without a cable' 3 "$omv" flash --name "$me" "$bin/firmware.bin"
says 'the true cause' err 'its USB cable is not in a computer'
gone && echo 'PASS no port without a cable' || echo "FAIL no port without a cable: it is there; rerun: sh tests/host/$script"
check 'plug' 0 "$omv" power plug --name "$me"
shows 'app 37C5:1204'
is 'the REPL is back' '48 is it' "$(repl 'print(6 * 8, "is it")' '^48 is it')"
check 'a charger' 0 "$omv" power charger --name "$me"
shows 'not on USB'
check 'no power' 0 "$omv" power off --name "$me"
gone
check 'run without power' 6 "$omv" run hello.py --name "$me"
says 'the true cause' err 'its power is off'
check 'power' 0 "$omv" power on --name "$me"
check 'the computer again' 0 "$omv" power plug --name "$me"
shows 'app 37C5:1204'
until_true open_port
timeout 120 cat <&8 > /dev/null 2>&1 &
reader=$!
exec 8>&-
check 'reset' 0 "$omv" reset --name "$me"
wait $reader
is 'who reads the port sees its end' ended "$([ $? -eq 124 ] || echo ended)" # one who waits for a byte at that moment sees EIO
shows 'app 37C5:1204'
is 'the REPL is back after a reset' '54 is it' "$(repl 'print(6 * 9, "is it")' '^54 is it')"

# The emulator's control socket in other hands: for a moment, and for longer
qmp=$XDG_RUNTIME_DIR/openmv/$me.qmp
hold() {
    rm -f held
    timeout "$1" "$sdk/bin/python3" -c "
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect('$qmp')
s.recv(1)
open('held', 'w').close()
time.sleep(60)" &
    for _ in $(seq 100); do
        [ -e held ] && break
        sleep 0.05
    done
}
hold 1
check 'a control socket that is busy for a moment' 0 "$omv" reset --json --name "$me"
is 'an event' "{\"event\":\"reset\",\"name\":\"$me\"}" "$(cat out)"
hold 8
check 'and for longer' 5 "$omv" reset --name "$me"
says 'the true cause' err "another program has the emulator's control socket $qmp"
wait $!
shows 'app 37C5:1204'

# Programs that look at the same moment, and try once
check 'a dozen connections at once' 0 "$sdk/bin/python3" -c "
import socket
for s in [socket.socket(socket.AF_UNIX) for _ in range(12)]:
    s.setblocking(False)
    s.connect('$XDG_RUNTIME_DIR/openmv/$me.usbip')"

# A debugger that stops the camera and is gone
"$sdk/bin/python3" -c "
import socket
s = socket.socket(socket.AF_UNIX)
s.connect('$XDG_RUNTIME_DIR/openmv/$me.gdb')
s.sendall(b'\$?#3f')
s.recv(1)"
check 'a camera that a debugger has stopped' 6 "$omv" run hello.py --name "$me"
says 'the true cause' err 'a debugger has stopped it'
check 'doctor sees it, too' 0 "$omv" doctor
says 'once' out "note     camera       emulated, name $me: a debugger has stopped it"
is 'and only once' 1 "$(grep -c "camera .*$me" out)"
check 'the next step' 0 "$omv" reset --name "$me"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    "$omv" run hello.py --name "$me" > out 2>&1 && break
    sleep 0.5
done
is 'it runs again' 'by USB' "$(cat out)"

# The specification's commands, with unmodified dfu-util
check 'into the bootloader' 0 "$omv" bootloader --name "$me"
shows 'DFU 37C5:9204'
says 'omv list shows it' list.out '· DFU 37C5:9204 · serial '
check 'dfu-util -a 2 -D firmware.bin' 0 "$omv" exec -- dfu-util -w -d ,37C5:9204 -a 2 -D "$bin/firmware.bin"
check 'dfu-util -a 2 -U' 0 "$omv" exec -- dfu-util -w -d ,37C5:9204 -a 2 -U back -Z "$(wc -c < "$bin/firmware.bin")"
is 'it is what was written' "$(cksum < "$bin/firmware.bin")" "$(head -c "$(wc -c < "$bin/firmware.bin")" back | cksum)"
"$omv" exec -- dfu-util -w -d ,37C5:9204 -a 3 --reset -D "$bin/romfs0.img" > out 2>&1
case $? in
0 | 251) echo 'PASS dfu-util -a 3 --reset -D romfs0.img' ;;
*) echo "FAIL dfu-util -a 3 --reset -D romfs0.img: expected 0 or 251, got '$(tail -n 1 out)'; rerun: sh tests/host/$script" ;;
esac
shows 'app 37C5:1204'
check 'the application is back' 0 "$omv" run hello.py --name "$me"
kill $emulator
wait $emulator 2> /dev/null

# The chip's own bootloader restores a broken one.
start --boot0
shows 'ROM 0483:DF11'
says 'the chip'\''s bootloader' list.out '· ROM 0483:DF11 · serial '
check 'dfu-util -s 0x08000000 -D bootloader.bin' 0 "$omv" exec -- dfu-util -w -d ,0483:df11 -a 0 -s 0x08000000 -D "$bin/bootloader.bin"
kill $emulator
wait $emulator 2> /dev/null
is 'nothing is left behind' 0 "$(ls "$XDG_RUNTIME_DIR/openmv" | wc -l | tr -d ' ')"
