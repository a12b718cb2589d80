# SPDX-License-Identifier: MIT
# The camera's /flash as a disk of the kernel's usb-storage. Sourced by checks.sh.
mount_disk() { mount -t vfat "$disk" /mnt 2> /tmp/mount; }
# camera_hash NAME: $hash is the camera's own SHA-256 of a file on /flash.
camera_hash() {
    tty_open && prompt
    python "import hashlib,binascii;print('H'+binascii.hexlify(hashlib.sha256(open('/flash/$1','rb').read()).digest()).decode())" '^H[0-9a-f]{64}' 10
    hash=$(tail -c +"$mark" $OUT | tr -d '\r' | sed -n 's/^H\([0-9a-f]\{64\}\)$/\1/p')
    tty_close
}

if until_true 15 disk_ready && mount_disk; then
    pass "the disk mounts: $(grep /mnt /proc/mounts | cut -d' ' -f1,3), $(cat "/sys/block/${disk#/dev/}/size") blocks"
    [ -s /mnt/README.txt ] && pass 'README.txt is read' || fail 'README.txt is read' "$(ls -la /mnt | tr '\n' ' ')"
    head -c 20000 /dev/urandom > /tmp/file
    cp /tmp/file /mnt/linux.bin && sync && umount /mnt && pass 'a file is written' || fail 'a file is written' "$(cat /proc/mounts | tail -n 1)"
    echo 3 > /proc/sys/vm/drop_caches
    mount_disk && cmp /tmp/file /mnt/linux.bin > /tmp/cmp 2>&1 && pass 'it is read back' || fail 'it is read back' "$(cat /tmp/mount /tmp/cmp)"
    umount /mnt
    camera_hash linux.bin
    is 'the camera reads the same file' "$(sha256sum < /tmp/file | cut -c1-64)" "$hash"
else
    fail 'the disk mounts' "$(cat /tmp/mount 2> /dev/null) $(dmesg | grep -iE 'scsi|sd[a-z]|usb-storage' | tail -n 5 | tr '\n' ' ')"
fi
