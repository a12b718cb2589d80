#!/bin/sh
# SPDX-License-Identifier: MIT
# make watch: after every change of a source file, builds and starts the emulated camera with it; a script runs on it again and again.
# Usage: watch.sh TARGET [SCRIPT] [SCENE]     (make watch builds the first time)
target=$1 script=${2:-} scene=${3:-}
top=$(cd "$(dirname "$0")/.." && pwd) && cd "$top" || exit 1
work=${OMV_BUILD:-$top/build}/watch
name=watch-$$
emulator=
mkdir -p "$work" || exit 1

now() { date +%s%N | sed 's/......$//'; }
since() { awk "BEGIN { printf \"%.1f\", ($(now) - $1) / 1000 }"; }
stop() {
    [ -z "$emulator" ] || { kill "$emulator" 2> /dev/null && wait "$emulator" 2> /dev/null; }
    emulator=
}
trap stop EXIT
trap 'exit 0' INT TERM HUP

# Starts the camera, and tells when it answers; it keeps its files from one start to the next.
start() {
    build/host/omv emu "$target" --headless --fast --name "$name" ${scene:+--scene "$scene"} > "$work/emulator.log" 2>&1 &
    emulator=$!
    until grep -q '^ready' "$work/emulator.log"; do
        kill -0 "$emulator" 2> /dev/null || { cat "$work/emulator.log" >&2; return 1; }
        sleep 0.05
    done
}

touch "$work/built"
./omv emu --help > "$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; } # builds omv and the emulator
start || exit 1
echo "[the camera runs: omv run --name $name, omv debug $target --attach --name $name. Waiting for a change; Ctrl-C ends]"
while :; do
    runner=
    if [ -n "$script" ]; then
        build/host/omv run --name "$name" "$script" &
        runner=$!
    fi
    until changed=$(find boards chips modules ports protocol runtime sensors vision boot tools ${script:+"$script"} -newer "$work/built" -type f |
        head -n 1) && [ -n "$changed" ]; do
        sleep 0.2
    done
    begun=$(now)
    touch "$work/built"
    echo "[$changed has changed]"
    if ${MAKE:-make} --no-print-directory -j"$(nproc)" TARGET="$target" all > "$work/build.log" 2>&1; then
        built=$(since "$begun")
        [ -z "$runner" ] || { kill "$runner" 2> /dev/null && wait "$runner" 2> /dev/null; }
        stop
        start || exit 1
        echo "[built in $built s, runs again after $(since "$begun") s]"
    else
        grep -E 'error|Error' "$work/build.log" | head -n 20
        echo '[it does not build; the camera runs the version before]'
    fi
done
