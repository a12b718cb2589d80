# Arduino Nano 33 BLE Sense: behind a SoftDevice, flashed through Arduino's SAM-BA loader, whose offsets count from 0x10000.
NAME  = Arduino Nano 33 BLE Sense
TYPE  = NANO33
ARCH  = NANO33 M4
CHIP  = nrf52840
READY = no

USB_APP        = 2341:015A
USB_DFU        = 2341:805A
USB_DFU_ALIAS += 2341:005A
LOADER         = samba

CPU_CLOCK = 64MHz

MEMORY += SRAM 0x20004000  240K

PLACE += DATA           SRAM
PLACE += STACK          SRAM  8K
PLACE += STREAM_BUFFER  SRAM  16K
PLACE += GC_HEAP        SRAM  64K
PLACE += POOL           SRAM  144K

PARTITION += SOFTDEVICE  -  0x00000000  152K  ro  settings    -
PARTITION += FIRMWARE    -  0x00026000  680K  rw  firmware    firmware.bin
PARTITION += FILESYSTEM  -  0x000D0000  64K   rw  disk        -
PARTITION += BOOTLOADER  -  0x000E0000  128K  ro  bootloader  -

CSI_INTERFACE = GPIO
SENSOR += OV7670
THERMAL += MLX90621 MLX90640 MLX90641 AMG8833
JPEG_QUALITY = 50 90
JPEG_THRESHOLD = 320x240
MODULE += CSI CSI_NG FIR ULAB AUDIO
FEATURE += IMAGE_IO

STEP += flash ask    Double-tap the RESET button.
STEP += flash bossac FIRMWARE offset:0x16000
