/* SPDX-License-Identifier: MIT */
/* The internal disk as a block device of Python: machine.Flash(), and the ROM file system's partition: machine.romfs(). */
#include "storage.h"
#include "board.h"
#include "extmod/vfs.h"
#include "flash.h"
#include "machine_port.h"
#include "py/mperrno.h"
#include "py/objarray.h"
#include "py/runtime.h"
#include "rtc.h"
#include "runtime/debug.h"
#include "runtime/flashdisk.h"

_Static_assert(PART_FILESYSTEM_SIZE == FLASHDISK_SIDE && PART_FILESYSTEM_ERASE == FLASHDISK_SIDE, "one erase block");
_Static_assert(BOARD_FLASH_CACHE_BASE + sizeof(struct flashdisk) <= BOARD_BOOT_MAGIC_ADDRESS, "the journal's state shares its memory with the magic word");
#define DISK ((struct flashdisk *)BOARD_FLASH_CACHE_BASE)

extern uint8_t _disk_spare_start[]; /* linker script */

static uint32_t side_address(unsigned side) { return side ? (uint32_t)(uintptr_t)_disk_spare_start : PART_FILESYSTEM_BASE; }

static bool disk_read(void *context, unsigned side, size_t offset, void *data, size_t size)
{
    (void)context;
    return flash_read(side_address(side) + offset, data, size);
}

static bool disk_erase(void *context, unsigned side)
{
    (void)context;
    debug_printf("disk: erasing side %u", side);
    return flash_erase(side_address(side), FLASHDISK_SIDE);
}

static bool disk_program(void *context, unsigned side, size_t offset, const void *data, size_t size)
{
    (void)context;
    return flash_program(side_address(side) + offset, data, size);
}

void storage_init(void)
{
    static const struct flashdisk_port port = { .read = disk_read, .erase = disk_erase, .program = disk_program };
    int found = flashdisk_mount(DISK, &port);
    debug_printf("disk: %s, side %u, sequence %u, %u of 4096 words", found ? "journal" : "empty", DISK->side, (unsigned)DISK->sequence, DISK->end);
}

void storage_sync(void) { flashdisk_sync(DISK); }

/* The time stamp of files (FatFs: years from 1980, two-second steps). */
uint32_t get_fattime(void);
uint32_t get_fattime(void)
{
    struct rtc_time t;
    rtc_get(&t);
    return (t.year - 1980u) << 25 | (uint32_t)t.month << 21 | (uint32_t)t.day << 16 | (uint32_t)t.hour << 11 | (uint32_t)t.minute << 5 | t.second / 2u;
}

/* ---- machine.Flash --------------------------------------------------------------------------------------- */

static const mp_obj_base_t flash_object = { &machine_flash_type };

static mp_obj_t flash_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    return MP_OBJ_FROM_PTR(&flash_object);
}

static mp_obj_t transfer(mp_obj_t block_in, mp_obj_t buffer_in, bool write)
{
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(buffer_in, &buffer, write ? MP_BUFFER_READ : MP_BUFFER_WRITE);
    uint32_t block = (uint32_t)mp_obj_get_int(block_in);
    for (size_t done = 0; done + FLASHDISK_BLOCK <= buffer.len; done += FLASHDISK_BLOCK, block++) {
        uint8_t *data = (uint8_t *)buffer.buf + done;
        if ((write ? flashdisk_write(DISK, block, data) : flashdisk_read(DISK, block, data)) < 0) {
            return MP_OBJ_NEW_SMALL_INT(-MP_EIO);
        }
    }
    return MP_OBJ_NEW_SMALL_INT(0);
}

static mp_obj_t flash_readblocks(mp_obj_t self, mp_obj_t block, mp_obj_t buffer) { return transfer(block, buffer, false); }
static MP_DEFINE_CONST_FUN_OBJ_3(flash_readblocks_obj, flash_readblocks);
static mp_obj_t flash_writeblocks(mp_obj_t self, mp_obj_t block, mp_obj_t buffer) { return transfer(block, buffer, true); }
static MP_DEFINE_CONST_FUN_OBJ_3(flash_writeblocks_obj, flash_writeblocks);

static mp_obj_t flash_ioctl(mp_obj_t self, mp_obj_t op, mp_obj_t argument)
{
    switch (mp_obj_get_int(op)) {
        case MP_BLOCKDEV_IOCTL_INIT:
            return MP_OBJ_NEW_SMALL_INT(0);
        case MP_BLOCKDEV_IOCTL_DEINIT:
        case MP_BLOCKDEV_IOCTL_SYNC:
            return MP_OBJ_NEW_SMALL_INT(flashdisk_sync(DISK) < 0 ? -MP_EIO : 0);
        case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
            return MP_OBJ_NEW_SMALL_INT(FLASHDISK_BLOCKS);
        case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
            return MP_OBJ_NEW_SMALL_INT(FLASHDISK_BLOCK);
        default:
            return mp_const_none;
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(flash_ioctl_obj, flash_ioctl);

static const mp_rom_map_elem_t flash_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&flash_readblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&flash_writeblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&flash_ioctl_obj) },
};
static MP_DEFINE_CONST_DICT(flash_locals, flash_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(machine_flash_type, MP_QSTR_Flash, MP_TYPE_FLAG_NONE, make_new, flash_make_new, locals_dict, &flash_locals);

/* The partition as it lies in flash; _boot.py mounts it when it holds an image. */
static mp_obj_t machine_romfs(void)
{
    return mp_obj_new_memoryview('B', PART_ROMFS0_SIZE, (void *)PART_ROMFS0_BASE);
}
MP_DEFINE_CONST_FUN_OBJ_0(machine_romfs_obj, machine_romfs);
