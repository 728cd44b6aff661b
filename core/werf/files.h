/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the project as the templates of werf.yaml see them (`.Files`): those of a commit,
 * below the directory of werf.yaml, links followed inside the repository (go-template.md 9.2).
 */
#ifndef SLIP_WERF_FILES_H
#define SLIP_WERF_FILES_H

#include "repo/tree.h"
#include "tmpl/tmpl.h"

#define SLIP_WERF_GLOB_ENTRIES 2000000 /* files and directories that one Glob may look at */

struct slip_werf_files {
    const struct slip_tree *tree;
    struct slip_str project_dir; /* "" at the top of the repository */
};

/* Fill the table for a template set; `f` must outlive it. */
void slip_werf_files_table(struct slip_werf_files *f, struct slip_tmpl_files *out);

#endif
