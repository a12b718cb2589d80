/* SPDX-License-Identifier: MIT */
/* What the port's main loop needs of the csi module. */
#ifndef MODULES_CSI_PY_CSI_H
#define MODULES_CSI_PY_CSI_H

/* The camera off, its frames and callbacks forgotten: called before the pools are emptied by a soft reset. */
void csi_deinit(void);

#endif
