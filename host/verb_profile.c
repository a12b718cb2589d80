/* SPDX-License-Identifier: MIT */
/* omv profile: where a script's time goes, on a camera built with PROFILE_ENABLE=1. */
#include <argp.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "local.h"
#include "options.h"
#include "profile.h"
#include "report.h"
#include "verbs.h"
#include "watch.h"

enum { ELF = 0x200, TIMEOUT, SECONDS, TOP, GRAPH, SVG, CALLGRIND };

#define MOST_SCRIPT (1u << 20)
#define MOST_BYTES  (1u << 20)

struct arguments {
    struct camera_options camera;
    struct watch_options watch;
    struct local_options local;
    const char *script, *elf, *svg, *callgrind;
    double seconds;
    unsigned top;
    bool graph;
};

static const struct argp_option options[] = {
    {"seconds", SECONDS, "SECONDS", 0, "without a script: watch what runs for so long (default 5)", 0},
    {"timeout", TIMEOUT, "SECONDS", 0, "stop the script after so long", 0},
    {"top", TOP, "N", 0, "rows of the table (default 30)", 0},
    {"graph", GRAPH, NULL, 0, "callers and callees of each function in the table, too", 0},
    {"svg", SVG, "FILE", 0, "write a flame graph, for a browser", 0},
    {"callgrind", CALLGRIND, "FILE", 0, "write a file for KCachegrind and callgrind_annotate", 0},
    {"elf", ELF, "FILE", 0, "the camera's firmware.elf; default: the one in build/TARGET/bin", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    static const struct option_value values[] = {
        {SECONDS, "seconds", OPTION_SECONDS, offsetof(struct arguments, seconds), 0},
        {TIMEOUT, "timeout", OPTION_MS, offsetof(struct arguments, watch.timeout_ms), 0},
        {TOP, "top", OPTION_COUNT, offsetof(struct arguments, top), 1000000},
        {GRAPH, "graph", OPTION_FLAG, offsetof(struct arguments, graph), 0},
        {SVG, "svg", OPTION_TEXT, offsetof(struct arguments, svg), 0},
        {CALLGRIND, "callgrind", OPTION_TEXT, offsetof(struct arguments, callgrind), 0},
        {ELF, "elf", OPTION_TEXT, offsetof(struct arguments, elf), 0},
        {0},
    };
    struct arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->camera;
        state->child_inputs[1] = &a->local;
        return 0;
    case ARGP_KEY_ARG:
        options_take_argument(&a->script, argument, state);
        return 0;
    case ARGP_KEY_END:
        local_check_options(&a->local, &a->camera, state);
        if (a->script && a->seconds)
            argp_error(state, "--seconds is for a camera that runs already; a script has --timeout");
        return 0;
    default:
        return options_set(values, a, key, argument, state);
    }
}

static const struct argp_child children[] = {{&camera_argp, 0, NULL, 0}, {&local_argp, 0, NULL, 0}, {0}};

/* The table, locked while it is read: 0, or a client error. *records is malloc'ed. */
static int fetch(struct session *session, uint8_t channel, uint8_t **records, uint32_t shape[4])
{
    struct client *client = session->client;
    uint32_t size = 0;
    int error = client_lock(client, channel), n = 0;

    for (int i = 0; error == CLIENT_E_BUSY && i < 10; i++) {
        poll(NULL, 0, 20); /* the camera grants a lock every 10 ms */
        error = client_lock(client, channel);
    }
    if (error < 0)
        return error;
    if (!error)
        error = client_size(client, channel, &size);
    if (error >= 0 && (error = client_shape(client, channel, shape)) >= 0 && error < 2)
        error = CLIENT_E_ANSWER;
    if (error >= 0 && (size > MOST_BYTES || shape[1] < 36 || size / shape[1] < shape[0]))
        error = CLIENT_E_ANSWER;
    if (error >= 0 && !(*records = malloc(size + 1)))
        error = CLIENT_E_SPACE;
    if (error >= 0)
        error = n = size ? client_read(client, channel, 0, *records, size) : 0;
    client_unlock(client, channel);
    if (error >= 0 && (uint32_t)n < shape[0] * shape[1])
        error = CLIENT_E_ANSWER;
    return error < 0 ? error : 0;
}

/* A file written by `write`, which gets `text`. 0, or an exit code after an error message. */
static int write_file(const struct profile *profile, const char *path, const char *text,
                      void (*write)(const struct profile *profile, FILE *out, const char *text))
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    int error = ENOMEM;

    if (out) {
        write(profile, out, text);
        error = fclose(out) ? errno : path_write_file(path, bytes, size);
    }
    free(bytes);
    return error ? fail(EXIT_CODE_OUTPUT, "Choose another place.", "%s cannot be written: %s", path, strerror(error)) : 0;
}

static int print_json(const struct profile *profile)
{
    for (size_t i = 0; i < profile->call_count; i++) {
        const struct profile_call *c = &profile->calls[i];
        report_event("call",
                     json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "function", profile->functions[c->callee].name, "caller",
                               profile->functions[c->caller].name, "calls", (json_int_t)c->calls, "min", (json_int_t)c->min, "max",
                               (json_int_t)c->max, "inclusive", (json_int_t)c->inclusive, "exclusive", (json_int_t)c->exclusive),
                     NULL);
    }
    report_event("profile",
                 json_pack("{s:I, s:I, s:I, s:I}", "functions", (json_int_t)profile->function_count, "ticks", (json_int_t)profile->total, "hz",
                           (json_int_t)profile->hz, "lost", (json_int_t)profile->lost),
                 NULL);
    return 0;
}

static int show(const struct arguments *a, const struct profile *profile, const char *elf)
{
    char title[PATH_BYTES + 64];
    int code = 0;

    if (report_json()) {
        print_json(profile);
    } else {
        profile_print_table(profile, stdout, a->top);
        if (a->graph) {
            putchar('\n');
            profile_print_graph(profile, stdout, a->top);
        }
        printf("%zu functions, %zu pairs of caller and function; ticks of %.0f MHz, without those of the profiler itself\n",
               profile->function_count, profile->call_count, profile->hz / 1e6);
    }
    if (profile->lost)
        report_progress("omv: %u calls, those that took least, found no room in the table: PROFILE_HASH=1024 has more", (unsigned)profile->lost);
    snprintf(title, sizeof title, "%s", a->script ? a->script : "omv profile");
    if (a->svg)
        code = write_file(profile, a->svg, title, profile_write_flame);
    if (!code && a->callgrind)
        code = write_file(profile, a->callgrind, elf, profile_write_callgrind);
    return code;
}

static int report(const struct arguments *a, struct session *session, uint8_t channel)
{
    char path[PATH_BYTES];
    uint32_t shape[4] = {0};
    uint8_t *records = NULL;
    struct profile profile = {.total = 0};
    struct elf elf = {.bytes = NULL};

    int error = fetch(session, channel, &records, shape);
    if (error) {
        free(records);
        return session_fail(session, error, "read the profile");
    }
    if (a->elf)
        path_format(path, "%s", a->elf);
    else
        path_format(path, "%s/build/%s/bin/firmware.elf", path_top(), session->camera.board ? session->camera.board->target : "OPENMV4");
    int code = elf_open(&elf, path);
    if (!code)
        code = profile_parse(&profile, &elf, records, shape[0], shape[1]);
    profile.lost = shape[2];
    profile.hz = shape[3];
    if (!code)
        code = show(a, &profile, path);
    profile_free(&profile);
    elf_close(&elf);
    free(records);
    return code;
}

/* Waits while the camera does what it does. */
static int observe(const struct arguments *a, struct session *session)
{
    uint32_t mask, end = link_now() + (uint32_t)(1000 * (a->seconds ? a->seconds : 5));
    int error = 0;

    while (error >= 0 && !session_interrupted() && (int32_t)(end - link_now()) > 0) {
        poll(NULL, 0, 200);
        error = client_poll(session->client, &mask); /* so that the camera knows that we are there */
    }
    return error < 0 ? session_fail(session, error, "watch it") : 0;
}

static int use_camera(struct arguments *a, const struct camera *camera, const char *text, size_t n)
{
    struct session session;
    const uint32_t inclusive = 0;
    int code = session_open(&session, camera, &a->camera), ended = 0;

    if (code)
        return code;
    int channel = client_find_channel(session.client, "profile");
    if (channel < 0)
        code = fail(EXIT_CODE_REFUSED, "Build it with 'make TARGET=... PROFILE_ENABLE=1', and flash that.",
                    "%s: its firmware has no profiler", session.text);
    int error = code ? 0 : client_ioctl(session.client, (uint8_t)channel, PROFILE_MODE, &inclusive, 1);
    if (error < 0)
        code = session_fail(&session, error, "reset the profiler");
    if (!code && text) {
        code = watch_start_script(&session, text, n, &a->watch);
        ended = code ? 0 : watch(&session, &a->watch);
    } else if (!code) {
        code = observe(a, &session);
    }
    /* A script that was stopped or has raised has a profile, too. */
    if (!code && (ended == EXIT_CODE_OK || ended == EXIT_CODE_SCRIPT || ended == EXIT_CODE_TIMEOUT || ended == EXIT_CODE_INTERRUPTED))
        code = report(a, &session, (uint8_t)channel);
    session_close(&session);
    return code ? code : ended;
}

int verb_profile(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "[SCRIPT.py]",
        "Shows in which functions of the firmware the time goes while a script runs, or while whatever the camera runs goes on.\v"
        "The firmware must be built with PROFILE_ENABLE=1; PROFILE_HASH=1024 gives room for more functions.",
        children,
        NULL,
        NULL,
    };
    struct arguments a = {.watch.script = true, .top = 30};
    struct camera camera;
    struct local local = {0};
    size_t n = 0;
    char *text = NULL;

    options_parse(&argp, argc, argv, &a);
    if (a.script && !(text = path_read_file(a.script, MOST_SCRIPT, &n)))
        return fail(EXIT_CODE_INPUT, "Give a Python script (.py).", "script %s: %s", a.script, errno == EFBIG ? "it is larger than 1 MiB" : path_why(errno));
    session_catch_signals();
    int code = a.local.target ? local_start(&local, &a.local, &camera) : camera_choose(&a.camera, &camera);
    if (!code)
        code = use_camera(&a, &camera, text, n);
    local_stop(&local);
    free(text);
    return code;
}
