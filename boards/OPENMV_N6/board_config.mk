# OpenMV Cam N6: no internal flash; the chip's ROM loads the signed bootloader (FSBL) into RAM, the firmware runs in place from octal flash.
NAME  = OpenMV Cam N6
TYPE  = N6
ARCH  = OpenMV N6
CHIP  = stm32n657
READY = no

USB_APP      = 37C5:1206
USB_DFU      = 37C5:9206
USB_ROM      = 0483:DF11
LOADER       = openmv_dfu
BOOT_MAGIC   = 0x3401FFFC
BOOT_ADDRESS = 0x34180400

CPU_CLOCK    = 800MHz
HSE_CLOCK    = 48MHz
POWER_SUPPLY = SMPS

BANK  += PSRAM 0x90000000  64M  external
FLASH += XSPI  0x70000000  32M  512x64K  256

MEMORY += ITCM   0x10000000  64K
MEMORY += DTCM   0x30000000  128K
MEMORY += SRAM1  0x34000000  1M
MEMORY += SRAM2  0x34100000  1M
MEMORY += SRAM3  0x34200000  1792K
MEMORY += SRAM7  0x38000000  32K
MEMORY += DRAM   0x90000000  64M

PLACE += DATA           SRAM1
PLACE += STACK          SRAM1  64K
PLACE += RAMFUNC        ITCM
PLACE += C_HEAP         SRAM1  128K
PLACE += DMA            SRAM1
PLACE += DMA_D2         SRAM7
PLACE += MSC_BUFFER     SRAM1  4K
PLACE += STREAM_BUFFER  DRAM   1M
PLACE += GC_HEAP        SRAM2  1M
PLACE += GC_HEAP        DRAM   24M
PLACE += POOL           DRAM   31M
PLACE += POOL           SRAM1  590K   fast,dtcm
PLACE += POOL           DTCM   128K   dtcm
PLACE += POOL           SRAM3  1792K  fast,dtcm,transient

PARTITION += BOOTLOADER  0  0x70000000  512K   ro  bootloader  bootloader.bin
PARTITION += FIRMWARE    1  0x70080000  3584K  rw  firmware    firmware.bin
PARTITION += FILESYSTEM  2  0x70400000  4M     rw  disk        -
PARTITION += ROMFS0      3  0x70800000  24M    rw  romfs       romfs0.img

DEBUG_REQUEST = attach
DEPLOY_LOADER = MX25UM51245G_STM32N6570-NUCLEO.stldr

STEP += flash   dfu       FIRMWARE
STEP += romfs   dfu       ROMFS0 reset
STEP += erase   dfu       FILESYSTEM zero:4096 reset
STEP += restore ask       Disconnect the camera, connect a jumper wire between BOOT and VCC, reconnect.
STEP += restore stm32prog layout OPENMV_N6/FlashLayout.tsv port:USB1
STEP += restore ask       Remove the jumper, reconnect, then flash the firmware.
