# RP2040: two Cortex-M0+, no internal flash, 264 KiB of RAM. Source: RP2040 datasheet.
MCU     = RP2040
PORT    = rp2
CORE    = cortex-m0plus
FPU     = none
SVD     = rp2040.svd
USB_ROM = 2E8A:0003

BANK += SRAM       0x20000000  256K  ram
BANK += SCRATCH_X  0x20040000  4K    ram
BANK += SCRATCH_Y  0x20041000  4K    ram

CPU_MAX = 133MHz
