/* SPDX-License-Identifier: MIT */
/* The internal disk as a USB drive: TinyUSB's mass storage class asks, the journal and runtime/diskshare.h answer. All in PendSV. */
#include <string.h>
#include "runtime/flashdisk.h"
#include "modules/omv/version.h"
#include "storage.h"
#include "system.h"
#include "tusb.h"

/* Sense data (SPC-4 table 56 and annex E): key, additional code, qualifier. */
static const struct sense { uint8_t key, code, qualifier; } senses[] = {
    [DISKSHARE_CHANGED] = { SCSI_SENSE_UNIT_ATTENTION, 0x28, 0x00 },    /* medium may have changed */
    [DISKSHARE_PROTECTED] = { SCSI_SENSE_DATA_PROTECT, 0x27, 0x00 },    /* write protected */
    [DISKSHARE_ABSENT] = { SCSI_SENSE_NOT_READY, 0x3A, 0x00 },          /* medium not present */
};
static const struct sense out_of_range = { SCSI_SENSE_ILLEGAL_REQUEST, 0x21, 0x00 };
static const struct sense bad_field = { SCSI_SENSE_ILLEGAL_REQUEST, 0x24, 0x00 };
static const struct sense unknown_command = { SCSI_SENSE_ILLEGAL_REQUEST, 0x20, 0x00 };
static const struct sense read_error = { SCSI_SENSE_MEDIUM_ERROR, 0x11, 0x00 };
static const struct sense write_error = { SCSI_SENSE_MEDIUM_ERROR, 0x0C, 0x00 };

/* TinyUSB says "medium not present" whenever a read or write fails; the reason is kept here and given to REQUEST SENSE. */
static const struct sense *reason;

static bool fail(const struct sense *sense)
{
    reason = sense;
    tud_msc_set_sense(0, sense->key, sense->code, sense->qualifier);
    return false;
}

static bool refuse(enum diskshare_answer answer) { return answer == DISKSHARE_OK || fail(&senses[answer]); }
static bool look(void) { return refuse(diskshare_look(storage_share(), system_ms())); }

int32_t tud_msc_request_sense_cb(uint8_t lun, void *buffer, uint16_t size)
{
    scsi_sense_fixed_resp_t *response = buffer;
    (void)lun;
    (void)size;
    if (reason) {
        response->sense_key = reason->key & 0x0F;
        response->add_sense_code = reason->code;
        response->add_sense_qualifier = reason->qualifier;
        reason = NULL;
    }
    return sizeof *response;
}

static void put(uint8_t *field, size_t size, const char *text) { memcpy(field, text, strlen(text) < size ? strlen(text) : size); }

void tud_msc_inquiry_cb(uint8_t lun, uint8_t vendor[8], uint8_t product[16], uint8_t revision[4])
{
    (void)lun;
    put(vendor, 8, "OpenMV");
    put(product, 16, "Flash");
    put(revision, 4, OMV_VERSION);
}

bool tud_msc_test_unit_ready_cb(uint8_t lun)
{
    (void)lun;
    return look();
}

void tud_msc_capacity_cb(uint8_t lun, uint32_t *blocks, uint16_t *block_size)
{
    (void)lun;
    *blocks = look() ? FLASHDISK_BLOCKS : 0;
    *block_size = FLASHDISK_BLOCK;
}

bool tud_msc_is_writable_cb(uint8_t lun)
{
    (void)lun;
    reason = NULL; /* TinyUSB's own "write protected" is right */
    return !diskshare_is_protected(storage_share());
}

bool tud_msc_start_stop_cb(uint8_t lun, uint8_t power_condition, bool start, bool load_eject)
{
    (void)lun;
    (void)power_condition;
    if (load_eject) {
        diskshare_eject(storage_share(), !start);
    }
    return true;
}

/* Whether a piece of a command is whole blocks of the disk. */
static bool in_range(uint32_t block, uint32_t offset, uint32_t size)
{
    if (offset % FLASHDISK_BLOCK || size % FLASHDISK_BLOCK || !size) {
        return fail(&bad_field);
    }
    uint64_t end = (uint64_t)block + (offset + size) / FLASHDISK_BLOCK;
    return end <= FLASHDISK_BLOCKS || fail(&out_of_range);
}

int32_t tud_msc_read10_cb(uint8_t lun, uint32_t block, uint32_t offset, void *buffer, uint32_t size)
{
    (void)lun;
    if (!in_range(block, offset, size) || !look()) {
        return -1;
    }
    block += offset / FLASHDISK_BLOCK;
    for (uint32_t done = 0; done < size; done += FLASHDISK_BLOCK, block++) {
        if (storage_host_read(block, (uint8_t *)buffer + done)) {
            fail(&read_error);
            return -1;
        }
    }
    return (int32_t)size;
}

/* Committed before the host is told that it has been written. */
int32_t tud_msc_write10_cb(uint8_t lun, uint32_t block, uint32_t offset, uint8_t *buffer, uint32_t size)
{
    (void)lun;
    if (!in_range(block, offset, size) || !refuse(diskshare_write(storage_share(), system_ms()))) {
        return -1;
    }
    block += offset / FLASHDISK_BLOCK;
    int error = 0;
    for (uint32_t done = 0; done < size && !error; done += FLASHDISK_BLOCK, block++) {
        error = storage_host_write(block, buffer + done);
    }
    if (error || storage_host_sync()) {
        fail(&write_error);
        return -1;
    }
    return (int32_t)size;
}

/* What TinyUSB has no answer of its own for. Nothing to do for SYNCHRONIZE CACHE, because writes are never cached, nor for VERIFY
   without data, because flash corrects or refuses each word by itself (ECC). */
int32_t tud_msc_scsi_cb(uint8_t lun, uint8_t const command[16], void *buffer, uint16_t size)
{
    enum { VERIFY_10 = 0x2F, SYNCHRONIZE_CACHE_10 = 0x35, BYTE_CHECK = 6 };
    (void)lun;
    (void)buffer;
    (void)size;
    if (command[0] == SYNCHRONIZE_CACHE_10 || (command[0] == VERIFY_10 && !(command[1] & BYTE_CHECK))) {
        return 0;
    }
    fail(&unknown_command);
    return -1;
}
