/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "report.h"

#define MOST_SECONDS 1000000

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
