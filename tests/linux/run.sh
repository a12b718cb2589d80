#!/bin/sh
# SPDX-License-Identifier: MIT
# A Linux kernel as the emulated camera's USB host: a small Linux in an emulated PC attaches the camera by usbip over the network
# and checks it with the kernel's drivers and an unmodified dfu-util. init.sh is the guest's first program, checks.sh its checks.
# Without KVM: some 5 s to boot. Usage: run.sh [PART ...]     parts: enumerate serial storage dfu unplug
set -u
cd "$(dirname "$0")/../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
linux=$sdk/linux
work=build/test/linux
name=linux-$$
if [ ! -f "$linux/vmlinuz" ]; then
    echo "SKIP a Linux kernel as USB host: the guest is in an optional component, 'make sdk-peers'"
    exit 0
fi
rm -rf "$work" && mkdir -p "$work"

# ---- The guest's initial RAM disk ------------------------------------------------------------------------------------
root=$work/root
kernel=$(basename "$linux"/lib/modules/*)
mkdir -p "$root/bin" "$root/lib64" "$root/lib" "$root/proc" "$root/sys" "$root/dev"
cp "$linux/usr/bin/busybox" "$linux/usr/sbin/usbip" "$sdk/host/usr/bin/.elf/dfu-util" "$root/bin/"
cp "$sdk/host/usr/lib64/ld-linux-x86-64.so.2" "$root/lib64/"
for lib in libc.so.6 libudev.so.1 libcap.so.2 libusb-1.0.so.0 libatomic.so.1; do cp -L "$sdk/host/usr/lib/x86_64-linux-gnu/$lib" "$root/lib/"; done
modules=$root/lib/modules/$kernel
mkdir -p "$modules"
cp "$linux/lib/modules/$kernel"/modules.* "$modules/"
(cd "$linux/lib/modules/$kernel" && tar -cf - kernel) | tar -xf - -C "$modules"
"$linux/usr/bin/busybox" depmod -b "$PWD/$root" "$kernel"
cp tests/linux/init.sh "$root/init"
chmod 755 "$root/init"
cp tests/linux/lib.sh tests/linux/checks.sh tests/linux/check_*.sh build/OPENMV4/bin/firmware.bin build/OPENMV4/bin/romfs0.img "$root/"

XDG_RUNTIME_DIR=$(mktemp -d) # nobody else's programs take this camera for theirs
export XDG_RUNTIME_DIR OMV_TOP="$PWD"

# ---- The camera ----------------------------------------------------------------------------------------------------------
finish() {
    kill $guest $camera 2> /dev/null
    wait
    rm -rf "$work/keys" "build/emu/OPENMV4/$name.img" "$XDG_RUNTIME_DIR"
}
guest= camera= parts=
trap finish EXIT
trap 'exit 130' INT TERM HUP
./omv emu OPENMV4 --headless --fresh --json --name "$name" > "$work/camera.json" 2> "$work/camera.log" &
camera=$!
n=0
until grep -qs '"ready"' "$work/camera.json" || [ $n -gt 1200 ]; do n=$((n + 1)) && sleep 0.1; done
port=$(sed -n 's/.*"usbip_port": *\([0-9]*\).*/\1/p' "$work/camera.json")
if [ -z "$port" ]; then
    echo "FAIL the emulated camera: no usbip_port in $work/camera.json: $(tail -n 1 "$work/camera.log") [rerun: tests/run.sh linux]"
    exit 1
fi

# ---- The guest -------------------------------------------------------------------------------------------------------------
# Does what the guest asks for, and passes its results on.
answer() {
    case $1 in
    unplug) build/host/omv power -n "$name" unplug ;;
    plug) build/host/omv power -n "$name" plug ;;
    power-off) build/host/omv power -n "$name" off ;;
    power-on) build/host/omv power -n "$name" on ;;
    *) echo "unknown: $1" >&2 && false ;;
    esac > "$work/answer" 2>&1 && echo done >&3 || echo "FAIL the host's part, $1: $(tail -n 1 "$work/answer") [rerun: tests/run.sh linux]"
}

# boot PART...: the checks of these parts; status 1 when the guest's kernel lost a request of its own.
boot() {
    printf 'HOST=10.0.2.2 PORT=%s PARTS="%s"\n' "$port" "$*" > "$root/settings.sh"
    (cd "$root" && find . | "$linux/usr/bin/busybox" cpio -o -H newc 2> /dev/null) | gzip -1 > "$work/initrd.gz"
    log=$work/guest-$1.log
    : > "$log"
    rm -f "$work/keys" && mkfifo "$work/keys"
    timeout 1500 "$linux/bin/qemu-system-x86_64" -M pc -accel tcg -m 256 -nodefaults -no-user-config -no-reboot -display none -serial stdio \
        -netdev user,id=net -device e1000,netdev=net,romfile= -kernel "$linux/vmlinuz" -initrd "$work/initrd.gz" \
        -append 'console=ttyS0 loglevel=2 panic=-1' < "$work/keys" >> "$log" 2> "$work/qemu.log" &
    guest=$!
    exec 3> "$work/keys"
    seen=0 lost=
    while :; do
        alive=1
        kill -0 $guest 2> /dev/null || alive=0
        total=$(wc -l < "$log")
        if [ "$total" -gt $seen ]; then
            sed -n "$((seen + 1)),${total}p" "$log" | tr -d '\r' > "$work/lines"
            seen=$total
            while read -r line; do
                case $line in
                'PASS '* | 'FAIL '*) echo "$line" ;;
                '@ask '*) answer "${line#@ask }" ;;
                @lost) lost=1 && kill $guest ;;
                esac
            done < "$work/lines"
        elif [ $alive = 0 ]; then
            break
        else
            sleep 0.1
        fi
    done
    wait $guest
    guest=
    [ -z "$lost" ] || return 1
    grep -q '^@end' "$log" || echo "FAIL the guest: it ended early, or took more than 1500 s: $(tail -n 3 "$log" | tr '\r\n' '  ') [rerun: tests/run.sh linux; log: $log]"
}

unplug=
for part in ${*:-enumerate serial storage dfu unplug}; do
    if [ "$part" = unplug ]; then unplug=1; else parts="$parts $part"; fi
done
# shellcheck disable=SC2086
[ -z "$parts" ] || boot $parts || echo "FAIL the guest: its kernel waits for a request that its vhci_hcd has lost [rerun: tests/run.sh linux; log: $log]"
# When a connection ends while usb-storage resets the device, the vhci_hcd of this kernel (6.1) can lose a request, and usb_disconnect waits for it
# for ever: once in some dozen times, with the camera long gone. Then the part is begun anew.
tries=0
until [ -z "$unplug" ] || boot unplug; do
    tries=$((tries + 1))
    echo "# the guest's kernel waits for a request that its vhci_hcd has lost: try $tries"
    if [ $tries = 6 ]; then echo "FAIL the guest: so it was in 6 tries [rerun: tests/run.sh linux; log: $log]" && break; fi
    build/host/omv power -n "$name" on > /dev/null 2>&1; build/host/omv power -n "$name" plug > /dev/null
done
