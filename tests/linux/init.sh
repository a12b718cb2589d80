#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# First program of the guest: devices, modules, network, then the checks. It powers off at the end, whatever happens.
export PATH=/bin:/sbin HOME=/
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /tmp /mnt /var/run /usr/share/misc
: > /usr/share/misc/usb.ids
stty -F /dev/console raw -echo

for module in e1000 vhci-hcd cdc-acm usb-storage sd_mod vfat nls_cp437 nls_ascii; do
    modprobe $module || echo "FAIL the guest's kernel module $module: modprobe ended with status $? [rerun: tests/run.sh linux]"
done
ifconfig lo 127.0.0.1 up
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
for _ in 1 2 3 4 5 6 7 8 9 10; do ping -c 1 -W 1 10.0.2.2 > /dev/null && break; done
sh /checks.sh < /dev/console
echo '@end'
poweroff -f
