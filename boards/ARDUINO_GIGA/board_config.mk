# Arduino Giga: Arduino's own loader, which takes absolute addresses (DfuSe). It is locked: nothing here writes it.
NAME  = Arduino Giga
TYPE  = H7
ARCH  = GIGA H7 8192 SDRAM
CHIP  = stm32h747
READY = no

USB_APP    = 2341:0466
USB_ALIAS += 2341:0266 2341:8066
USB_DFU    = 2341:0366
LOADER     = arduino_dfu

CPU_CLOCK     = 480MHz
HSE_CLOCK     = 16MHz
PLL_SOURCE    = HSE
PLL          += 1 M:4 N:240 P:2 Q:20 R:2 VCI:2 VCO:wide FRAC:0
PLL          += 2 M:4 N:100 P:2 Q:2  R:2 VCI:2 VCO:wide FRAC:0
PLL          += 3 M:4 N:80  P:2 Q:2  R:2 VCI:2 VCO:wide FRAC:0
CLOCK        += USB    HSI48
CLOCK        += RNG    HSI48
CLOCK        += ADC    PLL3R
CLOCK        += SPI123 PLL3P
CLOCK        += DFSDM1 PCLK2
FLASH_LATENCY = 4
POWER_SUPPLY  = LDO
AXI_QOS_MDMA  = 15 15

# The SDRAM, remapped to where it is cacheable by default.
BANK  += SDRAM 0x60000000  8M   external
FLASH += QSPI  0x90000000  16M  256x64K  256

MEMORY += DTCM   0x20000000  128K
MEMORY += SRAM0  0x24000000  512K
MEMORY += SRAM1  0x30000000  256K
MEMORY += SRAM3  0x30040000  32K
MEMORY += SRAM4  0x38000000  64K
MEMORY += DRAM   0x60000000  8M

PLACE += DATA           SRAM0
PLACE += STACK          DTCM   64K
PLACE += DMA            SRAM3
PLACE += DMA_D1         SRAM0
PLACE += DMA_D2         SRAM3
PLACE += LINE_BUFFER    SRAM3  11K
PLACE += MSC_BUFFER     SRAM3  2K
PLACE += OPENAMP        SRAM4  64K
PLACE += CORE1          DRAM   512K
PLACE += STREAM_BUFFER  DRAM   1M
PLACE += GC_HEAP        SRAM1  256K
PLACE += GC_HEAP        DRAM   2560K
PLACE += POOL           DRAM   4M
PLACE += POOL           SRAM0  440K  fast,dtcm

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
