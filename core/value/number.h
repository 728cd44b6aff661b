/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point numbers as text, with the digits and forms that Go chooses. */
#ifndef SLIP_VALUE_NUMBER_H
#define SLIP_VALUE_NUMBER_H

#include "base/buf.h"

/* A finite number as 0.d1d2d3... times ten to the `point`: the fewest digits that read back as the
 * same number. Zero has the one digit "0" and point 1. */
struct slip_digits {
    bool negative;
    char text[20]; /* digits without trailing zeros, NUL-terminated */
    int len;
    int point;
};

void slip_digits_shortest(double f, struct slip_digits *out);

/* Append as Go's fmt does with %v: exponent form when the decimal exponent is below -4 or at least
 * 6
 * ("100000", "1e+06"), "NaN", "+Inf", "-Inf". */
void slip_float_print_go(double f, struct slip_buf *out);

/* Append as encoding/json does; false (and nothing appended) for NaN and infinities. */
bool slip_float_print_json(double f, struct slip_buf *out);

#endif
