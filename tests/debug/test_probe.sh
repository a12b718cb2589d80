#!/bin/sh
# SPDX-License-Identifier: MIT
# A probe: the real OpenOCD on the emulated camera's debug port; deploy; a J-Link server's stand-in.
. "$(dirname "$0")/lib.sh"
socket=$work/run/openmv/probe.swj

start_emulator probe --fast
printf 'open("/flash/mine.txt", "w").write("kept")\n' > "$work/write.py"
printf 'print("mine:", open("/flash/mine.txt").read())\nimport os\nprint(os.uname())\n' > "$work/read.py"
check 'a file on the camera' 0 limited 60 "$omv" run --name probe "$work/write.py"

# ocd COMMANDS: OpenOCD on the debug port, with our configuration; all it says is in $work/out.
ocd() {
    limited 120 "$sdk/bin/openocd" -c "set INTERFACE {$top/chips/openocd_emulated.cfg}; set SOCKET {$socket}" \
        -f "$top/chips/openocd_stm32h7_dual_bank.cfg" -c 'telnet_port disabled; tcl_port disabled; gdb_port disabled' \
        -c '[target current] configure -event reset-init {}' -c init -c "$1; shutdown" > "$work/out" 2>&1 < /dev/null
}

# ---- the chain, the port, the core ----
ocd 'halt; echo "id [format %x [read_memory 0x5C001000 32 1]]"; mww 0x24070000 0x12345678; mwh 0x24070004 0xabcd; mwb 0x24070007 0x5a
     echo "memory [read_memory 0x24070000 8 8]"; reg r0 0xcafef00d; echo [reg r0]; echo [reg s3]; bp 0x20001000 2 hw
     echo [catch {read_memory 0x10800000 32 1}]; echo "after [read_memory 0x24070000 32 1]"; rbp all; resume'
matches 'JTAG: the debug port' out 'stm32h7x.cpu tap/device found: 0x6ba00477'
matches 'JTAG: the boundary scan' out 'stm32h7x.bs tap/device found: 0x06450041'
matches 'the core' out 'Cortex-M7 r1p2 processor detected'
matches 'its comparators' out 'target has 8 breakpoints, 4 watchpoints'
matches 'the device id over the APB port' out '^id [0-9a-f]*6450$'
matches 'bytes, halves and words' out '^memory 0x78 0x56 0x34 0x12 0xcd 0xab 0x0 0x5a'
matches 'core registers' out '^r0 \(/32\): 0xcafef00d'
matches 'an address where nothing is: an error' out '^1$'
matches 'and the port goes on' out '^after 0x12345678'
# (Masking interrupts while stepping has a time-out of half a second, which a busy machine may miss.)
for _ in 1 2 3 4 5 6 7 8 9 10; do # OpenOCD gives the core half a second for a step, which a busy machine may miss
ocd 'reset halt; echo "pc [reg pc]"; set sp [lindex [read_memory [read_memory 0xE000ED08 32 1] 32 2] 1]; echo "vector $sp"
     stm32h7x.cpu0 cortex_m maskisr off; step; echo "step [reg pc]"; stm32h7x.cpu0 cortex_m maskisr auto; reset run'
pc=$(sed -n 's/^pc pc (\/32): 0x//p' "$work/out") vector=$(sed -n 's/^vector 0x//p' "$work/out") stepped=$(sed -n 's/^step pc (\/32): 0x//p' "$work/out")
[ "$stepped" = "$pc" ] || break
done
is 'reset halt: at the reset vector' "$((0x${vector:-1} & ~1))" "$((0x${pc:-1}))"
is 'step: one instruction' yes "$([ -n "$stepped" ] && [ "$stepped" != "$pc" ] && echo yes)"
main=$("$sdk/gcc/bin/arm-none-eabi-nm" "$elf" | sed -n 's/ T main$//p')
ocd "reset halt; bp 0x$main 2 hw; resume; wait_halt 60000; echo \"at [reg pc]\"; rbp all
     wp 0x58024400 4 w; resume; wait_halt 60000; echo \"reason [string map {\\\\n { }} [stm32h7x.cpu0 curstate]]\"; rwp 0x58024400; reset run"
matches 'a breakpoint of the FPB' out "^at pc \(/32\): 0x0*$main"
matches 'a watchpoint of the DWT' out '^reason halted'

# ---- a fault stops the core at its handler ----
cp "$top/tests/debug/fault.py" "$work/fault.py"
: > "$work/out"
(until_true has out armed && "$omv" run --name probe "$work/fault.py" > /dev/null 2>&1) &
pids="$pids $!"
ocd 'stm32h7x.cpu0 cortex_m vector_catch hard_err bus_err; echo armed; echo "caught [catch {wait_halt 240000}]";
     echo "psr [reg xPSR]"; stm32h7x.cpu0 cortex_m vector_catch none; reset run'
matches 'vector catch: the core stands' out '^caught 0'
matches 'vector catch: in the handler' out '^psr xPSR \(/32\): 0x[0-9a-f]*00[35]$'

# ---- whatever comes in at the pins, the emulator lives ----
"$sdk/bin/python3" - "$socket" > "$work/out" 2>&1 << 'PY'
import random, socket, sys, time
random.seed(1)
def pins(data, patience):
    s = socket.socket(socket.AF_UNIX); s.settimeout(patience)
    for _ in range(600):              # the one before is still being let go
        try:
            s.connect(sys.argv[1])
            break
        except BlockingIOError:
            time.sleep(0.1)
    try:
        s.sendall(data)
    except socket.timeout:
        pass                          # questions whose answers nobody reads: it stops listening
    s.close()
# Resets of the chip are left out (s, u): they would only make this slow.
pins(bytes(b for b in random.randbytes(1 << 18) if b not in b"su"), 20)
pins(bytes(random.choice(b"01234567R") for _ in range(1 << 18)), 20)
pins(b"R" * (1 << 20), 2)
# A JTAG reset, then random words into the access ports' registers.
for _ in range(200):
    pins(b"".join(bytes((0x30 + v, 0x34 + v)) for v in [2] * 6 + [random.choice((0, 1, 0, 1, 2, 3)) for _ in range(300)]), 5)
print("survived")
PY
says 'pins: noise and floods' out 'survived'
ocd 'halt; echo "alive [read_memory 0xE000ED00 32 1]"; reset run'
matches 'pins: OpenOCD finds it well afterwards' out '^alive 0x411fc27'

# ---- deploy ----
check 'deploy' 0 limited 280 "$omv" deploy OPENMV4 --emu --name probe
says 'deploy: what is there is not written again' out 'firmware.bin is there already'
"$sdk/bin/python3" - "$OMV_BUILD" "$work/other" << 'PY'
import shutil, sys
shutil.copytree(sys.argv[1] + "/OPENMV4/bin", sys.argv[2] + "/OPENMV4/bin")
image = bytearray(open(sys.argv[2] + "/OPENMV4/bin/romfs0.img", "rb").read())
open(sys.argv[2] + "/OPENMV4/bin/romfs0.img", "wb").write(image + b"\x5a" * 100)
PY
check 'deploy a changed image' 0 env OMV_BUILD="$work/other" timeout 1400 "$omv" deploy OPENMV4 --emu --name probe
matches 'deploy: only that one' out '^writing romfs0.img, [0-9]+ bytes at 0x081E0000'
says 'deploy: the other is left' out 'firmware.bin is there already'
ocd "halt; echo \"flash [catch {verify_image_checksum {$work/other/OPENMV4/bin/romfs0.img} 0x081E0000 bin}]\"; resume"
matches 'deploy: it is in the flash' out '^flash 0'
check 'after it: the camera runs, its file is there' 0 limited 120 "$omv" run --name probe "$work/read.py"
says 'its file is kept' out 'mine: kept'

# All of the firmware through OpenOCD's flash loader: into an erased flash.
ocd 'reset init; flash erase_address 0x08040000 0x80000; echo "blank [read_memory 0x08040000 32 2]"'
matches 'an erased firmware' out '^blank 0xffffffff 0xffffffff'
check 'deploy all of it' 0 limited 280 "$omv" deploy OPENMV4 --emu --name probe
matches 'deploy all of it: written and verified' out '^writing firmware.bin'
check 'after that: the camera runs' 0 limited 120 "$omv" run --name probe "$work/read.py"
says 'and its file is still there' out 'mine: kept'

# ---- gdb through OpenOCD ----
check 'gdb through OpenOCD: attach' 0 limited 120 "$omv" debug OPENMV4 --openocd --name probe --attach --batch --ex 'print $pc' --ex 'info symbol $pc' \
    --ex 'hbreak mp_execute_bytecode' --ex 'print/x *(unsigned*)0xE000ED00'
matches 'gdb through OpenOCD: memory' out '= 0x411fc27'
check 'the camera runs on' 0 limited 120 "$omv" run --name probe "$work/read.py"
check 'gdb through OpenOCD: launch' 0 limited 280 "$omv" debug OPENMV4 --openocd --name probe --batch --ex 'bt 1' --ex 'step' --ex 'info breakpoints'
matches 'gdb through OpenOCD: programs, and stops at main' out '^Temporary breakpoint 1, main'
stop_emulator

# ---- ways to fail ----
check 'deploy: nothing runs' 3 "$omv" deploy OPENMV4 --emu
check 'deploy: no probe' 8 limited 60 "$omv" deploy OPENMV4 --openocd
says 'deploy: no probe, next step' err 'Is the probe plugged in'
check 'deploy: no programmer of ST' 11 env PATH=/usr/bin:/bin "$omv" deploy OPENMV4 --stm32prog
check 'deploy: external flash' 2 "$omv" deploy OPENMV_N6
check 'deploy: not an STM32' 2 "$omv" deploy OPENMV_RT1060
check 'deploy: not built' 11 env OMV_BUILD="$work/nothing" "$omv" deploy OPENMV4
check 'deploy: ST-Link and J-Link, as command lines' 0 "$omv" deploy OPENMV4 --jlink --dry-run
matches 'deploy: J-Link' out 'INTERFACE interface/jlink|INTERFACE \{interface/jlink'

# A stand-in for STM32_Programmer_CLI: what it is asked for.
mkdir -p "$work/bin"
printf '#!/bin/sh\necho "$*" > %s/st\n' "$work" > "$work/bin/STM32_Programmer_CLI"
chmod +x "$work/bin/STM32_Programmer_CLI"
check "deploy by ST's programmer" 0 env PATH="$work/bin:$PATH" "$omv" deploy OPENMV4 --stm32prog
matches "what ST's programmer gets" st '^-c port=SWD .*-w .*/firmware.bin 0x08040000 -v -hardRst$'

# A J-Link server that does not know the device (a stand-in).
printf '#!/bin/sh\necho "ERROR: Unknown device selected"\nexit 1\n' > "$work/bin/JLinkGDBServerCLExe"
chmod +x "$work/bin/JLinkGDBServerCLExe"
check 'a J-Link that does not know the device' 3 env PATH="$work/bin:$PATH" "$omv" debug OPENMV4 --jlink --device STM32H7 --batch
says 'its complaint' err 'Unknown device selected'
says 'and the next step' err 'STM32H7 a device its software knows'

# A stand-in for JLinkGDBServer: it shows its arguments and hands gdb on to an emulated camera.
start_emulator jl --fast
cat > "$work/bin/JLinkGDBServerCLExe" << 'PY'
#!/bin/sh
echo "$*" > "$WORK/jlink"
while [ "$1" != -port ]; do shift; done
exec "$SDK_DIR/bin/python3" - "$2" "$WORK/run/openmv/jl.gdb" << 'END'
import select, socket, sys
server = socket.socket(); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1]))); server.listen(); gdb, _ = server.accept()
stub = socket.socket(socket.AF_UNIX); stub.connect(sys.argv[2])
while True:
    for end in select.select([gdb, stub], [], [])[0]:
        data = end.recv(65536)
        if not data:
            sys.exit()
        (stub if end is gdb else gdb).sendall(data)
END
PY
chmod +x "$work/bin/JLinkGDBServerCLExe"
check 'a J-Link (its server is a stand-in)' 0 env WORK="$work" PATH="$work/bin:$PATH" timeout 600 "$omv" debug OPENMV4 --jlink --attach --batch --ex 'print/x *(unsigned*)0xE000ED00'
matches 'J-Link: the device and the interface' jlink '^-select USB -endian little -if SWD -speed 4000 -nogui -singlerun -device STM32H743VI -port [0-9]+ -nohalt$'
matches 'J-Link: gdb works through it' out '= 0x411fc27'
