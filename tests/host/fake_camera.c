/* SPDX-License-Identifier: MIT */
/*
 * A camera for tests of omv without an emulator: the camera's side of protocol/ behind a pseudo-terminal (its path is
 * printed), or, when called as QEMU is, behind QEMU's command line. "Scripts" are lines of:
 *
 *   print TEXT      flood (prints for ever)     sleep MS      forever
 *   raise           frame W H [FORMAT]          frames N      badframe
 *   mute (answers nothing any more)             die           silent (as an old camera: no result of scripts)
 *
 * Usage: fake_camera | fake_camera -M ... -chardev socket,id=usart3,fd=N -qmp unix:PATH,...
 */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <jpeglib.h>

#include "protocol/device.h"

#define PAYLOAD 498

static struct camera {
    int fd;
    uint64_t memory[(DEVICE_BYTES(PAYLOAD) + 7) / 8];
    struct device *device;
    bool protocol, mute, old;
    uint8_t window[PACKET_HEADER]; /* the last bytes in REPL mode */
    uint8_t in[4096];
    size_t in_n;

    char script[65536], running[65536], *line;
    size_t script_n;
    bool active, forever, flood, stop;
    uint32_t wake;
    unsigned result, runs;

    char out[4096];
    size_t out_n;
    uint8_t frame[65536];
    size_t frame_n;
    bool locked, streaming;
    unsigned frames_left;
    int qmp, qmp_client;
    const char *qmp_path;
} cam;

static uint32_t now_ms(void *context)
{
    struct timespec t;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static size_t receive(void *context, void *out, size_t n)
{
    (void)context;
    n = n < cam.in_n ? n : cam.in_n;
    memcpy(out, cam.in, n);
    cam.in_n -= n;
    memmove(cam.in, cam.in + n, cam.in_n);
    return n;
}

static size_t transmit(void *context, const void *bytes, size_t n)
{
    (void)context;
    if (cam.mute)
        return n;
    ssize_t sent = write(cam.fd, bytes, n);
    return sent > 0 ? (size_t)sent : 0;
}

/* Output and frames */

static void print(const char *text)
{
    size_t n = strlen(text);

    if (n > sizeof cam.out - cam.out_n) {
        memmove(cam.out, cam.out + cam.out_n / 2, cam.out_n - cam.out_n / 2);
        cam.out_n -= cam.out_n / 2;
    }
    memcpy(cam.out + cam.out_n, text, n);
    cam.out_n += n;
    device_raise(cam.device, CHANNEL_STDOUT, PACKET_NOTIFY);
}

static size_t encode_jpeg(uint8_t *out, unsigned width, unsigned height)
{
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    unsigned char *file = NULL;
    unsigned long size = 0;
    uint8_t row[3 * 2048];

    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &file, &size);
    info.image_width = width;
    info.image_height = height;
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_start_compress(&info, TRUE);
    for (unsigned y = 0; y < height; y++) {
        JSAMPROW rows[1] = {row};
        for (unsigned x = 0; x < width; x++) {
            row[3 * x] = (uint8_t)(255 * x / width);
            row[3 * x + 1] = (uint8_t)(255 * y / height);
            row[3 * x + 2] = 64;
        }
        jpeg_write_scanlines(&info, rows, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    memcpy(out, file, size);
    free(file);
    return size;
}

/* format 0: JPEG; else raw pixels with a gradient. */
static void make_frame(unsigned width, unsigned height, uint32_t format)
{
    uint32_t bytes = format & 0xFF;
    size_t n = bytes ? (size_t)width * height * bytes : (size_t)(width + 31) / 32 * 4 * height;

    if (!format) {
        format = 0x06060000;
        n = encode_jpeg(cam.frame + 32, width, height);
        bytes = (uint32_t)n;
    } else {
        for (size_t i = 0; i < n; i++)
            cam.frame[32 + i] = (uint8_t)i;
    }
    memset(cam.frame, 0, 32);
    packet_put32(cam.frame, width);
    packet_put32(cam.frame + 4, height);
    packet_put32(cam.frame + 8, format);
    packet_put32(cam.frame + 12, bytes);
    packet_put32(cam.frame + 16, 32);
    cam.frame_n = n + 32;
    device_raise(cam.device, CHANNEL_STREAM, PACKET_NOTIFY);
}

/* Scripts */

static void end_script(unsigned result)
{
    cam.active = cam.forever = cam.flood = cam.stop = false;
    cam.frames_left = 0;
    cam.result = result;
    device_raise(cam.device, CHANNEL_STDIN, EVENT_STOPPED);
}

static void run_line(char *line)
{
    unsigned width, height, format = 0;

    if (!strncmp(line, "print ", 6)) {
        print(line + 6);
        print("\r\n");
    } else if (!strncmp(line, "sleep ", 6)) {
        cam.wake = now_ms(NULL) + (uint32_t)atoi(line + 6);
    } else if (sscanf(line, "frame %u %u %x", &width, &height, &format) >= 2) {
        make_frame(width, height, format);
        cam.wake = now_ms(NULL) + 50;
    } else if (!strncmp(line, "frames ", 7)) {
        cam.frames_left = (unsigned)atoi(line + 7);
    } else if (!strcmp(line, "badframe")) {
        make_frame(64, 48, 0);
        memset(cam.frame + 60, 0x55, 300);
        cam.wake = now_ms(NULL) + 50;
    } else if (!strcmp(line, "forever")) {
        cam.forever = true;
    } else if (!strcmp(line, "flood")) {
        cam.flood = true;
    } else if (!strcmp(line, "mute")) {
        cam.mute = true;
    } else if (!strcmp(line, "die")) {
        exit(0);
    } else if (!strcmp(line, "silent")) {
        cam.old = true;
    } else if (!strcmp(line, "raise")) {
        print("Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\nValueError: raised\r\n");
        end_script(RESULT_EXCEPTION);
    } else if (*line) {
        print("Traceback (most recent call last):\r\nSyntaxError: invalid syntax\r\n");
        end_script(RESULT_EXCEPTION);
    }
}

static void run_script(void)
{
    if (!cam.active || (cam.wake && (int32_t)(cam.wake - now_ms(NULL)) > 0))
        return;
    cam.wake = 0;
    if (cam.stop) {
        print("KeyboardInterrupt: \r\n");
        end_script(RESULT_STOPPED);
    } else if (cam.frames_left) {
        if (!cam.frame_n && cam.streaming && cam.frames_left--)
            make_frame(320, 240, 0);
        cam.wake = now_ms(NULL) + 5;
    } else if (cam.flood) {
        print("all work and no play makes jack a dull boy\r\n");
    } else if (!cam.forever) {
        char *line = strsep(&cam.line, "\n");
        if (line)
            run_line(line);
        else
            end_script(RESULT_ENDED);
    }
}

/* Channels */

static bool stdin_poll(void *context)
{
    (void)context;
    return cam.active;
}

static int stdin_write(void *context, uint32_t offset, const void *bytes, size_t n)
{
    (void)context;
    if (offset > cam.script_n || offset + n >= sizeof cam.script)
        return -STATUS_FAILED;
    memcpy(cam.script + offset, bytes, n);
    cam.script_n = offset + n;
    cam.script[cam.script_n] = 0;
    return 0;
}

static int stdin_ioctl(void *context, uint32_t request, const void *argument, size_t n)
{
    (void)context;
    (void)argument;
    (void)n;
    if (request == STDIN_STOP) {
        cam.stop = cam.active;
        cam.wake = 0;
        return 0;
    }
    if (request == STDIN_RESET) {
        cam.script_n = 0;
        return 0;
    }
    if (request != STDIN_EXEC || !cam.script_n)
        return -STATUS_FAILED;
    memcpy(cam.running, cam.script, cam.script_n + 1);
    cam.line = cam.running;
    cam.active = true;
    cam.forever = cam.flood = cam.stop = false;
    cam.frame_n = cam.frames_left = 0;
    cam.result = RESULT_STOPPED;
    cam.runs++;
    device_raise(cam.device, CHANNEL_STDIN, EVENT_STARTED);
    return 0;
}

static int stdin_shape(void *context, uint32_t shape[4])
{
    (void)context;
    if (cam.old)
        return -STATUS_INVALID;
    shape[0] = cam.active;
    shape[1] = cam.result;
    shape[2] = cam.runs;
    return 3;
}

static uint32_t stdout_size(void *context)
{
    (void)context;
    return (uint32_t)cam.out_n;
}

static int stdout_read(void *context, uint32_t offset, void *out, size_t n)
{
    (void)context;
    (void)offset;
    n = n < cam.out_n ? n : cam.out_n;
    memcpy(out, cam.out, n);
    cam.out_n -= n;
    memmove(cam.out, cam.out + n, cam.out_n);
    return (int)n;
}

static bool stream_lock(void *context)
{
    (void)context;
    return cam.frame_n && !cam.locked && (cam.locked = true);
}

static void stream_unlock(void *context)
{
    (void)context;
    cam.locked = false;
    cam.frame_n = 0;
}

static uint32_t stream_size(void *context)
{
    (void)context;
    return (uint32_t)cam.frame_n;
}

static const void *stream_readp(void *context, uint32_t offset, size_t n)
{
    (void)context;
    return offset + n <= cam.frame_n ? cam.frame + offset : NULL;
}

static int stream_ioctl(void *context, uint32_t request, const void *argument, size_t n)
{
    (void)context;
    if (request == STREAM_CTRL && n == 4) {
        cam.streaming = packet_get32(argument);
        cam.frame_n = 0;
    }
    return 0;
}

static void command(void *context, enum device_command what)
{
    (void)context;
    (void)what;
    cam.active = false;
    device_close(cam.device);
    cam.protocol = false;
    fprintf(stderr, "reset\n");
}

static void info(void *context, struct device_info *out)
{
    (void)context;
    *out = (struct device_info){.usb_id = 0x37C51204};
}

static int memory(void *context, struct device_pool pools[DEVICE_POOLS])
{
    (void)context;
    (void)pools;
    return 0;
}

static void version(void *context, struct device_version *out)
{
    (void)context;
    *out = (struct device_version){{1, 0, 3}, {5, 0, 0}};
}

static void make_device(void)
{
    static const struct device_channel_ops in = {.poll = stdin_poll, .write = stdin_write, .ioctl = stdin_ioctl, .shape = stdin_shape};
    static const struct device_channel_ops out = {.size = stdout_size, .read = stdout_read};
    static const struct device_channel_ops stream = {
        .lock = stream_lock, .unlock = stream_unlock, .size = stream_size, .readp = stream_readp, .ioctl = stream_ioctl};
    static const struct device_channel_ops nothing;
    static const struct device_channel channels[] = {
        {"usb", CHANNEL_FLAG_PHYSICAL, &nothing, NULL},
        {"stdin", CHANNEL_FLAG_WRITE | CHANNEL_FLAG_EXEC, &in, NULL},
        {"stdout", CHANNEL_FLAG_READ, &out, NULL},
        {"stream", CHANNEL_FLAG_READ | CHANNEL_FLAG_LOCK | CHANNEL_FLAG_STREAM, &stream, NULL},
    };
    const struct device_config config = {
        .receive = receive,
        .send = transmit,
        .now_ms = now_ms,
        .command = command,
        .info = info,
        .memory = memory,
        .version = version,
        .max_payload = PAYLOAD,
        .capabilities = CAPS_ALL,
        .retries = 3,
        .retry_ms = 500,
        .lock_interval_ms = 10,
    };

    cam.device = device_init(cam.memory, sizeof cam.memory, &config);
    for (int i = 0; i < 4; i++)
        device_register(cam.device, i, &channels[i]);
}

/* The console: a REPL that knows one prompt, until a SYNC comes. */

static void repl(uint8_t byte)
{
    static const char prompt[] = "\r\n>>> ";

    memmove(cam.window, cam.window + 1, sizeof cam.window - 1);
    cam.window[sizeof cam.window - 1] = byte;
    if (packet_is_sync(cam.window)) {
        memcpy(cam.in, cam.window, sizeof cam.window);
        cam.in_n = sizeof cam.window;
        cam.protocol = true;
    } else if (byte == '\r') {
        transmit(NULL, prompt, sizeof prompt - 1);
    } else if (byte >= 32 && byte < 127) {
        transmit(NULL, &byte, 1);
    }
}

static void take_console(void)
{
    uint8_t bytes[512];
    size_t room = sizeof cam.in - cam.in_n;
    ssize_t n = read(cam.fd, bytes, room < sizeof bytes ? room : sizeof bytes);

    if (n == 0 && cam.qmp_path)
        exit(0);
    for (ssize_t i = 0; i < n; i++)
        if (cam.protocol)
            cam.in[cam.in_n++] = bytes[i];
        else
            repl(bytes[i]);
}

/* QMP: one client, commands recognised by their names. */

static void qmp_say(const char *text)
{
    if (write(cam.qmp_client, text, strlen(text)) < 0 || write(cam.qmp_client, "\r\n", 2) < 0)
        perror("qmp");
}

static void take_qmp(void)
{
    char text[4096];
    ssize_t n;

    if (cam.qmp_client < 0) {
        cam.qmp_client = accept(cam.qmp, NULL, NULL);
        qmp_say("{\"QMP\": {\"version\": {}, \"capabilities\": []}}");
        return;
    }
    n = read(cam.qmp_client, text, sizeof text - 1);
    if (n <= 0) {
        close(cam.qmp_client);
        cam.qmp_client = -1;
        return;
    }
    text[n] = 0;
    if (!strstr(text, "qmp_capabilities"))
        fprintf(stderr, "qmp: %s", text);
    if (strstr(text, "not-a-picture"))
        qmp_say("{\"error\": {\"class\": \"GenericError\", \"desc\": \"scene: not-a-picture is not a PNG, JPEG or PPM picture\"}}");
    else
        qmp_say("{\"return\": {}}");
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 1)) {
        perror(path);
        exit(1);
    }
    return fd;
}

/* As QEMU: finds the console's descriptor and the QMP socket; refuses some scenes. */
static void be_qemu(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *fd = strstr(argv[i], "fd="), *unix_socket = strstr(argv[i], "unix:");
        if (strstr(argv[i], "not-a-picture")) {
            fprintf(stderr, "qemu-system-arm: -M openmv4: scene: not-a-picture is not a PNG, JPEG or PPM picture\n");
            exit(1);
        }
        if (strstr(argv[i], "crash"))
            abort();
        if (fd)
            cam.fd = atoi(fd + 3);
        if (unix_socket) {
            unix_socket[strcspn(unix_socket, ",")] = 0;
            cam.qmp_path = unix_socket + 5;
            cam.qmp = listen_at(cam.qmp_path);
        }
    }
    transmit(NULL, "OpenMV; fake\r\n>>> ", 18);
}

static void be_pty(void)
{
    struct termios t;

    cam.fd = posix_openpt(O_RDWR | O_NOCTTY);
    if (cam.fd < 0 || grantpt(cam.fd) || unlockpt(cam.fd)) {
        perror("pty");
        exit(1);
    }
    tcgetattr(cam.fd, &t);
    cfmakeraw(&t);
    tcsetattr(cam.fd, TCSANOW, &t);
    /* Kept open, so that the master does not see a hang-up between two users. */
    if (open(ptsname(cam.fd), O_RDWR | O_NOCTTY) < 0)
        perror("pty");
    printf("%s\n", ptsname(cam.fd));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    cam.qmp = cam.qmp_client = -1;
    make_device();
    if (argc > 1 && !strcmp(argv[1], "-M"))
        be_qemu(argc, argv);
    else
        be_pty();
    fcntl(cam.fd, F_SETFL, O_NONBLOCK);
    for (;;) {
        struct pollfd p[] = {{cam.fd, POLLIN, 0}, {cam.qmp_client >= 0 ? cam.qmp_client : cam.qmp, POLLIN, 0}};

        poll(p, 2, cam.active && !cam.forever ? 1 : 10);
        if (p[0].revents)
            take_console();
        if (p[1].revents)
            take_qmp();
        run_script();
        if (cam.protocol && !cam.mute)
            device_poll(cam.device, true);
        if (cam.protocol && device_silence(cam.device) > 3000 && device_in_session(cam.device)) {
            device_close(cam.device);
            cam.protocol = false;
        }
    }
}
