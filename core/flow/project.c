/* SPDX-License-Identifier: Apache-2.0 */
/* A commit and its images. */
#include "flow/project.h"

void slip_project_clear(struct slip_project *p)
{
    slip_image_set_clear(&p->set);
    slip_repo_free(p->repo);
    *p = (struct slip_project){ 0 };
}

int slip_project_open(const char *path, const char *const *env, const char *rev,
                      struct slip_project *out, struct slip_error *err)
{
    SLIP_AUTO(slip_project) p = { 0 };
    if (slip_repo_open(path, env, &p.repo, err) < 0
        || slip_repo_resolve(p.repo, rev ? rev : "HEAD", &p.commit, err) < 0)
        return -1;
    slip_oid_hex(&p.commit.id, p.commit_hex);
    p.tree = slip_repo_tree(p.repo, &p.commit);
    *out = p;
    p = (struct slip_project){ 0 };
    return 0;
}

int slip_project_read_images(struct slip_project *p, const struct slip_config_options *o,
                             struct slip_error *err)
{
    return slip_config_load(&p->tree, &p->commit, o, &p->set, err);
}

const char *slip_project_base_dir(const struct slip_project *p)
{
    const char *work_tree = slip_repo_work_tree(p->repo);
    return work_tree ? work_tree : slip_repo_git_dir(p->repo);
}

const char *slip_commit_work_tree(struct slip_repo *r, const struct slip_commit *c,
                                  const char **why_not)
{
    struct slip_commit head;
    struct slip_error none = { 0 };
    const char *work_tree = slip_repo_work_tree(r);
    if (!work_tree)
        *why_not = "this repository is bare";
    else if (slip_repo_resolve(r, "HEAD", &head, &none) < 0 || !slip_oid_eq(&head.id, &c->id))
        *why_not = "HEAD of the work tree is another commit";
    else
        return work_tree;
    return NULL;
}

const char *slip_project_rev(const struct slip_project *p, char out[13])
{
    struct slip_commit head;
    struct slip_error none = { 0 };
    if (slip_repo_resolve(p->repo, "HEAD", &head, &none) == 0
        && slip_oid_eq(&head.id, &p->commit.id))
        return NULL;
    snprintf(out, 13, "%.12s", p->commit_hex);
    return out;
}
