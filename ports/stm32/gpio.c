/* SPDX-License-Identifier: MIT */
/* Pins and their edge interrupts (RM0433 11, 12.3.2, 20). */
#include "gpio.h"
#include "irq.h"

static struct { gpio_handler handler; void *context; pin_id pin; } lines[16];

static void set_field(reg32 *reg, unsigned index, unsigned bits, uint32_t value)
{
    uint32_t mask = (1UL << bits) - 1;
    *reg = (*reg & ~(mask << (index * bits))) | value << (index * bits);
}

void gpio_clock(pin_id pin)
{
    RCC->AHB4ENR |= RCC_AHB4ENR_GPIOAEN << (pin >> 4);
    (void)RCC->AHB4ENR;
}

void gpio_configure(pin_id pin, const struct gpio_config *config)
{
    struct gpio_regs *port = gpio_port(pin);
    unsigned n = pin & 15;
    uint32_t state = irq_disable();
    gpio_clock(pin);
    if (config->mode == GPIO_MODE_ALTERNATE) {
        set_field(&port->AFR[n >> 3], n & 7, 4, config->alternate);
    }
    set_field(&port->OTYPER, n, 1, config->open_drain);
    set_field(&port->OSPEEDR, n, 2, config->speed);
    set_field(&port->PUPDR, n, 2, config->pull);
    set_field(&port->MODER, n, 2, config->mode);
    irq_restore(state);
}

void gpio_output(pin_id pin, bool level)
{
    gpio_clock(pin);
    gpio_write(pin, level);
    gpio_configure(pin, &(struct gpio_config){ .mode = GPIO_MODE_OUTPUT });
}

void gpio_input(pin_id pin, enum gpio_pull pull)
{
    gpio_configure(pin, &(struct gpio_config){ .mode = GPIO_MODE_INPUT, .pull = (uint8_t)pull });
}

void gpio_alternate(pin_id pin, unsigned alternate, enum gpio_pull pull, bool open_drain)
{
    gpio_configure(pin, &(struct gpio_config){
        .mode = GPIO_MODE_ALTERNATE, .alternate = (uint8_t)alternate, .pull = (uint8_t)pull, .open_drain = open_drain,
        .speed = open_drain ? GPIO_SPEED_MEDIUM : GPIO_SPEED_VERY_HIGH });
}

unsigned gpio_get_mode(pin_id pin)
{
    gpio_clock(pin);
    return gpio_port(pin)->MODER >> ((pin & 15) * 2) & 3;
}

/* ---- Interrupts -------------------------------------------------------------------------------------- */

static void exti_interrupt(int irqn)
{
    (void)irqn;
    uint32_t pending = EXTI->CPUPR1 & EXTI->CPUIMR1 & 0xFFFF;
    EXTI->CPUPR1 = pending;
    for (unsigned line = 0; line < 16; line++) {
        if ((pending >> line & 1) && lines[line].handler) {
            lines[line].handler(lines[line].pin, lines[line].context);
        }
    }
}

static int exti_irqn(unsigned line)
{
    return line < 5 ? EXTI0_IRQn + (int)line : line < 10 ? EXTI9_5_IRQn : EXTI15_10_IRQn;
}

void gpio_set_interrupt(pin_id pin, enum gpio_edge edge, gpio_handler handler, void *context)
{
    unsigned line = pin & 15;
    uint32_t state = irq_disable();
    EXTI->CPUIMR1 &= ~BIT(line);
    lines[line].handler = edge ? handler : 0;
    lines[line].context = context;
    lines[line].pin = pin;
    if (edge) {
        RCC->APB4ENR |= RCC_APB4ENR_SYSCFGEN;
        (void)RCC->APB4ENR;
        set_field(&SYSCFG->EXTICR[line / 4], line & 3, 4, pin >> 4);
        EXTI->RTSR1 = (EXTI->RTSR1 & ~BIT(line)) | (edge & GPIO_EDGE_RISING ? BIT(line) : 0);
        EXTI->FTSR1 = (EXTI->FTSR1 & ~BIT(line)) | (edge & GPIO_EDGE_FALLING ? BIT(line) : 0);
        EXTI->CPUPR1 = BIT(line);
        irq_register(exti_irqn(line), exti_interrupt, IRQ_PRIORITY_PIN);
        EXTI->CPUIMR1 |= BIT(line);
    }
    irq_restore(state);
}

void gpio_reset_interrupts(void)
{
    EXTI->CPUIMR1 &= ~0xFFFFUL;
    for (unsigned line = 0; line < 16; line++) {
        lines[line].handler = 0;
    }
}
