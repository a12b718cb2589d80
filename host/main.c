/* SPDX-License-Identifier: MIT */
/* omv: finds the verb and hands over. */
#include <argp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "modules/omv/version.h"
#include "report.h"
#include "verbs.h"

static const struct verb {
    const char *name, *what;
    int (*run)(int argc, char **argv);
} verbs[] = {
#define VERB_ROW(name, what) {#name, what, verb_##name},
    VERBS(VERB_ROW)
#undef VERB_ROW
};
#define COUNT (sizeof verbs / sizeof *verbs)

static void help(FILE *out)
{
    fprintf(out, "omv: cameras of the OpenMV family, real and emulated.\n\n");
    for (size_t i = 0; i < COUNT; i++)
        fprintf(out, "  omv %-10s  %s\n", verbs[i].name, verbs[i].what);
    fprintf(out, "  omv version     of this program\n  omv help        this text\n\n'omv VERB --help' tells more. Exit codes:\n\n");
#define EXIT_LINE(number, name, text, meaning) fprintf(out, "  %3d  %-14s %s\n", number, text, meaning);
    EXIT_CODES(EXIT_LINE)
#undef EXIT_LINE
}

/* A file must not be opened as standard output, and be written into, because the caller had that closed. */
static void open_standard_files(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

int main(int argc, char **argv)
{
    char name[64];

    open_standard_files();
    argp_err_exit_status = EXIT_CODE_USAGE;
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        help(stderr);
        return EXIT_CODE_USAGE;
    }
    if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        help(stdout);
        return report_finish(EXIT_CODE_OK);
    }
    if (!strcmp(argv[1], "version") || !strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        puts("omv " OMV_VERSION);
        return report_finish(EXIT_CODE_OK);
    }
    for (size_t i = 0; i < COUNT; i++)
        if (!strcmp(argv[1], verbs[i].name)) {
            snprintf(name, sizeof name, "omv %s", verbs[i].name);
            argv[1] = name;
            return report_finish(verbs[i].run(argc - 1, argv + 1));
        }
    return fail(EXIT_CODE_USAGE, "'omv help' lists the verbs.", "there is no verb '%s'", argv[1]);
}
