/* SPDX-License-Identifier: Apache-2.0 */
/* Two small notations inside flags: one record of CSV (RUN --mount), durations (HEALTHCHECK). */
#include "dockerfile/parts.h"

#include "base/buf.h"
#include "base/limits.h"
#include "dockerfile/text.h"

#include <inttypes.h>

/* From behind the opening quote; two quotes are one. */
static bool take_quoted_field(struct slip_str *s, struct slip_buf *out)
{
    struct slip_str before;
    while (slip_str_cut(*s, '"', &before, s)) {
        slip_buf_add_str(out, before);
        if (s->len == 0 || s->ptr[0] == ',')
            return true;
        if (s->ptr[0] != '"')
            return false;
        slip_buf_add_char(out, '"');
        *s = slip_str_skip(*s, 1);
    }
    return false;
}

bool slip_csv_read(struct slip_str text, struct slip_arena *arena, struct slip_word_vec *out)
{
    struct slip_str s = text;
    if (s.len && s.ptr[s.len - 1] == '\r')
        s.len--;
    if (s.len == 0)
        return false;
    bool more = true;
    while (more) {
        struct slip_str field;
        if (s.len && s.ptr[0] == '"') {
            SLIP_AUTO(slip_buf) value = SLIP_BUF(SLIP_LIMIT_DOCKERFILE);
            s = slip_str_skip(s, 1);
            if (!take_quoted_field(&s, &value))
                return false;
            field = slip_arena_str(arena, slip_buf_str(&value));
            more = s.len > 0;
            s = slip_str_skip(s, 1);
        } else {
            more = slip_str_cut(s, ',', &field, &s);
            if (slip_str_find(field, '"') != SLIP_NPOS)
                return false;
        }
        slip_vec_push(out, field);
    }
    return true;
}

static const struct {
    struct slip_str name;
    uint64_t ns;
} units[] = {
    { { "ns", 2 }, 1 },           { { "us", 2 }, 1000 },
    { { "\xC2\xB5s", 3 }, 1000 }, /* micro sign */
    { { "\xCE\xBCs", 3 }, 1000 }, /* Greek mu */
    { { "ms", 2 }, 1000000 },     { { "s", 1 }, 1000000000 },
    { { "m", 1 }, 60000000000 },  { { "h", 1 }, 3600000000000 },
};

static bool take_unit(struct slip_str *s, uint64_t *ns)
{
    size_t n = 0;
    while (n < s->len && s->ptr[n] != '.' && (s->ptr[n] < '0' || s->ptr[n] > '9'))
        n++;
    for (size_t i = 0; i < SLIP_COUNT(units); i++)
        if (slip_str_eq(slip_str_first(*s, n), units[i].name)) {
            *ns = units[i].ns;
            *s = slip_str_skip(*s, n);
            return true;
        }
    return false;
}

#define NS_MAX ((uint64_t)1 << 63)

/* Digits before the point. */
static bool take_integer(struct slip_str *s, uint64_t *out)
{
    *out = 0;
    for (; s->len && s->ptr[0] >= '0' && s->ptr[0] <= '9'; *s = slip_str_skip(*s, 1)) {
        if (*out > NS_MAX / 10)
            return false;
        *out = *out * 10 + (uint64_t)(s->ptr[0] - '0');
        if (*out > NS_MAX)
            return false;
    }
    return true;
}

/* Digits behind the point as a number and its scale; those that do not fit are passed over. */
static void take_fraction(struct slip_str *s, uint64_t *out, double *scale)
{
    bool full = false;
    *out = 0;
    *scale = 1;
    for (; s->len && s->ptr[0] >= '0' && s->ptr[0] <= '9'; *s = slip_str_skip(*s, 1)) {
        if (full)
            continue;
        uint64_t next = *out * 10 + (uint64_t)(s->ptr[0] - '0');
        full = *out > (NS_MAX - 1) / 10 || next > NS_MAX;
        if (!full) {
            *out = next;
            *scale *= 10;
        }
    }
}

/* Add one number with its unit to `*total`. */
static bool take_term(struct slip_str *s, uint64_t *total)
{
    uint64_t whole, fraction = 0, ns;
    double scale = 1;
    size_t before = s->len;
    if (!take_integer(s, &whole))
        return false;
    bool digits = s->len != before;
    if (s->len && s->ptr[0] == '.') {
        *s = slip_str_skip(*s, 1);
        before = s->len;
        take_fraction(s, &fraction, &scale);
        digits = digits || s->len != before;
    }
    if (!digits || !take_unit(s, &ns) || whole > NS_MAX / ns)
        return false;
    whole *= ns;
    if (fraction > 0)
        whole += (uint64_t)((double)fraction * ((double)ns / scale));
    if (whole > NS_MAX || *total + whole > NS_MAX)
        return false;
    *total += whole;
    return true;
}

bool slip_duration_parse(struct slip_str text, int64_t *out)
{
    struct slip_str s = text;
    bool negative = s.len && s.ptr[0] == '-';
    if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = slip_str_skip(s, 1);
    uint64_t total = 0;
    if (s.len == 0)
        return false;
    if (!slip_str_is(s, "0"))
        while (s.len)
            if (!take_term(&s, &total))
                return false;
    if (total >= NS_MAX && !negative)
        return false;
    *out = negative ? (int64_t)(0 - total) : (int64_t)total;
    return true;
}

/* "1.5": `n` units of `unit`, with as many digits behind the point as there are. */
static void print_fraction(uint64_t n, uint64_t unit, struct slip_buf *out)
{
    slip_buf_add_fmt(out, "%" PRIu64, n / unit);
    uint64_t rest = n % unit;
    if (rest == 0)
        return;
    slip_buf_add_char(out, '.');
    for (; rest; rest %= unit) {
        unit /= 10;
        slip_buf_add_char(out, (char)('0' + rest / unit));
    }
}

void slip_duration_print(int64_t duration, struct slip_buf *out)
{
    uint64_t ns = duration > 0 ? (uint64_t)duration : 0;
    const uint64_t second = 1000000000, minute = 60 * second, hour = 60 * minute;
    if (ns > 0 && ns < second) {
        size_t i = ns < 1000 ? 0 : ns < 1000000 ? 2 : 4; /* ns, us as a micro sign, ms */
        print_fraction(ns, units[i].ns, out);
        slip_buf_add_str(out, units[i].name);
        return;
    }
    if (ns >= hour)
        slip_buf_add_fmt(out, "%" PRIu64 "h", ns / hour);
    if (ns >= minute)
        slip_buf_add_fmt(out, "%" PRIu64 "m", ns % hour / minute);
    print_fraction(ns % minute, second, out);
    slip_buf_add_char(out, 's');
}
