# SPDX-License-Identifier: MIT
# What the guest's checks are written with: results, waiting, the host's help, the USB device, its serial port. Sourced by checks.sh.

pass() { echo "PASS $1" | tee -a /tmp/results; }
fail() { echo "FAIL $1: $(echo "$2" | tr '\r\n' '  ') [rerun: tests/run.sh linux; log: build/test/linux/guest-*.log]" | tee -a /tmp/results; }

# is NAME EXPECTED GOT
is() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "expected '$2', got '$3'"; fi; }

# until_true SECONDS COMMAND...: tries it until it succeeds; status 1 when the time is over: so many seconds on a machine that is idle, five
# times as many on any other.
until_true() {
    local end=$(($(cut -d. -f1 /proc/uptime) + 5 * $1))
    shift
    until "$@"; do
        [ "$(cut -d. -f1 /proc/uptime)" -lt $end ] || return 1
        sleep 0.1
    done
}

# ask WHAT: the host does something to the camera (run.sh has the list); its answer is in $answer.
ask() {
    echo "@ask $*"
    read -r answer
}

# ---- The device -----------------------------------------------------------------------------------------------------
usbip_camera() { usbip --tcp-port "$PORT" "$@"; }

# device PRODUCT: $device is the sysfs folder of 37c5:PRODUCT, if it is there and configured.
device() {
    for device in /sys/bus/usb/devices/*-[1-9]; do
        [ "$(cat "$device/idVendor" 2> /dev/null):$(cat "$device/idProduct" 2> /dev/null)" = "37c5:$1" ] &&
            [ "$(cat "$device/bConfigurationValue")" = 1 ] && return
    done
    return 1
}
attribute() { cat "$device/$1" 2>&1; }
attached() { device "$1" || { usbip_camera attach -r "$HOST" -b 1-1 > /tmp/attach 2>&1 && until_true 3 device "$1"; }; }

# attach PRODUCT SECONDS: the camera is attached as this one; a bootloader that only passes by is attached, goes, and is waited out.
attach() { until_true "$2" attached "$1"; }
gone() { ! device "$1"; }
detach() {
    for port in $(usbip port 2> /dev/null | sed -n 's/^Port \([0-9]*\):.*/\1/p'); do usbip detach -p "$port" > /dev/null 2>&1; done
}

# drivers: what is bound to the device's interfaces, in their order.
drivers() {
    for interface in "$device"/*:1.*; do
        driver=$(readlink "$interface/driver") && echo "${driver##*/}" || echo none
    done | tr '\n' ' '
}

# disk_ready: $disk is the device's, and it can be read.
disk_ready() {
    disk=/dev/$(ls -d "$device"/*:1.*/host*/target*/*/block/* 2> /dev/null | sed 's|.*/||') && [ -b "$disk" ] && dd if="$disk" of=/dev/null bs=512 count=1 2> /dev/null
}

# ---- The serial port: a shell of the camera ----------------------------------------------------------------------------
OUT=/tmp/tty
# serial_port: $tty is the device's. Another number than 0 means that a program still has the one that was unplugged.
serial_port() { tty=/dev/$(ls "$device"/*:1.0/tty 2> /dev/null) && [ -c "$tty" ]; }

# tty_open: everything that comes is in $OUT; tty_close ends it.
tty_open() {
    : > $OUT
    until_true 10 serial_port && stty -F "$tty" 115200 raw -echo -hupcl && exec 4<> "$tty" || return
    cat <&4 >> $OUT &
    reader=$!
}
tty_close() {
    kill $reader 2> /dev/null
    exec 4>&-
    wait $reader 2> /dev/null
}
# shows PATTERN: it has come, since the last type.
shows() { tail -c +"$mark" $OUT | grep -qE "$1"; }
# type_in TEXT: sends it; later calls of shows look at what comes from now on.
type_in() {
    mark=$(($(wc -c < $OUT) + 1))
    printf "$1" >&4
}
# prompt: the camera is at its prompt, whatever ran.
prompt() {
    for _ in 1 2 3 4 5; do
        type_in '\003\r'
        until_true 3 shows '>>> $' && return
    done
    return 1
}
# python LINE PATTERN SECONDS: types the line, waits for the pattern in what follows the echo.
python() {
    type_in "$1\\r"
    until_true "$3" shows "$2"
}
