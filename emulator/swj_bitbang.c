/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JTAG over remote_bitbang (swj_bitbang.h): one character is one level on each pin, or a question for TDO. */
#include "qemu/osdep.h"

#include "swj_bitbang.h"

#include "chardev/char.h"
#include "qapi/error.h"

enum { ABORT = 0x8, DPACC = 0xa, APACC = 0xb, IDCODE = 0xe, DEBUG_IR = 4, BOUNDARY_IR = 5, BOUNDARY_IDCODE = 0x01, DEBUG_ID = 0x6ba00477 };

static const TapState next_state[16][2] = {
    [TEST_LOGIC_RESET] = { RUN_TEST_IDLE, TEST_LOGIC_RESET },
    [RUN_TEST_IDLE] = { RUN_TEST_IDLE, SELECT_DR },
    [SELECT_DR] = { CAPTURE_DR, SELECT_IR },
    [CAPTURE_DR] = { SHIFT_DR, EXIT1_DR },
    [SHIFT_DR] = { SHIFT_DR, EXIT1_DR },
    [EXIT1_DR] = { PAUSE_DR, UPDATE_DR },
    [PAUSE_DR] = { PAUSE_DR, EXIT2_DR },
    [EXIT2_DR] = { SHIFT_DR, UPDATE_DR },
    [UPDATE_DR] = { RUN_TEST_IDLE, SELECT_DR },
    [SELECT_IR] = { CAPTURE_IR, TEST_LOGIC_RESET },
    [CAPTURE_IR] = { SHIFT_IR, EXIT1_IR },
    [SHIFT_IR] = { SHIFT_IR, EXIT1_IR },
    [EXIT1_IR] = { PAUSE_IR, UPDATE_IR },
    [PAUSE_IR] = { PAUSE_IR, EXIT2_IR },
    [EXIT2_IR] = { SHIFT_IR, UPDATE_IR },
    [UPDATE_IR] = { RUN_TEST_IDLE, SELECT_DR },
};

/* --- one TAP --- */

static void tap_reset(Tap *tap)
{
    tap->instruction = tap->ir_bits == DEBUG_IR ? IDCODE : BOUNDARY_IDCODE;
}

/* Shifts one bit: what leaves at the other end. */
static bool shift_ir(Tap *tap, bool in)
{
    bool out = tap->ir_shift & 1;

    tap->ir_shift = tap->ir_shift >> 1 | (uint32_t)in << (tap->ir_bits - 1);
    return out;
}

static bool shift_dr(Tap *tap, bool in)
{
    bool out = tap->shift & 1;

    tap->shift = tap->shift >> 1 | (uint64_t)in << (tap->bits - 1);
    return out;
}

static void capture_dr(SwjPins *pins, Tap *tap)
{
    bool debug = tap == &pins->debug;

    if (tap->instruction == (debug ? IDCODE : BOUNDARY_IDCODE)) {
        tap->bits = 32;
        tap->shift = tap->id;
    } else if (debug && (tap->instruction == DPACC || tap->instruction == APACC)) {
        tap->bits = 35;
        tap->shift = (uint64_t)pins->dap->answer << 3 | ARM_DAP_OK;
    } else if (debug && tap->instruction == ABORT) {
        tap->bits = 35;
        tap->shift = 0;
    } else {
        tap->bits = 1;                  /* BYPASS, and whatever boundary scan offers: no cells are modelled */
        tap->shift = 0;
    }
}

static void update_dr(SwjPins *pins)
{
    Tap *tap = &pins->debug;
    uint32_t value = tap->shift >> 3;
    unsigned address = (tap->shift >> 1 & 3) << 2;
    bool read = tap->shift & 1;

    if (tap->bits != 35) {
        return;
    }
    if (tap->instruction == ABORT) {
        arm_dap_abort(pins->dap, value);
    } else {
        arm_dap_transfer(pins->dap, tap->instruction == APACC, read, address, value);
    }
}

/* --- the chain --- */

static bool tdo(SwjPins *pins)
{
    return pins->state == SHIFT_DR ? pins->debug.shift & 1 : pins->state == SHIFT_IR ? pins->debug.ir_shift & 1 : true;
}

static void rising_edge(SwjPins *pins, bool tms, bool tdi)
{
    switch (pins->state) {
    case SHIFT_DR:
        shift_dr(&pins->debug, shift_dr(&pins->boundary, tdi));
        break;
    case SHIFT_IR:
        shift_ir(&pins->debug, shift_ir(&pins->boundary, tdi));
        break;
    default:
        break;
    }
    pins->state = next_state[pins->state][tms];
    switch (pins->state) {
    case TEST_LOGIC_RESET:
        tap_reset(&pins->debug);
        tap_reset(&pins->boundary);
        break;
    case CAPTURE_DR:
        capture_dr(pins, &pins->debug);
        capture_dr(pins, &pins->boundary);
        break;
    case CAPTURE_IR:
        pins->debug.ir_shift = pins->boundary.ir_shift = 1;
        break;
    case UPDATE_DR:
        update_dr(pins);
        break;
    case UPDATE_IR:
        pins->debug.instruction = pins->debug.ir_shift;
        pins->boundary.instruction = pins->boundary.ir_shift;
        break;
    default:
        break;
    }
}

/* --- the protocol --- */

static gboolean flush(void *unused, GIOCondition condition, void *opaque)
{
    SwjPins *pins = opaque;
    int n = pins->waiting ? qemu_chr_fe_write(&pins->chardev, pins->out, pins->waiting) : 0;

    pins->watch = 0;
    if (n > 0) {
        pins->waiting -= n;
        memmove(pins->out, pins->out + n, pins->waiting);
    }
    if (pins->waiting) {
        pins->watch = qemu_chr_fe_add_watch(&pins->chardev, G_IO_OUT | G_IO_HUP, flush, pins);
    } else {
        qemu_chr_fe_accept_input(&pins->chardev);
    }
    return G_SOURCE_REMOVE;
}

/* Who asks and doesn't read the answers isn't heard any more. */
static int can_receive(void *opaque)
{
    SwjPins *pins = opaque;

    return sizeof(pins->out) - pins->waiting;
}

static void set_resets(SwjPins *pins, bool trst, bool srst)
{
    if (trst) {
        pins->state = TEST_LOGIC_RESET;
        tap_reset(&pins->debug);
        tap_reset(&pins->boundary);
    }
    if (srst != pins->in_reset) {
        pins->in_reset = srst;
        pins->reset(pins->opaque, srst);
    }
}

static void receive(void *opaque, const uint8_t *bytes, int size)
{
    SwjPins *pins = opaque;

    for (int i = 0; i < size; i++) {
        unsigned levels = bytes[i] - '0';

        switch (bytes[i]) {
        case '0' ... '7':
            if (levels & 4 && !pins->tck) {
                rising_edge(pins, levels & 2, levels & 1);
            }
            pins->tck = levels & 4;
            break;
        case 'R':
            pins->out[pins->waiting++] = '0' + tdo(pins);
            break;
        case 'r' ... 'u':
            set_resets(pins, (bytes[i] - 'r') & 2, (bytes[i] - 'r') & 1);
            break;
        default:                        /* B, b: a lamp; Q: the connection ends anyway */
            break;
        }
    }
    if (pins->waiting && !pins->watch) {
        flush(NULL, G_IO_OUT, pins);
    }
}

/* A probe that goes leaves the core as it is, like one that is pulled out. */
static void event(void *opaque, QEMUChrEvent what)
{
    SwjPins *pins = opaque;

    if (what == CHR_EVENT_OPENED || what == CHR_EVENT_CLOSED) {
        pins->waiting = 0;
        pins->tck = false;
        set_resets(pins, true, false);
    }
}

void swj_pins_init(SwjPins *pins, const char *id, ArmDap *dap, uint32_t boundary_id, void (*reset)(void *opaque, bool asserted), void *opaque)
{
    Chardev *chardev = qemu_chr_find(id);

    pins->dap = dap;
    pins->reset = reset;
    pins->opaque = opaque;
    pins->debug = (Tap) { .ir_bits = DEBUG_IR, .id = DEBUG_ID };
    pins->boundary = (Tap) { .ir_bits = BOUNDARY_IR, .id = boundary_id };
    set_resets(pins, true, false);
    if (chardev) {
        qemu_chr_fe_init(&pins->chardev, chardev, &error_fatal);
        qemu_chr_fe_set_handlers(&pins->chardev, can_receive, receive, event, NULL, pins, NULL, true);
    }
}
