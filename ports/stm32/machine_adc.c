/* SPDX-License-Identifier: MIT */
/* machine.ADC(pin): single conversions of ADC1, 16 bits; included by extmod/machine_adc.c (RM0433 25). */
#include "machine_port.h"
#include "py/mperrno.h"
#include "system.h"

#define ADC_CR_BOOST_12M FIELD(ADC_CR_BOOST, 1) /* for 6.25 to 12.5 MHz */
#define VREF_UV 3300000u

#define MICROPY_PY_MACHINE_ADC_CLASS_CONSTANTS

struct _machine_adc_obj_t { mp_obj_base_t base; pin_id pin; uint8_t channel; };

/* ADC12 inputs of pins (DS12110 table 9): the positive input's number. */
static const struct { pin_id pin; uint8_t channel; } channels[] = {
    { PIN('A', 0), 16 }, { PIN('A', 1), 17 }, { PIN('A', 2), 14 }, { PIN('A', 3), 15 }, { PIN('A', 4), 18 }, { PIN('A', 5), 19 },
    { PIN('A', 6), 3 }, { PIN('A', 7), 7 }, { PIN('B', 0), 9 }, { PIN('B', 1), 5 }, { PIN('C', 0), 10 }, { PIN('C', 1), 11 },
    { PIN('C', 4), 4 }, { PIN('C', 5), 8 },
};

static bool wait_register(reg32 *reg, uint32_t mask, uint32_t value, uint32_t us)
{
    struct deadline d = deadline_us(us);
    while ((*reg & mask) != value) {
        if (deadline_passed(&d)) {
            return false;
        }
    }
    return true;
}

/* Power, calibration, enable (25.4.6, 25.4.8, 25.4.9); once. */
static bool adc_start(void)
{
    RCC->AHB1ENR |= RCC_AHB1ENR_ADC12EN;
    (void)RCC->AHB1ENR;
    if (ADC1->CR & ADC_CR_ADEN) {
        return true;
    }
    ADC12->CCR = FIELD(ADC_CCR_PRESC, 7); /* kernel clock / 16 = 10 MHz; revision V halves it once more */
    ADC1->CR = 0;          /* out of deep power down */
    ADC1->CR = ADC_CR_ADVREGEN;
    system_delay_us(20);
    ADC1->CR = ADC_CR_ADVREGEN | ADC_CR_BOOST_12M | ADC_CR_ADCALLIN;
    ADC1->CR |= ADC_CR_ADCAL;
    if (!wait_register(&ADC1->CR, ADC_CR_ADCAL, 0, 100000)) {
        return false;
    }
    ADC1->ISR = ADC_ISR_ADRDY;
    ADC1->CR |= ADC_CR_ADEN;
    return wait_register(&ADC1->ISR, ADC_ISR_ADRDY, ADC_ISR_ADRDY, 10000);
}

static void mp_machine_adc_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    machine_adc_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "ADC(%q, channel=%u)", machine_pin_get_name(self->pin), self->channel);
}

static mp_obj_t mp_machine_adc_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    pin_id pin = (pin_id)machine_pin_get_id(args[0]);
    for (unsigned i = 0; i < MP_ARRAY_SIZE(channels); i++) {
        if (channels[i].pin == pin) {
            machine_adc_obj_t *self = mp_obj_malloc(machine_adc_obj_t, &machine_adc_type);
            self->pin = pin;
            self->channel = channels[i].channel;
            gpio_configure(pin, &(struct gpio_config){ .mode = GPIO_MODE_ANALOG });
            if (!adc_start()) {
                mp_raise_OSError(MP_ETIMEDOUT);
            }
            return MP_OBJ_FROM_PTR(self);
        }
    }
    mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%q has no ADC input"), machine_pin_get_name(pin));
}

static mp_int_t mp_machine_adc_read_u16(machine_adc_obj_t *self)
{
    ADC1->PCSEL = BIT(self->channel);
    ADC1->SQR1 = FIELD(ADC_SQR1_SQ1, self->channel); /* one conversion */
    *(self->channel < 10 ? &ADC1->SMPR1 : &ADC1->SMPR2) = FIELD(ADC_SMPR1_SMP0, 5) << self->channel % 10 * 3; /* 64.5 clocks */
    ADC1->CFGR = ADC_CFGR_JQDIS; /* 16 bits, overwrite off */
    ADC1->ISR = ADC_ISR_EOC;
    ADC1->CR |= ADC_CR_ADSTART;
    if (!wait_register(&ADC1->ISR, ADC_ISR_EOC, ADC_ISR_EOC, 10000)) {
        mp_raise_OSError(MP_ETIMEDOUT);
    }
    return (mp_int_t)(ADC1->DR & 0xFFFF);
}

static mp_int_t mp_machine_adc_read_uv(machine_adc_obj_t *self)
{
    return (mp_int_t)((uint64_t)mp_machine_adc_read_u16(self) * VREF_UV / 65535);
}
