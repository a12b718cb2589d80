/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections between peripherals of the STM32H743 that its table doesn't hold. */
#include "qemu/osdep.h"

#include "exec/address-spaces.h"
#include "stm32_dma_mux.h"
#include "stm32h743.h"
#include "stm32h743_defs.h"
#include "stm32h7_pwr.h"
#include "stm32h7_rcc_device.h"

enum { PORTS = 11, PINS = 16, EXTI_OUTPUTS = 22 };

static void wire_pins(Stm32h743 *chip)
{
    DeviceState *syscfg = DEVICE(stm32h743_find(chip, "SYSCFG")), *exti = DEVICE(stm32h743_find(chip, "EXTI"));

    for (unsigned port = 0; port < PORTS; port++) {
        char name[] = { 'G', 'P', 'I', 'O', 'A' + port, 0 };

        for (unsigned pin = 0; pin < PINS; pin++) {
            qdev_connect_gpio_out_named(DEVICE(stm32h743_find(chip, name)), "exti", pin, qdev_get_gpio_in(syscfg, port * PINS + pin));
        }
    }
    for (unsigned pin = 0; pin < PINS; pin++) {
        qdev_connect_gpio_out_named(syscfg, "exti", pin, qdev_get_gpio_in(exti, pin));
    }
}

/* Interrupts of the EXTI lines, RM0433 table 147. */
static void wire_exti(Stm32h743 *chip)
{
    static const uint8_t number[EXTI_OUTPUTS] = {
        EXTI0_IRQ, EXTI1_IRQ, EXTI2_IRQ, EXTI3_IRQ, EXTI4_IRQ, EXTI9_5_IRQ, EXTI9_5_IRQ, EXTI9_5_IRQ, EXTI9_5_IRQ, EXTI9_5_IRQ,
        EXTI15_10_IRQ, EXTI15_10_IRQ, EXTI15_10_IRQ, EXTI15_10_IRQ, EXTI15_10_IRQ, EXTI15_10_IRQ, PVD_PVM_IRQ, RTC_Alarm_IRQ,
        TAMP_STAMP_IRQ, RTC_WKUP_IRQ, COMP_IRQ, COMP_IRQ,
    };
    static const struct { const char *output; unsigned line; } rtc_lines[] = { { "alarm", 17 }, { "tamper", 18 }, { "wakeup", 19 } };
    DeviceState *exti = DEVICE(stm32h743_find(chip, "EXTI")), *rtc = DEVICE(stm32h743_find(chip, "RTC"));

    for (unsigned line = 0; line < EXTI_OUTPUTS; line++) {
        qdev_connect_gpio_out(exti, line, stm32h743_interrupt(chip, number[line]));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(rtc_lines); i++) {
        qdev_connect_gpio_out_named(rtc, rtc_lines[i].output, 0, qdev_get_gpio_in(exti, rtc_lines[i].line));
    }
}

static void stream_complete(void *opaque, int n, int level)
{
    stm32_mdma_request(opaque, n, level);
}

static void wire_dma(Stm32h743 *chip)
{
    Stm32Periph *mux1 = stm32h743_find(chip, "DMAMUX1"), *mux2 = stm32h743_find(chip, "DMAMUX2");
    Stm32Periph *mdma = stm32h743_find(chip, "MDMA"), *bdma = stm32h743_find(chip, "BDMA");
    qemu_irq *request = qemu_allocate_irqs(stream_complete, mdma, 16);

    for (unsigned i = 0; i < 2; i++) {
        Stm32Periph *dma = stm32h743_find(chip, i ? "DMA2" : "DMA1");

        stm32_dma_set_mux(dma, mux1, i * 8);
        for (unsigned stream = 0; stream < 8; stream++) {
            stm32_dmamux_connect(mux1, i * 8 + stream, dma, &stm32_dma_ops, stream);
            qdev_connect_gpio_out_named(DEVICE(dma), "complete", stream, request[i * 8 + stream]);
        }
    }
    stm32_bdma_set_mux(bdma, mux2, 0);
    for (unsigned channel = 0; channel < 8; channel++) {
        stm32_dmamux_connect(mux2, channel, bdma, &stm32_bdma_ops, channel);
    }
    mdma->bus = &address_space_memory;              /* alone among the DMA controllers it reaches the TCM */
}

static void wire_wakeup(Stm32h743 *chip)
{
    Stm32Periph *const ports[3] = { stm32h743_find(chip, "GPIOA"), stm32h743_find(chip, "GPIOC"), stm32h743_find(chip, "GPIOI") };

    stm32h7_pwr_set_ports(chip->rcc->pwr, ports);
}

void stm32h743_wire(Stm32h743 *chip)
{
    wire_pins(chip);
    wire_wakeup(chip);
    wire_exti(chip);
    wire_dma(chip);
}
