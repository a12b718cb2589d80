/* SPDX-License-Identifier: MIT */
/* The camera: detects the sensor, keeps its settings, and fills a ring of frame buffers from the port's interrupt. */
#include "sensors/camera.h"

#include <string.h>

enum { FRAME_TIMEOUT_MS = 3000, RESET_PULSE_MS = 10 };

enum buffer_state { FREE, FILLING, READY, GIVEN };

static const struct sensor_driver *const DRIVERS[] = {&sensor_ov7725};

static struct {
    struct camera_memory memory;
    struct sensor sensor;
    bool present, asleep;
    enum pixel_format format;
    int width, height;
    struct rect window;
    int wanted;                     /* buffers asked for, 0 = automatic */
    bool configured;                /* sensor and buffers fit the settings above */
    struct sensor_output output;
    struct {
        uint8_t *data;
        volatile enum buffer_state state;
    } ring[CAMERA_BUFFERS_MAX];
    int count;
    size_t bytes;
    volatile int filling;           /* index in ring, or -1 */
    volatile int error;             /* of the last frame */
    void (*hook)(void);
    uint32_t period_ms;             /* at least, from one frame to the next */
    int framerate;                  /* that it was set from */
    uint32_t last;                  /* when the last frame was caught */
    uint32_t began;                 /* when the present wait began */
} camera;

static void fill_next(void);

static int find(enum buffer_state state)
{
    for (int i = 0; i < camera.count; i++) {
        if (camera.ring[i].state == state) {
            return i;
        }
    }
    return -1;
}

/* Called from the port's interrupt. The newest complete frame replaces an older one that nobody took. */
static void frame_done(int error)
{
    int i = camera.filling;

    camera.filling = -1;
    if (i < 0) {
        return;
    }
    if (error) {
        camera.error = error;
        camera.ring[i].state = FREE;
        return;
    }
    uint32_t now = capture_port.millis();
    if (now - camera.last < camera.period_ms) {
        camera.ring[i].state = FREE;
        fill_next();
        return;
    }
    camera.last = now;
    int old = find(READY);
    camera.ring[i].state = READY;
    if (find(FREE) < 0 && old >= 0) {
        camera.ring[old].state = FREE;
    }
    fill_next();
    if (camera.hook) {
        camera.hook();
    }
}

static void fill_next(void)
{
    int i = find(FREE);
    const struct rect *w = &camera.window;
    const struct sensor_output *o = &camera.output;

    if (i < 0) {
        return;
    }
    struct capture_frame frame = {
        .output = *o,
        .x = ((o->width - camera.width) / 2 + w->x) * o->bytes_per_pixel,
        .width = w->w * o->bytes_per_pixel,
        .y = (o->height - camera.height) / 2 + w->y,
        .height = w->h,
        .data = camera.ring[i].data,
        .bytes = camera.bytes,
    };
    camera.ring[i].state = FILLING;
    camera.filling = i;
    int error = capture_port.start(&frame, frame_done);
    if (error) {
        camera.ring[i].state = FREE;
        camera.filling = -1;
        camera.error = error;
    }
}

static void stop(void)
{
    capture_port.stop();
    camera.filling = -1;
    for (int i = 0; i < camera.count; i++) {
        if (camera.ring[i].state != GIVEN) {
            camera.ring[i].state = FREE;
        }
    }
}

static void release(void)
{
    stop();
    for (int i = 0; i < camera.count; i++) {
        camera.memory.release(camera.ring[i].data);
        camera.ring[i].data = NULL;
        camera.ring[i].state = FREE;
    }
    camera.count = 0;
    camera.bytes = 0;
    camera.configured = false;
}

static size_t pixel_bytes(enum pixel_format format)
{
    return format & 0xFF;
}

/* As asked, or two when both leave a third of the memory to the script's own images, else one. */
static int allocate(void)
{
    size_t bytes = (size_t)camera.window.w * (size_t)camera.window.h * pixel_bytes(camera.format);
    int count = camera.wanted;

    if (bytes % 4) {
        return CAMERA_E_WINDOW;     /* the capture port moves whole words */
    }
    size_t available = camera.memory.available();
    if (!count) {
        count = bytes * 3 <= available ? 2 : 1;
    }
    camera.bytes = bytes;
    while (camera.count < count) {
        uint8_t *data = camera.memory.allocate(bytes);
        if (!data) {
            release();
            return CAMERA_E_FRAMEBUFFER;
        }
        memset(data, 0, bytes);
        camera.ring[camera.count].data = data;
        camera.ring[camera.count].state = FREE;
        camera.count++;
    }
    return CAMERA_OK;
}

static int configure(void)
{
    if (!camera.present) {
        return CAMERA_E_NOT_DETECTED;
    }
    if (!camera.format) {
        return CAMERA_E_PIXFORMAT;
    }
    if (!camera.width) {
        return CAMERA_E_FRAMESIZE;
    }
    if (camera.configured) {
        return CAMERA_OK;
    }
    int error = camera.sensor.driver->configure(&camera.sensor, camera.format, camera.width, camera.height, &camera.output);
    if (!error) {
        error = allocate();
    }
    camera.configured = !error;
    return error;
}

/* Power, clock and reset as this driver wants them; then, is it the one? */
static int try_driver(const struct sensor_driver *driver)
{
    const struct capture_port *port = &capture_port;
    int hz = port->xclk(driver->xclk_hz);

    if (hz < 0) {
        return hz;
    }
    port->power_down_pin(driver->power_down_active_high);
    port->reset_pin(driver->reset_active_high);
    port->bus->delay_ms(RESET_PULSE_MS);
    port->power_down_pin(!driver->power_down_active_high);
    port->bus->delay_ms(RESET_PULSE_MS);
    port->reset_pin(!driver->reset_active_high);
    port->bus->delay_ms(RESET_PULSE_MS);
    camera.sensor = (struct sensor){.driver = driver, .bus = port->bus, .xclk_hz = (uint32_t)hz};

    uint8_t reg = 0, value;
    if (port->bus->write_read(port->bus, driver->address, &reg, 1, &value, 1)) {
        return CAMERA_E_NOT_DETECTED;
    }
    return driver->probe(&camera.sensor) ? CAMERA_OK : CAMERA_E_SENSOR_UNSUPPORTED;
}

int camera_reset(const struct camera_memory *memory)
{
    int error = CAMERA_E_NOT_DETECTED;

    if (camera.memory.release) {
        release();
    }
    capture_port.vsync(NULL);
    memset(&camera, 0, sizeof(camera));
    camera.memory = *memory;
    camera.filling = -1;
    for (size_t i = 0; i < sizeof(DRIVERS) / sizeof(DRIVERS[0]); i++) {
        int this_error = try_driver(DRIVERS[i]);
        if (!this_error) {
            error = DRIVERS[i]->reset(&camera.sensor);
            camera.present = !error;
            return error;
        }
        error = error == CAMERA_E_SENSOR_UNSUPPORTED ? error : this_error;
    }
    capture_port.xclk(0);
    return error;
}

void camera_shutdown(void)
{
    if (!camera.memory.release) {
        return;
    }
    release();
    if (camera.present) {
        capture_port.power_down_pin(camera.sensor.driver->power_down_active_high);
    }
    capture_port.xclk(0);
    memset(&camera, 0, sizeof(camera));
    camera.filling = -1;
}

const struct sensor *camera_sensor(void)
{
    return camera.present ? &camera.sensor : NULL;
}

int camera_set_pixformat(enum pixel_format format)
{
    enum pixel_format old = camera.format;

    if (!camera.present) {
        return CAMERA_E_NOT_DETECTED;
    }
    if (format == old) {
        return CAMERA_OK;
    }
    release();
    camera.format = format;
    if (!camera.width) {
        struct sensor_output output;
        int error = camera.sensor.driver->configure(&camera.sensor, format, 320, 240, &output);
        camera.format = error ? old : format;
        return error;
    }
    int error = configure();
    if (error == CAMERA_E_PIXFORMAT_UNSUPPORTED) {
        camera.format = old;
    }
    return error;
}

int camera_set_framesize(int width, int height)
{
    if (!camera.present) {
        return CAMERA_E_NOT_DETECTED;
    }
    if (width < 1 || height < 1 || width > camera.sensor.driver->width || height > camera.sensor.driver->height) {
        return CAMERA_E_FRAMESIZE;
    }
    release();
    camera.width = width;
    camera.height = height;
    camera.window = (struct rect){0, 0, width, height};
    return camera.format ? configure() : CAMERA_OK;
}

int camera_set_window(struct rect window)
{
    if (!camera.width) {
        return CAMERA_E_FRAMESIZE;
    }
    if (window.w < 1 || window.h < 1 || window.x < 0 || window.y < 0 || window.w > camera.width - window.x ||
        window.h > camera.height - window.y) {
        return CAMERA_E_WINDOW;
    }
    struct rect old = camera.window;
    release();
    camera.window = window;
    int error = camera.format ? configure() : CAMERA_OK;
    if (error == CAMERA_E_WINDOW) {
        camera.window = old;
    }
    return error;
}

int camera_set_buffers(int count)
{
    if (count < 0 || count > CAMERA_BUFFERS_MAX) {
        return CAMERA_E_ARGUMENT;
    }
    release();
    camera.wanted = count;
    return camera.format && camera.width ? configure() : CAMERA_OK;
}

int camera_set_framerate(int hz)
{
    if (hz < 0 || hz > 1000) {
        return CAMERA_E_FRAMERATE;
    }
    camera.framerate = hz;
    camera.period_ms = hz ? 1000u / (unsigned)hz : 0;
    return CAMERA_OK;
}

int camera_framerate(void)
{
    return camera.framerate;
}

bool camera_give_spare(void)
{
    if (camera.wanted || camera.count < 2) {
        return false;
    }
    stop();
    int kept = find(GIVEN);
    kept = kept < 0 ? 0 : kept;
    uint8_t *data = camera.ring[kept].data;
    enum buffer_state state = camera.ring[kept].state;
    for (int i = 0; i < camera.count; i++) {
        if (i != kept) {
            camera.memory.release(camera.ring[i].data);
        }
        camera.ring[i].data = NULL;
        camera.ring[i].state = FREE;
    }
    camera.ring[0].data = data;
    camera.ring[0].state = state;
    camera.count = 1;
    return true;
}

int camera_set_control(enum sensor_control control, int value)
{
    return camera.present ? camera.sensor.driver->set(&camera.sensor, control, value) : CAMERA_E_NOT_DETECTED;
}

int camera_get_control(enum sensor_control control, int *value)
{
    return camera.present ? camera.sensor.driver->get(&camera.sensor, control, value) : CAMERA_E_NOT_DETECTED;
}

enum pixel_format camera_pixformat(void)
{
    return camera.format;
}

struct rect camera_window(void)
{
    return camera.window;
}

void camera_framesize(int *width, int *height)
{
    *width = camera.width;
    *height = camera.height;
}

int camera_buffers(void)
{
    return camera.count;
}

size_t camera_buffer_bytes(void)
{
    return camera.bytes;
}

int camera_snapshot_begin(void)
{
    int error = camera.asleep ? CAMERA_E_CAPTURE : configure();

    if (error) {
        return error;
    }
    int given = find(GIVEN);
    if (given >= 0) {
        camera.ring[given].state = FREE;
    }
    camera.began = capture_port.millis();
    camera.error = 0;
    if (camera.filling < 0) {
        fill_next();
    }
    return camera.error;
}

/* Two pixels a time; the compiler makes one instruction of it where the core has it. */
static void swap_bytes(uint8_t *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 4) {
        uint32_t two;
        memcpy(&two, data + i, 4);
        two = (two & 0x00FF00FF) << 8 | (two >> 8 & 0x00FF00FF);
        memcpy(data + i, &two, 4);
    }
}

/* Takes the frame that is ready; the interrupt may be replacing it by a newer one right now. */
static int take(void)
{
    uint32_t state = capture_port.lock();
    int ready = find(READY);

    if (ready >= 0) {
        camera.ring[ready].state = GIVEN;
    }
    capture_port.unlock(state);
    return ready;
}

int camera_snapshot_poll(struct image *image)
{
    int ready = take();

    if (ready < 0) {
        if (camera.error) {
            stop();
            return camera.error;
        }
        if (capture_port.millis() - camera.began > FRAME_TIMEOUT_MS) {
            stop();
            return CAMERA_E_TIMEOUT;
        }
        return CAMERA_E_WOULD_BLOCK;
    }
    capture_port.invalidate(camera.ring[ready].data, camera.bytes);
    if (camera.output.swap_bytes) {
        swap_bytes(camera.ring[ready].data, camera.bytes);
    }
    if (camera.filling < 0) {
        fill_next();
    }
    *image = (struct image){
        .width = camera.window.w,
        .height = camera.window.h,
        .format = camera.format,
        .data = camera.ring[ready].data,
    };
    return CAMERA_OK;
}

bool camera_frame_ready(void)
{
    return find(READY) >= 0;
}

void camera_set_frame_hook(void (*hook)(void))
{
    camera.hook = hook;
}

void camera_set_vsync_hook(void (*hook)(bool level))
{
    capture_port.vsync(hook);
}

int camera_sleep(bool enable)
{
    if (!camera.present) {
        return CAMERA_E_NOT_DETECTED;
    }
    if (enable) {
        stop();
    }
    int hz = capture_port.xclk(enable ? 0 : camera.sensor.driver->xclk_hz);
    if (hz < 0) {
        return hz;
    }
    camera.asleep = enable;
    return CAMERA_OK;
}
