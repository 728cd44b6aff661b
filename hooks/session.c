/* SPDX-License-Identifier: Apache-2.0 */
/* A commit, its rules, and what may be done here. */
#include "session.h"

#include "base/mem.h"
#include "base/stop.h"
#include "flow/rules_file.h"
#include "ref/url.h"

#include <limits.h>

#define KEY_INSECURE "slipway.insecureregistry"
#define KEY_ENGINE "slipway.engine"

void slip_session_clear(struct slip_session *s)
{
    slip_registry_free(s->registry);
    slip_settings_clear(&s->settings);
    slip_rules_clear(&s->rules);
    slip_project_clear(&s->project);
    slip_git_config_clear(&s->config);
    slip_free(s->top);
    *s = (struct slip_session){ 0 };
}

/* Of the commit itself, or of the one that --rules-from names. */
static int read_rules(struct slip_session *s, struct slip_error *err)
{
    SLIP_AUTO(slip_project) other = { 0 };
    const struct slip_tree *tree = &s->project.tree;
    if (s->flags.rules_from) {
        if (slip_project_open(s->cli->common.git_dir, s->cli->env, s->flags.rules_from, &other, err)
            < 0)
            return slip_while(err, "--rules-from");
        tree = &other.tree;
    }
    return slip_rules_as_told(tree, s->flags.rules_file,
                              slip_git_config_get(&s->config, SLIP_KEY_RULES_FILE), &s->rules,
                              &s->has_rules, NULL, err);
}

int slip_session_switch(struct slip_session *s, const char *rev, struct slip_error *err)
{
    slip_rules_clear(&s->rules);
    slip_project_clear(&s->project);
    s->has_rules = s->has_images = false;
    if (slip_project_open(s->cli->common.git_dir, s->cli->env, rev, &s->project, err) < 0)
        return -1;
    return read_rules(s, err);
}

int slip_session_open(struct slip_cli *cli, const struct slip_session_flags *flags, const char *rev,
                      bool strict, struct slip_session *s, struct slip_error *err)
{
    s->cli = cli;
    s->flags = *flags;
    s->strict = strict;
    s->git = (struct slip_git){ .env = cli->env, .dir = cli->common.git_dir };
    if (slip_git_config_read(&s->git, &s->config, err) < 0 || slip_session_switch(s, rev, err) < 0)
        return -1;
    s->top = slip_strdup(slip_project_base_dir(&s->project));

    /* Local git config says what a rules file must not: how far registries are believed. */
    if (slip_git_config_bool(&s->config, KEY_INSECURE, false))
        s->flags.registry.insecure = true;
    if (!s->flags.build.engine)
        s->flags.build.engine = slip_git_config_get(&s->config, KEY_ENGINE);
    slip_settings_init(&s->settings, cli, &s->flags.registry, s->top);
    s->registry = slip_registry_new(&s->settings.registry);
    return 0;
}

static bool is_among(const struct slip_words *words, struct slip_str text)
{
    for (size_t i = 0; i < words->len; i++)
        if (slip_str_is(text, words->at[i]))
            return true;
    return false;
}

void slip_choose_rules(const struct slip_words *names, struct slip_decisions *decisions)
{
    size_t n = 0;
    for (size_t i = 0; i < decisions->len; i++)
        if (names->len == 0 || is_among(names, decisions->at[i].rule->name))
            decisions->at[n++] = decisions->at[i];
    decisions->len = n;
}

int slip_check_rule_names(const struct slip_words *names, const struct slip_rules *rules,
                          struct slip_error *err)
{
    for (size_t i = 0; i < names->len; i++) {
        size_t k = 0;
        while (k < rules->len && !slip_str_is(rules->at[k].name, names->at[i]))
            k++;
        if (k == rules->len)
            return slip_fail(err, SLIP_E_USAGE, "there is no rule '%s' in %.*s", names->at[i],
                             SLIP_ARG(rules->file));
    }
    return 0;
}

static struct slip_policy policy_of(const struct slip_session *s)
{
    return (struct slip_policy){
        .config = &s->config, .top = s->top, .rev = s->rev, .strict = s->strict
    };
}

static int may_write(void *payload, struct slip_str name, struct slip_error *err)
{
    struct slip_policy policy = policy_of(payload);
    return slip_policy_check_destination(&policy, name, err);
}

int slip_session_read_images(struct slip_session *s, struct slip_error *err)
{
    struct slip_commit_options c = s->flags.commit;
    if (s->has_images)
        return 0;
    slip_follow_rules(&s->rules, &c);
    if (slip_read_images(s->cli, &c, &s->project, err) < 0)
        return -1;
    s->has_images = true;
    return 0;
}

static int64_t source_date_epoch(const struct slip_cli *cli)
{
    int64_t epoch;
    const char *text = slip_cli_env(cli, "SOURCE_DATE_EPOCH");
    return text && slip_str_to_i64(slip_str_of(text), &epoch) && epoch >= 0 ? epoch : -1;
}

/* Of several rules the most patient one counts. */
static void be_patient(struct slip_session *s, const struct slip_session_run *run)
{
    unsigned attempts = 0, wait_s = 0, timeout_s = 0;
    for (size_t i = 0; i < run->n; i++) {
        const struct slip_rule *rule = run->decisions[i].rule;
        attempts = rule->retry.attempts > attempts ? rule->retry.attempts : attempts;
        wait_s = rule->retry.max_s > wait_s ? rule->retry.max_s : wait_s;
        timeout_s = rule->timeout_s > timeout_s ? rule->timeout_s : timeout_s;
    }
    slip_registry_be_patient(s->registry, attempts, wait_s);
    slip_stop_after(timeout_s, "the rules' timeout");
    if (timeout_s <= UINT_MAX / 1000)
        s->settings.host.timeout_ms = timeout_s * 1000;
}

int slip_session_run(struct slip_session *s, const struct slip_session_run *run,
                     struct slip_outcome *outcome, struct slip_error *err)
{
    struct slip_cli *cli = s->cli;
    s->rev = s->flags.rules_from ? s->flags.rules_from : slip_project_rev(&s->project, s->rev_text);
    struct slip_policy policy = policy_of(s);
    struct slip_str given = slip_str_of(s->flags.registry.repo);
    struct slip_str repo = slip_rules_stage_repository(&s->rules, given);
    bool may_build = !s->flags.require_built && slip_policy_may_build(&policy);
    bool looks = run->phase == SLIP_PHASE_PLAN || run->phase == SLIP_PHASE_CHECK;
    struct slip_resolve_options resolve;
    be_patient(s, run);
    if (slip_resolve_settings(&s->settings, cli, &s->flags.registry, &s->flags.build, s->registry,
                              &resolve, err)
        < 0)
        return -1;
    resolve.asks_bases = slip_policy_may_build(&policy);
    if (run->tmpdir)
        s->settings.host.tmpdir = run->tmpdir;
    resolve.missing = looks                                   ? SLIP_MISSING_NOTED
                      : may_build && !resolve.engine->refuses ? SLIP_MISSING_BUILDS
                                                              : SLIP_MISSING_FAILS;
    if (!slip_policy_may_build(&policy))
        resolve.to_build = "allow it here (git config slipway.allowBuild true)";
    struct slip_rules_run r = {
        .rules = &s->rules,
        .decisions = run->decisions,
        .n = run->n,
        .remote = run->remote,
        .source_url = run->source_url,
        .series = run->series,
        .ci_run_id = run->ci_run_id,
        .ci_run_number = run->ci_run_number,
        .git = &s->git,
        .epoch = source_date_epoch(cli),
        .env = slip_cli_variable,
        .env_payload = cli,
        .stage_repository = given,
        .release = { .phase = run->phase,
                     .expected = run->expected,
                     .listings = run->listings,
                     .replaceable = run->replaceable,
                     .only = run->only,
                     .offline = run->offline,
                     .registry = s->registry,
                     .name_locks = s->settings.name_locks,
                     /* What was prepared has been let in already. */
                     .preflight = !s->flags.build.no_preflight && !run->expected,
                     .may_write = may_write,
                     .payload = s,
                     .watch = &cli->watch,
                     .resolve = resolve },
    };
    if ((repo.len && slip_policy_check_repo(&policy, repo, err) < 0)
        || slip_session_read_images(s, err) < 0)
        return -1;
    int rc = slip_run_rules(&s->project, &r, outcome, err);
    slip_stop_after(0, "");
    return rc;
}

void slip_session_remote_url(const struct slip_session *s, const char *remote, struct slip_buf *out)
{
    SLIP_AUTO_FREE char *key = slip_printf("remote.%s.url", remote);
    const char *url = slip_git_config_get(&s->config, key);
    if (url)
        slip_url_without_secrets(slip_str_of(url), out);
}
