#!/bin/sh
# SPDX-License-Identifier: MIT
# The serial port of an emulated camera, against a USB/IP device of the tests' own: what cdc_acm would do, it does.
. "$(dirname "$0")/lib.sh"
make -s -C "$top" host-tests > "$work/make.log" 2>&1 || { tail -n 5 "$work/make.log"; exit 1; }
tests=$top/build/test/host
tty=$work/tty log=$work/log

# until FILE TEXT: waits until the file has the line. gone: until the port has gone. there: until it is there.
until_says() { until_true grep -qsx "$1" "$log"; }
there() { if [ "$1" = yes ]; then until_true [ -e "$tty" ]; else until_true [ ! -e "$tty" ]; fi; }
# What the device was asked since the last call, in one line. The speed of the last time may be set first: whether a program's
# own comes before or after the port is open to the device is a matter of microseconds.
asked() {
    until_says released
    grep -v -e imported -e released "$log" | tr '\n' ' ' | sed 's/^line [0-9 ]* state 3 line/line/; s/^\(line [0-9 ]*\) state 0/\1 state 3 state 0/'
    : > "$log"
}

mkfifo "$work/in"
"$tests/fake_usb" "$work/usb" app "$work" < "$work/in" >> "$log" 2>&1 &
pids="$pids $!"
exec 9> "$work/in"
"$tests/bridge" "$work/usb" "$tty" 2> "$work/bridge.err" &
bridge=$!
pids="$pids $bridge"
there yes || { echo "FAIL the port is there: it is not: $(cat "$work/bridge.err"); rerun: sh tests/host/$script"; exit 1; }
: > "$log"

stty -F "$tty" 921600
is 'stty at 921600: line coding, DTR and RTS up and down' 'line 921600 8 0 0 state 3 state 0 ' "$(asked)"
stty -F "$tty" 9600 cstopb
is 'two stop bits' 'line 9600 8 0 2 state 3 state 0 ' "$(asked)"
stty -F "$tty" 115200 -cstopb
asked > /dev/null

exec 8<> "$tty"
echo hello >&8
answer=$(timeout 60 head -n 1 <&8)
is 'bytes there and back' hello "$answer"
stty -F "$tty" 230400
until_says 'line 230400 8 0 0'
exec 8>&-
is 'a change of speed while it is open' 'line 230400 8 0 0 state 3 state 0 ' "$(asked)"

# Everything arrives, in order, however slow the reader.
head -c 300000 /dev/urandom > "$work/sent"
exec 8<> "$tty"
(sleep 1; timeout 60 head -c 300000 <&8 > "$work/received") &
reader=$!
timeout 60 cat "$work/sent" >&8
wait $reader
exec 8>&-
is '300000 bytes there and back, a slow reader' "$(cksum < "$work/sent")" "$(cksum < "$work/received")"
asked > /dev/null

# What is written just before the close is sent, and what the device says while nobody listens waits for the next.
echo count >&9
printf 'last words' > "$tty"
asked > /dev/null
echo count >&9
until_says 'heard 10'
says 'what was written before the close was sent' log 'heard 10'
: > "$log"
echo 'print 1000' >&9
sleep 0.3
exec 8<> "$tty"
is 'what the camera said meanwhile is read' 1000 "$(timeout 20 head -c 1000 <&8 | wc -c | tr -d ' ')"
exec 8>&-
asked > /dev/null

# Nobody reads: the camera waits, nothing is lost, and the port can be closed.
exec 8<> "$tty"
echo 'print 60000' >&9
sleep 0.5
is 'a reader that comes late' 60000 "$(timeout 30 head -c 60000 <&8 | wc -c | tr -d ' ')"
exec 8>&-
asked > /dev/null

# Gone and back
timeout 30 cat "$tty" > /dev/null 2>&1 &
reader=$!
until_says 'state 3'
echo unplug >&9
wait $reader
there no && echo 'PASS unplugged: the reader ends, the port goes' || echo "FAIL unplugged: the port is still there; rerun: sh tests/host/$script"
echo plug >&9
there yes && echo 'PASS plugged in: the port is back' || echo "FAIL plugged in: no port; rerun: sh tests/host/$script"
: > "$log"
stty -F "$tty" 921600
is 'and works' 'line 921600 8 0 0 state 3 state 0 ' "$(asked)"

# The touch: a bootloader has no serial port.
stty -F "$tty" 1200
until_says 'bootloader 3'
says 'the touch at 1200 baud' log 'bootloader 3'
there no && echo 'PASS the bootloader has no port' || echo "FAIL the bootloader has no port: it is there; rerun: sh tests/host/$script"
echo app >&9
there yes

# Another program has the device: the port answers when it is free again.
OMV_USBIP=$work/usb "$omv" exec -- "$tests/usb_api" open > "$work/other" 2>&1
until_says released
: > "$log"
stty -F "$tty" 115200
is 'after another program had it' 'line 115200 8 0 0 state 3 state 0 ' "$(asked)"

kill $bridge
wait $bridge
is 'the end: what it says' '' "$(cat "$work/bridge.err")"
[ -L "$tty" ] && echo "FAIL the end: the link is still there; rerun: sh tests/host/$script" || echo 'PASS the end: the link has gone'
