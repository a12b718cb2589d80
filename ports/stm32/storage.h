/* SPDX-License-Identifier: MIT */
/* The internal disk (/flash): a block device over the FILESYSTEM partition and its spare block, see runtime/flashdisk.h. MicroPython's
   file system uses it in main context, the USB drive in PendSV; runtime/diskshare.h has the rules. */
#ifndef STM32_STORAGE_H
#define STM32_STORAGE_H

#include <stdbool.h>
#include <stdint.h>
#include "runtime/diskshare.h"

/* Reads the journal; an empty or foreign partition gives an empty disk, which _boot.py formats. */
void storage_init(void);
/* Everything written is committed. Main context. */
void storage_sync(void);
/* A soft reset has taken the file systems: nothing of theirs counts any more. */
void storage_forget_volumes(void);

/* For the USB drive, in PendSV. Main context is inside the journal: nothing below may be called, PENDSV_USB is requested afterwards. */
bool storage_busy(void);
struct diskshare *storage_share(void);
/* One block of FLASHDISK_BLOCK bytes; 0 or enum flashdisk_error. Reads what is committed. A write, which diskshare_write() has allowed,
   makes the camera mount the disk anew; it lasts as long as flash takes, up to 2 s with interrupts off where the journal moves. */
int storage_host_read(uint32_t block, void *data);
int storage_host_write(uint32_t block, const void *data);
int storage_host_sync(void);

#endif
