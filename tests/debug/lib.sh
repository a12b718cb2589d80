# SPDX-License-Identifier: MIT
# Sourced by the tests of debugging: what tests/host/lib.sh has, a firmware of DEBUG=1, and checks of what gdb says.
# shellcheck source=tests/host/lib.sh
. "$(dirname "$0")/../host/lib.sh"
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat "$top/SDK_VERSION")}
export OMV_BUILD="$top/build/test/debug" HOME="$work"    # nobody's .gdbinit
export SDK_DIR="$sdk"
elf=$OMV_BUILD/OPENMV4/bin/firmware.elf
scene=$sdk/share/scenes/flower.jpg

# limited SECONDS COMMAND...: a machine that is busy gets its time, five times as much, but a test always ends.
limited() {
    seconds=$(($1 * 5))
    shift
    timeout -k 5 $seconds "$@"
}

# line_of FILE TEXT: number of the first line that has the text; a source that changed is told, not looked for by gdb for minutes.
line_of() { grep -nF -- "$2" "$top/$1" | head -n 1 | cut -d: -f1 | grep . || echo "FAIL $1 has no line with: $2; rerun: sh tests/$suite/$script" >&2; }

# matches NAME FILE REGEX: a line of the file matches.
matches() {
    if grep -qE -- "$3" "$work/$2"; then
        echo "PASS $1"
    else
        echo "FAIL $1: expected /$3/ in $2, got '$(tail -c 600 "$work/$2" | tr '\n' '|')'; rerun: sh tests/$suite/$script"
    fi
}

# start_emulator NAME [OPTIONS]: an emulated camera in the background, ready; its process is in $emulator.
start_emulator() {
    name=$1
    shift
    : > "$work/emulator.log"
    "$omv" emu OPENMV4 --headless --fresh --name "$name" "$@" > "$work/emulator.log" 2>&1 &
    emulator=$!
    pids="$pids $emulator"
    until_true ready_or_ended
    grep -q '^ready' "$work/emulator.log" || echo "FAIL emulator $name: not ready: $(tail -n 3 "$work/emulator.log"); rerun: sh tests/$suite/$script"
}

ready_or_ended() { grep -q '^ready' "$work/emulator.log" || ! kill -0 $emulator 2> /dev/null; }

# as_often FILE TEXT N: so many lines of the file have the text.
as_often() { [ -e "$work/$1" ] && [ "$(grep -c -- "$2" "$work/$1")" -ge "$3" ]; }
# nothing_runs: no camera has a file.
nothing_runs() { [ -z "$(ls "$work/run/openmv")" ]; }

stop_emulator() {
    kill "$emulator" 2> /dev/null
    wait "$emulator" 2> /dev/null
}
