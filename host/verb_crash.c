/* SPDX-License-Identifier: MIT */
/* omv crash: what the camera's firmware crashed at. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash.h"
#include "options.h"
#include "report.h"
#include "session.h"
#include "verbs.h"

enum { ELF = 0x200, SAVE, FROM, CLEAR, RAW };

struct arguments {
    struct camera_options camera;
    const char *elf, *save, *file;
    bool clear, raw;
};

static const struct argp_option options[] = {
    {"elf", ELF, "FILE", 0, "the firmware.elf that has crashed; default: the one in build/TARGET/bin", 0},
    {"raw", RAW, NULL, 0, "without an ELF file: numbers only", 0},
    {"save", SAVE, "FILE", 0, "write the record to a file, to be looked at later", 0},
    {"from", FROM, "FILE", 0, "read it from such a file instead of a camera", 0},
    {"clear", CLEAR, NULL, 0, "have the camera forget it afterwards", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    static const struct option_value values[] = {
        {ELF, "elf", OPTION_TEXT, offsetof(struct arguments, elf), 0},
        {SAVE, "save", OPTION_TEXT, offsetof(struct arguments, save), 0},
        {FROM, "from", OPTION_TEXT, offsetof(struct arguments, file), 0},
        {CLEAR, "clear", OPTION_FLAG, offsetof(struct arguments, clear), 0},
        {RAW, "raw", OPTION_FLAG, offsetof(struct arguments, raw), 0},
        {0},
    };
    struct arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->camera;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is one argument too many", argument);
        return 0;
    case ARGP_KEY_END:
        if (a->file && (a->save || a->clear))
            argp_error(state, "--from FILE reads a record that was saved; --save and --clear are for a camera's");
        return 0;
    default:
        return options_set(values, a, key, argument, state);
    }
}

static const struct argp_child children[] = {{&camera_argp, 0, NULL, 0}, {0}};

/* The record with the ELF file it belongs to, which is refused when it is another's. */
static int decode(const struct arguments *a, const struct crash_record *record, const struct board *board)
{
    char path[PATH_BYTES], wanted[41], got[41];
    struct elf elf = {.bytes = NULL};

    if (a->raw) {
        crash_print(record, NULL);
        return 0;
    }
    if (a->elf)
        path_format(path, "%s", a->elf);
    else
        path_format(path, "%s/build/%s/bin/firmware.elf", path_top(), board ? board->target : "OPENMV4");
    int code = elf_open(&elf, path);
    if (!code && !crash_matches(record, &elf, wanted, got))
        code = fail(EXIT_CODE_INPUT, "Give the firmware.elf of that build: --elf FILE. Or see the numbers: --raw.",
                    "%s has build id %.12s..., the firmware that crashed %.12s...", path, *got ? got : "(none)", wanted);
    if (!code)
        crash_print(record, &elf);
    elf_close(&elf);
    return code;
}

static int from_file(const struct arguments *a)
{
    struct crash_record record;
    size_t n;
    uint8_t *bytes = path_read_file(a->file, 1u << 16, &n);

    if (!bytes)
        return fail(EXIT_CODE_INPUT, NULL, "%s: %s", a->file, path_why(errno));
    int code = crash_parse(&record, bytes, n, a->file);
    free(bytes);
    return code ? code : decode(a, &record, NULL);
}

static int from_camera(const struct arguments *a, struct session *session)
{
    struct crash_record record;
    uint8_t bytes[sizeof record + 4096];
    uint32_t size = 0;
    int channel = client_find_channel(session->client, "crash");

    int n = channel < 0 ? 0 : client_size(session->client, (uint8_t)channel, &size);
    for (int i = 0; n >= 0 && size && size <= sizeof bytes && i < 3; i++)
        if ((n = client_read(session->client, (uint8_t)channel, 0, bytes, size)) != CLIENT_E_RESYNCED)
            break;
    if (n < 0)
        return session_fail(session, n, "read the crash record");
    if (!size) {
        report_event("no_crash", NULL, "%s: no crash is recorded.", session->text);
        return 0;
    }
    int code = crash_parse(&record, bytes, (size_t)n, session->text), error = !code && a->save ? path_write_file(a->save, bytes, (size_t)n) : 0;
    if (error)
        return fail(EXIT_CODE_OUTPUT, "Choose another place.", "%s cannot be written: %s", a->save, strerror(error));
    if (!code)
        code = decode(a, &record, session->camera.board);
    /* Decoding takes its time, and the camera may have ended the session meanwhile; clearing twice does no harm. */
    for (int i = 0; !code && a->clear && i < 3 && (i == 0 || error == CLIENT_E_RESYNCED); i++)
        error = client_ioctl(session->client, (uint8_t)channel, CRASH_CLEAR, NULL, 0);
    if (error < 0)
        code = session_fail(session, error, "clear the crash record");
    return code;
}

int verb_crash(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "",
        "Shows what the camera's firmware last crashed at: a fault, a panic, a smashed stack, the watchdog. The record survives a reset.",
        children,
        NULL,
        NULL,
    };
    struct arguments a = {.elf = NULL};
    struct camera camera;
    struct session session;

    options_parse(&argp, argc, argv, &a);
    if (a.file)
        return from_file(&a);
    session_catch_signals();
    int code = camera_choose(&a.camera, &camera);
    if (!code)
        code = session_open(&session, &camera, &a.camera);
    if (code)
        return code;
    code = from_camera(&a, &session);
    session_close(&session);
    return code;
}
