#!/bin/sh
# SPDX-License-Identifier: MIT
# The build front end as a user meets it: messages, options, what is rebuilt and what is not, reproducibility.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=build/test/build.work
rm -rf "$work" && mkdir -p "$work" || exit 1
make=${MAKE:-make}
jobs=-j$(nproc 2>/dev/null || echo 2)

# says NAME PATTERN COMMAND...: the command fails, and says this
says() {
    name=$1 pattern=$2
    shift 2
    "$@" > "$work/out" 2>&1
    status=$?
    if [ $status -ne 0 ] && grep -qF -- "$pattern" "$work/out"; then
        echo "PASS $name"
    else
        echo "FAIL $name: expected a failure saying \"$pattern\", got status $status and: $(head -c 300 "$work/out" | tr '\n' ' ') [rerun: $*]"
    fi
}

# holds NAME CONDITION...: a command that succeeds
holds() {
    name=$1
    shift
    if "$@" > "$work/out" 2>&1; then
        echo "PASS $name"
    else
        echo "FAIL $name: $* ended with $?: $(tail -c 300 "$work/out" | tr '\n' ' ') [rerun: tests/run.sh build]"
    fi
}

says 'no TARGET' 'Invalid or no TARGET specified' $make
says 'no TARGET lists the targets' 'ARDUINO_NANO_33_BLE_SENSE' $make
says 'unknown TARGET' 'Invalid or no TARGET specified' $make TARGET=OPENMV5
says 'a TARGET that climbs out of boards/' 'Invalid or no TARGET specified' $make TARGET=../boards/OPENMV4
says 'clean needs a TARGET' 'Invalid or no TARGET specified' $make clean
says 'no SDK' "OpenMV SDK not found. Run 'make sdk' to install it." $make TARGET=OPENMV4 SDK_DIR="$PWD/$work/nowhere"
mkdir -p "$work/old" && echo 1.6.0 > "$work/old/sdk.version"
says 'another SDK' "this source needs" $make TARGET=OPENMV4 SDK_DIR="$PWD/$work/old"
for flag in DEBUG V DEBUG_PRINTF PROFILE_ENABLE PROFILE_IRQ STACK_PROTECTOR FB_ALLOC_STATS; do
    says "$flag=2" "$flag must be 0 or 1, not '2'" $make TARGET=OPENMV4 $flag=2
done
says 'PROFILE_HASH=100' 'PROFILE_HASH must be a power of two' $make TARGET=OPENMV4 PROFILE_HASH=100
says 'DEBUGGER=GDB' 'DEBUGGER must be JLINK' $make TARGET=OPENMV4 DEBUGGER=GDB
for target in $(ls boards); do
    [ -f "boards/$target/board_config.mk" ] || continue
    grep -Eq '^READY *= *yes' "boards/$target/board_config.mk" && continue
    says "$target has no port yet" "there is no port" $make TARGET=$target
done
mkdir -p "$work/path"
printf '#!/bin/sh\necho used >> "%s/used"\necho 12.2.1\n' "$PWD/$work" > "$work/path/arm-none-eabi-gcc"
chmod +x "$work/path/arm-none-eabi-gcc"
says 'an older compiler ahead on PATH, Cortex-M55' 'Upgrade to GCC 14.3+ for proper CM55 support' \
    env PATH="$PWD/$work/path:$PATH" $make TARGET=OPENMV_N6
holds 'help' sh -c "$make help | grep -q 'make sdk '"
holds 'size' sh -c "$make TARGET=OPENMV4 size | grep -q text"

# What a change rebuilds. Counted in compiled files, never in seconds.
compiled() { "$@" 2>&1 | grep -cE '^ +(CC|AS|LINK|MPY|HOSTCC|GEN) '; }
holds 'a second make does nothing' [ "$(compiled $make $jobs TARGET=OPENMV4)" -eq 0 ]
touch vision/draw.c
holds 'one touched file: one compilation and one link' [ "$(compiled $make $jobs TARGET=OPENMV4)" -eq 2 ]
rm -f "$work/used"
touch vision/draw.c
PATH="$PWD/$work/path:$PATH" $make $jobs TARGET=OPENMV4 > "$work/out" 2>&1
holds 'another compiler on PATH is never used' [ ! -s "$work/used" ]

# The same bytes from two folders, and no file of the source tree touched.
copy=$work/elsewhere/with-a-longer-name
mkdir -p "$copy"
git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$copy"
holds 'a copy of the tree builds' $make -C "$copy" $jobs TARGET=OPENMV4 all
for file in firmware.bin firmware.elf firmware.dfu romfs0.img; do
    holds "$file: the same bytes from two folders" cmp "build/OPENMV4/bin/$file" "$copy/build/OPENMV4/bin/$file"
done
holds 'every option at once builds' $make -C "$copy" $jobs TARGET=OPENMV4 DEBUG=1 DEBUG_PRINTF=1 PROFILE_ENABLE=1 PROFILE_HASH=64 PROFILE_IRQ=1 \
    STACK_PROTECTOR=1 FB_ALLOC_STATS=1 all
holds 'clean leaves the other folders' sh -c "$make -C $copy TARGET=OPENMV4 clean && [ ! -e $copy/build/OPENMV4 ] && [ -e $copy/build ]"
holds 'mpy-cross by itself' sh -c "$make -C lib/micropython/mpy-cross $jobs && [ -x lib/micropython/mpy-cross/build/mpy-cross ]"
rm -rf "$copy"
