/* SPDX-License-Identifier: MIT */
/* DFU 1.1 (USB Device Firmware Upgrade, 5 August 2004) over control requests: SETUP in, data out. Knows no USB stack.

   What is written where. Block n of a download lies at n * 4096 in the partition of the alternate setting. A download from dfuIDLE that
   begins with block 0 is a new one; it must come in order. An erase block is erased when the download reaches its first byte, and only
   then, so each once in a download, and no block needs more RAM than itself:
   - the next block is programmed and read back;
   - a block that has been written already (re-sent because its answer was lost) changes nothing: it is accepted when it is what the
     flash holds, else refused with errADDRESS, because the flash behind it can't be erased again without losing what followed;
   - a block further on is refused with errADDRESS.
   After an error, ABORT or CLRSTATUS the same download may go on where it stopped, as long as the alternate setting stays.
   Into a `firmware` partition only images that fit go, see image.h: the first block says so, before anything is erased; and no block behind
   the last one of the image. The end of the
   download (DNLOAD of length 0) reads the image back, and answers errVERIFY when it is bad and errNOTDONE when it isn't all there.

   Deviation from the original bootloader: an upload ends with an empty packet, not with four zero bytes. */
#ifndef BOOT_DFU_H
#define BOOT_DFU_H

#include "boot/boot_port.h"
#include "boot/image.h"

/* bState, DFU 1.1 table 6.1.2. */
enum dfu_state {
    DFU_IDLE = 2,
    DFU_DNLOAD_SYNC,
    DFU_DNBUSY,
    DFU_DNLOAD_IDLE,
    DFU_MANIFEST_SYNC,
    DFU_MANIFEST,
    DFU_MANIFEST_WAIT_RESET, /* never: we are manifestation tolerant */
    DFU_UPLOAD_IDLE,
    DFU_ERROR,
};

/* bStatus, same table. */
enum dfu_status {
    DFU_OK,
    DFU_ERR_TARGET,       /* the image is for another board, or for another partition */
    DFU_ERR_FILE,         /* no image header where one is needed; upload: the flash can't be read */
    DFU_ERR_WRITE,        /* read-only partition, or the flash doesn't hold what was programmed */
    DFU_ERR_ERASE,
    DFU_ERR_CHECK_ERASED,
    DFU_ERR_PROG,
    DFU_ERR_VERIFY,       /* the image, read back, is bad */
    DFU_ERR_ADDRESS,      /* past the end, or out of order */
    DFU_ERR_NOTDONE,      /* the end was announced before all of the image had come */
    DFU_ERR_FIRMWARE,     /* there is no application that could be started */
    DFU_ERR_VENDOR,
    DFU_ERR_USBR,
    DFU_ERR_POR,
    DFU_ERR_UNKNOWN,      /* the data stage was cut short */
    DFU_ERR_STALLEDPKT,   /* a request that this state doesn't allow */
};

/* bRequest, DFU 1.1 table 3.2. */
enum dfu_request { DFU_DETACH, DFU_DNLOAD, DFU_UPLOAD, DFU_GETSTATUS, DFU_CLRSTATUS, DFU_GETSTATE, DFU_ABORT };

struct dfu_setup {
    uint8_t type, request;      /* bmRequestType, bRequest */
    uint16_t value, index, length;
};

enum dfu_action {
    DFU_STALL,                  /* stall endpoint 0 */
    DFU_ACK,                    /* no data: status stage */
    DFU_SEND,                   /* send `length` bytes at `data` (length may be 0), then status stage */
    DFU_RECEIVE,                /* receive `length` bytes into `data`, then dfu_received, then status stage */
    DFU_LATER,                  /* flash work is under way: leave the host waiting (NAK), and ask again when dfu_task has returned */
};

struct dfu_answer {
    enum dfu_action action;
    uint8_t *data;              /* valid until the next dfu_setup */
    uint16_t length;            /* at most the request's */
};

enum dfu_work { DFU_WORK_NONE, DFU_WORK_BLOCK, DFU_WORK_MANIFEST };

/* One device. All of it is the core's; the comments are for who reads it in a debugger. */
struct dfu {
    _Alignas(32) uint8_t buffer[BOOT_BLOCK];
    const struct boot_board *board;
    const struct boot_port *port;
    uint8_t state, status, alternate;
    bool detach;                /* out: DETACH came; the caller clears it */
    bool transferring;          /* out: a transfer has begun since the last bus reset */
    bool touched;               /* out: flash was erased or written; the caller clears it */
    bool recovered;             /* the repair runs once per start */
    bool working;               /* out: dfu_task is at it */
    enum dfu_work work;
    bool expects_data, begins;  /* a data stage is under way; the block at hand begins a download */
    uint16_t block, length;     /* the block at hand */
    struct {
        bool open;
        uint32_t next;          /* bytes that have come: the next block's place in the stream */
        uint32_t erased;        /* offset in the partition up to which is erased */
        uint32_t shift;         /* BOOT_BLOCK: an envelope came first */
        uint32_t limit;         /* the end of what may be written, as an offset in the partition */
        int header_at;          /* where the image's own header is; < 0: none */
        struct image_header header; /* the image's, or the envelope's; magic 0: not an image */
    } download;
    uint8_t answer[6];
};

/* corrupt: there is no application to start; the state is then dfuERROR with errFIRMWARE until CLRSTATUS (DFU 1.1 figure A.1). */
void dfu_init(struct dfu *dfu, const struct boot_board *board, const struct boot_port *port, bool corrupt);

/* The bus was reset, or the device unconfigured: alternate 0, no transfer. corrupt as in dfu_init. Flash isn't touched. */
void dfu_bus_reset(struct dfu *dfu, bool corrupt);

/* A SETUP packet for interface 0: DFU's requests, GET_INTERFACE and SET_INTERFACE; everything else stalls. The port's erase may call it,
   so that the host is answered while a sector is erased: it is told the state, and what would change anything comes later. */
struct dfu_answer dfu_setup(struct dfu *dfu, const struct dfu_setup *setup);

/* The data stage of DFU_RECEIVE is complete. A wrong length is an error of the transfer. */
void dfu_received(struct dfu *dfu, size_t length);

/* Does flash work that is due: erases and programs the block that came, or reads the image back. May take seconds. Call it between control
   transfers, i.e. when the status stage is over; then a block that needs no erase is done before the host asks, in one request. One that
   does is only begun when GETSTATUS has told the host erase_poll_ms. True: some was done. */
bool dfu_task(struct dfu *dfu);

#endif
