/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finishing jobs: ask the remote until it has the ref, then have the names written. A detached
 * process does it after a push; `slipway wait` does it, or looks on while another does.
 */
#ifndef SLIP_FLOW_FINISH_H
#define SLIP_FLOW_FINISH_H

#include "base/watch.h"
#include "flow/jobs.h"
#include "repo/git.h"

/* How the work on one job ended. */
struct slip_job_result {
    struct slip_error err; /* kind SLIP_OK: all is well; SLIP_E_TEMPORARY: try again later */
    int exit;
    struct slip_buf text, report; /* for people, and the JSON document */
};

/* Write the names of a job whose ref the remote has. */
typedef void slip_job_finish_fn(void *payload, const struct slip_job *job,
                                struct slip_job_result *out);

/* What a remote has; slip_git_ls_remote, or a test's own. */
typedef int slip_ask_remote_fn(const struct slip_git *git, const char *remote,
                               const char *const *refs, size_t n, struct slip_remote_ref *out,
                               struct slip_error *err);

struct slip_finisher {
    struct slip_jobs *jobs;
    struct slip_git git; /* environment and directory of the repository */
    slip_ask_remote_fn *ask_remote;
    slip_job_finish_fn *finish;
    void *payload;
    const struct slip_watch *watch; /* steps are told, or NULL */
};

/*
 * Work on all jobs that wait, until none is left that will be due soon, or the job `only` (may be
 * NULL) has ended, or the time `until` (0: none) has come. When another process works on jobs: with
 * `only`, look on until it has ended; else return at once.
 */
void slip_finisher_run(struct slip_finisher *f, const char *only, int64_t until);

/* Does the builder that a push left behind for this job still work? */
bool slip_job_is_being_built(const struct slip_job *job);

/* How to call the remote of a job so that git finds its credentials: by its name, when that still
 * stands for the same address, else by the address. Freed by the caller. */
char *slip_job_remote(const struct slip_git *git, const char *name, const char *url);

#endif
