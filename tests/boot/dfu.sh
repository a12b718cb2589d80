#!/bin/sh
# SPDX-License-Identifier: MIT
# The specification's commands by an unmodified dfu-util against the emulated camera with the real bootloader.bin and firmware.bin: entering,
# flashing, reading back, erasing; what is refused, and what the camera does afterwards; power cuts and a pulled cable.
# Usage: tests/boot/dfu.sh
. "$(dirname "$0")/lib.sh"
name=boot$$
dfu_id=$(sed -n 's/^BOARD_USB_DFU := //p' $gen/board.mk)
out=$work/dfu
flash=build/emu/OPENMV4/$name.img
rm -rf "$work/runtime" && mkdir -p -m 700 "$work/runtime"
export XDG_RUNTIME_DIR="$work/runtime" OMV_TOP="$PWD"
omv=build/host/omv # ./omv asks Make first, which may build for minutes when somebody changes a source meanwhile
app_offset=$(($(value BOARD_APP_ADDRESS) - $(value FLASH_INTERNAL_BASE)))
disk_offset=$(($(value PART_FILESYSTEM_BASE) - $(value FLASH_INTERNAL_BASE)))

./omv emu OPENMV4 --headless --fast --fresh --name $name > "$out.emu" 2>&1 &
emulator=$!
trap 'kill $emulator 2> /dev/null; wait; rm -f "$flash"' EXIT
n=0
until grep -qs ready "$out.emu" || [ $n -gt 600 ]; do n=$((n + 1)) && sleep 0.1; done

# dfu ARGUMENT...: dfu-util; its messages in $out.txt without the progress, its status is the function's: 124 when it did not end in five minutes.
dfu() {
    timeout 300 $omv exec -- dfu-util -d ",$dfu_id" "$@" > "$out.raw" 2>&1
    status=$?
    tr '\r' '\n' < "$out.raw" | grep -v '^Download	\[\|^Upload	\[' > "$out.txt"
    [ $status -ne 124 ] || echo "# dfu-util $*: it did not end; it said $(tail -c 300 "$out.raw" | tr '\r\n' '||'); the camera: $($omv list 2>&1 | grep "$name")"
    return $status
}
# left STATUS: 0 when it is dfu-util's after --reset: 0, or LIBUSB_ERROR_NOT_FOUND as a byte when the camera has left before the reset, which
# it does at DETACH. Any other is as it is.
left() { [ "$1" -eq 251 ] && echo 0 || echo "$1"; }
# told: the bStatus with which dfu-util gave up
told() { sed -n 's/.*status(\([0-9]*\)).*/\1/p' "$out.txt" | tail -n 1; }
# mode WORD [TRIES]: waits until the camera is in it (app, DFU), a minute at most; prints it, or what it is in instead.
mode() {
    n=0
    until $omv list 2> /dev/null | grep -q " $1 .*$name" || [ $n -gt "${2:-300}" ]; do n=$((n + 1)) && sleep 0.2; done
    $omv list 2> /dev/null | grep "$name" | grep -o 'app\|DFU' || echo nothing
}
python() { printf '%s\n' "$@" > "$out.py" && $omv run --name $name --timeout 300 "$out.py" 2>&1; }
# sum OFFSET SIZE: of the flash
sum() { tail -c +$(($1 + 1)) "$flash" | head -c "$2" | cksum; }
firmware_sum() { sum $app_offset "$(wc -c < $bin/firmware.bin)"; }
good=$(cksum < $bin/firmware.bin)

# --- in
is 'the firmware starts' app "$(mode app)"
python 'import machine' 'open("/flash/mine.txt", "w").close()' 'import os' 'os.sync()' > /dev/null
python 'import machine' 'machine.bootloader()' > /dev/null
is 'machine.bootloader()' DFU "$(mode DFU)"
dfu -l
for alternate in $(sed -n 's/^    X(\([0-9]*\), "\([A-Z0-9]*\)".*/\1:\2/p' $gen/dfu_alternates.h); do
    line="Found DFU: [$(echo "$dfu_id" | tr A-F a-f)] ver=0103, .*cfg=1, intf=0, .*alt=${alternate%%:*}, name=\"${alternate#*:}\", serial=\"[0-9A-F]\{24\}\""
    is "dfu-util -l: alternate $alternate" 1 "$(grep -c "$(echo "$line" | sed 's/\[\([0-9a-f:]*\)\]/\\[\1\\]/')" "$out.txt")"
done

# --- flash, read back
dfu -w -a 2 -D $bin/firmware.bin
is 'firmware, by number: dfu-util' 0 $?
is 'it is in flash' "$good" "$(firmware_sum)"
rm -f "$out.img"
dfu -a FIRMWARE -U "$out.img"
is 'it is read back, by name' "$good" "$(head -c "$(wc -c < $bin/firmware.bin)" "$out.img" | cksum)"
is 'to the end of the partition' $(($(value PART_FIRMWARE_SIZE))) "$(wc -c < "$out.img")"

# A transfer has begun: the LED is slower. gdb looks at the running camera.
cat > "$out.gdb" <<END
set pagination off
set confirm off
file $bin/bootloader.elf
target remote $work/runtime/openmv/$name.gdb
set \$toggles = 0
break led
commands
silent
printf "led %d ", \$r1
monitor qom-get /machine time
set \$toggles = \$toggles + 1
if \$toggles > 10
  delete
  detach
  quit
end
continue
end
continue
END
timeout 300 "$sdk/gcc/bin/arm-none-eabi-gdb" -q -nx -batch -x "$out.gdb" > "$out.all" 2>&1
is 'after a transfer the LED toggles every 200 ms' 'ok 11' "$(awk '
    $1 == "led" { n++; gap = ($NF - t) / 1000; if (n > 1 && (gap < 198 || gap > 202 || $2 == on)) bad = bad " " gap; t = $NF; on = $2 }
    END { print bad == "" ? "ok " n : bad }' "$out.all")"

dfu -w -a 3 --reset -D $bin/romfs0.img
is 'ROM file system, and --reset' 0 "$(left $?)"
is 'the firmware starts again' app "$(mode app)"
python 'import os, omv' 'print("mine.txt" in os.listdir("/flash"), len(os.listdir("/rom")) > 0)' > "$out.said"
is 'files and ROM file system are there' 'True True' "$(cat "$out.said")"

# --- erase
$omv bootloader --name $name > "$out.said" 2>&1
is "omv bootloader (the protocol's SYS_BOOT)" DFU "$(mode DFU)"
head -c 4096 /dev/zero > "$work/erase.bin"
dfu -w -a 1 --reset -D "$work/erase.bin"
is 'erasing the file system: dfu-util' 0 "$(left $?)"
is 'and the firmware starts' app "$(mode app)"
python 'import os' 'print("mine.txt" in os.listdir("/flash"), "main.py" in os.listdir("/flash"))' > "$out.said"
is 'with a new file system' 'False True' "$(cat "$out.said")"

# --- refused before anything is erased
$omv bootloader --name $name > "$out.said" 2>&1
mode DFU > /dev/null
before=$(sum 0 $(($(value FLASH_INTERNAL_SIZE))))
refuse() {
    what=$1 number=$2
    shift 2
    if dfu "$@"; then fail "$what" 'dfu-util to fail' 'success'; fi
    is "$what: bStatus" "$number" "$(told)"
    is "$what: flash is as before" "$before" "$(sum 0 $(($(value FLASH_INTERNAL_SIZE))))"
}
head -c 200000 /dev/urandom > "$work/noise.bin"
build/host/mkimage --wrap OPENMV3 --address 0x08018000 -o "$work/other.bin" "$work/noise.bin" > /dev/null
head -c 1800000 /dev/urandom > "$work/huge.bin"
: > "$work/empty.bin"
refuse 'an image for another board' 1 -a 2 -D "$work/other.bin"
refuse 'no image' 2 -a 2 -D "$work/noise.bin"
refuse 'an ELF file' 2 -a 2 -D $bin/firmware.elf
refuse 'a bootloader as firmware' 2 -a 2 -D $bin/bootloader.bin
refuse 'a file larger than the partition' 2 -a 2 -D "$work/huge.bin"
refuse 'the bootloader itself, read-only' 3 -a 0 -D "$work/noise.bin"
dfu -a 2 -D "$work/empty.bin"
is 'an empty file: flash is as before' "$before" "$(sum 0 $(($(value FLASH_INTERNAL_SIZE))))"
dfu -a 9 -D $bin/firmware.bin && fail 'alternate 9' 'dfu-util to fail' success
is 'alternate 9: flash is as before' "$before" "$(sum 0 $(($(value FLASH_INTERNAL_SIZE))))"
dfu -l
is 'the camera still answers' 4 "$(grep -c '^Found DFU' "$out.txt")"

# --- refused at the end: the old firmware is gone, the camera stays in DFU, and the next download succeeds
size=$(wc -c < $bin/firmware.bin)
head -c $((size * 2 / 3)) $bin/firmware.bin > "$work/short.bin"
cp $bin/firmware.bin "$work/bad.bin"
printf 'XXXXXXXX' | dd of="$work/bad.bin" bs=1 seek=$((size / 2)) conv=notrunc status=none
{ cat $bin/firmware.bin; head -c $(($(value PART_FIRMWARE_SIZE) - size + 1)) /dev/zero; } > "$work/long.bin"
spoil() {
    dfu -a 2 -D "$2" # dfu-util only tells a bad end, by bStatus
    is "$1: bStatus" "$3" "$(told)"
    $omv power cut --name $name > /dev/null
    sleep 2
    is "$1: the camera stays in DFU, also after a power cut" DFU "$(mode DFU)"
    dfu -l
    is "$1: and answers" 4 "$(grep -c '^Found DFU' "$out.txt")"
}
spoil 'a truncated image' "$work/short.bin" 9
spoil 'a damaged image' "$work/bad.bin" 7
dfu -a 2 --reset -D $bin/firmware.bin
is 'the right image after these' 0 "$(left $?)"
is 'starts' app "$(mode app)"
$omv bootloader --name $name > "$out.said" 2>&1
mode DFU > /dev/null
spare=$((app_offset + $(value PART_FIRMWARE_SIZE) - $(value PART_FILESYSTEM_SIZE)))
before=$(sum $spare $(($(value PART_FILESYSTEM_SIZE))))
refuse_rest() {
    if dfu -a 2 -D "$work/long.bin"; then fail "$1" 'dfu-util to fail' 'success'; fi
    is "$1: bStatus" 8 "$(told)"
    is "$1: the end of the partition, which is the disk's, is as before" "$before" "$(sum $spare $(($(value PART_FILESYSTEM_SIZE))))"
    $omv power cut --name $name > /dev/null
    is "$1: the image itself is whole, and starts" app "$(mode app)"
}
refuse_rest 'a file that goes on behind its image'

# --- interrupted: by a power cut, by the cable
cut=0
for at in 1 50; do
    for how in cut unplug; do
        $omv bootloader --name $name > "$out.said" 2>&1
        is "$how at $at %: before it" DFU "$(mode DFU)"
        : > "$out.raw" # what the download before said
        timeout 300 $omv exec -- dfu-util -d ",$dfu_id" -a 2 -D $bin/firmware.bin > "$out.raw" 2>&1 &
        dfu_util=$!
        n=0
        until tr '\r' '\n' < "$out.raw" | awk -v at=$at '/^Download/ { sub(/.*\]/, ""); if ($1 + 0 >= at) found = 1 } END { exit !found }'; do
            n=$((n + 1))
            [ $n -gt 1000 ] && break
            sleep 0.03
        done
        $omv power $how --name $name > /dev/null
        wait $dfu_util
        [ $how = cut ] || $omv power plug --name $name > /dev/null
        if [ "$(firmware_sum)" = "$good" ]; then # a slow host: all of it had been written, whether dfu-util heard so or not
            is "$how at $at %: too late, it starts" app "$(mode app)"
            continue
        fi
        cut=$((cut + 1))
        is "$how at $at %: the camera is in DFU" DFU "$(mode DFU)"
        dfu -w -a 2 --reset -D $bin/firmware.bin
        is "$how at $at %: the second download succeeds" 0 "$(left $?)"
        is "$how at $at %: and is started" app "$(mode app)"
    done
done
[ $cut -gt 0 ] && pass "interrupted downloads: $cut" || fail 'interrupted downloads' 'at least 1' 0
# A word that a cut tore is read, and known by its ECC error: that one is meant.
is 'the emulator found no mistake of the bootloader' 0 "$(grep 'pc 0x0000[0-9a-f]\{4\})' "build/emu/OPENMV4/$name.log" | grep -vc DBECCERR)"
