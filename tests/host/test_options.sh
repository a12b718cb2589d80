#!/bin/sh
# SPDX-License-Identifier: MIT
# Command lines that are wrong: every verb says what is wrong with which option, and does nothing.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

while IFS='|' read -r arguments message; do
    # shellcheck disable=SC2086 # words
    check "omv $arguments" 2 "$omv" $arguments
    says 'says why' err "omv ${arguments%% *}: $message"
done << 'END'
run|which script?
run a.py b.py|'b.py' is one argument too many
run a.py --timeout 0|--timeout takes a number from 0.1 to 1000000, not '0'
run a.py --timeout soon|--timeout takes a number from 0.1 to 1000000, not 'soon'
run a.py --frames 0|--frames takes a number from 1 to 1000000, not '0'
run a.py --frames 1.5|--frames takes a number from 1 to 1000000, not '1.5'
run a.py --scene b.png|--scene and --fast belong to --emu TARGET; for a running camera there is 'omv scene FILE'
run a.py --emu OPENMV4 --name c|--emu starts a camera of its own; --port and --name mean another one
run a.py --emu OPENMV4 --detach|--emu ends the camera with the script, so there is nothing to leave running
run a.py --baud 9600|--baud is one of 115200, 230400, 460800, 921600, not '9600'
view a.py|'a.py' is one argument too many
profile --fast|--scene and --fast belong to --emu TARGET; for a running camera there is 'omv scene FILE'
profile --top all|--top takes a number from 1 to 1000000, not 'all'
profile --seconds 1e9|--seconds takes a number from 0.1 to 1000000, not '1e9'
profile a.py --seconds 2|--seconds is for a camera that runs already; a script has --timeout
crash a.py|'a.py' is one argument too many
crash --from a --clear|--from FILE reads a record that was saved; --save and --clear are for a camera's
emu|which camera? Give a TARGET, for instance OPENMV4
emu OPENMV4 OPENMV2|'OPENMV2' is one argument too many
emu OPENMV4 --gdb 65536|--gdb takes a port number, not '65536'
emu OPENMV4 --usbip some|--usbip takes a port number, not 'some'
emu OPENMV4 --flash a --image b|--flash FILE is used as it is; --image would change it
emu OPENMV4 --crystal 3.9|--crystal takes a number of MHz from 4 to 48, not '3.9'
emu OPENMV4 --crystal fast|--crystal takes a number of MHz from 4 to 48, not 'fast'
emu OPENMV4 --flash a --fresh|--flash FILE is used as it is; --fresh would erase it
deploy|which camera? Give a TARGET, for instance OPENMV4
deploy OPENMV4 OPENMV2|'OPENMV2' is one argument too many
deploy OPENMV4 --openocd --jlink|one way, not several
deploy OPENMV4 --name c|--name belongs to --emu
debug|which camera? Give a TARGET, for instance OPENMV4
debug OPENMV4 OPENMV2|'OPENMV2' is one argument too many
debug OPENMV4 --emu --jlink|one server, not several
debug OPENMV4 --openocd --port 0|--port takes a port number, not '0'
debug OPENMV4 --device X|--device belongs to --jlink
flash --timeout 2000000|--timeout takes a number from 0.1 to 1000000, not '2000000'
END

# --- with --json the same is an event, on the standard output, with the next step
while IFS='|' read -r arguments event; do
    # shellcheck disable=SC2086 # words
    check "omv $arguments" 2 "$omv" $arguments
    is 'nothing but an event' "{\"event\":\"error\",\"code\":\"usage\",\"exit\":2,$event}" "$(cat out err)"
done << 'END'
list --json --foo|"message":"unrecognized option '--foo'","next":"omv list --help"
reset a --json|"message":"'a' is one argument too many","next":"omv reset --help"
erase --timeout soon --json|"message":"--timeout takes a number from 0.1 to 1000000, not 'soon'","next":"omv erase --help"
END
check 'omv list --json --help' 0 "$omv" list --json --help
says 'is help all the same' out 'Usage: omv list'
check 'omv --version' 0 "$omv" --version
says 'a version' out "omv $(sed -n 's/^#define OMV_VERSION "\(.*\)"/\1/p' "$top/modules/omv/version.h")"
for verb in emu debug deploy vscode 'flash --board' 'erase --json --board'; do
    # shellcheck disable=SC2086 # words
    check "omv $verb of no board" 2 "$omv" $verb openmv4
    is 'the boards are listed' 'openmv4 OPENMV4P' "$(cat out err | grep -o 'openmv4\|OPENMV4P' | tr '\n' ' ' | sed 's/ $//')"
done

# --- files and outputs of a kind that nobody expects
mkfifo pipe
check 'a pipe without a writer as a script' 9 timeout 10 "$omv" run pipe
says 'is no file' err 'pipe: it is no ordinary file'
check 'and as an image' 9 timeout 10 "$omv" flash --board OPENMV4 pipe
check 'a folder as a port' 3 "$omv" view --port /
check 'the output on a full disk' 10 sh -c "'$omv' help > /dev/full"
says 'it says so' err 'the output could not be written'
check 'a reader that has seen enough' 0 sh -c "{ '$omv' help; echo \$? > status; } | true; exit \$(cat status)"
# A script, not the emulator: what is opened next has the number of the standard output.
check 'no standard output' 0 sh -c "'$omv' help >&- 2>&-"
for name in 'a,b' -a 'a b' ä ''; do
    check "a camera named '$name'" 2 "$omv" emu OPENMV4 --headless --name "$name"
done
