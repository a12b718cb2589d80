# SPDX-License-Identifier: MIT
SRC_OURS += runtime/pool.c runtime/framebuffer.c runtime/lifecycle.c runtime/flashdisk.c runtime/diskshare.c
SRC_MODULES += runtime/script.c runtime/crash.c
SRC_OURS += $(if $(filter 1,$(PROFILE_ENABLE)),runtime/profile.c) $(if $(filter 1,$(FB_ALLOC_STATS)),runtime/pool_stats.c) $(if $(filter 1,$(DEBUG_PRINTF)),runtime/debug.c runtime/rtt.c)
