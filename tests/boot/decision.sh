#!/bin/sh
# SPDX-License-Identifier: MIT
# The decision table and the LED of the real bootloader.bin, to the millisecond of the emulator's virtual time: gdb stops where the LED is
# switched and where the application is started. What is wired to the pin is read from the port's register.
# Usage: tests/boot/decision.sh
. "$(dirname "$0")/lib.sh"
magic=$(value BOARD_BOOT_MAGIC_ADDRESS)
led_name=$(sed -n 's/^#define BOARD_BOOT_LED_PORT \(.*\)_PORT$/\1/p' $gen/board.h)
led_port=$(sed -n "s/^#define ${led_name}_PORT '\(.\)'$/\1/p" $gen/board.h)
led_pin=$(value "${led_name}_PIN")
led_odr=$(printf '0x%x' $((0x58020014 + 0x400 * ($(printf '%d' "'$led_port") - 65))))
out=$work/decision

# watch CABLE REQUEST FIRMWARE TOGGLES [MONITOR-COMMAND]: starts the camera with the cable and the request word, and writes what happens to
# $out.txt, a line an event: name, microseconds, and for the LED what it is to show and the register. After so many toggles the command is
# given, if there is one, and after as many again it ends.
watch() {
    compose "$out.img" "$3"
    {
        cat <<END
set pagination off
set confirm off
set architecture arm
file $bin/bootloader.elf
target remote $out.sock
set {unsigned}$magic = $2
set \$toggles = 0
break led
commands
silent
printf "led %d %d ", \$r1, *(unsigned *)$led_odr >> $led_pin & 1
monitor qom-get /machine time
set \$toggles = \$toggles + 1
if \$toggles == $4
  printf "command "
  monitor qom-get /machine time
  monitor ${5:-info status}
end
if \$toggles > 2 * $4
  printf "request 0x%x\n", *(unsigned *)$magic
  printf "stays "
  monitor qom-get /machine time
  kill
  quit
end
continue
end
break driver_open
commands
silent
printf "configured "
monitor qom-get /machine time
continue
end
break start
commands
silent
printf "request 0x%x\n", *(unsigned *)$magic
printf "start "
monitor qom-get /machine time
kill
quit
end
continue
END
    } > "$out.gdb"
    rm -f "$out.sock"
    timeout 400 build/emulator/qemu-system-arm -M openmv4,usb-cable="$1" -display none -nodefaults -no-user-config \
        -drive "if=pflash,format=raw,file=$out.img" -icount shift=1,sleep=off -S -gdb "unix:$out.sock,server=on,wait=off" \
        -d guest_errors -D "$out.log" > "$out.emu" 2>&1 &
    emulator=$!
    n=0
    until [ -S "$out.sock" ] || [ $n -gt 600 ]; do n=$((n + 1)) && sleep 0.1; done
    timeout 300 "$sdk/gcc/bin/arm-none-eabi-gdb" -q -nx -batch -x "$out.gdb" > "$out.all" 2>&1
    kill $emulator 2> /dev/null
    wait $emulator 2> /dev/null
    grep -E '^(led|configured|command|start|stays|request) ' "$out.all" > "$out.txt"
}

# when EVENT: the time of the last one, in ms.
when() { awk -v e="$1" '$1 == e { t = int($NF / 1000 + 0.5) } END { print t }' "$out.txt"; }
since() { echo $(($(when "$1") - $(when "$2"))); }
begun() { awk '$1 == "led" { print int($NF / 1000 + 0.5); exit }' "$out.txt"; }
# led MS: the toggles come so far apart, and the pin showed what had been asked for (it is active low)
led() {
    awk -v ms="$1" '
        $1 == "led" { n++; on[n] = $2; pin[n] = $3; t[n] = $NF / 1000 }
        $1 == "start" { n-- } # it is switched off for the end
        END {
            for (i = 2; i <= n; i++) {
                gap = t[i] - t[i - 1]
                if (i > 2 && (on[i] == on[i - 1] || gap < ms - 1 || gap > ms + 1)) bad = bad " " gap " ms"
                if (pin[i] == on[i - 1]) bad = bad " pin"
            }
            print n < 5 ? "only " n " toggles" : bad == "" ? "ok" : bad
        }' "$out.txt"
}
mistakes() { is "$1: the emulator found no mistake" 0 "$(grep -cvE '^(qemu-system-arm: (terminating|QEMU: Term|warning)|$)' "$out.log")"; }

for request in 0 0xB00710AD; do
    name=$([ $request = 0 ] && echo '' || echo ', DFU asked for')
    for cable in none power; do
        watch $cable $request $bin/firmware.bin 20
        between "cable $cable$name: the application starts after a second" 999 1003 $(($(when start) - $(begun)))
        is "cable $cable$name: the LED toggles every 100 ms" ok "$(led 100)"
        is "cable $cable$name: the request is forgotten" 'request 0x0' "$(grep request "$out.txt")"
    done
done
mistakes 'no host'

watch host 0 $bin/firmware.bin 40
between 'a host: the application starts a second and a half after the configuration' 1499 1507 "$(since start configured)"
is 'a host: the LED toggles every 100 ms' ok "$(led 100)"

watch host 0xB00710AD $bin/firmware.bin 60 'qom-set /machine usb-cable none'
between 'a host, DFU asked for: it stays until it is unplugged' 0 15 "$(since start command)"
between 'a host, DFU asked for: for as long as this was watched' 5500 6500 $(($(when command) - $(begun)))
is 'a host, DFU asked for: the LED toggles every 100 ms' ok "$(led 100)"
mistakes 'a host'

head -c 300000 $bin/firmware.bin > "$work/torn.bin"
for firmware in - "$work/torn.bin"; do
    name=$([ "$firmware" = - ] && echo 'no firmware' || echo 'a torn firmware')
    for cable in none host; do
        watch $cable 0 "$firmware" 5
        is "$name, cable $cable: it is not started" 'stays' "$(awk '$1 == "start" || $1 == "stays" { print $1 }' "$out.txt")"
        is "$name, cable $cable: the LED toggles every 500 ms" ok "$(led 500)"
    done
done
