/* SPDX-License-Identifier: MIT */
/* omv scene, reset, power: handling cameras from outside. */
#include <argp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "emulator.h"
#include "link.h"
#include "options.h"
#include "qmp.h"
#include "report.h"
#include "session.h"
#include "verbs.h"

#define GONE_MS 2000u

struct arguments {
    struct camera_options camera;
    const char *word;   /* the one argument, when the verb takes one */
    const char *wanted; /* what it is; NULL: the verb takes none */
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->camera;
        return 0;
    case ARGP_KEY_ARG:
        if (!a->wanted || a->word)
            argp_error(state, "'%s' is one argument too many", argument);
        a->word = argument;
        return 0;
    case ARGP_KEY_END:
        if (a->wanted && !a->word)
            argp_error(state, "%s is missing", a->wanted);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&camera_argp, 0, NULL, 0}, {0}};

/* The emulated camera that is meant: 0, or an exit code after an error message. */
static int choose_emulated(const struct arguments *a, struct camera *camera)
{
    int code = camera_choose(&a->camera, camera);

    if (!code && !camera->emulated)
        code = fail(EXIT_CODE_USAGE, "It works with emulated cameras: omv emu OPENMV4 --headless &", "%s is a real camera", camera->port);
    return code;
}

int verb_scene(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,     parse, "FILE", "Changes what a running emulated camera sees: a picture (PNG, JPEG, PPM) or a folder of pictures.",
        children, NULL,  NULL,
    };
    struct arguments a = {.wanted = "the picture"};
    struct camera camera;
    char path[4096], message[1024];

    options_parse(&argp, argc, argv, &a);
    int code = emulator_scene_path(a.word, path);
    if (!code)
        code = choose_emulated(&a, &camera);
    if (code)
        return code;
    int result = qmp_set(camera.instance.qmp, "scene", json_string(path), message, sizeof message);
    if (result)
        return qmp_fail(&camera.instance, result, EXIT_CODE_INPUT, "It still sees the old scene.", message);
    report_event("scene", json_pack("{s:s, s:s}", "name", camera.instance.name, "file", path), NULL);
    return EXIT_CODE_OK;
}

/* A real camera is reset through the protocol. */
static int reset_by_protocol(const struct arguments *a, const struct camera *camera)
{
    struct session session;
    int code = session_open(&session, camera, &a->camera);

    if (code)
        return code;
    int error = client_command(session.client, SYS_RESET);
    if (error)
        code = session_fail(&session, error, "reset it");
    session_close(&session);
    return code;
}

/* The serial port that a camera had, a link, is another one or none as soon as its computer's side has seen it go: whoever opens the port then
 * cannot get the old one. */
struct old_port {
    const char *link;
    struct stat before;
    bool there;
};

static struct old_port port_before(const struct camera *camera)
{
    struct old_port port = {.link = camera->instance.tty};

    port.there = lstat(port.link, &port.before) == 0;
    return port;
}

static void port_wait_gone(const struct old_port *port)
{
    struct stat now;

    for (uint32_t start = link_now(); port->there && link_now() - start < GONE_MS; poll(NULL, 0, 5))
        if (lstat(port->link, &now) || now.st_ino != port->before.st_ino || now.st_ctim.tv_nsec != port->before.st_ctim.tv_nsec)
            return;
}

int verb_reset(int argc, char **argv)
{
    static const struct argp argp = {NULL,     parse, "",  "Presses the reset button of an emulated camera; asks a real one to reset.",
                                     children, NULL,  NULL};
    struct arguments a = {.wanted = NULL};
    struct camera camera;
    char message[1024];

    options_parse(&argp, argc, argv, &a);
    int code = camera_choose(&a.camera, &camera);
    if (code)
        return code;
    if (!camera.emulated)
        return reset_by_protocol(&a, &camera);
    struct old_port port = port_before(&camera);
    int result = qmp_command(camera.instance.qmp, "system_reset", NULL, message, sizeof message);
    if (result)
        return qmp_fail(&camera.instance, result, EXIT_CODE_EMULATOR, NULL, message);
    qmp_let_go_on(camera.instance.qmp);
    port_wait_gone(&port);
    report_event("reset", json_pack("{s:s}", "name", camera.instance.name), NULL);
    return EXIT_CODE_OK;
}

/* What happens to an emulated camera's supply and cable, in order. */
static const struct power {
    const char *word;
    bool leaves; /* its USB goes */
    struct {
        const char *property, *value; /* value NULL: false; "": true; else text */
    } step[2];
} powers[] = {
    {"off", true, {{"power", NULL}}},          {"on", false, {{"power", ""}}},           {"cut", true, {{"power", NULL}, {"power", ""}}},
    {"unplug", true, {{"usb-cable", "none"}}}, {"plug", false, {{"usb-cable", "host"}}}, {"charger", true, {{"usb-cable", "power"}}},
};

int verb_power(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        parse,
        "on|off|cut|unplug|plug|charger",
        "Switches an emulated camera's power: off (memory is lost, a flash operation under way is torn), on (a cold start), or cut "
        "(off and on). Pulls its USB cable (unplug), puts it into the computer (plug) or into a charger.",
        children,
        NULL,
        NULL,
    };
    struct arguments a = {.wanted = "on, off, cut, unplug, plug or charger"};
    const struct power *power = NULL;
    struct camera camera;
    char message[1024];
    int result = 0;

    options_parse(&argp, argc, argv, &a);
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++)
        if (!strcmp(a.word, powers[i].word))
            power = &powers[i];
    if (!power)
        return fail(EXIT_CODE_USAGE, "It is on, off, cut, unplug, plug or charger.", "power cannot be '%s'", a.word);
    int code = choose_emulated(&a, &camera);
    struct old_port port = {.there = false};
    if (!code && power->leaves)
        port = port_before(&camera);
    for (int i = 0; !code && !result && i < 2 && power->step[i].property; i++) {
        const char *value = power->step[i].value;
        result = qmp_set(camera.instance.qmp, power->step[i].property, value && *value ? json_string(value) : json_boolean(value != NULL),
                         message, sizeof message);
    }
    if (code)
        return code;
    if (result)
        return qmp_fail(&camera.instance, result, EXIT_CODE_EMULATOR, NULL, message);
    qmp_let_go_on(camera.instance.qmp);
    port_wait_gone(&port);
    report_event("power", json_pack("{s:s, s:s}", "name", camera.instance.name, "power", a.word), NULL);
    return EXIT_CODE_OK;
}
