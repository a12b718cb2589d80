/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target without libFuzzer: every file and folder named, then mutations of them. Any compiler will do.
 * Usage: TARGET [--mutations N] [--seed S] FILE|FOLDER ...   (a failing input is left in ./crash-input)
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define LONGEST (1u << 20)

static uint8_t *inputs[1024];
static size_t sizes[1024], count;

static void read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = malloc(LONGEST);

    if (!f || !bytes || count == sizeof sizes / sizeof *sizes) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    sizes[count] = fread(bytes, 1, LONGEST, f);
    inputs[count] = realloc(bytes, sizes[count] + 1);
    count++;
    fclose(f);
}

static void read_path(const char *path)
{
    struct stat status;
    DIR *folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode) ? opendir(path) : NULL;
    struct dirent *entry;

    if (!folder) {
        read_file(path);
        return;
    }
    while ((entry = readdir(folder))) {
        char name[4096];
        if (entry->d_name[0] == '.' || snprintf(name, sizeof name, "%s/%s", path, entry->d_name) >= (int)sizeof name)
            continue;
        read_file(name);
    }
    closedir(folder);
}

/* The input as it was run, in a block of exactly its size, so that the sanitizer sees each byte too many. */
static void run(const uint8_t *data, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    FILE *f = fopen("crash-input", "wb");

    if (f) {
        fwrite(data, 1, n, f);
        fclose(f);
    }
    memcpy(copy, data, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static void mutate(void)
{
    static uint8_t bytes[2 * LONGEST];
    size_t which = (size_t)rand() % count, n = sizes[which];

    memcpy(bytes, inputs[which], n);
    for (int changes = 1 + rand() % 8; changes && n; changes--) {
        size_t at = (size_t)rand() % n;
        switch (rand() % 5) {
        case 0:
            bytes[at] = (uint8_t)rand();
            break;
        case 1:
            bytes[at] ^= (uint8_t)(1u << rand() % 8);
            break;
        case 2:
            n = at + 1;
            break;
        case 3: {
            size_t other = (size_t)rand() % count, from = sizes[other] ? (size_t)rand() % sizes[other] : 0;
            size_t length = sizes[other] - from;
            memcpy(bytes + at, inputs[other] + from, length);
            n = at + length > n ? at + length : n;
            break;
        }
        default:
            memmove(bytes + at, bytes + (size_t)rand() % n, 1);
        }
        if (n > LONGEST)
            n = LONGEST;
    }
    run(bytes, n);
}

int main(int argc, char **argv)
{
    unsigned long mutations = 0;

    srand(1);
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--mutations") && i + 1 < argc)
            mutations = strtoul(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--seed") && i + 1 < argc)
            srand((unsigned)strtoul(argv[++i], NULL, 10));
        else
            read_path(argv[i]);
    for (size_t i = 0; i < count; i++)
        run(inputs[i], sizes[i]);
    for (unsigned long i = 0; count && i < mutations; i++)
        mutate();
    remove("crash-input");
    printf("%zu inputs, %lu mutations: no fault found\n", count, mutations);
    return 0;
}
