# Arduino Portenta H7: Arduino's own loader, which takes absolute addresses (DfuSe). It is locked: nothing here writes it.
NAME  = Arduino Portenta H7
TYPE  = H7
ARCH  = PORTENTA H7 8192 SDRAM
CHIP  = stm32h747
READY = no

USB_APP    = 2341:045B
USB_ALIAS += 2341:025B 2341:805B
USB_DFU    = 2341:035B
LOADER     = arduino_dfu

CPU_CLOCK     = 400MHz
HSE_CLOCK     = 25MHz
PLL_SOURCE    = HSE
PLL          += 1 M:5 N:160 P:2 Q:16 R:2 VCI:2 VCO:wide FRAC:0
PLL          += 2 M:5 N:80  P:2 Q:2  R:2 VCI:2 VCO:wide FRAC:0
PLL          += 3 M:5 N:160 P:2 Q:5  R:2 VCI:2 VCO:wide FRAC:0
CLOCK        += USB    HSI48
CLOCK        += RNG    HSI48
CLOCK        += ADC    PLL3R
CLOCK        += SPI123 PLL3P
FLASH_LATENCY = 2
POWER_SUPPLY  = SMPS_1V8_LDO
AXI_QOS_MDMA  = 14 15

# The SDRAM, remapped to where it is cacheable by default.
BANK  += SDRAM 0x60000000  8M   external
FLASH += QSPI  0x90000000  16M  256x64K  256

MEMORY += DTCM   0x20000000  128K
MEMORY += SRAM0  0x24000000  512K
MEMORY += SRAM1  0x30000000  240K
MEMORY += SRAM3  0x30040000  32K
MEMORY += SRAM4  0x38000000  64K
MEMORY += DRAM   0x60000000  8M

PLACE += DATA           DTCM
PLACE += STACK          DTCM   32K
PLACE += DMA            SRAM3
PLACE += DMA_D1         SRAM0
PLACE += DMA_D2         SRAM3
PLACE += DMA_D3         SRAM4
PLACE += LINE_BUFFER    SRAM3  11K
PLACE += MSC_BUFFER     SRAM3  2K
PLACE += OPENAMP        SRAM1  64K
PLACE += CORE1          DRAM   512K
PLACE += STREAM_BUFFER  DRAM   1M
PLACE += GC_HEAP        SRAM1  176K
PLACE += GC_HEAP        DRAM   2560K
PLACE += POOL           DRAM   4M
PLACE += POOL           SRAM0  480K  fast,dtcm

#             name        alt  base        size   access  role        image
PARTITION  += BOOTLOADER  -    0x08000000  128K   ro      bootloader  -
PARTITION  += FILESYSTEM  0    0x08020000  128K   rw      unused      -
PARTITION  += FIRMWARE    0    0x08040000  1792K  rw      firmware    firmware.bin
PARTITION  += DISK        1    0x90000000  11M    rw      disk        -
PARTITION  += ROMFS0      1    0x90B00000  4M     rw      romfs       romfs0.img
PARTITION  += WIFI        1    0x90F00000  768K   rw      blob        cyw4343_7_45_98_102.bin
PARTITION  += BLUETOOTH   1    0x90FC0000  256K   rw      blob        cyw4343_btfw.bin

STEP += flash dfuse FIRMWARE leave
STEP += romfs dfuse ROMFS0 leave
STEP += wifi  dfuse WIFI
STEP += wifi  dfuse BLUETOOTH
STEP += erase dfuse FILESYSTEM zero:4096
STEP += erase dfuse DISK zero:4096 reset
