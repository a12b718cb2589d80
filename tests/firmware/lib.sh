# SPDX-License-Identifier: MIT
# Sourced by the shell tests of this folder: an emulated camera of one's own, results. The working folder is the checkout.
sdk=${SDK_DIR:-$HOME/openmv-sdk-$(cat SDK_VERSION)}
work=build/test/firmware
script=$(basename "$0" .sh)
mkdir -p "$work"
XDG_RUNTIME_DIR=$(mktemp -d) # nobody else's programs take this camera for theirs
export XDG_RUNTIME_DIR

pass() { echo "PASS $1"; }
fail() { echo "FAIL $1: $2 [rerun: tests/firmware/$script.sh]"; }

# camera_start NAME OPTION...: starts it and waits until it can be reached; its name is then in $camera, its serial port in $tty.
# It ends with the script.
camera_start() {
    camera=$1-$$
    shift
    ./omv emu OPENMV4 --headless --json --name "$camera" "$@" > "$work/$script.emu" 2> "$work/$script.log" &
    emulator=$!
    trap 'kill $emulator 2> /dev/null; wait; rm -rf "build/emu/OPENMV4/$camera.img" "$XDG_RUNTIME_DIR"' EXIT
    trap 'exit 130' INT TERM HUP
    n=0
    until grep -q '"ready"' "$work/$script.emu"; do
        n=$((n + 1))
        if [ $n -gt 1200 ] || ! kill -0 $emulator 2> /dev/null; then
            fail "the camera starts" "$(tail -n 1 "$work/$script.log")"
            return 1
        fi
        sleep 0.1
    done
    tty=$(sed -n 's/.*"\([^"]*\.tty\)".*/\1/p' "$work/$script.emu")
}
