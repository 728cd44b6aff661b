/* SPDX-License-Identifier: Apache-2.0 */
/* Functions with regular expressions. */
#include "tmpl/fn.h"

#include "base/utf8.h"
#include "match/re2.h"

/* Whether Go would write the text between backquotes. */
static bool fits_backquotes(struct slip_str s)
{
    while (s.len) {
        size_t width;
        uint32_t rune = slip_utf8_decode(s, &width);
        bool invalid = rune == SLIP_RUNE_ERROR && width == 1;
        bool control = (rune < ' ' && rune != '\t') || rune == 0x7F;
        if (invalid || control || rune == '`' || rune == 0xFEFF)
            return false;
        s = slip_str_skip(s, width);
    }
    return true;
}

static int fail_compile(struct slip_tmpl_call *c, struct slip_str pattern, const char *why)
{
    SLIP_AUTO(slip_buf) quoted = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (fits_backquotes(pattern))
        slip_buf_add_fmt(&quoted, "`%.*s`", SLIP_ARG(pattern));
    else
        slip_fmt_quote(pattern, false, &quoted);
    return slip_tmpl_fail(c, "regexp: Compile(%s): %s", quoted.ptr, why);
}

/* The functions without "must" word the failure in another way. */
static bool is_must(const struct slip_tmpl_call *c)
{
    return strncmp(c->func->name, "must", 4) == 0;
}

enum { WORK_PER_STEP = 4 };

/* Count what the expression cost; when it ran out of its limit the call fails. */
static int spend(struct slip_tmpl_call *c, const struct slip_re2 *re)
{
    return slip_tmpl_spend(c, slip_re2_work(re) / WORK_PER_STEP
                                  + (slip_re2_exhausted(re) ? SLIP_TMPL_LIMIT_STEPS : 0));
}

static int compile(struct slip_tmpl_call *c, struct slip_str pattern, struct slip_re2 **re)
{
    struct slip_error err = { 0 };
    if (slip_re2_compile(pattern, re, &err) == 0) {
        slip_re2_limit_work(*re, (uint64_t)SLIP_TMPL_LIMIT_STEPS * WORK_PER_STEP);
        return 0;
    }
    return is_must(c) ? slip_tmpl_fail(c, "%s", err.text) : fail_compile(c, pattern, err.text);
}

SLIP_TMPL_FN(fn_match)
{
    SLIP_AUTO_PTR(slip_re2) re = NULL;
    if (compile(c, a[0].s, &re) < 0) {
        if (is_must(c))
            return -1;
        c->error = (struct slip_str){ 0 };
    }
    *out = slip_tv_bool(re && slip_re2_match(re, a[1].s));
    return re ? spend(c, re) : 0;
}

static struct slip_tv text_of(struct slip_str text, struct slip_re2_span span)
{
    return slip_tv_str(slip_str_make(text.ptr + span.start, span.end - span.start));
}

SLIP_TMPL_FN(fn_find)
{
    SLIP_AUTO_PTR(slip_re2) re = NULL;
    struct slip_re2_span span;
    if (compile(c, a[0].s, &re) < 0)
        return -1;
    *out =
        slip_re2_find(re, a[1].s, 0, &span, 1) ? text_of(a[1].s, span) : slip_tv_str(SLIP_STR(""));
    return 0;
}

/* No match at all is a nil list. */
static int give_found(struct slip_tmpl_call *c, struct slip_tmpl_items *items, struct slip_tv *out)
{
    enum { MADE = 10 }; /* matches that Go makes room for */
    *out = slip_tv_null_of(SLIP_TV_STRINGS);
    return items->len ? slip_tmpl_give_list(c, SLIP_TV_STRINGS, items, MADE, out) : 0;
}

SLIP_TMPL_FN(fn_find_all)
{
    SLIP_AUTO_PTR(slip_re2) re = NULL;
    struct slip_tmpl_items items = { 0 };
    struct slip_re2_span span;
    if (compile(c, a[0].s, &re) < 0)
        return -1;
    struct slip_re2_walk walk = { .re = re, .text = a[1].s };
    int64_t left = a[2].i;
    while (left-- != 0 && slip_re2_next(&walk, &span, 1))
        if (slip_tmpl_push(c, &items, text_of(a[1].s, span)) < 0)
            return -1;
    if (give_found(c, &items, out) < 0)
        return -1;
    return spend(c, re);
}

static int replace_all(struct slip_tmpl_call *c, const struct slip_tv *a,
                       void (*replace)(struct slip_re2 *, struct slip_str, struct slip_str,
                                       struct slip_buf *),
                       struct slip_tv *out)
{
    SLIP_AUTO_PTR(slip_re2) re = NULL;
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    if (compile(c, a[0].s, &re) < 0)
        return -1;
    replace(re, a[1].s, a[2].s, &b);
    return slip_tmpl_give(c, &b, out) < 0 ? -1 : spend(c, re);
}

SLIP_TMPL_FN(fn_replace_all)
{
    return replace_all(c, a, slip_re2_replace_all, out);
}

SLIP_TMPL_FN(fn_replace_all_literal)
{
    return replace_all(c, a, slip_re2_replace_all_literal, out);
}

SLIP_TMPL_FN(fn_split)
{
    SLIP_AUTO_PTR(slip_re2) re = NULL;
    struct slip_tmpl_items items = { 0 };
    struct slip_str part;
    if (compile(c, a[0].s, &re) < 0)
        return -1;
    struct slip_re2_split split = { .walk = { .re = re, .text = a[1].s }, .limit = a[2].i };
    while (slip_re2_next_part(&split, &part))
        if (slip_tmpl_push(c, &items, slip_tv_str(part)) < 0)
            return -1;
    if (a[2].i == 0)
        return give_found(c, &items, out);
    size_t made = a[1].s.len ? slip_re2_split_matches(&split) : items.len;
    if (slip_tmpl_give_list(c, SLIP_TV_STRINGS, &items, made, out) < 0)
        return -1;
    return spend(c, re);
}

SLIP_TMPL_FN(fn_quote_meta)
{
    SLIP_AUTO(slip_buf) b = slip_tmpl_buf(c);
    slip_re2_quote(a[0].s, &b);
    return slip_tmpl_give(c, &b, out);
}

static const struct slip_tmpl_func table[] = {
    { "mustRegexFind", "ss", fn_find, "the first match in a text" },
    { "mustRegexFindAll", "ssi", fn_find_all, "the first N matches in a text, -1: all" },
    { "mustRegexMatch", "ss", fn_match, "whether the expression matches in the text" },
    { "mustRegexReplaceAll", "sss", fn_replace_all, "text with matches replaced by a template" },
    { "mustRegexReplaceAllLiteral", "sss", fn_replace_all_literal,
      "text with matches replaced by a text" },
    { "mustRegexSplit", "ssi", fn_split, "at most N parts of a text between matches, -1: all" },
    { "regexFind", "ss", fn_find, "the first match in a text" },
    { "regexFindAll", "ssi", fn_find_all, "the first N matches in a text, -1: all" },
    { "regexMatch", "ss", fn_match, "whether the expression matches in the text" },
    { "regexQuoteMeta", "s", fn_quote_meta, "the expression that matches just this text" },
    { "regexReplaceAll", "sss", fn_replace_all, "text with matches replaced by a template" },
    { "regexReplaceAllLiteral", "sss", fn_replace_all_literal,
      "text with matches replaced by a text" },
    { "regexSplit", "ssi", fn_split, "at most N parts of a text between matches, -1: all" },
};
const struct slip_tmpl_funcs slip_tmpl_funcs_regex = SLIP_TMPL_FUNCS(table);
