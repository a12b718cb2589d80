#!/bin/sh
# SPDX-License-Identifier: MIT
# Every way to crash, on purpose, in the release build on the emulated camera: what the record says, decoded by omv crash.
set -u
cd "$(dirname "$0")/../.." || exit 1
script=crash.sh
. tests/diagnostics/lib.sh
pendsv=$(symbol pendsv_functions)

# crash NAME: runs $work/crash.py, which must end the firmware; the record is in $work/record.json, as text in $work/record.txt.
crash() {
    $omv run -n "$name" --timeout 3000 "$work/crash.py" > "$work/run.txt" 2>&1
    is "$1: omv run says that the camera has restarted" 7 $?
    $omv crash -n "$name" --json > "$work/record.json" 2>&1
    $omv crash -n "$name" > "$work/record.txt" 2>&1
}

# Code in RAM that the background interrupt runs in the place of the console's service.
inject() { # HALF-WORDS
    cat > "$work/crash.py" <<END
import array, machine, time, uctypes
code = array.array("H", [$1])

def run():
    machine.mem32[$pendsv + 4] = uctypes.addressof(code) | 1
    time.sleep(5)

run()
END
}

start crash --fresh
$omv crash -n "$name" > "$work/none.txt" 2>&1
has 'no crash, no record' "$work/none.txt" 'no crash is recorded'

cat > "$work/crash.py" <<'END'
import machine

def poke(address):
    machine.mem32[address] = 1

poke(0)
END
crash 'null write'
has 'null write: cause' "$work/record.json" '"kind":"fault".*"causes":\["DACCVIOL"\]'
has 'null write: function and source line' "$work/record.txt" '^  at .*machine_mem_subscr\+[0-9]+ \(.*machine_mem\.c:[0-9]+\)'
has 'null write: script, line, function' "$work/record.json" '"script":"<stdin>","script_line":4,"block":"poke"'
has 'null write: the calls that led there' "$work/record.txt" 'mp_execute_bytecode\+'
has 'null write: build id' "$work/record.json" "\"build_id\":\"$(od -An -v -tx1 -j $(($(symbol _build_id) - 0x08040000)) -N 20 "${elf%.elf}.bin" | tr -d ' \n')\""

# Another ELF file: one byte of the build id is changed.
offset=$(LC_ALL=C grep -obUaP '\x04\x00\x00\x00\x14\x00\x00\x00\x03\x00\x00\x00GNU\x00' "$elf" | head -n 1 | cut -d: -f1)
cp "$elf" "$work/other.elf"
printf '\252\273\314' | dd of="$work/other.elf" bs=1 seek=$((offset + 20)) conv=notrunc status=none
$omv crash -n "$name" --elf "$work/other.elf" > "$work/other.txt" 2>&1
is 'another ELF file is refused' 9 $?
has 'and both build ids are named' "$work/other.txt" 'has build id [0-9a-f]{12}\.\.\., the firmware that crashed [0-9a-f]{12}'
$omv crash -n "$name" --raw --save "$work/record.bin" > "$work/raw.txt" 2>&1
has 'numbers without an ELF file' "$work/raw.txt" 'R0=[0-9a-f]{8}'
$omv crash --from "$work/record.bin" --elf "$elf" > "$work/saved.txt" 2>&1
has 'a saved record' "$work/saved.txt" 'machine_mem_subscr'
printf 'X' | dd of="$work/record.bin" bs=1 seek=200 conv=notrunc status=none
$omv crash --from "$work/record.bin" > "$work/damaged.txt" 2>&1
is 'a damaged record is refused' 9 $?
$omv reset -n "$name" > /dev/null 2>&1
sleep 1
$omv crash -n "$name" --clear > "$work/again.txt" 2>&1
has 'the record survives the reset button' "$work/again.txt" 'machine_mem_subscr'
$omv crash -n "$name" > "$work/cleared.txt" 2>&1
has 'cleared' "$work/cleared.txt" 'no crash is recorded'

inject '0x2100, 0xFBB0, 0xF0F1, 0x4770' # movs r1, #0; udiv r0, r0, r1
crash 'division by zero'
has 'division by zero: cause' "$work/record.json" '"causes":\["DIVBYZERO"\]'
has 'division by zero: the script that was interrupted' "$work/record.json" '"script_line":6,"block":"run"'
inject '0x4678, 0x3001, 0xC806, 0x4770' # mov r0, pc; adds r0, #1; ldmia r0!, {r1, r2}
crash 'unaligned access'
has 'unaligned access: cause' "$work/record.json" '"causes":\["UNALIGNED"\]'
inject '0xDE00' # udf
crash 'undefined instruction'
has 'undefined instruction: cause' "$work/record.json" '"causes":\["UNDEFINSTR"\]'
inject '0xB4FF, 0xE7FD' # push {r0-r7}; b .-2
crash 'stack overflow'
has 'stack overflow: cause' "$work/record.json" '"causes":\[("DACCVIOL"|"MSTKERR"|"DACCVIOL","MSTKERR")\]'
inject '0x4800, 0x4700, 0x0400, 0x0804' # ldr r0, =0x08040400; bx r0: an address without the Thumb bit
crash 'bad branch'
has 'bad branch: cause' "$work/record.json" '"causes":\["INVSTATE"\]'
has 'bad branch: address' "$work/record.txt" '^  at +0x08040400'
sed "s/^code = .*/code = array.array(\"H\", [0x4800, 0x4700, 0x0001, 0x3F00])/" "$work/crash.py" > "$work/crash2.py" # ldr r0, =0x3F000001; bx r0
mv "$work/crash2.py" "$work/crash.py"
crash 'branch to where nothing is'
has 'branch to where nothing is: cause' "$work/record.json" '"causes":\["IBUSERR"\]'

printf 'import machine\nprint(machine.mem32[0x2F000000])\n' > "$work/crash.py"
crash 'read where nothing is'
has 'read where nothing is: cause and address' "$work/record.json" '"causes":\["PRECISERR"\].*"bfar":788529152'

printf 'import machine\ndef hang():\n    machine.WDT(timeout=200)\n    while True:\n        pass\nhang()\n' > "$work/crash.py"
crash 'watchdog'
has 'watchdog: kind' "$work/record.json" '"kind":"watchdog","message":"the watchdog was not fed"'
has 'watchdog: what was running' "$work/record.txt" '^  about +0x[0-9a-f]+  [a-z]'
printf 'import machine\nprint("CAUSE", machine.reset_cause() == machine.WDT_RESET)\n' > "$work/cause.py"
$omv run -n "$name" --timeout 3000 "$work/cause.py" > "$work/cause.txt" 2>&1
has 'watchdog: machine.reset_cause()' "$work/cause.txt" 'CAUSE True'

# The memory in front of a picture: where the pool keeps its block headers.
cat > "$work/crash.py" <<'END'
import image, machine, uctypes
img = image.Image(64, 64, image.GRAYSCALE)
machine.mem32[uctypes.addressof(img.bytearray()) - 16] = 0
img.__del__()
END
crash 'overwritten memory pool'
has 'overwritten memory pool: message' "$work/record.json" '"kind":"panic","message":"memory pool: a block was overwritten"'

# Out of memory is no crash: an exception, and the camera goes on.
$omv crash -n "$name" --clear > /dev/null 2>&1
printf 'import image\na = []\nwhile True:\n    a.append(image.Image(320, 240, image.RGB565))\n' > "$work/crash.py"
$omv run -n "$name" --timeout 300 "$work/crash.py" > "$work/run.txt" 2>&1
is 'out of memory: the script ends with an exception' 1 $?
has 'out of memory: which, and where' "$work/run.txt" 'MemoryError'
$omv crash -n "$name" > "$work/cleared.txt" 2>&1
has 'out of memory: no crash' "$work/cleared.txt" 'no crash is recorded'
$omv power -n "$name" cut > /dev/null 2>&1
stop

# What the console says: when it happens, and once more after the restart, but not twice.
flash_image build "$work/release.img"
serial "$work/release.img"
prompts 1
printf 'import machine\rmachine.mem32[0]=1\r' >&3
prompts 3
printf '\004' >&3
prompts 4
exec 3>&-
stop
has 'console: the fault, with its registers' "$work/console.txt" 'FATAL: access forbidden.*exception 00000004'
has 'console: the line of the script' "$work/console.txt" '^script <stdin>, line 1, in <module>'
is 'console: the next start says so, once' 1 "$(grep -c '^The last run crashed: access forbidden' "$work/console.txt")"
