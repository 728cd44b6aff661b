/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over pattern and name with two places to go back to: behind the last `*`, which may take
 * one more character of its component, and behind the last `**`, which may take one more component.
 * Braces are tried one alternative after the other, put into the pattern in their place.
 */
#include "match/doublestar.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <string.h>

enum {
    DEPTH_MAX = 64,
    STEPS_MAX = 10 * 1000 * 1000, /* shared by all alternatives of one match */
    PATTERN_MAX = 1 << 20,
};

/* Where matching goes on after a mismatch; `pattern` NPOS: there is no such place. */
struct retry {
    size_t pattern, name;
};

struct matching {
    struct slip_str pattern, name;
    size_t p, n;        /* how far we are */
    bool segment_start; /* only there `**` is more than `*` */
    struct retry star, tree;
    unsigned depth;
    unsigned *steps;
};

enum step { MOVED, MISSED, FOUND, LOST, BAD };

static struct slip_str pattern_left(const struct matching *m)
{
    return slip_str_skip(m->pattern, m->p);
}

static struct slip_str name_left(const struct matching *m)
{
    return slip_str_skip(m->name, m->n);
}

/* Position of `wanted` outside escapes, and for '}' and ',' outside inner braces; or NPOS. */
static size_t find_plain(struct slip_str s, char wanted)
{
    unsigned inner = 0;
    bool nests = wanted != ']';
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '\\')
            i++;
        else if (c == wanted && inner == 0)
            return i;
        else if (nests && c == '{')
            inner++;
        else if (nests && c == '}')
            inner--;
    }
    return SLIP_NPOS;
}

/* Length of the set that begins at s[0] == '[', or 0 when it is malformed. */
static size_t set_length(struct slip_str s)
{
    size_t i = 1;
    if (i < s.len && (s.ptr[i] == '!' || s.ptr[i] == '^'))
        i++;
    if (i >= s.len || s.ptr[i] == ']')
        return 0;
    size_t end = find_plain(slip_str_skip(s, i), ']');
    return end == SLIP_NPOS ? 0 : i + end + 1;
}

bool slip_doublestar_is_valid(struct slip_str s)
{
    size_t open = 0;
    while (s.len) {
        size_t width = 1;
        if (s.ptr[0] == '\\')
            width = 2;
        else if (s.ptr[0] == '[')
            width = set_length(s);
        else if (s.ptr[0] == '{')
            open++;
        else if (s.ptr[0] == '}' && open-- == 0)
            return false;
        if (width == 0 || width > s.len)
            return false;
        s = slip_str_skip(s, width);
    }
    return open == 0;
}

static uint32_t take_rune(struct slip_str *s)
{
    size_t width;
    uint32_t rune = slip_utf8_decode(*s, &width);
    *s = slip_str_skip(*s, width);
    return rune;
}

/*
 * Whether `rune` is in the set whose items begin `s`; `s` is left behind the item that decided, or
 * at the bracket or end. A range that follows another item's range begins anew: "[a-c-e]" is a to
 * c,
 * '-' and 'e'.
 */
static bool set_has(struct slip_str *s, uint32_t rune)
{
    uint32_t low = SLIP_RUNE_MAX; /* no item that could begin a range */
    while (s->len && s->ptr[0] != ']') {
        uint32_t item = take_rune(s);
        if (low < SLIP_RUNE_MAX && item == '-' && s->len && s->ptr[0] != ']') {
            if (s->ptr[0] == '\\')
                *s = slip_str_skip(*s, 1);
            if (low <= rune && rune <= take_rune(s))
                return true;
            low = SLIP_RUNE_MAX;
            continue;
        }
        if (item == '\\')
            item = take_rune(s);
        if (item == rune)
            return true;
        low = item;
    }
    return false;
}

static enum step take_set(struct matching *m)
{
    struct slip_str items = slip_str_skip(pattern_left(m), 1);
    bool negated = items.len && (items.ptr[0] == '!' || items.ptr[0] == '^');
    if (negated)
        items = slip_str_skip(items, 1);
    if (items.len == 0 || items.ptr[0] == ']')
        return BAD;
    size_t width;
    uint32_t rune = slip_utf8_decode(name_left(m), &width);
    bool in = set_has(&items, rune);
    m->segment_start = false;
    m->p = m->pattern.len - items.len;
    if (in == negated)
        return items.len == 0 ? BAD : MISSED;
    size_t end = find_plain(items, ']');
    if (end == SLIP_NPOS)
        return BAD;
    m->p += end + 1;
    m->n += width;
    return MOVED;
}

static enum step take_star(struct matching *m)
{
    m->p++;
    if (m->p < m->pattern.len && m->pattern.ptr[m->p] == '*') {
        m->p++;
        if (m->segment_start && m->p >= m->pattern.len)
            return FOUND;
        if (m->segment_start && m->pattern.ptr[m->p] == '/') {
            m->p++;
            m->tree = (struct retry){ m->p, m->n };
            m->star.pattern = SLIP_NPOS;
            return MOVED;
        }
    }
    m->segment_start = false;
    m->star = (struct retry){ m->p, m->n };
    return MOVED;
}

static enum step take_any(struct matching *m)
{
    size_t width;
    m->segment_start = false;
    if (slip_utf8_decode(name_left(m), &width) == '/')
        return MISSED;
    m->p++;
    m->n += width;
    return MOVED;
}

/*
 * A miss leaves the place in front of a backslash, so that what is left can be checked. (As in the
 * original, a backslash that was itself protected counts, too.)
 */
static enum step take_literal(struct matching *m)
{
    if (m->pattern.ptr[m->p] == '\\')
        m->p++;
    if (m->p >= m->pattern.len)
        return BAD;
    size_t pattern_width, name_width;
    uint32_t want = slip_utf8_decode(pattern_left(m), &pattern_width);
    if (want != slip_utf8_decode(name_left(m), &name_width)) {
        if (m->p > 0 && m->pattern.ptr[m->p - 1] == '\\')
            m->p--;
        return MISSED;
    }
    m->p += pattern_width;
    m->n += name_width;
    m->segment_start = want == '/';
    return MOVED;
}

/* The pattern with the alternative `alt` in place of the braces from `open` to before `rest`. */
static void with_alternative(struct slip_str pattern, size_t open, struct slip_str alt,
                             struct slip_str rest, struct slip_buf *out)
{
    slip_buf_reset(out);
    slip_buf_add_str(out, slip_str_first(pattern, open));
    slip_buf_add_str(out, alt);
    slip_buf_add_str(out, rest);
}

static enum step run(struct matching *m);

static enum step take_braces(struct matching *m)
{
    struct slip_str inside = slip_str_skip(pattern_left(m), 1);
    size_t close = find_plain(inside, '}');
    if (close == SLIP_NPOS || m->depth >= DEPTH_MAX)
        return BAD;
    struct slip_str rest = slip_str_skip(inside, close + 1);
    inside = slip_str_first(inside, close);

    SLIP_AUTO(slip_buf) pattern = SLIP_BUF(PATTERN_MAX);
    for (;;) {
        size_t comma = find_plain(inside, ',');
        with_alternative(m->pattern, m->p, slip_str_first(inside, comma), rest, &pattern);
        struct matching one = *m;
        one.pattern = slip_buf_str(&pattern);
        one.segment_start = true;
        one.depth++;
        enum step result = run(&one);
        if (comma == SLIP_NPOS || result != LOST)
            return result;
        inside = slip_str_skip(inside, comma + 1);
    }
}

static enum step take_item(struct matching *m)
{
    switch (m->pattern.ptr[m->p]) {
    case '*':
        return take_star(m);
    case '?':
        return take_any(m);
    case '[':
        return take_set(m);
    case '{':
        return take_braces(m);
    default:
        return take_literal(m);
    }
}

/* Go back to the nearest place where more can be taken; false: there is none. */
static bool go_back(struct matching *m)
{
    if (m->star.pattern != SLIP_NPOS) {
        size_t width;
        if (slip_utf8_decode(slip_str_skip(m->name, m->star.name), &width) != '/') {
            m->star.name += width;
            m->p = m->star.pattern;
            m->n = m->star.name;
            m->segment_start = false;
            return true;
        }
    }
    if (m->tree.pattern == SLIP_NPOS)
        return false;
    size_t slash = slip_str_find(slip_str_skip(m->name, m->tree.name), '/');
    if (slash == SLIP_NPOS)
        return false;
    m->tree.name += slash + 1;
    m->p = m->tree.pattern;
    m->n = m->tree.name;
    m->segment_start = true;
    return true;
}

/* Whether `pattern` matches no text at all: FOUND, LOST or BAD. */
static enum step matches_nothing(struct slip_str pattern, unsigned depth)
{
    static const char *const nothing[] = { "", "*", "**", "/**", "**/", "/**/" };
    for (size_t i = 0; i < SLIP_COUNT(nothing); i++)
        if (slip_str_is(pattern, nothing[i]))
            return FOUND;
    if (pattern.ptr[0] != '{')
        return slip_doublestar_is_valid(pattern) ? LOST : BAD;

    struct slip_str inside = slip_str_skip(pattern, 1);
    size_t close = find_plain(inside, '}');
    if (close == SLIP_NPOS || depth >= DEPTH_MAX)
        return BAD;
    struct slip_str rest = slip_str_skip(inside, close + 1);
    inside = slip_str_first(inside, close);
    SLIP_AUTO(slip_buf) one = SLIP_BUF(PATTERN_MAX);
    for (;;) {
        size_t comma = find_plain(inside, ',');
        with_alternative(pattern, 0, slip_str_first(inside, comma), rest, &one);
        enum step result = matches_nothing(slip_buf_str(&one), depth + 1);
        if (comma == SLIP_NPOS || result != LOST)
            return result;
        inside = slip_str_skip(inside, comma + 1);
    }
}

/* FOUND, LOST or BAD. */
static enum step run(struct matching *m)
{
    while (m->n < m->name.len) {
        if (++*m->steps > STEPS_MAX)
            return BAD;
        enum step s = m->p < m->pattern.len ? take_item(m) : MISSED;
        if (s == MOVED || (s == MISSED && go_back(m)))
            continue;
        if (s != MISSED)
            return s;
        return slip_doublestar_is_valid(pattern_left(m)) ? LOST : BAD;
    }
    return matches_nothing(pattern_left(m), m->depth);
}

enum slip_doublestar slip_doublestar_match(struct slip_str pattern, struct slip_str name)
{
    unsigned steps = 0;
    struct matching m = { .pattern = pattern,
                          .name = name,
                          .segment_start = true,
                          .star = { SLIP_NPOS, 0 },
                          .tree = { SLIP_NPOS, 0 },
                          .steps = &steps };
    switch (run(&m)) {
    case FOUND:
        return SLIP_DOUBLESTAR_YES;
    case BAD:
        return SLIP_DOUBLESTAR_BAD;
    default:
        return SLIP_DOUBLESTAR_NO;
    }
}
