/* SPDX-License-Identifier: MIT */
/* launch.json and tasks.json: the board in VS Code with the Cortex-Debug extension. Field names: its debug_attributes.md. */
#include "boardc.h"

#include <stdarg.h>
#include <string.h>

const char *sdk_folder = "${env:HOME}/openmv-sdk";

#define EMULATOR_PORT 1234 /* of `omv emu --gdb` */
#define JLINK_PORT    2331
#define SWO_HZ        2000000

/* One line of an object, after the comma of the one before. */
static void field(FILE *out, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void field(FILE *out, const char *name, const char *format, ...)
{
    va_list arguments;

    fprintf(out, ",\n            \"%s\": ", name);
    va_start(arguments, format);
    vfprintf(out, format, arguments);
    va_end(arguments);
}

static const char *separator; /* between configurations */

/* What every configuration has; end() closes the object. */
static void begin(const struct board *board, FILE *out, const char *name, const char *request, const char *server)
{
    fprintf(out, "%s        {\n            \"name\": \"%s (%s)\"", separator, name, board->target);
    field(out, "type", "\"cortex-debug\"");
    field(out, "request", "\"%s\"", request);
    field(out, "cwd", "\"${workspaceFolder}\"");
    field(out, "executable", "\"${workspaceFolder}/build/%s/bin/%s\"", board->target, board->debug_elf ? board->debug_elf : "firmware.elf");
    field(out, "servertype", "\"%s\"", server);
    if (!strcmp(request, "launch")) {
        field(out, "runToEntryPoint", "\"main\"");
    }
    field(out, "armToolchainPath", "\"%s/gcc/bin\"", sdk_folder);
    field(out, "gdbPath", "\"%s/gcc/bin/arm-none-eabi-gdb\"", sdk_folder);
    separator = ",\n";
}

static void end(FILE *out)
{
    fprintf(out, "\n        }");
}

/* The omv commands of gdb; a launch of a probe builds first. */
static void helpers(FILE *out, const char *request)
{
    bool launch = !strcmp(request, "launch");

    if (launch) {
        field(out, "preLaunchTask", "\"build-firmware\"");
    }
    field(out, launch ? "postLaunchCommands" : "postAttachCommands", "[\"source tools/gdb/omv.py\"]");
}

/* Both are off: they need a firmware of DEBUG_PRINTF=1. */
static void printf_channels(const struct board *board, FILE *out)
{
    field(out, "rttConfig",
          "{\n                \"enabled\": false,\n                \"address\": \"auto\",\n"
          "                \"decoders\": [{ \"label\": \"printf\", \"port\": 0, \"type\": \"console\" }]\n            }");
    if (board->cpu_hz) {
        field(out, "swoConfig",
              "{\n                \"enabled\": false,\n                \"source\": \"probe\",\n                \"cpuFrequency\": %u,\n"
              "                \"swoFrequency\": %d,\n"
              "                \"decoders\": [{ \"label\": \"printf\", \"port\": 0, \"type\": \"console\" }]\n            }",
              board->cpu_hz, SWO_HZ);
    }
}

static void jlink(const struct board *board, FILE *out, const char *name, const char *request)
{
    begin(board, out, name, request, "jlink");
    field(out, "device", "\"%s\"", board->jlink);
    field(out, "interface", "\"swd\"");
    helpers(out, request);
    printf_channels(board, out);
    end(out);
}

/* The server runs on Windows, where the probe is; WSL reaches it at an address that its networking mode decides. */
static void external(const struct board *board, FILE *out, const char *name, const char *target)
{
    begin(board, out, name, "attach", "external");
    field(out, "gdbTarget", "\"%s:%d\"", target, JLINK_PORT);
    helpers(out, "attach");
    end(out);
}

static void windows_host(const struct board *board, FILE *out, const char *request)
{
    begin(board, out, "OpenMV J-Link on Windows, server and address", request, "jlink");
    field(out, "serverpath", "\"/opt/SEGGER/JLink/JLinkGDBServer\"");
    field(out, "ipAddress", "\"${input:windowsHost}\"");
    field(out, "device", "\"%s\"", board->jlink);
    field(out, "interface", "\"swd\"");
    helpers(out, request);
    end(out);
}

static void openocd(const struct board *board, FILE *out, const char *request)
{
    begin(board, out, !strcmp(request, "launch") ? "OpenMV OpenOCD" : "OpenMV OpenOCD attach", request, "openocd");
    field(out, "configFiles", "[\"${workspaceFolder}/chips/%s\"]", board->openocd);
    field(out, "serverpath", "\"%s/bin/openocd\"", sdk_folder);
    helpers(out, request);
    printf_channels(board, out);
    end(out);
}

/* Code in flash takes a comparator there too; the emulator's monitor has a reset of its own. */
static void emulator(const struct board *board, FILE *out, const char *request)
{
    bool launch = !strcmp(request, "launch");
    uint64_t from = UINT64_MAX, to = 0;

    for (int i = 0; i < board->npartitions; i++) {
        const struct partition *p = &board->partitions[i];
        from = p->base < from ? p->base : from;
        to = p->base + p->size > to ? p->base + p->size : to;
    }
    begin(board, out, launch ? "OpenMV emulator" : "OpenMV emulator attach", request, "external");
    field(out, "gdbTarget", "\"localhost:%d\"", EMULATOR_PORT);
    if (launch) {
        field(out, "preLaunchTask", "\"emulate-%s\"", board->target);
    }
    field(out, launch ? "overrideLaunchCommands" : "overrideAttachCommands",
          "[\n                \"mem 0x%08llX 0x%08llX ro\",\n                \"set mem inaccessible-by-default off\",\n"
          "                \"source tools/gdb/omv.py\"\n            ]",
          (unsigned long long)from, (unsigned long long)to);
    field(out, "overrideResetCommands", "[\"monitor system_reset\"]");
    end(out);
}

void emit_launch(const struct board *board, FILE *out)
{
    bool attach = board->debug_request && !strcmp(board->debug_request, "attach");

    separator = "";
    fprintf(out, "{\n    \"version\": \"0.2.0\",\n    \"configurations\": [\n");
    if (board->jlink) {
        if (!attach) {
            jlink(board, out, "OpenMV J-Link", "launch");
        }
        jlink(board, out, "OpenMV J-Link attach", "attach");
    }
    if (board->openocd) {
        openocd(board, out, "launch");
        openocd(board, out, "attach");
    }
    if (board->emu_machine) {
        emulator(board, out, "launch");
        emulator(board, out, "attach");
    }
    if (board->jlink) {
        windows_host(board, out, attach ? "attach" : "launch");
        external(board, out, "OpenMV J-Link on Windows, NAT", "${input:windowsHost}");
    }
    external(board, out, board->jlink ? "OpenMV J-Link on Windows, mirrored" : "OpenMV external server", "localhost");
    fprintf(out, "\n    ]%s\n}\n",
            board->jlink ? ",\n    \"inputs\": [\n        {\n            \"id\": \"windowsHost\",\n            \"type\": \"promptString\",\n"
                           "            \"description\": \"Address of the Windows host (in WSL: ip route show default)\",\n"
                           "            \"default\": \"172.17.0.1\"\n        }\n    ]"
                         : "");
}

void emit_tasks(const struct board *board, FILE *out)
{
    fprintf(out,
            "{\n    \"version\": \"2.0.0\",\n    \"tasks\": [\n        {\n            \"label\": \"build-firmware\",\n"
            "            \"type\": \"shell\",\n            \"command\": \"make -j$(nproc) TARGET=%s DEBUG=1\",\n"
            "            \"options\": { \"cwd\": \"${workspaceFolder}\" },\n"
            "            \"problemMatcher\": \"$gcc\",\n            \"group\": { \"kind\": \"build\", \"isDefault\": true }\n        }",
            board->target);
    if (board->emu_machine) {
        fprintf(out,
                ",\n        {\n            \"label\": \"emulate-%s\",\n            \"type\": \"shell\",\n"
                "            \"command\": \"./omv emu %s --headless --gdb %d --halt --name vscode\",\n"
                "            \"options\": { \"cwd\": \"${workspaceFolder}\" },\n"
                "            \"dependsOn\": \"build-firmware\",\n            \"isBackground\": true,\n            \"problemMatcher\": {\n"
                "                \"pattern\": { \"regexp\": \"^omv: (.*)$\", \"file\": 1, \"message\": 1 },\n"
                "                \"background\": { \"activeOnStart\": true, \"beginsPattern\": \"^begin\", \"endsPattern\": \"^gdb: \" }\n"
                "            }\n        }",
                board->target, board->target, EMULATOR_PORT);
    }
    fprintf(out, "\n    ]\n}\n");
}
