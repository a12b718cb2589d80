/* SPDX-License-Identifier: MIT */
/* One connection per command: QEMU serves one client at a time. */
#include "qmp.h"

#include <stdio.h>
#include <string.h>

#include "link.h"

#define PATIENCE_MS 5000u

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

int qmp_command(const char *socket, const char *command, json_t *arguments, char *message, size_t size)
{
    static char line[16384];
    struct link link;
    size_t used = 0;
    uint32_t end = link_now() + PATIENCE_MS;
    int result = 2;

    snprintf(message, size, "the emulator does not answer");
    if (link_open_socket(&link, socket)) {
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
            snprintf(message, size, "%s", json_is_string(value) ? json_string_value(value) : "");
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
