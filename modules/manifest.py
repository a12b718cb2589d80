# SPDX-License-Identifier: MIT
# Python frozen into every firmware. A component adds its files here.
freeze("$(REPO_DIR)/modules/frozen", ("_boot.py", "sensor.py"))
include("$(MPY_DIR)/extmod/asyncio/manifest.py")
