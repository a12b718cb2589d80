#!/bin/sh
# SPDX-License-Identifier: MIT
# omv run, view, shell and reset against a fake camera on a pseudo-terminal.
. "$(dirname "$0")/lib.sh"
compile_fake
start_camera
cd "$work" || exit 1
# run --patient: where the camera answers, it may take its time, as it does on a machine that is busy.

printf 'print hello\nprint world\n' > good.py
check run 0 "$omv" run --patient good.py --port "$port"
is 'run prints what the script prints' 'hello
world' "$(cat out)"

printf 'print before\nraise\n' > bad.py
check 'run of a script that raises' 1 "$omv" run --patient bad.py --port "$port"
says 'run shows the traceback' out 'ValueError: raised'

printf 'silent\nprint x\nraise\n' > old.py
check 'run on a camera that does not tell results' 1 "$omv" run --patient old.py --port "$port"
kill "$camera"
start_camera

# A script of many packets arrives whole, byte for byte.
i=0
while [ $i -lt 300 ]; do echo "print line $i"; i=$((i + 1)); done > long.py
check 'run of a long script' 0 "$omv" run --patient long.py --port "$port"
is 'all its output' "$(sed 's/^print //' long.py | cksum)" "$(cksum < out)"

printf 'flood\n' > flood.py
ends 'run --timeout of a script that floods' 6 "$omv" run flood.py --timeout 1 --port "$port"
printf 'print started\nforever\n' > forever.py
ends 'run --timeout of a silent script' 6 "$omv" run forever.py --timeout 0.5 --port "$port"

# Ctrl-C (a shell's background jobs ignore SIGINT, so timeout passes it on).
timeout --preserve-status 300 "$omv" run forever.py --port "$port" > out 2> err < /dev/null &
interrupted=$!
until_true has out started
kill -INT $interrupted
wait $interrupted
is 'Ctrl-C' 130 $?
says 'Ctrl-C stops the script on the camera' out 'KeyboardInterrupt'
check 'the camera is free afterwards' 0 "$omv" run --patient good.py --port "$port"

check 'run --detach' 0 "$omv" run --patient --detach forever.py --port "$port"
check 'run replaces a running script' 0 "$omv" run --patient good.py --port "$port"

# JSON
check 'run --json' 1 "$omv" run --patient bad.py --json --port "$port"
says 'output event' out '{"event":"output","text":"before\n'
says 'script event' out '{"event":"script","result":"exception","frames":0}'
check 'error as JSON' 9 "$omv" run nowhere.py --json --port "$port"
says 'error event' out '"event":"error","code":"input","exit":9'

# Frames
printf 'frames 5\nforever\n' > frames.py
check 'run --save --frames' 0 "$omv" run --patient frames.py --save pictures --frames 3 --port "$port"
is 'three pictures' 3 "$(ls pictures | grep -c '^frame-000[123].png$')"
is 'they are PNG' 3 "$(for f in pictures/*.png; do head -c 4 "$f" | tail -c 3; echo; done | grep -c PNG)"
printf 'frames 50\nforever\n' > frames.py
check 'run --detach with frames' 0 "$omv" run --patient --detach frames.py --port "$port"
check view 0 "$omv" view --frames 2 --save more --port "$port"
says 'view tells size and count' out 'frame 2: 320x240 JPEG'
is 'two pictures' 2 "$(ls more | wc -l)"
for format in 08010000:binary 08020001:gray 0C030002:RGB565 05040001:Bayer 14050002:YUV422; do
    printf 'frame 64 48 %s\nsleep 200\n' "${format%:*}" > raw.py
    check "view of a ${format#*:} frame" 0 "$omv" run raw.py --save raw --frames 1 --json --port "$port"
    says "its format" out "\"format\":\"${format#*:}\""
done
printf 'badframe\nsleep 300\n' > badframe.py
check 'a damaged frame is dropped' 0 "$omv" run --patient badframe.py --save bad --port "$port"
is 'nothing is written' 0 "$(ls bad | wc -l)"
check 'view with no place to save' 10 "$omv" view --save /dev/null/x --frames 1 --port "$port"
check 'view when nothing comes' 6 "$omv" view --frames 1 --timeout 1 --port "$port"
check 'view --json when nothing comes' 6 "$omv" view --json --timeout 0.2 --port "$port"
is 'an event says why it ends' '{"event":"stopping","why":"timeout"}' "$(cat out err)"

# Two at once, and no camera
"$omv" run forever.py --port "$port" > first 2>&1 &
first=$!
pids="$pids $first"
until_true has first started
check 'a second omv' 5 "$omv" run good.py --port "$port"
says 'it says what to do' err 'another program is using it'
kill "$first"
wait "$first" 2>/dev/null
check 'after SIGTERM of the first' 0 "$omv" run --patient good.py --port "$port"
check 'no such port' 3 "$omv" run good.py --port /dev/nowhere
check 'not a serial port' 3 "$omv" run good.py --port "$work/good.py"

# The camera goes silent, or away, in the middle.
printf 'print x\nmute\nforever\n' > mute.py
ends 'a camera that falls silent' 6 "$omv" run mute.py --port "$port"
says 'the next step' err 'reset'
kill "$camera"
start_camera
printf 'print x\ndie\n' > die.py
check 'a camera that goes away' 7 "$omv" run die.py --port "$port"
ends 'a port where nobody answers' 3 "$omv" run good.py --port "$port"
start_camera

# The script itself
: > empty.py
check 'an empty script' 9 "$omv" run empty.py --port "$port"
head -c 100 /dev/zero > zero.py
check 'a script that is no text' 9 "$omv" run zero.py --port "$port"
check 'a folder' 9 "$omv" run . --port "$port"
head -c 70000 /dev/zero | tr '\0' '#' > huge.py
check 'a script larger than the camera' 8 "$omv" run --patient huge.py --port "$port"
says 'it says so' err 'does not fit'

# REPL
{ printf '1+1\r' && until_true has out '>>> 1+1'; } | "$omv" shell --port "$port" > out 2> err
is shell 0 $?
says 'shell shows the prompt' out '>>> 1+1'
check reset 0 "$omv" reset --port "$port"
until_true has camera.log reset
says 'reset reached the camera' camera.log 'reset'

# Command lines
check 'no verb' 2 "$omv"
check 'unknown verb' 2 "$omv" fly
check 'help' 0 "$omv" help
says 'help has the exit codes' out 'no_camera'
check 'unknown option' 2 "$omv" run --fly good.py
check 'run without a script' 2 "$omv" run
check 'two scripts' 2 "$omv" run good.py bad.py
check 'a timeout that is no number' 2 "$omv" run good.py --timeout soon
check 'a baud rate that is none' 2 "$omv" run good.py --port "$port" --baud 9600
check '--emu and --port' 2 "$omv" run good.py --emu OPENMV4 --port "$port"
check '--scene without --emu' 2 "$omv" run good.py --scene x.jpg
check 'power without a word' 2 "$omv" power
check 'power of a wrong word' 2 "$omv" power maybe
