# OpenMV Cam M7.
NAME  = OpenMV Cam M7
TYPE  = M7
ARCH  = OMV3 F7 512
CHIP  = stm32f765
READY = no

USB_APP    = 37C5:1203
USB_DFU    = 37C5:9203
LOADER     = openmv_dfu
BOOT_MAGIC = 0x2001FFFC

CPU_CLOCK     = 216MHz
HSE_CLOCK     = 12MHz
PLL_SOURCE    = HSE
PLL          += 1 M:12 N:432 P:2 Q:9 R:2
CLOCK        += USB PLL1Q
FLASH_LATENCY = 7

MEMORY += ITCM   0x00000000  16K
MEMORY += DTCM   0x20000000  128K
MEMORY += SRAM1  0x20020000  384K

PLACE += DATA           DTCM
PLACE += STACK          ITCM   16K
PLACE += DMA            DTCM
PLACE += GC_HEAP        DTCM   50K
PLACE += STREAM_BUFFER  DTCM   22K
PLACE += MSC_BUFFER     DTCM   2K
PLACE += FLASH_CACHE    DTCM   32K
PLACE += LINE_BUFFER    DTCM   3K
PLACE += POOL           SRAM1  383K

PARTITION += BOOTLOADER  0  0x08000000  32K    ro  bootloader  bootloader.bin
PARTITION += FILESYSTEM  1  0x08008000  96K    rw  disk        -
PARTITION += FIRMWARE    2  0x08020000  1664K  rw  firmware    firmware.bin
PARTITION += ROMFS0      3  0x081C0000  256K   rw  romfs       romfs0.img

STEP += flash   dfu   FIRMWARE
STEP += romfs   dfu   ROMFS0 reset
STEP += erase   dfu   FILESYSTEM zero:4096 reset
STEP += restore ask   Disconnect the camera, connect a jumper wire between BOOT and RST, reconnect.
STEP += restore dfuse BOOTLOADER usb:0483:DF11 alt:0
STEP += restore ask   Remove the jumper, reconnect, then flash the firmware.
