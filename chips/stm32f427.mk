# STM32F427xG: Cortex-M4F, 1 MiB of flash in one bank, 256 KiB of RAM. Sources: RM0090, datasheet DS9405.
MCU         = STM32F427
MCU_DEFINE  = STM32F427xx
PORT        = stm32
CORE        = cortex-m4
FPU         = fpv4-sp-d16
USB_ROM     = 0483:DF11

UID_ADDRESS = 0x1FFF7A10
UID_WORDS   = 3
UID_STRIDE  = 4

BANK  += CCM       0x10000000  64K   tcm
BANK  += SRAM      0x20000000  192K  ram
BANK  += BACKUP    0x40024000  4K    backup
FLASH += INTERNAL  0x08000000  1M    4x16K,64K,7x128K  4

PLL_INPUT  = 1MHz 2MHz
PLL_VCO    = 100MHz 432MHz
CPU_MAX    = 180MHz
CLOCK_MUX += USB PLL1Q:0
