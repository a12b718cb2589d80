/* SPDX-License-Identifier: MIT */
/* One connection per command: QEMU serves one client at a time. */
#include "qmp.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "link.h"
#include "report.h"
#include "usbip_client.h"

#define PATIENCE_MS 5000u
#define AGAIN_MS    20
#define USBIP_MS    2000u

/* The next object that has one of these keys; NULL when time is over. */
static json_t *next_object(struct link *link, char *line, size_t size, size_t *used, uint32_t end, const char *a, const char *b)
{
    for (;;) {
        char *newline = memchr(line, '\n', *used);
        if (newline) {
            size_t length = (size_t)(newline - line);
            json_t *object = json_loadb(line, length, 0, NULL);
            *used -= length + 1;
            memmove(line, newline + 1, *used);
            if (json_object_get(object, a) || json_object_get(object, b))
                return object;
            json_decref(object);
            continue;
        }
        int32_t left = (int32_t)(end - link_now());
        int n = left > 0 && *used < size ? link_receive(link, line + *used, size - *used, (uint32_t)left) : -1;
        if (n < 0)
            return NULL;
        *used += (size_t)n;
    }
}

static bool send_command(struct link *link, const char *command, json_t *arguments)
{
    json_t *object = json_pack("{s:s}", "execute", command);

    if (arguments)
        json_object_set(object, "arguments", arguments);
    char text[8192];
    size_t n = json_dumpb(object, text, sizeof text - 1, JSON_COMPACT);
    json_decref(object);
    if (n >= sizeof text)
        return false;
    text[n++] = '\n';
    return link_send(link, text, n, PATIENCE_MS) == 0;
}

/* Another omv's command is over in milliseconds: it is waited for. */
static int open_socket(struct link *link, const char *socket, uint32_t end)
{
    int error;

    while ((error = link_open_socket(link, socket)) && access(socket, F_OK) == 0 && (int32_t)(end - link_now()) > 0)
        poll(NULL, 0, AGAIN_MS);
    return error;
}

int qmp_command(const char *socket, const char *command, json_t *arguments, char *message, size_t size)
{
    static char line[16384];
    struct link link;
    size_t used = 0;
    uint32_t end = link_now() + PATIENCE_MS;
    int result = 2;

    snprintf(message, size, "the emulator does not answer");
    if (open_socket(&link, socket, end)) {
        snprintf(message, size, "the emulator cannot be reached");
    } else {
        json_t *answer = next_object(&link, line, sizeof line, &used, end, "QMP", "QMP");
        bool greeted = answer && send_command(&link, "qmp_capabilities", NULL);
        json_decref(answer);
        answer = greeted ? next_object(&link, line, sizeof line, &used, end, "return", "error") : NULL;
        bool ready = answer && send_command(&link, command, arguments);
        json_decref(answer);
        answer = ready ? next_object(&link, line, sizeof line, &used, end, "return", "error") : NULL;
        const char *why = NULL;
        const json_t *value = json_object_get(answer, "return");
        if (answer && json_unpack(answer, "{s:{s:s}}", "error", "desc", &why) == 0) {
            snprintf(message, size, "%s", why);
            message[strcspn(message, "\n")] = 0;
            result = 1;
        } else if (answer) {
            result = 0;
            snprintf(message, size, "%s",
                     json_is_string(value)    ? json_string_value(value)
                     : json_is_boolean(value) ? (json_is_true(value) ? "true" : "false")
                                              : "");
        }
        json_decref(answer);
        link_close(&link);
    }
    json_decref(arguments);
    return result;
}

int qmp_get(const char *socket, const char *property, char *message, size_t size)
{
    json_t *arguments = json_pack("{s:s, s:s}", "path", "/machine", "property", property);

    return qmp_command(socket, "qom-get", arguments, message, size);
}

int qmp_set(const char *socket, const char *property, json_t *value, char *message, size_t size)
{
    json_t *arguments = json_pack("{s:s, s:s, s:o}", "path", "/machine", "property", property, "value", value);

    return qmp_command(socket, "qom-set", arguments, message, size);
}

static int monitor(const char *socket, const char *line, char *text, size_t size)
{
    return qmp_command(socket, "human-monitor-command", json_pack("{s:s}", "command-line", line), text, size);
}

bool qmp_has_gdb(const char *socket)
{
    static const char gdb[] = "gdb: filename=", none[] = "disconnected:";
    char text[2048];
    const char *found = monitor(socket, "info chardev", text, sizeof text) ? NULL : strstr(text, gdb);

    return found && strncmp(found + strlen(gdb), none, strlen(none));
}

bool qmp_is_stopped(const char *socket)
{
    char text[256];

    return !monitor(socket, "info status", text, sizeof text) && strstr(text, "paused");
}

void qmp_let_go_on(const char *socket)
{
    char text[1024];

    if (qmp_is_stopped(socket) && !qmp_has_gdb(socket))
        qmp_command(socket, "cont", NULL, text, sizeof text);
}

int qmp_fail(const struct instance *instance, int result, enum exit_code refused, const char *next_step, const char *message)
{
    struct usbip_device device;

    if (result == 1)
        return fail(refused, next_step, "%s: %s", instance->name, message);
    /* An emulator that answers elsewhere talks to somebody else here. */
    if (access(instance->qmp, F_OK) == 0 && usbip_list(instance->usbip, &device, 1, USBIP_MS) >= 0)
        return fail(EXIT_CODE_BUSY, "Close the other program (a QMP client, a test), then try again.",
                    "%s: another program has the emulator's control socket %s", instance->name, instance->qmp);
    return fail(EXIT_CODE_EMULATOR, "'omv list' shows the cameras there are.", "%s: %s", instance->name, message);
}
