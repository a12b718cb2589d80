/* SPDX-License-Identifier: MIT */
/* Client callbacks over a link. */
#include "session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "flash_find.h"
#include "report.h"
#include "silence.h"

#define MAX_PAYLOAD 8178
#define PATIENT_MS  (24u * 3600 * 1000)

static volatile sig_atomic_t caught;

static void catch (int signal)
{
    caught = signal;
}

void session_catch_signals(void)
{
    /* No SA_RESTART: waiting ends at once. */
    struct sigaction action = {.sa_handler = catch};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

int session_interrupted(void)
{
    return caught;
}

static int receive(void *context, void *out, size_t n, uint32_t timeout_ms)
{
    return link_receive(context, out, n, timeout_ms);
}

static int transmit(void *context, const void *bytes, size_t n, uint32_t timeout_ms)
{
    return link_send(context, bytes, n, timeout_ms);
}

static uint32_t now_ms(void *context)
{
    (void)context;
    return link_now();
}

int session_open(struct session *session, const struct camera *camera, const struct camera_options *options)
{
    /* An emulated camera's second may be longer than ours when the machine is busy. */
    const struct client_config config = {
        .context = &session->link,
        .receive = receive,
        .send = transmit,
        .now_ms = now_ms,
        .max_payload = MAX_PAYLOAD,
        .capabilities = CAPS_ALL,
        .retry_ms = options->patient ? PATIENT_MS : camera->emulated ? 1200 : 300,
        .deadline_ms = options->patient ? PATIENT_MS : camera->emulated ? 10000 : 2000,
    };

    *session = (struct session){.camera = *camera, .link.fd = -1};
    camera_describe(camera, session->text, sizeof session->text);
    int code = camera_open(camera, options, true, &session->link);
    if (code)
        return code;
    size_t bytes = CLIENT_BYTES(MAX_PAYLOAD);
    void *memory = malloc(bytes);
    session->client = memory ? client_init(memory, bytes, &config) : NULL;
    if (!session->client)
        return fail(EXIT_CODE_SYSTEM, NULL, "out of memory");
    int error = client_connect(session->client);
    if (error)
        code = session_fail(session, error, "connect");
    if (code)
        session_close(session);
    return code;
}

void session_close(struct session *session)
{
    link_close(&session->link);
    free(session->client);
    session->client = NULL;
}

/* Says so when the camera is silent because its bootloader runs; a reset would be bad advice while another program is flashing it. */
static int fail_in_loader(const struct session *session, const char *doing)
{
    const struct camera *camera = &session->camera;
    struct flash_filter filter = {.modes = MODE_LOADER};
    struct flash_device loader;

    if (camera->emulated)
        filter.name = camera->instance.name;
    else
        filter.serial = camera->serial;
    if ((!camera->emulated && !camera->serial[0]) || !flash_find(&filter, &loader, 1))
        return 0;
    if (loader.info.busy)
        return fail(EXIT_CODE_BUSY, "Wait until that has ended, then try again.",
                    "%s: cannot %s: it is in its bootloader, and another program is using it", session->text, doing);
    return fail(EXIT_CODE_TIMEOUT, camera->emulated ? "Start its firmware: omv reset. Or flash one: omv flash FILE." :
                                                      "Start its firmware: press its reset button. Or flash one: omv flash FILE.",
                "%s: cannot %s: it is in its bootloader", session->text, doing);
}

/* Says so when it is silent for a reason outside of its firmware. */
static int fail_silenced(const struct session *session, const char *doing)
{
    struct silence silence;

    if (!session->camera.emulated || !silence_reason(&session->camera.instance, false, &silence))
        return 0;
    return fail(EXIT_CODE_TIMEOUT, silence.next_step, "%s: cannot %s: %s", session->text, doing, silence.why);
}

int session_fail(const struct session *session, int error, const char *doing)
{
    const char *reset =
        session->camera.emulated ? "Press its reset: omv reset. Then try again." : "Press its reset button, then try again.";

    int code = error == CLIENT_E_TIMEOUT || error == CLIENT_E_LINK ? fail_silenced(session, doing) : 0;
    if (!code && error == CLIENT_E_TIMEOUT)
        code = fail_in_loader(session, doing);
    if (code)
        return code;
    switch (error) {
    case CLIENT_E_TIMEOUT:
        return fail(EXIT_CODE_TIMEOUT, reset, "%s: cannot %s: it does not answer", session->text, doing);
    case CLIENT_E_LINK:
        return fail(EXIT_CODE_LOST, "'omv list' shows the cameras there are.", "%s: cannot %s: the connection has been closed",
                    session->text, doing);
    case CLIENT_E_BUSY:
        return fail(EXIT_CODE_BUSY, "Wait a moment, then try again.", "%s: cannot %s: it is busy", session->text, doing);
    case CLIENT_E_RESYNCED:
        return fail(EXIT_CODE_LOST, "Try again.", "%s: cannot %s: the connection was interrupted", session->text, doing);
    case CLIENT_E_REFUSED:
        return fail(EXIT_CODE_REFUSED, reset, "%s: cannot %s: the camera says: %s", session->text, doing,
                    client_strstatus(client_status(session->client)));
    default:
        return fail(EXIT_CODE_REFUSED, reset, "%s: cannot %s: %s", session->text, doing, client_strerror(error));
    }
}
