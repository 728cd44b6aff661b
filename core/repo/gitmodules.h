/* SPDX-License-Identifier: Apache-2.0 */
/* .gitmodules of a tree: which submodule stands at a path. */
#ifndef SLIP_REPO_GITMODULES_H
#define SLIP_REPO_GITMODULES_H

#include "repo/tree.h"

/*
 * Append the name of the submodule whose `path` is this one (from the root of the tree). `*found`
 * false: the file is not there or does not know the path.
 */
SLIP_MUST_USE int slip_gitmodules_name(const struct slip_tree *t, struct slip_str path,
                                       struct slip_buf *name, bool *found, struct slip_error *err);

/* Record that the submodule at `path` is not listed, and what to do about it. Always -1. */
int slip_gitmodules_unlisted(struct slip_str path, struct slip_error *err);

/* Fails (SLIP_E_CONFIG) when .gitmodules lists a path at which no submodule stands: werf takes no
 * such commit, whatever its images need (dockerfile-digest.md 6.5). */
SLIP_MUST_USE int slip_gitmodules_check(const struct slip_tree *t, struct slip_error *err);

#endif
