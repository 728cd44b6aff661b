/* SPDX-License-Identifier: Apache-2.0 */
/* slipway help: the overview, one command, or a subject. */
#include "commands.h"

#include "help.h"

static const char stages[] =
    "The stage repository is where built images are kept, each under its content-based\n"
    "digest: a tag of 56 hex digits and the time of the build. slipway and werf share it;\n"
    "each takes what the other has built, so an image is built once.\n"
    "It is named by 'repo:' in .slipway.yaml or by --repo, as HOST/PATH or oci:DIR.\n"
    "An export copies a stage to a release name, without werf's labels: 'werf cleanup'\n"
    "removes stages that nothing uses any more, and never a release.\n"
    "Give it a repository of its own (registry.example.org/shop/stages), beside the ones\n"
    "that people pull from (registry.example.org/shop/api).\n"
    "Whoever builds needs to write there; whoever only exports needs to read.\n"
    "What is there for a commit: slipway tags.\n";

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    (void)options;
    if (args->len == 0) {
        slip_cli_overview(stdout);
        return 0;
    }
    if (args->len == 1 && strcmp(args->at[0], "stages") == 0) {
        fputs(stages, stdout);
        return 0;
    }
    const char *second = args->len > 1 ? args->at[1] : NULL;
    SLIP_AUTO_FREE char *name =
        slip_printf("%s%s%s", args->at[0], second ? " " : "", second ? second : "");
    for (size_t i = 0; slip_commands[i]; i++)
        if (slip_commands[i]->trade && strcmp(slip_commands[i]->name, name) == 0)
            return slip_cli_command_help(slip_commands[i]);
    if (!second && slip_cli_group_help(args->at[0]))
        return 0;
    return slip_cli_no_command(cli, args->at[0], second);
}

const struct slip_command slip_command_help = {
    .name = "help",
    .trade = "look",
    .synopsis = "help [COMMAND|stages]",
    .summary = "explain a command, or what a stage repository is",
    .run = run,
};
