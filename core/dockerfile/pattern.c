/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of parameter expansion. A pattern is a chain of tokens, so the set of places in it where
 * a match may stand is small; it is carried along the text in order of preference, which takes
 * time (length of text) * (length of pattern) at most and no memory beyond the pattern's.
 */
#include "dockerfile/pattern.h"

#include "base/unicode.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "dockerfile/text.h"

enum { ANY_ONE = SLIP_RUNE_MAX + 1, ANY_RUN };

/* Steps that one search may take. */
#define WORK_MAX ((uint64_t)1 << 28)

struct place {
    size_t token; /* next token to match; the number of tokens: all matched */
    size_t start; /* where in the text this match began */
};

struct places {
    struct place *at;
    size_t len;
    bool *has; /* token is in the list already, with higher preference */
};

struct pattern {
    SLIP_VEC(uint32_t);
    struct places lists[2];
};

static void pattern_clear(struct pattern *p)
{
    slip_vec_clear(p);
    for (size_t i = 0; i < SLIP_COUNT(p->lists); i++) {
        slip_free(p->lists[i].at);
        slip_free(p->lists[i].has);
    }
}

SLIP_DEFINE_AUTO(pattern, pattern_clear);

static uint32_t take_rune(struct slip_str *s)
{
    size_t width;
    uint32_t rune = slip_utf8_decode(*s, &width);
    *s = slip_str_skip(*s, width);
    return rune;
}

/* What a backslash protects: only "*", "?" and itself; before "}" and "/" it only kept them from
 * ending the pattern. */
static int take_escaped(struct slip_str *text, uint32_t *rune, struct slip_error *err)
{
    *rune = text->len ? take_rune(text) : 0;
    if (*rune != '*' && *rune != '?' && *rune != '\\' && *rune != '}' && *rune != '/')
        return slip_fail(err, SLIP_E_CONFIG,
                         "a backslash in a pattern can protect only '*', '?', '/', '}' and "
                         "another backslash");
    return 0;
}

static int pattern_compile(struct slip_str text, struct pattern *p, struct slip_error *err)
{
    text = slip_text_skip_bom(text);
    while (text.len) {
        uint32_t rune = take_rune(&text);
        if (rune == '*') {
            if (p->len == 0 || p->at[p->len - 1] != ANY_RUN)
                slip_vec_push(p, ANY_RUN);
            continue;
        }
        if (rune == '?')
            rune = ANY_ONE;
        else if (rune == '\\' && take_escaped(&text, &rune, err) < 0)
            return -1;
        slip_vec_push(p, rune);
    }
    for (size_t i = 0; i < SLIP_COUNT(p->lists); i++) {
        p->lists[i].at = slip_alloc_array(p->len + 2, sizeof(struct place));
        p->lists[i].has = slip_alloc_array(p->len + 2, sizeof(bool));
    }
    return 0;
}

static void add_one(struct places *list, size_t token, size_t start)
{
    if (list->has[token])
        return;
    list->has[token] = true;
    list->at[list->len++] = (struct place){ token, start };
}

/* Add a place and, when it stands before a run, the place behind the run. Runs never follow each
 * other. */
static void add_place(const struct pattern *p, struct places *list, size_t token, size_t start,
                      bool longest)
{
    bool run = token < p->len && p->at[token] == ANY_RUN;
    if (run && !longest)
        add_one(list, token + 1, start);
    add_one(list, token, start);
    if (run && longest)
        add_one(list, token + 1, start);
}

static void forget_places(struct places *list, size_t tokens)
{
    list->len = 0;
    memset(list->has, 0, tokens + 1);
}

/* Move every place over `rune` into `to`. */
static void advance(const struct pattern *p, const struct places *from, struct places *to,
                    uint32_t rune, bool longest)
{
    for (size_t i = 0; i < from->len; i++) {
        struct place at = from->at[i];
        uint32_t token = p->at[at.token];
        if (token == ANY_RUN && rune != '\n')
            add_place(p, to, at.token, at.start, longest);
        else if (token == rune || (token == ANY_ONE && rune != '\n'))
            add_place(p, to, at.token + 1, at.start, longest);
    }
}

/* The match of highest preference among the places ends the search for those behind it. */
static bool cut_at_match(const struct pattern *p, struct places *list, size_t *start)
{
    for (size_t i = 0; i < list->len; i++)
        if (list->at[i].token == p->len) {
            *start = list->at[i].start;
            list->len = i;
            return true;
        }
    return false;
}

/* Find the match in `text` from `from` on (`anchored`: only there). */
static bool pattern_find(struct pattern *p, struct slip_str text, size_t from, bool anchored,
                         bool longest, size_t *start, size_t *end)
{
    bool found = false;
    struct places *now = &p->lists[0], *next = &p->lists[1];
    forget_places(now, p->len);
    for (size_t i = from;;) {
        if (!found && (!anchored || i == from))
            add_place(p, now, 0, i, longest);
        if (cut_at_match(p, now, start)) {
            *end = i;
            found = true;
        }
        if (i >= text.len || (now->len == 0 && (found || anchored)))
            return found;
        size_t width;
        uint32_t rune = slip_utf8_decode(slip_str_skip(text, i), &width);
        forget_places(next, p->len);
        advance(p, now, next, rune, longest);
        i += width;
        struct places *swap = now;
        now = next;
        next = swap;
    }
}

static int check_work(const struct pattern *p, struct slip_str value, struct slip_error *err)
{
    if ((uint64_t)value.len * (p->len + 1) > WORK_MAX)
        return slip_fail(err, SLIP_E_CONFIG, "a pattern of %zu characters on a value of %zu bytes",
                         p->len, value.len);
    return 0;
}

int slip_pattern_trim_prefix(struct slip_str pattern, struct slip_str value, bool longest,
                             struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO(pattern) p = { 0 };
    if (pattern_compile(pattern, &p, err) < 0 || check_work(&p, value, err) < 0)
        return -1;
    size_t start, end;
    if (pattern_find(&p, value, 0, true, longest, &start, &end))
        value = slip_str_skip(value, end);
    slip_buf_add_str(out, value);
    return 0;
}

/* Runes in reverse order; invalid bytes become U+FFFD. */
static void reverse(struct slip_str s, struct slip_buf *out)
{
    while (s.len) {
        size_t width;
        slip_buf_add_rune(out, slip_utf8_decode_last(s, &width));
        s.len -= width;
    }
}

/* The same, but a backslash stays in front of what it protects. */
static void reverse_pattern(struct slip_str s, struct slip_buf *out)
{
    struct {
        SLIP_VEC(struct slip_str);
    } pieces = { 0 };
    while (s.len) {
        size_t width, protected = 0;
        uint32_t rune = slip_utf8_decode(s, &width);
        if (rune == '\\' && s.len > width)
            slip_utf8_decode(slip_str_skip(s, width), &protected);
        slip_vec_push(&pieces, slip_str_first(s, width + protected));
        s = slip_str_skip(s, width + protected);
    }
    while (pieces.len) {
        struct slip_str piece = pieces.at[--pieces.len];
        while (piece.len)
            slip_buf_add_rune(out, take_rune(&piece));
    }
    slip_vec_clear(&pieces);
}

int slip_pattern_trim_suffix(struct slip_str pattern, struct slip_str value, bool longest,
                             struct slip_buf *out, struct slip_error *err)
{
    /* A reversed byte may become three. */
    SLIP_AUTO(slip_buf) pattern_back = SLIP_BUF(3 * pattern.len + 1);
    SLIP_AUTO(slip_buf) value_back = SLIP_BUF(3 * value.len + 1);
    SLIP_AUTO(slip_buf) rest = SLIP_BUF(3 * value.len + 1);
    reverse_pattern(pattern, &pattern_back);
    reverse(value, &value_back);
    if (slip_pattern_trim_prefix(slip_buf_str(&pattern_back), slip_buf_str(&value_back), longest,
                                 &rest, err)
        < 0)
        return -1;
    reverse(slip_buf_str(&rest), out);
    return 0;
}

int slip_pattern_replace(struct slip_str pattern, struct slip_str value, struct slip_str text,
                         struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO(pattern) p = { 0 };
    if (pattern_compile(pattern, &p, err) < 0 || check_work(&p, value, err) < 0)
        return -1;
    size_t start, end;
    if (!pattern_find(&p, value, 0, false, true, &start, &end)) {
        slip_buf_add_str(out, value);
        return 0;
    }
    slip_buf_add_str(out, slip_str_first(value, start));
    slip_buf_add_str(out, text);
    slip_buf_add_str(out, slip_str_skip(value, end));
    return 0;
}

/* Take "name" or "{name}" behind a "$"; false when there is none. */
static bool take_reference(struct slip_str *text, struct slip_str *name)
{
    struct slip_str s = *text;
    bool brace = s.len && s.ptr[0] == '{';
    if (brace)
        s = slip_str_skip(s, 1);
    size_t n = 0, width;
    while (n < s.len) {
        uint32_t rune = slip_utf8_decode(slip_str_skip(s, n), &width);
        if (rune != '_' && !slip_unicode_is_letter(rune) && !slip_unicode_is_digit(rune))
            break;
        n += width;
    }
    if (n == 0 || (brace && (n >= s.len || s.ptr[n] != '}')))
        return false;
    *name = slip_str_first(s, n);
    *text = slip_str_skip(s, n + brace);
    return true;
}

/* Append `text` for one match, references followed. */
static void add_replacement(struct slip_str text, struct slip_str match, struct slip_buf *out)
{
    struct slip_str before, name;
    while (slip_str_cut(text, '$', &before, &text)) {
        slip_buf_add_str(out, before);
        if (text.len && text.ptr[0] == '$') {
            slip_buf_add_char(out, '$');
            text = slip_str_skip(text, 1);
        } else if (!take_reference(&text, &name)) {
            slip_buf_add_char(out, '$');
        } else if (slip_str_is(name, "0")) {
            slip_buf_add_str(out, match);
        }
    }
    slip_buf_add_str(out, before);
}

int slip_pattern_replace_all(struct slip_str pattern, struct slip_str value, struct slip_str text,
                             struct slip_buf *out, struct slip_error *err)
{
    SLIP_AUTO(pattern) p = { 0 };
    if (pattern_compile(pattern, &p, err) < 0 || check_work(&p, value, err) < 0)
        return -1;
    size_t done = 0, start, end;
    for (size_t from = 0; from <= value.len && !out->full;) {
        if (!pattern_find(&p, value, from, false, true, &start, &end))
            break;
        slip_buf_add_str(out, slip_str_make(value.ptr + done, start - done));
        /* An empty match right behind a match does not count. */
        if (end > done || start == 0)
            add_replacement(text, slip_str_make(value.ptr + start, end - start), out);
        done = end;
        size_t width = 0;
        if (from < value.len)
            slip_utf8_decode(slip_str_skip(value, from), &width);
        if (from + width > end)
            from += width;
        else
            from = from + 1 > end ? from + 1 : end;
    }
    slip_buf_add_str(out, slip_str_skip(value, done));
    return 0;
}
