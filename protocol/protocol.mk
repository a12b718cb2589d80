# SPDX-License-Identifier: MIT
# The camera's side; client.c is the host's.
SRC_OURS += protocol/packet.c protocol/device.c protocol/device_request.c
