/* SPDX-License-Identifier: Apache-2.0 */
/* slipway doctor: is everything in place for the next push? */
#include "commands.h"

#include "base/limits.h"
#include "flow/install.h"
#include "flow/jobs.h"
#include "flow/policy.h"
#include "flow/rules_file.h"
#include "repo/repo.h"

#include <jansson.h>

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

static void look_at_hook(struct examination *x)
{
    static const struct {
        enum health health;
        const char *text, *hint;
    } states[] = {
        [SLIP_HOOK_ABSENT] = { BAD, "is not installed", "slipway install" },
        [SLIP_HOOK_CURRENT] = { GOOD, "is installed", NULL },
        [SLIP_HOOK_OLDER] = { NOTE, "is of another version or place", "slipway install" },
        [SLIP_HOOK_EDITED] = { NOTE, "was edited by hand", "slipway install --force" },
        [SLIP_HOOK_FOREIGN] = { BAD, "is not slipway's", "slipway install" },
    };
    SLIP_AUTO(slip_hook_place) place = { 0 };
    struct slip_error err = { 0 };
    if (slip_hook_look(&x->install, &place, &err) < 0) {
        find_error(x, "hook", &err);
        return;
    }
    if (place.state == SLIP_HOOK_CURRENT && !place.executable)
        find(x, "hook", BAD, slip_printf("%s is not executable, git passes it over", place.path),
             "slipway install");
    else
        find(x, "hook", states[place.state].health,
             slip_printf("%s %s%s", place.path, states[place.state].text,
                         place.has_chained ? ", after the one that was there" : ""),
             states[place.state].hint);
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
}

static void look_at_rules(struct examination *x)
{
    SLIP_AUTO(slip_rules) rules = { 0 };
    SLIP_AUTO_FREE char *top = NULL;
    struct slip_error err = { 0 };
    bool found = false;
    if (slip_rules_of_commit(&x->install.git, NULL, slip_cli_env(x->cli, "SLIPWAY_RULES_FILE"),
                             &rules, &found, &top, &err)
        < 0) {
        find_error(x, "rules", &err);
        return;
    }
    if (!found) {
        find(x, "rules", NOTE, slip_strdup("no rules file in the commit of HEAD"), "slipway init");
        return;
    }
    find(x, "rules", GOOD, slip_printf("%.*s, %zu rules", SLIP_ARG(rules.file), rules.len), NULL);
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
    if (slip_git_ls_remote(&git, remote, refs, 1, &found, &err) < 0)
        find_error(x, "remote", &err);
    else
        find(x, "remote", GOOD, slip_printf("'%s' answers without asking", remote), NULL);
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
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s*}", "about", f->about, "health",
                                        health_names[f->health], "text", f->text, "hint", f->hint));
    }
    json_t *all = json_pack("{s:i, s:o}", "schema", 1, "findings", list);
    char *text = json_dumps(all, 0);
    puts(text ? text : "{}");
    free(text);
    json_decref(all);
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
    return place.state == SLIP_HOOK_CURRENT && place.executable ? 0 : 1;
}

static int examine(struct examination *x)
{
    struct slip_error err = { 0 };
    if (x->args->brief)
        return brief(x);
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
    SLIP_AUTO_FREE char *hook =
        slip_hook_program(cli->program, slip_cli_env(cli, "PATH"), SLIP_HOOK_FROM_HERE);
    SLIP_AUTO(slip_git_config) recorded = { 0 };
    struct slip_error err = { 0 };
    struct examination x = { .cli = cli, .args = options };
    if (args->len)
        return slip_cli_usage(cli, "doctor takes no arguments");
    x.install.git = (struct slip_git){ .env = cli->env, .dir = cli->common.git_dir };
    if (slip_git_config_read(&x.install.git, &recorded, &err) < 0)
        return slip_cli_fail(cli, &err);
    const char *remote = slip_git_config_get(&recorded, SLIP_KEY_REMOTE);
    x.install.hook_program = hook ? hook : "";
    x.install.from_bin = SLIP_HOOK_FROM_HERE;
    x.install.remote = remote ? remote : "origin";
    int status = examine(&x);
    for (size_t i = 0; i < x.findings.len; i++) {
        slip_free(x.findings.at[i].text);
        slip_free(x.findings.at[i].hint);
    }
    slip_vec_clear(&x.findings);
    slip_git_config_clear(&x.config);
    return status;
}

const struct slip_command slip_command_doctor = {
    .name = "doctor",
    .trade = "set up",
    .synopsis = "doctor [--brief]",
    .summary = "say whether everything is in place for the next push",
    .options = options_table,
    .size = sizeof(struct doctor_args),
    .run = run,
};
