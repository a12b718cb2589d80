# SPDX-License-Identifier: MIT
# A session over /dev/ttyACM0 by the kernel's cdc_acm. Sourced by checks.sh.
if tty_open && prompt; then
    is 'the prompt on a serial port' /dev/ttyACM0 "$tty"
    python 'print(1+1)' '^2' 5 && pass 'print(1+1)' || fail 'print(1+1)' "$(tail -c 200 $OUT)"
    python 'exec("print(20 + 3, 4)\\nwhile True: pass")' '^23 4' 5
    type_in '\003'
    until_true 5 shows 'KeyboardInterrupt' && pass 'Ctrl-C ends a loop' || fail 'Ctrl-C ends a loop' "$(tail -c 200 $OUT)"
    prompt
    python 'for i in range(2000): print("%%010d" %% i)\r\r' '0000001999' 30
    is '22 KB of output, complete and in order' "$(awk 'BEGIN { for (i = 0; i < 2000; i++) printf "%010d\n", i }' | md5sum)" "$(tail -c +$mark $OUT | tr -d '\r' | grep -E '^[0-9]{10}$' | md5sum)"
    type_in '\004'
    until_true 10 shows 'soft reboot' && until_true 10 shows '>>> ' && pass 'soft reset; the port stays' || fail 'soft reset; the port stays' "$(tail -c 200 $OUT)"
    tty_close
    tty_open && prompt && python 'print(40+2)' '^42' 5 && pass 'closed and opened again' || fail 'closed and opened again' "$(tail -c 200 $OUT)"
else
    fail 'the prompt on a serial port' "$(ls /dev/ttyACM* 2>&1) $(tail -c 200 $OUT)"
fi
tty_close
