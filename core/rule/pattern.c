/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of the rules file: one of the two languages of match/. */
#include "rule/pattern.h"

#include "base/buf.h"
#include "match/glob.h"
#include "match/re2.h"

static bool is_regex(struct slip_str text)
{
    return text.len >= 2 && text.ptr[0] == '/' && text.ptr[text.len - 1] == '/';
}

static int compile_regex(struct slip_str source, struct slip_pattern *out, struct slip_error *err)
{
    /* First alone: "a)|(b" is no expression, though it would be one between our parentheses. */
    SLIP_AUTO_PTR(slip_re2) alone = NULL;
    if (slip_re2_compile(source, &alone, err) < 0)
        return -1;
    size_t groups = slip_re2_groups(alone);
    if (groups >= SLIP_PATTERN_GROUPS)
        return slip_fail(err, SLIP_E_CONFIG, "more than %d groups", SLIP_PATTERN_GROUPS - 1);
    SLIP_AUTO(slip_buf) whole = SLIP_BUF(2 * SLIP_PATTERN_MAX);
    slip_buf_add_fmt(&whole, "\\A(?:%.*s)\\z", SLIP_ARG(source));
    if (slip_re2_compile(slip_buf_str(&whole), &out->re2, err) < 0)
        return -1;
    out->groups = groups;
    return 0;
}

int slip_pattern_compile(struct slip_str text, struct slip_pattern *out, struct slip_error *err)
{
    struct slip_pattern p = { .text = text };
    bool regex = is_regex(text);
    const char *id = regex ? "E-REGEX" : "E-GLOB";
    struct slip_error why = { 0 };
    int rc;
    if (text.len == 0)
        rc = slip_fail(&why, SLIP_E_CONFIG, "empty pattern");
    else if (text.len > SLIP_PATTERN_MAX)
        rc = slip_fail(&why, SLIP_E_CONFIG, "pattern of more than %d bytes", SLIP_PATTERN_MAX);
    else if (regex)
        rc = compile_regex(slip_str_make(text.ptr + 1, text.len - 2), &p, &why);
    else
        rc = slip_glob_compile(text, &p.glob, &why);
    if (rc < 0)
        return slip_fail(err, SLIP_E_CONFIG, "%s [%s]", why.text, id);
    *out = p;
    return 0;
}

void slip_pattern_clear(struct slip_pattern *p)
{
    slip_re2_free(p->re2);
    slip_glob_free(p->glob);
    *p = (struct slip_pattern){ 0 };
}

bool slip_pattern_match(const struct slip_pattern *p, struct slip_str text,
                        struct slip_captures *captures)
{
    struct slip_captures found = { .at = { text }, .len = 1 + p->groups };
    struct slip_re2_span spans[SLIP_PATTERN_GROUPS];
    if (text.len > SLIP_PATTERN_NAME_MAX)
        return false;
    if (p->glob ? !slip_glob_match(p->glob, text)
                : !slip_re2_find(p->re2, text, 0, spans, captures ? found.len : 0))
        return false;
    for (size_t i = 1; captures && i < found.len; i++)
        if (spans[i].start != SLIP_NPOS)
            found.at[i] = slip_str_make(text.ptr + spans[i].start, spans[i].end - spans[i].start);
    if (captures)
        *captures = found;
    return true;
}

const char *slip_pattern_literal(const struct slip_pattern *p)
{
    return p->glob ? slip_glob_literal(p->glob) : NULL;
}
