#!/bin/sh
# SPDX-License-Identifier: MIT
# The emulator's own tests: every folder here has bare-metal guests and a run.sh.
cd "$(dirname "$0")" || exit 1
for part in */run.sh; do
    echo "# $part"
    sh "$part" || exit 1
done
