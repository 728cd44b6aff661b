/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON form of an instruction: an array in front of a text, read as Go's decoder does. What
 * follows the array does not matter.
 */
#include "dockerfile/parts.h"

#include <math.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "dockerfile/text.h"

static bool skip_value(struct slip_str *s, unsigned depth);

static void skip_blanks(struct slip_str *s)
{
    while (s->len && strchr(" \t\r\n", s->ptr[0]) && s->ptr[0])
        *s = slip_str_skip(*s, 1);
}

static bool take_char(struct slip_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    *s = slip_str_skip(*s, 1);
    return true;
}

static bool take_literal(struct slip_str *s, struct slip_str word)
{
    if (!slip_str_starts(*s, word))
        return false;
    *s = slip_str_skip(*s, word.len);
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits of \uXXXX. */
static bool take_hex4(struct slip_str *s, uint32_t *out)
{
    uint32_t v = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = i < s->len ? hex_value(s->ptr[i]) : -1;
        if (digit < 0)
            return false;
        v = v << 4 | (uint32_t)digit;
    }
    *s = slip_str_skip(*s, 4);
    *out = v;
    return true;
}

/* From behind "\u". Half a surrogate pair is U+FFFD, and what follows it stands for itself. */
static bool take_unicode_escape(struct slip_str *s, uint32_t *rune)
{
    if (!take_hex4(s, rune))
        return false;
    if (*rune < 0xD800 || *rune > 0xDFFF)
        return true;
    uint32_t low;
    struct slip_str after = *s;
    if (*rune < 0xDC00 && take_literal(&after, SLIP_STR("\\u")) && take_hex4(&after, &low)
        && low >= 0xDC00 && low <= 0xDFFF) {
        *rune = 0x10000 + ((*rune - 0xD800) << 10) + (low - 0xDC00);
        *s = after;
    } else {
        *rune = SLIP_RUNE_ERROR;
    }
    return true;
}

static bool take_escape(struct slip_str *s, uint32_t *rune)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (s->len == 0)
        return false;
    char c = s->ptr[0];
    *s = slip_str_skip(*s, 1);
    if (c == 'u')
        return take_unicode_escape(s, rune);
    const char *at = c ? strchr(from, c) : NULL;
    if (at)
        *rune = (uint32_t)to[at - from];
    return at != NULL;
}

/* A string; `out` may be NULL. */
static bool take_string(struct slip_str *s, struct slip_buf *out)
{
    if (!take_char(s, '"'))
        return false;
    while (s->len) {
        if (take_char(s, '"'))
            return true;
        size_t width;
        uint32_t rune = slip_utf8_decode(*s, &width);
        if (rune < 0x20)
            return false;
        *s = slip_str_skip(*s, width);
        if (rune == '\\' && !take_escape(s, &rune))
            return false;
        if (out)
            slip_buf_add_rune(out, rune);
    }
    return false;
}

static size_t count_digits(struct slip_str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
        n++;
    return n;
}

static bool take_digits(struct slip_str *s)
{
    size_t n = count_digits(*s);
    *s = slip_str_skip(*s, n);
    return n > 0;
}

/* A number that fits a float: the decoder refuses others. */
static bool skip_number(struct slip_str *s)
{
    struct slip_str start = *s;
    take_char(s, '-');
    if (!take_char(s, '0') && !take_digits(s))
        return false;
    if (take_char(s, '.') && !take_digits(s))
        return false;
    if (take_char(s, 'e') || take_char(s, 'E')) {
        if (!take_char(s, '+'))
            take_char(s, '-');
        if (!take_digits(s))
            return false;
    }
    SLIP_AUTO_FREE char *text = slip_memdup(start.ptr, start.len - s->len);
    return !isinf(strtod(text, NULL));
}

/* From behind "[" or "{" up to its end. */
static bool skip_members(struct slip_str *s, char end, unsigned depth)
{
    if (depth > SLIP_LIMIT_JSON_DEPTH)
        return false;
    skip_blanks(s);
    if (take_char(s, end))
        return true;
    do {
        skip_blanks(s);
        if (end == '}') {
            if (!take_string(s, NULL))
                return false;
            skip_blanks(s);
            if (!take_char(s, ':'))
                return false;
        }
        if (!skip_value(s, depth))
            return false;
        skip_blanks(s);
    } while (take_char(s, ','));
    return take_char(s, end);
}

static bool skip_value(struct slip_str *s, unsigned depth)
{
    skip_blanks(s);
    if (s->len == 0)
        return false;
    switch (s->ptr[0]) {
    case '"':
        return take_string(s, NULL);
    case '[':
        *s = slip_str_skip(*s, 1);
        return skip_members(s, ']', depth + 1);
    case '{':
        *s = slip_str_skip(*s, 1);
        return skip_members(s, '}', depth + 1);
    case 't':
        return take_literal(s, SLIP_STR("true"));
    case 'f':
        return take_literal(s, SLIP_STR("false"));
    case 'n':
        return take_literal(s, SLIP_STR("null"));
    default:
        return skip_number(s);
    }
}

/* One element: a string is kept, anything else only skipped. */
static bool take_element(struct slip_str *s, struct slip_arena *arena, struct slip_word_vec *out,
                         bool *mixed)
{
    skip_blanks(s);
    if (s->len == 0 || s->ptr[0] != '"') {
        *mixed = true;
        return skip_value(s, 1);
    }
    SLIP_AUTO(slip_buf) text = SLIP_BUF(3 * (size_t)SLIP_LIMIT_DOCKERFILE);
    if (!take_string(s, &text))
        return false;
    slip_vec_push(out, slip_arena_str(arena, slip_buf_str(&text)));
    return true;
}

enum slip_json_list slip_json_list_read(struct slip_str text, struct slip_arena *arena,
                                        struct slip_word_vec *out)
{
    struct slip_str s = slip_unicode_trim_left(text);
    if (!take_char(&s, '['))
        return SLIP_JSON_NO;
    skip_blanks(&s);
    if (take_char(&s, ']'))
        return SLIP_JSON_STRINGS;

    struct slip_word_vec words = { 0 };
    bool mixed = false, ok;
    do {
        ok = take_element(&s, arena, &words, &mixed);
        skip_blanks(&s);
    } while (ok && take_char(&s, ','));
    ok = ok && take_char(&s, ']');
    if (ok && !mixed)
        for (size_t i = 0; i < words.len; i++)
            slip_vec_push(out, words.at[i]);
    slip_vec_clear(&words);
    return !ok ? SLIP_JSON_NO : mixed ? SLIP_JSON_MIXED : SLIP_JSON_STRINGS;
}
