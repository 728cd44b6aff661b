/* SPDX-License-Identifier: Apache-2.0 */
/* slipway doctor: is everything in place for the next push? */
#include "commands.h"

#include "base/file.h"

#include "base/limits.h"
#include "document.h"
#include "flow/install.h"
#include "flow/jobs.h"
#include "flow/policy.h"
#include "flow/rules_file.h"
#include "proc/run.h"
#include "ref/url.h"
#include "registry/credentials.h"
#include "registry/reference.h"
#include "repo/repo.h"
#include "settings.h"

struct doctor_args {
    const char *remote;
    bool brief;
};

/* clang-format off */
static const struct slip_option options_table[] = {
    { "brief", 0, SLIP_OPTION_FLAG, offsetof(struct doctor_args, brief), NULL, NULL,
      "only the hook: exit status 0 when it is installed and current, else 1" },
    { "remote", 0, SLIP_OPTION_TEXT, offsetof(struct doctor_args, remote), "NAME", NULL,
      "the remote to try (the one chosen at install, or origin)" },
    { .name = NULL },
};
/* clang-format on */

enum health { GOOD, NOTE, BAD };

struct finding {
    const char *about;
    enum health health;
    char *text, *hint;
};

struct examination {
    struct slip_cli *cli;
    const struct doctor_args *args;
    struct slip_install install;
    struct slip_git_config config;
    char *hook_dir; /* of the current work tree */
    struct {
        SLIP_VEC(struct finding);
    } findings;
};

static void find(struct examination *x, const char *about, enum health health, char *text,
                 const char *hint)
{
    slip_vec_push(&x->findings,
                  (struct finding){ about, health, text, hint ? slip_strdup(hint) : NULL });
}

static void find_error(struct examination *x, const char *about, const struct slip_error *err)
{
    find(x, about, BAD, slip_strdup(err->text), err->hint[0] ? err->hint : NULL);
}

/* ---- what is looked at ---- */

/* Each thing that can be wrong with the hooks of one work tree. `where` is "" for the current one.
 */
static void find_hook_faults(struct examination *x, const struct slip_hook_place *p,
                             const char *where)
{
    static const struct {
        enum health health;
        const char *text, *hint;
    } states[] = {
        [SLIP_HOOK_CURRENT] = { GOOD, "is installed", NULL },
        [SLIP_HOOK_OLDER] = { NOTE, "is of another version or place", "slipway install" },
        [SLIP_HOOK_EDITED] = { NOTE, "was edited by hand", "slipway install --force" },
    };
    const struct slip_install_facts *f = &p->facts;
    const struct {
        enum slip_hook_state state;
        const char *what;
    } ways[] = {
        { f->file, p->path },
        { f->lines, p->shared_file },
        { f->local, "hook.slipway-pre-push of this repository" },
        { f->everywhere, "hook.slipway-pre-push of all repositories" },
    };
    for (size_t i = 0; i < SLIP_COUNT(ways); i++)
        if (ways[i].state != SLIP_HOOK_ABSENT && ways[i].state != SLIP_HOOK_FOREIGN)
            find(x, "hook", states[ways[i].state].health,
                 slip_printf("%s%s %s%s", where, ways[i].what, states[ways[i].state].text,
                             i == 0 && p->has_chained ? ", after the one that was there" : ""),
                 states[ways[i].state].hint);
    if (f->manager_runs_us)
        find(x, "hook", GOOD,
             slip_printf("%s%s starts slipway", where,
                         f->manager ? f->manager->name : p->shared_file),
             NULL);
    if (f->file == SLIP_HOOK_CURRENT && !p->executable)
        find(x, "hook", BAD, slip_printf("%s is not executable, git passes it over", p->path),
             "slipway install");
    if ((f->local != SLIP_HOOK_ABSENT || f->everywhere != SLIP_HOOK_ABSENT)
        && f->git < SLIP_GIT_WITH_CONFIG_HOOKS)
        find(x, "hook", BAD,
             slip_printf("git %u.%u passes hooks in its configuration over", f->git / 1000,
                         f->git % 1000),
             "slipway install --mode file");
    if (p->disabled)
        find(x, "hook", BAD, slip_strdup("switched off by hook.*.enabled in git's configuration"),
             "git config --unset hook.slipway-pre-push.enabled");
    if (slip_hook_count(p) > 1)
        find(x, "hook", BAD,
             slip_printf("%sis there %u times: a push does the work again and again", where,
                         slip_hook_count(p)),
             "slipway uninstall, then slipway install");
    SLIP_AUTO_FREE char *dead = slip_hook_dead_path(p);
    if (dead)
        find(x, "hook", NOTE,
             slip_printf("%s starts '%s', which is gone; it looks on PATH then", p->path, dead),
             "slipway install");
}

/* Ours is in the usual place, and core.hooksPath points git somewhere else. */
static bool is_passed_over(const struct slip_hook_place *p)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_HOOK_FILE_MAX);
    struct slip_error err = { 0 };
    bool there = false;
    if (!p->usual_dir || strcmp(p->usual_dir, p->dir) == 0)
        return false;
    SLIP_AUTO_FREE char *usual = slip_printf("%s/pre-push", p->usual_dir);
    return slip_file_read_if_there(usual, &text, &there, &err) == 0 && there
           && slip_hook_state_of(slip_buf_str(&text), SLIP_STR("")) != SLIP_HOOK_FOREIGN;
}

static void find_missing_hook(struct examination *x, const struct slip_hook_place *p,
                              const char *where)
{
    if (is_passed_over(p))
        find(x, "hook", BAD,
             slip_printf("%score.hooksPath is '%s': git passes the hook in %s over", where, p->dir,
                         p->usual_dir),
             "slipway install");
    else if (p->facts.file == SLIP_HOOK_FOREIGN)
        find(x, "hook", BAD, slip_printf("%s%s is not slipway's", where, p->path),
             "slipway install");
    else
        find(x, "hook", BAD, slip_printf("%s%s is not installed", where, p->path),
             "slipway install");
}

static void look_at_place(struct examination *x)
{
    SLIP_AUTO(slip_hook_place) place = { 0 };
    struct slip_error err = { 0 };
    if (slip_hook_look(&x->install, &place, &err) < 0) {
        find_error(x, "hook", &err);
        return;
    }
    x->hook_dir = slip_strdup(place.dir);
    find_hook_faults(x, &place, "");
    if (slip_hook_count(&place) == 0)
        find_missing_hook(x, &place, "");
}

/* A relative core.hooksPath, or one of a single work tree, makes hooks differ between them. */
static void look_at_work_trees(struct examination *x)
{
    static const char *const words[] = { "worktree", "list", "--porcelain", NULL };
    static const char *const top_words[] = { "rev-parse", "--show-toplevel", NULL };
    SLIP_AUTO(slip_buf) list = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO(slip_buf) top = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_error err = { 0 };
    int status = 0;
    if (slip_git_run(&x->install.git, words, &list, &status, &err) < 0 || status != 0
        || slip_git_run(&x->install.git, top_words, &top, &status, &err) < 0)
        return;
    const char **env = slip_git_env_quiet(&x->install.git, true);
    struct slip_str rest = slip_buf_str(&list), line;
    while (slip_str_line(&rest, &line)) {
        if (!slip_str_starts(line, SLIP_STR("worktree ")))
            continue;
        line = slip_str_skip(line, strlen("worktree "));
        SLIP_AUTO_FREE char *dir = slip_memdup(line.ptr, line.len);
        SLIP_AUTO_FREE char *where = slip_printf("work tree '%s': ", dir);
        SLIP_AUTO(slip_hook_place) place = { 0 };
        struct slip_install in = x->install;
        in.git.dir = dir;
        in.git.env = env;
        struct slip_error e = { 0 };
        if (slip_str_is(line, top.ptr) || access(dir, F_OK) < 0
            || slip_hook_look(&in, &place, &e) < 0 || slip_hook_count(&place) > 0
            || (x->hook_dir && strcmp(place.dir, x->hook_dir) == 0))
            continue;
        find_missing_hook(x, &place, where);
    }
    slip_git_env_free(env);
}

/* Another slipway than this one may be what the next command line, or a hook, starts. */
static void look_at_program(struct examination *x)
{
    char here[4096], there[4096];
    SLIP_AUTO_FREE char *own = slip_own_path(x->cli);
    SLIP_AUTO_FREE char *on_path = slip_program_find(x->cli->env, "slipway");
    if (!on_path)
        find(x, "program", NOTE, slip_printf("'%s' is not on PATH", own), NULL);
    else if (realpath(on_path, there) && realpath(own, here) && strcmp(here, there) != 0)
        find(x, "program", NOTE,
             slip_printf("this is '%s', the first on PATH is '%s'", here, there), NULL);
    else
        find(x, "program", GOOD, slip_printf("slipway %s, %s", slip_version, on_path), NULL);
}

static void look_at_switches(struct examination *x)
{
    const char *off = slip_cli_env(x->cli, "SLIPWAY");
    if (off && (strcmp(off, "0") == 0 || strcmp(off, "false") == 0))
        find(x, "switch", BAD, slip_printf("SLIPWAY=%s in the environment: hooks do nothing", off),
             NULL);
    if (!slip_git_config_bool(&x->config, SLIP_KEY_ENABLED, true))
        find(x, "switch", BAD, slip_strdup("slipway.enabled is false: hooks do nothing"),
             "git config --unset slipway.enabled");
}

static void look_at_hook(struct examination *x)
{
    look_at_program(x);
    look_at_place(x);
    look_at_work_trees(x);
    look_at_switches(x);
}

/* ---- who we are at the registries; nobody is asked over the network ---- */

static void look_at_sign_in(struct examination *x, const struct slip_settings *settings,
                            struct slip_str name, struct slip_words *seen)
{
    const struct slip_registry_options *r = &settings->registry;
    struct slip_credentials_options o = { .docker_config_dir = r->docker_config_dir,
                                          .docker_auth_config = r->docker_auth_config,
                                          .auth_files = r->auth_files,
                                          .env = r->env };
    SLIP_AUTO(slip_reference) ref = { 0 };
    SLIP_AUTO(slip_credential) credential = { 0 };
    struct slip_error err = { 0 };
    if (slip_repository_parse(name, &ref, &err) < 0 || ref.kind != SLIP_STORE_REGISTRY)
        return;
    for (size_t i = 0; i < seen->len; i++)
        if (strcmp(seen->at[i], ref.registry) == 0)
            return;
    seen->at = slip_realloc_array(seen->at, seen->len + 1, sizeof(*seen->at));
    seen->at[seen->len++] = slip_strdup(ref.registry);
    if (slip_credentials_find(&o, ref.registry, ref.repository, &credential, &err) < 0) {
        find_error(x, "sign-in", &err);
    } else if (slip_credential_is_set(&credential)) {
        find(x, "sign-in", GOOD, slip_printf("%s: from %s", ref.registry, credential.source), NULL);
    } else {
        SLIP_AUTO_FREE char *hint = slip_printf("docker login %s", ref.registry);
        find(x, "sign-in", NOTE, slip_printf("%s: no credentials, anonymous", ref.registry), hint);
    }
}

static void look_at_sign_ins(struct examination *x, const struct slip_policy_wants *wants)
{
    static const struct slip_registry_flags none;
    struct slip_registry_flags flags = none;
    struct slip_settings settings;
    struct slip_words seen = { 0 };
    flags.docker_config = slip_cli_env(x->cli, "DOCKER_CONFIG");
    slip_settings_init(&settings, x->cli, &flags, NULL);
    if (wants->repo.len)
        look_at_sign_in(x, &settings, wants->repo, &seen);
    for (size_t i = 0; i < wants->prefixes.len; i++)
        look_at_sign_in(x, &settings, wants->prefixes.at[i], &seen);
    for (size_t i = 0; i < seen.len; i++)
        slip_free((char *)seen.at[i]);
    slip_free(seen.at);
    slip_settings_clear(&settings);
}

static void look_at_permissions(struct examination *x, const struct slip_rules *rules,
                                const char *top)
{
    SLIP_AUTO(slip_policy_wants) wants = { 0 };
    SLIP_AUTO(slip_policy_entries) entries = { 0 };
    struct slip_policy policy = { .config = &x->config, .top = top, .strict = true };
    slip_policy_wants_of(rules, &wants);
    slip_policy_compare(&policy, &wants, &entries);
    size_t fresh = 0;
    for (size_t i = 0; i < entries.len; i++) {
        if (!entries.at[i].fresh)
            continue;
        fresh++;
        find(x, "allowed", BAD,
             slip_printf("'%.*s' is not allowed on this machine", SLIP_ARG(entries.at[i].value)),
             "slipway trust");
    }
    if (fresh == 0)
        find(x, "allowed", GOOD, slip_strdup("all that the rules of HEAD need"), NULL);
    find(x, "building", GOOD,
         slip_strdup(slip_policy_may_build(&policy) ? "the hook may build"
                                                    : "the hook may not build"),
         NULL);
    look_at_sign_ins(x, &wants);
}

static bool has_commit(const struct examination *x)
{
    static const char *const words[] = { "rev-parse", "--verify", "--quiet", "HEAD", NULL };
    struct slip_error err = { 0 };
    int status;
    return slip_git_run(&x->install.git, words, NULL, &status, &err) < 0 || status == 0;
}

static void look_at_rules(struct examination *x)
{
    SLIP_AUTO(slip_rules) rules = { 0 };
    SLIP_AUTO_FREE char *top = NULL;
    struct slip_error err = { 0 };
    bool found = false;
    if (!has_commit(x)) {
        find(x, "rules", NOTE, slip_strdup("there is no commit yet"),
             "once there is one with rules in it: slipway trust");
        return;
    }
    if (slip_rules_of_commit(&x->install.git, NULL, slip_cli_env(x->cli, "SLIPWAY_RULES_FILE"),
                             &rules, &found, &top, &err)
        < 0) {
        find_error(x, "rules", &err);
        return;
    }
    if (!found) {
        const char *file = slip_rules_in_work_tree(&x->install.git);
        SLIP_AUTO_FREE char *hint = file ? slip_printf(SLIP_UNCOMMITTED, file, file) : NULL;
        find(x, "rules", NOTE, slip_strdup("no rules file in the commit of HEAD"),
             hint ? hint : "slipway init");
        return;
    }
    find(x, "rules", GOOD, slip_printf("%.*s, rules: %zu", SLIP_ARG(rules.file), rules.len), NULL);
    look_at_permissions(x, &rules, top);
}

static const char *usual_remote(const struct examination *x)
{
    const char *recorded = slip_git_config_get(&x->config, SLIP_KEY_REMOTE);
    return x->args->remote ? x->args->remote : recorded ? recorded : "origin";
}

static void look_at_remote(struct examination *x)
{
    static const char *const refs[] = { "HEAD" };
    struct slip_remote_ref found;
    struct slip_error err = { 0 };
    const char *remote = usual_remote(x);
    struct slip_git git = x->install.git;
    git.timeout_ms = 10000;
    SLIP_AUTO_FREE char *key = slip_printf("remote.%s.url", remote);
    struct slip_str name = slip_str_of(remote);
    if (!slip_url_may_be_typed(name, SLIP_STR("")) && !slip_git_config_get(&x->config, key)) {
        SLIP_AUTO_FREE char *hint = slip_printf("git remote add %s URL", remote);
        find(x, "remote", NOTE, slip_printf("there is no remote '%s'", remote), hint);
        return;
    }
    if (slip_git_ls_remote(&git, remote, refs, 1, &found, &err) < 0)
        find_error(x, "remote", &err);
    else
        find(x, "remote", GOOD, slip_printf("'%s' answers without asking", remote), NULL);
}

static void find_unreadable(void *payload, const char *path)
{
    find(payload, "jobs", BAD, slip_printf("%s is no job that can be read", path),
         "look what it was for; slipway jobs drop takes it away");
}

static void look_at_jobs(struct examination *x)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job_list) list = { 0 };
    SLIP_AUTO_PTR(slip_repo) repo = NULL;
    struct slip_error err = { 0 };
    if (slip_repo_open(x->cli->common.git_dir, x->cli->env, &repo, &err) < 0
        || slip_jobs_open(slip_repo_common_dir(repo), false, (struct slip_clock){ 0 }, &jobs, &err)
               < 0) {
        find_error(x, "jobs", &err);
        return;
    }
    slip_jobs_list(&jobs, &list);
    slip_jobs_unreadable(&jobs, find_unreadable, x);
    size_t waiting = 0, failed = 0;
    for (size_t i = 0; i < list.len; i++) {
        waiting += list.at[i].state <= SLIP_JOB_RUNNING;
        failed += list.at[i].state == SLIP_JOB_FAILED;
    }
    find(x, "jobs",
         failed    ? BAD
         : waiting ? NOTE
                   : GOOD,
         slip_printf("%zu waiting, %zu failed", waiting, failed),
         failed    ? "slipway jobs list"
         : waiting ? "slipway wait REF"
                   : NULL);
}

static void look_at_settings(struct examination *x)
{
    static const char *const words[] = { "config", "--show-scope", "--get-regexp", "^slipway\\.",
                                         NULL };
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_error err = { 0 };
    int status = 0;
    if (slip_git_run(&x->install.git, words, &text, &status, &err) < 0 || status != 0)
        return;
    struct slip_str rest = slip_buf_str(&text), line, scope, setting;
    while (slip_str_line(&rest, &line))
        if (slip_str_cut(line, '\t', &scope, &setting))
            find(x, "setting", GOOD, slip_printf("%.*s (%.*s)", SLIP_ARG(setting), SLIP_ARG(scope)),
                 NULL);
}

/* ---- what is said ---- */

static const char *const health_names[] = { "ok", "note", "bad" };

static void print_json(const struct examination *x)
{
    json_t *list = json_array();
    for (size_t i = 0; i < x->findings.len; i++) {
        const struct finding *f = &x->findings.at[i];
        json_array_append_new(list, json_pack("{s:s,s:s,s:o,s:o}", "about", f->about, "health",
                                              health_names[f->health], "message",
                                              slip_json_text(slip_str_of(f->text)), "hint",
                                              slip_json_text_or_null(f->hint)));
    }
    slip_json_print(json_pack("{s:i,s:o}", "schema", 1, "findings", list));
}

static void print_findings(const struct examination *x)
{
    for (size_t i = 0; i < x->findings.len; i++) {
        const struct finding *f = &x->findings.at[i];
        SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_cli_escape(slip_str_of(f->text), &text);
        printf("%-5s %-9s %s\n", health_names[f->health], f->about, text.ptr);
        if (f->hint)
            printf("%-5s %-9s hint: %s\n", "", "", f->hint);
    }
}

static int worst(const struct examination *x)
{
    for (size_t i = 0; i < x->findings.len; i++)
        if (x->findings.at[i].health == BAD)
            return 1;
    return 0;
}

static int brief(const struct examination *x)
{
    SLIP_AUTO(slip_hook_place) place = { 0 };
    struct slip_error err = { 0 };
    if (slip_hook_look(&x->install, &place, &err) < 0)
        return slip_cli_fail(x->cli, &err);
    return slip_hook_is_in_place(&place) ? 0 : 1;
}

static int examine(struct examination *x)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_PTR(slip_repo) repo = NULL;
    if (x->args->brief)
        return brief(x);
    if (slip_repo_open(x->cli->common.git_dir, x->cli->env, &repo, &err) < 0)
        return slip_cli_fail(x->cli, &err);
    if (slip_git_config_read(&x->install.git, &x->config, &err) < 0)
        return slip_cli_fail(x->cli, &err);
    look_at_hook(x);
    look_at_rules(x);
    look_at_remote(x);
    look_at_jobs(x);
    look_at_settings(x);
    if (x->cli->common.json)
        print_json(x);
    else
        print_findings(x);
    return worst(x);
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    SLIP_AUTO_FREE char *worker = slip_hook_worker(cli->program, slip_cli_env(cli, "PATH"));
    SLIP_AUTO_FREE char *hook = worker ? slip_hook_program(worker, SLIP_HOOK_FROM_HERE) : NULL;
    SLIP_AUTO(slip_git_config) recorded = { 0 };
    struct slip_error err = { 0 };
    struct examination x = { .cli = cli, .args = options };
    if (args->len)
        return slip_cli_usage(cli, "doctor takes no arguments");
    x.install.git = (struct slip_git){ .env = cli->env, .dir = cli->common.git_dir };
    if (slip_git_config_read(&x.install.git, &recorded, &err) < 0)
        return slip_cli_fail(cli, &err);
    const char *remote = slip_git_config_get(&recorded, SLIP_KEY_REMOTE);
    x.install.target =
        (struct slip_hook_target){ .program = hook ? hook : "",
                                   .worker = worker ? worker : "",
                                   .from_bin = SLIP_HOOK_FROM_HERE,
                                   .remote = remote ? remote : "origin",
                                   .rules = slip_git_config_get(&recorded, SLIP_KEY_RULES_FILE) };
    x.install.copy = SLIP_COPY_HOOK;
    int status = examine(&x);
    for (size_t i = 0; i < x.findings.len; i++) {
        slip_free(x.findings.at[i].text);
        slip_free(x.findings.at[i].hint);
    }
    slip_vec_clear(&x.findings);
    slip_git_config_clear(&x.config);
    slip_free(x.hook_dir);
    return status;
}

const struct slip_command slip_command_doctor = {
    .name = "doctor",
    .trade = "set up",
    .synopsis = "doctor [--brief]",
    .summary = "say whether everything is in place for the next push",
    .options = options_table,
    .size = sizeof(struct doctor_args),
    .json = true,
    .run = run,
};
