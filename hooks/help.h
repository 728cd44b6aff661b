/* SPDX-License-Identifier: Apache-2.0 */
/* Help, from the tables that the command line is read by. */
#ifndef SLIP_HOOKS_HELP_H
#define SLIP_HOOKS_HELP_H

#include "cli.h"

/* All commands; one of them (gives 0). */
void slip_cli_overview(FILE *to);
int slip_cli_command_help(const struct slip_command *c);

/* The commands whose first word this is, as "jobs"; false when there is none. */
bool slip_cli_group_help(const char *group);

/* Words that name no command: what they may have meant. `second` may be NULL. Gives the status. */
int slip_cli_no_command(struct slip_cli *cli, const char *first, const char *second);

#endif
