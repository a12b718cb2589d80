#!/bin/sh
# SPDX-License-Identifier: MIT
# Executed instructions on the emulated Cortex-M7: calls from a script on the camera (bench/camera.py) and bare C functions (bench/core).
# Prints a table beside the reference, writes build/bench/bench.json, and fails when a figure has grown by more than 1 % over bench/accepted.txt.
# Usage: run.sh [--accept]
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
make="${MAKE:-make} --no-print-directory -j$(nproc 2>/dev/null || echo 2)"
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
export SDK_DIR="$sdk"
out=build/bench
mkdir -p "$out"
fail() {
    echo "bench: $*" >&2
    exit 1
}

$make sdk && $make sdk-peers || exit 1
$make TARGET=OPENMV4 all emulator host bench-tools > "$out/build.log" 2>&1 || { tail -n 20 "$out/build.log"; fail "the build failed: $out/build.log"; }

# ---- Flash with the firmware, and behind it the script and the pictures ----
base=134217728 app=262144 data=1310720 next=1310720 # 0x08000000; offsets of the application and of the first whole block behind it
[ "$(wc -c < build/OPENMV4/bin/firmware.bin)" -lt $((data - app)) ] || fail 'firmware.bin reaches into the block where the pictures go'
head -c 2097152 /dev/zero | tr '\0' '\377' > "$out/flash.img"
put() { # FILE: at the next multiple of 32
    dd if="$1" of="$out/flash.img" bs=32 seek=$((next / 32)) conv=notrunc status=none || fail "$1 does not fit in flash"
    next=$(((next + $(wc -c < "$1") + 31) / 32 * 32))
}
dd if=build/OPENMV4/bin/firmware.bin of="$out/flash.img" bs=4096 seek=$((app / 4096)) conv=notrunc status=none
echo 'NS_PER_INSTRUCTION = 2' > "$out/camera.py"
printf 'PICTURES = {' >> "$out/camera.py"
for name in moto coffee; do
    file=$sdk/peers/pictures/coffee.png
    [ $name = coffee ] || file=$sdk/peers/pictures/motorcycle_left.png
    build/bench/pictures "$file" 320 240 "$out/${name}_q" || exit 1
    for format in rgb565 gray; do
        printf '"%s": %d, ' "${name}_q.$format" $((base + next)) >> "$out/camera.py"
        put "$out/${name}_q.$format"
    done
done
echo '}' >> "$out/camera.py"
cat bench/camera.py >> "$out/camera.py"
script=$((base + next))
put "$out/camera.py"

# ---- The camera's main.py runs it: no host takes part in a counted run, so that two of them are equal to the instruction ----
emulate() { # IMAGE
    exec timeout 400 build/emulator/qemu-system-arm -M openmv4,boot-add0=0x0804 -display none -nodefaults -no-user-config -icount shift=1,sleep=off \
        -drive if=pflash,format=raw,file="$1" -chardev stdio,id=usart3,signal=off 2> "$out/emulator.log"
}
await() { # PATTERN TENTHS: until the console shows it
    n=0
    until grep -qE "$1" "$out/console.txt"; do
        n=$((n + 1)) && [ $n -lt "$2" ] || return 1
        sleep 0.1
    done
}
stop() {
    kill "$qemu" 2>/dev/null
    wait "$qemu" 2>/dev/null
}
: > "$out/console.txt"
mkfifo "$out/keys" 2>/dev/null
emulate "$out/flash.img" < "$out/keys" > "$out/console.txt" &
qemu=$!
exec 3> "$out/keys"
await '>>> ' 300 || fail "the camera did not start: $out/console.txt"
printf 'f=open("/flash/main.py","w");f.write("import uctypes;exec(bytes(uctypes.bytearray_at(%d,%d)))");f.close();print("STO" "RED")\r' \
    "$script" "$(wc -c < "$out/camera.py")" >&3
await STORED 100 || fail "the script could not be stored: $out/console.txt"
exec 3>&-
stop

camera() { # OUTPUT
    cp "$out/flash.img" "$out/run.img"
    : > "$out/console.txt"
    emulate "$out/run.img" < /dev/null > "$out/console.txt" &
    qemu=$!
    await 'BENCH END|Traceback' 3000
    stop
    tr -d '\r' < "$out/console.txt" | sed -n '/^BENCH BEGIN/,/^BENCH END/p' | grep '|' > "$1"
    [ -s "$1" ] || { tail -n 15 "$out/console.txt"; fail "no figures came from the camera: $out/console.txt, $out/emulator.log"; }
}
camera "$out/camera.txt"
camera "$out/camera.again"
cmp -s "$out/camera.txt" "$out/camera.again" || { diff "$out/camera.txt" "$out/camera.again"; fail 'two runs counted differently'; }

# ---- Bare C functions: op|picture|instructions|pixels|scratch|checksum; every core must come to the same pixels ----
for core in m7 m4 m55 m0; do
    sh bench/core/run.sh $core > "$out/core-$core.txt" || { tail -n 20 "$out/core-$core.txt"; fail "bench/core failed on $core"; }
done
awk -F'|' -f bench/cores.awk bench/reference.txt "$out/core-m7.txt" "$out/core-m4.txt" "$out/core-m55.txt" "$out/core-m0.txt" > "$out/cores.txt" || {
    grep DIFFERENT "$out/cores.txt"
    fail 'the cores do not agree'
}

# ---- USB: operation|what|count|least possible ----
PYTHONDONTWRITEBYTECODE=1 "$sdk/bin/python3" bench/usb.py "$out" > "$out/usb.log" || { tail -n 20 "$out/usb.log"; fail 'bench/usb.py failed'; }

# ---- The table ----
awk -F'|' -f bench/report.awk -v accept="${1:-}" -v json="$out/bench.json" -v accepted=bench/accepted.txt -v new="$out/accepted.txt" \
    bench/reference.txt "$out/camera.txt" "$out/core-m7.txt" "$out/usb.txt" || exit 1
cat "$out/cores.txt"
"$sdk/gcc/bin/arm-none-eabi-size" build/OPENMV4/obj/vision/*.o > "$out/text.txt" && awk -f bench/text.awk bench/reference.txt "$out/text.txt" || fail "the text of vision/ is larger than the reference's"
grep -v '|' "$out/usb.log"
if [ "${1:-}" = --accept ]; then
    cp "$out/accepted.txt" bench/accepted.txt && echo 'Acknowledged in bench/accepted.txt: commit it together with the change.'
fi
