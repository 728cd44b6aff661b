/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The patterns of ${name#pattern} and ${name/pattern/text}: "*" is any run and "?" any one
 * character, neither across a line end; everything else stands for itself. Which of several
 * matches counts is what a leftmost-first regular expression would choose.
 */
#ifndef SLIP_DOCKERFILE_PATTERN_H
#define SLIP_DOCKERFILE_PATTERN_H

#include "base/buf.h"
#include "base/error.h"

/* Remove what `pattern` matches at the start (end) of `value`, the shortest or the longest match,
 * and append the rest to `out`. Fails when the pattern is malformed or would take too long. */
SLIP_MUST_USE int slip_pattern_trim_prefix(struct slip_str pattern, struct slip_str value,
                                           bool longest, struct slip_buf *out,
                                           struct slip_error *err);
SLIP_MUST_USE int slip_pattern_trim_suffix(struct slip_str pattern, struct slip_str value,
                                           bool longest, struct slip_buf *out,
                                           struct slip_error *err);

/* Append `value` with the first match of `pattern` replaced by `text`. */
SLIP_MUST_USE int slip_pattern_replace(struct slip_str pattern, struct slip_str value,
                                       struct slip_str text, struct slip_buf *out,
                                       struct slip_error *err);

/* The same for all matches; in `text`, $0 and ${0} are the match, $$ is "$", other names nothing.
 */
SLIP_MUST_USE int slip_pattern_replace_all(struct slip_str pattern, struct slip_str value,
                                           struct slip_str text, struct slip_buf *out,
                                           struct slip_error *err);

#endif
