# OpenMV Cam H7. The only place where a fact about this board is written; boards/README.md explains every key.
NAME  = OpenMV Cam H7
TYPE  = H7
ARCH  = OMV4 H7 1024
CHIP  = stm32h743
READY = yes

# --- USB and bootloader
USB_APP    = 37C5:1204
USB_DFU    = 37C5:9204
LOADER     = openmv_dfu
BOOT_MAGIC = 0x2001FFFC

# --- Clocks: 12 MHz / 3 x 240 / 2 = 480 MHz
CPU_CLOCK     = 480MHz
HSE_CLOCK     = 12MHz
PLL_SOURCE    = HSE
PLL          += 1 M:3 N:240 P:2 Q:20 R:2 VCI:2 VCO:wide FRAC:0
PLL          += 2 M:3 N:100 P:2 Q:2  R:2 VCI:2 VCO:wide FRAC:0
PLL          += 3 M:3 N:80  P:2 Q:2  R:2 VCI:2 VCO:wide FRAC:0
CLOCK        += USB    HSI48
CLOCK        += RNG    HSI48
CLOCK        += ADC    PLL3R
CLOCK        += SPI123 PLL3P
FLASH_LATENCY = 4
POWER_SUPPLY  = LDO
AXI_QOS_MDMA  = 15 15

# --- Memory: the linker's regions, and what lives in them
#          name   base        size
MEMORY  += ITCM   0x00000000  64K
MEMORY  += DTCM   0x20000000  128K
MEMORY  += SRAM0  0x24000000  512K
MEMORY  += SRAM1  0x30000000  280K
MEMORY  += SRAM2  0x30046000  8K
MEMORY  += SRAM4  0x38000000  64K

#          object         memory  size (none: what the others leave)
PLACE   += DATA           SRAM1
PLACE   += STACK          ITCM    64K
PLACE   += FLASH_CACHE    DTCM    4K
PLACE   += DMA            SRAM2
PLACE   += LINE_BUFFER    SRAM2   3K
PLACE   += MSC_BUFFER     SRAM2   2K
PLACE   += STREAM_BUFFER  SRAM0   32K
PLACE   += POOL           SRAM0   480K
PLACE   += POOL           DTCM    124K  fast,dtcm
PLACE   += GC_HEAP        SRAM4   64K
PLACE   += GC_HEAP        SRAM1   264K

# --- Flash
#              name        alt  base        size   access  role        image
PARTITION   += BOOTLOADER  0    0x08000000  128K   ro      bootloader  bootloader.bin
PARTITION   += FILESYSTEM  1    0x08020000  128K   rw      disk        -
PARTITION   += FIRMWARE    2    0x08040000  1664K  rw      firmware    firmware.bin
PARTITION   += ROMFS0      3    0x081E0000  128K   rw      romfs       romfs0.img

# --- Camera
CSI_INTERFACE = DCMI
CSI_I2C       = I2C1 standard
CSI_SPI       = SPI3
CSI_XCLK      = TIM1_CH1 PA8 12MHz
CSI_DMA       = DMA2 1 DCMI
CSI_HW_CROP   = yes
CSI_MEMCPY_DMA = yes
SENSOR       += OV7725 OV2640 OV5640 MT9V0XX OV9650 MT9M114 LEPTON PAG7920 PAJ6100 FROGEYE2020
THERMAL      += MLX90621 MLX90640 MLX90641 AMG8833
TUNE         += OV5640_AF_ENABLE 1
TUNE         += OV5640_PLL_CTRL2 0x54
TUNE         += OV5640_PLL_CTRL3 0x13
TUNE         += OV7725_PLL_CONFIG 0x41
TUNE         += OV7725_BANDING 0x7F
TUNE         += PAJ6100_GLITCH_RECONFIG 1

# --- Pins: buses (the chip file knows the alternate functions), plain GPIO, LEDs, header
BUS    += CSI dev:DCMI D0:PC6 D1:PC7 D2:PE0 D3:PE1 D4:PE4 D5:PB6 D6:PE5 D7:PE6 HSYNC:PA4 VSYNC:PB7 PIXCLK:PA6
BUS    += I2C1   SCL:PB8 SDA:PB9
BUS    += I2C2   SCL:PB10 SDA:PB11
BUS    += I2C4   SCL:PD12 SDA:PD13
BUS    += SPI2   NSS:PB12 SCK:PB13 MISO:PB14 MOSI:PB15
BUS    += SPI3   NSS:PA15 SCK:PB3 MISO:PB4 MOSI:PB5
BUS    += UART1  dev:USART1 TX:PB14 RX:PB15
BUS    += UART3  dev:USART3 TX:PB10 RX:PB11
BUS    += CAN2   dev:FDCAN2 TX:PB13 RX:PB12
BUS    += SDCARD dev:SDMMC1 D0:PC8 D1:PC9 D2:PC10 D3:PC11 CK:PC12 CMD:PD2
BUS    += USB    dev:OTG_FS DM:PA11 DP:PA12
BUS    += SWD    dev:SWD SWDIO:PA13 SWCLK:PA14

GPIO   += CSI_RESET     PA10
GPIO   += CSI_POWER     PD7
GPIO   += MT9V0XX_FSYNC PB4 shared
GPIO   += SD_DETECT     PD0
GPIO   += USB_VBUS      PA9
GPIO   += SOFT_I2C_SCL  PB10
GPIO   += SOFT_I2C_SDA  PB11
GPIO   += WINC_CS       PB12
GPIO   += WINC_EN       PA5
GPIO   += WINC_RST      PD12
GPIO   += WINC_IRQ      PD13
GPIO   += DISPLAY_CS    PB12
GPIO   += DISPLAY_RS    PD13
GPIO   += DISPLAY_RST   PD12
GPIO   += DISPLAY_BL    PA5

LED    += RED   PC0 low
LED    += GREEN PC1 low
LED    += BLUE  PC2 low
LED    += IR    PE2 low
BOOT_LED = GREEN

HEADER += P0:PB15 P1:PB14 P2:PB13 P3:PB12 P4:PB10 P5:PB11 P6:PA5 P7:PD12 P8:PD13 P9:PD14 P10:PD15 P11:PA13 P12:PA14

CONSOLE    = UART3 921600
FIR_I2C    = I2C2 full
WINC_SPI   = SPI2 40MHz
DISPLAY_SPI = SPI2

# --- Protocol, codecs
JPEG_HARDWARE     = yes
JPEG_QUALITY      = 50 90
JPEG_THRESHOLD    = 320x240x2
GPU               = yes
PROTOCOL_BUFFER   = 512
PROTOCOL_STDIO    = 512
HW_CAPS          += JPEG CRC SD

# --- What is compiled in
MODULE  += CSI CSI_NG PROTOCOL FIR ULAB WINC1500 DISPLAY TV ML ML_TFLM SSL SSL_MBEDTLS LEPTON_SDK
FEATURE += AGAST APRILTAGS APRILTAGS_TAG36H11 BARCODES BILATERAL BINARY_OPS DATAMATRICES DESCRIPTOR FEATURES
FEATURE += FIND_CIRCLES FIND_DISPLACEMENT FIND_KEYPOINTS FIND_LBP FIND_LINES FIND_LINE_SEGMENTS FIND_RECTS GAUSSIAN
FEATURE += GET_SIMILARITY IMAGE_FILE_IO IMAGE_IO ISP_OPS LAB_LUT LAPLACIAN LENS_CORR LINPOLAR LOGPOLAR MATH_OPS MEAN
FEATURE += MEDIAN MIDPOINT MODE MORPH PNG_DECODER PNG_ENCODER QRCODES ROTATION_CORR

# --- Emulator
EMU_MACHINE = openmv4
EMU_SENSOR  = OV7725

# --- Flashing, step by step
#       verb     tool  what
STEP += flash    dfu   FIRMWARE
STEP += romfs    dfu   ROMFS0 reset
STEP += erase    dfu   FILESYSTEM zero:4096 reset
STEP += restore  ask   Disconnect the camera, connect a jumper wire between BOOT and RST, reconnect.
STEP += restore  dfuse BOOTLOADER usb:0483:DF11 alt:0
STEP += restore  ask   Remove the jumper, reconnect, then flash the firmware.
