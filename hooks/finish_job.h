/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of this repository: opening them, and writing the names of one. */
#ifndef SLIP_HOOKS_FINISH_JOB_H
#define SLIP_HOOKS_FINISH_JOB_H

#include "session.h"

#include "flow/finish.h"

/* The jobs of the repository that a session or the current directory belongs to. */
SLIP_MUST_USE int slip_open_jobs(const char *common_dir, bool make, struct slip_jobs *out,
                                 struct slip_error *err);

/* What a finisher of this process needs; `only` etc. as slip_finisher_run. */
void slip_finish_jobs(struct slip_cli *cli, struct slip_jobs *jobs, const char *only,
                      int64_t until);

/* Leave a process behind that works on the waiting jobs. */
SLIP_MUST_USE int slip_start_finisher(struct slip_cli *cli, const struct slip_jobs *jobs,
                                      struct slip_error *err);

/* Why it is not done: temporary as long as it waits, else as it ended. */
enum slip_kind slip_job_kind(const struct slip_job *job);

#endif
