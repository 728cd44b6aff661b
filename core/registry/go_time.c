/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times in JSON.
 *
 *   time     := year4 "-" month2 "-" day2 "T" hour ":" minute2 ":" second2 [ fraction ] zone
 *   hour     := 1 or 2 digits (two are taken when there are two)
 *   fraction := ( "." | "," ) digit { digit }         digits after the ninth do not count
 *   zone     := "Z" | ( "+" | "-" ) hour2 ":" minute2     at most 24 and 60
 */
#include "registry/go_time.h"

static bool is_digit(struct slip_str s, size_t at)
{
    return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

static bool take_char(struct slip_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    *s = slip_str_skip(*s, 1);
    return true;
}

/* Exactly `n` digits with a value of `min` to `max`. */
static bool take_number(struct slip_str *s, size_t n, int min, int max, int *out)
{
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(*s, i))
            return false;
        value = value * 10 + (s->ptr[i] - '0');
    }
    *s = slip_str_skip(*s, n);
    *out = value;
    return value >= min && value <= max;
}

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct slip_str *s, struct slip_go_time *t)
{
    return take_number(s, 4, 0, 9999, &t->year) && take_char(s, '-')
           && take_number(s, 2, 1, 12, &t->month) && take_char(s, '-')
           && take_number(s, 2, 1, days_in(t->year, t->month), &t->day);
}

static void take_fraction(struct slip_str *s, struct slip_go_time *t)
{
    if (s->len < 2 || (s->ptr[0] != '.' && s->ptr[0] != ',') || !is_digit(*s, 1))
        return;
    *s = slip_str_skip(*s, 1);
    int scale = 100000000;
    for (; is_digit(*s, 0); scale /= 10, *s = slip_str_skip(*s, 1))
        t->nanosecond += (s->ptr[0] - '0') * scale;
}

static bool take_clock(struct slip_str *s, struct slip_go_time *t)
{
    if (!take_number(s, is_digit(*s, 1) ? 2 : 1, 0, 23, &t->hour) || !take_char(s, ':')
        || !take_number(s, 2, 0, 59, &t->minute) || !take_char(s, ':')
        || !take_number(s, 2, 0, 59, &t->second))
        return false;
    take_fraction(s, t);
    return true;
}

static bool take_zone(struct slip_str *s, struct slip_go_time *t)
{
    int hours, minutes;
    if (take_char(s, 'Z'))
        return true;
    bool west = s->len && s->ptr[0] == '-';
    if (!take_char(s, west ? '-' : '+') || !take_number(s, 2, 0, 24, &hours) || !take_char(s, ':')
        || !take_number(s, 2, 0, 60, &minutes))
        return false;
    t->offset = (hours * 60 + minutes) * (west ? -1 : 1);
    return true;
}

int slip_go_time_parse(struct slip_str text, struct slip_go_time *out, struct slip_error *err)
{
    struct slip_go_time t = { 0 };
    struct slip_str s = text;
    if (!take_date(&s, &t) || !take_char(&s, 'T') || !take_clock(&s, &t) || !take_zone(&s, &t)
        || s.len)
        return slip_fail(err, SLIP_E_REGISTRY, "'%.*s' is not a time of RFC 3339", SLIP_ARG(text));
    *out = t;
    return 0;
}

static void add_fraction(int nanosecond, struct slip_buf *out)
{
    char digits[16];
    if (nanosecond == 0)
        return;
    snprintf(digits, sizeof(digits), "%09d", nanosecond);
    size_t len = 9;
    while (digits[len - 1] == '0')
        len--;
    slip_buf_add_fmt(out, ".%.*s", (int)len, digits);
}

int slip_go_time_print(const struct slip_go_time *t, struct slip_buf *out, struct slip_error *err)
{
    if (t->month == 0) {
        slip_buf_add_c(out, "0001-01-01T00:00:00Z");
        return 0;
    }
    int minutes = t->offset < 0 ? -t->offset : t->offset;
    if (minutes >= 24 * 60)
        return slip_fail(err, SLIP_E_REGISTRY, "a time zone %d minutes from UTC cannot be written",
                         t->offset);
    slip_buf_add_fmt(out, "%04d-%02d-%02dT%02d:%02d:%02d", t->year, t->month, t->day, t->hour,
                     t->minute, t->second);
    add_fraction(t->nanosecond, out);
    if (minutes == 0)
        slip_buf_add_char(out, 'Z');
    else
        slip_buf_add_fmt(out, "%c%02d:%02d", t->offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return 0;
}
