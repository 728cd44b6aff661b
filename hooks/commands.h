/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of slipway, one file each: hooks/cmd_<name>.c. */
#ifndef SLIP_HOOKS_COMMANDS_H
#define SLIP_HOOKS_COMMANDS_H

#include "cli.h"

typedef int slip_command_fn(struct slip_cli *cli, void *options, const struct slip_words *args);

slip_command_fn slip_cmd_install, slip_cmd_uninstall, slip_cmd_trust;

struct slip_install_args {
    const char *remote;
    bool force, only_built;
};
extern const struct slip_option slip_install_options[], slip_uninstall_options[];

#endif
