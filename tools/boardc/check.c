/* SPDX-License-Identifier: MIT */
/* What no single row can show: overlaps, alternates, erase blocks, fits, pins, clocks. */
#include "boardc.h"

#include <string.h>

const struct partition *board_partition(const struct board *board, const char *role)
{
    for (int i = 0; i < board->npartitions; i++) {
        if (!strcmp(board->partitions[i].role, role)) {
            return &board->partitions[i];
        }
    }
    return NULL;
}

const struct bank *board_bank(const struct board *board, const char *name)
{
    for (int i = 0; i < board->nbanks; i++) {
        if (!strcmp(board->banks[i].name, name)) {
            return &board->banks[i];
        }
    }
    return NULL;
}

const struct use *board_use(const struct board *board, const char *name)
{
    for (int i = 0; i < board->nuses; i++) {
        if (!strcmp(board->uses[i].name, name)) {
            return &board->uses[i];
        }
    }
    return NULL;
}

const struct function *board_function(const struct board *board, struct pin pin, const char *name)
{
    size_t length = strlen(name);
    for (int i = 0; i < board->nfunctions; i++) {
        const struct function *function = &board->functions[i];
        if (function->pin.port == pin.port && function->pin.number == pin.number && !strncmp(function->name, name, length) &&
            function->name[length] == ':') {
            return function;
        }
    }
    return NULL;
}

static bool overlap(uint64_t base_a, uint64_t size_a, uint64_t base_b, uint64_t size_b)
{
    return base_a < base_b + size_b && base_b < base_a + size_a;
}

/* --- memories ------------------------------------------------------------------------------------------------------ */

static void check_banks(const struct board *board)
{
    for (int i = 0; i < board->nbanks; i++) {
        const struct bank *a = &board->banks[i];
        for (int j = 0; j < i; j++) {
            const struct bank *b = &board->banks[j];
            if (overlap(a->base, a->size, b->base, b->size)) {
                complain(a->loc, "BANK %s overlaps %s (line %d)", a->name, b->name, b->loc.line);
            }
        }
    }
}

static void check_flashes(const struct board *board)
{
    for (int i = 0; i < board->nflashes; i++) {
        const struct flash *a = &board->flashes[i];
        for (int j = 0; j < i; j++) {
            const struct flash *b = &board->flashes[j];
            if (overlap(a->base, a->size, b->base, b->size)) {
                complain(a->loc, "FLASH %s overlaps %s (line %d)", a->name, b->name, b->loc.line);
            }
        }
        for (int j = 0; j < board->nbanks; j++) {
            const struct bank *b = &board->banks[j];
            if (overlap(a->base, a->size, b->base, b->size)) {
                complain(a->loc, "FLASH %s overlaps BANK %s (%s:%d)", a->name, b->name, b->loc.file, b->loc.line);
            }
        }
    }
}

static void check_memories(const struct board *board)
{
    for (int i = 0; i < board->nmemories; i++) {
        const struct memory *a = &board->memories[i];
        bool inside = false;
        for (int j = 0; j < board->nbanks; j++) {
            const struct bank *bank = &board->banks[j];
            inside |= a->base >= bank->base && a->base + a->size <= bank->base + bank->size;
        }
        if (!inside) {
            complain(a->loc, "MEMORY %s (0x%08llX, 0x%llX bytes) is not inside a BANK", a->name, (unsigned long long)a->base,
                     (unsigned long long)a->size);
        }
        for (int j = 0; j < i; j++) {
            const struct memory *b = &board->memories[j];
            if (!strcmp(a->name, b->name)) {
                complain(a->loc, "MEMORY %s is described twice (first in line %d)", a->name, b->loc.line);
            } else if (overlap(a->base, a->size, b->base, b->size)) {
                complain(a->loc, "MEMORY %s overlaps %s (line %d)", a->name, b->name, b->loc.line);
            }
        }
    }
}

/* Objects of fixed size go to the top of their memory in the order of their rows; the bottom is left to the linker. */
static void lay_out(struct board *board)
{
    for (int i = 0; i < board->nmemories; i++) {
        board->memories[i].free_size = board->memories[i].size;
    }
    for (int i = 0; i < board->nplaces; i++) {
        struct place *place = &board->places[i];
        if (!place->size) {
            continue;
        }
        if (place->size > place->memory->free_size) {
            complain(place->loc, "%s (0x%llX bytes) does not fit: 0x%llX bytes are left in %s", place->object,
                     (unsigned long long)place->size, (unsigned long long)place->memory->free_size, place->memory->name);
            continue;
        }
        if (place->size % 32) {
            complain(place->loc, "%s: 0x%llX bytes is not a multiple of 32, the cache line", place->object,
                     (unsigned long long)place->size);
        }
        place->memory->free_size -= place->size;
        place->base = place->memory->base + place->memory->free_size;
    }
    for (int i = 0; i < board->nplaces; i++) {
        const struct place *place = &board->places[i];
        if (!place->size && !place->memory->free_size) {
            complain(place->loc, "%s: nothing is left in %s", place->object, place->memory->name);
        }
    }
}

static void check_places(const struct board *board)
{
    static const char *const needed[] = {"DATA", "STACK", "GC_HEAP", "POOL", "STREAM_BUFFER"};
    for (size_t n = 0; n < COUNT(needed) && board->ready; n++) {
        bool found = false;
        for (int i = 0; i < board->nplaces; i++) {
            found |= !strcmp(board->places[i].object, needed[n]);
        }
        if (!found) {
            complain(board->loc, "no PLACE for %s: it needs a memory", needed[n]);
        }
    }
}

/* --- partitions ---------------------------------------------------------------------------------------------------- */

/* True when `offset` is where an erase block begins or the flash ends; remembers the largest block inside [from, to). */
static bool on_block(const struct flash *flash, uint64_t offset)
{
    uint64_t at = 0;
    for (int i = 0; i < flash->nruns; i++) {
        const struct erase_run *run = &flash->runs[i];
        uint64_t length = run->count * run->size;
        if (offset < at + length) {
            return offset >= at && (offset - at) % run->size == 0;
        }
        at += length;
    }
    return offset == at;
}

static uint64_t largest_block(const struct flash *flash, uint64_t from, uint64_t to)
{
    uint64_t at = 0, largest = 0;
    for (int i = 0; i < flash->nruns; i++) {
        uint64_t length = flash->runs[i].count * flash->runs[i].size;
        if (from < at + length && at < to && flash->runs[i].size > largest) {
            largest = flash->runs[i].size;
        }
        at += length;
    }
    return largest;
}

static bool is_window(const struct partition *partition)
{
    return !strcmp(partition->role, "window") || !strcmp(partition->role, "recovery");
}

static void check_partition(struct board *board, struct partition *partition)
{
    for (int i = 0; i < board->nflashes; i++) {
        const struct flash *flash = &board->flashes[i];
        if (partition->base >= flash->base && partition->base - flash->base < flash->size) {
            partition->flash = flash;
        }
    }
    const struct flash *flash = partition->flash;
    if (!flash) {
        complain(partition->loc, "partition %s: 0x%08llX is in no FLASH", partition->name, (unsigned long long)partition->base);
        return;
    }
    uint64_t from = partition->base - flash->base;
    if (from + partition->size > flash->size) {
        complain(partition->loc, "partition %s ends behind the end of flash %s", partition->name, flash->name);
        return;
    }
    if (!on_block(flash, from) || !on_block(flash, from + partition->size)) {
        complain(partition->loc, "partition %s is not a whole number of erase blocks: its %s, 0x%08llX, lies inside one", partition->name,
                 on_block(flash, from) ? "end" : "base",
                 (unsigned long long)(on_block(flash, from) ? partition->base + partition->size : partition->base));
    }
    partition->erase = largest_block(flash, from, from + partition->size);
}

static void check_alternates(const struct board *board)
{
    const struct partition *used[256] = {NULL};
    int top = -1, firmware = 0;
    bool absolute = !strcmp(board->loader ? board->loader : "", "arduino_dfu");

    for (int i = 0; i < board->npartitions; i++) {
        const struct partition *partition = &board->partitions[i];
        firmware += !strcmp(partition->role, "firmware");
        if (partition->alt == NO_ALT) {
            continue;
        }
        if (partition->alt > 255) {
            complain(partition->loc, "partition %s: a DFU alternate is 0 to 255", partition->name);
            continue;
        }
        if (used[partition->alt] && !absolute) {
            complain(partition->loc, "partition %s: alternate %d is %s already (line %d)", partition->name, partition->alt,
                     used[partition->alt]->name, used[partition->alt]->loc.line);
        }
        used[partition->alt] = partition;
        top = partition->alt > top ? partition->alt : top;
    }
    for (int alt = 0; alt <= top; alt++) {
        if (!used[alt]) {
            complain(used[top]->loc, "partition %s is alternate %d, but nothing is alternate %d: a hole", used[top]->name, top, alt);
            break;
        }
    }
    if (!firmware) {
        complain(board->loc, "no partition has the role firmware: there is no application address");
    }
}

static void check_partitions(struct board *board)
{
    for (int i = 0; i < board->npartitions; i++) {
        struct partition *a = &board->partitions[i];
        check_partition(board, a);
        for (int j = 0; j < i; j++) {
            const struct partition *b = &board->partitions[j];
            if (!strcmp(a->name, b->name)) {
                complain(a->loc, "partition %s is described twice (first in line %d)", a->name, b->loc.line);
            } else if (!is_window(a) && !is_window(b) && overlap(a->base, a->size, b->base, b->size)) {
                complain(a->loc, "partition %s overlaps %s (line %d)", a->name, b->name, b->loc.line);
            }
        }
    }
    check_alternates(board);
}

/* --- pins, clocks -------------------------------------------------------------------------------------------------- */

static bool same_pin(struct pin a, struct pin b)
{
    return a.port == b.port && a.number == b.number;
}

static void check_pins(const struct board *board)
{
    for (int i = 0; i < board->nuses; i++) {
        const struct use *a = &board->uses[i];
        bool header = a->shared;
        for (int h = 0; h < board->nheaders; h++) {
            header |= same_pin(board->headers[h].pin, a->pin);
        }
        for (int j = 0; j < i && !header; j++) {
            const struct use *b = &board->uses[j];
            if (same_pin(a->pin, b->pin) && !b->shared) {
                complain(a->loc, "P%c%d is %s and %s (line %d): only a header pin, or one marked shared, may have two functions",
                         a->pin.port, a->pin.number, a->name, b->name, b->loc.line);
            }
        }
    }
}

static void check_bus_name(const struct board *board, const char *key, const char *name)
{
    if (!name) {
        return;
    }
    for (int i = 0; i < board->nbuses; i++) {
        if (!strcmp(board->buses[i].name, name)) {
            return;
        }
    }
    for (int i = 0; i < board->board_source.nrows; i++) {
        if (!strcmp(board->board_source.rows[i].key, key)) {
            complain(board->board_source.rows[i].loc, "%s: there is no BUS %.60s", key, name);
        }
    }
}

static void check_buses(const struct board *board)
{
    check_bus_name(board, "CSI_I2C", board->csi_i2c);
    check_bus_name(board, "CSI_SPI", board->csi_spi);
    check_bus_name(board, "FIR_I2C", board->fir_i2c);
    check_bus_name(board, "WINC_SPI", board->winc_spi);
    check_bus_name(board, "DISPLAY_SPI", board->display_spi);
    check_bus_name(board, "CONSOLE", board->console);
    for (int i = 0; i < board->nleds && board->boot_led; i++) {
        if (!strcmp(board->leds[i].name, board->boot_led)) {
            return;
        }
    }
    if (board->boot_led) {
        complain(board->boot_led_loc, "BOOT_LED: there is no LED %.60s", board->boot_led);
    }
}

/* USB needs 48 MHz; a source of the form PLLnX is computed. */
static void check_usb_clock(const struct board *board)
{
    for (int i = 0; i < board->nclocks; i++) {
        const struct clock_source *clock = &board->clocks[i];
        if (strcmp(clock->name, "USB") || strncmp(clock->source, "PLL", 3) || strlen(clock->source) != 5) {
            continue;
        }
        for (int p = 0; p < board->nplls; p++) {
            const struct pll *pll = &board->plls[p];
            uint32_t divider = clock->source[4] == 'P' ? pll->p : clock->source[4] == 'Q' ? pll->q : pll->r;
            if (pll->number != clock->source[3] - '0' || !pll->m || !divider) {
                continue;
            }
            uint64_t hz = (uint64_t)board->hse_hz / pll->m * pll->n / divider;
            if (hz != 48000000) {
                complain(clock->loc, "CLOCK USB: %s runs at %llu Hz, USB needs 48000000", clock->source, (unsigned long long)hz);
            }
        }
    }
}

static void check_clocks(const struct board *board)
{
    if (board->cpu_max_hz && board->cpu_hz > board->cpu_max_hz && !board->overclock) {
        complain(board->cpu_hz_loc, "CPU_CLOCK: %u Hz is above the chip's %u Hz (OVERCLOCK = yes, when that is meant)", board->cpu_hz,
                 board->cpu_max_hz);
    }
    check_usb_clock(board);
    for (int i = 0; i < board->nplls && board->pll_input[1]; i++) {
        const struct pll *pll = &board->plls[i];
        if (!pll->m || !pll->n || !pll->p) {
            complain(pll->loc, "PLL %d: M, N and P may not be 0", pll->number);
            continue;
        }
        uint32_t input = board->hse_hz / pll->m;
        uint64_t vco = (uint64_t)input * pll->n;
        if (input < 1000000u << pll->vci || input > 2000000u << pll->vci) {
            complain(pll->loc, "PLL %d: %u Hz after M is not the range VCI:%u", pll->number, input, pll->vci);
        }
        if (input < board->pll_input[0] || input > board->pll_input[1]) {
            complain(pll->loc, "PLL %d: %u Hz after M is outside %u to %u Hz", pll->number, input, board->pll_input[0],
                     board->pll_input[1]);
        }
        if (vco < board->pll_vco[0] || vco > board->pll_vco[1]) {
            complain(pll->loc, "PLL %d: VCO at %llu Hz is outside %u to %u Hz", pll->number, (unsigned long long)vco, board->pll_vco[0],
                     board->pll_vco[1]);
        }
        if (pll->number == 1 && vco / pll->p != board->cpu_hz) {
            complain(pll->loc, "PLL 1 gives %llu Hz, CPU_CLOCK says %u Hz", (unsigned long long)(vco / pll->p), board->cpu_hz);
        }
    }
}

/* --- addresses, loader, steps -------------------------------------------------------------------------------------- */

static bool in_bank(const struct board *board, uint32_t address)
{
    for (int i = 0; i < board->nbanks; i++) {
        const struct bank *bank = &board->banks[i];
        if (address >= bank->base && address + UINT64_C(4) <= bank->base + bank->size) {
            return true;
        }
    }
    return false;
}

static void check_addresses(const struct board *board)
{
    for (int i = 0; i < 2 && board->boot_ram[i]; i++) {
        if (!board_bank(board, board->boot_ram[i])) {
            complain(board->boot_ram_loc, "BOOT_RAM: there is no BANK %.60s", board->boot_ram[i]);
        }
    }
    if (board->boot_magic && (!in_bank(board, board->boot_magic) || board->boot_magic % 4)) {
        complain(board->boot_magic_loc, "BOOT_MAGIC: 0x%08X is not a word of a BANK", board->boot_magic);
    }
    if (board->boot_address && !in_bank(board, board->boot_address)) {
        complain(board->boot_address_loc, "BOOT_ADDRESS: 0x%08X is in no BANK", board->boot_address);
    }
    if (!board->app_address) {
        return;
    }
    for (int i = 0; i < board->npartitions; i++) {
        const struct partition *partition = &board->partitions[i];
        if (!strcmp(partition->role, "firmware") && board->app_address >= partition->base &&
            board->app_address < partition->base + partition->size) {
            return;
        }
    }
    complain(board->app_address_loc, "APP_ADDRESS: 0x%08X is not in a partition with the role firmware", board->app_address);
}

/* What the kind of loader, and a board that is built, must say. */
static void check_complete(const struct board *board)
{
    bool openmv = board->loader && !strcmp(board->loader, "openmv_dfu");
    const struct {
        const char *key;
        bool needed, given;
        const char *why;
    } rules[] = {
        {"USB_DFU", board->loader && strcmp(board->loader, "none"), board->usb_dfu.set, "its LOADER has one"},
        {"BOOT_MAGIC", openmv, board->boot_magic != 0, "LOADER is openmv_dfu"},
        {"BOOT_RAM", openmv && board->ready, board->boot_ram[0] != NULL, "LOADER is openmv_dfu"},
        {"UID_WORDS", board->uid_address != 0, board->uid_words != 0, "there is a UID_ADDRESS"},
        {"UID_STRIDE", board->uid_address != 0, board->uid_stride != 0, "there is a UID_ADDRESS"},
        {"HSE_CLOCK", board->nplls != 0, board->hse_hz != 0, "there are PLL rows"},
        {"CSI_INTERFACE", board->ready, board->csi_interface != NULL, "READY is yes"},
        {"CSI_I2C", board->ready, board->csi_i2c != NULL, "READY is yes"},
        {"SENSOR", board->ready, board->sensors.count != 0, "READY is yes"},
        {"LED", board->ready, board->nleds != 0, "READY is yes"},
        {"CONSOLE", board->ready, board->console != NULL, "READY is yes"},
        {"PROTOCOL_BUFFER", board->ready, board->protocol_buffer != 0, "READY is yes"},
        {"JPEG_QUALITY", board->ready, board->jpeg_high != 0, "READY is yes"},
        {"JPEG_THRESHOLD", board->ready, board->jpeg_threshold != 0, "READY is yes"},
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        if (rules[i].needed && !rules[i].given) {
            complain(board->loc, "%s is missing: %s", rules[i].key, rules[i].why);
        }
    }
    for (int i = 0; i < board->npartitions && openmv; i++) {
        const struct partition *partition = &board->partitions[i];
        if (!strcmp(partition->role, "firmware") && partition->alt == NO_ALT) {
            complain(partition->loc, "partition %s: LOADER openmv_dfu needs its DFU alternate", partition->name);
        }
    }
}

static void find_partitions(const struct board *board, struct step *step)
{
    for (size_t n = 0; n < COUNT(step->partitions) && step->partition_names[n]; n++) {
        const char *names[COUNT(board->partitions)];
        for (int i = 0; i < board->npartitions; i++) {
            names[i] = board->partitions[i].name;
            if (!strcmp(names[i], step->partition_names[n])) {
                step->partitions[n] = &board->partitions[i];
            }
        }
        if (!step->partitions[n]) {
            const char *near = nearest(step->partition_names[n], names, (size_t)board->npartitions);
            complain(step->loc, "STEP: there is no partition '%.60s'%s%s%s", step->partition_names[n], near ? " (did you mean " : "",
                     near ? near : "", near ? "?)" : "");
        }
    }
}

static void check_step(const struct board *board, struct step *step)
{
    find_partitions(board, step);
    const struct partition *partition = step->partitions[0];
    if (!partition) {
        return;
    }
    bool dfu = !strcmp(step->tool, "dfu");
    if (dfu && strcmp(board->loader ? board->loader : "", "openmv_dfu")) {
        complain(step->loc, "STEP: dfu speaks to LOADER openmv_dfu only; others take dfuse");
    } else if (dfu && (partition->alt == NO_ALT || !partition->writable)) {
        complain(step->loc, "STEP: the host may not write %s by DFU: it has no alternate, or is ro", partition->name);
    } else if (!strcmp(step->tool, "dfuse") && step->alt == NO_ALT && partition->alt == NO_ALT) {
        complain(step->loc, "STEP: %s has no alternate; add alt:N", partition->name);
    } else if (!strcmp(step->op, "write") && !step->zero && !partition->image) {
        complain(step->loc, "STEP: %s has no image to write; name one, or write zero:BYTES", partition->name);
    }
}

static void check_steps(struct board *board)
{
    bool flash = false;
    for (int i = 0; i < board->nsteps; i++) {
        check_step(board, &board->steps[i]);
        flash |= !strcmp(board->steps[i].verb, "flash");
    }
    if (!flash) {
        complain(board->loc, "no STEP flash: nobody would know how to flash this board");
    }
}

void check_board(struct board *board)
{
    check_banks(board);
    check_flashes(board);
    check_memories(board);
    lay_out(board);
    check_places(board);
    check_partitions(board);
    check_pins(board);
    check_buses(board);
    check_clocks(board);
    check_addresses(board);
    check_complete(board);
    check_steps(board);
}
