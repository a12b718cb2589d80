#!/bin/sh
# SPDX-License-Identifier: MIT
# Power cuts while the camera writes files: after each one the disk mounts and every file is whole.
# Usage: power.sh [CUTS]
set -u
cd "$(dirname "$0")/../.." || exit 1
cuts=${1:-5}
name=power-$$
work=build/test/firmware
export OMV_TOP="$PWD"
mkdir -p "$work"

cat > "$work/power_write.py" <<'END'
import os
import random
import time
random.seed(time.ticks_cpu())
while True:
    for i in range(9):
        with open("/flash/t%d" % i, "w") as f:
            f.write("%04d" % random.randrange(10000) * random.randrange(1, 900))
        if i == 4:
            os.rename("/flash/t4", "/flash/t9") if "t9" not in os.listdir("/flash") else os.remove("/flash/t9")
END
cat > "$work/power_check.py" <<'END'
import os
names = [n for n in os.listdir("/flash") if n[0] == "t"]
for n in names:
    text = open("/flash/" + n).read()
    assert text == text[:4] * (len(text) // 4), n
assert "README.txt" in os.listdir("/flash")
print("whole:", len(names))
END

./omv emu OPENMV4 --headless --fast --fresh --name $name > "$work/power_emu.txt" 2>&1 &
emulator=$!
trap 'kill $emulator 2>/dev/null; wait $emulator 2>/dev/null; rm -f build/emu/OPENMV4/$name.*' EXIT
for i in $(seq 900); do
    grep -q ready "$work/power_emu.txt" && break
    sleep 0.1
done

cut=1
while [ "$cut" -le "$cuts" ]; do
    build/host/omv run -n $name --detach "$work/power_write.py" > "$work/power_run.txt" 2>&1
    sleep "0.$((cut * 3 % 10))"
    build/host/omv power -n $name cut > "$work/power_run.txt" 2>&1
    if build/host/omv run -n $name --timeout 300 "$work/power_check.py" >> "$work/power_run.txt" 2>&1; then
        echo "PASS power cut $cut while files are written ($(tail -n 1 "$work/power_run.txt"))"
    else
        echo "FAIL power cut $cut: $(tail -n 3 "$work/power_run.txt" | tr '\n' ' ') [rerun: tests/firmware/power.sh $cut]"
    fi
    cut=$((cut + 1))
done
