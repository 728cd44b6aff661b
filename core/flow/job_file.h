/* SPDX-License-Identifier: Apache-2.0 */
/* The text of one job file. */
#ifndef SLIP_FLOW_JOB_FILE_H
#define SLIP_FLOW_JOB_FILE_H

#include "flow/jobs.h"

#define SLIP_JOB_MAX (8u << 20) /* bytes of a job file */

/* To be given to free(); NULL: JSON cannot hold it. */
char *slip_job_print(const struct slip_job *j);

/* False, and `out` is untouched: it is no job, or one that lacks what each has. */
bool slip_job_parse(struct slip_str text, struct slip_job *out);

#endif
