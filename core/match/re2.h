/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions with the syntax and the results of Go's package regexp (RE2 syntax, Perl
 * flags, leftmost-first), in time linear in the text. Text is bytes; a byte that is no UTF-8
 * matches like U+FFFD.
 *
 * An expression carries its working memory: use one expression from one thread at a time.
 */
#ifndef SLIP_MATCH_RE2_H
#define SLIP_MATCH_RE2_H

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

struct slip_re2;

/*
 * Compile. Error texts are Go's: "error parsing regexp: missing closing ): `(a`", kind
 * SLIP_E_CONFIG. Limits are Go's (counts up to 1000, 1000 levels, 3.3 million instructions); one
 * more: groups times instructions stay below 16 million.
 */
SLIP_MUST_USE int slip_re2_compile(struct slip_str pattern, struct slip_re2 **out,
                                   struct slip_error *err);
void slip_re2_free(struct slip_re2 *re); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_re2, slip_re2_free);

/*
 * Work so far: instructions and ranges of the expression, then instructions tried on the text. With
 * a limit, what would pass it ends without a match, and slip_re2_exhausted says so from then on.
 */
uint64_t slip_re2_work(const struct slip_re2 *re);
void slip_re2_limit_work(struct slip_re2 *re, uint64_t limit);
bool slip_re2_exhausted(const struct slip_re2 *re);

/* How many groups `(...)` there are. */
size_t slip_re2_groups(const struct slip_re2 *re);

/* True when the expression matches anywhere in `text`. */
bool slip_re2_match(struct slip_re2 *re, struct slip_str text);

/* Bytes [start, end); both SLIP_NPOS for a group that took no part. */
struct slip_re2_span {
    size_t start, end;
};

/*
 * The leftmost match that begins at `from` or later; what stands before `from` still counts for ^
 * and \b. spans[0] is the match, spans[i] group i; `n` spans are written (0: only whether).
 */
bool slip_re2_find(struct slip_re2 *re, struct slip_str text, size_t from,
                   struct slip_re2_span *spans, size_t n);

/*
 * All matches that do not overlap, an empty one not directly behind another (Go's FindAll):
 *
 *     struct slip_re2_walk walk = { .re = re, .text = text };
 *     while (slip_re2_next(&walk, spans, n)) ...
 */
struct slip_re2_walk {
    struct slip_re2 *re;
    struct slip_str text;
    size_t pos, last_end; /* of the walk itself: begin with 0 */
    bool began;
};
bool slip_re2_next(struct slip_re2_walk *walk, struct slip_re2_span *spans, size_t n); /* n >= 1 */

/* Append `text` with every match replaced; in a template $1, ${1}, $name, ${name} and $$ count. */
void slip_re2_replace_all(struct slip_re2 *re, struct slip_str text, struct slip_str template,
                          struct slip_buf *out);
void slip_re2_replace_all_literal(struct slip_re2 *re, struct slip_str text,
                                  struct slip_str replacement, struct slip_buf *out);

/*
 * The parts of a text between matches, at most `limit` (negative: all), as Go's Split gives them:
 *
 *     struct slip_re2_split split = { .walk = { .re = re, .text = text }, .limit = -1 };
 *     while (slip_re2_next_part(&split, &part)) ...
 */
struct slip_re2_split {
    struct slip_re2_walk walk;
    int64_t limit;
    size_t begin, end; /* of the split itself: begin with 0 */
    int64_t parts;
    size_t matches;
    bool done;
};
bool slip_re2_next_part(struct slip_re2_split *split, struct slip_str *part);

/* Matches in the text, at most `limit`, when all parts have been taken. */
size_t slip_re2_split_matches(struct slip_re2_split *split);

/* Append `text` so that it matches itself. */
void slip_re2_quote(struct slip_str text, struct slip_buf *out);

#endif
