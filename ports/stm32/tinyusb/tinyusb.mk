# SPDX-License-Identifier: MIT
# TinyUSB's device stack for this chip, unmodified in lib/tinyusb. A program adds the classes it uses, and names its configuration:
# -DCFG_TUSB_CONFIG_FILE='"tusb_firmware.h"' or '"tusb_boot.h"'.
TINYUSB_SRC := $(addprefix lib/tinyusb/src/, tusb.c common/tusb_fifo.c device/usbd.c device/usbd_control.c \
    portable/synopsys/dwc2/dcd_dwc2.c portable/synopsys/dwc2/dwc2_common.c)
TINYUSB_CLASS_CDC := lib/tinyusb/src/class/cdc/cdc_device.c
TINYUSB_CLASS_MSC := lib/tinyusb/src/class/msc/msc_device.c
TINYUSB_CFLAGS := -Ilib/tinyusb/src -Iports/stm32/tinyusb
