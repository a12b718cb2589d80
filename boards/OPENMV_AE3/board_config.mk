# OpenMV AE3: two Cortex-M55, so two firmwares and two ROM file systems. Memories and their use are the HP core's; the HE core's firmware
# lives in SRAM6_B, SRAM8 and its own TCM.
NAME     = OpenMV AE3
TYPE     = AE3
ARCH     = OPENMV AE3
CHIP     = ae722f80f55d5
MCU_TEXT = Alif Ensemble (dual M55)
READY    = no

USB_APP      = 37C5:16E3
USB_DFU      = 37C5:96E3
USB_ADAPTER += 0403:6015 1A86:55D3
LOADER       = openmv_dfu
BOOT_MAGIC   = 0x200FFFFC

CPU_CLOCK = 400MHz
HSE_CLOCK = 12MHz

FLASH += OSPI 0xA0000000  32M  8192x4K  128

MEMORY += ITCM     0x00000000  256K
MEMORY += DTCM     0x20000000  1M
MEMORY += SRAM0    0x02000000  4M
MEMORY += SRAM1    0x08000000  2560K
MEMORY += SRAM9_A  0x60000000  256K
MEMORY += SRAM9_B  0x60040000  512K
MEMORY += SRAM6_A  0x62000000  1M
MEMORY += SRAM6_B  0x62400000  1M
MEMORY += SRAM7    0x63000000  512K
MEMORY += SRAM8    0x63200000  2M

PLACE += DATA           DTCM
PLACE += C_HEAP         DTCM     128K
PLACE += BULK           SRAM1
PLACE += STACK          ITCM     256K
PLACE += DMA            DTCM
PLACE += STREAM_BUFFER  SRAM6_A  1M
PLACE += GPU            SRAM9_B  256K
PLACE += OPENAMP        SRAM9_A  64K
PLACE += GC_HEAP        SRAM0    4M
PLACE += POOL           SRAM1    2512K
PLACE += POOL           DTCM     512K  dtcm

PARTITION += BOOT      0  0x80000000  128K   ro  bootloader  bootloader.bin
PARTITION += HP        1  0x80020000  3M     rw  firmware    firmware_M55_HP.bin
PARTITION += HE        2  0x80320000  1400K  rw  firmware    firmware_M55_HE.bin
PARTITION += ROMFS1    3  0x8047E000  1M     rw  romfs       romfs1.img
PARTITION += TOC       4  0x8057E000  8K     rw  toc         firmware_pad.toc
PARTITION += RWFS      5  0xA0000000  8M     rw  disk        -
PARTITION += ROMFS0    6  0xA0800000  24M    rw  romfs       romfs0.img
PARTITION += RECOVERY  7  0xA0000000  4K     rw  recovery    -

DEBUG_REQUEST = attach
DEBUG_ELF     = firmware_M55_HP.elf

STEP += flash   dfu    HP
STEP += flash   dfu    HE
STEP += romfs   dfu    ROMFS1
STEP += romfs   dfu    ROMFS0 reset
STEP += erase   dfu    RWFS zero:4096 reset
STEP += restore ask    Connect the serial ISP adapter (FTDI or CH340) and the J-Link.
STEP += restore setool maintenance -opt sesbanner
STEP += restore ask    If asked for it, set the hard-maintenance switch and press the user button.
STEP += restore setool maintenance
STEP += restore setool updateSystemPackage
STEP += restore setool app-write-mram BOOT TOC
STEP += restore ask    Flash the four images, power-cycle the camera, turn the hard-maintenance switch off.
