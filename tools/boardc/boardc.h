/* SPDX-License-Identifier: MIT */
/* boardc: reads boards/<T>/board_config.mk and chips/<chip>.mk, checks them, writes everything that is derived from them. */
#ifndef BOARDC_H
#define BOARDC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX_FIELDS = 64, MAX_ROWS = 1024, NO_ALT = -1, NO_AF = -1 };

/* Where a row stands; every complaint names it. */
struct loc {
    const char *file;
    int line;
};

/* One line `KEY = fields` or `KEY += fields`. Strings live in the text the row was parsed from. */
struct row {
    struct loc loc;
    const char *key;
    bool append;
    const char *text;               /* the value as written, blanks trimmed */
    const char *fields[MAX_FIELDS]; /* the value cut at blanks */
    int nfields;
};

/* A parsed file; owns the text. */
struct source {
    const char *path;
    char *text;  /* the file, kept for `text` of the rows */
    char *words; /* a second copy, cut into fields */
    struct row *rows;
    int nrows;
};

struct bank {
    struct loc loc;
    const char *name, *kind;
    uint64_t base, size;
};

/* Runs of equal erase blocks, in address order. */
struct erase_run {
    uint32_t count;
    uint64_t size;
};

struct flash {
    struct loc loc;
    const char *name;
    uint64_t base, size;
    struct erase_run runs[8];
    int nruns;
    uint32_t program;
};

struct memory {
    struct loc loc;
    const char *name;
    uint64_t base, size;
    uint64_t free_size; /* what is left at the bottom for the linker after the objects of fixed size */
};

struct partition {
    struct loc loc;
    const char *name, *role, *image;
    int alt; /* DFU alternate setting or NO_ALT */
    uint64_t base, size;
    uint64_t erase; /* the largest erase block inside */
    bool writable;
    const struct flash *flash;
};

struct place {
    struct loc loc;
    const char *object;
    struct memory *memory;
    uint64_t base, size; /* size 0: the rest of the memory */
    uint32_t flags;
    const char *flags_text;
};

struct pll {
    struct loc loc;
    int number;
    uint32_t m, n, p, q, r, vci, frac;
    bool wide;
};

struct clock_source {
    struct loc loc;
    const char *name, *source;
    int select; /* the multiplexer field's value */
};

struct clock_mux {
    struct loc loc;
    const char *name;
    const char *sources[8];
    int values[8];
    int nsources;
};

struct pin {
    char port; /* 'A'.. */
    int number;
};

struct function { /* a pin's alternate function, from the chip */
    struct pin pin;
    const char *name;
    int af;
};

struct use { /* a pin used by the board */
    struct loc loc;
    char name[40];
    const char *bus; /* the bus it belongs to, or NULL: plain GPIO */
    struct pin pin;
    int af;
    bool shared;
    int active; /* level that means on */
};

struct bus {
    struct loc loc;
    const char *name, *device;
    int first_use, nuses;
};

struct led {
    struct loc loc;
    const char *name;
    struct pin pin;
    int active;
};

struct header_pin {
    struct loc loc;
    const char *name;
    struct pin pin;
};

struct usb_id {
    struct loc loc;
    uint16_t vid, pid;
    bool set;
};

struct usb_ids {
    struct usb_id ids[4];
    int count;
};

/* One step of a procedure. Which members count depends on tool and op (the table in rows_steps.c). */
struct step {
    struct loc loc;
    const char *verb, *tool, *op;
    const char *partition_names[2];
    const struct partition *partitions[2];
    uint32_t numbers[3];
    int nnumbers;
    const char *word, *text;
    struct usb_id usb;
    int alt;
    uint32_t zero, offset, size, timeout;
    const char *port;
    bool leave, reset;
};

struct tune {
    struct loc loc;
    const char *name;
    uint32_t value;
};

struct list {
    const char *items[96];
    struct loc locs[96];
    int count;
};

struct board {
    struct source board_source, chip_source;
    char target[48]; /* the folder's name */
    char chip_path[512];
    struct loc loc; /* of the board's file, for what is missing */
    bool doubtful;  /* a definition was refused: what refers to it is not looked at */

    const char *name, *type, *arch, *chip, *loader;
    bool ready;
    const char *mcu, *mcu_define, *mcu_text, *port, *core, *core_text, *fpu, *svd, *jlink, *openocd;
    uint32_t uid_address, uid_words, uid_stride;
    struct loc uid_loc;
    struct usb_id usb_app, usb_dfu, usb_rom;
    struct usb_ids usb_aliases, usb_dfu_aliases, usb_adapters;
    uint32_t boot_magic, boot_address, app_address; /* 0: not given */
    struct loc boot_magic_loc, boot_address_loc, app_address_loc;
    const char *debug_request, *debug_elf, *deploy_loader;

    uint32_t cpu_hz, cpu_max_hz, hse_hz, flexram_config;
    bool overclock;
    struct loc cpu_hz_loc;
    uint32_t pll_input[2], pll_vco[2];
    const char *pll_source;
    struct pll plls[4];
    int nplls;
    struct clock_source clocks[16];
    int nclocks;
    struct clock_mux muxes[16];
    int nmuxes;
    uint32_t flash_latency;
    const char *power_supply;
    uint32_t axi_qos_mdma[2];

    struct bank banks[16];
    int nbanks;
    struct flash flashes[8];
    int nflashes;
    struct memory memories[24];
    int nmemories;
    struct partition partitions[24];
    int npartitions;
    struct place places[40];
    int nplaces;

    uint32_t ports[26]; /* per port letter, a bit per pin that the chip has */
    struct function functions[512];
    int nfunctions;
    struct use uses[128];
    int nuses;
    struct bus buses[32];
    int nbuses;
    struct led leds[8];
    int nleds;
    struct header_pin headers[64];
    int nheaders;
    const char *boot_led;
    struct loc boot_led_loc;
    const char *boot_ram[2]; /* banks of the bootloader's code and data */
    struct loc boot_ram_loc;

    const char *csi_interface, *csi_spi;
    const char *csi_i2c, *csi_i2c_speed;
    const char *xclk_device;
    int xclk_channel;
    uint32_t xclk_hz;
    int dma_controller, dma_stream;
    const char *dma_request;
    bool csi_hw_crop, csi_memcpy_dma;
    struct list sensors, thermals, modules, features, hw_caps;
    struct tune tunes[32];
    int ntunes;

    const char *console;
    uint32_t console_baud;
    const char *fir_i2c, *fir_i2c_speed, *winc_spi, *display_spi;
    uint32_t winc_hz;

    bool jpeg_hardware, gpu;
    uint32_t jpeg_low, jpeg_high, jpeg_threshold;
    uint32_t protocol_buffer, protocol_stdio;
    const char *emu_machine, *emu_sensor;

    struct step steps[64];
    int nsteps;
};

/* --- diagnostics (main.c) ------------------------------------------------------------------------------------------ */

/* Prints `file:line: message` and counts it; the run ends with status 1. line 0 is left out. */
void complain(struct loc loc, const char *format, ...) __attribute__((format(printf, 2, 3)));
int complaints(void);

/* The closest of the `count` names, `stride` bytes apart, to `word`, or NULL when none is close. */
const char *nearest(const char *word, const char *const *names, size_t count);

/* --- parse.c ------------------------------------------------------------------------------------------------------- */

/* Reads `path` into rows. False after a complaint; source_free is safe in any case. */
bool source_read(struct source *source, const char *path);
void source_free(struct source *source);

/* Value parsers: true when all of `text` is a value of the kind. Sizes take K and M (binary), clocks need Hz, kHz or MHz. */
bool parse_number(const char *text, uint64_t *out);
bool parse_size(const char *text, uint64_t *out);
bool parse_hz(const char *text, uint32_t *out);
bool parse_usb_id(const char *text, struct usb_id *out);
bool parse_pin(const char *text, struct pin *out);
/* Cuts "name:value" in two; `text` must be writable through the source's own copy. NULL when there is no colon. */
const char *split_attribute(const char *text, char *name, size_t name_size);

/* --- keys.c, rows.c ------------------------------------------------------------------------------------------------ */

enum side { SIDE_BOARD = 1, SIDE_CHIP = 2, SIDE_BOTH = 3 };

struct key {
    const char *name;
    int kind;
    int side;
    bool required;
    size_t offset;
    void (*row)(struct board *board, const struct row *row);
    const char *doc;
};

/* Fills `board` from its two sources. */
void keys_apply(struct board *board);
/* Prints the table of all keys in Markdown, for boards/README.md. */
void keys_print(FILE *out);

void row_usb_ids(struct board *board, const struct row *row);
void row_address(struct board *board, const struct row *row);
void row_pll(struct board *board, const struct row *row);
void row_pll_limits(struct board *board, const struct row *row);
void row_clock(struct board *board, const struct row *row);
void row_clock_mux(struct board *board, const struct row *row);
void row_pair(struct board *board, const struct row *row);
void row_bank(struct board *board, const struct row *row);
void row_flash(struct board *board, const struct row *row);
void row_memory(struct board *board, const struct row *row);
void row_partition(struct board *board, const struct row *row);
void row_place(struct board *board, const struct row *row);
void row_ports(struct board *board, const struct row *row);
void row_af(struct board *board, const struct row *row);
void row_bus(struct board *board, const struct row *row);
void row_gpio(struct board *board, const struct row *row);
void row_led(struct board *board, const struct row *row);
void row_header(struct board *board, const struct row *row);
void row_csi_i2c(struct board *board, const struct row *row);
void row_csi_xclk(struct board *board, const struct row *row);
void row_csi_dma(struct board *board, const struct row *row);
void row_list(struct board *board, const struct row *row);
void row_tune(struct board *board, const struct row *row);
void row_console(struct board *board, const struct row *row);
void row_fir_i2c(struct board *board, const struct row *row);
void row_winc_spi(struct board *board, const struct row *row);
void row_jpeg_quality(struct board *board, const struct row *row);
void row_jpeg_threshold(struct board *board, const struct row *row);
void row_step(struct board *board, const struct row *row);

/* --- check.c ------------------------------------------------------------------------------------------------------- */

/* Everything that needs more than one row: overlaps, alternates, fits, pins, clocks. Also lays the objects out in the memories. */
void check_board(struct board *board);

/* --- lookups (check.c) --------------------------------------------------------------------------------------------- */

const struct partition *board_partition(const struct board *board, const char *role);
const struct bank *board_bank(const struct board *board, const char *name);
const struct use *board_use(const struct board *board, const char *name);
const struct function *board_function(const struct board *board, struct pin pin, const char *name);

/* --- known names (names.c) ----------------------------------------------------------------------------------------- */

extern const char *const known_features[], *const known_modules[], *const known_sensors[], *const known_thermals[];
extern const char *const known_hw_caps[];
extern const size_t known_features_count, known_modules_count, known_sensors_count, known_thermals_count;
extern const size_t known_hw_caps_count;

/* --- emitters: of one board ----------------------------------------------------------------------------------------- */

void emit_header(const struct board *board, FILE *out);     /* board.h */
void emit_linker(const struct board *board, FILE *out);     /* memory.ld */
void emit_make(const struct board *board, FILE *out);       /* board.mk */
void emit_alternates(const struct board *board, FILE *out); /* dfu_alternates.h */
void emit_emulator(const struct board *board, FILE *out);   /* emu_board.h */
void emit_launch(const struct board *board, FILE *out);     /* launch.json */
void emit_tasks(const struct board *board, FILE *out);      /* tasks.json */

/* --- emitters: of all boards ---------------------------------------------------------------------------------------- */

struct boards {
    struct board *list[64];
    int count;
};

void emit_boards_header(const struct boards *boards, FILE *out); /* boards.h */
void emit_boards(const struct boards *boards, FILE *out);        /* boards.c */
void emit_docs(const struct boards *boards, FILE *out);          /* boards.md */

/* The SDK's folder as launch.json names it (--sdk). */
extern const char *sdk_folder;

/* "Cortex-M7" for "cortex-m7". */
const char *core_name(const char *core);

#endif
