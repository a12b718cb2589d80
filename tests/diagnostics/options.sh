#!/bin/sh
# SPDX-License-Identifier: MIT
# The firmware with every option on the emulated camera: the profiler and its files, a smashed stack.
set -u
cd "$(dirname "$0")/../.." || exit 1
script=options.sh
. tests/diagnostics/lib.sh
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
build_options

# ---- omv profile ----
start profile --flash "$work/options.img" --scene "$sdk/share/scenes/flower.jpg"
cat > "$work/profile.py" <<'END'
import csi

def recurse(n):
    return n and recurse(n - 1) + 1

def fails(n):
    if n:
        fails(n - 1)
    raise ValueError

cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)
img = cam.snapshot(frames=2)
for i in range(4):
    img.find_blobs([(30, 100, 15, 127, 15, 127)])
    recurse(20)
    try:
        fails(5)
    except ValueError:
        pass
END
$omv profile -n "$name" --elf "$elf" --timeout 30000 --graph --svg "$work/flame.svg" --callgrind "$work/callgrind.out" "$work/profile.py" \
    > "$work/profile.txt" 2> "$work/profile.err"
is 'omv profile' 0 $?
has 'table: a function of the firmware with its line' "$work/profile.txt" '^ *[0-9.]+ .* [a-z_0-9]+ \(\./vision/[a-z_]+\.c:[0-9]+\)$'
has 'table: a call of find_blobs is counted as often as the script calls it' "$work/profile.txt" '^ .* 4 .* search_bitmap \('
has 'call graph' "$work/profile.txt" '-> [a-z_]+ +[0-9]+ calls'
has 'flame graph' "$work/flame.svg" '<title>search_bitmap: [0-9.]+ ms, [0-9.]+ %</title>'
is 'flame graph: well-formed' '' "$("$sdk/bin/python3" -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$work/flame.svg" 2>&1)"
$omv profile -n "$name" --elf "$elf" --timeout 30000 --json "$work/profile.py" > "$work/profile.json" 2> "$work/profile.err"
# What must hold whatever the figures are: no row's own ticks exceed its inclusive ones (but for recursion), and the callers of a function that is
# not recursive have at least its inclusive ticks.
is 'ticks: exclusive <= inclusive, and calls that took time have a longest one' '' "$("$sdk/bin/python3" - "$work/profile.json" <<'END'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1]) if line.startswith("{")]
calls = [r for r in rows if r["event"] == "call"]
total = [r for r in rows if r["event"] == "profile"]
if not total or len(calls) < 50:
    print("no table")
else:
    if total[0]["ticks"] != sum(c["exclusive"] for c in calls):
        print("the sum is wrong")
    for c in calls:
        if c["inclusive"] and c["exclusive"] > c["inclusive"]:
            print("%(caller)s > %(function)s: %(exclusive)d of %(inclusive)d" % c)
        if c["max"] and c["min"] > c["max"]:
            print("%(function)s: min %(min)d, max %(max)d" % c)
END
)"
is 'callgrind: total of the lines is the summary' '' "$(awk '
    /^summary:/ { want = $2 } /^calls=/ { skip = 1; next } /^[0-9]+ [0-9]+$/ { if (skip) skip = 0; else sum += $2 }
    END { if (!want || sprintf("%.0f", want) != sprintf("%.0f", sum)) print want, sum }' "$work/callgrind.out")"
if command -v callgrind_annotate > /dev/null; then
    callgrind_annotate --threshold=100 --tree=both "$work/callgrind.out" > "$work/annotate.txt" 2>&1
    has 'callgrind_annotate reads it' "$work/annotate.txt" '\(100\.0%\) +PROGRAM TOTALS'
    has 'callgrind_annotate: calls' "$work/annotate.txt" 'vision/blob\.c:search_bitmap \(4x\)'
else
    echo 'SKIP callgrind_annotate: valgrind is not installed'
fi
$omv profile -n "$name" --elf build/OPENMV4/bin/firmware.elf --seconds 0.5 > "$work/profile.txt" 2>&1
is "another build's ELF file is refused" 9 $?

# ---- FB_ALLOC_STATS: who asked in vain, and what frames need ----
cat > "$work/pools.py" <<'END'
import csi, image, umalloc
cam = csi.CSI()
cam.reset()
cam.pixformat(csi.RGB565)
cam.framesize(csi.QVGA)
for i in range(5):
    cam.snapshot().find_blobs([(30, 100, 15, 127, 15, 127)])
frames, last, most, pools = umalloc.frames()
print("FRAMES", frames >= 5, last > 0, most >= last, max(p[1] for p in pools) > 150000)
a = []
try:
    while True:
        a.append(image.Image(320, 240, image.RGB565))
except MemoryError:
    pass
for site, count, size, flags, largest in umalloc.failures():
    print("VAIN 0x%x %d %d %d" % (site, count, size, largest < size))
END
$omv run -n "$name" --timeout 3000 "$work/pools.py" > "$work/pools.txt" 2>&1
has 'FB_ALLOC_STATS: frames and their peaks' "$work/pools.txt" '^FRAMES True True True True'
has 'FB_ALLOC_STATS: the request in vain, and what was left' "$work/pools.txt" '^VAIN 0x8[0-9a-f]+ [1-9][0-9]* 153600 1'
is 'FB_ALLOC_STATS: its call site' py_image_memory "$("$sdk/gcc/bin/arm-none-eabi-addr2line" -f -e "$elf" "$(awk '$1 == "VAIN" && $4 == 153600 { print $2; exit }' "$work/pools.txt")" | head -n 1)"

# ---- DEBUG_PRINTF over RTT, read while the camera runs: by the emulator, then by the real OpenOCD through the debug port ----
# rtt_reader OPTIONS...: in the background; what comes is in rtt.txt.
rtt_reader()
{
    timeout --preserve-status -s INT 900 $omv debug OPENMV4 --rtt --name "$name" --elf "$elf" "$@" >> "$work/rtt.txt" 2> "$work/rtt.err" &
    rtt=$!
}
# rtt_says TEXT [N]: so many lines have it.
rtt_says()
{
    n=0
    until [ "$(grep -c "$1" "$work/rtt.txt")" -ge "${2:-1}" ] || [ $n -gt 1200 ] || ! kill -0 $rtt 2> /dev/null; do n=$((n + 1)) && sleep 0.1; done
}
rtt_reader
rtt_says 'disk:'
has 'RTT through the emulator: what was said before the reader came' "$work/rtt.txt" '^disk: (empty|journal), side'
printf 'print("a new session")\n' > "$work/again.py"
$omv run -n "$name" --timeout 300 "$work/again.py" > "$work/run.txt" 2>&1
rtt_says 'soft reset'
has 'RTT through the emulator: what is said while it reads' "$work/rtt.txt" '^python: soft reset after [0-9]+ ms'
before=$(grep -c '^disk: ' "$work/rtt.txt")
$omv reset -n "$name"
rtt_says '^disk: ' $((before + 1))
is 'RTT through the emulator: found again after a reset' $((before + 1)) "$(grep -cE '^disk: (empty|journal), side' "$work/rtt.txt")"
kill -INT $rtt
wait $rtt
is 'RTT through the emulator: Ctrl-C ends it' 0 $?
: > "$work/rtt.txt"
rtt_reader --openocd
until grep -q 'RTT of the' "$work/rtt.err" || ! kill -0 $rtt 2> /dev/null; do sleep 0.1; done
$omv run -n "$name" --timeout 300 "$work/again.py" > "$work/run.txt" 2>&1
rtt_says 'soft reset'
kill -INT $rtt 2> /dev/null
wait $rtt
has 'RTT through OpenOCD: what is said while it reads' "$work/rtt.txt" '^python: soft reset after [0-9]+ ms'
$omv debug OPENMV4 --rtt --name "$name" --elf build/OPENMV4/bin/firmware.elf > "$work/rtt.txt" 2>&1
has 'RTT: the release build has none, and omv says so' "$work/rtt.txt" 'no RTT in this firmware'

# ---- A smashed stack: the canaries of the functions that are running are overwritten from the script ----
cat > "$work/smash.py" <<'END'
import machine

def smash():
    for address in range(0x8000, 0x10000, 4):
        if machine.mem32[address] == 0x5AFE57AC:
            machine.mem32[address] = 0
            print("here")

smash()
END
$omv run -n "$name" --timeout 3000 "$work/smash.py" > "$work/run.txt" 2>&1
is 'smashed stack: the camera restarts' 7 $?
$omv crash -n "$name" --elf "$elf" --json > "$work/record.json" 2>&1
has 'smashed stack: the function by its name' "$work/record.json" '"kind":"smashed","message":"stack smashed: [a-z_0-9]+ wrote beyond its local variables"'
has 'smashed stack: the line of the script' "$work/record.json" '"script":"<stdin>","script_line":[67],"block":"smash"'
message=$(sed -n 's/.*stack smashed: \([a-z_0-9]*\) wrote.*"function":"\([a-z_0-9]*\)".*/\1/p' "$work/record.json")
has "smashed stack: it is the function of the ELF file ($message)" "$work/record.json" "\"calls\":\\[\\{\"address\":[0-9]+,\"function\":\"${message:-none}\""
stop

# ---- DEBUG_PRINTF over SWO: the packets of the trace port, with the ITM switched on as a debugger would ----
cat > "$work/swo.txt" <<'END'
import machine; m = machine.mem32
m[0xE000EDFC] |= 1 << 24; m[0xE0000FB0] = 0xC5ACCE55; m[0xE0000E80] = 0x10005; m[0xE0000E00] = 1
END
rm -f "$work/swo.bin"
serial "$work/options.img" -chardev file,id=swo,path="$work/swo.bin"
prompts 1
sed 's/$/\r/' "$work/swo.txt" | tr -d '\n' >&3
prompts 3
printf '\004' >&3
prompts 4
exec 3>&-
stop
is 'SWO: synchronisation, then packets of port 0' 'python: soft reset after N ms' "$("$sdk/bin/python3" - "$work/swo.bin" <<'END' | grep 'soft reset' | sed 's/[0-9][0-9]*/N/'
import sys
data = open(sys.argv[1], "rb").read()
if not data.startswith(b"\0\0\0\0\0\x80"):
    sys.exit("no synchronisation: %r" % data[:8])
i, text = 6, b""
while i < len(data):
    port, size = data[i] >> 3, (0, 1, 2, 4)[data[i] & 3]
    if data[i] & 4 or not size or port:
        sys.exit("not a packet of port 0 at %d: %r" % (i, data[i:i + 8]))
    text += data[i + 1:i + 1 + size]
    i += 1 + size
sys.stdout.write(text.decode())
END
)"
