/* SPDX-License-Identifier: MIT */
/* Command line, start and end of QEMU. */
#include "emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "camera.h"
#include "link.h"
#include "port.h"
#include "report.h"

#define END_MS 2000u

int emulator_scene_path(const char *scene, char path[4096])
{
    if (!realpath(scene, path))
        return fail(EXIT_CODE_INPUT, "A scene is a picture (PNG, JPEG, PPM) or a folder of pictures.", "scene %s: %s", scene,
                    strerror(errno));
    if (access(path, R_OK))
        return fail(EXIT_CODE_INPUT, NULL, "scene %s: %s", scene, strerror(errno));
    return 0;
}

/* Appends text to the machine option; QEMU wants commas doubled in values. */
static bool append(char *option, size_t size, const char *text, bool value)
{
    size_t n = strlen(option);

    for (; *text && n + 3 < size; text++) {
        option[n++] = *text;
        if (value && *text == ',')
            option[n++] = ',';
    }
    option[n] = 0;
    return !*text;
}

static int check_parts(const struct emulator_options *options, const struct board **board, char program[PATH_BYTES])
{
    int code = board_choose(options->target, board);
    if (code)
        return code;
    if (!(*board)->emu_machine)
        return fail(EXIT_CODE_NOT_BUILT, "make run TARGET=OPENMV4 shows one that is.", "%s (%s) is not emulated yet", (*board)->name,
                    options->target);
    path_format(program, "%s/build/emulator/qemu-system-arm", path_top());
    if (access(program, X_OK))
        return fail(EXIT_CODE_NOT_BUILT, "Build it: make emulator", "the emulator is not built (%s)", program);
    return 0;
}

static int claim(struct emulator *e, const struct emulator_options *options)
{
    const char *name = options->name ? options->name : options->target;
    int error = instance_claim(&e->instance, name, options->target);

    switch (error) {
    case 0:
        return 0;
    case EBUSY:
        return fail(EXIT_CODE_BUSY, "Use --name NAME for a second one.", "an emulated camera named %s is running (process %d)", name,
                    (int)e->instance.pid);
    case EINVAL:
        return fail(EXIT_CODE_USAGE, "For instance: --name left", "--name takes 1 to 63 letters, digits, '-' or '_', and no '-' in front, not '%s'",
                    name);
    case EPERM:
        return fail(EXIT_CODE_SYSTEM, "Make it yours alone (chmod 700), or set XDG_RUNTIME_DIR to a folder of your own.",
                    "the folder for run-time files (openmv in XDG_RUNTIME_DIR, or /tmp/openmv-UID) is open to others, or theirs");
    case ENAMETOOLONG:
        return fail(EXIT_CODE_SYSTEM, "Set XDG_RUNTIME_DIR to a folder with a shorter name, or give a shorter --name.",
                    "the name of a socket of %s would be too long", name);
    default:
        return fail(EXIT_CODE_SYSTEM, "Set XDG_RUNTIME_DIR to a folder of your own.", "run-time files of %s cannot be made: %s", name,
                    strerror(error));
    }
}

/* The state file: given, or build/emu/TARGET/flash.img (image.img for --image), or NAME.img for other names. */
static int prepare_flash(struct emulator *e, const struct emulator_options *options)
{
    char folder[PATH_BYTES];

    path_format(folder, "%s/build/emu/%s", path_top(), options->target); /* the log is there, too */
    int error = path_make_folder(folder);
    if (error)
        return fail(EXIT_CODE_OUTPUT, NULL, "%s cannot be made: %s", folder, strerror(error));
    if (options->flash) {
        path_format(e->flash_path, "%s", options->flash);
        return flash_image_adopt(&e->flash, e->board, options->flash);
    }
    if (strcmp(e->instance.name, options->target))
        path_format(e->flash_path, "%s/%s.img", folder, e->instance.name);
    else
        path_format(e->flash_path, "%s/%s.img", folder, options->image_count ? "image" : "flash");
    e->temporary = options->temporary;
    if (options->image_count)
        return flash_image_program(&e->flash, e->board, e->flash_path, options->images, options->image_count, options->fresh);
    return flash_image_prepare(&e->flash, e->board, e->flash_path, options->fresh || options->temporary);
}

/* In the child: becomes QEMU, never returns. */
static void become(char **arguments, int console, int messages, pid_t parent)
{
    int null = open("/dev/null", O_RDWR);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    setpgid(0, 0); /* Ctrl-C in the terminal is for us to handle */
    signal(SIGPIPE, SIG_DFL);
    dup2(null, 0);
    dup2(messages, 1);
    dup2(messages, 2);
    fcntl(console, F_SETFD, 0);
    execv(arguments[0], arguments);
    dprintf(2, "%s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

/* A device of QEMU's that listens at a socket. */
static void socket_device(char *device, size_t size, const char *before, const char *path, const char *after)
{
    *device = 0;
    append(device, size, before, false);
    append(device, size, path, true);
    append(device, size, after, false);
}

/* Where gdb finds the camera: its own socket, or the port that was asked for; then a file tells. 0 or an errno. */
static int gdb_server(const struct emulator *e, const struct emulator_options *options, char *device, size_t size)
{
    char where[32];

    if (!options->gdb) {
        socket_device(device, size, "unix:", e->instance.gdb, ",server=on,wait=off");
        return 0;
    }
    int n = snprintf(where, sizeof where, "localhost:%s\n", options->gdb);
    snprintf(device, size, "tcp:127.0.0.1:%s", options->gdb);
    return path_write_file(e->instance.gdb, where, (size_t)n);
}

static int spawn(struct emulator *e, const struct emulator_options *options, const char *program, const char *scene)
{
    char machine[8192] = "", drive[PATH_BYTES + 64], console[64], qmp[PATH_BYTES + 64], gdb[PATH_BYTES + 64], swj[PATH_BYTES + 64], rtt[PATH_BYTES + 64];
    char log[PATH_BYTES], boot[32], usbip[32], crystal[32];
    int sockets[2], pipes[2];

    append(machine, sizeof machine, e->board->emu_machine, false);
    if (!e->flash.bootloader || options->no_boot) {
        snprintf(boot, sizeof boot, ",boot-add0=0x%04X", (unsigned)(e->flash.app_address >> 16));
        append(machine, sizeof machine, boot, false);
    }
    if (options->crystal_hz) {
        snprintf(crystal, sizeof crystal, ",hse=%u", options->crystal_hz);
        append(machine, sizeof machine, crystal, false);
    }
    if (options->boot0)
        append(machine, sizeof machine, ",boot0=on", false);
    append(machine, sizeof machine, ",usbip=", false);
    append(machine, sizeof machine, e->instance.usbip, true);
    if (e->usbip_port) {
        snprintf(usbip, sizeof usbip, ",usbip-port=%u", e->usbip_port);
        append(machine, sizeof machine, usbip, false);
    }
    if (options->strict)
        append(machine, sizeof machine, ",strict=on", false);
    if (scene) {
        append(machine, sizeof machine, ",scene=", false);
        append(machine, sizeof machine, scene, true);
    }
    snprintf(drive, sizeof drive, "if=pflash,format=raw,file=");
    append(drive, sizeof drive, e->flash_path, true);
    socket_device(qmp, sizeof qmp, "unix:", e->instance.qmp, ",server=on,wait=off");
    path_format(log, "%s/build/emu/%s/%s.log", path_top(), options->target, e->instance.name);
    socket_device(swj, sizeof swj, "socket,id=swj,server=on,wait=off,path=", e->instance.swj, "");
    socket_device(rtt, sizeof rtt, "socket,id=rtt,server=on,wait=off,path=", e->instance.rtt, "");
    int error = gdb_server(e, options, gdb, sizeof gdb);
    if (error)
        return fail(EXIT_CODE_SYSTEM, NULL, "%s cannot be written: %s", e->instance.gdb, strerror(error));

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) || pipe2(pipes, O_CLOEXEC))
        return fail(EXIT_CODE_SYSTEM, NULL, "no more files can be opened: %s", strerror(errno));
    snprintf(console, sizeof console, "socket,id=usart3,fd=%d", sockets[1]);

    char *arguments[40] = {(char *)program};
    int n = 1;
    const char *const fixed[] = {
        "-M",          machine,
        "-display",    "none",
        "-nodefaults", "-no-user-config",
        "-drive",      drive,
        "-chardev",    console,
        "-chardev",    swj,
        "-chardev",    rtt,
        "-gdb",        gdb,
        "-qmp",        qmp,
        "-icount",     options->fast ? "shift=1,sleep=off" : "shift=1,sleep=on",
        "-d",          "unimp,guest_errors",
        "-D",          log,
    };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        arguments[n++] = (char *)fixed[i];
    if (options->halt)
        arguments[n++] = "-S";

    pid_t parent = getpid();
    e->pid = fork();
    if (e->pid == 0)
        become(arguments, sockets[1], pipes[1], parent);
    close(sockets[1]);
    close(pipes[1]);
    e->console = sockets[0];
    e->messages = pipes[0];
    fcntl(e->console, F_SETFL, O_NONBLOCK);
    fcntl(e->messages, F_SETFL, O_NONBLOCK);
    if (e->pid < 0) {
        e->pid = 0;
        return fail(EXIT_CODE_SYSTEM, NULL, "no more processes can be started: %s", strerror(errno));
    }
    return 0;
}

/* The first that is free, and kept from others that start now; 0: none. */
static unsigned free_usbip_port(int *held)
{
    for (unsigned port = USBIP_PORT; port < USBIP_PORT + 64 && (port = port_next_free(port)); port++) {
        *held = port_reserve(port);
        if (*held >= 0)
            return port;
    }
    return 0;
}

/* A temporary camera is for the program that started it only. */
static int choose_usbip_port(struct emulator *e, const struct emulator_options *options)
{
    if (options->usbip_tcp == USBIP_TCP_GIVEN && !port_is_free(options->usbip_port))
        return fail(EXIT_CODE_BUSY, "Give --usbip another one, or none.", "port %u is in use by another program", options->usbip_port);
    if (options->usbip_tcp == USBIP_TCP_GIVEN)
        e->usbip_port = options->usbip_port;
    else if (options->usbip_tcp == USBIP_TCP_FREE && !options->temporary)
        e->usbip_port = free_usbip_port(&e->port_held);
    return 0;
}

static int start_bridge(struct emulator *e)
{
    int error = bridge_start(&e->bridge, e->instance.usbip, e->instance.tty);

    return error ? fail(EXIT_CODE_SYSTEM, NULL, "the serial port %s cannot be made: %s", e->instance.tty, strerror(error)) : 0;
}

int emulator_start(struct emulator *e, const struct emulator_options *options)
{
    char program[PATH_BYTES], scene[4096];

    *e = (struct emulator){.instance.lock = -1, .flash.fd = -1, .console = -1, .messages = -1, .port_held = -1};
    int code = check_parts(options, &e->board, program);
    if (!code && options->scene)
        code = emulator_scene_path(options->scene, scene);
    if (!code && options->gdb && !port_is_free((unsigned)atoi(options->gdb)))
        code = fail(EXIT_CODE_BUSY, "Give --gdb another one.", "port %s is in use by another program", options->gdb);
    if (!code)
        code = claim(e, options);
    if (!code)
        code = prepare_flash(e, options);
    if (!code)
        code = choose_usbip_port(e, options);
    if (!code)
        code = spawn(e, options, program, options->scene ? scene : NULL);
    if (!code)
        code = start_bridge(e);
    if (code)
        emulator_stop(e);
    return code;
}

static void show(struct emulator *e)
{
    if (e->said[0] && !e->shown) {
        report_progress("emulator: %s\r", e->said);
        if (report_json())
            report_event("emulator", json_pack("{s:s}", "says", e->said), NULL);
    }
    e->shown = true;
}

/* A line of QEMU's, without its program name. */
static void take_line(struct emulator *e, const char *line)
{
    const char *name = strstr(line, "qemu-system-arm: ");

    if (name)
        line = name + strlen("qemu-system-arm: ");
    /* "-M openmv4,scene=...: what is wrong": the option says nothing to the user. */
    if (*line == '-' && strstr(line, ": "))
        line = strstr(line, ": ") + 2;
    /* With --fast time jumps while the core waits; that it has nothing to jump to is no news. */
    if (strstr(line, "icount sleep disabled"))
        return;
    show(e);
    snprintf(e->said, sizeof e->said, "%s", line);
    e->said_at = link_now();
    e->shown = false;
    /* The reason of an end waits for its error message; a warning isn't one. */
    if (!strncmp(e->said, "warning: ", 9))
        show(e);
}

bool emulator_read_messages(struct emulator *e)
{
    size_t used = strlen(e->half);
    ssize_t n = read(e->messages, e->half + used, sizeof e->half - 1 - used);
    char *line = e->half, *end;

    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    e->half[used + (size_t)n] = 0;
    for (; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        take_line(e, line);
    }
    if (line == e->half && used + (size_t)n == sizeof e->half - 1) {
        take_line(e, line);
        line += sizeof e->half - 1;
    }
    memmove(e->half, line, strlen(line) + 1);
    return true;
}

void emulator_show_messages(struct emulator *e)
{
    /* The last line before the end belongs to the error message, so it waits a little. */
    if (link_now() - e->said_at > 300)
        show(e);
}

int emulator_died(struct emulator *e, const struct emulator_options *options)
{
    int status = 0;

    while (emulator_read_messages(e)) {
        struct pollfd p = {e->messages, POLLIN, 0};
        if (poll(&p, 1, 200) <= 0)
            break;
    }
    waitpid(e->pid, &status, 0);
    e->pid = 0;
    if (WIFSIGNALED(status))
        return fail(EXIT_CODE_EMULATOR, "This is a fault of the emulator: its log is in build/emu.",
                    "the emulator was ended by signal %d%s%s", WTERMSIG(status), e->said[0] ? ": " : "", e->said);
    if (options->scene && (strstr(e->said, "scene") || strstr(e->said, options->scene)))
        return fail(EXIT_CODE_INPUT, "A scene is a picture (PNG, JPEG, PPM) or a folder of pictures.", "%s", e->said);
    return fail(EXIT_CODE_EMULATOR, NULL, "the emulator has ended%s%s", e->said[0] ? ": " : "", e->said);
}

void emulator_stop(struct emulator *e)
{
    bridge_stop(e->bridge);
    e->bridge = NULL;
    if (e->port_held >= 0)
        close(e->port_held);
    e->port_held = -1;
    while (e->messages >= 0 && poll(&(struct pollfd){e->messages, POLLIN, 0}, 1, 0) > 0 && emulator_read_messages(e)) {
    }
    if (e->pid > 0)
        show(e);
    if (e->pid > 0) {
        uint32_t end = link_now() + END_MS;
        kill(e->pid, SIGTERM);
        while (waitpid(e->pid, NULL, WNOHANG) == 0) {
            if ((int32_t)(end - link_now()) <= 0) {
                kill(e->pid, SIGKILL);
                waitpid(e->pid, NULL, 0);
                break;
            }
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        }
    }
    e->pid = 0;
    if (e->console >= 0)
        close(e->console);
    if (e->messages >= 0)
        close(e->messages);
    e->console = e->messages = -1;
    if (e->temporary && e->flash.fd >= 0)
        unlink(e->flash_path);
    flash_image_close(&e->flash);
    instance_release(&e->instance);
}
