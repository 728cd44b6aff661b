/* SPDX-License-Identifier: Apache-2.0 */
/* What people see on stderr: colours, progress, errors and hints. */
#ifndef SLIP_HOOKS_TERM_H
#define SLIP_HOOKS_TERM_H

#include "cli.h"

#define SLIP_LIMIT_HELP (64u << 10)

/* Decide about colour and progress from options and environment, and set cli->watch. -1: an option
 * has a bad value (already said). */
int slip_term_setup(struct slip_cli *cli);

/* Take an unfinished progress line away. */
void slip_term_end(struct slip_cli *cli);

/* Help: all commands; one of them (gives 0). */
void slip_cli_overview(FILE *to);
int slip_cli_command_help(const struct slip_command *c);

#endif
