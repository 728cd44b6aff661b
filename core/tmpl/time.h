/* SPDX-License-Identifier: Apache-2.0 */
/* Instants, their text in Go's layouts, and durations (Go's package time). Inside this room only.
 */
#ifndef SLIP_TMPL_TIME_H
#define SLIP_TMPL_TIME_H

#include "tmpl/func.h"

enum slip_time_zone { SLIP_TIME_UTC, SLIP_TIME_LOCAL, SLIP_TIME_FIXED };

/* An instant and the zone in which it is shown; name and offset are those of that instant. */
struct slip_time {
    int64_t seconds; /* since 1970 */
    int32_t nanoseconds;
    enum slip_time_zone zone;
    struct slip_str zone_name; /* in the arena, or a literal */
    int32_t offset;            /* seconds east of Greenwich */
    bool is_dst;
    bool has_zone_file; /* of the zone "Local" */
};

#define SLIP_TIME_ZERO INT64_C(-62135596800) /* 0001-01-01, Go's zero time */

/* What a clock and a calendar show at the time's offset. */
struct slip_time_fields {
    int64_t year;
    int month, day, year_day, weekday, hour, minute, second; /* January 1, Sunday 0, day from 1 */
};
struct slip_time_fields slip_time_fields(const struct slip_time *t);

/* The time that a calendar and a clock of that zone show; fields may be out of their range. */
struct slip_time slip_time_of(struct slip_tmpl_call *c, const struct slip_time_fields *f,
                              int32_t nanoseconds, const struct slip_time *zone_of);

/* The instant, shown in the zone "Local", or in a named zone (false: unknown zone). */
struct slip_time slip_time_local(struct slip_tmpl_call *c, int64_t seconds, int32_t nanoseconds);
bool slip_time_in_zone(struct slip_tmpl_call *c, struct slip_str name, struct slip_time *t);
struct slip_time slip_time_utc(int64_t seconds, int32_t nanoseconds);

/* Another instant in the zone of `zone_of`. */
struct slip_time slip_time_moved(struct slip_tmpl_call *c, const struct slip_time *zone_of,
                                 int64_t seconds, int32_t nanoseconds);
struct slip_time slip_time_plus(struct slip_tmpl_call *c, const struct slip_time *t,
                                int64_t nanoseconds);

/* t - u in nanoseconds, at the limit of int64 when it is more. */
int64_t slip_time_between(const struct slip_time *t, const struct slip_time *u);
int slip_time_cmp(const struct slip_time *t, const struct slip_time *u);

/* Append as Go formats with that layout. */
void slip_time_format(const struct slip_time *t, struct slip_str layout, struct slip_buf *out);

/* Read text in that layout, in the zone "Local" unless it names another. Fails with Go's text. */
SLIP_MUST_USE int slip_time_parse(struct slip_tmpl_call *c, struct slip_str layout,
                                  struct slip_str text, struct slip_time *out);

/* "1h2m3.5s". Reading fails with Go's text. */
void slip_time_duration_print(int64_t nanoseconds, struct slip_buf *out);
SLIP_MUST_USE int slip_time_duration_parse(struct slip_tmpl_call *c, struct slip_str text,
                                           int64_t *nanoseconds);

/* To the nearest multiple, halves away from zero; towards zero. */
int64_t slip_time_duration_round(int64_t d, int64_t multiple);

extern const char *const slip_time_months[12];
extern const char *const slip_time_weekdays[7];

/* ---- layouts: layout.c ---- */

enum slip_layout_kind {
    SLIP_LAYOUT_END, /* no more elements: the rest of the layout is plain text */
    SLIP_LAYOUT_LONG_MONTH,
    SLIP_LAYOUT_MONTH,
    SLIP_LAYOUT_NUM_MONTH,
    SLIP_LAYOUT_ZERO_MONTH,
    SLIP_LAYOUT_LONG_WEEKDAY,
    SLIP_LAYOUT_WEEKDAY,
    SLIP_LAYOUT_DAY,
    SLIP_LAYOUT_UNDER_DAY,
    SLIP_LAYOUT_ZERO_DAY,
    SLIP_LAYOUT_UNDER_YEAR_DAY,
    SLIP_LAYOUT_ZERO_YEAR_DAY,
    SLIP_LAYOUT_HOUR,
    SLIP_LAYOUT_HOUR12,
    SLIP_LAYOUT_ZERO_HOUR12,
    SLIP_LAYOUT_MINUTE,
    SLIP_LAYOUT_ZERO_MINUTE,
    SLIP_LAYOUT_SECOND,
    SLIP_LAYOUT_ZERO_SECOND,
    SLIP_LAYOUT_LONG_YEAR,
    SLIP_LAYOUT_YEAR,
    SLIP_LAYOUT_PM,
    SLIP_LAYOUT_SMALL_PM,
    SLIP_LAYOUT_ZONE_NAME,
    SLIP_LAYOUT_OFFSET,     /* see below */
    SLIP_LAYOUT_FRACTION_0, /* with all its digits */
    SLIP_LAYOUT_FRACTION_9, /* without zeros at its end */
};

struct slip_layout_element {
    enum slip_layout_kind kind;
    struct slip_str before, text; /* plain text before it; the element as written */
    bool zulu, colon;             /* OFFSET: "Z" for zero; "07:00" */
    int parts;                    /* OFFSET: 1 hours, 2 minutes too, 3 seconds too */
};

/* The next element of a layout, which is taken from `rest`. */
struct slip_layout_element slip_layout_next(struct slip_str *rest);

#endif
