/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which entries of a tree COPY and ADD instructions select, and the checksum of each selection
 * (dockerfile-digest.md 6.1 and 6.5). Object ids are hashed, never contents; a directory that is
 * selected as a whole counts with the id of its tree.
 *
 * Many selections are made in one walk: every directory is read once and asked about for all of
 * them.
 */
#ifndef SLIP_DIGEST_SELECT_H
#define SLIP_DIGEST_SELECT_H

#include "digest/select_memo.h"
#include "dockerfile/ignore_file.h"
#include "hash/hash.h"
#include "repo/tree.h"

struct slip_file_selection {
    struct slip_str context;            /* clean path of a directory, "" is the root */
    struct slip_ignore_patterns ignore; /* none: nothing is left out */
    const struct slip_str *sources;     /* globs, see slip_source_clean; none: everything */
    size_t n_sources;
    /* Of stapel images: globs that leave out, and globs one of which has to match, too. */
    const struct slip_str *exclude, *within;
    size_t n_exclude, n_within;
    /* Take submodules that .gitmodules does not list; else they are an error, see select.c. */
    bool unlisted_submodules;
    /* Called for each selected entry in the order of the hash, or NULL. `path` is from the root. */
    void (*on_entry)(void *payload, struct slip_str path, const struct slip_entry *e);
    void *payload;
    struct slip_str key; /* equal only for equal rules (all of the above); empty: not remembered */
    /* out */
    char group[SLIP_SHA256_HEX + 1];    /* hash of the ids, "" when nothing was selected */
    char checksum[SLIP_SHA256_HEX + 1]; /* hash of that text: the dependency string */
    size_t entries;
    struct slip_error err;
};

/* Each is tried; -1 when any failed, and its err says why. `memo` may be NULL. */
SLIP_MUST_USE int slip_select_files(const struct slip_tree *tree, struct slip_select_memo *memo,
                                    struct slip_file_selection *const *at, size_t n);

/* The filter of a selection, over paths from the root; freed by the caller. */
struct slip_filter;
SLIP_MUST_USE int slip_selection_filter(const struct slip_file_selection *s,
                                        struct slip_filter **out, struct slip_error *err);

/* Append a source path of COPY or ADD as a glob: cleaned, without one leading slash. */
void slip_source_clean(struct slip_str source, struct slip_buf *out);

#endif
