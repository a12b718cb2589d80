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
$omv profile -n "$name" --elf "$elf" --timeout 120 --graph --svg "$work/flame.svg" --callgrind "$work/callgrind.out" "$work/profile.py" \
    > "$work/profile.txt" 2> "$work/profile.err"
is 'omv profile' 0 $?
has 'table: a function of the firmware with its line' "$work/profile.txt" '^ *[0-9.]+ .* [a-z_0-9]+ \(\./vision/[a-z_]+\.c:[0-9]+\)$'
has 'table: a call of find_blobs is counted as often as the script calls it' "$work/profile.txt" '^ .* 4 .* search_bitmap \('
has 'call graph' "$work/profile.txt" '-> [a-z_]+ +[0-9]+ calls'
has 'flame graph' "$work/flame.svg" '<title>search_bitmap: [0-9.]+ ms, [0-9.]+ %</title>'
is 'flame graph: well-formed' '' "$("$sdk/bin/python3" -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$work/flame.svg" 2>&1)"
$omv profile -n "$name" --elf "$elf" --timeout 120 --json "$work/profile.py" > "$work/profile.json" 2> "$work/profile.err"
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
    callgrind_annotate --tree=both "$work/callgrind.out" > "$work/annotate.txt" 2>&1
    has 'callgrind_annotate reads it' "$work/annotate.txt" '\(100\.0%\) +PROGRAM TOTALS'
    has 'callgrind_annotate: calls' "$work/annotate.txt" 'vision/blob\.c:search_bitmap \(4x\)'
else
    echo 'SKIP callgrind_annotate: valgrind is not installed'
fi
$omv profile -n "$name" --elf build/OPENMV4/bin/firmware.elf --seconds 0.5 > "$work/profile.txt" 2>&1
is "another build's ELF file is refused" 9 $?

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
$omv run -n "$name" --timeout 60 "$work/smash.py" > "$work/run.txt" 2>&1
is 'smashed stack: the camera restarts' 7 $?
$omv crash -n "$name" --elf "$elf" --json > "$work/record.json" 2>&1
has 'smashed stack: the function by its name' "$work/record.json" '"kind":"smashed","message":"stack smashed: [a-z_0-9]+ wrote beyond its local variables"'
has 'smashed stack: the line of the script' "$work/record.json" '"script":"<stdin>","script_line":[67],"block":"smash"'
message=$(sed -n 's/.*stack smashed: \([a-z_0-9]*\) wrote.*"function":"\([a-z_0-9]*\)".*/\1/p' "$work/record.json")
has "smashed stack: it is the function of the ELF file ($message)" "$work/record.json" "\"calls\":\\[\\{\"address\":[0-9]+,\"function\":\"${message:-none}\""
stop
