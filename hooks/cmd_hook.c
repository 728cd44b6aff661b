/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slipway hook pre-push: what the pushed commits' rules ask for, before the push goes on.
 * slipway hook finish: the process that stays behind and writes names once the remote has the refs.
 */
#include "commands.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "finish_job.h"
#include "proc/process.h"
#include "ref/url.h"

#include <unistd.h>

struct hook_args {
    struct slip_session_flags session;
    const char *remote; /* the one that rules mean when they name none */
};

/* One run of the hook. */
struct push {
    struct slip_cli *cli;
    const struct hook_args *o;
    const char *name, *url; /* of the remote, as git gives them */
    struct slip_buf clean_url;
    struct slip_push_process process;
    bool plan_only;
    bool remote_answers; /* can be asked without a person */
    bool asked_remote;
    struct slip_buf rule_names; /* of the group being worked on */
    size_t jobs;                /* added */
    bool failed;
};

/* ---- one group of rules of one update ---- */

/* Rules of one update with the same action are one release. */
struct group {
    struct slip_session *session;
    const struct slip_ref_update *update;
    enum slip_action action;
    struct {
        SLIP_VEC(struct slip_decision);
    } decisions;
    struct slip_str names; /* of the rules, with commas */
};

/* Does a failure of this kind stop the push? Temporary ones block tags and only defer branches. */
static bool blocks(const struct group *g, enum slip_kind kind)
{
    bool all_warn = true;
    for (size_t i = 0; i < g->decisions.len; i++)
        all_warn &= g->decisions.at[i].rule->naming.on_failure == SLIP_ON_FAILURE_WARN;
    if (all_warn)
        return false;
    return kind != SLIP_E_TEMPORARY || g->update->kind == SLIP_REF_TAG;
}

/* A failure of the group: told, and the push blocked or not. */
static void fail(struct push *p, const struct group *g, struct slip_error *err)
{
    slip_while(err, "%s '%.*s', rule '%.*s'", slip_ref_kind_name(g->update->kind),
               SLIP_ARG(g->update->name), SLIP_ARG(g->names));
    slip_cli_error(p->cli, err);
    if (blocks(g, err->kind))
        p->failed = true;
    else
        slip_cli_say(p->cli, "the push goes on all the same");
}

static int run_group(struct push *p, struct group *g, enum slip_phase phase,
                     struct slip_outcome *outcome, struct slip_error *err)
{
    struct slip_session_run run = { .decisions = g->decisions.at,
                                    .n = g->decisions.len,
                                    .phase = phase,
                                    .remote = p->url,
                                    .source_url = slip_buf_str(&p->clean_url) };
    SLIP_AUTO_FREE char *ref = slip_memdup(g->update->ref.ptr, g->update->ref.len);
    slip_outcome_begin(outcome, "pre-push", ref, g->session->project.commit_hex);
    return slip_session_run(g->session, &run, outcome, err);
}

/* Can the remote be asked without a person? Found out once, before anything slow. */
static bool remote_answers(struct push *p, const struct group *g)
{
    struct slip_remote_ref found;
    struct slip_error err = { 0 };
    if (p->asked_remote)
        return p->remote_answers;
    p->asked_remote = true;
    SLIP_AUTO_FREE char *ref = slip_memdup(g->update->ref.ptr, g->update->ref.len);
    SLIP_AUTO_FREE char *remote = slip_job_remote(&g->session->git, p->name, p->clean_url.ptr);
    const char *refs[] = { ref };
    p->remote_answers = slip_git_ls_remote(&g->session->git, remote, refs, 1, &found, &err) == 0;
    if (!p->remote_answers) {
        slip_cli_warn(p->cli, "'%s' cannot be asked without you: %s", p->clean_url.ptr, err.text);
        slip_cli_say(p->cli,
                     "the names will not be written by themselves; after the push run: "
                     "slipway wait %.*s",
                     SLIP_ARG(g->update->name));
    }
    return p->remote_answers;
}

/* What was uploaded, by name: the finisher refuses to write anything else. */
static void print_prepared(const struct slip_outcome *o, struct slip_buf *out)
{
    for (size_t i = 0; i < o->rows.len; i++)
        if (o->rows.at[i].digest)
            slip_buf_add_fmt(out, "%s %s\n", o->rows.at[i].ref, o->rows.at[i].digest);
}

static int add_job(struct push *p, const struct group *g, const struct slip_outcome *outcome,
                   struct slip_error *err)
{
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO(slip_job) job = { 0 };
    SLIP_AUTO(slip_buf) prepared = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_arena *a = &job.arena;
    if (slip_open_jobs(slip_repo_common_dir(g->session->project.repo), true, &jobs, err) < 0)
        return -1;
    if (g->action == SLIP_ACTION_PREPARE)
        print_prepared(outcome, &prepared);
    job.action = slip_action_name(g->action);
    job.ref = slip_arena_strdup(a, g->update->ref);
    job.oid = slip_arena_strdup(a, g->update->new_id);
    job.commit = slip_arena_strdup(a, slip_str_of(g->session->project.commit_hex));
    job.remote_name = slip_arena_strdup(
        a, strcmp(p->name, p->url) == 0 ? slip_buf_str(&p->clean_url) : slip_str_of(p->name));
    job.remote_url = slip_arena_strdup(a, slip_buf_str(&p->clean_url));
    job.rules = slip_arena_strdup(a, g->names);
    job.prepared = prepared.len ? slip_arena_strdup(a, slip_buf_str(&prepared)) : NULL;
    job.push_pid = p->process.pid;
    job.push_started = p->process.started;
    if (slip_jobs_add(&jobs, &job, err) < 0)
        return -1;
    p->jobs++;
    slip_cli_say(p->cli, "%.*s: %s once '%s' has the %s; to watch: slipway wait %.*s",
                 SLIP_ARG(g->update->name),
                 g->action == SLIP_ACTION_PREPARE ? "content is uploaded, the names follow"
                                                  : "checked, it is built and released",
                 p->name, slip_ref_kind_name(g->update->kind), SLIP_ARG(g->update->name));
    return 0;
}

static enum slip_phase phase_of(const struct push *p, enum slip_action action)
{
    if (p->plan_only)
        return SLIP_PHASE_PLAN;
    switch (action) {
    case SLIP_ACTION_EXPORT:
        return SLIP_PHASE_NAMES;
    case SLIP_ACTION_PREPARE:
        return SLIP_PHASE_UPLOAD;
    default:
        return SLIP_PHASE_PLAN;
    }
}

static void do_group(struct push *p, struct group *g)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_outcome) outcome = { 0 };
    bool later = g->action == SLIP_ACTION_PREPARE || g->action == SLIP_ACTION_DEFER;
    if (later && !p->plan_only)
        (void)remote_answers(p, g);
    if (run_group(p, g, phase_of(p, g->action), &outcome, &err) < 0) {
        fail(p, g, &err);
        return;
    }
    int status = slip_outcome_show(p->cli, &outcome);
    if (status != 0) {
        enum slip_kind kind = slip_outcome_kind(&outcome);
        if (blocks(g, kind))
            p->failed = true;
        else if (later && add_job(p, g, &outcome, &err) < 0)
            fail(p, g, &err);
        return;
    }
    if (later && !p->plan_only && outcome.rows.len && add_job(p, g, &outcome, &err) < 0)
        fail(p, g, &err);
}

/* ---- one update ---- */

static void warn_of_existing(struct push *p, const struct slip_ref_update *u)
{
    if (u->kind == SLIP_REF_TAG && u->change == SLIP_REF_UPDATE)
        slip_cli_warn(p->cli,
                      "tag '%.*s' is on the remote already: the push succeeds only when forced",
                      SLIP_ARG(u->name));
}

static void do_decisions(struct push *p, struct slip_session *s, const struct slip_ref_update *u,
                         const struct slip_decisions *d)
{
    for (enum slip_action action = SLIP_ACTION_VERIFY; action <= SLIP_ACTION_EXPORT; action++) {
        struct group g = { .session = s, .update = u, .action = action };
        slip_buf_reset(&p->rule_names);
        for (size_t i = 0; i < d->len; i++) {
            if (d->at[i].action != action)
                continue;
            if (d->at[i].skipped) {
                slip_cli_say(p->cli, "rule '%.*s' skipped (SLIPWAY_SKIP)",
                             SLIP_ARG(d->at[i].rule->name));
                continue;
            }
            slip_vec_push(&g.decisions, d->at[i]);
            slip_buf_add_fmt(&p->rule_names, "%s%.*s", p->rule_names.len ? "," : "",
                             SLIP_ARG(d->at[i].rule->name));
        }
        g.names = slip_buf_str(&p->rule_names);
        if (g.decisions.len)
            do_group(p, &g);
        slip_vec_clear(&g.decisions);
    }
}

static void do_update(struct push *p, const struct slip_ref_update *u)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_session) s = { 0 };
    SLIP_AUTO(slip_ref_updates) one = { 0 };
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    SLIP_AUTO_FREE char *id = slip_memdup(u->new_id.ptr, u->new_id.len);
    if (slip_session_open(p->cli, &p->o->session, id, true, &s, &err) < 0) {
        if (err.kind == SLIP_E_REPO) { /* a tag of a tree or blob, an object that is not here */
            slip_cli_warn(p->cli, "%.*s: %s; nothing is released for it", SLIP_ARG(u->name),
                          err.text);
            return;
        }
        slip_while(&err, "%s '%.*s'", slip_ref_kind_name(u->kind), SLIP_ARG(u->name));
        slip_cli_error(p->cli, &err);
        p->failed = true;
        return;
    }
    if (!s.has_rules)
        return;
    if (!slip_git_config_bool(&s.config, SLIP_KEY_ENABLED, true)) {
        slip_cli_say(p->cli, "%.*s: skipped (slipway.enabled is false)", SLIP_ARG(u->name));
        return;
    }
    const char *usual =
        p->o->remote ? p->o->remote : slip_git_config_get(&s.config, SLIP_KEY_REMOTE);
    slip_vec_push(&one, *u);
    struct slip_remote remote = { .name = slip_str_of(p->name),
                                  .url = slip_buf_str(&p->clean_url),
                                  .usual = slip_str_of(usual ? usual : "origin") };
    slip_rules_decide(&s.rules, &one, SLIP_TRIGGER_PRE_PUSH, &remote,
                      slip_str_of(slip_cli_env(p->cli, "SLIPWAY_SKIP")), &decisions);
    if (decisions.len == 0)
        return;
    warn_of_existing(p, u);
    do_decisions(p, &s, u, &decisions);
}

/* ---- the hook ---- */

static bool is_true(const char *value)
{
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

/* Leave a finisher behind: for what this push asked for, and what a killed machine left. */
static void leave_finisher(struct push *p)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    SLIP_AUTO_PTR(slip_repo) repo = NULL;
    SLIP_AUTO(slip_job_list) list = { 0 };
    bool waiting = false;
    if (slip_repo_open(p->cli->common.git_dir, p->cli->env, &repo, &err) < 0
        || slip_open_jobs(slip_repo_common_dir(repo), false, &jobs, &err) < 0) {
        slip_cli_warn(p->cli, "%s", err.text);
        return;
    }
    slip_jobs_list(&jobs, &list);
    for (size_t i = 0; i < list.len; i++)
        waiting |= list.at[i].state <= SLIP_JOB_RUNNING;
    if (!waiting || (p->jobs && !p->remote_answers))
        return;
    if (slip_start_finisher(p->cli, &jobs, &err) < 0)
        slip_cli_warn(p->cli, "no process could be left behind to write the names: %s", err.text);
}

static int pre_push(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_HOOK_STDIN);
    SLIP_AUTO(slip_ref_updates) updates = { 0 };
    struct slip_error err = { 0 };
    bool cut = false;
    cli->prefix = "slipway: ";
    cli->live = false;
    if (args->len != 2)
        return slip_cli_usage(cli, "git runs this with two arguments: REMOTE URL");
    if (slip_fd_read(STDIN_FILENO, "stdin", &text, &err) < 0
        || slip_ref_read_push(slip_buf_str(&text), &updates, &cut, &err) < 0) {
        /* Whatever stands between git and us must not keep people from pushing. */
        slip_cli_warn(cli, "pre-push: %s; the push goes on", err.text);
        return 0;
    }
    if (cut)
        slip_cli_warn(cli, "more than %d refs: only tags are looked at", SLIP_LIMIT_REFS_PER_PUSH);
    struct push p = { .cli = cli,
                      .o = options,
                      .name = args->at[0],
                      .url = args->at[1],
                      .clean_url = SLIP_BUF(1 << 16),
                      .rule_names = SLIP_BUF(1 << 16),
                      .plan_only =
                          is_true(slip_cli_env(cli, "SLIPWAY_DRY_RUN")) || cli->common.dry_run };
    slip_url_without_secrets(slip_str_of(p.url), &p.clean_url);
    slip_push_process_find(&p.process);
    p.plan_only |= p.process.dry_run;
    for (size_t i = 0; i < updates.len; i++)
        if (updates.at[i].change != SLIP_REF_DELETE)
            do_update(&p, &updates.at[i]);
    if (!p.plan_only && !p.failed)
        leave_finisher(&p);
    slip_buf_clear(&p.clean_url);
    slip_buf_clear(&p.rule_names);
    if (p.failed)
        slip_cli_hint(cli, "nothing was pushed; to push without releasing: git push --no-verify");
    return p.failed ? 1 : 0;
}

static int finish(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    (void)options;
    (void)args;
    struct slip_error err = { 0 };
    SLIP_AUTO_PTR(slip_repo) repo = NULL;
    SLIP_AUTO(slip_jobs) jobs = { .lock = -1 };
    if (slip_repo_open(cli->common.git_dir, cli->env, &repo, &err) < 0
        || slip_open_jobs(slip_repo_common_dir(repo), false, &jobs, &err) < 0)
        return slip_cli_fail(cli, &err);
    slip_finish_jobs(cli, &jobs, NULL, 0);
    return 0;
}

/* clang-format off */
static const struct slip_option options_table[] = {
    { "remote", 0, SLIP_OPTION_TEXT, offsetof(struct hook_args, remote), "NAME", NULL,
      "the remote that rules mean when they name none (origin)" },
    SLIP_SESSION_OPTIONS(struct hook_args, session),
    { .name = NULL },
};
/* clang-format on */

const struct slip_command slip_command_hook_pre_push = {
    .name = "hook pre-push",
    .synopsis = "hook pre-push REMOTE URL",
    .summary = "run by the pre-push hook when a rule matches",
    .options = options_table,
    .size = sizeof(struct hook_args),
    .run = pre_push,
};

const struct slip_command slip_command_hook_finish = {
    .name = "hook finish",
    .synopsis = "hook finish",
    .summary = "write the names of pushes whose refs the remote has",
    .run = finish,
};
