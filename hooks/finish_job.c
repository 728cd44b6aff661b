/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the names of a job: the rules of its commit are carried out again. What was uploaded
 * before the push is found to be there, so this takes a listing and a few questions; and it works
 * just as well when it was not, or is not any more.
 */
#include "finish_job.h"

#include "base/mem.h"
#include "proc/detach.h"

#include <time.h>
#include <unistd.h>

static int64_t clock_now(void *payload)
{
    (void)payload;
    return slip_now_ms() / 1000;
}

static void clock_sleep(void *payload, unsigned seconds)
{
    (void)payload;
    struct timespec t = { .tv_sec = seconds };
    (void)nanosleep(&t, NULL);
}

int slip_open_jobs(const char *common_dir, bool make, struct slip_jobs *out, struct slip_error *err)
{
    struct slip_clock clock = { .now = clock_now, .sleep = clock_sleep };
    return slip_jobs_open(common_dir, make, clock, out, err);
}

static bool is_listed(const char *names, struct slip_str name)
{
    struct slip_str rest = slip_str_of(names), word;
    while (rest.len) {
        slip_str_cut(rest, ',', &word, &rest);
        if (slip_str_eq(word, name))
            return true;
    }
    return false;
}

/* The rules that were prepared for this job, whatever `when` says of commands by hand. */
static void decide(const struct slip_session *s, const struct slip_job *job,
                   const struct slip_ref_updates *updates, struct slip_decisions *out)
{
    slip_rules_decide(&s->rules, updates, SLIP_TRIGGER_MANUAL, NULL, SLIP_STR(""), out);
    size_t n = 0;
    for (size_t i = 0; i < out->len; i++)
        if (is_listed(job->rules, out->at[i].rule->name))
            out->at[n++] = out->at[i];
    out->len = n;
}

/* ---- what the jobs of one run share ---- */

/*
 * Many jobs are of few commits and one remote. What was read and asked for one of them counts for
 * the others, but not for long: settings may change, and others push, too.
 */
enum { FRESH_S = 30 };

struct work {
    struct slip_cli *cli;
    struct slip_session session;
    int64_t opened_at; /* 0: there is no session */
    bool failed;       /* its commit is to be read anew */
    char *address;     /* of the remote that the rest is about */
    char *remote;      /* how to call it */
    struct slip_remote_series series;
};

static void forget_remote(struct work *w)
{
    slip_remote_series_clear(&w->series);
    slip_free(slip_take(w->address));
    slip_free(slip_take(w->remote));
}

static void forget(struct work *w)
{
    forget_remote(w);
    slip_free(w->session.flags.build.mirrors.at); /* words from variables are ours */
    slip_session_clear(&w->session);
    w->opened_at = 0;
}

/* A finisher has no command line; what the hook read from the environment it reads as well. */
struct finish_options {
    struct slip_session_flags session;
};

static int open_session(struct work *w, const struct slip_job *job, struct slip_error *err)
{
    static const struct slip_option options[] = {
        SLIP_SESSION_OPTIONS(struct finish_options, session),
        { .name = NULL },
    };
    struct finish_options o = { 0 };
    int64_t now = clock_now(NULL);
    if (w->opened_at && now >= w->opened_at && now < w->opened_at + FRESH_S) {
        if (!w->failed && strcmp(w->session.project.commit_hex, job->commit) == 0)
            return 0;
        return slip_session_switch(&w->session, job->commit, err);
    }
    forget(w);
    slip_cli_read_variables(w->cli, options, &o);
    if (slip_session_open(w->cli, &o.session, job->commit, true, &w->session, err) < 0)
        return -1;
    w->opened_at = now;
    return 0;
}

static void choose_remote(struct work *w, const struct slip_job *job)
{
    if (w->address && strcmp(w->address, job->remote_url) == 0)
        return;
    forget_remote(w);
    w->address = slip_strdup(job->remote_url);
    w->remote = slip_job_remote(&w->session.git, job->remote_name, job->remote_url);
}

/* ---- one job ---- */

static int write_names(struct work *w, const struct slip_job *job, struct slip_outcome *outcome,
                       struct slip_error *err)
{
    struct slip_session *s = &w->session;
    SLIP_AUTO(slip_ref_updates) updates = { 0 };
    SLIP_AUTO(slip_decisions) decisions = { 0 };
    if (open_session(w, job, err) < 0)
        return -1;
    choose_remote(w, job);
    slip_vec_push(&updates,
                  slip_ref_update_make(slip_str_of(job->ref), slip_str_of(job->oid), SLIP_STR("")));
    decide(s, job, &updates, &decisions);
    slip_remote_series_ask(&w->series, &s->git, w->remote, decisions.at, decisions.len);
    struct slip_session_run run = { .decisions = decisions.at,
                                    .n = decisions.len,
                                    .phase = SLIP_PHASE_NAMES,
                                    .series = &w->series.series,
                                    .source_url = slip_str_of(job->remote_url),
                                    .expected = job->prepared,
                                    .replaceable = job->replaceable };
    return slip_session_run(s, &run, outcome, err);
}

static void finish(void *payload, const struct slip_job *job, struct slip_job_result *out)
{
    struct work *w = payload;
    SLIP_AUTO(slip_outcome) outcome = { 0 };
    if (strcmp(job->action ? job->action : "", "export") == 0 && job->text) {
        slip_buf_add_c(&out->text, job->text); /* all was written before the push went on */
        return;
    }
    slip_outcome_begin(&outcome, "pre-push", job->ref, job->commit);
    w->failed = write_names(w, job, &outcome, &out->err) < 0;
    if (w->failed)
        slip_vec_push(&outcome.rows,
                      (struct slip_outcome_row){ .action = SLIP_OUTCOME_FAILED,
                                                 .err = slip_outcome_error(&outcome, &out->err) });
    outcome.finished_at = slip_now_ms() / 1000;
    enum slip_kind kind = slip_outcome_kind(&outcome);
    for (size_t i = 0; kind && !out->err.kind && i < outcome.rows.len; i++)
        if (!outcome.rows.at[i].optional && outcome.rows.at[i].err)
            out->err = *outcome.rows.at[i].err;
    out->exit = slip_kind_exit(kind);
    slip_outcome_print(&outcome, 0, &out->text);
    slip_outcome_json(&outcome, slip_version, &out->report);
}

enum slip_kind slip_job_kind(const struct slip_job *job)
{
    if (job->state <= SLIP_JOB_RUNNING)
        return SLIP_E_TEMPORARY;
    return job->exit ? slip_kind_of_exit(job->exit) : SLIP_E_INTERNAL;
}

void slip_finish_jobs(struct slip_cli *cli, struct slip_jobs *jobs, const char *only, int64_t until)
{
    struct work w = { .cli = cli };
    struct slip_finisher f = { .jobs = jobs,
                               .git = { .env = cli->env, .dir = cli->common.git_dir },
                               .ask_remote = slip_git_ls_remote,
                               .finish = finish,
                               .payload = &w,
                               .watch = &cli->watch };
    slip_finisher_run(&f, only, until);
    forget(&w);
}

int slip_start_finisher(struct slip_cli *cli, const struct slip_jobs *jobs, struct slip_error *err)
{
    SLIP_AUTO_FREE char *log_dir = slip_jobs_log_dir(jobs);
    SLIP_AUTO_FREE char *log = slip_printf("%s/finisher.log", log_dir);
    SLIP_AUTO_FREE char *program = slip_own_path(cli);
    const char *argv[] = { program, "hook", "finish", NULL };
    return slip_detach(argv, cli->env, log, err);
}
