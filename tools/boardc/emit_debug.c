/* SPDX-License-Identifier: MIT */
/* launch.json and tasks.json: the board in VS Code with the Cortex-Debug extension. */
#include "boardc.h"

#include <string.h>

const char *sdk_folder = "${env:HOME}/openmv-sdk";

/* What every configuration has; `last` closes the object. */
static void common(const struct board *board, FILE *out, const char *name, const char *request)
{
    bool launch = !strcmp(request, "launch");
    fprintf(out,
            "        {\n            \"name\": \"%s (%s)\",\n            \"type\": \"cortex-debug\",\n            \"request\": \"%s\",\n",
            name, board->target, request);
    fprintf(out, "            \"cwd\": \"${workspaceFolder}\",\n            \"executable\": \"${workspaceFolder}/build/%s/bin/%s\",\n",
            board->target, board->debug_elf ? board->debug_elf : "firmware.elf");
    if (launch) {
        fprintf(out, "            \"runToEntryPoint\": \"main\",\n            \"preLaunchTask\": \"build-firmware\",\n");
    }
    fprintf(out, "            \"armToolchainPath\": \"%s/gcc/bin\",\n            \"gdbPath\": \"%s/gcc/bin/arm-none-eabi-gdb\",\n",
            sdk_folder, sdk_folder);
}

static void jlink(const struct board *board, FILE *out, const char *name, const char *request)
{
    common(board, out, name, request);
    fprintf(out,
            "            \"servertype\": \"jlink\",\n            \"device\": \"%s\",\n            \"interface\": \"swd\"\n        },\n",
            board->jlink);
}

void emit_launch(const struct board *board, FILE *out)
{
    bool attach = board->debug_request && !strcmp(board->debug_request, "attach");

    fprintf(out, "{\n    \"version\": \"0.2.0\",\n    \"configurations\": [\n");
    if (board->jlink) {
        if (!attach) {
            jlink(board, out, "OpenMV J-Link", "launch");
        }
        jlink(board, out, "OpenMV J-Link attach", "attach");
    }
    if (board->openocd) {
        common(board, out, "OpenMV OpenOCD", "launch");
        fprintf(out,
                "            \"servertype\": \"openocd\",\n            \"configFiles\": [\n"
                "                \"${workspaceFolder}/chips/%s\"\n            ]\n        },\n",
                board->openocd);
    }
    if (board->emu_machine) {
        common(board, out, "OpenMV emulator", "attach");
        fprintf(out, "            \"servertype\": \"external\",\n            \"gdbTarget\": \"localhost:1234\"\n        },\n");
    }
    common(board, out, "OpenMV external server", "attach");
    fprintf(out, "            \"servertype\": \"external\",\n            \"gdbTarget\": \"localhost:2331\"\n        }\n    ]\n}\n");
}

void emit_tasks(const struct board *board, FILE *out)
{
    fprintf(out,
            "{\n    \"version\": \"2.0.0\",\n    \"tasks\": [\n        {\n            \"label\": \"build-firmware\",\n"
            "            \"type\": \"shell\",\n            \"command\": \"make -j$(nproc) TARGET=%s DEBUG=1\",\n"
            "            \"problemMatcher\": \"$gcc\",\n            \"group\": { \"kind\": \"build\", \"isDefault\": true }\n        }\n   "
            " ]\n}\n",
            board->target);
}
