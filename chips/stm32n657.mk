# STM32N657: Cortex-M55 with Helium, no internal flash, 4.2 MiB of RAM. Sources: RM0486, datasheet DS14791.
MCU         = STM32N657
MCU_DEFINE  = STM32N657xx
PORT        = stm32
CORE        = cortex-m55
FPU         = fpv5-d16
SVD         = STM32N657.svd
JLINK       = STM32N657L0

UID_ADDRESS = 0x46009014
UID_WORDS   = 3
UID_STRIDE  = 4

# Secure aliases; AXISRAM1 to AXISRAM6 are contiguous.
BANK  += ITCM  0x10000000  64K    tcm
BANK  += DTCM  0x30000000  128K   tcm
BANK  += AXI   0x34000000  3840K  ram
BANK  += AHB   0x38000000  32K    ram

CPU_MAX = 800MHz
