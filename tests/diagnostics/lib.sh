# SPDX-License-Identifier: MIT
# Sourced by the tests of this folder, in the repository root: a second build with every option, an emulated camera, checks.
work=build/test/diagnostics
mkdir -p "$work"
omv=build/host/omv
export OMV_TOP="$PWD"
emulator=
options_build=build/test/options
elf=build/OPENMV4/bin/firmware.elf

# build_options: the firmware with all that this folder tests, beside the release build.
build_options() {
    ${MAKE:-make} --no-print-directory "-j$(nproc 2>/dev/null || echo 2)" TARGET=OPENMV4 BUILD_DIR="$PWD/$options_build" PROFILE_ENABLE=1 DEBUG_PRINTF=1 \
        STACK_PROTECTOR=1 FB_ALLOC_STATS=1 all > "$work/options.log" 2>&1 ||
        { echo "FAIL the build with every option: $(tail -n 3 "$work/options.log" | tr '\n' ' ') [rerun: tests/diagnostics/$script]"; exit 1; }
    elf=$options_build/OPENMV4/bin/firmware.elf
    flash_image "$options_build" "$work/options.img"
}

# flash_image BUILD FILE: the whole flash, erased, with that build's firmware: 2 MiB, application at 0x40000.
flash_image() {
    head -c 2097152 /dev/zero | tr '\0' '\377' > "$2"
    dd if="$1/OPENMV4/bin/firmware.bin" of="$2" bs=4096 seek=64 conv=notrunc status=none
}

# serial IMAGE [OPTION ...]: the emulator itself, its console written to $work/console.txt, what is written to descriptor 3 typed there.
serial() {
    image=$1
    shift
    rm -f "$work/keys"
    mkfifo "$work/keys"
    : > "$work/console.txt"
    build/emulator/qemu-system-arm -M openmv4,boot-add0=0x0804 -display none -nodefaults -no-user-config \
        -drive if=pflash,format=raw,file="$image" -serial stdio -icount shift=1,sleep=off "$@" < "$work/keys" > "$work/console.txt" 2> "$work/emulator.log" &
    emulator=$!
    exec 3> "$work/keys"
}

# prompts N: so many prompts have been printed.
prompts() {
    n=0
    until [ "$(tr -d '\r' < "$work/console.txt" | grep -c '^>>> ')" -ge "$1" ]; do
        n=$((n + 1))
        [ $n -lt 1200 ] || { echo "FAIL the console: expected $1 prompts, got '$(tail -c 300 "$work/console.txt" | tr '\r\n' ' |')' [rerun: tests/diagnostics/$script]"; return; }
        sleep 0.1
    done
}

# start NAME [OPTION ...]: an emulated camera without a terminal.
start() {
    name=$1-$$
    shift
    : > "$work/emulator.log"
    ./omv emu OPENMV4 --headless --fast --name "$name" "$@" > "$work/emulator.log" 2>&1 &
    emulator=$!
    n=0
    until grep -q ready "$work/emulator.log" || [ $n -gt 1200 ] || ! kill -0 $emulator 2>/dev/null; do n=$((n + 1)) && sleep 0.1; done
    grep -q ready "$work/emulator.log" && return
    echo "FAIL the emulated camera does not start: $(tail -n 2 "$work/emulator.log" | tr '\n' ' ') [rerun: tests/diagnostics/$script]"
    exit 1
}

stop() {
    [ -z "$emulator" ] || { kill "$emulator" 2>/dev/null; wait "$emulator" 2>/dev/null; }
    emulator=
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

symbol() { "${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}/gcc/bin/arm-none-eabi-nm" "$elf" | awk -v s="$1" '$3 == s { print "0x" $1; exit }'; }

# has NAME FILE PATTERN: a line of the file matches (grep -E).
has() {
    if grep -qE -- "$3" "$2"; then
        echo "PASS $1"
    else
        echo "FAIL $1: expected /$3/ in $2, got '$(head -c 400 "$2" | tr '\n' '|')' [rerun: tests/diagnostics/$script]"
    fi
}

# is NAME EXPECTED GOT
is() {
    if [ "$2" = "$3" ]; then
        echo "PASS $1"
    else
        echo "FAIL $1: expected '$2', got '$3' [rerun: tests/diagnostics/$script]"
    fi
}
