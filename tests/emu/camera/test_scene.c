/* SPDX-License-Identifier: MIT */
/* Says the colour in the middle of the picture whenever it changes. The other half of the test is in run.sh. */
#include "ov7725.h"

void guest_main(void)
{
    uint32_t shown = 0x10000;

    i2c_init();
    sensor_up();
    sensor_write(0x12, 0x46);
    sensor_write(0x17, 0x3f + 40);          /* 4x2 pixels are enough */
    sensor_write(0x18, 1);
    sensor_write(0x19, 0x03 + 60);
    sensor_write(0x1a, 1);
    sensor_write(0x29, 1);
    sensor_write(0x2c, 1);
    for (;;) {
        uint32_t pixel;

        snapshot(AXI_SRAM, 4, 0);
        pixel = (uint32_t)REG8(AXI_SRAM) << 8 | REG8(AXI_SRAM + 1);
        if (pixel != shown) {
            shown = pixel;
            put_text("colour ");
            put_number((int32_t)pixel);
            put_char('\n');
        }
        wait_us(5000);
    }
}
