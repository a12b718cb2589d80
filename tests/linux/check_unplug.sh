# SPDX-License-Identifier: MIT
# The device goes while it is busy: the kernel lives on, and the camera comes back. Sourced by checks.sh.
# busy: the camera prints for ever, and the disk is read for ever.
busy() {
    attach 1204 60 && until_true 15 disk_ready && tty_open && prompt || return
    type_in 'while True: print("x" * 60)\r\r'
    until_true 10 shows 'xxxx' || return
    (while dd if="$disk" of=/dev/null bs=4096 iflag=direct 2> /dev/null; do :; done) &
    dd=$!
    sleep 1
}
# back NAME: what was busy has ended, and the camera can be attached and works.
back() {
    until_true 10 gone 1204 && pass "$1: the device is gone" || fail "$1: the device is gone" "$(attribute product)"
    kill $dd 2> /dev/null
    wait $dd 2> /dev/null
    tty_close
    attach 1204 60 && tty_open && prompt && python 'print(6*7)' '^42' 5 && pass "$1: the camera is back" ||
        fail "$1: the camera is back" "$(cat /tmp/attach) $(tail -c 200 $OUT)"
    tty_close
}
# while_busy NAME COMMAND...
while_busy() {
    name=$1
    shift
    if busy; then "$@" && back "$name while busy"; else fail "$name while busy" "nothing to unplug: $(cat /tmp/attach) $(tail -c 200 $OUT)"; fi
}
unplug() { ask unplug && ask plug; }
power_cut() { ask power-off && ask power-on; }

while_busy 'usbip detach' detach
while_busy 'cable unplugged' unplug
while_busy 'power cut' power_cut
