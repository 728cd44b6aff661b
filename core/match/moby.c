/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of ignore files. */
#include "match/moby.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "match/file_match.h"
#include "match/re2.h"

#include <string.h>

/* Reading a pattern character by character, as Go's text/scanner does. */
struct scan {
    struct slip_str rest;
    bool first; /* no character was read yet */
    struct slip_moby *m;
    struct slip_buf *regex;
};

static bool next_is(const struct scan *s, char c)
{
    return s->rest.len && s->rest.ptr[0] == c;
}

static uint32_t next(struct scan *s)
{
    size_t width;
    uint32_t c = slip_utf8_decode(s->rest, &width);
    s->rest = slip_str_skip(s->rest, width);
    return c;
}

static void add(struct scan *s, const char *text)
{
    slip_buf_add_c(s->regex, text);
}

static void two_stars(struct scan *s)
{
    bool begins = s->first;
    next(s);
    if (next_is(s, '/'))
        next(s);
    if (s->rest.len == 0 && s->m->kind == SLIP_MOBY_EXACT) {
        s->m->kind = SLIP_MOBY_PREFIX;
    } else {
        add(s, s->rest.len ? "(.*/)?" : ".*");
        s->m->kind = SLIP_MOBY_REGEX;
    }
    if (begins)
        s->m->kind = SLIP_MOBY_SUFFIX;
}

static void one_character(struct scan *s)
{
    uint32_t c = next(s);
    switch (c) {
    case '*':
        if (next_is(s, '*')) {
            two_stars(s);
            return;
        }
        add(s, "[^/]*");
        break;
    case '?':
        add(s, "[^/]");
        break;
    case '\\':
        add(s, "\\");
        if (s->rest.len == 0)
            return;
        slip_buf_add_rune(s->regex, next(s));
        break;
    case '[':
    case ']':
        slip_buf_add_rune(s->regex, c);
        break;
    default:
        /* '{', '}' and '|' should be here; the original forgets them by an overflow */
        if (c < 128 && strchr(".+()$", (int)c) && c)
            add(s, "\\");
        slip_buf_add_rune(s->regex, c);
        return; /* the kind stays */
    }
    s->m->kind = SLIP_MOBY_REGEX;
}

/* Find the kind and append the regular expression that it would be. */
static void translate(struct slip_moby *m, struct slip_buf *regex)
{
    struct scan s = { m->text, true, m, regex };
    if (slip_str_starts(s.rest, SLIP_STR("\xEF\xBB\xBF")))
        s.rest = slip_str_skip(s.rest, 3);
    m->kind = SLIP_MOBY_EXACT;
    add(&s, "^");
    for (; s.rest.len; s.first = false)
        one_character(&s);
    add(&s, "$");
}

static size_t components(struct slip_str path)
{
    size_t n = 1;
    for (size_t i = 0; i < path.len; i++)
        n += path.ptr[i] == '/';
    return n;
}

int slip_moby_compile(struct slip_str pattern, struct slip_arena *a, struct slip_moby *out,
                      struct slip_error *err)
{
    SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_LIMIT_PATH);
    slip_path_clean(slip_unicode_trim(pattern), &clean);
    struct slip_str text = slip_arena_str(a, slip_buf_str(&clean));
    struct slip_moby m = { .exception = text.ptr[0] == '!' };
    m.text = slip_str_skip(text, m.exception ? 1 : 0);
    /* The original tries each pattern on "." to see whether it is malformed, and so do we: behind a
     * mismatch nothing is noticed. */
    if (clean.full || m.text.len == 0
        || slip_file_match_lazy(m.text, SLIP_STR(".")) == SLIP_FILE_MATCH_BAD)
        return slip_fail(err, SLIP_E_CONFIG, "malformed pattern '%.*s'", SLIP_ARG(pattern));
    m.depth = components(m.text);

    SLIP_AUTO(slip_buf) regex = SLIP_BUF(8 * SLIP_LIMIT_PATH);
    translate(&m, &regex);
    if (m.kind == SLIP_MOBY_SUFFIX)
        m.end = slip_str_skip(m.text, 2);
    else if (m.kind == SLIP_MOBY_PREFIX)
        m.end = slip_str_first(m.text, m.text.len - 2);
    m.simple = slip_segments_compile(m.text, SLIP_SEGMENT_MOBY, a, &m.segments);
    *out = m;
    return 0;
}

void slip_moby_clear(struct slip_moby *m)
{
    slip_re2_free(m->regex);
    m->regex = NULL;
}

static int match_regex(struct slip_moby *m, struct slip_str path, bool *yes, struct slip_error *err)
{
    if (!m->regex) {
        SLIP_AUTO(slip_buf) regex = SLIP_BUF(8 * SLIP_LIMIT_PATH);
        struct slip_moby again = *m;
        translate(&again, &regex);
        if (slip_re2_compile(slip_buf_str(&regex), &m->regex, err) < 0)
            return slip_while(err, "pattern '%.*s'", SLIP_ARG(m->text));
    }
    *yes = slip_re2_match(m->regex, path);
    return 0;
}

int slip_moby_match(struct slip_moby *m, struct slip_str path, bool *yes, struct slip_error *err)
{
    switch (m->kind) {
    case SLIP_MOBY_EXACT:
        *yes = slip_str_eq(path, m->text);
        return 0;
    case SLIP_MOBY_PREFIX:
        *yes = slip_str_starts(path, m->end);
        return 0;
    case SLIP_MOBY_SUFFIX:
        *yes =
            slip_str_ends(path, m->end)
            || (m->end.len && m->end.ptr[0] == '/' && slip_str_eq(path, slip_str_skip(m->end, 1)));
        return 0;
    default:
        if (!m->simple || path.len == 0 || memchr(path.ptr, '\n', path.len))
            return match_regex(m, path, yes, err);
        *yes = slip_segments_match(&m->segments, path);
        return 0;
    }
}
