/* SPDX-License-Identifier: Apache-2.0 */
/* slipway install, uninstall, trust: the hook, and what it may do on this machine. */
#include "commands.h"

#include "base/file.h"
#include "base/mem.h"
#include "flow/install.h"
#include "flow/policy.h"
#include "flow/rules_file.h"
#include "settings.h"

#define KEY_BUILD_SHOWN "slipway.allowBuild"

struct install_args {
    const char *remote, *mode, *template_dir;
    bool force, only_built, script, purge;
    bool for_local, for_global, for_system;
};

#define AT(member) offsetof(struct install_args, member)

/* clang-format off */
static const struct slip_option install_options[] = {
    { "remote", 0, SLIP_OPTION_TEXT, AT(remote), "NAME", NULL,
      "the remote whose pushes release (origin)" },
    { "only-built", 0, SLIP_OPTION_FLAG, AT(only_built), NULL, NULL,
      "the hook may not build, which runs code of the pushed commit" },
    { "mode", 0, SLIP_OPTION_TEXT, AT(mode), "auto|file|config|print", NULL,
      "how; config is of git 2.54, print only says what to add by hand" },
    { "local", 0, SLIP_OPTION_FLAG, AT(for_local), NULL, NULL, "for this repository (the default)" },
    { "global", 0, SLIP_OPTION_FLAG, AT(for_global), NULL, NULL,
      "for all your repositories, by git's configuration (git 2.54)" },
    { "system", 0, SLIP_OPTION_FLAG, AT(for_system), NULL, NULL,
      "for all repositories of this machine, by git's configuration (git 2.54)" },
    { "template-dir", 0, SLIP_OPTION_TEXT, AT(template_dir), "DIR", NULL,
      "for repositories to come: write the hook into this template directory" },
    { "script", 0, SLIP_OPTION_FLAG, AT(script), NULL, NULL,
      "a text for sh as the hook, when several kinds of systems share the repository" },
    { "force", 0, SLIP_OPTION_FLAG, AT(force), NULL, NULL,
      "replace a hook that was edited; write where core.hooksPath points" },
    { .name = NULL },
};
static const struct slip_option uninstall_options[] = {
    { "local", 0, SLIP_OPTION_FLAG, AT(for_local), NULL, NULL, "of this repository (the default)" },
    { "global", 0, SLIP_OPTION_FLAG, AT(for_global), NULL, NULL, "what install --global wrote" },
    { "system", 0, SLIP_OPTION_FLAG, AT(for_system), NULL, NULL, "what install --system wrote" },
    { "template-dir", 0, SLIP_OPTION_TEXT, AT(template_dir), "DIR", NULL,
      "what install --template-dir wrote" },
    { "purge", 0, SLIP_OPTION_FLAG, AT(purge), NULL, NULL,
      "remove jobs too: names that are still to be written will not be" },
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

static void say_no_rules(struct slip_cli *cli, const struct slip_git *git, const char *otherwise)
{
    const char *file = slip_rules_in_work_tree(git);
    if (file)
        slip_cli_say(cli,
                     "no rules in that commit, nothing is allowed yet; " SLIP_UNCOMMITTED
                     ", and then: slipway trust",
                     file, file);
    else
        slip_cli_say(cli, "%s", otherwise);
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
        say_no_rules(cli, git,
                     "no rules in the commit of HEAD: nothing is allowed yet; once there "
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
        say_no_rules(cli, &git, "no rules in that commit, nothing to allow");
    return 0;
}

/* ---- the hook ---- */

struct task {
    struct slip_install in;
    char *worker, *program;
    struct slip_git_config config;
};

static void task_clear(struct task *t)
{
    slip_free(t->worker);
    slip_free(t->program);
    slip_git_config_clear(&t->config);
}
SLIP_DEFINE_AUTO(task, task_clear);

static enum slip_install_mode read_mode(const char *word)
{
    static const char *const words[] = { "auto", "file", "config", "print" };
    size_t i = 0;
    while (word && i + 1 < SLIP_COUNT(words) && strcmp(word, words[i]) != 0)
        i++;
    return (enum slip_install_mode)i;
}

/* 0, or the status of a usage error. */
static int read_task(struct slip_cli *cli, const struct install_args *o, struct task *t)
{
    t->in.mode = read_mode(o->mode);
    if (o->for_local + o->for_global + o->for_system + (o->template_dir != NULL) > 1)
        return slip_cli_usage(cli, "only one of --local, --global, --system and --template-dir");
    t->worker = slip_hook_worker(cli->program, slip_cli_env(cli, "PATH"));
    t->program = t->worker ? slip_hook_program(t->worker, SLIP_HOOK_FROM_HERE) : NULL;
    t->in.git = git_of(cli);
    struct slip_error err = { 0 };
    if (slip_git_config_read(&t->in.git, &t->config, &err) < 0)
        return slip_cli_fail(cli, &err);
    t->in.target = (struct slip_hook_target){
        .program = t->program ? t->program : "",
        .worker = t->worker ? t->worker : "",
        .from_bin = SLIP_HOOK_FROM_HERE,
        .remote = o->remote ? o->remote : "origin",
        .rules = slip_git_config_get(&t->config, SLIP_KEY_RULES_FILE),
    };
    t->in.scope = o->for_global   ? SLIP_SCOPE_GLOBAL
                  : o->for_system ? SLIP_SCOPE_SYSTEM
                                  : SLIP_SCOPE_LOCAL;
    t->in.template_dir = o->template_dir;
    t->in.copy = SLIP_COPY_HOOK && !o->script;
    t->in.force = o->force;
    return 0;
}

static bool concerns_this_repository(const struct task *t)
{
    return t->in.scope == SLIP_SCOPE_LOCAL && !t->in.template_dir;
}

/* "PATH: installed" */
static void say_installed(struct slip_cli *cli, const struct task *t,
                          const struct slip_hook_place *p, const struct slip_install_plan *plan)
{
    static const char *const texts[] = {
        [SLIP_HOOK_ABSENT] = "installed",
        [SLIP_HOOK_CURRENT] = "is there already",
        [SLIP_HOOK_OLDER] = "brought up to date",
        [SLIP_HOOK_EDITED] = "replaced",
        [SLIP_HOOK_FOREIGN] = "installed; the hook that was there runs first",
    };
    static const char *const scopes[] = { "this repository", "all your repositories",
                                          "all repositories of this machine" };
    const struct slip_install_facts *f = &p->facts;
    switch (plan->way) {
    case SLIP_WAY_FILE:
        if (f->file == SLIP_HOOK_FOREIGN && !p->executable)
            slip_cli_say(cli,
                         "%s: installed; the hook that was there is not executable and does "
                         "not run, as before",
                         p->path);
        else
            slip_cli_say(cli, "%s: %s", p->path, texts[f->file]);
        break;
    case SLIP_WAY_DOT_D:
        slip_cli_say(cli, "%s: installed", p->path);
        break;
    case SLIP_WAY_CONFIG:
        slip_cli_say(cli, "git configuration of %s: %s", scopes[t->in.scope],
                     texts[t->in.scope == SLIP_SCOPE_LOCAL ? f->local : f->everywhere]);
        break;
    case SLIP_WAY_LINES:
        slip_cli_say(cli, "%s: %s", p->shared_file,
                     f->lines == SLIP_HOOK_ABSENT ? "lines added" : texts[f->lines]);
        break;
    case SLIP_WAY_MANAGED:
        slip_cli_say(cli, "%s starts slipway already, nothing to write",
                     !f->manager_runs_us ? "git's configuration for all repositories"
                     : f->manager        ? f->manager->name
                                         : p->shared_file);
        break;
    case SLIP_WAY_PRINT:
        break;
    }
    if (plan->note && (plan->way != SLIP_WAY_CONFIG || f->local != SLIP_HOOK_CURRENT))
        slip_cli_say(cli, "note: %s", plan->note);
}

static void print_lines(struct slip_cli *cli, const struct slip_hook_place *p)
{
    SLIP_AUTO(slip_buf) file = SLIP_BUF(1 << 14);
    SLIP_AUTO(slip_buf) lines = SLIP_BUF(1 << 16);
    slip_install_lines(&p->facts, &file, &lines);
    if (lines.len == 0)
        return;
    slip_cli_say(cli, "to be added to %s:", file.ptr);
    fputs(lines.ptr, stdout);
    fflush(stdout); /* before what is said on stderr next */
}

static int set_keys(const struct install_args *o, const struct slip_git *git,
                    struct slip_error *err)
{
    if (slip_git_config_set(git, KEY_BUILD_SHOWN, o->only_built ? "false" : "true", err) < 0)
        return -1;
    return slip_git_config_set(git, SLIP_KEY_REMOTE, o->remote, err);
}

/* A path that an upgrade will remove is no failure now, and a riddle later. */
static void warn_of_version(struct slip_cli *cli, const struct task *t)
{
    if (!slip_path_has_version(slip_str_of(t->worker)))
        return;
    slip_cli_warn(cli, "'%s' looks like the place of one version of slipway", t->worker);
    slip_cli_hint(cli, "once it is gone the hook looks for slipway on PATH; 'slipway install' "
                       "run from a lasting place writes that one down");
}

static int permit(struct slip_cli *cli, const struct install_args *o, const struct task *t,
                  struct slip_error *err)
{
    if (!concerns_this_repository(t)) {
        slip_cli_say(cli, "nothing is allowed by this: each repository needs its own 'slipway "
                          "trust'");
        if (t->in.template_dir)
            slip_cli_say(cli,
                         "new repositories get the hook by 'git clone --template=%s', or all "
                         "of them once: git config --global init.templateDir %s",
                         t->in.template_dir, t->in.template_dir);
        return 0;
    }
    if (!cli->common.dry_run && set_keys(o, &t->in.git, err) < 0)
        return -1;
    if (allow_head(cli, &t->in.git, err) < 0)
        return -1;
    slip_cli_say(cli, "the hook %s build images", o->only_built ? "may not" : "may");
    return 0;
}

static int run_install(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct install_args *o = options;
    struct slip_error err = { 0 };
    struct slip_install_plan plan;
    SLIP_AUTO(slip_hook_place) place = { 0 };
    SLIP_AUTO(task) t = { 0 };
    if (args->len)
        return slip_cli_usage(cli, "install takes no arguments");
    int status = read_task(cli, o, &t);
    if (status != 0)
        return status;
    if (!t.program) {
        slip_fail(&err, SLIP_E_INTERNAL, "the pre-push executable is not where slipway expects it");
        slip_hint(&err, "install slipway again");
        return slip_cli_fail(cli, &err);
    }
    if (slip_hook_look(&t.in, &place, &err) < 0)
        return slip_cli_fail(cli, &err);
    int refused = slip_install_decide(&place.facts, &plan, &err);
    if (plan.way == SLIP_WAY_PRINT)
        print_lines(cli, &place);
    if (refused < 0)
        return slip_cli_fail(cli, &err);
    if (plan.way == SLIP_WAY_PRINT) {
        slip_cli_say(cli, "then run 'slipway install' to allow what the rules need");
        return 0;
    }
    if (!cli->common.dry_run && slip_hook_install(&t.in, &place, plan.way, &err) < 0)
        return slip_cli_fail(cli, &err);
    say_installed(cli, &t, &place, &plan);
    if (permit(cli, o, &t, &err) < 0)
        return slip_cli_fail(cli, &err);
    if (plan.way != SLIP_WAY_MANAGED && plan.way != SLIP_WAY_LINES)
        warn_of_version(cli, &t);
    return 0;
}

/* ---- taking it away ---- */

static void say_removed(struct slip_cli *cli, const struct task *t, const struct slip_hook_place *p)
{
    const struct slip_install_facts *f = &p->facts;
    enum slip_hook_state config = t->in.scope == SLIP_SCOPE_LOCAL ? f->local : f->everywhere;
    bool gone = false;
    if (config != SLIP_HOOK_ABSENT) {
        slip_cli_say(cli, "git's configuration: removed");
        gone = true;
    }
    if (f->lines != SLIP_HOOK_ABSENT) {
        slip_cli_say(cli, "%s: lines removed", p->shared_file);
        gone = true;
    }
    if (f->file != SLIP_HOOK_ABSENT && f->file != SLIP_HOOK_FOREIGN) {
        slip_cli_say(cli, "%s: %s", p->path,
                     p->has_chained ? "the hook that was there before is back" : "removed");
    } else if (!gone && p->path) {
        slip_cli_say(cli, "%s: %s", p->path,
                     f->file == SLIP_HOOK_FOREIGN ? "not slipway's, left as it is"
                                                  : "there is no hook");
    }
    if (f->manager_runs_us)
        slip_cli_say(cli, "%s still starts slipway: take its line out by hand",
                     f->manager ? f->manager->files[0] : p->shared_file);
}

static int forget(const struct install_args *o, const struct slip_git *git, struct slip_error *err)
{
    static const char *const keys[] = { SLIP_KEY_REPO, SLIP_KEY_ALLOW, KEY_BUILD_SHOWN,
                                        SLIP_KEY_REMOTE };
    static const char *const words[] = { "rev-parse", "--path-format=absolute", "--git-common-dir",
                                         NULL };
    SLIP_AUTO(slip_buf) dir = SLIP_BUF(1 << 14);
    for (size_t i = 0; i < SLIP_COUNT(keys); i++)
        if (slip_git_config_set(git, keys[i], NULL, err) < 0)
            return -1;
    if (!o->purge)
        return 0;
    if (slip_git_run(git, words, &dir, NULL, err) < 0)
        return -1;
    slip_buf_add_c(&dir, "/slipway");
    slip_dir_remove(dir.ptr);
    return 0;
}

static int run_uninstall(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct install_args *o = options;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_hook_place) place = { 0 };
    SLIP_AUTO(task) t = { 0 };
    if (args->len)
        return slip_cli_usage(cli, "uninstall takes no arguments");
    int status = read_task(cli, o, &t);
    if (status != 0)
        return status;
    if (slip_hook_look(&t.in, &place, &err) < 0)
        return slip_cli_fail(cli, &err);
    if (!cli->common.dry_run
        && (slip_hook_uninstall(&t.in, &place, &err) < 0
            || (concerns_this_repository(&t) && forget(o, &t.in.git, &err) < 0)))
        return slip_cli_fail(cli, &err);
    say_removed(cli, &t, &place);
    return 0;
}

const struct slip_command slip_command_install = {
    .name = "install",
    .trade = "set up",
    .synopsis = "install [--mode HOW] [--remote NAME] [--only-built] [--force]",
    .summary = "write the hook; allow what the rules of HEAD need",
    .options = install_options,
    .size = sizeof(struct install_args),
    .dry_run = true,
    .run = run_install,
};

const struct slip_command slip_command_uninstall = {
    .name = "uninstall",
    .trade = "set up",
    .synopsis = "uninstall [--global|--system|--template-dir DIR] [--purge] [--force]",
    .summary = "take the hook away and what it was allowed",
    .options = uninstall_options,
    .size = sizeof(struct install_args),
    .dry_run = true,
    .run = run_uninstall,
};

const struct slip_command slip_command_trust = {
    .name = "trust",
    .trade = "set up",
    .synopsis = "trust [REV]",
    .summary = "allow what the rules of a commit need",
    .dry_run = true,
    .run = run_trust,
};
