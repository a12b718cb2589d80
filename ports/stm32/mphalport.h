/* SPDX-License-Identifier: MIT */
/* What MicroPython's core and extmod ask of a port's hardware. */
#ifndef STM32_MPHALPORT_H
#define STM32_MPHALPORT_H

#include "gpio.h"
#include "irq.h"
#include "py/obj.h"
#include "system.h"

#define MICROPY_BEGIN_ATOMIC_SECTION() irq_disable()
#define MICROPY_END_ATOMIC_SECTION(state) irq_restore(state)

/* Around what PendSV must not see half done. */
#define MICROPY_PY_PENDSV_ENTER uint32_t basepri = __get_BASEPRI(); __set_BASEPRI(IRQ_PRIORITY_PENDSV << 4)
#define MICROPY_PY_PENDSV_EXIT __set_BASEPRI(basepri)

static inline mp_uint_t mp_hal_ticks_ms(void) { return system_ms(); }
static inline mp_uint_t mp_hal_ticks_us(void) { return system_us(); }
static inline mp_uint_t mp_hal_ticks_cpu(void) { return system_cycles(); }
static inline void mp_hal_delay_us(mp_uint_t us) { system_delay_us(us); }
static inline mp_uint_t mp_hal_get_cpu_freq(void) { return system_core_mhz * 1000000u; }
uint64_t mp_hal_time_ns(void);
void mp_hal_set_interrupt_char(int c);

/* ---- Pins, as extmod's software buses use them: a pin is a pin_id ----- */
#define MP_HAL_PIN_FMT "%q"
#define mp_hal_pin_obj_t uint32_t
uint32_t machine_pin_get_id(mp_obj_t pin);          /* from a Pin, or a name */
qstr machine_pin_get_name(uint32_t pin);
#define mp_hal_get_pin_obj(o) machine_pin_get_id(o)
#define mp_hal_pin_name(p) machine_pin_get_name(p)
static inline void mp_hal_pin_input(mp_hal_pin_obj_t p) { gpio_input((pin_id)p, GPIO_PULL_NONE); }
static inline void mp_hal_pin_output(mp_hal_pin_obj_t p) { gpio_output((pin_id)p, gpio_read_output((pin_id)p)); }
static inline void mp_hal_pin_open_drain(mp_hal_pin_obj_t p)
{
    gpio_configure((pin_id)p, &(struct gpio_config){ .mode = GPIO_MODE_OUTPUT, .open_drain = true, .pull = GPIO_PULL_UP });
}
/* A pin that reaches these was resolved from a Pin or a name: its port has its clock. */
static inline int mp_hal_pin_read(mp_hal_pin_obj_t p) { return gpio_read((pin_id)p); }
static inline void mp_hal_pin_write(mp_hal_pin_obj_t p, int v) { gpio_write((pin_id)p, v); }
static inline void mp_hal_pin_low(mp_hal_pin_obj_t p) { gpio_write((pin_id)p, false); }
static inline void mp_hal_pin_high(mp_hal_pin_obj_t p) { gpio_write((pin_id)p, true); }
static inline void mp_hal_pin_od_low(mp_hal_pin_obj_t p) { gpio_write((pin_id)p, false); }
static inline void mp_hal_pin_od_high(mp_hal_pin_obj_t p) { gpio_write((pin_id)p, true); }
#define mp_hal_delay_us_fast(us) mp_hal_delay_us(us)

/* Bit protocols whose timing an interrupt would spoil. The camera's and the tick still come: they are short, and dht.c measures pulses
   for 5 ms by a clock that the tick moves. */
static inline uint32_t mp_hal_quiet_timing_enter(void)
{
    uint32_t state = __get_BASEPRI();
    __set_BASEPRI_MAX(IRQ_PRIORITY_DMA << 4);
    return state;
}
static inline void mp_hal_quiet_timing_exit(uint32_t state) { __set_BASEPRI(state); }
static inline void mp_hal_wake_main_task_from_isr(void) {}

#endif
