/* SPDX-License-Identifier: MIT */
/* omv run: a script on a camera; omv view: frames of a camera. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "local.h"
#include "options.h"
#include "report.h"
#include "verbs.h"
#include "watch.h"

#define MOST_SCRIPT (1u << 20)

struct arguments {
    struct camera_options camera;
    struct watch_options watch;
    struct local_options local;
    const char *script;
    bool takes_script, detach;
};

enum { SAVE = 0x200, FRAMES, TIMEOUT, DETACH, PATIENT };

static const struct argp_option run_options[] = {
    {"timeout", TIMEOUT, "SECONDS", 0, "stop the script after so long", 0},
    {"save", SAVE, "FOLDER", 0, "write each frame there, as frame-0001.png ...", 0},
    {"frames", FRAMES, "N", 0, "stop after N frames", 0},
    {"detach", DETACH, NULL, 0, "start the script and leave it running", 0},
    {"patient", PATIENT, NULL, OPTION_HIDDEN, NULL, 0},
    {0},
};

static const struct argp_option view_options[] = {
    {"timeout", TIMEOUT, "SECONDS", 0, "end after so long", 0},
    {"save", SAVE, "FOLDER", 0, "write each frame there, as frame-0001.png ...", 0},
    {"frames", FRAMES, "N", 0, "end after N frames", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    static const struct option_value values[] = {
        {TIMEOUT, "timeout", OPTION_MS, offsetof(struct arguments, watch.timeout_ms), 0},
        {SAVE, "save", OPTION_TEXT, offsetof(struct arguments, watch.save), 0},
        {FRAMES, "frames", OPTION_COUNT, offsetof(struct arguments, watch.most_frames), 1000000},
        {DETACH, "detach", OPTION_FLAG, offsetof(struct arguments, detach), 0},
        {PATIENT, "patient", OPTION_FLAG, offsetof(struct arguments, camera.patient), 0},
        {0},
    };
    struct arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->camera;
        if (a->takes_script)
            state->child_inputs[1] = &a->local;
        return 0;
    case ARGP_KEY_ARG:
        if (!a->takes_script)
            argp_error(state, "'%s' is one argument too many", argument);
        options_take_argument(&a->script, argument, state);
        return 0;
    case ARGP_KEY_END:
        a->watch.frames |= a->watch.save || a->watch.most_frames;
        a->watch.patient = a->camera.patient;
        if (a->takes_script)
            options_need_argument(a->script, "which script?", state);
        local_check_options(&a->local, &a->camera, state);
        if (a->local.target && a->detach)
            argp_error(state, "--emu ends the camera with the script, so there is nothing to leave running");
        return 0;
    default:
        return options_set(values, a, key, argument, state);
    }
}

static const struct argp_child run_children[] = {{&camera_argp, 0, NULL, 0}, {&local_argp, 0, NULL, 0}, {0}};
static const struct argp_child view_children[] = {{&camera_argp, 0, NULL, 0}, {0}};

static int make_folder(const struct watch_options *watch)
{
    int error = watch->save ? path_make_folder(watch->save) : 0;

    return error
               ? fail(EXIT_CODE_OUTPUT, "Choose another folder with --save.", "folder %s cannot be made: %s", watch->save, strerror(error))
               : 0;
}

static int use_camera(struct arguments *a, const struct camera *camera, const char *text, size_t n)
{
    struct session session;
    int code = session_open(&session, camera, &a->camera);

    if (code)
        return code;
    int error = a->watch.frames ? watch_stream(&session, true) : 0;
    if (error < 0 && error != CLIENT_E_RESYNCED)
        code = session_fail(&session, error, "ask for frames");
    if (!code && text)
        code = watch_start_script(&session, text, n, &a->watch);
    if (!code && !a->detach)
        code = watch(&session, &a->watch);
    session_close(&session);
    return code;
}

int verb_run(int argc, char **argv)
{
    static const struct argp argp = {
        run_options,
        parse,
        "SCRIPT.py",
        "Runs a script on a camera and shows what it prints. Ctrl-C stops it on the camera.\v"
        "Exit status: 0 the script ended, 1 it ended with an exception, other codes: 'omv help'.",
        run_children,
        NULL,
        NULL,
    };
    struct arguments a = {.takes_script = true, .watch.script = true};
    struct camera camera;
    struct local local = {0};
    size_t n = 0;

    options_parse(&argp, argc, argv, &a);
    char *text = path_read_file(a.script, MOST_SCRIPT, &n);
    if (!text)
        return fail(EXIT_CODE_INPUT, "Give a Python script (.py).", "script %s: %s", a.script, errno == EFBIG ? "it is larger than 1 MiB" : path_why(errno));
    int code = 0;
    if (n == 0 || memchr(text, 0, n))
        code = fail(EXIT_CODE_INPUT, "Give a Python script (.py).", "script %s: %s", a.script, n ? "it is not a text file" : "it is empty");
    if (!code)
        code = make_folder(&a.watch);
    session_catch_signals();
    if (!code)
        code = a.local.target ? local_start(&local, &a.local, &camera) : camera_choose(&a.camera, &camera);
    if (!code)
        code = use_camera(&a, &camera, text, n);
    local_stop(&local);
    free(text);
    return code;
}

int verb_view(int argc, char **argv)
{
    static const struct argp argp = {
        view_options,
        parse,
        "",
        "Fetches the frames that the script on a camera takes, and prints size and count. Ctrl-C ends it; the "
        "script goes on.",
        view_children,
        NULL,
        NULL,
    };
    struct arguments a = {.watch.frames = true};
    struct camera camera;

    options_parse(&argp, argc, argv, &a);
    int code = make_folder(&a.watch);
    session_catch_signals();
    if (!code)
        code = camera_choose(&a.camera, &camera);
    return code ? code : use_camera(&a, &camera, NULL, 0);
}
