#!/bin/sh
# SPDX-License-Identifier: MIT
# `make demo`: from a clean machine to an emulated camera that finds coloured things in a photograph. Says what it does, and how long it took.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
make=${MAKE:-make}
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
scene=${SCENE:-$sdk/share/scenes/flower.jpg}
out=build/demo
jobs=-j$(nproc 2>/dev/null || echo 2)
emulator=

start=$(date +%s)
step() { printf '\n[%3ds] %s\n' $(($(date +%s) - start)) "$*"; }
fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}
finish() {
    [ -z "$emulator" ] || kill "$emulator" 2>/dev/null
    wait 2>/dev/null
}
trap finish EXIT
trap 'exit 130' INT TERM

step '1/5  The SDK: compiler, emulator core, libraries'
$make --no-print-directory sdk || fail "The SDK could not be installed; the reason is above. 'make sdk' goes on where it stopped."

mkdir -p build
step '2/5  Firmware of the OpenMV Cam H7, the emulated camera, the host program omv'
$make --no-print-directory "$jobs" TARGET=OPENMV4 all emulator host > build/demo.log 2>&1 || {
    tail -n 30 build/demo.log
    fail "The build failed: build/demo.log has it all."
}
ls -l build/OPENMV4/bin/firmware.bin | awk '{ print "        build/OPENMV4/bin/firmware.bin, " $5 " bytes" }'

step "3/5  Power on; the camera looks at $(basename "$scene")"
rm -rf "$out" && mkdir -p "$out"
./omv emu OPENMV4 --headless --name demo --fresh --scene "$scene" > "$out/emulator.log" 2>&1 &
emulator=$!
n=0
until grep -q ready "$out/emulator.log"; do
    kill -0 $emulator 2>/dev/null || { cat "$out/emulator.log"; emulator=; fail 'The emulated camera did not start.'; }
    n=$((n + 1))
    [ $n -lt 300 ] || fail "The emulated camera is not ready after 30 s: $out/emulator.log"
    sleep 0.1
done

step '4/5  examples/find_blobs.py'
./omv run --name demo --save "$out" examples/find_blobs.py > "$out/find_blobs.txt" 2>&1 || { cat "$out/find_blobs.txt"; fail 'The script failed.'; }
grep -E '^blob |frames,' "$out/find_blobs.txt" | sed 's/^/        /'
printf '        %s\n' \
    "$(ls "$out"/frame-*.png 2>/dev/null | wc -l) frames, with the detections drawn, in $out/frame-*.png"

step '5/5  examples/snapshot.py'
mkdir -p "$out/snapshot"
./omv run --name demo --save "$out/snapshot" examples/snapshot.py > "$out/snapshot.txt" 2>&1 || { cat "$out/snapshot.txt"; fail 'The script failed.'; }
grep -vE '^(frame|[0-9]+ frame)' "$out/snapshot.txt" | sed 's/^/        /'
[ -f "$out/snapshot/frame-0001.png" ] && mv "$out/snapshot/frame-0001.png" "$out/snapshot.png" && rmdir "$out/snapshot" 2>/dev/null
printf '        %s\n' "$out/snapshot.png"

step 'Done. Next: ./omv emu OPENMV4 --scene YOUR.jpg   gives you its REPL; examples/ has the scripts.'
ls "$out"/frame-*.png > /dev/null 2>&1 && [ -f "$out/snapshot.png" ] || fail "Frames are missing in $out."
