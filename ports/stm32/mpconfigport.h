/* SPDX-License-Identifier: MIT */
/* MicroPython's configuration: the "extra features" level, plus what a camera needs. */
#ifndef STM32_MPCONFIGPORT_H
#define STM32_MPCONFIGPORT_H

#include <alloca.h>
#include <stdint.h>
#include "board.h"
#include "modules/omv/version.h"

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

/* Code generators */
#define MICROPY_EMIT_THUMB (1)
#define MICROPY_EMIT_INLINE_THUMB (1)
#define MICROPY_MAKE_POINTER_CALLABLE(p) ((void *)((mp_uint_t)(p) | 1))
#define MICROPY_PERSISTENT_CODE_LOAD (1)

/* Memory: the heap is a list of blocks that the board describes */
#define MICROPY_ENABLE_GC (1)
#define MICROPY_GC_SPLIT_HEAP (1)
#define MICROPY_STACK_CHECK_MARGIN (8192) /* for interrupts and PendSV, where the host protocol runs, on the same stack */
#define MICROPY_ALLOC_PATH_MAX (128)
#define MICROPY_MALLOC_USES_ALLOCATED_SIZE (1)
#define MICROPY_MEM_STATS (0)
#define MICROPY_ENABLE_FINALISER (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE (0)

/* Language */
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_USE_INTERNAL_ERRNO (1)
#define MICROPY_USE_INTERNAL_PRINTF (0)
#define MICROPY_ENABLE_SCHEDULER (1)
#define MICROPY_SCHEDULER_STATIC_NODES (1)
#define MICROPY_SCHEDULER_DEPTH (8)
#define MICROPY_ENABLE_VM_ABORT (1)
#define MICROPY_KBD_EXCEPTION (1)
#define MICROPY_WARNINGS (1)
#define MICROPY_REPL_EVENT_DRIVEN (0)
#define MICROPY_REPL_INFO (0)
#define MICROPY_HELPER_REPL (1)
#define MICROPY_PY_BUILTINS_HELP_TEXT omv_help_text
#define MICROPY_PY_BUILTINS_HELP_MODULES (1)
#define MICROPY_TRACKED_ALLOC (0)

/* sys, os, time */
#define MICROPY_BANNER_NAME_AND_VERSION "OpenMV " OMV_VERSION "; MicroPython " MICROPY_GIT_TAG
#define MICROPY_HW_BOARD_NAME BOARD_NAME
#define MICROPY_HW_MCU_NAME BOARD_MCU
#define MICROPY_PY_SYS_PLATFORM BOARD_TARGET
#define MICROPY_PY_SYS_STDFILES (1)
#define MICROPY_PY_SYS_STDIO_BUFFER (1)
#define MICROPY_PY_OS_SYNC (1)
#define MICROPY_PY_OS_UNAME (1)
#define MICROPY_PY_OS_URANDOM (1)
#define MICROPY_PY_OS_INCLUDEFILE "ports/stm32/mod_os.c"
#define MICROPY_PY_TIME (1)
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (1)
#define MICROPY_TIME_SUPPORT_Y1969_AND_BEFORE (1)
#define MICROPY_PY_TIME_INCLUDEFILE "ports/stm32/mod_time.c"
#define MICROPY_PY_TIME_EXTRA_GLOBALS { MP_ROM_QSTR(MP_QSTR_clock), MP_ROM_PTR(&clock_type) },
#define MICROPY_PY_CRYPTOLIB (0)
#define MICROPY_PY_HASHLIB_MD5 (0)
#define MICROPY_PY_HASHLIB_SHA1 (0)
#define MICROPY_PY_RANDOM_SEED_INIT_FUNC (rng_get())
#define MICROPY_PY_FRAMEBUF (1)
#define MICROPY_PY_DEFLATE_COMPRESS (1)

/* File systems */
#define MICROPY_VFS (1)
#define MICROPY_READER_VFS (1)
#define MICROPY_VFS_FAT (1)
#define MICROPY_VFS_ROM (1)
#define MICROPY_VFS_ROM_IOCTL (0)
#define MICROPY_FATFS_ENABLE_LFN (2) /* long names on the stack */
#define MICROPY_FATFS_LFN_CODE_PAGE 437
#define MICROPY_FATFS_USE_LABEL (1)
#define MICROPY_FATFS_RPATH (2)
#define MICROPY_FATFS_MULTI_PARTITION (0)
#define MICROPY_FATFS_MAX_SS (512)
#define MICROPY_FATFS_REENTRANT (1) /* storage.c: the USB host is the other user */
#define MICROPY_FATFS_TIMEOUT (3000)
#define MICROPY_FATFS_SYNC_T void *

/* machine */
#define MICROPY_PY_MACHINE (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE "ports/stm32/mod_machine.c"
#define MICROPY_PY_MACHINE_RESET (1)
#define MICROPY_PY_MACHINE_BARE_METAL_FUNCS (1)
#define MICROPY_PY_MACHINE_BOOTLOADER (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ (1)
#define MICROPY_PY_MACHINE_PIN_BASE (1)
#define MICROPY_PY_MACHINE_SIGNAL (1)
#define MICROPY_PY_MACHINE_MEMX (1)
#define MICROPY_PY_MACHINE_PULSE (1)
#define MICROPY_PY_MACHINE_BITSTREAM (1)
#define MICROPY_PY_MACHINE_DHT_READINTO (1)
#define MICROPY_PY_MACHINE_SOFTI2C (1)
#define MICROPY_PY_MACHINE_SOFTSPI (1)
#define MICROPY_PY_MACHINE_I2C (1)
#define MICROPY_PY_MACHINE_I2C_TRANSFER_WRITE1 (1)
#define MICROPY_PY_MACHINE_SPI (1)
#define MICROPY_PY_MACHINE_SPI_MSB (0)
#define MICROPY_PY_MACHINE_SPI_LSB (1)
#define MICROPY_PY_MACHINE_UART (1)
#define MICROPY_PY_MACHINE_UART_INCLUDEFILE "ports/stm32/machine_uart.c"
#define MICROPY_PY_MACHINE_UART_SENDBREAK (1)
#define MICROPY_PY_MACHINE_UART_READCHAR_WRITECHAR (0)
#define MICROPY_PY_MACHINE_UART_IRQ (0)
#define MICROPY_PY_MACHINE_ADC (1)
#define MICROPY_PY_MACHINE_ADC_INCLUDEFILE "ports/stm32/machine_adc.c"
#define MICROPY_PY_MACHINE_ADC_INIT (0)
#define MICROPY_PY_MACHINE_ADC_READ_UV (1)
#define MICROPY_PY_MACHINE_PWM (1)
#define MICROPY_PY_MACHINE_PWM_INCLUDEFILE "ports/stm32/machine_pwm.c"
#define MICROPY_PY_MACHINE_TIMER (1)
#define MICROPY_PY_MACHINE_WDT (1)
#define MICROPY_PY_MACHINE_WDT_INCLUDEFILE "ports/stm32/machine_wdt.c"
#define MICROPY_PY_ONEWIRE (1)

#define MP_SSIZE_MAX (0x7fffffff)
typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;
typedef long mp_off_t;
#define MP_STATE_PORT MP_STATE_VM

/* Waiting: until the next interrupt; SysTick is one every millisecond. */
#define MICROPY_INTERNAL_WFE(timeout_ms) system_wait_interrupt()

/* How a script ended (runtime/script.c). */
#define MICROPY_BOARD_AFTER_PYTHON_EXEC(kind, flags, exception, ret) script_executed(exception)
extern void script_executed(void *exception);

extern void system_wait_interrupt(void);
extern uint32_t system_ms(void);
extern uint32_t rng_get(void);

#ifndef MICROPY_PREVIEW_VERSION_2
#define MICROPY_PREVIEW_VERSION_2 (0)
#endif

#endif
