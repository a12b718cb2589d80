/* SPDX-License-Identifier: MIT */
/*
 * What programs expect of libusb-1.0, against fake_usb: run it below `omv exec`, or linked with our sources. Prints a line
 * for each expectation. Usage: usb_api FIFO (commands for fake_usb) | usb_api open (tries to open the camera; prints the error)
 */
#include <errno.h>
#include <fcntl.h>
#include <libusb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VID     0x37C5
#define PID     0x1204
#define WAIT_MS 60000u /* for what must happen; a slow machine may take its time */

static libusb_context *context;
static libusb_device_handle *camera;
static const char *me;
static int fake = -1, failed;

static void expect(const char *name, long long expected, long long got)
{
    if (expected == got) {
        printf("PASS libusb: %s\n", name);
    } else {
        printf("FAIL libusb: %s: expected %lld, got %lld; rerun: sh tests/host/test_usb.sh\n", name, expected, got);
        failed = 1;
    }
    fflush(stdout);
}

static long long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void command(const char *text)
{
    char line[64];
    int n = snprintf(line, sizeof line, "%s\n", text);

    if (write(fake, line, (size_t)n) != n)
        exit(1);
}

/* The camera, when it is there again after an unplug or a re-enumeration. */
static libusb_device_handle *open_camera(void)
{
    for (long long end = now_ms() + WAIT_MS; now_ms() < end; poll(NULL, 0, 20)) {
        libusb_device_handle *handle = libusb_open_device_with_vid_pid(context, VID, PID);
        if (handle)
            return handle;
    }
    printf("FAIL libusb: the camera does not come back; rerun: sh tests/host/test_usb.sh\n");
    exit(1);
}

static int vendor(uint8_t request, uint16_t value)
{
    return libusb_control_transfer(camera, 0x40, request, value, 0, NULL, 0, WAIT_MS);
}

/* ---- Texts and descriptors ---- */

static void test_texts(void)
{
    expect("version 1.0.27", 27, libusb_get_version()->micro);
    expect("it is ours", 0, strcmp(libusb_get_version()->describe, "omv"));
    expect("has hotplug", 1, libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG));
    expect("unknown capability", 0, libusb_has_capability(0x7777));
    expect("error name", 0, strcmp(libusb_error_name(LIBUSB_ERROR_PIPE), "LIBUSB_ERROR_PIPE"));
    expect("name of an unknown error", 0, strcmp(libusb_error_name(-55), "**UNKNOWN**"));
    expect("locale en", LIBUSB_SUCCESS, libusb_setlocale("en-GB"));
    expect("locale of nobody", LIBUSB_ERROR_NOT_FOUND, libusb_setlocale("xx"));
    expect("locale that is none", LIBUSB_ERROR_INVALID_PARAM, libusb_setlocale("english"));
    expect("wrap_sys_device", LIBUSB_ERROR_NOT_SUPPORTED, libusb_wrap_sys_device(context, 3, &camera));
}

static void test_descriptors(void)
{
    libusb_device *device = libusb_get_device(camera);
    struct libusb_device_descriptor d;
    struct libusb_config_descriptor *config;
    struct libusb_interface_association_descriptor_array *iads;
    struct libusb_bos_descriptor *bos;
    struct libusb_platform_descriptor *platform;
    unsigned char text[64];
    uint8_t ports[7];

    libusb_get_device_descriptor(device, &d);
    expect("vendor", VID, d.idVendor);
    expect("release", 0x0103, d.bcdDevice);
    expect("speed", LIBUSB_SPEED_FULL, libusb_get_device_speed(device));
    expect("ports", 1, libusb_get_port_numbers(device, ports, 7));
    expect("port", 1, ports[0]);
    expect("serial number", 16, libusb_get_string_descriptor_ascii(camera, d.iSerialNumber, text, sizeof text));
    expect("its text", 0, strcmp((char *)text, "0123456789ABCDEF"));
    expect("string in a short buffer", 3, libusb_get_string_descriptor_ascii(camera, d.iSerialNumber, text, 4));
    expect("string 0", LIBUSB_ERROR_INVALID_PARAM, libusb_get_string_descriptor_ascii(camera, 0, text, 4));
    expect("string that is not there", LIBUSB_ERROR_PIPE, libusb_get_string_descriptor_ascii(camera, 99, text, 4));

    expect("configuration 1", LIBUSB_ERROR_NOT_FOUND, libusb_get_config_descriptor(device, 1, &config));
    expect("active configuration", 0, libusb_get_active_config_descriptor(device, &config));
    expect("interfaces", 3, config->bNumInterfaces);
    expect("settings of the third", 2, config->interface[2].num_altsetting);
    expect("endpoints of the second", 2, config->interface[1].altsetting[0].bNumEndpoints);
    expect("class-specific bytes of the first", 19, config->interface[0].altsetting[0].extra_length);
    expect("size of packets", 64, libusb_get_max_packet_size(device, 0x82));
    expect("size of packets of a setting", 64, libusb_get_max_alt_packet_size(device, 2, 1, 0x84));
    expect("size of packets of nothing", LIBUSB_ERROR_NOT_FOUND, libusb_get_max_packet_size(device, 0x89));
    libusb_free_config_descriptor(config);
    expect("interface associations", 0, libusb_get_active_interface_association_descriptors(device, &iads));
    expect("there is one", 1, iads->length);
    expect("of two interfaces", 2, iads->iad[0].bInterfaceCount);
    libusb_free_interface_association_descriptors(iads);
    expect("BOS", 0, libusb_get_bos_descriptor(camera, &bos));
    expect("its capabilities", 1, bos->bNumDeviceCaps);
    expect("platform", 0, libusb_get_platform_descriptor(context, bos->dev_capability[0], &platform));
    expect("its UUID", 0xDF, platform->PlatformCapabilityUUID[0]);
    libusb_free_platform_descriptor(platform);
    libusb_free_bos_descriptor(bos);
}

/* ---- Synchronous ---- */

static void test_claims(void)
{
    libusb_device_handle *second;

    expect("claim", 0, libusb_claim_interface(camera, 1));
    expect("claim again", 0, libusb_claim_interface(camera, 1));
    expect("claim what is not there", LIBUSB_ERROR_NOT_FOUND, libusb_claim_interface(camera, 7));
    expect("claim nonsense", LIBUSB_ERROR_INVALID_PARAM, libusb_claim_interface(camera, 999));
    expect("a second handle of the same process", 0, libusb_open(libusb_get_device(camera), &second));
    expect("its claim", LIBUSB_ERROR_BUSY, libusb_claim_interface(second, 1));
    libusb_close(second);
    expect("no kernel driver", 0, libusb_kernel_driver_active(camera, 1));
    expect("nothing to detach", LIBUSB_ERROR_NOT_FOUND, libusb_detach_kernel_driver(camera, 1));
    expect("setting of an unclaimed interface", LIBUSB_ERROR_NOT_FOUND, libusb_set_interface_alt_setting(camera, 2, 1));
    expect("claim the third", 0, libusb_claim_interface(camera, 2));
    expect("setting", 0, libusb_set_interface_alt_setting(camera, 2, 1));
    expect("setting that is not there", LIBUSB_ERROR_NOT_FOUND, libusb_set_interface_alt_setting(camera, 2, 5));
    expect("release what is not claimed", LIBUSB_ERROR_NOT_FOUND, libusb_release_interface(camera, 0));
}

static void test_control(void)
{
    unsigned char bytes[256];

    expect("control IN", 256, libusb_control_transfer(camera, 0xC0, 1, 0, 0, bytes, 256, WAIT_MS));
    expect("its last byte", 255, bytes[255]);
    expect("short control IN", 18, libusb_control_transfer(camera, 0x80, 6, 0x0100, 0, bytes, 255, WAIT_MS));
    expect("stalled request", LIBUSB_ERROR_PIPE, libusb_control_transfer(camera, 0xC0, 2, 0, 0, bytes, 8, WAIT_MS));
    expect("the next one works", 256, libusb_control_transfer(camera, 0xC0, 1, 0, 0, bytes, 256, WAIT_MS));
    expect("reset", 0, libusb_reset_device(camera));
}

static void test_bulk(void)
{
    static unsigned char out[5000], in[5000];
    int moved = -1, wrong = 0;
    long long start;

    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (unsigned char)(i * 7 + i / 251);
    for (int n = 1; n <= 5000; n += n < 200 ? 1 : 163) {
        memset(in, 0, sizeof in);
        wrong += libusb_bulk_transfer(camera, 0x02, out, n, &moved, WAIT_MS) || moved != n;
        wrong += libusb_bulk_transfer(camera, 0x82, in, n, &moved, WAIT_MS) || moved != n || memcmp(in, out, (size_t)n);
    }
    expect("bulk, 1 to 5000 bytes: wrong ones", 0, wrong);
    expect("nothing to send", 0, libusb_bulk_transfer(camera, 0x02, out, 0, &moved, WAIT_MS));
    start = now_ms();
    expect("timeout", LIBUSB_ERROR_TIMEOUT, libusb_bulk_transfer(camera, 0x82, in, 64, &moved, 150));
    expect("nothing moved", 0, moved);
    expect("not before its time", 1, now_ms() - start >= 150);
    libusb_bulk_transfer(camera, 0x02, out, 5, &moved, WAIT_MS);
    expect("bulk after a timeout", 0, libusb_bulk_transfer(camera, 0x82, in, 64, &moved, WAIT_MS));
    expect("a short packet", 5, moved);
    expect("interrupt timeout", LIBUSB_ERROR_TIMEOUT, libusb_interrupt_transfer(camera, 0x81, in, 8, &moved, 50));
    expect("endpoint that is not there", LIBUSB_ERROR_NOT_FOUND, libusb_bulk_transfer(camera, 0x8A, in, 64, &moved, 50));
    vendor(3, 0x83);
    expect("halted endpoint", LIBUSB_ERROR_PIPE, libusb_bulk_transfer(camera, 0x83, in, 64, &moved, WAIT_MS));
    expect("clear the halt", 0, libusb_clear_halt(camera, 0x83));
    expect("the endpoint works again", 0, libusb_bulk_transfer(camera, 0x83, in, 64, &moved, WAIT_MS));
}

/* ---- Asynchronous ---- */

struct record {
    int done, status, moved, again;
    unsigned char next; /* of the counting endpoint */
    int out_of_order, first;
};

static void LIBUSB_CALL note(struct libusb_transfer *t)
{
    struct record *r = t->user_data;

    r->status = t->status;
    r->moved = t->actual_length;
    for (int i = 0; t->endpoint == 0x83 && i < t->actual_length; i++) {
        r->out_of_order += !r->first && t->buffer[i] != (unsigned char)(r->next + 1);
        r->next = t->buffer[i];
        r->first = 0;
    }
    r->done++;
    if (r->again > 0 && t->status == LIBUSB_TRANSFER_COMPLETED && --r->again >= 0)
        libusb_submit_transfer(t);
}

/* Handles events until *count reaches `wanted`, or the time is over. */
static void handle_until(const int *count, int wanted)
{
    long long end = now_ms() + WAIT_MS;

    while (__atomic_load_n(count, __ATOMIC_ACQUIRE) < wanted && now_ms() < end) {
        struct timeval tv = {0, 100000};
        libusb_handle_events_timeout(context, &tv);
    }
}

static struct libusb_transfer *start(struct record *r, unsigned char endpoint, unsigned char *bytes, int n, unsigned timeout)
{
    struct libusb_transfer *t = libusb_alloc_transfer(0);

    libusb_fill_bulk_transfer(t, camera, endpoint, bytes, n, note, r, timeout);
    if (libusb_submit_transfer(t))
        r->status = -1;
    return t;
}

static void test_async(void)
{
    static unsigned char bytes[16][512];
    struct libusb_transfer *t[16];
    struct record r = {.first = 1, .again = 200}, late = {0}, cancelled = {0}, iso = {0};

    for (int i = 0; i < 16; i++)
        t[i] = start(&r, 0x83, bytes[i], 512, 0);
    handle_until(&r.done, 216);
    expect("16 transfers, resubmitted 200 times", 216, r.done);
    expect("bytes in order: wrong ones", 0, r.out_of_order);
    for (int i = 0; i < 16; i++)
        libusb_free_transfer(t[i]);

    t[0] = start(&cancelled, 0x81, bytes[0], 8, 0);
    expect("submit what is in flight", LIBUSB_ERROR_BUSY, libusb_submit_transfer(t[0]));
    expect("cancel", 0, libusb_cancel_transfer(t[0]));
    expect("cancel again", LIBUSB_ERROR_NOT_FOUND, libusb_cancel_transfer(t[0]));
    handle_until(&cancelled.done, 1);
    expect("it is cancelled", LIBUSB_TRANSFER_CANCELLED, cancelled.status);
    expect("cancel what is over", LIBUSB_ERROR_NOT_FOUND, libusb_cancel_transfer(t[0]));
    libusb_free_transfer(t[0]);

    t[0] = start(&late, 0x81, bytes[0], 8, 100);
    handle_until(&late.done, 1);
    expect("it times out", LIBUSB_TRANSFER_TIMED_OUT, late.status);
    libusb_free_transfer(t[0]);

    memset(&late, 0, sizeof late);
    t[0] = libusb_alloc_transfer(0);
    libusb_bulk_transfer(camera, 0x02, bytes[0], 10, NULL, WAIT_MS);
    libusb_fill_bulk_transfer(t[0], camera, 0x82, bytes[0], 64, note, &late, WAIT_MS);
    t[0]->flags = LIBUSB_TRANSFER_SHORT_NOT_OK;
    libusb_submit_transfer(t[0]);
    handle_until(&late.done, 1);
    expect("a short packet that must not be", LIBUSB_TRANSFER_ERROR, late.status);
    libusb_free_transfer(t[0]);

    t[0] = libusb_alloc_transfer(1);
    libusb_fill_iso_transfer(t[0], camera, 0x83, bytes[0], 64, 1, note, &iso, 0);
    expect("isochronous", LIBUSB_ERROR_NOT_SUPPORTED, libusb_submit_transfer(t[0]));
    libusb_free_transfer(t[0]);
}

static void test_pollfds(void)
{
    const struct libusb_pollfd **fds = libusb_get_pollfds(context);
    struct record r = {0}, late = {0};
    unsigned char bytes[64], nothing[64];
    struct timeval tv = {0, 0};
    struct pollfd p = {fds[0]->fd, fds[0]->events, 0};

    expect("one descriptor to poll", 1, fds[1] == NULL);
    expect("it tells timeouts", 1, libusb_pollfds_handle_timeouts(context));
    expect("no timeout to care for", 0, libusb_get_next_timeout(context, &tv));
    while (poll(&p, 1, 0) > 0)
        libusb_handle_events_timeout(context, &tv);
    struct libusb_transfer *a = start(&r, 0x83, bytes, 64, 0), *b = start(&late, 0x81, nothing, 8, 100);
    for (long long end = now_ms() + WAIT_MS; !(r.done && late.done) && now_ms() < end;) {
        if (poll(&p, 1, 1000) > 0) {
            tv = (struct timeval){0, 0};
            libusb_handle_events_timeout(context, &tv);
        }
    }
    expect("poll() tells of a transfer", LIBUSB_TRANSFER_COMPLETED, r.done ? r.status : -1);
    expect("poll() tells of a timeout", LIBUSB_TRANSFER_TIMED_OUT, late.done ? late.status : -1);
    expect("and is silent then", 0, poll(&p, 1, 50));
    libusb_free_transfer(a);
    libusb_free_transfer(b);
    libusb_free_pollfds(fds);
}

/* ---- Threads ---- */

static void *writer(void *wrong)
{
    unsigned char bytes[700];

    for (int i = 0; i < 300; i++) {
        memset(bytes, i, sizeof bytes);
        *(int *)wrong += libusb_bulk_transfer(camera, 0x02, bytes, sizeof bytes, NULL, WAIT_MS) != 0;
    }
    return NULL;
}

static void *reader(void *wrong)
{
    unsigned char bytes[512];
    int moved, total = 0;

    while (total < 300 * 700) {
        if (libusb_bulk_transfer(camera, 0x82, bytes, sizeof bytes, &moved, WAIT_MS)) {
            ++*(int *)wrong;
            break;
        }
        for (int i = 0; i < moved; i++, total++)
            *(int *)wrong += bytes[i] != (unsigned char)(total / 700);
    }
    return NULL;
}

static void *controller(void *wrong)
{
    unsigned char bytes[256];

    for (int i = 0; i < 300; i++)
        *(int *)wrong += libusb_control_transfer(camera, 0xC0, 1, 0, 0, bytes, 256, WAIT_MS) != 256;
    return NULL;
}

static void *interrupter(void *unused)
{
    (void)unused;
    poll(NULL, 0, 100);
    libusb_interrupt_event_handler(context);
    return NULL;
}

static void test_threads(void)
{
    void *(*const jobs[])(void *) = {writer, reader, controller};
    pthread_t threads[3];
    int wrong[3] = {0};

    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, jobs[i], &wrong[i]);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    expect("three threads: wrong writes", 0, wrong[0]);
    expect("three threads: wrong reads", 0, wrong[1]);
    expect("three threads: wrong requests", 0, wrong[2]);
    pthread_create(&threads[0], NULL, interrupter, NULL);
    long long start_ms = now_ms();
    struct timeval tv = {30, 0};
    libusb_handle_events_timeout(context, &tv);
    expect("interrupt_event_handler wakes", 1, now_ms() - start_ms < 20000);
    pthread_join(threads[0], NULL);
}

/* ---- Coming and going ---- */

struct news {
    int came, left, address;
};

static int LIBUSB_CALL hear(libusb_context *c, libusb_device *device, libusb_hotplug_event event, void *user)
{
    struct news *news = user;

    (void)c;
    if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED) {
        news->came++;
        news->address = libusb_get_device_address(device);
    } else {
        news->left++;
    }
    return 0;
}

static void test_hotplug(void)
{
    struct news news = {0};
    struct record r = {0};
    unsigned char bytes[8];
    int old = libusb_get_device_address(libusb_get_device(camera));
    libusb_hotplug_callback_handle handle;

    expect("listen", 0,
           libusb_hotplug_register_callback(context, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
                                            LIBUSB_HOTPLUG_ENUMERATE, VID, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, hear, &news,
                                            &handle));
    expect("what is there is told", 1, news.came);
    struct libusb_transfer *t = start(&r, 0x81, bytes, 8, 0);
    command("unplug");
    handle_until(&news.left, 1);
    expect("leaving is told", 1, news.left);
    expect("a transfer in flight ends", LIBUSB_TRANSFER_NO_DEVICE, r.done ? r.status : -1);
    expect("the next one too", LIBUSB_ERROR_NO_DEVICE, libusb_submit_transfer(t));
    expect("a request too", LIBUSB_ERROR_NO_DEVICE, vendor(3, 0));
    libusb_free_transfer(t);
    libusb_close(camera);
    command("plug");
    handle_until(&news.came, 2);
    expect("arrival is told", 2, news.came);
    expect("at another address", 1, news.address != old);
    libusb_hotplug_deregister_callback(context, handle);
    camera = open_camera();
    expect("re-enumeration asked for", 0, vendor(5, 0));
    expect("the old handle is dead", LIBUSB_ERROR_NO_DEVICE, vendor(3, 0));
    expect("a reset of it", LIBUSB_ERROR_NOT_FOUND, libusb_reset_device(camera));
    libusb_close(camera);
    camera = open_camera();
    expect("events when nobody listens", 2, news.came);
}

/* Another process finds it, and finds it taken. */
static void test_busy(void)
{
    char text[64] = "";
    int pipes[2];

    if (pipe(pipes))
        exit(1);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], 1);
        execl(me, me, "open", (char *)NULL);
        _exit(127);
    }
    close(pipes[1]);
    waitpid(child, NULL, 0);
    ssize_t n = read(pipes[0], text, sizeof text - 1);
    text[n < 0 ? 0 : n] = 0;
    text[strcspn(text, "\n")] = 0;
    printf(!strcmp(text, "LIBUSB_ERROR_BUSY") ? "PASS libusb: another process finds it busy\n"
                                              : "FAIL libusb: another process: expected LIBUSB_ERROR_BUSY, got '%s'; rerun: sh "
                                                "tests/host/test_usb.sh\n",
           text);
    fflush(stdout);
    close(pipes[0]);
}

/* A server that lies: an error in time, and the next connection works. */
static void test_hostile(void)
{
    static const char *const faults[] = {"close", "silent", "nak", "stall", "long", "garbage", "sequence", "half", "positive"};
    static const char *const operations[] = {"version", "many", "short", "hang"};
    unsigned char bytes[256];
    char text[64];

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        snprintf(text, sizeof text, "fault %s 1", faults[i]);
        command(text);
        poll(NULL, 0, 100);
        long long start_ms = now_ms();
        int n = libusb_control_transfer(camera, 0xC0, 1, 0, 0, bytes, 256, 300);
        snprintf(text, sizeof text, "fault '%s' is an error", faults[i]);
        expect(text, 1, n < 0);
        snprintf(text, sizeof text, "fault '%s' does not hang", faults[i]);
        expect(text, 1, now_ms() - start_ms < WAIT_MS);
        libusb_close(camera);
        camera = open_camera();
        expect("the next connection works", 256, libusb_control_transfer(camera, 0xC0, 1, 0, 0, bytes, 256, WAIT_MS));
    }
    libusb_close(camera);
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        libusb_device **list;
        snprintf(text, sizeof text, "fault %s", operations[i]);
        command(text);
        poll(NULL, 0, 100);
        snprintf(text, sizeof text, "a list with '%s' does not hang", operations[i]);
        long long start_ms = now_ms();
        ssize_t n = libusb_get_device_list(context, &list);
        expect(text, 1, n >= 0 && now_ms() - start_ms < WAIT_MS);
        libusb_free_device_list(list, 1);
    }
    camera = open_camera();
}

static void test_close_in_flight(void)
{
    static unsigned char bytes[4][64];
    struct record r = {0};
    struct libusb_transfer *t[4];

    for (int i = 0; i < 4; i++)
        t[i] = start(&r, 0x81, bytes[i], 8, 0);
    libusb_close(camera);
    expect("close with transfers in flight: callbacks", 0, r.done);
    for (int i = 0; i < 4; i++)
        libusb_free_transfer(t[i]);
    camera = open_camera();
    expect("open after it", 16, libusb_get_string_descriptor_ascii(camera, 3, bytes[0], 64));
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    me = argv[0];
    if (libusb_init(&context))
        return 1;
    if (!strcmp(argv[1], "open")) {
        libusb_device **list;
        ssize_t n = libusb_get_device_list(context, &list);
        puts(n == 1 ? libusb_error_name(libusb_open(list[0], &camera)) : "it is not in the list");
        libusb_free_device_list(list, 1);
        libusb_exit(context);
        return 0;
    }
    fake = open(argv[1], O_WRONLY);
    test_texts();
    camera = open_camera();
    test_descriptors();
    test_claims();
    test_control();
    test_bulk();
    test_async();
    test_pollfds();
    test_threads();
    test_busy();
    test_close_in_flight();
    test_hotplug();
    test_hostile();
    libusb_close(camera);
    libusb_exit(context);
    return failed;
}
