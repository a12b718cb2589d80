/* SPDX-License-Identifier: MIT */
/* One loop: events, output, a frame, the state of the script. */
#include "watch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "report.h"

#define STOP_MS     5000u /* a script that is being stopped gets so long */
#define START_MS    5000u /* one that has been started too */
#define NO_FRAME_MS 10000u
#define TRACEBACK   "Traceback (most recent call last):"

struct watch {
    struct session *session;
    const struct watch_options *options;
    uint32_t began, stopping, frame_at;
    uint32_t sessions; /* the last one that was looked at; 0: none */
    bool ending; /* enough: the script is being stopped, */
    int code;    /* for this reason */
    bool started, stopped;
    unsigned frames;
    char line[sizeof TRACEBACK]; /* the beginning of the present line of output */
    size_t column;
    bool traceback;
};

/* What the camera has done so far: fields that it does not tell are WATCH_NO_RUNS and 0. */
static void note_past(struct session *session, struct watch_options *options)
{
    uint32_t shape[4];
    int n = client_shape(session->client, CHANNEL_STDIN, shape);

    options->runs_before = n >= 3 ? shape[2] : WATCH_NO_RUNS;
    options->starts_before = n >= 4 ? shape[3] : 0;
}

int watch_stream(struct session *session, bool on)
{
    const uint32_t argument = on;

    return client_ioctl(session->client, CHANNEL_STREAM, STREAM_CTRL, &argument, 1);
}

/* Output */

/* For cameras that do not tell how a script ended: an exception is what prints this line. */
static void look_for_traceback(struct watch *w, const char *text, size_t n)
{
    for (; n; text++, n--) {
        if (*text == '\n') {
            w->column = 0;
            continue;
        }
        if (w->column < sizeof w->line - 1)
            w->line[w->column] = *text;
        w->column++;
        if (w->column == sizeof w->line - 1 && !memcmp(w->line, TRACEBACK, sizeof w->line - 1))
            w->traceback = true;
    }
}

static void print_output(struct watch *w, char *text, size_t n)
{
    size_t used = 0;

    for (size_t i = 0; i < n; i++)
        if (text[i] != '\r' || (i + 1 < n && text[i + 1] != '\n'))
            text[used++] = text[i];
    look_for_traceback(w, text, used);
    if (w->ending && w->code == EXIT_CODE_OK)
        return; /* the script's complaint that we stopped it after enough frames */
    if (report_json()) {
        json_t *string = json_stringn(text, used);
        for (size_t i = 0; !string && i < used; i++)
            text[i] = text[i] & 0x80 ? '?' : text[i];
        if (!string)
            string = json_stringn(text, used);
        report_event("output", json_pack("{s:o}", "text", string), NULL);
    } else {
        fwrite(text, 1, used, stdout);
        fflush(stdout);
    }
}

/* What the camera has to print now, up to so many pieces: a script may print without end. 0 or a client error. */
static int take_output(struct watch *w, unsigned pieces)
{
    while (pieces--) {
        char text[4096];
        uint32_t size = 0;
        int n = client_size(w->session->client, CHANNEL_STDOUT, &size);

        if (n < 0 || !size)
            return n;
        n = client_read(w->session->client, CHANNEL_STDOUT, 0, text, size < sizeof text ? size : sizeof text);
        if (n <= 0)
            return n;
        print_output(w, text, (size_t)n);
    }
    return 0;
}

/* The script */

static void stop(struct watch *w, int code)
{
    if (w->ending)
        return;
    w->ending = true;
    w->code = code;
    w->stopping = link_now();
    if (w->options->script)
        client_ioctl(w->session->client, CHANNEL_STDIN, STDIN_STOP, NULL, 0);
}

/* Frames */

/* 0, a client error, or an exit code in w->code. */
static int take_frame(struct watch *w)
{
    struct frame frame;
    const char *why;
    char path[PATH_BYTES] = "";
    int result = frame_fetch(w->session, &frame, &why);

    if (result == FRAME_E_DATA) {
        report_progress("omv: a frame was dropped: %s", why);
        return 0;
    }
    if (result <= 0)
        return result;
    w->frames++;
    w->frame_at = link_now();
    if (w->options->save) {
        path_format(path, "%s/frame-%04u.png", w->options->save, w->frames);
        int error = frame_write_png(&frame, path);
        if (error)
            stop(w, fail(EXIT_CODE_OUTPUT, "Make room, or choose another folder with --save.", "%s cannot be written: %s", path,
                         strerror(error)));
    }
    json_t *values = json_pack("{s:i, s:i, s:i, s:s, s:i}", "number", (int)w->frames, "width", (int)frame.width, "height",
                               (int)frame.height, "format", frame_format_name(frame.format), "bytes", (int)frame.bytes);
    if (path[0])
        json_object_set_new(values, "file", json_string(path));
    if (w->options->script && !report_json()) {
        json_decref(values); /* between the lines of a script frames are only counted */
    } else {
        report_event("frame", values, "frame %u: %ux%u %s, %u bytes%s%s", w->frames, (unsigned)frame.width, (unsigned)frame.height,
                     frame_format_name(frame.format), (unsigned)frame.bytes, path[0] ? ", " : "", path);
    }
    frame_free(&frame);
    return 0;
}

/* The state of the script */

static int take_events(struct watch *w, uint32_t wait_ms)
{
    struct client_event event;
    int result = 0;

    /* A few at a time: a camera may send them without end. */
    for (unsigned i = 0; i < 16 && (result = client_next_event(w->session->client, &event, wait_ms)) == 1; i++) {
        wait_ms = 0;
        if (event.channel == CHANNEL_STDIN && event.code == EVENT_STARTED)
            w->started = true;
        if (event.channel == CHANNEL_STDIN && event.code == EVENT_STOPPED && w->started)
            w->stopped = true;
    }
    return result < 0 ? result : 0;
}

/* It may have begun and ended between two looks. */
static void look_at_runs(struct watch *w)
{
    struct watch_options now;

    if (w->options->runs_before == WATCH_NO_RUNS)
        return;
    note_past(w->session, &now);
    if (now.runs_before != WATCH_NO_RUNS && now.runs_before != w->options->runs_before)
        w->started = w->stopped = true;
}

static int report_end(struct watch *w)
{
    static const char *const names[] = {"unknown", "ended", "exception", "stopped", "exit"};
    uint32_t shape[4] = {0};
    int n = client_shape(w->session->client, CHANNEL_STDIN, shape);
    uint32_t result = n >= 2 && shape[1] < sizeof names / sizeof *names ? shape[1] : RESULT_NONE;

    if (result == RESULT_NONE)
        result = w->ending ? RESULT_STOPPED : w->traceback ? RESULT_EXCEPTION : RESULT_ENDED;
    report_event("script", json_pack("{s:s, s:i}", "result", names[result], "frames", (int)w->frames), NULL);
    if (w->options->frames && w->options->script && !report_json())
        report_progress("%u frames%s%s", w->frames, w->options->save ? " in " : "", w->options->save ? w->options->save : "");
    if (w->ending)
        return w->code;
    return result == RESULT_EXCEPTION ? EXIT_CODE_SCRIPT : EXIT_CODE_OK;
}

/* A turn of the loop: a client error, or 0. */
static int turn(struct watch *w, bool *over)
{
    const struct watch_options *o = w->options;
    uint32_t mask = 0, now = link_now();
    int error = take_events(w, w->options->frames ? 5 : 20);

    if (error < 0 || (error = client_poll(w->session->client, &mask)) < 0)
        return error;
    bool running = mask & 1u << CHANNEL_STDIN;
    if (running)
        w->started = true;
    if (o->script && mask & 1u << CHANNEL_STDOUT && (error = take_output(w, 4)) < 0)
        return error;
    if (o->frames && !w->ending && mask & 1u << CHANNEL_STREAM && (error = take_frame(w)) < 0)
        return error;
    if (o->most_frames && w->frames >= o->most_frames)
        stop(w, EXIT_CODE_OK);

    if (o->script) {
        if (!w->started && now - w->began > 300)
            look_at_runs(w);
        if (w->started && !running) {
            *over = true;
            if (o->frames && mask & 1u << CHANNEL_STREAM && !w->ending && (error = take_frame(w)) < 0)
                return error;
            return take_output(w, 64);
        }
    } else if (w->ending) {
        *over = true;
    }
    return 0;
}

/* What ends the loop beside the script: -1 to go on, else an exit code. */
static int check_limits(struct watch *w)
{
    const struct watch_options *o = w->options;
    uint32_t now = link_now();

    if (session_interrupted() && !w->ending) {
        report_event("stopping", json_pack("{s:s}", "why", "interrupted"), NULL);
        stop(w, EXIT_CODE_INTERRUPTED);
    }
    if (o->timeout_ms && now - w->began >= o->timeout_ms && !w->ending) {
        report_event("stopping", json_pack("{s:s}", "why", "timeout"), NULL);
        report_progress("omv: stopped: %g s are over", o->timeout_ms / 1000.0);
        stop(w, EXIT_CODE_TIMEOUT);
    }
    if (w->ending && o->script && now - w->stopping > STOP_MS)
        return fail(w->code ? (enum exit_code)w->code : EXIT_CODE_TIMEOUT, "Press its reset: omv reset.", "%s: the script does not stop",
                    w->session->text);
    if (o->script && !o->patient && !w->started && now - w->began > START_MS + 10000u * w->session->camera.emulated)
        return fail(EXIT_CODE_REFUSED, "Press its reset: omv reset. Then try again.", "%s: the script does not start", w->session->text);
    if (!o->script && o->frames && now - w->frame_at > NO_FRAME_MS)
        return fail(EXIT_CODE_TIMEOUT, "Run a script that takes pictures: omv run --detach SCRIPT.", "%s: no frame for %u s",
                    w->session->text, NO_FRAME_MS / 1000);
    return -1;
}

/* In a new session: whether the camera has forgotten our script because it has started anew. */
static bool restarted(struct watch *w)
{
    uint32_t sessions = client_statistics(w->session->client)->sessions;
    struct watch_options now;

    if (sessions == w->sessions || !w->options->script)
        return false;
    w->sessions = sessions;
    note_past(w->session, &now);
    return (w->options->starts_before && now.starts_before && now.starts_before != w->options->starts_before) ||
           (w->options->runs_before != WATCH_NO_RUNS && now.runs_before < w->options->runs_before);
}

static int fail_restarted(const struct session *session)
{
    return fail(EXIT_CODE_LOST, "If it has crashed, 'omv crash' tells where.", "%s: it has restarted while the script was running",
                session->text);
}

int watch_start_script(struct session *session, const char *text, size_t n, struct watch_options *options)
{
    int error = client_ioctl(session->client, CHANNEL_STDIN, STDIN_RESET, NULL, 0);

    /* A camera that cannot forget the last script overwrites it. */
    if (error == CLIENT_E_REFUSED || error == CLIENT_E_RESYNCED)
        error = 0;
    if (!error)
        error = client_write(session->client, CHANNEL_STDIN, 0, text, n);
    if (error == CLIENT_E_REFUSED)
        return fail(EXIT_CODE_REFUSED, "Make it shorter, or copy it to the camera's disk in parts.",
                    "%s: the script (%zu bytes) does not fit its memory", session->text, n);
    if (error)
        return session_fail(session, error, "send the script");
    note_past(session, options);
    error = client_ioctl(session->client, CHANNEL_STDIN, STDIN_EXEC, NULL, 0);
    /* Interrupted: it may have been started or not, and starting a script anew does no harm; unless it has killed the camera. */
    struct watch w = {.session = session, .options = options};
    if (error == CLIENT_E_RESYNCED && restarted(&w))
        return fail_restarted(session);
    if (error == CLIENT_E_RESYNCED)
        error = client_ioctl(session->client, CHANNEL_STDIN, STDIN_EXEC, NULL, 0);
    return error ? session_fail(session, error, "start the script") : 0;
}

int watch(struct session *session, const struct watch_options *options)
{
    struct watch w = {.session = session, .options = options, .began = link_now(), .frame_at = link_now()};
    bool over = false;
    int code = -1, error = 0;

    while (code < 0 && !over) {
        if (error == CLIENT_E_RESYNCED)
            error = options->frames ? watch_stream(session, true) : 0;
        if (error < 0 && error != CLIENT_E_RESYNCED)
            return session_fail(session, error, options->script ? "follow the script" : "fetch frames");
        if (!error)
            error = turn(&w, &over);
        if (restarted(&w))
            return fail_restarted(session);
        if (!over)
            code = check_limits(&w);
    }
    if (code < 0)
        code = options->script ? report_end(&w) : w.code;
    if (options->frames)
        watch_stream(session, false);
    return code;
}
