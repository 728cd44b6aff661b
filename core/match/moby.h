/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pattern of an ignore file with the results of patternmatcher 0.6 (dockerfile-digest.md 6.8,
 * "Pattern to matcher"): text compared at one end, or a regular expression, with its oddities.
 */
#ifndef SLIP_MATCH_MOBY_H
#define SLIP_MATCH_MOBY_H

#include "base/error.h"
#include "match/segment.h"

struct slip_re2;

enum slip_moby_kind {
    SLIP_MOBY_EXACT,
    SLIP_MOBY_PREFIX, /* text, then anything */
    SLIP_MOBY_SUFFIX, /* anything, then text; "/x" also matches "x" */
    SLIP_MOBY_REGEX,
};

struct slip_moby {
    bool exception;       /* began with '!' */
    struct slip_str text; /* cleaned, without the '!' */
    size_t depth;         /* components */
    enum slip_moby_kind kind;
    struct slip_str end;           /* PREFIX, SUFFIX: what is compared */
    bool simple;                   /* of the common shape: `segments` means the same, but for paths
                                      that are empty or have a line feed */
    struct slip_segments segments; /* when simple */
    struct slip_re2 *regex;        /* made when it is needed first */
};

/* `pattern` as slip_ignore_file_read gives it; what it left of blanks at the ends goes now. It is
 * more than blanks. Text lives in `a`. Clear it afterwards. */
SLIP_MUST_USE int slip_moby_compile(struct slip_str pattern, struct slip_arena *a,
                                    struct slip_moby *out, struct slip_error *err);
void slip_moby_clear(struct slip_moby *m);

/* A malformed expression is noticed here, as it is in werf. */
SLIP_MUST_USE int slip_moby_match(struct slip_moby *m, struct slip_str path, bool *yes,
                                  struct slip_error *err);

#endif
