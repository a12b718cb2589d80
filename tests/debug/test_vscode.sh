#!/bin/sh
# SPDX-License-Identifier: MIT
# .vscode files: for every board against the specification, and merged with what a user has there.
. "$(dirname "$0")/lib.sh"
unset OMV_BUILD
python=$sdk/bin/python3
boardc=$top/build/host/boardc

for target in "$top"/boards/*/board_config.mk; do
    target=$(basename "$(dirname "$target")")
    mkdir -p "$work/build/$target/gen" "$work/$target"
    "$boardc" --out "$work/build/$target/gen" --sdk '${env:HOME}/openmv-sdk-2.0.0' "$top/boards/$target/board_config.mk" > /dev/null ||
        echo "FAIL vscode $target: boardc; rerun: sh tests/debug/test_vscode.sh"
    OMV_BUILD=$work/build "$omv" vscode "$target" --folder "$work/$target" > "$work/out" 2> "$work/err" ||
        echo "FAIL vscode $target: $(cat "$work/err"); rerun: sh tests/debug/test_vscode.sh"
    "$python" "$top/tests/debug/check_vscode.py" "$work/$target" "$target"
done
export OMV_BUILD="$work/build"

# ---- a user's files: comments, trailing commas, other entries, an old one of ours ----
user=$work/user/.vscode
mkdir -p "$user"
cat > "$user/launch.json" << 'JSON'
// My notes: { "not": "an object" }
{
    "version": "0.2.0", /* keep */
    "compounds": [ ],
    "configurations": [
        // the first is mine
        { "name": "My Python", "type": "debugpy", "request": "launch", "args": ["}", "// no comment", "\"],"], },
        { "name": "OpenMV J-Link (OPENMV4)", "type": "cortex-debug", "device": "OLD" }, // ours, from before
        { "name": "Mine, last", "type": "node" }, // trailing comma
    ],
}
JSON
cat > "$user/tasks.json" << 'JSON'
{ "version": "2.0.0", "tasks": [ { "label": "build-firmware", "type": "shell", "command": "make TARGET=OPENMV3 DEBUG=1" } ] }
JSON
cp "$user/launch.json" "$work/before"
check 'merge' 0 "$omv" vscode OPENMV4 --folder "$work/user"
cp "$user/launch.json" "$work/merged" && cp "$user/tasks.json" "$work/tasks"
for text in '// My notes: { "not": "an object" }' '/* keep */' '// the first is mine' '"args": ["}", "// no comment", "\"],"], }' '"Mine, last"' \
    '// trailing comma' '// ours, from before'; do
    says "merge keeps $text" merged "$text"
done
is 'merge replaces ours' 0 "$(grep -c OLD "$work/merged")"
is 'merge has ours once' 1 "$(grep -c '"OpenMV J-Link (OPENMV4)"' "$work/merged")"
says 'merge: the file before is beside it' out '.bak'
is 'merge: and it is the one before' same "$(cmp -s "$work/before" "$user/launch.json.bak" && echo same)"
says "merge: another board's task stays" tasks 'TARGET=OPENMV3'
says 'merge: ours has a name of its own' tasks '"build-firmware (OPENMV4)"'
says 'merge: and is the one that is used' merged '"preLaunchTask": "build-firmware (OPENMV4)"'
check 'merge again' 0 "$omv" vscode OPENMV4 --folder "$work/user"
is 'merge again changes nothing' same "$(cmp -s "$work/merged" "$user/launch.json" && echo same)"
check 'a second board' 0 "$omv" vscode OPENMV3 --folder "$work/user"
is 'a second board: the first one stays' 1 "$(grep -c '"OpenMV J-Link (OPENMV4)"' "$user/launch.json")"
is 'a second board is there' 1 "$(grep -c '"OpenMV J-Link (OPENMV3)"' "$user/launch.json")"

# ---- files that cannot be merged stay as they are ----
i=0
for bad in '{ "configurations": [ { "name": "x" ] }' '[]' 'nonsense' '{ "configurations": {} }' '{ "configurations": [ "unfinished ] }' '{ /* no end'; do
    i=$((i + 1))
    mkdir -p "$work/bad$i/.vscode"
    printf '%s' "$bad" > "$work/bad$i/.vscode/launch.json"
    check "not mergeable: $bad" 9 "$omv" vscode OPENMV4 --folder "$work/bad$i"
    is "it stays: $bad" "$bad" "$(cat "$work/bad$i/.vscode/launch.json")"
    is "ours is beside it: $bad" yes "$([ -s "$work/bad$i/.vscode/launch.openmv.json" ] && echo yes)"
done
for empty in '' '{}' '{ "version": "0.2.0" }' '{"configurations":[]}' '/* nothing yet */ { "configurations": [ /* none */ ] }'; do
    i=$((i + 1))
    mkdir -p "$work/empty$i/.vscode"
    printf '%s' "$empty" > "$work/empty$i/.vscode/launch.json"
    check "empty file: $empty" 0 "$omv" vscode OPENMV4 --folder "$work/empty$i"
    is "it has ours: $empty" 1 "$(grep -c '"OpenMV J-Link (OPENMV4)"' "$work/empty$i/.vscode/launch.json")"
done
# ---- the register view: as make vscode derives it ----
mkdir -p "$work/svd"
if (unset MAKEFLAGS MAKELEVEL; HOME=${sdk%/*} limited 100 make -C "$top" --no-print-directory TARGET=OPENMV4 "$top/build/OPENMV4/gen/STM32H743.svd") > "$work/out" 2>&1 ||
    [ -e "$top/build/OPENMV4/gen/STM32H743.svd" ]; then
    check 'register view' 0 "$omv" vscode OPENMV4 --folder "$work/svd"
    says 'register view: svdFile' svd/.vscode/launch.json '"svdFile": "${workspaceFolder}/build/OPENMV4/gen/STM32H743.svd"'
else
    echo "FAIL register view: $(tail -n 1 "$work/out"); rerun: sh tests/debug/test_vscode.sh"
fi
check 'no such board' 2 "$omv" vscode NOBOARD
