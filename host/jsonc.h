/* SPDX-License-Identifier: MIT */
/* JSON with comments and trailing commas, as VS Code's files are: finding places in the text, so that a change leaves all the rest as it is. */
#ifndef HOST_JSONC_H
#define HOST_JSONC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct span {
    size_t from, to; /* bytes [from, to) of the text */
};

/* The value of member `name` of the outermost object. false: the text is not such an object, or has no such member (*valid tells). */
bool jsonc_member(const char *text, const char *name, struct span *value, bool *valid);

/* The elements of the array at `array`, at most `most`: how many; -1: it is no array. */
int jsonc_elements(const char *text, struct span array, struct span *elements, int most);

/* The value of a part of the text; NULL when it is not valid. A comment is a blank there. */
json_t *jsonc_parse(const char *text, struct span part);

#endif
