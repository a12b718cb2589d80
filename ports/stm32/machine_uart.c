/* SPDX-License-Identifier: MIT */
/* machine.UART; included by extmod/machine_uart.c. The console's UART can be had while nobody types on it. */
#include "board.h"
#include "console_port.h"
#include "machine_port.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/stream.h"
#include "uart.h"

struct _machine_uart_obj_t {
    mp_obj_base_t base;
    uint8_t id;
    struct uart_config config;
    uint32_t timeout_ms, timeout_char_ms;
};

/* Open UARTs: keeps their rings alive, and lets a soft reset close them. */
MP_REGISTER_ROOT_POINTER(struct _machine_uart_obj_t *machine_uarts[9]);

#define MICROPY_PY_MACHINE_UART_CLASS_CONSTANTS

void machine_uart_reset(void)
{
    for (unsigned id = 1; id < 9; id++) {
        if (MP_STATE_PORT(machine_uarts)[id]) {
            uart_deinit(id);
            MP_STATE_PORT(machine_uarts)[id] = NULL;
        }
    }
}

static void mp_machine_uart_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    static const char *const parities[] = { "None", "1", "0" };
    mp_printf(print, "UART(%u, baudrate=%u, bits=%u, parity=%s, stop=%u, timeout=%u, timeout_char=%u, rxbuf=%u, txbuf=%u)", self->id,
              (unsigned)self->config.baud, self->config.bits, parities[self->config.parity], self->config.stop, (unsigned)self->timeout_ms,
              (unsigned)self->timeout_char_ms, (unsigned)self->config.rx_size - 1, (unsigned)self->config.tx_size - 1);
}

/* The power of two that holds `bytes` in a ring. */
static size_t ring_size(mp_int_t bytes)
{
    size_t size = 32;
    while (size < 65536 && size - 1 < (size_t)bytes) {
        size *= 2;
    }
    return size;
}

static void mp_machine_uart_init_helper(machine_uart_obj_t *self, size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_baudrate, ARG_bits, ARG_parity, ARG_stop, ARG_timeout, ARG_timeout_char, ARG_rxbuf, ARG_txbuf };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_baudrate, MP_ARG_INT, { .u_int = 9600 } },
        { MP_QSTR_bits, MP_ARG_INT, { .u_int = 8 } },
        { MP_QSTR_parity, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_stop, MP_ARG_INT, { .u_int = 1 } },
        { MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = 0 } },
        { MP_QSTR_timeout_char, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = 0 } },
        { MP_QSTR_rxbuf, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = 255 } },
        { MP_QSTR_txbuf, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = 255 } },
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, a);
    struct uart_config *c = &self->config;
    uart_deinit(self->id);
    c->baud = (uint32_t)a[ARG_baudrate].u_int;
    c->bits = (uint8_t)a[ARG_bits].u_int;
    c->stop = (uint8_t)a[ARG_stop].u_int;
    c->parity = a[ARG_parity].u_obj == mp_const_none ? 0 : mp_obj_get_int(a[ARG_parity].u_obj) & 1 ? 1 : 2;
    self->timeout_ms = (uint32_t)a[ARG_timeout].u_int;
    uint32_t character_ms = 13000 / (c->baud ? c->baud : 1) + 1;
    self->timeout_char_ms = (uint32_t)a[ARG_timeout_char].u_int < character_ms ? character_ms : (uint32_t)a[ARG_timeout_char].u_int;
    c->rx_size = ring_size(a[ARG_rxbuf].u_int);
    c->tx_size = ring_size(a[ARG_txbuf].u_int);
    c->rx = m_new(uint8_t, c->rx_size);
    c->tx = m_new(uint8_t, c->tx_size);
    console_configure_pins(self->id);
    if (!uart_init(self->id, c)) {
        mp_raise_ValueError(MP_ERROR_TEXT("UART: baudrate, bits, parity or stop out of range"));
    }
    MP_STATE_PORT(machine_uarts)[self->id] = self;
}

static bool board_has_uart(mp_int_t id)
{
#define ROW(number, ...) if (id == number) { return true; }
    BOARD_UARTS(ROW)
#undef ROW
    return false;
}

static mp_obj_t mp_machine_uart_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    mp_int_t id = mp_obj_get_int(args[0]);
    if (!board_has_uart(id)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("UART(%d): no such UART on this board"), (int)id);
    }
    if (id == BOARD_CONSOLE_UART && !console_yield_uart()) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("UART(%d): the console is in use there"), (int)id);
    }
    machine_uart_obj_t *self = mp_obj_malloc(machine_uart_obj_t, &machine_uart_type);
    self->id = (uint8_t)id;
    mp_map_t kw;
    mp_map_init_fixed_table(&kw, n_kw, args + n_args);
    mp_machine_uart_init_helper(self, n_args - 1, args + 1, &kw);
    return MP_OBJ_FROM_PTR(self);
}

static void mp_machine_uart_deinit(machine_uart_obj_t *self)
{
    uart_deinit(self->id);
    MP_STATE_PORT(machine_uarts)[self->id] = NULL;
}

static mp_int_t mp_machine_uart_any(machine_uart_obj_t *self) { return (mp_int_t)uart_readable(self->id); }
static bool mp_machine_uart_txdone(machine_uart_obj_t *self) { return uart_idle(self->id); }
static void mp_machine_uart_sendbreak(machine_uart_obj_t *self) { uart_send_break(self->id); }

static mp_uint_t mp_machine_uart_read(mp_obj_t self_in, void *buffer, mp_uint_t size, int *errcode)
{
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    size_t done = 0;
    uint32_t start = system_ms();
    while (done < size) {
        size_t n = uart_read(self->id, (uint8_t *)buffer + done, size - done);
        done += n;
        uint32_t now = system_ms();
        if (n) {
            start = now;
        } else if (now - start >= (done ? self->timeout_char_ms : self->timeout_ms)) {
            break;
        } else {
            mp_event_wait_ms(1);
        }
    }
    if (!done && size) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return done;
}

static mp_uint_t mp_machine_uart_write(mp_obj_t self_in, const void *buffer, mp_uint_t size, int *errcode)
{
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    size_t done = 0;
    while (done < size && MP_STATE_PORT(machine_uarts)[self->id] == self) {
        size_t n = uart_write(self->id, (const uint8_t *)buffer + done, size - done);
        done += n;
        if (!n) {
            mp_event_wait_ms(1); /* the wire drains the ring */
        }
    }
    return done;
}

static mp_uint_t mp_machine_uart_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *errcode)
{
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (request == MP_STREAM_POLL) {
        return (arg & MP_STREAM_POLL_RD && uart_readable(self->id) ? MP_STREAM_POLL_RD : 0)
            | (arg & MP_STREAM_POLL_WR && uart_write_space(self->id) ? MP_STREAM_POLL_WR : 0);
    }
    if (request == MP_STREAM_FLUSH) {
        while (!uart_idle(self->id)) {
            mp_event_wait_ms(1);
        }
        return 0;
    }
    *errcode = MP_EINVAL;
    return MP_STREAM_ERROR;
}
