/* SPDX-License-Identifier: Apache-2.0 */
/* Showing an outcome: table, JSON, report file, exit status. */
#ifndef SLIP_HOOKS_OUTCOME_H
#define SLIP_HOOKS_OUTCOME_H

#include "cli.h"

#include "report/outcome.h"

/* Note when and why a run began, and the ref (may be NULL) and commit it is about. */
void slip_outcome_begin(struct slip_outcome *o, const char *trigger, const char *ref,
                        const char *commit);

/* Print the outcome as the options say, with errors and hints; gives the exit status. */
int slip_outcome_show(struct slip_cli *cli, struct slip_outcome *o);

/* The documents of --json and --report alone; gives the exit status of writing them. */
int slip_outcome_documents(struct slip_cli *cli, struct slip_outcome *o);

/* The same for a failure without rows: --json and --report still get a document. */
int slip_outcome_fail(struct slip_cli *cli, struct slip_outcome *o, const struct slip_error *err);

#endif
