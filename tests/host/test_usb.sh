#!/bin/sh
# SPDX-License-Identifier: MIT
# Our libusb, and omv exec, against a USB/IP device of the tests' own: unmodified dfu-util, what programs expect of the
# library, servers that lie. And what the library needs of the machine that loads it.
. "$(dirname "$0")/lib.sh"
make -s -C "$top" host host-tests > "$work/make.log" 2>&1 || { tail -n 5 "$work/make.log"; exit 1; }
tests=$top/build/test/host
library=$top/build/host/lib/libusb-1.0.so.0
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat "$top/SDK_VERSION")}

# ---- The library as a file ----
objdump -T "$library" > "$work/symbols"
newest=$(grep -oE 'GLIBC_[0-9.]+' "$work/symbols" | sort -uV | tail -n 1)
is 'no symbol newer than GLIBC_2.34 is needed' GLIBC_2.34 "$(printf '%s\nGLIBC_2.34\n' "$newest" | sort -V | tail -n 1)"
is 'nothing but the C library is needed' libc.so.6 "$(objdump -p "$library" | sed -n 's/ *NEEDED *//p')"
is 'its name is the real one' libusb-1.0.so.0 "$(objdump -p "$library" | sed -n 's/ *SONAME *//p')"
exported() { objdump -T "$1" | grep -v UND | grep -oE ' libusb_[a-z0-9_]+' | sort -u | cksum; }
is 'it exports what the real one does' "$(exported "$sdk/host/usr/lib/x86_64-linux-gnu/libusb-1.0.so.0")" "$(exported "$library")"

# ---- omv exec ----
export OMV_USBIP="$work/usb"
device() {
    mkfifo "$work/$1.in"
    "$tests/fake_usb" "$work/usb" "$1" "$work" < "$work/$1.in" > "$work/$1.log" 2>&1 &
    pid=$!
    pids="$pids $pid"
    exec 9> "$work/$1.in"
    until_true has "$1.log" listening
}
check 'exec without a command' 2 "$omv" exec
check 'exec of what is not there' 9 "$omv" exec -- no-such-program
check 'the exit status is the command'\''s' 42 "$omv" exec -- sh -c 'exit 42'
check 'options after the command are its own' 0 "$omv" exec test 1 -eq 1
(unset OMV_USBIP; "$omv" exec -- true 2> "$work/none")
says 'exec says that no camera runs' none 'no emulated camera is running'

device dfu
head -c 100000 /dev/urandom > "$work/image"
# Both builds of dfu-util: the SDK's has a loader and library path of its own.
for dfu in "$sdk/bin/dfu-util" $(command -v dfu-util); do
    check "dfu-util -l ($dfu)" 0 "$omv" exec -- "$dfu" -l
    is 'it lists the four alternates and the serial number' 4 "$(grep -c 'alt=.*serial="0123456789ABCDEF"' "$work/out")"
    rm -f "$work/alt2"
    check "dfu-util -D ($dfu)" 0 "$omv" exec -- "$dfu" -d ,37C5:9204 -a 2 -D "$work/image"
    is 'it arrived as it was' "$(cksum < "$work/image")" "$(cksum < "$work/alt2")"
    rm -f "$work/back"
    check "dfu-util -U ($dfu)" 0 "$omv" exec -- "$dfu" -d ,37C5:9204 -a 2 -U "$work/back"
    is 'and came back' "$(cksum < "$work/image")" "$(cksum < "$work/back")"
    check "dfu-util of another device ($dfu)" 74 "$omv" exec -- "$dfu" -d ,1234:5678 -a 0 -D "$work/image"
done
# The device leaves at --reset, and then libusb's answer to it is LIBUSB_ERROR_NOT_FOUND, which dfu-util takes for success, but
# makes its exit status: with a real kernel too.
check 'dfu-util is found without a path' 251 "$omv" exec -- dfu-util -d ,37C5:9204 -a 1 --reset -D "$work/image"
until_true has dfu.log application
says '--reset starts the application' dfu.log 'application 2'

# dfu-util -w waits for a camera that comes later.
"$omv" exec -- dfu-util -w -d ,37C5:9204 -a 0 -D "$work/image" > "$work/waiting" 2>&1 &
waiting=$!
sleep 0.5 # a machine that is busy may be later: then it finds the camera at once
echo dfu >&9
wait $waiting
is 'dfu-util -w waits' 0 $?
is 'and flashes' "$(cksum < "$work/image")" "$(cksum < "$work/alt0")"
kill $pid

# ---- The interface, twice: the library in a program of the SDK's, and our sources under the sanitizers ----
device app
"$omv" exec -- timeout 120 "$tests/usb_api" "$work/app.in" || echo "FAIL usb_api: status $?; rerun: sh tests/host/$script"
timeout 120 "$tests/usb_api_asan" "$work/app.in" > "$work/asan" 2>&1
is 'libusb under the sanitizers: what went wrong' '' "$(grep -v ^PASS "$work/asan" | head -n 5)"
