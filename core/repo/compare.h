/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between two trees. */
#ifndef SLIP_REPO_COMPARE_H
#define SLIP_REPO_COMPARE_H

#include "repo/tree.h"

/* An entry that is only in one tree has NULL for the other. 0: go on, -1 (with err): stop. */
typedef int slip_compare_visit(void *payload, struct slip_str path, const struct slip_entry *before,
                               const struct slip_entry *after, struct slip_error *err);

/*
 * Visit every file, link and submodule that differs in id or mode, in the order of paths in trees.
 * Directories with equal ids are not read.
 */
SLIP_MUST_USE int slip_tree_compare(const struct slip_tree *before, const struct slip_tree *after,
                                    slip_compare_visit *visit, void *payload,
                                    struct slip_error *err);

#endif
