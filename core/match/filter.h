/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which entries of a tree belong to a selection, decided as werf's path matchers do
 * (dockerfile-digest.md 6.2 to 6.8, staged-and-stapel-digest.md 4.5): a list of parts, all of which
 * have to agree, over paths below a base directory.
 *
 * A part answers two questions about a path: does it match, and, for a directory, is it walked
 * "through" instead of taken whole. The same filter serves single paths and a walk. During a walk
 * each directory carries one slip_filter_item per pattern, which the filter moves on from the
 * directory above, so that an entry costs a comparison or two.
 *
 * Malformed patterns are noticed only when they are reached, in the order of the original; they are
 * errors of the kind "config". A filter is not changed by use, but it may compile on first need:
 * use it from one thread at a time.
 */
#ifndef SLIP_MATCH_FILTER_H
#define SLIP_MATCH_FILTER_H

#include "base/error.h"
#include "base/str.h"

struct slip_filter;

/* `base` is cleaned; "" and "." hold all. */
struct slip_filter *slip_filter_new(struct slip_str base);
void slip_filter_free(struct slip_filter *f); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_filter, slip_filter_free);

/* Parts, in the order in which they are asked. Texts are copied. */
void slip_filter_include(struct slip_filter *f, const struct slip_str *globs, size_t n);
void slip_filter_exclude(struct slip_filter *f, const struct slip_str *globs, size_t n);
/* Patterns of an ignore file, as slip_ignore_file_read gives them. */
SLIP_MUST_USE int slip_filter_ignore(struct slip_filter *f, const struct slip_str *patterns,
                                     size_t n, struct slip_error *err);

/* The two questions about a path from the root of the tree. */
SLIP_MUST_USE int slip_filter_match(struct slip_filter *f, struct slip_str path, bool *yes,
                                    struct slip_error *err);
SLIP_MUST_USE int slip_filter_through(struct slip_filter *f, struct slip_str path, bool *yes,
                                      struct slip_error *err);

/* Whether a walk would take the path, by itself or with a directory that is taken whole. */
SLIP_MUST_USE int slip_filter_selects(struct slip_filter *f, struct slip_str path, bool *yes,
                                      struct slip_error *err);

/* ---- walking ---- */

struct slip_filter_item { /* about one pattern, in one directory */
    uint64_t at;          /* places in a pattern of the common shape */
    uint32_t part;        /* how many components the walk-through rule has used up */
    bool below;           /* everything from here on matches */
};

/* How many items a directory needs. */
size_t slip_filter_items(const struct slip_filter *f);

enum slip_verdict {
    SLIP_SKIP,
    SLIP_TAKE, /* whole */
    SLIP_WALK, /* a directory: look at its entries */
};

struct slip_filter_entry {
    struct slip_str dir;  /* path from the base to the directory that holds it */
    struct slip_str name; /* empty for the base itself */
    bool odd;             /* a line feed somewhere in them */
};

/* The base directory itself; fills `items` for it. */
SLIP_MUST_USE int slip_filter_root(struct slip_filter *f, struct slip_filter_item *items,
                                   enum slip_verdict *out, struct slip_error *err);

/* A directory (or submodule) in the directory that `items` is about; fills `below` for it when the
 * verdict is SLIP_WALK. */
SLIP_MUST_USE int slip_filter_dir(struct slip_filter *f, const struct slip_filter_item *items,
                                  const struct slip_filter_entry *e, struct slip_filter_item *below,
                                  enum slip_verdict *out, struct slip_error *err);

/* Other entries in it, some at a time. */
#define SLIP_FILTER_RUN 64
struct slip_filter_run {
    struct slip_str dir; /* as above */
    const struct slip_str *names;
    size_t n;     /* at most SLIP_FILTER_RUN */
    uint64_t odd; /* bit i is set: names[i] is odd, as above */
};

/* Bit i of `taken` says whether names[i] belongs to the selection. */
SLIP_MUST_USE int slip_filter_files(struct slip_filter *f, const struct slip_filter_item *items,
                                    const struct slip_filter_run *run, uint64_t *taken,
                                    struct slip_error *err);

#endif
