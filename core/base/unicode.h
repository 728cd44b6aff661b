/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Letters, case and categories of Unicode 15.0 (the edition of Go 1.21 to 1.26), with the meaning
 * that Go's package unicode gives them. Nothing here depends on the locale.
 */
#ifndef SLIP_BASE_UNICODE_H
#define SLIP_BASE_UNICODE_H

#include "base/str.h"

bool slip_unicode_is_letter(uint32_t rune); /* category L */
bool slip_unicode_is_upper(uint32_t rune);  /* Lu */
bool slip_unicode_is_lower(uint32_t rune);  /* Ll */
bool slip_unicode_is_title(uint32_t rune);  /* Lt */
bool slip_unicode_is_digit(uint32_t rune);  /* Nd */
bool slip_unicode_is_number(uint32_t rune); /* N */
bool slip_unicode_is_punct(uint32_t rune);  /* P */
bool slip_unicode_is_space(uint32_t rune);  /* property White_Space */

/* Letters, marks, numbers, punctuation, symbols and the ASCII space. */
bool slip_unicode_is_print(uint32_t rune);

/* Without white space at both ends, or at the start only. */
struct slip_str slip_unicode_trim(struct slip_str s);
struct slip_str slip_unicode_trim_left(struct slip_str s);

/* Simple case mapping: one rune for one rune; a rune without the other case stays. */
uint32_t slip_unicode_upper(uint32_t rune);
uint32_t slip_unicode_lower(uint32_t rune);
uint32_t slip_unicode_title(uint32_t rune);

/*
 * The next rune that is equal when case is ignored, going round: K -> k -> U+212A -> K. A rune that
 * has no other gives itself.
 */
uint32_t slip_unicode_fold(uint32_t rune);

/* The least rune that is equal to `rune` when case is ignored: what to compare. */
uint32_t slip_unicode_fold_key(uint32_t rune);

/* The first rune from `rune` on that may have another case; 0x110000 when there is none. */
uint32_t slip_unicode_next_cased(uint32_t rune);

/* Runes lo, lo + stride, ... hi. */
struct slip_unicode_range {
    uint32_t lo, hi, stride;
};

/* A category ("L", "Lu") or script ("Greek"); `fold` is what ignoring case adds to it. */
struct slip_unicode_table {
    const char *name;
    const struct slip_unicode_range *ranges; /* sorted, apart from each other */
    size_t count;
    const struct slip_unicode_range *fold;
    size_t fold_count;
};

/* By its exact name; NULL when there is none. */
const struct slip_unicode_table *slip_unicode_table(struct slip_str name);

bool slip_unicode_in(const struct slip_unicode_table *table, uint32_t rune);

#endif
