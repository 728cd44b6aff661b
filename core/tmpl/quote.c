/* SPDX-License-Identifier: Apache-2.0 */
/* Texts, runes and floats in Go's notation. */
#include "tmpl/fmt.h"

#include "base/unicode.h"
#include "base/utf8.h"
#include "value/number.h"

#include <math.h>

static void add_escape(uint32_t rune, struct slip_buf *out)
{
    static const char from[] = "\a\b\f\n\r\t\v", to[] = "abfnrtv";
    const char *simple = rune && rune < 0x80 ? strchr(from, (int)rune) : NULL;
    if (simple)
        slip_buf_add_fmt(out, "\\%c", to[simple - from]);
    else if (rune < 0x80)
        slip_buf_add_fmt(out, "\\x%02x", rune);
    else if (rune < 0x10000)
        slip_buf_add_fmt(out, "\\u%04x", rune);
    else
        slip_buf_add_fmt(out, "\\U%08x", rune);
}

static void add_rune(uint32_t rune, char quote, bool ascii, struct slip_buf *out)
{
    if (rune == (uint32_t)quote || rune == '\\')
        slip_buf_add_fmt(out, "\\%c", (int)rune);
    else if ((rune < 0x80 || !ascii) && slip_unicode_is_print(rune))
        slip_buf_add_rune(out, rune);
    else
        add_escape(rune, out);
}

/* How many characters at the start stand for themselves in any quoted text. */
static size_t plain_run(struct slip_str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] >= ' ' && s.ptr[n] <= '~' && s.ptr[n] != '"' && s.ptr[n] != '\\')
        n++;
    return n;
}

void slip_fmt_quote(struct slip_str s, bool ascii, struct slip_buf *out)
{
    slip_buf_add_char(out, '"');
    while (s.len > 0) {
        size_t width = plain_run(s);
        if (width > 0) {
            slip_buf_add_str(out, slip_str_first(s, width));
            s = slip_str_skip(s, width);
            continue;
        }
        uint32_t rune = slip_utf8_decode(s, &width);
        if (width == 1 && rune == SLIP_RUNE_ERROR)
            slip_buf_add_fmt(out, "\\x%02x", (unsigned char)s.ptr[0]);
        else
            add_rune(rune, '"', ascii, out);
        s = slip_str_skip(s, width);
    }
    slip_buf_add_char(out, '"');
}

void slip_fmt_quote_rune(uint32_t rune, bool ascii, struct slip_buf *out)
{
    if (rune > SLIP_RUNE_MAX || (rune >= 0xD800 && rune < 0xE000))
        rune = SLIP_RUNE_ERROR;
    slip_buf_add_char(out, '\'');
    add_rune(rune, '\'', ascii, out);
    slip_buf_add_char(out, '\'');
}

bool slip_fmt_can_backquote(struct slip_str s)
{
    while (s.len > 0) {
        size_t width;
        uint32_t rune = slip_utf8_decode(s, &width);
        bool invalid = width == 1 && rune == SLIP_RUNE_ERROR;
        if (invalid || rune == 0xFEFF || (rune < ' ' && rune != '\t') || rune == '`'
            || rune == 0x7F)
            return false;
        s = slip_str_skip(s, width);
    }
    return true;
}

/* ---- floats ---- */

static int biased_exponent(double f)
{
    uint64_t bits;
    memcpy(&bits, &f, sizeof(bits));
    return (int)(bits >> 52 & 0x7FF);
}

/* %b: the mantissa as an integer, times two to the power behind the p. */
static void add_binary(double f, struct slip_buf *out)
{
    uint64_t bits;
    memcpy(&bits, &f, sizeof(bits));
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    int exponent = biased_exponent(f);
    if (exponent == 0)
        exponent = 1;
    else
        mantissa |= UINT64_C(1) << 52;
    slip_buf_add_fmt(out, "%s%llup%+d", signbit(f) ? "-" : "", (unsigned long long)mantissa,
                     exponent - 1023 - 52);
}

/* %x: as C's %a of a number with an ordinary exponent, which has at least two digits here. */
static void add_hex(double f, char verb, int precision, struct slip_buf *out)
{
    char text[1200];
    int exponent = 0, shift = 0;
    if (f != 0 && biased_exponent(f) == 0)
        f = ldexp(f, shift = 64);
    if (precision > 1000)
        precision = 1000;
    snprintf(text, sizeof(text), verb == 'x' ? "%.*a" : "%.*A", precision, f);
    char *p = strchr(text, verb == 'x' ? 'p' : 'P');
    for (const char *d = p + 2; *d; d++)
        exponent = exponent * 10 + (*d - '0');
    exponent = (p[1] == '-' ? -exponent : exponent) - shift;
    char *first = text + (text[0] == '-') + 2;
    if (*first == '2') { /* rounded up: Go shifts once more */
        *first = '1';
        exponent++;
    }
    slip_buf_add(out, text, (size_t)(p - text));
    slip_buf_add_fmt(out, "%c%c%02d", *p, exponent < 0 ? '-' : '+', abs(exponent));
}

static void add_upper(struct slip_buf *out, size_t from)
{
    for (size_t i = from; i < out->len; i++)
        if (out->ptr[i] == 'e')
            out->ptr[i] = 'E';
}

void slip_fmt_float(double f, char verb, int precision, struct slip_buf *out)
{
    size_t start = out->len;
    if (isnan(f) || isinf(f)) {
        slip_float_print_go(f, out);
        return;
    }
    switch (verb) {
    case 'b':
        add_binary(f, out);
        break;
    case 'x':
    case 'X':
        add_hex(f, verb, precision, out);
        break;
    case 'e':
    case 'E':
    case 'f':
        slip_buf_add_fmt(out, verb == 'e' ? "%.*e" : verb == 'E' ? "%.*E" : "%.*f", precision, f);
        break;
    default:
        if (precision < 0)
            slip_float_print_go(f, out);
        else
            slip_buf_add_fmt(out, "%.*g", precision, f);
        if (verb == 'G')
            add_upper(out, start);
        break;
    }
}
