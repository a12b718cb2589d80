/* SPDX-License-Identifier: MIT */
/* The internal disk (/flash): a block device over the FILESYSTEM partition and its spare block, see runtime/flashdisk.h. */
#ifndef STM32_STORAGE_H
#define STM32_STORAGE_H

/* Reads the journal; an empty or foreign partition gives an empty disk, which _boot.py formats. */
void storage_init(void);
/* Everything written is committed. */
void storage_sync(void);

#endif
