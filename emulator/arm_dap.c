/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug port and memory access ports (arm_dap.h). */
#include "qemu/osdep.h"

#include "arm_dap.h"

enum {
    STICKYORUN = 1 << 1, STICKYCMP = 1 << 4, STICKYERR = 1 << 5, WDATAERR = 1 << 7,
    REQUESTS = 1 << 26 | 1 << 28 | 1u << 30,                /* CDBGRSTREQ, CDBGPWRUPREQ, CSYSPWRUPREQ; one bit above each: granted */
    CONTROL_STORED = 0x54ffff0d, DPIDR = 0x6ba00477,
    CSW = 0x00, TAR = 0x04, DRW = 0x0c, BD0 = 0x10, CFG = 0xf4, BASE = 0xf8, IDR = 0xfc,
    CSW_SIZE = 7, CSW_INCREMENT = 3 << 4, CSW_INCREMENT_SINGLE = 1 << 4, CSW_ENABLED = 1 << 6, CSW_STORED = 0x7f000000,
};
#define NO_ROM_TABLE 0xffffffff

static bool access_memory(ArmDap *dap, ArmAccessPort *port, uint32_t address, unsigned bytes, bool read, uint32_t *lanes)
{
    unsigned shift = 8 * (address & 3 & ~(bytes - 1));
    uint8_t data[4];
    MemTxResult result;

    if (address < port->first || address > port->last) {
        *lanes = 0;
        return true;
    }
    stl_le_p(data, *lanes >> shift);
    dap->halt->probe = true;
    result = address_space_rw(port->space, (uint32_t)((address & ~(bytes - 1)) + port->offset), MEMTXATTRS_UNSPECIFIED, data, bytes, !read);
    dap->halt->probe = false;
    if (read) {
        memset(data + bytes, 0, sizeof(data) - bytes);
        *lanes = ldl_le_p(data) << shift;
    }
    return result == MEMTX_OK;
}

/* DRW and BD0 to BD3. The address counts within 1 KiB only (C2.2.2). */
static void transfer_memory(ArmDap *dap, ArmAccessPort *port, unsigned address, bool read, uint32_t value)
{
    bool banked = address != DRW;
    unsigned bytes = banked ? 4 : 1u << MIN(port->csw & CSW_SIZE, 2);
    uint32_t where = banked ? (port->tar & ~15) + (address - BD0) : port->tar;

    if (!access_memory(dap, port, where, bytes, read, &value)) {
        dap->control |= STICKYERR;
        return;
    }
    if (read) {
        dap->answer = value;
    }
    if (!banked && (port->csw & CSW_INCREMENT) == CSW_INCREMENT_SINGLE) {
        port->tar = (port->tar & ~0x3ff) | ((port->tar + bytes) & 0x3ff);
    }
}

static void transfer_port(ArmDap *dap, unsigned address, bool read, uint32_t value)
{
    unsigned number = dap->select >> 24;
    ArmAccessPort *port = number < ARM_DAP_PORTS && dap->port[number].space ? &dap->port[number] : NULL;

    address |= dap->select & 0xf0;
    if (dap->control & STICKYERR) {
        return;
    }
    dap->answer = 0;
    if (!port) {
        return;
    }
    switch (address) {
    case CSW:
        if (read) {
            dap->answer = port->csw | CSW_ENABLED;
        } else {
            /* 8, 16 and 32 bits, one by one: packed transfers aren't there. */
            port->csw = (value & CSW_STORED) | (value & (CSW_SIZE | CSW_INCREMENT_SINGLE));
        }
        break;
    case TAR:
        if (read) {
            dap->answer = port->tar;
        } else {
            port->tar = value;
        }
        break;
    case DRW:
    case BD0:
    case BD0 + 4:
    case BD0 + 8:
    case BD0 + 12:
        transfer_memory(dap, port, address, read, value);
        break;
    case BASE:
        dap->answer = NO_ROM_TABLE;
        break;
    case IDR:
        dap->answer = port->idr;
        break;
    }
}

static void transfer_debug_port(ArmDap *dap, unsigned address, bool read, uint32_t value)
{
    unsigned bank = dap->select & 15;

    switch (address) {
    case 0x0:
        if (read) {
            dap->answer = DPIDR;
        } else {
            arm_dap_abort(dap, value);
        }
        break;
    case 0x4:
        if (bank) {
            dap->answer = 0;
        } else if (read) {
            dap->answer = dap->control | (dap->control & REQUESTS) << 1;
        } else {
            /* In a JTAG-DP a sticky flag is cleared by writing 1 to it (B2.2.2). */
            dap->control &= ~(value & (STICKYORUN | STICKYCMP | STICKYERR));
            dap->control = (dap->control & ~CONTROL_STORED) | (value & CONTROL_STORED);
        }
        break;
    case 0x8:
        if (read) {
            dap->answer = dap->select;
        } else {
            dap->select = value;
        }
        break;
    default:
        break;                          /* RDBUFF: the answer once more */
    }
}

void arm_dap_transfer(ArmDap *dap, bool access_port, bool read, unsigned address, uint32_t value)
{
    if (access_port) {
        transfer_port(dap, address, read, value);
    } else {
        transfer_debug_port(dap, address, read, value);
    }
}

void arm_dap_abort(ArmDap *dap, uint32_t value)
{
    static const struct { uint32_t bit, flag; } clears[] = {
        { 1 << 1, STICKYCMP }, { 1 << 2, STICKYERR }, { 1 << 3, WDATAERR }, { 1 << 4, STICKYORUN },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(clears); i++) {
        if (value & clears[i].bit) {
            dap->control &= ~clears[i].flag;
        }
    }
}

void arm_dap_reset(ArmDap *dap)
{
    dap->control = dap->select = dap->answer = 0;
    for (unsigned i = 0; i < ARM_DAP_PORTS; i++) {
        dap->port[i].csw = 2;
        dap->port[i].tar = 0;
    }
}
