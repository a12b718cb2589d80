/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of an image sensor in virtual time.
 *
 * A frame is rendered when its VSYNC begins and goes out line by line, each line at the moment its last pixel is
 * clocked out. With -icount every line is on time to the nanosecond. Without it virtual time is the host's, and the
 * thread that runs the CPU gets only a share of that: then a line waits (for a while) until the CPU has had a line's time since
 * the one before or has gone to sleep, and the rest of the frame moves back, so that no line is lost because the host is busy.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "hw/core/cpu.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/error-report.h"
#include "system/cpu-timers.h"
#include "sensor.h"

enum { OFF, VSYNC_BEGINS, VSYNC_ENDS, LINES };

enum { HOLD_NS = 20000, HOLD_TIMES = 5000, CPU_NS = 200000 };

static const TypeInfo video_sink_info = {
    .name = TYPE_VIDEO_SINK,
    .parent = TYPE_INTERFACE,
    .class_size = sizeof(VideoSinkClass),
};

static const TypeInfo image_sensor_info = {
    .name = TYPE_IMAGE_SENSOR,
    .parent = TYPE_INTERFACE,
    .class_size = sizeof(ImageSensorClass),
};

/* ---- rendering ---- */

static uint64_t picture_number(SensorCore *core)
{
    uint64_t ms = (uint64_t)qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) / 1000000;

    return (core->scene_period ? ms / core->scene_period : core->frames) % (uint64_t)scene_count(core->scene);
}

static void take_mean(SensorCore *core, const uint8_t *rgb, size_t pixels)
{
    uint64_t sum[3] = { 0 };

    for (size_t i = 0; i < pixels * 3; i += 3) {
        sum[0] += rgb[i];
        sum[1] += rgb[i + 1];
        sum[2] += rgb[i + 2];
    }
    for (int c = 0; c < 3 && pixels; c++) {
        core->mean[c] = sum[c] / pixels;
    }
}

/* The lit pixels of the window, `width * height` of them, into core->rgb. */
static void expose(SensorCore *core, const SensorMode *m, const uint8_t *array)
{
    const SensorOps *ops = core->ops;
    struct scene_picture picture = { ops->array_width, ops->array_height, (uint8_t *)array };
    struct scene_window window = { m->left / 64.0, m->top / 64.0, m->width * m->step_x / 64.0, m->height * m->step_y / 64.0 };

    if (m->pattern == PATTERN_OUTPUT_BARS) {
        sensor_colour_bars(core->rgb, m->width, m->height);
    } else if (scene_picture_resample(&picture, &window, core->rgb, m->width, m->height) < 0) {
        memset(core->rgb, 0, (size_t)m->width * m->height * 3);
    }
}

/* Reverse the pixels of a row. */
static void mirror_row(uint8_t *rgb, uint32_t width)
{
    for (uint32_t a = 0, b = width - 1; a < b; a++, b--) {
        for (int c = 0; c < 3; c++) {
            uint8_t t = rgb[a * 3 + c];

            rgb[a * 3 + c] = rgb[b * 3 + c];
            rgb[b * 3 + c] = t;
        }
    }
}

static void render(SensorCore *core)
{
    const SensorMode *m = &core->mode;
    const SensorOps *ops = core->ops;
    size_t stride = (size_t)m->width * sensor_pixel_bytes(m->look.format);
    uint64_t picture = picture_number(core);
    const uint8_t *array;
    char error[SCENE_ERROR_SIZE];

    if (core->bytes && core->rendered_picture == picture && core->rendered_scene == scene_generation(core->scene) &&
        memcmp(&core->rendered, m, sizeof(*m)) == 0) {
        return;
    }
    array = scene_frame(core->scene, picture, ops->array_width, ops->array_height, error);
    if (error[0]) {
        warn_report("scene %s; the picture before it stays", error);
    }
    if (array == NULL && core->bytes && memcmp(&core->rendered, m, sizeof(*m)) == 0) {
        return;
    }
    core->rgb = g_realloc(core->rgb, (size_t)m->width * m->height * 3);
    core->bytes = g_realloc(core->bytes, stride * m->height);
    if (m->pattern == PATTERN_ARRAY_BARS || array == NULL) {
        g_autofree uint8_t *bars = g_malloc((size_t)ops->array_width * ops->array_height * 3);

        sensor_colour_bars(bars, ops->array_width, ops->array_height);
        expose(core, m, bars);
    } else {
        expose(core, m, array);
    }
    take_mean(core, core->rgb, (size_t)m->width * m->height);
    for (uint32_t y = 0; y < m->height; y++) {
        uint32_t from = m->flip && m->pattern != PATTERN_OUTPUT_BARS ? m->height - 1 - y : y;
        uint8_t *row = core->rgb + (size_t)from * m->width * 3;

        if (m->mirror && m->pattern != PATTERN_OUTPUT_BARS) {
            mirror_row(row, m->width);
        }
        sensor_encode_row(&m->look, row, m->width, y, core->bytes + y * stride);
    }
    core->rendered = *m;
    core->rendered_picture = picture;
    core->rendered_scene = scene_generation(core->scene);
}

/* ---- timing ---- */

static int64_t clocks_ns(const SensorMode *m, uint64_t clocks)
{
    return muldiv64(clocks, NANOSECONDS_PER_SECOND, m->pclk_hz);
}

static int64_t line_ns(const SensorMode *m, uint32_t lines)
{
    return clocks_ns(m, (uint64_t)lines * m->line_clocks);
}

static bool set_vsync(SensorCore *core, bool begins)
{
    qemu_set_irq(core->vsync_pin, begins == core->mode.port.vsync_high);
    return core->sink && VIDEO_SINK_GET_CLASS(core->sink)->vsync(core->sink, &core->mode.port, begins);
}

/* Next event `at` nanoseconds after the frame's beginning. */
static void next_event(SensorCore *core, int state, int64_t at)
{
    core->state = state;
    core->due_ns = core->frame_ns + at;
    timer_mod(core->timer, core->due_ns);
}

static void next_line(SensorCore *core)
{
    const SensorMode *m = &core->mode;
    uint32_t row = m->first_line + core->line;

    if (core->line == m->height || !core->watched) {
        next_event(core, VSYNC_BEGINS, line_ns(m, m->frame_lines));
    } else {
        next_event(core, LINES, clocks_ns(m, (uint64_t)row * m->line_clocks + (uint64_t)m->width * sensor_pixel_bytes(m->look.format)));
    }
}

static void begin_frame(SensorCore *core)
{
    SensorMode mode;

    memset(&mode, 0, sizeof(mode));
    core->ops->mode(core->sensor, &mode);
    if (!mode.streaming) {
        core->state = OFF;
        return;
    }
    mode.port.pclk_hz = mode.pclk_hz;
    core->mode = mode;
    core->line = 0;
    set_vsync(core, true);
    next_event(core, VSYNC_ENDS, line_ns(&core->mode, mode.vsync_lines));
}

static void send_line(SensorCore *core)
{
    size_t stride = (size_t)core->mode.width * sensor_pixel_bytes(core->mode.look.format);

    VIDEO_SINK_GET_CLASS(core->sink)->line(core->sink, &core->mode.port, core->bytes + core->line * stride, stride);
    core->line++;
    core->held = 0;
    next_line(core);
}

/* Nanoseconds that the CPU's thread has computed; -1 where the host can't say. */
static int64_t cpu_time_ns(void)
{
    struct timespec t;
    clockid_t clock;

    if (!first_cpu || !first_cpu->thread || pthread_getcpuclockid(first_cpu->thread->thread, &clock) || clock_gettime(clock, &t)) {
        return -1;
    }
    return t.tv_sec * NANOSECONDS_PER_SECOND + t.tv_nsec;
}

/* Has the CPU not had its time since the line before? */
static bool cpu_behind(SensorCore *core)
{
    int64_t now = cpu_time_ns();

    if (now < 0 || first_cpu->interrupt_request & CPU_INTERRUPT_HARD) {
        return now >= 0;
    }
    return !first_cpu->halted && now - core->cpu_ns < MAX(line_ns(&core->mode, 1), CPU_NS);
}

/* Without icount: true when this event must wait. A late one moves the frame, so that those after it keep their distance. */
static bool pace(SensorCore *core, int64_t now)
{
    int64_t late = now - core->due_ns;

    if (icount_enabled()) {
        return false;
    }
    if (core->state == LINES && core->held < HOLD_TIMES && cpu_behind(core)) {
        core->held++;
        timer_mod(core->timer, now + HOLD_NS);
        return true;        /* the time lost is made good when the line goes out */
    }
    if (late > 0) {
        core->frame_ns += late;
    }
    core->cpu_ns = cpu_time_ns();
    return false;
}

static void run_event(void *opaque)
{
    SensorCore *core = opaque;

    switch (core->state) {
    case VSYNC_BEGINS:
        core->frame_ns += line_ns(&core->mode, core->mode.frame_lines);
        core->frames += core->captured;
        core->captured = false;
        begin_frame(core);
        break;
    case VSYNC_ENDS:
        core->watched = core->sink && VIDEO_SINK_GET_CLASS(core->sink)->listens(core->sink);
        if (core->watched) {
            render(core);
            if (core->ops->frame) {
                core->ops->frame(core->sensor, &core->mode, core->mean);
            }
        }
        core->captured = set_vsync(core, false);
        next_line(core);
        break;
    case LINES:
        send_line(core);
        break;
    }
}

static void on_timer(void *opaque)
{
    SensorCore *core = opaque;

    if (!pace(core, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL))) {
        run_event(core);
    }
}

void sensor_core_update(SensorCore *core)
{
    SensorMode mode;

    memset(&mode, 0, sizeof(mode));
    core->ops->mode(core->sensor, &mode);
    if (!mode.streaming) {
        timer_del(core->timer);
        core->state = OFF;
    } else if (core->state == OFF) {
        core->frame_ns = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
        begin_frame(core);
    }
}

/* ---- properties ---- */

static void get_scene(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    SensorCore *core = opaque;
    g_autofree char *path = g_strdup(scene_path(core->scene));

    visit_type_str(v, name, &path, errp);
}

static void set_scene(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    SensorCore *core = opaque;
    g_autofree char *path = NULL;
    char error[SCENE_ERROR_SIZE];

    if (visit_type_str(v, name, &path, errp) && scene_open(core->scene, path, error) < 0) {
        error_setg(errp, "scene %s", error);
    }
}

static void access_period(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    SensorCore *core = opaque;

    visit_type_uint32(v, name, &core->scene_period, errp);
}

void sensor_core_init(SensorCore *core, DeviceState *sensor, const char *name, const SensorOps *ops)
{
    core->ops = ops;
    core->sensor = sensor;
    core->name = g_strdup(name);
    core->scene = scene_new();
    if (core->scene == NULL) {
        error_report("out of memory for a scene");
        exit(1);
    }
    object_property_add(OBJECT(sensor), "scene", "string", get_scene, set_scene, NULL, core);
    object_property_set_description(OBJECT(sensor), "scene", "picture file or folder of pictures (PNG, JPEG, PPM, PGM); empty: test card");
    object_property_add(OBJECT(sensor), "scene-period", "uint32", access_period, access_period, NULL, core);
    object_property_set_description(OBJECT(sensor), "scene-period", "ms that each picture of a folder is shown; 0: one captured frame");
    core->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, on_timer, core);
    qdev_init_gpio_out_named(sensor, &core->vsync_pin, "vsync", 1);
}

void sensor_set_clock_pin(DeviceState *sensor, const Stm32Pin *pin)
{
    IMAGE_SENSOR_GET_CLASS(sensor)->core(OBJECT(sensor))->clock_pin = *pin;
}

bool sensor_core_clocked_by_mco(SensorCore *core)
{
    return core->clock_pin.port && stm32_gpio_alternate(core->clock_pin.port, core->clock_pin.pin) == 0;
}

bool sensor_core_clocked(SensorCore *core)
{
    return stm32_pin_routed(&core->clock_pin) || sensor_core_clocked_by_mco(core);
}

void sensor_core_finalize(SensorCore *core)
{
    timer_free(core->timer);
    scene_free(core->scene);
    g_free(core->rgb);
    g_free(core->bytes);
    g_free(core->name);
}

/* A frame under way isn't saved: the next one begins at once, from the registers. */
static int sensor_core_post_load(void *opaque, int version)
{
    SensorCore *core = opaque;

    timer_del(core->timer);
    core->state = OFF;
    return 0;
}

const VMStateDescription sensor_core_vmstate = {
    .name = "sensor-core",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = sensor_core_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(frames, SensorCore),
        VMSTATE_END_OF_LIST()
    }
};

static void sensor_register(void)
{
    type_register_static(&video_sink_info);
    type_register_static(&image_sensor_info);
}
type_init(sensor_register)
