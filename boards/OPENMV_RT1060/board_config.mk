# OpenMV Cam RT1062: no DFU. A secure bootloader (SBL) in the flash speaks NXP's bootloader protocol (blhost), the chip's ROM NXP's serial
# download protocol (sdphost).
NAME  = OpenMV Cam RT1062
TYPE  = IMXRT1060
ARCH  = OMVRT1060 32768 SDRAM
CHIP  = mimxrt1062
READY = no

USB_APP        = 37C5:1060
USB_DFU        = 15A2:0073
USB_DFU_ALIAS += 37C5:9060
LOADER         = nxp_sbl
APP_ADDRESS    = 0x60042000

CPU_CLOCK      = 600MHz
HSE_CLOCK      = 12MHz
FLEXRAM_CONFIG = 0x5AAAAAAF

# FlexRAM as FLEXRAM_CONFIG divides it, and the external chips.
BANK  += ITCM   0x00000000  64K   tcm
BANK  += DTCM   0x20000000  384K  tcm
BANK  += OCRAM  0x20280000  64K   ram
BANK  += SDRAM  0x80000000  32M   external
FLASH += NOR    0x60000000  16M   4096x4K  256

MEMORY += ITCM1  0x00000000  32K
MEMORY += ITCM2  0x00008000  32K
MEMORY += DTCM   0x20000000  384K
MEMORY += OCRM1  0x20200000  512K
MEMORY += OCRM2  0x20280000  64K
MEMORY += DRAM   0x80000000  32M

PLACE += DATA           DTCM
PLACE += STACK          ITCM1  32K
PLACE += RAMFUNC        ITCM2
PLACE += DMA            DTCM
PLACE += LINE_BUFFER    DTCM   11K
PLACE += STREAM_BUFFER  DRAM   1M
PLACE += GC_HEAP        OCRM2  64K
PLACE += GC_HEAP        DTCM   204K
PLACE += GC_HEAP        DRAM   8M
PLACE += POOL           DRAM   23M
PLACE += POOL           OCRM1  512K  fast,dtcm
PLACE += POOL           DTCM   64K   dtcm

PARTITION += FCB       -  0x60000000  4K     rw  settings    -
PARTITION += SBL       -  0x60001000  252K   rw  bootloader  blhost_flash_loader.bin
PARTITION += FIRMWARE  -  0x60040000  3840K  rw  firmware    firmware.bin
PARTITION += DISK      -  0x60400000  4M     rw  disk        -
PARTITION += ROMFS0    -  0x60800000  8M     rw  romfs       romfs0.img

CSI_INTERFACE = CSI
CSI_HW_CROP = yes
CSI_MEMCPY_DMA = yes
SENSOR += OV5640 OV7725 MT9V0XX MT9M114 LEPTON PAG7920 PAJ6100 FROGEYE2020 BOSON GENX320
THERMAL += MLX90621 MLX90640 MLX90641 AMG8833
TUNE += OV5640_AF_ENABLE 1
TUNE += OV5640_PLL_CTRL2 0x64
TUNE += OV5640_PLL_CTRL3 0x13
TUNE += OV7725_PLL_CONFIG 0x41
TUNE += OV7725_BANDING 0x7F
JPEG_QUALITY = 50 90
JPEG_THRESHOLD = 320x240x2
HW_CAPS += DRAM WIFI BT SD ETH USB_HS
MODULE += CSI CSI_NG PROTOCOL FIR ULAB LWIP SSL SSL_MBEDTLS NETWORK_CYW43 BLUETOOTH BLUETOOTH_NIMBLE DISPLAY TV ML
MODULE += ML_TFLM UMALLOC LEPTON_SDK
FEATURE += AGAST APRILTAGS APRILTAGS_TAG16H5 APRILTAGS_TAG25H9 APRILTAGS_TAG36H10 APRILTAGS_TAG36H11 BARCODES BILATERAL
FEATURE += BINARY_OPS DATAMATRICES DEBAYER_OPTIMIZATION DESCRIPTOR FEATURES FIND_CIRCLES FIND_DISPLACEMENT FIND_KEYPOINTS
FEATURE += FIND_LBP FIND_LINES FIND_LINE_SEGMENTS FIND_RECTS FIND_TEMPLATE FLOOD_FILL GAUSSIAN GET_SIMILARITY
FEATURE += HIGH_RES_APRILTAGS IMAGE_FILE_IO IMAGE_IO ISP_OPS LAB_LUT LAPLACIAN LENS_CORR LINPOLAR LOGPOLAR MATH_OPS MEAN
FEATURE += MEDIAN MIDPOINT MODE MORPH PNG_DECODER PNG_ENCODER QRCODES ROTATION_CORR

DEBUG_REQUEST = attach

STEP += flash   blhost  erase FIRMWARE timeout:120000
STEP += flash   blhost  write FIRMWARE
STEP += flash   blhost  reset
STEP += romfs   blhost  erase ROMFS0 size:0x00800000 timeout:120000
STEP += romfs   blhost  write ROMFS0
STEP += erase   blhost  erase DISK size:0x1000 timeout:120000
STEP += restore ask     Disconnect the camera, connect a jumper wire between SBL and 3.3V, reconnect.
STEP += restore sdphost write 0x20001C00 sdphost_flash_loader.bin
STEP += restore sdphost jump 0x20001C00
STEP += restore blhost  fill 0x2000 4 0xC0000008
STEP += restore blhost  configure 9 0x2000
STEP += restore blhost  erase FCB size:0x1000 timeout:120000
STEP += restore blhost  fill 0x2000 4 0xF000000F
STEP += restore blhost  configure 9 0x2000
STEP += restore blhost  erase SBL timeout:120000
STEP += restore blhost  write SBL
STEP += restore blhost  erase FIRMWARE timeout:120000
STEP += restore blhost  write FIRMWARE
STEP += restore ask     The next command programs a fuse, once and for ever: the chip then boots from external flash.
STEP += restore blhost  efuse 0x06 00000010
STEP += restore blhost  reset
STEP += restore ask     Remove the jumper and power-cycle the camera.
