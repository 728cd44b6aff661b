/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of git's diff to the patch of one git mapping of a stapel image
 * (staged-and-stapel-digest.md 4.9): files that the mapping leaves out are dropped, paths and ids
 * are shortened. What comes out goes into digests byte for byte.
 */
#ifndef SLIP_DIGEST_PATCH_FILTER_H
#define SLIP_DIGEST_PATCH_FILTER_H

#include "base/error.h"
#include "base/str.h"
#include "match/filter.h"

/* Everything is borrowed. */
struct slip_patch_rules {
    struct slip_filter *filter; /* which paths belong to the mapping */
    struct slip_str scope;      /* the directory that paths are shortened by, "" for none */
    struct slip_str name;       /* of a mapping of one file: how it is called; "": as it is */
    /* Takes the patch in pieces. */
    void (*put)(void *payload, struct slip_str text);
    void *payload;
};

struct slip_patch_filter;
struct slip_patch_filter *slip_patch_filter_new(const struct slip_patch_rules *rules);
void slip_patch_filter_free(struct slip_patch_filter *f); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_patch_filter, slip_patch_filter_free);

/* The next piece of the diff, of any length. Fails (SLIP_E_UNSUPPORTED) for lines that it does not
 * expect and for submodules whose commits are not here. */
SLIP_MUST_USE int slip_patch_filter_add(struct slip_patch_filter *f, struct slip_str text,
                                        struct slip_error *err);

/* The end: a last line without a line end counts. */
SLIP_MUST_USE int slip_patch_filter_end(struct slip_patch_filter *f, struct slip_error *err);

#endif
