# Arduino Nano RP2040 Connect: flashed through the chip's ROM (PICOBOOT or the drive RPI-RP2).
NAME  = Arduino Nano RP2040 Connect
TYPE  = PICO
ARCH  = PICO M0
CHIP  = rp2040
READY = no

USB_APP = 2341:015E
USB_DFU = 2E8A:0003
LOADER  = picoboot

CPU_CLOCK = 125MHz
HSE_CLOCK = 12MHz

FLASH += QSPI 0x10000000  16M  4096x4K  256

MEMORY += RAM        0x20000000  256K
MEMORY += SCRATCH_X  0x20040000  4K
MEMORY += SCRATCH_Y  0x20041000  4K

PLACE += DATA           RAM
PLACE += STACK          RAM  16K
PLACE += STREAM_BUFFER  RAM  20K
PLACE += GC_HEAP        RAM  60K
PLACE += POOL           RAM  116K

PARTITION += FIRMWARE    -  0x10000000  2M   rw  firmware  firmware.uf2
PARTITION += FILESYSTEM  -  0x10200000  14M  rw  disk      -

CSI_INTERFACE = PIO
SENSOR += OV7670
THERMAL += AMG8833
JPEG_QUALITY = 35 60
JPEG_THRESHOLD = 160x120
FEATURE += IMAGE_FILE_IO

STEP += flash ask      Hold the BOOTSEL button while connecting USB.
STEP += flash picotool FIRMWARE
STEP += erase ask      Hold the BOOTSEL button while connecting USB.
STEP += erase picotool FILESYSTEM zero:4096
