/* SPDX-License-Identifier: MIT */
/* The DFU 1.1 state machine (appendix A.2) and the placement of blocks in flash. */
#include "boot/dfu.h"

#include <string.h>

/* bmRequestType: class or standard requests to an interface, USB 2.0 table 9-2. */
enum { CLASS_OUT = 0x21, CLASS_IN = 0xA1, STANDARD_OUT = 0x01, STANDARD_IN = 0x81 };
enum { GET_INTERFACE = 10, SET_INTERFACE = 11 };

/* What is written to the recovery partition begins with this (facts of the AE3's repair). */
static const uint8_t recovery_key[16] = {
    0x15, 0x9E, 0x7D, 0x42, 0x96, 0x1A, 0x71, 0xEB, 0x73, 0xA3, 0x26, 0x29, 0x2B, 0x08, 0x09, 0x0E,
};

static const struct boot_partition *partition_of(const struct dfu *dfu)
{
    return &dfu->board->partitions[dfu->alternate];
}

/* ---- Flash --------------------------------------------------------------------------------------------------- */

/* The size of the erase block that begins at or holds the address; 0: none needed. */
static uint32_t erase_size(const struct boot_flash *flash, uint32_t address)
{
    uint64_t end = flash->base;
    for (unsigned i = 0; i < flash->runs; i++) {
        end += (uint64_t)flash->blocks[i].count * flash->blocks[i].size;
        if (address < end) {
            return flash->blocks[i].size == flash->program ? 0 : flash->blocks[i].size;
        }
    }
    return 0;
}

/* Must an erase come before the block at hand? */
static bool block_erases(const struct dfu *dfu)
{
    const struct boot_partition *partition = partition_of(dfu);
    uint32_t at = dfu->block * BOOT_BLOCK, erased = dfu->download.erased;
    if (!partition->writable || partition->role == BOOT_ROLE_recovery) {
        return false;
    }
    if (dfu->begins) {
        return erase_size(partition->flash, partition->base) != 0;
    }
    return dfu->download.open && at == dfu->download.next && erased < at + dfu->length - dfu->download.shift &&
           erase_size(partition->flash, partition->base + erased) != 0;
}

/* Erases what isn't yet, up to the offset `end`. */
static enum dfu_status erase_to(struct dfu *dfu, uint32_t end)
{
    const struct boot_partition *partition = partition_of(dfu);
    dfu->touched = true;
    while (dfu->download.erased < end) {
        uint32_t address = partition->base + dfu->download.erased;
        uint32_t size = erase_size(partition->flash, address);
        if (size == 0) {
            dfu->download.erased = partition->size;
            break;
        }
        if (dfu->port->erase(dfu->port->context, address, size)) {
            return DFU_ERR_ERASE;
        }
        dfu->download.erased += size;
    }
    return DFU_OK;
}

static bool flash_holds(const struct dfu *dfu, uint32_t address, const uint8_t *data, uint32_t size)
{
    uint8_t chunk[256];
    for (uint32_t done = 0, n; done < size; done += n) {
        n = size - done < sizeof chunk ? size - done : (uint32_t)sizeof chunk;
        if (dfu->port->read(dfu->port->context, address + done, chunk, n) || memcmp(chunk, data + done, n) != 0) {
            return false;
        }
    }
    return true;
}

/* Programs `size` bytes of the buffer at the offset and reads them back. The tail of the last program unit is filled with zeros. */
static enum dfu_status program(struct dfu *dfu, uint32_t offset, uint32_t size)
{
    const struct boot_partition *partition = partition_of(dfu);
    uint32_t unit = partition->flash->program, padded = (size + unit - 1) & ~(unit - 1);
    enum dfu_status status = erase_to(dfu, offset + padded);
    if (status != DFU_OK) {
        return status;
    }
    memset(dfu->buffer + size, 0, padded - size);
    uint32_t address = partition->base + offset;
    if (dfu->port->program(dfu->port->context, address, dfu->buffer, padded) || !flash_holds(dfu, address, dfu->buffer, padded)) {
        return DFU_ERR_WRITE;
    }
    return DFU_OK;
}

/* ---- A block ------------------------------------------------------------------------------------------------- */

static int read_image(void *context, uint32_t offset, void *data, size_t size)
{
    const struct dfu *dfu = context;
    return dfu->port->read(dfu->port->context, partition_of(dfu)->base + offset, data, size);
}

static enum dfu_status status_of(int image_error)
{
    switch (image_error) {
    case IMAGE_OK:
        return DFU_OK;
    case IMAGE_E_BOARD:
    case IMAGE_E_ADDRESS:
        return DFU_ERR_TARGET;
    case IMAGE_E_LENGTH:
        return DFU_ERR_ADDRESS;
    case IMAGE_E_CRC:
    case IMAGE_E_READ:
        return DFU_ERR_VERIFY;
    default:
        return DFU_ERR_FILE;
    }
}

/* The first block of what goes into a firmware partition: is it an image for here, or the envelope of a foreign one? */
static enum dfu_status admit_image(struct dfu *dfu)
{
    const struct boot_partition *partition = partition_of(dfu);
    const struct image_place place = {dfu->board->target, partition->base, partition->size};
    struct image_header *header = &dfu->download.header;
    int at = image_find(dfu->buffer, dfu->length, header), error;

    if (at >= 0) {
        dfu->download.header_at = at;
        error = image_sound(header, IMAGE_MAGIC);
        if (!error) {
            error = image_fits(header, &place);
        }
        /* What a file has behind its image is not the image's: a part of the camera's disk may lie at the end of the partition. */
        dfu->download.limit = error ? 0 : image_descriptor_offset(header->length);
        return status_of(error);
    }
    if (dfu->length < BOOT_BLOCK) {
        return DFU_ERR_FILE;
    }
    memcpy(header, dfu->buffer, sizeof *header);
    error = image_sound(header, IMAGE_FOREIGN_MAGIC);
    if (!error) {
        error = image_fits(header, &place);
    }
    dfu->download.shift = BOOT_BLOCK;
    dfu->download.limit = error ? 0 : image_descriptor_offset(header->length);
    return status_of(error);
}

static enum dfu_status begin_download(struct dfu *dfu)
{
    const struct boot_partition *partition = partition_of(dfu);
    memset(&dfu->download, 0, sizeof dfu->download);
    dfu->download.limit = partition->size;
    dfu->download.header_at = -1;
    if (partition->role == BOOT_ROLE_firmware) {
        enum dfu_status status = admit_image(dfu);
        if (status != DFU_OK) {
            return status;
        }
    }
    dfu->download.open = true;
    return DFU_OK;
}

/* A block that has come before. */
static bool is_as_before(const struct dfu *dfu, uint32_t at)
{
    if (at + dfu->length > dfu->download.next) {
        return false;
    }
    if (at < dfu->download.shift) {
        return memcmp(dfu->buffer, &dfu->download.header, sizeof dfu->download.header) == 0;
    }
    return flash_holds(dfu, partition_of(dfu)->base + at - dfu->download.shift, dfu->buffer, dfu->length);
}

static enum dfu_status recover(struct dfu *dfu)
{
    if (dfu->length < sizeof recovery_key || memcmp(dfu->buffer, recovery_key, sizeof recovery_key) != 0 || dfu->recovered ||
        !dfu->port->recover) {
        return DFU_ERR_WRITE;
    }
    dfu->recovered = true;
    return dfu->port->recover(dfu->port->context) ? DFU_ERR_WRITE : DFU_OK;
}

static enum dfu_status take_block(struct dfu *dfu)
{
    const struct boot_partition *partition = partition_of(dfu);
    if (!partition->writable) {
        return DFU_ERR_WRITE;
    }
    if (partition->role == BOOT_ROLE_recovery) {
        return recover(dfu);
    }
    if (dfu->begins) {
        enum dfu_status status = begin_download(dfu);
        if (status != DFU_OK) {
            return status;
        }
    }
    uint32_t at = dfu->block * BOOT_BLOCK;
    if (!dfu->download.open || at > dfu->download.next || at + dfu->length > dfu->download.limit + dfu->download.shift) {
        return DFU_ERR_ADDRESS;
    }
    if (at < dfu->download.next) {
        return is_as_before(dfu, at) ? DFU_OK : DFU_ERR_ADDRESS;
    }
    uint32_t length = dfu->length;
    if (at >= dfu->download.shift) {
        struct image_header header;
        if (at == dfu->download.shift && at != 0 && image_find(dfu->buffer, length, &header) >= 0) {
            return DFU_ERR_FILE; /* ours in a foreign image's envelope: which one is right? */
        }
        enum dfu_status status = program(dfu, at - dfu->download.shift, length);
        if (status != DFU_OK) {
            return status;
        }
    }
    dfu->download.next = at + length;
    return DFU_OK;
}

/* ---- The end of a download ------------------------------------------------------------------------------------- */

static enum dfu_status manifest(struct dfu *dfu)
{
    struct image_header *header = &dfu->download.header;
    if (!dfu->download.open || header->magic == 0) {
        dfu->download.open = false;
        return DFU_OK; /* every block was read back */
    }
    if (dfu->download.next - dfu->download.shift < header->length || dfu->download.next < dfu->download.shift) {
        return DFU_ERR_NOTDONE;
    }
    dfu->download.open = false;
    const struct image_reader reader = {read_image, dfu};
    int error = image_check_crc(&reader, header, dfu->download.header_at);
    if (error || dfu->download.shift == 0) {
        return status_of(error);
    }
    /* The descriptor comes last: without it the foreign image isn't started. */
    memcpy(dfu->buffer, header, sizeof *header);
    return program(dfu, image_descriptor_offset(header->length), sizeof *header);
}

bool dfu_task(struct dfu *dfu)
{
    enum dfu_work work = dfu->work;
    if (work == DFU_WORK_NONE) {
        return false;
    }
    if (work == DFU_WORK_BLOCK && dfu->state == DFU_DNLOAD_SYNC && dfu->port->erase_poll_ms != 0 && block_erases(dfu)) {
        return false; /* the host must be told first how long it takes */
    }
    dfu->work = DFU_WORK_NONE;
    dfu->working = true;
    enum dfu_status status = work == DFU_WORK_BLOCK ? take_block(dfu) : manifest(dfu);
    dfu->working = false;
    dfu->status = (uint8_t)status;
    dfu->state = status != DFU_OK ? DFU_ERROR : work == DFU_WORK_BLOCK ? DFU_DNLOAD_SYNC : DFU_MANIFEST_SYNC;
    return true;
}

/* ---- Requests -------------------------------------------------------------------------------------------------- */

static struct dfu_answer stall(struct dfu *dfu)
{
    if (dfu->state != DFU_ERROR) {
        dfu->state = DFU_ERROR;
        dfu->status = DFU_ERR_STALLEDPKT;
    }
    dfu->work = DFU_WORK_NONE;
    return (struct dfu_answer){.action = DFU_STALL};
}

static struct dfu_answer ack(void)
{
    return (struct dfu_answer){.action = DFU_ACK};
}

static struct dfu_answer send(uint8_t *data, uint16_t length, const struct dfu_setup *setup)
{
    return (struct dfu_answer){DFU_SEND, data, length < setup->length ? length : setup->length};
}

static void go_idle(struct dfu *dfu)
{
    dfu->state = DFU_IDLE;
    dfu->status = DFU_OK;
    dfu->work = DFU_WORK_NONE;
}

static struct dfu_answer download(struct dfu *dfu, const struct dfu_setup *setup)
{
    bool idle = dfu->state == DFU_IDLE;
    if ((!idle && dfu->state != DFU_DNLOAD_IDLE) || setup->length > BOOT_BLOCK || (idle && setup->length == 0)) {
        return stall(dfu);
    }
    dfu->transferring = true;
    if (setup->length == 0) {
        dfu->state = DFU_MANIFEST_SYNC;
        dfu->work = DFU_WORK_MANIFEST;
        return ack();
    }
    dfu->expects_data = true;
    dfu->begins = idle && setup->value == 0;
    dfu->block = setup->value;
    dfu->length = setup->length;
    return (struct dfu_answer){DFU_RECEIVE, dfu->buffer, setup->length};
}

void dfu_received(struct dfu *dfu, size_t length)
{
    if (!dfu->expects_data) {
        return;
    }
    dfu->expects_data = false;
    if (length != dfu->length) {
        dfu->state = DFU_ERROR;
        dfu->status = DFU_ERR_UNKNOWN;
        return;
    }
    dfu->state = DFU_DNLOAD_SYNC;
    dfu->work = DFU_WORK_BLOCK;
}

static struct dfu_answer upload(struct dfu *dfu, const struct dfu_setup *setup)
{
    if ((dfu->state != DFU_IDLE && dfu->state != DFU_UPLOAD_IDLE) || setup->length > BOOT_BLOCK) {
        return stall(dfu);
    }
    const struct boot_partition *partition = partition_of(dfu);
    uint32_t at = setup->value * BOOT_BLOCK, length = setup->length;
    dfu->transferring = true;
    if (at >= partition->size) {
        length = 0; /* partitions are whole numbers of BOOT_BLOCK: no other block crosses the end */
    }
    if (length != 0 && dfu->port->read(dfu->port->context, partition->base + at, dfu->buffer, length)) {
        dfu->state = DFU_ERROR;
        dfu->status = DFU_ERR_FILE;
        return send(dfu->buffer, 0, setup);
    }
    /* A short frame ends the upload (DFU 1.1 section 6.2). */
    dfu->state = length < setup->length ? DFU_IDLE : DFU_UPLOAD_IDLE;
    return setup->length == 0 ? ack() : send(dfu->buffer, (uint16_t)length, setup);
}

static struct dfu_answer get_status(struct dfu *dfu, const struct dfu_setup *setup)
{
    bool done = dfu->work == DFU_WORK_NONE && !dfu->working;
    uint32_t poll_ms = 0;
    switch (dfu->state) {
    case DFU_DNLOAD_SYNC:
        dfu->state = done ? DFU_DNLOAD_IDLE : DFU_DNBUSY;
        break;
    case DFU_MANIFEST_SYNC:
        dfu->state = done ? DFU_IDLE : DFU_MANIFEST;
        break;
    default:
        break;
    }
    if (dfu->state == DFU_DNBUSY) {
        poll_ms = block_erases(dfu) ? dfu->port->erase_poll_ms : 0;
    }
    dfu->answer[0] = dfu->status;
    dfu->answer[1] = (uint8_t)poll_ms;
    dfu->answer[2] = (uint8_t)(poll_ms >> 8);
    dfu->answer[3] = 0;
    dfu->answer[4] = dfu->state;
    dfu->answer[5] = 0; /* iString */
    return send(dfu->answer, 6, setup);
}

static struct dfu_answer class_out(struct dfu *dfu, const struct dfu_setup *setup)
{
    switch (setup->request) {
    case DFU_DNLOAD:
        return download(dfu, setup);
    case DFU_CLRSTATUS:
    case DFU_ABORT:
        if (setup->length != 0) {
            return stall(dfu);
        }
        go_idle(dfu);
        return ack();
    case DFU_DETACH:
        if (setup->length != 0) {
            return stall(dfu);
        }
        dfu->detach = true;
        return ack();
    default:
        return stall(dfu);
    }
}

static struct dfu_answer class_in(struct dfu *dfu, const struct dfu_setup *setup)
{
    switch (setup->request) {
    case DFU_UPLOAD:
        return upload(dfu, setup);
    case DFU_GETSTATUS:
        return get_status(dfu, setup);
    case DFU_GETSTATE:
        dfu->answer[0] = dfu->state;
        return send(dfu->answer, 1, setup);
    default:
        return stall(dfu);
    }
}

static struct dfu_answer set_interface(struct dfu *dfu, const struct dfu_setup *setup)
{
    if (setup->length != 0 || setup->value >= dfu->board->count) {
        return (struct dfu_answer){.action = DFU_STALL};
    }
    if (setup->value != dfu->alternate) {
        dfu->download.open = false;
    }
    dfu->alternate = (uint8_t)setup->value;
    /* An error is told until somebody clears it: dfu-util selects the alternate before it asks. */
    if (dfu->state != DFU_ERROR) {
        go_idle(dfu);
    }
    return ack();
}

/* What changes nothing is answered while flash work is under way. */
static bool only_asks(const struct dfu_setup *setup)
{
    return setup->type == STANDARD_IN || (setup->type == CLASS_IN && (setup->request == DFU_GETSTATUS || setup->request == DFU_GETSTATE));
}

struct dfu_answer dfu_setup(struct dfu *dfu, const struct dfu_setup *setup)
{
    if (dfu->working && !only_asks(setup)) {
        return (struct dfu_answer){.action = DFU_LATER};
    }
    dfu->expects_data = false; /* a SETUP ends whatever transfer was under way (USB 2.0 8.5.3) */
    if (setup->index == 0) {
        if (setup->type == CLASS_OUT) {
            return class_out(dfu, setup);
        }
        if (setup->type == CLASS_IN) {
            return class_in(dfu, setup);
        }
        if (setup->type == STANDARD_OUT && setup->request == SET_INTERFACE) {
            return set_interface(dfu, setup);
        }
        if (setup->type == STANDARD_IN && setup->request == GET_INTERFACE && setup->value == 0) {
            dfu->answer[0] = dfu->alternate;
            return send(dfu->answer, 1, setup);
        }
    }
    return (struct dfu_answer){.action = DFU_STALL};
}

/* ---- Start ----------------------------------------------------------------------------------------------------- */

void dfu_bus_reset(struct dfu *dfu, bool corrupt)
{
    go_idle(dfu);
    dfu->alternate = 0;
    dfu->download.open = false;
    dfu->expects_data = dfu->transferring = dfu->detach = false;
    if (corrupt) {
        dfu->state = DFU_ERROR;
        dfu->status = DFU_ERR_FIRMWARE;
    }
}

void dfu_init(struct dfu *dfu, const struct boot_board *board, const struct boot_port *port, bool corrupt)
{
    memset(dfu, 0, sizeof *dfu);
    dfu->board = board;
    dfu->port = port;
    dfu_bus_reset(dfu, corrupt);
}
