/* SPDX-License-Identifier: Apache-2.0 */
/* The table behind slugs; inside this room only. */
#ifndef SLIP_WERF_SLUG_TABLE_H
#define SLIP_WERF_SLUG_TABLE_H

#include <stdint.h>

struct slip_slug_row {
    uint32_t first, last;
    char text[5];
};

/* Lower-case letters, digits or "-"; "" or NULL: nothing. */
const char *slip_slug_of_rune(uint32_t rune);

#endif
