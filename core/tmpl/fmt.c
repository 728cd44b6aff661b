/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Go's fmt. A verb that does not fit its value is no failure: it prints "%!d(string=x)". Flags,
 * width and precision hold for every element of a list or map.
 */
#include "tmpl/fmt.h"

#include "base/unicode.h"
#include "base/utf8.h"
#include "tmpl/limits.h"

#include <stdlib.h>

struct flags {
    bool has_width, has_precision, minus, plus, sharp, space, zero;
    bool plus_v, sharp_v; /* of %+v and %#v */
    int width, precision;
};

struct printer {
    struct slip_buf *out;
    struct flags f;
    unsigned depth;
    bool bad; /* printing the value of a verb that does not fit: no String() then */
};

static void print_value(struct printer *p, const struct slip_tv *v, uint32_t verb);

/* ---- padding ---- */

static void add_fill(struct printer *p, char fill, int n)
{
    char *room = n > 0 ? slip_buf_room(p->out, (size_t)n) : NULL;
    if (room) {
        memset(room, fill, (size_t)n);
        slip_buf_grew(p->out, (size_t)n);
    }
}

static void add_padding(struct printer *p, int n)
{
    add_fill(p, p->f.zero && !p->f.minus ? '0' : ' ', n);
}

static void add_padded(struct printer *p, struct slip_str s)
{
    int missing = 0;
    if (p->f.has_width && p->f.width > 0 && s.len < (size_t)p->f.width * 4)
        missing = p->f.width - (int)slip_utf8_count(s);
    if (!p->f.minus)
        add_padding(p, missing);
    slip_buf_add_str(p->out, s);
    if (p->f.minus)
        add_padding(p, missing);
}

/* As above, but with spaces only. */
static void add_unzeroed(struct printer *p, struct slip_str s)
{
    bool zero = p->f.zero;
    p->f.zero = false;
    add_padded(p, s);
    p->f.zero = zero;
}

static void add_c(struct printer *p, const char *s)
{
    slip_buf_add_c(p->out, s);
}

/* ---- verbs that do not fit ---- */

static void bad_verb(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    add_c(p, "%!");
    slip_buf_add_rune(p->out, verb);
    slip_buf_add_char(p->out, '(');
    if (slip_tv_is_nil(v)) {
        add_c(p, "<nil>");
    } else {
        slip_buf_add_fmt(p->out, "%s=", slip_tv_type_name(v));
        p->bad = true;
        print_value(p, v, 'v');
        p->bad = false;
    }
    slip_buf_add_char(p->out, ')');
}

/* ---- integers ---- */

enum { DIGITS = 64 };

/* The digits of `u`, at the end of `text`. */
static struct slip_str digits_of(uint64_t u, unsigned base, bool upper, char text[DIGITS])
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char *p = text + DIGITS;
    do
        *--p = digits[u % base];
    while ((u /= base) != 0);
    return slip_str_make(p, (size_t)(text + DIGITS - p));
}

static void add_zeros(struct slip_buf *b, int n)
{
    for (; n > 0; n--)
        slip_buf_add_char(b, '0');
}

/* `octal_zero`: an octal number does not begin with a zero yet. */
static const char *base_prefix(const struct printer *p, unsigned base, uint32_t verb,
                               bool octal_zero)
{
    if (verb == 'O')
        return p->f.sharp && octal_zero ? "0o0" : "0o";
    if (!p->f.sharp || base == 10)
        return "";
    if (base == 2)
        return "0b";
    if (base == 8)
        return octal_zero ? "0" : "";
    return verb == 'X' ? "0X" : "0x";
}

static void print_integer(struct printer *p, uint64_t u, bool negative, unsigned base,
                          uint32_t verb)
{
    int least = 0; /* digits */
    if (p->f.has_precision) {
        least = p->f.precision;
        if (least == 0 && u == 0) {
            add_unzeroed(p, SLIP_STR(""));
            return;
        }
    } else if (p->f.zero && !p->f.minus && p->f.has_width) {
        least = p->f.width - (negative || p->f.plus || p->f.space);
    }
    char text[DIGITS];
    struct slip_str digits = digits_of(u, base, verb == 'X', text);
    int zeros = least > (int)digits.len ? least - (int)digits.len : 0;
    const char *sign = negative ? "-" : p->f.plus ? "+" : p->f.space ? " " : "";
    const char *prefix = base_prefix(p, base, verb, zeros == 0 && digits.ptr[0] != '0');

    int len = (int)(strlen(sign) + strlen(prefix) + digits.len) + zeros;
    int missing = p->f.has_width && p->f.width > len ? p->f.width - len : 0;
    add_fill(p, ' ', p->f.minus ? 0 : missing);
    add_c(p, sign);
    add_c(p, prefix);
    add_fill(p, '0', zeros);
    slip_buf_add_str(p->out, digits);
    add_fill(p, ' ', p->f.minus ? missing : 0);
}

/* %U: at least four hexadecimal digits; with # the character too. */
static void print_unicode(struct printer *p, uint64_t u)
{
    char text[DIGITS];
    struct slip_str digits = digits_of(u, 16, true, text);
    SLIP_AUTO(slip_buf) out = SLIP_BUF(SLIP_TMPL_LIMIT_FORMAT_WIDTH + 100);
    int least = p->f.has_precision && p->f.precision > 4 ? p->f.precision : 4;
    slip_buf_add_c(&out, "U+");
    add_zeros(&out, least - (int)digits.len);
    slip_buf_add_str(&out, digits);
    if (p->f.sharp && u <= SLIP_RUNE_MAX && slip_unicode_is_print((uint32_t)u)) {
        slip_buf_add_c(&out, " '");
        slip_buf_add_rune(&out, (uint32_t)u);
        slip_buf_add_char(&out, '\'');
    }
    add_unzeroed(p, slip_buf_str(&out));
}

static void print_rune(struct printer *p, uint64_t u, bool quoted)
{
    uint32_t rune = u > SLIP_RUNE_MAX ? SLIP_RUNE_ERROR : (uint32_t)u;
    SLIP_AUTO(slip_buf) text = SLIP_BUF(64);
    if (quoted)
        slip_fmt_quote_rune(rune, p->f.plus, &text);
    else
        slip_buf_add_rune(&text, rune);
    add_padded(p, slip_buf_str(&text));
}

/* %#v of an unsigned number. */
static void print_unsigned_go(struct printer *p, uint64_t u)
{
    bool sharp = p->f.sharp;
    p->f.sharp = true;
    print_integer(p, u, false, 16, 'x');
    p->f.sharp = sharp;
}

/* `u` is the two's complement of a signed number. */
static void format_integer(struct printer *p, const struct slip_tv *v, uint64_t u, bool is_signed,
                           uint32_t verb)
{
    bool negative = is_signed && (int64_t)u < 0;
    uint64_t magnitude = negative ? 0 - u : u;
    switch (verb) {
    case 'v':
        if (p->f.sharp_v && !is_signed) {
            print_unsigned_go(p, u);
            break;
        }
        /* fall through */
    case 'd':
        print_integer(p, magnitude, negative, 10, verb);
        break;
    case 'b':
        print_integer(p, magnitude, negative, 2, verb);
        break;
    case 'o':
    case 'O':
        print_integer(p, magnitude, negative, 8, verb);
        break;
    case 'x':
    case 'X':
        print_integer(p, magnitude, negative, 16, verb);
        break;
    case 'c':
    case 'q':
        print_rune(p, u, verb == 'q');
        break;
    case 'U':
        print_unicode(p, u);
        break;
    default:
        bad_verb(p, v, verb);
        break;
    }
}

/* ---- floats ---- */

/* What # does: a decimal point in any case, and for %g trailing zeros up to the precision. */
static void force_point(struct slip_buf *num, uint32_t verb, int precision)
{
    bool hex = verb == 'x' || verb == 'X';
    int digits = 0;
    if (verb == 'g' || verb == 'G' || verb == 'x')
        digits = precision < 0 ? 6 : precision;
    bool point = false, nonzero = false;
    size_t end = 1;
    for (; end < num->len; end++) {
        char c = num->ptr[end];
        if ((c | 0x20) == 'p' || ((c | 0x20) == 'e' && !hex))
            break;
        if (c == '.') {
            point = true;
            continue;
        }
        nonzero |= c != '0';
        digits -= nonzero;
    }
    SLIP_AUTO(slip_buf) tail = SLIP_BUF(64);
    slip_buf_add(&tail, num->ptr + end, num->len - end);
    slip_buf_cut(num, end);
    if (!point) {
        digits -= num->len == 2 && num->ptr[1] == '0';
        slip_buf_add_char(num, '.');
    }
    add_zeros(num, digits);
    slip_buf_add_str(num, slip_buf_str(&tail));
}

/* `num` has its sign in front. */
static void print_signed_number(struct printer *p, struct slip_str num)
{
    bool sign = p->f.plus || num.ptr[0] != '+';
    if (!sign) {
        add_padded(p, slip_str_skip(num, 1));
    } else if (p->f.zero && !p->f.minus && p->f.has_width && (size_t)p->f.width > num.len) {
        slip_buf_add_char(p->out, num.ptr[0]);
        add_padding(p, p->f.width - (int)num.len);
        slip_buf_add_str(p->out, slip_str_skip(num, 1));
    } else {
        add_padded(p, num);
    }
}

static void print_float(struct printer *p, double f, uint32_t verb, int precision)
{
    if (p->f.has_precision)
        precision = p->f.precision;
    SLIP_AUTO(slip_buf) num = SLIP_BUF(SLIP_TMPL_LIMIT_FORMAT_WIDTH + 1000);
    slip_buf_add_char(&num, '+');
    slip_fmt_float(f, (char)verb, precision, &num);
    struct slip_str s = slip_buf_str(&num);
    size_t sign = num.ptr[1] == '-' || num.ptr[1] == '+'; /* infinities have theirs */
    s = slip_str_skip(s, sign);
    if (num.ptr[sign] == '+' && p->f.space && !p->f.plus)
        num.ptr[sign] = ' ';
    if (s.ptr[1] == 'I' || s.ptr[1] == 'N') {
        /* An infinity shows its sign; it looks like no number and gets no zeros. */
        if (s.ptr[1] == 'N' && !p->f.space && !p->f.plus)
            s = slip_str_skip(s, 1);
        add_unzeroed(p, s);
        return;
    }
    if (p->f.sharp && verb != 'b') {
        SLIP_AUTO(slip_buf) sharp = SLIP_BUF(SLIP_TMPL_LIMIT_FORMAT_WIDTH + 1000);
        slip_buf_add_str(&sharp, s);
        force_point(&sharp, verb, precision);
        print_signed_number(p, slip_buf_str(&sharp));
        return;
    }
    print_signed_number(p, s);
}

static bool is_float_verb(uint32_t verb)
{
    return verb < 0x80 && verb && strchr("vbgGxXfFeE", (int)verb);
}

static void format_float(struct printer *p, double f, uint32_t verb)
{
    switch (verb) {
    case 'v':
        print_float(p, f, 'g', -1);
        break;
    case 'f':
    case 'F':
        print_float(p, f, 'f', 6);
        break;
    case 'e':
    case 'E':
        print_float(p, f, verb, 6);
        break;
    default:
        print_float(p, f, verb, -1);
        break;
    }
}

static void format_complex(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    bool plus = p->f.plus;
    slip_buf_add_char(p->out, '(');
    format_float(p, v->c.re, verb);
    p->f.plus = true;
    format_float(p, v->c.im, verb);
    add_c(p, "i)");
    p->f.plus = plus;
}

/* ---- texts ---- */

static struct slip_str truncated(const struct printer *p, struct slip_str s)
{
    if (!p->f.has_precision)
        return s;
    struct slip_str rest = s;
    for (int n = p->f.precision; n > 0 && rest.len > 0; n--) {
        size_t width;
        slip_utf8_decode(rest, &width);
        rest = slip_str_skip(rest, width);
    }
    return slip_str_first(s, s.len - rest.len);
}

static void print_quoted(struct printer *p, struct slip_str s)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(p->out->limit);
    s = truncated(p, s);
    if (p->f.sharp && slip_fmt_can_backquote(s)) {
        slip_buf_add_char(&text, '`');
        slip_buf_add_str(&text, s);
        slip_buf_add_char(&text, '`');
    } else {
        slip_fmt_quote(s, p->f.plus, &text);
    }
    p->out->full |= text.full;
    add_padded(p, slip_buf_str(&text));
}

/* %x of a text: its bytes; with a space between them; with # and 0x in front. */
static void print_hex(struct printer *p, struct slip_str s, bool upper)
{
    if (p->f.has_precision)
        s = slip_str_first(s, (size_t)p->f.precision);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(p->out->limit);
    for (size_t i = 0; i < s.len; i++) {
        if (p->f.space && i > 0)
            slip_buf_add_char(&text, ' ');
        if (p->f.sharp && (p->f.space || i == 0))
            slip_buf_add_c(&text, upper ? "0X" : "0x");
        slip_buf_add_fmt(&text, upper ? "%02X" : "%02x", (unsigned char)s.ptr[i]);
    }
    p->out->full |= text.full;
    add_padded(p, slip_buf_str(&text));
}

static void format_string(struct printer *p, const struct slip_tv *v, struct slip_str s,
                          uint32_t verb)
{
    switch (verb) {
    case 'v':
        if (p->f.sharp_v) {
            print_quoted(p, s);
            break;
        }
        /* fall through */
    case 's':
        add_padded(p, truncated(p, s));
        break;
    case 'x':
    case 'X':
        print_hex(p, s, verb == 'X');
        break;
    case 'q':
        print_quoted(p, s);
        break;
    default:
        bad_verb(p, v, verb);
        break;
    }
}

/* ---- containers and objects ---- */

/* nil inside of a container of any prints the same for every verb. */
static void print_element(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    if (slip_tv_is_nil(v))
        add_c(p, p->f.sharp_v ? "interface {}(nil)" : "<nil>");
    else
        print_value(p, v, verb);
}

static void print_list(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    if (p->f.sharp_v) {
        add_c(p, slip_tv_type_name(v));
        if (!v->list) {
            add_c(p, "(nil)");
            return;
        }
    }
    slip_buf_add_char(p->out, p->f.sharp_v ? '{' : '[');
    for (size_t i = 0; i < slip_tv_list_len(v) && !p->out->full; i++) {
        if (i > 0)
            add_c(p, p->f.sharp_v ? ", " : " ");
        print_element(p, &v->list->at[i], verb);
    }
    slip_buf_add_char(p->out, p->f.sharp_v ? '}' : ']');
}

static void print_map(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    if (p->f.sharp_v) {
        add_c(p, slip_tv_type_name(v));
        if (!v->map) {
            add_c(p, "(nil)");
            return;
        }
    }
    add_c(p, p->f.sharp_v ? "{" : "map[");
    SLIP_AUTO(slip_arena) arena = { 0 };
    const struct slip_tv_entry *e = slip_tv_map_sorted(&arena, v->map);
    for (size_t i = 0; i < slip_tv_map_len(v->map) && !p->out->full; i++) {
        if (i > 0)
            add_c(p, p->f.sharp_v ? ", " : " ");
        print_element(p, &e[i].key, verb);
        slip_buf_add_char(p->out, ':');
        print_element(p, &e[i].value, verb);
    }
    slip_buf_add_char(p->out, p->f.sharp_v ? '}' : ']');
}

/* A struct, or what a pointer points to. In a container Go prints the address of a pointer, which
 * differs from run to run. */
static void print_fields(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    struct slip_tv fields[8];
    if (v->class->elem)
        slip_buf_add_char(p->out, '&');
    if (p->f.sharp_v)
        add_c(p, slip_tv_elem_name(v));
    slip_buf_add_char(p->out, '{');
    v->class->fields(v->object, fields);
    for (size_t i = 0; v->class->hidden[i]; i++) {
        if (i > 0)
            add_c(p, p->f.sharp_v ? ", " : " ");
        if (p->f.sharp_v)
            slip_buf_add_fmt(p->out, "%s:", v->class->hidden[i]);
        print_value(p, &fields[i], verb);
    }
    slip_buf_add_char(p->out, '}');
}

static void print_go_syntax(struct printer *p, const struct slip_tv *v)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(p->out->limit);
    v->class->print_go(v->object, &text);
    add_padded(p, truncated(p, slip_buf_str(&text)));
}

static void print_nil_pointer(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    if (verb < 0x80 && verb && strchr("bdoxX", (int)verb))
        format_integer(p, v, 0, false, verb);
    else if (verb == 'v')
        add_padded(p, SLIP_STR("<nil>"));
    else
        bad_verb(p, v, verb);
}

static void print_object(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    if (!v->object) {
        print_nil_pointer(p, v, verb);
        return;
    }
    bool whole =
        !v->class->elem || p->depth == 0; /* in a container Go prints a pointer's address */
    bool text_verb = verb < 0x80 && verb && strchr("vsxXq", (int)verb) && !p->f.sharp_v;
    if (p->f.sharp_v && v->class->print_go) {
        print_go_syntax(p, v);
    } else if (v->class->number && (p->bad || !text_verb)) {
        format_integer(p, v, (uint64_t)v->class->number(v->object), true, verb);
    } else if (v->class->fields && (p->bad || (!text_verb && whole))) {
        print_fields(p, v, verb);
    } else if (v->class->print && (text_verb || p->f.sharp_v || p->bad)) {
        SLIP_AUTO(slip_buf) text = SLIP_BUF(p->out->limit);
        v->class->print(v->object, &text);
        format_string(p, v, slip_buf_str(&text), verb);
    } else if (v->class->print) {
        bad_verb(p, v, verb);
    } else {
        add_c(p, "{}"); /* Go prints addresses that differ from run to run */
    }
}

static void print_container(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    if (p->depth >= SLIP_TMPL_LIMIT_VALUE_DEPTH || p->out->full) {
        p->out->full = true;
        return;
    }
    p->depth++;
    if (slip_tv_is_list(v))
        print_list(p, v, verb);
    else
        print_map(p, v, verb);
    p->depth--;
}

/* A value that is not nil. */
static void print_value(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    switch (v->type) {
    case SLIP_TV_BOOL:
        if (verb == 't' || verb == 'v')
            add_padded(p, v->b ? SLIP_STR("true") : SLIP_STR("false"));
        else
            bad_verb(p, v, verb);
        break;
    case SLIP_TV_INT:
    case SLIP_TV_INT64:
        format_integer(p, v, (uint64_t)v->i, true, verb);
        break;
    case SLIP_TV_UINT8:
    case SLIP_TV_UINT32:
    case SLIP_TV_UINT64:
        format_integer(p, v, v->u, false, verb);
        break;
    case SLIP_TV_FLOAT:
        if (is_float_verb(verb))
            format_float(p, v->f, verb);
        else
            bad_verb(p, v, verb);
        break;
    case SLIP_TV_COMPLEX:
        if (is_float_verb(verb))
            format_complex(p, v, verb);
        else
            bad_verb(p, v, verb);
        break;
    case SLIP_TV_STRING:
        format_string(p, v, v->s, verb);
        break;
    case SLIP_TV_OBJECT:
        print_object(p, v, verb);
        break;
    case SLIP_TV_INVALID:
    case SLIP_TV_TYPES:
        break;
    default:
        print_container(p, v, verb);
        break;
    }
}

static void print_argument(struct printer *p, const struct slip_tv *v, uint32_t verb)
{
    if (slip_tv_is_nil(v)) {
        if (verb == 'T' || verb == 'v')
            add_padded(p, SLIP_STR("<nil>"));
        else
            bad_verb(p, v, verb);
    } else if (verb == 'T') {
        add_padded(p, truncated(p, slip_str_of(slip_tv_type_name(v))));
    } else if (verb == 'p' || (verb == 'w' && v->type > SLIP_TV_STRING)) {
        bad_verb(p, v, verb); /* %p of a map or list is an address, never the same twice */
    } else {
        print_value(p, v, verb);
    }
}

/* ---- formats ---- */

struct format {
    struct slip_str text;
    size_t i;
    const struct slip_tv *a;
    size_t n, next; /* arguments; the one to be printed next */
    bool reordered, good_index;
};

static bool at_end(const struct format *f)
{
    return f->i >= f->text.len;
}

static bool take_char(struct format *f, char c)
{
    if (at_end(f) || f->text.ptr[f->i] != c)
        return false;
    f->i++;
    return true;
}

/* A decimal number up to `end`; false: none, or one that is too large (then all is skipped). */
static bool take_number(struct format *f, size_t end, int *out)
{
    bool any = false;
    *out = 0;
    for (; f->i < end && f->text.ptr[f->i] >= '0' && f->text.ptr[f->i] <= '9'; f->i++) {
        if (*out > SLIP_TMPL_LIMIT_FORMAT_WIDTH) {
            *out = 0;
            f->i = end;
            return false;
        }
        *out = *out * 10 + (f->text.ptr[f->i] - '0');
        any = true;
    }
    return any;
}

/* "[3]": which argument comes next. True when a well-formed index was there. */
static bool take_index(struct format *f)
{
    if (at_end(f) || f->text.ptr[f->i] != '[')
        return false;
    f->reordered = true;
    struct slip_str rest = slip_str_skip(f->text, f->i);
    size_t close = slip_str_find(rest, ']');
    if (rest.len < 3 || close == SLIP_NPOS) {
        f->good_index = false;
        f->i++;
        return false;
    }
    size_t end = f->i + close;
    int index;
    f->i++;
    bool ok = take_number(f, end, &index) && f->i == end;
    f->i = end + 1;
    if (ok && index >= 1 && (size_t)index <= f->n)
        f->next = (size_t)index - 1;
    else
        f->good_index = false;
    return ok;
}

/* "*": a number from an argument. */
static bool take_argument_number(struct format *f, int *out)
{
    *out = 0;
    if (f->next >= f->n)
        return false;
    const struct slip_tv *v = &f->a[f->next++];
    int64_t i;
    if (v->type == SLIP_TV_OBJECT && v->class->number)
        i = v->class->number(v->object);
    else if (v->type == SLIP_TV_INT || v->type == SLIP_TV_INT64)
        i = v->i;
    else if (v->type == SLIP_TV_UINT8 || v->type == SLIP_TV_UINT32 || v->type == SLIP_TV_UINT64)
        i = v->u > INT32_MAX ? INT32_MAX : (int64_t)v->u;
    else
        return false;
    if (i > SLIP_TMPL_LIMIT_FORMAT_WIDTH || i < -SLIP_TMPL_LIMIT_FORMAT_WIDTH)
        return false;
    *out = (int)i;
    return true;
}

static void take_flags(struct format *f, struct flags *flags)
{
    for (; !at_end(f); f->i++) {
        switch (f->text.ptr[f->i]) {
        case '#':
            flags->sharp = true;
            break;
        case '0':
            flags->zero = true;
            break;
        case '+':
            flags->plus = true;
            break;
        case '-':
            flags->minus = true;
            break;
        case ' ':
            flags->space = true;
            break;
        default:
            return;
        }
    }
}

/* `*indexed`: an index stands directly in front. */
static void take_width(struct format *f, struct printer *p, bool *indexed)
{
    if (!take_char(f, '*')) {
        p->f.has_width = take_number(f, f->text.len, &p->f.width);
        if (*indexed && p->f.has_width)
            f->good_index = false;
        return;
    }
    p->f.has_width = take_argument_number(f, &p->f.width);
    if (!p->f.has_width)
        add_c(p, "%!(BADWIDTH)");
    if (p->f.width < 0) {
        p->f.width = -p->f.width;
        p->f.minus = true;
    }
    *indexed = false;
}

/* A point that ends the format is a verb. */
static void take_precision(struct format *f, struct printer *p, bool *indexed)
{
    if (f->i + 1 >= f->text.len || !take_char(f, '.'))
        return;
    if (*indexed)
        f->good_index = false;
    *indexed = take_index(f);
    if (!take_char(f, '*')) {
        take_number(f, f->text.len, &p->f.precision);
        p->f.has_precision = true;
        return;
    }
    p->f.has_precision = take_argument_number(f, &p->f.precision) && p->f.precision >= 0;
    if (!p->f.has_precision) {
        p->f.precision = 0;
        add_c(p, "%!(BADPREC)");
    }
    *indexed = false;
}

static void print_note(struct printer *p, uint32_t verb, const char *note)
{
    add_c(p, "%!");
    slip_buf_add_rune(p->out, verb);
    add_c(p, note);
}

/* What stands behind a "%". */
static void print_verb(struct format *f, struct printer *p)
{
    f->good_index = true;
    p->f = (struct flags){ 0 };
    take_flags(f, &p->f);
    bool indexed = take_index(f);
    take_width(f, p, &indexed);
    take_precision(f, p, &indexed);
    if (!indexed)
        take_index(f);
    if (at_end(f)) {
        add_c(p, "%!(NOVERB)");
        return;
    }
    size_t width;
    uint32_t verb = slip_utf8_decode(slip_str_skip(f->text, f->i), &width);
    f->i += width;
    if (verb == '%') {
        slip_buf_add_char(p->out, '%');
    } else if (!f->good_index) {
        print_note(p, verb, "(BADINDEX)");
    } else if (f->next >= f->n) {
        print_note(p, verb, "(MISSING)");
    } else {
        if (verb == 'v' || verb == 'w') {
            p->f.sharp_v = p->f.sharp;
            p->f.plus_v = p->f.plus;
            p->f.sharp = p->f.plus = false;
        }
        print_argument(p, &f->a[f->next++], verb);
    }
}

static void print_extra(struct format *f, struct printer *p)
{
    p->f = (struct flags){ 0 };
    add_c(p, "%!(EXTRA ");
    for (size_t i = f->next; i < f->n; i++) {
        if (i > f->next)
            add_c(p, ", ");
        if (!slip_tv_is_nil(&f->a[i]))
            slip_buf_add_fmt(p->out, "%s=", slip_tv_type_name(&f->a[i]));
        print_argument(p, &f->a[i], 'v');
    }
    slip_buf_add_char(p->out, ')');
}

void slip_fmt_printf(struct slip_str format, const struct slip_tv *a, size_t n,
                     struct slip_buf *out)
{
    struct printer p = { .out = out };
    struct format f = { .text = format, .a = a, .n = n };
    while (!at_end(&f) && !out->full) {
        struct slip_str rest = slip_str_skip(format, f.i);
        size_t percent = slip_str_find(rest, '%');
        slip_buf_add_str(out, slip_str_first(rest, percent));
        if (percent == SLIP_NPOS)
            break;
        f.i += percent + 1;
        print_verb(&f, &p);
    }
    if (!f.reordered && f.next < n)
        print_extra(&f, &p);
}

void slip_fmt_v(const struct slip_tv *v, struct slip_buf *out)
{
    struct printer p = { .out = out };
    print_argument(&p, v, 'v');
}

void slip_fmt_print(const struct slip_tv *a, size_t n, struct slip_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        bool text = a[i].type == SLIP_TV_STRING || (i > 0 && a[i - 1].type == SLIP_TV_STRING);
        if (i > 0 && !text)
            slip_buf_add_char(out, ' ');
        slip_fmt_v(&a[i], out);
    }
}

void slip_fmt_println(const struct slip_tv *a, size_t n, struct slip_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            slip_buf_add_char(out, ' ');
        slip_fmt_v(&a[i], out);
    }
    slip_buf_add_char(out, '\n');
}
