/* SPDX-License-Identifier: MIT */
/* A scanner that knows where values begin and end; jansson reads them. */
#include "jsonc.h"

#include <stdlib.h>
#include <string.h>

/* Behind blanks and comments; the text's end stops everything. */
static size_t skip_blank(const char *text, size_t at)
{
    for (;;) {
        at += strspn(text + at, " \t\r\n");
        if (text[at] != '/')
            return at;
        if (text[at + 1] == '/') {
            at += strcspn(text + at, "\n");
        } else if (text[at + 1] == '*') {
            const char *end = strstr(text + at + 2, "*/");
            at = end ? (size_t)(end + 2 - text) : strlen(text);
        } else {
            return at;
        }
    }
}

/* Behind the string that begins at `at`; 0: it doesn't end. */
static size_t skip_string(const char *text, size_t at)
{
    for (at++; text[at] && text[at] != '\n'; at++) {
        if (text[at] == '\\' && text[at + 1])
            at++;
        else if (text[at] == '"')
            return at + 1;
    }
    return 0;
}

/* Behind the value that begins at `at`; 0: it is not valid. Brackets need only pair up: jansson looks closer. */
static size_t skip_value(const char *text, size_t at)
{
    char open[64];
    size_t depth = 0;

    do {
        at = skip_blank(text, at);
        switch (text[at]) {
        case 0:
            return 0;
        case '"':
            at = skip_string(text, at);
            if (!at)
                return 0;
            break;
        case '{':
        case '[':
            if (depth == sizeof open)
                return 0;
            open[depth++] = text[at++];
            break;
        case '}':
        case ']':
            if (!depth || open[--depth] != (text[at] == '}' ? '{' : '['))
                return 0;
            at++;
            break;
        case ',':
        case ':':
            if (!depth)
                return 0;
            at++;
            break;
        default: {
            size_t n = strcspn(text + at, " \t\r\n,:{}[]\"/");
            if (!n)
                return 0;
            at += n;
        }
        }
    } while (depth);
    return at;
}

bool jsonc_member(const char *text, const char *name, struct span *value, bool *valid)
{
    size_t at = skip_blank(text, 0), end = text[at] == '{' ? skip_value(text, at) : 0;
    bool found = false;

    *valid = end && !text[skip_blank(text, end)];
    if (!*valid)
        return false;
    at = skip_blank(text, at + 1);
    while (text[at] == '"') {
        size_t behind = skip_string(text, at), colon = skip_blank(text, behind);
        bool this = behind - at - 2 == strlen(name) && !strncmp(text + at + 1, name, behind - at - 2);

        at = text[colon] == ':' ? skip_blank(text, colon + 1) : 0;
        behind = at ? skip_value(text, at) : 0;
        if (!behind) {
            *valid = false;
            return false;
        }
        if (this) {
            *value = (struct span){at, behind};
            found = true;
        }
        at = skip_blank(text, behind);
        if (text[at] == ',')
            at = skip_blank(text, at + 1);
    }
    *valid = text[at] == '}';
    return found && *valid;
}

int jsonc_elements(const char *text, struct span array, struct span *elements, int most)
{
    size_t at = skip_blank(text, array.from + 1);
    int n = 0;

    if (text[array.from] != '[')
        return -1;
    while (at < array.to - 1 && n < most) {
        size_t end = skip_value(text, at);
        if (!end)
            return -1;
        elements[n++] = (struct span){at, end};
        at = skip_blank(text, end);
        if (text[at] == ',')
            at = skip_blank(text, at + 1);
    }
    return n;
}

json_t *jsonc_parse(const char *text, struct span part)
{
    char *plain = malloc(part.to - part.from + 1);
    size_t n = 0, comma = 0; /* comma: where the last one is, when only blanks followed; + 1 */

    if (!plain)
        return NULL;
    for (size_t at = part.from; at < part.to;) {
        size_t next = skip_blank(text, at);
        if (next > at) {
            plain[n++] = ' ';
            at = next;
            continue;
        }
        size_t end = text[at] == '"' ? skip_string(text, at) : at + 1;
        if (!end || end > part.to)
            break;
        if (comma && (text[at] == '}' || text[at] == ']'))
            plain[comma - 1] = ' ';
        memcpy(plain + n, text + at, end - at);
        n += end - at;
        comma = text[at] == ',' ? n : 0;
        at = end;
    }
    json_t *value = json_loadb(plain, n, JSON_DECODE_ANY, NULL);
    free(plain);
    return value;
}
