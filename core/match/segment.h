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

struct slip_segment; /* one component */

/* NULL when it has another shape. Lives in `a`, which also keeps the text. */
struct slip_segment *slip_segment_compile(struct slip_str component,
                                          enum slip_segment_dialect dialect, struct slip_arena *a);
bool slip_segment_match(const struct slip_segment *s, struct slip_str name);

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
bool slip_segments_last(const struct slip_segments *s, uint64_t at, struct slip_str name);

/* Whether it matches a whole path. */
bool slip_segments_match(const struct slip_segments *s, struct slip_str path);

#endif
