/* SPDX-License-Identifier: MIT */
/* Finding cameras: instances of the emulator, and /sys/class/tty. */
#include "camera.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

#define MOST    64
#define BUSY_MS 3000u

const struct board *board_find(const char *target)
{
    for (size_t i = 0; i < board_count; i++)
        if (!strcmp(boards[i].target, target))
            return &boards[i];
    return NULL;
}

int board_choose(const char *target, const struct board **board)
{
    char list[1024] = "It is one of:";
    size_t n = strlen(list);

    *board = board_find(target);
    if (*board)
        return 0;
    for (size_t i = 0; i < board_count && n < sizeof list; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, " %s", boards[i].target);
    return fail(EXIT_CODE_USAGE, list, "there is no board %s", target);
}

static bool same_usb(const struct board_usb *a, unsigned vid, unsigned pid)
{
    return a->vid && a->vid == vid && a->pid == pid;
}

static const struct board *board_of_usb(unsigned vid, unsigned pid)
{
    for (size_t i = 0; i < board_count; i++) {
        const struct board *board = &boards[i];
        if (same_usb(&board->app, vid, pid))
            return board;
        for (size_t k = 0; k < sizeof board->app_aliases / sizeof *board->app_aliases; k++)
            if (same_usb(&board->app_aliases[k], vid, pid))
                return board;
    }
    return NULL;
}

/* The text of an attribute of the USB device that a tty belongs to. */
static bool usb_attribute(const char *tty, const char *attribute, char *text, size_t size)
{
    /* ttyACM: device is the interface, its parent the USB device. Other drivers have one folder more. */
    static const char *const up[] = {"device/..", "device/../.."};

    for (size_t i = 0; i < sizeof up / sizeof *up; i++) {
        char path[PATH_BYTES];
        path_format(path, "/sys/class/tty/%s/%s/%s", tty, up[i], attribute);
        FILE *f = fopen(path, "r");
        bool found = f && fgets(text, (int)size, f);
        if (f)
            fclose(f);
        if (found) {
            text[strcspn(text, "\n")] = 0;
            return true;
        }
    }
    return false;
}

static bool describe_tty(const char *tty, struct camera *camera)
{
    char vid[8], pid[8];

    if (!usb_attribute(tty, "idVendor", vid, sizeof vid) || !usb_attribute(tty, "idProduct", pid, sizeof pid))
        return false;
    *camera = (struct camera){.board = board_of_usb((unsigned)strtoul(vid, NULL, 16), (unsigned)strtoul(pid, NULL, 16))};
    if (!usb_attribute(tty, "serial", camera->serial, sizeof camera->serial))
        camera->serial[0] = 0;
    path_format(camera->port, "/dev/%s", tty);
    return camera->board;
}

size_t camera_list(struct camera *cameras, size_t most)
{
    struct instance instances[MOST];
    size_t running = instance_list(instances, MOST), n = 0;
    struct dirent **ttys;

    for (size_t i = 0; i < running && n < most; i++)
        cameras[n++] = (struct camera){.emulated = true, .board = board_find(instances[i].target), .instance = instances[i]};

    int count = scandir("/sys/class/tty", &ttys, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (n < most && ttys[i]->d_name[0] != '.' && describe_tty(ttys[i]->d_name, &cameras[n]))
            n++;
        free(ttys[i]);
    }
    if (count >= 0)
        free(ttys);
    return n;
}

void camera_describe(const struct camera *camera, char *text, size_t size)
{
    const char *name = camera->board ? camera->board->name : "camera";

    if (camera->emulated)
        snprintf(text, size, "%s, emulated, name %s", name, camera->instance.name);
    else
        snprintf(text, size, "%s, %s%s%s", name, camera->port, camera->serial[0] ? ", serial " : "", camera->serial);
}

enum { OPTION_BAUD = 0x100, OPTION_JSON, OPTION_UART };

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct camera_options *options = state->input;
    char *end;

    switch (key) {
    case 'p':
        options->port = argument;
        return 0;
    case 'n':
        options->name = argument;
        return 0;
    case OPTION_BAUD:
        options->baud = (unsigned)strtoul(argument, &end, 10);
        if (*end || (options->baud != 115200 && options->baud != 230400 && options->baud != 460800 && options->baud != 921600))
            argp_error(state, "--baud is one of 115200, 230400, 460800, 921600, not '%s'", argument);
        return 0;
    case OPTION_UART:
        options->uart = true;
        return 0;
    case OPTION_JSON:
        report_use_json();
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option camera_argp_options[] = {
    {"port", 'p', "PATH", 0, "camera at this serial port or emulator socket", 20},
    {"name", 'n', "NAME", 0, "emulated camera of this name ('omv list' shows them)", 20},
    {"baud", OPTION_BAUD, "RATE", 0, "rate of a serial port that is not USB", 20},
    {"uart", OPTION_UART, NULL, 0, "reach an emulated camera by its console UART instead of USB", 20},
    {"json", OPTION_JSON, NULL, 0, "print one JSON event per line", 20},
    {0},
};
const struct argp camera_argp = {.options = camera_argp_options, .parser = parse};

static const char *how_to_start(void)
{
    return "Plug one in, or start an emulated one: omv emu OPENMV4 --headless &";
}

int camera_choose(const struct camera_options *options, struct camera *camera)
{
    struct camera cameras[MOST];
    size_t n;

    if (options->port && options->name)
        return fail(EXIT_CODE_USAGE, "Give one of the two.", "--port and --name both name a camera");
    if (options->port) {
        *camera = (struct camera){.board = NULL};
        path_format(camera->port, "%s", options->port);
        return 0;
    }
    n = camera_list(cameras, MOST);
    for (size_t i = 0; options->name && i < n; i++)
        if (cameras[i].emulated && !strcmp(cameras[i].instance.name, options->name)) {
            *camera = cameras[i];
            return 0;
        }
    if (options->name)
        return fail(EXIT_CODE_NO_CAMERA, "'omv list' shows those that run.", "no emulated camera is named %s", options->name);
    if (n == 0)
        return fail(EXIT_CODE_NO_CAMERA, how_to_start(), "no camera found");
    if (n > 1) {
        for (size_t i = 0; i < n && !report_json(); i++) {
            char text[PATH_BYTES + 200];
            camera_describe(&cameras[i], text, sizeof text);
            report_progress("  %s", text);
        }
        return fail(EXIT_CODE_AMBIGUOUS, "Say which: --name NAME of an emulated one, --port PATH of a real one.", "%zu cameras found", n);
    }
    *camera = cameras[0];
    return 0;
}

int camera_find_emulated(const struct board *board, const char *name, struct instance *instance)
{
    struct instance list[MOST];
    size_t n = instance_list(list, MOST), found = 0;
    char step[160];

    for (size_t i = 0; i < n; i++)
        if (!strcmp(list[i].target, board->target) && (!name || !strcmp(list[i].name, name))) {
            *instance = list[i];
            found++;
        }
    if (found == 1)
        return 0;
    if (found)
        return fail(EXIT_CODE_AMBIGUOUS, "Say which: --name NAME. 'omv list' shows them.", "%zu emulated cameras of %s run", found,
                    board->target);
    snprintf(step, sizeof step, "Start it: omv emu %s%s%s, in another terminal.", board->target, name ? " --name " : "", name ? name : "");
    return fail(EXIT_CODE_NO_CAMERA, step, "no emulated %s%s%s runs", board->target, name ? " named " : "", name ? name : "");
}

static bool is_socket(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}

/* The USB serial port; the console while there is none: firmware without USB, or a cable that is unplugged. */
static const char *emulated_port(const struct camera *camera, const struct camera_options *options)
{
    return !options->uart && access(camera->instance.tty, F_OK) == 0 ? camera->instance.tty : camera->instance.console;
}

int camera_open(const struct camera *camera, const struct camera_options *options, bool protocol, struct link *link)
{
    unsigned baud = options->baud ? options->baud : protocol ? LINK_PROTOCOL_BAUD : LINK_REPL_BAUD;
    const char *path;
    char text[PATH_BYTES + 200];
    int error;

    /* The omv before us may have ended just now, and its end not be noticed yet; and a camera that starts gets its serial port meanwhile. */
    for (uint32_t start = link_now();; poll(NULL, 0, 50)) {
        path = camera->emulated ? emulated_port(camera, options) : camera->port;
        bool socket = path == camera->instance.console || is_socket(path); /* the console's is away while it is in use */
        error = socket ? link_open_socket(link, path) : link_open_serial(link, path, baud);
        if (error != EBUSY || link_now() - start > BUSY_MS)
            break;
    }

    if (!error)
        return 0;
    camera_describe(camera, text, sizeof text);
    switch (error) {
    case EBUSY:
        return fail(EXIT_CODE_BUSY, "Close the other program (omv run, omv view, a terminal), then try again.",
                    "%s: another program is using it", text);
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case EIO: /* a terminal whose other side has just gone */
        return fail(EXIT_CODE_NO_CAMERA, "'omv list' shows the cameras there are.", "%s is not there", path);
    case EACCES:
    case EPERM:
        return fail(EXIT_CODE_PERMISSION,
                    "Install the udev rule that gives it to you: omv doctor --install-udev. Then plug the camera in again.",
                    "no permission to open %s", path);
    case ENOTTY:
    case EISDIR:
        return fail(EXIT_CODE_NO_CAMERA, "'omv list' shows the cameras there are.", "%s is not a serial port", path);
    default:
        return fail(EXIT_CODE_SYSTEM, NULL, "%s cannot be opened: %s", path, strerror(error));
    }
}
