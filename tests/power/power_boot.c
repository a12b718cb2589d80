/* SPDX-License-Identifier: MIT */
/* Cuts the power at every flash operation of a firmware download, boots, and downloads again.

   For each geometry and each way to be cut (enum sim_tear) the download of a new firmware over an old one is repeated with the power
   failing in operation 0, 1, 2 ... until it is no longer reached. After each cut the camera must start the old firmware, whole, or the
   new one, whole, or stay in DFU; flash outside the firmware's partition must be as it was; and the download must succeed when it is
   done again. Every outcome is counted.
   Usage: power_boot [--all] [--second] [CAMPAIGN [TEAR OPERATION]]
   --all: the long campaigns too are torn in every way at every operation, and not in one way at each in turn
   --second: the second download is cut as well, at a random operation; CAMPAIGN, TEAR, OPERATION: numbers, only this one */
#include <setjmp.h>

#include "tests/unit/boot_sim.h"

enum outcome { OLD, NEW, DFU, BRICKED, NOT_AGAIN, OUTCOMES };

struct firmware {
    uint8_t *stream; /* what is downloaded */
    uint32_t length;
    uint32_t skip; /* bytes of it that don't stay: an envelope */
};

struct campaign {
    const char *name;
    const struct boot_board *board;
    const enum sim_kind *kinds;
    unsigned alternate;
    uint32_t old_bytes, new_bytes; /* so that at least two erase blocks and a short last block take part */
    bool old_foreign, new_foreign;
    bool is_long;
};

/* STM32H743, but with a firmware partition of two sectors: an empty one is searched to its end at every boot. */
SIM_BOARD(POWER_H743, 0x9204, 0x08040000, false, {"BOOTLOADER", 0x08000000, 128 * K, false, BOOT_ROLE_bootloader, &h743_flash},
          {"FILESYSTEM", 0x08020000, 128 * K, true, BOOT_ROLE_disk, &h743_flash},
          {"FIRMWARE", 0x08040000, 256 * K, true, BOOT_ROLE_firmware, &h743_flash},
          {"ROMFS0", 0x08080000, 128 * K, true, BOOT_ROLE_romfs, &h743_flash});

static const struct campaign campaigns[] = {
    {"H7, 128K sectors, 32-byte words", &POWER_H743, sim_ecc, 2, 150 * K + 60, 128 * K + 4444, false, false, true},
    {"H7, foreign over ours", &POWER_H743, sim_ecc, 2, 128 * K + 4444, 5000, false, true, false},
    {"H7, foreign over foreign", &POWER_H743, sim_ecc, 2, 9000, 8192, true, true, false},
    {"H7, ours over foreign", &POWER_H743, sim_ecc, 2, 9000, 7000, true, false, false},
    {"F4, 16K then 64K, 4-byte words", &SIM_F427, sim_bits, 2, 30 * K, 16 * K + 4101, false, false, true},
    {"F4, foreign over ours", &SIM_F427, sim_bits, 2, 17 * K, 5001, false, true, false},
    {"F7, 32K then 128K, 4-byte words", &SIM_F765, sim_bits, 2, 40 * K, 32 * K + 4101, false, false, true},
    {"NOR, 64K blocks, 256-byte pages", &SIM_NOR64, sim_bits, 1, 100 * K, 130 * K + 77, false, false, false},
    {"NOR, 64K, foreign over ours", &SIM_NOR64, sim_bits, 1, 100 * K, 64 * K, false, true, false},
    {"NOR, 4K blocks, 256-byte pages", &SIM_NOR4, sim_bits, 1, 50 * K, 60 * K + 7, false, false, false},
    {"NOR, 4K, foreign over foreign", &SIM_NOR4, sim_bits, 1, 50 * K, 40 * K, true, true, false},
    {"MRAM, 16-byte stores, no erase", &SIM_AE3, sim_mram, 1, 20 * K, 18 * K + 5, false, false, false},
    {"MRAM, foreign over ours", &SIM_AE3, sim_mram, 1, 6 * K, 9000, false, true, false},
};

static struct firmware make(const struct campaign *c, uint32_t bytes, bool foreign, uint32_t seed)
{
    struct firmware f = {.length = bytes};
    if (foreign) {
        f.stream = sim_foreign(c->board->target, c->board->application, &f.length, seed);
        f.skip = BOOT_BLOCK;
    } else {
        f.stream = sim_image(c->board->target, c->board->application, bytes, seed);
    }
    return f;
}

static bool installed(const struct firmware *f)
{
    return memcmp(sim_bytes(sim.board->application), f->stream + f->skip, f->length - f->skip) == 0;
}

static bool others_unchanged(const struct boot_partition *firmware)
{
    for (int i = 0; i < SIM_FLASHES && sim.flashes[i].facts; i++) {
        const struct sim_flash *f = &sim.flashes[i];
        for (uint32_t page = 0; page < f->size / SIM_PAGE; page++) {
            uint32_t address = f->facts->base + page * SIM_PAGE;
            if (f->dirty[page] && (address < firmware->base || address - firmware->base >= firmware->size) &&
                memcmp(f->bytes + page * SIM_PAGE, f->golden + page * SIM_PAGE, SIM_PAGE) != 0) {
                return false;
            }
        }
    }
    return true;
}

static struct boot before; /* RAM as it is when the old firmware asked for DFU: saves judging it for each cut */

/* Power on: RAM is lost. */
static void power_on(void)
{
    sim.cut_at = -1;
    memset(&sim.boot, 0xA5, sizeof sim.boot);
    boot_init(&sim.boot, sim.board, &sim.port);
}

/* Without a host: what does the camera do? */
static enum outcome boots(const struct firmware *old, const struct firmware *new, const struct boot_partition *partition)
{
    bool stays = true;
    for (int ms = 0; ms < 3000 && stays; ms += 100) {
        sim.time += 100;
        stays = boot_turn(&sim.boot, false);
    }
    if (sim.misuse || !others_unchanged(partition)) {
        return BRICKED;
    }
    return stays ? DFU : installed(new) ? NEW : installed(old) ? OLD : BRICKED;
}

/* A download that is cut at an operation. False: it was over before. */
static bool cut_download(const struct campaign *c, const struct firmware *f, long at, enum sim_tear tear)
{
    sim.cut_at = at;
    sim.tear = tear;
    if (setjmp(sim.power_off)) {
        return true;
    }
    int status = host_download(c->alternate, f->stream, f->length);
    if (status != DFU_OK) {
        fprintf(stderr, "%s: bStatus %d in a download that nothing cut\n", c->name, status);
        exit(2);
    }
    return false;
}

static enum outcome one(const struct campaign *c, const struct firmware *old, const struct firmware *new, long at, enum sim_tear tear,
                        bool second, bool *reached)
{
    const struct boot_partition *partition = &c->board->partitions[c->alternate];
    sim_restore();
    sim.boot = before;
    *reached = cut_download(c, new, at, tear);
    power_on();
    enum outcome outcome = boots(old, new, partition);
    if (second && *reached && outcome < BRICKED) {
        cut_download(c, new, (long)(sim_random() % (unsigned)(at + 1)), (enum sim_tear)(sim_random() % SIM_TEARS));
        power_on();
        outcome = boots(old, new, partition);
    }
    if (outcome < BRICKED) {
        if (host_download(c->alternate, new->stream, new->length) != DFU_OK) {
            return NOT_AGAIN;
        }
        power_on();
        if (boots(old, new, partition) != NEW) {
            return NOT_AGAIN;
        }
    }
    return outcome;
}

static void explain(const struct campaign *c, bool second, int tear, long at, enum outcome outcome)
{
    const char *got = outcome == NOT_AGAIN ? "no second download" : sim.misuse ? sim.misuse : "something else started";
    printf("FAIL %s: power cut in operation %ld: expected old, new or DFU, and a second download; got: %s [rerun: "
           "build/test/power/power_boot%s %d %d %ld]\n",
           c->name, at, got, second ? " --second" : "", (int)(c - campaigns), tear, at);
}

/* only_at < 0: every operation; all: torn in every way. */
static bool run(const struct campaign *c, bool all, bool second, int only_tear, long only_at, unsigned long totals[OUTCOMES])
{
    const bool in_turn = c->is_long && !all && only_at < 0;
    const char *const how = in_turn ? "clean, torn, half done in turn" : "clean, torn, half done";
    unsigned long counts[OUTCOMES] = {0};
    sim_open(c->board, c->kinds);
    for (unsigned p = 0; p < c->board->count; p++) {
        sim_fill(&c->board->partitions[p], (uint8_t)(p + 1));
    }
    struct firmware old = make(c, c->old_bytes, c->old_foreign, 1), new = make(c, c->new_bytes, c->new_foreign, 2);
    power_on();
    bool fine = host_download(c->alternate, old.stream, old.length) == DFU_OK;
    sim_save();
    power_on();
    before = sim.boot;
    fine = fine && boots(&old, &new, &c->board->partitions[c->alternate]) == OLD;

    long operations = 0;
    for (int first = only_at < 0 ? 0 : only_tear; fine && first < (only_at < 0 ? in_turn ? 1 : SIM_TEARS : only_tear + 1); first++) {
        bool reached = true;
        for (long at = only_at < 0 ? 0 : only_at; reached && (only_at < 0 || at == only_at); at++) {
            int tear = in_turn ? (int)(at % SIM_TEARS) : first;
            sim.random = 0x9E3779B9u ^ (uint32_t)(at * 8 + tear);
            enum outcome outcome = one(c, &old, &new, at, (enum sim_tear)tear, second, &reached);
            counts[outcome] += reached;
            operations = reached ? at + 1 : operations;
            if (outcome >= BRICKED || (!reached && outcome != NEW)) {
                explain(c, second, tear, at, outcome);
                fine = false;
                break;
            }
        }
    }
    printf("%s %s%s: %ld operations, %lu cuts (%s): %lu old, %lu new, %lu DFU, %lu bricked\n", fine ? "PASS" : "FAIL", c->name,
           second ? ", cut twice" : "", operations, counts[OLD] + counts[NEW] + counts[DFU] + counts[BRICKED] + counts[NOT_AGAIN], how,
           counts[OLD], counts[NEW], counts[DFU], counts[BRICKED] + counts[NOT_AGAIN]);
    fflush(stdout);
    for (int i = 0; i < OUTCOMES; i++) {
        totals[i] += counts[i];
    }
    free(old.stream);
    free(new.stream);
    sim_close();
    return fine;
}

int main(int argc, char **argv)
{
    bool all = false, second = false, fine = true;
    unsigned long totals[OUTCOMES] = {0};
    long numbers[3] = {-1, 0, -1};
    int n = 0;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--all")) {
            all = true;
        } else if (!strcmp(argv[i], "--second")) {
            second = true;
        } else if (n < 3) {
            numbers[n++] = atol(argv[i]);
        }
    }
    for (size_t i = 0; i < SIM_COUNT(campaigns); i++) {
        if (n == 0 || numbers[0] == (long)i) {
            fine &= run(&campaigns[i], all, second, (int)numbers[1], numbers[2], totals);
        }
    }
    printf("# power cuts: %lu; old firmware %lu, new firmware %lu, DFU %lu, bricked %lu\n",
           totals[OLD] + totals[NEW] + totals[DFU] + totals[BRICKED] + totals[NOT_AGAIN], totals[OLD], totals[NEW], totals[DFU],
           totals[BRICKED] + totals[NOT_AGAIN]);
    return !fine;
}
