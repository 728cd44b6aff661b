/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share. The only header that knows libgit2. */
#ifndef SLIP_REPO_INTERNAL_H
#define SLIP_REPO_INTERNAL_H

#include "repo/fetch.h"
#include "repo/repo.h"

/* Not git2.h as a whole: git2/index.h uses a name that base/banned.h forbids. */
#include <git2/common.h>
#include <git2/config.h>
#include <git2/errors.h>
#include <git2/global.h>
#include <git2/object.h>
#include <git2/odb.h>
#include <git2/repository.h>
#include <git2/revparse.h>

struct slip_submodule; /* an opened one */

/*
 * Files that were read last, none of them large: Dockerfiles, ignore files and templates are wanted
 * more than once (for another image, for a look at the work tree).
 */
enum { SLIP_BLOB_SLOTS = 256, SLIP_BLOB_KEPT = 1 << 17, SLIP_BLOB_CACHE_MAX = 1 << 20 };

struct slip_blob_slot {
    struct slip_oid id;
    struct slip_buf raw; /* empty: not kept */
};

struct slip_repo {
    git_repository *git;
    git_odb *odb;
    char *work_tree, *git_dir, *common_dir; /* work_tree NULL: bare */
    const char *const *env;                 /* borrowed, may be NULL */
    bool from_env;                          /* found by the environment, not by a path */
    bool partial;                           /* objects may be missing on purpose */
    char *promisor;                         /* the remote that has them, or NULL */
    struct slip_fetcher *fetcher;           /* of a partial clone, once it was needed */
    struct slip_submodule *submodules;
    struct slip_map *ancestors; /* answers of slip_repo_is_ancestor, by both ids; NULL: none */
    struct slip_map *dirs;      /* kept ones, by id; NULL: none */
    size_t dirs_size;           /* bytes of them */
    struct slip_blob_slot blobs[SLIP_BLOB_SLOTS]; /* by the first byte of the id */
    size_t blobs_size;
};

/* Start libgit2; ended with git_libgit2_shutdown, and may be done again. */
int slip_repo_start(struct slip_error *err);

/* Record libgit2's own reason: "<what>: <reason>". */
int slip_repo_fail(struct slip_error *err, const char *what);

/* No repository where one was looked for; one that git does not trust, as safe.directory is to name
 * it. Both give -1. */
int slip_repo_fail_absent(const char *path, struct slip_error *err);
int slip_repo_refuse_owner(struct slip_str path, struct slip_error *err);

/* Append the content of a commit object; `*found` false: it is not here. */
int slip_repo_read_commit(struct slip_repo *r, const struct slip_oid *id, struct slip_buf *out,
                          bool *found, struct slip_error *err);

/* A directory that is kept (see dirs.c), or NULL. It stays until the next one is kept. */
struct slip_kept_dir;
struct slip_kept_dir *slip_kept_dir(const struct slip_repo *r, const struct slip_oid *id);
struct slip_str slip_kept_dir_raw(const struct slip_kept_dir *dir);
int slip_kept_dir_find(struct slip_kept_dir *dir, struct slip_str name, struct slip_entry *out,
                       bool *found, struct slip_error *err);

/* Keep a directory that is not kept; when there is no room for it, in the place of all. */
void slip_keep_dir(struct slip_repo *r, const struct slip_oid *id, struct slip_str raw);
void slip_kept_dirs_clear(struct slip_repo *r);

void slip_blob_cache_clear(struct slip_repo *r);
void slip_submodules_free(struct slip_submodule *s);
int slip_submodule_tree(const struct slip_tree *super, struct slip_str path,
                        const struct slip_oid *commit, struct slip_tree *out,
                        struct slip_error *err);

extern const struct slip_tree_ops slip_repo_tree_ops, slip_partial_tree_ops;

#endif
