/* SPDX-License-Identifier: MIT */
/* The keys about pins, the camera, buses, contents and flashing steps. */
#include "rows.h"

#include <string.h>

/* --- pins ---------------------------------------------------------------------------------------------------------- */

void row_ports(struct board *board, const struct row *row)
{
    for (int i = 0; i < row->nfields; i++) {
        const char *text = row->fields[i];
        char first[8] = "";
        uint64_t from = 0, to = 0;
        const char *dash = strchr(text, '-');
        if (!dash || dash - text < 2 || dash - text > 3 || text[0] < 'A' || text[0] > 'Z') {
            complain(row->loc, "PORTS: '%.60s' is not a port and its pins (such as A0-15)", text);
            continue;
        }
        memcpy(first, text + 1, (size_t)(dash - text - 1));
        if (!parse_number(first, &from) || !parse_number(dash + 1, &to) || to < from || to > 31) {
            complain(row->loc, "PORTS: '%.60s' is not a port and its pins (such as A0-15)", text);
            continue;
        }
        for (uint64_t pin = from; pin <= to; pin++) {
            board->ports[text[0] - 'A'] |= 1u << pin;
        }
    }
}

/* The pin named by `text`; complains when the chip has no such pin. */
static bool row_pin(const struct board *board, const struct row *row, const char *text, struct pin *pin)
{
    if (!parse_pin(text, pin)) {
        complain(row->loc, "%s: '%.60s' is not a pin (such as PA8)", row->key, text);
        return false;
    }
    if (!(board->ports[pin->port - 'A'] >> pin->number & 1)) {
        complain(row->loc, "%s: unknown pin %s: the chip has none", row->key, text);
        return false;
    }
    return true;
}

void row_af(struct board *board, const struct row *row)
{
    struct pin pin;
    uint64_t af;
    if (!row_takes(row, 2, 20, "pin and FUNCTION:number") || !row_pin(board, row, row->fields[0], &pin)) {
        return;
    }
    for (int i = 1; i < row->nfields; i++) {
        char name[32];
        const char *text = split_attribute(row->fields[i], name, sizeof name);
        if (!text) {
            complain(row->loc, "AF: '%.60s' is not FUNCTION:number", row->fields[i]);
        } else if (row_room(row, board->nfunctions, COUNT(board->functions)) && row_name(row, name) && row_number(row, text, &af)) {
            if (af > 15) {
                complain(row->loc, "AF: %s: %s is not an alternate function number", name, text);
                continue;
            }
            board->functions[board->nfunctions++] = (struct function){pin, row->fields[i], (int)af};
        }
    }
}

static struct use *add_use(struct board *board, const struct row *row, const char *bus, const char *name, struct pin pin)
{
    if (!row_room(row, board->nuses, COUNT(board->uses))) {
        return NULL;
    }
    struct use *use = &board->uses[board->nuses];
    *use = (struct use){.loc = row->loc, .bus = bus, .pin = pin, .af = NO_AF, .active = 1};
    snprintf(use->name, sizeof use->name, "%s%s%s", bus ? bus : "", bus ? "_" : "", name);
    for (int i = 0; i < board->nuses; i++) {
        if (!strcmp(board->uses[i].name, use->name)) {
            complain(row->loc, "%s: pin function %s is given twice (first in line %d)", row->key, use->name, board->uses[i].loc.line);
            return NULL;
        }
    }
    board->nuses++;
    return use;
}

/* Looks up DEVICE_SIGNAL on the pin in the chip's table. */
static void find_af(const struct board *board, const struct row *row, struct use *use, const char *device, const char *signal)
{
    char name[80];
    snprintf(name, sizeof name, "%.39s_%.39s", device, signal);
    const struct function *function = board_function(board, use->pin, name);
    if (!function) {
        function = board_function(board, use->pin, signal);
    }
    if (function) {
        use->af = function->af;
    } else if (board->nfunctions) {
        complain(row->loc, "%s: the chip has no function %s on P%c%d", row->key, name, use->pin.port, use->pin.number);
    }
}

void row_bus(struct board *board, const struct row *row)
{
    if (!row_takes(row, 2, 32, "name, dev:DEVICE, SIGNAL:pin") || !row_name(row, row->fields[0]) ||
        !row_room(row, board->nbuses, COUNT(board->buses))) {
        return;
    }
    struct bus *bus = &board->buses[board->nbuses++];
    *bus = (struct bus){.loc = row->loc, .name = row->fields[0], .device = row->fields[0], .first_use = board->nuses};
    for (int i = 1; i < row->nfields; i++) {
        char signal[24];
        struct pin pin;
        const char *text = split_attribute(row->fields[i], signal, sizeof signal);
        if (!text) {
            complain(row->loc, "BUS: '%.60s' is not SIGNAL:pin", row->fields[i]);
        } else if (!strcmp(signal, "dev")) {
            bus->device = row_name(row, text) ? text : bus->device;
        } else if (row_name(row, signal) && row_pin(board, row, text, &pin)) {
            struct use *use = add_use(board, row, bus->name, signal, pin);
            if (use) {
                find_af(board, row, use, bus->device, signal);
                bus->nuses++;
            }
        }
    }
}

static bool parse_level(const char *text, int *active)
{
    if (strcmp(text, "low") && strcmp(text, "high")) {
        return false;
    }
    *active = text[0] == 'h';
    return true;
}

void row_gpio(struct board *board, const struct row *row)
{
    struct pin pin;
    if (!row_takes(row, 2, 4, "name, pin, low|high, shared") || !row_name(row, row->fields[0]) ||
        !row_pin(board, row, row->fields[1], &pin)) {
        return;
    }
    struct use *use = add_use(board, row, NULL, row->fields[0], pin);
    for (int i = 2; use && i < row->nfields; i++) {
        if (!strcmp(row->fields[i], "shared")) {
            use->shared = true;
        } else if (!parse_level(row->fields[i], &use->active)) {
            complain(row->loc, "GPIO: '%.60s' is none of low, high, shared", row->fields[i]);
        }
    }
}

void row_led(struct board *board, const struct row *row)
{
    char name[40];
    if (!row_takes(row, 3, 3, "name, pin, low|high") || !row_room(row, board->nleds, COUNT(board->leds))) {
        return;
    }
    struct led *led = &board->leds[board->nleds];
    *led = (struct led){.loc = row->loc, .name = row->fields[0]};
    if (!row_name(row, led->name) || !row_pin(board, row, row->fields[1], &led->pin)) {
        return;
    }
    if (!parse_level(row->fields[2], &led->active)) {
        complain(row->loc, "LED: '%.60s' is neither low nor high", row->fields[2]);
        return;
    }
    snprintf(name, sizeof name, "LED_%.34s", led->name);
    struct use *use = add_use(board, row, NULL, name, led->pin);
    if (use) {
        use->active = led->active;
        board->nleds++;
    }
}

void row_header(struct board *board, const struct row *row)
{
    for (int i = 0; i < row->nfields; i++) {
        char name[32];
        const char *text = split_attribute(row->fields[i], name, sizeof name);
        if (!text) {
            complain(row->loc, "HEADER: '%.60s' is not NAME:pin", row->fields[i]);
            continue;
        }
        if (!row_room(row, board->nheaders, COUNT(board->headers))) {
            return;
        }
        struct header_pin *header = &board->headers[board->nheaders];
        *header = (struct header_pin){.loc = row->loc, .name = row->fields[i]};
        if (!row_name(row, name) || !row_pin(board, row, text, &header->pin)) {
            continue;
        }
        for (int j = 0; j < board->nheaders; j++) {
            if (!strncmp(board->headers[j].name, row->fields[i], strlen(name) + 1)) {
                complain(row->loc, "HEADER: %s is given twice", name);
            }
        }
        board->nheaders++;
    }
}

/* --- camera and peripherals ---------------------------------------------------------------------------------------- */

static void bus_and_speed(const struct row *row, const char **bus, const char **speed)
{
    static const char *const speeds[] = {"standard", "full", "fast"};
    if (row_takes(row, 2, 2, "bus, speed") && row_choice(row, row->fields[1], speeds, COUNT(speeds)) >= 0) {
        *bus = row->fields[0];
        *speed = row->fields[1];
    }
}

void row_csi_i2c(struct board *board, const struct row *row)
{
    bus_and_speed(row, &board->csi_i2c, &board->csi_i2c_speed);
}

void row_fir_i2c(struct board *board, const struct row *row)
{
    bus_and_speed(row, &board->fir_i2c, &board->fir_i2c_speed);
}

void row_winc_spi(struct board *board, const struct row *row)
{
    if (row_takes(row, 2, 2, "bus, clock")) {
        board->winc_spi = row->fields[0];
        if (!parse_hz(row->fields[1], &board->winc_hz)) {
            complain(row->loc, "WINC_SPI: '%.60s' is not a frequency (such as 40MHz)", row->fields[1]);
        }
    }
}

void row_csi_xclk(struct board *board, const struct row *row)
{
    struct pin pin;
    if (!row_takes(row, 3, 3, "TIMER_CHn, pin, frequency") || !row_pin(board, row, row->fields[1], &pin)) {
        return;
    }
    if (!parse_hz(row->fields[2], &board->xclk_hz)) {
        complain(row->loc, "CSI_XCLK: '%.60s' is not a frequency (such as 12MHz)", row->fields[2]);
    }
    struct use *use = add_use(board, row, NULL, "CSI_XCLK", pin);
    const char *channel = strstr(row->fields[0], "_CH");
    if (!channel || channel[3] < '1' || channel[3] > '6' || channel[4]) {
        complain(row->loc, "CSI_XCLK: '%.60s' is not a timer channel (such as TIM1_CH1)", row->fields[0]);
        return;
    }
    board->xclk_device = row->fields[0];
    board->xclk_channel = channel[3] - '0';
    const struct function *function = board_function(board, pin, row->fields[0]);
    if (use && function) {
        use->af = function->af;
    } else if (use) {
        complain(row->loc, "CSI_XCLK: the chip has no function %.60s on %s", row->fields[0], row->fields[1]);
    }
}

void row_csi_dma(struct board *board, const struct row *row)
{
    uint64_t stream;
    if (!row_takes(row, 3, 3, "DMAn, stream, request") || !row_number(row, row->fields[1], &stream)) {
        return;
    }
    const char *controller = row->fields[0];
    if (strncmp(controller, "DMA", 3) || controller[3] < '1' || controller[3] > '2' || controller[4] || stream > 7) {
        complain(row->loc, "CSI_DMA: '%.60s' is not a controller and a stream 0-7 (such as DMA2 1)", row->text);
        return;
    }
    board->dma_controller = controller[3] - '0';
    board->dma_stream = (int)stream;
    board->dma_request = row_name(row, row->fields[2]) ? row->fields[2] : NULL;
}

void row_list(struct board *board, const struct row *row)
{
    static const struct {
        const char *key;
        const char *const *names;
        const size_t *count;
    } known[] = {
        {"FEATURE", known_features, &known_features_count}, {"MODULE", known_modules, &known_modules_count},
        {"SENSOR", known_sensors, &known_sensors_count},    {"THERMAL", known_thermals, &known_thermals_count},
        {"HW_CAPS", known_hw_caps, &known_hw_caps_count},
    };
    size_t k = 0;
    while (strcmp(known[k].key, row->key)) {
        k++;
    }
    struct list *list = keys_field(board, row->key);
    for (int i = 0; i < row->nfields; i++) {
        const char *word = row->fields[i];
        bool found = false;
        for (size_t n = 0; n < *known[k].count; n++) {
            found |= !strcmp(known[k].names[n], word);
        }
        for (int n = 0; n < list->count; n++) {
            if (!strcmp(list->items[n], word)) {
                complain(row->loc, "%s: %s is listed twice (first in line %d)", row->key, word, list->locs[n].line);
                return;
            }
        }
        if (!found) {
            const char *near = nearest(word, known[k].names, *known[k].count);
            complain(row->loc, "%s: unknown name '%.60s'%s%s%s", row->key, word, near ? " (did you mean " : "", near ? near : "",
                     near ? "?)" : "");
        } else if (row_room(row, list->count, COUNT(list->items))) {
            list->locs[list->count] = row->loc;
            list->items[list->count++] = word;
        }
    }
}

void row_tune(struct board *board, const struct row *row)
{
    uint64_t value;
    if (row_takes(row, 2, 2, "name, value") && row_room(row, board->ntunes, COUNT(board->tunes)) && row_name(row, row->fields[0]) &&
        row_number(row, row->fields[1], &value)) {
        board->tunes[board->ntunes++] = (struct tune){row->loc, row->fields[0], (uint32_t)value};
    }
}

void row_console(struct board *board, const struct row *row)
{
    uint64_t baud;
    if (row_takes(row, 2, 2, "UART, baud rate") && row_number(row, row->fields[1], &baud)) {
        board->console = row->fields[0];
        board->console_baud = (uint32_t)baud;
    }
}

void row_jpeg_quality(struct board *board, const struct row *row)
{
    uint64_t low, high;
    if (!row_takes(row, 2, 2, "low, high") || !row_number(row, row->fields[0], &low) || !row_number(row, row->fields[1], &high)) {
        return;
    }
    if (low < 1 || high > 100 || low > high) {
        complain(row->loc, "JPEG_QUALITY: 1 <= low <= high <= 100 does not hold");
    }
    board->jpeg_low = (uint32_t)low;
    board->jpeg_high = (uint32_t)high;
}

void row_jpeg_threshold(struct board *board, const struct row *row)
{
    uint64_t product = 1, factor = 0;
    for (const char *text = row->text; *text;) {
        char word[16];
        size_t length = strcspn(text, "x");
        snprintf(word, sizeof word, "%.*s", (int)(length < 15 ? length : 15), text);
        if (!parse_number(word, &factor) || factor == 0 || factor > 65535 || product > 1 << 28) {
            complain(row->loc, "JPEG_THRESHOLD: '%.60s' is not width x height (x bytes per pixel), as 320x240x2", row->text);
            return;
        }
        product *= factor;
        text += length + (text[length] == 'x');
    }
    board->jpeg_threshold = (uint32_t)product;
}
