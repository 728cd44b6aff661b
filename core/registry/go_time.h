/* SPDX-License-Identifier: Apache-2.0 */
/* Times in JSON as Go's time package reads and writes them. */
#ifndef SLIP_REGISTRY_GO_TIME_H
#define SLIP_REGISTRY_GO_TIME_H

#include "base/buf.h"
#include "base/error.h"

/* All zeros stands for Go's zero time, 0001-01-01T00:00:00Z. */
struct slip_go_time {
    int year, month, day, hour, minute, second, nanosecond;
    int offset; /* minutes east of UTC */
};

/* The raw text between the quotes. Takes all that time.Parse takes for RFC 3339. */
SLIP_MUST_USE int slip_go_time_parse(struct slip_str text, struct slip_go_time *out,
                                     struct slip_error *err);

/* Append without quotes, fractions without trailing zeros. Offsets of a day or more cannot be
 * written. */
SLIP_MUST_USE int slip_go_time_print(const struct slip_go_time *t, struct slip_buf *out,
                                     struct slip_error *err);

#endif
