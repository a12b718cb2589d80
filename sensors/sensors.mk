# SPDX-License-Identifier: MIT
# The camera layer and the sensors it knows; a sensor that never answers costs its table only.
SRC_OURS += sensors/camera.c sensors/sensor.c sensors/ov7725.c
