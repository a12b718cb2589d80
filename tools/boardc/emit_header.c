/* SPDX-License-Identifier: MIT */
/* board.h: the board's facts as C macros, for firmware and bootloader. */
#include "boardc.h"

#include <ctype.h>
#include <string.h>

static void text_macro(FILE *out, const char *name, const char *value)
{
    if (value) {
        fprintf(out, "#define BOARD_%s \"%s\"\n", name, value);
    }
}

static void number_macro(FILE *out, const char *name, uint32_t value)
{
    fprintf(out, "#define BOARD_%s %uu\n", name, value);
}

static void hex_macro(FILE *out, const char *name, uint32_t value)
{
    fprintf(out, "#define BOARD_%s 0x%08Xu\n", name, value);
}

static void identity(const struct board *board, FILE *out)
{
    text_macro(out, "NAME", board->name);
    text_macro(out, "TARGET", board->target);
    text_macro(out, "TYPE", board->type);
    text_macro(out, "ARCH", board->arch);
    text_macro(out, "MCU", board->mcu);
    fprintf(out, "#define BOARD_USB_APP_VID 0x%04X\n#define BOARD_USB_APP_PID 0x%04X\n", board->usb_app.vid, board->usb_app.pid);
    if (board->usb_dfu.set) {
        fprintf(out, "#define BOARD_USB_DFU_VID 0x%04X\n#define BOARD_USB_DFU_PID 0x%04X\n", board->usb_dfu.vid, board->usb_dfu.pid);
    }
    if (board->uid_address) {
        hex_macro(out, "UID_ADDRESS", board->uid_address);
        number_macro(out, "UID_WORDS", board->uid_words);
        number_macro(out, "UID_STRIDE", board->uid_stride);
    }
    if (board->flexram_config) {
        hex_macro(out, "FLEXRAM_CONFIG", board->flexram_config);
    }
    if (board->boot_magic) {
        hex_macro(out, "BOOT_MAGIC_ADDRESS", board->boot_magic);
        hex_macro(out, "BOOT_MAGIC", 0xB00710AD);
    }
}

static void clocks(const struct board *board, FILE *out)
{
    fprintf(out, "\n/* clocks */\n");
    number_macro(out, "CPU_HZ", board->cpu_hz);
    number_macro(out, "HSE_HZ", board->hse_hz);
    if (board->pll_source) {
        fprintf(out, "#define BOARD_PLL_SOURCE_%s 1\n", board->pll_source);
    }
    for (int i = 0; i < board->nplls; i++) {
        const struct pll *pll = &board->plls[i];
        const struct {
            const char *name;
            uint32_t value;
        } fields[] = {
            {"M", pll->m}, {"N", pll->n},     {"P", pll->p},       {"Q", pll->q},
            {"R", pll->r}, {"VCI", pll->vci}, {"FRAC", pll->frac}, {"VCO_WIDE", pll->wide},
        };
        for (size_t f = 0; f < COUNT(fields); f++) {
            fprintf(out, "#define BOARD_PLL%d_%s %uu\n", pll->number, fields[f].name, fields[f].value);
        }
    }
    for (int i = 0; i < board->nclocks; i++) {
        const struct clock_source *clock = &board->clocks[i];
        fprintf(out, "#define BOARD_CLOCK_%s_SEL %du /* %s */\n#define BOARD_CLOCK_%s_%s 1\n", clock->name, clock->select, clock->source,
                clock->name, clock->source);
    }
    number_macro(out, "FLASH_LATENCY", board->flash_latency);
    if (board->power_supply) {
        fprintf(out, "#define BOARD_POWER_%s 1\n", board->power_supply);
    }
    number_macro(out, "AXI_QOS_MDMA_READ", board->axi_qos_mdma[0]);
    number_macro(out, "AXI_QOS_MDMA_WRITE", board->axi_qos_mdma[1]);
}

static void flash(const struct board *board, FILE *out)
{
    fprintf(out, "\n/* flash */\n");
    for (int i = 0; i < board->nflashes; i++) {
        const struct flash *flash = &board->flashes[i];
        fprintf(out, "#define FLASH_%s_BASE 0x%08llXu\n#define FLASH_%s_SIZE 0x%llXu\n#define FLASH_%s_PROGRAM %uu\n", flash->name,
                (unsigned long long)flash->base, flash->name, (unsigned long long)flash->size, flash->name, flash->program);
        fprintf(out, "/* X(count, size): runs of equal erase blocks in address order */\n#define FLASH_%s_BLOCKS(X)", flash->name);
        for (int r = 0; r < flash->nruns; r++) {
            fprintf(out, " X(%u, 0x%llXu)", flash->runs[r].count, (unsigned long long)flash->runs[r].size);
        }
        fprintf(out, "\n");
    }
    for (int i = 0; i < board->npartitions; i++) {
        const struct partition *partition = &board->partitions[i];
        fprintf(out, "#define PART_%s_BASE 0x%08llXu\n#define PART_%s_SIZE 0x%llXu\n#define PART_%s_ERASE 0x%llXu\n", partition->name,
                (unsigned long long)partition->base, partition->name, (unsigned long long)partition->size, partition->name,
                (unsigned long long)partition->erase);
        if (partition->alt != NO_ALT) {
            fprintf(out, "#define PART_%s_ALT %d\n", partition->name, partition->alt);
        }
    }
    fprintf(out, "/* X(name, alt, base, size, writable), -1: no alternate */\n#define BOARD_PARTITIONS(X)");
    for (int i = 0; i < board->npartitions; i++) {
        const struct partition *partition = &board->partitions[i];
        fprintf(out, " \\\n    X(%s, %d, 0x%08llXu, 0x%llXu, %d)", partition->name, partition->alt, (unsigned long long)partition->base,
                (unsigned long long)partition->size, partition->writable);
    }
    fprintf(out, "\n");
    const struct partition *firmware = board_partition(board, "firmware");
    if (firmware) {
        hex_macro(out, "APP_ADDRESS", board->app_address ? board->app_address : (uint32_t)firmware->base);
    }
}

static void memory(const struct board *board, FILE *out)
{
    fprintf(out, "\n/* memories, and the objects at their tops */\n");
    for (int i = 0; i < board->nmemories; i++) {
        const struct memory *memory = &board->memories[i];
        fprintf(out, "#define MEM_%s_BASE 0x%08llXu\n#define MEM_%s_SIZE 0x%llXu\n", memory->name, (unsigned long long)memory->base,
                memory->name, (unsigned long long)memory->size);
    }
    for (int i = 0; i < board->nplaces; i++) {
        const struct place *place = &board->places[i];
        if (place->size && strcmp(place->object, "POOL") && strcmp(place->object, "GC_HEAP")) {
            fprintf(out, "#define BOARD_%s_BASE 0x%08llXu\n#define BOARD_%s_SIZE 0x%llXu\n", place->object, (unsigned long long)place->base,
                    place->object, (unsigned long long)place->size);
        }
    }
    fprintf(out, "/* X(base, size, flags), flags as in runtime/pool.h */\n#define BOARD_POOLS(X)");
    for (int i = 0; i < board->nplaces; i++) {
        const struct place *place = &board->places[i];
        if (!strcmp(place->object, "POOL")) {
            fprintf(out, " X(0x%08llXu, 0x%llXu, %uu)", (unsigned long long)place->base, (unsigned long long)place->size, place->flags);
        }
    }
    fprintf(out, "\n/* X(base, size), the first is the initial heap */\n#define BOARD_GC_HEAPS(X)");
    for (int i = 0; i < board->nplaces; i++) {
        const struct place *place = &board->places[i];
        if (!strcmp(place->object, "GC_HEAP")) {
            fprintf(out, " X(0x%08llXu, 0x%llXu)", (unsigned long long)place->base, (unsigned long long)place->size);
        }
    }
    fprintf(out, "\n");
}

/* X(number, pin...) of all buses whose name is `kind` and digits, their signals in the order given. */
static void bus_list(const struct board *board, FILE *out, const char *kind, const char *const *signals, int count)
{
    fprintf(out, "#define BOARD_%sS(X)", kind);
    for (int i = 0; i < board->nbuses; i++) {
        const char *digits = board->buses[i].name + strlen(kind);
        if (strncmp(board->buses[i].name, kind, strlen(kind)) || !isdigit((unsigned char)*digits)) {
            continue;
        }
        fprintf(out, " \\\n    X(%s", digits);
        for (int s = 0; s < count; s++) {
            char name[64];
            snprintf(name, sizeof name, "%s_%s", board->buses[i].name, signals[s]);
            const struct use *use = board_use(board, name);
            if (use) {
                fprintf(out, ", '%c', %d, %d", use->pin.port, use->pin.number, use->af);
            } else {
                fprintf(out, ", 0, -1, -1");
            }
        }
        fprintf(out, ")");
    }
    fprintf(out, "\n");
}

static void pins(const struct board *board, FILE *out)
{
    static const char *const i2c[] = {"SCL", "SDA"}, *const spi[] = {"NSS", "SCK", "MISO", "MOSI"}, *const uart[] = {"TX", "RX"};

    fprintf(out, "\n/* pins: X(name, port, pin, alternate function), -1: plain GPIO */\n#define BOARD_PINS(X)");
    for (int i = 0; i < board->nuses; i++) {
        const struct use *use = &board->uses[i];
        fprintf(out, " \\\n    X(%s, '%c', %d, %d)", use->name, use->pin.port, use->pin.number, use->af);
    }
    fprintf(out, "\n");
    for (int i = 0; i < board->nuses; i++) {
        const struct use *use = &board->uses[i];
        fprintf(out, "#define PIN_%s_PORT '%c'\n#define PIN_%s_PIN %d\n#define PIN_%s_AF (%d)\n", use->name, use->pin.port, use->name,
                use->pin.number, use->name, use->af);
    }
    fprintf(out, "/* X(port, pin, function, number): the alternate functions that the chip file lists */\n#define BOARD_AFS(X)");
    for (int i = 0; i < board->nfunctions; i++) {
        const struct function *function = &board->functions[i];
        fprintf(out, " \\\n    X('%c', %d, %.*s, %d)", function->pin.port, function->pin.number, (int)strcspn(function->name, ":"),
                function->name, function->af);
    }
    fprintf(out, "\n");
    fprintf(out, "/* X(name, port, pin) of the header */\n#define BOARD_PIN_NAMES(X)");
    for (int i = 0; i < board->nheaders; i++) {
        const struct header_pin *header = &board->headers[i];
        fprintf(out, " \\\n    X(%.*s, '%c', %d)", (int)strcspn(header->name, ":"), header->name, header->pin.port, header->pin.number);
    }
    fprintf(out, "\n/* X(port, bits) of the chip's pins */\n#define BOARD_CPU_PORTS(X)");
    for (int i = 0; i < 26; i++) {
        if (board->ports[i]) {
            fprintf(out, " X('%c', 0x%Xu)", 'A' + i, board->ports[i]);
        }
    }
    fprintf(out, "\n/* X(name, number, port, pin, level that lights it) */\n#define BOARD_LEDS(X)");
    for (int i = 0; i < board->nleds; i++) {
        const struct led *led = &board->leds[i];
        fprintf(out, " \\\n    X(%s, %d, '%c', %d, %d)", led->name, i + 1, led->pin.port, led->pin.number, led->active);
    }
    fprintf(out, "\n");
    if (board->boot_led) {
        const struct led *led = board->leds;
        while (strcmp(led->name, board->boot_led)) {
            led++;
        }
        fprintf(out, "#define BOARD_BOOT_LED_PORT PIN_LED_%s_PORT\n#define BOARD_BOOT_LED_PIN PIN_LED_%s_PIN\n", led->name, led->name);
        fprintf(out, "#define BOARD_BOOT_LED_ON %d /* the level that lights it */\n", led->active);
    }
    fprintf(out, "/* X(number, then port, pin, af of each signal) */\n");
    bus_list(board, out, "I2C", i2c, 2);
    bus_list(board, out, "SPI", spi, 4);
    bus_list(board, out, "UART", uart, 2);
}

/* "I2C2" -> BOARD_<name>_ID 2. */
static void id_macro(FILE *out, const char *name, const char *bus)
{
    if (bus) {
        fprintf(out, "#define BOARD_%s %s\n", name, bus + strcspn(bus, "0123456789") + (!strncmp(bus, "I2C", 3) ? 2 : 0));
    }
}

static uint32_t i2c_hz(const char *speed)
{
    return !speed ? 0 : !strcmp(speed, "standard") ? 100000 : !strcmp(speed, "full") ? 400000 : 1000000;
}

static void camera(const struct board *board, FILE *out)
{
    fprintf(out, "\n/* camera */\n");
    text_macro(out, "CSI_INTERFACE", board->csi_interface);
    id_macro(out, "CSI_I2C_ID", board->csi_i2c);
    number_macro(out, "CSI_I2C_HZ", i2c_hz(board->csi_i2c_speed));
    id_macro(out, "CSI_SPI_ID", board->csi_spi);
    if (board->xclk_device) {
        fprintf(out, "#define BOARD_CSI_XCLK_TIMER %.*s\n", (int)strcspn(board->xclk_device + 3, "_"), board->xclk_device + 3);
        number_macro(out, "CSI_XCLK_CHANNEL", (uint32_t)board->xclk_channel);
        number_macro(out, "CSI_XCLK_HZ", board->xclk_hz);
    }
    if (board->dma_controller) {
        number_macro(out, "CSI_DMA_CONTROLLER", (uint32_t)board->dma_controller);
        number_macro(out, "CSI_DMA_STREAM", (uint32_t)board->dma_stream);
        fprintf(out, "#define BOARD_CSI_DMA_REQUEST_%s 1\n", board->dma_request);
    }
    number_macro(out, "CSI_HW_CROP", board->csi_hw_crop);
    number_macro(out, "CSI_MEMCPY_DMA", board->csi_memcpy_dma);
    for (int i = 0; i < board->ntunes; i++) {
        fprintf(out, "#define BOARD_%s 0x%Xu\n", board->tunes[i].name, board->tunes[i].value);
    }
}

/* BOARD_<prefix>_<NAME> 0 or 1 for every known name. */
static void list(FILE *out, const char *prefix, const struct list *list, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int on = 0;
        for (int n = 0; n < list->count; n++) {
            on |= !strcmp(list->items[n], known[i]);
        }
        fprintf(out, "#define BOARD_%s_%s %d\n", prefix, known[i], on);
    }
}

static void contents(const struct board *board, FILE *out)
{
    fprintf(out, "\n/* peripherals, protocol, codecs */\n");
    id_macro(out, "CONSOLE_UART", board->console);
    number_macro(out, "CONSOLE_BAUD", board->console_baud);
    id_macro(out, "FIR_I2C_ID", board->fir_i2c);
    number_macro(out, "FIR_I2C_HZ", i2c_hz(board->fir_i2c_speed));
    id_macro(out, "WINC_SPI_ID", board->winc_spi);
    number_macro(out, "WINC_SPI_HZ", board->winc_hz);
    id_macro(out, "DISPLAY_SPI_ID", board->display_spi);
    number_macro(out, "JPEG_HARDWARE", board->jpeg_hardware);
    number_macro(out, "JPEG_QUALITY_LOW", board->jpeg_low);
    number_macro(out, "JPEG_QUALITY_HIGH", board->jpeg_high);
    number_macro(out, "JPEG_QUALITY_THRESHOLD", board->jpeg_threshold);
    number_macro(out, "GPU", board->gpu);
    number_macro(out, "PROTOCOL_BUFFER_SIZE", board->protocol_buffer);
    number_macro(out, "PROTOCOL_STDIO_SIZE", board->protocol_stdio);
    fprintf(out, "\n/* what is compiled in */\n");
    list(out, "CAP", &board->hw_caps, known_hw_caps, known_hw_caps_count);
    list(out, "SENSOR", &board->sensors, known_sensors, known_sensors_count);
    list(out, "THERMAL", &board->thermals, known_thermals, known_thermals_count);
    list(out, "MODULE", &board->modules, known_modules, known_modules_count);
    list(out, "FEATURE", &board->features, known_features, known_features_count);
}

void emit_header(const struct board *board, FILE *out)
{
    fprintf(out, "/* Generated by boardc from boards/%s/board_config.mk and chips/%s.mk. */\n#ifndef BOARD_H\n#define BOARD_H\n\n",
            board->target, board->chip);
    identity(board, out);
    clocks(board, out);
    flash(board, out);
    memory(board, out);
    pins(board, out);
    camera(board, out);
    contents(board, out);
    fprintf(out, "\n#endif\n");
}
