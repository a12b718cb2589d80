/* SPDX-License-Identifier: MIT */
/* Every key of the format: its kind, where it may stand, what it means. boards/README.md shows this table. */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

enum {
    WORD,   /* one word */
    TEXT,   /* the rest of the line */
    CHOICE, /* one of the words that its meaning lists after the colon */
    NUMBER,
    HZ,
    YESNO,
    USBID,
    ONCE, /* a handler of its own, one row */
    ROWS, /* a handler of its own, any number of rows with += */
};

#define FIELD(name) offsetof(struct board, name)

static const struct key keys[] = {
    /* identity */
    {"NAME", TEXT, SIDE_BOARD, true, FIELD(name), NULL, "the camera's name for people"},
    {"TYPE", WORD, SIDE_BOARD, true, FIELD(type), NULL, "board type string"},
    {"ARCH", TEXT, SIDE_BOARD, true, FIELD(arch), NULL, "architecture string that `omv.arch()` answers"},
    {"CHIP", WORD, SIDE_BOARD, true, FIELD(chip), NULL, "chips/<CHIP>.mk"},
    {"READY", YESNO, SIDE_BOARD, true, FIELD(ready), NULL, "`yes`: its port exists and it builds; `no`: described only"},
    {"MCU", WORD, SIDE_CHIP, true, FIELD(mcu), NULL, "the chip's name, as in the table of supported boards"},
    {"MCU_TEXT", TEXT, SIDE_BOTH, false, FIELD(mcu_text), NULL, "what that table shows when it is more than MCU"},
    {"MCU_DEFINE", WORD, SIDE_CHIP, false, FIELD(mcu_define), NULL, "the macro vendor headers expect"},
    {"PORT", WORD, SIDE_CHIP, true, FIELD(port), NULL, "folder below ports/"},
    {"CORE", WORD, SIDE_CHIP, true, FIELD(core), NULL, "-mcpu="},
    {"FPU", WORD, SIDE_CHIP, true, FIELD(fpu), NULL, "-mfpu=, or `none`"},
    {"SVD", WORD, SIDE_CHIP, false, FIELD(svd), NULL, "CMSIS SVD file of the register view"},
    {"JLINK", WORD, SIDE_CHIP, false, FIELD(jlink), NULL, "J-Link device name"},
    {"OPENOCD", WORD, SIDE_CHIP, false, FIELD(openocd), NULL, "OpenOCD configuration file"},
    {"UID_ADDRESS", ONCE, SIDE_CHIP, false, FIELD(uid_address), row_address, "address of the unique id"},
    {"UID_WORDS", NUMBER, SIDE_CHIP, false, FIELD(uid_words), NULL, "its 32-bit words"},
    {"UID_STRIDE", NUMBER, SIDE_CHIP, false, FIELD(uid_stride), NULL, "bytes from one word to the next"},
    /* USB, loader */
    {"USB_APP", USBID, SIDE_BOARD, true, FIELD(usb_app), NULL, "VID:PID of the running firmware"},
    {"USB_DFU", USBID, SIDE_BOARD, false, FIELD(usb_dfu), NULL, "VID:PID of the loader"},
    {"USB_ALIAS", ROWS, SIDE_BOARD, false, FIELD(usb_aliases), row_usb_ids, "other VID:PIDs of the running board (1200-baud touch)"},
    {"USB_DFU_ALIAS", ROWS, SIDE_BOARD, false, FIELD(usb_dfu_aliases), row_usb_ids, "other VID:PIDs of the loader"},
    {"USB_ROM", USBID, SIDE_BOTH, false, FIELD(usb_rom), NULL, "VID:PID of the chip's ROM loader"},
    {"USB_ADAPTER", ROWS, SIDE_BOARD, false, FIELD(usb_adapters), row_usb_ids, "VID:PIDs of serial adapters that recovery needs"},
    {"LOADER", CHOICE, SIDE_BOARD, true, FIELD(loader), NULL,
     "what is flashed through: openmv_dfu, arduino_dfu, nxp_sbl, samba, picoboot, none"},
    {"BOOT_MAGIC", ONCE, SIDE_BOARD, false, FIELD(boot_magic), row_address, "address of the RAM word that keeps the camera in the loader"},
    {"BOOT_ADDRESS", ONCE, SIDE_BOARD, false, FIELD(boot_address), row_address, "where the bootloader runs, when not in its partition"},
    {"APP_ADDRESS", ONCE, SIDE_BOARD, false, FIELD(app_address), row_address,
     "the firmware's vector table, when not at the start of its partition"},
    /* debugging */
    {"DEBUG_REQUEST", CHOICE, SIDE_BOARD, false, FIELD(debug_request), NULL,
     "what a debugger does by default: launch, attach (external flash)"},
    {"DEBUG_ELF", WORD, SIDE_BOARD, false, FIELD(debug_elf), NULL, "the ELF file to debug, when not firmware.elf"},
    {"DEPLOY_LOADER", WORD, SIDE_BOARD, false, FIELD(deploy_loader), NULL, "STM32CubeProgrammer's external loader"},
    /* clocks */
    {"CPU_CLOCK", ONCE, SIDE_BOARD, true, 0, row_pair, "core clock"},
    {"CPU_MAX", HZ, SIDE_CHIP, false, FIELD(cpu_max_hz), NULL, "highest core clock"},
    {"OVERCLOCK", YESNO, SIDE_BOARD, false, FIELD(overclock), NULL, "`yes`: CPU_CLOCK above CPU_MAX is meant"},
    {"HSE_CLOCK", HZ, SIDE_BOARD, false, FIELD(hse_hz), NULL, "crystal"},
    {"PLL_INPUT", ONCE, SIDE_CHIP, false, 0, row_pll_limits, "lowest and highest frequency after the divider M"},
    {"PLL_VCO", ONCE, SIDE_CHIP, false, 0, row_pll_limits, "lowest and highest VCO frequency"},
    {"PLL_SOURCE", CHOICE, SIDE_BOARD, false, FIELD(pll_source), NULL, "what feeds the PLLs: HSE, HSI"},
    {"PLL", ROWS, SIDE_BOARD, false, 0, row_pll, "number, then M: N: P: Q: R: VCI: VCO:wide|medium FRAC:"},
    {"CLOCK", ROWS, SIDE_BOARD, false, 0, row_clock, "kernel clock of a peripheral and its source"},
    {"CLOCK_MUX", ROWS, SIDE_CHIP, false, 0, row_clock_mux, "peripheral, then SOURCE:value of the multiplexer field"},
    {"FLEXRAM_CONFIG", NUMBER, SIDE_BOARD, false, FIELD(flexram_config), NULL, "how an i.MX RT divides its FlexRAM"},
    {"FLASH_LATENCY", NUMBER, SIDE_BOARD, false, FIELD(flash_latency), NULL, "wait states of the internal flash"},
    {"POWER_SUPPLY", CHOICE, SIDE_BOARD, false, FIELD(power_supply), NULL, "core supply: LDO, SMPS, SMPS_1V8_LDO"},
    {"AXI_QOS_MDMA", ONCE, SIDE_BOARD, false, 0, row_pair, "read and write priority of MDMA on the AXI bus"},
    /* memory and flash */
    {"BANK", ROWS, SIDE_BOTH, false, 0, row_bank, "RAM as the chip or the board has it: name, base, size, kind (ram tcm backup external)"},
    {"FLASH", ROWS, SIDE_BOTH, false, 0, row_flash,
     "flash: name, base, size, erase blocks as 4x16K,64K,7x128K, bytes per program operation"},
    {"BOOT_RAM", ONCE, SIDE_CHIP, false, 0, row_pair, "the BANKs that the bootloader runs in: code, data"},
    {"MEMORY", ROWS, SIDE_BOARD, false, 0, row_memory, "linker region inside a bank: name, base, size"},
    {"PLACE", ROWS, SIDE_BOARD, false, 0, row_place, "object, memory, size (none: what the others leave), flags"},
    {"PARTITION", ROWS, SIDE_BOARD, true, 0, row_partition, "name, DFU alternate or -, base, size, ro|rw, role, image file or -"},
    /* pins */
    {"PORTS", ONCE, SIDE_CHIP, false, 0, row_ports, "GPIO ports and their pins: A0-15 ..."},
    {"AF", ROWS, SIDE_CHIP, false, 0, row_af, "pin, then FUNCTION:number"},
    {"BUS", ROWS, SIDE_BOARD, false, 0, row_bus, "name, optional dev:DEVICE, then SIGNAL:pin"},
    {"GPIO", ROWS, SIDE_BOARD, false, 0, row_gpio, "name, pin, then low|high (active level), shared"},
    {"LED", ROWS, SIDE_BOARD, false, 0, row_led, "name, pin, active level"},
    {"BOOT_LED", ONCE, SIDE_BOARD, false, 0, row_pair, "the bootloader's LED"},
    {"HEADER", ROWS, SIDE_BOARD, false, 0, row_header,
     "NAME:pin of the header; a script may use them for anything, so buses may share them"},
    /* camera */
    {"CSI_INTERFACE", WORD, SIDE_BOARD, false, FIELD(csi_interface), NULL, "camera interface block"},
    {"CSI_I2C", ONCE, SIDE_BOARD, false, 0, row_csi_i2c, "bus of the image sensor, speed (standard full fast)"},
    {"CSI_SPI", WORD, SIDE_BOARD, false, FIELD(csi_spi), NULL, "bus of an SPI sensor (Lepton)"},
    {"CSI_XCLK", ONCE, SIDE_BOARD, false, 0, row_csi_xclk, "TIMER_CHn, pin and frequency of the sensor's clock"},
    {"CSI_DMA", ONCE, SIDE_BOARD, false, 0, row_csi_dma, "controller, stream, request"},
    {"CSI_HW_CROP", YESNO, SIDE_BOARD, false, FIELD(csi_hw_crop), NULL, "the interface crops"},
    {"CSI_MEMCPY_DMA", YESNO, SIDE_BOARD, false, FIELD(csi_memcpy_dma), NULL, "lines are copied by a second DMA"},
    {"SENSOR", ROWS, SIDE_BOARD, false, FIELD(sensors), row_list, "image sensors compiled in"},
    {"THERMAL", ROWS, SIDE_BOARD, false, FIELD(thermals), row_list, "thermal and distance parts compiled in"},
    {"TUNE", ROWS, SIDE_BOARD, false, 0, row_tune, "sensor constant and its value"},
    /* peripherals */
    {"CONSOLE", ONCE, SIDE_BOARD, false, 0, row_console, "UART of the REPL, baud rate"},
    {"FIR_I2C", ONCE, SIDE_BOARD, false, 0, row_fir_i2c, "bus of thermal parts, speed"},
    {"WINC_SPI", ONCE, SIDE_BOARD, false, 0, row_winc_spi, "bus of the WiFi shield, clock"},
    {"DISPLAY_SPI", WORD, SIDE_BOARD, false, FIELD(display_spi), NULL, "bus of the SPI display"},
    /* protocol, codecs, contents */
    {"JPEG_HARDWARE", YESNO, SIDE_BOARD, false, FIELD(jpeg_hardware), NULL, "the chip's JPEG codec is used"},
    {"JPEG_QUALITY", ONCE, SIDE_BOARD, false, 0, row_jpeg_quality, "preview quality above and below the threshold"},
    {"JPEG_THRESHOLD", ONCE, SIDE_BOARD, false, 0, row_jpeg_threshold, "image bytes from which the lower quality is used, as 320x240x2"},
    {"GPU", YESNO, SIDE_BOARD, false, FIELD(gpu), NULL, "the chip's 2D accelerator is used"},
    {"PROTOCOL_BUFFER", NUMBER, SIDE_BOARD, false, FIELD(protocol_buffer), NULL, "largest packet of the host protocol"},
    {"PROTOCOL_STDIO", NUMBER, SIDE_BOARD, false, FIELD(protocol_stdio), NULL, "bytes of script output kept for the host"},
    {"HW_CAPS", ROWS, SIDE_BOARD, false, FIELD(hw_caps), row_list, "capabilities told to the host"},
    {"MODULE", ROWS, SIDE_BOARD, false, FIELD(modules), row_list, "Python modules compiled in"},
    {"FEATURE", ROWS, SIDE_BOARD, false, FIELD(features), row_list, "vision features compiled in"},
    {"EMU_MACHINE", WORD, SIDE_BOARD, false, FIELD(emu_machine), NULL, "QEMU machine"},
    {"EMU_SENSOR", WORD, SIDE_BOARD, false, FIELD(emu_sensor), NULL, "the image sensor it is fitted with"},
    {"STEP", ROWS, SIDE_BOARD, false, 0, row_step, "verb (flash romfs wifi erase restore), tool, what"},
};

static const struct key *find_key(const char *name)
{
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (!strcmp(keys[i].name, name)) {
            return &keys[i];
        }
    }
    return NULL;
}

static void unknown_key(const struct row *row)
{
    const char *names[COUNT(keys)];
    for (size_t i = 0; i < COUNT(keys); i++) {
        names[i] = keys[i].name;
    }
    const char *near = nearest(row->key, names, COUNT(keys));
    complain(row->loc, "unknown key '%.60s'%s%s%s", row->key, near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

/* The meaning of a CHOICE key ends in "...: a, b, c"; a word may carry a remark in brackets. */
static void apply_choice(const struct key *key, const struct row *row)
{
    const char *choices = strchr(key->doc, ':') + 1;
    size_t length = strlen(row->fields[0]);
    for (const char *word = choices; word; word = strchr(word, ',')) {
        word += strspn(word, ", ");
        if (!strncmp(word, row->fields[0], length) && (!word[length] || strchr(", ", word[length]))) {
            return;
        }
    }
    complain(row->loc, "%s: '%.60s' is none of%s", key->name, row->fields[0], choices);
}

static void apply_value(struct board *board, const struct key *key, const struct row *row)
{
    char *field = (char *)board + key->offset;
    uint64_t number;

    if (key->kind != TEXT && row->nfields != 1) {
        complain(row->loc, "%s takes one value, got '%.60s'", key->name, row->text);
        return;
    }
    switch (key->kind) {
    case CHOICE:
        apply_choice(key, row);
        *(const char **)field = row->fields[0];
        break;
    case WORD:
        *(const char **)field = row->fields[0];
        row_word(row, row->fields[0]);
        break;
    case TEXT:
        *(const char **)field = row->text;
        if (strpbrk(row->text, "\"\\")) {
            complain(row->loc, "%s: quotes and backslashes are not allowed", key->name);
        }
        break;
    case NUMBER:
        if (!parse_number(row->text, &number)) {
            complain(row->loc, "%s: '%.60s' is not a number", key->name, row->text);
            return;
        }
        *(uint32_t *)field = (uint32_t)number;
        break;
    case HZ:
        if (!parse_hz(row->text, (uint32_t *)field)) {
            complain(row->loc, "%s: '%.60s' is not a frequency (such as 12MHz)", key->name, row->text);
        }
        break;
    case YESNO:
        if (strcmp(row->text, "yes") && strcmp(row->text, "no")) {
            complain(row->loc, "%s: '%.60s' is neither yes nor no", key->name, row->text);
            return;
        }
        *(bool *)field = row->text[0] == 'y';
        break;
    case USBID:
        ((struct usb_id *)field)->loc = row->loc;
        if (!parse_usb_id(row->text, (struct usb_id *)field)) {
            complain(row->loc, "%s: '%.60s' is not VID:PID (such as 37C5:1204)", key->name, row->text);
        }
        break;
    default:
        break;
    }
}

/* Rows that other rows refer to by name, and rows that refer to them. */
static bool is_definition(const struct key *key)
{
    return key->row == row_bank || key->row == row_memory || key->row == row_ports || key->row == row_af || key->row == row_clock_mux;
}

static bool is_reference(const struct key *key)
{
    return key->row == row_place || key->row == row_clock || key->row == row_bus || key->row == row_gpio || key->row == row_led ||
           key->row == row_header || key->row == row_csi_xclk || key->row == row_af;
}

static void apply_row(struct board *board, const struct row *row, int side, const struct row **seen)
{
    const struct key *key = find_key(row->key);
    if (!key) {
        unknown_key(row);
        return;
    }
    if (!(key->side & side)) {
        complain(row->loc, "%s belongs into the %s's file", key->name, side == SIDE_BOARD ? "chip" : "board");
        return;
    }
    if (row->append != (key->kind == ROWS)) {
        complain(row->loc, "%s is written with '%s'", key->name, key->kind == ROWS ? "+=" : "=");
        return;
    }
    const struct row **first = &seen[key - keys];
    if (*first && key->kind != ROWS) {
        complain(row->loc, "duplicate key %s (first in %s:%d)", key->name, (*first)->loc.file, (*first)->loc.line);
        return;
    }
    *first = row;
    if (board->doubtful && is_reference(key)) {
        return; /* a complaint about it might only repeat the one about the definition */
    }
    if (key->row) {
        int before = complaints();
        key->row(board, row);
        board->doubtful |= is_definition(key) && complaints() != before;
    } else {
        apply_value(board, key, row);
    }
}

void *keys_field(struct board *board, const char *name)
{
    return (char *)board + find_key(name)->offset;
}

void keys_apply(struct board *board)
{
    const struct row *seen[COUNT(keys)] = {NULL};
    /* The chip first: the board's rows refer to its banks, pins and clocks. */
    for (int i = 0; i < board->chip_source.nrows; i++) {
        apply_row(board, &board->chip_source.rows[i], SIDE_CHIP, seen);
    }
    for (int i = 0; i < board->board_source.nrows; i++) {
        apply_row(board, &board->board_source.rows[i], SIDE_BOARD, seen);
    }
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (keys[i].required && !seen[i]) {
            const struct source *source = keys[i].side == SIDE_CHIP ? &board->chip_source : &board->board_source;
            complain((struct loc){source->path, 0}, "%s is missing: %s", keys[i].name, keys[i].doc);
        }
    }
}

void keys_print(FILE *out)
{
    fprintf(out, "| Key | Where | Meaning |\n|---|---|---|\n");
    for (size_t i = 0; i < COUNT(keys); i++) {
        const struct key *key = &keys[i];
        const char *where = key->side == SIDE_BOARD ? "board" : key->side == SIDE_CHIP ? "chip" : "both";
        fprintf(out, "| `%s%s`%s | %s | %s |\n", key->name, key->kind == ROWS ? " +=" : " =", key->required ? " (required)" : "", where,
                key->doc);
    }
}
