/* SPDX-License-Identifier: MIT */
/* The internal disk as a block device of Python: machine.Flash(), and the ROM file system's partition: machine.romfs(). */
#include "storage.h"
#include "board.h"
#include "extmod/vfs_fat.h"
#include "flash.h"
#include "machine_port.h"
#include "py/mperrno.h"
#include "py/objarray.h"
#include "py/runtime.h"
#include "rtc.h"
#include "lib/oofatfs/ff.h"
#include "runtime/debug.h"
#include "runtime/diskshare.h"
#include "runtime/flashdisk.h"
#include "system.h"

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

/* ---- Two users: MicroPython in main context, the USB drive in PendSV ----------------------------------------
   While main context is inside the journal, PendSV does not enter it (storage_busy); the reverse can't happen. Who may write when is
   diskshare's. */

static const mp_obj_base_t flash_object = { &machine_flash_type };
static struct diskshare share;
static volatile bool busy;

static int journal(int (*function)(struct flashdisk *, uint32_t, void *), uint32_t block, void *data)
{
    busy = true;
    int error = function(DISK, block, data);
    busy = false;
    system_request_pendsv(PENDSV_USB);
    return error;
}

static int write_block(struct flashdisk *d, uint32_t block, void *data) { return flashdisk_write(d, block, data); }
static int sync_disk(struct flashdisk *d, uint32_t block, void *data)
{
    (void)block;
    (void)data;
    return flashdisk_sync(d);
}

bool storage_busy(void) { return busy; }

void storage_sync(void)
{
    journal(sync_disk, 0, NULL);
    share.dirty = DISK->dirty;
}

/* Waits until the host has written what it is writing; false: it goes on for longer than that. The turns bound it where interrupts are
   masked and time stands still. */
static bool begin(void)
{
    uint32_t start = system_ms();
    for (unsigned turns = 0; !diskshare_begin(&share, system_ms()); turns++) {
        if (system_ms() - start > MICROPY_FATFS_TIMEOUT || turns > 4 * MICROPY_FATFS_TIMEOUT) {
            return false;
        }
        system_wait_interrupt();
    }
    return true;
}

/* FatFs's volumes on this disk whose memory of it may be true, for the host to make them forget it, and how many files each has open for
   writing. They are kept from the garbage collector, since MicroPython doesn't tell when it drops one: the least lately registered one
   makes room, and mounts its disk anew when it is used after all. */
static struct volume { FATFS *fs; int files; } volumes[4];
MP_REGISTER_ROOT_POINTER(void *storage_volumes[4]);

static struct volume *volume_of(const void *fs)
{
    for (unsigned i = 0; i < MP_ARRAY_SIZE(volumes); i++) {
        if (volumes[i].fs == fs) {
            return &volumes[i];
        }
    }
    return NULL;
}

static void forget(struct volume *volume)
{
    diskshare_opened(&share, -volume->files);
    *volume = (struct volume){ NULL, 0 };
    MP_STATE_PORT(storage_volumes)[volume - volumes] = NULL;
}

static bool is_internal(const FATFS *fs)
{
    const fs_user_mount_t *vfs = fs->drv;
    return vfs->blockdev.readblocks[1] == MP_OBJ_FROM_PTR(&flash_object);
}

/* Within diskshare_begin() and _end(), so that no host comes between. */
static bool register_volume(FATFS *fs)
{
    static unsigned next;
    struct volume *volume = volume_of(fs) ? volume_of(fs) : volume_of(NULL);
    for (unsigned i = 0; !volume && i < MP_ARRAY_SIZE(volumes); i++, next++) {
        struct volume *oldest = &volumes[next % MP_ARRAY_SIZE(volumes)];
        if (oldest->files == 0) {
            oldest->fs->fs_type = 0;
            forget(oldest);
            volume = oldest;
        }
    }
    if (volume) {
        volume->fs = fs;
        MP_STATE_PORT(storage_volumes)[volume - volumes] = fs->drv;
    }
    return volume != NULL;
}

/* FatFs's locking (FF_FS_REENTRANT): a volume's lock is the volume itself. Volumes on other devices are nobody else's. */
int ff_cre_syncobj(FATFS *fs, FF_SYNC_t *lock)
{
    *lock = fs;
    return ff_del_syncobj(fs);
}

int ff_del_syncobj(FF_SYNC_t lock)
{
    struct volume *volume = volume_of(lock);
    if (volume) {
        forget(volume);
    }
    return 1;
}

int ff_req_grant(FF_SYNC_t lock)
{
    if (!is_internal(lock)) {
        return 1;
    }
    bool granted = begin();
    if (granted && !register_volume(lock)) {
        diskshare_end(&share, DISK->dirty);
        granted = false;
    }
    return granted;
}

void ff_rel_grant(FF_SYNC_t lock)
{
    if (volume_of(lock)) {
        diskshare_end(&share, ((FATFS *)lock)->wflag || DISK->dirty);
    }
}

/* The linker puts these two in the place of FatFs's (-Wl,--wrap), to count. */
FRESULT __real_f_open(FATFS *fs, FIL *file, const TCHAR *path, BYTE mode);
FRESULT __real_f_close(FIL *file);
FRESULT __wrap_f_open(FATFS *fs, FIL *file, const TCHAR *path, BYTE mode);
FRESULT __wrap_f_close(FIL *file);

FRESULT __wrap_f_open(FATFS *fs, FIL *file, const TCHAR *path, BYTE mode)
{
    FRESULT result = __real_f_open(fs, file, path, mode);
    struct volume *volume = volume_of(fs);
    if (result == FR_OK && (mode & FA_WRITE) && volume) {
        volume->files++;
        diskshare_opened(&share, 1);
    }
    return result;
}

FRESULT __wrap_f_close(FIL *file)
{
    struct volume *volume = file->obj.fs && (file->flag & FA_WRITE) ? volume_of(file->obj.fs) : NULL;
    FRESULT result = __real_f_close(file);
    if (result == FR_OK && volume) {
        volume->files--;
        diskshare_opened(&share, -1);
    }
    return result;
}

void storage_forget_volumes(void)
{
    for (unsigned i = 0; i < MP_ARRAY_SIZE(volumes); i++) {
        forget(&volumes[i]);
    }
    diskshare_end(&share, false);
}

/* ---- The host's side (usb_disk.c), in PendSV ------------------------------------------------------------------ */

struct diskshare *storage_share(void) { return &share; }

int storage_host_read(uint32_t block, void *data) { return flashdisk_read_committed(DISK, block, data); }

int storage_host_write(uint32_t block, const void *data)
{
    /* What the camera remembers of its disk is void from here on: the next call mounts it anew, open files are invalid. */
    for (unsigned i = 0; i < MP_ARRAY_SIZE(volumes); i++) {
        if (volumes[i].fs) {
            volumes[i].fs->fs_type = 0;
        }
    }
    return flashdisk_write(DISK, block, data);
}

int storage_host_sync(void) { return flashdisk_sync(DISK); }

/* The time stamp of files (FatFs: years from 1980, two-second steps). */
uint32_t get_fattime(void);
uint32_t get_fattime(void)
{
    struct rtc_time t;
    rtc_get(&t);
    return (t.year - 1980u) << 25 | (uint32_t)t.month << 21 | (uint32_t)t.day << 16 | (uint32_t)t.hour << 11 | (uint32_t)t.minute << 5 | t.second / 2u;
}

/* ---- machine.Flash --------------------------------------------------------------------------------------- */

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
    bool direct = !share.inside; /* a script without a file system */
    if (direct && !begin()) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EBUSY);
    }
    int error = 0;
    for (size_t done = 0; !error && done + FLASHDISK_BLOCK <= buffer.len; done += FLASHDISK_BLOCK, block++) {
        error = journal(write ? write_block : flashdisk_read, block, (uint8_t *)buffer.buf + done);
        if (write) {
            diskshare_wrote(&share, system_ms());
        }
    }
    if (direct) {
        diskshare_end(&share, DISK->dirty);
    }
    return MP_OBJ_NEW_SMALL_INT(error < 0 ? -MP_EIO : 0);
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
            return MP_OBJ_NEW_SMALL_INT(journal(sync_disk, 0, NULL) < 0 ? -MP_EIO : 0);
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
