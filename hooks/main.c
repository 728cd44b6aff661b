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
    { NULL },
};
/* clang-format on */

int main(int argc, char **argv, char **env)
{
    return slip_cli_main(argc, argv, env);
}
