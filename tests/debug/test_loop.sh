#!/bin/sh
# SPDX-License-Identifier: MIT
# make debug, make watch, and the emulator configuration of VS Code as its extension goes through it.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MAKELEVEL
export BUILD_DIR="$OMV_BUILD"
HOME=${sdk%/*}    # the SDK is below it, as make wants it

check 'make debug' 0 limited 200 make -C "$top" --no-print-directory TARGET=OPENMV4 DEBUG=1 debug DEBUGGER=EMU DEBUG_ARGS='--batch --fast --name mk --ex backtrace'
matches 'make debug: stops at main' out '^#0  main \(\)'
check 'make debug DEBUGGER=NONE' 2 make -C "$top" --no-print-directory TARGET=OPENMV4 debug DEBUGGER=NONE
says 'make debug DEBUGGER=NONE: said so' err 'DEBUGGER=NONE: debugging and deploying are switched off'
check 'make deploy DEBUGGER=NONE' 2 make -C "$top" --no-print-directory TARGET=OPENMV4 deploy DEBUGGER=NONE
check 'DEBUGGER=GDB' 2 make -C "$top" --no-print-directory TARGET=OPENMV4 debug DEBUGGER=GDB

# ---- watch: another script, the same camera's files, a camera started anew ----
echo 'print("one")' > "$work/loop.py"
DEBUG=1 "$top/tools/watch.sh" OPENMV4 "$work/loop.py" > "$work/watch" 2>&1 < /dev/null &
watch=$!
pids="$pids $watch"
# until_says TEXT: watch has said it.
until_says() { until_true as_often watch "$1" 1; }
until_says '^one'
echo 'print("two")' > "$work/loop.py"
until_says '^two'
matches 'watch: builds and starts again' watch '^\[built in [0-9.]+ s, runs again after [0-9.]+ s\]'
matches 'watch: the script runs anew' watch '^two'
kill -TERM $watch
wait $watch
until_true nothing_runs
is 'watch: nothing is left behind' '' "$(ls "$work/run/openmv")"

# ---- VS Code's emulator: the task until its pattern, then the extension's order of gdb commands ----
"$omv" vscode OPENMV4 --folder "$work" > "$work/out" 2>&1 || echo "FAIL vscode: $(cat "$work/out"); rerun: sh tests/debug/$script"
port=$("$sdk/bin/python3" -c "
import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
"$sdk/bin/python3" - "$work/.vscode" "$port" > "$work/plan" << 'PY'
import json, sys
folder, port = sys.argv[1:]
launch, tasks = (json.load(open("%s/%s.json" % (folder, kind))) for kind in ("launch", "tasks"))
c = next(c for c in launch["configurations"] if c["name"] == "OpenMV emulator (OPENMV4)")
task = next(t for t in tasks["tasks"] if t["label"] == c["preLaunchTask"])
print(task["command"].replace("1234", port).split(" ", 1)[1])
print(task["problemMatcher"]["background"]["endsPattern"])
print("target-select extended-remote " + c["gdbTarget"].replace("1234", port))
for command in c["overrideLaunchCommands"] + ["tbreak " + c["runToEntryPoint"], "continue"] + c["overrideResetCommands"]:
    print(command)
PY
# shellcheck disable=SC2046
"$omv" $(sed -n 1p "$work/plan") --fast > "$work/task" 2>&1 &
pids="$pids $!"
ends=$(sed -n 2p "$work/plan")
until_true as_often task "$ends" 1
matches "VS Code's task: its pattern comes before the first instruction" task "$ends"
sed -n '3,$p' "$work/plan" | sed 's/^target-select /target /' > "$work/commands"
printf 'tbreak main\ncontinue\nprint 6*7\n' >> "$work/commands"
(cd "$top" && limited 120 "$sdk/gcc/bin/arm-none-eabi-gdb" -nx -batch "$elf" -x "$work/commands" > "$work/vscode" 2>&1 < /dev/null)
is "VS Code's launch and reset: main twice" 2 "$(grep -c '^Temporary breakpoint [0-9]*, main' "$work/vscode")"
