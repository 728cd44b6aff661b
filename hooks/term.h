/* SPDX-License-Identifier: Apache-2.0 */
/* What people see on stderr: colours, progress, errors and hints. */
#ifndef SLIP_HOOKS_TERM_H
#define SLIP_HOOKS_TERM_H

#include "cli.h"

/* Decide about colour and progress from options and environment, and set cli->watch. */
void slip_term_setup(struct slip_cli *cli);

/* Take an unfinished progress line away. */
void slip_term_end(struct slip_cli *cli);

#endif
