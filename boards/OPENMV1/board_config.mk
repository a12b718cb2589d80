# OpenMV Cam M4 of 2014, the first one: what is known of it. Its loader's ids are not; the chip's ROM loader always works.
NAME  = OpenMV Cam M4
TYPE  = M4
ARCH  = OMV1 F4 256
CHIP  = stm32f407
READY = no

USB_APP = 1209:ABD1
LOADER  = none

CPU_CLOCK     = 168MHz
HSE_CLOCK     = 12MHz
PLL_SOURCE    = HSE
PLL          += 1 M:12 N:336 P:2 Q:7
CLOCK        += USB PLL1Q
FLASH_LATENCY = 5

MEMORY += DTCM   0x10000000  64K
MEMORY += SRAM1  0x20000000  128K

PARTITION += BOOTLOADER  -  0x08000000  16K   ro  bootloader  bootloader.bin
PARTITION += FILESYSTEM  -  0x08004000  48K   rw  disk        -
PARTITION += FIRMWARE    -  0x08010000  448K  rw  firmware    firmware.bin

CSI_INTERFACE = DCMI
CSI_HW_CROP = yes
MODULE += CSI CSI_NG WINC1500

STEP += flash   ask   Disconnect the camera, connect a jumper wire between BOOT and RST, reconnect.
STEP += flash   dfuse FIRMWARE usb:0483:DF11 alt:0 leave
STEP += restore ask   Disconnect the camera, connect a jumper wire between BOOT and RST, reconnect.
STEP += restore dfuse BOOTLOADER usb:0483:DF11 alt:0
STEP += restore ask   Remove the jumper, reconnect, then flash the firmware.
