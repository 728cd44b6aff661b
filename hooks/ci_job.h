/* SPDX-License-Identifier: Apache-2.0 */
/* What a CI job runs for: its variables, the files they name, and the options that win over both.
 */
#ifndef SLIP_HOOKS_CI_JOB_H
#define SLIP_HOOKS_CI_JOB_H

#include "cli.h"

#include "ci/provider.h"
#include "repo/git.h"

struct slip_ci_flags {
    const char *provider, *ref, *commit, *event, *remote; /* any may be NULL */
};

/* `env` is borrowed by the job. */
struct slip_ci_env slip_ci_env_of(const char *const *env);

/* What the variables, the files they name and the flags say of the job; flags win. `job` borrows
 * from all of them, and its ref may still be missing. */
SLIP_MUST_USE int slip_ci_find_job(struct slip_cli *cli, const struct slip_ci_flags *flags,
                                   struct slip_ci_job *job, struct slip_error *err);

/* The full name of the ref, when the variables do not hold it: a short name is looked up here and
 * at the remote; without a CI system it is the only tag at HEAD. */
SLIP_MUST_USE int slip_ci_find_ref(struct slip_cli *cli, const struct slip_ci_flags *flags,
                                   struct slip_ci_job *job, struct slip_error *err);

/* The environment that is left to what a request brings: names of the ref and the like, no secrets.
 * Borrows from `env`; lives in the job's arena. */
const char *const *slip_ci_public_env(struct slip_ci_job *job, const char *const *env);

#endif
