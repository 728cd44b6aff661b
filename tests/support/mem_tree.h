/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree of files in memory with the object ids that git would give it, behind the view that
 * core/repo has of a commit. Add files in any order, then ask for the view.
 */
#ifndef SLIP_TESTS_MEM_TREE_H
#define SLIP_TESTS_MEM_TREE_H

#include "repo/tree.h"

struct mem_tree;
struct mem_tree *mem_tree_new(void);
void mem_tree_free(struct mem_tree *m); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(mem_tree, mem_tree_free);

/* A file, or a link whose content is its target. Replaces what stood there. */
void mem_tree_add(struct mem_tree *m, struct slip_str path, unsigned mode, struct slip_str content);

/* A submodule; `sub` (may be NULL: not checked out) is borrowed. */
void mem_tree_add_submodule(struct mem_tree *m, struct slip_str path, const struct slip_oid *commit,
                            struct mem_tree *sub);

/* "p" a file that holds "p" and LF, "p*x" the same executable, "p->t" a link, "p@@ID" a submodule.
 */
void mem_tree_add_short(struct mem_tree *m, struct slip_str text);

/* Valid until the next change or the end of `m`. */
struct slip_tree mem_tree_view(struct mem_tree *m);

/* The id of the object of this type ("blob", "tree", "commit") and content. */
struct slip_oid mem_object_id(const char *type, struct slip_str content);

#endif
