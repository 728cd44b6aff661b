/* SPDX-License-Identifier: Apache-2.0 */
/* Names of commits. */
#include "repo/internal.h"

#include <git2/commit.h>
#include <string.h>

static struct slip_oid oid_of(const git_oid *id)
{
    struct slip_oid out;
    memcpy(out.bytes, id->id, sizeof(out.bytes));
    return out;
}

static struct slip_signature_time time_of(const git_signature *s)
{
    return (struct slip_signature_time){ s->when.time, s->when.offset };
}

static void fill_from_commit(const git_commit *c, struct slip_commit *out)
{
    *out = (struct slip_commit){ .id = oid_of(git_commit_id(c)),
                                 .tree = oid_of(git_commit_tree_id(c)),
                                 .author = time_of(git_commit_author(c)),
                                 .committer = time_of(git_commit_committer(c)) };
}

/* A commit behind any number of tags, else a tree behind them. */
static int fill_from_object(git_object *named, struct slip_commit *out)
{
    git_object *peeled = NULL;
    if (git_object_peel(&peeled, named, GIT_OBJECT_COMMIT) == 0) {
        fill_from_commit((const git_commit *)peeled, out);
    } else if (git_object_peel(&peeled, named, GIT_OBJECT_TREE) == 0) {
        *out = (struct slip_commit){ .tree = oid_of(git_object_id(peeled)) };
    } else {
        return -1;
    }
    git_object_free(peeled);
    return 0;
}

int slip_repo_resolve(struct slip_repo *r, const char *rev, struct slip_commit *out,
                      struct slip_error *err)
{
    git_object *named = NULL;
    int rc = git_revparse_single(&named, r->git, rev);
    if (rc == GIT_ENOTFOUND && strcmp(rev, "HEAD") == 0
        && git_repository_head_unborn(r->git) == 1) {
        slip_fail(err, SLIP_E_REPO, "there is no commit yet");
        return slip_hint(err, "only what is committed counts: git add, then git commit");
    }
    if (rc == GIT_ENOTFOUND) {
        slip_fail(err, SLIP_E_REPO, "no commit '%s' in this repository", rev);
        if (git_repository_is_shallow(r->git) == 1)
            slip_hint(err, "this is a shallow clone: fetch the commit, or `git fetch --unshallow`");
        return slip_hint(err, "`git fetch --tags` brings what the remote has");
    }
    if (rc == GIT_EAMBIGUOUS)
        return slip_fail(err, SLIP_E_REPO, "'%s' fits more than one object", rev);
    if (rc < 0)
        return slip_repo_fail(err, rev);
    struct slip_commit found;
    rc = fill_from_object(named, &found);
    git_object_free(named);
    if (rc < 0)
        return slip_fail(err, SLIP_E_REPO, "'%s' names neither a commit nor a tree", rev);
    *out = found;
    return 0;
}

struct slip_tree slip_repo_tree(struct slip_repo *r, const struct slip_commit *c)
{
    return (struct slip_tree){ .ops = r->partial ? &slip_partial_tree_ops : &slip_repo_tree_ops,
                               .self = r,
                               .root = c->tree };
}
