# OpenMV Pure Thermal.
NAME     = OpenMV Pure Thermal
TYPE     = H7
ARCH     = OPENMVPT 65536 SDRAM
CHIP     = stm32h743
MCU_TEXT = STM32H743 + SDRAM
READY    = no

USB_APP    = 37C5:1205
USB_DFU    = 37C5:9205
LOADER     = openmv_dfu
BOOT_MAGIC = 0x2001FFFC

CPU_CLOCK     = 480MHz
HSE_CLOCK     = 12MHz
PLL_SOURCE    = HSE
PLL          += 1 M:3 N:240 P:2 Q:20 R:2 VCI:2 VCO:wide FRAC:0
PLL          += 2 M:3 N:100 P:2 Q:2  R:2 VCI:2 VCO:wide FRAC:0
PLL          += 3 M:3 N:80  P:2 Q:2  R:2 VCI:2 VCO:wide FRAC:0
CLOCK        += USB    PLL1Q
CLOCK        += RNG    HSI48
CLOCK        += ADC    PLL2P
CLOCK        += SPI123 PLL2P
FLASH_LATENCY = 4
POWER_SUPPLY  = LDO
AXI_QOS_MDMA  = 14 15

BANK  += SDRAM 0xC0000000  64M  external
FLASH += QSPI  0x90000000  32M  512x64K  256

MEMORY += ITCM   0x00000000  64K
MEMORY += DTCM   0x20000000  128K
MEMORY += SRAM0  0x24000000  512K
MEMORY += SRAM1  0x30000000  272K
MEMORY += SRAM3  0x30044000  16K
MEMORY += SRAM4  0x38000000  64K
MEMORY += DRAM   0xC0000000  64M

PLACE += DATA           SRAM1
PLACE += STACK          ITCM   64K
PLACE += DMA            SRAM3
PLACE += DMA_D1         SRAM0
PLACE += DMA_D2         SRAM3
PLACE += DMA_D3         SRAM4
PLACE += LINE_BUFFER    SRAM3  11K
PLACE += MSC_BUFFER     SRAM3  2K
PLACE += STREAM_BUFFER  DRAM   1M
PLACE += GC_HEAP        SRAM1  240K
PLACE += GC_HEAP        DRAM   8M
PLACE += POOL           DRAM   55M
PLACE += POOL           SRAM0  496K  fast,dtcm

# The disk is the first 24 MiB of the external flash; alternate 3 is the whole chip, alternate 4 a window on its end.
PARTITION += BOOTLOADER  0  0x08000000  128K   ro  bootloader  bootloader.bin
PARTITION += FILESYSTEM  1  0x08020000  128K   rw  unused      -
PARTITION += FIRMWARE    2  0x08040000  1792K  rw  firmware    firmware.bin
PARTITION += SPI_FLASH   3  0x90000000  32M    rw  window      -
PARTITION += ROMFS0      4  0x91800000  8M     rw  romfs       romfs0.img
PARTITION += DISK        -  0x90000000  24M    rw  disk        -

STEP += flash   dfu   FIRMWARE
STEP += romfs   dfu   ROMFS0 reset
STEP += erase   dfu   SPI_FLASH zero:4096 reset
STEP += restore ask   Disconnect the camera, connect a jumper wire between BOOT and RST, reconnect.
STEP += restore dfuse BOOTLOADER usb:0483:DF11 alt:0
STEP += restore ask   Remove the jumper, reconnect, then flash the firmware.
