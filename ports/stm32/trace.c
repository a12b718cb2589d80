/* SPDX-License-Identifier: MIT */
/* Debug output over the instrumentation trace macrocell (Armv7-M ARM C1.7), which leaves the chip as SWO: stimulus port 0, as ITM
   viewers expect it. Whoever debugs switches trace, ITM and the port on, and sets the pin's rate. */
#include "runtime/debug.h"

#include <stdbool.h>
#include <string.h>

#include "stm32h743.h"

/* A wire that stands still costs this many looks, once for each line. */
#define PATIENCE 2000u

/* The port's FIFO has room: reading it says so (C1.7.3). */
static bool ready(void)
{
    for (unsigned i = 0; i < PATIENCE; i++) {
        if (ITM->PORT[0].u32) {
            return true;
        }
    }
    return false;
}

void debug_trace(const char *text, size_t n)
{
    if (!(CoreDebug->DEMCR & CoreDebug_DEMCR_TRCENA_Msk) || !(ITM->TCR & ITM_TCR_ITMENA_Msk) || !(ITM->TER & 1)) {
        return;
    }
    for (; n >= 4 && ready(); text += 4, n -= 4) {
        uint32_t word;
        memcpy(&word, text, 4);
        ITM->PORT[0].u32 = word;
    }
    for (; n && n < 4 && ready(); text++, n--) {
        ITM->PORT[0].u8 = (uint8_t)*text;
    }
}
