/* SPDX-License-Identifier: Apache-2.0 */
/* Time zone files (TZif, RFC 8536), read as Go reads them. Inside this room only. */
#ifndef SLIP_TMPL_ZONE_H
#define SLIP_TMPL_ZONE_H

#include "base/str.h"

/* What holds at one instant, and from when (included) to when; `name` points into the file. */
struct slip_zone_span {
    struct slip_str name; /* "MSK" */
    int32_t offset;       /* seconds east of Greenwich */
    bool is_dst;
    int64_t start, end; /* INT64_MIN, INT64_MAX: no end known */
};

/* False when the file is none. */
bool slip_zone_lookup(struct slip_str tzif, int64_t seconds, struct slip_zone_span *out);

/* The offset of the zone that is called `name`, preferably where it holds around `seconds` of that
 * zone's clock. False: the file knows no such name. */
bool slip_zone_find(struct slip_str tzif, struct slip_str name, int64_t seconds, int32_t *offset);

/* Days from 1970-01-01 to the first of January of a year of the Gregorian calendar. */
int64_t slip_zone_days_before_year(int64_t year);
/* The year that a day (counted from 1970-01-01) lies in. */
int64_t slip_zone_year_of(int64_t day);
bool slip_zone_is_leap(int64_t year);

#endif
