/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that cut, join, quote and wrap text. */
#include "tmpl/fn.h"

#include "base/unicode.h"
#include "base/utf8.h"

/* ---- small helpers ---- */

static int give_bool(struct slip_tv *out, bool b)
{
    *out = slip_tv_bool(b);
    return 0;
}

/* `s` lies in an argument or in the arena. */
static int give_str(struct slip_tv *out, struct slip_str s)
{
    *out = slip_tv_str(s);
    return 0;
}

static int give_buf(struct slip_tmpl_call *c, struct slip_buf *b, struct slip_tv *out)
{
    int rc = slip_tmpl_give(c, b, out);
    slip_buf_clear(b);
    return rc;
}

static struct slip_str cut_at(struct slip_str s, int64_t from, int64_t to)
{
    return slip_str_make(s.ptr + from, (size_t)(to - from));
}

/* ---- looking ---- */

SLIP_TMPL_FN(fn_hello)
{
    return give_str(out, SLIP_STR("Hello!"));
}

SLIP_TMPL_FN(fn_contains)
{
    return give_bool(out, a[0].s.len == 0 || slip_str_find_str(a[1].s, a[0].s) != SLIP_NPOS);
}

SLIP_TMPL_FN(fn_has_prefix)
{
    return give_bool(out, slip_str_starts(a[1].s, a[0].s));
}

SLIP_TMPL_FN(fn_has_suffix)
{
    return give_bool(out, slip_str_ends(a[1].s, a[0].s));
}

SLIP_TMPL_FN(fn_plural)
{
    return give_str(out, a[2].i == 1 ? a[0].s : a[1].s);
}

/* ---- trimming and cutting ---- */

static bool is_in(uint32_t rune, struct slip_str set)
{
    while (set.len) {
        size_t width;
        if (slip_utf8_decode(set, &width) == rune)
            return true;
        set = slip_str_skip(set, width);
    }
    return false;
}

static bool is_space_rune(uint32_t rune, struct slip_str unused)
{
    (void)unused;
    return slip_unicode_is_space(rune);
}

static struct slip_str trim_runes(struct slip_str s, bool (*drop)(uint32_t, struct slip_str),
                                  struct slip_str set)
{
    size_t width;
    while (s.len && drop(slip_utf8_decode(s, &width), set))
        s = slip_str_skip(s, width);
    while (s.len && drop(slip_utf8_decode_last(s, &width), set))
        s.len -= width;
    return s;
}

SLIP_TMPL_FN(fn_trim)
{
    return give_str(out, trim_runes(a[0].s, is_space_rune, SLIP_STR("")));
}

SLIP_TMPL_FN(fn_trim_all)
{
    if (slip_tmpl_spend(c, (uint64_t)a[0].s.len * a[1].s.len / 64) < 0)
        return -1;
    return give_str(out, trim_runes(a[1].s, is_in, a[0].s));
}

SLIP_TMPL_FN(fn_trim_prefix)
{
    struct slip_str s = a[1].s;
    return give_str(out, slip_str_starts(s, a[0].s) ? slip_str_skip(s, a[0].s.len) : s);
}

SLIP_TMPL_FN(fn_trim_suffix)
{
    struct slip_str s = a[1].s;
    return give_str(out, slip_str_ends(s, a[0].s) ? slip_str_first(s, s.len - a[0].s.len) : s);
}

SLIP_TMPL_FN(fn_trunc)
{
    int64_t count = a[0].i, len = (int64_t)a[1].s.len;
    if (count >= 0)
        return give_str(out, slip_str_first(a[1].s, (size_t)count));
    return give_str(out, len + count > 0 ? slip_str_skip(a[1].s, (size_t)(len + count)) : a[1].s);
}

SLIP_TMPL_FN(fn_substr)
{
    int64_t from = a[0].i, to = a[1].i, len = (int64_t)a[2].s.len;
    if (from < 0) {
        if (to < 0)
            return slip_tmpl_fail(c, "runtime error: slice bounds out of range [:%lld]",
                                  (long long)to);
        if (to > len)
            return slip_tmpl_fail(
                c, "runtime error: slice bounds out of range [:%lld] with length %lld",
                (long long)to, (long long)len);
        from = 0;
    } else if (to < 0 || to > len) {
        to = len;
    }
    if (from > to)
        return slip_tmpl_fail(c, "runtime error: slice bounds out of range [%lld:%lld]",
                              (long long)from, (long long)to);
    return give_str(out, cut_at(a[2].s, from, to));
}

/* Shorten to `width` bytes with dots where something is left out; `offset` should stay visible. */
static int abbreviate(struct slip_tmpl_call *c, struct slip_str s, int64_t offset, int64_t width,
                      struct slip_tv *out)
{
    int64_t len = (int64_t)s.len;
    if (len <= width)
        return give_str(out, s);
    offset = offset < 0 ? 0 : offset > len ? len : offset;
    if (len - offset < width - 3)
        offset = len - (width - 3);
    struct slip_buf b = slip_tmpl_buf(c);
    if (offset <= 4) {
        slip_buf_add_str(&b, cut_at(s, 0, width - 3));
        slip_buf_add_c(&b, "...");
    } else if (offset + width - 3 < len) {
        slip_buf_add_c(&b, "...");
        if (width - 3 >= 4)
            slip_buf_add_str(&b, cut_at(s, offset, offset + width - 6));
        slip_buf_add_c(&b, width - 3 >= 4 ? "..." : "");
    } else {
        slip_buf_add_c(&b, "...");
        slip_buf_add_str(&b, cut_at(s, len - (width - 3), len));
    }
    return give_buf(c, &b, out);
}

SLIP_TMPL_FN(fn_abbrev)
{
    return a[0].i < 4 ? give_str(out, a[1].s) : abbreviate(c, a[1].s, 0, a[0].i, out);
}

SLIP_TMPL_FN(fn_abbrevboth)
{
    int64_t left = a[0].i, right = a[1].i;
    if (right < 4 || (left > 0 && right < 7))
        return give_str(out, a[2].s);
    return abbreviate(c, a[2].s, left, right, out);
}

/* Both of these take bytes for characters, as the functions that they stand for. */
SLIP_TMPL_FN(fn_nospace)
{
    struct slip_str s = a[0].s;
    struct slip_buf b = slip_tmpl_buf(c);
    size_t kept = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char byte = (unsigned char)s.ptr[i];
        if (slip_unicode_is_space(byte))
            continue;
        slip_buf_add_rune(&b, byte);
        kept++;
    }
    if (kept == s.len) {
        slip_buf_clear(&b);
        return give_str(out, s);
    }
    return give_buf(c, &b, out);
}

SLIP_TMPL_FN(fn_initials)
{
    struct slip_str s = a[0].s;
    struct slip_buf b = slip_tmpl_buf(c);
    bool gap = true;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char byte = (unsigned char)s.ptr[i];
        bool space = slip_unicode_is_space(byte);
        if (gap && !space)
            slip_buf_add_rune(&b, byte);
        gap = space;
    }
    return give_buf(c, &b, out);
}

/* ---- making longer ---- */

static void add_times(struct slip_buf *b, struct slip_str s, int64_t times)
{
    for (int64_t i = 0; i < times && !b->full; i++)
        slip_buf_add_str(b, s);
}

SLIP_TMPL_FN(fn_repeat)
{
    if (a[0].i < 0)
        return slip_tmpl_fail(c, "strings: negative Repeat count");
    if (a[1].s.len == 0)
        return give_str(out, a[1].s);
    if (slip_tmpl_room(c, (uint64_t)a[0].i, a[1].s.len) < 0)
        return -1;
    struct slip_buf b = slip_tmpl_buf(c);
    add_times(&b, a[1].s, a[0].i);
    return give_buf(c, &b, out);
}

static int indent(struct slip_tmpl_call *c, const char *begin, int64_t width, struct slip_str s,
                  struct slip_tv *out)
{
    if (width < 0)
        return slip_tmpl_fail(c, "strings: negative Repeat count");
    struct slip_buf b = slip_tmpl_buf(c);
    struct slip_str head;
    slip_buf_add_c(&b, begin);
    add_times(&b, SLIP_STR(" "), width);
    while (slip_str_cut(s, '\n', &head, &s) && !b.full) {
        slip_buf_add_str(&b, head);
        slip_buf_add_char(&b, '\n');
        add_times(&b, SLIP_STR(" "), width);
    }
    slip_buf_add_str(&b, head);
    return give_buf(c, &b, out);
}

SLIP_TMPL_FN(fn_indent)
{
    return indent(c, "", a[0].i, a[1].s, out);
}

SLIP_TMPL_FN(fn_nindent)
{
    return indent(c, "\n", a[0].i, a[1].s, out);
}

/* Between all runes, before the first and behind the last. */
static void insert_everywhere(struct slip_buf *b, struct slip_str what, struct slip_str s)
{
    slip_buf_add_str(b, what);
    while (s.len && !b->full) {
        size_t width;
        slip_utf8_decode(s, &width);
        slip_buf_add_str(b, slip_str_first(s, width));
        slip_buf_add_str(b, what);
        s = slip_str_skip(s, width);
    }
}

SLIP_TMPL_FN(fn_replace)
{
    struct slip_str old = a[0].s, s = a[2].s;
    struct slip_buf b = slip_tmpl_buf(c);
    if (old.len == 0) {
        insert_everywhere(&b, a[1].s, s);
        return give_buf(c, &b, out);
    }
    for (size_t at; !b.full && (at = slip_str_find_str(s, old)) != SLIP_NPOS;) {
        slip_buf_add_str(&b, slip_str_first(s, at));
        slip_buf_add_str(&b, a[1].s);
        s = slip_str_skip(s, at + old.len);
    }
    slip_buf_add_str(&b, s);
    return give_buf(c, &b, out);
}

/*
 * Break at the last blank before the width, counted in bytes; blanks at the start of a line go.
 * A word that is longer is broken too, or, with `keep_words`, sticks out.
 */
static int wrap(struct slip_tmpl_call *c, struct slip_str s, int64_t width, struct slip_str newline,
                bool keep_words, struct slip_tv *out)
{
    struct slip_buf b = slip_tmpl_buf(c);
    size_t w = width < 1 ? 1 : (size_t)width;
    if (newline.len == 0)
        newline = SLIP_STR("\n");
    while (s.len > w && !b.full) {
        if (s.ptr[0] == ' ') {
            s = slip_str_skip(s, 1);
            continue;
        }
        size_t end = slip_str_rfind(slip_str_first(s, w + 1), ' '), next = end + 1;
        if (end == SLIP_NPOS && !keep_words) {
            end = next = w;
        } else if (end == SLIP_NPOS) {
            end = slip_str_find(slip_str_skip(s, w), ' ');
            if (end == SLIP_NPOS)
                break;
            end += w;
            next = end + 1;
        }
        slip_buf_add_str(&b, slip_str_first(s, end));
        slip_buf_add_str(&b, newline);
        s = slip_str_skip(s, next);
    }
    slip_buf_add_str(&b, s);
    return give_buf(c, &b, out);
}

SLIP_TMPL_FN(fn_wrap)
{
    return wrap(c, a[1].s, a[0].i, SLIP_STR(""), true, out);
}

SLIP_TMPL_FN(fn_wrap_with)
{
    return wrap(c, a[2].s, a[0].i, a[1].s, false, out);
}

/* ---- values as text ---- */

SLIP_TMPL_FN(fn_to_string)
{
    struct slip_str s;
    if (slip_tmpl_strval(c, &a[0], &s) < 0)
        return -1;
    return give_str(out, s);
}

SLIP_TMPL_FN(fn_to_strings)
{
    return slip_tmpl_strings(c, &a[0], out);
}

/* The arguments that are not nil, each written by `add`, with blanks between them. */
static int join_words(struct slip_tmpl_call *c, const struct slip_tv *a, size_t n,
                      void (*add)(struct slip_buf *, struct slip_str), struct slip_tv *out)
{
    struct slip_buf b = slip_tmpl_buf(c);
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        struct slip_str s;
        if (slip_tv_is_nil(&a[i]))
            continue;
        if (slip_tmpl_strval(c, &a[i], &s) < 0) {
            slip_buf_clear(&b);
            return -1;
        }
        slip_buf_add_c(&b, first ? "" : " ");
        add(&b, s);
        first = false;
    }
    return give_buf(c, &b, out);
}

static void add_plain(struct slip_buf *b, struct slip_str s)
{
    slip_buf_add_str(b, s);
}

static void add_quoted(struct slip_buf *b, struct slip_str s)
{
    slip_fmt_quote(s, false, b);
}

static void add_single_quoted(struct slip_buf *b, struct slip_str s)
{
    slip_buf_add_char(b, '\'');
    slip_buf_add_str(b, s);
    slip_buf_add_char(b, '\'');
}

SLIP_TMPL_FN(fn_cat)
{
    return join_words(c, a, n, add_plain, out);
}

SLIP_TMPL_FN(fn_quote)
{
    return join_words(c, a, n, add_quoted, out);
}

SLIP_TMPL_FN(fn_squote)
{
    return join_words(c, a, n, add_single_quoted, out);
}

/* ---- lists of text ---- */

SLIP_TMPL_FN(fn_join)
{
    struct slip_tv texts;
    if (slip_tmpl_strings(c, &a[1], &texts) < 0)
        return -1;
    struct slip_buf b = slip_tmpl_buf(c);
    for (size_t i = 0; i < slip_tv_list_len(&texts) && !b.full; i++) {
        if (i > 0)
            slip_buf_add_str(&b, a[0].s);
        slip_buf_add_str(&b, texts.list->at[i].s);
    }
    return give_buf(c, &b, out);
}

static int compare_texts(const void *a, const void *b)
{
    return slip_str_cmp(((const struct slip_tv *)a)->s, ((const struct slip_tv *)b)->s);
}

/* A []string is sorted in place, as in Go: who else holds it sees that. Such lists come from
 * functions only and lie in the arena, so writing is safe. */
SLIP_TMPL_FN(fn_sort_alpha)
{
    if (!slip_tv_is_list(&a[0])) {
        struct slip_tmpl_items one = { 0 };
        struct slip_str s;
        if (slip_tmpl_strval(c, &a[0], &s) < 0)
            return -1;
        slip_vec_push(&one, slip_tv_str(s));
        return slip_tmpl_give_list(c, SLIP_TV_STRINGS, &one, 1, out);
    }
    if (slip_tmpl_strings(c, &a[0], out) < 0)
        return -1;
    if (slip_tv_list_len(out) > 1)
        qsort((struct slip_tv *)out->list->at, out->list->len, sizeof(struct slip_tv),
              compare_texts);
    return 0;
}

/* At most `limit` parts, negative: all. An empty separator splits into characters. */
static int split_text(struct slip_tmpl_call *c, struct slip_str sep, struct slip_str s,
                      int64_t limit, struct slip_tmpl_items *parts)
{
    if (limit == 0 || (sep.len == 0 && s.len == 0))
        return 0;
    while (limit < 0 || (int64_t)parts->len < limit - 1) {
        size_t at = 0;
        if (sep.len)
            at = slip_str_find_str(s, sep);
        else
            slip_utf8_decode(s, &at);
        if (at == SLIP_NPOS || (sep.len == 0 && at == s.len))
            break;
        if (slip_tmpl_push(c, parts, slip_tv_str(slip_str_first(s, at))) < 0)
            return -1;
        s = slip_str_skip(s, at + sep.len);
    }
    return slip_tmpl_push(c, parts, slip_tv_str(s));
}

SLIP_TMPL_FN(fn_split_list)
{
    struct slip_tmpl_items parts = { 0 };
    if (split_text(c, a[0].s, a[1].s, -1, &parts) < 0)
        return -1;
    return slip_tmpl_give_list(c, SLIP_TV_STRINGS, &parts, parts.len, out);
}

static int split_map(struct slip_tmpl_call *c, struct slip_str sep, struct slip_str s,
                     int64_t limit, struct slip_tv *out)
{
    struct slip_tmpl_items parts = { 0 };
    if (split_text(c, sep, s, limit, &parts) < 0)
        return -1;
    int rc = slip_tmpl_room(c, parts.len, 3 * sizeof(struct slip_tv_entry));
    if (rc == 0) {
        struct slip_tv_map *m = slip_tv_map_new(c->arena);
        for (size_t i = 0; i < parts.len; i++)
            slip_tv_map_set_str(m, slip_str_of(slip_arena_printf(c->arena, "_%zu", i)),
                                parts.at[i]);
        *out = slip_tv_map(SLIP_TV_STRING_MAP, m);
    }
    slip_vec_clear(&parts);
    return rc;
}

SLIP_TMPL_FN(fn_split)
{
    return split_map(c, a[0].s, a[1].s, -1, out);
}

SLIP_TMPL_FN(fn_splitn)
{
    return split_map(c, a[0].s, a[2].s, a[1].i, out);
}

static const struct slip_tmpl_func table[] = {
    { "abbrev", "is", fn_abbrev, "text shortened to N bytes, with dots at the end" },
    { "abbrevboth", "iis", fn_abbrevboth, "text shortened at both sides" },
    { "cat", "a.", fn_cat, "the values as text, blanks between them" },
    { "contains", "ss", fn_contains, "whether the second text holds the first" },
    { "hasPrefix", "ss", fn_has_prefix, "whether the second text begins with the first" },
    { "hasSuffix", "ss", fn_has_suffix, "whether the second text ends with the first" },
    { "hello", "", fn_hello, "a greeting" },
    { "indent", "is", fn_indent, "text with N blanks before every line" },
    { "initials", "s", fn_initials, "the first letter of every word" },
    { "join", "sa", fn_join, "the elements of a list with the first text between them" },
    { "nindent", "is", fn_nindent, "a line break, then text with N blanks before every line" },
    { "nospace", "s", fn_nospace, "text without white space" },
    { "plural", "ssi", fn_plural, "the first text when the number is 1, else the second" },
    { "quote", "a.", fn_quote, "the values in double quotes" },
    { "repeat", "is", fn_repeat, "text N times" },
    { "replace", "sss", fn_replace, "third text with the first replaced by the second" },
    { "sortAlpha", "a", fn_sort_alpha, "the elements of a list as text, sorted" },
    { "split", "ss", fn_split, "map of the parts of a text: _0, _1, ..." },
    { "splitList", "ss", fn_split_list, "list of the parts of a text" },
    { "splitn", "sis", fn_splitn, "map of at most N parts of a text: _0, _1, ..." },
    { "squote", "a.", fn_squote, "the values in single quotes" },
    { "substr", "iis", fn_substr, "the bytes of a text from the first to the second place" },
    { "toString", "a", fn_to_string, "the value as text" },
    { "toStrings", "a", fn_to_strings, "the elements of a list as texts" },
    { "trim", "s", fn_trim, "text without white space at both ends" },
    { "trimAll", "ss", fn_trim_all, "second text without the characters of the first at its ends" },
    { "trimPrefix", "ss", fn_trim_prefix, "second text without the first at its start" },
    { "trimSuffix", "ss", fn_trim_suffix, "second text without the first at its end" },
    { "trimall", "ss", fn_trim_all, "as trimAll" },
    { "trunc", "is", fn_trunc, "the first N bytes of a text, or the last -N" },
    { "wrap", "is", fn_wrap, "text broken into lines of N bytes; long words stay whole" },
    { "wrapWith", "iss", fn_wrap_with, "text broken at N bytes with the given separator" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_text = SLIP_TMPL_FUNCS(table);
