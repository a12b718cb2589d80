#!/bin/sh
# SPDX-License-Identifier: MIT
# mkimage, the tables of every board that our bootloader runs on, the core's size, and that the fuzz target finds an unguarded alternate.
# Rerun: sh tests/unit/test_boot_tools.sh
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$top/build/test/boot_tools
gcc=${SDK_DIR:-$HOME/openmv-sdk-$(cat "$top/SDK_VERSION")}/gcc/bin/arm-none-eabi-gcc
rm -rf "$work" && mkdir -p "$work" && cd "$work" || exit 1
compile="${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wshadow -Werror -I$top -fsanitize=address,undefined -fno-sanitize-recover=all"
$compile -o mkimage "$top/tools/mkimage.c" "$top/boot/image.c" || exit 1
$compile -o boardc "$top"/tools/boardc/*.c || exit 1

failed=0
pass() { echo "PASS boot: $1"; }
fail() { failed=1; printf 'FAIL boot: %s, rerun: sh tests/unit/test_boot_tools.sh\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"; }
# same NAME EXPECTED GOT
same() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "$2" "$3"; fi; }
# CRC-32 of stdin by gzip (its trailer: CRC, length), as the header holds it
crc() { gzip -c | tail -c 8 | head -c 4 | od -An -tx1 | tr -d ' \n'; }
bytes() { dd if="$1" bs=1 skip="$2" count="$3" 2> /dev/null | od -An -tx1 | tr -d ' \n'; }

# --- every board with our bootloader: tables and marks compile, for the host and for its core
cat > marks.c <<'END'
#include "boot/board_table.c"
#include "boot/boot_mark.c"
END
for config in "$top"/boards/*/board_config.mk; do
    grep -q '^LOADER *= *openmv_dfu' "$config" || continue
    target=$(basename "$(dirname "$config")")
    mkdir -p "$target" && ./boardc --out "$target" --sdk sdk "$config" || { fail "$target" accepted refused; continue; }
    flags=$(sed -n 's/^BOARD_CFLAGS := //p' "$target/board.mk")
    # shellcheck disable=SC2086
    if $compile -I"$target" -c -o one.o marks.c && "$gcc" $flags -std=c11 -Os -Wall -Wextra -Werror -I"$top" -I"$target" -c -o one.o marks.c; then
        pass "$target: table of alternates, mark"
    else
        fail "$target: tables" compiles "does not"
    fi
done

# --- the core is small
for file in dfu image boot descriptors descriptors_windows; do
    "$gcc" -std=c11 -Os -mthumb -mcpu=cortex-m4 -Wall -Wextra -Werror -I"$top" -c -o core_$file.o "$top/boot/$file.c" || failed=1
done
text=$("${gcc%gcc}size" core_*.o | awk 'NR > 1 { n += $1 + $2 } END { print n }')
if [ "$text" -le 6144 ]; then pass "the core is $text bytes of text"; else fail 'text of the core' '<= 6144' "$text"; fi

# --- mkimage: an image as the linker leaves it
cat > app.c <<'END'
#include "boot/image_mark.c"
__attribute__((section(".vectors"), used)) static const unsigned vectors[166] = {0x20020000, 0x08040401};
__attribute__((used)) static const char text[5001] = "text";
END
cat > app.ld <<'END'
MEMORY { FLASH (rx) : ORIGIN = 0x08040000, LENGTH = 1664K }
SECTIONS { .text : { KEEP(*(.vectors)) . = 0x300; KEEP(*(.image_header)) *(.text*) *(.rodata*) } > FLASH }
END
"$gcc" -std=c11 -mthumb -mcpu=cortex-m7 -nostdlib -Wl,-e,0x08040400 -Wl,--build-id=none -T app.ld -I"$top" -IOPENMV4 -o app.elf app.c || exit 1
"${gcc%gcc}objcopy" -O binary app.elf app.bin
got=$(./mkimage --check app.bin 2>&1); same 'an image that was not completed is none' "mkimage: app.bin: there is no image header: empty, or not an image of this firmware" "$got"
cp app.elf unsealed.elf && cp app.bin unsealed.bin
./mkimage --elf app.elf app.bin || failed=1
size=$(wc -c < app.bin)
same 'board in the header' "$(printf 'OPENMV4' | od -An -tx1 | tr -d ' \n')00" "$(bytes app.bin 776 8)"
same 'CRC of the image, by gzip' "$({ head -c 768 app.bin; tail -c +833 app.bin; } | crc)" "$(bytes app.bin 820 4)"
same 'CRC of the header, by gzip' "$(tail -c +769 app.bin | head -c 60 | crc)" "$(bytes app.bin 828 4)"
got=$(./mkimage --check app.bin | sed 's/, CRC.*//')
same 'mkimage --check' "app.bin: image for OPENMV4, version $(sed -n 's/.*OMV_VERSION "\(.*\)"/\1/p' "$top/modules/omv/version.h"), address 0x08040000, $size bytes" "$got"
"${gcc%gcc}objcopy" -O binary app.elf again.bin
cmp -s app.bin again.bin && pass 'the ELF file has the same header' || fail 'the ELF file' 'the same bytes' differs
cp app.bin twice.bin && ./mkimage --elf app.elf app.bin && cmp -s app.bin twice.bin && pass 'twice is once' || fail 'twice' 'the same bytes' differs
[ -z "$(ls ./*.new 2> /dev/null)" ] && pass 'nothing is left behind' || fail 'files' none "$(ls ./*.new)"

# --- mkimage refuses
cp app.bin cut.bin && truncate -s -1 cut.bin
got=$(./mkimage --check cut.bin 2>&1); same 'a truncated image' 'mkimage: cut.bin: the image is incomplete or damaged' "$got"
cp app.bin bad.bin && printf 'X' | dd of=bad.bin bs=1 seek=3000 conv=notrunc 2> /dev/null
got=$(./mkimage --check bad.bin 2>&1); same 'a damaged image' 'mkimage: bad.bin: the image is incomplete or damaged' "$got"
head -c 9000 /dev/urandom > noise.bin; : > empty.bin
got=$(./mkimage noise.bin 2>&1); same 'an image without a header' "mkimage: noise.bin: no image header at a multiple of 256 in its first 4096 bytes (boot/image_mark.c isn't linked into it)" "$got"
got=$(./mkimage empty.bin 2>&1); same 'an empty image' 'mkimage: empty.bin: empty' "$got"
got=$(./mkimage none.bin 2>&1); same 'no image' 'mkimage: none.bin: No such file or directory' "$got"
got=$(./mkimage --elf noise.bin app.bin 2>&1); same 'no ELF file' 'mkimage: noise.bin: not a little-endian 32-bit ELF file' "$got"
"$gcc" -std=c11 -mthumb -mcpu=cortex-m7 -nostdlib -Wl,-e,0 -Ttext=0x08000000 -I"$top" -IOPENMV4 -o other.elf app.c
cp unsealed.bin other.bin
got=$(./mkimage --elf other.elf other.bin 2>&1); same "another image's ELF file" "mkimage: other.elf: nothing is loaded where the image header lies: not the ELF file of this image?" "$got"
cmp -s other.bin unsealed.bin && pass 'and the image stays as it was' || fail 'the image' unchanged changed
for arguments in '' '--elf' '--wrap OPENMV4 noise.bin' '--wrap OPENMV4 --address 0x08040000 noise.bin' '-o x noise.bin' 'a b' '--check --elf a b' '--what a'; do
    # shellcheck disable=SC2086
    ./mkimage $arguments > /dev/null 2>&1
    same "mkimage '$arguments' is told how" 2 $?
done

# --- envelopes
./mkimage --wrap OPENMV4 --address 0x08040000 --version 4.5.6 -o wrapped.bin noise.bin || failed=1
same 'an envelope is one block' 13096 "$(wc -c < wrapped.bin)"
same 'CRC in the envelope, by gzip' "$(crc < noise.bin)" "$(bytes wrapped.bin 52 4)"
got=$(./mkimage --check wrapped.bin | sed 's/, CRC.*//'); same 'mkimage --check of an envelope' 'wrapped.bin: foreign image for OPENMV4, version 4.5.6, address 0x08040000, 9000 bytes' "$got"
got=$(./mkimage --wrap OPENMV4 --address 0x08040000 -o x app.bin 2>&1); same 'no envelope for ours' 'mkimage: app.bin: has a header of its own: it needs no envelope' "$got"
got=$(./mkimage --wrap OPENMV4 --address here -o x noise.bin 2>&1); same 'an address' 'mkimage: here: not an address' "$got"
got=$(./mkimage --wrap OPENMV4 --address 0 --version 1.2 -o x noise.bin 2>&1); same 'a version' 'mkimage: 1.2: not a version (such as 5.0.0)' "$got"

# --- the fuzz target finds what the guard of the alternates is for: in a copy of the core without it
sed 's/ || setup->value >= dfu->board->count) {/) {/' "$top/boot/dfu.c" > dfu_unguarded.c
same 'the guard is one condition' 1 "$(diff "$top/boot/dfu.c" dfu_unguarded.c | grep -c '^<')"
core="$top/tests/fuzz/fuzz_boot.c $top/tests/fuzz/standalone.c $top/boot/image.c $top/boot/boot.c"
# shellcheck disable=SC2086
$compile -o guarded "$top/boot/dfu.c" $core && $compile -o unguarded dfu_unguarded.c $core || exit 1
if ./guarded "$top/tests/fuzz/corpus/boot" > guarded.log 2>&1; then
    pass 'with it the same inputs find nothing'
else
    fail 'the fuzz target with the guard' 'no fault' "$(tail -n 1 guarded.log)"
fi
if ./unguarded "$top/tests/fuzz/corpus/boot" > unguarded.log 2>&1; then
    fail 'the fuzz target without the guard of the alternates' 'a fault' 'none found'
else
    pass "without the guard of the alternates the fuzz target finds: $(grep -m 1 -oE 'runtime error: .*|AddressSanitizer: [a-z-]*|.*outside of.*' unguarded.log)"
fi
[ $failed -eq 0 ]
