/* SPDX-License-Identifier: Apache-2.0 */
/* What a run works on: one commit of one repository, and the images its werf.yaml describes. */
#ifndef SLIP_FLOW_PROJECT_H
#define SLIP_FLOW_PROJECT_H

#include "repo/repo.h"
#include "werf/config.h"

struct slip_project {
    struct slip_repo *repo;
    struct slip_commit commit;
    char commit_hex[SLIP_OID_HEX + 1];
    struct slip_tree tree; /* of the commit; borrows the repository */
    struct slip_image_set set;
};

/*
 * Open the repository at `path` (NULL: as git finds it from here with the environment `env`, which
 * is borrowed) and resolve the commit `rev` (NULL: HEAD). The set of images stays empty.
 */
SLIP_MUST_USE int slip_project_open(const char *path, const char *const *env, const char *rev,
                                    struct slip_project *out, struct slip_error *err);

/* Read werf.yaml of the commit into `p->set`. */
SLIP_MUST_USE int slip_project_read_images(struct slip_project *p,
                                           const struct slip_config_options *o,
                                           struct slip_error *err);

/* What relative "oci:" paths are relative to: the top of the work tree, or the bare repository. */
const char *slip_project_base_dir(const struct slip_project *p);

/* Where contextAddFiles are read from: the work tree, when HEAD is this commit; else NULL, and
 * `why_not` says why. */
const char *slip_commit_work_tree(struct slip_repo *r, const struct slip_commit *c,
                                  const char **why_not);

void slip_project_clear(struct slip_project *p);
SLIP_DEFINE_AUTO(slip_project, slip_project_clear);

/* How to call its commit where HEAD's is meant without a word: NULL when it is that one, else the
 * beginning of its id, in `out`. */
const char *slip_project_rev(const struct slip_project *p, char out[13]);

#endif
