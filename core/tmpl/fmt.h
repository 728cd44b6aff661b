/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as Go's fmt writes them. What is nested too deeply, or in a circle, marks the buffer
 * `full`, as does what is too large: check that once at the end.
 */
#ifndef SLIP_TMPL_FMT_H
#define SLIP_TMPL_FMT_H

#include "tmpl/value.h"

void slip_fmt_v(const struct slip_tv *v, struct slip_buf *out); /* %v; nil is "<nil>" */

/* fmt.Sprintf, fmt.Sprint, fmt.Sprintln. */
void slip_fmt_printf(struct slip_str format, const struct slip_tv *a, size_t n,
                     struct slip_buf *out);
void slip_fmt_print(const struct slip_tv *a, size_t n, struct slip_buf *out);
void slip_fmt_println(const struct slip_tv *a, size_t n, struct slip_buf *out);

/* strconv.Quote and QuoteRune; with `ascii` QuoteToASCII and QuoteRuneToASCII. */
void slip_fmt_quote(struct slip_str s, bool ascii, struct slip_buf *out);
void slip_fmt_quote_rune(uint32_t rune, bool ascii, struct slip_buf *out);

/* strconv.CanBackquote: it can be written between backquotes on one line. */
bool slip_fmt_can_backquote(struct slip_str s);

/* strconv.FormatFloat(f, verb, precision, 64): verb one of b e E f g G x X; precision -1 (only of b
 * g G x X) is the shortest form that reads back as the same number. */
void slip_fmt_float(double f, char verb, int precision, struct slip_buf *out);

#endif
