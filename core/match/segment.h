/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common shape of path patterns, made fast: components of plain text, `*`, `?` and small sets,
 * and `**` as a whole component. While a tree is walked, a pattern is a set of places between its
 * components (bits); going down one directory moves them. Patterns of any other shape are left to
 * doublestar.h and re2.h.
 */
#ifndef SLIP_MATCH_SEGMENT_H
#define SLIP_MATCH_SEGMENT_H

#include "base/arena.h"

enum slip_segment_dialect {
    SLIP_SEGMENT_DOUBLESTAR, /* a `**` at the end matches nothing, too */
    SLIP_SEGMENT_MOBY,       /* ignore files as regular expressions: it needs a component */
};

enum slip_segment_kind {
    SLIP_SEGMENT_EXACT,  /* text: all of it is `head` */
    SLIP_SEGMENT_AROUND, /* text "*" text: `head` and `tail`, either may be empty */
    SLIP_SEGMENT_ITEMS,  /* anything else; head and tail are what stands at the ends as text */
};

struct slip_segment_item;
struct slip_segment { /* one component */
    enum slip_segment_kind kind;
    struct slip_str head, tail;
    struct slip_segment_item *items;
    size_t n_items;
};

/* NULL when it has another shape. Lives in `a`, which also keeps the text. */
struct slip_segment *slip_segment_compile(struct slip_str component,
                                          enum slip_segment_dialect dialect, struct slip_arena *a);
bool slip_segment_match_items(const struct slip_segment *s, struct slip_str name);

/* The first byte decides most of the time. */
static inline bool slip_segment_text_at(const char *at, struct slip_str text)
{
    return text.len == 0 || (at[0] == text.ptr[0] && memcmp(at, text.ptr, text.len) == 0);
}

static inline bool slip_segment_match(const struct slip_segment *s, struct slip_str name)
{
    if (s->kind == SLIP_SEGMENT_EXACT)
        return name.len == s->head.len && slip_segment_text_at(name.ptr, s->head);
    if (name.len < s->head.len + s->tail.len
        || !slip_segment_text_at(name.ptr + (name.len - s->tail.len), s->tail)
        || !slip_segment_text_at(name.ptr, s->head))
        return false;
    return s->kind == SLIP_SEGMENT_AROUND || slip_segment_match_items(s, name);
}

#define SLIP_SEGMENTS_MAX 63

struct slip_segments {
    struct slip_segment **at; /* NULL stands for `**` */
    size_t len;
    uint64_t *after; /* [len + 1] place -> places that are as good, over `**` that match nothing */
    uint64_t *over;  /* [len] for `**`: where one component leads */
    uint64_t trees;  /* places before a `**` */
    uint64_t ends;   /* places from which one component may end the pattern */
};

/* False when some component has another shape or there are too many. */
bool slip_segments_compile(struct slip_str pattern, enum slip_segment_dialect dialect,
                           struct slip_arena *a, struct slip_segments *out);

/* The places at the top, and after one component. */
static inline uint64_t slip_segments_start(const struct slip_segments *s)
{
    return s->after[0];
}
uint64_t slip_segments_step(const struct slip_segments *s, uint64_t at, struct slip_str name);

/* Whether the whole pattern is matched at these places. */
static inline bool slip_segments_done(const struct slip_segments *s, uint64_t at)
{
    return at >> s->len & 1;
}

/* Whether it would be after one more component. */
static inline bool slip_segments_last(const struct slip_segments *s, uint64_t at,
                                      struct slip_str name)
{
    at &= s->ends;
    if (at & s->trees)
        return true;
    for (; at; at &= at - 1)
        if (slip_segment_match(s->at[__builtin_ctzll(at)], name))
            return true;
    return false;
}

/* Whether it matches a whole path. */
bool slip_segments_match(const struct slip_segments *s, struct slip_str path);

#endif
