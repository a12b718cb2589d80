/* SPDX-License-Identifier: MIT */
/* machine.WDT(timeout=5000): the independent watchdog (RM0433 45), 32 kHz LSI; once started it runs until a reset. Included by extmod/machine_wdt.c. */
#include "stm32h743.h"

struct _machine_wdt_obj_t { mp_obj_base_t base; };
static machine_wdt_obj_t wdt_object = { { &machine_wdt_type } };

static machine_wdt_obj_t *mp_machine_wdt_make_new_instance(mp_int_t id, mp_int_t timeout_ms)
{
    if (id != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("there is one watchdog: WDT(0)"));
    }
    if (timeout_ms < 1 || timeout_ms > 32768) {
        mp_raise_ValueError(MP_ERROR_TEXT("timeout must be 1 ... 32768 ms"));
    }
    /* Divider 4 << prescaler; the counter has 12 bits. */
    uint32_t prescaler = 0;
    while (((uint32_t)timeout_ms * 32 >> (2 + prescaler)) > 4095) {
        prescaler++;
    }
    IWDG->KR = 0xCCCC;
    IWDG->KR = 0x5555;
    IWDG->PR = prescaler;
    IWDG->RLR = ((uint32_t)timeout_ms * 32 >> (2 + prescaler)) & 0xFFF;
    for (uint32_t start = system_ms(); IWDG->SR && system_ms() - start < 20;) {
    }
    IWDG->KR = 0xAAAA;
    return &wdt_object;
}

static void mp_machine_wdt_feed(machine_wdt_obj_t *self) { IWDG->KR = 0xAAAA; }
