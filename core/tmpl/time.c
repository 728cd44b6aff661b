/* SPDX-License-Identifier: Apache-2.0 */
/* Instants: calendar, zones, formatting; durations. */
#include "tmpl/time.h"

#include "tmpl/tmpl.h"
#include "tmpl/zone.h"

#include <stdlib.h>

enum { DAY = 86400, BILLION = 1000000000 };

const char *const slip_time_months[12] = { "January",   "February", "March",    "April",
                                           "May",       "June",     "July",     "August",
                                           "September", "October",  "November", "December" };
const char *const slip_time_weekdays[7] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
                                            "Thursday", "Friday", "Saturday" };

/* ---- calendar ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int days_in(int month, int64_t year)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return days[month - 1] + (month == 2 && slip_zone_is_leap(year));
}

struct slip_time_fields slip_time_fields(const struct slip_time *t)
{
    int64_t days = floor_div(t->seconds, DAY), second = t->seconds - days * DAY + t->offset;
    days += floor_div(second, DAY);
    second -= floor_div(second, DAY) * DAY;

    struct slip_time_fields f = { .year = slip_zone_year_of(days), .month = 1 };
    int left = (int)(days - slip_zone_days_before_year(f.year));
    f.year_day = left + 1;
    while (left >= days_in(f.month, f.year))
        left -= days_in(f.month++, f.year);
    f.day = left + 1;
    f.weekday = (int)(days + 4 - 7 * floor_div(days + 4, 7)); /* day 0 was a Thursday */
    f.hour = (int)(second / 3600);
    f.minute = (int)(second / 60 % 60);
    f.second = (int)(second % 60);
    return f;
}

/* Seconds since 1970 of what is shown at Greenwich. */
static int64_t seconds_of(const struct slip_time_fields *f)
{
    int64_t year = f->year + floor_div((int64_t)f->month - 1, 12);
    int month = (int)((int64_t)f->month - 1 - 12 * floor_div((int64_t)f->month - 1, 12));
    int64_t days = slip_zone_days_before_year(year) + f->day - 1;
    for (int m = 1; m <= month; m++)
        days += days_in(m, year);
    return days * DAY + f->hour * 3600 + f->minute * 60 + f->second;
}

/* ---- zones ---- */

struct slip_time slip_time_utc(int64_t seconds, int32_t nanoseconds)
{
    return (struct slip_time){ .seconds = seconds,
                               .nanoseconds = nanoseconds,
                               .zone_name = SLIP_STR("UTC") };
}

/* The file of a zone; false: there is none. */
static bool zone_file(struct slip_tmpl_call *c, struct slip_str name, struct slip_buf *tzif)
{
    return c->host->zone && c->host->zone(c->host->payload, name, tzif);
}

static bool show_in(struct slip_tmpl_call *c, struct slip_str name, struct slip_time *t)
{
    SLIP_AUTO(slip_buf) tzif = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_zone_span at;
    if (!zone_file(c, name, &tzif) || !slip_zone_lookup(slip_buf_str(&tzif), t->seconds, &at))
        return false;
    t->zone_name = slip_arena_str(c->arena, at.name);
    t->offset = at.offset;
    t->is_dst = at.is_dst;
    return true;
}

bool slip_time_in_zone(struct slip_tmpl_call *c, struct slip_str name, struct slip_time *t)
{
    *t = slip_time_utc(t->seconds, t->nanoseconds);
    if (name.len == 0 || slip_str_is(name, "UTC"))
        return true;
    if (slip_str_is(name, "Local")) {
        *t = slip_time_local(c, t->seconds, t->nanoseconds);
        return true;
    }
    bool escapes = name.ptr[0] == '/' || name.ptr[0] == '\\'
                   || slip_str_find_str(name, SLIP_STR("..")) != SLIP_NPOS;
    return !escapes && show_in(c, name, t);
}

struct slip_time slip_time_local(struct slip_tmpl_call *c, int64_t seconds, int32_t nanoseconds)
{
    struct slip_time t = slip_time_utc(seconds, nanoseconds);
    t.has_zone_file = show_in(c, SLIP_STR("Local"), &t); /* otherwise its clock is that of UTC */
    t.zone = SLIP_TIME_LOCAL;
    return t;
}

struct slip_time slip_time_moved(struct slip_tmpl_call *c, const struct slip_time *zone_of,
                                 int64_t seconds, int32_t nanoseconds)
{
    if (zone_of->zone == SLIP_TIME_LOCAL)
        return slip_time_local(c, seconds, nanoseconds);
    struct slip_time t = *zone_of;
    t.seconds = seconds;
    t.nanoseconds = nanoseconds;
    return t;
}

/* The instant at which clocks of the local zone show these seconds. */
static int64_t local_to_universal(struct slip_tmpl_call *c, int64_t shown)
{
    SLIP_AUTO(slip_buf) tzif = SLIP_BUF(SLIP_LIMIT_FILE);
    struct slip_zone_span at;
    if (!zone_file(c, SLIP_STR("Local"), &tzif)
        || !slip_zone_lookup(slip_buf_str(&tzif), shown, &at))
        return shown;
    int64_t seconds = shown - at.offset;
    if (at.offset != 0 && (seconds < at.start || seconds >= at.end)) /* near a change */
        slip_zone_lookup(slip_buf_str(&tzif), seconds, &at);
    return shown - at.offset;
}

struct slip_time slip_time_of(struct slip_tmpl_call *c, const struct slip_time_fields *f,
                              int32_t nanoseconds, const struct slip_time *zone_of)
{
    int64_t shown = seconds_of(f);
    int64_t seconds =
        zone_of->zone == SLIP_TIME_LOCAL ? local_to_universal(c, shown) : shown - zone_of->offset;
    return slip_time_moved(c, zone_of, seconds, nanoseconds);
}

/* ---- arithmetic ---- */

struct slip_time slip_time_plus(struct slip_tmpl_call *c, const struct slip_time *t,
                                int64_t nanoseconds)
{
    int64_t seconds = floor_div(nanoseconds, BILLION), rest = nanoseconds % BILLION;
    int64_t nano = t->nanoseconds + (rest < 0 ? rest + BILLION : rest);
    seconds += nano / BILLION;
    seconds = (int64_t)((uint64_t)t->seconds + (uint64_t)seconds);
    return slip_time_moved(c, t, seconds, (int32_t)(nano % BILLION));
}

int slip_time_cmp(const struct slip_time *t, const struct slip_time *u)
{
    if (t->seconds != u->seconds)
        return t->seconds < u->seconds ? -1 : 1;
    return t->nanoseconds < u->nanoseconds ? -1 : t->nanoseconds > u->nanoseconds;
}

int64_t slip_time_between(const struct slip_time *t, const struct slip_time *u)
{
    int64_t d;
    if (__builtin_sub_overflow(t->seconds, u->seconds, &d)
        || __builtin_mul_overflow(d, (int64_t)BILLION, &d)
        || __builtin_add_overflow(d, (int64_t)t->nanoseconds - u->nanoseconds, &d))
        return slip_time_cmp(t, u) < 0 ? INT64_MIN : INT64_MAX;
    return d;
}

/* ---- formatting ---- */

static void add_number(struct slip_buf *out, int64_t n, int width)
{
    slip_buf_add_fmt(out, n < 0 ? "-%0*lld" : "%0*lld", width, (long long)llabs(n));
}

static void add_fraction(struct slip_buf *out, int32_t nanoseconds,
                         const struct slip_layout_element *e)
{
    size_t digits = e->text.len - 1;
    bool trim = e->kind == SLIP_LAYOUT_FRACTION_9;
    if (trim && nanoseconds == 0)
        return;
    char text[16];
    snprintf(text, sizeof(text), "%09d", (int)nanoseconds);
    size_t len = digits < 9 ? digits : 9;
    while (trim && len > 0 && text[len - 1] == '0')
        len--;
    if (len == 0)
        return;
    slip_buf_add_char(out, e->text.ptr[0]);
    slip_buf_add(out, text, len);
}

static void add_offset(struct slip_buf *out, int32_t offset, const struct slip_layout_element *e)
{
    if (e->zulu && offset == 0) {
        slip_buf_add_char(out, 'Z');
        return;
    }
    int minutes = abs(offset / 60), seconds = abs(offset % 60);
    slip_buf_add_char(out, offset / 60 < 0 ? '-' : '+');
    add_number(out, minutes / 60, 2);
    if (e->parts >= 2) {
        slip_buf_add_c(out, e->colon ? ":" : "");
        add_number(out, minutes % 60, 2);
    }
    if (e->parts >= 3) {
        slip_buf_add_c(out, e->colon ? ":" : "");
        add_number(out, seconds, 2);
    }
}

static void add_zone_name(struct slip_buf *out, const struct slip_time *t)
{
    const struct slip_layout_element offset = { .parts = 2 };
    if (t->zone_name.len)
        slip_buf_add_str(out, t->zone_name);
    else
        add_offset(out, t->offset, &offset);
}

static int twelve(int hour)
{
    return hour % 12 ? hour % 12 : 12;
}

static void add_element(struct slip_buf *out, const struct slip_time *t,
                        const struct slip_time_fields *f, const struct slip_layout_element *e)
{
    switch (e->kind) {
    case SLIP_LAYOUT_END:
        break;
    case SLIP_LAYOUT_LONG_MONTH:
        slip_buf_add_c(out, slip_time_months[f->month - 1]);
        break;
    case SLIP_LAYOUT_MONTH:
        slip_buf_add(out, slip_time_months[f->month - 1], 3);
        break;
    case SLIP_LAYOUT_NUM_MONTH:
        add_number(out, f->month, 1);
        break;
    case SLIP_LAYOUT_ZERO_MONTH:
        add_number(out, f->month, 2);
        break;
    case SLIP_LAYOUT_LONG_WEEKDAY:
        slip_buf_add_c(out, slip_time_weekdays[f->weekday]);
        break;
    case SLIP_LAYOUT_WEEKDAY:
        slip_buf_add(out, slip_time_weekdays[f->weekday], 3);
        break;
    case SLIP_LAYOUT_DAY:
        add_number(out, f->day, 1);
        break;
    case SLIP_LAYOUT_UNDER_DAY:
        slip_buf_add_fmt(out, "%2d", f->day);
        break;
    case SLIP_LAYOUT_ZERO_DAY:
        add_number(out, f->day, 2);
        break;
    case SLIP_LAYOUT_UNDER_YEAR_DAY:
        slip_buf_add_fmt(out, "%3d", f->year_day);
        break;
    case SLIP_LAYOUT_ZERO_YEAR_DAY:
        add_number(out, f->year_day, 3);
        break;
    case SLIP_LAYOUT_HOUR:
        add_number(out, f->hour, 2);
        break;
    case SLIP_LAYOUT_HOUR12:
        add_number(out, twelve(f->hour), 1);
        break;
    case SLIP_LAYOUT_ZERO_HOUR12:
        add_number(out, twelve(f->hour), 2);
        break;
    case SLIP_LAYOUT_MINUTE:
        add_number(out, f->minute, 1);
        break;
    case SLIP_LAYOUT_ZERO_MINUTE:
        add_number(out, f->minute, 2);
        break;
    case SLIP_LAYOUT_SECOND:
        add_number(out, f->second, 1);
        break;
    case SLIP_LAYOUT_ZERO_SECOND:
        add_number(out, f->second, 2);
        break;
    case SLIP_LAYOUT_LONG_YEAR:
        add_number(out, f->year, 4);
        break;
    case SLIP_LAYOUT_YEAR:
        add_number(out, llabs(f->year) % 100, 2);
        break;
    case SLIP_LAYOUT_PM:
        slip_buf_add_c(out, f->hour >= 12 ? "PM" : "AM");
        break;
    case SLIP_LAYOUT_SMALL_PM:
        slip_buf_add_c(out, f->hour >= 12 ? "pm" : "am");
        break;
    case SLIP_LAYOUT_ZONE_NAME:
        add_zone_name(out, t);
        break;
    case SLIP_LAYOUT_OFFSET:
        add_offset(out, t->offset, e);
        break;
    case SLIP_LAYOUT_FRACTION_0:
    case SLIP_LAYOUT_FRACTION_9:
        add_fraction(out, t->nanoseconds, e);
        break;
    }
}

void slip_time_format(const struct slip_time *t, struct slip_str layout, struct slip_buf *out)
{
    struct slip_time_fields f = slip_time_fields(t);
    while (layout.len && !out->full) {
        struct slip_layout_element e = slip_layout_next(&layout);
        slip_buf_add_str(out, e.before);
        add_element(out, t, &f, &e);
    }
}

/* ---- durations ---- */

/* The fraction of a unit, `digits` places, without zeros at its end. */
static void add_decimal(struct slip_buf *out, uint64_t whole, uint64_t fraction, int digits,
                        const char *unit)
{
    slip_buf_add_fmt(out, "%llu", (unsigned long long)whole);
    if (fraction) {
        char text[24];
        int len = snprintf(text, sizeof(text), "%0*llu", digits, (unsigned long long)fraction);
        while (text[len - 1] == '0')
            len--;
        slip_buf_add_char(out, '.');
        slip_buf_add(out, text, (size_t)len);
    }
    slip_buf_add_c(out, unit);
}

void slip_time_duration_print(int64_t nanoseconds, struct slip_buf *out)
{
    uint64_t u = nanoseconds < 0 ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;
    if (nanoseconds < 0)
        slip_buf_add_char(out, '-');
    if (u == 0) {
        slip_buf_add_c(out, "0s");
    } else if (u < 1000) {
        add_decimal(out, u, 0, 0, "ns");
    } else if (u < 1000000) {
        add_decimal(out, u / 1000, u % 1000, 3, "\xC2\xB5s");
    } else if (u < BILLION) {
        add_decimal(out, u / 1000000, u % 1000000, 6, "ms");
    } else {
        uint64_t seconds = u / BILLION, minutes = seconds / 60;
        if (minutes >= 60)
            slip_buf_add_fmt(out, "%lluh", (unsigned long long)(minutes / 60));
        if (minutes > 0)
            slip_buf_add_fmt(out, "%llum", (unsigned long long)(minutes % 60));
        add_decimal(out, seconds % 60, u % BILLION, 9, "s");
    }
}

int64_t slip_time_duration_round(int64_t d, int64_t multiple)
{
    if (multiple <= 0)
        return d;
    int64_t rest = d % multiple, up;
    int64_t size = rest < 0 ? -rest : rest;
    if (size < multiple - size)
        return d - rest;
    if (d < 0)
        return __builtin_sub_overflow(d, multiple - size, &up) ? INT64_MIN : up;
    return __builtin_add_overflow(d, multiple - size, &up) ? INT64_MAX : up;
}
