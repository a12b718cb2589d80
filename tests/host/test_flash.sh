#!/bin/sh
# SPDX-License-Identifier: MIT
# omv flash, erase, recover and bootloader: files that must not be written, and a bootloader behind USB/IP (fake_usb) that fails in every way.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

mkimage=$work/mkimage
compile="${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror -I$top"
$compile -o mkimage "$top/tools/mkimage.c" "$top/boot/image.c" && $compile -o mkdfu "$top/tools/mkdfu.c" && $compile -o fake "$top/tests/host/fake_usb.c" ||
    exit 1

cat "$omv" "$omv" "$omv" "$omv" "$omv" "$omv" "$omv" "$omv" | tail -c +5000 > noise
# make_image FILE BOARD ADDRESS-IN-OCTAL-BYTES SIZE: firmware as the build leaves it, of noise.
make_image() {
    head -c "$4" noise > "$1"
    head -c 64 /dev/zero | dd of="$1" bs=1 seek=768 conv=notrunc 2> /dev/null
    printf 'OMVI\001\000\100\000' | dd of="$1" bs=1 seek=768 conv=notrunc 2> /dev/null
    printf '%s' "$2" | dd of="$1" bs=1 seek=776 conv=notrunc 2> /dev/null
    # shellcheck disable=SC2059
    printf "$3" | dd of="$1" bs=1 seek=808 conv=notrunc 2> /dev/null
    "$mkimage" "$1"
}
make_image firmware.bin OPENMV4 '\000\000\004\010' 200000
make_image other.bin OPENMV_N6 '\000\000\010\160' 200000
make_image elsewhere.bin OPENMV4 '\000\000\002\010' 200000
make_image unknown.bin MYBOARD '\000\000\004\010' 200000
make_image large.bin OPENMV4 '\000\000\004\010' 1703940
printf '\322\315\061\200\200\200\200\200\200\200\200\200\200\200\200\004abcd' > romfs0.img
printf '\322\315\061\200\200\200\200\200\200\200\200\200\200\200\200\104abcd' > romfs_cut.img
./mkdfu -o firmware.dfu --usb 37C5:9204 firmware.bin
./mkdfu -o n6.dfu --usb 37C5:9206 firmware.bin
./mkdfu -o dfuse.dfu --usb 0483:DF11 --address 0x08040000 firmware.bin

# --- files that are wrong: refused without a camera, with the reason and the next step
# refused NAME CODE TEXT ARGUMENT...
refused() {
    what=$1 code=$2 text=$3
    shift 3
    check "$what" "$code" "$omv" flash --board OPENMV4 "$@"
    says "$what: it says why" err "$text"
    if [ "$(wc -l < err)" -eq 2 ]; then echo "PASS $what: one message and the next step"; else
        echo "FAIL $what: expected a message and the next step, got '$(tr '\n' '|' < err)'; rerun: sh tests/host/$script"; fi
}
: > empty.bin
refused 'an empty file' 14 'empty.bin is empty' empty.bin
refused 'no such file' 9 'nowhere.bin cannot be read: No such file' nowhere.bin
head -c 150000 firmware.bin > truncated.bin
refused 'a truncated image' 14 'truncated: 150000 of 200000 bytes' truncated.bin
head -c 60 firmware.bin > cut.bin
refused 'an image cut before its header' 14 'no image header' cut.bin
cp firmware.bin corrupt.bin
printf 'x' | dd of=corrupt.bin bs=1 seek=123456 conv=notrunc 2> /dev/null
refused 'a corrupted image' 14 'its CRC is wrong' corrupt.bin
cp firmware.bin badheader.bin
printf 'x' | dd of=badheader.bin bs=1 seek=790 conv=notrunc 2> /dev/null
refused 'a corrupted header' 14 'no image header' badheader.bin
cp firmware.bin longer.bin
echo junk >> longer.bin
refused 'an image with something behind it' 14 'follows it' longer.bin
refused 'an image that is too large' 14 'it has 1703940 bytes, FIRMWARE has 1703936' large.bin
refused 'firmware of another board' 15 'firmware for OPENMV_N6; this camera is an OPENMV4' other.bin
refused 'firmware of a board that is unknown' 15 'firmware for MYBOARD' unknown.bin
refused 'firmware for another address' 16 'belongs at 0x08020000' elsewhere.bin
printf '\177ELF\001\001\001' > firmware.elf
head -c 5000 /dev/zero >> firmware.elf
refused 'an ELF file' 14 'an ELF file' firmware.elf
printf ':10000000FFFFFF\n' > firmware.hex
refused 'an Intel HEX file' 14 'Intel HEX' firmware.hex
printf 'import sensor\nprint("hello")\n' > main.py
refused 'a script' 14 'a text file' main.py
head -c 5000 /dev/zero > zeros.bin
refused 'a foreign image' 14 'no image header' zeros.bin
refused 'a foreign image that cannot start, even by force' 14 'its reset vector is 0x00000000' --force zeros.bin
refused 'a folder' 9 'Is a directory' .
refused 'a truncated ROM file system' 14 'truncated' romfs_cut.img
refused 'firmware into the ROM file system' 16 'is firmware for 0x08040000; ROMFS0 is not there' --to ROMFS0 firmware.bin
refused 'the same by the alternate' 16 'is firmware for 0x08040000; ROMFS0 is not there' --to 3 firmware.bin
refused 'a ROM file system into the firmware' 16 'FIRMWARE is for something else' --to FIRMWARE romfs0.img
refused 'into the bootloader' 16 'read-only' --to BOOTLOADER firmware.bin
refused 'into no partition' 16 "no partition 'NOWHERE'" --to NOWHERE firmware.bin
refused 'two files for one place' 16 'both go to FIRMWARE' firmware.bin firmware.dfu
refused 'a .dfu of another board' 15 'for USB devices 37C5:9206' n6.dfu
cp firmware.dfu cut.dfu
truncate -s 200000 cut.dfu
refused 'a truncated .dfu' 14 'no DFU suffix' cut.dfu
cp firmware.dfu bad.dfu
printf 'x' | dd of=bad.dfu bs=1 seek=1234 conv=notrunc 2> /dev/null
refused 'a corrupted .dfu' 14 'CRC of its DFU suffix' bad.dfu
head -c 100000 dfuse.dfu > cutse.dfu
refused 'a truncated DfuSe file' 14 'no DFU suffix' cutse.dfu
head -c 20000 firmware.bin > boot.bin
head -c 64 /dev/zero | dd of=boot.bin bs=1 seek=768 conv=notrunc 2> /dev/null
printf '\255\020\007\260' | dd of=boot.bin bs=1 seek=4096 conv=notrunc 2> /dev/null
cp boot.bin anyboot.bin
printf '\000OPENMV4\000' | dd of=boot.bin bs=1 seek=9000 conv=notrunc 2> /dev/null
sed 's/OPENMV4/OPENMV3/' boot.bin > boot3.bin
refused 'a bootloader' 16 'begins with a bootloader' boot.bin
check 'an unknown board' 2 "$omv" flash --board OPENMV5 firmware.bin
check 'recover without a board' 2 "$omv" recover boot.bin
check 'recover with the bootloader of another board' 15 "$omv" recover --board OPENMV4 --yes boot3.bin
check 'the same for a board whose name goes on' 15 "$omv" recover --board OPENMV4P --yes boot.bin
check 'recover with a bootloader that names no board' 14 "$omv" recover --board OPENMV4 --yes anyboot.bin
check 'the same by force gets to the camera' 3 "$omv" recover --board OPENMV4 --yes --force --timeout 0.5 anyboot.bin
check 'recover with firmware' 14 "$omv" recover --board OPENMV4 --yes firmware.bin
cat boot.bin firmware.bin > combined.bin
check 'recover with a combined image' 16 "$omv" recover --board OPENMV4 --yes combined.bin
says 'it says what that would do' err 'erases the file system'

# --- no camera
check 'no camera' 3 "$omv" flash firmware.bin
says 'the next step' err '-w waits for it'
ends 'waiting in vain' 3 "$omv" flash --timeout 1 firmware.bin
check 'no bootloader to wait for' 3 "$omv" recover --board OPENMV4 --yes --timeout 0.5 boot.bin
check 'erase without a camera' 3 "$omv" erase
check 'bootloader without a camera' 3 "$omv" bootloader
check 'a loader that omv does not speak, with its commands' 20 "$omv" erase --board OPENMV_RT1060
says 'the commands' out 'blhost -u 0x15A2,0x0073 -t 120000 -- flash-erase-region 0x60400000 0x1000'

# --- no permission: a real device, as libusb shows it to somebody without udev rules
sysroot=${SDK_DIR:-$HOME/openmv-sdk-$(cat "$top/SDK_VERSION")}/host
if ${HOST_CC:-cc} -std=c11 -O1 -Wall -Wextra -Werror -shared -fPIC -nostdlib -isystem "$sysroot/usr/include/libusb-1.0" -o denied.so \
    "$top/tests/host/denied_libusb.c"; then
    check 'no permission' 17 env LD_PRELOAD="$work/denied.so" "$omv" flash firmware.bin
    says 'the next step is the udev rules' err 'omv doctor --install-udev'
    says 'nothing was written' err 'nothing was written'
    check 'doctor sees it too' 17 env LD_PRELOAD="$work/denied.so" "$omv" doctor
    says 'it says which device' out '/dev/bus/usb/250/007'
else
    echo "FAIL no permission: the preloaded library cannot be compiled; rerun: sh tests/host/$script"
fi

# --- the documentation names every exit status that flashing has
unnamed=
for name in $("$omv" help | awk '/^ *[0-9]+  /{ print $2 }'); do
    case $name in ok | script | output | not_built | emulator | system) continue ;; esac
    grep -q "\`$name\`" "$top/docs/flashing.md" || unnamed="$unnamed $name"
done
is 'docs/flashing.md names every exit status' '' "$unnamed"

# --- doctor
"$omv" doctor --print-udev > rules
missing=
for id in $(sed -n 's/^USB_[A-Z_]* *+*= *\([^#]*\).*/\1/p' "$top"/boards/*/board_config.mk "$top"/chips/*.mk); do
    lower=$(echo "$id" | tr 'A-F' 'a-f')
    grep -q "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"${lower%:*}\", ATTR{idProduct}==\"${lower#*:}\", MODE=\"0666\", TAG+=\"uaccess\"" rules || missing="$missing $id"
done
is 'every USB id of every board has a rule' '' "$missing"
is 'no rule is there twice' '' "$(grep -v '^#' rules | grep . | sort | uniq -d)"
is 'as many rules for serial ports as the boards have ids' "$(sed -n 's/^USB_\(APP\|ALIAS\) *+*= *//p' "$top"/boards/*/board_config.mk | wc -w)" "$(grep -c 'SUBSYSTEM=="tty"' rules)"
mkdir rules.d
check 'doctor --install-udev' 0 env OMV_UDEV_DIR="$work/rules.d" "$omv" doctor --install-udev
if cmp -s rules rules.d/70-openmv.rules; then echo 'PASS they are what is printed'; else echo "FAIL they are what is printed: expected the same, got another file; rerun: sh tests/host/$script"; fi
check 'again' 0 env OMV_UDEV_DIR="$work/rules.d" "$omv" doctor --install-udev
is 'nothing else is left there' 70-openmv.rules "$(ls rules.d)"
check 'where nobody can write' 17 env OMV_UDEV_DIR=/proc/self "$omv" doctor --install-udev
says 'the command for root' err 'sudo tee'
check doctor 0 env OMV_UDEV_DIR="$work/rules.d" "$omv" doctor
says 'the rules are seen' out "ok       udev rules"
check 'doctor --json' 0 "$omv" doctor --json
says 'findings' out '{"event":"finding","what":"SDK","ok":true'
check 'doctor without an SDK' 11 env SDK_DIR="$work/none" "$omv" doctor
says 'what to do' out '-> make sdk'

# --- a bootloader
mkdir -p -m 700 "$XDG_RUNTIME_DIR/openmv"
# plug_in NAME: an OPENMV4 in its bootloader; its commands go to file descriptor 7 (8 for a second one), its_ready waits until it listens.
plug_in() {
    folder=$work/$1
    rm -rf "$folder"
    mkdir "$folder" && mkfifo "$folder/in"
    printf '{"pid": %d, "target": "OPENMV4"}\n' $$ > "$XDG_RUNTIME_DIR/openmv/$1.lock"
    flock "$XDG_RUNTIME_DIR/openmv/$1.lock" ./fake "$XDG_RUNTIME_DIR/openmv/$1.usbip" dfu "$folder" < "$folder/in" > "$folder/log" &
    plugged=$!
    pids="$pids $plugged"
}
# The writing end stays open in this shell, and only here.
connect7() { exec 7> "$work/$1/in" && its_ready "$1"; }
its_ready() { until_true has "$1/log" listening; }
unplug_all() {
    exec 7>&- 8>&-
    for p in $(pgrep -P $$ flock) $(pgrep -P $$ fake); do pkill -P "$p" 2> /dev/null; kill "$p" 2> /dev/null; done
    wait 2> /dev/null
    rm -f "$XDG_RUNTIME_DIR/openmv/"*
}
tell() { echo "$*" >&7; }

plug_in cam && connect7 cam
check flash 0 "$omv" flash firmware.bin
says 'it is verified' out 'FIRMWARE verified'
says 'the application has come up' out 'app 37C5:1204'
if cmp -s firmware.bin cam/alt2; then echo 'PASS the camera holds the image'; else echo "FAIL the camera holds the image: expected firmware.bin, got another content; rerun: sh tests/host/$script"; fi
tell dfu
check 'flash of a .dfu' 0 "$omv" flash firmware.dfu
if cmp -s firmware.bin cam/alt2; then echo 'PASS the suffix is not written'; else echo "FAIL the suffix is not written: expected firmware.bin, got another content; rerun: sh tests/host/$script"; fi
tell dfu
check 'flash --json' 0 "$omv" flash --json firmware.bin
says 'progress events' out '{"event":"progress","phase":"write","partition":"FIRMWARE","bytes":0,"total":200000,"percent":0}'
says 'verify events' out '"phase":"verify","partition":"FIRMWARE","bytes":200000,"total":200000,"percent":100}'
says 'the end' out '"event":"running"'
tell dfu
check 'flash of firmware, ROM file system, and erasing the disk' 0 "$omv" flash --romfs --erase-disk firmware.bin
if cmp -s romfs0.img cam/alt3; then echo 'PASS the ROM file system is there'; else echo "FAIL the ROM file system is there: expected romfs0.img, got another content; rerun: sh tests/host/$script"; fi
is 'the disk is erased' "$(head -c 4096 /dev/zero | cksum)" "$(cksum < cam/alt1)"
tell dfu
check erase 0 "$omv" erase
says 'it says what goes' out 'main.py and every other file'
tell dfu
check bootloader 0 "$omv" bootloader
check 'flash of another board' 15 "$omv" flash other.bin
says 'it says what the camera is' err 'OpenMV Cam H7'
check 'the board by name, another one is there' 15 "$omv" erase --board OPENMV_N6
check 'another serial number' 3 "$omv" flash --serial 42 firmware.bin
check 'its serial number' 0 "$omv" flash --serial 0123456789ABCDEF firmware.bin
tell dfu
check 'recover of an emulated camera whose emulator does not answer' 12 "$omv" recover --board OPENMV4 --yes --timeout 0.5 boot.bin

# --- it fails
tell status 1
check 'the bootloader says: another board' 15 "$omv" flash firmware.bin
says 'nothing was changed' err 'Nothing was changed'
tell status 3
check 'the bootloader cannot write' 8 "$omv" flash firmware.bin
says 'what the camera is now' err 'it stays in its bootloader'
tell flip
check 'what is read back differs' 18 "$omv" flash firmware.bin
check 'again' 0 "$omv" flash firmware.bin
tell dfu
tell release 0100
check 'a bootloader older than this program' 19 "$omv" flash firmware.bin
says 'its version' err '1.0.0'
check 'by force' 0 "$omv" flash --force firmware.bin
tell release 0103
tell dfu
tell attributes 5
check 'a bootloader that cannot be read back' 19 "$omv" flash firmware.bin
check 'not verified, as asked' 0 "$omv" flash --no-verify firmware.bin
says 'it is said' out 'not read back'
tell attributes 7
tell dfu
tell name 2 SPI_FLASH
check 'another table of partitions' 19 "$omv" flash firmware.bin
tell name 2 FIRMWARE
tell dfu
tell stay
check 'an application that does not come up' 6 "$omv" flash firmware.bin
says 'that its bootloader stays' err 'its bootloader does not start it'
tell app
unplug_all

# Unplugged, dropped, stalled at every transfer: a named exit code, and the second run succeeds.
# Reading what it is takes some, then 2 per block, then 1 for each that is read back.
every=${OMV_TEST_EVERY:-37}
n=3
failures=0 spoilt=0 wrong=
while [ $n -le 160 ]; do
    for kind in unplug stall close; do
        plug_in cam && connect7 cam
        printf 'fault %s %d\n' $kind $n >&7
        "$omv" flash firmware.bin > out 2> err
        status=$?
        spoilt=$((spoilt + 1))
        case $status in
        0 | 3 | 5 | 6 | 7 | 8) ;;
        *) wrong="$wrong $kind/$n:$status" ;;
        esac
        [ $status -eq 0 ] || { failures=$((failures + 1)); [ "$(wc -l < err)" -ge 2 ] || wrong="$wrong $kind/$n:no-advice"; }
        printf 'fault none 0\nplug\ndfu\n' >&7
        "$omv" flash firmware.bin > out 2> err || wrong="$wrong $kind/$n:second-run-$?"
        cmp -s firmware.bin cam/alt2 || wrong="$wrong $kind/$n:content"
        unplug_all
    done
    n=$((n + every))
done
is "every $every. transfer spoilt ($spoilt runs, $failures failures)" '' "$wrong"
if [ $failures -gt $((spoilt / 3)) ]; then echo 'PASS many of them were failures'; else
    echo "FAIL many of them were failures: expected more than $((spoilt / 3)), got $failures; rerun: sh tests/host/$script"; fi

# --- two of them
plug_in one && connect7 one
plug_in two && exec 8> two/in && its_ready two
check 'two cameras' 4 "$omv" flash firmware.bin
says 'both are shown' err 'name one'
check 'the one that is named' 0 "$omv" flash --name two firmware.bin
unplug_all
