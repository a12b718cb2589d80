# SPDX-License-Identifier: MIT
# Sourced by the tests of the real bootloader.bin: the build's images, a flash file, checks.
cd "$(dirname "$0")/../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
bin=build/OPENMV4/bin
gen=build/OPENMV4/gen
work=$PWD/build/test/boot
mkdir -p "$work"
script=$(basename "$0")

pass() { echo "PASS $1"; }
fail() { printf 'FAIL %s: expected %s, got %s [rerun: tests/boot/%s]\n' "$1" "$2" "$3" "$script"; }
# is NAME EXPECTED GOT
is() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "'$2'" "'$3'"; fi; }
# between NAME LOW HIGH GOT: whole numbers
between() { if [ "$4" -ge "$2" ] 2>/dev/null && [ "$4" -le "$3" ]; then pass "$1 ($4)"; else fail "$1" "$2 to $3" "'$4'"; fi; }

# value NAME: a number that boardc derived.
value() { sed -n "s/^#define $1 \([0-9A-Fa-fx]*\)u\{0,1\}\( .*\)\{0,1\}\$/\1/p" $gen/board.h; }

# compose FLASH FIRMWARE: a flash file with the bootloader and, unless it is -, a firmware.
compose() {
    size=$(($(value FLASH_INTERNAL_SIZE)))
    tr '\0' '\377' < /dev/zero | head -c $size > "$1"
    dd if=$bin/bootloader.bin of="$1" conv=notrunc status=none
    [ "$2" = - ] || dd if="$2" of="$1" bs=4096 seek=$((($(value BOARD_APP_ADDRESS) - $(value FLASH_INTERNAL_BASE)) / 4096)) conv=notrunc status=none
}
