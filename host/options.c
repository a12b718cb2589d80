/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define MOST_SECONDS 1000000

/* What argp and getopt write to the standard error while a command line with --json is parsed. */
static FILE *screen;
static char *said;
static size_t said_bytes;
static const char *verb;

static void hear_no_more(void)
{
    fclose(stderr);
    stderr = screen;
    screen = NULL;
}

/* At exit: argp has said what is wrong. "omv list: unrecognized option '--foo'", and where there is help. */
static void tell_as_event(void)
{
    char step[80];

    if (!screen)
        return;
    hear_no_more();
    const char *text = strncmp(said, verb, strlen(verb)) ? said : said + strlen(verb) + strspn(said + strlen(verb), ": ");
    snprintf(step, sizeof step, "%s --help", verb);
    if (*text)
        fail(EXIT_CODE_USAGE, step, "%.*s", (int)strcspn(text, "\n"), text);
}

static bool wants_events(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--json"))
            return true;
    return false;
}

void options_parse(const struct argp *argp, int argc, char **argv, void *arguments)
{
    FILE *memory = wants_events(argc, argv) ? open_memstream(&said, &said_bytes) : NULL;

    if (memory) {
        report_use_json();
        verb = argv[0];
        screen = stderr;
        stderr = memory;
        atexit(tell_as_event);
    }
    argp_parse(argp, argc, argv, 0, NULL, arguments);
    if (memory)
        hear_no_more();
}

double options_seconds(const char *name, const char *text, struct argp_state *state)
{
    char *end;
    double value = strtod(text, &end);

    if (*end || end == text || !(value >= 0.1 && value <= MOST_SECONDS))
        argp_error(state, "--%s takes a number from 0.1 to %d, not '%s'", name, MOST_SECONDS, text);
    return value;
}

unsigned options_port(const char *name, const char *text, struct argp_state *state)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (*end || value < 1 || value > 65535)
        argp_error(state, "--%s takes a port number, not '%s'", name, text);
    return (unsigned)value;
}

unsigned options_count(const char *name, const char *text, unsigned most, struct argp_state *state)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (*end || value < 1 || value > (long)most)
        argp_error(state, "--%s takes a number from 1 to %u, not '%s'", name, most, text);
    return (unsigned)value;
}

error_t options_set(const struct option_value *table, void *arguments, int key, const char *text, struct argp_state *state)
{
    const struct option_value *v = table;

    while (v->name && v->key != key)
        v++;
    if (!v->name)
        return ARGP_ERR_UNKNOWN;
    void *place = (char *)arguments + v->offset;
    switch (v->kind) {
    case OPTION_TEXT:
        *(const char **)place = text;
        break;
    case OPTION_FLAG:
        *(bool *)place = true;
        break;
    case OPTION_COUNT:
        *(unsigned *)place = options_count(v->name, text, v->most, state);
        break;
    case OPTION_SECONDS:
        *(double *)place = options_seconds(v->name, text, state);
        break;
    case OPTION_MS:
        *(uint32_t *)place = (uint32_t)(1000 * options_seconds(v->name, text, state));
        break;
    case OPTION_PORT:
        *(unsigned *)place = options_port(v->name, text, state);
        break;
    case OPTION_EVENTS:
        report_use_json();
        break;
    }
    return 0;
}

void options_take_argument(const char **place, const char *text, struct argp_state *state)
{
    if (*place)
        argp_error(state, "'%s' is one argument too many", text);
    *place = text;
}

void options_need_argument(const char *argument, const char *what, struct argp_state *state)
{
    if (!argument)
        argp_error(state, "%s", what);
}
