/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that change the case of letters, and the words that text falls into. */
#include "tmpl/fn.h"

#include "base/unicode.h"
#include "base/utf8.h"

/* ---- rune by rune ---- */

/* Every rune through `map`, which may keep a state; an invalid byte becomes U+FFFD. */
static int map_runes(struct slip_tmpl_call *c, struct slip_str s,
                     uint32_t (*map)(uint32_t rune, uint32_t *state), uint32_t state,
                     struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    while (s.len && !b.full) {
        size_t width;
        uint32_t rune = slip_utf8_decode(s, &width);
        slip_buf_add_rune(&b, map(rune, &state));
        s = slip_str_skip(s, width);
    }
    return slip_tmpl_give(c, &b, out);
}

static uint32_t map_upper(uint32_t rune, uint32_t *unused)
{
    (void)unused;
    return slip_unicode_upper(rune);
}

static uint32_t map_lower(uint32_t rune, uint32_t *unused)
{
    (void)unused;
    return slip_unicode_lower(rune);
}

static bool separates(uint32_t rune)
{
    if (rune < 0x80)
        return !slip_unicode_is_letter(rune) && !slip_unicode_is_digit(rune) && rune != '_';
    return slip_unicode_is_space(rune);
}

/* The state is the rune before. */
static uint32_t map_title(uint32_t rune, uint32_t *before)
{
    uint32_t mapped = separates(*before) ? slip_unicode_title(rune) : rune;
    *before = rune;
    return mapped;
}

/* The state is whether a word has not begun yet. */
static uint32_t map_untitle(uint32_t rune, uint32_t *waiting)
{
    if (slip_unicode_is_space(rune)) {
        *waiting = true;
    } else if (*waiting) {
        *waiting = false;
        return slip_unicode_lower(rune);
    }
    return rune;
}

/* The state is whether the last character without case was white space; true at the start. */
static uint32_t map_swapcase(uint32_t rune, uint32_t *after_space)
{
    bool first = *after_space;
    *after_space = false;
    if (slip_unicode_is_upper(rune) || slip_unicode_is_title(rune))
        return slip_unicode_lower(rune);
    if (slip_unicode_is_lower(rune))
        return first ? slip_unicode_title(rune) : slip_unicode_upper(rune);
    *after_space = slip_unicode_is_space(rune);
    return rune;
}

SLIP_TMPL_FN(fn_upper)
{
    return map_runes(c, a[0].s, map_upper, 0, out);
}

SLIP_TMPL_FN(fn_lower)
{
    return map_runes(c, a[0].s, map_lower, 0, out);
}

SLIP_TMPL_FN(fn_title)
{
    return map_runes(c, a[0].s, map_title, ' ', out);
}

SLIP_TMPL_FN(fn_untitle)
{
    return map_runes(c, a[0].s, map_untitle, true, out);
}

SLIP_TMPL_FN(fn_swapcase)
{
    return map_runes(c, a[0].s, map_swapcase, true, out);
}

/* ---- camelCase ---- */

static bool is_connector(uint32_t rune)
{
    return rune == '-' || rune == '_' || slip_unicode_is_space(rune);
}

/*
 * A connector makes the letter behind it upper case and goes; of several in a row only the last
 * one goes; those at the start stay. Text of connectors only repeats its last one.
 */
SLIP_TMPL_FN(fn_camelcase)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    struct slip_str s = a[0].s;
    uint32_t held = 0; /* read, but not written yet */
    bool begun = false;
    while (s.len && !b.full) {
        size_t width;
        uint32_t rune = slip_utf8_decode(s, &width);
        s = slip_str_skip(s, width);
        if (!begun) {
            begun = !is_connector(rune);
            held = begun ? slip_unicode_upper(rune) : rune;
            if (!begun)
                slip_buf_add_rune(&b, rune);
            continue;
        }
        if (!is_connector(held) || is_connector(rune))
            slip_buf_add_rune(&b, held);
        else
            rune = slip_unicode_upper(rune);
        held = rune;
    }
    if (a[0].s.len)
        slip_buf_add_rune(&b, held);
    return slip_tmpl_give(c, &b, out);
}

/* ---- snake_case and kebab-case ---- */

enum word { INVALID, NUMBER, UPPER, ALPHABET, CONNECTOR, PUNCT, OTHER };

/* Letters but for those of Chinese writing. */
static bool is_alphabet(uint32_t r)
{
    bool han = (r >= 0x3400 && r <= 0x4D85) || (r >= 0x4E00 && r <= 0x9FCC)
               || (r >= 0x20000 && r <= 0x2B81D);
    return slip_unicode_is_letter(r) && !han;
}

static bool is_small(uint32_t r)
{
    return is_alphabet(r) && !slip_unicode_is_upper(r);
}

static bool is_other(uint32_t r)
{
    return !is_connector(r) && !is_alphabet(r) && !slip_unicode_is_number(r)
           && !slip_unicode_is_punct(r);
}

/* The next rune that is not U+FFFD, and how far it reaches; at the end `before`. */
static uint32_t valid_rune(struct slip_str s, uint32_t before, size_t *width)
{
    *width = 0;
    while (s.len) {
        size_t w;
        uint32_t rune = slip_utf8_decode(s, &w);
        *width += w;
        if (rune != SLIP_RUNE_ERROR)
            return rune;
        s = slip_str_skip(s, w);
    }
    return before;
}

/* How many bytes from `at` on hold runes of that kind; `*rune` is the last one looked at and
 * `*last` the width of the last that belongs to them. */
static size_t run_of(struct slip_str s, size_t at, bool (*is)(uint32_t), uint32_t *rune,
                     size_t *last)
{
    size_t end = at;
    while (end < s.len) {
        size_t width;
        *rune = valid_rune(slip_str_skip(s, end), *rune, &width);
        if (!is(*rune))
            break;
        end += width;
        *last = width;
    }
    return end;
}

/* A word that begins with an upper case letter: "HTTP" of "HTTPServer", "Server" of "Server2". */
static size_t upper_word(struct slip_str s, size_t first, uint32_t rune)
{
    size_t last = 0, end = run_of(s, first, slip_unicode_is_upper, &rune, &last);
    if (end == first)
        return run_of(s, first, is_small, &rune, &last);
    return end < s.len && is_alphabet(rune) ? end - last : end;
}

static enum word next_word(struct slip_str *rest, struct slip_str *word)
{
    size_t first, last, end;
    uint32_t rune = valid_rune(*rest, SLIP_RUNE_ERROR, &first);
    enum word kind;
    if (rune == SLIP_RUNE_ERROR) { /* also at the end */
        kind = INVALID;
        end = first;
    } else if (is_connector(rune)) {
        kind = CONNECTOR;
        end = run_of(*rest, first, is_connector, &rune, &last);
    } else if (slip_unicode_is_punct(rune)) {
        kind = PUNCT;
        end = run_of(*rest, first, slip_unicode_is_punct, &rune, &last);
    } else if (slip_unicode_is_upper(rune)) {
        kind = UPPER;
        end = upper_word(*rest, first, rune);
    } else if (is_alphabet(rune)) {
        kind = ALPHABET;
        end = run_of(*rest, first, is_small, &rune, &last);
    } else if (slip_unicode_is_number(rune)) {
        kind = NUMBER;
        end = run_of(*rest, first, slip_unicode_is_number, &rune, &last);
    } else {
        kind = OTHER;
        end = run_of(*rest, first, is_other, &rune, &last);
    }
    *word = slip_str_first(*rest, end);
    *rest = slip_str_skip(*rest, end);
    return kind;
}

struct words {
    struct slip_str rest, word;
    enum word kind;
    uint32_t connector;
    struct slip_buf *out;
};

static void advance(struct words *w)
{
    w->kind = next_word(&w->rest, &w->word);
}

static void write_word(struct words *w, enum word kind, struct slip_str s)
{
    if (kind != UPPER && kind != CONNECTOR) {
        slip_buf_add_str(w->out, s);
        return;
    }
    while (s.len) {
        size_t width;
        uint32_t rune = slip_utf8_decode(s, &width);
        if (is_connector(rune))
            rune = w->connector;
        else if (slip_unicode_is_upper(rune))
            rune = slip_unicode_lower(rune);
        slip_buf_add_rune(w->out, rune);
        s = slip_str_skip(s, width);
    }
}

/* Letters and digits that follow a number belong to it. */
static void write_tail(struct words *w)
{
    while (w->kind == ALPHABET || w->kind == NUMBER) {
        write_word(w, w->kind, w->word);
        advance(w);
    }
}

static void connect(struct words *w, bool also_before_invalid)
{
    if (w->kind != CONNECTOR && w->kind != PUNCT && (also_before_invalid || w->kind != INVALID))
        slip_buf_add_rune(w->out, w->connector);
}

/* Behind a word of letters: a number belongs to it ("bld4_floor"), unless small letters follow the
 * number ("http_2xx"). */
static void write_number(struct words *w)
{
    if (w->rest.len == 0)
        return;
    struct slip_str number = w->word;
    advance(w);
    if (w->kind != ALPHABET) {
        write_word(w, NUMBER, number);
        connect(w, true);
        return;
    }
    slip_buf_add_rune(w->out, w->connector);
    write_word(w, NUMBER, number);
    write_tail(w);
    connect(w, false);
}

static void write_next(struct words *w)
{
    enum word before = w->kind;
    struct slip_str last = w->word;
    if (before != CONNECTOR)
        write_word(w, before, last);
    advance(w);
    switch (before) {
    case NUMBER:
        write_tail(w);
        connect(w, false);
        break;
    case CONNECTOR:
        write_word(w, before, last);
        break;
    case PUNCT:
        break;
    default:
        if (w->kind == NUMBER)
            write_number(w);
        else
            connect(w, true);
    }
}

static int words_to_lower(struct slip_tmpl_call *c, struct slip_str s, char connector,
                          struct slip_tv *out)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    struct words w = { .rest = s, .connector = (unsigned char)connector, .out = &b };
    advance(&w);
    while (w.rest.len && !b.full)
        write_next(&w);
    write_word(&w, w.kind, w.word);
    return slip_tmpl_give(c, &b, out);
}

SLIP_TMPL_FN(fn_snakecase)
{
    return words_to_lower(c, a[0].s, '_', out);
}

SLIP_TMPL_FN(fn_kebabcase)
{
    return words_to_lower(c, a[0].s, '-', out);
}

static const struct slip_tmpl_func table[] = {
    { "camelcase", "s", fn_camelcase, "text as CamelCase" },
    { "kebabcase", "s", fn_kebabcase, "text as kebab-case" },
    { "lower", "s", fn_lower, "text in lower case" },
    { "snakecase", "s", fn_snakecase, "text as snake_case" },
    { "swapcase", "s", fn_swapcase, "upper case for lower case and the other way" },
    { "title", "s", fn_title, "text with every word in title case" },
    { "untitle", "s", fn_untitle, "text with the first letter of every word in lower case" },
    { "upper", "s", fn_upper, "text in upper case" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_case = SLIP_TMPL_FUNCS(table);
