/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option bytes of an STM32H7's flash (RM0433 sections 4.4, 4.9): boot addresses, sector write protection, bank swap. */
#include "qemu/osdep.h"

#include "stm32h7_flash_device.h"

enum { OPTION_PROGRAM_NS = 200000000 };

/* As delivered: no read-out protection, software watchdog, boot from flash (pin low) or the system bootloader (pin high). */
static const FlashOptions factory = { .status = 0x0006aaf0, .boot = 0x1ff00800, .protection = { 0xff, 0xff } };

static uint32_t *reg(Stm32h7Flash *s, uint32_t offset)
{
    return periph_reg(&s->parent_obj, offset);
}

static void show(Stm32h7Flash *s, bool programmed_too)
{
    *reg(s, FLASH_OPTSR_CUR) = s->options.status;
    *reg(s, FLASH_BOOT_CUR) = s->options.boot;
    for (unsigned i = 0; i < FLASH_BANKS; i++) {
        *reg(s, i * FLASH_BANK_STRIDE + FLASH_WPSN_CUR) = s->options.protection[i];
        *reg(s, i * FLASH_BANK_STRIDE + FLASH_PRAR_CUR) = *reg(s, i * FLASH_BANK_STRIDE + FLASH_SCAR_CUR) = 0x00ff;     /* start above end: none */
    }
    if (programmed_too) {
        *reg(s, FLASH_OPTSR_PRG) = s->options.status;
        *reg(s, FLASH_BOOT_PRG) = s->options.boot;
        for (unsigned i = 0; i < FLASH_BANKS; i++) {
            *reg(s, i * FLASH_BANK_STRIDE + FLASH_WPSN_PRG) = s->options.protection[i];
            *reg(s, i * FLASH_BANK_STRIDE + FLASH_PRAR_PRG) = *reg(s, i * FLASH_BANK_STRIDE + FLASH_SCAR_PRG) = 0x00ff;
        }
    }
}

static void programmed(void *opaque)
{
    Stm32h7Flash *s = opaque;

    s->options.status = *reg(s, FLASH_OPTSR_PRG) & ~FLASH_OPTSR_CUR_OPT_BUSY;
    s->options.boot = *reg(s, FLASH_BOOT_PRG);
    for (unsigned i = 0; i < FLASH_BANKS; i++) {
        s->options.protection[i] = *reg(s, i * FLASH_BANK_STRIDE + FLASH_WPSN_PRG) & FLASH_WPSN_PRG_WRPSN;
    }
    show(s, false);
    *reg(s, FLASH_OPTCR) &= ~(uint32_t)FLASH_OPTCR_OPTSTART;
}

void stm32h7_flash_option_init(Stm32h7Flash *s)
{
    s->options = factory;
    timer_init_ns(&s->option_timer, QEMU_CLOCK_VIRTUAL, programmed, s);
}

void stm32h7_flash_option_reset(Stm32h7Flash *s)
{
    timer_del(&s->option_timer);
    s->option_key_seen = s->option_key_failed = false;
    show(s, true);
    *reg(s, FLASH_OPTCR) = FLASH_OPTCR_OPTLOCK | (s->options.status & FLASH_OPTCR_SWAP_BANK);
}

static void write_option_key(Stm32h7Flash *s, uint32_t key)
{
    bool locked = *reg(s, FLASH_OPTCR) & FLASH_OPTCR_OPTLOCK;

    if (locked && !s->option_key_failed && !s->option_key_seen && key == 0x08192a3b) {
        s->option_key_seen = true;
    } else if (locked && !s->option_key_failed && s->option_key_seen && key == 0x4c5d6e7f) {
        s->option_key_seen = false;
        *reg(s, FLASH_OPTCR) &= ~FLASH_OPTCR_OPTLOCK;
    } else {
        guest_error("FLASH", "wrong sequence in OPTKEYR; option bytes stay locked until reset");
        s->option_key_failed = true;
        *reg(s, FLASH_OPTCR) |= FLASH_OPTCR_OPTLOCK;
    }
}

static void write_optcr(Stm32h7Flash *s, const RegWrite *w)
{
    uint32_t *optcr = reg(s, FLASH_OPTCR);

    if (*optcr & FLASH_OPTCR_OPTLOCK) {
        guest_error("FLASH", "write to OPTCR while it is locked");
        return;
    }
    *optcr = (*optcr & ~FLASH_OPTCR_OPTCHANGEERRIE) | (w->raw & (FLASH_OPTCR_OPTCHANGEERRIE | FLASH_OPTCR_OPTLOCK | FLASH_OPTCR_OPTSTART));
    if (w->raw & FLASH_OPTCR_MER) {
        stm32h7_flash_erase_all(s);
    }
    if (w->raw & FLASH_OPTCR_OPTSTART) {
        *reg(s, FLASH_OPTSR_CUR) |= FLASH_OPTSR_CUR_OPT_BUSY;
        timer_mod(&s->option_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + OPTION_PROGRAM_NS);
    }
}

void stm32h7_flash_option_write(Stm32h7Flash *s, uint32_t offset, FlashBank *bank, const RegWrite *w)
{
    uint32_t *target;

    switch (offset) {
    case FLASH_OPTKEYR:
        write_option_key(s, w->raw);
        return;
    case FLASH_OPTCR:
        write_optcr(s, w);
        return;
    case FLASH_OPTSR_PRG: case FLASH_BOOT_PRG:
        target = reg(s, offset);
        break;
    case FLASH_WPSN_PRG: case FLASH_PRAR_CUR + 4: case FLASH_SCAR_CUR + 4:
        target = reg(s, bank->number * FLASH_BANK_STRIDE + offset);
        break;
    default:
        return;
    }
    if (*reg(s, FLASH_OPTCR) & FLASH_OPTCR_OPTLOCK) {
        guest_error("FLASH", "option byte register at +0x%03x written while OPTCR is locked", w->offset);
        return;
    }
    *target = (*target & ~w->lanes) | w->raw;
}

uint16_t stm32h7_flash_boot_address(Stm32Periph *flash, unsigned which)
{
    return STM32H7_FLASH(flash)->options.boot >> (which ? 16 : 0);
}

uint32_t stm32h7_flash_option_status(Stm32Periph *flash)
{
    return STM32H7_FLASH(flash)->options.status;
}

void stm32h7_flash_set_boot_address(Stm32Periph *flash, unsigned which, uint16_t address)
{
    FlashOptions *options = &STM32H7_FLASH(flash)->options;

    options->boot = deposit32(options->boot, which ? 16 : 0, 16, address);
}
