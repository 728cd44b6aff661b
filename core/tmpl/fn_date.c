/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions on dates and durations, and the methods of Go's time.Time, time.Duration, time.Month
 * and time.Weekday that a template can call.
 */
#include "tmpl/fn.h"
#include "tmpl/literal.h"
#include "tmpl/time.h"
#include "tmpl/tmpl.h"

#include <inttypes.h>

enum { BILLION = 1000000000 };

/* ---- values ---- */

static const struct slip_tv_class time_class, duration_class, month_class, weekday_class,
    location_class;

static int give_time(struct slip_tmpl_call *c, struct slip_time t, struct slip_tv *out)
{
    struct slip_time *object = slip_arena_new(c->arena, struct slip_time);
    *object = t;
    *out = slip_tv_object(&time_class, object);
    return 0;
}

static int give_number(struct slip_tmpl_call *c, const struct slip_tv_class *class, int64_t i,
                       struct slip_tv *out)
{
    int64_t *object = slip_arena_new(c->arena, int64_t);
    *object = i;
    *out = slip_tv_object(class, object);
    return 0;
}

static int give_int(struct slip_tv *out, int64_t i)
{
    *out = slip_tv_int(i);
    return 0;
}

static int give_int64(struct slip_tv *out, int64_t i)
{
    *out = slip_tv_int64(i);
    return 0;
}

static int give_bool(struct slip_tv *out, bool b)
{
    *out = slip_tv_bool(b);
    return 0;
}

static const struct slip_time *time_of(const struct slip_tv *v)
{
    return v->object;
}

static struct slip_time_fields fields_of(const struct slip_tv *v)
{
    return slip_time_fields(time_of(v));
}

static int64_t number_of(const void *object)
{
    return *(const int64_t *)object;
}

static struct slip_time now(struct slip_tmpl_call *c)
{
    int64_t seconds = 0;
    int32_t nanoseconds = 0;
    if (c->host->now)
        c->host->now(c->host->payload, &seconds, &nanoseconds);
    return slip_time_local(c, seconds, nanoseconds);
}

/* A time, seconds since 1970 as int or int64; everything else is now. */
static struct slip_time time_or_now(struct slip_tmpl_call *c, const struct slip_tv *v)
{
    if (v->type == SLIP_TV_OBJECT && v->class == &time_class)
        return *time_of(v);
    if (v->type == SLIP_TV_INT || v->type == SLIP_TV_INT64)
        return slip_time_local(c, v->i, 0);
    return now(c);
}

/* ---- formatting ---- */

static int format(struct slip_tmpl_call *c, struct slip_str layout, const struct slip_tv *date,
                  struct slip_str zone, struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    struct slip_time t = time_or_now(c, date);
    if (!slip_time_in_zone(c, zone, &t))
        t = slip_time_utc(t.seconds, t.nanoseconds);
    slip_time_format(&t, layout, &b);
    return slip_tmpl_give(c, &b, out);
}

SLIP_TMPL_FN(fn_date)
{
    return format(c, a[0].s, &a[1], SLIP_STR("Local"), out);
}

SLIP_TMPL_FN(fn_date_in_zone)
{
    return format(c, a[0].s, &a[1], a[2].s, out);
}

SLIP_TMPL_FN(fn_html_date)
{
    return format(c, SLIP_STR("2006-01-02"), &a[0], SLIP_STR("Local"), out);
}

SLIP_TMPL_FN(fn_html_date_in_zone)
{
    return format(c, SLIP_STR("2006-01-02"), &a[0], a[1].s, out);
}

SLIP_TMPL_FN(fn_unix_epoch)
{
    long long seconds = time_of(&a[0])->seconds;
    *out = slip_tv_str(slip_str_of(slip_arena_printf(c->arena, "%lld", seconds)));
    return 0;
}

/* ---- making and moving times ---- */

SLIP_TMPL_FN(fn_now)
{
    return give_time(c, now(c), out);
}

static int zero_time(struct slip_tmpl_call *c, struct slip_tv *out)
{
    c->error = (struct slip_str){ 0 };
    return give_time(c, slip_time_utc(SLIP_TIME_ZERO, 0), out);
}

SLIP_TMPL_FN(fn_must_to_date)
{
    struct slip_time t;
    return slip_time_parse(c, a[0].s, a[1].s, &t) < 0 ? -1 : give_time(c, t, out);
}

SLIP_TMPL_FN(fn_to_date)
{
    struct slip_time t;
    if (slip_time_parse(c, a[0].s, a[1].s, &t) < 0)
        return zero_time(c, out);
    return give_time(c, t, out);
}

SLIP_TMPL_FN(fn_must_date_modify)
{
    int64_t d;
    if (slip_time_duration_parse(c, a[0].s, &d) < 0)
        return -1;
    return give_time(c, slip_time_plus(c, time_of(&a[1]), d), out);
}

SLIP_TMPL_FN(fn_date_modify)
{
    int64_t d;
    if (slip_time_duration_parse(c, a[0].s, &d) < 0) {
        c->error = (struct slip_str){ 0 };
        d = 0;
    }
    return give_time(c, slip_time_plus(c, time_of(&a[1]), d), out);
}

/* ---- durations ---- */

static int give_duration_text(struct slip_tmpl_call *c, int64_t d, struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) b = SLIP_BUF(64);
    slip_time_duration_print(d, &b);
    return slip_tmpl_give(c, &b, out);
}

SLIP_TMPL_FN(fn_ago)
{
    struct slip_time then = time_or_now(c, &a[0]), at = now(c);
    return give_duration_text(c, slip_time_duration_round(slip_time_between(&at, &then), BILLION),
                              out);
}

/* Seconds, as text or int64; everything else is 0. */
SLIP_TMPL_FN(fn_duration)
{
    uint64_t seconds = 0;
    if (a[0].type == SLIP_TV_STRING) {
        int64_t i = 0;
        if (slip_literal_int(a[0].s, 10, &i) != SLIP_LITERAL_SYNTAX)
            seconds = (uint64_t)i;
    } else if (a[0].type == SLIP_TV_INT64) {
        seconds = (uint64_t)a[0].i;
    }
    return give_duration_text(c, (int64_t)(seconds * BILLION), out);
}

static int64_t duration_of(struct slip_tmpl_call *c, const struct slip_tv *v)
{
    int64_t d = 0;
    if (v->type == SLIP_TV_INT64)
        return v->i;
    if (v->type == SLIP_TV_STRING && slip_time_duration_parse(c, v->s, &d) < 0) {
        c->error = (struct slip_str){ 0 };
        return 0;
    }
    if (v->type == SLIP_TV_OBJECT && v->class == &time_class) {
        struct slip_time at = now(c);
        return slip_time_between(&at, time_of(v));
    }
    return d;
}

/* The largest unit of which there is more than one. */
SLIP_TMPL_FN(fn_duration_round)
{
    static const struct {
        const char *unit;
        uint64_t seconds;
    } units[] = {
        { "y", UINT64_C(365) * 86400 },
        { "mo", UINT64_C(30) * 86400 },
        { "d", 86400 },
        { "h", 3600 },
        { "m", 60 },
        { "s", 1 },
    };
    int64_t d = duration_of(c, &a[0]);
    uint64_t u = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
    *out = slip_tv_str(SLIP_STR("0s"));
    for (size_t i = 0; i < SLIP_COUNT(units); i++) {
        uint64_t unit = units[i].seconds * BILLION;
        if (u <= unit)
            continue;
        *out = slip_tv_str(slip_str_of(
            slip_arena_printf(c->arena, "%llu%s", (unsigned long long)(u / unit), units[i].unit)));
        break;
    }
    return 0;
}

/* ---- methods of time.Time ---- */

/* A time.Duration, or a literal number of nanoseconds. */
static int take_duration(struct slip_tmpl_call *c, const struct slip_tv *v, int64_t *out)
{
    if (v->type == SLIP_TV_INT)
        *out = v->i;
    else if (v->type == SLIP_TV_FLOAT && v->f == (double)slip_tmpl_float_to_int64(v->f))
        *out = slip_tmpl_float_to_int64(v->f);
    else if (v->type == SLIP_TV_OBJECT && v->class == &duration_class)
        *out = number_of(v->object);
    else
        return slip_tmpl_fail(c, "wrong type for value; expected time.Duration; got %s",
                              slip_tv_type_name(v));
    return 0;
}

SLIP_TMPL_FN(time_add)
{
    int64_t d;
    if (take_duration(c, &a[1], &d) < 0)
        return -1;
    return give_time(c, slip_time_plus(c, time_of(&a[0]), d), out);
}

SLIP_TMPL_FN(time_add_date)
{
    struct slip_time_fields f = fields_of(&a[0]);
    const int64_t limit = 1000000000; /* a calendar beyond would not be one of ours */
    for (size_t i = 1; i <= 3; i++)
        if (a[i].i < -limit || a[i].i > limit)
            return slip_tmpl_fail(c, "the date is out of range");
    f.year += a[1].i;
    f.month += (int)a[2].i;
    f.day += (int)a[3].i;
    return give_time(c, slip_time_of(c, &f, time_of(&a[0])->nanoseconds, time_of(&a[0])), out);
}

SLIP_TMPL_FN(time_after)
{
    return give_bool(out, slip_time_cmp(time_of(&a[0]), time_of(&a[1])) > 0);
}

SLIP_TMPL_FN(time_before)
{
    return give_bool(out, slip_time_cmp(time_of(&a[0]), time_of(&a[1])) < 0);
}

SLIP_TMPL_FN(time_compare)
{
    return give_int(out, slip_time_cmp(time_of(&a[0]), time_of(&a[1])));
}

SLIP_TMPL_FN(time_day)
{
    return give_int(out, fields_of(&a[0]).day);
}

SLIP_TMPL_FN(time_equal)
{
    return give_bool(out, slip_time_cmp(time_of(&a[0]), time_of(&a[1])) == 0);
}

SLIP_TMPL_FN(time_format)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    slip_time_format(time_of(&a[0]), a[1].s, &b);
    return slip_tmpl_give(c, &b, out);
}

SLIP_TMPL_FN(time_hour)
{
    return give_int(out, fields_of(&a[0]).hour);
}

SLIP_TMPL_FN(time_is_dst)
{
    return give_bool(out, time_of(&a[0])->is_dst);
}

SLIP_TMPL_FN(time_is_zero)
{
    return give_bool(out,
                     time_of(&a[0])->seconds == SLIP_TIME_ZERO && time_of(&a[0])->nanoseconds == 0);
}

SLIP_TMPL_FN(time_local)
{
    const struct slip_time *t = time_of(&a[0]);
    return give_time(c, slip_time_local(c, t->seconds, t->nanoseconds), out);
}

SLIP_TMPL_FN(time_location)
{
    const struct slip_time *t = a[0].object;
    struct slip_str *name = slip_arena_new(c->arena, struct slip_str);
    *name = t->zone_name;
    if (t->zone == SLIP_TIME_LOCAL && t->has_zone_file)
        *name = c->host->local_zone.len ? c->host->local_zone : SLIP_STR("Local");
    *out = slip_tv_object(&location_class, name);
    return 0;
}

SLIP_TMPL_FN(time_minute)
{
    return give_int(out, fields_of(&a[0]).minute);
}

SLIP_TMPL_FN(time_month)
{
    return give_number(c, &month_class, fields_of(&a[0]).month, out);
}

SLIP_TMPL_FN(time_nanosecond)
{
    return give_int(out, time_of(&a[0])->nanoseconds);
}

/* The time less what is beyond a multiple of the duration, counted from the zero time. */
static int64_t beyond(const struct slip_time *t, int64_t multiple)
{
    __int128 since = (__int128)(t->seconds - SLIP_TIME_ZERO) * BILLION + t->nanoseconds;
    __int128 rest = since % multiple;
    return (int64_t)(rest < 0 ? rest + multiple : rest);
}

SLIP_TMPL_FN(time_round)
{
    int64_t d;
    if (take_duration(c, &a[1], &d) < 0)
        return -1;
    int64_t rest = d > 0 ? beyond(time_of(&a[0]), d) : 0;
    int64_t move = rest < d - rest ? -rest : d - rest;
    return give_time(c, slip_time_plus(c, time_of(&a[0]), d > 0 ? move : 0), out);
}

SLIP_TMPL_FN(time_second)
{
    return give_int(out, fields_of(&a[0]).second);
}

SLIP_TMPL_FN(time_sub)
{
    return give_number(c, &duration_class, slip_time_between(time_of(&a[0]), time_of(&a[1])), out);
}

SLIP_TMPL_FN(time_truncate)
{
    int64_t d;
    if (take_duration(c, &a[1], &d) < 0)
        return -1;
    return give_time(c, slip_time_plus(c, time_of(&a[0]), d > 0 ? -beyond(time_of(&a[0]), d) : 0),
                     out);
}

SLIP_TMPL_FN(time_utc)
{
    return give_time(c, slip_time_utc(time_of(&a[0])->seconds, time_of(&a[0])->nanoseconds), out);
}

SLIP_TMPL_FN(time_unix)
{
    return give_int64(out, time_of(&a[0])->seconds);
}

/* Units of 1/`per_second` second since 1970; wraps around as in Go. */
static int64_t unix_in(const struct slip_time *t, int64_t per_second)
{
    uint64_t whole = (uint64_t)t->seconds * (uint64_t)per_second;
    return (int64_t)(whole + (uint64_t)(t->nanoseconds / (BILLION / per_second)));
}

SLIP_TMPL_FN(time_unix_micro)
{
    return give_int64(out, unix_in(time_of(&a[0]), 1000000));
}

SLIP_TMPL_FN(time_unix_milli)
{
    return give_int64(out, unix_in(time_of(&a[0]), 1000));
}

SLIP_TMPL_FN(time_unix_nano)
{
    return give_int64(out, unix_in(time_of(&a[0]), BILLION));
}

SLIP_TMPL_FN(time_weekday)
{
    return give_number(c, &weekday_class, fields_of(&a[0]).weekday, out);
}

SLIP_TMPL_FN(time_year)
{
    return give_int(out, fields_of(&a[0]).year);
}

SLIP_TMPL_FN(time_year_day)
{
    return give_int(out, fields_of(&a[0]).year_day);
}

static void print_time(const void *object, struct slip_buf *out)
{
    slip_time_format(object, SLIP_STR("2006-01-02 15:04:05.999999999 -0700 MST"), out);
}

/* A zone that is neither UTC nor the local one has its name there. */
static void print_time_go(const void *object, struct slip_buf *out)
{
    const struct slip_time *t = object;
    struct slip_time_fields f = slip_time_fields(t);
    slip_buf_add_fmt(out, "time.Date(%" PRId64 ", time.%s, %d, %d, %d, %d, %d, time.", f.year,
                     slip_time_months[f.month - 1], f.day, f.hour, f.minute, f.second,
                     (int)t->nanoseconds);
    if (t->zone == SLIP_TIME_FIXED) {
        slip_buf_add_c(out, "Location(");
        slip_fmt_quote(t->zone_name, false, out);
        slip_buf_add_c(out, "))");
    } else {
        slip_buf_add_c(out, t->zone == SLIP_TIME_UTC ? "UTC)" : "Local)");
    }
}

/* Every class has a method String that gives what is printed. */
SLIP_TMPL_FN(fn_string)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    a[0].class->print(a[0].object, &b);
    return slip_tmpl_give(c, &b, out);
}

static void print_instant(const void *object, struct slip_buf *out)
{
    slip_time_format(object, SLIP_STR("2006-01-02T15:04:05.999999999Z07:00"), out);
}

/* The location is a pointer: nil for UTC, and for others the address is of no use. */
static void time_fields(const void *object, struct slip_tv *out)
{
    const struct slip_time *t = object;
    out[0] = slip_tv_uint64((uint64_t)t->nanoseconds);
    out[1] = slip_tv_int64((int64_t)((uint64_t)t->seconds - (uint64_t)SLIP_TIME_ZERO));
    out[2] = slip_tv_object(&location_class, NULL);
}

static int marshal_time(struct slip_tmpl_call *call, const void *object, struct slip_buf *out)
{
    int64_t year = slip_time_fields(object).year;
    if (year < 0 || year > 9999)
        return slip_tmpl_fail(call, "json: error calling MarshalJSON for type time.Time: "
                                    "Time.MarshalJSON: year outside of range [0,9999]");
    print_instant(object, out);
    return 0;
}

static bool times_equal(const void *a, const void *b)
{
    const struct slip_time *t = a, *u = b;
    bool same_zone = t->zone == u->zone
                     && (t->zone != SLIP_TIME_FIXED
                         || (t->offset == u->offset && slip_str_eq(t->zone_name, u->zone_name)));
    return slip_time_cmp(t, u) == 0 && same_zone;
}

static const struct slip_tmpl_func time_methods[] = {
    { "Add", "a", time_add, "" },
    { "AddDate", "iii", time_add_date, "" },
    { "After", "T", time_after, "" },
    { "Before", "T", time_before, "" },
    { "Compare", "T", time_compare, "" },
    { "Day", "", time_day, "" },
    { "Equal", "T", time_equal, "" },
    { "Format", "s", time_format, "" },
    { "Hour", "", time_hour, "" },
    { "IsDST", "", time_is_dst, "" },
    { "IsZero", "", time_is_zero, "" },
    { "Local", "", time_local, "" },
    { "Location", "", time_location, "" },
    { "Minute", "", time_minute, "" },
    { "Month", "", time_month, "" },
    { "Nanosecond", "", time_nanosecond, "" },
    { "Round", "a", time_round, "" },
    { "Second", "", time_second, "" },
    { "String", "", fn_string, "" },
    { "Sub", "T", time_sub, "" },
    { "Truncate", "a", time_truncate, "" },
    { "UTC", "", time_utc, "" },
    { "Unix", "", time_unix, "" },
    { "UnixMicro", "", time_unix_micro, "" },
    { "UnixMilli", "", time_unix_milli, "" },
    { "UnixNano", "", time_unix_nano, "" },
    { "Weekday", "", time_weekday, "" },
    { "Year", "", time_year, "" },
    { "YearDay", "", time_year_day, "" },
};

static const char *const time_hidden[] = { "wall", "ext", "loc", NULL };

static const struct slip_tv_class time_class = {
    .type = "time.Time",
    .kind = "struct",
    .methods = time_methods,
    .n_methods = SLIP_COUNT(time_methods),
    .hidden = time_hidden,
    .print = print_time,
    .print_go = print_time_go,
    .fields = time_fields,
    .marshal = marshal_time,
    .print_yaml = print_instant,
    .equal = times_equal,
};

/* ---- time.Duration ---- */

SLIP_TMPL_FN(duration_abs)
{
    int64_t d = number_of(a[0].object);
    return give_number(c, &duration_class, d == INT64_MIN ? INT64_MAX : d < 0 ? -d : d, out);
}

/* Go divides the whole units and the rest apart. */
static int give_units(struct slip_tv *out, int64_t d, int64_t unit)
{
    int64_t whole = d / unit;
    *out = slip_tv_float((double)whole + (double)(d % unit) / (double)unit);
    return 0;
}

SLIP_TMPL_FN(duration_hours)
{
    return give_units(out, number_of(a[0].object), INT64_C(3600) * BILLION);
}

SLIP_TMPL_FN(duration_microseconds)
{
    return give_int64(out, number_of(a[0].object) / 1000);
}

SLIP_TMPL_FN(duration_milliseconds)
{
    return give_int64(out, number_of(a[0].object) / 1000000);
}

SLIP_TMPL_FN(duration_minutes)
{
    return give_units(out, number_of(a[0].object), INT64_C(60) * BILLION);
}

SLIP_TMPL_FN(duration_nanoseconds)
{
    return give_int64(out, number_of(a[0].object));
}

SLIP_TMPL_FN(duration_round)
{
    int64_t multiple;
    if (take_duration(c, &a[1], &multiple) < 0)
        return -1;
    return give_number(c, &duration_class,
                       slip_time_duration_round(number_of(a[0].object), multiple), out);
}

SLIP_TMPL_FN(duration_seconds)
{
    return give_units(out, number_of(a[0].object), BILLION);
}

SLIP_TMPL_FN(duration_truncate)
{
    int64_t d = number_of(a[0].object), multiple;
    if (take_duration(c, &a[1], &multiple) < 0)
        return -1;
    return give_number(c, &duration_class, multiple > 0 ? d - d % multiple : d, out);
}

static void print_duration(const void *object, struct slip_buf *out)
{
    slip_time_duration_print(number_of(object), out);
}

static bool numbers_equal(const void *a, const void *b)
{
    return number_of(a) == number_of(b);
}

static const struct slip_tmpl_func duration_methods[] = {
    { "Abs", "", duration_abs, "" },
    { "Hours", "", duration_hours, "" },
    { "Microseconds", "", duration_microseconds, "" },
    { "Milliseconds", "", duration_milliseconds, "" },
    { "Minutes", "", duration_minutes, "" },
    { "Nanoseconds", "", duration_nanoseconds, "" },
    { "Round", "a", duration_round, "" },
    { "Seconds", "", duration_seconds, "" },
    { "String", "", fn_string, "" },
    { "Truncate", "a", duration_truncate, "" },
};

static const struct slip_tv_class duration_class = {
    .type = "time.Duration",
    .kind = "int64",
    .methods = duration_methods,
    .n_methods = SLIP_COUNT(duration_methods),
    .print = print_duration,
    .print_yaml = print_duration,
    .number = number_of,
    .equal = numbers_equal,
};

/* ---- time.Month, time.Weekday, *time.Location ---- */

static const struct slip_tmpl_func string_method[] = { { "String", "", fn_string, "" } };

static void print_month(const void *object, struct slip_buf *out)
{
    slip_buf_add_c(out, slip_time_months[number_of(object) - 1]);
}

static void print_weekday(const void *object, struct slip_buf *out)
{
    slip_buf_add_c(out, slip_time_weekdays[number_of(object)]);
}

static void print_location(const void *object, struct slip_buf *out)
{
    const struct slip_str *name = object;
    slip_buf_add_str(out, *name);
}

static const struct slip_tv_class month_class = {
    .type = "time.Month",
    .kind = "int",
    .methods = string_method,
    .n_methods = 1,
    .print = print_month,
    .number = number_of,
    .equal = numbers_equal,
};

static const struct slip_tv_class weekday_class = {
    .type = "time.Weekday",
    .kind = "int",
    .methods = string_method,
    .n_methods = 1,
    .print = print_weekday,
    .number = number_of,
    .equal = numbers_equal,
};

static const struct slip_tv_class location_class = {
    .type = "*time.Location",
    .elem = "time.Location",
    .kind = "ptr",
    .methods = string_method,
    .n_methods = 1,
    .print = print_location,
};

static const struct slip_tmpl_func table[] = {
    { "ago", "a", fn_ago, "how long ago the time was" },
    { "date", "sa", fn_date, "the time in a layout, in the local zone" },
    { "dateInZone", "sas", fn_date_in_zone, "the time in a layout, in a zone" },
    { "dateModify", "sT", fn_date_modify, "the time moved by a duration" },
    { "date_in_zone", "sas", fn_date_in_zone, "as dateInZone" },
    { "date_modify", "sT", fn_date_modify, "as dateModify" },
    { "duration", "a", fn_duration, "seconds as text: 1m35s" },
    { "durationRound", "a", fn_duration_round, "a duration in its largest unit" },
    { "htmlDate", "a", fn_html_date, "the day of the time: 2006-01-02" },
    { "htmlDateInZone", "as", fn_html_date_in_zone, "the day of the time in a zone" },
    { "mustDateModify", "sT", fn_must_date_modify, "the time moved by a duration" },
    { "mustToDate", "ss", fn_must_to_date, "the time that a text in a layout stands for" },
    { "must_date_modify", "sT", fn_must_date_modify, "as mustDateModify" },
    { "now", "", fn_now, "the time" },
    { "toDate", "ss", fn_to_date, "the time that a text in a layout stands for, or the zero time" },
    { "unixEpoch", "T", fn_unix_epoch, "seconds since 1970 as text" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_date = SLIP_TMPL_FUNCS(table);
