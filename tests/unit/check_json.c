/* SPDX-License-Identifier: MIT */
/* check_json FILE: status 0 when the file is one JSON value (RFC 8259), else 1 and the offset of the first thing that is not. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char text[1 << 20];
static const char *at = text;

static bool value(int depth);

static void blanks(void)
{
    at += strspn(at, " \t\r\n");
}

static bool take(char c)
{
    blanks();
    if (*at != c) {
        return false;
    }
    at++;
    return true;
}

static bool string(void)
{
    if (!take('"')) {
        return false;
    }
    for (; *at != '"'; at++) {
        if ((unsigned char)*at < 0x20 || (*at == '\\' && !strchr("\"\\/bfnrtu", *++at))) {
            return false;
        }
    }
    at++;
    return true;
}

static bool number(void)
{
    at += *at == '-';
    if (!isdigit((unsigned char)*at) || (*at == '0' && isdigit((unsigned char)at[1]))) {
        return false;
    }
    at += strspn(at, "0123456789");
    if (*at == '.') {
        size_t digits = strspn(at + 1, "0123456789");
        at += 1 + digits;
        return digits;
    }
    return true;
}

static bool members(char end, bool named, int depth)
{
    if (take(end)) {
        return true;
    }
    do {
        if ((named && (!string() || !take(':'))) || !value(depth + 1)) {
            return false;
        }
    } while (take(','));
    return take(end);
}

static bool value(int depth)
{
    static const char *const words[] = {"true", "false", "null"};
    blanks();
    if (depth > 64) {
        return false;
    }
    if (*at == '{' || *at == '[') {
        bool named = *at++ == '{';
        return members(named ? '}' : ']', named, depth);
    }
    for (size_t i = 0; i < 3; i++) {
        if (!strncmp(at, words[i], strlen(words[i]))) {
            at += strlen(words[i]);
            return true;
        }
    }
    return *at == '"' ? string() : number();
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: check_json FILE\n");
        return 2;
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    bool good = value(0);
    blanks();
    if (!good || *at) {
        fprintf(stderr, "%s: not JSON at offset %zu\n", argv[1], (size_t)(at - text));
        return 1;
    }
    return 0;
}
