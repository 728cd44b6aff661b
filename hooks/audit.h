/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tags of a remote against the registries: what each of them should have released, by the rules
 * of its own commit, and what is there. Reads only. Repositories are listed once; names that are
 * listed are compared by digest.
 */
#ifndef SLIP_HOOKS_AUDIT_H
#define SLIP_HOOKS_AUDIT_H

#include "session.h"

struct slip_audit_options {
    struct slip_session_flags session; /* its commit is not asked */
    const char *remote;                /* name or address; NULL: origin */
    const char *tags;                  /* a pattern as in rules, or NULL */
    struct slip_words rules;           /* only these; empty: all */
    size_t limit;                      /* the newest tags only; 0: all */
};

struct slip_audit_totals {
    size_t tags;     /* of the remote, that fit the pattern */
    size_t ruled;    /* of those, with a rule that releases them */
    size_t left_out; /* older ones, by the limit */
};

/*
 * Rows are added for every name of every tag, `git_ref` saying which; a tag that cannot be judged
 * (its commit is not here, its rules are wrong) is one failed row. -1 when nothing could be looked
 * at: no repository, or the remote does not answer.
 */
SLIP_MUST_USE int slip_audit(struct slip_cli *cli, const struct slip_audit_options *o,
                             struct slip_outcome *outcome, struct slip_audit_totals *totals,
                             struct slip_error *err);

#endif
