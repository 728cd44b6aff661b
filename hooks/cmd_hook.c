/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slipway hook pre-push: what the pushed commits' rules ask for, before the push goes on.
 * slipway hook finish: the process that stays behind and writes names once the remote has the refs.
 */
#include "commands.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "finish_job.h"
#include "proc/process.h"
#include "push_work.h"
#include "ref/mark.h"
#include "ref/url.h"

#include <unistd.h>

enum { PUSH_TIMEOUT_S = 240, VERIFY_TIMEOUT_S = 10, NAMES_TOLD = 5 };

struct hook_args {
    struct slip_session_flags session;
    const char *remote; /* the one that rules mean when they name none */
};

/* One run of the hook. */
struct push {
    struct slip_cli *cli;
    const struct hook_args *o;
    const char *url; /* of the remote, as git gives it */
    struct slip_buf clean_url;
    char *name;   /* as git gives it, without secrets; the usual remote's for its address */
    char *remote; /* how to call it when it is asked; NULL until then */
    bool may_be_typed;
    struct slip_push_process process;
    int64_t begun_ms; /* when the first slow work began; 0: not yet */
    bool plan_only;
    bool remote_answers; /* can be asked without a person */
    bool asked_remote;
    struct slip_buf rule_names; /* of the group being worked on */
    struct slip_jobs jobs;      /* once `jobs_open` */
    struct slip_job_list old;   /* those that were there before */
    bool jobs_open;
    bool no_jobs;          /* their directory may be somebody else's: what follows is not noted */
    size_t n_jobs;         /* added */
    struct slip_buf later; /* the first refs whose names follow, for people */
    bool failed;
    struct slip_remote_series series; /* of the remote, for all its refs */
    struct slip_session session;      /* of the last commit; many tags may be of one */
    char *session_id;                 /* as pushed; NULL: there is none yet */
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
    struct slip_buf replaceable;
};

static bool writes(const struct group *g)
{
    return g->action >= SLIP_ACTION_DEFER;
}

/* Does a failure of this kind stop the push? Temporary ones block tags and only defer branches. */
static bool blocks(const struct group *g, enum slip_kind kind)
{
    bool all_warn = true;
    for (size_t i = 0; i < g->decisions.len; i++)
        all_warn &= g->decisions.at[i].rule->naming.on_failure == SLIP_ON_FAILURE_WARN;
    if (all_warn)
        return false;
    return kind != SLIP_E_TEMPORARY || (writes(g) && g->update->kind == SLIP_REF_TAG);
}

/* A failure of the group: told, and the push blocked or not. */
static void fail(struct push *p, const struct group *g, struct slip_error *err)
{
    const char *kind = slip_ref_kind_name(g->update->kind);
    if (strstr(err->text, "rule '")) /* it says which */
        slip_while(err, "%s '%.*s'", kind, SLIP_ARG(g->update->name));
    else
        slip_while(err, "%s '%.*s', rule '%.*s'", kind, SLIP_ARG(g->update->name),
                   SLIP_ARG(g->names));
    slip_cli_error(p->cli, err);
    if (blocks(g, err->kind))
        p->failed = true;
    else
        slip_cli_say(p->cli, "%.*s: the push goes on all the same", SLIP_ARG(g->update->name));
}

static const char *remote_of(struct push *p, const struct group *g)
{
    if (!p->remote)
        p->remote = slip_job_remote(&g->session->git, p->name, p->clean_url.ptr);
    return p->remote;
}

/* Can the remote be asked without a person? Found out once, before anything slow. */
static void ask_remote(struct push *p, const struct group *g)
{
    struct slip_remote_ref found;
    struct slip_error err = { 0 };
    if (p->asked_remote)
        return;
    p->asked_remote = true;
    SLIP_AUTO_FREE char *ref = slip_memdup(g->update->ref.ptr, g->update->ref.len);
    const char *refs[] = { ref };
    p->remote_answers =
        slip_git_ls_remote(&g->session->git, remote_of(p, g), refs, 1, &found, &err) == 0;
    if (!p->remote_answers)
        slip_cli_warn(p->cli, "'%s' cannot be asked without you: %s", p->clean_url.ptr, err.text);
}

/* A directory that cannot be used is told before anything slow. */
static int open_jobs(struct push *p, const struct group *g, struct slip_error *err)
{
    if (p->jobs_open)
        return 0;
    if (slip_open_jobs(slip_repo_common_dir(g->session->project.repo), true, &p->jobs, err) < 0)
        return -1;
    slip_jobs_list(&p->jobs, &p->old);
    p->jobs_open = true;
    return 0;
}

/* A directory that is not ours alone takes nothing from the push of a branch but what follows by
 * itself, as when the remote cannot be asked. A tag must not be there without its names. */
static bool may_do_without_jobs(struct push *p, const struct group *g, const struct slip_error *err)
{
    if (err->kind != SLIP_E_POLICY || g->update->kind == SLIP_REF_TAG)
        return false;
    if (!p->no_jobs) {
        slip_cli_warn(p->cli, "%s", err->text);
        slip_cli_hint(p->cli, "%s", err->hint);
    }
    p->no_jobs = true;
    return true;
}

/* ---- jobs ---- */

/* For the line at the end: the refs whose names follow. */
static void note_later(struct push *p, const struct group *g)
{
    if (p->n_jobs++ < NAMES_TOLD)
        slip_buf_add_fmt(&p->later, "%s%.*s", p->later.len ? ", " : "", SLIP_ARG(g->update->name));
}

static const char *keep(struct slip_job *job, const struct slip_buf *text)
{
    return text->len ? slip_arena_strdup(&job->arena, slip_buf_str(text)) : NULL;
}

static void fill_job(const struct push *p, const struct group *g, enum slip_action action,
                     const struct slip_push_done *done, struct slip_job *job)
{
    struct slip_arena *a = &job->arena;
    job->action = slip_action_name(action);
    job->ref = slip_arena_strdup(a, g->update->ref);
    job->oid = slip_arena_strdup(a, g->update->new_id);
    job->commit = slip_arena_strdup(a, slip_str_of(g->session->project.commit_hex));
    job->remote_name = slip_arena_strdup(a, slip_str_of(p->name));
    job->remote_url = slip_arena_strdup(a, slip_buf_str(&p->clean_url));
    job->rules = slip_arena_strdup(a, g->names);
    job->replaceable = keep(job, &g->replaceable);
    job->push_pid = p->process.pid;
    job->push_started = p->process.started;
    job->builder_pid = done->how.pid;
    job->builder_started = done->how.started;
    if (action == SLIP_ACTION_PREPARE)
        job->prepared = keep(job, &done->uploaded);
    if (action == SLIP_ACTION_EXPORT) {
        job->wrote = keep(job, &done->wrote);
        job->text = "the names were written before the push went on\n";
    }
}

static void add_job(struct push *p, const struct group *g, enum slip_action action,
                    const struct slip_push_done *done)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_job) job = { 0 };
    if (p->no_jobs) {
        if (action != SLIP_ACTION_EXPORT)
            note_later(p, g);
        return;
    }
    fill_job(p, g, action, done, &job);
    if (slip_jobs_add(&p->jobs, &p->old, &job, &err) < 0)
        fail(p, g, &err);
    else if (action != SLIP_ACTION_EXPORT)
        note_later(p, g);
    else
        p->n_jobs++;
}

/* Names were written and the push does not go on: the corrected push may replace them. */
static void note_blocked(struct push *p, const struct group *g, const struct slip_push_done *done)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_job) job = { 0 };
    if (p->no_jobs || g->action != SLIP_ACTION_EXPORT || done->wrote.len == 0)
        return;
    fill_job(p, g, g->action, done, &job);
    job.text = NULL;
    job.exit = slip_kind_exit(done->kind);
    job.message = "the push was stopped after some names were written; the next push of this ref "
                  "may replace them";
    if (slip_jobs_note_blocked(&p->jobs, &job, &err) < 0)
        slip_cli_warn(p->cli, "%s", err.text);
}

/* ---- the work ---- */

static unsigned seconds_of(const struct group *g, const char *key, unsigned fallback)
{
    const char *text = slip_git_config_get(&g->session->config, key);
    uint64_t n;
    return text && slip_str_to_u64(slip_str_of(text), &n) && n <= 86400 ? (unsigned)n : fallback;
}

/* Milliseconds that this push may still wait for slow work; 0: no limit. */
static unsigned patience_ms(const struct push *p, const struct group *g, bool *over)
{
    unsigned seconds = seconds_of(g, SLIP_KEY_PUSH_TIMEOUT, PUSH_TIMEOUT_S);
    *over = false;
    if (!slip_url_is_ssh(slip_str_of(p->url)) || seconds == 0)
        return 0;
    int64_t left = (int64_t)seconds * 1000 - (slip_clock_ms() - p->begun_ms);
    *over = left <= 0;
    return *over ? 0 : (unsigned)left;
}

static int run_group(struct push *p, struct group *g, enum slip_phase phase, unsigned timeout_ms,
                     const char *log, struct slip_push_done *done, struct slip_error *err)
{
    SLIP_AUTO_FREE char *ref = slip_memdup(g->update->ref.ptr, g->update->ref.len);
    slip_remote_series_ask(&p->series, &g->session->git, remote_of(p, g), g->decisions.at,
                           g->decisions.len);
    struct slip_push_work work = { .session = g->session,
                                   .run = { .decisions = g->decisions.at,
                                            .n = g->decisions.len,
                                            .phase = phase,
                                            .series = &p->series.series,
                                            .source_url = slip_buf_str(&p->clean_url),
                                            .replaceable = g->replaceable.ptr },
                                   .ref = ref,
                                   .log = log,
                                   .timeout_ms = timeout_ms };
    return slip_push_work_run(&work, done, err);
}

/* Check the plan and no more; what comes later does, is left to a job. */
static void check(struct push *p, struct group *g)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_push_done) done = { 0 };
    unsigned seconds = p->plan_only ? 0 : seconds_of(g, SLIP_KEY_VERIFY_TIMEOUT, VERIFY_TIMEOUT_S);
    if (run_group(p, g, SLIP_PHASE_PLAN, seconds * 1000, NULL, &done, &err) < 0) {
        fail(p, g, &err);
        return;
    }
    if (done.how.end == SLIP_HANDOVER_EXPIRED) {
        slip_fail(&err, SLIP_E_TEMPORARY, "the plan could not be checked within %u s", seconds);
        slip_hint(&err, "is the registry slow? to allow more: git config slipway.verifyTimeout 60");
        done.kind = err.kind;
    } else if (done.err.kind) {
        err = done.err;
    }
    if (err.kind)
        fail(p, g, &err);
    else if (done.kind && blocks(g, done.kind))
        p->failed = true;
    bool goes_on = done.kind == SLIP_OK || !blocks(g, done.kind);
    if (!p->plan_only && writes(g) && goes_on && (done.kind || done.rows))
        add_job(p, g, SLIP_ACTION_DEFER, &done);
}

/* The push waits no longer: what works goes on without us, the rest follows by a job. */
static void hand_over(struct push *p, struct group *g, const struct slip_push_done *done)
{
    slip_cli_conclude(
        p->cli, "%.*s: not ready after %u s; the push goes on, and so does the work behind it",
        SLIP_ARG(g->update->name), (unsigned)((slip_clock_ms() - p->begun_ms) / 1000));
    slip_cli_hint(p->cli, "servers cut SSH connections that idle: push over HTTPS, set "
                          "ServerAliveInterval in ~/.ssh/config, or use 'when: {pre-push: defer}'");
    add_job(p, g, SLIP_ACTION_DEFER, done);
}

/* True when `phase` is done. */
static bool work(struct push *p, struct group *g, enum slip_phase phase, unsigned timeout_ms,
                 struct slip_push_done *done)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *dir = p->no_jobs ? NULL : slip_jobs_log_dir(&p->jobs);
    SLIP_AUTO_FREE char *log = dir ? slip_printf("%s/builder.log", dir) : NULL;
    slip_push_done_clear(done);
    if (run_group(p, g, phase, timeout_ms, timeout_ms ? log : NULL, done, &err) < 0) {
        fail(p, g, &err);
        return false;
    }
    if (done->how.end == SLIP_HANDOVER_LEFT) {
        hand_over(p, g, done);
        return false;
    }
    if (done->how.end == SLIP_HANDOVER_EXPIRED) /* it did not let go */
        slip_fail(&done->err, SLIP_E_TEMPORARY, "not ready in time, and ended");
    if (done->err.kind) {
        done->kind = done->err.kind;
        fail(p, g, &done->err);
    } else if (done->kind && blocks(g, done->kind)) {
        p->failed = true;
    }
    if (done->kind && blocks(g, done->kind))
        note_blocked(p, g, done);
    else if (done->kind)
        add_job(p, g, SLIP_ACTION_DEFER, done);
    return done->kind == SLIP_OK;
}

/* Build and upload, and for `export` write the names, too. */
static void release(struct push *p, struct group *g)
{
    bool over, export = g->action == SLIP_ACTION_EXPORT;
    if (p->begun_ms == 0)
        p->begun_ms = slip_clock_ms();
    unsigned limit = patience_ms(p, g, &over);
    SLIP_AUTO(slip_push_done) done = { 0 };
    if (over) { /* of this push: all that is left follows */
        check(p, g);
        return;
    }
    /* With a limit names come in a second step: what is left behind must not write them. */
    enum slip_phase first = export && !limit ? SLIP_PHASE_NAMES : SLIP_PHASE_UPLOAD;
    if (!work(p, g, first, limit, &done)
        || (export && limit && done.rows && !work(p, g, SLIP_PHASE_NAMES, 0, &done)))
        return;
    if (export ? done.wrote.len > 0 : done.rows > 0)
        add_job(p, g, g->action, &done);
}

static void do_group(struct push *p, struct group *g)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_FREE char *ref = slip_memdup(g->update->ref.ptr, g->update->ref.len);
    bool acts = writes(g) && !p->plan_only;
    if (acts && open_jobs(p, g, &err) < 0 && !may_do_without_jobs(p, g, &err)) {
        fail(p, g, &err);
        return;
    }
    if (acts && !p->no_jobs)
        ask_remote(p, g);
    g->replaceable = (struct slip_buf)SLIP_BUF(SLIP_LIMIT_OUTPUT);
    if (g->update->change == SLIP_REF_CREATE)
        slip_job_list_replaceable(&p->old, ref, p->clean_url.ptr, &g->replaceable);
    if (acts && g->action != SLIP_ACTION_DEFER)
        release(p, g);
    else
        check(p, g);
    slip_buf_clear(&g->replaceable);
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
                slip_cli_say(p->cli, "%.*s: rule '%.*s' is left out (SLIPWAY_SKIP)",
                             SLIP_ARG(u->name), SLIP_ARG(d->at[i].rule->name));
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

/* Why nothing shall be released for this ref, or NULL: "first match wins" of the skip switches. */
static const char *why_skipped(struct push *p, struct slip_session *s,
                               const struct slip_ref_update *u)
{
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_buf) object = SLIP_BUF(SLIP_LIMIT_TEXT);
    SLIP_AUTO_FREE char *id = slip_memdup(u->new_id.ptr, u->new_id.len);
    const char *words[] = { "cat-file", u->kind == SLIP_REF_TAG ? "tag" : "commit", id, NULL };
    int status;
    if (!slip_git_config_bool(&s->config, SLIP_KEY_ENABLED, true))
        return "slipway.enabled is false";
    if (p->process.skip)
        return "push option slipway.skip";
    /* A tag without an object of its own has no message, and a commit's says nothing of tags. */
    if (u->kind == SLIP_REF_TAG && strcmp(id, s->project.commit_hex) == 0)
        return NULL;
    if (slip_git_run(&s->git, words, &object, &status, &err) < 0 || status != 0)
        return NULL;
    if (u->kind == SLIP_REF_TAG)
        return slip_mark_of_tag(slip_buf_str(&object)) ? "'Slipway: skip' in its message" : NULL;
    return slip_mark_of_commit(slip_buf_str(&object)) ? "'Slipway: skip' in its last commit" : NULL;
}

/* The session of the update's commit: the one we have, or on the connections of it. */
static int open_session(struct push *p, const struct slip_ref_update *u, struct slip_error *err)
{
    SLIP_AUTO_FREE char *id = slip_memdup(u->new_id.ptr, u->new_id.len);
    bool first = !p->session_id;
    if (!first && strcmp(p->session_id, id) == 0)
        return 0;
    slip_free(slip_take(p->session_id));
    if (first || !p->session.registry) {
        slip_session_clear(&p->session);
        if (slip_session_open(p->cli, &p->o->session, id, true, &p->session, err) < 0)
            return -1;
    } else if (slip_session_switch(&p->session, id, err) < 0) {
        return -1;
    }
    p->session_id = slip_take(id);
    return 0;
}

/* A push to the address of the usual remote is one to that remote, however it was typed: git calls
 * it by its address. */
static void find_name(struct push *p, const char *usual)
{
    const char *const words[] = { "remote", "get-url", "--push", "--all", "--", usual, NULL };
    SLIP_AUTO(slip_buf) known = SLIP_BUF(SLIP_LIMIT_TEXT);
    struct slip_error err = { 0 };
    struct slip_str rest, line;
    int status;
    if (!p->may_be_typed)
        return;
    p->may_be_typed = false;
    if (slip_git_run(&p->session.git, words, &known, &status, &err) < 0 || status != 0)
        return;
    rest = slip_buf_str(&known);
    while (slip_str_line(&rest, &line)) {
        SLIP_AUTO(slip_buf) clean = SLIP_BUF(SLIP_LIMIT_TEXT);
        slip_url_without_secrets(line, &clean);
        if (!slip_str_eq(slip_buf_str(&clean), slip_buf_str(&p->clean_url)))
            continue;
        slip_free(p->name);
        p->name = slip_strdup(usual);
        return;
    }
}

static void do_update(struct push *p, const struct slip_ref_update *u)
{
    struct slip_error err = { 0 };
    struct slip_session *s = &p->session;
    SLIP_AUTO(slip_ref_updates) one = { 0 };
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    if (open_session(p, u, &err) < 0) {
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
    if (!s->has_rules)
        return;
    const char *usual =
        p->o->remote ? p->o->remote : slip_git_config_get(&s->config, SLIP_KEY_REMOTE);
    usual = usual ? usual : "origin";
    find_name(p, usual);
    slip_vec_push(&one, *u);
    struct slip_remote remote = { .name = slip_str_of(p->name),
                                  .url = slip_buf_str(&p->clean_url),
                                  .usual = slip_str_of(usual) };
    slip_rules_decide(&s->rules, &one, SLIP_TRIGGER_PRE_PUSH, &remote,
                      slip_str_of(slip_cli_env(p->cli, "SLIPWAY_SKIP")), &decisions);
    if (decisions.len == 0)
        return;
    const char *why = why_skipped(p, s, u);
    if (why) {
        slip_cli_say(p->cli, "%.*s: nothing is released (%s)", SLIP_ARG(u->name), why);
        return;
    }
    warn_of_existing(p, u);
    do_decisions(p, s, u, &decisions);
}

/* ---- the hook ---- */

/* The line at the end: what follows, and how to watch it. */
static void conclude(struct push *p)
{
    size_t told = p->later.len ? p->n_jobs : 0;
    const char *watch = told == 1 ? p->later.ptr : NULL;
    SLIP_AUTO_FREE char *more =
        told > NAMES_TOLD ? slip_printf(" and %zu more", told - NAMES_TOLD) : slip_strdup("");
    if (p->cli->left_out)
        slip_cli_conclude(p->cli, "%zu more lines are left out%s", p->cli->left_out,
                          p->cli->common.verbose ? "" : " (all: SLIPWAY_VERBOSE=1)");
    if (p->failed)
        slip_cli_hint(p->cli,
                      "nothing was pushed; to push without releasing: git push --no-verify");
    else if (told && p->no_jobs)
        slip_cli_conclude(p->cli,
                          "%s%s: the names are not written by themselves, since nothing can be "
                          "noted; after the push run: slipway %s%s",
                          p->later.ptr, more, watch ? "run --ref " : "sync", watch ? watch : "");
    else if (told && !p->remote_answers)
        slip_cli_conclude(p->cli,
                          "%s%s: the names are not written by themselves, since '%s' cannot be "
                          "asked without you; after the push run: slipway %s%s",
                          p->later.ptr, more, p->name, watch ? "wait " : "sync",
                          watch ? watch : "");
    else if (told)
        slip_cli_conclude(p->cli,
                          "%s%s: the names follow once '%s' has the ref%s; to watch: slipway %s%s",
                          p->later.ptr, more, p->name, watch ? "" : "s",
                          watch ? "wait " : "jobs list", watch ? watch : "");
}

/* Leave a finisher behind: for what this push asked for, and what a killed machine left. */
static void leave_finisher(struct push *p)
{
    struct slip_error err = { 0 };
    SLIP_AUTO_PTR(slip_repo) repo = NULL;
    SLIP_AUTO(slip_job_list) list = { 0 };
    bool waiting = false;
    if (p->no_jobs)
        return;
    if (!p->jobs_open
        && (slip_repo_open(p->cli->common.git_dir, p->cli->env, &repo, &err) < 0
            || slip_open_jobs(slip_repo_common_dir(repo), false, &p->jobs, &err) < 0)) {
        slip_cli_warn(p->cli, "%s", err.text);
        return;
    }
    if (slip_jobs_lock(&p->jobs)) { /* else somebody works, and does so himself */
        slip_jobs_put_aside(&p->jobs, &p->cli->watch);
        slip_jobs_unlock(&p->jobs);
    }
    slip_jobs_list(&p->jobs, &list);
    for (size_t i = 0; i < list.len; i++)
        waiting |= list.at[i].state <= SLIP_JOB_RUNNING;
    if (!waiting || (p->n_jobs && !p->remote_answers))
        return;
    if (slip_start_finisher(p->cli, &p->jobs, &err) < 0)
        slip_cli_warn(p->cli, "no process could be left behind to write the names: %s", err.text);
}

static void push_clear(struct push *p)
{
    slip_session_clear(&p->session);
    slip_remote_series_clear(&p->series);
    slip_free(p->session_id);
    slip_free(p->name);
    slip_free(p->remote);
    slip_jobs_close(&p->jobs);
    slip_job_list_clear(&p->old);
    slip_buf_clear(&p->clean_url);
    slip_buf_clear(&p->rule_names);
    slip_buf_clear(&p->later);
}

/* What git says it will push; false, and told, when that is not understood. */
static bool read_updates(struct slip_cli *cli, struct slip_buf *text,
                         struct slip_ref_updates *updates)
{
    struct slip_error err = { 0 };
    bool cut = false;
    if (slip_fd_read(STDIN_FILENO, "stdin", text, &err) < 0
        || slip_ref_read_push(slip_buf_str(text), updates, &cut, &err) < 0) {
        /* Whatever stands between git and us must not keep people from pushing. */
        slip_cli_warn(cli, "pre-push: %s; the push goes on", err.text);
        return false;
    }
    if (cut)
        slip_cli_warn(cli, "more than %d refs: only tags are looked at", SLIP_LIMIT_REFS_PER_PUSH);
    return true;
}

static int pre_push(struct slip_cli *cli, void *options, const struct slip_words *args)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(SLIP_LIMIT_HOOK_STDIN);
    SLIP_AUTO(slip_ref_updates) updates = { 0 };
    cli->prefix = "slipway: ";
    cli->live = false;
    slip_cli_limit(cli, cli->common.verbose ? SIZE_MAX : SLIP_HOOK_LINES);
    if (args->len != 2)
        return slip_cli_usage(cli, "git runs this with two arguments: REMOTE URL");
    if (!read_updates(cli, &text, &updates) || slip_cli_is_off(cli, "SLIPWAY"))
        return 0;
    struct push p = { .cli = cli,
                      .o = options,
                      .url = args->at[1],
                      .clean_url = SLIP_BUF(1 << 16),
                      .rule_names = SLIP_BUF(1 << 16),
                      .later = SLIP_BUF(1 << 16),
                      .jobs = { .lock = -1 },
                      .plan_only = slip_cli_is_on(cli, "SLIPWAY_DRY_RUN") || cli->common.dry_run };
    SLIP_AUTO(slip_buf) name = SLIP_BUF(1 << 16);
    slip_url_without_secrets(slip_str_of(p.url), &p.clean_url);
    slip_url_without_secrets(slip_str_of(args->at[0]), &name);
    p.name = slip_buf_detach(&name);
    p.may_be_typed = slip_url_may_be_typed(slip_str_of(args->at[0]), slip_str_of(p.url));
    slip_push_process_find(&p.process);
    p.plan_only |= p.process.dry_run;
    for (size_t i = 0; i < updates.len; i++)
        if (updates.at[i].change != SLIP_REF_DELETE)
            do_update(&p, &updates.at[i]);
    if (!p.plan_only && !p.failed)
        leave_finisher(&p);
    conclude(&p);
    int status = p.failed ? 1 : 0;
    push_clear(&p);
    return status;
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
    slip_cli_limit(cli, SIZE_MAX);
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
    .dry_run = true,
    .run = pre_push,
};

const struct slip_command slip_command_hook_finish = {
    .name = "hook finish",
    .synopsis = "hook finish",
    .summary = "write the names of pushes whose refs the remote has",
    .run = finish,
};
