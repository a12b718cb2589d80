/* SPDX-License-Identifier: MIT */
/* Timers as PWM generators (RM0433 38-41). */
#include "timer.h"
#include <stddef.h>
#include "clock.h"
#include "irq.h"

static const struct { struct tim_regs *regs; reg32 *enable; uint32_t bit; uint8_t channels; bool wide, advanced; } timers[18] = {
    [1] = { TIM1, ENABLE(APB2, TIM1), 4, false, true }, [2] = { TIM2, ENABLE(APB1L, TIM2), 4, true, false },
    [3] = { TIM3, ENABLE(APB1L, TIM3), 4, false, false }, [4] = { TIM4, ENABLE(APB1L, TIM4), 4, false, false },
    [5] = { TIM5, ENABLE(APB1L, TIM5), 4, true, false }, [8] = { TIM8, ENABLE(APB2, TIM8), 4, false, true },
    [12] = { TIM12, ENABLE(APB1L, TIM12), 2, false, false }, [13] = { TIM13, ENABLE(APB1L, TIM13), 1, false, false },
    [14] = { TIM14, ENABLE(APB1L, TIM14), 1, false, false }, [15] = { TIM15, ENABLE(APB2, TIM15), 2, false, true },
    [16] = { TIM16, ENABLE(APB2, TIM16), 1, false, true }, [17] = { TIM17, ENABLE(APB2, TIM17), 1, false, true },
};

static uint32_t running, kept; /* bit sets of timer numbers */

struct tim_regs *timer_registers(unsigned id) { return id < 18 ? timers[id].regs : NULL; }
uint32_t timer_clock(unsigned id) { return timer_registers(id) ? clock_timer_hz() : 0; }

void timer_pwm_set_duty(unsigned id, unsigned channel, uint32_t duty_u16)
{
    struct tim_regs *regs = timers[id].regs;
    regs->CCR[channel - 1] = (uint32_t)(((uint64_t)regs->ARR + 1) * (duty_u16 > 65535 ? 65536 : duty_u16) / 65536);
}

uint32_t timer_pwm_start(unsigned id, unsigned channel, uint32_t hz, uint32_t duty_u16)
{
    struct tim_regs *regs = timer_registers(id);
    uint32_t clock = clock_timer_hz();
    if (!regs || channel < 1 || channel > timers[id].channels || hz == 0 || hz > clock / 2) {
        return 0;
    }
    uint32_t counts = (clock + hz / 2) / hz;
    uint32_t prescaler = timers[id].wide ? 1 : (counts - 1) / 65536 + 1; /* 16-bit counters */
    uint32_t period = (counts + prescaler / 2) / prescaler;
    if (prescaler > 65536) {
        return 0;
    }
    uint32_t state = irq_disable();
    *timers[id].enable |= timers[id].bit;
    (void)*timers[id].enable;
    unsigned shift = (channel - 1) % 2 * 8;
    reg32 *ccmr = &regs->CCMR[(channel - 1) / 2];
    *ccmr = (*ccmr & ~(0xFFUL << shift)) | (FIELD(TIM_CCMR_OC1M, 6) | TIM_CCMR_OC1PE) << shift; /* PWM mode 1, preload */
    regs->PSC = prescaler - 1;
    regs->ARR = period - 1;
    timer_pwm_set_duty(id, channel, duty_u16);
    regs->CCER |= TIM_CCER_CC1E << ((channel - 1) * 4);
    if (timers[id].advanced) {
        regs->BDTR |= TIM_BDTR_MOE;
    }
    if (!(regs->CR1 & TIM_CR1_CEN)) {
        regs->EGR = TIM_EGR_UG; /* load the prescaler */
        regs->CR1 = TIM_CR1_ARPE | TIM_CR1_CEN;
    }
    running |= BIT(id);
    irq_restore(state);
    return clock / prescaler / period;
}

void timer_pwm_stop(unsigned id, unsigned channel)
{
    struct tim_regs *regs = timer_registers(id);
    if (!regs || !(running & BIT(id))) {
        return;
    }
    regs->CCER &= ~(TIM_CCER_CC1E << ((channel - 1) * 4));
    if (!(regs->CCER & (TIM_CCER_CC1E | TIM_CCER_CC2E | TIM_CCER_CC3E | TIM_CCER_CC4E))) {
        regs->CR1 = 0;
        *timers[id].enable &= ~timers[id].bit;
        running &= ~BIT(id);
    }
}

void timer_keep(unsigned id, bool keep) { kept = keep ? kept | BIT(id) : kept & ~BIT(id); }

void timer_reset(void)
{
    for (unsigned id = 1; id < 18; id++) {
        if (running & ~kept & BIT(id)) {
            timers[id].regs->CCER = 0;
            timers[id].regs->CR1 = 0;
            *timers[id].enable &= ~timers[id].bit;
        }
    }
    running &= kept;
}
