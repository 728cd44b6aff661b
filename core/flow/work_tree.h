/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slipway reads commits, people edit work trees. This says which of the files that matter stand
 * otherwise in the work tree, for one line of advice; nothing else ever looks there.
 */
#ifndef SLIP_FLOW_WORK_TREE_H
#define SLIP_FLOW_WORK_TREE_H

#include "flow/project.h"

/* What werf.yaml was made from: paths from the top of the tree, each with a NUL behind it. */
struct slip_files_read {
    struct slip_buf paths;
};
#define SLIP_FILES_READ                                                                            \
    {                                                                                              \
        .paths = SLIP_BUF(SLIP_LIMIT_TEXT)                                                         \
    }
static inline void slip_files_read_clear(struct slip_files_read *f)
{
    slip_buf_clear(&f->paths);
}
SLIP_DEFINE_AUTO(slip_files_read, slip_files_read_clear);

/* Have the paths collected while werf.yaml is read; `f` must live as long as `o` is used. */
void slip_files_read_watch(struct slip_files_read *f, struct slip_config_options *o);

/*
 * Append "'werf.yaml', 'api/Dockerfile' and 2 more" to `out`: of werf.yaml, the files in `f`, the
 * Dockerfiles and their ignore files of the images in `p->set`, and what `mentioned` (a message, or
 * NULL) names in quotes. A file differs when the work tree has it with another content (line
 * ends do not count), or has it and the commit has not. Nothing is appended when none does, when
 * there is no work tree, or when the commit is not HEAD.
 */
void slip_work_tree_differences(const struct slip_project *p, const struct slip_config_options *o,
                                const struct slip_files_read *f, const char *mentioned,
                                struct slip_buf *out);

#endif
