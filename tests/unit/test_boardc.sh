#!/bin/sh
# SPDX-License-Identifier: MIT
# Every refusal of tools/boardc: a small valid board is changed in one place, and the one message, with its file and line, is compared.
# One line a check (PASS or FAIL); built with ASan and UBSan. Rerun: sh tests/unit/test_boardc.sh
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$top/build/test/boardc
rm -rf "$work" && mkdir -p "$work/boards/CAM" "$work/chips" "$work/out" && cd "$work" || exit 1
sanitize='-fsanitize=address,undefined -fno-sanitize-recover=all'
${HOST_CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wshadow -Werror $sanitize -o boardc "$top"/tools/boardc/*.c || exit 1

board=boards/CAM/board_config.mk
chip=chips/chip1.mk

cat > good_board <<'END'
# A small camera.
NAME = Test Cam
TYPE = T1
ARCH = T1 TEST
CHIP = chip1
READY = yes
USB_APP = 37C5:1204
USB_DFU = 37C5:9204
LOADER = openmv_dfu
BOOT_MAGIC = 0x2001FFFC
CPU_CLOCK = 400MHz
HSE_CLOCK = 10MHz
PLL_SOURCE = HSE
PLL += 1 M:2 N:160 P:2 Q:4 VCI:2 VCO:wide
PLL += 3 M:5 N:192 P:2 Q:8 VCI:1 VCO:wide
CLOCK += USB PLL3Q
MEMORY += DTCM 0x20000000 128K
MEMORY += SRAM 0x24000000 512K
PLACE += DATA DTCM
PLACE += STACK DTCM 32K
PLACE += GC_HEAP DTCM 64K
PLACE += STREAM_BUFFER SRAM 32K
PLACE += POOL SRAM 400K fast,dtcm
PARTITION += BOOTLOADER 0 0x08000000 32K ro bootloader bootloader.bin
PARTITION += FILESYSTEM 1 0x08008000 32K rw disk -
PARTITION += FIRMWARE 2 0x08010000 832K rw firmware firmware.bin
PARTITION += ROMFS0 3 0x080E0000 128K rw romfs romfs0.img
CSI_INTERFACE = DCMI
CSI_I2C = I2C1 standard
CSI_XCLK = TIM1_CH1 PA8 12MHz
CSI_DMA = DMA2 1 DCMI
SENSOR += OV7725 OV2640
BUS += I2C1 SCL:PB8 SDA:PB9
BUS += UART3 dev:USART3 TX:PB10 RX:PB11
BUS += I2C2 SCL:PB10 SDA:PB11
GPIO += CSI_RESET PA10
LED += RED PC0 low
BOOT_LED = RED
HEADER += P0:PB10 P1:PB11
CONSOLE = UART3 115200
JPEG_QUALITY = 50 90
JPEG_THRESHOLD = 320x240x2
PROTOCOL_BUFFER = 512
HW_CAPS += SD
MODULE += CSI
FEATURE += MEDIAN MODE
TUNE += OV7725_BANDING 0x7F
STEP += flash dfu FIRMWARE
STEP += restore dfuse BOOTLOADER usb:0483:DF11 alt:0
END
cat > good_chip <<'END'
MCU = CHIP1
PORT = stm32
CORE = cortex-m7
FPU = fpv5-d16
UID_ADDRESS = 0x1FF1E800
UID_WORDS = 3
UID_STRIDE = 4
BANK += DTCM 0x20000000 128K tcm
BANK += AXI 0x24000000 512K ram
FLASH += INTERNAL 0x08000000 1M 4x16K,64K,7x128K 4
PLL_INPUT = 1MHz 16MHz
PLL_VCO = 192MHz 960MHz
CPU_MAX = 480MHz
CLOCK_MUX += USB PLL1Q:1 PLL3Q:2 HSI48:3
PORTS = A0-15 B0-15 C0-15
AF += PA8 TIM1_CH1:1
AF += PB8 I2C1_SCL:4
AF += PB9 I2C1_SDA:4
AF += PB10 I2C2_SCL:4 USART3_TX:7
AF += PB11 I2C2_SDA:4 USART3_RX:7
BOOT_RAM = AXI DTCM
END

checks=0 failed=0
rerun="rerun: sh tests/unit/test_boardc.sh"

fail() {
    failed=$((failed + 1))
    printf 'FAIL boardc: %s, %s\n  expected: %s\n  got:      %s\n' "$1" "$rerun" "$2" "$3"
}

# expect NAME MESSAGE: the prepared files give exactly this line and status 1.
expect() {
    checks=$((checks + 1))
    ./boardc --check "$board" > got 2>&1
    status=$?
    got=$(cat got)
    if [ "$got" = "$2" ] && [ $status -eq 1 ]; then
        echo "PASS boardc: $1"
    else
        fail "$1" "$2 (status 1)" "$got (status $status)"
    fi
}

# Changes one file: `add FILE ROW` appends, `put FILE PREFIX ROW` replaces the row that begins so, `del FILE PREFIX` removes it.
# The message is expected at the changed row; after del at the file.
change() {
    cp good_board "$board"
    cp good_chip "$chip"
    file=$board
    [ "$1" = chip ] && file=$chip
    case $2 in
    add) printf '%s\n' "$3" >> "$file"; line=$(wc -l < "$file"); at=$file:$((line)) ;;
    put) line=$(grep -n "^$3" "$file" | head -n 1 | cut -d: -f1)
         awk -v n="$line" -v row="$4" 'NR == n { print row; next } { print }' "$file" > changed && mv changed "$file"; at=$file:$line ;;
    del) grep -v "^$3" "$file" > changed; mv changed "$file"; at=$file ;;
    esac
}
add() { change "$1" add "$2"; expect "$2" "$at: $3"; }
put() { change "$1" put "$2" "$3"; expect "$3" "$at: $4"; }
del() { change "$1" del "$2"; expect "without $2" "$at: $3"; }
# A message about another row than the changed one.
put_at() { change "$1" put "$2" "$3"; line=$(grep -n "^$4" "$board" | head -n 1 | cut -d: -f1); expect "$3 (at $4)" "$board:$line: $5"; }

change board put NAME 'NAME = Test Cam'
checks=$((checks + 1))
if ./boardc --check "$board" && ./boardc --out out "$board" && [ -s out/board.h ] && [ -s out/memory.ld ] && [ -s out/board.mk ]; then
    echo 'PASS boardc: the unchanged board'
else
    fail 'the unchanged board' 'accepted' 'refused'
fi

# --- the format
add board 'NAEM = x' "unknown key 'NAEM' (did you mean NAME?)"
add board 'SOMETHING_ELSE = x' "unknown key 'SOMETHING_ELSE'"
add board 'NAME = Again' "duplicate key NAME (first in $board:2)"
add board 'NAME' "expected KEY = value or KEY += row, got 'NAME'"
add board 'name = x' "expected KEY = value or KEY += row, got 'name = x'"
add board 'NAME := x' "expected KEY = value or KEY += row, got 'NAME := x'"
add board 'include other.mk' "expected KEY = value or KEY += row, got 'include other.mk'"
add board ' NAME = x' 'the line begins with a blank (Make would take it for a recipe)'
add board 'TYPE = $(shell date)' "'\$': a description holds values only, nothing that Make expands"
add board 'TYPE = a \' 'continuation lines are not part of the format; repeat the key with +='
add board 'GPU =' 'GPU has no value'
add board 'NAME += x' "NAME is written with '='"
put board 'MODULE' 'MODULE = CSI' "MODULE is written with '+='"
put board 'TYPE' 'TYPE = T1 T2' "TYPE takes one value, got 'T1 T2'"
put board 'NAME' 'NAME = a "b"' 'NAME: quotes and backslashes are not allowed'
put board 'TYPE' 'TYPE = a/b' "TYPE: 'a/b' is not a plain word (letters, digits, . _ + -)"
add board 'CORE = cortex-m7' "CORE belongs into the chip's file"
add chip 'READY = yes' "READY belongs into the board's file"
change board add 'x'; printf 'TYPE = \303\244\n' >> "$board"; line=$(wc -l < "$board")
expect 'a letter that is not ASCII' "$board:$((line)): byte 0xC3: a description is plain ASCII text"
change board add 'x'; printf 'TYPE = a\r\n' >> "$board"; line=$(wc -l < "$board")
expect 'CRLF' "$board:$((line)): byte 0x0D: a description is plain ASCII text with lines ended by LF only"

# --- what must be there
del board NAME "NAME is missing: the camera's name for people"
del board CHIP 'CHIP is missing: chips/<CHIP>.mk'
del board LOADER 'LOADER is missing: what is flashed through: openmv_dfu, arduino_dfu, nxp_sbl, samba, picoboot, none'
del chip CORE 'CORE is missing: -mcpu='
change board del USB_DFU; expect 'without USB_DFU' "$board: USB_DFU is missing: its LOADER has one"
change board del BOOT_MAGIC; expect 'without BOOT_MAGIC' "$board: BOOT_MAGIC is missing: LOADER is openmv_dfu"
del board '\(BOOT_\)*LED' 'LED is missing: READY is yes'
change chip del BOOT_RAM; expect 'without BOOT_RAM' "$board: BOOT_RAM is missing: LOADER is openmv_dfu"
change chip del UID_STRIDE; expect 'without UID_STRIDE' "$board: UID_STRIDE is missing: there is a UID_ADDRESS"
change board del CONSOLE; expect 'without CONSOLE' "$board: CONSOLE is missing: READY is yes"
change board del 'STEP += flash'; expect 'without STEP flash' "$board: no STEP flash: nobody would know how to flash this board"
change board del 'PLACE += STACK'; expect 'without a stack' "$board: no PLACE for STACK: it needs a memory"
change board del 'PLACE += POOL'; expect 'without a pool' "$board: no PLACE for POOL: it needs a memory"

# --- numbers, words
put board READY 'READY = maybe' "READY: 'maybe' is neither yes nor no"
put board PROTOCOL_BUFFER 'PROTOCOL_BUFFER = many' "PROTOCOL_BUFFER: 'many' is not a number"
put board PROTOCOL_BUFFER 'PROTOCOL_BUFFER = 99999999999' "PROTOCOL_BUFFER: '99999999999' is not a number"
put board HSE_CLOCK 'HSE_CLOCK = 10' "HSE_CLOCK: '10' is not a frequency (such as 12MHz)"
put board CPU_CLOCK 'CPU_CLOCK = fast' "CPU_CLOCK: 'fast' is not a frequency (such as 480MHz)"
put board USB_APP 'USB_APP = 37C5-1204' "USB_APP: '37C5-1204' is not VID:PID (such as 37C5:1204)"
put board USB_APP 'USB_APP = 37G5:1204' "USB_APP: '37G5:1204' is not VID:PID (such as 37C5:1204)"
put board USB_APP 'USB_APP = 37C5:12045' "USB_APP: '37C5:12045' is not VID:PID (such as 37C5:1204)"
add board 'USB_ALIAS += 2341' "USB_ALIAS: '2341' is not VID:PID (such as 2341:025B)"
put board LOADER 'LOADER = magic' "LOADER: 'magic' is none of openmv_dfu, arduino_dfu, nxp_sbl, samba, picoboot, none"
put board CHIP 'CHIP = chip2' "unknown chip 'chip2': there is no chips/chip2.mk (did you mean chip1?)"
put board CHIP 'CHIP = ../etc' "unknown chip '../etc': there is no chips/../etc.mk"
put board JPEG_QUALITY 'JPEG_QUALITY = 90 50' 'JPEG_QUALITY: 1 <= low <= high <= 100 does not hold'
put board JPEG_THRESHOLD 'JPEG_THRESHOLD = 320*240' "JPEG_THRESHOLD: '320*240' is not width x height (x bytes per pixel), as 320x240x2"
put board CONSOLE 'CONSOLE = UART3' 'CONSOLE: got 1 field, expected UART, baud rate'
put board 'TUNE' 'TUNE += OV7725_BANDING x' "TUNE: 'x' is not a number"

# --- clocks
put_at board CPU_CLOCK 'CPU_CLOCK = 300MHz' 'PLL += 1' 'PLL 1 gives 400000000 Hz, CPU_CLOCK says 300000000 Hz'
put chip CPU_MAX 'CPU_MAX = 300' "CPU_MAX: '300' is not a frequency (such as 12MHz)"
put_at chip CPU_MAX 'CPU_MAX = 300MHz' CPU_CLOCK "CPU_CLOCK: 400000000 Hz is above the chip's 300000000 Hz (OVERCLOCK = yes, when that is meant)"
put board 'PLL += 1' 'PLL += 1 M:2 N:320 P:4 Q:4 VCI:2' 'PLL 1: VCO at 1600000000 Hz is outside 192000000 to 960000000 Hz'
put board 'PLL += 1' 'PLL += 1 M:2 N:160 P:2 Q:4 VCI:1' 'PLL 1: 5000000 Hz after M is not the range VCI:1'
put_at chip PLL_INPUT 'PLL_INPUT = 2MHz 4MHz' 'PLL += 1' 'PLL 1: 5000000 Hz after M is outside 2000000 to 4000000 Hz'
put board 'PLL += 1' 'PLL += 1 M:0 N:160 P:2' 'PLL 1: M, N and P may not be 0'
put board 'PLL += 1' 'PLL += 9 M:2 N:160 P:2' 'PLL: 9 is not a PLL (1 to 4)'
put board 'PLL += 3' 'PLL += 1 M:2 N:160 P:2' 'PLL 1 is described twice'
put board 'PLL += 1' 'PLL += 1 M:2 X:160 P:2' "PLL: 'X:160' is none of M: N: P: Q: R: VCI: VCO: FRAC:"
put board 'PLL += 1' 'PLL += 1 M:2 N:160 P:2 VCO:tall' "PLL: 'tall' is none of medium, wide"
put board 'PLL += 1' 'PLL += 1 M:2 N:160 P:2 VCI:40' 'PLL: VCI is 0 to 3'
put_at board 'PLL += 3' 'PLL += 3 M:5 N:192 P:2 Q:9 VCI:1' 'CLOCK' 'CLOCK USB: PLL3Q runs at 42666666 Hz, USB needs 48000000'
put board 'CLOCK' 'CLOCK += USB LSE' "CLOCK USB: the chip has no source 'LSE' for it"
put board 'CLOCK' 'CLOCK += RNG HSI48' "CLOCK: the chip has no multiplexer 'RNG'"
add board 'CLOCK += USB HSI48' 'CLOCK USB is chosen twice'
put board 'PLL_SOURCE' 'PLL_SOURCE = LSE' "PLL_SOURCE: 'LSE' is none of HSE, HSI"

# --- memories and what lives in them
put board 'MEMORY += DTCM' 'MEMORY += DTCM 0x20000000 12Q' "MEMORY: '12Q' is not a size (such as 128K)"
put board 'MEMORY += DTCM' 'MEMORY += DTCM twenty 128K' "MEMORY: 'twenty' is not a number"
put board 'MEMORY += DTCM' 'MEMORY += dtcm 0x20000000 128K' "MEMORY: 'dtcm' is not a name (capital letters, digits, _)"
put board 'MEMORY += DTCM' 'MEMORY += DTCM 0x20000000' 'MEMORY: got 2 fields, expected name, base, size'
put board 'MEMORY += SRAM' 'MEMORY += SRAM 0xFFFFFFF0 64K' 'MEMORY: 0xFFFFFFF0 and 0x10000 bytes end behind the 32-bit address space'
put board 'MEMORY += SRAM' 'MEMORY += SRAM 0x24000000 1M' 'MEMORY SRAM (0x24000000, 0x100000 bytes) is not inside a BANK'
add board 'MEMORY += MORE 0x24010000 64K' "MEMORY MORE overlaps SRAM (line 18)"
put_at chip 'BANK += AXI' 'BANK += AXI 0x24000000 256K ram' 'MEMORY += SRAM' 'MEMORY SRAM (0x24000000, 0x80000 bytes) is not inside a BANK'
change chip add 'BANK += AXI2 0x24040000 64K ram'; line=$(wc -l < "$chip")
expect 'overlapping banks' "$chip:$((line)): BANK AXI2 overlaps AXI (line 9)"
change chip put 'BANK += AXI' 'BANK += AXI 0x24000000 512K rom'
expect 'BANK of an unknown kind' "$at: BANK: 'rom' is none of ram, tcm, backup, external"
put board 'PLACE += STACK' 'PLACE += STACK NOWHERE 32K' "STACK: 'NOWHERE' is not a MEMORY above this row"
put board 'PLACE += STACK' 'PLACE += STICK DTCM 32K' "PLACE: 'STICK' is none of DATA, BULK, RAMFUNC, STACK, C_HEAP, FLASH_CACHE, DMA, DMA_D1, DMA_D2, DMA_D3, LINE_BUFFER, MSC_BUFFER, STREAM_BUFFER, POOL, GC_HEAP, GPU, OPENAMP, CORE1"
put board 'PLACE += STACK' 'PLACE += STACK DTCM 33000' 'STACK: 0x80E8 bytes is not a multiple of 32, the cache line'
add board 'PLACE += STACK SRAM 16K' 'STACK is placed twice (first in line 20)'
put board 'PLACE += POOL' 'PLACE += POOL SRAM 600K' 'POOL (0x96000 bytes) does not fit: 0x78000 bytes are left in SRAM'
add board 'PLACE += POOL SRAM 400K' 'POOL (0x64000 bytes) does not fit: 0x14000 bytes are left in SRAM'
put_at board 'PLACE += GC_HEAP' 'PLACE += GC_HEAP DTCM 96K' 'PLACE += DATA' 'DATA: nothing is left in DTCM'
put board 'PLACE += POOL' 'PLACE += POOL SRAM 400K quick' "PLACE: 'quick' is none of fast, itcm, dtcm, dma_d1, dma_d2, dma_d3, transient"
put board BOOT_MAGIC 'BOOT_MAGIC = 0x30000000' 'BOOT_MAGIC: 0x30000000 is not a word of a BANK'
put board BOOT_MAGIC 'BOOT_MAGIC = 0x2001FFFD' 'BOOT_MAGIC: 0x2001FFFD is not a word of a BANK'
add board 'BOOT_ADDRESS = 0x34000000' 'BOOT_ADDRESS: 0x34000000 is in no BANK'
add board 'APP_ADDRESS = 0x08000000' 'APP_ADDRESS: 0x08000000 is not in a partition with the role firmware'

# --- flash and partitions
put chip FLASH 'FLASH += INTERNAL 0x08000000 1M 4x16K,64K,6x128K 4' 'FLASH INTERNAL: the erase blocks add up to 0xE0000, the size is 0x100000'
put chip FLASH 'FLASH += INTERNAL 0x08000000 1M 4y16K 4' "FLASH: '4y16K' is not an erase block run (such as 4x16K)"
put chip FLASH 'FLASH += INTERNAL 0x08000000 1M ,, 4' 'FLASH: erase blocks are written as 4x16K,64K,7x128K'
put chip FLASH 'FLASH += INTERNAL 0x08000000 1M 4x16K,64K,7x128K 3' 'FLASH INTERNAL: a program unit is a power of two up to 4096 bytes'
add board 'FLASH += QSPI 0x08080000 1M 16x64K 256' 'FLASH QSPI overlaps INTERNAL (line 10)'
add board 'FLASH += QSPI 0x24000000 1M 16x64K 256' "FLASH QSPI overlaps BANK AXI ($chip:9)"
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 3 0x080C0000 128K rw romfs romfs0.img' 'partition ROMFS0 overlaps FIRMWARE (line 26)'
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 3 0x09000000 128K rw romfs romfs0.img' 'partition ROMFS0: 0x09000000 is in no FLASH'
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 3 0x080E0000 256K rw romfs romfs0.img' 'partition ROMFS0 ends behind the end of flash INTERNAL'
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 3 0x080F0000 64K rw romfs romfs0.img' 'partition ROMFS0 is not a whole number of erase blocks: its base, 0x080F0000, lies inside one'
put board 'PARTITION += FIRMWARE' 'PARTITION += FIRMWARE 2 0x08010000 800K rw firmware firmware.bin' 'partition FIRMWARE is not a whole number of erase blocks: its end, 0x080D8000, lies inside one'
put board 'PARTITION += FILESYSTEM' 'PARTITION += FILESYSTEM 1 0x0800A000 16K rw disk -' 'partition FILESYSTEM is not a whole number of erase blocks: its base, 0x0800A000, lies inside one'
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 4 0x080E0000 128K rw romfs romfs0.img' 'partition ROMFS0 is alternate 4, but nothing is alternate 3: a hole'
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 2 0x080E0000 128K rw romfs romfs0.img' 'partition ROMFS0: alternate 2 is FIRMWARE already (line 26)'
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 300 0x080E0000 128K rw romfs romfs0.img' 'partition ROMFS0: a DFU alternate is 0 to 255'
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 x 0x080E0000 128K rw romfs romfs0.img' "PARTITION: 'x' is not a number"
put board 'PARTITION += ROMFS0' 'PARTITION += FIRMWARE 3 0x080E0000 128K rw romfs romfs0.img' 'partition FIRMWARE is described twice (first in line 26)'
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 3 0x080E0000 128K xx romfs romfs0.img' "PARTITION: 'xx' is none of ro, rw"
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 3 0x080E0000 128K rw rom romfs0.img' "PARTITION: 'rom' is none of bootloader, firmware, disk, romfs, toc, settings, blob, window, recovery, unused"
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 3 0x080E0000 128K rw romfs a;b' "PARTITION: 'a;b' is not a plain word (letters, digits, . _ + -)"
put board 'PARTITION += ROMFS0' 'PARTITION += ROMFS0 3 0x080E0000 128K rw' 'PARTITION: got 5 fields, expected name, alternate or -, base, size, ro|rw, role, image or -'
change board put 'PARTITION += FIRMWARE' 'PARTITION += FIRMWARE 2 0x08010000 832K rw unused firmware.bin'
expect 'no firmware partition' "$board: no partition has the role firmware: there is no application address"
change board put 'PARTITION += FIRMWARE' 'PARTITION += FIRMWARE - 0x08010000 832K rw firmware firmware.bin'
sed 's/ROMFS0 3/ROMFS0 2/; s/^STEP += flash dfu/STEP += flash dfuse/; s/dfuse FIRMWARE/& alt:0/' "$board" > changed && mv changed "$board"
expect 'firmware without an alternate' "$at: partition FIRMWARE: LOADER openmv_dfu needs its DFU alternate"

# --- pins
put chip 'BOOT_RAM' 'BOOT_RAM = AXI CCM' 'BOOT_RAM: there is no BANK CCM'
put chip 'BOOT_RAM' 'BOOT_RAM = AXI' 'BOOT_RAM: got 1 field, expected two BANKs'
put board 'GPIO' 'GPIO += CSI_RESET 10' "GPIO: '10' is not a pin (such as PA8)"
put board 'GPIO' 'GPIO += CSI_RESET PA16' 'GPIO: unknown pin PA16: the chip has none'
put board 'GPIO' 'GPIO += CSI_RESET PD1' 'GPIO: unknown pin PD1: the chip has none'
put board 'GPIO' 'GPIO += CSI_RESET PA10 up' "GPIO: 'up' is none of low, high, shared"
put board 'LED' 'LED += RED PC0 on' "LED: 'on' is neither low nor high"
put board 'BOOT_LED' 'BOOT_LED = GREEN' 'BOOT_LED: there is no LED GREEN'
add board 'GPIO += POWER PA8' "PA8 is POWER and CSI_XCLK (line 30): only a header pin, or one marked shared, may have two functions"
add board 'GPIO += CSI_RESET PA11' 'GPIO: pin function CSI_RESET is given twice (first in line 36)'
put board 'BUS += I2C1' 'BUS += I2C1 SCL:PA1 SDA:PB9' 'BUS: the chip has no function I2C1_SCL on PA1'
put board 'BUS += I2C1' 'BUS += I2C1 SCL:PB8 SDA' "BUS: 'SDA' is not SIGNAL:pin"
put board 'HEADER' 'HEADER += P0:PB10 P0:PB11' 'HEADER: P0 is given twice'
put board 'HEADER' 'HEADER += P0:PB10 P1' "HEADER: 'P1' is not NAME:pin"
put chip 'PORTS' 'PORTS = A0-15 B0-15 C0-15 D' "PORTS: 'D' is not a port and its pins (such as A0-15)"
put chip 'PORTS' 'PORTS = A0-15 B0-15 C0-15 D0-99' "PORTS: 'D0-99' is not a port and its pins (such as A0-15)"
add chip 'AF += PA9 USART1_TX:16' 'AF: USART1_TX: 16 is not an alternate function number'
add chip 'AF += PA9 USART1_TX' "AF: 'USART1_TX' is not FUNCTION:number"

# --- camera, buses, lists
put board 'CSI_I2C' 'CSI_I2C = I2C7 standard' 'CSI_I2C: there is no BUS I2C7'
put board 'CSI_I2C' 'CSI_I2C = I2C1 quick' "CSI_I2C: 'quick' is none of standard, full, fast"
put board 'CONSOLE' 'CONSOLE = UART9 115200' 'CONSOLE: there is no BUS UART9'
put board 'CSI_XCLK' 'CSI_XCLK = TIM1 PA8 12MHz' "CSI_XCLK: 'TIM1' is not a timer channel (such as TIM1_CH1)"
put board 'CSI_XCLK' 'CSI_XCLK = TIM1_CH2 PA8 12MHz' 'CSI_XCLK: the chip has no function TIM1_CH2 on PA8'
put board 'CSI_XCLK' 'CSI_XCLK = TIM1_CH1 PA8 12' "CSI_XCLK: '12' is not a frequency (such as 12MHz)"
put board 'CSI_DMA' 'CSI_DMA = DMA9 1 DCMI' "CSI_DMA: 'DMA9 1 DCMI' is not a controller and a stream 0-7 (such as DMA2 1)"
put board 'CSI_DMA' 'CSI_DMA = DMA2 8 DCMI' "CSI_DMA: 'DMA2 8 DCMI' is not a controller and a stream 0-7 (such as DMA2 1)"
put board 'SENSOR' 'SENSOR += OV7752' "SENSOR: unknown name 'OV7752' (did you mean OV7725?)"
add board 'SENSOR += OV7725' 'SENSOR: OV7725 is listed twice (first in line 32)'
put board 'FEATURE' 'FEATURE += MEDIUM' "FEATURE: unknown name 'MEDIUM' (did you mean MEDIAN?)"
put board 'MODULE' 'MODULE += XYZZY' "MODULE: unknown name 'XYZZY'"

# --- steps
put board 'STEP += flash' 'STEP += flash dfu FIRMWEAR' "STEP: there is no partition 'FIRMWEAR' (did you mean FIRMWARE?)"
add board 'STEP += erase dfu FILESYSTEM' 'STEP: FILESYSTEM has no image to write; name one, or write zero:BYTES'
add board 'STEP += restore dfu BOOTLOADER' 'STEP: the host may not write BOOTLOADER by DFU: it has no alternate, or is ro'
add board 'STEP += burn dfu FIRMWARE' "STEP: 'burn' is none of flash, romfs, wifi, erase, restore"
add board 'STEP += flash hammer FIRMWARE' "STEP: unknown tool 'hammer' (dfu, dfuse, bossac, picotool, blhost, sdphost, stm32prog, setool, ask)"
add board 'STEP += flash blhost melt' "STEP: blhost has no operation 'melt'"
add board 'STEP += flash blhost fill 0x2000 4' 'STEP: blhost fill needs more arguments'
add board 'STEP += flash dfu FIRMWARE leave' "STEP: dfu takes no 'leave'"
add board 'STEP += erase dfu FILESYSTEM zero' "STEP: 'zero' needs a value"
add board 'STEP += erase dfu FILESYSTEM zero:x' "STEP: 'x' is not a number"
add board 'STEP += flash dfuse FIRMWARE usb:0483' "STEP: '0483' is not VID:PID (such as 0483:DF11)"
put_at board 'LOADER' 'LOADER = arduino_dfu' 'STEP += flash' 'STEP: dfu speaks to LOADER openmv_dfu only; others take dfuse'

# --- all boards together
cp good_board "$board"
cp good_chip "$chip"
mkdir -p boards/TWIN
cp good_board boards/TWIN/board_config.mk
checks=$((checks + 1))
got=$(./boardc --out out --all boards 2>&1)
wanted="boards/TWIN/board_config.mk:7: USB_APP 37C5:1204 is that of CAM ($board:7)
boards/TWIN/board_config.mk:8: USB_DFU 37C5:9204 is that of CAM ($board:8)"
if [ "$got" = "$wanted" ]; then echo 'PASS boardc: one VID:PID for two boards'; else fail 'one VID:PID for two boards' "$wanted" "$got"; fi
rm -r boards/TWIN

# --- anything at all: no crash, no hang, status 0 or 1 and no sanitizer report
survives() {
    checks=$((checks + 1))
    timeout 20 ./boardc --check "$board" > got 2>&1
    status=$?
    if [ $status -gt 1 ] || grep -q -e Sanitizer -e 'runtime error' got; then
        cp "$board" "crash.$checks"
        fail "$1 (input kept in build/test/boardc/crash.$checks)" 'status 0 or 1' "status $status: $(head -c 300 got)"
    else
        echo "PASS boardc: $1"
    fi
}
size=$(wc -c < good_board)
at=1
while [ $at -lt "$size" ]; do head -c $at good_board > "$board"; survives "cut after $at bytes"; at=$((at + 53)); done
head -c 1000000 /dev/zero > "$board"; survives 'a megabyte of zeros'
head -c 300000 /dev/zero | tr '\0' 'A' > "$board"; survives 'one line of 300000 letters'
{ cat good_board; head -c 100000 /dev/zero | tr '\0' '9'; } > "$board"; survives 'a number of 100000 digits'
awk 'BEGIN { while (getline < "good_board") print; for (i = 0; i < 5000; i++) print "SENSOR += X" i }' > "$board"; survives '5000 rows'
awk 'BEGIN { while (getline < "good_board") print; for (i = 0; i < 300; i++) print "GPIO += G" i " PA" i % 16 " shared" }' > "$board"; survives '300 pins'
awk 'BEGIN { while (getline < "good_board") print; printf "SENSOR +="; for (i = 0; i < 500; i++) printf " X"; print "" }' > "$board"; survives '500 fields'
: > "$board"; survives 'an empty file'
rm "$board"; mkdir "$board"; survives 'a folder'; rmdir "$board"
survives 'no file'
seed=1
while [ $seed -le 150 ]; do # letters of the valid board replaced at random
    awk -v seed=$seed 'BEGIN { srand(seed); set = "0123456789ABCXYZ:=+-x, #K_"; }
        { s = $0; for (k = 0; k < 3; k++) if (rand() < 0.04) { i = int(rand() * length(s)) + 1
            s = substr(s, 1, i - 1) substr(set, int(rand() * length(set)) + 1, 1) substr(s, i + 1) } print s }' good_board > "$board"
    survives "mutation $seed"
    seed=$((seed + 1))
done
cp good_board "$board"

[ "$failed" -eq 0 ]
