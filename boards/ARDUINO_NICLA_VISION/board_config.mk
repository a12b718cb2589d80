# Arduino Nicla Vision: Arduino's own loader, which takes absolute addresses (DfuSe). It is locked: nothing here writes it.
NAME  = Arduino Nicla Vision
TYPE  = NICLAV
ARCH  = NICLAV H7 1024
CHIP  = stm32h747
READY = no

USB_APP    = 2341:045F
USB_ALIAS += 2341:025F 2341:805F
USB_DFU    = 2341:035F
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
CLOCK        += SPI45  PLL3Q
CLOCK        += SPI123 PLL2P
CLOCK        += DFSDM1 PCLK2
FLASH_LATENCY = 2
POWER_SUPPLY  = LDO
AXI_QOS_MDMA  = 15 15

FLASH += QSPI  0x90000000  16M  256x64K  256

MEMORY += ITCM   0x00000000  64K
MEMORY += DTCM   0x20000000  128K
MEMORY += SRAM0  0x24000000  512K
MEMORY += SRAM1  0x30000000  276K
MEMORY += SRAM2  0x30045000  12K
MEMORY += SRAM4  0x38000000  64K

PLACE += DATA           DTCM
PLACE += STACK          DTCM   32K
PLACE += DMA            SRAM2
PLACE += DMA_D1         SRAM0
PLACE += DMA_D2         SRAM2
PLACE += LINE_BUFFER    SRAM2  3K
PLACE += MSC_BUFFER     SRAM2  2K
PLACE += CORE1          SRAM4  1K
PLACE += STREAM_BUFFER  SRAM0  32K
PLACE += GC_HEAP        DTCM   30K
PLACE += GC_HEAP        SRAM4  63K
PLACE += GC_HEAP        SRAM1  276K
PLACE += POOL           SRAM0  476K

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
