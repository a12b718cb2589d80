# SPDX-License-Identifier: MIT
# check_vscode.py FOLDER TARGET: .vscode files of a board against the specification's tables and Cortex-Debug's field names. PASS and FAIL lines.
import json
import re
import sys

folder, target = sys.argv[1:]
# The specification's table "J-Link over SWD", its OpenOCD table, and its external-flash boards.
DEVICES = {"OPENMV4": "STM32H743VI", "OPENMV4P": "STM32H743VI", "OPENMVPT": "STM32H743VI", "OPENMV3": "STM32F765VI", "OPENMV_N6": "STM32N657L0",
           "OPENMV_RT1060": "MIMXRT1062xxx6A", "OPENMV_AE3": "AE302F80F55D5_HP", "ARDUINO_PORTENTA_H7": "STM32H747XI",
           "ARDUINO_GIGA": "STM32H747XI", "ARDUINO_NICLA_VISION": "STM32H747XI"}
H7 = "openocd_stm32h7_dual_bank.cfg"
OPENOCD = {"OPENMV4": H7, "OPENMV4P": H7, "OPENMVPT": H7, "ARDUINO_PORTENTA_H7": H7, "ARDUINO_GIGA": H7, "ARDUINO_NICLA_VISION": H7,
           "OPENMV3": "openocd_stm32f7.cfg"}
ATTACH = ("OPENMV_N6", "OPENMV_RT1060", "OPENMV_AE3")
# Attributes that Cortex-Debug documents (debug_attributes.md of its repository), and those of VS Code itself.
FIELDS = set("armToolchainPath configFiles cwd device executable gdbPath gdbTarget interface ipAddress overrideAttachCommands "
             "overrideLaunchCommands overrideResetCommands postAttachCommands postLaunchCommands rttConfig runToEntryPoint serverpath "
             "servertype svdFile swoConfig name type request preLaunchTask".split())
RTT = set("address clearSearch decoders enabled polling_interval rtt_start_retry searchId searchSize".split())
SWO = set("cpuFrequency decoders enabled source swoEncoding swoFrequency swoPath swoPort".split())
SERVERS = ("jlink", "openocd", "external")


def check(name, good, got=""):
    print("PASS vscode %s: %s" % (target, name) if good else
          "FAIL vscode %s: %s: got %s; rerun: sh tests/debug/test_vscode.sh" % (target, name, got))


launch, tasks = (json.load(open("%s/.vscode/%s.json" % (folder, kind))) for kind in ("launch", "tasks"))
all_of_it = launch["configurations"]
by = {}
for c in all_of_it:
    by.setdefault((c["servertype"], c["request"]), []).append(c)
unknown = [(c["name"], k) for c in all_of_it for k in c if k not in FIELDS] + \
    [k for c in all_of_it for k in c.get("rttConfig", {}) if k not in RTT] + [k for c in all_of_it for k in c.get("swoConfig", {}) if k not in SWO]
check("every field is one of Cortex-Debug's", not unknown, unknown)
check("every server is one of Cortex-Debug's", all(c["type"] == "cortex-debug" and c["servertype"] in SERVERS for c in all_of_it))
elf = "${workspaceFolder}/build/%s/bin/%s" % (target, "firmware_M55_HP.elf" if target == "OPENMV_AE3" else "firmware.elf")
check("the ELF file", all(c["executable"] == elf for c in all_of_it), [c["executable"] for c in all_of_it])
sdk = re.compile(r"^\$\{env:HOME\}/openmv-sdk-[0-9.]+/gcc/bin$")
check("gdb of the SDK", all(sdk.match(c["armToolchainPath"]) and c["gdbPath"] == c["armToolchainPath"] + "/arm-none-eabi-gdb" for c in all_of_it))
devices = {c["device"] for c in all_of_it if c["servertype"] == "jlink"}
check("J-Link's device", devices == ({DEVICES[target]} if target in DEVICES else set()), devices)
files = {f for c in all_of_it for f in c.get("configFiles", [])}
check("OpenOCD's configuration", files == ({"${workspaceFolder}/chips/" + OPENOCD[target]} if target in OPENOCD else set()), files)
launches = [c for c in all_of_it if c["request"] == "launch"]
if target in ATTACH:
    check("attaches only", not launches, [c["name"] for c in launches])
if target in DEVICES:
    check("attach with a J-Link", ("jlink", "attach") in by)
    hosts = {c["gdbTarget"] for c in by.get(("external", "attach"), []) if c["gdbTarget"].endswith(":2331")}
    check("a J-Link on Windows: NAT and mirrored", hosts == {"${input:windowsHost}:2331", "localhost:2331"}, hosts)
    check("and its input", [i["id"] for i in launch["inputs"]] == ["windowsHost"])
    if target not in ATTACH:
        # The specification's own example, field by field.
        c = by["jlink", "launch"][0]
        wanted = {"type": "cortex-debug", "request": "launch", "cwd": "${workspaceFolder}", "executable": elf, "servertype": "jlink",
                  "device": DEVICES[target], "interface": "swd", "runToEntryPoint": "main", "preLaunchTask": "build-firmware"}
        check("the specification's launch", all(c.get(k) == v for k, v in wanted.items()), c)
        check("RTT and SWO are prepared", "rttConfig" in c and "swoConfig" in c and not c["rttConfig"]["enabled"])
labels = {t["label"] for t in tasks["tasks"]}
check("every task that is named exists", all(c.get("preLaunchTask") in labels for c in launches) and
      all(t.get("dependsOn", "build-firmware") in labels for t in tasks["tasks"]), labels)
build = [t for t in tasks["tasks"] if t["label"] == "build-firmware"]
check("the task builds this board for debugging", [t["command"] for t in build] == ["make -j$(nproc) TARGET=%s DEBUG=1" % target])
names = [c["name"] for c in all_of_it]
check("no name twice", len(names) == len(set(names)), names)
