/* SPDX-License-Identifier: Apache-2.0 */
/* slipway ci: what the rules ask for the ref that a CI job runs for. */
#include "commands.h"

#include "ci_job.h"
#include "session.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "ci/credentials.h"
#include "ci/log.h"
#include "ci/output.h"
#include "ref/url.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/random.h>

struct ci_args {
    struct slip_session_flags session;
    const char *provider, *ref, *event, *remote, *output_file, *format;
    struct slip_words rules;
    bool allow_pr, allow_moved;
};

/* clang-format off */
#define AT(member) offsetof(struct ci_args, member)
static const struct slip_option options_table[] = {
    { "provider", 0, SLIP_OPTION_TEXT, AT(provider), "NAME", "SLIPWAY_CI_PROVIDER",
      "auto, none, github, gitlab, gitea, forgejo, woodpecker, jenkins ..." },
    { "ref", 0, SLIP_OPTION_TEXT, AT(ref), "REF", NULL,
      "the full name of the ref, when the CI system does not say it" },
    { "event", 0, SLIP_OPTION_TEXT, AT(event), "EVENT", NULL,
      "what started the job: pull_request ... only plans" },
    { "rule", 0, SLIP_OPTION_LIST, AT(rules), "NAME", NULL, "only this rule, may be repeated" },
    { "remote", 0, SLIP_OPTION_TEXT, AT(remote), "NAME", NULL,
      "the remote that is asked for tags (origin)" },
    { "allow-pr", 0, SLIP_OPTION_FLAG, AT(allow_pr), NULL, NULL,
      "release branches from requests of the same repository too; never from forks" },
    { "allow-moved", 0, SLIP_OPTION_FLAG, AT(allow_moved), NULL, NULL,
      "go on when the remote's tag is another commit by now" },
    { "output-file", 0, SLIP_OPTION_TEXT, AT(output_file), "FILE", NULL,
      "write variables there for later jobs" },
    { "format", 0, SLIP_OPTION_TEXT, AT(format), "dotenv|json", NULL, "of that file (dotenv)" },
    SLIP_SESSION_OPTIONS(struct ci_args, session),
    { .name = NULL },
};
/* clang-format on */

/* One run. */
struct ci {
    struct slip_cli *cli;
    const struct ci_args *o;
    struct slip_ci_job job;
    struct slip_session session;
    struct slip_outcome outcome;
    bool plan_only;
    const char *const *env; /* of the job */
    struct slip_ci_voice voice;
    struct slip_buf version, token;
};

static struct slip_ci_env env_of(const struct ci *c)
{
    return slip_ci_env_of(c->env);
}

static const char *remote_of(const struct ci *c)
{
    return c->o->remote ? c->o->remote : "origin";
}

static struct slip_ci_flags flags_of(const struct ci_args *o)
{
    return (struct slip_ci_flags){ .provider = o->provider,
                                   .ref = o->ref,
                                   .commit = o->session.commit.commit,
                                   .event = o->event,
                                   .remote = o->remote };
}

/* ---- before anything is decided ---- */

/* The provider's own registry, unless the job brought credentials of its own. */
static void use_job_credentials(struct ci *c)
{
    SLIP_AUTO(slip_buf) config = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (slip_cli_env(c->cli, "DOCKER_AUTH_CONFIG")
        || !slip_ci_credentials(c->job.provider, env_of(c), &config))
        return;
    size_t n = 0;
    while (c->cli->env[n])
        n++;
    const char **env = slip_arena_array(&c->job.arena, n + 2, sizeof(*env));
    memcpy(env, c->cli->env, n * sizeof(*env));
    env[n] = slip_arena_printf(&c->job.arena, "DOCKER_AUTH_CONFIG=%s", config.ptr);
    c->cli->env = env;
    slip_wipe(config.ptr, config.len);
}

static int open_session(struct ci *c, struct slip_error *err)
{
    const char *rev = c->job.commit ? c->job.commit : c->job.ref;
    if (slip_session_open(c->cli, &c->o->session, rev, false, &c->session, err) == 0)
        return 0;
    /* Of a commit that is missing: how this provider fetches says more than how git does. */
    SLIP_AUTO_PTR(slip_repo) repo = NULL;
    struct slip_error other = { 0 };
    if (err->kind == SLIP_E_REPO && c->job.provider->fetch_hint
        && slip_repo_open(c->cli->common.git_dir, c->cli->env, &repo, &other) == 0)
        slip_hint_instead(err, "%s", c->job.provider->fetch_hint);
    return -1;
}

/* A tag that was moved while the job waited: what it is now has a job of its own. */
static int check_tag(struct ci *c, struct slip_error *err)
{
    struct slip_str name;
    struct slip_remote_ref found;
    struct slip_error unreachable = { 0 };
    const char *refs[] = { c->job.ref };
    if (slip_ref_kind_of(slip_str_of(c->job.ref), &name) != SLIP_REF_TAG || c->o->allow_moved)
        return 0;
    if (slip_git_ls_remote(&c->session.git, remote_of(c), refs, 1, &found, &unreachable) < 0) {
        slip_cli_warn(c->cli, "'%s' could not be asked whether the tag is still the same: %s",
                      remote_of(c), unreachable.text);
        return 0;
    }
    if (found.peeled[0] == '\0' || strcmp(found.peeled, c->session.project.commit_hex) == 0)
        return 0;
    slip_fail(err, SLIP_E_CONFLICT, "tag '%.*s' moved since this job started: it is %.12s now",
              SLIP_ARG(name), found.peeled);
    return slip_hint(err, "the job of the new push releases it; to go on with this one: "
                          "--allow-moved");
}

/* ---- rules ---- */

static void decide(struct ci *c, struct slip_decisions *out)
{
    SLIP_AUTO(slip_ref_updates) one = { 0 };
    size_t n = 0;
    slip_vec_push(&one,
                  slip_ref_update_make(slip_str_of(c->job.ref),
                                       slip_str_of(c->session.project.commit_hex), SLIP_STR("")));
    slip_rules_decide(&c->session.rules, &one, SLIP_TRIGGER_CI, NULL,
                      slip_str_of(slip_cli_env(c->cli, "SLIPWAY_SKIP")), out);
    for (size_t i = 0; i < out->len; i++) {
        const struct slip_decision *d = &out->at[i];
        if (d->skipped)
            slip_cli_say(c->cli, "rule '%.*s' skipped (SLIPWAY_SKIP)", SLIP_ARG(d->rule->name));
        else
            out->at[n++] = *d;
    }
    out->len = n;
    slip_choose_rules(&c->o->rules, out);
}

static enum slip_phase phase_of(const struct ci *c, enum slip_action action)
{
    if (c->plan_only || action == SLIP_ACTION_VERIFY)
        return SLIP_PHASE_PLAN;
    return action == SLIP_ACTION_BUILD ? SLIP_PHASE_STAGES : SLIP_PHASE_NAMES;
}

/* Rules with the same action are one release. */
static int run_actions(struct ci *c, const struct slip_decisions *all, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) url = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (c->job.url)
        slip_url_without_secrets(slip_str_of(c->job.url), &url);
    else
        slip_session_remote_url(&c->session, remote_of(c), &url);
    for (enum slip_action a = SLIP_ACTION_VERIFY; a <= SLIP_ACTION_EXPORT; a++) {
        SLIP_AUTO(slip_decisions) some = { 0 };
        for (size_t i = 0; i < all->len; i++)
            if (all->at[i].action == a)
                slip_vec_push(&some, all->at[i]);
        struct slip_session_run run = { .decisions = some.at,
                                        .n = some.len,
                                        .phase = phase_of(c, a),
                                        .remote = remote_of(c),
                                        .source_url = slip_buf_str(&url),
                                        .ci_run_id = slip_str_of(c->job.run_id),
                                        .ci_run_number = slip_str_of(c->job.run_number),
                                        .offline = c->plan_only && c->job.pull_request };
        if (some.len && slip_session_run(&c->session, &run, &c->outcome, err) < 0)
            return -1;
    }
    return 0;
}

/* As `werf ci-env` chooses it, when nobody says which. */
static int choose_stage_repository(struct ci *c, struct slip_error *err)
{
    struct slip_session *s = &c->session;
    SLIP_AUTO(slip_buf) repo = SLIP_BUF(4096);
    if (s->flags.registry.repo || s->rules.repo.text.len)
        return 0;
    if (slip_session_read_images(s, err) < 0)
        return -1;
    if (slip_ci_stage_repository(c->job.provider, env_of(c), s->project.set.project, &repo))
        s->flags.registry.repo = slip_arena_strdup(&c->job.arena, slip_buf_str(&repo));
    return 0;
}

static bool pull_request_may_release(const struct ci *c)
{
    struct slip_str name;
    return c->o->allow_pr && !c->job.fork
           && slip_ref_kind_of(slip_str_of(c->job.ref), &name) == SLIP_REF_BRANCH;
}

static int release(struct ci *c, struct slip_error *err)
{
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    struct slip_ci_flags flags = flags_of(c->o);
    if (c->job.deleted) {
        c->outcome.trigger = "ci";
        c->outcome.started_at = slip_now_ms() / 1000;
        slip_cli_say(c->cli, "a ref was deleted, nothing to do");
        return 0;
    }
    if (slip_ci_find_ref(c->cli, &flags, &c->job, err) < 0)
        return -1;
    bool untrusted = c->job.pull_request && !pull_request_may_release(c);
    c->plan_only = c->cli->common.dry_run || untrusted;
    if (!untrusted)
        use_job_credentials(c);
    if (open_session(c, err) < 0)
        return -1;
    slip_outcome_begin(&c->outcome, "ci", c->job.ref, c->session.project.commit_hex);
    if (untrusted) {
        c->cli->env = slip_ci_public_env(&c->job, c->env);
        slip_cli_say(c->cli, "a pull or merge request: only planned, without registries and "
                             "without the job's secrets");
    }
    if (!c->session.has_rules) {
        slip_cli_say(c->cli, "no .slipway.yaml in commit %.12s, nothing to do",
                     c->session.project.commit_hex);
        return 0;
    }
    if (slip_check_rule_names(&c->o->rules, &c->session.rules, err) < 0)
        return -1;
    decide(c, &decisions);
    if (decisions.len)
        slip_rule_version(&decisions.at[0], &c->version);
    if (decisions.len == 0) {
        slip_cli_say(c->cli, "no rule asks for %s", c->job.ref);
        return 0;
    }
    if ((!c->plan_only && check_tag(c, err) < 0) || choose_stage_repository(c, err) < 0)
        return -1;
    return run_actions(c, &decisions, err);
}

/* ---- what later jobs and people get ---- */

static int append(const char *path, const struct slip_buf *text, struct slip_error *err)
{
    SLIP_AUTO_FD fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return slip_fail(err, SLIP_E_INTERNAL, "%s: %s", path, strerror(errno));
    return slip_fd_write(fd, path, slip_buf_str(text), err);
}

static void add_random(struct slip_buf *out)
{
    unsigned char random[16] = { 0 };
    if (getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random))
        slip_buf_add_hex(out, random, sizeof(random));
}

static int write_output_file(struct ci *c, const struct slip_ci_outputs *o, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    if (!c->o->output_file)
        return 0;
    if (c->o->format && strcmp(c->o->format, "json") == 0)
        slip_outcome_json(&c->outcome, slip_version, &text);
    else
        slip_ci_output_dotenv(o, &text);
    return slip_file_write(c->o->output_file, slip_buf_str(&text), 0644, err);
}

static int write_provider_files(struct ci *c, const struct slip_ci_outputs *o,
                                struct slip_error *err)
{
    const char *output = slip_ci_get(env_of(c), c->job.provider->output_file);
    const char *summary = slip_ci_get(env_of(c), c->job.provider->summary_file);
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    SLIP_AUTO(slip_buf) delimiter = SLIP_BUF(64);
    add_random(&delimiter);
    if (output) {
        slip_ci_output_github(o, slip_buf_str(&delimiter), &text);
        if (append(output, &text, err) < 0)
            return -1;
    }
    slip_buf_reset(&text);
    slip_ci_output_summary(o, &text);
    return summary ? append(summary, &text, err) : 0;
}

/* Outputs that hold totals only name a report that has all, where there is a place for one. */
static int write_report(struct ci *c, struct slip_ci_outputs *o, struct slip_error *err)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_OUTPUT);
    const char *temporary = slip_ci_get(env_of(c), "RUNNER_TEMP");
    if (temporary)
        o->report =
            slip_str_of(slip_arena_printf(&c->job.arena, "%s/slipway-report.json", temporary));
    else if (c->o->output_file)
        o->report =
            slip_str_of(slip_arena_printf(&c->job.arena, "%s.report.json", c->o->output_file));
    if (o->report.len == 0) {
        slip_cli_hint(c->cli, "too many names for the outputs: give --report FILE to keep all");
        return 0;
    }
    slip_outcome_json(&c->outcome, slip_version, &text);
    return slip_file_write(o->report.ptr, slip_buf_str(&text), 0644, err);
}

static int write_outputs(struct ci *c, struct slip_error *err)
{
    const struct slip_outcome *outcome = &c->outcome;
    SLIP_AUTO_FREE struct slip_ci_name *names =
        slip_alloc_array(outcome->rows.len + 1, sizeof(*names));
    struct slip_ci_outputs o = { .status = slip_str_of(slip_outcome_status(outcome)),
                                 .ref = slip_str_of(c->job.ref),
                                 .commit = slip_str_of(c->session.project.commit_hex),
                                 .version = slip_buf_str(&c->version),
                                 .report = slip_str_of(c->cli->common.report),
                                 .names = names };
    for (size_t i = 0; i < outcome->rows.len; i++) {
        const struct slip_outcome_row *row = &outcome->rows.at[i];
        bool there = row->action == SLIP_OUTCOME_WRITTEN || row->action == SLIP_OUTCOME_MOVED
                     || row->action == SLIP_OUTCOME_UNCHANGED;
        if (row->ref)
            names[o.n_names++] = (struct slip_ci_name){
                .image = slip_str_of(row->image),
                .reference = slip_str_of(row->ref),
                .digest = slip_str_of(there ? row->digest : NULL),
                .action = slip_str_of(slip_outcome_action_name(row->action)),
            };
    }
    if (!c->cli->common.report && slip_ci_output_is_cut(&o) && write_report(c, &o, err) < 0)
        return -1;
    if (write_output_file(c, &o, err) < 0)
        return -1;
    return write_provider_files(c, &o, err);
}

/* An annotation beside the plain message, where the log has such a thing. */
static void annotate(const struct ci *c, const struct slip_error *err)
{
    SLIP_AUTO(slip_buf) line = SLIP_BUF(SLIP_LIMIT_TEXT);
    if (!c->job.provider || c->job.provider->dialect != SLIP_CI_LOG_GITHUB)
        return;
    slip_ci_log_line(c->job.provider->dialect, SLIP_CI_ERROR, slip_str_of(err->text), &line);
    slip_cli_log_command(c->cli, slip_buf_str(&line));
}

static void annotate_failures(const struct ci *c)
{
    size_t told = 0;
    for (size_t i = 0; i < c->outcome.rows.len && told < 10; i++) {
        const struct slip_outcome_row *row = &c->outcome.rows.at[i];
        if (row->action == SLIP_OUTCOME_FAILED && !row->optional) {
            annotate(c, row->err);
            told++;
        }
    }
}

/* Is it what it looks like when a password or a variable is not there? */
static bool lacks_secret(const struct slip_error *err)
{
    return err->kind == SLIP_E_DENIED || strstr(err->text, "[E-ENV]") != NULL;
}

static void tell_of_protection(const struct ci *c, const struct slip_error *err)
{
    bool lacks = lacks_secret(err);
    for (size_t i = 0; i < c->outcome.rows.len; i++)
        lacks |= c->outcome.rows.at[i].err && lacks_secret(c->outcome.rows.at[i].err);
    if (!lacks || !slip_ci_is_unprotected(c->job.provider, env_of(c)))
        return;
    slip_cli_warn(c->cli,
                  "%s is not protected: protected variables are not given to this job "
                  "[W-UNPROTECTED]",
                  c->job.ref);
    slip_cli_hint(c->cli,
                  "protect it (Settings, Repository, Protected tags or branches), or do not "
                  "protect the variables");
}

static void group(const struct ci *c, bool begins)
{
    SLIP_AUTO(slip_buf) line = SLIP_BUF(SLIP_LIMIT_TEXT);
    enum slip_ci_dialect dialect = c->job.provider->dialect;
    SLIP_AUTO_FREE char *title = slip_printf("slipway: %s", c->job.ref ? c->job.ref : "");
    if (dialect == SLIP_CI_LOG_PLAIN)
        return;
    if (begins)
        slip_ci_log_group(dialect, slip_str_of(title), slip_now_ms() / 1000, &line);
    else
        slip_ci_log_group_end(dialect, slip_now_ms() / 1000, &line);
    slip_cli_log_command(c->cli, slip_buf_str(&line));
}

/* From here on the log belongs to a CI system, when there is one. */
static void begin_voice(struct ci *c)
{
    uint64_t seconds = 30;
    const char *told = slip_cli_env(c->cli, "SLIPWAY_HEARTBEAT");
    if (told && (!slip_str_to_u64(slip_str_of(told), &seconds) || seconds > 3600))
        slip_cli_warn(c->cli, "SLIPWAY_HEARTBEAT is a number of seconds up to 3600, not '%s'",
                      told);
    add_random(&c->token);
    c->voice = (struct slip_ci_voice){ .dialect = c->job.provider->dialect,
                                       .token = slip_buf_str(&c->token),
                                       .every_ms = (int64_t)seconds * 1000,
                                       .last_ms = slip_now_ms() };
    slip_ci_voice_hide(&c->voice, c->env);
    c->outcome.veil = &c->voice.veil;
    c->cli->voice = &c->voice;
}

static int run_job(struct ci *c)
{
    struct slip_error err = { 0 };
    struct slip_ci_flags flags = flags_of(c->o);
    if (slip_ci_find_job(c->cli, &flags, &c->job, &err) < 0)
        return slip_cli_fail(c->cli, &err);
    begin_voice(c);
    group(c, true);
    int rc = release(c, &err), status;
    group(c, false);
    if (rc < 0) {
        status = slip_outcome_fail(c->cli, &c->outcome, &err);
        annotate(c, &err);
    } else {
        status = slip_outcome_show(c->cli, &c->outcome);
        annotate_failures(c);
    }
    tell_of_protection(c, &err);
    slip_error_clear(&err);
    if (write_outputs(c, &err) < 0)
        return slip_cli_fail(c->cli, &err);
    return status;
}

static int run(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    const struct ci_args *o = options;
    struct ci c = { .cli = cli, .o = o };
    if (args->len)
        return slip_cli_usage(cli, "ci takes no arguments");
    const char *const *env = cli->env;
    c.env = env;
    slip_buf_init(&c.version, 4096);
    slip_buf_init(&c.token, 64);
    int status = run_job(&c);
    cli->voice = NULL;
    slip_ci_voice_clear(&c.voice);
    slip_buf_clear(&c.version);
    slip_buf_clear(&c.token);
    slip_session_clear(&c.session);
    slip_outcome_clear(&c.outcome);
    cli->env = env;
    slip_ci_job_clear(&c.job);
    return status;
}

const struct slip_command slip_command_ci = {
    .name = "ci",
    .trade = "release",
    .synopsis = "ci [--ref REF] [--provider NAME] [--output-file FILE]",
    .summary = "do what the rules ask for the ref that a CI job runs for",
    .options = options_table,
    .size = sizeof(struct ci_args),
    .ends_gently = true,
    .json = true,
    .dry_run = true,
    .report = true,
    .run = run,
};
