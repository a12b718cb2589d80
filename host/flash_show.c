/* SPDX-License-Identifier: MIT */
/* Progress. Percent, bytes and speed are of the phase at hand. */
#include "flash_show.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report.h"
#include "session.h"

#define BAR 30u

static struct {
    const struct flash_part *part;
    enum flash_phase phase;
    uint32_t since, percent;
    bool open; /* a bar is on the line */
} shown;

static const char *const words[] = {"erase", "write", "verify"};

void flash_show_end(void)
{
    if (shown.open)
        fputc('\n', stderr);
    shown.open = false;
}

/* What fits into a line of the terminal: a longer one would begin another line at each step. */
static int columns(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? 80 : size.ws_col;
}

static void show_bar(const struct flash_part *part, enum flash_phase phase, uint32_t done, uint32_t all, uint32_t percent)
{
    char bar[BAR + 1], line[160];
    uint32_t ms = link_now() - shown.since;

    for (uint32_t i = 0; i < BAR; i++)
        bar[i] = i * 100 < percent * BAR ? '#' : '.';
    bar[BAR] = 0;
    int most = columns() - 1;
    snprintf(line, sizeof line, "%-6s %-12s [%s] %3u %%  %u of %u KiB  %u KiB/s ", words[phase], part->name, bar, (unsigned)percent,
             (unsigned)(done / 1024), (unsigned)(all / 1024), (unsigned)(ms ? (uint64_t)done * 1000 / 1024 / ms : 0));
    if (most < (int)strlen(line))
        snprintf(line, sizeof line, "%-6s %3u %%", words[phase], (unsigned)percent);
    fprintf(stderr, "\r%.*s", most, line);
    shown.open = true;
    if (done == all)
        flash_show_end();
}

bool flash_show(void *context, enum flash_phase phase, const struct flash_part *part, uint32_t done, uint32_t all)
{
    uint32_t percent = all ? (uint32_t)((uint64_t)done * 100 / all) : 100;
    bool begins = part != shown.part || phase != shown.phase;
    bool terminal = isatty(STDERR_FILENO);

    (void)context;
    if (begins) {
        flash_show_end();
        shown.part = part;
        shown.phase = phase;
        shown.since = link_now();
    }
    if (session_interrupted())
        return false;
    /* Lines and events every tenth, a bar every hundredth. */
    if (!begins && done != all && percent / (terminal && !report_json() ? 1 : 10) == shown.percent / (terminal && !report_json() ? 1 : 10))
        return true;
    shown.percent = percent;
    if (report_json())
        report_event("progress",
                     json_pack("{s:s, s:s, s:I, s:I, s:i}", "phase", words[phase], "partition", part->name, "bytes", (json_int_t)done,
                               "total", (json_int_t)all, "percent", (int)percent),
                     NULL);
    else if (terminal)
        show_bar(part, phase, done, all, percent);
    else
        report_progress("%s %s: %u %%", words[phase], part->name, (unsigned)percent);
    return true;
}
