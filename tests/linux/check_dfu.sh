# SPDX-License-Identifier: MIT
# From the application into the bootloader, and flashing with an unmodified dfu-util through the kernel. Sourced by checks.sh.
tty_open && prompt
python 'import machine;machine.bootloader()' 'bootloader' 5
until_true 10 gone 1204 && pass 'machine.bootloader(): the application leaves the bus' || fail 'machine.bootloader(): the application leaves the bus' "$(attribute product)"
tty_close
if attach 9204 30; then
    pass 'the bootloader is attached'
    is "the bootloader's class" 'fe 01 02' "$(cat "$device"/*:1.0/bInterfaceClass) $(cat "$device"/*:1.0/bInterfaceSubClass) $(cat "$device"/*:1.0/bInterfaceProtocol)"
    dfu-util -l > /tmp/dfu 2>&1
    is 'dfu-util -l: the alternate settings' 'BOOTLOADER FILESYSTEM FIRMWARE ROMFS0' "$(sed -n 's/.*37c5:9204.*name="\([^"]*\)".*/\1/p' /tmp/dfu | sort | tr '\n' ' ' | sed 's/ $//')"
    dfu-util -w -d ,37C5:9204 -a 2 -D /firmware.bin > /tmp/dfu 2>&1
    is 'dfu-util -a 2 -D firmware.bin: status' 0 $?
    grep -q 'Download.*100%' /tmp/dfu && pass 'the firmware is sent' || fail 'the firmware is sent' "$(tail -n 3 /tmp/dfu | tr '\r\n' '  ')"
    dfu-util -w -d ,37C5:9204 -a 2 -U /tmp/back -Z "$(wc -c < /firmware.bin)" > /tmp/dfu 2>&1
    is 'the firmware is read back' "$(sha256sum < /firmware.bin)" "$(head -c "$(wc -c < /firmware.bin)" /tmp/back | sha256sum)"
    dfu-util -w -d ,37C5:9204 -a 3 --reset -D /romfs0.img > /tmp/dfu 2>&1
    status=$?
    # 251 is LIBUSB_ERROR_NOT_FOUND: dfu-util takes it for success too, a device that leaves at its reset.
    case $status in 0 | 251) status=0 ;; esac
    is 'dfu-util -a 3 --reset -D romfs0.img: status' '0 Resetting USB' "$status $(grep -o 'Resetting USB' /tmp/dfu)"
else
    fail 'the bootloader is attached' "$(cat /tmp/attach)"
fi
attach 1204 60 && pass 'the application is back' || fail 'the application is back' "$(cat /tmp/attach)"
tty_open && prompt && python 'import os;print(os.listdir("/rom"), "linux.bin" in os.listdir("/flash"))' '^\[.*\] True' 10 &&
    pass "it runs, and the camera's files are there" || fail "it runs, and the camera's files are there" "$(tail -c 300 $OUT)"
tty_close
