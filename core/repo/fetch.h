/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that a partial clone left out: git fetches them when it is asked about them. */
#ifndef SLIP_REPO_FETCH_H
#define SLIP_REPO_FETCH_H

#include "repo/tree.h"

/* A `git cat-file` that is asked about one object after the other. */
struct slip_fetcher;

/* `env` is its environment, as for slip_repo_open; nothing is ever asked of a person. */
SLIP_MUST_USE int slip_fetcher_new(const char *const *env, const char *git_dir,
                                   struct slip_fetcher **out, struct slip_error *err);
void slip_fetcher_free(struct slip_fetcher *f); /* NULL is fine */
SLIP_DEFINE_AUTO_PTR(slip_fetcher, slip_fetcher_free);

/* Have git look at an object, and fetch it when it is missing. `*found` false: nobody has it. A
 * fetcher that failed once is of no more use. */
SLIP_MUST_USE int slip_fetcher_want(struct slip_fetcher *f, const struct slip_oid *id, bool *found,
                                    struct slip_error *err);

/*
 * Have git fetch many objects from the remote that promised them, in one request. `env` and
 * `git_dir` as above.
 */
SLIP_MUST_USE int slip_fetch_objects(const char *const *env, const char *git_dir,
                                     const char *remote, const struct slip_oids *ids,
                                     struct slip_error *err);

#endif
