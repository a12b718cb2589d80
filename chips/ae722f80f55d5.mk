# Alif Ensemble E7 AE722F80F55D5: two Cortex-M55 (HP, HE), 5.5 MiB of MRAM. The unique id comes from the secure enclave.
MCU         = AE722F80F55D5
MCU_DEFINE  = AE722F80F55D5XX
PORT        = alif
CORE        = cortex-m55
FPU         = fpv5-d16
SVD         = AE722F80F55D5XX_CM55_HP_View.svd
JLINK       = AE302F80F55D5_HP

# As the HP core sees them.
BANK  += ITCM     0x00000000  256K   tcm
BANK  += DTCM     0x20000000  1M     tcm
BANK  += SRAM0    0x02000000  4M     ram
BANK  += SRAM1    0x08000000  2560K  ram
BANK  += SRAM9_A  0x60000000  256K   ram
BANK  += SRAM9_B  0x60040000  512K   ram
BANK  += SRAM6_A  0x62000000  1M     ram
BANK  += SRAM6_B  0x62400000  1M     ram
BANK  += SRAM7    0x63000000  512K   ram
BANK  += SRAM8    0x63200000  2M     ram

# MRAM needs no erase; it is written in units of 16 bytes.
FLASH += MRAM     0x80000000  5632K  360448x16  16

CPU_MAX = 400MHz
