/* SPDX-License-Identifier: Apache-2.0 */
/* slipway: commands by hand, in CI, and the worker that hooks start. */
#include "commands.h"

#include "base/footprint.h"
#include "digest/generation.h"
#include "document.h"
#include "settings.h"

static int version(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    (void)options;
    (void)args;
    if (cli->common.json)
        slip_json_print(json_pack("{s:i,s:s,s:s}", "schema", 1, "tool_version", slip_version,
                                  "digests", slip_generation_2.name));
    else
        printf("slipway %s\ndigests equal to %s\n", slip_version, slip_generation_2.name);
    return 0;
}

const struct slip_command slip_command_version = {
    .name = "version",
    .trade = "look",
    .synopsis = "version [--json]",
    .summary = "print the version and whose digests these are",
    .json = true,
    .run = version,
};

/* In the order in which help lists them, under the headings of their trades. */
/* clang-format off */
const struct slip_command *const slip_commands[] = {
    &slip_command_export,
    &slip_command_run,
    &slip_command_ci,
    &slip_command_wait,
    &slip_command_audit,
    &slip_command_sync,
    &slip_command_jobs_list,
    &slip_command_jobs_show,
    &slip_command_jobs_retry,
    &slip_command_jobs_drop,
    &slip_command_init,
    &slip_command_install,
    &slip_command_uninstall,
    &slip_command_trust,
    &slip_command_doctor,
    &slip_command_completion,
    &slip_command_tags,
    &slip_command_why,
    &slip_command_check,
    &slip_command_config_render,
    &slip_command_config_list,
    &slip_command_config_graph,
    &slip_command_version,
    &slip_command_help,
    &slip_command_hook_pre_push,
    &slip_command_hook_finish,
    NULL,
};
/* clang-format on */

int main(int argc, char **argv, char **env)
{
    slip_footprint_begin();
    return slip_cli_main(argc, argv, env);
}
