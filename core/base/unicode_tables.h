/* SPDX-License-Identifier: Apache-2.0 */
/* The data behind base/unicode.h. */
#ifndef SLIP_BASE_UNICODE_TABLES_H
#define SLIP_BASE_UNICODE_TABLES_H

#include "base/unicode.h"

/* What upper, lower and title case add to a rune of the range; ALTERNATE: upper and lower case take
 * turns, beginning with upper. Sorted. */
struct slip_unicode_case {
    uint32_t lo, hi;
    int32_t delta[3];
};
#define ALTERNATE 0x110000

/* The next rune of equal fold where that is not simply the other case. Sorted. */
struct slip_unicode_orbit {
    uint32_t from, to;
};

extern const struct slip_unicode_table slip_unicode_tables[]; /* sorted by name */
extern const size_t slip_unicode_tables_count;
extern const struct slip_unicode_table slip_unicode_white_space;
extern const struct slip_unicode_case slip_unicode_cases[];
extern const size_t slip_unicode_cases_count;
extern const struct slip_unicode_orbit slip_unicode_orbits[];
extern const size_t slip_unicode_orbits_count;

#endif
