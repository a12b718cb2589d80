# SPDX-License-Identifier: MIT
# Python frozen into this board's firmware.
include("$(REPO_DIR)/modules/manifest.py")
