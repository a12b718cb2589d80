/* SPDX-License-Identifier: MIT */
/* Output for people and for programs. */
#include "report.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool json;

void report_use_json(void)
{
    json = true;
}

bool report_json(void)
{
    return json;
}

static void print_json(const char *event, json_t *values)
{
    json_t *line = json_object();

    json_object_set_new(line, "event", json_string(event));
    if (values)
        json_object_update(line, values);
    json_dumpf(line, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
    putchar('\n');
    fflush(stdout);
    json_decref(line);
}

void report_event(const char *event, json_t *values, const char *format, ...)
{
    if (json) {
        print_json(event, values);
    } else if (format) {
        va_list arguments;
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
        fflush(stdout);
    }
    json_decref(values);
}

void report_progress(const char *format, ...)
{
    va_list arguments;

    if (json)
        return;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static const char *code_name(enum exit_code code)
{
    switch (code) {
#define EXIT_NAME(number, name, text, meaning)                                                                                             \
    case EXIT_CODE_##name:                                                                                                                 \
        return text;
        EXIT_CODES(EXIT_NAME)
#undef EXIT_NAME
    }
    return "unknown";
}

int fail(enum exit_code code, const char *next_step, const char *format, ...)
{
    char message[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (json) {
        json_t *values = json_pack("{s:s, s:i, s:s}", "code", code_name(code), "exit", (int)code, "message", message);
        if (next_step)
            json_object_set_new(values, "next", json_string(next_step));
        print_json("error", values);
        json_decref(values);
    } else {
        fflush(stdout);
        fprintf(stderr, "omv: %s\n", message);
        if (next_step)
            fprintf(stderr, "     %s\n", next_step);
    }
    return (int)code;
}

int report_finish(int code)
{
    struct pollfd out = {STDOUT_FILENO, POLLOUT, 0};
    bool lost = fflush(stdout) || ferror(stdout);

    /* A pipe whose reader has seen enough ("| head") has lost nothing that anybody wants. */
    if (code || !lost || (poll(&out, 1, 0) > 0 && out.revents & POLLERR))
        return code;
    return fail(EXIT_CODE_OUTPUT, "Make room, or write it elsewhere.", "the output could not be written");
}
