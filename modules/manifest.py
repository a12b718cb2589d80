# SPDX-License-Identifier: MIT
# Python frozen into every firmware. A component adds its files here.
freeze("$(REPO_DIR)/modules/frozen", ("_boot.py", "dht.py", "ds18x20.py", "neopixel.py", "onewire.py", "sensor.py"))
include("$(MPY_DIR)/extmod/asyncio/manifest.py")
