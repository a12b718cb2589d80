# SPDX-License-Identifier: MIT
# Sourced by the tests of the host program: a work folder, a fake camera, and checks that print PASS or FAIL.
top=$(cd "$(dirname "$0")/../.." && pwd)
omv=$top/build/host/omv
work=$(mktemp -d "${TMPDIR:-/tmp}/omv-test.XXXXXX") || exit 1
export XDG_RUNTIME_DIR="$work/run" OMV_TOP="$top"
mkdir -p "$XDG_RUNTIME_DIR"
pids=
script=$(basename "$0")
suite=$(basename "$(dirname "$(readlink -f "$0")")")

finish() {
    for p in $pids; do kill "$p" 2>/dev/null; done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

# until_true COMMAND...: waits for what is to happen, two minutes at most: a machine that is busy gets its time. Status 1 when it was in vain.
until_true() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -lt 2400 ] || return 1
        sleep 0.05
    done
}

# has FILE TEXT: the file is there and has the text.
has() { grep -qsF -- "$2" "$work/$1"; }

# compile_fake: builds the fake camera once per checkout.
compile_fake() {
    fake=$top/build/test/fake_camera
    mkdir -p "$top/build/test"
    sysroot=${SDK_DIR:-$HOME/openmv-sdk-$(cat "$top/SDK_VERSION")}/host
    lib=$sysroot/usr/lib/x86_64-linux-gnu
    [ "$fake" -nt "$top/tests/host/fake_camera.c" ] && [ "$fake" -nt "$top/protocol/device.c" ] && return
    ${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror -I"$top" --sysroot="$sysroot" -B"$lib" -L"$lib" -static \
        -o "$fake.$$" "$top/tests/host/fake_camera.c" "$top/protocol/packet.c" "$top/protocol/device.c" \
        "$top/protocol/device_request.c" -ljpeg || exit 1
    mv "$fake.$$" "$fake"
}

# start_camera: a fake camera on a pseudo-terminal; its path is in $port, its messages in $work/camera.log.
start_camera() {
    : > "$work/port"
    "$fake" > "$work/port" 2> "$work/camera.log" &
    camera=$!
    pids="$pids $camera"
    until_true test -s "$work/port"
    port=$(cat "$work/port")
}

# check NAME EXPECTED-STATUS COMMAND...: runs it; output in $work/out, errors in $work/err, status in $status.
check() {
    name=$1 expected=$2
    shift 2
    "$@" > "$work/out" 2> "$work/err" < "${input:-/dev/null}"
    status=$?
    if [ "$status" -eq "$expected" ]; then
        echo "PASS $name"
    else
        echo "FAIL $name: expected status $expected, got $status ($(tail -n 1 "$work/err")); rerun: sh tests/$suite/$script"
    fi
}

# says NAME FILE TEXT: the file has the text.
says() {
    if grep -qF -- "$3" "$work/$2"; then
        echo "PASS $1"
    else
        echo "FAIL $1: expected '$3' in $2, got '$(head -c 300 "$work/$2" | tr '\n' '|')'; rerun: sh tests/$suite/$script"
    fi
}

# is NAME EXPECTED GOT
is() {
    if [ "$2" = "$3" ]; then
        echo "PASS $1"
    else
        echo "FAIL $1: expected '$2', got '$3'; rerun: sh tests/$suite/$script"
    fi
}

# ends NAME EXPECTED-STATUS COMMAND...: as check; what would go on for ever is ended after two minutes, with status 124.
ends() {
    name=$1 expected=$2
    shift 2
    check "$name" "$expected" timeout -k 5 120 "$@"
}
