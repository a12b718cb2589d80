/* SPDX-License-Identifier: MIT */
/* What the row handlers share. Each returns false (or -1) after a complaint at the row. */
#ifndef BOARDC_ROWS_H
#define BOARDC_ROWS_H

#include "boardc.h"

bool row_takes(const struct row *row, int min, int max, const char *usage);
bool row_room(const struct row *row, int count, size_t max);
bool row_size(const struct row *row, const char *text, uint64_t *out);
bool row_number(const struct row *row, const char *text, uint64_t *out);
bool row_name(const struct row *row, const char *name); /* capital letters, digits, _ */
bool row_word(const struct row *row, const char *word); /* letters, digits, . _ + - */
bool row_range(const struct row *row, const char *base_text, const char *size_text, uint64_t *base, uint64_t *size);
int row_choice(const struct row *row, const char *word, const char *const *choices, size_t count);
/* The member of `board` that the key fills. */
void *keys_field(struct board *board, const char *name);

#endif
