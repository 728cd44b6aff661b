/* SPDX-License-Identifier: Apache-2.0 */
/* Types of plain YAML scalars. */
#include "value/resolve.h"

#include "base/macro.h"

#include <ctype.h>
#include <math.h>

/* --- words --- */

static const struct word {
    const char *text;
    enum slip_value_type type;
    bool boolean;
    double f;
} go_words[] = {
    { "y", SLIP_VALUE_BOOL, true, 0 },      { "Y", SLIP_VALUE_BOOL, true, 0 },
    { "yes", SLIP_VALUE_BOOL, true, 0 },    { "Yes", SLIP_VALUE_BOOL, true, 0 },
    { "YES", SLIP_VALUE_BOOL, true, 0 },    { "true", SLIP_VALUE_BOOL, true, 0 },
    { "True", SLIP_VALUE_BOOL, true, 0 },   { "TRUE", SLIP_VALUE_BOOL, true, 0 },
    { "on", SLIP_VALUE_BOOL, true, 0 },     { "On", SLIP_VALUE_BOOL, true, 0 },
    { "ON", SLIP_VALUE_BOOL, true, 0 },     { "n", SLIP_VALUE_BOOL, false, 0 },
    { "N", SLIP_VALUE_BOOL, false, 0 },     { "no", SLIP_VALUE_BOOL, false, 0 },
    { "No", SLIP_VALUE_BOOL, false, 0 },    { "NO", SLIP_VALUE_BOOL, false, 0 },
    { "false", SLIP_VALUE_BOOL, false, 0 }, { "False", SLIP_VALUE_BOOL, false, 0 },
    { "FALSE", SLIP_VALUE_BOOL, false, 0 }, { "off", SLIP_VALUE_BOOL, false, 0 },
    { "Off", SLIP_VALUE_BOOL, false, 0 },   { "OFF", SLIP_VALUE_BOOL, false, 0 },
};

static const struct word words[] = {
    { "", SLIP_VALUE_NULL, false, 0 },
    { "~", SLIP_VALUE_NULL, false, 0 },
    { "null", SLIP_VALUE_NULL, false, 0 },
    { "Null", SLIP_VALUE_NULL, false, 0 },
    { "NULL", SLIP_VALUE_NULL, false, 0 },
    { "true", SLIP_VALUE_BOOL, true, 0 },
    { "True", SLIP_VALUE_BOOL, true, 0 },
    { "TRUE", SLIP_VALUE_BOOL, true, 0 },
    { "false", SLIP_VALUE_BOOL, false, 0 },
    { "False", SLIP_VALUE_BOOL, false, 0 },
    { "FALSE", SLIP_VALUE_BOOL, false, 0 },
    { ".nan", SLIP_VALUE_FLOAT, false, NAN },
    { ".NaN", SLIP_VALUE_FLOAT, false, NAN },
    { ".NAN", SLIP_VALUE_FLOAT, false, NAN },
    { ".inf", SLIP_VALUE_FLOAT, false, HUGE_VAL },
    { ".Inf", SLIP_VALUE_FLOAT, false, HUGE_VAL },
    { ".INF", SLIP_VALUE_FLOAT, false, HUGE_VAL },
    { "+.inf", SLIP_VALUE_FLOAT, false, HUGE_VAL },
    { "+.Inf", SLIP_VALUE_FLOAT, false, HUGE_VAL },
    { "+.INF", SLIP_VALUE_FLOAT, false, HUGE_VAL },
    { "-.inf", SLIP_VALUE_FLOAT, false, -HUGE_VAL },
    { "-.Inf", SLIP_VALUE_FLOAT, false, -HUGE_VAL },
    { "-.INF", SLIP_VALUE_FLOAT, false, -HUGE_VAL },
};

static bool resolve_word(struct slip_value *v, const struct word *table, size_t n)
{
    if (v->text.len > 5)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!slip_str_is(v->text, table[i].text))
            continue;
        v->type = table[i].type;
        if (v->type == SLIP_VALUE_BOOL)
            v->boolean = table[i].boolean;
        else if (v->type == SLIP_VALUE_FLOAT)
            v->f = table[i].f;
        return true;
    }
    return false;
}

/* --- times --- */

/* One or two digits whose value lies in the range. */
static bool take_number(struct slip_str *s, long min, long max, long *out)
{
    long n = 0;
    size_t digits = 0;
    while (digits < 2 && digits < s->len && isdigit((unsigned char)s->ptr[digits]))
        n = n * 10 + (s->ptr[digits++] - '0');
    if (digits == 0 || n < min || n > max)
        return false;
    *s = slip_str_skip(*s, digits);
    *out = n;
    return true;
}

static bool take_char(struct slip_str *s, char c)
{
    if (!s->len || s->ptr[0] != c)
        return false;
    *s = slip_str_skip(*s, 1);
    return true;
}

static bool take_date(struct slip_str *s)
{
    static const long days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    long year = 0, month, day;
    for (size_t i = 0; i < 4; i++) {
        if (i >= s->len || !isdigit((unsigned char)s->ptr[i]))
            return false;
        year = year * 10 + (s->ptr[i] - '0');
    }
    *s = slip_str_skip(*s, 4);
    if (!take_char(s, '-') || !take_number(s, 1, 12, &month) || !take_char(s, '-')
        || !take_number(s, 1, 31, &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month - 1] || (month == 2 && day == 29 && leap);
}

static bool take_clock(struct slip_str *s)
{
    long n;
    if (!take_number(s, 0, 23, &n) || !take_char(s, ':') || !take_number(s, 0, 59, &n)
        || !take_char(s, ':') || !take_number(s, 0, 59, &n))
        return false;
    if (s->len >= 2 && (s->ptr[0] == '.' || s->ptr[0] == ',')
        && isdigit((unsigned char)s->ptr[1])) {
        *s = slip_str_skip(*s, 1);
        while (s->len && isdigit((unsigned char)s->ptr[0]))
            *s = slip_str_skip(*s, 1);
    }
    return true;
}

static bool take_zone(struct slip_str *s)
{
    long n;
    if (take_char(s, 'Z'))
        return true;
    return (take_char(s, '+') || take_char(s, '-')) && s->len == 5 && s->ptr[2] == ':'
           && take_number(s, 0, 24, &n) && take_char(s, ':') && take_number(s, 0, 60, &n)
           && s->len == 0;
}

/* A time of the forms 2006-1-2, 2006-1-2 15:4:5.9, 2006-1-2T15:4:5.9Z or with +07:00. */
static bool is_time(struct slip_str s)
{
    if (!take_date(&s))
        return false;
    if (s.len == 0)
        return true;
    if (take_char(&s, 'T') || take_char(&s, 't'))
        return take_clock(&s) && take_zone(&s) && s.len == 0;
    if (s.ptr[0] != ' ')
        return false;
    while (take_char(&s, ' '))
        ;
    return take_clock(&s) && s.len == 0;
}

/* --- numbers --- */

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Digits of a base to the end of the text. */
static bool to_unsigned(struct slip_str s, unsigned base, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned d = (unsigned)digit_value(s.ptr[i]);
        if (d >= base || __builtin_mul_overflow(n, (uint64_t)base, &n)
            || __builtin_add_overflow(n, (uint64_t)d, &n))
            return false;
    }
    *out = n;
    return s.len > 0;
}

static bool take_base(struct slip_str *s, unsigned *base)
{
    static const struct {
        char letter;
        unsigned base;
    } bases[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };
    *base = 10;
    if (s->len < 2 || s->ptr[0] != '0')
        return true;
    for (size_t i = 0; i < SLIP_COUNT(bases); i++) {
        if (tolower((unsigned char)s->ptr[1]) == bases[i].letter) {
            *base = bases[i].base;
            *s = slip_str_skip(*s, 2);
            return s->len > 0;
        }
    }
    *base = 8;
    *s = slip_str_skip(*s, 1);
    return true;
}

/* An integer of any size up to 64 bits; `any_base`: with the prefixes of Go. */
static bool resolve_int(struct slip_value *v, struct slip_str s, bool any_base)
{
    bool negative = s.len && s.ptr[0] == '-', sign = negative || (s.len && s.ptr[0] == '+');
    uint64_t n;
    unsigned base = 10;
    s = slip_str_skip(s, sign);
    if ((any_base && !take_base(&s, &base)) || !to_unsigned(s, base, &n))
        return false;
    if (n <= (uint64_t)INT64_MAX + negative) {
        v->type = SLIP_VALUE_INT;
        v->i = negative ? (int64_t)(0 - n) : (int64_t)n;
        return true;
    }
    if (sign) /* only numbers without a sign are read as unsigned */
        return false;
    v->type = SLIP_VALUE_UINT;
    v->u = n;
    return true;
}

static size_t count_digits(const char *p)
{
    size_t n = 0;
    while (isdigit((unsigned char)p[n]))
        n++;
    return n;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? and in range. `text` ends with a NUL. */
static bool resolve_float(struct slip_value *v, const char *text)
{
    const char *p = text;
    p += *p == '-' || *p == '+';
    size_t whole = count_digits(p), part = 0;
    p += whole;
    if (*p == '.') {
        part = count_digits(p + 1);
        p += 1 + part;
    }
    if (whole + part == 0)
        return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '-' || *p == '+';
        size_t n = count_digits(p);
        if (n == 0)
            return false;
        p += n;
    }
    if (*p)
        return false;
    double f = strtod(text, NULL);
    if (isinf(f))
        return false;
    v->type = SLIP_VALUE_FLOAT;
    v->f = f;
    return true;
}

/* Without the underscores, which may stand anywhere ("separated": only between two digits). */
static bool drop_underscores(struct slip_str s, bool separated, struct slip_buf *out)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '_') {
            if (!slip_buf_add_char(out, s.ptr[i]))
                return false;
        } else if (separated
                   && (i == 0 || i + 1 == s.len || !isdigit((unsigned char)s.ptr[i - 1])
                       || !isdigit((unsigned char)s.ptr[i + 1]))) {
            return false;
        }
    }
    return memchr(out->ptr, 0, out->len) == NULL;
}

enum { MAX_NUMBER = 4096 };

static void resolve_go_number(struct slip_value *v, bool times)
{
    SLIP_AUTO(slip_buf) plain = SLIP_BUF(MAX_NUMBER);
    if (v->text.ptr[0] == '.') {
        if (drop_underscores(v->text, true, &plain))
            resolve_float(v, plain.ptr);
        return;
    }
    if (times && is_time(v->text)) {
        v->time = true;
        return;
    }
    if (drop_underscores(v->text, false, &plain) && !resolve_int(v, slip_buf_str(&plain), true))
        resolve_float(v, plain.ptr);
}

void slip_yaml_resolve_go(struct slip_value *v, bool times)
{
    v->type = SLIP_VALUE_STRING;
    if (v->text.len && !strchr("+-0123456789.yYnNtTfFoO~", v->text.ptr[0]))
        return;
    if (resolve_word(v, words, SLIP_COUNT(words))
        || resolve_word(v, go_words, SLIP_COUNT(go_words)))
        return;
    if (v->text.len && strchr("+-0123456789.", v->text.ptr[0]))
        resolve_go_number(v, times);
}

static bool resolve_core_prefixed(struct slip_value *v)
{
    if (v->text.len < 3 || v->text.ptr[0] != '0' || !strchr("xo", v->text.ptr[1]))
        return false;
    return resolve_int(v, v->text, true);
}

void slip_yaml_resolve_core(struct slip_value *v)
{
    v->type = SLIP_VALUE_STRING;
    if (resolve_word(v, words, SLIP_COUNT(words)) || resolve_core_prefixed(v)
        || resolve_int(v, v->text, false))
        return;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(MAX_NUMBER);
    if (slip_buf_add_str(&text, v->text) && !memchr(text.ptr, 0, text.len))
        resolve_float(v, text.ptr);
}
