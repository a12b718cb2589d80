/* SPDX-License-Identifier: MIT */
/*
 * A host's side of DFU 1.1 (USB Device Firmware Upgrade, 5 August 2004) and of DfuSe (ST AN3156, UM0424) over control
 * requests. Knows no USB library: the caller brings the wire, a test a simulated one. No memory of its own, no output.
 */
#ifndef HOST_DFU_CLIENT_H
#define HOST_DFU_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/dfu.h" /* states, statuses, requests: the same names on both sides */

enum dfu_error {
    DFU_E_OK = 0,
    DFU_E_GONE = -1,        /* the device is not there any more */
    DFU_E_TIMEOUT = -2,     /* it does not answer, or is busy for too long */
    DFU_E_STALL = -3,       /* it refused a request */
    DFU_E_IO = -4,          /* the transfer failed */
    DFU_E_ACCESS = -5,      /* no permission */
    DFU_E_BUSY = -6,        /* another program has it */
    DFU_E_STATUS = -7,      /* it answered an error status: client->status */
    DFU_E_ANSWER = -8,      /* it answered nonsense */
    DFU_E_NOT_DFU = -9,     /* it has no DFU interface */
    DFU_E_ALTERNATE = -10,  /* it has no such alternate setting */
    DFU_E_CANNOT = -11,     /* it cannot do that: no upload, or an address that its flash map lacks */
    DFU_E_DIFFERS = -12,    /* what it holds is not what was written: client->at */
    DFU_E_INTERRUPTED = -13 /* the caller's progress function said so */
};

/* One line for a person. */
const char *dfu_strerror(int error);
const char *dfu_strstatus(uint8_t status);

/* The connection to a device whose DFU interface is claimed. */
struct dfu_wire {
    void *context;
    /* A control transfer: the bytes of its data stage, or an enum dfu_error. */
    int (*control)(void *context, uint8_t type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                   unsigned timeout_ms);
    /* SET_INTERFACE by way of the operating system: 0 or an enum dfu_error. */
    int (*set_alternate)(void *context, unsigned interface, unsigned alternate);
    void (*sleep)(void *context, unsigned ms);
    /* A clock that never goes back. */
    uint32_t (*now_ms)(void *context);
};

#define DFU_MOST_ALTERNATES 32
#define DFU_NAME_BYTES      128

struct dfu_client {
    const struct dfu_wire *wire;
    /* From the descriptors. */
    unsigned interface;
    uint8_t attributes; /* DFU 1.1 table 4.2: bits 0 download, 1 upload, 2 manifestation tolerant, 3 detaches by itself */
    uint16_t version;   /* bcdDFU: 0x0110, or 0x011A for DfuSe */
    uint16_t transfer_size;
    bool run_time; /* protocol 1: the application, which must be asked to detach first */
    unsigned alternates;
    struct {
        uint8_t number;
        char name[DFU_NAME_BYTES];
    } alternate[DFU_MOST_ALTERNATES];
    unsigned selected; /* the alternate's number */
    /* What the device answered last. */
    uint8_t state, status;
    uint32_t poll_ms;
    uint32_t at;       /* offset or address at which the last operation failed */
    uint32_t requests; /* control transfers so far */
};

enum { DFU_CAN_DOWNLOAD = 1, DFU_CAN_UPLOAD = 2, DFU_TOLERANT = 4 };

/* How far an operation is: bytes done of all; false stops it with DFU_E_INTERRUPTED. */
typedef bool (*dfu_progress)(void *context, uint32_t done, uint32_t all);

/*
 * Reads the configuration descriptor (and the names of the alternate settings) from the device, and brings the DFU state
 * to dfuIDLE, whatever a program before us left behind: 0 or an enum dfu_error.
 */
int dfu_client_open(struct dfu_client *client, const struct dfu_wire *wire);

/* The same from a configuration descriptor in memory; names are not read, the state is not touched. */
int dfu_client_parse(struct dfu_client *client, const uint8_t *configuration, size_t size);

/* To dfuIDLE. 0 or an enum dfu_error. */
int dfu_client_idle(struct dfu_client *client);

/* Selects an alternate setting by its number; the state is dfuIDLE afterwards. */
int dfu_client_select(struct dfu_client *client, unsigned number);

/*
 * A whole download to the selected alternate: `head` (may be NULL) of whole blocks first, then the bytes, then the end and
 * the device's verdict. client->at says how far it came. The bytes of a failed block may or may not have been written.
 */
int dfu_client_download(struct dfu_client *client, const uint8_t *head, size_t head_size, const uint8_t *bytes, size_t size,
                        dfu_progress progress, void *context);

/* Reads `size` bytes at block `first` of the selected alternate, and compares: DFU_E_DIFFERS with client->at. */
int dfu_client_compare(struct dfu_client *client, unsigned first, const uint8_t *bytes, size_t size, dfu_progress progress, void *context);

/* Reads one block: how many bytes the device gave (0: the end), or an enum dfu_error. Ends in dfuIDLE. `out` holds transfer_size bytes. */
int dfu_client_read_block(struct dfu_client *client, unsigned block, uint8_t *out);

/* Leaves DFU mode; the device may be gone before it answers, and that is no error. */
int dfu_client_detach(struct dfu_client *client);

/* --- DfuSe: absolute addresses -------------------------------------------------------------------------------------- */

/* A run of equal erase blocks of the selected alternate, from its name ("@Internal Flash  /0x08000000/16*128Kg"). */
struct dfuse_blocks {
    uint32_t base, count, size;
    bool readable, erasable, writable;
};

/* The flash map that an alternate's name tells: how many runs, at most `most`; 0: the name tells none. */
size_t dfuse_map(const char *name, struct dfuse_blocks *blocks, size_t most);

/* Erases the blocks that [address, address + size) touches, one by one. */
int dfuse_erase(struct dfu_client *client, uint32_t address, size_t size, dfu_progress progress, void *context);

/* Writes erased flash at the address. */
int dfuse_write(struct dfu_client *client, uint32_t address, const uint8_t *bytes, size_t size, dfu_progress progress, void *context);

/* Reads back and compares: DFU_E_DIFFERS with client->at an address. */
int dfuse_compare(struct dfu_client *client, uint32_t address, const uint8_t *bytes, size_t size, dfu_progress progress, void *context);

/* Starts what lies at the address; the device may be gone before it answers, and that is no error. */
int dfuse_leave(struct dfu_client *client, uint32_t address);

/* --- shared by the two ---------------------------------------------------------------------------------------------- */

/* One DNLOAD and the wait until the device has digested it. */
int dfu_client_block(struct dfu_client *client, uint16_t block, const void *bytes, uint16_t length);

/* A class request to the DFU interface. */
int dfu_client_request(struct dfu_client *client, bool in, enum dfu_request request, uint16_t value, void *data, uint16_t length);

/* GETSTATUS into client->state, status, poll_ms. */
int dfu_client_status(struct dfu_client *client);

#endif
