/* SPDX-License-Identifier: MIT */
/* Options that only set something, as a table: a verb's own parser has what is left, those that exclude each other or mean more. */
#ifndef HOST_OPTIONS_H
#define HOST_OPTIONS_H

#include <argp.h>
#include <stddef.h>

enum option_kind {
    OPTION_TEXT,    /* const char * */
    OPTION_FLAG,    /* bool, true when it is there */
    OPTION_COUNT,   /* unsigned, from 1 to `most` */
    OPTION_SECONDS, /* double, from 0.1 to 1000000 */
    OPTION_MS,      /* uint32_t, the same in milliseconds */
    OPTION_PORT,    /* unsigned, a TCP port */
    OPTION_EVENTS,  /* nothing is set: --json, output is one JSON event per line */
};

/* `offset`: of what is set in the verb's arguments. */
struct option_value {
    int key; /* of argp */
    const char *name;
    enum option_kind kind;
    size_t offset;
    unsigned most;
};

/* For the `default:` of a parser: 0 when the table has the key, and its value is set; ARGP_ERR_UNKNOWN when not. A value that is none ends
   the program with a message. The table ends with a row without a name. */
error_t options_set(const struct option_value *table, void *arguments, int key, const char *text, struct argp_state *state);

/* Parses a verb's command line; one that is wrong ends the program, with --json by an event, as any error. */
void options_parse(const struct argp *argp, int argc, char **argv, void *arguments);

/* The number of an option: of seconds, of a TCP port, or from 1 to `most`. */
double options_seconds(const char *name, const char *text, struct argp_state *state);
unsigned options_port(const char *name, const char *text, struct argp_state *state);
unsigned options_count(const char *name, const char *text, unsigned most, struct argp_state *state);

/* A verb's only argument. A second one, or (at ARGP_KEY_END) none, ends the program with a message: "which script?". */
void options_take_argument(const char **place, const char *text, struct argp_state *state);
void options_need_argument(const char *argument, const char *what, struct argp_state *state);
#define OPTIONS_TARGET "which camera? Give a TARGET, for instance OPENMV4"

#endif
