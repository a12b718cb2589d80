#!/bin/sh
# SPDX-License-Identifier: MIT
# The real firmware.bin on the emulated camera: each script of this folder, the examples, and detections against a reference.
# Usage: run.sh [SCRIPT ...]; FUZZ='first, count' run.sh fuzz: these episodes of random calls, one alone with each call shown
set -u
cd "$(dirname "$0")/../.." || exit 1
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
work=build/test/firmware
scene=$sdk/share/scenes/flower.jpg
mkdir -p "$work"

scripts=${*:-machine wire files image_basics image_filters image_compose image_files imageio films api image_shapes image_match image_array hostile fuzz camera usb protocol faults}
for script in $scripts; do
    echo "# $script"
    if [ -f "tests/firmware/test_$script.py" ]; then # a host's side, not a script of the camera
        PYTHONDONTWRITEBYTECODE=1 "$sdk/bin/python3" "tests/firmware/test_$script.py" 2>&1 || [ $? -eq 1 ] ||
            echo "FAIL test_$script.py: ended with an error [rerun: tests/firmware/run.sh $script]"
        continue
    fi
    { cat tests/firmware/check.py && echo "FUZZ = (${FUZZ:-})" && echo "RERUN = 'tests/firmware/run.sh $script'" && cat "tests/firmware/$script.py"; } > "$work/$script.py"
    ./omv run --emu OPENMV4 --fast --scene "$scene" --timeout 600 "$work/$script.py" 2>&1
    status=$?
    [ $status -eq 0 ] || echo "FAIL $script.py: ended with status $status after what is above [rerun: tests/firmware/run.sh $script]"
done
[ $# -eq 0 ] || exit 0

for example in examples/*.py; do
    name=$(basename "$example" .py)
    rm -rf "$work/$name" && mkdir -p "$work/$name"
    if ./omv run --emu OPENMV4 --fast --scene "$scene" --timeout 600 --save "$work/$name" "$example" > "$work/$name.txt" 2>&1; then
        echo "PASS examples/$name.py"
    else
        echo "FAIL examples/$name.py: status $?: $(tail -n 3 "$work/$name.txt" | tr '\n' ' ') [rerun: ./omv run --emu OPENMV4 --fast --scene $scene $example]"
    fi
done

tests/firmware/power.sh
tests/firmware/mpremote.sh

# The same blobs as an independent implementation, on the camera's own frame of the photograph.
python=$sdk/peers/bin/python3
if [ ! -x "$python" ]; then
    echo "SKIP blobs against scipy: numpy and scipy are in the optional component, 'make sdk-peers'"
    exit 0
fi
name=reference$$
./omv emu OPENMV4 --headless --fast --fresh --name $name --scene "$scene" > "$work/emulator.log" 2>&1 &
emulator=$!
trap 'kill $emulator 2>/dev/null; wait' EXIT
n=0
until grep -q ready "$work/emulator.log" || [ $n -gt 900 ]; do n=$((n + 1)) && sleep 0.1; done
"$python" tests/firmware/blob_reference.py ./omv $name "${XDG_RUNTIME_DIR:-/tmp/openmv-$(id -u)}/$name.qmp" "$work" ||
    echo "FAIL blobs against scipy: the reference ended with status $? [rerun: tests/firmware/run.sh]"
