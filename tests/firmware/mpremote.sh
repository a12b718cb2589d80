#!/bin/sh
# SPDX-License-Identifier: MIT
# MicroPython's own mpremote and pyboard.py, unmodified, on the serial port of an emulated camera: single commands, and mpremote's own tests.
# Usage: mpremote.sh [--all]     all: its long tests of directory trees too (two minutes)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/firmware/lib.sh
python=$sdk/clients/bin/python3
if [ ! -x "$python" ]; then
    echo "SKIP mpremote: pyserial is in an optional component, 'make sdk-peers'"
    exit 0
fi
unset PYTHONUNBUFFERED # their expected output depends on the order in which Python flushes
tests='eval_exec_run mount resume errno mip_local_install recursive_cp'
[ "${1:-}" != --all ] || tests="$tests fs_tree filesystem"
upstream=lib/micropython/tools/mpremote
dir=$work/mpremote
rm -rf "$dir" && mkdir -p "$dir/mounted"

camera_start mpremote --fresh || exit
tool=mpremote
mpremote="$python $upstream/mpremote.py connect $tty"
# mp ARGUMENT...: output in $dir/out, at most five minutes
mp() { timeout 300 $mpremote "$@" > "$dir/out" 2>&1; }
# gave_up FILE: a mounted folder is read by the camera, which waits one second of its own for mpremote; on a machine that is busy that may be
# too short, and is no fault of either.
gave_up() { grep -q 'timeout waiting for remote' "$1" && echo "# mpremote had no time for a second: once more"; }
said() { tr -d '\r' < "$dir/out" | tail -n 3 | tr '\n' ' '; }
ok() { # NAME: the last command's status was 0
    if [ "$2" = 0 ]; then pass "$tool $1"; else fail "$tool $1" "status $2: $(said)"; fi
}
is() { # NAME EXPECTED GOT
    if [ "$2" = "$3" ]; then pass "$tool $1"; else fail "$tool $1" "expected '$2', got '$3'"; fi
}

mp exec 'print(6*7)'
is exec 42 "$(said | tr -d ' ')"
printf 'import sys\nfor i in range(3000): print("%%09d" %% i)\n' > "$dir/lines.py"
mp run "$dir/lines.py"
is 'run: 30 KB of output in order' "$(seq -f %09g 0 2999 | cksum)" "$(tr -d '\r' < "$dir/out" | cksum)"
{ seq -f 'a%05g = 12345' 0 2999 && echo 'print(a02999, len(globals()) > 3000)'; } > "$dir/long.py"
mp run "$dir/long.py"
is 'run: a script of 45 KB by raw paste' '12345 True ' "$(said)"
head -c 30000 /dev/urandom > "$dir/random"
mp fs cp "$dir/random" :random.bin
ok 'fs cp of 30 KB to the camera' $?
mp resume fs sha256sum :random.bin
is 'fs sha256sum' "$(sha256sum < "$dir/random" | cut -c1-64)" "$(grep -o '[0-9a-f]\{64\}' "$dir/out")"
mp resume fs cp :random.bin "$dir/back"
is 'fs cp back' "$(cksum < "$dir/random")" "$(cksum < "$dir/back")"
mp resume fs ls
is 'fs ls' 1 "$(grep -c '30000 random.bin' "$dir/out")"
mp fs cat :README.txt
is 'fs cat' 0 "$?"
mp fs rm :random.bin
mp fs ls
is 'fs rm' 0 "$(grep -c random.bin "$dir/out")"
cp "$dir/random" "$dir/mounted/data"
echo 'print(len(open("data", "rb").read()))' > "$dir/mounted/from_host.py"
head -c 160000 /dev/urandom > "$dir/pixels"
{ printf 'P5\n400 400\n255\n'; cat "$dir/pixels"; } > "$dir/mounted/big.pgm"
for _ in 1 2 3 4 5; do
    mp mount "$dir/mounted" exec 'import from_host; f = open("written", "w"); f.write("by the camera"); f.close()
import image; image.Image("big.pgm", copy_to_fb=True).save("back.pgm")'
    gave_up "$dir/out" || break
done
is 'mount: an import and 30 KB read through the serial port' 30000 "$(tr -d '\r' < "$dir/out" | grep -x 30000 || said)"
is 'mount: a file written on the host' 'by the camera' "$(cat "$dir/mounted/written" 2>&1)"
is "mount: a picture larger than the camera's disk, there and back" "$(cksum < "$dir/pixels")" "$(tail -c 160000 "$dir/mounted/back.pgm" | cksum)"
mp exec 'kept = 1' resume exec 'print(kept)' soft-reset exec 'print("kept" in globals())'
is 'resume and soft-reset' '1 False ' "$(said)"
mp exec 'raise ValueError("seen")'
is 'an exception ends with status 1 and its traceback' '1 ValueError: seen' "$? $(tr -d '\r' < "$dir/out" | tail -n 1)"

mp df
is 'df' 1 "$(grep -c '^<VfsFat> .*/flash' "$dir/out")"
mp rtc --set && mp rtc
is 'rtc --set' "($(date +'%Y, %-m')" "$(said | cut -d, -f1,2)"
mp exec --no-follow 'while True: pass' && mp exec 'print("the next has it")'
is 'exec --no-follow, of what never ends' 'the next has it ' "$(said)"
EDITOR='sed -i s/4/6/' && export EDITOR
printf 'print(4*7)\n' > "$dir/edited.py"
mp fs cp "$dir/edited.py" : && mp edit :edited.py && mp exec 'import edited'
is 'edit' '42 ' "$(said)"
printf 'for i in range(3): print(i)\n' > "$dir/loop.py"
mp resume exec 'print(1)' run "$dir/loop.py" eval '2**70'
is 'commands in a row' '1 0 1 2 1180591620717411303424' "$(tr -d '\r' < "$dir/out" | xargs)"

# pyboard.py, which mpremote has replaced; programs that import it haven't been.
tool=pyboard.py
pyboard() { timeout 60 "$python" lib/micropython/tools/pyboard.py --device "$tty" "$@" > "$dir/out" 2>&1; }
pyboard "$dir/loop.py"
is 'a script' '0 1 2 ' "$(said)"
pyboard -c 'raise ValueError("seen")'
is 'an exception' '1 ValueError: seen' "$? $(tr -d '\r' < "$dir/out" | tail -n 1)"
head -c 3000 "$dir/random" > "$dir/small"
pyboard -f cp "$dir/small" :small && pyboard -f cp :small "$dir/back" && pyboard -f ls
is 'a file there and back' "$(cksum < "$dir/small")" "$(cksum < "$dir/back")"
is 'ls' 1 "$(grep -c '3000 small' "$dir/out")"
pyboard -f rm small
pyboard -f ls
is 'rm' 0 "$(grep -c small "$dir/out")"

# The interactive shell wants a terminal: script(1) gives it one. Ctrl-X leaves.
shows() { # PATTERN: it has been there since the last keys
    n=0
    until tail -c +$mark "$dir/repl" | grep -qE "$1"; do
        n=$((n + 1)) && [ $n -lt 900 ] || return 1
        sleep 0.1
    done
}
keys() {
    mark=$(($(wc -c < "$dir/repl") + 1))
    printf "$1" >&4
}
tool=mpremote
if command -v script > /dev/null; then
    mkfifo "$dir/keys"
    : > "$dir/repl"
    timeout 600 script -qec "$mpremote repl" /dev/null < "$dir/keys" >> "$dir/repl" 2>&1 &
    repl=$!
    exec 4> "$dir/keys"
    mark=1
    shows 'Use Ctrl' && keys '\r' && shows '>>> ' && keys 'print(40+2)\r' && shows '^42' && keys 'exec("print(20 + 3, 4)\\nwhile True: pass")\r' && shows '^23 4' &&
        keys '\003' && shows KeyboardInterrupt && keys 'print(7*7)\r' && shows '^49' && keys '\030' && wait $repl
    status=$?
    exec 4>&-
    kill $repl 2> /dev/null
    is 'repl: an expression, Ctrl-C in a loop, Ctrl-X' 0 $status
else
    echo "SKIP mpremote repl: script(1) is not installed"
fi

# mpremote's own tests, and what they expect. Two steps are left out of the comparison: the search for a USB serial port by itself, which can't see a
# pseudo-terminal (end of resume); `rm -r :/`, which they say needs empty file systems everywhere: /rom isn't (a part of filesystem).
part() { # NAME FILE
    case $1 in
    resume) sed '$d' "$2" ;;
    filesystem) awk '/^-----/ { n++ } n != '"$root_part"'' "$2" ;;
    *) cat "$2" ;;
    esac
}
root_part=$(awk '/^echo -----/ { n++ } /resume rm -r :\/ / { print n }' $upstream/tests/test_filesystem.sh)
for test in $tests; do
    for _ in 1 2 3 4 5; do
        tmp=$(mktemp -d)
        MPREMOTE="$mpremote" TMP="$tmp" timeout 900 bash $upstream/tests/test_$test.sh 2>&1 | tr -d '\r' | sed "s,$tmp,"'${TMP},g' > "$dir/$test.out"
        rm -rf "$tmp"
        gave_up "$dir/$test.out" || break
    done
    part $test $upstream/tests/test_$test.sh.exp > "$dir/$test.exp"
    part $test "$dir/$test.out" > "$dir/$test.got"
    if difference=$(diff "$dir/$test.exp" "$dir/$test.got"); then
        pass "mpremote's own test_$test"
    else
        fail "mpremote's own test_$test" "differs from its .exp: $(echo "$difference" | head -n 3 | tr '\n' ' ')"
    fi
done
