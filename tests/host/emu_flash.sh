#!/bin/sh
# SPDX-License-Identifier: MIT
# omv flash, erase, recover and bootloader on the emulated camera: the real bootloader.bin and firmware.bin over its USB.
# OMV_TEST_ALL=1: killed, unplugged and power-cut at every tenth of writing and of reading back, instead of a few.
. "$(dirname "$0")/lib.sh"
bin=$top/build/OPENMV4/bin
if [ ! -x "$top/build/emulator/qemu-system-arm" ] || [ ! -f "$bin/bootloader.bin" ] || [ ! -f "$bin/firmware.bin" ]; then
    echo 'SKIP flashing the emulated camera: firmware, bootloader or emulator are not built'
    exit 0
fi
cd "$work" || exit 1
cp "$bin/firmware.bin" "$bin/romfs0.img" "$bin/bootloader.bin" .

me=flash-$$
trap 'finish; rm -f "$top/build/emu/OPENMV4/$me".*' EXIT
"$omv" emu OPENMV4 --headless --fresh --usbip none --name "$me" > emu.out 2> emu.err &
pids="$pids $!"
until_true has emu.out ready
says 'the camera becomes ready' emu.out ready

printf 'with open("/flash/kept.txt", "w") as f:\n    f.write("kept")\n' > keep.py
printf 'import os\nprint("kept.txt" in os.listdir("/flash"))\n' > kept.py
# on_camera NAME SCRIPT: runs it; it must end well within two minutes, however slow the host is.
on_camera() { check "$1" 0 "$omv" run --timeout 120 --name "$me" "$2"; }
on_camera 'a file on its disk' keep.py

# --- from the running application
check 'flash' 0 "$omv" flash --json --name "$me" firmware.bin
says 'it is verified' out '"event":"verified","partition":"FIRMWARE"'
says 'the application is back' out '"event":"running","target":"OPENMV4"'
size=$(wc -c < firmware.bin)
requests=$(sed -n 's/.*"requests":\([0-9]*\).*/\1/p' out)
least=$(((size + 4095) / 4096 * 3))
echo "# $(sed -n 's/.*"event":"done"//p' out); for its blocks alone $least requests are needed"
on_camera 'its files are as they were' kept.py
is 'the file is there' True "$(cat out)"
if [ "${requests:-0}" -ge "$least" ]; then echo 'PASS every block was written and read back'; else
    echo "FAIL every block was written and read back: expected at least $least requests, got ${requests:-none}; rerun: sh tests/host/$script"; fi

# --- what must not be written is refused by the tool; by force, the bootloader's own check is the last
sed 's/OPENMV4/OPENMV9/' firmware.bin > other.bin
check 'an image that is broken' 14 "$omv" flash --name "$me" other.bin
check 'still the application' 0 "$omv" run --timeout 120 --name "$me" kept.py

# --- a foreign image: the firmware without its header
cp firmware.bin foreign.bin
header=$(LC_ALL=C grep -abo OMVI firmware.bin | head -n 1 | cut -d: -f1)
head -c 64 /dev/zero | dd of=foreign.bin bs=1 seek="$header" conv=notrunc 2> /dev/null
check 'a foreign image' 14 "$omv" flash --name "$me" foreign.bin
check 'a foreign image by force' 0 "$omv" flash --force --name "$me" foreign.bin
on_camera 'it runs' kept.py
is 'with its files' True "$(cat out)"

# --- refused by the bootloader itself, before it erases: no room for the descriptor of a foreign image. The old firmware runs again.
cp foreign.bin full.bin
truncate -s 1703936 full.bin
check 'an image that the bootloader refuses' 16 "$omv" flash --force --name "$me" full.bin
says 'nothing was changed' err 'Nothing was changed'
on_camera 'the camera runs as before' kept.py
is 'with its files as before' True "$(cat out)"

# --- bootloader, and an unmodified dfu-util that is stopped in the middle
check 'bootloader' 0 "$omv" bootloader --name "$me"
says 'it says what is there' out 'bootloader 37C5:9204'
check 'bootloader again' 0 "$omv" bootloader --name "$me"
check 'a script, while it is in its bootloader' 6 "$omv" run --timeout 60 --name "$me" kept.py
says 'what is the matter, and what to do' err 'it is in its bootloader'
timeout -s KILL 2 "$omv" exec -- dfu-util -w -d ,37C5:9204 -a 2 -D firmware.bin > dfu.out 2>&1
check 'flash after a dfu-util that was killed, all images' 0 "$omv" flash --romfs --board OPENMV4 --name "$me" firmware.bin

# --- found in the second and a half in which it only waits: it stays all the same
"$omv" reset --name "$me" > /dev/null
for _ in $(seq 100); do
    "$omv" list 2> /dev/null | grep -q "DFU .*$me" && break
    sleep 0.05
done
check 'bootloader within its window' 0 "$omv" bootloader --name "$me"
sleep 4
"$omv" list > out 2> err
says 'it stays' out 'DFU 37C5:9204'

# --- killed, unplugged, power cut
# interrupt HOW PHASE PERCENT: in the middle of a flash; then the second run must succeed. On a slow machine it may come when all is verified:
# then the camera has only to start, and does, or is not seen to.
interrupt() {
    : > progress.out
    "$omv" flash --json --name "$me" firmware.bin > progress.out 2> progress.err &
    flasher=$!
    for _ in $(seq 3000); do
        grep -q "\"phase\":\"$2\".*\"percent\":$3" progress.out && break
        kill -0 $flasher 2> /dev/null || break
        sleep 0.05
    done
    case $1 in
    killed) kill -9 $flasher ;;
    interrupted) kill -TERM $flasher ;;
    unplugged) "$omv" power unplug --name "$me" ;;
    'power cut') "$omv" power cut --name "$me" ;;
    esac
    wait $flasher
    status=$?
    late=$(grep -c '"event":"verified"' progress.out)
    case $1:$status:$late in
    killed:137:* | interrupted:130:* | unplugged:7:* | unplugged:8:* | 'power cut:7:'* | 'power cut:8:'*) echo "PASS $1 at $2 $3 %: status $status" ;;
    *:0:1 | *:6:1) echo "PASS $1 at $2 $3 %: too late, status $status" ;;
    *) echo "FAIL $1 at $2 $3 %: expected a named status, got $status ($(tail -n 1 progress.out)); rerun: sh tests/host/$script" ;;
    esac
    [ "$1" = killed ] || [ "$late" = 1 ] || says "$1 at $2 $3 %: the next command" progress.out 'omv flash -w'
    [ "$1" = unplugged ] && "$omv" power plug --name "$me"
    check "$1 at $2 $3 %: the second run" 0 "$omv" flash --timeout 60 --name "$me" firmware.bin
    cp out second.out
}
if [ -n "${OMV_TEST_ALL:-}" ]; then
    for how in killed interrupted unplugged 'power cut'; do
        for percent in 0 10 20 30 40 50 60 70 80 90 100; do
            interrupt "$how" write $percent
            [ $percent = 100 ] || interrupt "$how" verify $percent
        done
    done
else
    interrupt unplugged write 30
    interrupt 'power cut' write 60
    interrupt killed verify 50
fi
on_camera 'after all that' kept.py
is 'its files are as they were, after all that' True "$(cat out)"

# --- erase
check 'erase' 0 "$omv" erase --name "$me"
on_camera 'after erasing' kept.py
is 'the file is gone' False "$(cat out)"

# --- the bootloader is broken: the chip's loader restores it, and the firmware is flashed
check 'recover' 0 "$omv" recover --board OPENMV4 --name "$me" --firmware firmware.bin bootloader.bin
says 'the bootloader is verified' out 'BOOTLOADER verified'
says 'the firmware too' out 'FIRMWARE verified'
on_camera 'the camera is well' kept.py
