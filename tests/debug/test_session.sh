#!/bin/sh
# SPDX-License-Identifier: MIT
# Sessions: attaching to a running script, Ctrl-C, ends of all kinds, faults, sources elsewhere, and every way to fail.
. "$(dirname "$0")/lib.sh"
python=$sdk/bin/python3

# ---- attach: the script goes on when gdb has gone ----
start_emulator att --fast --scene "$scene"
"$omv" run --name att "$top/tests/debug/loop.py" > "$work/script.txt" 2>&1 &
runner=$!
pids="$pids $runner"
until_true has script.txt 'turn 2'
check 'attach' 0 limited 60 "$omv" debug OPENMV4 --emu --attach --name att --batch --ex 'echo @\n' --ex bt --ex 'break vision_find_blobs' \
    --ex continue --ex 'omv pybt' --ex 'print $_siginfo' --ex 'tbreak main' --ex detach
matches 'attach: stops where the script is' out '^Breakpoint 1, blob_find'
matches 'attach: its Python line' out '^#0  File "<stdin>", line 11, in look$'
"$omv" debug OPENMV4 --emu --attach --name att --batch --ex "shell until [ -e $work/told ]; do sleep 0.1; done" > "$work/first" 2>&1 &
first=$!
until_true as_often first 'system_\|in \|at ' 1
check 'a second gdb is told of the first' 5 "$omv" debug OPENMV4 --emu --attach --name att --batch --ex bt
says 'a second gdb: why' err 'another gdb is connected to att'
touch "$work/told"
wait $first
is 'a second gdb: the first is not disturbed' 0 $?
before=$(grep -c turn "$work/script.txt")
is 'detach: the script goes on' yes "$(until_true as_often script.txt turn $((before + 20)) && echo yes)"
check 'attach again: no breakpoint was left' 0 limited 60 "$omv" debug OPENMV4 --emu --attach --name att --batch --ex 'x/3xw 0xE0002008'
matches 'attach again: the comparators are free' out '^0xe0002008:	0x00000000	0x00000000	0x00000000'
check 'attach: no such camera' 3 "$omv" debug OPENMV4 --emu --attach --name nobody --batch
says 'attach: no such camera, next step' err 'Start it: omv emu OPENMV4 --name nobody'
kill $runner
stop_emulator
check 'attach: nothing runs' 3 "$omv" debug OPENMV4 --emu --attach --batch

# ---- a terminal: Ctrl-C stops the camera, not gdb ----
printf '%s\n' 'expect (gdb) ' 'send set confirm off' 'expect (gdb) ' 'send continue' 'expect Continuing' 'pause 1' 'key C' 'expect SIGINT' 'expect (gdb) ' \
    'send print 6 * 7' 'expect = 42' 'send continue' 'expect Continuing' 'pause 1' 'key C' 'expect SIGINT' 'expect (gdb) ' 'send quit' > "$work/dialogue"
input=$work/dialogue check 'Ctrl-C, twice, and quit' 0 "$python" "$top/tests/debug/terminal.py" 600 "$omv" debug OPENMV4 --emu --fast --name tty
is 'nothing is left behind' '' "$(ls "$work/run/openmv")"

# ---- ended from outside ----
"$omv" debug OPENMV4 --emu --name term --batch --ex continue > "$work/out" 2>&1 < /dev/null &
debug=$!
until_true has out 'Temporary breakpoint 1, main'
kill -TERM $debug
wait $debug
is 'SIGTERM: nothing is left behind' '' "$(ls "$work/run/openmv")"
"$omv" debug OPENMV4 --emu --name killed --batch --ex continue > "$work/out" 2>&1 < /dev/null &
debug=$!
until_true has out 'Temporary breakpoint 1, main'
kill -KILL $debug
until_true nothing_runs
is 'SIGKILL: nothing is left behind' '' "$(ls "$work/run/openmv")"

# ---- a fault, decoded where the handler begins ----
limited 120 "$omv" debug OPENMV4 --emu --fast --name fault --batch --ex 'break *(*(unsigned*)(*(unsigned*)0xE000ED08 + 12) & ~1)' \
    --ex 'break *(*(unsigned*)(*(unsigned*)0xE000ED08 + 20) & ~1)' --ex continue --ex 'omv fault' --ex 'omv threads' --ex 'omv pybt' \
    "$top/tests/debug/fault.py" > "$work/out" 2> "$work/err" < /dev/null
matches 'fault: its kind' out 'PRECISERR +bus error'
matches 'fault: the address' out 'BFAR +the address was 0x5FFFFFFC'
matches 'fault: the faulting line' out '^It happened at 0x08[0-9A-F]+ in .*(mem|fault)'
matches 'threads: the handler' out '^(BusFault|HardFault).*: running'
matches 'threads: the program' out '^main program: interrupted'

# ---- the bootloader: from its reset vector ----
check 'bootloader.elf' 0 limited 60 "$omv" debug OPENMV4 --emu --fast --name boot --elf "$OMV_BUILD/OPENMV4/bin/bootloader.elf" --batch \
    --ex 'hbreak dfu_init' --ex continue --ex finish --ex 'omv dfu'
matches 'bootloader.elf: at its first instruction' out '^Reset_Handler \(\) at ports/stm32/boot'
matches 'dfu: the state' out '^state DFU_IDLE, status DFU_OK, alternate setting 0'
matches 'dfu: the download' out '^no download under way'

# ---- sources elsewhere: paths in the ELF are relative to the source tree ----
mkdir -p "$work/elsewhere/vision" "$work/nowhere"
sed 's/^int blob_find(/int blob_find (/' "$top/vision/blob.c" > "$work/elsewhere/vision/blob.c"
gdb=$sdk/gcc/bin/arm-none-eabi-gdb
(cd "$work/nowhere" && "$gdb" -nx -batch "$elf" -ex 'list blob_find' > "$work/none" 2>&1)
matches 'substitute-path: not found without it' none 'No such file'
(cd "$work/nowhere" && "$gdb" -nx -batch "$elf" -ex "set substitute-path . $work/elsewhere" -ex 'list blob_find' > "$work/found" 2>&1)
matches 'substitute-path: found with it' found 'int blob_find \(const'
(cd "$work/nowhere" && "$gdb" -nx -batch -d "$work/elsewhere" "$elf" -ex 'list blob_find' > "$work/found" 2>&1)
matches 'directory: found with it' found 'int blob_find \(const'

# ---- ways to fail ----
start_emulator twice
check 'a name in use' 5 limited 60 "$omv" debug OPENMV4 --emu --name twice --batch
stop_emulator
says 'a name in use: said so' err 'an emulated camera named twice is running'
check 'no such board' 2 "$omv" debug OPENMV99 --emu
check 'not emulated yet' 11 "$omv" debug OPENMV_N6 --emu
check 'NONE' 2 "$omv" debug OPENMV4 --server NONE
check 'not a server' 2 "$omv" debug OPENMV4 --server TRACE32
check 'no ELF' 11 "$omv" debug OPENMV4 --emu --elf "$work/none.elf" --batch
says 'no ELF: next step' err 'Build it: make TARGET=OPENMV4 DEBUG=1'
echo text > "$work/text"
check 'not an ELF' 9 "$omv" debug OPENMV4 --emu --elf "$work/text" --batch
check 'no J-Link software' 11 env PATH=/usr/bin:/bin "$omv" debug OPENMV4 --jlink --batch
says 'no J-Link software: where to get it' err 'segger.com/downloads/jlink'
says 'no J-Link software: what else' err 'DEBUGGER=EMU'
cp "$elf" "$work/any.elf"
check 'no device name' 2 "$omv" debug OPENMV2 --jlink --elf "$work/any.elf"
says 'no device name: said so' err 'there is no J-Link device name for the OpenMV Cam M4'
check 'no OpenOCD configuration' 2 "$omv" debug OPENMV_N6 --openocd --elf "$work/any.elf"
says 'external flash: attaches' err 'attaching to what runs'
check 'the ELF of the AE3' 11 "$omv" debug OPENMV_AE3 --jlink
says 'the ELF of the AE3: its name' err 'OPENMV_AE3/bin/firmware_M55_HP.elf'
check 'no probe' 3 limited 60 "$omv" debug OPENMV4 --openocd --batch
says 'no probe: OpenOCD says why' err 'OpenOCD has ended'
says 'no probe: next step' err 'Is the probe plugged in'
"$python" -c "
import socket, time
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); print(s.getsockname()[1], flush=True); time.sleep(3600)" > "$work/port" &
pids="$pids $!"
until_true [ -s "$work/port" ]
busy=$(cat "$work/port")
check 'a busy port that was asked for' 5 "$omv" debug OPENMV4 --openocd --port "$busy" --batch
says 'a busy port: said so' err "port $busy is in use by another program"
check 'a busy port of the emulator' 5 "$omv" emu OPENMV4 --headless --gdb "$busy"
check 'a script for an attached camera' 2 "$omv" debug OPENMV4 --attach "$top/tests/debug/loop.py"

# ---- an optimised build is warned of ----
if [ -e "$top/build/OPENMV4/bin/firmware.elf" ] && ! grep -q -- ' -Og' "$top/build/OPENMV4/bin/firmware.elf"; then
    check 'DEBUG=0' 0 env OMV_BUILD="$top/build" timeout 300 "$omv" debug OPENMV4 --emu --fast --name opt --batch --ex 'break py_image_find_blobs'
    says 'DEBUG=0: the warning' err 'is an optimised build (DEBUG=0)'
else
    echo 'SKIP DEBUG=0: build/OPENMV4 is not such a build'
fi
check 'DEBUG=1: no warning' 0 limited 60 "$omv" debug OPENMV4 --emu --fast --name opt --batch
is 'DEBUG=1: not a word' '' "$(grep warning "$work/err")"
