/* SPDX-License-Identifier: MIT */
/* What other components tell the omv module. */
#ifndef MODULES_OMV_OMV_H
#define MODULES_OMV_OMV_H

#include <stdbool.h>

/* Set by the host protocol: whether a host is connected (omv.debug_mode()). NULL: never. */
extern bool (*omv_host_connected)(void);

#endif
