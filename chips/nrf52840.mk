# nRF52840: Cortex-M4F, 1 MiB of flash, 256 KiB of RAM. Source: nRF52840 product specification 1.7.
MCU         = nRF52840
MCU_DEFINE  = NRF52840_XXAA
PORT        = nrf
CORE        = cortex-m4
FPU         = fpv4-sp-d16
SVD         = nrf52840.svd

UID_ADDRESS = 0x10000060
UID_WORDS   = 2
UID_STRIDE  = 4

BANK  += SRAM      0x20000000  256K  ram
FLASH += INTERNAL  0x00000000  1M    256x4K  4

CPU_MAX = 64MHz
