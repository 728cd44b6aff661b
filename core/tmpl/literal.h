/* SPDX-License-Identifier: Apache-2.0 */
/* Go literals: numbers and quoted texts. */
#ifndef SLIP_TMPL_LITERAL_H
#define SLIP_TMPL_LITERAL_H

#include "base/buf.h"

enum slip_literal {
    SLIP_LITERAL_GOOD,
    SLIP_LITERAL_SYNTAX, /* not a number */
    SLIP_LITERAL_RANGE,  /* a number that does not fit; `out` is the nearest one */
};

/* strconv.ParseInt and ParseUint with 64 bits. Base 0: by prefix (0x, 0o, 0b, 0), "_" allowed. */
enum slip_literal slip_literal_int(struct slip_str s, int base, int64_t *out);
enum slip_literal slip_literal_uint(struct slip_str s, int base, uint64_t *out);

/* strconv.ParseFloat with 64 bits: decimal and hexadecimal, "_" allowed, "inf", "nan". */
enum slip_literal slip_literal_float(struct slip_str s, double *out);

/* The value of a text with its quotes ("...", `...`), appended; false: "invalid syntax". */
bool slip_literal_unquote(struct slip_str s, struct slip_buf *out);

/*
 * The first character behind an opening quote, escapes resolved; `s` moves on. `*is_byte`: it was
 * written as \xHH or \OOO and stands for one byte. False: "invalid syntax".
 */
bool slip_literal_char(struct slip_str *s, char quote, uint32_t *rune, bool *is_byte);

#endif
