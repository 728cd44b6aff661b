/* SPDX-License-Identifier: Apache-2.0 */
/* slipway: commands by hand, in CI, and the worker that hooks start. */
#include "commands.h"

#include "version.h"

static int cmd_version(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    (void)options;
    (void)args;
    if (cli->common.json)
        printf("{\"version\":\"%s\",\"digests\":\"werf 2\"}\n", SLIPWAY_VERSION);
    else
        printf("slipway %s\ndigests equal to werf 2\n", SLIPWAY_VERSION);
    return 0;
}

/* clang-format off */
const struct slip_command slip_commands[] = {
    { "version", "look", "version [--json]", "print the version and whose digests these are", NULL, 0, cmd_version, NULL },
    { "install", "set up", "install [--remote NAME] [--only-built] [--force]",
      "write the hook; allow what the rules of HEAD need", slip_install_options,
      sizeof(struct slip_install_args), slip_cmd_install, NULL },
    { "uninstall", "set up", "uninstall [--force]", "take the hook away and what it was allowed",
      slip_uninstall_options, sizeof(struct slip_install_args), slip_cmd_uninstall, NULL },
    { "trust", "set up", "trust [REV]", "allow what the rules of a commit need", NULL, 0, slip_cmd_trust, NULL },
    { NULL },
};
/* clang-format on */

int main(int argc, char **argv, char **env)
{
    return slip_cli_main(argc, argv, env);
}
