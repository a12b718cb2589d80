/* SPDX-License-Identifier: MIT */
/* MicroPython on the computer, with floats of 32 bits as the firmware has them, but without a collector: each block is the C library's, so that the
   sanitizer sees where it ends. */
#include <alloca.h>
#include <stdint.h>

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#define MICROPY_ENABLE_GC (0)
#define MICROPY_PY_GC (0)
#define MICROPY_ENABLE_FINALISER (0)
#define MICROPY_ENABLE_COMPILER (1)
#define MICROPY_ENABLE_SCHEDULER (0)
#define MICROPY_ENABLE_EXTERNAL_IMPORT (0)
#define MICROPY_READER_POSIX (1)
#define MICROPY_MALLOC_USES_ALLOCATED_SIZE (1)
#define MICROPY_NLR_SETJMP (1)
#define MICROPY_STACK_CHECK (0) /* the sanitizer's frames are larger than any limit */
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_HELPER_REPL (0)
#define MICROPY_KBD_EXCEPTION (0)
#define MICROPY_PY_SYS_PLATFORM "host"
#define MICROPY_PY_UCTYPES (0)
#define MICROPY_PY_BUILTINS_INPUT (0)
#define MICROPY_PY_IO (0)
#define MICROPY_PY_SYS_STDFILES (0)
#define MICROPY_PY_SYS_STDIO_BUFFER (0)
#define MICROPY_PY_OS (0)
#define MICROPY_PY_TIME (0)
#define MICROPY_PY_SELECT (0)
#define MICROPY_PY_ASYNCIO (0)
#define MICROPY_PY_DEFLATE (0)
#define MICROPY_PY_HASHLIB (0)
#define MICROPY_PY_BINASCII (0)
#define MICROPY_PY_JSON (0)
#define MICROPY_PY_RANDOM (0)
#define MICROPY_PY_FRAMEBUF (0)
#define MICROPY_PY_MACHINE (0)

typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;
typedef long mp_off_t;
#define MP_SSIZE_MAX (0x7fffffffffffffff)
#define MICROPY_HW_BOARD_NAME "host"
#define MICROPY_HW_MCU_NAME "host"
#define MP_STATE_PORT MP_STATE_VM
