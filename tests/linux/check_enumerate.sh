# SPDX-License-Identifier: MIT
# What the kernel made of the descriptors. Sourced by checks.sh; $device is the camera.
dmesg | grep -E 'usb [0-9]+-' > /tmp/enumeration
for line in 'New USB device found, idVendor=37c5, idProduct=1204' 'Manufacturer: OpenMV' 'Product: OpenMV'; do
    if grep -q "$line" /tmp/enumeration; then pass "dmesg: $line"; else fail "dmesg: $line" "$(tail -n 5 /tmp/enumeration | tr '\n' ' ')"; fi
done
is 'no error while enumerating' '' "$(grep -iE 'error|fail|unable|invalid|not accepting|bogus|duplicate' /tmp/enumeration)"
is 'speed' 12 "$(attribute speed)"
is 'the largest packet of endpoint 0' 64 "$(attribute bMaxPacketSize0)"
is 'the device class says that associations are used' 'ef 02 01' "$(attribute bDeviceClass) $(attribute bDeviceSubClass) $(attribute bDeviceProtocol)"
is 'power' 500mA "$(attribute bMaxPower)"
is 'serial number: 24 hex digits' '' "$(attribute serial | sed 's/^[0-9A-F]\{24\}$//')"
is 'drivers of the interfaces' 'cdc_acm cdc_acm usb-storage ' "$(drivers)"
