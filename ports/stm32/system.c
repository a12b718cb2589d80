/* SPDX-License-Identifier: MIT */
/* The core: time, caches and memory protection, background interrupt, reset. */
#include "system.h"
#include "board.h"
#include "clock.h"
#include "crash.h"
#include "irq.h"
#include "system_hooks.h"

uint32_t system_core_mhz = 64; /* HSI, until clock_init() */
static unsigned reset_cause;
static volatile uint32_t milliseconds;
static volatile uint32_t milliseconds_high;
static volatile uint32_t deaf_ms;
static void (*pendsv_functions[PENDSV_COUNT])(void);
static volatile uint32_t pendsv_requests;

/* ---- Memory protection and caches -------------------------------------------------------------------- */

extern uint8_t _dma_start[], _dma_size_log2[];

/* Armv7-M MPU: size is 2^(size_log2), access 0 = none, 3 = full; TEX/C/B as in table B3-13. */
static void mpu_region(unsigned number, uint32_t base, unsigned size_log2, unsigned access, bool never_execute, unsigned tex, bool cached, bool shared)
{
    MPU->RNR = number;
    MPU->RBAR = base;
    MPU->RASR = ARM_MPU_RASR(never_execute, access, tex, shared, cached, 0, 0, size_log2 - 1);
}

static void mpu_init(void)
{
    /* The ITCM starts at address 0 and holds the stack: its lowest bytes catch null pointers and a stack that overflows. */
    mpu_region(0, 0x00000000, STACK_GUARD_LOG2, ARM_MPU_AP_NONE, true, 0, false, false);
    /* DMA buffers: normal memory, not cached. */
    mpu_region(1, (uint32_t)_dma_start, (unsigned)(uintptr_t)_dma_size_log2, ARM_MPU_AP_FULL, true, 1, false, true);
    /* No external memory: speculative reads there would stall the bus (ES0392 on FMC and QUADSPI). 0x60000000-0x9FFFFFFF. */
    mpu_region(2, 0x60000000, 29, ARM_MPU_AP_NONE, true, 0, false, false);
    mpu_region(3, 0x80000000, 29, ARM_MPU_AP_NONE, true, 0, false, false);
    /* The crash record must be there at once. */
    mpu_region(4, BACKUP_SRAM, 12, ARM_MPU_AP_FULL, true, 1, false, true);
    ARM_MPU_Enable(MPU_CTRL_PRIVDEFENA_Msk);
}

void cache_clean(const void *address, size_t size)
{
    SCB_CleanDCache_by_Addr((void *)(uintptr_t)address, (int32_t)size);
}

void cache_invalidate(void *address, size_t size) { SCB_InvalidateDCache_by_Addr(address, (int32_t)size); }

bool system_is_ram(const void *address, size_t size)
{
    static const struct { uint32_t base, size; } rams[] = {
        { 0x00000000, 0x10000 }, { 0x20000000, 0x20000 }, { 0x24000000, 0x80000 },
        { 0x30000000, 0x48000 }, { 0x38000000, 0x10000 }, { 0x38800000, 0x1000 },
    };
    for (unsigned i = 0; i < sizeof rams / sizeof rams[0]; i++) {
        uint32_t offset = (uint32_t)address - rams[i].base;
        if (offset < rams[i].size && size <= rams[i].size - offset) {
            return true;
        }
    }
    return false;
}

/* ---- Start ---------------------------------------------------------------------------------------------- */

void system_init(void)
{
    mpu_init();
    SCB_EnableICache();
    SCB_EnableDCache();
    uint32_t rsr = RCC->RSR;
    RCC->RSR |= RCC_RSR_RMVF;
    reset_cause = rsr & RCC_RSR_PORRSTF ? SYSTEM_RESET_POWER_ON : rsr & (RCC_RSR_IWDG1RSTF | RCC_RSR_WWDG1RSTF) ? SYSTEM_RESET_WATCHDOG
        : rsr & RCC_RSR_LPWRRSTF ? SYSTEM_RESET_DEEPSLEEP : rsr & RCC_RSR_SFTRSTF ? SYSTEM_RESET_SOFTWARE : SYSTEM_RESET_PIN;
    crash_init();
    NVIC_SetPriorityGrouping(3); /* 4 bits of preemption, none of sub-priority */
    NVIC_SetPriority(SysTick_IRQn, IRQ_PRIORITY_SYSTICK);
    NVIC_SetPriority(PendSV_IRQn, IRQ_PRIORITY_PENDSV);
    SCB->SHCSR |= SCB_SHCSR_MEMFAULTENA_Msk | SCB_SHCSR_BUSFAULTENA_Msk | SCB_SHCSR_USGFAULTENA_Msk;
    SCB->CCR |= SCB_CCR_DIV_0_TRP_Msk;
    SysTick->LOAD = clock_core_hz() / 1000 - 1;
    SysTick->VAL = 0;
    SysTick->CTRL = SysTick_CTRL_CLKSOURCE_Msk | SysTick_CTRL_TICKINT_Msk | SysTick_CTRL_ENABLE_Msk;
}

void system_start_counter(void)
{
    /* Cycle counter (Armv7-M ARM C1.8); the lock register only exists on the M7. */
    CoreDebug->DEMCR |= CoreDebug_DEMCR_TRCENA_Msk;
    DWT->LAR = 0xC5ACCE55UL;
    DWT->CYCCNT = 0;
    DWT->CTRL |= DWT_CTRL_CYCCNTENA_Msk;
}

/* ---- Time ------------------------------------------------------------------------------------------------- */

void system_tick(const uint32_t *frame)
{
    uint32_t now = milliseconds + 1;
    milliseconds = now;
    if (now == 0) {
        milliseconds_high++;
    }
    crash_tick(frame[6], frame[5]); /* PC, LR */
    (void)SysTick->CTRL; /* clears COUNTFLAG: a tick that is handled is not pending */
    system_tick_hook(now);
}

void system_add_ms(uint32_t ms)
{
    uint32_t state = irq_disable();
    deaf_ms += ms;
    uint32_t now = milliseconds + ms;
    if (now < ms) {
        milliseconds_high++;
    }
    milliseconds = now;
    irq_restore(state);
}

uint32_t system_ms(void) { return milliseconds; }
uint32_t system_listening_ms(void) { return milliseconds - deaf_ms; }

uint64_t system_us64(void)
{
    uint32_t state = irq_disable();
    uint32_t value = SysTick->VAL;
    uint64_t ms = milliseconds | (uint64_t)milliseconds_high << 32;
    /* The counter may have wrapped with the tick not yet handled. */
    if (SCB->ICSR & SCB_ICSR_PENDSTSET_Msk) {
        value = SysTick->VAL;
        ms++;
    }
    irq_restore(state);
    uint32_t load = SysTick->LOAD;
    return ms * 1000 + (load - value) / (system_core_mhz);
}

uint32_t system_us(void) { return (uint32_t)system_us64(); }

void system_delay_us(uint32_t us)
{
    while (us > 1000000) {
        system_delay_us(1000000);
        us -= 1000000;
    }
    struct deadline d = deadline_us(us);
    while (!deadline_passed(&d)) {
    }
}

/* ---- Background work ---------------------------------------------------------------------------------------- */

void system_set_pendsv(unsigned slot, void (*function)(void)) { pendsv_functions[slot] = function; }

void system_request_pendsv(unsigned slot)
{
    uint32_t state = irq_disable();
    pendsv_requests |= 1UL << slot;
    SCB->ICSR = SCB_ICSR_PENDSVSET_Msk;
    irq_restore(state);
}

void system_pendsv(void)
{
    uint32_t state = irq_disable();
    uint32_t requests = pendsv_requests;
    pendsv_requests = 0;
    irq_restore(state);
    for (unsigned slot = 0; slot < PENDSV_COUNT; slot++) {
        if ((requests >> slot & 1) && pendsv_functions[slot]) {
            pendsv_functions[slot]();
        }
    }
}

/* ---- Reset, sleep, identity ------------------------------------------------------------------------------------ */

_Noreturn void system_reset(void)
{
    NVIC_SystemReset();
    for (;;) {
    }
}

_Noreturn void system_enter_bootloader(void)
{
    __disable_irq();
    *(volatile uint32_t *)BOARD_BOOT_MAGIC_ADDRESS = BOARD_BOOT_MAGIC;
    SCB_CleanDCache();
    __DSB();
    system_reset();
}

void system_wait_interrupt(void)
{
    __DSB();
    __WFI();
}

unsigned system_reset_cause(void) { return reset_cause; }

const uint32_t *system_unique_id(void) { return (const uint32_t *)BOARD_UID_ADDRESS; }
