/* SPDX-License-Identifier: MIT */
/* The firmware's version: what omv.version_string() and the host protocol answer. */
#ifndef MODULES_OMV_VERSION_H
#define MODULES_OMV_VERSION_H

#define OMV_VERSION_MAJOR 5
#define OMV_VERSION_MINOR 0
#define OMV_VERSION_PATCH 0
#define OMV_VERSION "5.0.0"

#endif
