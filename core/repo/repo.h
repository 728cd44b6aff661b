/* SPDX-License-Identifier: Apache-2.0 */
/* A git repository, read only: commits, trees and blobs. No work tree is needed or looked at. */
#ifndef SLIP_REPO_REPO_H
#define SLIP_REPO_REPO_H

#include "repo/tree.h"

struct slip_repo;

struct slip_signature_time {
    int64_t seconds;    /* since 1970, UTC */
    int offset_minutes; /* of the author's zone, east is positive */
};

struct slip_commit {
    struct slip_oid id;   /* of the commit itself; all zeros when a bare tree was named */
    struct slip_oid tree; /* of its root tree */
    struct slip_signature_time author, committer;
};

/*
 * Open the repository that holds `path`: a work tree or a directory in it, a linked work tree, a
 * bare repository, a git dir. `path` NULL: as git itself would from here with the environment `env`
 * (GIT_DIR, GIT_WORK_TREE, GIT_OBJECT_DIRECTORY, ...). `env` is a NULL-terminated list of
 * "NAME=value", borrowed for the life of the repository: children (git, for objects that a partial
 * clone lacks) get it whole. SHA-256 repositories are refused (unsupported).
 */
SLIP_MUST_USE int slip_repo_open(const char *path, const char *const *env, struct slip_repo **out,
                                 struct slip_error *err);
void slip_repo_free(struct slip_repo *r);
SLIP_DEFINE_AUTO_PTR(slip_repo, slip_repo_free);

/* Absolute paths without a trailing slash; work_tree is NULL in a bare repository. */
const char *slip_repo_work_tree(const struct slip_repo *r);
const char *slip_repo_git_dir(const struct slip_repo *r);
const char *slip_repo_common_dir(const struct slip_repo *r);

/* Any name git understands (HEAD, v1.0, refs/..., an id, a tag of a tag) to the commit it means, or
 * to a tree ("v1.0^{tree}"): then id and times are zero. */
SLIP_MUST_USE int slip_repo_resolve(struct slip_repo *r, const char *rev, struct slip_commit *out,
                                    struct slip_error *err);

/* The root tree of a commit as a view. It borrows the repository. */
struct slip_tree slip_repo_tree(struct slip_repo *r, const struct slip_commit *c);

#endif
