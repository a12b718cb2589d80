/* SPDX-License-Identifier: MIT */
/* Events of an event camera, drawn one by one as a plain loop would. */
#include "vision_test.h"

#include "vision/event.h"

static void histograms(void)
{
    struct image img = image_random(between(1, 40), between(1, 40), PIXFORMAT_GRAYSCALE, 0);
    size_t count = rnd(200);
    uint16_t(*events)[EVENT_NUMBERS] = malloc(sizeof *events * (count + 1));
    struct event_options o = {rnd(2), between(0, 255), between(0, 255)};
    int want[40][40];

    for (int i = 0; i < img.width * img.height; i++) {
        want[i / img.width][i % img.width] = o.clear ? o.brightness : img.data[i];
    }
    for (size_t i = 0; i < count; i++) {
        for (int j = 0; j < EVENT_NUMBERS; j++) {
            events[i][j] = (uint16_t)(rnd(10) ? rnd(45) : rnd(65536));
        }
        events[i][EVENT_KIND] = (uint16_t)(rnd(8) ? rnd(2) : rnd(65536));
        if (events[i][0] < 2 && events[i][4] < img.width && events[i][5] < img.height) {
            int *p = &want[events[i][5]][events[i][4]];
            *p += events[i][0] ? o.contrast : -o.contrast;
            *p = *p < 0 ? 0 : *p > 255 ? 255 : *p;
        }
    }
    check_equal(event_draw_histogram(&img, (const uint16_t(*)[EVENT_NUMBERS])events, count, &o), 0, " ");
    for (int i = 0; i < img.width * img.height; i++) {
        check_equal(img.data[i], want[i / img.width][i % img.width], "pixel %d", i);
    }
    free(events);
    free(img.data);
}

static void run_histograms(void **state)
{
    (void)state;
    for_seeds(histograms, 300);
}

static void refused(void **state)
{
    struct image img = image_new(3, 3, PIXFORMAT_GRAYSCALE, 0), other = image_new(3, 3, PIXFORMAT_RGB565, 0);
    const struct event_options good = {true, 128, 16}, bad[] = {{true, -1, 16}, {true, 256, 16}, {true, 0, -1}, {true, 0, 256}};

    (void)state;
    assert_int_equal(event_draw_histogram(&other, NULL, 0, &good), VISION_E_FORMAT);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(event_draw_histogram(&img, NULL, 0, &bad[i]), VISION_E_ARGUMENT);
        assert_int_equal(img.data[0], 0);
    }
    free(other.data);
    free(img.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(run_histograms), cmocka_unit_test(refused)};
    return cmocka_run_group_tests_name("vision event", tests, NULL, NULL);
}
