/* SPDX-License-Identifier: MIT */
/* Start-up, the counter, output, and the loop over the tables. */
#include "core.h"

#include <string.h>

/* ---- Start-up (Armv7-M ARM, B1.5, B3.3) ---- */

extern uint32_t stack_top;
void reset(void);
int main(void);

static void stop(int code);

static void fault(void)
{
    put_text("FAULT\n");
    stop(1);
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &stack_top, (const void *)reset, (const void *)fault, (const void *)fault, (const void *)fault, (const void *)fault, (const void *)fault,
};

#define CPACR (*(volatile uint32_t *)0xE000ED88)
#define CCR (*(volatile uint32_t *)0xE000ED14)

void reset(void)
{
#ifdef __ARM_FP
    CPACR |= 0xF << 20;         /* floating point, and Helium */
    CCR |= 1 << 19;             /* LOB: hardware loops, on Armv8.1-M */
    __asm__ volatile("dsb\n isb");
#endif
    stop(main());
}

/* ---- Output: semihosting (Arm, Semihosting for AArch32 and AArch64), which QEMU turns into its own output ---- */

static int semihost(int operation, const void *argument)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;

    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void put_text(const char *text)
{
    semihost(0x04, text);
}

void put_number(uint32_t value)
{
    char digits[12], *p = digits + sizeof digits - 1;

    *p = 0;
    do {
        *--p = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    put_text(p);
}

static void stop(int code)
{
    const uint32_t report[2] = {0x20026, (uint32_t)code};   /* ADP_Stopped_ApplicationExit */

    semihost(0x20, report);
    for (;;) {
    }
}

/* ---- The counter ---- */

#define SYST_CSR (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018)

static uint32_t count_run(void (*run)(struct call *), struct call *call)
{
    SYST_RVR = 0xFFFFFF;
    SYST_CVR = 0;
    SYST_CSR = 5;
    uint32_t start = SYST_CVR;
    while (SYST_CVR == start) {
    }
    start = SYST_CVR;
    run(call);
    return (uint32_t)((uint64_t)(start - SYST_CVR) * TICK_INSTRUCTIONS / TICK_PARTS);
}

/* ---- The tables ---- */

#define PICTURE(name, w, h) \
    {#name, w, h, PIXFORMAT_RGB565, name##_rgb565}, {#name, w, h, PIXFORMAT_GRAYSCALE, name##_gray}

extern uint8_t moto_q_rgb565[], moto_q_gray[], coffee_q_rgb565[], coffee_q_gray[], moto_v_rgb565[], moto_v_gray[], moto_s_rgb565[], moto_s_gray[];
static const struct picture { const char *name; int width, height; enum pixel_format format; uint8_t *data; } pictures[] = {
#ifdef SMALL
    {"moto_s", 48, 36, PIXFORMAT_GRAYSCALE, moto_s_gray},
#else
    PICTURE(moto_q, 320, 240), PICTURE(coffee_q, 320, 240), PICTURE(moto_v, 640, 480), PICTURE(moto_s, 48, 36),
#endif
};
enum { PICTURE_COUNT = sizeof pictures / sizeof *pictures };

static void nothing(struct call *call)
{
    (void)call;
}

static void set_up(struct call *call, int index)
{
    const struct picture *p = &pictures[index];

    *call = (struct call){.work = (uint8_t *)WORK_BASE, .repeat = 1};
    image_init(&call->source, p->width, p->height, p->format, p->data, IMAGE_BYTES);
    call->img = call->source;
    call->img.data = call->work;
    call->work += IMAGE_BYTES;
    call->work_bytes = WORK_BYTES - IMAGE_BYTES;
    memcpy(call->img.data, call->source.data, image_bytes(&call->source));
    memset(call->work, 0, image_bytes(&call->source));
    call->arena = (struct arena){.base = (uint8_t *)ARENA_BASE, .size = ARENA_BYTES};
}

/* Of the image under work, and of as many bytes of results: the same on every core (FNV-1a) */
static uint32_t checksum(const struct call *call)
{
    size_t n = image_bytes(&call->source);
    const uint8_t *img = (const uint8_t *)WORK_BASE, *work = img + IMAGE_BYTES;
    uint32_t sum = 2166136261u;

    for (size_t i = 0; i < n; i++) {
        sum = (sum ^ img[i]) * 16777619u;
        sum = (sum ^ work[i]) * 16777619u;
    }
    return sum;
}

static void measure(const struct row *row, int index, const char *format)
{
    struct call call;
    uint32_t least = UINT32_MAX, sum = 0;

    for (int i = 0; i < 2; i++) {
        set_up(&call, index);
        if (row->prepare) {
            row->prepare(&call);
            call.arena.peak = call.arena.used = 0;
        }
        uint32_t empty = count_run(nothing, &call), n = count_run(row->run, &call);
        n = n > empty ? n - empty : 0;
        least = n < least ? n : least;
        if (call.finish) {
            call.finish(&call);
        }
        sum = checksum(&call);
    }
    put_text(row->op);
    put_text("|");
    put_text(pictures[index].name);
    put_text("/");
    put_text(format);
    put_text("|");
    put_number(least / (uint32_t)call.repeat);
    put_text("|");
    put_number((uint32_t)(pictures[index].width * pictures[index].height));
    put_text("|");
    put_number((uint32_t)call.arena.peak);
    put_text("|");
    put_number(sum);
    put_text("\n");
}

static void measure_all(const struct row *rows)
{
    /* names of formats, and the format of the picture whose bytes serve as such */
    static const struct { const char *name; enum pixel_format of; } formats[] = {
        {"rgb565", PIXFORMAT_RGB565}, {"gray", PIXFORMAT_GRAYSCALE}, {"bayer", PIXFORMAT_GRAYSCALE}, {"yuv422", PIXFORMAT_RGB565},
    };

    for (; rows->op; rows++) {
#ifdef SMALL
        if (!strcmp(rows->op, "clahe")) {
            continue;           /* 8 x 8 histograms do not fit */
        }
#endif
        if (!strcmp(rows->formats, "none")) {
            measure(rows, 0, rows->formats);
        }
        for (int i = 0; i < PICTURE_COUNT; i++) {
            for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
                if (formats[f].of == pictures[i].format && strstr(rows->formats, formats[f].name)) {
                    measure(rows, i, formats[f].name);
                }
            }
        }
    }
}

int main(void)
{
    int wrong = 0;

#ifndef SMALL
    wrong = check_kernels() + check_window() + check_jpeg() + check_png() + check_match();
#endif
    measure_all(vision_rows);
    measure_all(filter_rows);
#ifndef SMALL
    measure_all(compose_rows);
    measure_all(shape_rows);
    measure_all(match_rows);
    measure_all(codec_rows);
    measure_all(debug_rows);
#endif
    return wrong ? 1 : 0;
}
