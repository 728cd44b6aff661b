/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between two commits, as text of git's own diff. It goes into digests byte for byte
 * (staged-and-stapel-digest.md 4.9), so that git makes it: headings of hunks, the choice between
 * equal lines and binary deltas are git's.
 */
#ifndef SLIP_REPO_PATCH_H
#define SLIP_REPO_PATCH_H

#include "repo/repo.h"

struct slip_patch {
    const struct slip_oid *before, *after; /* commits, both here */
    struct slip_str scope;                 /* only what is below this path; "": everything */
    bool whole; /* unchanged lines, too, and binary files with their content */
};

/*
 * `take` gets the text in pieces, -1 (with err) from it stops. The settings of a person and of the
 * machine, and attributes in trees, do not count, nor does the configuration of the repository as
 * far as it is about how diffs look.
 */
SLIP_MUST_USE int slip_repo_patch(struct slip_repo *r, const struct slip_patch *what,
                                  int (*take)(void *payload, struct slip_str text,
                                              struct slip_error *err),
                                  void *payload, struct slip_error *err);

#endif
