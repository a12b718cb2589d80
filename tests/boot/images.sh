#!/bin/sh
# SPDX-License-Identifier: MIT
# The files of the build: size, mark, padding, what openmv.bin is made of, the containers for the chip's ROM loader; and that DEBUG=1 fits, too.
# Usage: tests/boot/images.sh
. "$(dirname "$0")/lib.sh"
bytes() { od -An -tx1 -v -j "$2" -N "$3" "$1" | tr -d ' \n'; }

between 'bootloader.bin is smaller than 32 KiB' 4128 32767 "$(wc -c < $bin/bootloader.bin)"
is "the mark is 4 KiB behind its beginning" ad1007b001000300 "$(bytes $bin/bootloader.bin 4096 8)"
is 'with zeros' "$(printf '%048d' 0)" "$(bytes $bin/bootloader.bin 4104 24)"
start=$("$sdk/gcc/bin/arm-none-eabi-nm" $bin/bootloader.elf | sed -n 's/^\([0-9a-f]*\) [tT] Reset_Handler$/\1/p')
is 'the reset vector' $((0x$start | 1)) $((0x$(od -An -tx4 -j 4 -N 4 $bin/bootloader.bin | tr -d ' ')))

pad=$(($(value BOARD_APP_ADDRESS) - $(value PART_BOOTLOADER_BASE)))
loader=$(wc -c < $bin/bootloader.bin)
{ cat $bin/bootloader.bin; tr '\0' '\377' < /dev/zero | head -c $((pad - loader)); cat $bin/firmware.bin; } > "$work/openmv.bin"
cmp -s "$work/openmv.bin" $bin/openmv.bin && pass 'openmv.bin: bootloader, padding of 0xFF, firmware' || fail openmv.bin 'bootloader, 0xFF, firmware' 'something else'
for image in bootloader openmv; do
    is "$image.dfu is for the chip's ROM loader" '0x0483 0xDF11' \
        "$("$sdk/bin/dfu-suffix" -c $bin/$image.dfu 2> /dev/null | awk '/^Vendor ID/ { v = $NF } /^Product ID/ { p = $NF } END { print v, p }')"
done

build=$work/debug
if make --no-print-directory TARGET=OPENMV4 DEBUG=1 BUILD="$build" "$build/OPENMV4/bin/bootloader.bin" > "$work/debug.log" 2>&1; then
    between 'with DEBUG=1, too' 4128 32767 "$(wc -c < "$build/OPENMV4/bin/bootloader.bin")"
else
    fail 'with DEBUG=1' 'it builds' "$(tail -n 1 "$work/debug.log")"
fi
