# i.MX RT1062: Cortex-M7, no internal flash, 1 MiB of RAM of which 512 KiB (FlexRAM) are divided by fuse or register. Source: IMXRT1060RM.
MCU         = MIMXRT1062
MCU_DEFINE  = CPU_MIMXRT1062DVJ6A
PORT        = mimxrt
CORE        = cortex-m7
FPU         = fpv5-d16
SVD         = MIMXRT1062.svd
JLINK       = MIMXRT1062xxx6A
USB_ROM     = 1FC9:0135

UID_ADDRESS = 0x401F4410
UID_WORDS   = 3
UID_STRIDE  = 12

BANK += OCRAM2 0x20200000  512K  ram

CPU_MAX = 600MHz
