/* SPDX-License-Identifier: Apache-2.0 */
/* slipway install, uninstall, trust: the hook, and what it may do on this machine. */
#include "commands.h"

#include "base/mem.h"
#include "flow/install.h"
#include "flow/policy.h"
#include "flow/rules_file.h"

#define KEY_BUILD_SHOWN "slipway.allowBuild"

struct install_args {
    const char *remote;
    bool force, only_built;
};

#define AT(member) offsetof(struct install_args, member)

/* clang-format off */
static const struct slip_option install_options[] = {
    { "remote", 0, SLIP_OPTION_TEXT, AT(remote), "NAME", NULL,
      "the remote whose pushes release (origin)" },
    { "only-built", 0, SLIP_OPTION_FLAG, AT(only_built), NULL, NULL,
      "the hook may not build, which runs code of the pushed commit" },
    { "force", 0, SLIP_OPTION_FLAG, AT(force), NULL, NULL,
      "replace a hook that was edited; write where core.hooksPath points" },
    { .name = NULL },
};
static const struct slip_option uninstall_options[] = {
    { "force", 0, SLIP_OPTION_FLAG, AT(force), NULL, NULL, "remove a hook that was edited, too" },
    { .name = NULL },
};
/* clang-format on */

static struct slip_git git_of(const struct slip_cli *cli)
{
    return (struct slip_git){ .env = cli->env, .dir = cli->common.git_dir };
}

/* ---- what a commit needs to be allowed ---- */

static void show_entry(struct slip_cli *cli, const struct slip_policy_entry *e)
{
    SLIP_AUTO(slip_buf) value = SLIP_BUF(1 << 16);
    const char *what = strcmp(e->key, SLIP_KEY_REPO) == 0 ? "stage repository" : "destination";
    slip_cli_escape(e->value, &value);
    if (e->was && e->fresh)
        slip_cli_say(cli, "  + %-16s  %s (was %s)", what, value.ptr, e->was);
    else
        slip_cli_say(cli, "  %c %-16s  %s", e->fresh ? '+' : ' ', what, value.ptr);
}

static void show_unknown(struct slip_cli *cli, const struct slip_policy_wants *wants)
{
    for (size_t i = 0; i < wants->unknown.len; i++) {
        SLIP_AUTO(slip_buf) value = SLIP_BUF(1 << 16);
        slip_cli_escape(wants->unknown.at[i], &value);
        slip_cli_warn(cli,
                      "destination '%s' begins with a placeholder: nothing can be allowed "
                      "for it",
                      value.ptr);
        slip_cli_hint(cli, "git config --add slipway.allowDestination HOST/PATH");
    }
}

/* Allow what the rules of a commit want, and show it. */
static int allow(struct slip_cli *cli, const struct slip_git *git, const char *rev, bool *found,
                 struct slip_error *err)
{
    SLIP_AUTO(slip_rules) rules = { 0 };
    SLIP_AUTO(slip_policy_wants) wants = { 0 };
    SLIP_AUTO(slip_git_config) config = { 0 };
    SLIP_AUTO(slip_policy_entries) entries = { 0 };
    SLIP_AUTO_FREE char *top = NULL;
    if (slip_rules_of_commit(git, rev, slip_cli_env(cli, "SLIPWAY_RULES_FILE"), &rules, found, &top,
                             err)
            < 0
        || slip_git_config_read(git, &config, err) < 0)
        return -1;
    if (!*found)
        return 0;
    slip_policy_wants_of(&rules, &wants);
    slip_policy_compare(&(struct slip_policy){ .config = &config, .top = top, .strict = true },
                        &wants, &entries);
    slip_cli_say(cli, "allowed on this machine:");
    for (size_t i = 0; i < entries.len; i++)
        show_entry(cli, &entries.at[i]);
    show_unknown(cli, &wants);
    return cli->common.dry_run ? 0 : slip_policy_record(git, &entries, err);
}

/* A repository without a commit has no rules either. */
static int allow_head(struct slip_cli *cli, const struct slip_git *git, struct slip_error *err)
{
    static const char *const words[] = { "rev-parse", "--verify", "--quiet", "HEAD", NULL };
    bool found = false;
    int status = 0;
    if (slip_git_run(git, words, NULL, &status, err) < 0)
        return -1;
    if (status == 0 && allow(cli, git, NULL, &found, err) < 0)
        return -1;
    if (!found)
        slip_cli_say(cli, "no rules in the commit of HEAD: nothing is allowed yet; once there "
                          "are some, run 'slipway trust'");
    return 0;
}

static int run_trust(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    (void)options;
    struct slip_error err = { 0 };
    struct slip_git git = git_of(cli);
    bool found = false;
    if (args->len > 1)
        return slip_cli_usage(cli, "one commit at most");
    if (allow(cli, &git, args->len ? args->at[0] : NULL, &found, &err) < 0)
        return slip_cli_fail(cli, &err);
    if (!found)
        slip_cli_say(cli, "no rules in that commit, nothing to allow");
    return 0;
}

/* ---- the hook ---- */

static int prepare(struct slip_cli *cli, const struct install_args *o, struct slip_install *in,
                   char **hook_program)
{
    *hook_program = slip_hook_program(cli->program, slip_cli_env(cli, "PATH"), SLIP_HOOK_FROM_HERE);
    *in = (struct slip_install){
        .git = git_of(cli),
        .hook_program = *hook_program,
        .from_bin = SLIP_HOOK_FROM_HERE,
        .remote = o->remote ? o->remote : "origin",
        .force = o->force,
    };
    return *hook_program ? 0 : -1;
}

static void say_installed(struct slip_cli *cli, const struct slip_hook_place *before)
{
    static const char *const texts[] = {
        [SLIP_HOOK_ABSENT] = "installed",
        [SLIP_HOOK_CURRENT] = "is there already",
        [SLIP_HOOK_OLDER] = "brought up to date",
        [SLIP_HOOK_EDITED] = "replaced",
        [SLIP_HOOK_FOREIGN] = "installed; the hook that was there runs first",
    };
    slip_cli_say(cli, "%s: %s", before->path, texts[before->state]);
}

static int set_keys(const struct install_args *o, const struct slip_git *git,
                    struct slip_error *err)
{
    if (slip_git_config_set(git, KEY_BUILD_SHOWN, o->only_built ? "false" : "true", err) < 0)
        return -1;
    return slip_git_config_set(git, SLIP_KEY_REMOTE, o->remote, err);
}

static int run_install(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct install_args *o = options;
    struct slip_error err = { 0 };
    struct slip_install in;
    SLIP_AUTO(slip_hook_place) before = { 0 };
    SLIP_AUTO_FREE char *hook_program = NULL;
    if (args->len)
        return slip_cli_usage(cli, "install takes no arguments");
    if (prepare(cli, o, &in, &hook_program) < 0) {
        slip_fail(&err, SLIP_E_INTERNAL, "the pre-push executable is not where slipway expects it");
        slip_hint(&err, "install slipway again");
        return slip_cli_fail(cli, &err);
    }
    if (cli->common.dry_run) {
        if (slip_hook_look(&in, &before, &err) < 0)
            return slip_cli_fail(cli, &err);
    } else if (slip_hook_install(&in, &before, &err) < 0 || set_keys(o, &in.git, &err) < 0) {
        return slip_cli_fail(cli, &err);
    }
    say_installed(cli, &before);
    if (allow_head(cli, &in.git, &err) < 0)
        return slip_cli_fail(cli, &err);
    slip_cli_say(cli, "the hook %s build images", o->only_built ? "may not" : "may");
    return 0;
}

static int run_uninstall(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    static const char *const keys[] = { SLIP_KEY_REPO, SLIP_KEY_ALLOW, KEY_BUILD_SHOWN,
                                        SLIP_KEY_REMOTE };
    const struct install_args *o = options;
    struct slip_error err = { 0 };
    struct slip_install in;
    SLIP_AUTO(slip_hook_place) before = { 0 };
    SLIP_AUTO_FREE char *hook_program = NULL;
    if (args->len)
        return slip_cli_usage(cli, "uninstall takes no arguments");
    if (prepare(cli, o, &in, &hook_program) < 0)
        in.hook_program = "";
    if (cli->common.dry_run)
        return slip_hook_look(&in, &before, &err) < 0 ? slip_cli_fail(cli, &err) : 0;
    if (slip_hook_uninstall(&in, &before, &err) < 0)
        return slip_cli_fail(cli, &err);
    for (size_t i = 0; i < SLIP_COUNT(keys); i++)
        if (slip_git_config_set(&in.git, keys[i], NULL, &err) < 0)
            return slip_cli_fail(cli, &err);
    if (before.state == SLIP_HOOK_FOREIGN)
        slip_cli_say(cli, "%s: not slipway's, left as it is", before.path);
    else if (before.state == SLIP_HOOK_ABSENT)
        slip_cli_say(cli, "%s: there is no hook", before.path);
    else
        slip_cli_say(cli, "%s: %s", before.path,
                     before.has_chained ? "the hook that was there before is back" : "removed");
    return 0;
}

const struct slip_command slip_command_install = {
    .name = "install",
    .trade = "set up",
    .synopsis = "install [--remote NAME] [--only-built] [--force]",
    .summary = "write the hook; allow what the rules of HEAD need",
    .options = install_options,
    .size = sizeof(struct install_args),
    .run = run_install,
};

const struct slip_command slip_command_uninstall = {
    .name = "uninstall",
    .trade = "set up",
    .synopsis = "uninstall [--force]",
    .summary = "take the hook away and what it was allowed",
    .options = uninstall_options,
    .size = sizeof(struct install_args),
    .run = run_uninstall,
};

const struct slip_command slip_command_trust = {
    .name = "trust",
    .trade = "set up",
    .synopsis = "trust [REV]",
    .summary = "allow what the rules of a commit need",
    .run = run_trust,
};
