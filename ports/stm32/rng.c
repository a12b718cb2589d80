/* SPDX-License-Identifier: MIT */
/* True random numbers (RM0433 34), with the recovery of 34.3.7 and a time-out. */
#include "rng.h"
#include "system.h"

#define RNG_SR_ERRORS (RNG_SR_CEIS | RNG_SR_SEIS)

uint32_t rng_get(void)
{
    RCC->AHB2ENR |= RCC_AHB2ENR_RNGEN;
    (void)RCC->AHB2ENR;
    RNG->CR |= RNG_CR_RNGEN;
    struct deadline d = deadline_us(10000);
    while (!(RNG->SR & RNG_SR_DRDY)) {
        if (RNG->SR & RNG_SR_ERRORS) {
            RNG->SR = 0;
            RNG->CR = 0;
            RNG->CR = RNG_CR_RNGEN;
        }
        if (deadline_passed(&d)) {
            /* A dead generator must not stop the camera; the cycle counter is all the noise that is left. */
            return DWT->CYCCNT * 2654435761UL ^ system_unique_id()[0];
        }
    }
    return RNG->DR;
}
