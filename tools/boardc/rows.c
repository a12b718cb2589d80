/* SPDX-License-Identifier: MIT */
/* The keys whose rows have several fields: identity, clocks, memory and flash. Pins and camera are in rows_pins.c. */
#include "rows.h"

#include <string.h>

/* True when the row has between `min` and `max` fields; complains otherwise. */
bool row_takes(const struct row *row, int min, int max, const char *usage)
{
    if (row->nfields >= min && row->nfields <= max) {
        return true;
    }
    complain(row->loc, "%s: got %d field%s, expected %s", row->key, row->nfields, row->nfields == 1 ? "" : "s", usage);
    return false;
}

/* True when there is room for one more; complains otherwise. */
bool row_room(const struct row *row, int count, size_t max)
{
    if (count < (int)max) {
        return true;
    }
    complain(row->loc, "too many %s rows (at most %zu)", row->key, max);
    return false;
}

bool row_size(const struct row *row, const char *text, uint64_t *out)
{
    if (parse_size(text, out)) {
        return true;
    }
    complain(row->loc, "%s: '%.60s' is not a size (such as 128K)", row->key, text);
    return false;
}

bool row_number(const struct row *row, const char *text, uint64_t *out)
{
    if (parse_number(text, out)) {
        return true;
    }
    complain(row->loc, "%s: '%.60s' is not a number", row->key, text);
    return false;
}

bool row_name(const struct row *row, const char *name)
{
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (!name[length] && length < 32 && (name[0] < '0' || name[0] > '9')) {
        return true;
    }
    complain(row->loc, "%s: '%.60s' is not a name (capital letters, digits, _)", row->key, name);
    return false;
}

bool row_word(const struct row *row, const char *word)
{
    if (!word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-")]) {
        return true;
    }
    complain(row->loc, "%s: '%.60s' is not a plain word (letters, digits, . _ + -)", row->key, word);
    return false;
}

/* A base address and a size that stay below 4 GiB. */
bool row_range(const struct row *row, const char *base_text, const char *size_text, uint64_t *base, uint64_t *size)
{
    if (!row_number(row, base_text, base) || !row_size(row, size_text, size)) {
        return false;
    }
    if (*base + *size > UINT64_C(1) << 32) {
        complain(row->loc, "%s: 0x%llX and 0x%llX bytes end behind the 32-bit address space", row->key, (unsigned long long)*base,
                 (unsigned long long)*size);
        return false;
    }
    return true;
}

/* Index of `word` among the choices, or -1 after a complaint that lists them. */
int row_choice(const struct row *row, const char *word, const char *const *choices, size_t count)
{
    char all[256] = "";
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(word, choices[i])) {
            return (int)i;
        }
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", choices[i]);
    }
    complain(row->loc, "%s: '%.60s' is none of %s", row->key, word, all);
    return -1;
}

/* Small keys whose row keeps its place for later complaints. */
void row_pair(struct board *board, const struct row *row)
{
    uint64_t value[2];
    if (!strcmp(row->key, "CPU_CLOCK")) {
        board->cpu_hz_loc = row->loc;
        if (!parse_hz(row->text, &board->cpu_hz)) {
            complain(row->loc, "CPU_CLOCK: '%.60s' is not a frequency (such as 480MHz)", row->text);
        }
    } else if (!strcmp(row->key, "BOOT_LED")) {
        board->boot_led_loc = row->loc;
        board->boot_led = row->fields[0];
        row_takes(row, 1, 1, "the name of an LED");
    } else if (!strcmp(row->key, "BOOT_RAM")) {
        board->boot_ram_loc = row->loc;
        if (row_takes(row, 2, 2, "two BANKs")) {
            board->boot_ram[0] = row->fields[0];
            board->boot_ram[1] = row->fields[1];
        }
    } else if (row_takes(row, 2, 2, "two numbers") && row_number(row, row->fields[0], &value[0]) &&
               row_number(row, row->fields[1], &value[1])) {
        board->axi_qos_mdma[0] = (uint32_t)value[0];
        board->axi_qos_mdma[1] = (uint32_t)value[1];
    }
}

void row_usb_ids(struct board *board, const struct row *row)
{
    struct usb_ids *list = keys_field(board, row->key);
    for (int i = 0; i < row->nfields; i++) {
        if (!row_room(row, list->count, COUNT(list->ids))) {
            return;
        }
        struct usb_id *id = &list->ids[list->count];
        id->loc = row->loc;
        if (!parse_usb_id(row->fields[i], id)) {
            complain(row->loc, "%s: '%.60s' is not VID:PID (such as 2341:025B)", row->key, row->fields[i]);
        } else {
            list->count++;
        }
    }
}

/* An address; where it stands is kept for later complaints about it. */
void row_address(struct board *board, const struct row *row)
{
    const struct {
        const char *key;
        struct loc *loc;
    } places[] = {
        {"UID_ADDRESS", &board->uid_loc},
        {"BOOT_MAGIC", &board->boot_magic_loc},
        {"BOOT_ADDRESS", &board->boot_address_loc},
        {"APP_ADDRESS", &board->app_address_loc},
    };
    uint64_t address;
    for (size_t i = 0; i < COUNT(places); i++) {
        if (!strcmp(places[i].key, row->key)) {
            *places[i].loc = row->loc;
        }
    }
    if (row_takes(row, 1, 1, "one address") && row_number(row, row->fields[0], &address)) {
        *(uint32_t *)keys_field(board, row->key) = (uint32_t)address;
    }
}

/* --- clocks -------------------------------------------------------------------------------------------------------- */

void row_pll_limits(struct board *board, const struct row *row)
{
    uint32_t *limits = strcmp(row->key, "PLL_VCO") ? board->pll_input : board->pll_vco;
    if (!row_takes(row, 2, 2, "two frequencies")) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (!parse_hz(row->fields[i], &limits[i])) {
            complain(row->loc, "%s: '%.60s' is not a frequency (such as 12MHz)", row->key, row->fields[i]);
        }
    }
}

void row_pll(struct board *board, const struct row *row)
{
    uint64_t number, value;
    if (!row_takes(row, 2, 10, "a number and dividers as M:3") || !row_number(row, row->fields[0], &number) ||
        !row_room(row, board->nplls, COUNT(board->plls))) {
        return;
    }
    if (number < 1 || number > 4) {
        complain(row->loc, "PLL: %s is not a PLL (1 to 4)", row->fields[0]);
        return;
    }
    for (int i = 0; i < board->nplls; i++) {
        if (board->plls[i].number == (int)number) {
            complain(row->loc, "PLL %d is described twice", (int)number);
            return;
        }
    }
    struct pll *pll = &board->plls[board->nplls++];
    *pll = (struct pll){.loc = row->loc, .number = (int)number};
    const struct {
        const char *name;
        uint32_t *field;
    } dividers[] = {
        {"M", &pll->m}, {"N", &pll->n}, {"P", &pll->p}, {"Q", &pll->q}, {"R", &pll->r}, {"VCI", &pll->vci}, {"FRAC", &pll->frac},
    };
    for (int i = 1; i < row->nfields; i++) {
        char name[16];
        const char *text = split_attribute(row->fields[i], name, sizeof name);
        size_t d = 0;
        if (text && !strcmp(name, "VCO")) {
            static const char *const ranges[] = {"medium", "wide"};
            pll->wide = row_choice(row, text, ranges, COUNT(ranges)) == 1;
            continue;
        }
        while (text && d < COUNT(dividers) && strcmp(dividers[d].name, name)) {
            d++;
        }
        if (!text || d == COUNT(dividers)) {
            complain(row->loc, "PLL: '%.60s' is none of M: N: P: Q: R: VCI: VCO: FRAC:", row->fields[i]);
        } else if (row_number(row, text, &value)) {
            if (dividers[d].field == &pll->vci && value > 3) {
                complain(row->loc, "PLL: VCI is 0 to 3");
                value = 0;
            }
            *dividers[d].field = (uint32_t)value;
        }
    }
}

void row_clock_mux(struct board *board, const struct row *row)
{
    if (!row_takes(row, 2, 9, "a peripheral and SOURCE:value") || !row_room(row, board->nmuxes, COUNT(board->muxes)) ||
        !row_name(row, row->fields[0])) {
        return;
    }
    struct clock_mux *mux = &board->muxes[board->nmuxes++];
    *mux = (struct clock_mux){.loc = row->loc, .name = row->fields[0]};
    for (int i = 1; i < row->nfields; i++) {
        char name[16];
        uint64_t value;
        const char *text = split_attribute(row->fields[i], name, sizeof name);
        if (!text) {
            complain(row->loc, "CLOCK_MUX: '%.60s' is not SOURCE:value", row->fields[i]);
        } else if (row_name(row, name) && row_number(row, text, &value)) {
            mux->sources[mux->nsources] = row->fields[i];
            mux->values[mux->nsources++] = (int)value;
        }
    }
}

void row_clock(struct board *board, const struct row *row)
{
    if (!row_takes(row, 2, 2, "a peripheral and its source") || !row_room(row, board->nclocks, COUNT(board->clocks))) {
        return;
    }
    for (int i = 0; i < board->nclocks; i++) {
        if (!strcmp(board->clocks[i].name, row->fields[0])) {
            complain(row->loc, "CLOCK %s is chosen twice", row->fields[0]);
            return;
        }
    }
    struct clock_source *clock = &board->clocks[board->nclocks];
    *clock = (struct clock_source){.loc = row->loc, .name = row->fields[0], .source = row->fields[1]};
    for (int i = 0; i < board->nmuxes; i++) {
        const struct clock_mux *mux = &board->muxes[i];
        if (strcmp(mux->name, clock->name)) {
            continue;
        }
        for (int s = 0; s < mux->nsources; s++) {
            size_t length = strlen(clock->source);
            if (!strncmp(mux->sources[s], clock->source, length) && mux->sources[s][length] == ':') {
                clock->select = mux->values[s];
                board->nclocks++;
                return;
            }
        }
        complain(row->loc, "CLOCK %s: the chip has no source '%.60s' for it", clock->name, clock->source);
        return;
    }
    complain(row->loc, "CLOCK: the chip has no multiplexer '%.60s'", clock->name);
}

/* --- memory and flash ---------------------------------------------------------------------------------------------- */

void row_bank(struct board *board, const struct row *row)
{
    static const char *const kinds[] = {"ram", "tcm", "backup", "external"};
    struct bank *bank = &board->banks[board->nbanks];
    if (!row_takes(row, 4, 4, "name, base, size, kind") || !row_room(row, board->nbanks, COUNT(board->banks))) {
        return;
    }
    *bank = (struct bank){.loc = row->loc, .name = row->fields[0], .kind = row->fields[3]};
    if (row_name(row, bank->name) && row_range(row, row->fields[1], row->fields[2], &bank->base, &bank->size) &&
        row_choice(row, bank->kind, kinds, COUNT(kinds)) >= 0) {
        board->nbanks++;
    }
}

/* "4x16K,64K,7x128K" into runs. */
static bool parse_runs(const struct row *row, const char *text, struct flash *flash)
{
    char word[32];
    uint64_t total = 0;
    while (*text) {
        size_t length = strcspn(text, ",");
        uint64_t count = 1;
        if (length == 0 || length >= sizeof word || flash->nruns == (int)COUNT(flash->runs)) {
            complain(row->loc, "FLASH: erase blocks are written as 4x16K,64K,7x128K");
            return false;
        }
        memcpy(word, text, length);
        word[length] = '\0';
        char *x = strchr(word, 'x');
        if (x && x != word && !(word[0] == '0' && x == word + 1)) {
            *x = '\0';
        } else {
            x = NULL;
        }
        struct erase_run *run = &flash->runs[flash->nruns];
        if ((x && (!parse_number(word, &count) || count == 0 || count > 1 << 20)) || !parse_size(x ? x + 1 : word, &run->size)) {
            complain(row->loc, "FLASH: '%.60s' is not an erase block run (such as 4x16K)", text);
            return false;
        }
        run->count = (uint32_t)count;
        total += count * run->size;
        flash->nruns++;
        text += length + (text[length] == ',');
    }
    if (total != flash->size) {
        complain(row->loc, "FLASH %s: the erase blocks add up to 0x%llX, the size is 0x%llX", flash->name, (unsigned long long)total,
                 (unsigned long long)flash->size);
        return false;
    }
    return true;
}

void row_flash(struct board *board, const struct row *row)
{
    uint64_t program;
    if (!row_takes(row, 5, 5, "name, base, size, erase blocks, program unit") || !row_room(row, board->nflashes, COUNT(board->flashes))) {
        return;
    }
    struct flash *flash = &board->flashes[board->nflashes];
    *flash = (struct flash){.loc = row->loc, .name = row->fields[0]};
    if (row_name(row, flash->name) && row_range(row, row->fields[1], row->fields[2], &flash->base, &flash->size) &&
        parse_runs(row, row->fields[3], flash) && row_number(row, row->fields[4], &program)) {
        if (program == 0 || program > 4096 || (program & (program - 1))) {
            complain(row->loc, "FLASH %s: a program unit is a power of two up to 4096 bytes", flash->name);
            return;
        }
        flash->program = (uint32_t)program;
        board->nflashes++;
    }
}

void row_memory(struct board *board, const struct row *row)
{
    if (!row_takes(row, 3, 3, "name, base, size") || !row_room(row, board->nmemories, COUNT(board->memories))) {
        return;
    }
    struct memory *memory = &board->memories[board->nmemories];
    *memory = (struct memory){.loc = row->loc, .name = row->fields[0]};
    if (row_name(row, memory->name) && row_range(row, row->fields[1], row->fields[2], &memory->base, &memory->size)) {
        board->nmemories++;
    }
}

void row_partition(struct board *board, const struct row *row)
{
    static const char *const roles[] = {"bootloader", "firmware", "disk",   "romfs",    "toc",
                                        "settings",   "blob",     "window", "recovery", "unused"};
    static const char *const access[] = {"ro", "rw"};
    uint64_t alt = 0;
    if (!row_takes(row, 7, 7, "name, alternate or -, base, size, ro|rw, role, image or -") ||
        !row_room(row, board->npartitions, COUNT(board->partitions))) {
        return;
    }
    struct partition *partition = &board->partitions[board->npartitions];
    *partition = (struct partition){.loc = row->loc, .name = row->fields[0], .role = row->fields[5], .alt = NO_ALT};
    if (!row_name(row, partition->name) || !row_range(row, row->fields[2], row->fields[3], &partition->base, &partition->size)) {
        return;
    }
    if (strcmp(row->fields[1], "-")) {
        if (!row_number(row, row->fields[1], &alt)) {
            return;
        }
        partition->alt = alt < 256 ? (int)alt : 256;
    }
    int mode = row_choice(row, row->fields[4], access, COUNT(access));
    if (mode < 0 || row_choice(row, partition->role, roles, COUNT(roles)) < 0) {
        return;
    }
    partition->writable = mode == 1;
    partition->image = strcmp(row->fields[6], "-") ? row->fields[6] : NULL;
    if (row_word(row, row->fields[6])) {
        board->npartitions++;
    }
}

static bool parse_flags(const struct row *row, const char *text, uint32_t *flags)
{
    static const char *const names[] = {"fast", "itcm", "dtcm", "dma_d1", "dma_d2", "dma_d3", "transient"};
    char word[16];
    while (*text) {
        size_t length = strcspn(text, ",");
        if (length >= sizeof word) {
            length = sizeof word - 1;
        }
        memcpy(word, text, length);
        word[length] = '\0';
        int bit = row_choice(row, word, names, COUNT(names));
        if (bit < 0) {
            return false;
        }
        *flags |= 1u << bit;
        text += length + (text[length] == ',');
    }
    return true;
}

void row_place(struct board *board, const struct row *row)
{
    static const char *const objects[] = {
        "DATA",   "BULK",        "RAMFUNC",    "STACK",         "C_HEAP", "FLASH_CACHE", "DMA", "DMA_D1",  "DMA_D2",
        "DMA_D3", "LINE_BUFFER", "MSC_BUFFER", "STREAM_BUFFER", "POOL",   "GC_HEAP",     "GPU", "OPENAMP", "CORE1",
    };
    if (!row_takes(row, 2, 4, "object, memory, size, flags") || !row_room(row, board->nplaces, COUNT(board->places))) {
        return;
    }
    struct place *place = &board->places[board->nplaces];
    *place = (struct place){.loc = row->loc, .object = row->fields[0], .flags_text = row->nfields > 3 ? row->fields[3] : ""};
    if (row_choice(row, place->object, objects, COUNT(objects)) < 0 || (row->nfields > 2 && !row_size(row, row->fields[2], &place->size)) ||
        (row->nfields > 3 && !parse_flags(row, row->fields[3], &place->flags))) {
        return;
    }
    for (int i = 0; i < board->nmemories; i++) {
        if (!strcmp(board->memories[i].name, row->fields[1])) {
            place->memory = &board->memories[i];
        }
    }
    if (!place->memory) {
        complain(row->loc, "%s: '%.60s' is not a MEMORY above this row", place->object, row->fields[1]);
        return;
    }
    bool many = !strcmp(place->object, "POOL") || !strcmp(place->object, "GC_HEAP");
    for (int i = 0; i < board->nplaces && !many; i++) {
        if (!strcmp(board->places[i].object, place->object)) {
            complain(row->loc, "%s is placed twice (first in line %d)", place->object, board->places[i].loc.line);
            return;
        }
    }
    board->nplaces++;
}
