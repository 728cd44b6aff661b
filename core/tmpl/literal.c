/* SPDX-License-Identifier: Apache-2.0 */
/* Go literals, read as its package strconv does. */
#include "tmpl/literal.h"

#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static char lower(char c)
{
    return (char)(c | 0x20);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int digit(char c)
{
    if (is_digit(c))
        return c - '0';
    return lower(c) >= 'a' && lower(c) <= 'z' ? lower(c) - 'a' + 10 : 99;
}

static bool take_sign(struct slip_str *s)
{
    bool minus = s->len > 0 && s->ptr[0] == '-';
    if (minus || (s->len > 0 && s->ptr[0] == '+'))
        *s = slip_str_skip(*s, 1);
    return minus;
}

/* "_" stands only between digits, or between prefix and digit. */
static bool underscores_ok(struct slip_str s)
{
    char saw = '^';
    bool hex = false;
    take_sign(&s);
    if (s.len >= 2 && s.ptr[0] == '0' && strchr("box", lower(s.ptr[1]))) {
        hex = lower(s.ptr[1]) == 'x';
        s = slip_str_skip(s, 2);
        saw = '0';
    }
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (is_digit(c) || (hex && lower(c) >= 'a' && lower(c) <= 'f')) {
            saw = '0';
        } else if (c == '_') {
            if (saw != '0')
                return false;
            saw = '_';
        } else {
            if (saw == '_')
                return false;
            saw = '!';
        }
    }
    return saw != '_';
}

/* The base that a prefix names; the prefix is taken. */
static int take_base(struct slip_str *s)
{
    if (s->len == 0 || s->ptr[0] != '0')
        return 10;
    char c = s->len >= 3 ? lower(s->ptr[1]) : 0;
    int base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
    *s = slip_str_skip(*s, base ? 2 : 1);
    return base ? base : 8;
}

enum slip_literal slip_literal_uint(struct slip_str s, int base, uint64_t *out)
{
    struct slip_str whole = s;
    if (s.len == 0)
        return SLIP_LITERAL_SYNTAX;
    bool any = base == 0;
    if (any)
        base = take_base(&s);
    uint64_t value = 0;
    bool underscores = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '_' && any) {
            underscores = true;
            continue;
        }
        int d = digit(s.ptr[i]);
        if (d >= base)
            return SLIP_LITERAL_SYNTAX;
        if (__builtin_mul_overflow(value, (uint64_t)base, &value)
            || __builtin_add_overflow(value, (uint64_t)d, &value)) {
            *out = UINT64_MAX; /* whatever follows */
            return SLIP_LITERAL_RANGE;
        }
    }
    if (underscores && !underscores_ok(whole))
        return SLIP_LITERAL_SYNTAX;
    *out = value;
    return SLIP_LITERAL_GOOD;
}

enum slip_literal slip_literal_int(struct slip_str s, int base, int64_t *out)
{
    bool minus = take_sign(&s);
    uint64_t value;
    enum slip_literal rc = slip_literal_uint(s, base, &value);
    if (rc == SLIP_LITERAL_SYNTAX)
        return rc;
    uint64_t most = (uint64_t)INT64_MAX + minus;
    if (value > most) {
        value = most;
        rc = SLIP_LITERAL_RANGE;
    }
    *out = minus ? (int64_t)(0 - value) : (int64_t)value;
    return rc;
}

/* ---- floats ---- */

static size_t take_digits(struct slip_str *s, bool hex)
{
    size_t n = 0, i = 0;
    for (; i < s->len; i++) {
        if (digit(s->ptr[i]) < (hex ? 16 : 10))
            n++;
        else if (s->ptr[i] != '_')
            break;
    }
    *s = slip_str_skip(*s, i);
    return n;
}

/* digits [ "." digits ] [ exponent ], at least one digit; a hexadecimal one needs the exponent. */
static bool is_float(struct slip_str s)
{
    struct slip_str whole = s;
    take_sign(&s);
    bool hex = s.len > 2 && s.ptr[0] == '0' && lower(s.ptr[1]) == 'x';
    if (hex)
        s = slip_str_skip(s, 2);
    size_t n = take_digits(&s, hex);
    if (s.len > 0 && s.ptr[0] == '.') {
        s = slip_str_skip(s, 1);
        n += take_digits(&s, hex);
    }
    bool exponent = s.len > 0 && lower(s.ptr[0]) == (hex ? 'p' : 'e');
    if (n == 0 || (hex && !exponent))
        return false;
    if (exponent) {
        s = slip_str_skip(s, 1);
        take_sign(&s);
        if (s.len == 0 || !is_digit(s.ptr[0]))
            return false;
        take_digits(&s, false);
    }
    return s.len == 0 && (slip_str_find(whole, '_') == SLIP_NPOS || underscores_ok(whole));
}

static bool is_word(struct slip_str s, const char *word)
{
    if (s.len != strlen(word))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (lower(s.ptr[i]) != word[i])
            return false;
    return true;
}

static bool special_float(struct slip_str s, double *out)
{
    struct slip_str word = s;
    bool minus = take_sign(&word);
    if (is_word(word, "inf") || is_word(word, "infinity"))
        *out = minus ? -INFINITY : INFINITY;
    else if (is_word(s, "nan"))
        *out = NAN;
    else
        return false;
    return true;
}

enum slip_literal slip_literal_float(struct slip_str s, double *out)
{
    if (special_float(s, out))
        return SLIP_LITERAL_GOOD;
    if (!is_float(s))
        return SLIP_LITERAL_SYNTAX;
    SLIP_AUTO(slip_buf) digits = SLIP_BUF(SLIP_NPOS);
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '_')
            slip_buf_add_char(&digits, s.ptr[i]);
    *out = strtod(digits.ptr, NULL);
    return isinf(*out) ? SLIP_LITERAL_RANGE : SLIP_LITERAL_GOOD;
}

/* ---- quoted texts ---- */

static bool take_number(struct slip_str *s, int base, size_t digits, uint32_t *out)
{
    uint32_t value = 0;
    if (s->len < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        int d = digit(s->ptr[i]);
        if (d >= base)
            return false;
        value = value * (uint32_t)base + (uint32_t)d;
    }
    *s = slip_str_skip(*s, digits);
    *out = value;
    return true;
}

/* What stands behind a backslash. */
static bool take_escape(struct slip_str *s, char quote, uint32_t *rune, bool *is_byte)
{
    static const char names[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    if (s->len == 0)
        return false;
    char c = s->ptr[0];
    const char *simple = c ? strchr(names, c) : NULL;
    if (c >= '0' && c <= '7') {
        *is_byte = true;
        return take_number(s, 8, 3, rune) && *rune <= 255;
    }
    *s = slip_str_skip(*s, 1);
    *rune = (uint32_t)c;
    switch (c) {
    case 'x':
        *is_byte = true;
        return take_number(s, 16, 2, rune);
    case 'u':
    case 'U':
        return take_number(s, 16, c == 'u' ? 4 : 8, rune) && *rune <= SLIP_RUNE_MAX
               && !(*rune >= 0xD800 && *rune < 0xE000);
    default:
        if (simple)
            *rune = (uint32_t)values[simple - names];
        return simple || ((c == '\'' || c == '"') && c == quote);
    }
}

bool slip_literal_char(struct slip_str *s, char quote, uint32_t *rune, bool *is_byte)
{
    *is_byte = false;
    if (s->len == 0 || (s->ptr[0] == quote && (quote == '\'' || quote == '"')))
        return false;
    if (s->ptr[0] == '\\') {
        *s = slip_str_skip(*s, 1);
        return take_escape(s, quote, rune, is_byte);
    }
    size_t width;
    *rune = slip_utf8_decode(*s, &width); /* an invalid byte becomes U+FFFD */
    *s = slip_str_skip(*s, width);
    return true;
}

static void unquote_raw(struct slip_str s, struct slip_buf *out)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '\r')
            slip_buf_add_char(out, s.ptr[i]);
}

bool slip_literal_unquote(struct slip_str s, struct slip_buf *out)
{
    char quote = s.len >= 2 ? s.ptr[0] : 0;
    if (!quote || s.ptr[s.len - 1] != quote)
        return false;
    s = slip_str_make(s.ptr + 1, s.len - 2);
    if (quote == '`') {
        unquote_raw(s, out);
        return slip_str_find(s, '`') == SLIP_NPOS;
    }
    while (s.len > 0) {
        uint32_t rune;
        bool is_byte;
        if (s.ptr[0] == '\n' || !slip_literal_char(&s, quote, &rune, &is_byte))
            return false;
        if (is_byte)
            slip_buf_add_char(out, (char)rune);
        else
            slip_buf_add_rune(out, rune);
    }
    return true;
}
