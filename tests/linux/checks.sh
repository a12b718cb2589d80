# SPDX-License-Identifier: MIT
# Runs in the guest: a real Linux kernel is the emulated camera's USB host.
. /lib.sh
. /settings.sh # HOST, PORT, PARTS

# No result for 30 s: the log gets what every program does and what the kernel waits for; @lost when that is a request of vhci_hcd (run.sh).
watch() {
    seen=-1
    while sleep 30; do
        results=$(wc -l < /tmp/results)
        if [ "$results" = $seen ]; then
            ps | sed 's/^/# /'
            dmesg -c >> /tmp/before # these traces are asked for: no fault that the end should find
            echo w > /proc/sysrq-trigger
            dmesg -c | tail -n 200 > /tmp/blocked
            sed 's/^/# /' /tmp/blocked
            grep -qE 'usb_(poison|kill)_urb' /tmp/blocked && echo '@lost'
        fi
        seen=$results
    done
}
: > /tmp/results
: > /tmp/before
watch &

# ---- USB/IP ----------------------------------------------------------------------------------------------------------
usbip_camera list -r "$HOST" > /tmp/list 2>&1
if grep -q '1-1.*37c5:1204' /tmp/list; then pass 'usbip list shows the camera'; else fail 'usbip list shows the camera' "$(tr '\n' ' ' < /tmp/list)"; fi
if ! attach 1204 30; then
    fail 'usbip attach' "37c5:1204 isn't enumerated: $(cat /tmp/attach)"
    dmesg | sed 's/^/# /'
    exit
fi
pass 'usbip attach'

for part in $PARTS; do
    . /check_$part.sh
done

# ---- What the kernel has to say about all that --------------------------------------------------------------------------
{ cat /tmp/before && dmesg; } > /tmp/dmesg
sed 's/^/# /' /tmp/dmesg # for the log
grep -E 'BUG:|Oops|WARNING:|Call Trace|blocked for more than|general protection' /tmp/dmesg > /tmp/oops
is 'no oops and no warning in the kernel' '' "$(head -n 5 /tmp/oops)"
