# OpenMV Cam M4 (V2).
NAME  = OpenMV Cam M4 (V2)
TYPE  = M4
ARCH  = OMV2 F4 256 JPEG
CHIP  = stm32f427
READY = no

USB_APP    = 37C5:1202
USB_DFU    = 37C5:9202
LOADER     = openmv_dfu
BOOT_MAGIC = 0x1000FFFC

# The camera has always run above the datasheet's 180 MHz: 192 MHz makes 48 MHz for USB.
CPU_CLOCK     = 192MHz
OVERCLOCK     = yes
HSE_CLOCK     = 12MHz
PLL_SOURCE    = HSE
PLL          += 1 M:12 N:384 P:2 Q:8
CLOCK        += USB PLL1Q
FLASH_LATENCY = 7

MEMORY += DTCM   0x10000000  64K
MEMORY += SRAM1  0x20000000  160K
MEMORY += SRAM2  0x20028000  32K

PLACE += DATA           DTCM
PLACE += STACK          DTCM   8K
PLACE += GC_HEAP        DTCM   44K
PLACE += POOL           SRAM1  160K
PLACE += DMA            SRAM2
PLACE += STREAM_BUFFER  SRAM2  8K
PLACE += MSC_BUFFER     SRAM2  2K
PLACE += FLASH_CACHE    SRAM2  16K
PLACE += LINE_BUFFER    SRAM2  2K

PARTITION += BOOTLOADER  0  0x08000000  32K   ro  bootloader  bootloader.bin
PARTITION += FILESYSTEM  1  0x08008000  32K   rw  disk        -
PARTITION += FIRMWARE    2  0x08010000  832K  rw  firmware    firmware.bin
PARTITION += ROMFS0      3  0x080E0000  128K  rw  romfs       romfs0.img

STEP += flash   dfu   FIRMWARE
STEP += romfs   dfu   ROMFS0 reset
STEP += erase   dfu   FILESYSTEM zero:4096 reset
STEP += restore ask   Disconnect the camera, connect a jumper wire between BOOT and RST, reconnect.
STEP += restore dfuse BOOTLOADER usb:0483:DF11 alt:0
STEP += restore ask   Remove the jumper, reconnect, then flash the firmware.
