/* SPDX-License-Identifier: Apache-2.0 */
/* Commits before a commit. Where a clone is shallow, history ends early and answers say so. */
#ifndef SLIP_REPO_HISTORY_H
#define SLIP_REPO_HISTORY_H

#include "repo/repo.h"

/* A commit on the way; everything lives as long as the call. */
struct slip_history_step {
    struct slip_commit commit;
    struct slip_str subject; /* the first line of the message */
    const struct slip_oid *parents;
    size_t n_parents;
};

/* 0: go on, 1: enough, -1 (with err): stop. */
typedef int slip_history_visit(void *payload, const struct slip_history_step *step,
                               struct slip_error *err);

/*
 * Visit `from` and all commits it builds on, each once, newest committer date first. `*complete`
 * (may be NULL) becomes false when commits on the way were not here.
 */
SLIP_MUST_USE int slip_repo_history(struct slip_repo *r, const struct slip_oid *from,
                                    slip_history_visit *visit, void *payload, bool *complete,
                                    struct slip_error *err);

enum slip_answer { SLIP_NO, SLIP_YES, SLIP_UNKNOWN };

/* Whether `descendant` is, or builds on, `ancestor`. Unknown when the history that could tell is
 * not here. */
SLIP_MUST_USE int slip_repo_is_ancestor(struct slip_repo *r, const struct slip_oid *ancestor,
                                        const struct slip_oid *descendant, enum slip_answer *out,
                                        struct slip_error *err);

/* Whether a commit with this id is here. Unknown: it is not, but this clone is shallow, so that it
 * may be one elsewhere. */
SLIP_MUST_USE int slip_repo_has_commit(struct slip_repo *r, const struct slip_oid *id,
                                       enum slip_answer *out, struct slip_error *err);

#endif
