#!/bin/sh
# SPDX-License-Identifier: MIT
# What helps whoever develops the firmware: crash records, and a build with every option: profiler, statistics, debug output, canaries.
set -u
cd "$(dirname "$0")" || exit 1
for script in crash.sh options.sh; do
    echo "# $script"
    sh ./$script
done
